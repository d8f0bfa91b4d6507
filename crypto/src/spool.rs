//! Spool records: ballots and openings while a contest is open, equal in length, without time or number
//! (PROTOCOL section 7).
//!
//! ```text
//! record = nonce(12) || ChaCha20Poly1305(spool key, plain, aad = enc("douxuan/v1/spool", M, item, round))
//! plain  = 0x01 || I2OSP(group,4) || ballot || j || r
//! END    = 0x02 || I2OSP(count,4) || SHA-256(sorted leaf hashes) || zeros
//! ```

use std::collections::HashSet;

use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{
    ballot::{Ballot, ballot_len},
    bytes::{DecodeError, Reader, be32},
    commit::Opening,
    contest::Contest,
    group::random_bytes,
    hash::{enc, sha256},
    labels,
    merkle::Hash,
    seal::{aead_open, aead_seal},
    sign::Refused,
};

/// The key of a contest's spool. Zeroised on drop; no `Debug`, no `Clone`.
#[derive(ZeroizeOnDrop)]
pub struct SpoolKey([u8; 32]);

impl SpoolKey {
    /// A fresh key (32 bytes of randomness).
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(*random_bytes(rng))
    }

    /// Reads 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The 32 bytes, for the contest's secret file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }
}

/// A ballot that may be counted, with what opens it.
pub struct SpoolRecord {
    /// Its group commit.
    pub group: u32,
    /// The ballot.
    pub ballot: Ballot,
    /// Its opening.
    pub opening: Opening,
}

/// The END record: the close of the contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Number of ballots.
    pub count: u32,
    /// `SHA-256` of the sorted leaf hashes, concatenated.
    pub digest: [u8; 32],
}

impl End {
    /// END for a set of leaf hashes.
    #[must_use]
    pub fn of(mut leaves: Vec<Hash>) -> Self {
        leaves.sort_unstable();
        Self { count: u32::try_from(leaves.len()).unwrap_or(u32::MAX), digest: sha256(&leaves.concat()) }
    }
}

/// A spool that must not be counted: the contest stops, a person looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// A record fails that a later group shows to have been durable.
    Corrupt,
    /// Groups do not ascend.
    Order,
    /// Two records carry one B.
    Twice,
    /// Something stands behind END, or END does not match the records.
    End,
}

impl core::fmt::Display for Alarm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Corrupt => "a record that was durable does not open",
            Self::Order => "the groups are out of order",
            Self::Twice => "two records carry the same ballot key",
            Self::End => "the END record does not match",
        })
    }
}

impl std::error::Error for Alarm {}

/// What a spool holds after a restart.
pub struct Recovery {
    /// Every record that opens.
    pub records: Vec<SpoolRecord>,
    /// END, if the contest was closed.
    pub end: Option<End>,
    /// The records' bytes as they must stand now, if a torn tail has to be cut; `None` if the file is whole.
    pub mended: Option<Vec<u8>>,
    /// The number of the next group.
    pub next_group: u32,
}

/// One contest's spool format.
pub struct Spool {
    key: SpoolKey,
    aad: Vec<u8>,
    contest: Contest,
    options: usize,
}

impl Spool {
    /// The format of a contest.
    #[must_use]
    pub fn new(key: SpoolKey, manifest: &[u8; 32], contest: Contest, options: usize) -> Self {
        let aad = enc(labels::SPOOL, &[manifest, &contest.item_bytes(), &contest.round_bytes()]);
        Self { key, aad, contest, options }
    }

    fn plain_len(&self) -> usize {
        1 + 4 + ballot_len(self.options) + Opening::LEN
    }

    /// Bytes of a record in the file.
    #[must_use]
    pub fn record_len(&self) -> usize {
        12 + self.plain_len() + 16
    }

    fn seal<R: CryptoRng + ?Sized>(&self, plain: &[u8], rng: &mut R) -> Vec<u8> {
        let mut nonce = [0; 12];
        rng.fill_bytes(&mut nonce);
        let mut out = nonce.to_vec();
        out.extend_from_slice(&aead_seal(&self.key.0, &nonce, plain, &self.aad));
        out
    }

    /// A ballot's record, 12 bytes of randomness.
    pub fn record<R: CryptoRng + ?Sized>(
        &self,
        group: u32,
        ballot: &Ballot,
        opening: &Opening,
        rng: &mut R,
    ) -> Vec<u8> {
        let plain = Zeroizing::new([&[1], &group.to_be_bytes()[..], ballot.bytes(), &*opening.to_bytes()].concat());
        self.seal(&plain, rng)
    }

    /// The END record, 12 bytes of randomness.
    pub fn end<R: CryptoRng + ?Sized>(&self, end: &End, rng: &mut R) -> Vec<u8> {
        let mut plain = vec![2];
        plain.extend_from_slice(&end.count.to_be_bytes());
        plain.extend_from_slice(&end.digest);
        plain.resize(self.plain_len(), 0);
        self.seal(&plain, rng)
    }

    fn open(&self, record: &[u8]) -> Result<Opened, Refused> {
        let (nonce, ct) = record.split_first_chunk::<12>().ok_or(Refused)?;
        let plain = aead_open(&self.key.0, nonce, ct, &self.aad)?;
        self.decode(&plain).map_err(|_| Refused)
    }

    fn decode(&self, plain: &[u8]) -> Result<Opened, DecodeError> {
        let mut reader = Reader::new(plain);
        match reader.u8()? {
            1 => {
                let group = reader.u32()?;
                let ballot = Ballot::decode(reader.take(ballot_len(self.options))?, self.contest, self.options)?;
                let opening = Opening::from_bytes(reader.take(Opening::LEN)?)?;
                reader.end()?;
                Ok(Opened::Ballot(Box::new(SpoolRecord { group, ballot, opening })))
            }
            2 => Ok(Opened::End(End { count: reader.u32()?, digest: reader.array()? })),
            _ => Err(DecodeError::Version),
        }
    }

    /// Reads a whole spool after a restart. Failing records are cut only if all that stands behind the first of them
    /// and opens is of one, the last group, and no END opens: they were never acknowledged.
    ///
    /// # Errors
    /// [`Alarm`] for anything else: the contest must not go on.
    pub fn recover(&self, file: &[u8]) -> Result<Recovery, Alarm> {
        let mut records: Vec<SpoolRecord> = Vec::new();
        let (mut kept, mut end, mut failed) = (Vec::new(), None, false);
        let mut behind_failure: Option<u32> = None;
        for chunk in file.chunks(self.record_len()) {
            match self.open(chunk) {
                Err(Refused) => failed = true,
                Ok(_) if end.is_some() => return Err(Alarm::End),
                Ok(Opened::End(found)) => end = Some(found),
                Ok(Opened::Ballot(record)) => {
                    if records.last().is_some_and(|last| last.group > record.group) {
                        return Err(Alarm::Order);
                    }
                    if failed && behind_failure.replace(record.group).is_some_and(|g| g != record.group) {
                        return Err(Alarm::Corrupt);
                    }
                    kept.extend_from_slice(chunk);
                    records.push(*record);
                }
            }
        }
        if failed && end.is_some() {
            return Err(Alarm::Corrupt);
        }
        let mut seen = HashSet::new();
        if !records.iter().all(|r| seen.insert(*r.ballot.b())) {
            return Err(Alarm::Twice);
        }
        let leaves: Vec<Hash> = records.iter().map(|r| r.ballot.leaf()).collect();
        if end.is_some_and(|end| end != End::of(leaves)) {
            return Err(Alarm::End);
        }
        let next_group = records.last().map_or(0, |r| r.group + 1);
        Ok(Recovery { records, end, mended: failed.then_some(kept), next_group })
    }

    /// A sealed release set (PROTOCOL section 10): `I2OSP(length,4) || nonce || ct`, plain `0x01 || leaf hashes`.
    pub fn release<R: CryptoRng + ?Sized>(&self, set: &[Hash], rng: &mut R) -> Vec<u8> {
        let mut nonce = [0; 12];
        rng.fill_bytes(&mut nonce);
        let plain = Zeroizing::new([&[1], set.concat().as_slice()].concat());
        let aad = enc(labels::RELEASE, &[&self.aad]);
        let sealed = [&nonce[..], &aead_seal(&self.key.0, &nonce, &plain, &aad)].concat();
        [&be32(sealed.len())[..], &sealed].concat()
    }

    /// Reads release sets after a restart; a torn last one, never shown, is dropped. Returns the sets and how many
    /// bytes of the file are whole.
    ///
    /// # Errors
    /// [`Alarm::Corrupt`] for a whole record that does not open.
    pub fn releases(&self, file: &[u8]) -> Result<(Vec<Vec<Hash>>, usize), Alarm> {
        let aad = enc(labels::RELEASE, &[&self.aad]);
        let (mut sets, mut whole, mut reader) = (Vec::new(), 0, Reader::new(file));
        while let Ok(len) = reader.u32() {
            let Ok(sealed) = reader.take(len as usize) else { break };
            let (nonce, ct) = sealed.split_first_chunk::<12>().ok_or(Alarm::Corrupt)?;
            let Ok(plain) = aead_open(&self.key.0, nonce, ct, &aad) else {
                // Only the last record can be torn: nothing is written behind one that is not durable.
                if reader.left() == 0 {
                    break;
                }
                return Err(Alarm::Corrupt);
            };
            let (hashes, rest) = plain.get(1..).unwrap_or_default().as_chunks::<32>();
            if plain.first() != Some(&1) || !rest.is_empty() {
                return Err(Alarm::Corrupt);
            }
            sets.push(hashes.to_vec());
            whole = file.len() - reader.left();
        }
        Ok((sets, whole))
    }
}

enum Opened {
    Ballot(Box<SpoolRecord>),
    End(End),
}

#[cfg(test)]
mod tests;
