//! The office: who attends, who reports, the slips, and the acts of a meeting.
//!
//! The desk sees roll, urn and log through their doors only. One act runs at a time. What an act changes in a side's
//! store is durable before the log says it; an entry that a crash kept from the log is appended from the store's
//! facts, at start and before every act ([`Desk::reconcile`]; the urn does the same for contests).

mod acts;
mod address;
pub mod allowed;
mod beside;
mod ceremony;
mod checkin;
mod checks;
mod contests;
mod downloads;
mod evening;
mod freeze;
mod import;
mod look;
mod offers;
mod office;
mod paper;
mod print;
pub(crate) mod qr;
mod quorum;
mod refusals;
mod review;
mod roster;
mod routes;
mod settings;
mod show;
mod slips;
mod standing;
mod start;
mod state;
mod wifi;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use douxuan_crypto::{
    log::{Actor, Log, Role},
    manifest::Manifest,
};
use tokio::sync::Mutex;

pub use beside::meetings;
pub(crate) use evening::{Evening, Row};
pub use office::OfficeError;
pub use quorum::Quorum;
pub use roster::{
    Answer, Answers, Attendee, Choice, Finding, ImportRefused, ImportReport, Official, Roster, Severity, import,
};
pub use routes::router;
pub use settings::Settings;
pub use start::StartError;
pub use wifi::{Security, joining_text};

use crate::{
    board::{LogDoor, Shelf},
    config::Hosts,
    hall::Hub,
    record::Door,
    roll::{RandomSource, RollDoor},
    secrets::{Secrets, Vault},
    staff::{By, Staff},
    urn::UrnDoor,
    web::{Certificate, PageHashes, Refusal},
};

/// What a desk is made of.
pub struct DeskParts {
    /// The data folder.
    pub data: PathBuf,
    /// Where the keys lie.
    pub vault: Vault,
    /// Door to the roll.
    pub roll: RollDoor,
    /// Door to the urn.
    pub urn: UrnDoor,
    /// Door to the log.
    pub log: LogDoor,
    /// Closed boards and the bundle.
    pub shelf: Shelf,
    /// Where the public state is shown.
    pub hub: Hub,
    /// Names of this machine, for the slips.
    pub hosts: Arc<Hosts>,
    /// Port of the public side, for the slips.
    pub public_port: u16,
    /// Port of the console.
    pub console_port: u16,
    /// The certificate that phones see, if there is one.
    pub certificate: Option<Certificate>,
    /// The phone page that this binary serves.
    pub page: PageHashes,
    /// Where tokens, keys and cookies are drawn from.
    pub random: RandomSource,
    /// Today's date is asked here, and nothing else.
    pub clock: fn() -> SystemTime,
    /// Who may use the console.
    pub staff: Staff,
    /// Door to the record of the review.
    pub review: Door,
}

/// The desk. Clones are the same desk.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    parts: DeskParts,
    office: office::Office,
    /// Held by the act that runs.
    acting: Mutex<()>,
    meeting: RwLock<Option<Arc<Meeting>>>,
    slips: Mutex<Option<slips::Slips>>,
    wifi: std::sync::Mutex<Option<wifi::Wifi>>,
    codes: std::sync::Mutex<HashMap<Vec<u8>, String>>,
    /// Counts that wait for a second person's: in memory only.
    papers: std::sync::Mutex<paper::Papers>,
}

/// The current meeting, frozen.
struct Meeting {
    manifest: Arc<Manifest>,
    drill: bool,
    screen_code: String,
    secrets: Secrets,
    /// What the slips say; `None` for a meeting that was frozen before this was kept.
    printed: Option<address::Printed>,
}

impl Desk {
    /// Lets the act that runs end, then closes the office's database. Nothing can be done afterwards.
    pub async fn close(&self) {
        let _acting = self.0.acting.lock().await;
        self.office().close().await;
    }

    fn parts(&self) -> &DeskParts {
        &self.0.parts
    }

    fn office(&self) -> &office::Office {
        &self.0.office
    }

    fn meeting(&self) -> Option<Arc<Meeting>> {
        self.0.meeting.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_meeting(&self, meeting: Option<Arc<Meeting>>) {
        *self.0.meeting.write().unwrap_or_else(PoisonError::into_inner) = meeting;
    }

    fn frozen(&self) -> Result<Arc<Meeting>, Refusal> {
        self.meeting().ok_or_else(|| Refusal::conflict("会议还没有冻结。", "请先导入名单，再冻结会议。"))
    }

    fn log(&self) -> Result<Log, Refusal> {
        Ok(self.parts().log.log().ok_or(crate::board::LogRefused::NotReady)?)
    }

    /// Who acts, as the log has them. The office keeps the names behind the ids, and until the next act who acted last.
    async fn actors(&self, manifest: &Manifest, by: &By) -> Result<Vec<Actor>, Refusal> {
        let people = by.actors(&manifest.id);
        self.office().keep_actors(&manifest.meeting, &people).await?;
        Ok(people.into_iter().map(|(actor, _)| actor).collect())
    }

    /// Who did the act that a crash cut short. The office itself, if that was before it kept them.
    async fn last_actors(&self, manifest: &Manifest) -> Result<Vec<Actor>, Refusal> {
        let actors = self.office().last_actors(&manifest.meeting).await?;
        if !actors.is_empty() {
            return Ok(actors);
        }
        Ok(vec![Actor::new(Role::Office, &manifest.id, "office")])
    }

    /// A screen code, computed once: it costs 65 536 hashes.
    async fn code_of(&self, key: Vec<u8>, make: impl FnOnce() -> String + Send + 'static) -> String {
        let known = |desk: &Self| desk.0.codes.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(code) = known(self) {
            return code;
        }
        let code = tokio::task::spawn_blocking(make).await.unwrap_or_default();
        self.0.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(key, code.clone());
        code
    }
}
