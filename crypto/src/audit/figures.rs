//! V8 and V9: the figures, and that they fit what was given out.

use super::{Checked, Held, boards::Ordered};
use crate::{
    board::is_withheld,
    bundle::Bundle,
    count::Counts,
    group::Element,
    lists::Lists,
    log::{LogState, Publication},
    manifest::Manifest,
    result::{COUNT_LINES, ResultNote, lines_of_note},
    tally::Tally,
};

/// V8. Each tally opens the sum of its board's commitments; publications say what the files say.
pub(super) fn tally(manifest: &Manifest, boards: &[Ordered<'_>], commitments: &[Vec<Element>]) -> Checked<()> {
    let mut tallied = 0;
    for (board, commitments) in boards.iter().zip(commitments) {
        let at = |why: &str| format!("board {}: {why}", board.contest());
        if let Some(file) = board.tally() {
            let tally = Tally::from_bytes(file, manifest.options()).map_err(|e| at(&format!("tally: {e}")))?;
            tally.verify(commitments).map_err(|_| at("the tally is not that of its ballots"))?;
            tallied += 1;
        }
        if let Some(published) = &board.record.published {
            repeats(board, published, commitments.len()).map_err(at)?;
        }
    }
    Ok(Held {
        count: boards.len(),
        zh: format!("{tallied} 个已公布票箱的各选项票数与全部选票之和相符；其余票箱依规定不公布。"),
        en: format!("The votes of {tallied} published boards are the sum of their ballots; others rightly show none."),
        value: (),
    })
}

/// The *published* entry withholds exactly 1 to 4 ballots and repeats the files.
fn repeats(board: &Ordered<'_>, published: &Publication, size: usize) -> Result<(), &'static str> {
    if published.tally.is_none() != is_withheld(size) {
        return Err("figures are withheld exactly for 1 to 4 ballots, and the log says otherwise");
    }
    if published.proofs.as_flattened() != board.proof().map_or(&[][..], |file| file.get(1..).unwrap_or(&[])) {
        return Err("the log has another board proof");
    }
    let logged = published.tally.as_ref().map(|tally| {
        let votes = tally.votes.iter().flat_map(|vote| vote.to_be_bytes());
        votes.chain(tally.opening).collect::<Vec<u8>>()
    });
    let stored = board.tally().map(|file| file.get(1..).unwrap_or(&[]));
    if logged.as_deref() == stored { Ok(()) } else { Err("the log has another tally") }
}

/// V9. The lists are lists, every formula holds, and the result repeats the counts.
pub(super) fn counts(bundle: &Bundle, manifest: &Manifest, log: &LogState) -> Checked<(Lists, Counts)> {
    let (items, closed) = (manifest.items.len(), log.closed_windows());
    let lists = Lists::decode(items, closed, &bundle.leaves, &bundle.redeemed, &bundle.voided);
    let lists = lists.map_err(|e| e.to_string())?;
    let counts = Counts::compute(manifest, log, &lists);
    if let Some(violation) = counts.violations().first() {
        return Err(violation.to_string());
    }
    // The head of the log stands in a line of another kind; its value does not matter here.
    let expected = ResultNote::compute(manifest, (0, [0; 32]), &counts);
    for kind in COUNT_LINES {
        same_lines(kind, &bundle.result, &expected)?;
    }
    let (redeemed, voided, unused) = (counts.redeemed, counts.voided, counts.unused.unwrap_or(0));
    Ok(Held {
        count: counts.contests.len(),
        zh: format!(
            "票纸 {} 张：登记 {redeemed}、作废 {voided}、未用 {unused}；各项发出、收回、有效、弃权之数相符。",
            counts.leaves
        ),
        en: format!(
            "Of {} slips {redeemed} enrolled, {voided} are void, {unused} unused; every count of issued, cast, valid \
             and abstained fits.",
            counts.leaves
        ),
        value: (lists, counts),
    })
}

/// The result note's lines of a kind are those expected, in order. How many they are.
pub(super) fn same_lines(kind: &str, note: &[u8], expected: &ResultNote) -> Result<usize, String> {
    let (expected, stated) = (expected.lines(kind), lines_of_note(note, kind));
    if stated == expected {
        return Ok(expected.len());
    }
    match expected.iter().zip(&stated).find(|(expected, stated)| expected != stated) {
        Some((expected, stated)) => Err(format!("the result says \"{}\", not \"{expected}\"", stated.escape_debug())),
        None => Err(format!("the result has {} lines \"{kind}\", not {}", stated.len(), expected.len())),
    }
}
