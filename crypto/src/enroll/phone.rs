//! The phone's half: it blinds, and believes nothing that it has not verified.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{reply_len, request_hash, request_len, signed_bytes};
use crate::{
    blind::{Blind, Proof, verify_evaluation},
    bytes::{DecodeError, Reader},
    contest::Contest,
    credential::{Credential, credential_input},
    group::{Element, random_bytes},
    manifest::{ContestKeys, Manifest},
    merkle::{Hash, path_len, verify_inclusion},
    seal::{self, Kind, ReplyKey},
    sign::{Refused, SigningKey},
    token::{Mask, Token, TokenLeaf},
};

/// Why a phone does not accept a reply. Each but `Refused` is evidence against the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentError {
    /// Status 1: spent, voided, unknown, or no window is open.
    Refused,
    /// Not a reply of this protocol, altered, or for another request.
    Malformed,
    /// The mask is not the slip's.
    OtherMask,
    /// The slip is not in the manifest's token tree.
    NotInTree,
    /// The evaluation of a contest is not by the manifest's key.
    WrongKey(Contest),
    /// An evaluation that neither mask nor log explains is missing.
    Missing(Contest),
    /// An evaluation for a contest that the slip excludes.
    Unasked(Contest),
}

impl core::fmt::Display for EnrolmentError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Refused => f.write_str("the server refused this slip"),
            Self::Malformed => f.write_str("the reply is not valid"),
            Self::OtherMask => f.write_str("the reply excludes other officials than the slip"),
            Self::NotInTree => f.write_str("the slip is not in the list that was fixed before printing"),
            Self::WrongKey(c) => write!(f, "the reply for contest {c} was made with another key"),
            Self::Missing(c) => write!(f, "the reply for contest {c} is missing without a reason"),
            Self::Unasked(c) => write!(f, "the reply has contest {c}, which the slip excludes"),
        }
    }
}

impl std::error::Error for EnrolmentError {}

/// A prepared enrolment: ballot keys and blinds for every contest. Stored before it is sent; zeroised on drop.
/// The token itself is not in it any more, only its signature.
pub struct Enrolment {
    mask: Option<Mask>,
    request: Zeroizing<Vec<u8>>,
    secrets: Vec<(Zeroizing<[u8; 32]>, Blind)>,
}

/// What an accepted reply gives.
pub struct Enrolled {
    /// Credentials in contest order, those of excluded and closed contests absent.
    pub credentials: Vec<Credential>,
    /// The slip's mask, confirmed by the token tree.
    pub mask: Mask,
}

impl Enrolment {
    /// Draws ballot keys and blinds (32 and 64 bytes a contest, in contest order) and signs the request. `mask` is
    /// the slip's, or `None` on the typed path, where the reply's is shown to compare.
    ///
    /// # Errors
    /// [`DecodeError`] if the mask is not one for this manifest.
    pub fn begin<R: CryptoRng + ?Sized>(
        manifest: &Manifest,
        token: &Token,
        mask: Option<&[u8]>,
        rng: &mut R,
    ) -> Result<Self, DecodeError> {
        let mask = mask.map(|m| Mask::from_bytes(m, manifest.items.len())).transpose()?;
        let key = token.signing_key(&manifest.meeting);
        let mut secrets = Vec::with_capacity(manifest.contests.len());
        let mut xs = Vec::with_capacity(32 * manifest.contests.len());
        for contest in &manifest.contests {
            let seed = random_bytes(rng);
            let blind = Blind::draw(rng);
            let b = SigningKey::from_seed(&seed).verifying();
            let input = credential_input(&manifest.id, contest.contest, b.as_bytes());
            xs.extend_from_slice(blind.blind(&input).as_bytes());
            secrets.push((seed, blind));
        }
        let t = *key.verifying().as_bytes();
        let signature = key.sign(&signed_bytes(&manifest.id, &t, &request_hash(&xs)));
        let request = Zeroizing::new([&[1], &manifest.id[..], &t, &xs, &signature].concat());
        Ok(Self { mask, request, secrets })
    }

    /// The stored form: `0x01 || has mask(1) || mask || request || (b(32) || blind(32))^c`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Never grown: a buffer that moves leaves its old bytes behind.
        let mask_len = self.mask.as_ref().map_or(0, |mask| mask.as_bytes().len());
        let mut out = Zeroizing::new(Vec::with_capacity(2 + mask_len + self.request.len() + 64 * self.secrets.len()));
        out.extend_from_slice(&[1, u8::from(self.mask.is_some())]);
        if let Some(mask) = &self.mask {
            out.extend_from_slice(mask.as_bytes());
        }
        out.extend_from_slice(&self.request);
        for (seed, blind) in &self.secrets {
            out.extend_from_slice(&**seed);
            out.extend_from_slice(&*blind.to_bytes());
        }
        out
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`DecodeError`] for another form or another manifest.
    pub fn from_bytes(manifest: &Manifest, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let mask = match reader.u8()? {
            0 => None,
            1 => Some(Mask::from_bytes(reader.take(manifest.mask_len())?, manifest.items.len())?),
            _ => return Err(DecodeError::Range),
        };
        let request = Zeroizing::new(reader.take(request_len(manifest))?.to_vec());
        if request[1..33] != manifest.id {
            return Err(DecodeError::Range);
        }
        let secrets = manifest
            .contests
            .iter()
            .map(|_| Ok((Zeroizing::new(reader.array()?), Blind::from_bytes(reader.take(32)?)?)))
            .collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { mask, request, secrets })
    }

    /// The request's plaintext.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// T.
    fn t(&self) -> [u8; 32] {
        let mut t = [0; 32];
        t.copy_from_slice(&self.request[33..65]);
        t
    }

    /// Seals the request to `E_0` (32 bytes of randomness). Sealing again gives other bytes and the same request.
    ///
    /// # Errors
    /// [`Refused`] if the manifest's key is unusable, which a parsed manifest excludes.
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        manifest: &Manifest,
        rng: &mut R,
    ) -> Result<(Vec<u8>, ReplyKey), Refused> {
        seal::seal(Kind::Enrol, &manifest.id, Contest::REHEARSAL, &manifest.e_0, &self.request, rng)
    }

    /// Opens and verifies a reply, and consumes the blinds. `closed` are the contests that the meeting's log says are
    /// closed or destroyed: only they may be missing without the mask's saying so.
    ///
    /// # Errors
    /// [`EnrolmentError`] together with the unchanged enrolment, so that the same request can be sent again.
    pub fn finish(
        self,
        manifest: &Manifest,
        reply_key: &ReplyKey,
        reply: &[u8],
        closed: &[Contest],
    ) -> Result<Enrolled, (Self, EnrolmentError)> {
        match self.check(manifest, reply_key, reply, closed) {
            Ok(enrolled) => Ok(enrolled),
            Err(error) => Err((self, error)),
        }
    }

    fn check(
        &self,
        manifest: &Manifest,
        reply_key: &ReplyKey,
        reply: &[u8],
        closed: &[Contest],
    ) -> Result<Enrolled, EnrolmentError> {
        let plain = reply_key.open(reply).map_err(|_| EnrolmentError::Malformed)?;
        let parts = Parts::decode(manifest, &plain)?;
        if self.mask.as_ref().is_some_and(|mask| *mask != parts.mask) {
            return Err(EnrolmentError::OtherMask);
        }
        let leaf = TokenLeaf { t: self.t(), mask: parts.mask.clone() }.hash();
        verify_inclusion(&leaf, parts.index, u64::from(manifest.leaves), &parts.path, &manifest.token_root)
            .map_err(|_| EnrolmentError::NotInTree)?;
        let mut credentials = Vec::new();
        let blinded = self.request[65..].chunks_exact(32);
        for (((contest, x), evaluation), secret) in
            manifest.contests.iter().zip(blinded).zip(parts.evaluations.chunks_exact(96)).zip(&self.secrets)
        {
            let excluded = parts.mask.excludes(contest.contest.item);
            if evaluation == [0; 96] {
                if !excluded && !closed.contains(&contest.contest) {
                    return Err(EnrolmentError::Missing(contest.contest));
                }
                continue;
            }
            if excluded {
                return Err(EnrolmentError::Unasked(contest.contest));
            }
            credentials.push(credential(contest, x, evaluation, secret)?);
        }
        Ok(Enrolled { credentials, mask: parts.mask })
    }
}

fn credential(
    contest: &ContestKeys,
    x: &[u8],
    evaluation: &[u8],
    (seed, blind): &(Zeroizing<[u8; 32]>, Blind),
) -> Result<Credential, EnrolmentError> {
    let wrong = EnrolmentError::WrongKey(contest.contest);
    let x = Element::from_bytes(x).map_err(|_| wrong)?;
    let z = Element::from_bytes(&evaluation[..32]).map_err(|_| wrong)?;
    let proof = Proof::from_bytes(&evaluation[32..]).map_err(|_| wrong)?;
    verify_evaluation(&contest.k, &x, &z, &proof).map_err(|_| wrong)?;
    Ok(Credential::new(contest.contest, SigningKey::from_seed(seed), &blind.unblind(&z)))
}

/// A reply's fields.
struct Parts<'a> {
    mask: Mask,
    evaluations: &'a [u8],
    index: u64,
    path: Vec<Hash>,
}

impl<'a> Parts<'a> {
    fn decode(manifest: &Manifest, plain: &'a [u8]) -> Result<Self, EnrolmentError> {
        if plain.len() != reply_len(manifest) {
            return Err(EnrolmentError::Malformed);
        }
        match plain[..2] {
            [1, 0] => Self::fields(manifest, plain).map_err(|_| EnrolmentError::Malformed),
            [1, 1] if plain[2..].iter().all(|b| *b == 0) => Err(EnrolmentError::Refused),
            _ => Err(EnrolmentError::Malformed),
        }
    }

    fn fields(manifest: &Manifest, plain: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(&plain[2..]);
        let mask = Mask::from_bytes(reader.take(manifest.mask_len())?, manifest.items.len())?;
        let evaluations = reader.take(96 * manifest.contests.len())?;
        let index = u64::from(reader.u32()?);
        let path =
            (0..path_len(index, u64::from(manifest.leaves))).map(|_| reader.array()).collect::<Result<_, _>>()?;
        let padding = reader.take(reader.left())?;
        if padding.iter().any(|b| *b != 0) {
            return Err(DecodeError::Trailing);
        }
        Ok(Self { mask, evaluations, index, path })
    }
}
