//! Who may use the console: a code printed by `serve`, exchanged once for a cookie. Both are kept as hashes, in memory.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use douxuan_crypto::{bytes::hex, hash::sha256, token::Token};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};
use zeroize::Zeroizing;

const COOKIE: &str = "douxuan_console";
/// Sessions at once; the oldest gives way.
const SESSIONS: usize = 8;
/// Wait after the first wrong code; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);

/// The one code and the sessions made with it.
pub(super) struct Sessions {
    code: [u8; 32],
    /// Held while a code is checked: guesses stand in one queue, however many sockets they come on.
    gate: Mutex<Gate>,
    tokens: std::sync::Mutex<Vec<[u8; 32]>>,
}

/// How many codes were wrong in a row, and when the next one may be looked at. Whoever hangs up does not get round it.
struct Gate {
    wrong: u32,
    opens: Instant,
}

/// Draws the code that `serve` prints: 80 bits in the alphabet of the slips.
pub fn draw_code<R: CryptoRng + ?Sized>(rng: &mut R) -> Zeroizing<String> {
    Token::generate(rng).text()
}

impl Sessions {
    /// Sessions opened by this code.
    #[must_use]
    pub(super) fn new(code: &str) -> Self {
        Self {
            code: sha256(normal(code).as_bytes()),
            gate: Mutex::new(Gate { wrong: 0, opens: Instant::now() }),
            tokens: std::sync::Mutex::default(),
        }
    }

    /// Checks a code; after a wrong one the next is looked at late, and the one after that later.
    ///
    /// Returns the cookie's `Set-Cookie` value.
    pub(super) async fn enter<R: CryptoRng + ?Sized>(&self, code: &str, rng: &mut R) -> Option<String> {
        let mut gate = self.gate.lock().await;
        sleep_until(gate.opens).await;
        if !bool::from(sha256(normal(code).as_bytes()).ct_eq(&self.code)) {
            gate.opens = Instant::now() + FIRST.saturating_mul(1 << gate.wrong.min(8)).min(LONGEST);
            gate.wrong = gate.wrong.saturating_add(1);
            return None;
        }
        gate.wrong = 0;
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *secret);
        let secret = Zeroizing::new(hex(&*secret));
        let mut tokens = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if tokens.len() >= SESSIONS {
            tokens.remove(0);
        }
        tokens.push(sha256(secret.as_bytes()));
        Some(format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", secret.as_str()))
    }

    /// Whether a request carries the cookie of a session.
    #[must_use]
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut values = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
        let tokens = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        values.any(|value| {
            let hash = sha256(value.as_bytes());
            tokens.iter().any(|token| bool::from(hash.ct_eq(token)))
        })
    }
}

/// A code as it is compared: either case, no hyphens or spaces.
fn normal(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}
