//! Counts a process's calls of fsync from outside, by strace, where there is one.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use tokio::time::sleep;

/// Runs work while strace watches a process; how often that process called fsync or fdatasync meanwhile. The work is
/// slowed down by being watched: nothing else is measured in the same run.
pub(super) async fn during<T>(pid: u32, work: impl Future<Output = T>) -> (T, Option<u64>) {
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-p", &pid.to_string()]);
    let Ok(strace) = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn() else {
        return (work.await, None);
    };
    sleep(Duration::from_secs(1)).await;
    let done = work.await;
    // strace prints its table when it is interrupted.
    let stopped = Command::new("kill").args(["-INT", &strace.id().to_string()]).status();
    let calls = match stopped {
        Ok(status) if status.success() => strace.wait_with_output().ok().and_then(|out| calls(&out.stderr)),
        _ => None,
    };
    (done, calls)
}

/// The column `calls` of the table's lines: share, seconds, microseconds a call, calls, errors if any, name.
fn calls(table: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(table);
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = words.last().is_some_and(|name| ["fsync", "fdatasync"].contains(name));
        if ours { words.get(3)?.parse::<u64>().ok() } else { None }
    };
    text.lines().filter_map(line).reduce(|sum, calls| sum + calls)
}
