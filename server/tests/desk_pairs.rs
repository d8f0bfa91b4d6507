//! Two operators who do different things at once, in every state of a meeting: what happens is what one after the other
//! would have been, and what the table does not have is refused and changes nothing.
//!
//! The states are those that a model of the table can reach; the server is brought to each of them over HTTP. A fixed
//! number of cases is drawn for each stage; `DOUXUAN_LONG=1` goes through all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use axum::http::StatusCode;
use douxuan::{
    desk::allowed::{Act, Facts, STAGES, Stage, Standing},
    urn::Phase,
};
use douxuan_crypto::{
    audit,
    contest::Contest,
    log::{Act as Logged, Entry, Log, LogState, PaperCount, Reason},
    manifest::Manifest,
};
use office::{Office, base64, lists, start};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

/// Cases drawn for each stage, of each kind of meeting.
const CASES: u32 = 2;
const PEOPLE: usize = 6;

/// An act, on a contest if it is one of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step(Act, Option<Contest>);

/// How many are rated, in how many rounds.
#[derive(Clone, Copy, Debug)]
struct Kind {
    officials: usize,
    rounds: u8,
}

const KINDS: [Kind; 2] = [Kind { officials: 1, rounds: 2 }, Kind { officials: 2, rounds: 1 }];

impl Kind {
    fn contests(self) -> Vec<Contest> {
        let items = 1..=u16::try_from(self.officials).unwrap();
        let of = |item: u16| (1..=self.rounds).map(move |round| Contest::new(item, round));
        items.flat_map(of).chain([Contest::REHEARSAL]).collect()
    }

    fn steps(self) -> Vec<Step> {
        let mut all = Vec::new();
        for act in Act::ALL {
            if act.is_of_contest() && act != Act::RehearsalDestroy {
                all.extend(self.contests().into_iter().map(|contest| Step(act, Some(contest))));
            } else {
                all.push(Step(act, None));
            }
        }
        all
    }
}

/// Where a meeting stands if acts do what the table says, with the papers that are counted and not published.
#[derive(Clone, Debug)]
enum Model {
    Preparing { lists: bool, settings: bool },
    Frozen { slips: bool, log: LogState },
}

impl Model {
    fn frozen(manifest: &Manifest) -> Self {
        let mut log = LogState::new(manifest);
        log.apply(&Entry::unnamed(Logged::Manifest { id: manifest.id })).unwrap();
        Self::Frozen { slips: true, log }
    }

    fn standing(&self, kind: Kind) -> Standing {
        match self {
            Self::Preparing { lists, settings } => Standing::preparing(*lists && *settings),
            Self::Frozen { slips, log } => {
                let phases: Vec<(Contest, Phase)> = kind.contests().iter().map(|c| (*c, phase(log, *c))).collect();
                let none = BTreeSet::new();
                Standing::of(&Facts { log, phases: &phases, slips: *slips, wrong: false, wrong_contests: &none })
            }
        }
    }

    /// After an act that is allowed.
    fn after(&self, Step(act, contest): Step, manifest: &Manifest) -> Self {
        let mut next = self.clone();
        match (&mut next, act) {
            (Self::Preparing { lists, .. }, Act::Import) => *lists = true,
            (Self::Preparing { settings, .. }, Act::Settings) => *settings = true,
            (Self::Preparing { lists, settings }, Act::Sample) => (*lists, *settings) = (true, true),
            (_, Act::Freeze | Act::SlipsAgain) => return Self::frozen(manifest),
            (_, Act::MeetingNew) => return Self::Preparing { lists: true, settings: true },
            (Self::Frozen { slips, .. }, Act::SlipsPrinted) => *slips = false,
            (Self::Frozen { slips, log }, act) => {
                if let Some(logged) = logged(log, act, contest.unwrap_or(Contest::REHEARSAL)) {
                    // The same archive again is no entry.
                    let again = act == Act::Archive && log.result().is_some();
                    assert!(again || log.apply(&Entry::unnamed(logged)).is_ok(), "{act:?} {contest:?}: {log:?}");
                }
                *slips &= act != Act::WindowOpen;
            }
            _ => {}
        }
        next
    }
}

fn logged(log: &LogState, act: Act, contest: Contest) -> Option<Logged> {
    let opened = log.open_window().unwrap_or(log.closed_windows());
    Some(match act {
        Act::WindowOpen => Logged::WindowOpened { window: log.closed_windows() + 1 },
        Act::WindowClose => Logged::WindowClosed { window: opened, present: 6, redeemed: 0, root: [0; 32] },
        Act::SlipVoid => Logged::SlipVoided { slip: [7; 32], reason: Reason::Lost, window: opened },
        Act::EnrolmentEnd => Logged::EnrolmentEnded { windows: log.closed_windows(), unused: 0 },
        Act::ContestOpen => Logged::ContestOpened { contest, window: log.closed_windows() },
        Act::ContestClose => Logged::ContestClosed { contest, size: 0, root: [0; 32] },
        Act::ContestPaper => Logged::PaperCounted { contest, paper: PaperCount::none(5) },
        Act::ContestPublish => Logged::ContestPublished { contest, tally: None, proofs: Vec::new() },
        Act::ContestVoid => {
            let after = log.contests().get(&contest).is_some_and(|record| record.published.is_some());
            Logged::ContestVoided { contest, after }
        }
        Act::RehearsalDestroy => Logged::RehearsalDestroyed,
        Act::Archive => Logged::Result { hash: [0; 32] },
        _ => return None,
    })
}

fn phase(log: &LogState, contest: Contest) -> Phase {
    let Some(record) = log.contests().get(&contest) else { return Phase::Unopened };
    match (record.destroyed, record.voided, record.published.is_some(), record.closed.is_some()) {
        (true, ..) => Phase::Destroyed,
        (_, true, ..) => Phase::Voided,
        (_, _, true, _) => Phase::Published,
        (_, _, _, true) => Phase::Closed,
        _ => Phase::Open,
    }
}

/// A state, and the acts that lead there.
#[derive(Clone, Debug)]
struct Place {
    /// Acts before freezing from nothing; or acts on a meeting just frozen.
    path: Vec<Step>,
    model: Model,
}

impl Place {
    /// All that differ in what may be done, one shortest way to each.
    fn all(kind: Kind, manifest: &Manifest) -> Vec<Self> {
        let nothing = Self { path: Vec::new(), model: Model::Preparing { lists: false, settings: false } };
        let frozen = Self { path: Vec::new(), model: Model::frozen(manifest) };
        let (mut queue, mut seen, mut all) = (VecDeque::from([nothing, frozen]), BTreeSet::new(), Vec::new());
        while let Some(place) = queue.pop_front() {
            let standing = place.model.standing(kind);
            let prepared = match place.model {
                Model::Preparing { lists, settings } => (lists, settings),
                Model::Frozen { .. } => (true, true),
            };
            if !seen.insert(format!("{standing:?} {prepared:?}")) {
                continue;
            }
            for step in kind.steps() {
                // Windows without end lead to the same states.
                let many = matches!(&place.model, Model::Frozen { log, .. }
                    if step.0 == Act::WindowOpen && log.closed_windows() > 1);
                let turns = matches!(step.0, Act::Freeze | Act::SlipsAgain | Act::MeetingNew | Act::Sample);
                if standing.allows(step.0, step.1) && !turns && !many {
                    let model = place.model.after(step, manifest);
                    queue.push_back(Self { path: [place.path.as_slice(), &[step]].concat(), model });
                }
            }
            all.push(place);
        }
        all
    }

    /// Every two different acts, or one act on two contests, that may both be done here.
    fn pairs(&self, kind: Kind) -> Vec<(Step, Step)> {
        let standing = self.model.standing(kind);
        let steps: Vec<Step> = kind.steps().into_iter().filter(|step| standing.allows(step.0, step.1)).collect();
        let others = |at: usize| steps[at + 1..].iter().map(move |other| (at, *other));
        (0..steps.len()).flat_map(others).map(|(at, other)| (steps[at], other)).collect()
    }
}

/// The server at a place.
struct Scene {
    office: Office,
    slips: Vec<String>,
    unused: Value,
    _data: tempfile::TempDir,
}

impl Scene {
    async fn at(place: &Place, kind: Kind) -> Self {
        let data = tempfile::tempdir().unwrap();
        let office = start(data.path()).await.unwrap();
        let mut scene = Self { office, slips: Vec::new(), unused: Value::Null, _data: data };
        if matches!(place.model, Model::Frozen { .. }) {
            scene.office.small(PEOPLE, kind.officials, json!({ "rounds": kind.rounds })).await;
            let slips = scene.office.get("/desk/slips.json").await.json()["slips"].clone();
            scene.slips = slips.as_array().unwrap().iter().map(|s| s["text"].as_str().unwrap().to_owned()).collect();
            let all: Vec<usize> = (1..=PEOPLE).collect();
            scene.office.act("/desk/checkin", json!({ "numbers": all, "state": "here" })).await;
        }
        for step in &place.path {
            scene.unused = scene.office.state().await["frozen"]["unused"].clone();
            let body = scene.body(*step, kind);
            let spent = step.0 == Act::SlipVoid;
            scene.office.act(&path(*step), body).await;
            if spent {
                scene.slips.pop();
            }
        }
        scene.unused = scene.office.state().await["frozen"]["unused"].clone();
        scene
    }

    /// A body with which the act is right wherever it is allowed.
    fn body(&self, Step(act, contest): Step, kind: Kind) -> Value {
        let (roster, officials) = lists(PEOPLE, kind.officials);
        let contest = contest.map(|contest| json!([contest.item, contest.round]));
        match act {
            Act::Import => json!({ "roster_csv_base64": base64(roster.as_bytes()),
                "officials_csv_base64": base64(officials.as_bytes()) }),
            Act::Settings => json!({ "title": "小会", "place": "二楼", "drill": true, "rounds": kind.rounds,
                "release": "close", "two_people": false }),
            Act::WindowClose => json!({ "present": PEOPLE }),
            Act::SlipVoid => {
                let text = self.slips.last().map_or("0000-0000-0000-0000", String::as_str);
                json!({ "text": text, "reason": "lost" })
            }
            Act::EnrolmentEnd => json!({ "unused": self.unused.as_u64().unwrap_or_default() }),
            Act::ContestPaper => json!({ "contest": contest, "issued": 0, "votes": [0, 0, 0, 0, 0] }),
            Act::Wifi => json!({ "ssid": "hall", "security": "nopass" }),
            Act::Countdown => json!({ "seconds": 60 }),
            Act::CheckIn => json!({ "numbers": [1], "state": "here" }),
            _ => contest.map_or(json!({}), |contest| json!({ "contests": [contest] })),
        }
    }

    /// All that an act could change.
    async fn all(&self) -> (Vec<u8>, Vec<u8>, Value, Value) {
        let (log, head) = (self.office.public("/log/entries").await, self.office.public("/log/checkpoint").await);
        (log.bytes, head.bytes, self.office.state().await, self.office.live().await)
    }

    /// What the table does not have is refused and changes nothing.
    async fn refuses_the_rest(&self, place: &Place, kind: Kind) -> usize {
        let (standing, before) = (place.model.standing(kind), self.all().await);
        let mut refused = 0;
        for step in kind.steps().into_iter().filter(|step| !standing.allows(step.0, step.1)) {
            let answered = self.office.post(&path(step), self.body(step, kind)).await;
            let said = answered.json();
            assert_eq!(answered.status, StatusCode::CONFLICT, "{step:?} at {standing:?}: {said}");
            assert!(!said["error"].as_str().unwrap().is_empty() && !said["what_to_do"].as_str().unwrap().is_empty());
            refused += 1;
        }
        assert!(self.all().await == before, "a refused act changed something at {standing:?}");
        refused
    }

    /// Whether the console offers what the model allows.
    async fn stands_as(&self, model: &Model, kind: Kind) -> bool {
        let (standing, state) = (model.standing(kind), self.office.state().await);
        let contests: BTreeMap<Contest, &str> = standing.rounds.iter().map(|(c, r)| (*c, r.state())).collect();
        let shown = state["contests"].as_array().unwrap().iter().map(|own| {
            let [item, round] = [0, 1].map(|at| own["contest"][at].as_u64().unwrap());
            let contest = Contest::new(u16::try_from(item).unwrap(), u8::try_from(round).unwrap());
            (contest, own["state"].as_str().unwrap())
        });
        let offered = |state: &Value| -> BTreeSet<String> {
            let own = state["acts"].as_array().unwrap().iter().map(|offer| offer["act"].as_str().unwrap());
            own.map(str::to_owned).collect()
        };
        let allowed = standing.stage.acts().iter().filter(|act| act.is_button() && standing.allows(**act, None));
        let allowed = allowed.filter(|act| !act.is_of_contest() || **act == Act::RehearsalDestroy);
        let sampled = state["roster"]["attendees"].as_u64() != Some(PEOPLE as u64);
        state["meeting_state"] == standing.stage.state()
            && (sampled || shown.collect::<BTreeMap<_, _>>() == contests)
            && offered(&state) == allowed.map(|act| act.path().to_owned()).collect()
    }

    /// Two acts at the same moment: as if one had come after the other.
    async fn race(&self, place: &Place, kind: Kind, (a, b): (Step, Step), ahead: u8, manifest: &Manifest) {
        let later = |of: u8| Duration::from_micros(if ahead == of { 500 } else { 0 });
        let post = |step: Step, wait: Duration| async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            self.office.post(&path(step), self.body(step, kind)).await
        };
        let (one, other) = tokio::join!(post(a, later(1)), post(b, later(2)));
        let got = (one.status == StatusCode::OK, other.status == StatusCode::OK);
        for (step, answered) in [(a, &one), (b, &other)] {
            let fine = matches!(answered.status, StatusCode::OK | StatusCode::CONFLICT);
            assert!(fine, "{step:?} of {a:?} and {b:?}: {} {}", answered.status, answered.json());
        }
        let mut ways = Vec::new();
        for (first, second, swapped) in [(a, b, false), (b, a, true)] {
            let between = place.model.after(first, manifest);
            let miscounted = (first.0, second.0) == (Act::SlipVoid, Act::EnrolmentEnd);
            let then = between.standing(kind).allows(second.0, second.1) && !miscounted;
            let end = if then { between.after(second, manifest) } else { between };
            ways.push((if swapped { (then, true) } else { (true, then) }, end));
        }
        let mut stands = false;
        for (_, end) in ways.iter().filter(|(statuses, _)| *statuses == got) {
            stands |= self.stands_as(end, kind).await;
        }
        assert!(
            stands,
            "{a:?} and {b:?} at {:?}: {} / {}, {}",
            place.model.standing(kind),
            one.json(),
            other.json(),
            self.office.state().await["acts"]
        );
    }

    /// Brings the meeting to its end; the log's order holds all along, and the bundle verifies.
    async fn ends(&self) {
        const NEXT: [&str; 7] = [
            "window/close",
            "contest/close",
            "contest/publish",
            "rehearsal/destroy",
            "enrolment/end",
            "archive",
            "window/open",
        ];
        for _ in 0..32 {
            let state = self.office.state().await;
            if state["meeting_state"] == "preparing" {
                return;
            }
            let manifest = self.office.manifest().await;
            Log::decode(&manifest, &self.office.public("/log/entries").await.bytes).expect("the order of the log");
            if state["meeting_state"] == "archived" {
                let zip = self.office.public("/bundle.zip").await.bytes;
                assert_eq!(audit::audit(&zip, &[]).outcome, audit::Outcome::Held);
                return;
            }
            let offers = |acts: &Value, next: &str| acts.as_array().unwrap().iter().any(|act| act["act"] == next);
            let contests = state["contests"].as_array().unwrap();
            let of =
                |next: &str| contests.iter().find(|own| offers(&own["acts"], next)).map(|own| own["contest"].clone());
            let found = NEXT.iter().find(|next| offers(&state["acts"], next) || of(next).is_some());
            let next = *found.expect("something can always be done");
            let present = state["checkin"]["came"].as_u64().filter(|_| state["checkin"]["in_use"] == true);
            let body = match next {
                "window/close" => json!({ "present": present.unwrap_or(PEOPLE as u64) }),
                "enrolment/end" => json!({ "unused": state["frozen"]["unused"] }),
                "contest/close" | "contest/publish" => json!({ "contests": [of(next)] }),
                _ => json!({}),
            };
            self.office.act(&format!("/desk/{next}"), body).await;
        }
        panic!("the meeting does not end");
    }
}

fn path(Step(act, _): Step) -> String {
    format!("/desk/{}", act.path())
}

/// One case: to the place, what is not allowed there, two acts at once, and on to the end.
async fn case(place: &Place, kind: Kind, pair: Option<(Step, Step)>, ahead: u8, manifest: &Manifest) -> usize {
    let scene = Scene::at(place, kind).await;
    assert!(scene.stands_as(&place.model, kind).await, "{:?}", place.model.standing(kind));
    let refused = scene.refuses_the_rest(place, kind).await;
    if let Some(pair) = pair {
        scene.race(place, kind, pair, ahead, manifest).await;
    }
    scene.ends().await;
    scene.office.stop().await;
    refused
}

async fn manifest(kind: Kind) -> Manifest {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(PEOPLE, kind.officials, json!({ "rounds": kind.rounds })).await;
    let manifest = office.manifest().await;
    office.stop().await;
    manifest
}

#[test]
fn two_different_acts_at_once_are_one_after_the_other_and_the_rest_is_refused() {
    let machine = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let long = std::env::var("DOUXUAN_LONG").is_ok_and(|value| value == "1");
    let (mut raced, mut refused, mut stages) = (BTreeSet::new(), 0, BTreeSet::new());
    for kind in KINDS {
        let manifest = machine.block_on(manifest(kind));
        let places = Place::all(kind, &manifest);
        for (stage, _) in STAGES {
            let here: Vec<(&Place, Vec<(Step, Step)>)> = places
                .iter()
                .filter(|place| place.model.standing(kind).stage == stage)
                .map(|place| (place, place.pairs(kind)))
                .collect();
            assert!(!here.is_empty(), "{stage:?} is not reached");
            stages.insert(stage);
            if long && kind.officials == 1 {
                for (place, pairs) in &here {
                    for (at, pair) in pairs.iter().enumerate() {
                        let ahead = u8::try_from(at % 3).unwrap();
                        refused += machine.block_on(case(place, kind, Some(*pair), ahead, &manifest));
                        raced.insert((pair.0.0, pair.1.0));
                    }
                }
                continue;
            }
            let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
            let seed = [stage as u8 + 1; 32];
            let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
            let drawn = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3u8);
            let done = std::cell::RefCell::new((BTreeSet::new(), 0));
            let ran = runner.run(&drawn, |(place, pair, ahead)| {
                let (place, pairs) = &here[place.index(here.len())];
                let pair = (!pairs.is_empty()).then(|| pairs[pair.index(pairs.len())]);
                let refused = machine.block_on(case(place, kind, pair, ahead, &manifest));
                let mut done = done.borrow_mut();
                done.1 += refused;
                done.0.extend(pair.map(|(a, b)| (a.0, b.0)));
                Ok(())
            });
            ran.unwrap();
            let (pairs, count) = done.into_inner();
            raced.extend(pairs);
            refused += count;
        }
    }
    assert_eq!(stages.len(), STAGES.len());
    assert!(raced.len() > 20 && refused > 500, "{} pairs, {refused} refusals", raced.len());
    println!("{} pairs of acts raced, {refused} acts refused", raced.len());
}

#[test]
fn the_model_reaches_every_stage_and_enough_states() {
    let machine = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for kind in KINDS {
        let manifest = machine.block_on(manifest(kind));
        let places = Place::all(kind, &manifest);
        let stages: BTreeSet<Stage> = places.iter().map(|place| place.model.standing(kind).stage).collect();
        let pairs: usize = places.iter().map(|place| place.pairs(kind).len()).sum();
        assert_eq!(stages.len(), STAGES.len());
        assert!(places.len() > 50 && pairs > 300, "{} states, {pairs} pairs", places.len());
        println!("{kind:?}: {} states, {pairs} pairs", places.len());
    }
}
