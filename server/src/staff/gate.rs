//! How guessing gets slower, and why nobody is locked out by it.
//!
//! Every attempt counts as a failure from the moment it arrives until it has shown the right pass-phrase, so that a
//! hundred at once wait as long as a hundred in a row. An attempt is answered after its delay, right or wrong, and a
//! delay never exceeds [`Pace::longest`]: **a right pass-phrase always gets in, at the latest then**, whatever others
//! have tried before it or try beside it. What bounds the guessing is that few attempts may wait at once.
//!
//! A browser in which the account was signed in before has a lane of its own, where only its own failures count, and a
//! place to wait is always free. Sessions are not looked at here: those that are open stay open.
//!
//! Names are counted in buckets under a key of this run: a name that does not exist is slowed like one that does, and
//! no number of names fills the memory.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use douxuan_crypto::hash::sha256;
use rand_core::CryptoRng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::account::{AccountId, SignInName};

/// How fast attempts are answered.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Delay after one failure; it doubles with each further one.
    pub first: Duration,
    /// Longest delay.
    pub longest: Duration,
    /// Time after which one failure is forgotten.
    pub forget: Duration,
    /// Attempts from unknown browsers that may wait at once. Fewer than the console's sockets, so that some are left
    /// to those who are signed in.
    pub waiting: usize,
}

impl Pace {
    /// At most 48 guesses in half a minute, against pass-phrases of twelve characters.
    pub const USUAL: Self = Self {
        first: Duration::from_millis(500),
        longest: Duration::from_secs(30),
        forget: Duration::from_secs(60),
        waiting: 48,
    };

    fn delay(&self, failures: u32) -> Duration {
        match failures.checked_sub(1) {
            None => Duration::ZERO,
            Some(doublings) => self.first.saturating_mul(1 << doublings.min(16)).min(self.longest),
        }
    }
}

/// Buckets of names.
const BUCKETS: usize = 256;
/// Failures over all names that slow like one of a single name: people mistype, too.
const ALL_PER_STEP: u32 = 10;
/// Failures beyond which no more are counted: this many take `forget` each to be forgotten.
const MOST: u32 = 10;
/// Browsers remembered.
const BROWSERS: usize = 64;

/// Failures that fade.
#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    since: Option<Instant>,
}

impl Failures {
    const NONE: Self = Self { count: 0, since: None };

    fn count(&mut self, now: Instant, forget: Duration) -> u32 {
        if let Some(since) = self.since {
            let passed = now.saturating_duration_since(since).as_nanos() / forget.as_nanos().max(1);
            let passed = u32::try_from(passed).unwrap_or(u32::MAX);
            if passed > 0 {
                self.count = self.count.saturating_sub(passed);
                self.since = Some(since + forget.saturating_mul(passed));
            }
        }
        self.count
    }

    /// One more; returns how many there were.
    fn add(&mut self, now: Instant, forget: Duration, most: u32) -> u32 {
        let before = self.count(now, forget);
        self.since = if before == 0 { Some(now) } else { self.since };
        self.count = (before + 1).min(most);
        before
    }

    fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

/// A browser in which an account was signed in: the hash of the cookie it still has, dead or alive.
struct Browser {
    cookie: [u8; 32],
    account: AccountId,
    failures: Failures,
}

/// Where an attempt is counted.
enum Lane {
    Browser([u8; 32]),
    Name(usize),
}

/// An attempt under way. Dropped without [`Gate::right`] it stays a failure.
pub(super) struct Attempt {
    lane: Lane,
    /// How long it must wait for its answer.
    pub(super) delay: Duration,
    _place: Option<OwnedSemaphorePermit>,
}

/// Counts attempts.
pub(super) struct Gate {
    pace: Pace,
    key: [u8; 32],
    names: Vec<Failures>,
    all: Failures,
    browsers: VecDeque<Browser>,
    places: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn new<R: CryptoRng + ?Sized>(pace: Pace, rng: &mut R) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self {
            pace,
            key,
            names: vec![Failures::NONE; BUCKETS],
            all: Failures::NONE,
            browsers: VecDeque::new(),
            places: Arc::new(Semaphore::new(pace.waiting)),
        }
    }

    /// Counts an attempt. `None` if too many wait already.
    pub(super) fn attempt(
        &mut self,
        sign_in: &SignInName,
        account: Option<AccountId>,
        brought: &[[u8; 32]],
        now: Instant,
    ) -> Option<Attempt> {
        let Pace { forget, .. } = self.pace;
        let known = |browser: &&mut Browser| Some(browser.account) == account && brought.contains(&browser.cookie);
        if let Some(browser) = self.browsers.iter_mut().find(known) {
            let delay = self.pace.delay(browser.failures.add(now, forget, MOST));
            return Some(Attempt { lane: Lane::Browser(browser.cookie), delay, _place: None });
        }
        let place = self.places.clone().try_acquire_owned().ok()?;
        let digest = sha256(&[&self.key, sign_in.as_str().as_bytes()].concat());
        let bucket = usize::from(digest[0]) % BUCKETS;
        let here = self.names[bucket].add(now, forget, MOST);
        let all = self.all.add(now, forget / ALL_PER_STEP, MOST * ALL_PER_STEP);
        let delay = self.pace.delay(here.max(all / ALL_PER_STEP));
        Some(Attempt { lane: Lane::Name(bucket), delay, _place: Some(place) })
    }

    /// The attempt was no failure. Others' failures stay counted.
    pub(super) fn right(&mut self, attempt: &Attempt) {
        match attempt.lane {
            Lane::Browser(cookie) => {
                if let Some(browser) = self.browsers.iter_mut().find(|browser| browser.cookie == cookie) {
                    browser.failures = Failures::NONE;
                }
            }
            Lane::Name(bucket) => {
                self.names[bucket].take_back();
                self.all.take_back();
            }
        }
    }

    /// A browser in which the account is signed in from now on, in place of what it brought.
    pub(super) fn remember(&mut self, cookie: [u8; 32], account: AccountId, brought: &[[u8; 32]]) {
        self.browsers.retain(|browser| !brought.contains(&browser.cookie));
        if self.browsers.len() >= BROWSERS {
            self.browsers.pop_front();
        }
        self.browsers.push_back(Browser { cookie, account, failures: Failures::NONE });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn gate() -> (Gate, Instant) {
        (Gate::new(Pace::USUAL, &mut StdRng::seed_from_u64(1)), Instant::now())
    }

    fn name(text: &str) -> SignInName {
        SignInName::typed(text)
    }

    #[test]
    fn delays_double_up_to_the_cap_and_fade_when_it_is_quiet() {
        let (mut gate, now) = gate();
        let mut delays = Vec::new();
        for _ in 0..12 {
            delays.push(gate.attempt(&name("chair"), None, &[], now).unwrap().delay.as_millis());
        }
        assert_eq!(delays, [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000]);
        let later = now + Pace::USUAL.forget * 8;
        assert_eq!(gate.attempt(&name("chair"), None, &[], later).unwrap().delay.as_millis(), 1_000, "two are left");
        let later = now + Pace::USUAL.forget * 20;
        assert_eq!(gate.attempt(&name("chair"), None, &[], later).unwrap().delay, Duration::ZERO);
    }

    #[test]
    fn attempts_side_by_side_are_counted_when_they_arrive() {
        let (mut gate, now) = gate();
        let held: Vec<Attempt> = (0..4).map(|_| gate.attempt(&name("chair"), None, &[], now).unwrap()).collect();
        assert_eq!(held.iter().map(|a| a.delay.as_millis()).collect::<Vec<_>>(), [0, 500, 1_000, 2_000]);
    }

    #[test]
    fn only_so_many_unknown_browsers_wait_and_a_known_one_always_may() {
        let (mut gate, now) = gate();
        let (chair, cookie) = (AccountId::new([7; 16]), [9; 32]);
        gate.remember(cookie, chair, &[]);
        let held: Vec<Attempt> =
            (0..Pace::USUAL.waiting).map(|n| gate.attempt(&name(&n.to_string()), None, &[], now).unwrap()).collect();
        assert!(gate.attempt(&name("chair"), Some(chair), &[], now).is_none());
        let own = gate.attempt(&name("chair"), Some(chair), &[cookie], now).unwrap();
        assert_eq!(own.delay, Duration::ZERO);
        // The cookie of another account, or a made-up one, opens no lane.
        assert!(gate.attempt(&name("other"), Some(AccountId::new([8; 16])), &[cookie], now).is_none());
        assert!(gate.attempt(&name("chair"), Some(chair), &[[1; 32]], now).is_none());
        drop(held);
        assert!(gate.attempt(&name("chair"), Some(chair), &[], now).is_some(), "places come back");
    }

    #[test]
    fn many_names_tried_once_each_are_slowed_together() {
        let (mut gate, now) = gate();
        let last = (0..200).map(|n| gate.attempt(&name(&format!("name{n}")), None, &[], now).unwrap().delay).last();
        assert!(last.unwrap() >= Duration::from_secs(8), "{last:?}");
    }

    #[test]
    fn a_right_one_takes_back_its_own_failure_and_no_other() {
        let (mut gate, now) = gate();
        for _ in 0..3 {
            gate.attempt(&name("chair"), None, &[], now).unwrap();
        }
        let right = gate.attempt(&name("chair"), None, &[], now).unwrap();
        gate.right(&right);
        assert_eq!(gate.attempt(&name("chair"), None, &[], now).unwrap().delay, Duration::from_secs(2));
    }

    #[test]
    fn a_known_browsers_own_failures_count_for_it_alone() {
        let (mut gate, now) = gate();
        let (chair, cookie) = (AccountId::new([7; 16]), [9; 32]);
        gate.remember(cookie, chair, &[]);
        for _ in 0..20 {
            gate.attempt(&name("chair"), Some(chair), &[], now).unwrap();
        }
        let mut own = || gate.attempt(&name("chair"), Some(chair), &[cookie], now).unwrap().delay.as_millis();
        assert_eq!([own(), own(), own()], [0, 500, 1_000]);
        for _ in 0..20 {
            assert!(own() <= 30_000);
        }
        assert!(gate.browsers.len() <= BROWSERS);
    }
}
