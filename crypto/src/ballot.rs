//! Ballots: a commitment to a grade, a proof that it is one, a credential, a signature (PROTOCOL section 5).
//!
//! ```text
//! ballot = 0x01 || item(2) || round(1) || B(32) || N(32) || C(32) || pi(96 n - 32) || sigma(64)
//! sigma  = Ed25519_B(enc("douxuan/v1/ballot", M, all before))
//! cast   = ballot || j(1) || r(32), sealed to the contest's E
//! ```

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    blind::IssuerKey,
    bytes::{DecodeError, Reader},
    choice::{self, ChoiceProof, Statement, proof_len},
    commit::Opening,
    contest::Contest,
    credential::Credential,
    group::{Element, random_scalar},
    hash::enc,
    labels,
    manifest::Manifest,
    merkle::{Hash, leaf_hash},
    seal::{self, Kind, ReplyKey, SealingKey},
    sign::{Refused, VerifyingKey},
};

/// Bytes of a ballot over `n` options; 612 for n = 5.
#[must_use]
pub const fn ballot_len(n: usize) -> usize {
    1 + 2 + 1 + 3 * 32 + proof_len(n) + 64
}

/// Bytes of a cast on the wire, envelope included.
#[must_use]
pub const fn cast_len(n: usize) -> usize {
    seal::OVERHEAD + ballot_len(n) + Opening::LEN
}

/// A ballot's bytes cut at their fixed places; nothing is decoded yet.
#[derive(Clone, Copy, Debug)]
pub struct RawBallot<'a> {
    bytes: &'a [u8],
    /// Item and round as they stand.
    pub contest: Contest,
    /// B.
    pub b: &'a [u8; 32],
    /// N.
    pub n: &'a [u8; 32],
    c: &'a [u8; 32],
    pi: &'a [u8],
    sigma: &'a [u8],
}

impl<'a> RawBallot<'a> {
    /// Cuts a ballot.
    ///
    /// # Errors
    /// [`DecodeError`] for another length or version. Item and round are the caller's to compare.
    pub fn split(bytes: &'a [u8], options: usize) -> Result<Self, DecodeError> {
        match bytes.len().cmp(&ballot_len(options)) {
            core::cmp::Ordering::Less => return Err(DecodeError::Truncated),
            core::cmp::Ordering::Greater => return Err(DecodeError::Trailing),
            core::cmp::Ordering::Equal => {}
        }
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let contest = Contest::new(reader.u16()?, reader.u8()?);
        let mut field = || reader.take(32)?.first_chunk().ok_or(DecodeError::Truncated);
        let (b, n, c) = (field()?, field()?, field()?);
        let pi = reader.take(proof_len(options))?;
        let sigma = reader.take(64)?;
        reader.end()?;
        Ok(Self { bytes, contest, b, n, c, pi, sigma })
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The stored 32 bytes of C.
    #[must_use]
    pub fn c(&self) -> &'a [u8; 32] {
        self.c
    }

    /// `SHA-256(0x00 || ballot)`.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        leaf_hash(self.bytes)
    }

    /// Checks sigma under B.
    ///
    /// # Errors
    /// [`Refused`] if B is no key or the signature does not hold.
    pub fn check_signature(&self, manifest: &[u8; 32]) -> Result<(), Refused> {
        let signed = enc(labels::BALLOT, &[manifest, &self.bytes[..self.bytes.len() - 64]]);
        VerifyingKey::from_bytes(self.b)?.verify(&signed, self.sigma)
    }

    /// Decodes C and pi.
    ///
    /// # Errors
    /// [`DecodeError`] for a non-canonical element or scalar, or the identity.
    pub fn choice(&self, options: usize) -> Result<(Element, ChoiceProof), DecodeError> {
        Ok((Element::from_bytes(self.c)?, ChoiceProof::from_bytes(self.pi, options)?))
    }

    /// Decodes N.
    ///
    /// # Errors
    /// [`DecodeError`] for a non-canonical element or the identity.
    pub fn credential(&self) -> Result<Element, DecodeError> {
        Element::from_bytes(self.n)
    }
}

/// A ballot whose every element and scalar is canonical and whose contest is right.
#[derive(Clone, Debug)]
pub struct Ballot {
    bytes: Vec<u8>,
    options: usize,
    c: Element,
    proof: ChoiceProof,
}

impl Ballot {
    /// Decodes a ballot of a contest.
    ///
    /// # Errors
    /// [`DecodeError`] for another length, version, contest, or anything not canonical.
    pub fn decode(bytes: &[u8], contest: Contest, options: usize) -> Result<Self, DecodeError> {
        let raw = RawBallot::split(bytes, options)?;
        if raw.contest != contest {
            return Err(DecodeError::Range);
        }
        raw.credential()?;
        let (c, proof) = raw.choice(options)?;
        Ok(Self { bytes: bytes.to_vec(), options, c, proof })
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// C.
    #[must_use]
    pub fn commitment(&self) -> &Element {
        &self.c
    }

    fn field(&self, at: usize) -> &[u8; 32] {
        const ZERO: [u8; 32] = [0; 32];
        // The length was checked when it was decoded.
        self.bytes[at..].first_chunk().unwrap_or(&ZERO)
    }

    /// B.
    #[must_use]
    pub fn b(&self) -> &[u8; 32] {
        self.field(4)
    }

    /// N.
    #[must_use]
    pub fn n(&self) -> &[u8; 32] {
        self.field(36)
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Contest {
        Contest::new(u16::from_be_bytes([self.bytes[1], self.bytes[2]]), self.bytes[3])
    }

    /// `SHA-256(0x00 || ballot)`.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        leaf_hash(&self.bytes)
    }

    /// Checks sigma under B.
    ///
    /// # Errors
    /// [`Refused`] if it does not hold.
    pub fn check_signature(&self, manifest: &[u8; 32]) -> Result<(), Refused> {
        RawBallot::split(&self.bytes, self.options).map_err(|_| Refused)?.check_signature(manifest)
    }

    /// Checks N with the issuer's key, in constant time.
    ///
    /// # Errors
    /// [`Refused`] if the issuer did not authorise B.
    pub fn check_credential(&self, manifest: &[u8; 32], key: &IssuerKey) -> Result<(), Refused> {
        if key.authorises(manifest, self.contest(), self.b(), self.n()) { Ok(()) } else { Err(Refused) }
    }

    fn statement<'a>(&'a self, manifest: &'a [u8; 32]) -> Statement<'a> {
        Statement { manifest, contest: self.contest(), options: self.options, b: self.b(), n: self.n(), c: &self.c }
    }

    /// Checks pi alone.
    ///
    /// # Errors
    /// [`Refused`] if it does not hold.
    pub fn check_choice(&self, manifest: &[u8; 32]) -> Result<(), Refused> {
        self.proof.verify(&self.statement(manifest))
    }

    /// Checks the pi of many ballots at once; says only whether all hold.
    ///
    /// # Errors
    /// [`Refused`] if any does not hold.
    pub fn check_choices<'a>(manifest: &[u8; 32], ballots: impl IntoIterator<Item = &'a Self>) -> Result<(), Refused> {
        let ballots: Vec<&Self> = ballots.into_iter().collect();
        let batch: Vec<_> = ballots.iter().map(|b| (b.statement(manifest), &b.proof)).collect();
        choice::verify_batch(&batch)
    }

    /// Checks that an opening opens C, in constant time.
    ///
    /// # Errors
    /// [`Refused`] if it does not.
    pub fn check_opening(&self, opening: &Opening) -> Result<(), Refused> {
        if opening.opens(&self.c, self.options) { Ok(()) } else { Err(Refused) }
    }
}

impl Credential {
    /// Makes the ballot for option `j` and its opening; draws r (64 bytes) and 32 fresh bytes.
    ///
    /// # Errors
    /// [`DecodeError::Range`] if `j` is not an option.
    pub fn ballot<R: CryptoRng + ?Sized>(
        &self,
        manifest: &Manifest,
        j: u8,
        rng: &mut R,
    ) -> Result<(Vec<u8>, Opening), DecodeError> {
        self.ballot_for(&manifest.id, manifest.options(), j, rng)
    }

    /// [`Self::ballot`] by M and n alone.
    ///
    /// # Errors
    /// As there.
    pub fn ballot_for<R: CryptoRng + ?Sized>(
        &self,
        manifest: &[u8; 32],
        options: usize,
        j: u8,
        rng: &mut R,
    ) -> Result<(Vec<u8>, Opening), DecodeError> {
        if usize::from(j) >= options {
            return Err(DecodeError::Range);
        }
        let opening = Opening::new(j, &random_scalar(rng));
        let c = opening.commit(options);
        let (b, contest) = (self.b(), self.contest());
        let statement = Statement { manifest, contest, options, b: &b, n: self.n(), c: &c };
        let pi = choice::prove(&statement, &opening, rng);
        let mut bytes =
            [&[1], &contest.item_bytes()[..], &contest.round_bytes(), &b, self.n(), c.as_bytes(), &pi].concat();
        let sigma = self.key().sign(&enc(labels::BALLOT, &[manifest, &bytes]));
        bytes.extend_from_slice(&sigma);
        Ok((bytes, opening))
    }

    /// Makes and seals the ballot, once, and consumes the credential: afterwards b, r, j and every nonce are gone,
    /// and only what a retry needs is left.
    ///
    /// # Errors
    /// [`DecodeError::Range`] if `j` is not an option or the contest is not the manifest's.
    pub fn seal_ballot<R: CryptoRng + ?Sized>(
        self,
        manifest: &Manifest,
        j: u8,
        rng: &mut R,
    ) -> Result<SealedBallot, DecodeError> {
        let keys = manifest.keys(self.contest()).ok_or(DecodeError::Range)?;
        let (ballot, opening) = self.ballot(manifest, j, rng)?;
        let plain = Zeroizing::new([ballot.as_slice(), &*opening.to_bytes()].concat());
        let (wire, reply_key) = seal::seal(Kind::Cast, &manifest.id, self.contest(), &keys.e, &plain, rng)
            .map_err(|_| DecodeError::Range)?;
        Ok(SealedBallot { contest: self.contest(), wire, leaf: leaf_hash(&ballot), reply_key })
    }
}

/// What a phone keeps between sealing and receipt. Says nothing about the grade to anyone but the holder of E.
pub struct SealedBallot {
    /// The contest.
    pub contest: Contest,
    /// The envelope, the same bytes at every try.
    pub wire: Vec<u8>,
    /// Leaf hash of the ballot inside.
    pub leaf: Hash,
    /// Opens the reply.
    pub reply_key: ReplyKey,
}

impl SealedBallot {
    /// The stored form: `0x01 || item(2) || round(1) || leaf(32) || reply key(32) || envelope`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let (item, round) = (self.contest.item_bytes(), self.contest.round_bytes());
        let key = self.reply_key.to_bytes();
        Zeroizing::new([&[1], &item[..], &round, &self.leaf, &*key, &self.wire].concat())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`DecodeError`] for another form.
    pub fn from_bytes(bytes: &[u8], options: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let contest = Contest::new(reader.u16()?, reader.u8()?);
        let leaf = reader.array()?;
        let reply_key = ReplyKey::from_bytes(&Zeroizing::new(reader.array()?));
        let wire = reader.take(cast_len(options))?.to_vec();
        reader.end()?;
        Ok(Self { contest, wire, leaf, reply_key })
    }
}

/// An opened cast, before any of its checks.
pub struct Cast {
    plain: Zeroizing<Vec<u8>>,
    split: usize,
    /// Seals the reply.
    pub reply_key: ReplyKey,
}

impl Cast {
    /// Opens an envelope with the contest's E.
    ///
    /// # Errors
    /// [`Refused`] if it does not open or has another length; such a message is closed without a reply.
    pub fn unseal(manifest: &Manifest, contest: Contest, key: &SealingKey, wire: &[u8]) -> Result<Self, Refused> {
        if wire.len() != cast_len(manifest.options()) {
            return Err(Refused);
        }
        let (plain, reply_key) = seal::open(Kind::Cast, &manifest.id, contest, key, wire)?;
        Ok(Self { plain, split: ballot_len(manifest.options()), reply_key })
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot_bytes(&self) -> &[u8] {
        &self.plain[..self.split]
    }

    /// The opening.
    ///
    /// # Errors
    /// [`DecodeError`] for a scalar that is not canonical.
    pub fn opening(&self) -> Result<Opening, DecodeError> {
        Opening::from_bytes(&self.plain[self.split..])
    }
}
