//! Live state for the hall screen, phones and the console: what everybody may see, and nothing finer.
//!
//! The desk says what its acts changed, roll and urn say how many; a number of enrolments or ballots changes on a
//! tick only, a bar only when the release rule lets a batch out.

mod frame;
mod hub;
mod live;
mod routes;

pub use frame::Frame;
pub use hub::{Hub, ShownWifi};
pub use live::{
    Live, LiveContest, LiveCountdown, LiveMoved, LiveOption, LivePaper, LiveReleased, LiveResult, LiveThreshold,
    LiveWifi, LiveWindow,
};
pub use routes::{Hall, router};
