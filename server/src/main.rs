//! `douxuan`: arguments, data folder, two listeners.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use douxuan::{
    App, Setup, app,
    args::{Arguments, Command, Serve},
    config::{DataFolder, Hosts},
    desk, limits, rehearse, web,
};
use rand::{SeedableRng, rngs::StdRng, rngs::SysRng};
use tokio::net::{TcpListener, TcpSocket};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Serve(serve)) => run(serve).await,
        Some(Command::Rehearse(arguments)) => {
            return match rehearse::run(arguments).await {
                Ok(status) => ExitCode::from(status),
                Err(failure) => {
                    eprintln!("douxuan: {failure}");
                    ExitCode::FAILURE
                }
            };
        }
        None => run(arguments.serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("douxuan: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), Failure> {
    hold_tight();
    let data = DataFolder::open(serve.data.clone())?;
    let hosts = Hosts::find(&serve.hosts, serve.public.ip())?;
    let public = listen(serve.public).await?;
    let console = listen(serve.console).await?;
    let (public_port, console_port) = (public.local_addr()?.port(), console.local_addr()?.port());

    // Fails here, once, if the system has no randomness; each thread then draws from a generator of its own.
    let mut rng = StdRng::try_from_rng(&mut SysRng)?;
    let code = desk::draw_code(&mut rng);
    let preferred = hosts.preferred().to_owned();
    let setup = Setup {
        data: data.path().to_owned(),
        hosts,
        public_port,
        console_port,
        tick: serve.tick(),
        threads: std::thread::available_parallelism().map_or(2, usize::from),
        random: Arc::new(|| Box::new(rand_core::UnwrapErr(SysRng))),
        clock: std::time::SystemTime::now,
        code: code.clone(),
    };
    let app = app(setup).await?;

    println!("豆选 Douxuan {}", env!("CARGO_PKG_VERSION"));
    println!("控制台   http://{}:{console_port}/", shown(serve.console.ip()));
    println!("登录码   {}   （只在本次运行中有效）", code.as_str());
    println!("手机     http://{preferred}:{public_port}/");
    println!("大屏     http://{preferred}:{public_port}/hall");
    println!("数据     {}", data.path().display());
    println!("按 Ctrl-C 退出。");
    drop(code);
    serve_until_signal(app, public, console).await;
    println!("已退出，数据已落盘。");
    Ok(())
}

async fn serve_until_signal(app: App, public: TcpListener, console: TcpListener) {
    let phones = tokio::spawn(web::serve(public, app.public.clone(), limits::SOCKETS, app.stopping()));
    let office = tokio::spawn(web::serve(console, app.console.clone(), limits::CONSOLE_SOCKETS, app.stopping()));
    signal().await;
    app.stop();
    let _ = tokio::join!(phones, office);
    app.close().await;
}

/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 1024;

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the library's own bind has it: a server that was just killed gets its port back at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // A hall connects all at once; a full queue costs a phone a whole second.
    socket.bind(address).and_then(|()| socket.listen(BACKLOG)).map_err(|error| {
        format!("地址 {address} 不能使用（{error}）。请退出占用它的程序，或用 --public、--console 换一个端口。").into()
    })
}

/// A console on all addresses is reached as this machine.
fn shown(address: std::net::IpAddr) -> String {
    match address {
        std::net::IpAddr::V6(address) if !address.is_unspecified() => format!("[{address}]"),
        address if address.is_unspecified() => "127.0.0.1".to_owned(),
        address => address.to_string(),
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Enough file descriptors for every socket, and no core file with keys in it.
fn hold_tight() {
    let _ = rlimit::increase_nofile_limit(limits::SOCKETS as u64 + 1024);
    #[cfg(unix)]
    let _ = rlimit::Resource::CORE.set(0, 0);
}
