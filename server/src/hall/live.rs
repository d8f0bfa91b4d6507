//! The public state of a meeting, as JSON.

use schemars::JsonSchema;
use serde::Serialize;

/// Everything that hall screen, phones and console watch. `null` means unknown or not yet, never 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Live {
    /// Version of this form: 1.
    pub v: u8,
    /// `preparing`, `issuing`, `meeting` or `archived`.
    pub phase: &'static str,
    /// A drill, marked 演练 wherever it is shown.
    pub drill: bool,
    /// Title.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Place.
    pub place: String,
    /// M in lowercase hex, once a meeting is frozen.
    pub manifest: Option<String>,
    /// Screen code of M.
    pub screen_code: Option<String>,
    /// 应到.
    pub expected: u32,
    /// Spent slips, as of the last tick.
    pub enrolled: u32,
    /// 实到, as announced at the last window that closed.
    pub present: Option<u32>,
    /// The last window that was opened.
    pub window: LiveWindow,
    /// No window will open again.
    pub enrolment_ended: bool,
    /// The options, in order.
    pub scale: Vec<LiveOption>,
    /// `live` or `close`.
    pub release: &'static str,
    /// Every contest in contest order; the rehearsal, as item 0, only once it was opened.
    pub contests: Vec<LiveContest>,
    /// The address printed on the slips is not this machine's any more.
    pub moved: Option<LiveMoved>,
    /// The office shows the Wi-Fi in the hall.
    pub wifi: Option<LiveWifi>,
    /// What the office counts down. **The last field**: what is left is put into each frame as it is sent.
    pub countdown: Option<LiveCountdown>,
}

/// The enrolment window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveWindow {
    /// 0 before the first.
    pub number: u8,
    /// Whether slips enrol now.
    pub open: bool,
}

/// One option of the scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveOption {
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// `grade` or `abstain`.
    pub kind: &'static str,
}

/// One contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveContest {
    /// Item, 0 for the rehearsal.
    pub item: u16,
    /// Round.
    pub round: u8,
    /// Official's name; empty for the rehearsal.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// `oral`, `written`, or empty for the rehearsal.
    pub report: &'static str,
    /// `unopened`, `open`, `stopped`, `closing`, `closed`, `published`, `withheld`, `voided` or `destroyed`.
    pub state: &'static str,
    /// 发出: slips that may vote in it, once it was opened.
    pub issued: Option<u32>,
    /// 收回: ballots in the urn as of the last tick; exact once closed.
    pub received: Option<u32>,
    /// What the release rule has let out.
    pub released: Option<LiveReleased>,
    /// Once published, or withheld.
    pub result: Option<LiveResult>,
    /// Screen code of the board's root, once closed.
    pub board_code: Option<String>,
}

/// Counts of the ballots released so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveReleased {
    /// How many ballots.
    pub total: u32,
    /// One number an option.
    pub counts: Vec<u32>,
}

/// The count block of one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveResult {
    /// 发出, paper included.
    pub issued: u64,
    /// 收回, paper included.
    pub cast: u64,
    /// 未交, which is not 弃权.
    pub missing: u64,
    /// The papers by themselves; `null` if none were given out.
    pub paper: Option<LivePaper>,
    /// What percentages are of: `cast`.
    pub base: &'static str,
    /// One number an option; `null` where withheld.
    pub votes: Option<Vec<u64>>,
    /// 有效.
    pub valid: Option<u64>,
    /// 弃权.
    pub abstained: Option<u64>,
    /// The threshold policy's finding; `null` where none applies.
    pub threshold: Option<LiveThreshold>,
}

/// The papers in a count block. **Never their grades**: those are in the sums only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LivePaper {
    /// Given out.
    pub issued: u64,
    /// Came back.
    pub cast: u64,
    /// Of these invalid.
    pub invalid: u64,
    /// Of these not graded, because they are too few.
    pub ungraded: u64,
}

/// What the policy says of one option's share; the pages have the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveThreshold {
    /// The option looked at, as an index of the scale.
    pub option: usize,
    /// Its votes.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// What the base is: `valid` or `cast`, with `_electronic` where paper is looked at apart.
    pub base_kind: &'static str,
    /// The limit to be reached, numerator and denominator.
    pub reaches_limit: (u32, u32),
    /// `null` for an empty base.
    pub reaches: Option<bool>,
    /// The limit to be exceeded, numerator and denominator.
    pub over_limit: (u32, u32),
    /// `null` for an empty base.
    pub over: Option<bool>,
}

/// The address that phones are to use now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveMoved {
    /// Where a code can be typed.
    pub url: String,
}

/// The hall's Wi-Fi. Its passphrase is in the QR code of `/wifi.svg` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveWifi {
    /// Name of the network.
    pub ssid: String,
}

/// A countdown that binds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveCountdown {
    /// Seconds, at the moment this was sent.
    pub left: u64,
}

impl Live {
    /// Before any meeting is frozen.
    #[must_use]
    pub fn preparing() -> Self {
        Self {
            v: 1,
            phase: "preparing",
            drill: false,
            title: String::new(),
            date: String::new(),
            place: String::new(),
            manifest: None,
            screen_code: None,
            expected: 0,
            enrolled: 0,
            present: None,
            window: LiveWindow { number: 0, open: false },
            enrolment_ended: false,
            scale: Vec::new(),
            release: "close",
            contests: Vec::new(),
            moved: None,
            wifi: None,
            countdown: None,
        }
    }
}
