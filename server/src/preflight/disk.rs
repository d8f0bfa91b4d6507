//! Space and speed of the disk under the data folder.

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::check::{Check, Finding, Status};
use crate::{disk, limits};

/// Writes that are timed.
const WRITES: usize = 64;
/// Bytes of each.
const BLOCK: [u8; 4096] = [0x5a; 4096];
/// After this long no more are made: a disk that slow is known by then.
const LONG_ENOUGH: Duration = Duration::from_secs(8);
/// Space that a meeting is given beside its ballots: databases with their write-ahead logs, logs, copies at an upgrade.
const BESIDE: u64 = 128 << 20;
/// Bytes of one ballot over its whole way, generously: spool, board, bundle, each with its copy while it is replaced.
const BALLOT: u64 = 8 << 10;
/// Below this no contest opens.
const LEAST: u64 = 16 << 20;

/// What was measured.
pub(super) struct Measured {
    /// Bytes free.
    free: u64,
    /// Times of the writes, shortest first; never empty.
    times: Vec<Duration>,
}

/// Times writes of 4 KiB, each with its fsync, in a folder. Leaves nothing behind.
///
/// # Errors
/// Any of the file system's, so also a full or failing disk.
pub(super) fn measure(folder: &Path) -> io::Result<Measured> {
    let probe = folder.join("preflight.fsync.probe");
    disk::remove_if_there(&probe)?;
    let written = timed(&probe);
    disk::remove_if_there(&probe)?;
    let mut times = written?;
    times.sort_unstable();
    Ok(Measured { free: fs4::available_space(folder)?, times })
}

fn timed(probe: &Path) -> io::Result<Vec<Duration>> {
    let mut file = disk::create_private(probe)?;
    let (begun, mut times) = (Instant::now(), Vec::with_capacity(WRITES));
    while times.len() < WRITES && (times.is_empty() || begun.elapsed() < LONG_ENOUGH) {
        let from = Instant::now();
        file.write_all(&BLOCK)?;
        file.sync_all()?;
        times.push(from.elapsed());
    }
    Ok(times)
}

/// Judges what was measured for a meeting of this size.
pub(super) fn check(measured: Result<&Measured, String>, people: usize, contests: usize) -> Check {
    let Measured { free, times } = match measured {
        Ok(measured) => measured,
        Err(why) => return Check::new("disk", vec![Finding::new("disk_failed", Status::Fail, &[("why", json!(why))])]),
    };
    let needed = BESIDE + BALLOT * (people as u64) * (contests as u64);
    let says = match *free {
        free if free < LEAST => ("disk_full", Status::Fail),
        free if free < needed => ("disk_short", Status::Warn),
        _ => ("disk_space", Status::Ok),
    };
    let mib = |bytes: u64| json!(bytes >> 20);
    let space = Finding::new(says.0, says.1, &[("free", mib(*free)), ("needed", mib(needed))]);
    let at = |part: usize| times[((times.len() * part) / 100).min(times.len() - 1)];
    let (median, p95, max) = (at(50), at(95), at(100));
    let says = if median > limits::FSYNC {
        ("disk_too_slow", Status::Fail)
    } else if p95 > limits::FSYNC {
        ("disk_slow", Status::Warn)
    } else {
        ("disk_fsync", Status::Ok)
    };
    let speed = Finding::new(
        says.0,
        says.1,
        &[
            ("writes", json!(times.len())),
            ("median", milliseconds(median)),
            ("p95", milliseconds(p95)),
            ("max", milliseconds(max)),
            ("limit", milliseconds(limits::FSYNC)),
        ],
    );
    Check::new("disk", vec![space, speed])
}

/// With one decimal below ten.
pub(super) fn milliseconds(time: Duration) -> Value {
    let tenths = time.as_micros().div_ceil(100);
    if tenths < 100 { json!(format!("{}.{}", tenths / 10, tenths % 10)) } else { json!((tenths / 10).to_string()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn measured(free: u64, times: &[u64]) -> Measured {
        Measured { free, times: times.iter().map(|ms| Duration::from_millis(*ms)).collect() }
    }

    fn said(measured: &Measured) -> Vec<(&'static str, Status)> {
        check(Ok(measured), 300, 25).said()
    }

    #[test]
    fn a_real_folder_is_measured_and_nothing_is_left_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let measured = measure(folder.path()).unwrap();
        assert!(!measured.times.is_empty() && measured.times.is_sorted());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(measure(&folder.path().join("none")).is_err());
        let failed = check(Err("why".to_owned()), 1, 1);
        assert_eq!(failed.said(), [("disk_failed", Status::Fail)]);
    }

    #[test]
    fn space_is_judged_by_the_size_of_the_meeting_and_speed_by_what_opens_a_contest() {
        let quick = [1; 64];
        let (space, fsync) = (("disk_space", Status::Ok), ("disk_fsync", Status::Ok));
        assert_eq!(said(&measured(1 << 30, &quick)), [space, fsync]);
        assert_eq!(said(&measured(150 << 20, &quick)), [("disk_short", Status::Warn), fsync]);
        assert_eq!(check(Ok(&measured(150 << 20, &quick)), 60, 9).said()[0], space, "a smaller meeting");
        assert_eq!(said(&measured(15 << 20, &quick)), [("disk_full", Status::Fail), fsync]);
        let mut times = [2; 64];
        times[60..].fill(400);
        assert_eq!(said(&measured(1 << 30, &times)), [space, ("disk_slow", Status::Warn)]);
        times[30..].fill(400);
        assert_eq!(said(&measured(1 << 30, &times)), [space, ("disk_too_slow", Status::Fail)]);
    }

    #[test]
    fn median_95_and_longest_are_those_of_the_list() {
        let times: Vec<u64> = (1..=64).collect();
        let check = check(Ok(&measured(1 << 30, &times)), 1, 1);
        assert_eq!(
            (check.value(1, "median"), check.value(1, "p95"), check.value(1, "max")),
            (json!("33"), json!("61"), json!("64"))
        );
        assert_eq!(milliseconds(Duration::from_micros(1_440)), json!("1.5"));
    }
}
