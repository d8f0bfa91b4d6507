#!/usr/bin/env python3
"""The second verifier of a Douxuan audit bundle. Python 3.9 or later, standard library only, no network.

    python3 verify.py BUNDLE.zip [--receipt FILE]...          a report to read and to copy into the minutes
    python3 verify.py --json BUNDLE.zip [--receipt FILE]...   one JSON object
    python3 verify.py --batch                                 bundle paths from stdin, one JSON object a line; receipts
                                                              of a bundle stand behind its path, separated by tabs

Exit status 0: no step failed. 1: a step failed. 2: not a bundle. It shares no code with the program that made the
bundle and was written from crypto/PROTOCOL.md alone; audit.py holds the steps.
"""
import argparse
import io
import json
import sys

import audit

# step: what it reads, then a sentence for the minutes; {} is the number read
SENTENCES = {
    "V1": ("manifest.json", "会议清单格式、限值与密钥均合规。", "The manifest keeps its form, its limits and its keys."),
    "V2": ("log/entries, log/checkpoint", "操作记录共{}条，次序合规，签名有效。",
           "The log's {} entries stand in a valid order under a valid signature."),
    "V3": ("board/*", "{}个票箱的树根与签名、与操作记录一致。",
           "The roots of {} boards agree with their checkpoints and with the log."),
    "V4": ("board/*/entries", "{}张电子票排列合规，无重复票钥。", "{} ballots are in order and no ballot key occurs twice."),
    "V5": ("board/*/entries", "{}张电子票签名有效。", "The signatures of {} ballots are valid."),
    "V6": ("board/*/entries", "{}张电子票各恰含一个选项。", "Each of {} ballots holds exactly one option."),
    "V7": ("board/*/proof", "{}份授权证明有效：每张票均获授权（不说明主办方未自行授权）。",
           "{} board proofs hold: every ballot was authorised (this does not show that the issuer minted none)."),
    "V8": ("board/*/tally", "{}场计票与票箱相符，少于五票者未公布。",
           "The tallies of {} contests open their boards, and fewer than five ballots are withheld."),
    "V9": ("tokens/*, result", "{}场发出、收回、有效、弃权等各数相符。", "The counts of {} contests agree."),
    "V10": ("tokens/*", "{}张票纸的登记与作废均有据。", "All redeemed and voided slips are among the {} printed ones."),
    "V11": ("result", "{}项比例判定无误。", "{} threshold decisions are right."),
    "V12": ("result, summary.txt", "结果与摘要逐字一致，签名有效。",
            "The result note verifies, and it and the summary agree to the byte."),
    "V13": ("--receipt", "{}份回执均在票箱中。", "{} receipts presented are on their boards."),
    "V14": ("", "本版本不要求见证签名。", "This version requires no cosignatures."),
}
VERDICTS = {audit.HELD: "成立", audit.FAILED: "不成立", audit.NONE: "无需核对", audit.NOT_REACHED: "未核对"}
NOTHING = ("无可核对之物，未作结论。", "There was nothing to check, which is not the same as held.")


def sentences(step):
    """The two sentences for the minutes, by the verdict of the step."""
    if step["verdict"] == audit.HELD:
        return [text.format(step["count"]) for text in SENTENCES[step["step"]][1:]]
    if step["verdict"] == audit.NONE:
        return SENTENCES["V14"][1:] if step["step"] == "V14" else NOTHING
    if step["verdict"] == audit.FAILED:
        return "此步不成立，结果不可采信。", "This step failed: %s." % step["why"]
    return "前一步不成立，此步未核对。", "Not reached, an earlier step failed."


def print_report(report):
    if report["exit"] == 2:
        print("container  不是审计包  not a bundle:", report["why"])
        return
    if report["screen_code"]:
        print("屏幕码 screen code:", report["screen_code"])
    for step in report["steps"]:
        reads = SENTENCES[step["step"]][0] or "-"
        print("%-4s %s %s; read %s; count %d" % (
            step["step"], VERDICTS[step["verdict"]], step["verdict"], reads, step["count"]))
        for sentence in sentences(step):
            print("     " + sentence)
    print("未发现不符。 No step failed." if report["exit"] == 0 else "不成立。 Failed at %s." % report["failed"])


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def notes_in(data):
    """The receipts of a file, byte for byte: a phone saves all of its own in one, with empty lines between. A note ends
    with the last of its signature lines. A file without one is a single receipt that does not verify."""
    notes, note, signed = [], b"", False
    for line in io.BytesIO(data):
        signs = line.startswith("\u2014 ".encode())
        if signed and not signs:
            notes.append(note)
            note = b""
        signed = signs
        if note or line != b"\n":
            note += line
    return notes + [note] if note or not notes else notes


def verify(bundle, receipts):
    """A receipt that cannot be read is a receipt that does not verify."""
    return audit.run(read(bundle), [note for path in receipts for note in notes_in(read(path) or b"")])


def as_json(report):
    shown = {key: report[key] for key in ("exit", "failed", "steps")}
    if "why" in report:
        shown["why"] = report["why"]
    return json.dumps(shown, ensure_ascii=True)


def batch():
    for line in sys.stdin:
        bundle, *receipts = line.rstrip("\r\n").split("\t")
        if bundle:
            print(as_json(verify(bundle, receipts)), flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description="Verify a Douxuan audit bundle, offline.")
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("--receipt", action="append", default=[], metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--batch", action="store_true")
    options = parser.parse_args()
    if options.batch:
        return batch()
    if not options.bundle:
        parser.error("a bundle is needed")
    report = verify(options.bundle, options.receipt)
    if options.json:
        print(as_json(report))
    else:
        print_report(report)
    return report["exit"]


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # the report is Chinese and English on every console
    sys.exit(main())
