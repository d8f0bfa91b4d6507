"""Own vectors, part 2: log entries, log order, lists, notes."""
import base64

import log as log_
import merkle
import notes
from curve import L
from encoding import i2osp, sha256
from log import (CLOSED, DESTROYED, ENROLMENT_ENDED, MANIFEST, OPENED, PAPER, PUBLISHED, RESULT, SLIP_VOIDED, VOIDED,
                 WINDOW_CLOSED, WINDOW_OPENED, encode)

A, B = bytes(range(16)), bytes(range(16, 32))
ROOT, OTHER = b"\xaa" * 32, b"\xbb" * 32


def plain(value):
    """A decoded entry as JSON: bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def fields(entry):
    return {name: plain(value) for name, value in entry.items() if name != "bytes"}


def log_entries():
    cases = []

    def case(name, valid, why, data):
        entry = {"name": name, "valid": valid, "why": why, "bytes": data.hex()}
        if valid:
            entry["fields"] = fields(log_.decode_all(data)[0])
        cases.append(entry)

    samples = {
        "manifest": (MANIFEST, {"M": ROOT}), "window opened": (WINDOW_OPENED, {"window": 1}),
        "window closed": (WINDOW_CLOSED, {"window": 1, "present": 9, "redeemed": 8, "root": ROOT}),
        "enrolment ended": (ENROLMENT_ENDED, {"windows": 2, "unused": 3}),
        "slip voided": (SLIP_VOIDED, {"T": ROOT, "reason": 2, "window": 1}),
        "contest opened": (OPENED, {"item": 1, "round": 2, "window": 1, "empty": 1}),
        "contest closed": (CLOSED, {"item": 300, "round": 1, "size": 7, "root": ROOT}),
        "paper counted": (PAPER, {"item": 1, "round": 1, "issued": 6, "invalid": 1, "ungraded": 0, "p": [4, 0, 0, 1, 0]}),
        "published": (PUBLISHED, {"item": 1, "round": 1, "withheld": 0, "t": [5, 0, 1], "R": OTHER, "proofs": [bytes(64)]}),
        "published, withheld": (PUBLISHED, {"item": 1, "round": 1, "withheld": 1, "proofs": [bytes(64)]}),
        "published, empty": (PUBLISHED, {"item": 1, "round": 1, "withheld": 0, "t": [0, 0], "R": bytes(32), "proofs": []}),
        "published, two chunks": (PUBLISHED, {"item": 1, "round": 1, "withheld": 0, "t": [65535, 1], "R": OTHER,
                                              "proofs": [bytes(64), b"\x01" * 64]}),
        "voided after": (VOIDED, {"item": 1, "round": 1, "after": 1}),
        "voided before": (VOIDED, {"item": 1, "round": 1, "after": 0}),
        "rehearsal destroyed": (DESTROYED, {"item": 0, "round": 0}), "result": (RESULT, {"note_hash": ROOT}),
    }
    for name, (kind, values) in samples.items():
        data = encode(kind, [(1, A)], **values)
        case(name, True, "one actor", data)
        case(name + ", no actor", True, "none", encode(kind, **values))
        case(name + ", two actors", True, "two", encode(kind, [(2, A), (4, B)], **values))
        case(name + ", cut short", False, "last byte missing", data[:-1])
        case(name + ", one byte more in the entry", False, "length counts a byte that no field has",
             data[:2] + i2osp(len(data) - 5, 4) + data[6:] + b"\x00")
        case(name + ", one byte less in the entry", False, "length cuts a field",
             data[:2] + i2osp(len(data) - 7, 4) + data[6:-1])
        case(name + ", trailing byte", False, "a byte behind the entry", data + b"\x00")
    base = encode(WINDOW_OPENED, [(1, A)], window=1)
    body = i2osp(1, 1)

    def raw(kind, content):
        return b"\x01" + i2osp(kind, 1) + i2osp(len(content), 4) + content

    case("version 0", False, "version", b"\x00" + base[1:])
    case("version 2", False, "version", b"\x02" + base[1:])
    case("kind 0", False, "kind", raw(0, b"\x00" + body))
    case("kind 13", False, "kind", raw(13, b"\x00" + body))
    case("three actors", False, "at most two", raw(2, b"\x03" + b"".join(b"\x01" + bytes([i]) * 16 for i in range(3)) + body))
    case("role 0", False, "role", raw(2, b"\x01\x00" + A + body))
    case("role 5", False, "role", raw(2, b"\x01\x05" + A + body))
    case("two actors, one id", False, "ids differ", raw(2, b"\x02\x01" + A + b"\x02" + A + body))
    case("actor count missing", False, "actors", raw(2, b""))
    case("length of 4 GiB", False, "length", base[:2] + b"\xff\xff\xff\xff" + base[6:])
    case("reason 0", False, "reason 1..3", encode(SLIP_VOIDED, T=ROOT, reason=0, window=1))
    case("reason 4", False, "reason 1..3", encode(SLIP_VOIDED, T=ROOT, reason=4, window=1))
    case("empty 0", False, "always 1", encode(OPENED, item=1, round=1, window=1, empty=0))
    case("withheld 2", False, "0 or 1", encode(PUBLISHED, item=1, round=1, withheld=2, proofs=[]))
    case("withheld with counts", False, "no t in a withheld entry",
         encode(PUBLISHED, item=1, round=1, withheld=1, t=[1, 1], R=b"", proofs=[]))
    case("after 2", False, "0 or 1", encode(VOIDED, item=1, round=1, after=2))
    case("destroyed, item 1", False, "the rehearsal only", encode(DESTROYED, item=1, round=0))
    case("destroyed, round 1", False, "the rehearsal only", encode(DESTROYED, item=0, round=1))
    case("chunks not there", False, "chunks", raw(9, b"\x00" + i2osp(1, 2) + b"\x01\x01\x00\x02" + bytes(64)))
    case("empty", False, "no entry (a log has at least one)", b"")
    return {"about": "one log entry, decoded strictly: exactly one, every byte consumed", "cases": cases}


def log_order(manifest):
    cases = []
    m = encode(MANIFEST, M=manifest.M)
    t = [bytes([i]) * 32 for i in range(1, 6)]

    def wopen(w):
        return encode(WINDOW_OPENED, window=w)

    def wclose(w, present=3):
        return encode(WINDOW_CLOSED, window=w, present=present, redeemed=2, root=ROOT)

    def ended(w):
        return encode(ENROLMENT_ENDED, windows=w, unused=1)

    def void(token, w, reason=1):
        return encode(SLIP_VOIDED, T=token, reason=reason, window=w)

    def copen(i, r, w=1):
        return encode(OPENED, item=i, round=r, window=w, empty=1)

    def cclose(i, r, size=6):
        return encode(CLOSED, item=i, round=r, size=size, root=ROOT)

    def paper(i, r, n=5):
        return encode(PAPER, item=i, round=r, issued=0, invalid=0, ungraded=0, p=[0] * n)

    def publish(i, r, n=5):
        return encode(PUBLISHED, item=i, round=r, withheld=0, t=[0] * n, R=bytes(32), proofs=[])

    def withhold(i, r):
        return encode(PUBLISHED, item=i, round=r, withheld=1, proofs=[])

    def cvoid(i, r, after):
        return encode(VOIDED, item=i, round=r, after=after)

    gone, result = encode(DESTROYED, item=0, round=0), encode(RESULT, note_hash=ROOT)
    ready = [m, wopen(1), wclose(1)]
    one = ready + [copen(1, 1), cclose(1, 1)]

    def good(name, entries):
        cases.append({"name": name, "valid": True, "why": "", "rule": 0, "entries": [e.hex() for e in entries]})

    def bad(name, rule, entries):
        cases.append({"name": name, "valid": False, "why": "the last entry breaks the rule", "rule": rule,
                      "entries": [e.hex() for e in entries]})

    good("manifest alone", [m])
    good("no contest at all", ready + [ended(1), result])
    good("one contest", one + [publish(1, 1), ended(1), result])
    good("withheld", one + [withhold(1, 1), ended(1), result])
    good("paper, then published", one + [paper(1, 1), publish(1, 1)])
    good("published, voided, second round", one + [publish(1, 1), cvoid(1, 1, 1), copen(1, 2)])
    good("voided, second round", one + [cvoid(1, 1, 0), copen(1, 2)])
    good("published, second round", one + [publish(1, 1), copen(1, 2)])
    good("two contests open at once", ready + [copen(2, 1), copen(1, 1), cclose(1, 1)])
    good("rehearsal", ready + [copen(0, 0), gone, wopen(2)])
    good("second window after a contest", one + [wopen(2), wclose(2), copen(2, 1, 2)])
    good("slips voided", [m, wopen(1), void(t[0], 1), void(t[1], 1, 3), wclose(1), void(t[2], 1), ended(1)])
    good("enrolment ended, contest after", ready + [ended(1), copen(1, 1), cclose(1, 1), publish(1, 1), result])
    good("numbers above the limits are V9's", [m, wopen(1), wclose(1, 5000)])
    bad("no manifest entry", 1, [wopen(1)])
    bad("other manifest", 1, [encode(MANIFEST, M=OTHER)])
    bad("manifest twice", 1, [m, m])
    bad("window while one is open", 2, [m, wopen(1), wopen(2)])
    bad("window 2 first", 2, [m, wopen(2)])
    bad("window number again", 2, ready + [wopen(1)])
    bad("window while a contest is open", 2, ready + [copen(1, 1), wopen(2)])
    bad("window while the rehearsal is open", 2, ready + [copen(0, 0), wopen(2)])
    bad("window after the end", 2, ready + [ended(1), wopen(2)])
    bad("closing no window", 3, [m, wclose(1)])
    bad("closing another window", 3, [m, wopen(1), wclose(2)])
    bad("closing twice", 3, ready + [wclose(1)])
    bad("end without a window", 4, [m, ended(0)])
    bad("end with a window open", 4, [m, wopen(1), ended(1)])
    bad("end twice", 4, ready + [ended(1), ended(1)])
    bad("end with another count", 4, ready + [ended(2)])
    bad("slip voided twice", 5, ready + [void(t[0], 1), void(t[0], 1)])
    bad("slip voided for another window", 5, ready + [void(t[0], 2)])
    bad("slip voided after the end", 5, ready + [ended(1), void(t[0], 1)])
    bad("no such contest", 6, ready + [copen(9, 1)])
    bad("no such round", 6, ready + [copen(1, 3)])
    bad("item 0, round 1", 6, ready + [copen(0, 1)])
    bad("contest while a window is open", 6, [m, wopen(1), copen(1, 1)])
    bad("contest before any window", 6, [m, copen(1, 1, 0)])
    bad("contest for another window", 6, ready + [copen(1, 1, 2)])
    bad("opened again", 6, ready + [copen(1, 1), copen(1, 1)])
    bad("opened again after voiding", 6, one + [cvoid(1, 1, 0), copen(1, 1)])
    bad("second round without the first", 6, ready + [copen(1, 2)])
    bad("second round while the first is only closed", 6, one + [copen(1, 2)])
    bad("rehearsal again", 6, ready + [copen(0, 0), gone, copen(0, 0)])
    bad("closed without opening", 7, ready + [cclose(1, 1)])
    bad("closed twice", 7, one + [cclose(1, 1)])
    bad("rehearsal closed", 7, ready + [copen(0, 0), cclose(0, 0)])
    bad("paper before closing", 8, ready + [copen(1, 1), paper(1, 1)])
    bad("paper twice", 8, one + [paper(1, 1), paper(1, 1)])
    bad("paper after publishing", 8, one + [publish(1, 1), paper(1, 1)])
    bad("paper after voiding", 8, one + [cvoid(1, 1, 0), paper(1, 1)])
    bad("paper with four options", 8, one + [paper(1, 1, 4)])
    bad("published before closing", 9, ready + [copen(1, 1), publish(1, 1)])
    bad("published twice", 9, one + [publish(1, 1), publish(1, 1)])
    bad("published after voiding", 9, one + [cvoid(1, 1, 0), publish(1, 1)])
    bad("published with six options", 9, one + [publish(1, 1, 6)])
    bad("voided before closing", 10, ready + [copen(1, 1), cvoid(1, 1, 0)])
    bad("voided twice", 10, one + [cvoid(1, 1, 0), cvoid(1, 1, 0)])
    bad("after, but not published", 10, one + [cvoid(1, 1, 1)])
    bad("before, but published", 10, one + [publish(1, 1), cvoid(1, 1, 0)])
    bad("destroyed without opening", 11, ready + [gone])
    bad("destroyed twice", 11, ready + [copen(0, 0), gone, gone])
    bad("result before the end of enrolment", 12, one + [publish(1, 1), result])
    bad("result with a contest open", 12, ready + [ended(1), copen(1, 1), result])
    bad("result with a contest closed only", 12, one + [ended(1), result])
    bad("result with the rehearsal open", 12, ready + [copen(0, 0), ended(1), result])
    bad("entry behind the result", 12, ready + [ended(1), result, result])
    return {"about": "sequences of entries; each entry must be allowed where it stands, a sequence may be unfinished",
            "manifest": manifest.bytes.decode("utf-8"), "M": manifest.M.hex(), "cases": cases}


def slip_lists(election):
    cases = []
    sources = {"leaves": election.leaves, "redeemed": election.redeemed, "voided": election.voided}
    for name, records in sources.items():
        def case(title, valid, why, parts, name=name):
            data = b"".join(parts)
            entry = {"name": name + ": " + title, "valid": valid, "why": why, "list": name, "bytes": data.hex()}
            if valid:
                leaves = [r[:-1] for r in parts] if name == "redeemed" else parts
                entry.update(count=len(parts), root=merkle.root_of(leaves).hex())
            cases.append(entry)

        case("as made", True, "root: the RFC 9162 tree over the records (redeemed: without the window)", records)
        case("empty", True, "no record", [])
        case("cut short", False, "whole records", records[:-1] + [records[-1][:-1]])
        case("one byte more", False, "whole records", records + [b"\x01"])
        case("out of order", False, "ascending by T", [records[1], records[0]] + records[2:])
        case("one twice", False, "strictly ascending", records[:1] + records)
        case("version 2", False, "version", [b"\x02" + records[0][1:]] + records[1:])
        if name != "voided":
            case("mask above the last item", False, "mask", [records[0][:33] + b"\x08" + records[0][34:]] + records[1:])
            twin = records[0][:33] + b"\x07" + records[0][34:]
            case("one T with two masks", False, "strictly ascending by T", [records[0], twin] + records[1:])
        if name != "leaves":
            case("window 0", False, "windows 1..closed", [records[0][:-1] + b"\x00"] + records[1:])
            case("window 3 of 2", False, "windows 1..closed", [records[0][:-1] + b"\x03"] + records[1:])
        if name == "voided":
            case("reason 0", False, "reasons 1..3", [records[0][:33] + b"\x00" + records[0][34:]] + records[1:])
            case("reason 4", False, "reasons 1..3", [records[0][:33] + b"\x04" + records[0][34:]] + records[1:])
    return {"about": "tokens/leaves, tokens/redeemed, tokens/voided, decoded strictly", "items": election.item_count,
            "windows": election.window, "cases": cases}


def note_cases(election):
    m, cases = election.manifest, []
    samples = {
        "receipt": (notes.receipt_text(m, 1, 2, sha256(b"leaf")).encode("ascii"), "receipt", "receipt"),
        "checkpoint": (notes.checkpoint_text(m.origin + "/log", 17, ROOT), "log", "log"),
        "board checkpoint": (notes.checkpoint_text(m.origin + "/board/1/2", 8, ROOT), "log", "log"),
        "result": (notes.open_note(election.files["result"], m.origin + "/result", m.result_key), "result", "result"),
    }
    for kind, (text, name, secret) in samples.items():
        name, seed = m.origin + "/" + name, election.secret[secret]
        key = m.json["keys"][secret]
        note = notes.make_note(text, name, seed)
        blank = note.rindex(b"\n\n") + 1
        signature = note[blank + 1:]

        def case(title, valid, why, data, kind=kind, name=name, key=key, text=text):
            cases.append({"name": kind + ": " + title, "valid": valid, "why": why, "kind": kind, "key_name": name,
                          "key": key, "note": data.hex(), "text": text.hex() if valid else ""})

        other = notes.make_note(text, name + "x", seed)
        case("as made", True, "one signature line", note)
        case("two signature lines", False, "exactly one", note + signature)
        case("second signature by another name", False, "exactly one", note + other[blank + 1:])
        case("no signature line", False, "exactly one", note[:blank + 1])
        case("no blank line", False, "blank line", text + signature)
        case("two blank lines", False, "the signed text then ends with an empty line", text + b"\n\n" + signature)
        case("CRLF", False, "LF only", note.replace(b"\n", b"\r\n"))
        case("CR in the text", False, "no control characters", notes.make_note(text[:-1] + b"\r\n", name, seed))
        case("no LF at the end", False, "each line ends with LF", note[:-1])
        case("LF more at the end", False, "nothing behind", note + b"\n")
        case("wrong name", False, "name of the key", other)
        case("wrong key hash", False, "key hash", text + b"\n" + _with_payload(signature, lambda p: b"\x00" * 4 + p[4:]))
        case("payload one byte short", False, "length", text + b"\n" + _with_payload(signature, lambda p: p[:-1]))
        case("payload one byte long", False, "length", text + b"\n" + _with_payload(signature, lambda p: p + b"\x00"))
        case("signature with S + L", False, "S below L", text + b"\n" + _with_payload(signature, _plus_order))
        case("spare bits in base64", False, "canonical base64", note[:-3] + _next_letter(note[-3:-2]) + b"=\n")
        case("no padding", False, "canonical base64", note.replace(b"=\n", b"\n"))
        case("hyphen for the dash", False, "em dash and space", note.replace("—".encode("utf-8"), b"-"))
        case("two spaces", False, "one space", note.replace("— ".encode("utf-8"), "—  ".encode("utf-8")))
        case("text changed", False, "signature", bytes([note[0] ^ 1]) + note[1:])
        case("signed by another key", False, "signature", notes.make_note(text, name, bytes(32)))
        case("not UTF-8", False, "UTF-8", notes.make_note(text[:-1] + b"\xff\n", name, seed))
        case("empty", False, "nothing there", b"")
    return {"about": "signed notes under key_name and key; text: what is signed", "cases": cases}


def _with_payload(signature, change):
    head, _, payload = signature[:-1].rpartition(b" ")
    return head + b" " + base64.b64encode(change(base64.b64decode(payload))) + b"\n"


def _plus_order(payload):
    return payload[:36] + (int.from_bytes(payload[36:], "little") + L).to_bytes(32, "little")


def _next_letter(letter):
    """68 bytes end in one padding sign and two spare bits; the next letter sets one of them."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(letter) + 1:][:1]
