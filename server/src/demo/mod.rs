//! `douxuan demo`: a filled sample meeting, with simulated phones, for somebody who sees all this for the first time.
//!
//! The server in this process is the one that `serve` runs. The simulated phones come in over loopback with the native
//! client and follow whatever the console opens, whoever opens it. A short [`play`] opens the first items; from then
//! on, or from the moment somebody else acts in its way, the console is the newcomer's alone.

mod folder;
mod guide;
mod phones;
mod play;
mod share;

use std::{fmt, future::pending, io, net::SocketAddr, path::PathBuf, time::Duration};

use douxuan_ballot::native::door::Door;
use serde_json::json;
use tokio::net::TcpListener;

use self::{
    folder::Folder,
    guide::{Guide, Links},
    phones::Crowd,
    play::Play,
};
use crate::{
    args::{CONSOLE, PUBLIC, Serve, TICK_MS},
    config::DataFolder,
    drill::{DrillError, console::Console, slips},
    secrets::Vault,
    serve::{Purpose, ServeError, Serving, Signals, hold_tight, listen_anyhow},
};

/// Arguments of `demo`.
#[derive(clap::Args, Clone)]
pub struct Demo {
    /// Keep the data in this folder, new or empty (保留数据); without it they are removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where phones and the hall screen connect; another port if this one is taken.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = PUBLIC)]
    public: SocketAddr,
    /// Where the console connects; another port if this one is taken.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = CONSOLE)]
    console: SocketAddr,
    /// The name or address of this machine that stands on the slips.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Milliseconds between two updates of the counts on the hall screen.
    #[arg(long, hide = true, default_value_t = TICK_MS, value_parser = clap::value_parser!(u64).range(20..=60_000))]
    tick_ms: u64,
    /// Most simulated phones.
    #[arg(long, hide = true, default_value_t = 200)]
    phones: usize,
    /// Percent of the ordinary waiting times.
    #[arg(long, hide = true, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pace: u32,
}

/// Why there is no demonstration. Each text says what to do.
#[derive(Debug)]
pub enum DemoError {
    /// The server.
    Serve(ServeError),
    /// The meeting could not be prepared.
    Drill(DrillError),
    /// The folder cannot be made.
    Folder(PathBuf, io::Error),
    /// The folder that was named has something in it.
    NotEmpty(PathBuf),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serve(error) => error.fmt(f),
            Self::Drill(error) => error.fmt(f),
            Self::Folder(path, error) => write!(
                f,
                "不能使用文件夹 {}（{error}）。请用 --data 另指定一个。 \
                 This folder cannot be used: name another one with --data.",
                path.display()
            ),
            Self::NotEmpty(path) => write!(
                f,
                "文件夹 {} 不是空的，演示不会动它。请用 --data 指定一个新的。 \
                 This folder is not empty and is left alone: name a new one with --data.",
                path.display()
            ),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<ServeError> for DemoError {
    fn from(error: ServeError) -> Self {
        Self::Serve(error)
    }
}

impl From<DrillError> for DemoError {
    fn from(error: DrillError) -> Self {
        Self::Drill(error)
    }
}

/// How long things take: waits of the play, and the longest that a simulated person hesitates.
#[derive(Clone, Copy)]
struct Pace {
    /// Until everybody of a window has enrolled.
    enrol: Duration,
    /// Until the last ballot of the play's first item.
    first: Duration,
    /// Until the last ballot of any other item.
    vote: Duration,
    /// How long a result stands on the hall screen before the play goes on.
    look: Duration,
    /// How long the second window waits for the newcomer's phone.
    wait: Duration,
    /// The tick, after which counts are seen.
    tick: Duration,
}

impl Pace {
    fn of(percent: u32, tick: Duration) -> Self {
        let part = |seconds: u64| Duration::from_secs(seconds) * percent / 100;
        Self { enrol: part(20), first: part(14), vote: part(90), look: part(7), wait: part(30), tick }
    }
}

/// Shows it until a signal comes, and removes everything.
///
/// # Errors
/// [`DemoError`], with what to do.
pub async fn run(arguments: Demo) -> Result<(), DemoError> {
    let mut signals = Signals::hear()?.or_hangup()?;
    hold_tight();
    let folder = match &arguments.data {
        Some(path) => Folder::keep(path)?,
        None => Folder::temporary()?,
    };
    let serve = Serve {
        cert: None,
        key: None,
        data: Some(folder.path().to_owned()),
        public: arguments.public,
        console: arguments.console,
        hosts: arguments.hosts.clone(),
        captive: false,
        hand_over: Vec::new(),
        hand_over_plain: false,
        passphrase: false,
        passphrase_file: None,
        tick_ms: arguments.tick_ms,
    };
    let guide = Guide::new();
    guide.title();
    let public = listen_and_tell(&guide, serve.public)?;
    let console = listen_and_tell(&guide, serve.console)?;
    let data = DataFolder::open(serve.data.clone()).map_err(ServeError::from)?;
    let vault = Vault::plain(data.path()).map_err(|error| ServeError::Vault(Box::new(error.into())))?;
    let serving = Serving::start(data, vault, &serve, public, console, Purpose::Demonstration).await?;
    let outcome = tokio::select! {
        outcome = show(&serving, &arguments, &folder, &guide) => outcome,
        () = signals.wait() => Ok(()),
    };
    guide.ending();
    serving.end().await;
    guide.ended(folder.end());
    outcome
}

fn listen_and_tell(guide: &Guide, wanted: SocketAddr) -> Result<TcpListener, DemoError> {
    let listener = listen_anyhow(wanted)?;
    if let Ok(got) = listener.local_addr()
        && wanted.port() != 0
        && got.port() != wanted.port()
    {
        guide.other_port(wanted.port(), got.port());
    }
    Ok(listener)
}

/// Fills the meeting and lets it run. Does not come back but with an error.
async fn show(serving: &Serving, arguments: &Demo, folder: &Folder, guide: &Guide) -> Result<(), DemoError> {
    let console = Console::enter(serving.console(), serving.code().unwrap_or_default()).await?;
    let sample = console.act("sample", json!({})).await?;
    if sample["attendees"].as_u64().is_some_and(|people| (arguments.phones as u64) < people) {
        // So few make no quorum, and nothing would open.
        console.act("settings", json!({ "quorum": null })).await?;
    }
    let printed = slips::freeze(&console).await?;
    let origin = printed.origin.clone();
    let share = share::out(slips::kinds(printed)?, arguments.phones)?;
    let door = Door::find(&format!("http://{}", serving.public()), None).await;
    let door = door.map_err(|error| DrillError::Act("phones".to_owned(), error))?;
    let pace = Pace::of(arguments.pace, Duration::from_millis(arguments.tick_ms));
    let crowd = Crowd::gather(door, share.guests, pace).await?;

    guide.steps(&Links { serving, origin: &origin, own: &share.own, kept: folder.kept() });
    let mut play = Play::new(console, &crowd, pace, guide);
    let (gone, over) = (crowd.gone(), play.run());
    tokio::pin!(gone);
    tokio::select! {
        () = over => gone.await,
        () = &mut gone => {}
    }
    guide.gone();
    pending().await
}
