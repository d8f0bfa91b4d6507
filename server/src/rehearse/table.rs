//! The last page of a rehearsal: counts, times, costs, and every verification step.

use std::{path::Path, time::Duration};

use douxuan_ballot::swarm::measure::Latencies;

use super::meeting::Held;

fn ms(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".to_owned(), |d| format!("{:.1} ms", d.as_secs_f64() * 1e3))
}

fn each(cpu: Option<Duration>, count: usize) -> String {
    match (cpu, u32::try_from(count)) {
        (Some(cpu), Ok(count @ 1..)) => format!("{:.0} us", (cpu / count).as_secs_f64() * 1e6),
        _ => "-".to_owned(),
    }
}

fn row(name: &str, value: &str) {
    println!("  {name:<34} {value}");
}

pub(super) fn print(held: &Held, out: &Path) {
    println!("\n人数 counts ({})", held.from);
    for (name, value) in &held.facts {
        row(name, value);
    }
    println!("\n结果 results");
    for (contest, name, votes) in &held.results {
        println!("  {:<6} {name}  {votes}", contest.to_string());
    }
    let cast: usize = held.casts.iter().map(|(_, run)| run.done).sum();
    let all = Latencies::merged(held.casts.iter().map(|(_, run)| &run.latencies));
    println!("\n时间与开销 times and costs");
    for (name, took) in &held.phases {
        row(name, &format!("{:.2} s", took.as_secs_f64()));
    }
    let both = |latencies: &Latencies| format!("{} / {}", ms(latencies.percentile(50)), ms(latencies.percentile(99)));
    row("登记 enrolment p50 / p99", &both(&held.enrolment.latencies));
    row("投票 cast p50 / p99", &both(&all));
    row("server CPU per enrolment", &each(held.enrol_cpu, held.enrolment.done));
    row("server CPU per cast", &each(held.cast_cpu, cast));
    row("casts, each on its own connection", &cast.to_string());
    row("contests shown in batches while open", &held.batches.to_string());
    row("bundle bytes", &held.bundle_bytes.to_string());
    row("bundle bytes per ballot", &(held.bundle_bytes / cast.max(1)).to_string());
    row("receipts verified on their boards", &held.receipts.to_string());
    println!("\n核验 verification");
    for step in &held.report.steps {
        println!("  {:<4} {:<14} {:>6}  {}", step.step.to_string(), step.verdict.en(), step.count, step.zh);
        if let Some(why) = &step.why {
            println!("       {why}");
        }
    }
    let bundle = out.join("bundle.zip");
    println!("\n用第二个核验程序 with the second verifier:");
    println!("  python3 tests/independent/verify.py {}", bundle.display());
}
