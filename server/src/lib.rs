//! The meeting server, in the order in which a meeting flows through it.
//!
//! `roll` and `urn` never know of each other: separate stores, separate router states, no import between them. They
//! meet in [`app`] alone, and there only as routes side by side.

pub mod args;
pub mod config;
pub mod limits;

pub mod disk;
pub mod failpoint;
pub mod schema;
pub mod secrets;
pub mod spelling;

/// Who may vote: sees tokens and blinded bytes, never a ballot.
pub mod roll;

/// The WebSocket messages, described.
pub mod asyncapi;
/// What may be carried away from a data folder, and how it comes back.
pub mod backup;
/// The append-only log of the operators' acts, and what everybody may read.
pub mod board;
/// Commands that do one thing with files.
pub mod commands;
/// A sample meeting to look at, with simulated phones.
pub mod demo;
/// The office: meetings, roster, slips, acts.
pub mod desk;
/// What rehearsal and demonstration share.
pub mod drill;
/// Live state for the hall screen, phones and the console.
pub mod hall;
/// The words of pages and print, in two languages.
pub mod messages;
/// The results of an archived meeting on paper.
pub mod papers;
/// The evening before: this machine, its network and its lists are looked at.
pub mod preflight;
/// The record of a review: from the sealed result to letters, corrections and the yearly file.
pub mod record;
/// A whole meeting on this machine, through the same addresses as a real one.
pub mod rehearse;
/// Both listeners over one data folder.
pub mod serve;
/// Who may use the console, and which acts take two people.
pub mod staff;
/// The pass-phrase that wraps the keys.
pub mod unlock;
/// What was voted: sees credentials and ballots, never a token.
pub mod urn;
/// Connections, headers and the pages that are built in.
pub mod web;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use config::Hosts;
use desk::{Desk, DeskParts, StartError};
use hall::Hub;
use preflight::{Preflight, PreflightParts};
use record::Record;
use roll::{RandomSource, RollDoor};
use secrets::Vault;
use staff::{Channel, Cost, Pace, Staff, StaffParts};
use tokio::sync::watch;
use urn::{UrnDoor, UrnOptions};
use zeroize::Zeroizing;

/// What a server is started with. Randomness, time and addresses come in here and nowhere else.
pub struct Setup {
    /// The data folder, held by the caller.
    pub data: PathBuf,
    /// Its keys, open.
    pub vault: Vault,
    /// Names of this machine.
    pub hosts: Hosts,
    /// Port that phones use, for the slips.
    pub public_port: u16,
    /// Port of the console.
    pub console_port: u16,
    /// Interval of the ticks.
    pub tick: Duration,
    /// Threads for the arithmetic of each side.
    pub threads: usize,
    /// Where every thread draws from.
    pub random: RandomSource,
    /// The clock of sessions, delays and requests, which never jumps.
    pub steady: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// Asked for today's date.
    pub clock: fn() -> std::time::SystemTime,
    /// The code that makes the first account, and is dead as soon as there is one.
    pub code: Zeroizing<String>,
    /// True for a demonstration: the code signs in as an office that no database knows. **Never for `serve`**.
    pub staff_drill: bool,
    /// How fast guesses at the sign-in are answered.
    pub pace: Pace,
    /// What a pass-phrase costs to check.
    pub cost: Cost,
    /// How staff reach the console.
    pub channel: Channel,
    /// The certificate that phones see, if there is one.
    pub certificate: Option<web::Certificate>,
}

/// A running server without its sockets.
pub struct App {
    /// What phones and hall screen reach.
    pub public: Router,
    /// What the office reaches.
    pub console: Router,
    stop: watch::Sender<bool>,
    desk: Desk,
    staff: Staff,
    record: Record,
    roll: RollDoor,
    urn: UrnDoor,
}

/// Starts both sides and puts their routes side by side. Whatever the last run left half done is finished before this
/// returns.
///
/// # Errors
/// [`StartError`], with what to do.
pub async fn app(setup: Setup) -> Result<App, StartError> {
    let Setup { data, vault, hosts, public_port, console_port, tick, threads, random, clock, certificate, .. } = setup;
    let Setup { code, staff_drill: drill, pace, cost, channel, steady, .. } = setup;
    let hosts = Arc::new(hosts);
    let (stop, stopped) = watch::channel(false);

    let (roll, roll_routes) = RollDoor::start(&data, &vault, threads, &random).await.map_err(StartError::Roll)?;
    let (log, shelf) = (board::LogDoor::new(&data), board::Shelf::default());
    let options = UrnOptions {
        data: data.clone(),
        vault: vault.clone(),
        tick,
        threads,
        places: limits::SOCKETS,
        random: random.clone(),
    };
    let urn = UrnDoor::start(options, log.clone(), shelf.clone()).await.map_err(StartError::Urn)?;
    let hub = Hub::new(roll.watch(), urn.watch());
    let staff = Staff::start(StaffParts {
        data: data.clone(),
        random: random.clone(),
        clock: steady.clone(),
        today: clock,
        code,
        drill,
        pace,
        cost,
    })
    .await
    .map_err(StartError::Staff)?;
    let record = Record::start(&data, random.clone(), clock).await.map_err(StartError::Record)?;
    let evening = (data.clone(), hosts.clone(), certificate.clone(), random.clone());
    let desk = Desk::start(DeskParts {
        data,
        vault,
        roll: roll.clone(),
        urn: urn.clone(),
        log: log.clone(),
        shelf: shelf.clone(),
        hub: hub.clone(),
        hosts: hosts.clone(),
        public_port,
        console_port,
        certificate,
        page: web::phone_page_hashes(),
        random,
        clock,
        staff: staff.clone(),
        review: record.door(),
    })
    .await?;
    record.set_meetings(Arc::new(desk.clone()));
    tokio::spawn(hub.clone().run(tick, stopped.clone()));
    tokio::spawn(desk.clone().follow_addresses(stopped.clone()));

    let (data, own_names, certificate, random) = evening;
    let beside = record.clone();
    let parts = PreflightParts {
        data,
        desk: desk.clone(),
        record: beside,
        hosts: own_names,
        certificate,
        random,
        steady,
        clock,
    };
    let preflight = Preflight::new(parts);
    let hall_routes = hall::router(hall::Hall::new(&hub, stopped));
    let public = Router::new()
        .merge(web::phone_pages())
        .merge(web::hall_pages())
        .merge(hall_routes.clone())
        .merge(roll::router(roll_routes))
        .merge(urn::router(urn.clone()))
        .merge(preflight::public(preflight.clone()))
        .merge(board::router(board::Board { shelf, log }));
    let acts = staff::guarded(
        staff.clone(),
        Arc::new(desk.clone()),
        desk::router(desk.clone())
            .merge(preflight::console(preflight))
            .merge(record::router(record.clone()))
            .merge(asyncapi::router()),
        channel,
    );
    let console = Router::new().merge(web::console_pages()).merge(hall_routes).merge(acts);
    Ok(App {
        public: web::protect(public, web::Guard::public(hosts.clone())),
        console: web::protect(console, web::Guard::console(hosts)),
        stop,
        desk,
        staff,
        record,
        roll,
        urn,
    })
}

impl App {
    /// Becomes true when the server is to stop.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Whether the printed code still opens something: there is no account yet, or this is a demonstration.
    ///
    /// # Errors
    /// [`StartError::Staff`].
    pub async fn code_counts(&self) -> Result<bool, StartError> {
        self.staff.code_counts().await.map_err(StartError::Staff)
    }

    /// Hands results of the record on to these targets, signed by the key that lies among the machine's own. Gives its public half.
    ///
    /// # Errors
    /// The key's file cannot be made or read.
    pub fn hand_over(
        &self,
        vault: &Vault,
        targets: Vec<record::hook::Target>,
        patience: record::hook::Patience,
    ) -> Result<String, secrets::SecretsError> {
        let key = secrets::hand_over_key(vault, &mut rand_core::UnwrapErr(rand::rngs::SysRng))?;
        let shown = record::hook::shown(&key);
        tokio::spawn(self.record.clone().hand_over(targets, key, patience, self.stopping()));
        Ok(shown)
    }

    /// Tells listeners and live sockets to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Finishes what is under way and closes the stores. Call [`App::stop`] first, and let the listeners drain.
    pub async fn close(self) {
        self.stop();
        self.urn.shutdown().await;
        self.roll.stop().await;
        self.desk.close().await;
        self.staff.close().await;
        self.record.close().await;
    }
}
