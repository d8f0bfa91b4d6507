//! Sessions: one cookie a browser, of which the server keeps a hash, in memory. A restart ends them all.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};
use douxuan_crypto::{bytes::hex, hash::sha256};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::account::{Account, AccountId};

/// Silence after which a session ends.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// Age at which a session ends.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 3600);
/// Sessions of one account at once; the oldest gives way.
pub const EACH: usize = 3;
/// Cookies of ours that one request may carry: a browser sends one, and whoever plants others gets no further.
const BROUGHT: usize = 4;

/// How the console was reached, which decides about its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Plain HTTP, on the machine itself.
    Plain,
    /// TLS.
    Tls,
}

impl Channel {
    /// Under TLS nobody but this very origin can plant a cookie of this name.
    const fn cookie(self) -> &'static str {
        match self {
            Self::Plain => "douxuan_staff",
            Self::Tls => "__Host-douxuan_staff",
        }
    }

    /// The `Set-Cookie` value of a new session. Nothing ever sets one that expires: a dead cookie opens nothing, and
    /// tells the gate that its browser is no stranger.
    #[must_use]
    pub fn set_cookie(self, secret: &str) -> String {
        let secure = if self == Self::Tls { "; Secure" } else { "" };
        format!("{}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie())
    }

    /// Hashes of the session cookies that a request carries.
    pub(super) fn brought(self, headers: &HeaderMap) -> Vec<CookieHash> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(self.cookie())?.strip_prefix('='))
            .take(BROUGHT)
            .map(|value| sha256(value.as_bytes()))
            .collect()
    }
}

/// The hash of a session cookie, which is how the server knows a session.
pub(super) type CookieHash = [u8; 32];

struct Session {
    cookie: CookieHash,
    account: Arc<Account>,
    begun: Instant,
    seen: Instant,
    failed_before: u32,
}

impl Session {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.seen) >= IDLE || now.saturating_duration_since(self.begun) >= ABSOLUTE
    }
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Signed {
    /// Who.
    pub account: Arc<Account>,
    /// Failures at this account between the sign-in before and this one.
    pub failed_before: u32,
    /// Until the session ends, if nothing is done.
    pub left: Duration,
    pub(super) cookie: CookieHash,
}

/// All sessions.
#[derive(Default)]
pub(super) struct Sessions(Vec<Session>);

impl Sessions {
    /// Begins a session with a cookie of its own, whatever the browser brought. Returns the cookie's value and the
    /// sessions that gave way.
    pub(super) fn begin<R: CryptoRng + ?Sized>(
        &mut self,
        account: Arc<Account>,
        failed_before: u32,
        now: Instant,
        rng: &mut R,
    ) -> (Zeroizing<String>, CookieHash, Vec<CookieHash>) {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *secret);
        let secret = Zeroizing::new(hex(&*secret));
        let cookie = sha256(secret.as_bytes());
        let own = |session: &&Session| session.account.id == account.id;
        let more = (self.0.iter().filter(own).count() + 1).saturating_sub(EACH);
        let gone: Vec<CookieHash> = self.0.iter().filter(own).take(more).map(|session| session.cookie).collect();
        self.0.retain(|session| !gone.contains(&session.cookie));
        self.0.push(Session { cookie, account, begun: now, seen: now, failed_before });
        (secret, cookie, gone)
    }

    /// Who is signed in with one of these cookies. **Two of different sessions are nobody**: which of them the browser
    /// was given, and which was planted, cannot be told.
    pub(super) fn signed(&self, brought: &[CookieHash], now: Instant) -> Option<Signed> {
        let mut found = self.0.iter().filter(|session| {
            !session.is_over(now) && brought.iter().any(|cookie| bool::from(cookie.ct_eq(&session.cookie)))
        });
        let session = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let left = (session.seen + IDLE).min(session.begun + ABSOLUTE).saturating_duration_since(now);
        let (account, failed_before) = (session.account.clone(), session.failed_before);
        Some(Signed { account, failed_before, left, cookie: session.cookie })
    }

    /// A person did something: the idle time begins anew.
    pub(super) fn touch(&mut self, cookie: &CookieHash, now: Instant) {
        if let Some(session) = self.0.iter_mut().find(|session| session.cookie == *cookie) {
            session.seen = now;
        }
    }

    /// Ends these sessions; returns which there were.
    pub(super) fn end(&mut self, cookies: &[CookieHash]) -> Vec<CookieHash> {
        self.take(|session| cookies.contains(&session.cookie))
    }

    /// Ends an account's sessions but one.
    pub(super) fn end_of(&mut self, account: AccountId, but: Option<CookieHash>) -> Vec<CookieHash> {
        self.take(|session| session.account.id == account && Some(session.cookie) != but)
    }

    /// Ends those that are idle or old.
    pub(super) fn sweep(&mut self, now: Instant) -> Vec<CookieHash> {
        self.take(|session| session.is_over(now))
    }

    /// Whether somebody is signed in as this account.
    pub(super) fn has(&self, account: AccountId) -> bool {
        self.0.iter().any(|session| session.account.id == account)
    }

    fn take(&mut self, over: impl Fn(&Session) -> bool) -> Vec<CookieHash> {
        let gone = self.0.iter().filter(|session| over(session)).map(|session| session.cookie).collect();
        self.0.retain(|session| !over(session));
        gone
    }
}
