//! The board: a closed contest's ballots in hash order, its root, and the proof that each was authorised
//! (PROTOCOL section 8).

use rand_core::CryptoRng;

use crate::{
    ballot::RawBallot,
    blind::{IssuerKey, Proof, hash_to_group},
    bytes::{DecodeError, Reader},
    contest::Contest,
    credential::credential_input,
    group::Element,
    hash::enc,
    labels,
    manifest::Manifest,
    merkle::{self, Hash, leaf_hash},
    note,
    sign::{Refused, SigningKey},
};

/// Most pairs of one proof (RFC 9497 counts them in two bytes).
pub const CHUNK: usize = 65_535;

/// Contests of 1 to 4 ballots are withheld: their grades could be guessed.
#[must_use]
pub const fn is_withheld(size: usize) -> bool {
    1 <= size && size <= 4
}

/// Ballots as they stand in the bundle: `(I2OSP(length,2) || ballot)*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    ballots: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
}

impl Board {
    /// Sorts ballots by leaf hash; with this the order in which they came is gone.
    #[must_use]
    pub fn sorted(ballots: Vec<Vec<u8>>) -> Self {
        let mut pairs: Vec<(Hash, Vec<u8>)> = ballots.into_iter().map(|b| (leaf_hash(&b), b)).collect();
        pairs.sort_unstable();
        let (leaves, ballots) = pairs.into_iter().unzip();
        Self { ballots, leaves }
    }

    /// Reads `entries` in the order in which they stand.
    ///
    /// # Errors
    /// [`DecodeError`] for a broken frame.
    pub fn from_entries(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut ballots = Vec::new();
        while reader.left() > 0 {
            let len = usize::from(reader.u16()?);
            ballots.push(reader.take(len)?.to_vec());
        }
        let leaves = ballots.iter().map(|b| leaf_hash(b)).collect();
        Ok(Self { ballots, leaves })
    }

    /// `entries`.
    #[must_use]
    pub fn entries(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for ballot in &self.ballots {
            // A ballot over 7 options has 804 bytes.
            out.extend_from_slice(&u16::try_from(ballot.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(ballot);
        }
        out
    }

    /// The ballots.
    #[must_use]
    pub fn ballots(&self) -> &[Vec<u8>] {
        &self.ballots
    }

    /// Leaf hashes in the same order.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// How many.
    #[must_use]
    pub fn size(&self) -> usize {
        self.ballots.len()
    }

    /// RFC 9162 root; `SHA-256("")` of an empty board.
    #[must_use]
    pub fn root(&self) -> Hash {
        merkle::root(&self.leaves)
    }

    /// The checkpoint note, signed by the log key.
    #[must_use]
    pub fn checkpoint(&self, manifest: &Manifest, contest: Contest, key: &SigningKey) -> String {
        let text = note::checkpoint_text(&checkpoint_origin(manifest, contest), self.size() as u64, &self.root());
        note::sign(&manifest.origin("log"), &text, key)
    }

    /// `(HashToGroup(input), N)` in board order.
    ///
    /// # Errors
    /// [`DecodeError`] if a ballot or its N does not decode.
    pub fn pairs(
        &self,
        manifest: &[u8; 32],
        contest: Contest,
        options: usize,
    ) -> Result<Vec<(Element, Element)>, DecodeError> {
        let pair = |ballot: &Vec<u8>| {
            let raw = RawBallot::split(ballot, options)?;
            let input = hash_to_group(&credential_input(manifest, contest, raw.b));
            Ok((Element::from_point(input), raw.credential()?))
        };
        self.ballots.iter().map(pair).collect()
    }
}

/// `douxuan/<meeting hex>/board/<item>/<round>`.
#[must_use]
pub fn checkpoint_origin(manifest: &Manifest, contest: Contest) -> String {
    manifest.origin(&format!("board/{contest}"))
}

/// Verifies a board's checkpoint; returns size and root.
///
/// # Errors
/// [`Refused`] for another origin, key or form.
pub fn open_checkpoint(manifest: &Manifest, contest: Contest, bytes: &[u8]) -> Result<(u64, Hash), Refused> {
    let text = note::open(bytes, &manifest.origin("log"), &manifest.log_key).map_err(|_| Refused)?;
    note::parse_checkpoint(&text, &checkpoint_origin(manifest, contest)).map_err(|_| Refused)
}

/// `contextString = enc("douxuan/v1/board-proof", M, item, round, root, I2OSP(chunk,2))`: with the root in it nobody
/// can choose pairs to fit a batch.
#[must_use]
pub fn proof_context(manifest: &[u8; 32], contest: Contest, root: &Hash, chunk: u16) -> Vec<u8> {
    let (item, round) = (contest.item_bytes(), contest.round_bytes());
    enc(labels::BOARD_PROOF, &[manifest, &item, &round, root, &chunk.to_be_bytes()])
}

/// Proves that one key authorised every pair; one proof a chunk, none for an empty board.
///
/// # Errors
/// [`Refused`] for over 65 535 chunks, which no meeting has.
pub fn prove<R: CryptoRng + ?Sized>(
    key: &IssuerKey,
    manifest: &[u8; 32],
    contest: Contest,
    root: &Hash,
    pairs: &[(Element, Element)],
    rng: &mut R,
) -> Result<Vec<Proof>, Refused> {
    let prove = |(chunk, pairs): (usize, &[_])| {
        let chunk = u16::try_from(chunk).map_err(|_| Refused)?;
        key.prove(pairs, &proof_context(manifest, contest, root, chunk), rng)
    };
    pairs.chunks(CHUNK).enumerate().map(prove).collect()
}

/// Verifies the proofs of a board. **Shows that the issuer authorised every ballot, not that it minted none itself.**
///
/// # Errors
/// [`Refused`] if one does not hold or their number is not right.
pub fn verify_proofs(
    k: &Element,
    manifest: &[u8; 32],
    contest: Contest,
    root: &Hash,
    pairs: &[(Element, Element)],
    proofs: &[Proof],
) -> Result<(), Refused> {
    if proofs.len() != pairs.len().div_ceil(CHUNK) {
        return Err(Refused);
    }
    for (chunk, (pairs, proof)) in pairs.chunks(CHUNK).zip(proofs).enumerate() {
        let chunk = u16::try_from(chunk).map_err(|_| Refused)?;
        proof.verify(k, pairs, &proof_context(manifest, contest, root, chunk))?;
    }
    Ok(())
}

/// The file `proof`: `0x01 || proof(64)*`.
#[must_use]
pub fn proofs_to_bytes(proofs: &[Proof]) -> Vec<u8> {
    core::iter::once(1).chain(proofs.iter().flat_map(Proof::to_bytes)).collect()
}

/// Reads the file `proof`.
///
/// # Errors
/// [`DecodeError`] for another form.
pub fn proofs_from_bytes(bytes: &[u8]) -> Result<Vec<Proof>, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.version()?;
    let mut proofs = Vec::new();
    while reader.left() > 0 {
        proofs.push(Proof::from_bytes(reader.take(64)?)?);
    }
    Ok(proofs)
}
