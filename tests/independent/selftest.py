#!/usr/bin/env python3
"""Checks this folder's arithmetic against published vectors, and tests/vectors/own/ against this folder's arithmetic.

    python3 selftest.py         prints each check; exit status 1 if one fails
"""
import base64
import glob
import hashlib
import json
import os
import sys

import curve
import hpke
import merkle
import notes
import ristretto
import selftest_douxuan
import selftest_own
import voprf
from encoding import i2osp
from make_vectors import VECTORS, read_json


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, holds):
        """holds: the verdict, or a function that gives it; an exception is a failure."""
        try:
            verdict = holds() if callable(holds) else holds
            note = ""
        except Exception as problem:
            verdict, note = False, " (%s: %s)" % (type(problem).__name__, problem)
        if verdict:
            self.passed += 1
        else:
            self.failed += 1
        print(("ok      " if verdict else "FAILED  ") + name + note)


def hexes(text):
    return [bytes.fromhex(part) for part in text.split(",")]


def rfc9496(check):
    vectors, total = read_json("rfc9496", "ristretto255.json"), curve.IDENTITY
    for i, encoding in enumerate(vectors["multiples_of_base"]):
        data = bytes.fromhex(encoding)
        check("RFC 9496 multiple %d: encode" % i, ristretto.encode(total) == data)
        check("RFC 9496 multiple %d: table" % i, ristretto.encode(ristretto.G.multiply(i)) == data)
        check("RFC 9496 multiple %d: decode" % i, lambda: ristretto.encode(ristretto.decode(data)) == data)
        total = curve.add(total, ristretto.G.point)
    for i, encoding in enumerate(vectors["bad_encodings"]):
        check("RFC 9496 bad encoding %d refused" % i, ristretto.decode(bytes.fromhex(encoding)) is None)
    for i, case in enumerate(vectors["from_uniform_bytes"]):
        point = ristretto.from_uniform_bytes(bytes.fromhex(case["uniform"]))
        check("RFC 9496 from uniform bytes %d" % i, ristretto.encode(point).hex() == case["encoding"])


def rfc9497(check):
    suite = next(s for s in read_json("rfc9497", "ristretto255-sha512.json") if s["mode"] == 1)
    dst = bytes.fromhex(suite["groupDST"])
    check("RFC 9497 context string", dst == b"HashToGroup-" + voprf.CONTEXT)
    k, public = voprf.derive_key_pair(bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"]))
    check("RFC 9497 DeriveKeyPair, secret", ristretto.encode_scalar(k).hex() == suite["skSm"])
    check("RFC 9497 DeriveKeyPair, public", public.hex() == suite["pkSm"])
    for number, case in enumerate(suite["vectors"]):
        name = "RFC 9497 vector %d, batch of %d: " % (number, case["Batch"])
        blinded, evaluated = hexes(case["BlindedElement"]), hexes(case["EvaluationElement"])
        inputs, outputs = [], []
        for data, blind, b, e, output in zip(hexes(case["Input"]), hexes(case["Blind"]), blinded, evaluated,
                                             hexes(case["Output"])):
            r = ristretto.decode_scalar(blind)
            point = curve.multiply(r, voprf.hash_to_group(data)[0])
            result = curve.multiply(k, point)
            check(name + "blind", ristretto.encode(point) == b)
            check(name + "evaluate", ristretto.encode(result) == e)
            unblinded = ristretto.encode(curve.multiply(pow(r, -1, curve.L), result))
            final = i2osp(len(data), 2) + data + i2osp(32, 2) + unblinded + b"Finalize"
            check(name + "finalize", hashlib.sha512(final).digest() == output)
            inputs.append((point, b))
            outputs.append((result, e))
        proof, r = bytes.fromhex(case["Proof"]["proof"]), ristretto.decode_scalar(bytes.fromhex(case["Proof"]["r"]))
        check(name + "proof made", voprf.prove(k, public, inputs, outputs, voprf.CONTEXT, r) == proof)
        check(name + "proof holds", voprf.verify(public, inputs, outputs, proof, voprf.CONTEXT))
        check(name + "other context refused", not voprf.verify(public, inputs, outputs, proof, b"other"))


def _rfc9180_blocks():
    """The sections of the text file as dicts; values may go on over lines."""
    path = os.path.join(VECTORS, "rfc9180", "base-x25519-hkdf-sha256-chacha20poly1305.txt")
    with open(path, encoding="utf-8") as file:
        blocks, last = [{}], None
        for line in file.read().split("\n"):
            if not line or line[0] in "#~":
                if blocks[-1]:
                    blocks.append({})
            elif ":" in line:
                last, _, value = line.partition(":")
                blocks[-1][last] = value.strip()
            else:
                blocks[-1][last] += line.strip()
    return [block for block in blocks if block]


def rfc9180(check):
    blocks = _rfc9180_blocks()
    setup = {name: bytes.fromhex(value) for name, value in blocks[0].items() if not name.endswith("id") and name != "mode"}
    check("RFC 9180 ephemeral key", hpke.derive_key_pair(setup["ikmE"]) == (setup["skEm"], setup["pkEm"]))
    check("RFC 9180 receiver key", hpke.derive_key_pair(setup["ikmR"]) == (setup["skRm"], setup["pkRm"]))
    encapsulated, context = hpke.sender(setup["pkRm"], setup["info"], setup["skEm"])
    check("RFC 9180 enc", encapsulated == setup["enc"])
    shared = hpke.shared_secret(hpke.x25519(setup["skRm"], setup["enc"]), setup["enc"], setup["pkRm"])
    check("RFC 9180 shared secret", shared == setup["shared_secret"])
    for name, value in (("key_schedule_context", context.schedule_context), ("secret", context.secret),
                        ("key", context.key), ("base_nonce", context.base_nonce),
                        ("exporter_secret", context.exporter_secret)):
        check("RFC 9180 " + name, value == setup[name])
    receiver = hpke.receiver(setup["enc"], setup["skRm"], setup["info"])
    for block in blocks[1:]:
        if "pt" in block:
            sequence = int(block["sequence number"])
            pt, aad, nonce, ct = (bytes.fromhex(block[name]) for name in ("pt", "aad", "nonce", "ct"))
            check("RFC 9180 nonce %d" % sequence, context.nonce(sequence) == nonce)
            check("RFC 9180 seal %d" % sequence, context.seal(pt, aad, sequence) == ct)
            check("RFC 9180 open %d" % sequence, receiver.open(ct, aad, sequence) == pt)
            check("RFC 9180 open changed %d refused" % sequence, receiver.open(ct[:-1] + b"\x00", aad, sequence) is None)
        else:
            exported = context.export(bytes.fromhex(block["exporter_context"]), int(block["L"]))
            check("RFC 9180 export %r" % block["exporter_context"], exported.hex() == block["exported_value"])


def merkle_cases(check):
    folder, seen = os.path.join(VECTORS, "rfc6962-merkle", "testdata"), 0
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.json"), recursive=True)):
        name = os.path.relpath(path, folder)
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        proof = [base64.b64decode(part) for part in case["proof"] or []]
        data = {field: base64.b64decode(case[field] or "") for field in ("root", "leafHash", "root1", "root2") if field in case}
        if "leafIdx" in case:
            verdict = merkle.verify_inclusion(case["leafIdx"], case["treeSize"], data["leafHash"], proof, data["root"])
        else:
            verdict = merkle.verify_consistency(case["size1"], case["size2"], data["root1"], data["root2"], proof)
        check("Merkle " + name, verdict == (not case["wantErr"]))
        seen += 1
    check("Merkle: 196 cases", seen == 196)


def c2sp(check):
    with open(os.path.join(VECTORS, "c2sp", "examples.md"), encoding="utf-8") as file:
        text = file.read()
    name, _, coded = next(line.strip() for line in text.split("\n") if "+530d903a+" in line).partition("+530d903a+")
    key = base64.b64decode(coded)
    first, second = text.split("```\n")[1], text.split("```\n")[3]
    check("C2SP key hash", key[0] == 1 and notes.key_hash(name, key[1:]).hex() == "530d903a")
    signed = first.encode("utf-8")
    check("C2SP note", notes.open_note(signed, name, key[1:]) == b"This is an example message.\n")
    check("C2SP note changed refused", notes.open_note(signed.replace(b"example m", b"Example m"), name, key[1:]) is None)
    # the page gives no key for its checkpoint: only the form of its text can be checked
    lines = second.split("\n")
    again = notes.checkpoint_text(lines[0], int(lines[1]), base64.b64decode(lines[2]))
    check("C2SP checkpoint text", second.encode("utf-8").startswith(again + b"\n\xe2\x80\x94 "))


def main():
    check = Checks()
    for part in (rfc9496, rfc9497, rfc9180, merkle_cases, c2sp, selftest_douxuan.run, selftest_own.run):
        part(check)
    print("%d passed, %d failed" % (check.passed, check.failed))
    return 1 if check.failed else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
