//! The evening before: what can be found out about this machine, its network and its lists while there is still time to
//! change it. Nothing here changes the meeting, so it stands beside the table of allowed acts; it is refused while
//! somebody enrols or votes, whom it would hold up.
//!
//! | check | asks |
//! |---|---|
//! | [`address`] | where do the slips lead? |
//! | [`port`] | do phones get there? Only a phone's round trip says so ([`echo`], [`phones`]) |
//! | [`disk`] | is there space, and how long does an fsync take? |
//! | [`clock`] | is it the day it says it is? |
//! | [`fonts`] | can every name be drawn? |
//! | [`certificate`] | does it last, and is it for the address? |
//! | [`database`] | are office, roll, urn and record sound? |
//! | [`calendar`] | can the periods that follow be counted? |
//!
//! What was found lives in memory, for the protocol that the office prints; a restart forgets it.

mod address;
mod calendar;
mod certificate;
mod check;
mod clock;
mod database;
mod disk;
mod echo;
mod fonts;
mod page;
mod phones;
mod port;
mod routes;

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use routes::{console, public};

use self::{
    check::Check,
    echo::Refused,
    fonts::Drawn,
    phones::{LASTS, Phone, Session},
};
use crate::{
    config::Hosts,
    desk::{Desk, Evening},
    papers,
    record::Record,
    web::{Certificate, Refusal},
};

/// Where nonces are drawn from.
pub type Random = Arc<dyn Fn() -> Box<dyn CryptoRng + Send> + Send + Sync>;

/// Phones that may be measured at once.
const AT_ONCE: usize = 32;

/// What the checks are made of. Randomness and time come in here and nowhere else.
pub struct PreflightParts {
    /// The data folder.
    pub data: PathBuf,
    /// What is known of the meeting.
    pub desk: Desk,
    /// The record, whose database is looked at too, and whose calendar says which years are known.
    pub record: Record,
    /// Names of this machine.
    pub hosts: Arc<Hosts>,
    /// The certificate that phones see, if there is one.
    pub certificate: Option<Certificate>,
    /// Where nonces are drawn from.
    pub random: Random,
    /// The clock of the time in which phones may come, which never jumps.
    pub steady: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// The clock that is checked.
    pub clock: fn() -> SystemTime,
}

/// The checks. Clones are the same.
#[derive(Clone)]
pub struct Preflight(Arc<Inner>);

struct Inner {
    parts: PreflightParts,
    places: Arc<Semaphore>,
    seen: std::sync::Mutex<Seen>,
}

/// What was found, and by what.
#[derive(Default)]
struct Seen {
    /// When the checks were last run, `YYYY-MM-DD HH:MM` at UTC+8.
    ran: Option<String>,
    disk: Option<Check>,
    database: Option<Check>,
    browser: Browser,
    pdf: Option<Result<String, String>>,
    session: Option<Session>,
    /// All of them as they stood when there was last time to look.
    last: Vec<Check>,
}

/// What the console's browser adds: it runs on this machine, prints the slips and shows the hall screen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Browser {
    /// Minutes east of UTC.
    zone: Option<i32>,
    fonts: Option<Drawn>,
}

/// What the console shows.
#[derive(Serialize)]
pub(crate) struct Report {
    v: u8,
    /// Somebody enrols or votes: nothing is looked at now, and what is shown is from before.
    busy: bool,
    ran: Option<String>,
    meeting: Option<Meeting>,
    /// Where phones are sent, for the QR code; `null` unless they may come now.
    url: Option<String>,
    /// Seconds in which phones may still come.
    left: u64,
    phones: Vec<Phone>,
    /// Characters of the lists for the browser to draw.
    characters: String,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Meeting {
    title: String,
    date: String,
    place: String,
}

impl Preflight {
    /// Nothing has been looked at.
    #[must_use]
    pub fn new(parts: PreflightParts) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        Self(Arc::new(Inner { parts, places, seen: std::sync::Mutex::default() }))
    }

    fn parts(&self) -> &PreflightParts {
        &self.0.parts
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instant {
        (self.parts().steady)()
    }

    fn rng(&self) -> Box<dyn CryptoRng + Send> {
        (self.parts().random)()
    }

    /// This machine's clock, milliseconds since 1970 UTC.
    fn milliseconds(&self) -> i64 {
        let since = (self.parts().clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Runs what takes time, and lets phones come from now on.
    async fn run(&self, browser: Browser) -> Result<Report, Refusal> {
        let quiet = self.parts().desk.quiet().await?;
        let evening = self.parts().desk.evening().await?;
        let data = self.parts().data.clone();
        let measured = tokio::task::spawn_blocking(move || disk::measure(&data)).await.map_err(Refusal::broken)?;
        let measured = measured.map_err(|error| error.to_string());
        let disk = disk::check(measured.as_ref().map_err(Clone::clone), evening.people, evening.contests);
        let mut databases = self.parts().desk.databases().await;
        databases.push(("record.db", self.parts().record.damage().await.map_err(|error| error.to_string())));
        let database = database::check(&databases);
        let names: String = evening.rows.iter().map(|row| row.text.as_str()).collect();
        let pdf = tokio::task::spawn_blocking(move || papers::pdf_family(&names)).await.map_err(Refusal::broken)?;
        drop(quiet);
        {
            let (now, mut seen) = (self.now(), self.seen());
            seen.ran = Some(self.written());
            (seen.disk, seen.database, seen.browser) = (Some(disk), Some(database), browser);
            seen.pdf = match pdf {
                // Not asked for: nothing is missing.
                Err(papers::PapersError::BuiltWithoutPdf) => None,
                other => Some(other.map_err(|error| error.to_string())),
            };
            let origin = self.parts().desk.origin_now();
            match seen.session.as_mut().filter(|session| session.left_at(&origin, now).is_some()) {
                Some(session) => session.extend(now),
                None => seen.session = Some(Session::new(origin, now, &mut *self.rng())),
            }
        }
        self.report().await
    }

    /// How everything stands, as far as it costs nothing to say.
    async fn report(&self) -> Result<Report, Refusal> {
        let busy = self.parts().desk.is_busy();
        // Not even the lists are read while somebody votes.
        let evening = if busy { None } else { Some(self.parts().desk.evening().await?) };
        let now = self.now();
        let mut seen = self.seen();
        if let Some(evening) = &evening {
            seen.last = self.checks(&seen, evening);
        }
        // While somebody votes what came before is shown as it was.
        let of_here = |session: &&Session| evening.as_ref().is_none_or(|evening| evening.origin_now == session.origin);
        let session = seen.session.as_ref().filter(of_here);
        let left = session.and_then(|session| session.left(now)).filter(|_| !busy);
        Ok(Report {
            v: 1,
            busy,
            ran: seen.ran.clone(),
            url: evening.as_ref().filter(|_| left.is_some()).map(|evening| format!("{}/preflight", evening.origin_now)),
            left: left.map_or(0, |left| left.as_secs()),
            phones: session.map(|session| session.phones.clone()).unwrap_or_default(),
            characters: evening.as_ref().map(|evening| fonts::rare(&evening.rows).keys().collect()).unwrap_or_default(),
            checks: seen.last.clone(),
            meeting: evening.map(|Evening { title, date, place, .. }| Meeting { title, date, place }),
        })
    }

    fn checks(&self, seen: &Seen, evening: &Evening) -> Vec<Check> {
        let (phones, begun) = match &seen.session {
            Some(session) => {
                (session.phones.as_slice(), Some((session.origin.as_str(), session.left(self.now()).is_some())))
            }
            None => (&[][..], None),
        };
        let minutes: Vec<i64> = phones.iter().map(|phone| phone.minutes).collect();
        let addresses = address::Addresses {
            origin: &evening.origin,
            host: &evening.host,
            printed: evening.printed,
            ours: evening.ours,
            found: &self.parts().hosts.found(),
            interfaces: &interfaces(&self.parts().hosts),
        };
        let clock =
            clock::Clock { today: &evening.today, meeting: &evening.date, zone: seen.browser.zone, phones: &minutes };
        let (now, calendar) = ((self.parts().clock)(), self.parts().record.calendar());
        vec![
            address::check(&addresses),
            port::check(begun, &evening.origin_now, phones),
            seen.disk.clone().unwrap_or_else(|| Check::waits("disk")),
            clock::check(&clock, &calendar),
            fonts::check(&evening.rows, seen.browser.fonts.as_ref(), seen.pdf.as_ref()),
            certificate::check(self.parts().certificate.as_ref(), &evening.host, now),
            seen.database.clone().unwrap_or_else(|| Check::waits("database")),
            calendar::check(&evening.date, &calendar),
        ]
    }

    /// Now, `YYYY-MM-DD HH:MM` at UTC+8.
    fn written(&self) -> String {
        let seconds = self.milliseconds() / 1000 + 8 * 3600;
        let day = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(seconds / 86_400));
        format!("{day} {:02}:{:02}", seconds % 86_400 / 3600, seconds % 3600 / 60)
    }

    /// What the QR code says: where phones go, and the nonce, in the fragment, which no request carries.
    fn link(&self) -> Result<String, Refusal> {
        let (now, origin, seen) = (self.now(), self.parts().desk.origin_now(), self.seen());
        let open = |session: &&Session| session.left_at(&origin, now).is_some() && !self.parts().desk.is_busy();
        let Some(session) = seen.session.as_ref().filter(open) else {
            let minutes = LASTS.as_secs() / 60;
            return Err(Refusal::conflict(
                "会前检查没有开始，或已经超过时间。",
                format!("请先点“开始检查”，然后在 {minutes} 分钟内用手机扫码。"),
            ));
        };
        Ok(format!("{origin}/preflight#{}", session.nonce()))
    }

    /// A place to be measured at.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.0.places.clone().try_acquire_owned().ok()
    }

    /// Whether a phone with this nonce may come now, by the name and port in its `Host`: those of the code, and no others.
    fn admit(&self, nonce: &str, host: &str) -> Result<(), Refused> {
        self.in_session(nonce, host, |_| ())
    }

    /// A phone has come; its number.
    fn came(&self, nonce: &str, host: &str, phone: Phone) -> Result<usize, Refused> {
        self.in_session(nonce, host, |session| session.add(phone))
    }

    /// Does something with the session of this nonce, while no other can take its place.
    fn in_session<T>(&self, nonce: &str, host: &str, work: impl FnOnce(&mut Session) -> T) -> Result<T, Refused> {
        if self.parts().desk.is_busy() {
            return Err(Refused::Busy);
        }
        let (now, origin, mut seen) = (self.now(), self.parts().desk.origin_now(), self.seen());
        let open = |session: &&mut Session| {
            session.left_at(&origin, now).is_some() && session.nonce() == nonce && echo::leads_to(&session.origin, host)
        };
        seen.session.as_mut().filter(open).map(work).ok_or(Refused::Lapsed)
    }
}

/// The addresses of this machine with the names of their interfaces, where the system tells them.
fn interfaces(hosts: &Hosts) -> Vec<(String, IpAddr)> {
    let named = if_addrs::get_if_addrs().unwrap_or_default();
    let name = |address: &IpAddr| named.iter().find(|found| found.ip() == *address).map(|found| found.name.clone());
    hosts.addresses().into_iter().filter_map(|address| Some((name(&address)?, address))).collect()
}
