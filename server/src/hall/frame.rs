//! One state of the meeting, encoded once for everybody, with what is left of a countdown put in as it is sent.

use axum::extract::ws::Utf8Bytes;
use tokio::time::Instant;

use super::live::{Live, LiveCountdown};

/// Cloning shares the bytes.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The state, its last field `"countdown":null}`.
    text: Utf8Bytes,
    ends: Option<Instant>,
}

impl Frame {
    /// Encodes a state. Whatever its countdown says, `ends` is what is sent.
    #[must_use]
    pub fn new(live: &Live, ends: Option<Instant>) -> Self {
        let text = match live.countdown {
            None => serde_json::to_string(live),
            Some(_) => serde_json::to_string(&Live { countdown: None, ..live.clone() }),
        };
        Self { text: text.unwrap_or_default().into(), ends }
    }

    /// What to send at this moment.
    #[must_use]
    pub fn at(&self, now: Instant) -> Utf8Bytes {
        match (left(self.ends, now), self.text.as_str().strip_suffix("null}")) {
            (Some(LiveCountdown { left }), Some(before)) => format!("{before}{{\"left\":{left}}}}}").into(),
            _ => self.text.clone(),
        }
    }
}

/// What is left, in whole seconds; 0 once it has run out.
#[must_use]
pub(super) fn left(ends: Option<Instant>, now: Instant) -> Option<LiveCountdown> {
    let left = ends?.saturating_duration_since(now);
    Some(LiveCountdown { left: left.as_secs() + u64::from(left.subsec_nanos() > 0) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_frame_says_what_is_left_when_it_is_sent_and_not_when_it_was_made() {
        let (live, now) = (Live::preparing(), Instant::now());
        assert_eq!(Frame::new(&live, None).at(now).as_str(), serde_json::to_string(&live).unwrap());
        let frame = Frame::new(&live, Some(now + Duration::from_secs(90)));
        for (passed, left) in [(0, 90), (300, 90), (1_000, 89), (89_001, 1), (90_000, 0), (500_000, 0)] {
            let sent = frame.at(now + Duration::from_millis(passed));
            let expected = Live { countdown: Some(LiveCountdown { left }), ..live.clone() };
            assert_eq!(sent.as_str(), serde_json::to_string(&expected).unwrap());
            assert_eq!(Frame::new(&expected, None).at(now).as_str(), serde_json::to_string(&live).unwrap());
        }
    }
}
