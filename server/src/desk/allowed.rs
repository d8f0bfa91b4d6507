//! The one table of allowed acts: where the meeting stands, where a contest stands, and what may be done then.
//!
//! Every route asks it first, the console is offered nothing else. An act on a contest needs both rows: the meeting's
//! and the contest's. The table says what the log's order rules say (a test compares them in every state that can be
//! reached), and a little more: what concerns slips in memory, lists, and counts that do not hold.

mod standing;

pub use standing::{Facts, Standing};

use crate::messages::{self, Language};

/// Something the office does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named as its route")]
pub enum Act {
    Sample,
    Import,
    Settings,
    Freeze,
    SlipsPrinted,
    SlipsAgain,
    WindowOpen,
    WindowClose,
    SlipVoid,
    EnrolmentEnd,
    ContestOpen,
    ContestClose,
    ContestPaper,
    ContestPublish,
    ContestVoid,
    RehearsalDestroy,
    Archive,
    MeetingNew,
    Wifi,
    Countdown,
    CheckIn,
}

/// Where the meeting stands: the four states of the console, as finely as acts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 准备: lists, title or place are missing.
    Empty,
    /// 准备: may be frozen.
    Drafted,
    /// 发放: frozen, the slips are in memory.
    Printing,
    /// 发放: frozen, the slips are not in memory any more, no window was opened.
    Printed,
    /// 发放: an enrolment window is open, and no official's contest was opened yet.
    Enrolling,
    /// 发放: windows are closed, and no official's contest was opened yet.
    Seated,
    /// 发放: the rehearsal is open.
    Rehearsing,
    /// 会议中: a window is open again.
    Reopened,
    /// 会议中: no contest is open, enrolment has not ended.
    Between,
    /// 会议中: a contest is open, enrolment has not ended.
    Voting,
    /// 会议中: enrolment has ended, a contest has no outcome yet, or the counts do not hold.
    Ended,
    /// 会议中: enrolment has ended, every opened contest has an outcome, and the counts hold.
    Complete,
    /// 归档.
    Archived,
}

/// Where one contest stands, as finely as acts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Round {
    /// 未开, and the round before it has no outcome yet.
    Later,
    /// 未开.
    Unopened,
    /// 开放.
    Open,
    /// An alarm stopped it while it was open.
    Stopped,
    /// An alarm stopped it before the log said that it is open.
    Unlogged,
    /// An alarm stopped what was done with it after its close.
    Halfway,
    /// 截止, being finished.
    Closing,
    /// 复核, no papers entered.
    Closed,
    /// 复核, papers entered.
    Counted,
    /// 复核, a count does not hold; no papers entered.
    Wrong,
    /// 复核, a count does not hold; papers entered.
    WrongCounted,
    /// 公布.
    Published,
    /// 公布, 票数过少.
    Withheld,
    /// 作废.
    Voided,
    /// The rehearsal, not opened.
    Trial,
    /// The rehearsal, open.
    TrialOpen,
    /// The rehearsal, stopped by an alarm.
    TrialStopped,
    /// The rehearsal, gone.
    TrialDestroyed,
}

/// What each stage of the meeting allows. An act on a contest also needs its row in [`ROUNDS`].
#[rustfmt::skip]
pub const STAGES: [(Stage, &[Act]); 13] = {
    use Act::*;
    [
        (Stage::Empty, &[Sample, Import, Settings, Wifi]),
        (Stage::Drafted, &[Sample, Import, Settings, Freeze, Wifi]),
        (Stage::Printing, &[SlipsPrinted, SlipsAgain, WindowOpen, MeetingNew, Wifi, Countdown, CheckIn]),
        (Stage::Printed, &[SlipsAgain, WindowOpen, MeetingNew, Wifi, Countdown, CheckIn]),
        (Stage::Enrolling, &[WindowClose, SlipVoid, MeetingNew, Wifi, Countdown, CheckIn]),
        (Stage::Seated, &[WindowOpen, SlipVoid, ContestOpen, EnrolmentEnd, MeetingNew, Wifi, Countdown, CheckIn]),
        (Stage::Rehearsing, &[RehearsalDestroy, ContestOpen, SlipVoid, EnrolmentEnd, Wifi, Countdown, CheckIn]),
        (Stage::Reopened, &[WindowClose, SlipVoid, ContestClose, ContestPaper, ContestPublish, ContestVoid, Wifi, Countdown, CheckIn]),
        (Stage::Between, &[WindowOpen, SlipVoid, ContestOpen, ContestClose, ContestPaper, ContestPublish, ContestVoid, EnrolmentEnd, Wifi, Countdown, CheckIn]),
        (Stage::Voting, &[RehearsalDestroy, SlipVoid, ContestOpen, ContestClose, ContestPaper, ContestPublish, ContestVoid, EnrolmentEnd, Wifi, Countdown, CheckIn]),
        (Stage::Ended, &[RehearsalDestroy, ContestOpen, ContestClose, ContestPaper, ContestPublish, ContestVoid, Wifi, Countdown, CheckIn]),
        (Stage::Complete, &[ContestOpen, ContestVoid, Archive, Wifi, Countdown, CheckIn]),
        (Stage::Archived, &[Archive, MeetingNew, Wifi]),
    ]
};

/// What each state of a contest allows, where the meeting's row allows it too.
pub const ROUNDS: [(Round, &[Act]); 18] = {
    use Act::*;
    [
        (Round::Later, &[]),
        (Round::Unopened, &[ContestOpen]),
        (Round::Open, &[ContestClose]),
        (Round::Stopped, &[ContestOpen, ContestClose]),
        (Round::Unlogged, &[ContestOpen]),
        (Round::Halfway, &[ContestClose, ContestPublish, ContestVoid]),
        (Round::Closing, &[]),
        (Round::Closed, &[ContestPublish, ContestPaper, ContestVoid]),
        (Round::Counted, &[ContestPublish, ContestVoid]),
        (Round::Wrong, &[ContestPaper, ContestVoid]),
        (Round::WrongCounted, &[ContestVoid]),
        (Round::Published, &[ContestVoid]),
        (Round::Withheld, &[ContestVoid]),
        (Round::Voided, &[]),
        (Round::Trial, &[ContestOpen]),
        (Round::TrialOpen, &[RehearsalDestroy]),
        (Round::TrialStopped, &[ContestOpen, RehearsalDestroy]),
        (Round::TrialDestroyed, &[]),
    ]
};

impl Act {
    /// Every act.
    pub const ALL: [Self; 21] = [
        Self::Sample,
        Self::Import,
        Self::Settings,
        Self::Freeze,
        Self::SlipsPrinted,
        Self::SlipsAgain,
        Self::WindowOpen,
        Self::WindowClose,
        Self::SlipVoid,
        Self::EnrolmentEnd,
        Self::ContestOpen,
        Self::ContestClose,
        Self::ContestPaper,
        Self::ContestPublish,
        Self::ContestVoid,
        Self::RehearsalDestroy,
        Self::Archive,
        Self::MeetingNew,
        Self::Wifi,
        Self::Countdown,
        Self::CheckIn,
    ];

    /// Its path behind `/desk/`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Import => "import",
            Self::Settings => "settings",
            Self::Freeze => "freeze",
            Self::SlipsPrinted => "slips/printed",
            Self::SlipsAgain => "slips/again",
            Self::WindowOpen => "window/open",
            Self::WindowClose => "window/close",
            Self::SlipVoid => "slip/void",
            Self::EnrolmentEnd => "enrolment/end",
            Self::ContestOpen => "contest/open",
            Self::ContestClose => "contest/close",
            Self::ContestPaper => "contest/paper",
            Self::ContestPublish => "contest/publish",
            Self::ContestVoid => "contest/void",
            Self::RehearsalDestroy => "rehearsal/destroy",
            Self::Archive => "archive",
            Self::MeetingNew => "meeting/new",
            Self::Wifi => "wifi",
            Self::Countdown => "countdown",
            Self::CheckIn => "checkin",
        }
    }

    /// Whether it is done to one contest, the rehearsal among them.
    #[must_use]
    pub const fn is_of_contest(self) -> bool {
        matches!(
            self,
            Self::ContestOpen
                | Self::ContestClose
                | Self::ContestPaper
                | Self::ContestPublish
                | Self::ContestVoid
                | Self::RehearsalDestroy
        )
    }

    /// Whether the console offers it as a button of its own; the others belong to a form that it has anyway.
    #[must_use]
    pub const fn is_button(self) -> bool {
        !matches!(self, Self::Sample | Self::Import | Self::Settings | Self::Wifi | Self::Countdown | Self::CheckIn)
    }

    fn zh(self) -> &'static str {
        messages::text(Language::Chinese, self.label())
    }

    /// Key of its label in the message files.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sample => "act.sample",
            Self::Import => "act.import",
            Self::Settings => "act.settings",
            Self::Freeze => "act.freeze",
            Self::SlipsPrinted => "act.slips_printed",
            Self::SlipsAgain => "act.slips_again",
            Self::WindowOpen => "act.window_open",
            Self::WindowClose => "act.window_close",
            Self::SlipVoid => "act.slip_void",
            Self::EnrolmentEnd => "act.enrolment_end",
            Self::ContestOpen => "act.contest_open",
            Self::ContestClose => "act.contest_close",
            Self::ContestPaper => "act.contest_paper",
            Self::ContestPublish => "act.contest_publish",
            Self::ContestVoid => "act.contest_void",
            Self::RehearsalDestroy => "act.rehearsal_destroy",
            Self::Archive => "act.archive",
            Self::MeetingNew => "act.meeting_new",
            Self::Wifi => "act.wifi",
            Self::Countdown => "act.countdown",
            Self::CheckIn => "act.checkin",
        }
    }
}

impl Stage {
    /// `preparing`, `issuing`, `meeting` or `archived`.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Empty | Self::Drafted => "preparing",
            Self::Printing | Self::Printed | Self::Enrolling | Self::Seated | Self::Rehearsing => "issuing",
            Self::Reopened | Self::Between | Self::Voting | Self::Ended | Self::Complete => "meeting",
            Self::Archived => "archived",
        }
    }

    /// Its row.
    #[must_use]
    pub fn acts(self) -> &'static [Act] {
        STAGES.iter().find(|(stage, _)| *stage == self).map_or(&[], |(_, acts)| acts)
    }

    /// What the stage is, and what usually comes next.
    const fn zh(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("名单、标题或地点还不齐", "请先导入名单，填写标题和地点；想先看看，请按“用样例开始”。"),
            Self::Drafted => ("会议还没有冻结", "请先核对名单和设置，再冻结会议。"),
            Self::Printing => {
                ("会议已经冻结，还没有开放过登记", "请先打印票纸，再开放登记；要更改内容，请先放弃这场会议。")
            }
            Self::Printed => ("会议已经冻结，还没有开放过登记", "请先开放登记；要更改内容，请先放弃这场会议。"),
            Self::Enrolling | Self::Reopened => ("登记还开放着", "请先报实到人数，关闭登记。"),
            Self::Seated => ("登记已经关闭，还没有开放过项目", "请开放项目，或再开一次登记。"),
            Self::Rehearsing => ("试投还开放着", "请先销毁试投。"),
            Self::Between => ("会议正在进行，没有项目开放着", "请公布或作废已截止的项目，或开放下一项。"),
            Self::Voting => ("还有项目开放着", "请先截止开放的项目；试投要销毁。"),
            Self::Ended => ("登记已经结束，还有项目没有结果", "请公布或作废每一个开放过的项目；试投要销毁。"),
            Self::Complete => ("登记已经结束，开放过的项目都有了结果", "请归档，或开放下一项。"),
            Self::Archived => ("会议已经归档", "要再开会议，请准备新的会议。"),
        }
    }
}

impl Round {
    /// The word that pages know it by.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Later | Self::Unopened | Self::Trial => "unopened",
            Self::Open | Self::TrialOpen => "open",
            Self::Stopped | Self::Unlogged | Self::Halfway | Self::TrialStopped => "stopped",
            Self::Closing => "closing",
            Self::Closed | Self::Counted | Self::Wrong | Self::WrongCounted => "closed",
            Self::Published => "published",
            Self::Withheld => "withheld",
            Self::Voided => "voided",
            Self::TrialDestroyed => "destroyed",
        }
    }

    /// Its row.
    #[must_use]
    pub fn acts(self) -> &'static [Act] {
        ROUNDS.iter().find(|(round, _)| *round == self).map_or(&[], |(_, acts)| acts)
    }

    const fn zh(self) -> (&'static str, &'static str) {
        match self {
            Self::Later => ("的上一轮还没有结果", "请先公布或作废上一轮。"),
            Self::Unopened | Self::Trial => ("没有开放过", "请先开放。"),
            Self::Open => ("正开放着", "请先截止。"),
            Self::Stopped | Self::Unlogged | Self::TrialStopped => ("因故障停止了", "请先照警告处理。"),
            Self::Halfway => ("的上一步没有做完", "请照警告处理，把那一步再做一次。"),
            Self::Closing => ("正在截止", "请稍候，然后刷新页面。"),
            Self::Closed | Self::Counted => ("已经截止", "请复核后公布或作废；截止以后不能再开放。"),
            Self::Wrong | Self::WrongCounted => ("的票数关系不成立", "请作废这一轮，再开放下一轮。"),
            Self::Published | Self::Withheld => ("已经公布", "要重测，请先作废这一轮，再开放下一轮。"),
            Self::Voided => ("已经作废", "要重测，请开放下一轮。"),
            Self::TrialOpen => ("正开放着", "用完后请销毁试投。"),
            Self::TrialDestroyed => ("已经销毁", "试投只能用一次。"),
        }
    }
}
