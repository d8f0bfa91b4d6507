"""The audit V1..V14 (PROTOCOL section 26): a list of named checks in a row, each with an error of its own."""
import ballot as ballots_
import board
import container
import lists
import merkle
import notes
import result
import ristretto
from encoding import sha256
from log import Log, decode_all
from manifest import Manifest

HELD, FAILED, NONE, NOT_REACHED = "held", "failed", "none required", "not reached"


class Failed(Exception):
    pass


def require(condition, why):
    if not condition:
        raise Failed(why)


class Board:
    """The files of one closed contest."""

    def __init__(self, contest, files):
        self.contest = contest
        self.raw = self.ballots = self.tally = self.proofs = None
        prefix = "board/%d-%d/" % contest.key
        self.checkpoint, self.entries, self.proof, self.tally_file = (
            files.get(prefix + name) for name in ("checkpoint", "entries", "proof", "tally"))

    @property
    def name(self):
        return "%d/%d: " % self.contest.key

    def expected_files(self):
        names = ["checkpoint", "entries"]
        names += ["proof"] if self.contest.size >= 1 else []
        names += ["tally"] if self.contest.has_figures else []
        return {"board/%d-%d/%s" % (*self.contest.key, name) for name in names}


class Audit:
    """One bundle. The steps run in order; a later one uses what the earlier ones established."""

    def __init__(self, files, receipts=()):
        self.files, self.receipts = files, receipts

    def v1_manifest(self):
        self.manifest = Manifest(self.files["manifest.json"])
        self.screen_code = self.manifest.screen_code()
        return 1

    def v2_log(self):
        m = self.manifest
        entries = decode_all(self.files["log/entries"])
        require(entries, "the log is empty")
        self.log = Log(entries, m)
        require(self.log.result, "the log does not end with the result")
        text = notes.checkpoint_text(m.origin + "/log", len(entries), merkle.root_of([e["bytes"] for e in entries]))
        found = notes.open_note(self.files["log/checkpoint"], m.origin + "/log", m.log_key)
        require(found == text, "the checkpoint does not verify, or states another number or root")
        return len(entries)

    def v3_boards(self):
        m = self.manifest
        self.boards = [Board(contest, self.files) for contest in self.log.rated()]
        expected = set().union(*(b.expected_files() for b in self.boards)) if self.boards else set()
        present = {path for path in self.files if path.startswith("board/")}
        require(present == expected, "board files missing or too many: " + " ".join(sorted(present ^ expected)))
        for b in self.boards:
            closed = b.contest.closed
            b.raw = board.split_entries(b.entries)
            b.root = board.root(b.raw)
            require((len(b.raw), b.root) == (closed["size"], closed["root"]), b.name + "not what the log closed")
            text = notes.checkpoint_text(m.origin + "/board/%d/%d" % b.contest.key, len(b.raw), b.root)
            found = notes.open_note(b.checkpoint, m.origin + "/log", m.log_key)
            require(found == text, b.name + "the checkpoint does not verify, or states another number or root")
            for part in (b.proof, b.tally_file):
                require(part is None or part[:1] == b"\x01", b.name + "version of proof or tally")
        return len(self.boards)

    def v4_order(self):
        for b in self.boards:
            b.ballots = [ballots_.Ballot(raw, self.manifest.n) for raw in b.raw]
            require(all(x.header_fits(*b.contest.key) for x in b.ballots), b.name + "version, item or round")
            hashes = [merkle.leaf_hash(raw) for raw in b.raw]
            require(all(x < y for x, y in zip(hashes, hashes[1:])), b.name + "leaf hashes do not ascend")
            require(len({x.B for x in b.ballots}) == len(b.ballots), b.name + "a ballot key occurs twice")
        return self._ballot_count()

    def _ballot_count(self):
        return sum(len(b.raw) for b in self.boards)

    def v5_signatures(self):
        for b in self.boards:
            for index, x in enumerate(b.ballots):
                require(x.signature_holds(self.manifest.M), b.name + "signature of ballot %d" % index)
        return self._ballot_count()

    def v6_choices(self):
        every = [(b, x) for b in self.boards for x in b.ballots]
        wrong = ballots_.all_choices_hold([x for _, x in every], self.manifest.M)
        if wrong is not None:
            name = next(b.name for b, x in every if x is wrong)
            raise Failed(name + "choice proof of the ballot with key " + wrong.B.hex())
        return len(every)

    def v7_board_proofs(self):
        total = 0
        for b in self.boards:
            if not b.raw:
                continue
            body = b.proof[1:]
            require(len(body) % 64 == 0, b.name + "length of proof")
            b.proofs = [body[i:i + 64] for i in range(0, len(body), 64)]
            contest = self.manifest.contests[b.contest.key]
            require(board.proofs_hold(self.manifest.M, contest, b.ballots, b.proofs), b.name + "board proof")
            total += len(b.proofs)
        return total

    def v8_tally(self):
        for b in self.boards:
            if b.tally_file is not None:
                b.tally = board.Tally(b.tally_file, self.manifest.n)
                require(sum(b.tally.t) == b.contest.size, b.name + "the counts do not sum up to the ballots")
                commitments = [ristretto.decode_element(x.C) for x in b.ballots]
                require(board.opens(commitments, b.tally.t, b.tally.R), b.name + "the tally does not open the sum")
                require(b.raw or b.tally.R == 0, b.name + "an empty board with R")
            entry = b.contest.published
            if entry:
                require(bool(entry["withheld"]) == b.contest.too_few, b.name + "withheld or not")
                require(entry["proofs"] == (b.proofs or []), b.name + "proofs of the log entry")
            if entry and not entry["withheld"] and b.tally:
                require((entry["t"], entry["R"]) == (b.tally.t, b.tally.R_bytes), b.name + "t or R of the log entry")
        return len(self.boards)

    def v9_counts(self):
        m, log, items = self.manifest, self.log, len(self.manifest.items)
        self.leaves = lists.leaves(self.files["tokens/leaves"], items)
        self.redeemed = lists.redeemed(self.files["tokens/redeemed"], items, log.closed)
        self.voided = lists.voided(self.files["tokens/voided"], log.closed)
        require(len(self.leaves) == m.leaves, "the number of leaves is not the manifest's")
        for entry in log.windows:
            w = entry["window"]
            redeemed = sum(1 for r in self.redeemed if r.window <= w)
            paper = sum(1 for v in self.voided if v.reason == 1 and v.window <= w)
            require(entry["redeemed"] == redeemed, "window %d: redeemed" % w)
            require(redeemed + paper <= entry["present"] <= m.expected, "window %d: present" % w)
        self.unused = m.leaves - len(self.redeemed) - len(self.voided)
        require(self.unused >= 0, "more slips redeemed and voided than there are")
        require(log.ended["unused"] == self.unused, "unused slips")
        masks = {leaf.T: leaf.mask for leaf in self.leaves}
        self.counts = [result.Counts(m, b.contest, b.tally, self.redeemed, self.voided, masks) for b in self.boards]
        for b, counts in zip(self.boards, self.counts):
            for problem in counts.problems():
                raise Failed(b.name + problem)
        before = merkle.root_of([e["bytes"] for e in log.entries[:-1]])
        self.lines = result.note_lines(m, log, before, self.unused, self.voided, self.counts)
        for kind in ("slips", "window", "electronic", "paper", "total", "votes", "valid"):
            self._compare_lines(kind)
        return len(self.counts)

    def _compare_lines(self, kind):
        expected = [line for line in self.lines if line.split(" ")[0] == kind]
        require(notes.lines_of_kind(self.files["result"], kind) == expected, "lines of the result: " + kind)
        return len(expected)

    def v10_slips(self):
        m, log = self.manifest, self.log
        require(merkle.root_of([leaf.bytes for leaf in self.leaves]) == m.token_root, "root of the token leaves")
        masks = {leaf.T: leaf.mask for leaf in self.leaves}
        for entry in self.redeemed:
            require(masks.get(entry.T) == entry.mask, "a redeemed slip is no leaf, or has another mask")
            require(entry.signature_holds(m.M), "signature of redeemed slip " + entry.T.hex())
        for entry in log.windows:
            found = lists.redeemed_root(self.redeemed, entry["window"])
            require(found == entry["root"], "window %d: root of the redeemed list" % entry["window"])
        said = {(e["T"], e["reason"], e["window"]) for e in log.voided.values()}
        require({(v.T, v.reason, v.window) for v in self.voided} == said, "voided slips are not those of the log")
        redeemed = {entry.T for entry in self.redeemed}
        require(all(v.T in masks and v.T not in redeemed for v in self.voided), "a voided slip is no leaf, or redeemed")
        return len(self.leaves)

    def v11_thresholds(self):
        return self._compare_lines("threshold")

    def v12_result(self):
        m = self.manifest
        note = self.files["result"]
        text = notes.open_note(note, m.origin + "/result", m.result_key)
        require(text == ("\n".join(self.lines) + "\n").encode("utf-8"), "the note does not verify, or its text differs")
        require(self.log.result["note_hash"] == sha256(note), "the log names another result note")
        summary = result.summary(m, self.log, self.unused, self.voided, self.counts)
        require(self.files["summary.txt"] == summary, "the summary differs")
        return 1

    def v13_receipts(self):
        m = self.manifest
        valid = {notes.receipt_text(m, *b.contest.key, merkle.leaf_hash(raw)).encode("ascii")
                 for b in self.boards for raw in b.raw} if self.receipts else set()
        for index, receipt in enumerate(self.receipts, 1):
            text = notes.open_note(receipt, m.origin + "/receipt", m.receipt_key)
            require(text is not None, "receipt %d does not verify" % index)
            require(text in valid, "receipt %d is not on a board: proof of misconduct if it names this meeting" % index)
        return len(self.receipts)

    def v14_cosignatures(self):
        return 0


STEPS = [("V1", Audit.v1_manifest), ("V2", Audit.v2_log), ("V3", Audit.v3_boards), ("V4", Audit.v4_order),
         ("V5", Audit.v5_signatures), ("V6", Audit.v6_choices), ("V7", Audit.v7_board_proofs),
         ("V8", Audit.v8_tally), ("V9", Audit.v9_counts), ("V10", Audit.v10_slips), ("V11", Audit.v11_thresholds),
         ("V12", Audit.v12_result), ("V13", Audit.v13_receipts), ("V14", Audit.v14_cosignatures)]
# these steps check lists that exist even when they are empty
ALWAYS_HELD = ("V9", "V10")


def run(data, receipts=()):
    """The audit of a bundle's bytes; data None stands for a file that cannot be read."""
    report = {"exit": 0, "failed": None, "steps": []}
    audit = None
    try:
        if data is None:
            raise container.NotABundle("the file cannot be read")
        audit = Audit(container.parse(data), receipts)
    except Exception as problem:  # whatever does not parse is not a bundle
        report.update(exit=2, failed="container", why=str(problem))
    for name, check in STEPS:
        step = {"step": name, "verdict": NOT_REACHED, "count": 0, "why": ""}
        report["steps"].append(step)
        if report["failed"]:
            continue
        try:
            step["count"] = check(audit)
            step["verdict"] = HELD if step["count"] or name in ALWAYS_HELD else NONE
        except Exception as problem:  # a step that cannot be carried through has failed
            step.update(verdict=FAILED, why=str(problem) or type(problem).__name__)
            report.update(exit=1, failed=name)
    report["screen_code"] = getattr(audit, "screen_code", None)
    return report
