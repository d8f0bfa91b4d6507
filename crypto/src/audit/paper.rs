//! V11 and V12: the result as it is signed and read out.

use super::{Checked, Held, Runner, figures::same_lines, runner};
use crate::{
    bundle::Bundle,
    count::Counts,
    hash::sha256,
    log::{Log, LogState},
    manifest::Manifest,
    note,
    result::{ResultNote, THRESHOLD_LINE},
    screen_code::board_code,
    summary,
};

/// The result as it must be: over the log before its *result* entry.
pub(super) fn expected_result(manifest: &Manifest, log: &Log, counts: &Counts) -> ResultNote {
    ResultNote::compute(manifest, log.head_at(log.size() - 1), counts)
}

/// V11. The threshold lines follow from the counts by the manifest's policy.
pub(super) fn thresholds(bundle: &Bundle, expected: &ResultNote) -> Checked<()> {
    let count = same_lines(THRESHOLD_LINE, &bundle.result, expected)?;
    Ok(Held {
        count,
        zh: format!("{count} 项已公布结果是否达到、超过规定比例，按整数计算无误。"),
        en: format!("Whether {count} published results reach or exceed the set shares is computed exactly."),
        value: (),
    })
}

/// V12. The result note is signed and is this text; the log names it; the summary is this text. Gives the summary.
pub(super) fn result(
    bundle: &Bundle,
    manifest: &Manifest,
    log: &LogState,
    expected: &ResultNote,
    code: &str,
    counts: &Counts,
    runner: &dyn Runner,
) -> Checked<String> {
    let text = note::open(&bundle.result, &manifest.origin("result"), &manifest.result_key)
        .map_err(|_| "the result is not signed by the result key".to_owned())?;
    if text != expected.text() {
        return Err("the result is not the one that follows from the log and the boards".to_owned());
    }
    if log.result() != Some(&sha256(&bundle.result)) {
        return Err("the log names another result".to_owned());
    }
    let contests = &counts.contests;
    let boards = runner::all(runner, contests.len(), |i| Ok(board_code(&contests[i].root)))?;
    let summary = summary::text_with_codes(manifest, counts, code, &boards);
    if bundle.summary != summary.as_bytes() {
        return Err("the summary is not the one that follows from the result".to_owned());
    }
    let count = contests.len();
    Ok(Held {
        count: 1,
        zh: format!("结果书签名有效，{count} 项结果和摘要逐字相符。"),
        en: format!("The result is signed; it and its summary state {count} contests word for word."),
        value: summary,
    })
}
