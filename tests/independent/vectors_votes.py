"""Own vectors, part 3: ballots, tallies, board proofs, thresholds, boards."""
import json

import board
import curve
import ed25519
import merkle
import ristretto
import voprf
from ballot import Ballot
from curve import L, P
from encoding import enc, i2osp, screen_code
from prover import Cast, Stream, board_proof, dleq
from result import threshold

IDENTITY = bytes(32)
NOT_CANONICAL = (P + 2).to_bytes(32, "little")
NO_POINT = b"\x01" + bytes(31)
ORDER = L.to_bytes(32, "little")


def ballots(published, manifest):
    cases, m = [], manifest.M

    def case(name, stage, why, data, n, key=(1, 1), manifest_hash=m):
        cases.append({"name": name, "valid": stage == "valid", "why": why, "stage": stage, "M": manifest_hash.hex(),
                      "item": key[0], "round": key[1], "n": n, "ballot": data.hex()})

    for sample in published["ballots"]:
        n, data, seed = sample["n"], bytes.fromhex(sample["ballot"]), bytes.fromhex(sample["b"])
        case("n=%d j=%d" % (n, sample["j"]), "valid", "as published", data, n)
        if sample["j"] == 1:
            _bump_ballot(case, "n=%d " % n, data, n, seed, m)
    other = Cast(m, 1, 2, 5, bytes.fromhex(published["ballots"][2]["b"]),
                 bytes.fromhex(published["ballots"][2]["N"]), 0, Stream("own other round")).bytes
    case("of round 2 in round 1", "decode", "round is not the contest's", other, 5)
    case("of round 2 in its contest", "valid", "made for it", other, 5, (1, 2))
    return {"about": "stage: where a verifier of this contest (item, round, n under M) first refuses, in the order decode, "
                     "sigma, pi; N is only decoded", "cases": cases}


def _bump_ballot(case, prefix, data, n, seed, m):
    def signed(body, manifest_hash=m):
        return body + ed25519.sign(seed, enc("douxuan/v1/ballot", manifest_hash, body))

    def put(offset, part):
        return data[:offset] + part + data[offset + len(part):]

    body, end = data[:-64], len(data)
    spots = {"version": 0, "item": 1, "round": 3, "B": 4, "N": 36, "C": 68}
    spots.update({"a_%d" % i: 100 + 32 * i for i in range(n)})
    spots.update({"c_%d" % i: 100 + 32 * (n + i) for i in range(n - 1)})
    spots.update({"z_%d" % i: 100 + 32 * (2 * n - 1 + i) for i in range(n)})
    spare = [ristretto.encode(ristretto.G.multiply(k)) for k in (1000, 1001)]
    for name, offset in spots.items():
        if name in ("version", "item", "round"):
            changed = put(offset, bytes([data[offset] ^ 2]))
            case(prefix + name + " changed", "decode", "not the contest's", changed, n)
            continue
        if name == "B":
            case(prefix + "B of another", "sigma", "another key", put(4, ed25519.public_key(b"\x07" * 32)), n)
            case(prefix + "B of small order", "sigma", "rule of section 1", put(4, b"\x01" + bytes(31)), n)
            continue
        scalar = name[0] in "cz"
        if scalar:
            number = int.from_bytes(data[offset:offset + 32], "little")
            changed = put(offset, ristretto.encode_scalar(number + 1))
            case(prefix + name + " = L", "decode", "scalar not canonical", put(offset, ORDER), n)
            case(prefix + name + " + L", "decode", "scalar not canonical", put(offset, (number + L).to_bytes(32, "little")), n)
            zero = signed(put(offset, bytes(32))[:-64])
            case(prefix + name + " = 0, signed again", "pi", "zero is canonical", zero, n)
        else:
            changed = put(offset, spare[data[offset:offset + 32] == spare[0]])
            case(prefix + name + " the identity", "decode", "identity", put(offset, IDENTITY), n)
            case(prefix + name + " not canonical", "decode", "encoding", put(offset, NOT_CANONICAL), n)
            case(prefix + name + " no element", "decode", "encoding", put(offset, NO_POINT), n)
        case(prefix + name + " changed", "sigma", "signed bytes differ", changed, n)
        case(prefix + name + " changed, signed again", "pi", "part of the challenge or of the equation",
             signed(changed[:-64]), n)
    case(prefix + "sigma changed", "sigma", "S", put(end - 32, bytes([data[end - 32] ^ 1])), n)
    s = int.from_bytes(data[-32:], "little") + L
    case(prefix + "sigma with S + L", "sigma", "S not below L", put(end - 32, s.to_bytes(32, "little")), n)
    case(prefix + "under another M", "sigma", "M", data, n, manifest_hash=b"\x55" * 32)
    case(prefix + "signed again under another M", "pi", "M", signed(body, b"\x55" * 32), n, manifest_hash=b"\x55" * 32)
    case(prefix + "for another item", "decode", "item", data, n, (2, 1))
    case(prefix + "for another round", "decode", "round", data, n, (1, 2))
    case(prefix + "moved to another item, signed again", "pi", "item", signed(body[:2] + b"\x02" + body[3:]), n, (2, 1))
    case(prefix + "moved to round 2, signed again", "pi", "round", signed(body[:3] + b"\x02" + body[4:]), n, (1, 2))
    case(prefix + "cut short", "decode", "length", data[:-1], n)
    case(prefix + "one byte more", "decode", "length", data + b"\x00", n)
    case(prefix + "read with n + 1", "decode", "length", data, n + 1)
    a, z = 100, 100 + 32 * (2 * n - 1)
    swapped = body[:a] + body[a + 32:a + 64] + body[a:a + 32] + body[a + 64:]
    case(prefix + "a_0 and a_1 swapped, signed again", "pi", "order", signed(swapped), n)
    swapped = body[:z] + body[z + 32:z + 64] + body[z:z + 32] + body[z + 64:]
    case(prefix + "z_0 and z_1 swapped, signed again", "pi", "order", signed(swapped), n)


def tallies(election):
    key = (1, 2)
    t, r = election.tallies[key]
    commitments = [made.C for made in election.urns[key]]
    cases = []

    def case(name, valid, why, tally, points=commitments):
        cases.append({"name": name, "valid": valid, "why": why, "n": len(t), "commitments": [p.hex() for p in points],
                      "tally": tally.hex()})

    def changed(delta):
        return board.tally_bytes([count + d for count, d in zip(t, delta)], r)

    good = board.tally_bytes(t, r)
    case("as made", True, "opens", good)
    case("other order of ballots", True, "a sum", good, commitments[::-1])
    case("empty board", True, "t = 0, R = 0", board.tally_bytes([0] * len(t), 0), [])
    case("empty board with R = 1", False, "R = 0", board.tally_bytes([0] * len(t), 1), [])
    case("empty board with a vote", False, "sum t = size", board.tally_bytes([1, 0, 0, 0, 0], 0), [])
    case("R + 1", False, "opening", board.tally_bytes(t, r + 1))
    case("R = 0", False, "opening", board.tally_bytes(t, 0))
    case("R + L", False, "R is canonical", good[:-32] + (r + L).to_bytes(32, "little"))
    case("R = L", False, "R is canonical", good[:-32] + ORDER)
    case("t reversed", False, "opening", board.tally_bytes(t[::-1], r))
    case("one vote moved", False, "opening, the sum is right", changed([-1, 1, 0, 0, 0]))
    case("two votes moved, sum and mean kept", False, "opening", changed([-1, 2, -1, 0, 0]))
    case("one vote more", False, "sum t = size", changed([1, 0, 0, 0, 0]))
    case("one vote less", False, "sum t = size", changed([-1, 0, 0, 0, 0]))
    case("one ballot missing", False, "sum t = size", good, commitments[1:])
    case("one ballot twice", False, "sum t = size", good, commitments + commitments[:1])
    case("one ballot for another", False, "opening", good, [election.urns[1, 1][0].C] + commitments[1:])
    case("version 2", False, "version", b"\x02" + good[1:])
    case("cut short", False, "length", good[:-1])
    case("one byte more", False, "length", good + b"\x00")
    case("four options", False, "length", good[:17] + good[21:])
    return {"about": "board/../tally against the commitments C of a board", "cases": cases}


def board_proofs(published, election):
    cases = []
    key, m = (1, 2), election.M
    urn, k = election.urns[key], election.issuer[key]
    public, pairs = election.manifest.contests[key].K, [(made.B, made.N) for made in urn]
    root = board.root([made.bytes for made in urn])
    proof, fresh = election.proofs[key][0], bytes(32)

    def case(name, valid, why, **changes):
        values = {"M": m, "item": key[0], "round": key[1], "K": public, "root": root, "pairs": pairs, "proof": proof}
        values.update(changes)
        shown = {n: v.hex() if isinstance(v, bytes) else v for n, v in values.items() if n != "pairs"}
        shown["pairs"] = [{"B": b.hex(), "N": n.hex()} for b, n in values["pairs"]]
        cases.append({"name": name, "valid": valid, "why": why, **shown})

    def made_under(context):
        return board_proof(k, public, m, *key, pairs, root, fresh, context)

    parsed = Ballot(bytes.fromhex(published["cast"]["ballot"]), 5)
    case("published", True, "board of one ballot", M=bytes.fromhex(published["M"]), item=1, round=1,
         K=bytes.fromhex(_published_key(published)), root=bytes.fromhex(published["board"]["root"]),
         pairs=[(parsed.B, parsed.N)], proof=bytes.fromhex(published["board"]["proof"]))
    case("own", True, "board of %d" % len(pairs))
    case("RFC 9497's own context", False, "the root must be in the context", proof=made_under(voprf.CONTEXT))
    case("other root", False, "root", root=b"\x5a" * 32)
    case("made for another root", False, "root",
         proof=made_under(board.proof_context(m, *key, b"\x5a" * 32, 0)))
    case("made as chunk 1", False, "chunks count from 0", proof=made_under(board.proof_context(m, *key, root, 1)))
    case("other M", False, "M is in context and inputs", M=b"\x55" * 32)
    case("other item", False, "item", item=2)
    case("other round", False, "round", round=1)
    case("other K", False, "key", K=election.manifest.contests[1, 1].K)
    case("pairs in another order", False, "board order", pairs=pairs[1:] + pairs[:1])
    case("a pair missing", False, "all pairs", pairs=pairs[1:])
    case("a pair twice", False, "all pairs", pairs=pairs + pairs[-1:])
    case("one B wrong", False, "input", pairs=[(b"\x07" * 32, pairs[0][1])] + pairs[1:])
    wrong = ristretto.encode(ristretto.G.multiply(77))
    alien = [(pairs[0][0], wrong)] + pairs[1:]
    case("one N wrong", False, "credential", pairs=alien)
    case("one N wrong, proof made over it", False, "a prover cannot include an alien pair", pairs=alien,
         proof=_false_proof(election, key, alien, root))
    shift = ristretto.G.multiply(5)
    n0, n1 = (ristretto.decode(pairs[i][1]) for i in (0, 1))
    shifted = [(pairs[0][0], ristretto.encode(curve.add(n0, shift))),
               (pairs[1][0], ristretto.encode(curve.subtract(n1, shift)))] + pairs[2:]
    case("two N shifted by +E and -E", False, "the weights differ", pairs=shifted)
    case("shifted, proof made over them", False, "the weights differ", pairs=shifted,
         proof=_false_proof(election, key, shifted, root))
    case("two N swapped", False, "each under its own B",
         pairs=[(pairs[0][0], pairs[1][1]), (pairs[1][0], pairs[0][1])] + pairs[2:])
    case("N the identity", False, "identity", pairs=[(pairs[0][0], IDENTITY)] + pairs[1:])
    case("N not canonical", False, "encoding", pairs=[(pairs[0][0], NOT_CANONICAL)] + pairs[1:])
    c, s = (int.from_bytes(proof[i:i + 32], "little") for i in (0, 32))
    case("c + 1", False, "equation", proof=ristretto.encode_scalar(c + 1) + proof[32:])
    case("s + 1", False, "equation", proof=proof[:32] + ristretto.encode_scalar(s + 1))
    case("c + L", False, "scalar not canonical", proof=(c + L).to_bytes(32, "little") + proof[32:])
    case("s + L", False, "scalar not canonical", proof=proof[:32] + (s + L).to_bytes(32, "little"))
    case("c and s swapped", False, "equation", proof=proof[32:] + proof[:32])
    case("zero", False, "equation", proof=bytes(64))
    return {"about": "RFC 9497 VerifyProof over (HashToGroup(input(B)), N) in the board's context, chunk 0", "cases": cases}


def _published_key(published):
    return json.loads(published["manifest"])["contests"][1]["K"]


def _false_proof(election, key, pairs, root):
    """What a prover with the true key gets for pairs that are not all k times their input."""
    inputs = [voprf.hash_to_group(board.credential_input(election.M, *key, b)) for b, _ in pairs]
    outputs = [(ristretto.decode(n), n) for _, n in pairs]
    context = board.proof_context(election.M, *key, root, 0)
    return dleq(election.issuer[key], election.manifest.contests[key].K, inputs, outputs, context, bytes(32))


def thresholds():
    cases = []

    def case(name, count, base, reaches, over, first=(1, 5), second=(3, 10)):
        cases.append({"name": name, "valid": True, "why": "exact integers", "count": count, "base": base,
                      "reaches": list(first), "over": list(second), "expect_reaches": reaches, "expect_over": over})

    case("base 0", 0, 0, "none", "none")
    case("nobody", 0, 1, "no", "no")
    case("exactly 20 %", 2, 10, "yes", "no")
    case("one under 20 %", 19, 100, "no", "no")
    case("a hair under 20 %", 20, 101, "no", "no")
    case("a hair over 20 %", 20, 99, "yes", "no")
    case("exactly 30 %", 3, 10, "yes", "no")
    case("one over 30 %", 31, 100, "yes", "yes")
    case("a hair over 30 %", 30, 99, "yes", "yes")
    case("a hair under 30 %", 30, 101, "yes", "no")
    case("everybody", 7, 7, "yes", "yes")
    case("1 of 5", 1, 5, "yes", "no")
    case("1 of 6", 1, 6, "no", "no")
    case("one third, 33 of 99", 33, 99, "yes", "no", (1, 3), (1, 3))
    case("one third, 34 of 99", 34, 99, "yes", "yes", (1, 3), (1, 3))
    case("whole, all", 8, 8, "yes", "no", (1, 1), (1, 1))
    case("per mille, above 2^32 when multiplied", 4294967, 4294967295, "no", "no", (1, 1000), (1, 1000))
    case("per mille, reached", 4294968, 4294967295, "yes", "yes", (1, 1000), (1, 1000))
    for c in cases:
        if (threshold(c["count"], c["base"], c["reaches"], False), threshold(c["count"], c["base"], c["over"], True)) \
                != (c["expect_reaches"], c["expect_over"]):
            raise ValueError(c["name"])
    return {"about": "den*count >= num*base (reaches), den*count > num*base (over); fractions are [num, den]", "cases": cases}


def boards():
    cases = []
    for size in (0, 1, 2, 5, 255, 256, 257, 300):
        hashes = [merkle.leaf_hash(b"douxuan leaf " + i2osp(i, 4)) for i in range(size)]
        root = merkle.root(hashes)
        picks = sorted({i for i in (0, 1, size // 2, size - 2, size - 1) if 0 <= i < size})
        paths = [{"index": i, "leaf": hashes[i].hex(), "path": [p.hex() for p in merkle.inclusion_path(hashes, i)]}
                 for i in picks]
        cases.append({"name": "%d leaves" % size, "valid": True, "why": "RFC 9162", "size": size, "root": root.hex(),
                      "paths": paths})
    return {"about": "leaf i is the ASCII text 'douxuan leaf ' followed by I2OSP(i,4), i = 0.. in this order; "
                     "leaf is the leaf's hash", "cases": cases}


def screen_codes(manifest):
    cases = []
    empty = merkle.root([])
    for kind, name, data in (("manifest", "M", manifest.M), ("board", "empty board", empty),
                             ("log", "log of 0", i2osp(0, 8) + empty), ("log", "log of 1", i2osp(1, 8) + manifest.M),
                             ("log", "log of 2^32", i2osp(2**32, 8) + manifest.M), ("board", "same bytes", manifest.M)):
        cases.append({"name": name, "valid": True, "why": "log: I2OSP(size,8) || root", "kind": kind,
                      "bytes": data.hex(), "code": screen_code(kind, data)})
    return {"about": "screen codes by kind", "cases": cases}
