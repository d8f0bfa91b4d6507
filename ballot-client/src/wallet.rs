//! The wallet: a journey's state as bytes, for whatever storage the device has.
//!
//! ```text
//! wallet   = 0x01 || stage(1) || M(32) || rest
//! prepared = stage 1: the enrolment's stored form
//! enrolled = stage 2: mask || (kind(1) || I2OSP(length,2) || body)^c in contest order
//! kind 0 excluded, empty · 1 credential · 2 sealed ballot · 3 receipt note · 4 leaf hash (32) · 5 over, empty
//! ```
//! It holds ballot keys until they are used, so it is as secret as a ballot paper before the urn. It never holds a
//! token, an option or an opening.

use std::sync::Arc;

use douxuan_crypto::{
    ballot::SealedBallot,
    bytes::{DecodeError, Reader},
    contest::Contest,
    credential::Credential,
    enroll::Enrolment,
    manifest::Manifest,
    receipt::Receipt,
    token::Mask,
};
use zeroize::Zeroizing;

use crate::journey::{Enrolled, Prepared, Slot, Stop};

const PREPARED: u8 = 1;
const ENROLLED: u8 = 2;

/// A journey that goes on where it was.
pub enum Resumed {
    /// Enrolment was prepared; the request may or may not have arrived. Sending it again is harmless.
    Prepared(Prepared),
    /// Enrolled. Sealed ballots without a receipt are sent again as they are.
    Enrolled(Enrolled),
}

fn head(manifest: &Manifest, stage: u8) -> Zeroizing<Vec<u8>> {
    // Room for everything: a vector that grows leaves copies of keys behind.
    let mut out = Zeroizing::new(Vec::with_capacity(1024 * (manifest.contests.len() + 1)));
    out.extend_from_slice(&[1, stage]);
    out.extend_from_slice(&manifest.id);
    out
}

pub(crate) fn write_prepared(manifest: &Manifest, enrolment: &Enrolment) -> Zeroizing<Vec<u8>> {
    let mut out = head(manifest, PREPARED);
    out.extend_from_slice(&enrolment.to_bytes());
    out
}

pub(crate) fn write_enrolled(manifest: &Manifest, mask: &Mask, slots: &[Slot]) -> Zeroizing<Vec<u8>> {
    let mut out = head(manifest, ENROLLED);
    out.extend_from_slice(mask.as_bytes());
    for slot in slots {
        let (kind, body) = match slot {
            Slot::Excluded => (0, Zeroizing::default()),
            Slot::Ready(credential) => (1, credential.to_bytes()),
            Slot::Sealed(sealed) => (2, sealed.to_bytes()),
            Slot::Received(receipt) => (3, Zeroizing::new(receipt.note.clone().into_bytes())),
            Slot::Unanswered(leaf) => (4, Zeroizing::new(leaf.to_vec())),
            Slot::Over => (5, Zeroizing::default()),
        };
        out.push(kind);
        // The longest body, a sealed ballot over seven options, has under 1 000 bytes.
        out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(&body);
    }
    out
}

/// Reads a wallet of this meeting. Receipts in it are verified again.
///
/// # Errors
/// [`Stop::UnreadableWallet`] for another meeting, version or form.
pub fn open(manifest: Arc<Manifest>, bytes: &[u8]) -> Result<Resumed, Stop> {
    read(manifest, bytes).map_err(|_| Stop::UnreadableWallet)
}

fn read(manifest: Arc<Manifest>, bytes: &[u8]) -> Result<Resumed, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.version()?;
    let stage = reader.u8()?;
    if reader.take(32)? != manifest.id {
        return Err(DecodeError::Range);
    }
    match stage {
        PREPARED => {
            let enrolment = Enrolment::from_bytes(&manifest, reader.take(reader.left())?)?;
            Ok(Resumed::Prepared(Prepared::resumed(manifest, enrolment)))
        }
        ENROLLED => {
            let mask = Mask::from_bytes(reader.take(manifest.mask_len())?, manifest.items.len())?;
            let mut slots = Vec::with_capacity(manifest.contests.len());
            for keys in &manifest.contests {
                let kind = reader.u8()?;
                let length = usize::from(reader.u16()?);
                slots.push(slot(&manifest, keys.contest, kind, reader.take(length)?)?);
            }
            reader.end()?;
            Ok(Resumed::Enrolled(Enrolled::resumed(manifest, mask, slots)))
        }
        _ => Err(DecodeError::Range),
    }
}

fn slot(manifest: &Manifest, contest: Contest, kind: u8, body: &[u8]) -> Result<Slot, DecodeError> {
    let slot = match (kind, body) {
        (0, []) => Slot::Excluded,
        (1, body) => Slot::Ready(Credential::from_bytes(body)?),
        (2, body) => Slot::Sealed(SealedBallot::from_bytes(body, manifest.options())?),
        (3, body) => Slot::Received(Receipt::verify(manifest, body).map_err(|_| DecodeError::Range)?),
        (4, body) => Slot::Unanswered(body.try_into().map_err(|_| DecodeError::Truncated)?),
        (5, []) => Slot::Over,
        _ => return Err(DecodeError::Range),
    };
    let named = match &slot {
        Slot::Ready(credential) => credential.contest(),
        Slot::Sealed(sealed) => sealed.contest,
        Slot::Received(receipt) => receipt.contest,
        Slot::Excluded | Slot::Unanswered(_) | Slot::Over => contest,
    };
    if named == contest { Ok(slot) } else { Err(DecodeError::Range) }
}
