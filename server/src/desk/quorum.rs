//! The quorum: how many have to be present before an item is opened. What is asked for differs from place to place, so
//! it is a setting, fixed with the meeting. Shares are integers; nothing is rounded.

use std::collections::BTreeMap;

use douxuan_crypto::log::LogState;
use serde::{Deserialize, Serialize};

use super::{
    Desk,
    checkin::{GroupTotals, Totals},
};
use crate::{limits, web::Refusal};

/// A share as numerator and denominator.
pub(super) type Share = (u32, u32);

/// What has to be present. Of the whole roster, and of any group of it beside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Of 应到.
    pub share: Share,
    /// True: more than the share (过半). False: the share is enough.
    #[serde(default)]
    pub over: bool,
    /// At least so much of the 应到 of a group of article 16, by the group's name.
    #[serde(default)]
    pub groups: BTreeMap<String, Share>,
}

/// Heads of the whole roster or of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heads {
    /// Name of the group; empty for the whole.
    pub(super) group: String,
    /// 应到.
    pub(super) expected: u32,
    /// Who is there now; `None` if nobody counted.
    pub(super) present: Option<u32>,
}

/// Where the heads present are known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Counted {
    /// People signed in: 在场 now.
    Checkin,
    /// Heads are counted by hand: what was announced when the last window closed. Groups are known from who signed in.
    Window,
}

/// A quorum beside the heads present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    by: Counted,
    holds: bool,
    /// The whole first, then every group that the policy names.
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Line {
    group: String,
    share: Share,
    over: bool,
    expected: u32,
    present: Option<u32>,
    needed: u32,
    holds: bool,
}

/// The fewest heads that make a share of `expected`, or more than it with `over`. The denominator is not 0.
///
/// | expected | 2/3 | over 1/2 |
/// |---|---|---|
/// | 60 | 40 | 31 |
/// | 61 | 41 | 31 |
#[must_use]
fn fewest((numerator, denominator): Share, over: bool, expected: u32) -> u64 {
    let (product, denominator) = (u64::from(numerator) * u64::from(expected), u64::from(denominator.max(1)));
    if over { product / denominator + 1 } else { product.div_ceil(denominator) }
}

impl Default for Quorum {
    /// Two thirds of 应到.
    fn default() -> Self {
        Self { share: (2, 3), over: false, groups: BTreeMap::new() }
    }
}

impl Quorum {
    /// Refuses shares that say nothing or that nobody can reach.
    ///
    /// # Errors
    /// [`Refusal`] with what is allowed.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let share = |(numerator, denominator): Share| numerator >= 1 && numerator <= denominator && denominator <= 1000;
        if !share(self.share) || !self.groups.values().copied().all(share) {
            return Err(Refusal::conflict(
                "定足数的比例不对。",
                "请写成两个整数，例如 2 和 3 表示三分之二，分母不超过 1000。",
            ));
        }
        if self.over && self.share.0 == self.share.1 {
            return Err(Refusal::conflict("定足数不能是“超过全部”。", "要求全部到会，请选“不少于”。"));
        }
        if self.groups.len() > 20 || self.groups.keys().any(|name| name.chars().count() > limits::TEXT) {
            return Err(Refusal::conflict(
                "定足数里的类别太多，或名称太长。",
                "类别最多 20 个，请照名单里的类别填写。",
            ));
        }
        Ok(())
    }

    /// Refuses a group that the roster does not have: nobody would notice that it asks for nothing.
    ///
    /// # Errors
    /// [`Refusal`] naming the group.
    pub(super) fn names_groups_of<'a>(&self, roster: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let roster: Vec<&str> = roster.collect();
        match self.groups.keys().find(|group| !roster.contains(&group.as_str())) {
            None => Ok(()),
            Some(group) => Err(Refusal::conflict(
                format!("定足数要求“{group}”到会，名单里没有这个类别。"),
                "请在会议设置里改定足数，保存后再冻结。",
            )),
        }
    }

    /// The policy beside the heads: the whole, then the groups.
    #[must_use]
    pub(super) fn judge(&self, by: Counted, whole: Heads, groups: &[Heads]) -> Verdict {
        let line = |heads: &Heads, share: Share, over: bool| {
            let needed = fewest(share, over, heads.expected);
            Line {
                group: heads.group.clone(),
                share,
                over,
                expected: heads.expected,
                present: heads.present,
                needed: u32::try_from(needed).unwrap_or(u32::MAX),
                holds: heads.present.is_some_and(|present| u64::from(present) >= needed),
            }
        };
        let named = groups.iter().filter_map(|heads| Some(line(heads, *self.groups.get(&heads.group)?, false)));
        let lines: Vec<Line> = std::iter::once(line(&whole, self.share, self.over)).chain(named).collect();
        Verdict { by, holds: lines.iter().all(|line| line.holds), lines }
    }
}

impl Verdict {
    /// Refuses with the arithmetic of the first line that does not hold, and with what to do.
    ///
    /// # Errors
    /// 409.
    pub(super) fn must_hold(&self) -> Result<(), Refusal> {
        let Some(line) = self.lines.iter().find(|line| !line.holds) else { return Ok(()) };
        let Some(present) = line.present else {
            return Err(Refusal::conflict(
                format!("定足数要求“{}”到会，没有报到就不知道到了几人。", line.group),
                "请在“报到”里给在场的人报到，再开放项目。",
            ));
        };
        let Line { group, expected, needed, share: (numerator, denominator), .. } = line;
        let missing = needed.saturating_sub(present);
        let error = match (self.by, group.as_str(), line.over) {
            (_, group, _) if !group.is_empty() => format!(
                "定足数没有达到：“{group}”在场 {present} 人，应到 {expected} 人，至少要 {needed} 人（不少于 {numerator}/{denominator}）。"
            ),
            (Counted::Checkin, _, false) => format!(
                "定足数没有达到：在场 {present} 人，应到 {expected} 人，至少要 {needed} 人（不少于 {numerator}/{denominator}）。"
            ),
            (Counted::Checkin, _, true) => format!(
                "定足数没有达到：在场 {present} 人，应到 {expected} 人，至少要 {needed} 人（超过 {numerator}/{denominator}）。"
            ),
            (Counted::Window, _, false) => format!(
                "定足数没有达到：上次关闭登记时实到 {present} 人，应到 {expected} 人，至少要 {needed} 人（不少于 {numerator}/{denominator}）。"
            ),
            (Counted::Window, _, true) => format!(
                "定足数没有达到：上次关闭登记时实到 {present} 人，应到 {expected} 人，至少要 {needed} 人（超过 {numerator}/{denominator}）。"
            ),
        };
        let what = match self.by {
            Counted::Window if !group.is_empty() => {
                format!("还差 {missing} 人。请等人到齐，在“报到”里给在场的人报到。")
            }
            Counted::Checkin => {
                format!("还差 {missing} 人。请等人到齐，在“报到”里给到场的人报到；迟到的人要再开一次登记才能测评。")
            }
            Counted::Window => {
                format!(
                    "还差 {missing} 人。请等人到齐，再开一次登记，关闭登记时报新的实到人数；或在“报到”里给在场的人报到。"
                )
            }
        };
        Err(Refusal::conflict(error, what))
    }
}

impl Desk {
    /// The policy beside who is here; `None` without a policy, and before anything is known.
    pub(super) async fn verdict(&self, log: &LogState, totals: &Totals) -> Result<Option<Verdict>, Refusal> {
        let Some(quorum) = self.settings().await?.quorum else { return Ok(None) };
        let announced = log.windows().last().map(|window| window.present);
        let (by, present) =
            if totals.in_use { (Counted::Checkin, Some(totals.here)) } else { (Counted::Window, announced) };
        let Some(present) = present else { return Ok(None) };
        let whole = Heads { group: String::new(), expected: totals.expected, present: Some(present) };
        let of_group = |group: &GroupTotals| Heads {
            group: group.group.clone(),
            expected: group.expected,
            // Of a group nobody announces heads: whoever signed in is there, and of the others nothing is known.
            present: (totals.came > 0).then_some(group.here),
        };
        let groups: Vec<Heads> = totals.groups.iter().map(of_group).collect();
        Ok(Some(quorum.judge(by, whole, &groups)))
    }

    /// Refuses if too few are present for an item to be opened.
    ///
    /// # Errors
    /// 409 with the arithmetic.
    pub(super) async fn quorum_holds(&self, log: &LogState) -> Result<(), Refusal> {
        let totals = self.checkin_totals(log).await?;
        self.verdict(log, &totals).await?.map_or(Ok(()), |verdict| verdict.must_hold())
    }

    /// Where people sign in, no other number of heads is announced.
    ///
    /// # Errors
    /// 409 with both numbers.
    pub(super) async fn heads_are_those_signed_in(&self, log: &LogState, present: u32) -> Result<(), Refusal> {
        let totals = self.checkin_totals(log).await?;
        if !totals.in_use || totals.came == present {
            return Ok(());
        }
        Err(Refusal::conflict(
            format!("报到的有 {} 人，填写的实到是 {present} 人，不相符。", totals.came),
            "请核对报到名单：漏了的补报到，报错的撤销；名单没有错，实到就填报到的人数。这次不用报到的，请把报到的都撤销，再填清点的人数。",
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn heads(group: &str, expected: u32, present: Option<u32>) -> Heads {
        Heads { group: group.to_owned(), expected, present }
    }

    fn holds(quorum: &Quorum, expected: u32, present: u32) -> bool {
        quorum.judge(Counted::Checkin, heads("", expected, Some(present)), &[]).must_hold().is_ok()
    }

    #[test]
    fn two_thirds_and_over_half_at_the_edge() {
        let two_thirds = Quorum::default();
        assert!(holds(&two_thirds, 60, 40) && !holds(&two_thirds, 60, 39));
        assert!(holds(&two_thirds, 61, 41) && !holds(&two_thirds, 61, 40), "40.67 is not 40");
        let half = Quorum { share: (1, 2), over: true, ..Quorum::default() };
        assert!(holds(&half, 60, 31) && !holds(&half, 60, 30), "30 of 60 is a half and no more");
        assert!(holds(&half, 61, 31) && !holds(&half, 61, 30));
        let all = Quorum { share: (1, 1), ..Quorum::default() };
        assert!(holds(&all, 60, 60) && !holds(&all, 60, 59));
    }

    #[test]
    fn a_group_is_asked_for_beside_the_whole_and_is_unknown_while_nobody_signs_in() {
        let quorum = Quorum { groups: BTreeMap::from([("常委".to_owned(), (1, 2))]), ..Quorum::default() };
        let refused = |by: Counted, standing: Option<u32>| {
            let groups = [heads("委员", 51, standing.map(|_| 51)), heads("常委", 9, standing)];
            quorum.judge(by, heads("", 60, Some(60)), &groups).must_hold().err().map(|refusal| refusal.to_string())
        };
        assert_eq!(refused(Counted::Checkin, Some(5)), None);
        let four = refused(Counted::Checkin, Some(4)).unwrap();
        assert!(four.contains("“常委”在场 4 人，应到 9 人，至少要 5 人") && four.contains("还差 1 人"), "{four}");
        let unknown = refused(Counted::Window, None).unwrap();
        assert!(unknown.contains("“常委”") && unknown.contains("报到"), "{unknown}");
    }

    #[test]
    fn shares_that_say_nothing_are_refused() {
        let share = |share: Share, over: bool| Quorum { share, over, ..Quorum::default() }.check().is_ok();
        assert!(share((2, 3), false) && share((1, 2), true) && share((1, 1), false) && share((999, 1000), true));
        for (wrong, over) in [((0, 3), false), ((4, 3), false), ((1, 0), false), ((1, 1001), false), ((3, 3), true)] {
            assert!(!share(wrong, over), "{wrong:?}");
        }
        let group =
            |share: Share| Quorum { groups: BTreeMap::from([("常委".to_owned(), share)]), ..Quorum::default() };
        assert!(group((1, 2)).check().is_ok() && group((2, 1)).check().is_err());
        assert!(group((1, 2)).names_groups_of(["常委", "委员"].into_iter()).is_ok());
        let unknown = group((1, 2)).names_groups_of(["委员"].into_iter()).unwrap_err().to_string();
        assert!(unknown.contains("“常委”"), "{unknown}");
    }

    proptest! {
        /// A naive rational: heads / expected against the share, by cross multiplication in wide integers; and nobody
        /// is asked for beyond the first head that is enough.
        #[test]
        fn the_fewest_heads_are_those_of_a_naive_rational(
            denominator in 1u32..=1000, part in 0u32..1000, expected in 1u32..=100_000, over: bool, near in -2i64..=2
        ) {
            let numerator = 1 + part % denominator;
            let quorum = Quorum { share: (numerator, denominator), over, ..Quorum::default() };
            let naive = |present: i64| {
                let (left, right) = (i128::from(present) * i128::from(denominator), i128::from(numerator) * i128::from(expected));
                if over { left > right } else { left >= right }
            };
            let fewest = i64::try_from(fewest(quorum.share, over, expected)).unwrap();
            prop_assert!(naive(fewest) && !naive(fewest - 1));
            let present = (fewest + near).max(0);
            prop_assert_eq!(holds(&quorum, expected, u32::try_from(present).unwrap()), naive(present));
        }
    }
}
