"""Own vectors, part 1: manifest, signatures, group encodings, token text and slip code."""
import base64
import hashlib
import json

import curve
import ed25519
import ristretto
from curve import L, P
from encoding import parse_token_text, slip_qr
from prover import Stream, token_seed


def manifest(published):
    base = published["manifest"]
    cases = []

    def case(name, valid, why, text=None, data=None, pad_to=None):
        entry = {"name": name, "valid": valid, "why": why}
        entry.update({"text": text} if data is None else {"hex": data.hex()})
        if pad_to:
            entry["pad_to"] = pad_to
        cases.append(entry)

    def refuse(why, old, new):
        if base.count(old) < 1:
            raise ValueError("not in the base: " + old)
        case(why, False, why, base.replace(old, new, 1))

    case("base", True, "as published", base)
    case("other order of fields", True, "the order is free, the set is not",
         json.dumps(dict(reversed(list(json.loads(base).items()))), ensure_ascii=False))
    case("escaped text", True, "names and texts are compared after unescaping", json.dumps(json.loads(base)))
    case("escaped name", True, "names are compared after unescaping", base.replace('"title"', '"t\\u0069tle"', 1))
    case("surrogate pair", True, "a pair is one character", base.replace('"试"', '"\\uD83D\\uDE00"', 1))
    case("white space", True, "allowed between tokens and at the end", base.replace(": ", " \t:\r\n ") + " \n")
    case("no white space", True, "none is needed", json.dumps(json.loads(base), separators=(",", ":")))
    case("262144 bytes", True, "the limit still passes; pad_to: append spaces up to this length", base, pad_to=262144)
    case("80 characters", True, "text counts Unicode scalar values", base.replace('"试"', '"' + "𠮷" * 80 + '"', 1))
    case("31st of February", True, "the date is checked by its digits only", base.replace("2026-12-14", "2026-02-31"))
    case("262145 bytes", False, "one above the limit", base, pad_to=262145)
    case("empty", False, "nothing there", "")
    case("byte order mark", False, "no BOM", "\ufeff" + base)
    case("space in front", False, "white space only between tokens and at the end", " " + base)
    case("something behind", False, "one value only", base + "{}")
    case("cut short", False, "ends too early", base[:-1])
    case("not UTF-8", False, "0xFF in a text", data=base.encode().replace("试".encode(), b"\xff", 1))
    case("overlong UTF-8", False, "0xC0 0xAF", data=base.encode().replace("试".encode(), b"\xc0\xaf", 1))
    case("surrogate in UTF-8", False, "0xED 0xA0 0x80", data=base.encode().replace("试".encode(), b"\xed\xa0\x80", 1))
    case("array", False, "not an object", "[" + base + "]")
    case("nested nine deep", False, "depth at most 8", base.replace('"witnesses": []', '"witnesses": ' + "[" * 8 + "]" * 8))
    refuse("duplicate name", '"title": ', '"title": "x", "title": ')
    refuse("duplicate name, one escaped", '"title": ', '"t\\u0069tle": "x", "title": ')
    refuse("duplicate name deep inside", '"number": 1, ', '"number": 1, "number": 1, ')
    refuse("unknown field", '"title": ', '"more": 1, "title": ')
    refuse("unknown field deep inside", '"number": 1, ', '"number": 1, "more": 0, ')
    refuse("missing field", '"place": "礼堂", ', "")
    refuse("comma behind the last", '"cast_via": []}', '"cast_via": [],}')
    refuse("comment", '"title": ', '/* */ "title": ')
    refuse("single quotes", '"试"', "'试'")
    refuse("bare control character", '"试"', '"a\tb"')
    refuse("escaped control character", '"试"', '"a\\u0007b"')
    refuse("U+0000", '"试"', '"a\\u0000b"')
    refuse("lone high surrogate", '"试"', '"\\uD800"')
    refuse("lone low surrogate", '"试"', '"\\uDC00"')
    refuse("high surrogate twice", '"试"', '"\\uD800\\uD800"')
    refuse("unknown escape", '"试"', '"\\x41"')
    refuse("short \\u escape", '"试"', '"\\u41"')
    refuse("vertical tab as white space", '"title": ', '\x0b"title": ')
    refuse("no-break space as white space", '"title": ', '\u00a0"title": ')
    for number in ("10.0", "1e1", "010", "-0", "-1", "+10", "true", "null", "NaN", "Infinity", "0x0A", '"10"', "[10]", "",
                   "10.", "1_0", "2147483648", "99999999999999999999", "501", "0", "１０"):
        refuse("expected as " + (number or "nothing"), '"expected": 10', '"expected": ' + number)
    refuse("other suite", "douxuan-v1-ristretto255", "douxuan-v2-ristretto255")
    refuse("meeting in capitals", '"meeting": "54b1', '"meeting": "54B1')
    refuse("meeting one byte short", '"meeting": "54b1', '"meeting": "b1')
    refuse("empty title", '"试"', '""')
    refuse("title of 81", '"试"', '"' + "试" * 81 + '"')
    refuse("right-to-left override", '"试"', '"\\u202e试"')
    refuse("zero width mark U+FEFF", '"试"', '"试\\ufeff"')
    refuse("delete U+007F", '"试"', '"试\\u007f"')
    refuse("month 13", "2026-12-14", "2026-13-14")
    refuse("day 00", "2026-12-14", "2026-12-00")
    refuse("date with other digits", "2026-12-14", "２０26-12-14")
    refuse("item number skipped", '"number": 2', '"number": 4')
    refuse("name of 41", "干部1", "示" * 41)
    refuse("report of a third kind", '"report": "oral"', '"report": "both"')
    refuse("rounds 0", '"rounds": 2', '"rounds": 0')
    refuse("rounds 5", '"rounds": 2', '"rounds": 5')
    refuse("contest missing", '"rounds": 2', '"rounds": 3')
    refuse("rehearsal not first", '"item": 0, "round": 0', '"item": 1, "round": 0')
    refuse("scale code in capitals", '"code": "good"', '"code": "Good"')
    refuse("two equal scale codes", '"code": "good"', '"code": "fair"')
    refuse("third kind of option", '"kind": "abstain"', '"kind": "other"')
    refuse("threshold on an abstain option", '"option": "poor"', '"option": "abstain"')
    refuse("threshold on no option", '"option": "poor"', '"option": "bad"')
    refuse("fraction above one", "[3, 10]", "[11, 10]")
    refuse("fraction of zero", "[1, 5]", "[0, 5]")
    refuse("denominator 1001", "[1, 5]", "[1, 1001]")
    refuse("no leaves", '"leaves": 10', '"leaves": 0')
    refuse("leaves 4097", '"leaves": 10', '"leaves": 4097')
    refuse("release n under 5", '"n": 10', '"n": 4')
    refuse("second issuer", '["self"]', '["self", "other"]')
    refuse("witness", '"witnesses": []', '"witnesses": ["x"]')
    refuse("quorum", '"quorum": 0', '"quorum": 1')
    refuse("relay", '"cast_via": []', '"cast_via": ["x"]')
    _manifest_keys(json.loads(base), refuse)
    return {"about": "manifest bytes; base is the published one", "cases": cases}


def _manifest_keys(parsed, refuse):
    k0, k1 = parsed["contests"][0]["K"], parsed["contests"][1]["K"]
    e0, log_key, receipt = parsed["E_0"], parsed["keys"]["log"], parsed["keys"]["receipt"]
    refuse("K twice", k1, k0)
    refuse("E_0 equal to an E", e0, parsed["contests"][3]["E"])
    refuse("log key equal to receipt key", log_key, receipt)
    refuse("a K equal to the log key", k1, log_key)
    refuse("K is the identity", k0, "00" * 32)
    refuse("K is no element", k0, "01" + "00" * 31)
    refuse("K not canonical", k0, (P + 2).to_bytes(32, "little").hex())
    refuse("log key is the identity", log_key, "01" + "00" * 31)
    for name, encoding in small_order_encodings():
        refuse("log key %s" % name, log_key, encoding.hex())
    refuse("log key not on the curve", log_key, "02" + "00" * 31)
    eight = ["00" * 32, "01" + "00" * 31, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"]
    eight += [(P + i).to_bytes(32, "little").hex() for i in (-1, 0, 1)]
    for encoding in eight:
        refuse("E_0 of low order " + encoding[:8] + ".." + encoding[-2:], e0, encoding)


def torsion():
    """The eight points of order dividing 8, as multiples of one of order 8."""
    counter = 0
    while True:
        point = curve.decompress(hashlib.sha256(b"torsion %d" % counter).digest())
        counter += 1
        if point and curve.compress(point) is not None:
            eighth = curve.multiply(L, point)
            if curve.compress(curve.multiply(4, eighth)) != curve.compress(curve.IDENTITY):
                return [curve.multiply(i, eighth) for i in range(8)]


def small_order_encodings():
    """Canonical encodings of the eight points and the non-canonical ones of those with x = 0 or y < 19."""
    found = [("of small order %d" % i, curve.compress(point)) for i, point in enumerate(torsion())]
    top = 1 << 255
    for name, number in (("1 with sign", 1 | top), ("-1 with sign", P - 1 | top), ("p", P), ("p with sign", P | top),
                         ("p+1", P + 1), ("p+1 with sign", P + 1 | top)):
        found.append(("non-canonical " + name, number.to_bytes(32, "little")))
    return found


def _any_point(encoding):
    """The point a lax decoder makes of a non-canonical encoding of small order."""
    number = int.from_bytes(encoding, "little")
    y = (number & (1 << 255) - 1) % P
    for sign in (number >> 255, 0):
        point = curve.decompress((y | sign << 255).to_bytes(32, "little"))
        if point:
            return point
    raise ValueError("no point")


def _challenge(r, a, message):
    return int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L


def ed25519_edges():
    cases, stream = [], Stream("own ed25519")
    eighth = torsion()

    def case(name, valid, why, key, message, signature):
        cases.append({"name": name, "valid": valid, "why": why, "pk": key.hex(), "msg": message.hex(),
                      "sig": signature.hex()})

    seed = stream.bytes(32)
    key, a = ed25519.public_key(seed), ed25519._expand(seed)[0]
    for length in (0, 1, 64, 1023):
        message = stream.bytes(length)
        case("signed, %d bytes" % length, True, "made by RFC 8032", key, message, ed25519.sign(seed, message))
    message = b"edge"
    good = ed25519.sign(seed, message)
    s = int.from_bytes(good[32:], "little")
    for times in range(1, 15):
        case("S + %d L" % times, False, "S is not below L", key, message, good[:32] + (s + times * L).to_bytes(32, "little"))
    case("S = L", False, "S is not below L", key, message, good[:32] + L.to_bytes(32, "little"))
    case("other message", False, "equation", key, b"edgf", good)
    case("other key", False, "equation", ed25519.public_key(stream.bytes(32)), message, good)
    for bit in (0, 255, 256, 503):
        broken = bytearray(good)
        broken[bit // 8] ^= 1 << bit % 8
        case("bit %d flipped" % bit, False, "equation, or R is no point", key, message, bytes(broken))
    case("63 bytes", False, "length", key, message, good[:63])
    for name, encoding in small_order_encodings():
        _small_key(case, name, encoding, stream)
    for name, encoding in small_order_encodings():
        _small_r(case, name, encoding, a, eighth)
    _torsion_cases(case, a, eighth, stream)
    for i in (2, 9, 18):
        case("R = p + %d" % i, False, "R is not canonical", key, message, (P + i).to_bytes(32, "little") + good[32:])
    case("A off the curve", False, "A is no point", b"\x02" + bytes(31), message, good)
    return {"about": "Ed25519 under the strict rule of section 1; the equation holds wherever `why` says so", "cases": cases}


def _small_key(case, name, encoding, stream):
    """A signature under a key of small order: R = [S]B - [g]A with g guessed until k = g mod 8."""
    point = _any_point(encoding)
    while True:
        s = stream.scalar()
        r = curve.compress(curve.subtract(curve.BASE.multiply(s), point))
        message = stream.bytes(8)
        k = _challenge(r, encoding, message)
        if curve.compress(curve.multiply(k, point)) == curve.compress(point):
            case("A " + name, False, "the equation holds, A has small order or is not canonical", encoding, message,
                 r + s.to_bytes(32, "little"))
            return


def _small_r(case, name, encoding, a, eighth):
    """R of small order: A = aB + T with -[k]T = R, S = k a."""
    wanted = curve.compress(_any_point(encoding))
    for counter in range(10000):
        message = b"small R %d" % counter
        for point in eighth:
            key_point = curve.add(curve.BASE.multiply(a), point)
            key = curve.compress(key_point)
            k = _challenge(encoding, key, message)
            if curve.compress(curve.negate(curve.multiply(k, point))) == wanted:
                case("R " + name, False, "the equation holds on points, R has small order or is not canonical", key,
                     message, encoding + (k * a % L).to_bytes(32, "little"))
                return
    raise ValueError("no signature found")


def _torsion_cases(case, a, eighth, stream):
    key_point = curve.add(curve.BASE.multiply(a), eighth[1])
    key = curve.compress(key_point)
    found = {}
    while len(found) < 2:
        nonce, message = stream.scalar(), stream.bytes(8)
        r = curve.compress(curve.BASE.multiply(nonce))
        k = _challenge(r, key, message)
        holds = k % 8 == 0
        if holds not in found:
            found[holds] = (message, r + ((nonce + k * a) % L).to_bytes(32, "little"))
    case("A with torsion, k = 0 mod 8", True, "A is not of small order and the equation holds", key, *found[True])
    case("A with torsion, cofactored only", False, "only the equation times 8 holds", key, *found[False])


def ristretto_encodings(published):
    cases = []

    def case(name, valid, why, data):
        decodes = ristretto.decode(data) is not None
        cases.append({"name": name, "valid": valid, "why": why, "decodes": decodes, "bytes": data.hex()})

    for i, encoding in enumerate(published["multiples_of_base"]):
        data = bytes.fromhex(encoding)
        case("%d G" % i, i > 0, "canonical" if i else "the identity decodes, but is refused as a received element", data)
        raised = int.from_bytes(data, "little") + P
        if raised < 1 << 256:
            case("%d G + p" % i, False, "s is not below p", raised.to_bytes(32, "little"))
        case("%d G, top bit set" % i, False, "s is not below p", data[:31] + bytes([data[31] | 0x80]))
    for i, encoding in enumerate(published["bad_encodings"]):
        case("RFC 9496 bad encoding %d" % i, False, "RFC 9496 appendix A.2", bytes.fromhex(encoding))
    for i in range(1, 19):
        case("p + %d" % i, False, "s is not below p", (P + i).to_bytes(32, "little"))
    case("31 bytes", False, "length", bytes.fromhex(published["multiples_of_base"][1])[:31])
    case("33 bytes", False, "length", bytes.fromhex(published["multiples_of_base"][1]) + b"\x00")
    return {"about": "received elements: valid = canonical and not the identity; decodes = RFC 9496 alone", "cases": cases}


def token_texts(published):
    meeting = bytes.fromhex(json.loads(published["manifest"])["meeting"])
    base = published["token"]["text"]
    cases = []

    def accept(name, text, why):
        token = parse_token_text(text)
        seed = token_seed(meeting, token)
        cases.append({"name": name, "valid": True, "why": why, "text": text, "bytes": token.hex(),
                      "seed_T": seed.hex(), "T": ed25519.public_key(seed).hex()})

    def refuse(name, text, why):
        cases.append({"name": name, "valid": False, "why": why, "text": text})

    accept("published", base, "as printed")
    accept("lower case", base.lower(), "either case")
    accept("mixed case", base[:9].lower() + base[9:], "either case")
    accept("no hyphens", base.replace("-", ""), "hyphens are dropped")
    accept("hyphens anywhere", "-" + base.replace("-", "--") + "-", "hyphens are dropped")
    accept("letters O, I, L", "OIL0-OIL1-oil0-oil1", "I, L are 1 and O is 0, in either case")
    accept("all zero", "0" * 16, "80 zero bits")
    accept("all one", "Z" * 16, "80 one bits")
    refuse("empty", "", "16 characters")
    refuse("only hyphens", "----", "16 characters")
    refuse("15 characters", base[:-1], "16 characters")
    refuse("17 characters", base + "0", "16 characters")
    for name, letter in (("U", "U"), ("u", "u"), ("space", " "), ("full-width digit", "１"), ("dash U+2013", "–"),
                         ("asterisk", "*"), ("dotless i", "ı"), ("long s", "ſ"), ("Kelvin sign", "\u212a"), ("LF", "\n")):
        refuse("with " + name, base[:-1] + letter, "not in the alphabet")
    refuse("space behind", base + " ", "spaces are refused")
    return {"about": "token text -> 10 bytes -> seed_T -> T", "meeting": meeting.hex(), "cases": cases}


def slip_codes(published):
    origin, manifest_hash = "http://192.0.2.7:8080", bytes.fromhex(published["M"])
    token, mask = bytes.fromhex(published["token"]["bytes"]), bytes.fromhex(published["token"]["mask"])
    payload = b"\x01" + manifest_hash + token + mask
    cases = []

    def case(name, valid, why, url):
        cases.append({"name": name, "valid": valid, "why": why, "url": url})

    def coded(data):
        return origin + "/#" + base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")

    base = slip_qr(origin, manifest_hash, token, mask)
    case("base", True, "version, M, token, mask", base)
    case("no item excluded", True, "empty mask", coded(payload[:-1] + b"\x00"))
    case("all items excluded", True, "the bits of three items", coded(payload[:-1] + b"\x07"))
    case("bit above the last item", False, "mask", coded(payload[:-1] + b"\x08"))
    case("version 2", False, "version", coded(b"\x02" + payload[1:]))
    case("no mask", False, "length", coded(payload[:-1]))
    case("mask too wide", False, "length", coded(payload + b"\x00"))
    case("padding", False, "base64url without padding", base + "=")
    case("standard alphabet", False, "base64url", coded(b"\x01" + b"\xff" * 42 + b"\x00").replace("_", "/"))
    # 44 bytes leave two spare bits in the last character, which must be zero
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    case("spare bits set", False, "only the canonical base64url", base[:-1] + alphabet[alphabet.index(base[-1]) + 1])
    case("space behind", False, "not base64url", base + " ")
    case("query instead of fragment", False, "the token stands in the fragment", base.replace("/#", "/?"))
    case("empty fragment", False, "length", origin + "/#")
    return {"about": "the slip's code; accepted for a manifest of `items` items", "items": 3, "origin": origin,
            "M": manifest_hash.hex(), "token": token.hex(), "cases": cases}
