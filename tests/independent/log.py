"""Log entries and their order (PROTOCOL section 21)."""
from encoding import enc, i2osp, sha256

(MANIFEST, WINDOW_OPENED, WINDOW_CLOSED, ENROLMENT_ENDED, SLIP_VOIDED, OPENED, CLOSED, PAPER, PUBLISHED, VOIDED,
 DESTROYED, RESULT) = range(1, 13)
PAPER_REASON = 1

# fields with fixed widths; a number is one integer, "b" marks bytes
FIXED = {
    MANIFEST: (("M", 32, "b"),),
    WINDOW_OPENED: (("window", 1, ""),),
    WINDOW_CLOSED: (("window", 1, ""), ("present", 4, ""), ("redeemed", 4, ""), ("root", 32, "b")),
    ENROLMENT_ENDED: (("windows", 1, ""), ("unused", 4, "")),
    SLIP_VOIDED: (("T", 32, "b"), ("reason", 1, ""), ("window", 1, "")),
    OPENED: (("item", 2, ""), ("round", 1, ""), ("window", 1, ""), ("empty", 1, "")),
    CLOSED: (("item", 2, ""), ("round", 1, ""), ("size", 4, ""), ("root", 32, "b")),
    VOIDED: (("item", 2, ""), ("round", 1, ""), ("after", 1, "")),
    DESTROYED: (("item", 2, ""), ("round", 1, "")),
    RESULT: (("note_hash", 32, "b"),),
}
ALLOWED = {"reason": (1, 2, 3), "empty": (1,), "withheld": (0, 1), "after": (0, 1)}


class LogError(ValueError):
    pass


class Reader:
    def __init__(self, data, offset=0, end=None):
        self.data, self.offset, self.end = data, offset, len(data) if end is None else end

    def take(self, width):
        if self.offset + width > self.end:
            raise LogError("entry cut short")
        self.offset += width
        return self.data[self.offset - width:self.offset]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")


def decode_all(data):
    """The entries as dicts, each with its `kind`, `actors` and exact `bytes`."""
    entries, offset = [], 0
    while offset < len(data):
        entry, offset = _decode_one(data, offset)
        entries.append(entry)
    return entries


def _decode_one(data, offset):
    reader = Reader(data, offset)
    if reader.number(1) != 1:
        raise LogError("entry version")
    kind, length = reader.number(1), reader.number(4)
    if not MANIFEST <= kind <= RESULT:
        raise LogError("unknown kind of entry")
    body = Reader(data, reader.offset, reader.offset + length)
    if body.end > len(data):
        raise LogError("entry cut short")
    entry = {"kind": kind, "actors": _actors(body)}
    for name, width, form in FIXED.get(kind, ()):
        entry[name] = body.take(width) if form else body.number(width)
    if kind == PAPER:
        for name, width in (("item", 2), ("round", 1), ("issued", 4), ("invalid", 4), ("ungraded", 4), ("n", 1)):
            entry[name] = body.number(width)
        entry["p"] = [body.number(4) for _ in range(entry["n"])]
    if kind == PUBLISHED:
        for name, width in (("item", 2), ("round", 1), ("withheld", 1), ("n", 1)):
            entry[name] = body.number(width)
        if entry["withheld"]:
            if entry["n"]:
                raise LogError("a withheld entry has no counts")
        else:
            entry["t"], entry["R"] = [body.number(4) for _ in range(entry["n"])], body.take(32)
        entry["proofs"] = [body.take(64) for _ in range(body.number(1))]
    for name, values in ALLOWED.items():
        if entry.get(name, values[0]) not in values:
            raise LogError("value of " + name)
    if kind == DESTROYED and (entry["item"], entry["round"]) != (0, 0):
        raise LogError("only the rehearsal is destroyed")
    if body.offset != body.end:
        raise LogError("bytes left over in an entry")
    entry["bytes"] = data[offset:body.end]
    return entry, body.end


def _actors(body):
    count = body.number(1)
    if count > 2:
        raise LogError("more than two actors")
    actors = []
    for _ in range(count):
        role = body.number(1)
        if not 1 <= role <= 4:
            raise LogError("unknown role")
        actors.append((role, body.take(16)))
    if count == 2 and actors[0][1] == actors[1][1]:
        raise LogError("two actors are one")
    return actors


def actor(role, manifest_hash, account):
    return role, sha256(enc("douxuan/v1/actor", manifest_hash, account.encode("utf-8")))[:16]


def encode(kind, actors=(), **fields):
    """One entry; the model's half of _decode_one()."""
    body = i2osp(len(actors), 1) + b"".join(i2osp(role, 1) + id_ for role, id_ in actors)
    for name, width, form in FIXED.get(kind, ()):
        body += fields[name] if form else i2osp(fields[name], width)
    if kind == PAPER:
        body += i2osp(fields["item"], 2) + i2osp(fields["round"], 1)
        body += i2osp(fields["issued"], 4) + i2osp(fields["invalid"], 4) + i2osp(fields["ungraded"], 4)
        body += i2osp(len(fields["p"]), 1) + b"".join(i2osp(p, 4) for p in fields["p"])
    if kind == PUBLISHED:
        body += i2osp(fields["item"], 2) + i2osp(fields["round"], 1) + i2osp(fields["withheld"], 1)
        t = fields.get("t", [])
        body += i2osp(len(t), 1) + b"".join(i2osp(count, 4) for count in t) + fields.get("R", b"")
        body += i2osp(len(fields["proofs"]), 1) + b"".join(fields["proofs"])
    return b"\x01" + i2osp(kind, 1) + i2osp(len(body), 4) + body


class Contest:
    """What the log says about one opened contest."""

    def __init__(self, key, window):
        self.key, self.window = key, window
        self.closed = self.paper = self.published = self.voided = None
        self.destroyed = False

    @property
    def size(self):
        return self.closed["size"]

    @property
    def too_few(self):
        return 1 <= self.size <= 4

    @property
    def outcome(self):
        """Section 23: a contest voided after publication is still withheld if it has 1 to 4 ballots."""
        if self.voided and not self.voided["after"]:
            return "voided-before"
        if self.too_few:
            return "withheld"
        return "voided-after" if self.voided else "published"

    @property
    def has_figures(self):
        return self.outcome in ("published", "voided-after")


class Log:
    """The state after a valid sequence; raises LogError, with the number of the rule, at the first entry out of place."""

    def __init__(self, entries, manifest):
        self.manifest, self.entries = manifest, entries
        self.opened = self.closed = 0
        self.windows, self.voided, self.contests = [], {}, {}
        self.ended = self.result = None
        for index, entry in enumerate(entries):
            if self.result:
                raise LogError("rule 12: an entry behind the result")
            if (index == 0) != (entry["kind"] == MANIFEST):
                raise LogError("rule 1: the manifest entry is the first, and only the first")
            HANDLERS[entry["kind"]](self, entry)

    def _require(self, rule, *conditions):
        if not all(conditions):
            raise LogError("rule %d" % rule)

    def _contest_open(self):
        return any(not c.closed and not c.destroyed for c in self.contests.values())

    def _contest(self, rule, entry):
        contest = self.contests.get((entry["item"], entry["round"]))
        self._require(rule, contest, contest and not contest.destroyed)
        return contest

    def _manifest(self, entry):
        self._require(1, entry["M"] == self.manifest.M)

    def _window_opened(self, entry):
        self._require(2, self.opened == self.closed, not self._contest_open(), not self.ended,
                      entry["window"] == self.opened + 1)
        self.opened += 1

    def _window_closed(self, entry):
        self._require(3, self.opened == self.closed + 1, entry["window"] == self.opened)
        self.closed += 1
        self.windows.append(entry)

    def _enrolment_ended(self, entry):
        self._require(4, self.opened >= 1, self.opened == self.closed, not self.ended, entry["windows"] == self.closed)
        self.ended = entry

    def _slip_voided(self, entry):
        self._require(5, not self.ended, self.opened >= 1, entry["T"] not in self.voided, entry["window"] == self.opened)
        self.voided[entry["T"]] = entry

    def _opened(self, entry):
        key = item, round_ = entry["item"], entry["round"]
        before = self.contests.get((item, round_ - 1))
        self._require(6, key in self.manifest.contests, self.opened == self.closed, self.closed >= 1,
                      entry["window"] == self.closed, key not in self.contests,
                      round_ <= 1 or (before and (before.published or before.voided)))
        self.contests[key] = Contest(key, entry["window"])

    def _closed(self, entry):
        contest = self._contest(7, entry)
        self._require(7, not contest.closed, contest.key != (0, 0))
        contest.closed = entry

    def _paper(self, entry):
        contest = self._contest(8, entry)
        self._require(8, contest.closed, not contest.published, not contest.voided, not contest.paper,
                      entry["n"] == self.manifest.n)
        contest.paper = entry

    def _published(self, entry):
        contest = self._contest(9, entry)
        self._require(9, contest.closed, not contest.published, not contest.voided,
                      entry["withheld"] or entry["n"] == self.manifest.n)
        contest.published = entry

    def _voided(self, entry):
        contest = self._contest(10, entry)
        self._require(10, contest.closed, not contest.voided, entry["after"] == (1 if contest.published else 0))
        contest.voided = entry

    def _destroyed(self, entry):
        contest = self._contest(11, entry)
        contest.destroyed = True

    def _result(self, entry):
        finished = all(c.published or c.voided or c.destroyed for c in self.contests.values())
        self._require(12, self.ended, finished)
        self.result = entry

    def rated(self):
        """The opened contests but the rehearsal, in contest order."""
        return [self.contests[key] for key in sorted(self.contests) if key != (0, 0)]


HANDLERS = {MANIFEST: Log._manifest, WINDOW_OPENED: Log._window_opened, WINDOW_CLOSED: Log._window_closed,
            ENROLMENT_ENDED: Log._enrolment_ended, SLIP_VOIDED: Log._slip_voided, OPENED: Log._opened,
            CLOSED: Log._closed, PAPER: Log._paper, PUBLISHED: Log._published, VOIDED: Log._voided,
            DESTROYED: Log._destroyed, RESULT: Log._result}
