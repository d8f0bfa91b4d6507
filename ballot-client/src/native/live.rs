//! The public state of the meeting, as the server shows it to the hall, the phones and everybody.

use std::time::Duration;

use douxuan_crypto::contest::Contest;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use super::door::{Door, NetworkError};
use crate::wire;

/// What is public now. Fields that this client does not use are left out; unknown ones are ignored.
#[derive(Clone, Debug, Deserialize)]
pub struct Live {
    /// `preparing`, `issuing`, `meeting` or `archived`.
    pub phase: String,
    /// A drill: its slips may be exported.
    #[serde(default)]
    pub drill: bool,
    /// M in lowercase hex once a meeting is frozen.
    pub manifest: Option<String>,
    /// How many slips have enrolled, as of the last tick.
    #[serde(default)]
    pub enrolled: u32,
    /// The enrolment window.
    pub window: Window,
    /// No window will open any more.
    #[serde(default)]
    pub enrolment_ended: bool,
    /// Every contest, in contest order.
    #[serde(default)]
    pub contests: Vec<LiveContest>,
}

/// The enrolment window.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Window {
    /// The number of the last one opened, 0 before the first.
    pub number: u32,
    /// Whether it is open.
    pub open: bool,
}

/// One contest.
#[derive(Clone, Debug, Deserialize)]
pub struct LiveContest {
    /// Item, 0 for the rehearsal.
    pub item: u16,
    /// Round.
    pub round: u8,
    /// `unopened`, `open`, `closing`, `closed`, `published`, `withheld` or `voided`.
    pub state: String,
    /// Slips that may vote in it.
    #[serde(default)]
    pub issued: Option<u32>,
    /// Ballots in the urn as of the last tick.
    #[serde(default)]
    pub received: Option<u32>,
}

impl LiveContest {
    /// (item, round).
    #[must_use]
    pub fn contest(&self) -> Contest {
        Contest::new(self.item, self.round)
    }
}

impl Live {
    /// The state now.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub async fn ask(door: &Door) -> Result<Self, NetworkError> {
        Self::parse(&door.fetch(wire::LIVE, 1 << 20).await?)
    }

    /// The contests that take ballots now.
    #[must_use]
    pub fn open(&self) -> Vec<Contest> {
        self.contests.iter().filter(|c| c.state == "open").map(LiveContest::contest).collect()
    }

    /// The contests that are said to take no ballots any more.
    #[must_use]
    pub fn over(&self) -> Vec<Contest> {
        let done = |c: &&LiveContest| !matches!(c.state.as_str(), "unopened" | "open");
        self.contests.iter().filter(done).map(LiveContest::contest).collect()
    }

    /// Waits, over the live socket and through breaks of it, until the state is as wanted.
    ///
    /// # Errors
    /// [`NetworkError::Late`] after `within`.
    pub async fn until(
        door: &Door,
        within: Duration,
        mut wanted: impl FnMut(&Self) -> bool,
    ) -> Result<Self, NetworkError> {
        let end = Instant::now() + within;
        loop {
            if let Ok(mut socket) = door.socket(wire::LIVE_SOCKET, 1 << 20).await {
                while let Ok(Some(Ok(message))) = timeout_at(end, socket.next()).await {
                    if let Message::Text(text) = message {
                        let live = Self::parse(text.as_bytes())?;
                        if wanted(&live) {
                            return Ok(live);
                        }
                    }
                }
            }
            if Instant::now() >= end {
                return Err(NetworkError::Late);
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, NetworkError> {
        serde_json::from_slice(bytes).map_err(|error| NetworkError::Malformed(error.to_string()))
    }
}
