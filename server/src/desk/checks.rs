//! The counts as arithmetic: each rule with its numbers and whether it holds. The words stand in the message files.

use std::collections::BTreeSet;

use douxuan_crypto::{
    contest::Contest,
    count::{self, ContestCount, Counts, Formula, Place, Violation},
    log::Outcome,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::web::Refusal;

/// One rule, filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Check {
    /// Key of its words, `counts.<rule>`.
    rule: &'static str,
    /// The numbers in them.
    values: Map<String, Value>,
    /// Whether they are as they must be.
    holds: bool,
}

/// Checks of one contest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ContestChecks {
    contest: (u16, u8),
    checks: Vec<Check>,
}

/// All checks of a meeting so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Checks {
    meeting: Vec<Check>,
    contests: Vec<ContestChecks>,
}

fn check(rule: &'static str, values: &[(&str, u64)], holds: bool) -> Check {
    let values = values.iter().map(|(name, number)| ((*name).to_owned(), Value::from(*number)));
    Check { rule, values: values.collect(), holds }
}

impl Checks {
    /// Every rule that can be asked. `enrolling`: a window is open, and the number of enrolments is not settled; it
    /// shows on ticks only, so nothing here tells it.
    pub(super) fn of(counts: &Counts, enrolling: bool) -> Self {
        let asked = counts.checks();
        let mut meeting = Vec::new();
        for found in asked.iter().filter(|found| !matches!(found.place, Place::Contest(_))) {
            if !(enrolling && matches!(found.formula, Formula::Slips)) {
                meeting.push(of_meeting(counts, found));
            }
        }
        let contest = |count: &ContestCount| {
            let mut checks = identities(count);
            let own = asked.iter().filter(|found| found.place == Place::Contest(count.contest));
            checks.extend(own.filter_map(|found| of_contest(count, found)));
            ContestChecks { contest: (count.contest.item, count.contest.round), checks }
        };
        Self { meeting, contests: counts.contests.iter().map(contest).collect() }
    }
}

fn of_meeting(counts: &Counts, found: &count::Check) -> Check {
    let number = match found.place {
        Place::Window(number) => number,
        _ => 0,
    };
    let window = counts.windows.iter().find(|window| window.window == number);
    let w = ("window", u64::from(number));
    let of = |get: fn(&count::WindowCount) -> u64| window.map_or(0, get);
    let left = counts.leaves.saturating_sub(counts.redeemed + counts.voided);
    let slips = [("leaves", counts.leaves), ("redeemed", counts.redeemed), ("voided", counts.voided)];
    let (rule, values): (_, Vec<(&str, u64)>) = match found.formula {
        Formula::Leaves => ("leaves", vec![("leaves", found.left), ("announced", found.right)]),
        Formula::Redeemed => ("redeemed", vec![w, ("redeemed", found.left), ("listed", found.right)]),
        Formula::Present => (
            "present",
            vec![
                w,
                ("listed", of(|w| w.listed)),
                ("paper", of(|w| w.paper)),
                ("sum", found.left),
                ("present", found.right),
            ],
        ),
        Formula::Expected => ("expected", vec![w, ("present", found.left), ("expected", found.right)]),
        Formula::Slips => ("slips", slips.into_iter().chain([("left", left)]).collect()),
        _ => ("unused", [("unused", found.left)].into_iter().chain(slips).chain([("left", found.right)]).collect()),
    };
    check(rule, &values, found.holds())
}

/// The sums that are read out, whether or not a formula asks for them.
fn identities(count: &ContestCount) -> Vec<Check> {
    let paper = &count.paper;
    let mut all = vec![
        check(
            "issued",
            &[("issued", count.issued()), ("electronic", count.issued_e), ("paper", u64::from(paper.issued))],
            true,
        ),
        check("collected", &[("cast", count.cast()), ("electronic", count.cast_e), ("paper", paper.cast())], true),
        check(
            "missing",
            &[("issued", count.issued()), ("cast", count.cast()), ("missing", count.missing())],
            count.issued() >= count.cast(),
        ),
    ];
    if let Some(grades) = &count.grades {
        let (invalid, ungraded) = (u64::from(paper.invalid), u64::from(paper.ungraded));
        let sum = grades.valid + grades.abstained + invalid + ungraded;
        let rule = if invalid + ungraded > 0 { "valid_paper" } else { "valid" };
        let mut values = vec![("cast", count.cast()), ("valid", grades.valid), ("abstained", grades.abstained)];
        if invalid + ungraded > 0 {
            values.extend([("invalid", invalid), ("ungraded", ungraded)]);
        }
        all.push(check(rule, &values, sum == count.cast()));
    }
    all
}

/// A formula of a contest; those on paper only where there is paper, or where they do not hold.
fn of_contest(count: &ContestCount, found: &count::Check) -> Option<Check> {
    let paper = count.paper.issued > 0 || count.paper.cast() > 0 || !found.holds();
    let sides = |left, right| [(left, found.left), (right, found.right)];
    let (rule, values) = match found.formula {
        Formula::Cast => ("cast", sides("cast", "issued")),
        // Of a withheld contest there is nothing to add up.
        Formula::Tallied if count.outcome == Some(Outcome::Withheld) => return None,
        Formula::Tallied => ("tallied", sides("sum", "cast")),
        Formula::PaperIssued if paper => ("paper_issued", sides("issued", "voided")),
        Formula::PaperCast if paper => ("paper_cast", sides("cast", "issued")),
        Formula::PaperGraded if paper => ("paper_graded", sides("graded", "none")),
        Formula::PaperUngraded if paper => ("paper_ungraded", sides("ungraded", "none")),
        _ => return None,
    };
    Some(check(rule, &values, found.holds()))
}

/// Whether a count of the meeting as a whole does not hold, and the contests of which one does not.
pub(super) fn wrong(violations: &[Violation]) -> (bool, BTreeSet<Contest>) {
    let contests = violations.iter().filter_map(|violation| match violation.place {
        Place::Contest(contest) => Some(contest),
        _ => None,
    });
    (violations.iter().any(|violation| !matches!(violation.place, Place::Contest(_))), contests.collect())
}

/// Says which counts do not hold; `contest` for what concerns one contest and the meeting.
///
/// # Errors
/// 409 with each of them, if there are any.
pub(super) fn must_hold(violations: &[Violation], contest: Option<Contest>) -> Result<(), Refusal> {
    let concerns = |violation: &&Violation| match (violation.place, contest) {
        (Place::Contest(place), Some(contest)) => place == contest,
        _ => true,
    };
    let said: Vec<String> = violations.iter().filter(concerns).map(Violation::zh).collect();
    if said.is_empty() {
        return Ok(());
    }
    let (act, what) = match contest {
        Some(_) => ("公布", "请把这一轮作废，重新开放下一轮；或核对录入的纸票。"),
        None => ("归档", "请保留现场，核对记录和名册，并联系维护人员。"),
    };
    Err(Refusal::conflict(format!("票数关系不成立，不能{act}：{}。", said.join("；")), what))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use douxuan_crypto::{
        count::{Grades, WindowCount},
        log::PaperCount,
    };

    use super::*;

    const ONE: Contest = Contest::new(1, 1);

    fn counts() -> Counts {
        Counts {
            expected: 62,
            leaves_announced: 70,
            leaves: 70,
            voided: 2,
            redeemed: 58,
            unused: None,
            windows: vec![WindowCount { window: 1, present: 60, redeemed: 58, listed: 58, paper: 0, root: [0; 32] }],
            contests: vec![ContestCount {
                contest: ONE,
                outcome: Some(Outcome::Published),
                root: [0; 32],
                issued_e: 58,
                cast_e: 57,
                tallied: Some(57),
                paper: PaperCount::none(2),
                paper_slips: 0,
                grades: Some(Grades { votes: vec![55, 2], valid: 55, abstained: 2 }),
                threshold: None,
            }],
        }
    }

    fn rules(checks: &[Check]) -> Vec<&str> {
        checks.iter().map(|check| check.rule).collect()
    }

    #[test]
    fn each_rule_carries_the_numbers_of_its_sentence() {
        let checks = Checks::of(&counts(), false);
        assert_eq!(rules(&checks.meeting), ["leaves", "redeemed", "present", "expected", "slips"]);
        assert_eq!(rules(&checks.contests[0].checks), ["issued", "collected", "missing", "valid", "cast", "tallied"]);
        assert!(checks.meeting.iter().chain(&checks.contests[0].checks).all(|check| check.holds));
        let missing = serde_json::to_value(&checks.contests[0].checks[2]).unwrap();
        let expected = serde_json::json!(
            { "rule": "missing", "values": { "issued": 58, "cast": 57, "missing": 1 }, "holds": true });
        assert_eq!(missing, expected);
        // While people enrol, what is left of the slips would tell how many have.
        assert_eq!(rules(&Checks::of(&counts(), true).meeting), ["leaves", "redeemed", "present", "expected"]);
    }

    #[test]
    fn what_does_not_hold_blocks_its_contest_or_the_meeting_and_says_which() {
        let mut broken = counts();
        broken.contests[0].cast_e = 59;
        let (violations, checks) = (broken.violations(), Checks::of(&broken, false));
        let failed: Vec<&str> =
            checks.contests[0].checks.iter().filter(|check| !check.holds).map(|check| check.rule).collect();
        assert_eq!(failed, ["missing", "valid", "cast", "tallied"]);
        assert_eq!(wrong(&violations), (false, BTreeSet::from([ONE])));
        let said = must_hold(&violations, Some(ONE)).unwrap_err();
        assert!(said.error.contains("第1项第1轮") && said.error.contains("59") && said.error.contains("58"), "{said}");
        assert!(must_hold(&violations, Some(Contest::new(2, 1))).is_ok(), "another contest may be published");
        assert!(must_hold(&violations, None).is_err(), "and nothing archived");

        let mut crowded = counts();
        crowded.windows[0].present = 57;
        let violations = crowded.violations();
        assert_eq!(wrong(&violations), (true, BTreeSet::new()));
        assert!(must_hold(&violations, Some(ONE)).unwrap_err().error.contains("第1次登记"));
    }

    #[test]
    fn papers_are_spoken_of_only_where_there_are_any() {
        let mut with_paper = counts();
        let contest = &mut with_paper.contests[0];
        (contest.paper_slips, contest.grades) = (6, Some(Grades { votes: vec![60, 2], valid: 60, abstained: 2 }));
        contest.paper = PaperCount { issued: 6, invalid: 1, ungraded: 0, votes: vec![5, 0] };
        let checks = Checks::of(&with_paper, false);
        let said = rules(&checks.contests[0].checks);
        assert!(["valid_paper", "paper_issued", "paper_cast", "paper_ungraded"].iter().all(|r| said.contains(r)));
        assert!(checks.contests[0].checks.iter().all(|check| check.holds), "{checks:?}");
    }
}
