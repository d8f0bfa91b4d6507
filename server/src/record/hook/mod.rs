//! Handing a result on to another program of the office, which need not trust the network in between.
//!
//! ```text
//! POST <target>
//! Content-Type: application/json
//! Douxuan-Key: <64 hex digits>                 the public key, Ed25519
//! Douxuan-Signature: <128 hex digits>          over the exact body
//!
//! {"v": 1, "event": "result", "id": <SHA-256 of the result note>, "at": <seconds since 1970>, "result": {...}}
//! ```
//! **What a receiver must do**: know the key beforehand, check the signature over the bytes as they came, refuse an `at`
//! more than five minutes off, and take each `id` once. It answers 200 to 299, or 409 for an `id` that it has: all count as
//! delivered. Everything else is tried again, later and later, with a new `at`.
//!
//! The private half lies among the machine's keys, `secrets/record/hand-over.key`, and is wrapped with them.
//!
//! Targets come from the command line alone (`serve --hand-over URL`): nobody at a page can name one.

mod courier;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use douxuan_crypto::{bytes::hex, sign::SigningKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use courier::Patience;

use super::{
    Kept,
    document::{Document, Id},
    result::Outcome,
};

/// One result on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The result.
    pub outcome: Id,
    /// Where to.
    pub target: String,
    /// How far it has come.
    pub state: DeliveryState,
}

impl Document for Delivery {
    const KIND: &'static str = "delivery";
}

/// How far a delivery has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryState {
    /// Not there yet.
    Waiting {
        /// What went wrong last; empty before the first attempt.
        last: String,
    },
    /// The receiver has it.
    Delivered {
        /// When, as the trail writes times.
        at: String,
    },
    /// Tried too often. Started again with the server.
    GivenUp {
        /// What went wrong last.
        last: String,
    },
}

/// `https://host[:port]/path`; `http://` within the machine or the office's own network only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) origin: String,
    pub(super) path: String,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// In words, for another scheme, and for an address with a name, a question or a fragment in it.
    pub fn read(text: &str) -> Result<Self, String> {
        let refused = || format!("{text} 不是可以送达的网址。请写成 https://主机:端口/路径，不带用户名、问号和井号。");
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_graphic() && !"@#?\\".contains(c);
        if !matches!(scheme, "http" | "https") || host.is_empty() || !rest.chars().all(plain) {
            return Err(refused());
        }
        Ok(Self { origin: format!("{scheme}://{host}"), path: format!("/{path}") })
    }

    /// Refuses plain `http` to anywhere but an address in numbers of this machine or a private network (RFC 1918, 3927,
    /// 4193, 4291): what is sent is signed, not enciphered, and tells names and figures.
    ///
    /// # Errors
    /// In words.
    pub fn stays_near(&self) -> Result<(), String> {
        if self.origin.strip_prefix("http://").is_none_or(is_near) {
            return Ok(());
        }
        Err(format!(
            "{self} 不加密，会把姓名和票数明文送出去。请改用 https://；内网确实只有 http 的，请写成内网 IP 地址，或加 --hand-over-plain。"
        ))
    }
}

/// Whether a host, with or without a port, is an address in numbers that no router of the open net carries.
fn is_near(host: &str) -> bool {
    let address = host.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match address.or_else(|| bare.parse().ok()) {
        Some(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        Some(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        None => false,
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// What is sent.
#[derive(Serialize, JsonSchema)]
pub(super) struct Message<'a> {
    /// 1.
    v: u8,
    /// `result`.
    event: &'static str,
    /// SHA-256 of the result note, 64 hex digits: taken once.
    id: &'a str,
    /// Seconds since 1970.
    at: u64,
    /// The result.
    result: &'a Outcome,
}

impl<'a> Message<'a> {
    pub(super) fn of(outcome: &'a Kept<Outcome>, at: u64) -> Self {
        Self { v: 1, event: "result", id: &outcome.body.note_hash, at, result: &outcome.body }
    }
}

/// The public key as a receiver is told it.
#[must_use]
pub fn shown(key: &SigningKey) -> String {
    hex(key.verifying().as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Target;

    #[test]
    fn a_target_is_a_plain_web_address_and_nothing_else() {
        for text in ["https://oa.example/in", "https://oa.example", "https://8.8.8.8:444/in"] {
            assert!(Target::read(text).unwrap().stays_near().is_ok(), "{text}");
        }
        let wrong = [
            "",
            "oa.example/in",
            "ftp://oa.example/",
            "https:///in",
            "https://a@b/",
            "https://a:b@c/",
            "https://a b/",
            "file:///etc",
            "https://a/b?c=d",
            "https://a?b",
            "https://a/b#c",
            "https://a\\b/",
            "https://示例/",
        ];
        for text in wrong {
            assert!(Target::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_goes_no_further_than_the_office_unless_somebody_says_so() {
        let near = [
            "127.0.0.1:9000",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1:80",
            "192.168.1.7",
            "169.254.3.4",
            "[::1]:9000",
            "[::1]",
            "[fd12::3]",
            "[fe80::1]:80",
        ];
        for host in near {
            assert!(Target::read(&format!("http://{host}/in")).unwrap().stays_near().is_ok(), "{host}");
        }
        let far =
            ["oa.example", "localhost", "8.8.8.8", "172.32.0.1", "[2001:db8::1]:80", "127.0.0.1.example", "0177.0.0.1"];
        for host in far {
            let far = Target::read(&format!("http://{host}/in")).unwrap().stays_near();
            assert!(far.is_err_and(|why| why.contains("--hand-over-plain")), "{host}");
        }
    }
}
