"""Own vectors, part 4: a small complete bundle, and false ones made from it with every key in the forger's hands."""
import audit
import board
import container
import ed25519
import log as log_
import merkle
import notes
import ristretto
from election import SCALE, Election
from encoding import enc, sha256
from prover import Cast, Stream

PUBLISHED_KEY = (1, 2)


def small_election():
    """Two windows; 1/1 voided after publication, 1/2 published with five papers, 2/1 withheld, 2/2 empty,
    3/1 voided before publication, 3/2 published; the rehearsal destroyed."""
    excluded = {0: [1], 3: [2], 8: [1]}
    e = Election("own small", 3, 2, 20, 16, excluded, ("office", "chair"))
    e.kept = {}

    def vote(item, round_, choices):
        e.open(item, round_)
        for index, j in choices:
            made = e.cast(item, round_, e.slips[index], j)
            e.kept[item, round_, index] = e.receipt(item, round_, made)
        e.close(item, round_)

    e.open_window()
    for slip in e.slips[:6]:
        e.redeem(slip)
    for slip in e.slips[8:11]:
        e.void_slip(slip, 1)
    e.close_window(10)
    e.open(0, 0)
    e.destroy_rehearsal()
    vote(1, 1, [(1, 0), (2, 0), (3, 1), (4, 3), (5, 4)])
    e.publish(1, 1)
    e.void(1, 1, 1)
    vote(2, 1, [(0, 0), (1, 1), (2, 0), (4, 2)])
    e.publish(2, 1)
    e.open_window()
    for slip in e.slips[6:8]:
        e.redeem(slip)
    for slip in e.slips[11:14]:
        e.void_slip(slip, 1)
    e.void_slip(e.slips[14], 2)
    e.close_window(15)
    e.void_slip(e.slips[15], 3)
    e.end_enrolment()
    vote(1, 2, [(1, 0), (2, 1), (3, 0), (4, 3), (5, 2), (6, 4), (7, 0)])
    e.paper(1, 2, 5, [2, 1, 0, 1, 0], invalid=1)
    e.publish(1, 2)
    vote(2, 2, [])
    e.paper(2, 2, 2, [0] * 5, ungraded=2)
    e.publish(2, 2)
    vote(3, 1, [(0, 0), (1, 1), (2, 2), (5, 3), (6, 0)])
    e.void(3, 1, 0)
    vote(3, 2, [(0, 3), (1, 0), (2, 3), (3, 0), (4, 0), (5, 0), (6, 4), (7, 1)])
    e.publish(3, 2)
    e.bundle = e.finish()
    return e


def receipts(e):
    """Receipt files by name: on a board, not on a board, wrongly signed."""
    absent = Cast(e.M, 3, 2, 5, bytes(32), b"\x00" * 32, 0, Stream("own absent"))
    on_board = e.kept[1, 2, 1]
    wrong_contest = notes.receipt_text(e.manifest, 3, 2, bytes.fromhex(on_board.decode("utf-8").split("\n")[3]))
    sign = e.manifest.origin + "/receipt", e.secret["receipt"]
    return {
        "bundle-small.receipt-valid": on_board,
        "bundle-small.receipt-voided-contest": e.kept[3, 1, 0],
        "bundle-small.receipt-absent": e.receipt(3, 2, absent),
        "bundle-small.receipt-wrong-contest": notes.make_note(wrong_contest.encode("ascii"), *sign),
        "bundle-small.receipt-forged": on_board.replace(b"\n1/2\n", b"\n3/2\n"),
    }


def description(e):
    files = receipts(e)
    runs = []
    for name, presented in [("no receipt", [])] + [(name, [name]) for name in files] + [
            ("two receipts", ["bundle-small.receipt-valid", "bundle-small.receipt-voided-contest"]),
            ("a good and an absent receipt", ["bundle-small.receipt-valid", "bundle-small.receipt-absent"])]:
        bad = [r for r in presented if r not in ("bundle-small.receipt-valid", "bundle-small.receipt-voided-contest")]
        counts = [1, len(e.entries), 6, 29, 29, 29, 5, 6, 6, 20, 3, 1, len(presented), 0]
        steps = [{"step": step, "verdict": audit.HELD if count else audit.NONE, "count": count}
                 for (step, _), count in zip(audit.STEPS, counts)]
        if bad:
            steps[12] = {"step": "V13", "verdict": audit.FAILED, "count": 0}
            steps[13]["verdict"] = audit.NOT_REACHED
        runs.append({"name": name, "receipts": presented, "exit": 1 if bad else 0, "failed": "V13" if bad else None,
                     "steps": steps})
    return {"about": "expected verdicts of bundle-small.zip", "bundle": "bundle-small.zip",
            "sha256": sha256(e.bundle).hex(), "M": e.M.hex(), "screen_code": e.manifest.screen_code(),
            "result": e.files["result"].decode("utf-8"), "summary": e.files["summary.txt"].decode("utf-8"), "runs": runs}


class Forger:
    """Makes consistent false bundles: changes one thing and signs everything again that speaks of it."""

    def __init__(self, e):
        self.e, self.m, self.cases = e, e.manifest, []

    def add(self, failed, name, files):
        base = self.e.files
        changed = {path: data.hex() for path, data in sorted(files.items()) if base.get(path) != data}
        changed.update({path: None for path in sorted(base) if path not in files})
        self.cases.append({"name": name, "valid": False, "why": "", "failed": failed, "files": changed})

    def put(self, failed, name, path, data):
        files = dict(self.e.files)
        if data is None:
            del files[path]
        else:
            files[path] = data
        self.add(failed, name, files)

    def with_log(self, entries, files=None):
        """Log and checkpoint for these entries."""
        files = dict(files or self.e.files)
        files["log/entries"] = b"".join(entries)
        text = notes.checkpoint_text(self.m.origin + "/log", len(entries), merkle.root_of(entries))
        files["log/checkpoint"] = notes.make_note(text, self.m.origin + "/log", self.e.secret["log"])
        return files

    def entry(self, kind, change, files=None, **where):
        """Changes fields of the first entry of this kind that matches."""
        entries = list(self.e.entries)
        for i, data in enumerate(entries):
            parsed = log_.decode_all(data)[0]
            if parsed["kind"] == kind and all(parsed[n] == v for n, v in where.items()):
                fields = {n: v for n, v in parsed.items() if n not in ("kind", "actors", "bytes", "n")}
                fields.update(change)
                entries[i] = log_.encode(kind, parsed["actors"], **fields)
                return self.with_log(entries, files)
        raise ValueError("no such entry")

    def with_note(self, change):
        """Changes the result's text, signs it, and names it in the log."""
        text = self.e.files["result"].partition(b"\n\n")[0] + b"\n"
        changed = change(text)
        if changed == text:
            raise ValueError("the note did not change")
        note = notes.make_note(changed, self.m.origin + "/result", self.e.secret["result"])
        last = log_.encode(log_.RESULT, self.e.actors, note_hash=sha256(note))
        return self.with_log(self.e.entries[:-1] + [last], dict(self.e.files, result=note))

    def with_board(self, ballots, key=PUBLISHED_KEY):
        """Another board, with checkpoint and log entry to match."""
        files, path = dict(self.e.files), "board/%d-%d/" % key
        root = board.root(ballots)
        text = notes.checkpoint_text(self.m.origin + "/board/%d/%d" % key, len(ballots), root)
        files[path + "checkpoint"] = notes.make_note(text, self.m.origin + "/log", self.e.secret["log"])
        files[path + "entries"] = board.join_entries(ballots)
        return self.entry(log_.CLOSED, {"size": len(ballots), "root": root}, files, item=key[0], round=key[1])

    def replaced(self, new):
        """The published board with its first ballot replaced, in order again."""
        ballots = [made.bytes for made in self.e.urns[PUBLISHED_KEY]]
        return self.with_board(sorted([new] + ballots[1:], key=merkle.leaf_hash))


def mutants(e):
    f, files = Forger(e), e.files
    _container(f, files)
    _boards(f, e, files)
    _counts(f, e, files)
    _results(f, files)
    return {"about": "bundle-small with some files replaced (hex) or removed (null), in a container built again; "
                     "`failed` is the first step that fails", "base": "bundle-small.zip", "cases": f.cases}


def _container(f, files):
    f.put("container", "no summary", "summary.txt", None)
    f.put("container", "unknown file", "extra", b"")
    f.put("container", "leading zero in a path", "board/01-2/entries", b"")
    f.put("container", "item above 65535", "board/65536-1/entries", b"")
    manifest = files["manifest.json"]
    f.put("V1", "manifest with a duplicate name", "manifest.json", manifest.replace(b"{", b'{"title": "x", ', 1))
    f.put("V1", "manifest with trailing garbage", "manifest.json", manifest + b"x")
    f.put("V2", "other title", "manifest.json", manifest.replace("示例礼堂".encode(), "示例大厅".encode()))
    f.put("V2", "white space behind the manifest", "manifest.json", manifest + b"\n")
    f.put("V2", "log cut short", "log/entries", files["log/entries"][:-1])
    f.put("V2", "empty log", "log/entries", b"")
    f.put("V2", "checkpoint of a board", "log/checkpoint", files["board/1-2/checkpoint"])
    f.put("V2", "checkpoint with a bit flipped", "log/checkpoint", files["log/checkpoint"].replace(b"/log\n", b"/lof\n", 1))
    f.add("V2", "log without its result", f.with_log(f.e.entries[:-1]))
    f.add("V2", "log without the end of enrolment",
          f.with_log([x for x in f.e.entries if x[1] != log_.ENROLMENT_ENDED]))
    f.add("V2", "second opening of a contest", f.with_log(
        f.e.entries[:-1] + [log_.encode(log_.OPENED, item=1, round=2, window=2, empty=1)] + f.e.entries[-1:]))


def _boards(f, e, files):
    urn = e.urns[PUBLISHED_KEY]
    ballots = [made.bytes for made in urn]
    f.put("V3", "published without a tally", "board/1-2/tally", None)
    f.put("V3", "withheld with a tally", "board/2-1/tally", files["board/1-2/tally"])
    f.put("V3", "voided before with a tally", "board/3-1/tally", files["board/1-2/tally"])
    f.put("V3", "empty board with a proof", "board/2-2/proof", b"\x01")
    f.put("V3", "files of the rehearsal", "board/0-0/entries", b"")
    f.put("V3", "proof of version 2", "board/1-2/proof", b"\x02" + files["board/1-2/proof"][1:])
    f.put("V3", "entries cut short", "board/1-2/entries", files["board/1-2/entries"][:-1])
    f.put("V3", "a ballot dropped", "board/1-2/entries", board.join_entries(ballots[1:]))
    f.put("V3", "checkpoint of another board", "board/1-2/checkpoint", files["board/3-2/checkpoint"])
    f.add("V4", "two ballots swapped", f.with_board([ballots[1], ballots[0]] + ballots[2:]))
    f.add("V4", "one ballot twice", f.with_board(ballots[:1] + ballots))
    f.add("V4", "a ballot cut short", f.replaced(ballots[0][:-1]))
    f.add("V4", "a ballot of version 2", f.replaced(b"\x02" + ballots[0][1:]))
    f.add("V4", "a ballot of another contest", f.replaced(e.urns[3, 2][0].bytes))
    first = urn[0]

    def cast(label, credential, seed=first.key_seed, j=0):
        return Cast(e.M, *PUBLISHED_KEY, len(SCALE), seed, credential, j, Stream(label)).bytes

    again = cast("own second ballot", first.N)
    f.add("V4", "two ballots of one key", f.with_board(sorted(ballots + [again], key=merkle.leaf_hash)))
    f.add("V5", "a signature changed", f.replaced(ballots[0][:-1] + bytes([ballots[0][-1] ^ 1])))
    z = len(ballots[0]) - 96
    f.add("V5", "a response changed", f.replaced(ballots[0][:z] + bytes(32) + ballots[0][z + 32:]))
    f.add("V6", "a false choice, signed", f.replaced(_signed_again(e, first, z)))
    f.add("V6", "a first message that is the identity, signed", f.replaced(_signed_again(e, first, 100)))
    f.add("V7", "an alien credential", f.replaced(cast("own alien", ristretto.encode(ristretto.G.multiply(9)))))
    f.add("V7", "a credential that does not decode", f.replaced(cast("own alien", b"\xff" * 32)))
    f.add("V7", "a ballot without authorisation", f.with_board(
        sorted(ballots + [cast("own extra", first.N, bytes(32))], key=merkle.leaf_hash)))
    proof = files["board/1-2/proof"]
    f.put("V7", "proof of another board", "board/1-2/proof", files["board/3-2/proof"])
    f.put("V7", "no chunk", "board/1-2/proof", b"\x01")
    f.put("V7", "two chunks", "board/1-2/proof", proof + proof[1:])
    f.put("V7", "half a chunk", "board/1-2/proof", proof[:33])
    tally = files["board/1-2/tally"]
    t, r = e.tallies[PUBLISHED_KEY]
    moved = [t[0] - 1, t[1] + 1] + t[2:]
    f.put("V8", "R + 1", "board/1-2/tally", board.tally_bytes(t, r + 1))
    f.put("V8", "tally cut short", "board/1-2/tally", tally[:-1])
    f.put("V8", "empty board with R", "board/2-2/tally", board.tally_bytes([0] * 5, 1))
    f.put("V8", "one vote moved", "board/1-2/tally", board.tally_bytes(moved, r))
    f.add("V8", "one vote moved, in the log too", f.entry(
        log_.PUBLISHED, {"t": moved}, dict(files, **{"board/1-2/tally": board.tally_bytes(moved, r)}), item=1, round=2))
    f.add("V8", "other t in the log", f.entry(log_.PUBLISHED, {"t": moved}, item=1, round=2))
    f.add("V8", "other proof in the log", f.entry(log_.PUBLISHED, {"proofs": [bytes(64)]}, item=1, round=2))
    f.add("V8", "no proof in the log, withheld", f.entry(log_.PUBLISHED, {"proofs": []}, item=2, round=1))
    f.add("V8", "four ballots not withheld", f.entry(
        log_.PUBLISHED, {"withheld": 0, "t": [2, 1, 1, 0, 0], "R": ristretto.encode_scalar(e.tallies[2, 1][1])},
        item=2, round=1))
    f.add("V8", "seven ballots withheld", f.entry(log_.PUBLISHED, {"withheld": 1, "t": [], "R": b""}, item=1, round=2))


def _signed_again(e, made, offset):
    body = made.bytes[:offset] + bytes(32) + made.bytes[offset + 32:-64]
    return body + ed25519.sign(made.key_seed, enc("douxuan/v1/ballot", e.M, body))


def _counts(f, e, files):
    redeemed, leaves, voided = (files["tokens/" + name] for name in ("redeemed", "leaves", "voided"))
    width = len(e.redeemed[0])
    f.put("V9", "a leaf missing", "tokens/leaves", leaves[34:])
    f.put("V9", "half a record", "tokens/redeemed", redeemed[:-1])
    f.put("V9", "a redeemed slip missing", "tokens/redeemed", redeemed[width:])
    f.put("V9", "redeemed in window 3", "tokens/redeemed", redeemed[:width - 1] + b"\x03" + redeemed[width:])
    f.put("V9", "a voided slip missing", "tokens/voided", voided[35:])
    paper = next(i for i, record in enumerate(e.voided) if record[33] == 1)
    f.put("V9", "a paper slip voided as lost", "tokens/voided",
          b"".join(e.voided[:paper] + [e.voided[paper][:33] + b"\x02" + e.voided[paper][34:]] + e.voided[paper + 1:]))
    for kind, name, where, changes in (
            (log_.WINDOW_CLOSED, "window", {"window": 2}, [("present", 13), ("present", 17), ("redeemed", 7), ("redeemed", 9)]),
            (log_.ENROLMENT_ENDED, "end", {}, [("unused", 3), ("unused", 5)]),
            (log_.PAPER, "paper 1/2", {"item": 1, "round": 2}, [("issued", 4), ("issued", 6), ("invalid", 0), ("invalid", 2),
             ("ungraded", 1), ("p", [2, 0, 0, 1, 0]), ("p", [3, 1, 0, 1, 0]), ("p", [1, 2, 0, 1, 0])]),
            (log_.PAPER, "paper 2/2", {"item": 2, "round": 2}, [("ungraded", 1), ("ungraded", 3), ("invalid", 1),
             ("issued", 1), ("issued", 3)])):
        for field, value in changes:
            f.add("V9", "%s: %s %s" % (name, field, value), f.entry(kind, {field: value}, **where))
    f.add("V9", "window 2: present 16, possible, but not what the result says",
          f.entry(log_.WINDOW_CLOSED, {"present": 16}, window=2))
    _note_numbers(f, files)
    f.put("V10", "a leaf's mask changed", "tokens/leaves", _other_mask(e, leaves))
    f.put("V10", "a redeemed slip's signature changed", "tokens/redeemed",
          redeemed[:width - 3] + bytes([redeemed[width - 3] ^ 1]) + redeemed[width - 2:])
    f.put("V10", "a request hash changed", "tokens/redeemed", redeemed[:40] + bytes([redeemed[40] ^ 1]) + redeemed[41:])
    f.add("V10", "window root changed", _window_root(f, e))
    lost = next(i for i, record in enumerate(e.voided) if record[33] == 2)
    f.put("V10", "a lost slip voided as other", "tokens/voided",
          b"".join(e.voided[:lost] + [e.voided[lost][:33] + b"\x03" + e.voided[lost][34:]] + e.voided[lost + 1:]))


def _note_numbers(f, files):
    """Every number of the V9 lines off by one; the signature is V12's and not reached."""
    lines = files["result"].decode("utf-8").split("\n")
    for index, line in enumerate(lines):
        words = line.split(" ")
        if words[0] not in ("slips", "window", "electronic", "paper", "total", "votes", "valid"):
            continue
        for place, word in enumerate(words):
            if word.isdigit():
                changed = " ".join(words[:place] + [str(int(word) + 1)] + words[place + 1:])
                text = "\n".join(lines[:index] + [changed] + lines[index + 1:])
                f.put("V9", "result line %d, number %d one more" % (index + 1, place), "result", text.encode("utf-8"))


def _other_mask(e, leaves):
    """The mask of a slip that is neither redeemed nor voided, so that no count changes."""
    spare = e.slips[-1].leaf
    at = leaves.index(spare)
    return leaves[:at + 33] + b"\x01" + leaves[at + 34:]


def _window_root(f, e):
    """Another root for window 1, in a result that repeats it."""
    parsed = [log_.decode_all(x)[0] for x in e.entries]
    old = next(p["root"] for p in parsed if p["kind"] == log_.WINDOW_CLOSED)
    new = b"\x5a" * 32
    entries = [x.replace(old, new) for x in e.entries[:-1]]
    text = e.files["result"].partition(b"\n\n")[0] + b"\n"
    note = notes.make_note(text.replace(old.hex().encode(), new.hex().encode()), f.m.origin + "/result", e.secret["result"])
    entries.append(log_.encode(log_.RESULT, e.actors, note_hash=sha256(note)))
    return f.with_log(entries, dict(e.files, result=note))


def _results(f, files):
    f.add("V11", "threshold decision turned", f.with_note(lambda t: t.replace(b" yes no\n", b" no no\n", 1)))
    f.add("V11", "threshold base one more", f.with_note(lambda t: t.replace(b"threshold poor 2 10 ", b"threshold poor 2 11 ")))
    f.add("V11", "threshold line missing", f.with_note(lambda t: t[:t.rindex(b"threshold")]))
    f.add("V11", "threshold of a voided contest", f.with_note(lambda t: t + b"threshold poor 1 4 yes no\n"))
    f.add("V12", "log root changed", f.with_note(lambda t: t.replace(b"\nlog ", b"\nlog 1", 1)))
    f.add("V12", "outcome changed", f.with_note(lambda t: t.replace(b"voided-before", b"withheld")))
    f.add("V12", "a line more", f.with_note(lambda t: t + b"remark none\n"))
    f.add("V12", "other M", f.with_note(lambda t: t.replace(f.e.M.hex().encode(), b"55" * 32)))
    note = files["result"]
    f.put("V12", "signature twice", "result", note + note[note.rindex(b"\n\n") + 2:])
    f.put("V12", "signature by the log key", "result",
          notes.make_note(note.partition(b"\n\n")[0] + b"\n", f.m.origin + "/result", f.e.secret["log"]))
    f.put("V12", "summary with one number more", "summary.txt", files["summary.txt"].replace("应到 16".encode(), "应到 17".encode()))
    f.put("V12", "summary with a byte order mark", "summary.txt", b"\xef\xbb\xbf" + files["summary.txt"])
    f.put("V12", "summary without its last LF", "summary.txt", files["summary.txt"][:-1])
    f.put("V12", "empty summary", "summary.txt", b"")


def containers(e):
    """The bundle's bytes changed outside the files: put [offset, hex], cut to a length, prepend or append hex."""
    data, cases = e.bundle, []
    end = len(data) - 22
    directory = int.from_bytes(data[end + 16:end + 20], "little")

    def case(name, **change):
        cases.append({"name": name, "valid": False, "why": "not a bundle", "failed": "container", **change})

    for name, offset in (("version needed", 4), ("flags", 6), ("method", 8), ("time", 10), ("date", 12), ("CRC", 14),
                         ("compressed size", 18), ("size", 22), ("name length", 26), ("extra length", 28)):
        case("first local header: " + name, put=[offset, bytes([data[offset] ^ 1]).hex()])
    for name, offset in (("made by", 4), ("version needed", 6), ("flags", 8), ("method", 10), ("time", 12), ("date", 14),
                         ("CRC", 16), ("size", 20), ("extra length", 30), ("comment length", 32), ("disk", 34),
                         ("internal", 36), ("external", 38), ("offset", 42), ("name", 46)):
        at = directory + offset
        case("first central header: " + name, put=[at, bytes([data[at] ^ 1]).hex()])
    for name, offset in (("disk", 4), ("files", 8), ("files in all", 10), ("size", 12), ("offset", 16), ("comment", 20)):
        case("end record: " + name, put=[end + offset, bytes([data[end + offset] ^ 1]).hex()])
    case("a byte behind", append="00")
    case("a byte in front", prepend="00")
    case("cut short by one", cut=len(data) - 1)
    case("no end record", cut=end)
    case("no directory", cut=directory)
    case("empty", cut=0)
    case("signature only", cut=4)
    return {"about": "bundle-small.zip changed: put [offset, hex] overwrites, cut keeps so many bytes, append and prepend "
                     "add hex", "base": "bundle-small.zip", "cases": cases}


def container_bytes(base, case):
    data = base
    if "put" in case:
        offset, part = case["put"][0], bytes.fromhex(case["put"][1])
        data = data[:offset] + part + data[offset + len(part):]
    if "cut" in case:
        data = data[:case["cut"]]
    return bytes.fromhex(case.get("prepend", "")) + data + bytes.fromhex(case.get("append", ""))


def mutant_bytes(base_files, case):
    files = dict(base_files)
    for path, data in case["files"].items():
        if data is None:
            del files[path]
        else:
            files[path] = bytes.fromhex(data)
    return container.build(files)
