//! T20: every count formula holds at its limit and is violated by one more or one less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use douxuan_crypto::{
    contest::Contest,
    count::{ContestCount, Counts, Formula, Place, WindowCount},
    log::{Outcome, PaperCount},
};

const CONTEST: Contest = Contest::new(1, 1);

/// A meeting that stands at the limit of each inequality: nothing may be one more.
fn at_the_limits() -> Counts {
    let window = |window, present, listed, paper| WindowCount {
        window,
        present,
        redeemed: listed,
        listed,
        paper,
        root: [0; 32],
    };
    Counts {
        expected: 18,
        leaves_announced: 20,
        leaves: 20,
        voided: 8,
        redeemed: 12,
        unused: Some(0),
        windows: vec![window(1, 13, 8, 5), window(2, 18, 12, 6)],
        contests: vec![contest(12, 12, [6, 1, 0, 5], 6)],
    }
}

/// `paper` is issued, invalid, ungraded, graded.
fn contest(issued_e: u64, cast_e: u64, paper: [u32; 4], paper_slips: u64) -> ContestCount {
    let [issued, invalid, ungraded, graded] = paper;
    ContestCount {
        contest: CONTEST,
        outcome: Some(Outcome::Published),
        root: [0; 32],
        issued_e,
        cast_e,
        tallied: Some(cast_e),
        paper: PaperCount { issued, invalid, ungraded, votes: vec![graded, 0] },
        paper_slips,
        grades: None,
        threshold: None,
    }
}

fn violated(change: impl FnOnce(&mut Counts)) -> Vec<(Formula, Place, u64, u64)> {
    let mut counts = at_the_limits();
    change(&mut counts);
    let violations = counts.violations();
    for violation in &violations {
        // Both sentences name both numbers.
        for text in [violation.zh(), violation.en(), violation.to_string()] {
            assert!(
                text.contains(&violation.left.to_string()) && text.contains(&violation.right.to_string()),
                "{text}"
            );
        }
    }
    violations.into_iter().map(|v| (v.formula, v.place, v.left, v.right)).collect()
}

#[test]
fn the_limits_hold() {
    assert_eq!(violated(|_| {}), []);
}

#[test]
fn every_formula_is_asked_and_only_those_that_do_not_hold_are_violations() {
    let mut counts = at_the_limits();
    // One in the meeting, three a window, two for the slips, five for the contest.
    assert_eq!(counts.checks().len(), 1 + 2 * 3 + 2 + 5);
    assert!(counts.checks().iter().all(|check| check.holds()));
    counts.contests[0].cast_e += 1;
    let broken: Vec<_> = counts.checks().into_iter().filter(|check| !check.holds()).map(|c| c.formula).collect();
    assert_eq!(broken, [Formula::Cast, Formula::Tallied]);
    counts.contests[0].tallied = None;
    counts.unused = None;
    assert_eq!(counts.checks().len(), 1 + 2 * 3 + 1 + 4, "what is not known yet is not asked");
}

#[test]
fn a_violation_is_a_sentence_for_the_console() {
    let mut counts = at_the_limits();
    counts.unused = Some(1);
    counts.windows[0].present = 12;
    let said: Vec<String> = counts.violations().iter().map(|v| v.zh()).collect();
    let expected =
        ["第1次登记：登记人数加纸票人数多于实到人数（13，应不多于 12）", "未用票纸的清点数不符（1，应等于 0）"];
    assert_eq!(said, expected);
}

#[test]
fn each_formula_of_the_meeting_off_by_one() {
    use Formula::{Leaves, Slips, Unused};
    let at = Place::Meeting;
    assert_eq!(violated(|c| c.leaves_announced = 21), [(Leaves, at, 20, 21)]);
    assert_eq!(violated(|c| c.leaves_announced = 19), [(Leaves, at, 20, 19)]);
    assert_eq!(violated(|c| c.voided = 9), [(Slips, at, 21, 20)]);
    assert_eq!(violated(|c| c.unused = Some(1)), [(Unused, at, 1, 0)]);
    assert_eq!(violated(|c| c.voided = 7), [(Unused, at, 0, 1)]);
    assert_eq!(violated(|c| c.unused = None), [], "nobody has counted them yet");
}

#[test]
fn each_formula_of_a_window_off_by_one() {
    use Formula::{Expected, Present, Redeemed};
    let at = Place::Window(1);
    assert_eq!(violated(|c| c.windows[0].redeemed = 9), [(Redeemed, at, 9, 8)]);
    assert_eq!(violated(|c| c.windows[0].redeemed = 7), [(Redeemed, at, 7, 8)]);
    assert_eq!(violated(|c| c.windows[0].present = 12), [(Present, at, 13, 12)]);
    assert_eq!(violated(|c| c.windows[0].paper = 6), [(Present, at, 14, 13)]);
    assert_eq!(violated(|c| c.expected = 17), [(Expected, Place::Window(2), 18, 17)]);
}

#[test]
fn each_formula_of_a_contest_off_by_one() {
    use Formula::{Cast, PaperCast, PaperGraded, PaperIssued, PaperUngraded, Tallied};
    let with = |issued_e, cast_e, paper, slips| {
        let found = violated(|c| c.contests[0] = contest(issued_e, cast_e, paper, slips));
        assert!(found.iter().all(|v| v.1 == Place::Contest(CONTEST)));
        found.into_iter().map(|(formula, _, left, right)| (formula, left, right)).collect::<Vec<_>>()
    };
    assert_eq!(with(12, 13, [6, 1, 0, 5], 6), [(Cast, 13, 12)]);
    assert_eq!(with(12, 12, [7, 1, 0, 5], 6), [(PaperIssued, 7, 6)]);
    assert_eq!(with(12, 12, [5, 1, 0, 5], 6), [(PaperCast, 6, 5)]);
    assert_eq!(with(12, 12, [6, 1, 1, 4], 6), [(PaperUngraded, 1, 0)]);
    let off = violated(|c| c.contests[0].tallied = Some(11));
    assert_eq!(off, [(Tallied, Place::Contest(CONTEST), 11, 12)]);
    // Four papers are counted, five are graded; invalid ones are papers too.
    assert_eq!(with(12, 12, [6, 0, 0, 5], 6), []);
    assert_eq!(with(12, 12, [6, 1, 0, 4], 6), []);
    assert_eq!(with(12, 12, [6, 0, 0, 4], 6), [(PaperGraded, 4, 0)]);
    assert_eq!(with(12, 12, [6, 1, 3, 0], 6), [(PaperGraded, 1, 0)]);
    assert_eq!(with(12, 12, [6, 0, 4, 0], 6), []);
    assert_eq!(with(12, 12, [6, 0, 5, 0], 6), [(PaperUngraded, 5, 0)]);
    assert_eq!(with(12, 12, [0, 0, 0, 0], 0), []);
    // One to four ballots withhold the papers beside them.
    for few in 1..=4 {
        assert_eq!(with(12, few, [6, 0, 6, 0], 6), []);
        assert_eq!(with(12, few, [6, 0, 0, 6], 6), [(PaperGraded, 6, 0)]);
    }
    for enough in [0, 5] {
        assert_eq!(with(12, enough, [6, 0, 0, 6], 6), []);
        assert_eq!(with(12, enough, [6, 0, 6, 0], 6), [(PaperUngraded, 6, 0)]);
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let most = u32::MAX;
    let counts = violated(|c| c.contests[0] = contest(0, u64::from(most), [most, most, most, most], 0));
    assert!(counts.len() >= 4);
}
