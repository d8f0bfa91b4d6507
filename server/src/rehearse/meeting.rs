//! The meeting itself, phase by phase.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use douxuan_ballot::{
    journey::Invitation,
    native::{door::Door, live::Live},
    swarm::{
        Swarm,
        grades::Grades,
        measure::{Pace, Run},
    },
};
use douxuan_crypto::{
    audit::{Report, audit},
    contest::Contest,
    hash::sha256,
};
use serde_json::json;

use super::{machine::Machine, people::People};
use crate::drill::{
    DrillError,
    console::Console,
    slips::{self, Kind},
};

/// Phones that wait for an answer at once.
const IN_FLIGHT: usize = 32;
/// Ballots of the contest that must be withheld.
const FEW: usize = 4;
/// Attendees who do not come.
const ABSENT: usize = 2;

/// What came of it.
pub(super) struct Held {
    pub(super) from: String,
    pub(super) phases: Vec<(&'static str, Duration)>,
    pub(super) facts: Vec<(String, String)>,
    pub(super) enrolment: Run,
    pub(super) casts: Vec<(Contest, Run)>,
    pub(super) enrol_cpu: Option<Duration>,
    pub(super) cast_cpu: Option<Duration>,
    pub(super) batches: usize,
    pub(super) results: Vec<(Contest, String, String)>,
    pub(super) bundle_bytes: usize,
    pub(super) receipts: usize,
    pub(super) report: Report,
}

struct Clock {
    begun: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn lap(&mut self, name: &'static str) {
        let took = self.begun.elapsed();
        println!("  {name:<28} {:>8.2} s", took.as_secs_f64());
        self.phases.push((name, took));
        self.begun = Instant::now();
    }
}

pub(super) async fn hold(machine: &Machine, people: &People, out: &Path, seed: u64) -> Result<Held, DrillError> {
    println!("豆选演练 rehearsal: {}", people.from);
    let mut clock = Clock { begun: Instant::now(), phases: Vec::new() };
    let console = Console::first(machine.console, &machine.code).await?;
    let kinds = prepare(&console, people).await?;
    clock.lap("导入、定稿 import, freeze");

    let (present, unused) = hand_out(kinds)?;
    console.act("window/open", json!({})).await?;
    let door = Door::find(&format!("http://{}", machine.public), None).await;
    let door = door.map_err(|error| DrillError::Act("phones".to_owned(), error))?;
    let key = sha256(&seed.to_le_bytes());
    let mut swarm = Swarm::gather(door.clone(), present, key).await?;
    swarm.prepare().await;
    let before = machine.cpu();
    let enrolment = swarm.enrol_all(Pace::Closed { in_flight: IN_FLIGHT }).await;
    let enrol_cpu = spent(before, machine.cpu());
    all_done(&enrolment, "enrolment")?;
    // One slip is found spoilt: voided by its typed code, before everyone.
    console.act("slip/void", json!({ "text": unused[0], "reason": "other" })).await?;
    console.act("window/close", json!({ "present": swarm.len() })).await?;
    clock.lap("登记 enrolment");

    let contests: Vec<Contest> =
        swarm.manifest().contests.iter().map(|keys| keys.contest).filter(|contest| contest.round == 1).collect();
    let few = *contests.last().ok_or_else(|| DrillError::Broken("there is no contest".to_owned()))?;
    let grades = Grades::new(&[70, 18, 6, 4, 2]).map_err(|_| DrillError::Broken("weights".to_owned()))?;
    let (mut casts, mut batches, mut cast_cpu) = (Vec::new(), 0, Some(Duration::ZERO));
    for contest in &contests {
        let name = json!({ "contests": [[contest.item, contest.round]] });
        console.act("contest/open", name.clone()).await?;
        let options = swarm.manifest().options();
        let grade = |voter: usize| grades.choose(seed, *contest, voter, options);
        if *contest == few {
            seal_few(&mut swarm, few, FEW, grade).await?;
        } else {
            swarm.seal(*contest, |voter| Some(grade(voter))).await;
        }
        let before = machine.cpu();
        let run = swarm.send(&[*contest], Pace::Closed { in_flight: IN_FLIGHT }).await;
        cast_cpu = cast_cpu.zip(spent(before, machine.cpu())).map(|(a, b)| a + b);
        all_done(&run, &format!("contest {contest}"))?;
        tokio::time::sleep(Machine::TICK * 2).await;
        batches += usize::from(released(&door, *contest).await?.is_some_and(|total| total > 0));
        println!("  {contest}: {run}");
        casts.push((*contest, run));
        console.act("contest/close", name.clone()).await?;
        console.act("contest/publish", name).await?;
    }
    clock.lap("逐项测评 contests");

    let dead = unused.len() - 1;
    console.act("enrolment/end", json!({ "unused": dead })).await?;
    console.act("archive", json!({})).await?;
    let bundle = console.read("bundle.zip").await?;
    let written = |error| DrillError::Io(out.display().to_string(), error);
    std::fs::write(out.join("bundle.zip"), &bundle).map_err(written)?;
    swarm.save_receipts(&out.join("receipts")).map_err(written)?;
    clock.lap("归档、导出 archive, export");

    let notes: Vec<Vec<u8>> = swarm.receipts().map(|receipt| receipt.note.clone().into_bytes()).collect();
    let report = audit(&bundle, &notes);
    clock.lap("核验 verification");
    let results = compare(&swarm, &door, &contests, few).await?;
    let manifest = swarm.manifest();
    let facts = vec![
        ("应到 expected".to_owned(), manifest.expected.to_string()),
        ("票纸 slips".to_owned(), manifest.leaves.to_string()),
        ("实到 present".to_owned(), swarm.len().to_string()),
        ("登记 enrolled".to_owned(), swarm.enrolled().to_string()),
        ("作废 voided".to_owned(), "1".to_owned()),
        ("未用 unused".to_owned(), dead.to_string()),
    ];
    Ok(Held {
        from: people.from.clone(),
        phases: clock.phases,
        facts,
        enrolment,
        casts,
        enrol_cpu,
        cast_cpu,
        batches,
        results,
        bundle_bytes: bundle.len(),
        receipts: notes.len(),
        report,
    })
}

/// Imports, sets, freezes, and takes the drill's slips.
async fn prepare(console: &Console, people: &People) -> Result<Vec<Kind>, DrillError> {
    let import = json!({
        "roster_csv_base64": STANDARD.encode(&people.roster),
        "officials_csv_base64": STANDARD.encode(&people.officials),
        "confirmed": true,
    });
    console.act("import", import).await?;
    let settings = json!({
        "title": "述职述责述廉民主测评（示例）",
        "place": "示例会议室",
        "drill": true,
        "two_people": false,
        "release": "live",
    });
    console.act("settings", settings).await?;
    slips::kinds(slips::freeze(console).await?)
}

/// One slip for everybody who comes, by exclusion as it is printed; the typed codes of those left over.
fn hand_out(kinds: Vec<Kind>) -> Result<(Vec<Invitation>, Vec<String>), DrillError> {
    let (mut invited, mut unused) = (Vec::new(), Vec::new());
    for Kind { slips, holders, reporting } in kinds {
        let come = if reporting { holders } else { holders.saturating_sub(ABSENT) };
        for (nth, entry) in slips.into_iter().enumerate() {
            if nth < come {
                let slip = Invitation::scan(&entry.fragment);
                invited.push(slip.map_err(|stop| DrillError::Broken(stop.to_string()))?);
            } else {
                unused.push(entry.text);
            }
        }
    }
    if unused.is_empty() { Err(DrillError::Broken("there is no spare slip".to_owned())) } else { Ok((invited, unused)) }
}

async fn seal_few(
    swarm: &mut Swarm,
    contest: Contest,
    count: usize,
    grade: impl Fn(usize) -> u8,
) -> Result<(), DrillError> {
    let mut sealed = 0;
    for voter in 0..swarm.len() {
        if sealed == count {
            return Ok(());
        }
        sealed += swarm.seal(contest, |v| (v == voter).then(|| grade(v))).await;
    }
    Err(DrillError::Broken(format!("fewer than {count} phones may vote in {contest}")))
}

async fn live(door: &Door) -> Result<Live, DrillError> {
    Live::ask(door).await.map_err(|error| DrillError::Act("live".to_owned(), error))
}

/// What the hall shows of a contest while it is open.
async fn released(door: &Door, contest: Contest) -> Result<Option<u64>, DrillError> {
    let live = door.fetch("/live.json", 1 << 20).await.map_err(|error| DrillError::Act("live".to_owned(), error))?;
    let live: serde_json::Value =
        serde_json::from_slice(&live).map_err(|error| DrillError::Broken(error.to_string()))?;
    let list = live["contests"].as_array().cloned().unwrap_or_default();
    let this = list.iter().find(|c| c["item"] == contest.item && c["round"] == contest.round);
    Ok(this.and_then(|c| c["released"]["total"].as_u64()))
}

/// The published figures against what the phones know that they chose.
async fn compare(
    swarm: &Swarm,
    door: &Door,
    contests: &[Contest],
    few: Contest,
) -> Result<Vec<(Contest, String, String)>, DrillError> {
    let mut results = Vec::new();
    let state = live(door).await?;
    for contest in contests {
        let entries = door.fetch(&format!("/board/{contest}/entries"), 1 << 26).await;
        let entries = entries.map_err(|error| DrillError::Act(format!("board {contest}"), error))?;
        let missing = swarm.absent(*contest, &entries).map_err(|stop| DrillError::Broken(stop.to_string()))?;
        if !missing.is_empty() {
            return Err(DrillError::Broken(format!("{} receipts of {contest} are not on the board", missing.len())));
        }
        let name = swarm.manifest().item(contest.item).map(|item| item.name.clone()).unwrap_or_default();
        let shown = state.contests.iter().find(|c| c.contest() == *contest);
        let shown = shown.ok_or_else(|| DrillError::Broken(format!("{contest} is not shown")))?;
        if *contest == few {
            if shown.state != "withheld" {
                return Err(DrillError::Broken(format!("{contest} with {FEW} ballots is {}", shown.state)));
            }
            results.push((*contest, name, "票数过少 withheld".to_owned()));
            continue;
        }
        let tally = door.fetch(&format!("/board/{contest}/tally"), 4096).await;
        let tally = tally.map_err(|error| DrillError::Act(format!("tally {contest}"), error))?;
        let tally = douxuan_crypto::tally::Tally::from_bytes(&tally, swarm.manifest().options())
            .map_err(|error| DrillError::Broken(error.to_string()))?;
        if tally.t() != swarm.expected(*contest) {
            return Err(DrillError::Broken(format!("the tally of {contest} is not what the phones chose")));
        }
        let votes: Vec<String> = swarm
            .manifest()
            .scale
            .iter()
            .zip(tally.t())
            .map(|(option, votes)| format!("{} {votes}", option.zh))
            .collect();
        results.push((*contest, name, votes.join("  ")));
    }
    Ok(results)
}

fn all_done(run: &Run, what: &str) -> Result<(), DrillError> {
    if run.done == run.asked {
        return Ok(());
    }
    let why = run.failed.first().map(String::as_str).unwrap_or_default();
    Err(DrillError::Broken(format!("{what}: {run} {why}")))
}

fn spent(before: Option<Duration>, after: Option<Duration>) -> Option<Duration> {
    after?.checked_sub(before?)
}
