//! The simulated people: each has a phone, arrives in a window, hesitates, and votes in what is open.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use douxuan_ballot::{
    journey::{Invitation, Standing, read_manifest},
    native::{door::Door, live::Live, storage::Memory, voter::Voter},
    swarm::{SwarmError, grades::Grades},
    wire,
};
use douxuan_crypto::{bytes::hex, contest::Contest, manifest::Manifest};
use rand::{RngExt, SeedableRng, rngs::StdRng, rngs::SysRng};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::Pace;
use crate::drill::DrillError;

/// The item that the play opens first, at a brisk pace.
pub(super) const FIRST: Contest = Contest::new(1, 1);
/// How long a phone sends one message again.
const PATIENCE: Duration = Duration::from_secs(20);
/// One of so many leaves an item out, so that closing has something to ask about.
const FORGETFUL: u32 = 30;

/// A simulated person.
pub(super) struct Guest {
    /// What he holds in his hand.
    pub(super) slip: Invitation,
    /// The first window in which he is there.
    pub(super) window: u32,
}

/// Everybody who is simulated. They leave when it is dropped.
pub(super) struct Crowd {
    room: Arc<Room>,
    live: watch::Receiver<Arc<Live>>,
    arrivals: Vec<u32>,
    people: tokio::sync::Mutex<JoinSet<()>>,
    _news: JoinSet<()>,
}

/// What all of them share.
struct Room {
    door: Door,
    manifest: Arc<Manifest>,
    id: String,
    pace: Pace,
    seed: u64,
    enrolled: AtomicUsize,
}

impl Crowd {
    /// Everybody sits down and looks at the public state; who finds an open window enrols.
    pub(super) async fn gather(door: Door, guests: Vec<Guest>, pace: Pace) -> Result<Self, DrillError> {
        let bytes = door.fetch(wire::MANIFEST, wire::MANIFEST_LIMIT).await.map_err(SwarmError::Network)?;
        let manifest = read_manifest(&bytes, None).map_err(SwarmError::Manifest)?;
        let first = Live::ask(&door).await.map_err(SwarmError::Network)?;
        let (frames, live) = watch::channel(Arc::new(first));
        let mut news = JoinSet::new();
        news.spawn(follow(door.clone(), frames));

        let mut rng = StdRng::try_from_rng(&mut SysRng).map_err(|error| DrillError::Broken(error.to_string()))?;
        let id = hex(&manifest.id);
        let (seed, enrolled) = (rng.random_range(0..u64::MAX), AtomicUsize::new(0));
        let room = Arc::new(Room { door, manifest: Arc::clone(&manifest), id, pace, seed, enrolled });
        let (mut people, mut arrivals) = (JoinSet::new(), Vec::with_capacity(guests.len()));
        for (nth, guest) in guests.into_iter().enumerate() {
            arrivals.push(guest.window);
            let voter = Voter::invite(guest.slip, &manifest, Box::<Memory>::default());
            let voter = voter.map_err(|error| SwarmError::Slip(nth, error))?;
            let rng = StdRng::from_rng(&mut rng);
            let plans = BTreeMap::new();
            let person =
                Person { nth, voter, rng, window: guest.window, plans, done: BTreeSet::new(), room: Arc::clone(&room) };
            people.spawn(person.attend(live.clone()));
        }
        Ok(Self { room, live, arrivals, people: tokio::sync::Mutex::new(people), _news: news })
    }

    /// The public state, as the simulated phones see it.
    pub(super) fn live(&self) -> Arc<Live> {
        self.live.borrow().clone()
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.room.manifest
    }

    /// How many simulated phones hold credentials.
    pub(super) fn enrolled(&self) -> usize {
        self.room.enrolled.load(Ordering::Relaxed)
    }

    /// How many people have arrived up to a window.
    pub(super) fn arrived(&self, window: u32) -> usize {
        self.arrivals.iter().filter(|first| **first <= window).count()
    }

    /// Returns when everybody has left because the meeting is not theirs any more.
    pub(super) async fn gone(&self) {
        let mut people = self.people.lock().await;
        while people.join_next().await.is_some() {}
    }
}

/// Hands every new public state on, through breaks of the connection.
async fn follow(door: Door, frames: watch::Sender<Arc<Live>>) {
    loop {
        let hand_on = |live: &Live| {
            frames.send_replace(Arc::new(live.clone()));
            false
        };
        let _ = Live::until(&door, Duration::from_secs(3600), hand_on).await;
        sleep(Duration::from_millis(250)).await;
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Errand {
    Enrol,
    Vote(Contest),
}

struct Person {
    nth: usize,
    voter: Voter,
    rng: StdRng,
    window: u32,
    /// What is to be done, and when.
    plans: BTreeMap<Errand, Instant>,
    /// Voted, or left out.
    done: BTreeSet<Contest>,
    room: Arc<Room>,
}

impl Person {
    async fn attend(mut self, mut live: watch::Receiver<Arc<Live>>) {
        loop {
            let now = live.borrow_and_update().clone();
            if now.manifest.as_ref() != Some(&self.room.id) {
                return;
            }
            self.plan(&now);
            let next = self.plans.iter().min_by_key(|(_, due)| **due).map(|(errand, due)| (*errand, *due));
            let due = async {
                match next {
                    Some((_, due)) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = live.changed() => if changed.is_err() {
                    return;
                },
                () = due => if let Some((errand, _)) = next {
                    self.plans.remove(&errand);
                    self.run(errand).await;
                }
            }
        }
    }

    /// Adds what became possible and drops what is no longer.
    fn plan(&mut self, live: &Live) {
        let now = Instant::now();
        let Some(enrolled) = self.voter.enrolled() else {
            if live.window.open && live.window.number >= self.window {
                let wait = self.room.pace.enrol.mul_f64(self.rng.random_range(0.0..1.0));
                self.plans.entry(Errand::Enrol).or_insert(now + wait);
            } else {
                self.plans.clear();
            }
            return;
        };
        let mine = |contest: &Contest| {
            matches!(enrolled.standing(*contest), Some(Standing::Ready | Standing::Sealed))
                && !self.done.contains(contest)
        };
        let open: BTreeSet<Contest> = live.open().into_iter().filter(mine).collect();
        self.plans.retain(|errand, _| matches!(errand, Errand::Vote(contest) if open.contains(contest)));
        for contest in open {
            if self.plans.contains_key(&Errand::Vote(contest)) {
                continue;
            }
            if contest != FIRST && self.rng.random_range(0..FORGETFUL) == 0 {
                self.done.insert(contest);
                continue;
            }
            let longest = if contest == FIRST { self.room.pace.first } else { self.room.pace.vote };
            self.plans.insert(Errand::Vote(contest), now + hesitation(&mut self.rng, longest));
        }
    }

    /// What fails is planned again as long as it is possible.
    async fn run(&mut self, errand: Errand) {
        let Self { nth, voter, rng, done, room, .. } = self;
        match errand {
            Errand::Enrol => {
                if voter.enrol(&room.door, PATIENCE, rng).await.is_ok() {
                    room.enrolled.fetch_add(1, Ordering::Relaxed);
                }
            }
            Errand::Vote(contest) => {
                let option = grades(contest).choose(room.seed, contest, *nth, room.manifest.options());
                if voter.cast(&room.door, contest, option, PATIENCE, rng).await.is_ok() {
                    done.insert(contest);
                }
            }
        }
    }
}

/// Most are quick, some take their time, nobody is instant.
fn hesitation(rng: &mut StdRng, longest: Duration) -> Duration {
    let share: f64 = rng.random_range(0.0..1.0);
    longest.mul_f64(0.05 + 0.95 * share.powf(1.6))
}

/// Not everybody is liked alike.
fn grades(contest: Contest) -> Grades {
    const WEIGHTS: [[u32; 5]; 3] = [[70, 18, 6, 3, 3], [52, 30, 10, 5, 3], [84, 11, 3, 1, 1]];
    let weights = WEIGHTS[usize::from(contest.item) % WEIGHTS.len()];
    Grades::new(&weights).unwrap_or_default()
}
