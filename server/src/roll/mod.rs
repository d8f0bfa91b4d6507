//! Who may vote: sees tokens and blinded bytes, never a credential or a ballot.
//!
//! A request is opened and checked on a worker thread, its slip is spent by the one clerk, durably, and only then is
//! anything evaluated. Nothing about a single request is logged, and nothing in a reply depends on the connection.

mod clerk;
mod command;
mod door;
mod highwater;
mod ledger;
mod routes;
mod sheet;
mod store;
mod workers;

use std::fmt;

use douxuan_crypto::merkle::Hash;

pub use door::{RollDoor, RollFacts, SlipFacts};
pub use highwater::HighWaterError;
pub use ledger::{SlipState, WindowClosed};
pub use routes::{Roll, router};
use sheet::Sheet;
pub use store::StoreError;
pub use workers::RandomSource;

use crate::secrets::SecretsError;

/// What everybody in the server may see of the roll. The number enrolled reaches the outside on ticks only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollView {
    /// M of the current meeting.
    pub meeting: Option<Hash>,
    /// How many windows were opened.
    pub windows: u8,
    /// Whether the last of them is open.
    pub open: bool,
    /// No window will open again.
    pub ended: bool,
    /// Spent slips.
    pub enrolled: u32,
    /// Requests refused since the start: a second attempt with a spent slip, a void or a foreign slip.
    pub refused: u32,
    /// The roll could not be written; nothing is taken until a restart.
    pub broken: bool,
}

/// Why the roll refused an act of the office.
#[derive(Debug)]
pub enum RollError {
    /// No meeting is frozen.
    NoMeeting,
    /// It does not fit the state of the roll.
    Rule(&'static str),
    /// More phones and papers than heads present: the window stays open.
    Present {
        /// Enrolled, and handed in for paper.
        counted: u32,
        /// Present, as announced.
        present: u32,
    },
    /// It could not be written.
    Store(StoreError),
    /// A key file.
    Secrets(SecretsError),
    /// A thread could not be started.
    Threads(std::io::Error),
    /// The clerk has stopped: the server is shutting down.
    Gone,
}

impl fmt::Display for RollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMeeting => f.write_str("还没有冻结的会议。"),
            Self::Rule(why) => write!(f, "{why}。"),
            Self::Present { counted, present } => write!(
                f,
                "登记人数加纸票人数多于实到人数（{counted}，应不多于 {present}）。登记仍开放着，请重新清点实到人数。"
            ),
            Self::Store(error) => error.fmt(f),
            Self::Secrets(error) => error.fmt(f),
            Self::Threads(error) => write!(f, "无法启动工作线程：{error}。"),
            Self::Gone => f.write_str("服务器正在退出。"),
        }
    }
}

impl std::error::Error for RollError {}

impl From<SecretsError> for RollError {
    fn from(error: SecretsError) -> Self {
        Self::Secrets(error)
    }
}

impl From<StoreError> for RollError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
