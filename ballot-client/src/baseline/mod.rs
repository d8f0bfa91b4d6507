//! `swarm --baseline`: a server's figures as ratios to the raw limits of the same machine in the same minutes.
//!
//! Shared machines move threefold between runs, so raw and system take turns, A B A B, and nothing is judged here:
//! no threshold fails. What is measured and what it should reach is said beside each line.

mod cpu;
mod fsyncs;
mod meeting;
mod parts;
mod raw;

use std::{
    io::{self, Write},
    path::PathBuf,
    process,
    sync::Arc,
    time::Duration,
};

use douxuan_crypto::{ballot::SealedBallot, contest::Contest, seal::ReplyKey};

use self::{meeting::RawMeeting, raw::RawServer};
use crate::{
    journey::Standing,
    native::{deliver::Way, door::Door, live::Live},
    swarm::{
        Swarm,
        drive::{Job, drive},
        grades::Grades,
        measure::{Pace, Run},
    },
};

const IN_FLIGHT: Pace = Pace::Closed { in_flight: 200 };
const PATIENCE: Duration = Duration::from_secs(30);

type Failed = Box<dyn std::error::Error>;

/// Enrols the swarm (G2), then casts every ballot it can (G1, G1b, G1c, G4), each against its raw limit.
///
/// The contests to use must be opened while this waits; with three or more, all figures can be had.
///
/// # Errors
/// If the server is not reached or nothing opens in time.
pub async fn run(
    swarm: &mut Swarm,
    grades: &Grades,
    seed: u64,
    wait: Duration,
    server_pid: Option<u32>,
    out: &mut impl Write,
) -> Result<(), Failed> {
    let meeting = RawMeeting::like(swarm.manifest(), &mut rand::rng())?;
    let bench = Bench { meeting, folder: Folder::new()?, server_pid };
    swarm.prepare().await;
    writeln!(out, "waiting for an enrolment window")?;
    Live::until(swarm.door(), wait, |live| live.window.open).await?;
    bench.enrolment(swarm, out).await?;
    writeln!(out, "waiting for contests to be opened")?;
    Live::until(swarm.door(), wait, |live| !live.open().is_empty()).await?;
    // All of them are opened in one act, or in one breath.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let open = Live::ask(swarm.door()).await?.open();
    let options = swarm.manifest().options();
    for contest in &open {
        let _ = swarm.seal(*contest, |voter| Some(grades.choose(seed, *contest, voter, options))).await;
    }
    bench.casts(swarm, &open, out).await
}

struct Bench {
    meeting: Arc<RawMeeting>,
    folder: Folder,
    server_pid: Option<u32>,
}

/// One run, with the server's CPU time and, of the raw one, its commits.
struct Measured {
    run: Run,
    cpu: Option<Duration>,
    commits: u64,
}

impl Measured {
    fn cpu_each(&self) -> Option<f64> {
        let done = f64::from(u32::try_from(self.run.done.max(1)).unwrap_or(u32::MAX));
        self.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / done)
    }
}

impl Bench {
    async fn enrolment(&self, swarm: &mut Swarm, out: &mut impl Write) -> Result<(), Failed> {
        let span = Duration::from_millis(1500);
        let meeting = Arc::clone(&self.meeting);
        let before = tokio::task::spawn_blocking(move || parts::evaluations(&meeting, span)).await??;
        let run = swarm.enrol_all(Pace::Closed { in_flight: 64 }).await;
        let meeting = Arc::clone(&self.meeting);
        let after = tokio::task::spawn_blocking(move || parts::evaluations(&meeting, span)).await??;
        let contests = swarm.manifest().contests.iter().map(|keys| keys.contest);
        let credentials: usize = contests.map(|contest| swarm.standing(contest, Standing::Ready)).sum();
        let (raw, system) = ((before + after) / 2.0, credentials as f64 / run.took.as_secs_f64());
        writeln!(out, "enrolment: {run}")?;
        writeln!(
            out,
            "G2   credentials a second / raw evaluate+prove on all cores: {system:.0} / {raw:.0} = {:.0} %   (80 %, 93 %)",
            100.0 * system / raw
        )?;
        Ok(())
    }

    async fn casts(&self, swarm: &mut Swarm, open: &[Contest], out: &mut impl Write) -> Result<(), Failed> {
        // The first contest for 300 a second, up to four more for 1 000 a second, the rest for throughput.
        let slow = usize::from(open.len() >= 2);
        let fast = open.len().saturating_sub(slow + 1).min(4) * usize::from(open.len() >= 4);
        let (latency, throughput) = open.split_at(slow + fast);
        let watched = usize::from(throughput.len() >= 3 && self.server_pid.is_some());
        let (throughput, watched) = throughput.split_at(throughput.len() - watched);
        let rounds = throughput.len().clamp(1, 5);
        let mut pairs = Vec::new();
        for contests in throughput.chunks(throughput.len().div_ceil(rounds).max(1)) {
            let count = ready(swarm, contests);
            pairs.push((self.raw(count, IN_FLIGHT, false).await?, self.system(swarm, contests, IN_FLIGHT).await));
        }
        self.throughput(&pairs, out).await?;
        self.commits(swarm, watched, out).await?;
        for (contests, rate) in [(&latency[..slow], 300.0), (&latency[slow..], 1000.0)] {
            let pace = Pace::Open { per_second: rate };
            let count = ready(swarm, contests);
            if count == 0 {
                writeln!(out, "G4   cast at {rate} a second: not measured, open more contests at once")?;
                continue;
            }
            let (raw, system) = (self.raw(count, pace, false).await?, self.system(swarm, contests, pace).await);
            let p99 = |run: &Run| run.latencies.percentile(99).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3);
            writeln!(out, "G4   cast at {rate} a second, {count} casts   (p99 50 ms, 20 ms)")?;
            writeln!(out, "     raw:    {}\n     system: {}", raw.run, system.run)?;
            writeln!(out, "     p99 system / raw = {:.2}", p99(&system.run) / p99(&raw.run))?;
        }
        Ok(())
    }

    async fn throughput(&self, pairs: &[(Measured, Measured)], out: &mut impl Write) -> Result<(), Failed> {
        let mut shares = Vec::new();
        for (raw, system) in pairs {
            writeln!(out, "raw    {}\nsystem {}", raw.run, system.run)?;
            shares.push(system.run.throughput() / raw.run.throughput());
        }
        if let Some(share) = median(&mut shares) {
            writeln!(out, "G1   cast throughput, 200 in flight / raw limit: {:.0} %   (60 %, 85 %)", 100.0 * share)?;
        }
        let ballots = self.ballots(400).await;
        let meeting = Arc::clone(&self.meeting);
        let parts = tokio::task::spawn_blocking(move || parts::cast(&meeting, &ballots)).await??;
        let echo = self.raw(2000, IN_FLIGHT, true).await?;
        let sockets = echo.cpu_each().unwrap_or(f64::NAN);
        let sum = sockets + parts.iter().map(|(_, each)| each.as_secs_f64() * 1e6).sum::<f64>();
        let named: Vec<String> = parts.iter().map(|(name, each)| format!("{name} {}", each.as_micros())).collect();
        writeln!(out, "     parts in us: {}, fresh socket {sockets:.0}; sum {sum:.0}", named.join(", "))?;
        let mut system: Vec<f64> = pairs.iter().filter_map(|(_, system)| system.cpu_each()).collect();
        let mut raw: Vec<f64> = pairs.iter().filter_map(|(raw, _)| raw.cpu_each()).collect();
        match (median(&mut system), median(&mut raw)) {
            (Some(system), Some(raw)) => writeln!(
                out,
                "G1b  server CPU a cast / its parts one by one: {system:.0} us / {sum:.0} us = {:.2}   (1.5, 0.7); \
                 the raw server: {:.2}",
                system / sum,
                raw / sum
            )?,
            _ => writeln!(out, "G1b  server CPU a cast: not measured, give --server-pid on Linux")?,
        }
        let raw_each = pairs.iter().map(|(raw, _)| raw.run.done as f64 / raw.commits.max(1) as f64);
        if let Some(raw) = median(&mut raw_each.collect::<Vec<_>>()) {
            writeln!(out, "G1c  ballots an fsync at saturation, raw server: {raw:.1}   (16, 32)")?;
        }
        Ok(())
    }

    async fn commits(&self, swarm: &mut Swarm, contests: &[Contest], out: &mut impl Write) -> Result<(), Failed> {
        let (Some(pid), false) = (self.server_pid, contests.is_empty()) else {
            writeln!(out, "G1c  of the server: not measured, give --server-pid and open three contests or more")?;
            return Ok(());
        };
        let (run, calls) = fsyncs::during(pid, swarm.send(contests, IN_FLIGHT)).await;
        match calls {
            Some(calls) => {
                writeln!(out, "G1c  of the server, watched by strace: {:.1}", run.done as f64 / calls as f64)?
            }
            None => writeln!(out, "G1c  of the server: not measured, strace is not here or may not watch")?,
        }
        Ok(())
    }

    async fn ballots(&self, count: usize) -> Vec<SealedBallot> {
        let meeting = Arc::clone(&self.meeting);
        let make = move || {
            let rng = &mut rand::rng();
            (0..count).filter_map(|i| meeting.ballot(u8::try_from(i % 2).unwrap_or(0), rng)).collect()
        };
        tokio::task::spawn_blocking(make).await.unwrap_or_default()
    }

    async fn raw(&self, count: usize, pace: Pace, echo: bool) -> Result<Measured, Failed> {
        let ballots = self.ballots(count).await;
        let keys: Vec<ReplyKey> = ballots.iter().map(|b| ReplyKey::from_bytes(&b.reply_key.to_bytes())).collect();
        let job = |(phone, sealed): (usize, SealedBallot)| Job { phone, contest: sealed.contest, message: sealed.wire };
        let jobs = ballots.into_iter().enumerate().map(job).collect();
        let spool = self.folder.0.join("raw.spool");
        let (meeting, path) = (Arc::clone(&self.meeting), spool.clone());
        let server = tokio::task::spawn_blocking(move || RawServer::start(&meeting, &path, echo)).await??;
        let door = Door::find(&format!("http://{}", server.address), None).await?;
        let before = cpu::of_threads(raw::THREADS);
        let (mut run, answers) = drive(&door, Way::Cast, jobs, pace, PATIENCE).await;
        let cpu = cpu::of_threads(raw::THREADS).zip(before).map(|(after, before)| after.saturating_sub(before));
        let commits = server.commits();
        drop(server);
        let holds = |reply: &[u8], phone: usize| echo || keys.get(phone).is_some_and(|key| key.open(reply).is_ok());
        run.done = answers.iter().filter(|a| a.reply.as_ref().is_ok_and(|reply| holds(reply, a.phone))).count();
        Ok(Measured { run, cpu, commits })
    }

    async fn system(&self, swarm: &mut Swarm, contests: &[Contest], pace: Pace) -> Measured {
        let before = self.server_pid.and_then(cpu::of_process);
        let run = swarm.send(contests, pace).await;
        let after = self.server_pid.and_then(cpu::of_process);
        Measured { run, cpu: after.zip(before).map(|(after, before)| after.saturating_sub(before)), commits: 0 }
    }
}

fn ready(swarm: &Swarm, contests: &[Contest]) -> usize {
    contests.iter().map(|contest| swarm.standing(*contest, Standing::Sealed)).sum()
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A folder of this process's own, removed at the end. On the disk of the temporary files, which may be faster or
/// slower than the server's: set TMPDIR to the server's disk.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("douxuan-baseline-{}", process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure is a failed test")]
mod tests {
    use super::*;
    use crate::journey::read_manifest;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_raw_server_takes_its_ballots_and_every_part_has_a_cost() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/douxuan-v1/vectors.json");
        let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let model = read_manifest(vectors["manifest"].as_str().unwrap().as_bytes(), None).unwrap();
        let meeting = RawMeeting::like(&model, &mut rand::rng()).unwrap();
        let bench = Bench { meeting, folder: Folder::new().unwrap(), server_pid: None };
        let raw = bench.raw(40, Pace::Closed { in_flight: 8 }, false).await.unwrap();
        assert_eq!((raw.run.done, raw.run.failed.len()), (40, 0));
        assert!((1..=40).contains(&raw.commits));
        assert_eq!(bench.raw(10, IN_FLIGHT, true).await.unwrap().run.done, 10);
        let parts = parts::cast(&bench.meeting, &bench.ballots(4).await).unwrap();
        assert!(parts.len() == 9 && parts.iter().all(|(_, each)| *each > Duration::ZERO), "{parts:?}");
        assert!(parts::evaluations(&bench.meeting, Duration::from_millis(20)).unwrap() > 0.0);
    }
}
