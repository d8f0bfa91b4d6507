//! CPU time, where the system tells it (Linux). Elsewhere there is none, and the ratios say so.

use std::{fs, time::Duration};

/// CPU time that a process has used, in steps of 10 ms.
#[must_use]
pub(super) fn of_process(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold spaces and brackets; the fields start behind its last bracket, utime being the 12th of them.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// CPU time of this process's threads whose name begins so.
#[must_use]
pub(super) fn of_threads(name: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task").ok()? {
        let path = thread.ok()?.path();
        if fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.starts_with(name)) {
            sum += on_cpu(&fs::read_to_string(path.join("schedstat")).ok()?)?;
        }
    }
    Some(sum)
}

/// CPU time of the calling thread.
#[must_use]
pub(super) fn of_this_thread() -> Option<Duration> {
    on_cpu(&fs::read_to_string("/proc/thread-self/schedstat").ok()?)
}

fn on_cpu(schedstat: &str) -> Option<Duration> {
    schedstat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
