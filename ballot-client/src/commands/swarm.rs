//! `swarm`: simulated phones that fill a drill's hall, or measure a server.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use douxuan_crypto::contest::Contest;
use rand::{TryRng, rngs::SysRng};

use crate::{
    baseline,
    journey::{Invitation, Standing},
    native::{door::Door, live::Live},
    swarm::{
        Swarm,
        grades::Grades,
        measure::{Pace, Run},
        slips::SlipsFile,
    },
};

/// What `swarm` is asked.
#[derive(clap::Args)]
pub struct Args {
    /// The slips that a drill's console exports.
    #[arg(long, value_name = "FILE")]
    slips: PathBuf,
    /// Leave out the first so many slips, for real phones.
    #[arg(long, default_value_t = 0, value_name = "N")]
    skip: usize,
    /// Use at most so many slips.
    #[arg(long, value_name = "N")]
    take: Option<usize>,
    /// Connect to this host:port instead, as if a resolver said so.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// Contests to vote in, `1/1,2/1`; without it, each as it opens.
    #[arg(long, value_delimiter = ',', value_parser = contest, value_name = "ITEM/ROUND")]
    contests: Vec<Contest>,
    /// Weights of the options in the order of the scale.
    #[arg(long, default_value = "85,10,4,1", value_parser = Grades::parse, value_name = "WEIGHTS")]
    grades: Grades,
    /// Repeats the same choices; drawn otherwise.
    #[arg(long)]
    seed: Option<u64>,
    /// Closed loop: so many requests in flight.
    #[arg(long, default_value_t = 32, conflicts_with = "rate", value_name = "N")]
    in_flight: usize,
    /// Open loop: so many requests a second, on schedule.
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// Writes every receipt as a file.
    #[arg(long, value_name = "DIR")]
    save_receipts: Option<PathBuf>,
    /// Ends after so many seconds without anything to do.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    wait: u64,
    /// Measures the server against the raw limits of this machine instead, interleaved, and prints ratios.
    #[arg(long)]
    baseline: bool,
    /// The server's process id, for its CPU time (Linux, with --baseline).
    #[arg(long, value_name = "PID", requires = "baseline")]
    server_pid: Option<u32>,
}

fn contest(text: &str) -> Result<Contest, String> {
    Contest::parse(text).ok_or_else(|| "write item/round, such as 1/1".to_owned())
}

/// Enrols when a window opens, votes as contests open, and keeps every receipt. Status 0: every request was done.
///
/// # Errors
/// If the slips cannot be read, are not this meeting's, or nothing opens in time.
pub async fn run(args: &Args, out: &mut impl Write) -> Result<u8, Box<dyn std::error::Error>> {
    let file = SlipsFile::read(&args.slips)?;
    let door = Door::find(&file.origin, args.connect.as_deref()).await?;
    let slips = file.slips.iter().skip(args.skip).take(args.take.unwrap_or(usize::MAX));
    let slips = slips.map(|slip| Invitation::scan(&slip.fragment)).collect::<Result<Vec<_>, _>>()?;
    let seed = match args.seed {
        Some(seed) => seed,
        None => SysRng.try_next_u64()?,
    };
    let mut draw = [0; 32];
    SysRng.try_fill_bytes(&mut draw)?;
    let mut swarm = Swarm::gather(door, slips, draw).await?;
    let wait = Duration::from_secs(args.wait);
    if args.baseline {
        baseline::run(&mut swarm, &args.grades, seed, wait, args.server_pid, out).await?;
        return Ok(0);
    }
    let pace = args.rate.map_or(Pace::Closed { in_flight: args.in_flight }, |per_second| Pace::Open { per_second });
    swarm.prepare().await;
    writeln!(out, "{} 部手机，等待登记 · {} phones, waiting for enrolment", swarm.len(), swarm.len())?;
    Live::until(swarm.door(), wait, |live| live.window.open).await?;
    let enrolled = swarm.enrol_all(pace).await;
    let mut clean = say(out, "登记 enrol", &enrolled)?;
    let mut voted: Vec<Contest> = Vec::new();
    loop {
        let wanted = |contest: &Contest| {
            !voted.contains(contest) && (args.contests.is_empty() || args.contests.contains(contest))
        };
        if !args.contests.is_empty() && !args.contests.iter().any(&wanted) {
            break;
        }
        let next = Live::until(swarm.door(), wait, |live| live.phase == "archived" || live.open().iter().any(wanted));
        let Ok(live) = next.await else { break };
        if live.phase == "archived" {
            break;
        }
        let open: Vec<Contest> = live.open().into_iter().filter(wanted).collect();
        let options = swarm.manifest().options();
        for contest in &open {
            let _ = swarm.seal(*contest, |voter| Some(args.grades.choose(seed, *contest, voter, options))).await;
        }
        let run = swarm.send(&open, pace).await;
        let names: Vec<String> = open.iter().map(Contest::to_string).collect();
        clean &= say(out, &format!("投票 cast {}", names.join(" ")), &run)?;
        voted.extend(open);
    }
    for contest in &voted {
        let tally: Vec<String> = swarm.expected(*contest).iter().map(u32::to_string).collect();
        let open_ends = swarm.standing(*contest, Standing::Sealed) + swarm.standing(*contest, Standing::Unanswered);
        writeln!(out, "{contest}: {} · 无回执 without receipt {open_ends}", tally.join(" "))?;
    }
    if let Some(folder) = &args.save_receipts {
        writeln!(out, "回执 receipts: {}", swarm.save_receipts(folder)?)?;
    }
    Ok(u8::from(!clean))
}

fn say(out: &mut impl Write, what: &str, run: &Run) -> io::Result<bool> {
    writeln!(out, "{what}: {run}")?;
    for (line, why) in run.failed.iter().take(5).enumerate() {
        writeln!(out, "    {}. {why}", line + 1)?;
    }
    out.flush()?;
    Ok(run.done == run.asked)
}
