//! Where a contest stands, and what the hall, the phones and the console may know of it.

use std::{collections::BTreeMap, fmt};

use douxuan_crypto::{contest::Contest, merkle::Hash};
use tokio::sync::watch;

/// The life of a contest: unopened, open, closing, closed, then published, withheld or voided. The rehearsal ends in
/// destroyed instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not opened yet.
    Unopened,
    /// Takes ballots.
    Open,
    /// Was open and takes no ballots any more, because of an alarm. Close it, or restart after mending the disk.
    Stopped,
    /// The close has begun; ballots that are in get their receipts still.
    Closing,
    /// The board stands; the figures are not shown.
    Closed,
    /// The figures are public.
    Published,
    /// Published with 1 to 4 ballots: there are no figures.
    Withheld,
    /// Void.
    Voided,
    /// The rehearsal, gone.
    Destroyed,
}

impl Phase {
    /// One lowercase English word, as pages and scripts know it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unopened => "unopened",
            Self::Open => "open",
            Self::Stopped => "stopped",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Published => "published",
            Self::Withheld => "withheld",
            Self::Voided => "voided",
            Self::Destroyed => "destroyed",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unopened => "未开",
            Self::Open => "开放",
            Self::Stopped => "停止",
            Self::Closing => "正在截止",
            Self::Closed => "截止",
            Self::Published => "已公布",
            Self::Withheld => "票数过少，不公布",
            Self::Voided => "作废",
            Self::Destroyed => "已销毁",
        })
    }
}

/// Counts that the release rule has let out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// How many ballots they cover.
    pub total: u32,
    /// One number an option of the scale.
    pub counts: Vec<u32>,
}

/// One contest as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestView {
    /// Where it stands.
    pub phase: Phase,
    /// Slips that may vote, once it was opened.
    pub issued: Option<u32>,
    /// Ballots received, **as of the last tick** while it is open.
    pub received: u32,
    /// What the release rule has let out; `None` where nothing is shown live.
    pub released: Option<Released>,
    /// Size and root of the board, once closed.
    pub board: Option<(u32, Hash)>,
    /// `t`, one number an option of the scale, once published and not withheld.
    pub published: Option<Vec<u32>>,
    /// What is wrong, in words for the console, and what to do.
    pub alarm: Option<String>,
}

impl ContestView {
    pub(super) const fn new(phase: Phase) -> Self {
        Self { phase, issued: None, received: 0, released: None, board: None, published: None, alarm: None }
    }
}

/// The whole side at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrnView {
    /// Every contest of the manifest.
    pub contests: BTreeMap<Contest, ContestView>,
}

/// Where views are changed. Phases and alarms show at once; numbers only when the tick changes them.
#[derive(Clone)]
pub(super) struct Views(watch::Sender<UrnView>);

impl Views {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(UrnView::default()))
    }

    pub(super) fn watch(&self) -> watch::Receiver<UrnView> {
        self.0.subscribe()
    }

    pub(super) fn reset(&self) {
        self.0.send_replace(UrnView::default());
    }

    /// Changes one contest's view and tells the watchers, if it is different then.
    pub(super) fn change(&self, contest: Contest, change: impl FnOnce(&mut ContestView)) {
        self.0.send_if_modified(|view| {
            let entry = view.contests.entry(contest).or_insert(ContestView::new(Phase::Unopened));
            let before = entry.clone();
            change(entry);
            *entry != before
        });
    }

    pub(super) fn phases(&self) -> Vec<(Contest, Phase)> {
        self.0.borrow().contests.iter().map(|(contest, view)| (*contest, view.phase)).collect()
    }
}
