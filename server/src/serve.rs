//! A server with its sockets: what `serve` is, and what `demo` puts its meeting on.

mod failure;
mod listening;
mod signals;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use rand::{SeedableRng, rngs::StdRng, rngs::SysRng};
use tokio::{net::TcpListener, task::JoinHandle};
use zeroize::Zeroizing;

pub use failure::ServeError;
pub use listening::{listen, listen_anyhow};
pub use signals::Signals;

use crate::{
    App, Setup, app,
    args::Serve,
    config::{DataFolder, Hosts},
    limits,
    record::{self, hook::Patience},
    secrets::Vault,
    staff::{self, Channel, Cost, Pace},
    unlock,
    web::{self, Certificate},
};

/// Enough file descriptors for every socket; no core file with keys in it, and no other program of the same user that
/// reads the memory.
pub fn hold_tight() {
    let _ = rlimit::increase_nofile_limit(limits::SOCKETS as u64 + 1024);
    #[cfg(unix)]
    let _ = rlimit::Resource::CORE.set(0, 0);
    // A core that is piped to a program ignores the limit, but not this.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A meeting: whoever acts has an account.
    Meeting,
    /// A demonstration: the printed code alone opens the console.
    Demonstration,
}

/// A server that answers.
pub struct Serving {
    data: DataFolder,
    app: App,
    listeners: [JoinHandle<()>; 2],
    public: SocketAddr,
    console: SocketAddr,
    preferred: String,
    code: Option<Zeroizing<String>>,
    given: Option<Certificate>,
    staff: Option<Certificate>,
    courier: Option<String>,
}

fn scheme(certificate: Option<&Certificate>) -> &'static str {
    if certificate.is_some() { "https" } else { "http" }
}

impl Serving {
    /// Opens the stores and serves on both listeners.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        data: DataFolder,
        vault: Vault,
        serve: &Serve,
        public: TcpListener,
        console: TcpListener,
        purpose: Purpose,
    ) -> Result<Self, ServeError> {
        let of =
            |listener: &TcpListener, wanted| listener.local_addr().map_err(|error| ServeError::Address(wanted, error));
        let (at_public, at_console) = (of(&public, serve.public)?, of(&console, serve.console)?);
        let hosts = Hosts::find(&serve.hosts, at_public.ip())?;
        let hosts = if serve.captive { hosts.with_captive() } else { hosts };
        let preferred = hosts.preferred();
        let now = std::time::SystemTime::now();
        let given = match (&serve.cert, &serve.key) {
            (Some(chain), Some(key)) => Some(Certificate::read(chain, key, now).map_err(ServeError::Tls)?),
            _ => None,
        };
        // Staff who sign in from elsewhere do it sealed, whatever the phones use; on this machine nobody listens in.
        let staff = match (&given, at_console.ip().is_loopback()) {
            (_, true) => None,
            (Some(given), false) => Some(given.clone()),
            (None, false) => Some(Certificate::own(data.path(), &hosts.found(), now).map_err(ServeError::Tls)?),
        };
        // Fails here, once, if the system has no randomness; each thread then draws from a generator of its own.
        let rng = StdRng::try_from_rng(&mut SysRng).map_err(|error| ServeError::System(error.to_string()));
        let code = staff::draw_code(&mut rng?);
        let keys = vault.clone();
        let setup = Setup {
            data: data.path().to_owned(),
            vault,
            hosts,
            public_port: at_public.port(),
            console_port: at_console.port(),
            tick: serve.tick(),
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            random: Arc::new(|| Box::new(rand_core::UnwrapErr(SysRng))),
            steady: Arc::new(std::time::Instant::now),
            clock: std::time::SystemTime::now,
            code: code.clone(),
            staff_drill: purpose == Purpose::Demonstration,
            pace: Pace::USUAL,
            cost: Cost::RECOMMENDED,
            channel: if staff.is_some() { Channel::Tls } else { Channel::Plain },
            certificate: given.clone(),
        };
        let failed = |error| ServeError::Start(Box::new(error));
        let app = app(setup).await.map_err(failed)?;
        let code = app.code_counts().await.map_err(failed)?.then_some(code);
        let courier = match serve.hand_over.as_slice() {
            [] => None,
            targets => {
                let key = app.hand_over(&keys, targets.to_vec(), Patience::USUAL);
                Some(key.map_err(|error| ServeError::HandOver(error.to_string()))?)
            }
        };
        let listeners = [
            tokio::spawn(web::serve_as(public, app.public.clone(), limits::SOCKETS, given.clone(), app.stopping())),
            tokio::spawn(web::serve_as(
                console,
                app.console.clone(),
                limits::CONSOLE_SOCKETS,
                staff.clone(),
                app.stopping(),
            )),
        ];
        Ok(Self {
            data,
            app,
            listeners,
            public: at_public,
            console: at_console,
            preferred,
            code,
            given,
            staff,
            courier,
        })
    }

    /// Where the data lies.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Where phones and hall screen connect from this machine.
    #[must_use]
    pub fn public(&self) -> SocketAddr {
        reached(self.public)
    }

    /// Where the office connects from this machine.
    #[must_use]
    pub fn console(&self) -> SocketAddr {
        reached(self.console)
    }

    /// `http://host:port` as others in the room have it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", scheme(self.given.as_ref()), self.preferred, self.public.port())
    }

    /// The code that makes the first account, or opens a demonstration's console; `None` once it opens nothing.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_ref().map(|code| code.as_str())
    }

    /// The console's address, with the code, if there is one, in its fragment, which no request carries.
    #[must_use]
    pub fn sign_in(&self) -> Zeroizing<String> {
        let scheme = scheme(self.staff.as_ref());
        let fragment = self.code().map_or_else(Zeroizing::default, |code| Zeroizing::new(format!("#code={code}")));
        Zeroizing::new(format!("{scheme}://{}/{}", self.console(), fragment.as_str()))
    }

    /// Forgets the code; the console still knows its hash.
    pub fn forget_code(&mut self) {
        self.code = None;
    }

    /// Finishes what is under way, closes the stores and lets the data folder go.
    pub async fn end(self) {
        let Self { data, app, listeners: [phones, office], .. } = self;
        app.stop();
        let _ = tokio::join!(phones, office);
        app.close().await;
        drop(data);
    }
}

/// An address that listens everywhere is reached as this machine.
fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// `douxuan serve`: until a signal comes.
///
/// # Errors
/// [`ServeError`].
pub async fn run(serve: Serve) -> Result<(), ServeError> {
    hold_tight();
    if !serve.hand_over_plain {
        serve.hand_over.iter().try_for_each(record::hook::Target::stays_near).map_err(ServeError::HandOver)?;
    }
    let data = DataFolder::open(serve.data.clone())?;
    // Before the signals are heard: whoever is asked for a pass-phrase may still press Ctrl-C.
    let vault = unlock::vault(data.path(), &serve).await.map_err(|error| ServeError::Vault(Box::new(error)))?;
    let wraps = vault.wraps();
    let (public, console) = (listen(serve.public)?, listen(serve.console)?);
    let mut signals = Signals::hear()?;
    let mut serving = Serving::start(data, vault, &serve, public, console, Purpose::Meeting).await?;
    println!("豆选 Douxuan {}", env!("CARGO_PKG_VERSION"));
    println!("控制台   {}", serving.sign_in().as_str());
    match serving.code() {
        Some(code) => {
            println!("         （在本机打开，网址里带着登录码：用它建立第一个账户，以后用登录名和口令登录）");
            println!("登录码   {code}   （有了账户就失效）");
        }
        None => println!("         （在本机打开，用登录名和口令登录；忘记了口令，退出后用 douxuan staff reset）"),
    }
    println!("手机     {}/", serving.origin());
    println!("大屏     {}/hall", serving.origin());
    if let Some(own) = serving.staff.as_ref().filter(|staff| staff.is_own()) {
        println!("证书     本机自制，浏览器会提醒一次；请核对指纹 SHA-256 {}", own.fingerprint());
    }
    println!("数据     {}", serving.data().display());
    if wraps {
        println!("密钥     用口令包装，每次启动都要这个口令；没有它，进行中的会议不能继续");
    }
    if let Some(key) = &serving.courier {
        println!("结果送达 {}", serve.hand_over.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        println!("         收件方要预先登记的公钥 {key}");
    }
    if let Some(why) = unasked(&serve, serving.public) {
        println!("{why}");
    }
    println!("按 Ctrl-C 退出。");
    serving.forget_code();
    signals.wait().await;
    serving.end().await;
    println!("已退出，数据已落盘。");
    Ok(())
}

/// What to say of answers that no phone will ask for: their systems test a Wi-Fi on port 80 and no other.
fn unasked(serve: &Serve, public: SocketAddr) -> Option<String> {
    let port = public.port();
    (serve.captive && port != 80).then(|| {
        format!("注意     --captive 现在不起作用：手机只向 80 端口测试 Wi-Fi，这里是 {port}。请加 --public 0.0.0.0:80 重新启动。")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_told_and_another_one_is_found_where_any_will_do() {
        let taken = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = taken.local_addr().unwrap();
        let refusal = listen(address).err().unwrap().to_string();
        assert!(refusal.contains("--public") && refusal.contains(&address.to_string()), "{refusal}");
        let other = listen_anyhow(address).unwrap().local_addr().unwrap();
        assert_eq!(other.ip(), address.ip());
        assert_ne!(other.port(), address.port());
    }

    #[test]
    fn captive_answers_on_another_port_than_80_are_said_to_be_useless() {
        use clap::Parser;
        let said = |words: &[&str], public: &str| {
            let serve = crate::args::Arguments::try_parse_from([&["douxuan"], words].concat()).unwrap().serve;
            unasked(&serve, public.parse().unwrap())
        };
        let useless = said(&["--captive"], "0.0.0.0:8460").unwrap();
        assert!(useless.contains("8460") && useless.contains("--public 0.0.0.0:80"), "{useless}");
        assert_eq!(said(&["--captive"], "0.0.0.0:80"), None);
        assert_eq!(said(&[], "0.0.0.0:8460"), None);
    }

    #[test]
    fn what_listens_everywhere_is_reached_here() {
        for (listens, reached_at) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:2", "[::1]:2"), ("192.168.1.5:3", "192.168.1.5:3")]
        {
            assert_eq!(reached(listens.parse().unwrap()).to_string(), reached_at);
        }
    }
}
