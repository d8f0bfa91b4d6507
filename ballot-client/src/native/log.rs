//! What the meeting's signed log says of contests that are over.

use douxuan_crypto::{contest::Contest, log::closed_contests, manifest::Manifest};

use super::{
    door::{Door, NetworkError},
    live::Live,
};
use crate::wire;

/// The closed contests, by the signed log; it is fetched only if the public state says that there are any. A state that
/// hides one explains nothing, and one that invents one is not in the log: neither can make a voter miss a credential
/// unnoticed.
///
/// # Errors
/// [`NetworkError`]; [`NetworkError::Malformed`] if the log does not carry the log key's signature.
pub async fn closed(door: &Door, manifest: &Manifest) -> Result<Vec<Contest>, NetworkError> {
    if Live::ask(door).await?.over().is_empty() {
        return Ok(Vec::new());
    }
    let head = door.fetch(wire::LOG_HEAD, wire::LOG_LIMIT).await?;
    let entries = door.fetch(wire::LOG, wire::LOG_LIMIT).await?;
    closed_contests(manifest, &entries, &head)
        .map_err(|_| NetworkError::Malformed("the log is not signed by this meeting's log key".to_owned()))
}
