//! The hub: composes the live state, encodes it once per change, and hands the newest to whoever listens.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use douxuan_crypto::{contest::Contest, manifest::Manifest};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    frame::{self, Frame},
    live::{Live, LiveMoved, LiveReleased, LiveWifi},
};
use crate::{
    roll::RollView,
    urn::{Phase, UrnView},
};

/// Cloning gives another handle to the same hub.
#[derive(Clone)]
pub struct Hub {
    sources: Arc<Mutex<Sources>>,
    frames: watch::Sender<Frame>,
}

/// The Wi-Fi as the hall shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownWifi {
    /// Name of the network.
    pub ssid: String,
    /// Its QR code, an SVG file; the passphrase is in it.
    pub code: String,
}

struct Sources {
    /// What the desk's acts changed; its numbers of enrolments and ballots are not read.
    meeting: Live,
    manifest: Option<Arc<Manifest>>,
    enrolled: u32,
    roll: watch::Receiver<RollView>,
    urn: watch::Receiver<UrnView>,
    moved: Option<String>,
    wifi: Option<ShownWifi>,
    ends: Option<Instant>,
    last: Option<(Live, Option<Instant>)>,
    /// QR code of the page where a code can be typed, an SVG file.
    typed: String,
    /// The log in its raw words, JSON; empty before a meeting is frozen.
    ceremony: Bytes,
}

impl Hub {
    /// A hub that shows no meeting yet.
    #[must_use]
    pub fn new(roll: watch::Receiver<RollView>, urn: watch::Receiver<UrnView>) -> Self {
        let enrolled = roll.borrow().enrolled;
        let sources = Sources {
            meeting: Live::preparing(),
            manifest: None,
            enrolled,
            roll,
            urn,
            moved: None,
            wifi: None,
            ends: None,
            last: None,
            typed: String::new(),
            ceremony: Bytes::new(),
        };
        let hub = Self { sources: Arc::new(Mutex::new(sources)), frames: watch::Sender::new(Frame::default()) };
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

    /// Shows where phones are to go now: `moved` if that is not what the slips say, and its QR code.
    pub fn show_address(&self, moved: Option<String>, typed: String) {
        self.compose(|sources| {
            sources.moved = moved;
            sources.typed = typed;
        });
    }

    /// Shows the Wi-Fi, or no longer.
    pub fn show_wifi(&self, wifi: Option<ShownWifi>) {
        self.compose(|sources| sources.wifi = wifi);
    }

    /// Counts down from now, or no longer. **It binds nothing**: no contest closes by itself.
    pub fn count_down(&self, left: Option<Duration>) {
        self.compose(|sources| sources.ends = left.map(|left| Instant::now() + left));
    }

    /// Offers the log in its raw words.
    pub fn show_ceremony(&self, json: Bytes) {
        self.lock().ceremony = json;
    }

    /// The QR code of the page where a code can be typed.
    #[must_use]
    pub fn typed(&self) -> String {
        self.lock().typed.clone()
    }

    /// The Wi-Fi, if the office shows it.
    #[must_use]
    pub fn wifi(&self) -> Option<ShownWifi> {
        self.lock().wifi.clone()
    }

    /// The log in its raw words, once a meeting is frozen.
    #[must_use]
    pub fn ceremony(&self) -> Option<Bytes> {
        Some(self.lock().ceremony.clone()).filter(|json| !json.is_empty())
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
    pub fn watch(&self) -> watch::Receiver<Frame> {
        self.frames.subscribe()
    }

    /// The newest state.
    #[must_use]
    pub fn live(&self) -> Live {
        let (live, ends) = self.lock().last.clone().unwrap_or_else(|| (Live::preparing(), None));
        Live { countdown: frame::left(ends, Instant::now()), ..live }
    }

    fn compose(&self, change: impl FnOnce(&mut Sources)) {
        let mut sources = self.lock();
        change(&mut sources);
        let roll = *sources.roll.borrow();
        if !roll.open {
            // Nobody enrols between two windows: the number is settled and may be shown at once.
            sources.enrolled = roll.enrolled;
        }
        let mut live = overlay(&sources.meeting, sources.enrolled, &sources.urn.borrow());
        live.countdown = None;
        live.moved = sources.moved.clone().map(|url| LiveMoved { url });
        live.wifi = sources.wifi.as_ref().map(|wifi| LiveWifi { ssid: wifi.ssid.clone() });
        let newest = Some((live, sources.ends));
        if sources.last != newest {
            sources.last = newest;
            if let Some((live, ends)) = &sources.last {
                self.frames.send_replace(Frame::new(live, *ends));
            }
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
        contest.state = view.phase.word();
        contest.issued = view.issued;
        let unopened = view.phase == Phase::Unopened;
        contest.received = (!unopened).then(|| view.board.map_or(view.received, |(size, _)| size));
        let released = view.released.as_ref();
        contest.released = released.map(|r| LiveReleased { total: r.total, counts: r.counts.clone() });
    }
    live.contests.retain(|contest| contest.item > 0 || contest.state != "unopened");
    live
}
