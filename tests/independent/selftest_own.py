"""tests/vectors/own/: made again byte for byte, and every stated verdict reached by the verifier's own functions."""
import json
import os

import audit
import ballot
import board
import container
import curve
import ed25519
import lists
import log
import merkle
import notes
import result
import ristretto
import vectors_bundle
import vectors_records
import verify
from encoding import parse_slip_qr, parse_token_text, screen_code, token_text
from make_vectors import OWN, make, read_json
from manifest import Contest, Manifest
from prover import token_seed


def accepts(function, *arguments):
    try:
        return bool(function(*arguments))
    except ValueError:
        return False


def raw(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def manifest_case(_, case):
    data = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode("utf-8")
    return accepts(Manifest, data.ljust(case.get("pad_to", 0)))


def ed25519_case(_, case):
    return ed25519.verify(*raw(case, "pk", "msg", "sig"))


def ristretto_case(_, case):
    data = bytes.fromhex(case["bytes"])
    if case["decodes"] != (ristretto.decode(data) is not None):
        return None
    return ristretto.decode_element(data) is not None


def token_case(file, case):
    data = parse_token_text(case["text"])
    if data is None:
        return False
    seed = token_seed(bytes.fromhex(file["meeting"]), data)
    right = [data, seed, ed25519.public_key(seed)] == raw(case, "bytes", "seed_T", "T")
    return right and parse_token_text(token_text(data)) == data


def slip_case(file, case):
    found = parse_slip_qr(case["url"], file["items"])
    return found is not None and found[:3] == (file["origin"], *raw(file, "M", "token"))


def entry_case(_, case):
    def decode():
        entries = log.decode_all(bytes.fromhex(case["bytes"]))
        return len(entries) == 1 and vectors_records.fields(entries[0]) == case.get("fields")
    return accepts(decode)


def order_case(file, case):
    manifest = Manifest(file["manifest"].encode("utf-8"))
    entries = [log.decode_all(bytes.fromhex(data))[0] for data in case["entries"]]
    log.Log(entries[:-1], manifest)
    try:
        log.Log(entries, manifest)
    except log.LogError as problem:
        return False if ("rule %d" % case["rule"]) in str(problem).split(":")[0].split(",") else None
    return True


def list_case(file, case):
    data, windows = bytes.fromhex(case["bytes"]), [file["windows"]]
    decode = {"leaves": lists.leaves, "redeemed": lists.redeemed, "voided": lists.voided}[case["list"]]
    arguments = {"leaves": [file["items"]], "redeemed": [file["items"]] + windows, "voided": windows}[case["list"]]

    def whole():
        found = decode(data, *arguments)
        if len(found) != case["count"]:
            return False
        width = len(data) // max(1, len(found))
        cut = width - 1 if case["list"] == "redeemed" else width
        return merkle.root_of([data[i * width:i * width + cut] for i in range(len(found))]).hex() == case["root"]
    return accepts(whole)


def note_case(_, case):
    text = notes.open_note(bytes.fromhex(case["note"]), case["key_name"], bytes.fromhex(case["key"]))
    return text is not None and text.hex() == case["text"]


def ballot_case(_, case):
    manifest_hash = bytes.fromhex(case["M"])
    try:
        parsed = ballot.Ballot(bytes.fromhex(case["ballot"]), case["n"])
        decodes = parsed.header_fits(case["item"], case["round"]) and parsed.decodes()
    except ValueError:
        decodes = False
    if not decodes:
        stage = "decode"
    elif not parsed.signature_holds(manifest_hash):
        stage = "sigma"
    else:
        stage = "valid" if ballot.choice_holds(parsed, manifest_hash) else "pi"
    return stage == "valid" if stage == case["stage"] else None


def tally_case(_, case):
    try:
        tally = board.Tally(bytes.fromhex(case["tally"]), case["n"])
    except ValueError:
        return False
    points = [ristretto.decode_element(bytes.fromhex(c)) for c in case["commitments"]]
    return sum(tally.t) == len(points) and board.opens(points, tally.t, tally.R) and bool(points or tally.R == 0)


def proof_case(_, case):
    class Pair:
        """Stands for a ballot; the root is given here, not computed."""
        def __init__(self, pair):
            self.B, self.N = raw(pair, "B", "N")
    contest = Contest(case["item"], case["round"], bytes.fromhex(case["K"]), b"")
    pairs = [Pair(pair) for pair in case["pairs"]]
    return board._proofs_hold(bytes.fromhex(case["M"]), contest, pairs, *raw(case, "root"), raw(case, "proof"))


def threshold_case(_, case):
    found = (result.threshold(case["count"], case["base"], case["reaches"], False),
             result.threshold(case["count"], case["base"], case["over"], True))
    return found == (case["expect_reaches"], case["expect_over"])


def board_case(_, case):
    leaves = [merkle.leaf_hash(b"douxuan leaf " + i.to_bytes(4, "big")) for i in range(case["size"])]
    root = bytes.fromhex(case["root"])
    paths = [(p["index"], bytes.fromhex(p["leaf"]), [bytes.fromhex(x) for x in p["path"]]) for p in case["paths"]]
    held = all(merkle.verify_inclusion(i, case["size"], leaf, path, root) for i, leaf, path in paths)
    broken = any(merkle.verify_inclusion(i + 1, case["size"], leaf, path, root) for i, leaf, path in paths)
    return merkle.root(leaves) == root and held and not broken


def code_case(_, case):
    return screen_code(case["kind"], bytes.fromhex(case["bytes"])) == case["code"]


CASES = {"screen_code": code_case, "manifest_refusals": manifest_case, "ed25519": ed25519_case, "ristretto": ristretto_case,
         "token_text": token_case, "slip_qr": slip_case, "log_entries": entry_case, "log_order": order_case,
         "lists": list_case, "note": note_case, "ballot": ballot_case, "tally": tally_case,
         "board_proof": proof_case, "thresholds": threshold_case, "boards": board_case}


def own_file(name):
    with open(os.path.join(OWN, name), "rb") as file:
        return file.read()


def run(check):
    made = make()
    check("own: exactly the files that make_vectors writes", set(os.listdir(OWN)) == set(made))
    for name, data in sorted(made.items()):
        check("own: %s is reproduced" % name, lambda: own_file(name) == data)
    for name, function in CASES.items():
        file = read_json("own", name + ".json")
        for case in file["cases"]:
            check("own %s: %s" % (name, case["name"]), lambda: function(file, case) is case["valid"])
    bundle_runs(check)
    bundle_mutants(check)
    model_counts(check)


def _steps(report):
    return [{name: step[name] for name in ("step", "verdict", "count")} for step in report["steps"]]


def bundle_runs(check):
    expected, data = read_json("own", "bundle-small.json"), own_file("bundle-small.zip")
    for case in expected["runs"]:
        report = audit.run(data, [own_file(name) for name in case["receipts"]])
        check("bundle-small, %s: steps" % case["name"], _steps(report) == case["steps"])
        check("bundle-small, %s: exit" % case["name"],
              (report["exit"], report["failed"]) == (case["exit"], case["failed"]))
        shown = json.loads(verify.as_json(report))
        check("bundle-small, %s: json" % case["name"], shown["steps"] == report["steps"])
    check("bundle-small: screen code", report["screen_code"] == expected["screen_code"])
    check("no file: not a bundle", audit.run(None)["exit"] == 2)


def bundle_mutants(check):
    data = own_file("bundle-small.zip")
    files = container.parse(data)
    for case in read_json("own", "bundle_mutants.json")["cases"]:
        report = audit.run(vectors_bundle.mutant_bytes(files, case))
        check("mutant %s: %s" % (case["failed"], case["name"]), report["failed"] == case["failed"])
    for case in read_json("own", "container.json")["cases"]:
        report = audit.run(vectors_bundle.container_bytes(data, case))
        check("container: " + case["name"], (report["exit"], report["failed"]) == (2, "container"))


def model_counts(check):
    """Arithmetic that no vector file carries: both ways to multiply agree, with torsion and at the edges."""
    point = curve.add(ristretto.H.point, curve.BASE.point)
    for k in (0, 1, 2, 15, 16, curve.L - 1, curve.L, curve.L + 1, 2**255 - 1):
        by_sum = curve.multiply_sum([(k, point)] + [(1, curve.IDENTITY)] * 9)
        check("multiply %d.. agrees with buckets" % (k % 1000),
              curve.compress(by_sum) == curve.compress(curve.multiply(k, point)))
        check("multiply %d.. agrees with the table" % (k % 1000),
              curve.compress(curve.BASE.multiply(k)) == curve.compress(curve.multiply(k, curve.BASE.point)))
