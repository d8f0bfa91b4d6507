//! The roll of one meeting in memory: which slips there are, which are spent, which are void, which window is open.
//!
//! [`super::store`] holds the same durably and comes first; this is what decisions are taken from.

use std::{collections::BTreeMap, sync::Arc};

use douxuan_crypto::{
    lists::{self, Lists},
    log::Reason,
    manifest::Manifest,
    merkle::Hash,
    token::{Mask, TokenLeaf, TokenTree},
};

/// A spent slip. The first request's hash and signature stand; a repetition changes nothing.
#[derive(Clone)]
pub(super) struct Redeemed {
    /// SHA-256 of the blinded elements.
    pub request_hash: [u8; 32],
    /// The token's signature over it.
    pub sig: [u8; 64],
    /// In which window.
    pub window: u8,
}

/// A slip that can never be spent.
#[derive(Clone, Copy)]
pub(super) struct Voided {
    /// Why.
    pub reason: Reason,
    /// How many windows had been opened.
    pub window: u8,
}

/// What closing a window fixes, as it is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowClosed {
    /// From 1.
    pub window: u8,
    /// 实到, as announced.
    pub present: u32,
    /// |D_w|.
    pub redeemed: u32,
    /// Root of the redeemed tree of D_w.
    pub root: Hash,
}

/// A window that was opened.
#[derive(Clone, Copy)]
pub(super) struct Window {
    /// Set when it closed.
    pub closed: Option<WindowClosed>,
}

/// What is known of a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipState {
    /// Not of this meeting.
    Unknown,
    /// Neither spent nor void.
    Unspent,
    /// Spent.
    Redeemed,
    /// Void.
    Voided,
}

/// The roll of one meeting.
pub(super) struct Ledger {
    /// What is fixed.
    pub manifest: Arc<Manifest>,
    /// Token leaves, ascending by T.
    pub tree: Arc<TokenTree>,
    /// Spent slips by T.
    pub redeemed: BTreeMap<[u8; 32], Redeemed>,
    /// Void slips by T.
    pub voided: BTreeMap<[u8; 32], Voided>,
    /// Windows in order; number w at index w - 1.
    pub windows: Vec<Window>,
    /// No window will open again.
    pub ended: bool,
}

impl Ledger {
    /// The roll before its first window.
    ///
    /// # Errors
    /// A sentence if the leaves are not those of the manifest.
    pub(super) fn new(manifest: Arc<Manifest>, leaves: Vec<TokenLeaf>) -> Result<Self, &'static str> {
        let tree = TokenTree::new(leaves).map_err(|_| "票纸名单中有重复")?;
        if tree.root() != manifest.token_root || u32::try_from(tree.leaves().len()).ok() != Some(manifest.leaves) {
            return Err("票纸名单与会议文件不符");
        }
        let (redeemed, voided) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { manifest, tree: Arc::new(tree), redeemed, voided, windows: Vec::new(), ended: false })
    }

    /// Number of the open window.
    #[must_use]
    pub(super) fn open_window(&self) -> Option<u8> {
        self.windows.last().filter(|window| window.closed.is_none()).map(|_| self.opened())
    }

    /// How many windows were opened.
    #[must_use]
    pub(super) fn opened(&self) -> u8 {
        u8::try_from(self.windows.len()).unwrap_or(u8::MAX)
    }

    /// What is known of a slip.
    #[must_use]
    pub(super) fn slip(&self, t: &[u8; 32]) -> SlipState {
        match (self.tree.find(t), self.voided.contains_key(t), self.redeemed.contains_key(t)) {
            (None, _, _) => SlipState::Unknown,
            (_, true, _) => SlipState::Voided,
            (_, _, true) => SlipState::Redeemed,
            _ => SlipState::Unspent,
        }
    }

    /// What a slip leaves out.
    #[must_use]
    pub(super) fn mask(&self, t: &[u8; 32]) -> Option<&Mask> {
        self.tree.find(t).and_then(|at| self.tree.leaves().get(at)).map(|leaf| &leaf.mask)
    }

    /// `#{T in D_w : item not in mask(T)}`.
    #[must_use]
    pub(super) fn issued(&self, window: u8, item: u16) -> u32 {
        let counted = self
            .redeemed
            .iter()
            .filter(|(t, redeemed)| redeemed.window <= window && self.mask(t).is_some_and(|mask| !mask.excludes(item)));
        u32::try_from(counted.count()).unwrap_or(u32::MAX)
    }

    /// |D_w| and the root of its tree.
    #[must_use]
    pub(super) fn closing(&self, window: u8, present: u32) -> WindowClosed {
        let spent: Vec<lists::Redeemed> = self.spent().filter(|redeemed| redeemed.window <= window).collect();
        WindowClosed { window, present, redeemed: count(spent.len()), root: lists::redeemed_root(&spent, window) }
    }

    /// Q_w: slips handed in for paper up to a window.
    #[must_use]
    pub(super) fn on_paper(&self, window: u8) -> u32 {
        let papers = self.voided.values().filter(|v| v.reason == Reason::Paper && v.window <= window);
        count(papers.count())
    }

    /// The three lists of the bundle, as they stand.
    #[must_use]
    pub(super) fn lists(&self) -> Lists {
        let voided = self.voided.iter();
        Lists {
            leaves: self.tree.leaves().to_vec(),
            redeemed: self.spent().collect(),
            voided: voided.map(|(t, v)| lists::Voided { token: *t, reason: v.reason, window: v.window }).collect(),
        }
    }

    /// Number of spent slips.
    #[must_use]
    pub(super) fn enrolled(&self) -> u32 {
        count(self.redeemed.len())
    }

    fn spent(&self) -> impl Iterator<Item = lists::Redeemed> {
        self.redeemed.iter().filter_map(|(t, redeemed)| {
            Some(lists::Redeemed {
                token: *t,
                mask: self.mask(t)?.clone(),
                request_hash: redeemed.request_hash,
                signature: redeemed.sig,
                window: redeemed.window,
            })
        })
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
