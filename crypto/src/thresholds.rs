//! "较差 reaches 20 %", "较差 over 30 %": exact integers (PROTOCOL section 23, the threshold line).
//!
//! ```text
//! reaches:  den * count >= num * base        over:  den * count > num * base        base > 0
//! ```

use crate::manifest::{Base, Manifest, OptionKind, PaperPolicy};

/// What the thresholds policy says of one published contest. **A finding opens a step; it is never a punishment.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The option counted, as an index of the scale.
    pub option: usize,
    /// Its votes.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// Whether the share reaches the first limit; `None` for an empty base, where no threshold applies.
    pub reaches: Option<bool>,
    /// Whether the share is over the second limit; `None` for an empty base.
    pub over: Option<bool>,
}

impl Threshold {
    /// The policy of the manifest on one contest: `phones` = `t_j`, `paper` = `p_j`, and 收回 in both parts.
    #[must_use]
    pub fn compute(manifest: &Manifest, phones: &[u64], paper: &[u64], cast_e: u64, cast_p: u64) -> Self {
        let policy = &manifest.thresholds;
        // A parsed manifest names one of its own grades.
        let option = manifest.scale.iter().position(|o| o.code == policy.option).unwrap_or(0);
        let with_paper = policy.paper == PaperPolicy::Included;
        let votes = |j: usize| {
            let on_paper = if with_paper { paper.get(j).copied().unwrap_or(0) } else { 0 };
            phones.get(j).copied().unwrap_or(0) + on_paper
        };
        let base = match policy.base {
            Base::Valid => {
                let grades = manifest.scale.iter().enumerate().filter(|(_, o)| o.kind == OptionKind::Grade);
                grades.map(|(j, _)| votes(j)).sum()
            }
            Base::Cast => cast_e + if with_paper { cast_p } else { 0 },
        };
        let count = votes(option);
        let (reaches, over) = judge(count, base, policy.reaches, policy.over);
        Self { option, count, base, reaches, over }
    }
}

/// Whether `count` of `base` reaches one share (num, den) and is over another; `None` twice for an empty base.
#[must_use]
pub fn judge(count: u64, base: u64, reaches: (u32, u32), over: (u32, u32)) -> (Option<bool>, Option<bool>) {
    // num, den <= 1000 and every count is a sum of at most nine 32-bit numbers: no product overflows.
    let sides = |(num, den): (u32, u32)| (u64::from(den) * count, u64::from(num) * base);
    let applies = base > 0;
    let ((count_r, base_r), (count_o, base_o)) = (sides(reaches), sides(over));
    (applies.then_some(count_r >= base_r), applies.then_some(count_o > base_o))
}

#[cfg(test)]
mod tests {
    fn at(count: u64, base: u64) -> (Option<bool>, Option<bool>) {
        super::judge(count, base, (1, 5), (3, 10))
    }

    #[test]
    fn limits_are_exact() {
        assert_eq!(at(0, 0), (None, None));
        assert_eq!(at(0, 1), (Some(false), Some(false)));
        assert_eq!(at(10, 50), (Some(true), Some(false)), "exactly 20 % reaches");
        assert_eq!(at(199_999, 1_000_000), (Some(false), Some(false)));
        assert_eq!(at(15, 50), (Some(true), Some(false)), "exactly 30 % is not over");
        assert_eq!(at(300_001, 1_000_000), (Some(true), Some(true)));
        assert_eq!(at(3, 7), (Some(true), Some(true)));
        assert_eq!(at(u64::from(u32::MAX) * 8, u64::from(u32::MAX) * 8), (Some(true), Some(true)));
    }
}
