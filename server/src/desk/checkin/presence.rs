//! Where one person is, and what becomes of it: the table of [`super`], with the windows that the log knows.

use douxuan_crypto::log::LogState;
use serde::{Deserialize, Serialize};

use crate::web::Refusal;

/// Where one person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Presence {
    /// Never came.
    Absent,
    /// Is here.
    Here(Since),
    /// Was here and has left.
    Left(Since),
}

/// Since when somebody counts as present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Since {
    /// From this window on, which is open or comes next.
    From(u8),
    /// A closed window has counted him; which one, nobody knows any more.
    Counted,
}

impl Since {
    /// As the database has it.
    pub(super) const COUNTED: u8 = u8::MAX;

    pub(super) const fn of_byte(byte: u8) -> Self {
        if byte == Self::COUNTED { Self::Counted } else { Self::From(byte) }
    }

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::From(window) => window,
            Self::Counted => Self::COUNTED,
        }
    }
}

impl Presence {
    pub(super) const fn since(self) -> Option<Since> {
        match self {
            Self::Absent => None,
            Self::Here(since) | Self::Left(since) => Some(since),
        }
    }

    pub(super) const fn word(self) -> Word {
        match self {
            Self::Absent => Word::Absent,
            Self::Here(_) => Word::Here,
            Self::Left(_) => Word::Left,
        }
    }
}

/// Where somebody is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    Absent,
    Here,
    Left,
}

/// What the log says to somebody who comes now.
#[derive(Clone, Copy)]
pub(super) struct Windows {
    closed: u8,
    pub(super) open: bool,
    pub(super) ended: bool,
    /// Heads that the last closed window announced; 0 before the first.
    pub(super) announced: u32,
}

impl Windows {
    pub(super) fn of(log: &LogState) -> Self {
        Self {
            closed: log.closed_windows(),
            open: log.open_window().is_some(),
            ended: log.unused().is_some(),
            announced: log.windows().last().map_or(0, |window| window.present),
        }
    }

    /// The one in which whoever comes now counts.
    const fn next(self) -> u8 {
        self.closed.saturating_add(1)
    }

    pub(super) const fn has_counted(self, presence: Presence) -> bool {
        match presence.since() {
            Some(Since::Counted) => true,
            // The power was cut between the log and the rows.
            Some(Since::From(window)) => window <= self.closed,
            None => false,
        }
    }

    pub(super) const fn is_late(self, presence: Presence) -> bool {
        presence.since().is_some() && !self.has_counted(presence) && self.closed > 0
    }

    /// What becomes of somebody.
    pub(super) fn moved(self, name: &str, from: Presence, to: Word) -> Result<Presence, Refusal> {
        match (from, to) {
            (Presence::Absent, Word::Here) if self.ended => Err(Refusal::conflict(
                format!("登记已经结束，{name}不能再报到。"),
                "结束以后到的人不能再参加测评，也不计入实到。",
            )),
            (Presence::Absent, Word::Here) => Ok(Presence::Here(Since::From(self.next()))),
            (Presence::Left(since), Word::Here) => Ok(Presence::Here(since)),
            (Presence::Absent, Word::Left) => {
                Err(Refusal::conflict(format!("{name}没有报到，不能记早退。"), "请核对姓名；没有来的人不用记。"))
            }
            (Presence::Here(since), Word::Left) => Ok(Presence::Left(since)),
            (_, Word::Absent) if self.has_counted(from) => Err(Refusal::conflict(
                format!("{name}已经计入关闭登记时的实到，不能撤销报到。"),
                "人已经离开的，请记“早退”。",
            )),
            (_, Word::Absent) => Ok(Presence::Absent),
            (from, _) => Ok(from),
        }
    }
}
