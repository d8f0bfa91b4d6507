//! One thing that the record knows of, kept as JSON.

use std::fmt;

use rand_core::CryptoRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use douxuan_crypto::bytes::{hex, unhex};

/// A kind of document. Its JSON form is what is stored, shown and hashed.
pub trait Document: Clone + Serialize + DeserializeOwned {
    /// The word for it in the store, the trail and the addresses: `a-z` and `-`.
    const KIND: &'static str;
}

/// 8 random bytes, 16 lowercase hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 8]);

impl Id {
    /// The least there is.
    pub(super) const FIRST: Self = Self([0; 8]);

    /// A new one.
    #[must_use]
    pub fn draw(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut id = [0; 8];
        rng.fill_bytes(&mut id);
        Self(id)
    }

    /// Reads 16 lowercase hex digits; `None` for anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl JsonSchema for Id {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom("an id has 16 lowercase hex digits"))
    }
}

/// A document with its place in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kept<T> {
    /// Which one.
    pub id: Id,
    /// How often it was written. Whoever changes it says which version he has seen.
    pub version: u32,
    /// What it says.
    #[serde(flatten)]
    pub body: T,
}
