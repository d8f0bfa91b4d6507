#!/usr/bin/env python3
"""Writes tests/vectors/own/ from nothing but this folder and the published vectors; every run gives the same bytes.

    python3 make_vectors.py [FOLDER]
"""
import json
import os
import sys

import vectors_bundle
import vectors_objects
import vectors_records
import vectors_votes
from manifest import Manifest

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")
OWN = os.path.join(VECTORS, "own")


def read_json(*path):
    with open(os.path.join(VECTORS, *path), encoding="utf-8") as file:
        return json.load(file)


def make():
    """Every file: name -> bytes."""
    published, encodings = read_json("douxuan-v1", "vectors.json"), read_json("rfc9496", "ristretto255.json")
    election = vectors_bundle.small_election()
    objects = {
        "manifest_refusals": vectors_objects.manifest(published),
        "ed25519": vectors_objects.ed25519_edges(),
        "ristretto": vectors_objects.ristretto_encodings(encodings),
        "token_text": vectors_objects.token_texts(published),
        "slip_qr": vectors_objects.slip_codes(published),
        "log_entries": vectors_records.log_entries(),
        "log_order": vectors_records.log_order(election.manifest),
        "lists": vectors_records.slip_lists(election),
        "note": vectors_records.note_cases(election),
        "ballot": vectors_votes.ballots(published, Manifest(published["manifest"].encode("utf-8"))),
        "tally": vectors_votes.tallies(election),
        "board_proof": vectors_votes.board_proofs(published, election),
        "thresholds": vectors_votes.thresholds(),
        "boards": vectors_votes.boards(),
        "screen_code": vectors_votes.screen_codes(election.manifest),
        "bundle-small": vectors_bundle.description(election),
        "bundle_mutants": vectors_bundle.mutants(election),
        "container": vectors_bundle.containers(election),
    }
    files = {name + ".json": _lines(value) for name, value in objects.items()}
    files["bundle-small.zip"] = election.bundle
    files.update(vectors_bundle.receipts(election))
    return files


def _lines(value):
    """JSON with one case a line, so that a change shows as the lines it touches."""
    head = {name: part for name, part in value.items() if name not in ("cases", "runs")}
    text = json.dumps(head, ensure_ascii=False)[:-1]
    for name in ("cases", "runs"):
        if name in value:
            cases = ",\n".join(json.dumps(case, ensure_ascii=False) for case in value[name])
            text += ', "%s": [\n%s\n]' % (name, cases)
    return (text + "}\n").encode("utf-8")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else OWN
    os.makedirs(folder, exist_ok=True)
    for name, data in sorted(make().items()):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        print("%8d %s" % (len(data), name))


if __name__ == "__main__":
    main()
