//! Which phones have come: nothing is kept of one but how fast it answered, how far its clock is off, and what its
//! browser lacks. No address, no name of a browser, nothing by which one could be known again.

use std::time::{Duration, Instant};

use douxuan_crypto::bytes::hex;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::disk::milliseconds;

/// How long phones may come after the checks were begun.
pub(super) const LASTS: Duration = Duration::from_secs(30 * 60);
/// Phones that are listed; what comes after is counted no more.
const MOST: usize = 500;
/// Names of what a browser can lack, as the voting page has them.
const NEEDS: [&str; 6] = ["WebAssembly", "fetch", "WebSocket", "TextDecoder", "getRandomValues", "random"];

/// What a phone tells at the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// Its clock, milliseconds since 1970 UTC.
    pub(super) now: i64,
    /// What its browser lacks for voting.
    pub(super) lacks: Vec<String>,
}

/// One phone that answered.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Phone {
    /// Half of its round trips took no longer, ms.
    pub(super) p50: Value,
    /// Its longest round trip, ms.
    pub(super) longest: Value,
    /// Whole minutes by which its clock is ahead.
    pub(super) minutes: i64,
    /// What its browser lacks.
    pub(super) lacks: Vec<&'static str>,
    /// True if its round trips are too long for a hall that votes at once.
    pub(super) slow: bool,
}

/// From here on a tap on a phone feels stuck.
const SLOW: Duration = Duration::from_millis(400);

impl Phone {
    /// `trips` is not empty; `now` is this machine's clock, milliseconds since 1970 UTC.
    pub(super) fn of(mut trips: Vec<Duration>, told: &Told, now: i64) -> Self {
        trips.sort_unstable();
        let (p50, longest) = (trips[trips.len() / 2], trips[trips.len() - 1]);
        let ahead = told.now.saturating_sub(now);
        // Half a minute more or less is no minute.
        let minutes = ahead.saturating_add(30_000 * ahead.signum()) / 60_000;
        let lacks = NEEDS.iter().copied().filter(|need| told.lacks.iter().any(|lack| lack == need)).collect();
        Self { p50: milliseconds(p50), longest: milliseconds(longest), minutes, lacks, slow: p50 > SLOW }
    }
}

/// The time in which phones may come, and those that came.
pub(super) struct Session {
    nonce: String,
    /// `http://host:port` that they were sent to. What came there says nothing about another address.
    pub(super) origin: String,
    ends: Instant,
    pub(super) phones: Vec<Phone>,
}

impl Session {
    /// A new one.
    pub(super) fn new<R: CryptoRng + ?Sized>(origin: String, now: Instant, rng: &mut R) -> Self {
        Self { nonce: drawn(rng), origin, ends: now + LASTS, phones: Vec::new() }
    }

    /// What is left of it while phones are sent to `origin`.
    pub(super) fn left_at(&self, origin: &str, now: Instant) -> Option<Duration> {
        self.left(now).filter(|_| self.origin == origin)
    }

    /// What is left of it; `None` once it has lapsed.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.ends.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// Goes on from now as long as a new one.
    pub(super) fn extend(&mut self, now: Instant) {
        self.ends = now + LASTS;
    }

    /// What stands in the QR code and nowhere else: whoever has it has seen the code.
    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// One more phone; its number, from 1.
    pub(super) fn add(&mut self, phone: Phone) -> usize {
        if self.phones.len() < MOST {
            self.phones.push(phone);
        }
        self.phones.len()
    }
}

/// 16 random bytes, lowercase hex.
pub(super) fn drawn<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    hex(&bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_lapses_and_a_new_one_has_another_nonce() {
        let (mut rng, now) = (StdRng::seed_from_u64(1), Instant::now());
        let origin = || "http://192.168.1.10:8460".to_owned();
        let mut session = Session::new(origin(), now, &mut rng);
        assert!(session.left(now + LASTS - Duration::from_secs(1)).is_some());
        assert!(session.left(now + LASTS).is_none() && session.left(now + LASTS * 2).is_none());
        session.extend(now + LASTS);
        assert!(session.left(now + LASTS).is_some());
        assert_eq!(session.nonce().len(), 32);
        assert_ne!(session.nonce(), Session::new(origin(), now, &mut rng).nonce());
        let elsewhere = ["http://192.168.1.11:8460", "http://192.168.1.10:80", "https://192.168.1.10:8460"];
        assert!(session.left_at(&origin(), now).is_some());
        assert!(elsewhere.iter().all(|origin| session.left_at(origin, now).is_none()));
    }

    #[test]
    fn of_a_phone_only_figures_and_known_words_are_kept() {
        let trips: Vec<Duration> = [30, 10, 20].iter().map(|ms| Duration::from_millis(*ms)).collect();
        let told = Told { now: 600_000, lacks: vec!["WebAssembly".to_owned(), "Mozilla/5.0".to_owned()] };
        let phone = Phone::of(trips.clone(), &told, 520_000);
        assert_eq!((&phone.p50, &phone.longest, phone.minutes, phone.slow), (&json!("20"), &json!("30"), 1, false));
        assert_eq!(phone.lacks, ["WebAssembly"]);
        let minutes =
            |phone: i64, here: i64| Phone::of(trips.clone(), &Told { now: phone, lacks: vec![] }, here).minutes;
        assert_eq!((minutes(0, 29_999), minutes(0, 30_000), minutes(90_000, 0)), (0, -1, 2));
        assert_eq!(minutes(i64::MAX, -5), i64::MAX / 60_000);
        assert!(Phone::of(vec![SLOW * 2], &told, 0).slow);
    }
}
