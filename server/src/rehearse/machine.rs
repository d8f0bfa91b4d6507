//! The server as a process of its own, on loopback, with a data folder of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::drill::DrillError;

/// How long the server may take to say where it is.
const START: Duration = Duration::from_secs(20);

pub(super) struct Machine {
    child: Child,
    pub(super) public: SocketAddr,
    pub(super) console: SocketAddr,
    pub(super) code: String,
}

impl Machine {
    /// Interval of the hall's ticks in a rehearsal: five seconds would make it long, and the rule is the same.
    pub(super) const TICK: Duration = Duration::from_millis(250);

    pub(super) async fn start(data: &Path) -> Result<Self, DrillError> {
        let wrong = |error| DrillError::Io("the server could not be started".to_owned(), error);
        let [public, console] = [free_address().map_err(wrong)?, free_address().map_err(wrong)?];
        let program = std::env::current_exe().map_err(wrong)?;
        let mut child = Command::new(program)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--public", &public.to_string(), "--console", &console.to_string()])
            .args(["--host", "127.0.0.1", "--tick-ms", &Self::TICK.as_millis().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(wrong)?;
        let output = child.stdout.take().ok_or_else(|| DrillError::Broken("the server has no output".to_owned()))?;
        let mut lines = BufReader::new(output).lines();
        let find = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(code) = code_in(&line) {
                    return Some(code);
                }
            }
            None
        };
        let code = timeout(START, find).await.ok().flatten().ok_or_else(|| {
            DrillError::Broken("the server did not say its login code; its own words stand above".to_owned())
        })?;
        // The pipe is read to the end, so that the server never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let machine = Self { child, public, console, code };
        machine.wait_until_it_listens().await?;
        Ok(machine)
    }

    async fn wait_until_it_listens(&self) -> Result<(), DrillError> {
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(self.console).await.is_ok()
                && tokio::net::TcpStream::connect(self.public).await.is_ok()
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(DrillError::Broken("the server does not answer".to_owned()))
    }

    /// User and system time of the server process so far; `None` where the system does not say.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()?)).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
        // USER_HZ is 100 on every Linux that this runs on.
        Some(Duration::from_millis(ticks * 10))
    }

    /// Asks the server to end and waits.
    pub(super) async fn stop(mut self) -> Result<(), DrillError> {
        #[cfg(unix)]
        if let Some(id) = self.child.id() {
            let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
            if asked.is_ok_and(|status| status.success()) && timeout(START, self.child.wait()).await.is_ok() {
                return Ok(());
            }
        }
        self.child.kill().await.map_err(|error| DrillError::Io("the server could not be ended".to_owned(), error))
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The login code in a line: four groups of four, as on a slip.
fn code_in(line: &str) -> Option<String> {
    let is_group =
        |group: &str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    line.split(|c: char| c.is_whitespace() || c == '：' || c == ':')
        .find(|word| word.split('-').count() == 4 && word.split('-').all(is_group))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_code_is_found_among_words_and_addresses() {
        let line = "登录码 Code: RCJR-KE8P-V7KW-VCG6 (http://127.0.0.1:8461/)";
        assert_eq!(super::code_in(line).as_deref(), Some("RCJR-KE8P-V7KW-VCG6"));
        assert_eq!(super::code_in("2026-11-23 http://127.0.0.1:8461/"), None);
    }
}
