//! Counted papers: two people count, each enters what he counted, and neither sees the other's figures.
//!
//! ```text
//! first entry  -> must add up -> sealed: a keyed digest in memory, who entered it, and nothing else
//! second entry -> must add up -> equal:     kept by the office, and one entry of the log, by both, at the publication
//!                             -> different: both are gone, and nobody is told where they differ
//! ```
//!
//! A sealed count lasts no longer than the session in which it was entered, and no restart. Whoever entered it may enter
//! it anew before the second one comes. With the policy of one person, the first entry is the count.

mod kept;

use std::collections::HashMap;

use douxuan_crypto::{
    contest::Contest,
    hash::sha256_parts,
    log::{Act, PaperCount},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Desk, acts::allowed, allowed::Act as Allowed};
use crate::{
    staff::{By, Part},
    web::Refusal,
};

/// What one person counted of a contest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaperEntry {
    contest: (u16, u8),
    /// Papers given out.
    issued: u32,
    /// Papers that came back, as they were counted in one pile. `None`: the sum of the others.
    #[serde(default)]
    collected: Option<u32>,
    #[serde(default)]
    invalid: u32,
    #[serde(default)]
    ungraded: u32,
    /// One number an option.
    votes: Vec<u32>,
}

/// What an entry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Entered {
    /// It waits for a second person's.
    Sealed,
    /// It is agreed on, and stands in the log once the contest is published.
    Counted,
}

/// A first entry. **Its figures are not here**, only `SHA-256(key || figures)` under a key of its own: without the key
/// the few counts that are possible cannot be tried, and the key never leaves this process.
struct Sealed {
    key: Zeroizing<[u8; 32]>,
    digest: [u8; 32],
    part: Part,
}

impl Sealed {
    fn new<R: CryptoRng + ?Sized>(paper: &PaperCount, part: Part, rng: &mut R) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        Self { digest: digest(&key, paper), key, part }
    }

    fn is(&self, paper: &PaperCount) -> bool {
        digest(&self.key, paper).ct_eq(&self.digest).into()
    }
}

/// All numbers of a scale have the same length, so that different counts are different bytes.
fn digest(key: &[u8; 32], paper: &PaperCount) -> [u8; 32] {
    let PaperCount { issued, invalid, ungraded, votes } = paper;
    let numbers = [issued, invalid, ungraded].into_iter().chain(votes);
    let figures: Zeroizing<Vec<u8>> = Zeroizing::new(numbers.flat_map(|number| number.to_be_bytes()).collect());
    sha256_parts(&[key, &figures])
}

/// Why a first entry is gone, and whose it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Gone {
    /// `differ`, `signed_out` or `cut_short`.
    why: &'static str,
    /// Names; none for `cut_short`, which a restart has forgotten.
    by: Vec<String>,
}

/// Who has entered a count that waits for the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Waits {
    by: String,
    role: crate::staff::Role,
    /// The account: names are not unique.
    id: String,
}

/// What the console shows of a contest's papers. **No figure that anybody entered.**
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct PaperState {
    /// Slips voided for paper that may rate this item: the most papers it can have.
    pub(super) paper_slips: u64,
    /// A first entry, sealed.
    pub(super) paper_waits: Option<Waits>,
    /// How the last first entry ended without a count.
    pub(super) paper_gone: Option<Gone>,
}

/// All sealed counts of one meeting.
#[derive(Default)]
pub(super) struct Papers {
    manifest: [u8; 32],
    sealed: HashMap<Contest, Sealed>,
    gone: HashMap<Contest, Gone>,
}

impl Papers {
    /// Those of this meeting; another one's are dropped.
    fn of(&mut self, manifest: &[u8; 32]) -> &mut Self {
        if self.manifest != *manifest {
            *self = Self { manifest: *manifest, ..Self::default() };
        }
        self
    }

    /// Drops what was entered in a session that is over.
    fn sweep(&mut self, lasts: impl Fn(&Part) -> bool) {
        let over = |(contest, sealed): (&Contest, &Sealed)| (!lasts(&sealed.part)).then_some(*contest);
        let over: Vec<Contest> = self.sealed.iter().filter_map(over).collect();
        for contest in over {
            if let Some(sealed) = self.sealed.remove(&contest) {
                let by = vec![sealed.part.account().name.clone()];
                self.gone.insert(contest, Gone { why: "signed_out", by });
            }
        }
    }

    fn forget(&mut self, contest: Contest) {
        self.sealed.remove(&contest);
        self.gone.remove(&contest);
    }
}

impl Desk {
    /// Takes one person's count of a closed contest. It has to add up and to be possible, whether or not it is the first:
    /// a slip of the finger never waits for another one.
    ///
    /// # Errors
    /// 409 if it does not add up, if nobody could enter the other one, or if the two differ.
    pub(super) async fn count_paper(&self, entry: PaperEntry, by: &By) -> Result<Entered, Refusal> {
        let PaperEntry { contest: (item, round), issued, collected, invalid, ungraded, votes } = entry;
        let (contest, paper) = (Contest::new(item, round), PaperCount { issued, invalid, ungraded, votes });
        let (_acting, meeting) = self.begin_in_meeting(Allowed::ContestPaper, &[contest]).await?;
        adds_up(&paper, collected)?;
        let act = Act::PaperCounted { contest, paper: paper.clone() };
        let after = allowed(&self.log_and_papers(&meeting).await?.1, &act)?;
        self.counts_hold(&meeting, &after, |_| {}).await?;
        let by = if self.settings().await?.two_people {
            let part = by.part().ok_or_else(|| Refusal::broken("papers by nobody"))?;
            match self.compare(&meeting.manifest.id, contest, &paper, part).await? {
                Some(both) => both,
                None => return Ok(Entered::Sealed),
            }
        } else {
            by.clone()
        };
        let actors = self.actors(&meeting.manifest, &by).await?;
        self.keep_papers(&meeting, contest, act, actors).await?;
        self.forget_papers(contest);
        Ok(Entered::Counted)
    }

    /// Seals a first entry, or compares a second one with it; both people if they are equal.
    async fn compare(
        &self,
        manifest: &[u8; 32],
        contest: Contest,
        paper: &PaperCount,
        part: Part,
    ) -> Result<Option<By>, Refusal> {
        let staff = self.parts().staff.clone();
        let has_second = staff.has_second(&part).await?;
        let mut rng = (self.parts().random)();
        let mut papers = self.papers();
        let papers = papers.of(manifest);
        papers.sweep(|part| staff.lasts(part));
        // Signed out meanwhile.
        if !staff.lasts(&part) {
            return Err(Refusal::conflict("登录已经结束。", "请重新登录后再做。").with_status(401));
        }
        let first = papers.sealed.get(&contest).filter(|first| !part.is_of(first.part.account().id));
        let Some(first) = first else {
            if !has_second {
                return Err(Refusal::conflict(
                    "没有能录入第二份的账户：纸票要由两个人各自清点、各自录入，其中至少一位是计票人。",
                    "请管理员建立计票人账户，由计票人用一次性登录码登录；之后再录入。",
                ));
            }
            papers.gone.remove(&contest);
            papers.sealed.insert(contest, Sealed::new(paper, part, &mut *rng));
            return Ok(None);
        };
        let Some(both) = first.part.with(&part) else {
            return Err(Refusal::conflict(
                "两份录入里至少要有一份是计票人录入的。",
                format!("{}已经录入了第一份；请由计票人录入第二份。", first.part.account().name),
            )
            .with_status(403));
        };
        if first.is(paper) {
            return Ok(Some(both));
        }
        let by = both.accounts().map(|account| account.name.clone()).collect();
        papers.sealed.remove(&contest);
        papers.gone.insert(contest, Gone { why: "differ", by });
        Err(Refusal::conflict(
            "两位录入的数字不一致，两份都已作废，哪里不同不显示。",
            "请两位各自重新清点，再各自录入；清点时不要互相对数。",
        ))
    }

    /// What was entered of a contest's papers is gone with it.
    fn forget_papers(&self, contest: Contest) {
        self.papers().forget(contest);
    }

    /// A count that was agreed on was not kept: it is to be entered once more.
    fn cut_short(&self, manifest: &[u8; 32], contest: Contest) {
        let mut papers = self.papers();
        let gone = Gone { why: "cut_short", by: Vec::new() };
        papers.of(manifest).gone.insert(contest, gone);
    }

    /// Who has entered what of a contest, without the figures.
    pub(super) fn papers_of(&self, manifest: &[u8; 32], contest: Contest) -> (Option<Waits>, Option<Gone>) {
        let staff = &self.parts().staff;
        let mut papers = self.papers();
        let papers = papers.of(manifest);
        papers.sweep(|part| staff.lasts(part));
        let waits = papers.sealed.get(&contest).map(|sealed| {
            let account = sealed.part.account();
            Waits { by: account.name.clone(), role: account.role, id: account.id.to_string() }
        });
        (waits, papers.gone.get(&contest).cloned())
    }

    fn papers(&self) -> std::sync::MutexGuard<'_, Papers> {
        self.0.papers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The pile that was counted is the sum of what was counted in it.
fn adds_up(paper: &PaperCount, collected: Option<u32>) -> Result<(), Refusal> {
    let sum = paper.cast();
    match collected {
        Some(collected) if u64::from(collected) != sum => Err(Refusal::conflict(
            format!("各项合计 {sum} 张，收回 {collected} 张，两者不等。"),
            "请核对后再录入：各选项、废票和不计等次的张数相加，应等于收回的张数。",
        )),
        _ => Ok(()),
    }
}
