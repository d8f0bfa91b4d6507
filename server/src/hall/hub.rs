//! The hub: composes the live state, encodes it once per change, and hands the newest to whoever listens.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use douxuan_crypto::{contest::Contest, manifest::Manifest};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::live::{Live, LiveReleased};
use crate::{
    roll::RollView,
    urn::{Phase, UrnView},
};

/// Cloning gives another handle to the same hub.
#[derive(Clone)]
pub struct Hub {
    sources: Arc<Mutex<Sources>>,
    frames: watch::Sender<Utf8Bytes>,
}

struct Sources {
    /// What the desk's acts changed; its numbers of enrolments and ballots are not read.
    meeting: Live,
    manifest: Option<Arc<Manifest>>,
    enrolled: u32,
    roll: watch::Receiver<RollView>,
    urn: watch::Receiver<UrnView>,
    last: Option<Live>,
}

impl Hub {
    /// A hub that shows no meeting yet.
    #[must_use]
    pub fn new(roll: watch::Receiver<RollView>, urn: watch::Receiver<UrnView>) -> Self {
        let enrolled = roll.borrow().enrolled;
        let sources = Sources { meeting: Live::preparing(), manifest: None, enrolled, roll, urn, last: None };
        let hub = Self { sources: Arc::new(Mutex::new(sources)), frames: watch::Sender::new(Utf8Bytes::default()) };
        hub.compose(|_| {});
        hub
    }

    /// Shows what an act changed. **Shown when this returns**: who refuses something because of the act may rely on it.
    pub fn show(&self, meeting: Live, manifest: Option<Arc<Manifest>>) {
        self.compose(|sources| {
            sources.meeting = meeting;
            sources.manifest = manifest;
        });
    }

    /// The manifest of the meeting that is shown.
    #[must_use]
    pub fn manifest(&self) -> Option<Arc<Manifest>> {
        self.lock().manifest.clone()
    }

    /// Marks the enrolment window closed before the roll refuses anybody for it, so that a phone that is refused
    /// sees why.
    pub fn announce_window_closing(&self) {
        self.compose(|sources| sources.meeting.window.open = false);
    }

    /// Ticks until `stop`. Only a tick takes the number of enrolments over while a window is open; the urn's numbers
    /// change on the urn's own ticks.
    pub async fn run(self, tick: Duration, mut stop: watch::Receiver<bool>) {
        let mut urn = self.lock().urn.clone();
        let mut ticks = interval(tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.compose(|sources| sources.enrolled = sources.roll.borrow().enrolled),
                changed = urn.changed() => match changed {
                    Ok(()) => self.compose(|_| {}),
                    Err(_) => return,
                },
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// The newest frame, and every newer one. A slow listener misses the ones between and holds nobody up.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Utf8Bytes> {
        self.frames.subscribe()
    }

    /// The newest state.
    #[must_use]
    pub fn live(&self) -> Live {
        self.lock().last.clone().unwrap_or_else(Live::preparing)
    }

    fn compose(&self, change: impl FnOnce(&mut Sources)) {
        let mut sources = self.lock();
        change(&mut sources);
        let roll = *sources.roll.borrow();
        if !roll.open {
            // Nobody enrols between two windows: the number is settled and may be shown at once.
            sources.enrolled = roll.enrolled;
        }
        let live = overlay(&sources.meeting, sources.enrolled, &sources.urn.borrow());
        if sources.last.as_ref() != Some(&live) {
            let text = serde_json::to_string(&live).unwrap_or_default();
            sources.last = Some(live);
            self.frames.send_replace(text.into());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lays the numbers of roll and urn over what the desk says.
fn overlay(meeting: &Live, enrolled: u32, urn: &UrnView) -> Live {
    let mut live = meeting.clone();
    if live.manifest.is_none() {
        return live;
    }
    live.enrolled = enrolled;
    for contest in &mut live.contests {
        let Some(view) = urn.contests.get(&Contest::new(contest.item, contest.round)) else { continue };
        contest.state = word(view.phase);
        contest.issued = view.issued;
        let unopened = view.phase == Phase::Unopened;
        contest.received = (!unopened).then(|| view.board.map_or(view.received, |(size, _)| size));
        let released = view.released.as_ref();
        contest.released = released.map(|r| LiveReleased { total: r.total, counts: r.counts.clone() });
    }
    live.contests.retain(|contest| contest.item > 0 || contest.state != "unopened");
    live
}

/// A contest that stopped for an alarm takes nothing any more, like one that closes; why is the console's to say.
const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Stopped => Phase::Closing.word(),
        other => other.word(),
    }
}
