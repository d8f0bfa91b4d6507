//! A drill's slips as its console exports them, told apart by whom they leave out.

use std::collections::BTreeMap;

use douxuan_ballot::swarm::slips::{SlipEntry, SlipsFile};
use douxuan_crypto::token::{Mask, Slip};
use serde_json::json;

use super::{DrillError, console::Console};
use crate::limits;

/// Freezes the meeting that is prepared, and takes its slips.
pub(crate) async fn freeze(console: &Console) -> Result<SlipsFile, DrillError> {
    console.act("freeze", json!({})).await?;
    let slips = console.read("slips.json").await?;
    serde_json::from_slice(&slips).map_err(|error| DrillError::Broken(format!("slips.json: {error}")))
}

/// The slips that leave out the same officials.
pub(crate) struct Kind {
    /// As they are printed, spares last.
    pub(crate) slips: Vec<SlipEntry>,
    /// How many people get one; the rest are spares.
    pub(crate) holders: usize,
    /// Whether they leave anybody out.
    pub(crate) reporting: bool,
}

/// Every kind of slip.
pub(crate) fn kinds(slips: SlipsFile) -> Result<Vec<Kind>, DrillError> {
    let unreadable = |_| DrillError::Broken("a slip cannot be read".to_owned());
    let mut groups: BTreeMap<Vec<u8>, Vec<SlipEntry>> = BTreeMap::new();
    for entry in slips.slips {
        let slip = Slip::parse_fragment(&entry.fragment).map_err(unreadable)?;
        groups.entry(slip.mask).or_default().push(entry);
    }
    let kind = |(mask, slips): (Vec<u8>, Vec<SlipEntry>)| {
        let reports = Mask::from_bytes(&mask, mask.len() * 8).map_err(unreadable)?.excluded();
        let holders = if reports.is_empty() { holders_among(slips.len()) } else { reports.len() };
        Ok(Kind { slips, holders, reporting: !reports.is_empty() })
    };
    groups.into_iter().map(kind).collect()
}

/// The holders of `slips` general slips, spares included.
fn holders_among(slips: usize) -> usize {
    let spares = |holders: usize| (holders * limits::SPARE_PERCENT).div_ceil(100).max(limits::SPARE_LEAST);
    (0..slips).find(|holders| holders + spares(*holders) >= slips).unwrap_or(0)
}
