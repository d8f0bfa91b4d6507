//! Sealed messages on their way: the same bytes again until an answer comes or patience ends.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::door::{Door, NetworkError};
use crate::wire;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An enrolment request: POST.
    Enrol,
    /// A ballot: one frame over a fresh WebSocket.
    Cast,
}

impl Way {
    async fn once(self, door: &Door, message: &[u8]) -> Result<Vec<u8>, NetworkError> {
        match self {
            Self::Enrol => door.post(wire::ENROL, message.to_vec(), wire::ENROL_REPLY_LIMIT).await,
            Self::Cast => door.exchange(wire::CAST, message, wire::CAST_FRAME_LIMIT).await,
        }
    }
}

/// Sends a message, and the same bytes again after a broken connection, a late or missing answer or an overloaded
/// server, until `patience` is over. Sealed messages are idempotent at the server, so this never counts twice.
///
/// # Errors
/// The last [`NetworkError`]; a refusal by HTTP status comes back at once.
pub async fn deliver(door: &Door, way: Way, message: &[u8], patience: Duration) -> Result<Vec<u8>, NetworkError> {
    let end = Instant::now() + patience;
    let mut wait = Duration::from_millis(100);
    loop {
        let error = match way.once(door, message).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let passing = match &error {
            NetworkError::Unreachable(_) | NetworkError::Late | NetworkError::NoAnswer => true,
            NetworkError::Status(code, _) => matches!(code, 429 | 500..),
            _ => false,
        };
        if !passing || Instant::now() + wait > end {
            return Err(error);
        }
        sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}
