//! What a phone needs of the log, and no more: which contests are over, under the log key's signature.

use crate::{
    bytes::Reader,
    contest::Contest,
    manifest::Manifest,
    merkle::{self, leaf_hash},
    note,
    sign::Refused,
};

/// Kinds of entries after which a contest takes no ballots: *contest closed* and *rehearsal destroyed*.
const OVER: [u8; 2] = [7, 11];

/// The contests that a signed log says are closed or destroyed. `entries` may be longer than what the checkpoint
/// covers, as when it was fetched later; what stands behind is not believed. **Does not check the order of acts**: that
/// is the auditor's V2.
///
/// # Errors
/// [`Refused`] if the checkpoint is not the log key's, or covers other entries.
pub fn closed_contests(manifest: &Manifest, entries: &[u8], checkpoint: &[u8]) -> Result<Vec<Contest>, Refused> {
    let origin = manifest.origin("log");
    let text = note::open(checkpoint, &origin, &manifest.log_key).map_err(|_| Refused)?;
    let (size, root) = note::parse_checkpoint(&text, &origin).map_err(|_| Refused)?;
    let (mut leaves, mut closed, mut rest) = (Vec::new(), Vec::new(), entries);
    for _ in 0..size {
        // 0x01 || kind(1) || length(4) || body
        let head = rest.first_chunk::<6>().ok_or(Refused)?;
        let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]) as usize;
        let (entry, behind) = length.checked_add(6).and_then(|n| rest.split_at_checked(n)).ok_or(Refused)?;
        if OVER.contains(&head[1]) {
            closed.push(contest_of(&entry[6..]).ok_or(Refused)?);
        }
        leaves.push(leaf_hash(entry));
        rest = behind;
    }
    if merkle::root(&leaves) == root { Ok(closed) } else { Err(Refused) }
}

/// `count(1) || (role(1) || id(16))*count || item(2) || round(1) ...`
fn contest_of(body: &[u8]) -> Option<Contest> {
    let mut reader = Reader::new(body);
    let actors = usize::from(reader.u8().ok()?);
    reader.take(17 * actors).ok()?;
    Some(Contest::new(reader.u16().ok()?, reader.u8().ok()?))
}
