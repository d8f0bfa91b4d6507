//! V10: the slips, one by one.

use super::{Checked, Held, Runner, runner};
use crate::{
    bytes::hex,
    enroll::verify_redemption,
    lists::{Lists, Redeemed, redeemed_root},
    log::LogState,
    manifest::Manifest,
    merkle,
    token::TokenLeaf,
};

/// Signatures of one job.
const BATCH: usize = 64;

/// V10. Every redeemed slip is one of the meeting's, signed for itself, was fixed when its window closed, and is not
/// void; the voided slips are the log's.
pub(super) fn redeemed_and_voided(
    manifest: &Manifest,
    log: &LogState,
    lists: &Lists,
    runner: &dyn Runner,
) -> Checked<()> {
    let leaves: Vec<_> = lists.leaves.iter().map(TokenLeaf::hash).collect();
    if merkle::root(&leaves) != manifest.token_root {
        return Err("the slips are not those the manifest fixed".to_owned());
    }
    for slip in &lists.redeemed {
        let at = |why: &str| format!("redeemed slip {}: {why}", hex(&slip.token));
        let leaf = lists.leaf(&slip.token).ok_or_else(|| at("it is not one of the meeting's"))?;
        if leaf.mask != slip.mask {
            return Err(at("its mask is another than the meeting's"));
        }
    }
    let jobs: Vec<&[Redeemed]> = lists.redeemed.chunks(BATCH).collect();
    runner::all(runner, jobs.len(), |i| {
        let bad = jobs[i]
            .iter()
            .find(|slip| verify_redemption(&manifest.id, &slip.token, &slip.request_hash, &slip.signature).is_err());
        bad.map_or(Ok(()), |slip| Err(format!("redeemed slip {}: its signature does not hold", hex(&slip.token))))
    })?;
    for (window, logged) in (1u8..).zip(log.windows()) {
        if redeemed_root(&lists.redeemed, window) != logged.root {
            return Err(format!("window {window}: the slips redeemed by then are not those the log fixed"));
        }
    }
    if lists.voided != Lists::voided_of(log) {
        return Err("the voided slips are not those of the log".to_owned());
    }
    for slip in &lists.voided {
        let at = |why: &str| format!("voided slip {}: {why}", hex(&slip.token));
        lists.leaf(&slip.token).ok_or_else(|| at("it is not one of the meeting's"))?;
        if lists.redeemed.binary_search_by(|r| r.token.cmp(&slip.token)).is_ok() {
            return Err(at("it is redeemed too"));
        }
    }
    let (count, redeemed, voided) = (lists.leaves.len(), lists.redeemed.len(), lists.voided.len());
    Ok(Held {
        count,
        zh: format!("{count} 张票纸与会议清单一致；{redeemed} 张登记均有持票人签名，{voided} 张作废均未登记。"),
        en: format!(
            "The {count} slips are the manifest's; {redeemed} redeemed ones carry their holders' signatures and \
             {voided} void ones were never redeemed."
        ),
        value: (),
    })
}
