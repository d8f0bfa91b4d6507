"""The count block, the result note and the summary (PROTOCOL sections 9, 23 and 25)."""
from encoding import mask_excludes, screen_code
from log import PAPER_REASON


class Counts:
    """All numbers of one rated contest, recomputed from lists, log and tally; V9's conditions are in problems()."""

    def __init__(self, manifest, contest, tally, redeemed, voided, masks):
        item, n = contest.key[0], manifest.n
        self.contest, self.outcome = contest, contest.outcome
        self.issued_e = sum(1 for entry in redeemed
                            if entry.window <= contest.window and not mask_excludes(entry.mask, item))
        self.cast_e = contest.size
        # an empty mask for a T that is no leaf: V10 refuses that slip, not this step
        self.paper_right = sum(1 for entry in voided if entry.reason == PAPER_REASON and entry.window <= contest.window
                               and not mask_excludes(masks.get(entry.T, b""), item))
        paper = contest.paper or {"issued": 0, "invalid": 0, "ungraded": 0, "p": [0] * n}
        self.issued_p, self.invalid_p, self.ungraded_p, self.p = (
            paper["issued"], paper["invalid"], paper["ungraded"], paper["p"])
        self.cast_p = sum(self.p) + self.invalid_p + self.ungraded_p
        self.issued, self.cast = self.issued_e + self.issued_p, self.cast_e + self.cast_p
        self.missing = self.issued - self.cast
        self.votes = None
        if tally is not None:
            self._grade(manifest, tally)

    def _grade(self, manifest, tally):
        self.votes = [t + p for t, p in zip(tally.t, self.p)]
        self.valid = sum(self.votes[j] for j in manifest.grades)
        self.abstained = sum(self.votes) - self.valid
        policy, option = manifest.thresholds, manifest.threshold_option
        if policy["paper"] == "included":
            self.count = self.votes[option]
            self.base = self.valid if policy["base"] == "valid" else self.cast
        else:
            self.count = tally.t[option]
            self.base = sum(tally.t[j] for j in manifest.grades) if policy["base"] == "valid" else self.cast_e
        self.reaches = threshold(self.count, self.base, policy["reaches"], strictly=False)
        self.over = threshold(self.count, self.base, policy["over"], strictly=True)

    def problems(self):
        if self.cast_e > self.issued_e:
            yield "more ballots than credentials issued"
        if self.issued_p > self.paper_right:
            yield "more papers issued than slips voided as paper"
        if self.cast_p > self.issued_p:
            yield "more papers cast than issued"
        if self.cast_p < 5 or self.contest.too_few:
            if any(self.p) or self.invalid_p:
                yield "papers graded where they are too few, or the contest is withheld"
        elif self.ungraded_p:
            yield "papers ungraded although there are five"


def threshold(count, base, fraction, strictly):
    """Exact integers: num/den of base, reached (>=) or exceeded (>)."""
    if base == 0:
        return "none"
    left, right = fraction[1] * count, fraction[0] * base
    return "yes" if (left > right if strictly else left >= right) else "no"


def _row(*words):
    return " ".join(str(word) for word in words)


def note_lines(manifest, log, log_root, unused, voided, counts):
    """The text of section 23 as a list of lines. log_root: of the log before its result entry."""
    lines = [manifest.origin + "/result", manifest.M.hex(), _row("log", len(log.entries) - 1, log_root.hex())]
    lines.append(_row("slips", manifest.leaves, len(voided), unused))
    for entry in log.windows:
        paper = sum(1 for v in voided if v.reason == PAPER_REASON and v.window <= entry["window"])
        row = (entry["window"], entry["present"], entry["redeemed"], paper, entry["root"].hex())
        lines.append(_row("window", *row))
    for c in counts:
        name = "%d/%d" % c.contest.key
        lines.append(_row("contest", name, c.outcome, c.cast_e, c.contest.closed["root"].hex()))
        lines.append(_row("electronic", c.issued_e, c.cast_e))
        lines.append(_row("paper", c.issued_p, c.cast_p, c.invalid_p, c.ungraded_p))
        lines.append(_row("total", c.issued, c.cast, c.missing))
        if c.votes is not None:
            lines.append(_row("votes", *c.votes))
            lines.append(_row("valid", c.valid, c.abstained))
        if c.outcome == "published":
            code = manifest.scale[manifest.threshold_option]["code"]
            lines.append(_row("threshold", code, c.count, c.base, c.reaches, c.over))
    return lines


REACHES = {"yes": "达到", "no": "未达到", "none": "无"}
OVER = {"yes": "超过", "no": "未超过", "none": "无"}
LAST_WORDS = {"withheld": "票数过少，不公布", "voided-before": "公布前作废", "voided-after": "公布后作废"}


def summary(manifest, log, unused, voided, counts):
    lines = ["豆选 Douxuan", manifest.title, _row(manifest.date, manifest.place),
             _row("会议编号", manifest.meeting.hex()), _row("屏幕码", manifest.screen_code()),
             _row("应到", manifest.expected, "票纸", manifest.leaves, "作废", len(voided), "未用", unused)]
    for w in log.windows:
        lines.append("第%d次登记 实到 %d 登记 %d" % (w["window"], w["present"], w["redeemed"]))
    for c in counts:
        item = manifest.items[c.contest.key[0] - 1]
        report = "会议报告" if item["report"] == "oral" else "书面报告"
        lines += ["", _row("第%d项第%d轮" % c.contest.key, item["name"], item["unit"], item["post"], report),
                  _row("发出", c.issued, "收回", c.cast, "未交", c.missing),
                  _row("票箱根", screen_code("board", c.contest.closed["root"]))]
        if c.votes is not None:
            lines.append(" ".join("%s %d" % (o["zh"], v) for o, v in zip(manifest.scale, c.votes)))
            lines.append(_row("有效", c.valid, "弃权", c.abstained))
        if c.outcome == "published":
            label = manifest.scale[manifest.threshold_option]["zh"]
            lines.append(_row(label, c.count, "/", c.base, REACHES[c.reaches], OVER[c.over]))
        if c.outcome in LAST_WORDS:
            lines.append(LAST_WORDS[c.outcome])
    return ("\n".join(lines) + "\n").encode("utf-8")
