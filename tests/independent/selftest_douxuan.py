"""Every value of tests/vectors/douxuan-v1/vectors.json, made again from its streams or checked by its relation.

The seeds of the issuer keys, of the receipt and log keys and of the other token leaves are not published: of these the
relation is checked (k G = K, signatures and paths hold), not the origin.
"""
import ballot
import board
import curve
import ed25519
import hpke
import merkle
import notes
import ristretto
import voprf
from encoding import enc, h2s, mask_excludes, mask_width, parse_token_text, screen_code, token_text
from make_vectors import read_json
from manifest import Manifest
from prover import NO_EVALUATION, Cast, Request, Stream, evaluations, reply_plain, seal, token_seed


def run(check):
    v = read_json("douxuan-v1", "vectors.json")
    m = Manifest(v["manifest"].encode("utf-8"))
    basics(check, v, m)
    request = enrolment(check, v, m)
    reply(check, v, m, request)
    cast(check, v, m)
    published_board(check, v, m)
    ballots(check, v, m)


def basics(check, v, m):
    check("douxuan H", ristretto.H_BYTES.hex() == v["H"])
    check("douxuan enc", enc("douxuan/v1/enrol", b"a", b"").hex() == v["enc"])
    # the parts behind h2s are not published; the reader finds label and parts of enc used again
    check("douxuan h2s", ristretto.encode_scalar(h2s("douxuan/v1/enrol", b"a", b"")).hex() == v["h2s"])
    check("douxuan M", m.M.hex() == v["M"])
    root = bytes.fromhex(v["board"]["root"])
    # the published value of kind `log` is over the board's root alone; a log head is I2OSP(size,8) || root
    for kind, data in (("manifest", m.M), ("board", root), ("log", root)):
        check("douxuan screen code, " + kind, screen_code(kind, data) == v["screen_code"][kind])
    token = v["token"]
    data = parse_token_text(token["text"])
    check("douxuan token text", data.hex() == token["bytes"] and token_text(data) == token["text"])
    check("douxuan seed_T", token_seed(m.meeting, data).hex() == token["seed_T"])
    check("douxuan T", ed25519.public_key(bytes.fromhex(token["seed_T"])).hex() == token["T"])
    check("douxuan leaf", "01" + token["T"] + token["mask"] == token["leaf"])
    check("douxuan token root", m.token_root.hex() == token["root"])
    for name, secret in v["issuer"].items():
        contest = m.contests[tuple(map(int, name.split("/")))]
        k = ristretto.decode_scalar(bytes.fromhex(secret))
        check("douxuan issuer key " + name, ristretto.encode(ristretto.G.multiply(k)) == contest.K)
    check("douxuan E_0", hpke.x25519_public(bytes.fromhex(v["e0"])) == m.E_0)


def enrolment(check, v, m):
    stream = Stream(v["enrol"]["stream"])
    request = Request(m, bytes.fromhex(v["token"]["seed_T"]), stream)
    check("douxuan enrolment, plain", request.plain.hex() == v["enrol"]["plain"])
    sealed, key = seal("enrol", m.E_0, m.M, 0, 0, request.plain, stream.bytes(32))
    check("douxuan enrolment, sealed", sealed.hex() == v["enrol"]["sealed"])
    check("douxuan enrolment, reply key", key.hex() == v["enrol"]["reply_key"])
    info = enc("douxuan/v1/hpke", b"enrol", m.M, bytes(2), bytes(1))
    opened = hpke.receiver(sealed[:32], bytes.fromhex(v["e0"]), info).open(sealed[32:])
    check("douxuan enrolment, opened with E_0", opened == request.plain)
    return request


def reply(check, v, m, request):
    mask = bytes.fromhex(v["token"]["mask"])
    issuer = {tuple(map(int, k.split("/"))): int.from_bytes(bytes.fromhex(s), "little") for k, s in v["issuer"].items()}
    stream = Stream(v["enrol"]["reply_stream"])
    evaluated = evaluations(m, issuer, request, mask, stream)
    plain = bytes.fromhex(v["enrol"]["reply_plain"])
    tail = plain[2 + mask_width(3) + 96 * len(m.contests):]
    depth = (m.leaves - 1).bit_length()
    index = int.from_bytes(tail[:4], "big")
    path = [tail[i:i + 32] for i in range(4, 4 + 32 * depth, 32)]
    while path and path[-1] == bytes(32):
        path.pop()
    check("douxuan reply, plain", reply_plain(mask, evaluated, index, path, depth) == plain)
    leaf = merkle.leaf_hash(bytes.fromhex(v["token"]["leaf"]))
    check("douxuan reply, path", merkle.verify_inclusion(index, m.leaves, leaf, path, m.token_root))
    key, nonce = bytes.fromhex(v["enrol"]["reply_key"]), stream.bytes(12)
    check("douxuan reply, sealed", (nonce + hpke.aead_seal(key, nonce, plain)).hex() == v["enrol"]["reply"])
    opened = hpke.aead_open(key, nonce, bytes.fromhex(v["enrol"]["reply"])[12:])
    check("douxuan reply, opened", opened == plain)
    for number, (contest_key, contest) in enumerate(m.contests.items()):
        name = "%d/%d" % contest_key
        part = evaluated[96 * number:96 * number + 96]
        if mask_excludes(mask, contest_key[0]):
            check("douxuan reply, %s excluded" % name, part == NO_EVALUATION and name not in v["credentials"])
            continue
        expected = v["credentials"][name]
        check("douxuan credential %s, b" % name, request.seeds[contest_key].hex() == expected["b"])
        check("douxuan credential %s, B" % name, request.keys[contest_key].hex() == expected["B"])
        check("douxuan credential %s, input" % name, request.inputs[contest_key].hex() == expected["input"])
        x, z = request.blinded[contest_key], part[:32]
        pairs = [(ristretto.decode_element(x), x)], [(ristretto.decode_element(z), z)]
        check("douxuan credential %s, proof" % name, voprf.verify(contest.K, *pairs, part[32:], voprf.CONTEXT))
        credential = request.credential(contest_key, z)
        check("douxuan credential %s, N" % name, credential.hex() == expected["N"])
        direct = curve.multiply(issuer[contest_key], voprf.hash_to_group(request.inputs[contest_key])[0])
        check("douxuan credential %s, N = k P" % name, ristretto.encode(direct) == credential)


def cast(check, v, m):
    c, stream = v["cast"], Stream(v["cast"]["stream"])
    credential = v["credentials"][c["contest"]]
    made = Cast(m.M, 1, 1, 5, bytes.fromhex(credential["b"]), bytes.fromhex(credential["N"]), c["j"], stream)
    check("douxuan cast, ballot", made.bytes.hex() == c["ballot"])
    check("douxuan cast, leaf", merkle.leaf_hash(made.bytes).hex() == c["leaf"])
    sealed, key = seal("cast", m.contests[1, 1].E, m.M, 1, 1, made.bytes + made.opening, stream.bytes(32))
    check("douxuan cast, sealed", sealed.hex() == c["sealed"])
    check("douxuan cast, reply key", key.hex() == c["reply_key"])
    check("douxuan cast, enc and ct are 693 bytes, 5 more in the envelope", len(sealed) == 693)
    text = notes.receipt_text(m, 1, 1, bytes.fromhex(c["leaf"])).encode("ascii")
    opened = notes.open_note(v["receipt"].encode("utf-8"), m.origin + "/receipt", m.receipt_key)
    check("douxuan receipt", opened == text)


def published_board(check, v, m):
    b, raw = v["board"], bytes.fromhex(v["cast"]["ballot"])
    root = board.root([raw])
    check("douxuan board, root", root.hex() == b["root"])
    check("douxuan board, entries", board.join_entries([raw]).hex() == b["entries"])
    check("douxuan board, entries split", board.split_entries(bytes.fromhex(b["entries"])) == [raw])
    text = notes.checkpoint_text(m.origin + "/board/1/1", 1, root)
    check("douxuan board, checkpoint",
          notes.open_note(b["checkpoint"].encode("utf-8"), m.origin + "/log", m.log_key) == text)
    check("douxuan board, context", board.proof_context(m.M, 1, 1, root, 0).hex() == b["context"])
    parsed, proof = ballot.Ballot(raw, 5), bytes.fromhex(b["proof"])
    check("douxuan board, proof", board.proofs_hold(m.M, m.contests[1, 1], [parsed], [proof]))


def ballots(check, v, m):
    for sample in v["ballots"]:
        name = "douxuan ballot n=%d j=%d, " % (sample["n"], sample["j"])
        made = Cast(m.M, 1, 1, sample["n"], bytes.fromhex(sample["b"]), bytes.fromhex(sample["N"]), sample["j"],
                    Stream(sample["stream"]))
        parsed = ballot.Ballot(made.bytes, sample["n"])
        check(name + "bytes", made.bytes.hex() == sample["ballot"])
        check(name + "opening", made.opening.hex() == sample["opening"])
        check(name + "leaf", merkle.leaf_hash(made.bytes).hex() == sample["leaf"])
        check(name + "signature", parsed.signature_holds(m.M))
        check(name + "proof", ballot.choice_holds(parsed, m.M))
