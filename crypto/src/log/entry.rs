//! One entry of the log: an operator's act, framed (PROTOCOL section 21).
//!
//! ```text
//! entry  = 0x01 || kind(1) || I2OSP(length,4) || actors || fields
//! actors = count(1: 0, 1 or 2) || (role(1) || id(16))*count
//! ```

use super::act::Act;
use crate::{
    bytes::{DecodeError, Reader, be32},
    hash::{enc, sha256},
    labels,
    merkle::Hash,
};

/// In which office somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The office that holds the meeting.
    Office,
    /// The chair of the meeting.
    Chair,
    /// A delegate who watches the vote.
    Scrutineer,
    /// Staff who count.
    Teller,
}

/// Who did it: a role, and an id that says nothing without the office's own account list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// In which office.
    pub role: Role,
    /// 16 bytes, see [`Actor::new`].
    pub id: [u8; 16],
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Nobody named, one, or two.
    pub actors: Vec<Actor>,
    /// What was done.
    pub act: Act,
}

impl Actor {
    /// The actor of an office account: `id = SHA-256(enc("douxuan/v1/actor", M, account))[..16]`.
    #[must_use]
    pub fn new(role: Role, manifest: &Hash, account: &str) -> Self {
        let digest = sha256(&enc(labels::ACTOR, &[manifest, account.as_bytes()]));
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self { role, id }
    }
}

impl Entry {
    /// An entry that names nobody.
    #[must_use]
    pub const fn unnamed(act: Act) -> Self {
        Self { actors: Vec::new(), act }
    }

    /// The bytes of the entry. At most two actors are written; [`super::LogState::apply`] refuses more.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let named = &self.actors[..self.actors.len().min(2)];
        let mut body = vec![if named.len() == 2 { 2 } else { u8::from(!named.is_empty()) }];
        for actor in named {
            body.push(match actor.role {
                Role::Office => 1,
                Role::Chair => 2,
                Role::Scrutineer => 3,
                Role::Teller => 4,
            });
            body.extend_from_slice(&actor.id);
        }
        self.act.write(&mut body);
        let mut out = vec![1, self.act.kind()];
        out.extend_from_slice(&be32(body.len()));
        out.extend_from_slice(&body);
        out
    }

    /// Reads the entry that stands at the reader, and nothing behind it.
    ///
    /// # Errors
    /// [`DecodeError`] for any other than the one form of an entry.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.version()?;
        let kind = reader.u8()?;
        let length = usize::try_from(reader.u32()?).map_err(|_| DecodeError::Truncated)?;
        let mut body = Reader::new(reader.take(length)?);
        let count = body.u8()?;
        if count > 2 {
            return Err(DecodeError::Range);
        }
        let mut actors: Vec<Actor> = Vec::new();
        for _ in 0..count {
            let role = match body.u8()? {
                1 => Role::Office,
                2 => Role::Chair,
                3 => Role::Scrutineer,
                4 => Role::Teller,
                _ => return Err(DecodeError::Range),
            };
            let actor = Actor { role, id: body.array()? };
            if actors.iter().any(|a| a.id == actor.id) {
                return Err(DecodeError::Range);
            }
            actors.push(actor);
        }
        let act = Act::read(kind, &mut body)?;
        body.end()?;
        Ok(Self { actors, act })
    }

    /// Reads one entry that is all there is.
    ///
    /// # Errors
    /// As [`Entry::read`], and [`DecodeError::Trailing`] for bytes behind it.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let entry = Self::read(&mut reader)?;
        reader.end()?;
        Ok(entry)
    }
}
