//! A real `douxuan` process on loopback: started, killed, asked to stop, started again on the same folder and ports.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{http, shim::Shim};

/// How long a test waits for what should take a moment.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test: `DOUXUAN_BIN`, or built here, once, with the places where it may be killed.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(named) = std::env::var_os("DOUXUAN_BIN") {
            return PathBuf::from(named);
        }
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "-p", "douxuan", "--features", "failpoints"]);
        assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success(), "the server does not build");
        // target/debug/deps/this-test -> target/debug/douxuan
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(2).unwrap().join("douxuan")
    })
}

/// How a server is started, again and again.
#[derive(Clone)]
pub struct Launch {
    /// The data folder.
    pub data: PathBuf,
    /// Where phones connect.
    pub public: SocketAddr,
    /// Where the office connects.
    pub console: SocketAddr,
    /// Time between two ticks.
    pub tick: Duration,
    failpoint: Option<String>,
    environment: Vec<(String, String)>,
    shim: Option<Arc<Shim>>,
}

impl Launch {
    /// On a folder that exists, at two ports that are free now.
    #[must_use]
    pub fn on(data: &Path) -> Self {
        let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [public, console] = held.each_ref().map(|port| port.local_addr().unwrap());
        let tick = Duration::from_millis(100);
        Self { data: data.to_owned(), public, console, tick, failpoint: None, environment: Vec::new(), shim: None }
    }

    /// The same, to be killed at the `count`-th pass of a place.
    #[must_use]
    pub fn killed_at(&self, place: &str, count: u32) -> Self {
        Self { failpoint: Some(format!("{place}:{count}")), ..self.clone() }
    }

    /// The same with a variable in its environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same on top of a fault layer.
    #[must_use]
    pub fn over(mut self, shim: &Arc<Shim>) -> Self {
        self.shim = Some(Arc::clone(shim));
        self
    }

    /// Starts it and waits until it serves.
    #[must_use]
    pub fn start(&self) -> Server {
        self.try_start().unwrap_or_else(|output| panic!("the server did not start:\n{output}"))
    }

    /// Starts it; what it wrote, if it ends before it serves.
    ///
    /// # Errors
    /// Its output.
    pub fn try_start(&self) -> Result<Server, String> {
        let mut command = Command::new(binary());
        command
            .arg("serve")
            .args(["--host", "127.0.0.1", "--tick-ms", &self.tick.as_millis().to_string()])
            .args(["--public", &self.public.to_string(), "--console", &self.console.to_string()])
            .arg("--data")
            .arg(&self.data)
            .env_remove("DOUXUAN_FAILPOINT")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(place) = &self.failpoint {
            command.env("DOUXUAN_FAILPOINT", place);
        }
        if let Some(shim) = &self.shim {
            shim.put_under(&mut command);
        }
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        follow(child.stdout.take().unwrap(), &output);
        follow(child.stderr.take().unwrap(), &output);
        let mut server = Server { child, launch: self.clone(), output, serving_after: Duration::ZERO };
        while !server.is_serving() {
            if server.child.try_wait().unwrap().is_some() {
                sleep(Duration::from_millis(50));
                return Err(server.output());
            }
            assert!(started.elapsed() < PATIENCE, "not serving: {}", server.output());
            sleep(Duration::from_millis(10));
        }
        server.serving_after = started.elapsed();
        Ok(server)
    }
}

fn follow(pipe: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
}

/// A running server. Dropped, it is killed.
pub struct Server {
    child: Child,
    launch: Launch,
    output: Arc<Mutex<String>>,
    /// From the start of the process to the first answer.
    pub serving_after: Duration,
}

impl Server {
    /// How it was started.
    #[must_use]
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Its number in the system.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// All that it has written to its two outputs.
    #[must_use]
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// The code that opens its console.
    #[must_use]
    pub fn code(&self) -> String {
        let started = Instant::now();
        loop {
            let code = self.output().lines().find_map(|line| {
                let rest = line.strip_prefix("登录码")?;
                rest.split_whitespace().next().map(str::to_owned)
            });
            match code {
                Some(code) => return code,
                None => assert!(started.elapsed() < PATIENCE, "no code in: {}", self.output()),
            }
            sleep(Duration::from_millis(10));
        }
    }

    fn is_serving(&self) -> bool {
        http::request(self.launch.public, "GET", "/live.json", &[], b"").is_ok_and(|answer| answer.status == 200)
    }

    /// SIGKILL: no destructor, no flush.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits until it is gone.
    pub fn stop(mut self) -> ExitStatus {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.end()
    }

    /// Waits until it has ended by itself, as at a failpoint.
    pub fn end(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "still running: {}", self.output());
            sleep(Duration::from_millis(5));
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
