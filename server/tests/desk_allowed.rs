//! The table of allowed acts, compared with the log's order rules in every state that acts can reach, and walked over
//! HTTP: every row works, twice at once has one winner.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::{Method, StatusCode};
use douxuan::{
    desk::allowed::{Act, Facts, ROUNDS, Round, STAGES, Stage, Standing},
    messages::{self, Language},
    staff,
    urn::Phase,
};
use douxuan_crypto::{
    contest::Contest,
    log::{Act as Logged, Entry, LogState, PaperCount},
    manifest::Manifest,
    token::Slip,
};
use office::{
    Answered, Office, Phone,
    acts::{logged, phase},
    base64, lists, start,
};
use serde_json::{Value, json};

const ONE: Contest = Contest::new(1, 1);
const TWO: Contest = Contest::new(1, 2);

fn takes(log: &LogState, act: Logged) -> bool {
    log.clone().apply(&Entry::unnamed(act)).is_ok()
}

fn standing(log: &LogState, phases: &[(Contest, Phase)], slips: bool, wrong: &BTreeSet<Contest>) -> Standing {
    Standing::of(&Facts { log, phases, slips, wrong: false, wrong_contests: wrong })
}

/// Every log that acts on one official with two rounds and the rehearsal can make, with two windows.
fn reachable(manifest: &Manifest) -> Vec<LogState> {
    let mut begun = LogState::new(manifest);
    begun.apply(&Entry::unnamed(Logged::Manifest { id: manifest.id })).unwrap();
    let (mut seen, mut queue, mut all) = (BTreeSet::new(), VecDeque::from([begun]), Vec::new());
    while let Some(log) = queue.pop_front() {
        if !seen.insert(format!("{log:?}")) {
            continue;
        }
        let contests = [Contest::REHEARSAL, ONE, TWO];
        for act in Act::ALL {
            for contest in contests {
                let Some(act) = logged(&log, act, contest, [9, 9]) else { continue };
                let many = matches!(act, Logged::WindowOpened { window: 3.. } | Logged::SlipVoided { .. });
                let mut next = log.clone();
                if !many && next.apply(&Entry::unnamed(act)).is_ok() {
                    queue.push_back(next);
                }
            }
        }
        all.push(log);
    }
    all
}

#[tokio::test]
async fn the_table_says_what_the_logs_order_says_in_every_state_that_can_be_reached() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 1, json!({ "rounds": 2 })).await;
    let manifest = office.manifest().await;
    office.stop().await;

    let (mut stages, mut rounds, mut asked) = (BTreeSet::new(), BTreeSet::new(), 0);
    let all = reachable(&manifest);
    for log in &all {
        let contests = [Contest::REHEARSAL, ONE, TWO];
        let phases: Vec<(Contest, Phase)> = contests.iter().map(|c| (*c, phase(log, *c))).collect();
        for slips in [true, false] {
            let stands = standing(log, &phases, slips, &BTreeSet::new());
            stages.insert(stands.stage);
            rounds.extend(stands.rounds.values().copied());
            let begun = log.closed_windows() > 0 || log.open_window().is_some();
            for act in Act::ALL {
                for contest in contests {
                    let of = act.is_of_contest().then_some(contest);
                    let by_log = logged(log, act, contest, [9, 9]).map(|act| takes(log, act));
                    let archived = log.result().is_some();
                    let expected = match act {
                        // The same archive may be written again.
                        Act::Archive => by_log.unwrap() || archived,
                        Act::Sample | Act::Import | Act::Settings | Act::Freeze => false,
                        Act::SlipsPrinted => !begun && !archived && slips,
                        Act::SlipsAgain => !begun && !archived,
                        Act::MeetingNew => {
                            let untouched = |(contest, record): (&Contest, &douxuan_crypto::log::ContestRecord)| {
                                *contest == Contest::REHEARSAL && record.destroyed
                            };
                            archived || (log.unused().is_none() && log.contests().iter().all(untouched))
                        }
                        Act::Wifi => true,
                        Act::Countdown | Act::CheckIn => !archived,
                        _ => by_log.unwrap(),
                    };
                    assert_eq!(stands.allows(act, of), expected, "{act:?} of {contest} at {stands:?}: {log:?}");
                    assert_eq!(stands.check(act, of).is_ok(), expected);
                    asked += 1;
                }
            }
        }
    }
    assert!(all.len() > 200 && asked > 20_000, "{} states, {asked} questions", all.len());
    let unreached: Vec<Stage> = STAGES.iter().map(|row| row.0).filter(|stage| !stages.contains(stage)).collect();
    assert_eq!(unreached, [Stage::Empty, Stage::Drafted], "these have no log");
    let alarms = [
        Round::Stopped,
        Round::Unlogged,
        Round::Halfway,
        Round::Closing,
        Round::Wrong,
        Round::WrongCounted,
        Round::Withheld,
        Round::TrialStopped,
    ];
    let unreached: Vec<Round> = ROUNDS.iter().map(|row| row.0).filter(|round| !rounds.contains(round)).collect();
    assert_eq!(unreached, alarms, "these follow from the urn or the counts, below");
}

#[tokio::test]
async fn an_alarm_lets_go_on_with_what_was_begun_and_a_wrong_count_only_void() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(6, 1, json!({ "rounds": 2 })).await;
    let manifest = office.manifest().await;
    office.stop().await;
    let mut log = LogState::new(&manifest);
    let apply = |log: &mut LogState, act: Logged| log.apply(&Entry::unnamed(act)).unwrap();
    apply(&mut log, Logged::Manifest { id: manifest.id });
    apply(&mut log, Logged::WindowOpened { window: 1 });
    apply(&mut log, Logged::WindowClosed { window: 1, present: 9, redeemed: 9, root: [0; 32] });
    let none = BTreeSet::new();
    let acts = |log: &LogState, contest: Contest, phase: Phase, wrong: &BTreeSet<Contest>| -> (Round, Vec<Act>) {
        let stands = standing(log, &[(contest, phase)], false, wrong);
        let allowed = Act::ALL.into_iter().filter(|act| act.is_of_contest() && stands.allows(*act, Some(contest)));
        (stands.rounds[&contest], allowed.collect())
    };
    let rehearsal = Contest::REHEARSAL;
    assert_eq!(acts(&log, ONE, Phase::Stopped, &none), (Round::Unlogged, vec![Act::ContestOpen]));
    apply(&mut log, Logged::ContestOpened { contest: rehearsal, window: 1 });
    let both = vec![Act::ContestOpen, Act::RehearsalDestroy];
    assert_eq!(acts(&log, rehearsal, Phase::Stopped, &none), (Round::TrialStopped, both));
    apply(&mut log, Logged::RehearsalDestroyed);
    apply(&mut log, Logged::ContestOpened { contest: ONE, window: 1 });
    let both = vec![Act::ContestOpen, Act::ContestClose];
    assert_eq!(acts(&log, ONE, Phase::Stopped, &none), (Round::Stopped, both));
    assert_eq!(acts(&log, ONE, Phase::Closing, &none), (Round::Closing, vec![]));
    apply(&mut log, Logged::ContestClosed { contest: ONE, size: 9, root: [0; 32] });
    let wrong = BTreeSet::from([ONE]);
    assert_eq!(acts(&log, ONE, Phase::Closed, &wrong), (Round::Wrong, vec![Act::ContestPaper, Act::ContestVoid]));
    let on = vec![Act::ContestClose, Act::ContestPublish, Act::ContestVoid];
    assert_eq!(acts(&log, ONE, Phase::Stopped, &none), (Round::Halfway, on));
    apply(&mut log, Logged::PaperCounted { contest: ONE, paper: PaperCount::none(5) });
    assert_eq!(acts(&log, ONE, Phase::Closed, &wrong), (Round::WrongCounted, vec![Act::ContestVoid]));
    apply(&mut log, Logged::EnrolmentEnded { windows: 1, unused: 0 });
    apply(&mut log, Logged::ContestPublished { contest: ONE, tally: None, proofs: Vec::new() });
    assert_eq!(acts(&log, ONE, Phase::Withheld, &none), (Round::Withheld, vec![Act::ContestVoid]));
    // Everything has an outcome, and a count does not hold: nothing is archived.
    assert!(standing(&log, &[], false, &none).allows(Act::Archive, None));
    assert!(!standing(&log, &[], false, &wrong).allows(Act::Archive, None));
}

struct Scene {
    office: Office,
    slips: Vec<Slip>,
    _data: tempfile::TempDir,
}

impl Scene {
    async fn act(&self, path: &str, body: Value) {
        self.office.act(&format!("/desk/{path}"), body).await;
    }

    async fn contests(&self, path: &str, contests: &[[u16; 2]]) {
        self.act(&format!("contest/{path}"), json!({ "contests": contests })).await;
    }

    async fn end(&self) {
        let unused = self.office.state().await["frozen"]["unused"].clone();
        self.act("enrolment/end", json!({ "unused": unused })).await;
    }

    /// A meeting brought to a stage, with as many states of contests in it as fit.
    async fn reach(stage: Stage) -> Self {
        let data = tempfile::tempdir().unwrap();
        let office = start(data.path()).await.unwrap();
        let mut scene = Self { office, slips: Vec::new(), _data: data };
        if stage == Stage::Empty {
            return scene;
        }
        scene.act("sample", json!({})).await;
        if stage == Stage::Drafted {
            return scene;
        }
        scene.office.small(6, 2, json!({ "rounds": 2 })).await;
        scene.slips = scene.office.slips().await;
        let manifest = scene.office.manifest().await;
        if stage == Stage::Printing {
            return scene;
        }
        scene.act("slips/printed", json!({})).await;
        if stage == Stage::Printed {
            return scene;
        }
        scene.act("window/open", json!({})).await;
        for n in 0..3 {
            scene.office.enrol(Phone::new(&manifest, &scene.slips[n], n as u64).wire).await;
        }
        if stage == Stage::Enrolling {
            return scene;
        }
        scene.act("checkin", json!({ "numbers": [1, 2, 3, 4, 5, 6], "state": "here" })).await;
        scene.act("window/close", json!({ "present": 6 })).await;
        match stage {
            Stage::Rehearsing => scene.contests("open", &[[0, 0]]).await,
            Stage::Reopened | Stage::Between | Stage::Voting | Stage::Ended => {
                scene.contests("open", &[[1, 1], [2, 1]]).await;
                scene.contests("close", &[[1, 1], [2, 1]]).await;
                scene.contests("void", &[[2, 1]]).await;
                match stage {
                    Stage::Reopened => scene.act("window/open", json!({})).await,
                    Stage::Voting | Stage::Ended => scene.contests("open", &[[2, 2], [0, 0]]).await,
                    _ => {}
                }
                if stage == Stage::Ended {
                    scene.end().await;
                }
            }
            Stage::Complete | Stage::Archived => {
                scene.contests("open", &[[1, 1]]).await;
                scene.contests("close", &[[1, 1]]).await;
                scene.contests("publish", &[[1, 1]]).await;
                scene.end().await;
                if stage == Stage::Archived {
                    scene.act("archive", json!({})).await;
                }
            }
            _ => {}
        }
        scene
    }

    /// A body with which the act is right, if the stage offers it at all.
    fn body(&self, act: Act, state: &Value) -> Option<Value> {
        let (roster, officials) = lists(6, 2);
        let offers = |acts: &Value| acts.as_array().unwrap().iter().any(|offer| offer["act"] == act.path());
        let contests = state["contests"].as_array().unwrap();
        let contest = contests.iter().find(|c| offers(&c["acts"])).map(|c| c["contest"].clone());
        Some(match act {
            Act::Import => json!({ "roster_csv_base64": base64(roster.as_bytes()),
                "officials_csv_base64": base64(officials.as_bytes()) }),
            Act::Settings => json!({ "place": "二楼" }),
            Act::WindowClose => json!({ "present": 6 }),
            Act::SlipVoid => json!({ "text": self.slips[5].token.text().as_str(), "reason": "lost" }),
            Act::EnrolmentEnd => json!({ "unused": state["frozen"]["unused"] }),
            Act::ContestPaper => json!({ "contest": contest?, "issued": 0, "votes": [0, 0, 0, 0, 0] }),
            Act::Wifi => json!({ "ssid": "hall", "security": "nopass" }),
            Act::Countdown => json!({ "seconds": 60 }),
            Act::CheckIn => json!({ "numbers": [1], "state": "here" }),
            _ if act.is_of_contest() && act != Act::RehearsalDestroy => json!({ "contests": [contest?] }),
            _ => json!({}),
        })
    }
}

/// An answer without what was before, which the second of two finds changed.
fn settled(answered: &Answered) -> Value {
    let mut answer = answered.json();
    for person in answer["people"].as_array_mut().into_iter().flatten() {
        person["before"] = Value::Null;
    }
    answer
}

/// Every placeholder of a text has its value, in both languages.
fn words_are_there(state: &Value) {
    let contests = state["contests"].as_array().unwrap().iter().map(|contest| &contest["acts"]);
    for offer in contests.chain([&state["acts"]]).flat_map(|acts| acts.as_array().unwrap()) {
        let label = format!("act.{}", offer["act"].as_str().unwrap().replace('/', "_"));
        let says = format!("act.says_{}", offer["says"].as_str().unwrap());
        let fields = offer["fields"].as_array().unwrap().iter().map(|f| format!("act.field_{}", f.as_str().unwrap()));
        for language in [Language::Chinese, Language::English] {
            for key in fields.clone().chain([label.clone(), says.clone()]) {
                assert_ne!(messages::text(language, &key), key, "{key} has no words");
            }
            let values: Vec<(String, String)> =
                offer["values"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.to_string())).collect();
            let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let filled = messages::fill(language, &says, &values);
            assert!(!filled.contains('{'), "{says}: {filled}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_works_and_the_same_act_twice_at_once_has_one_winner_or_one_answer() {
    let mut done: BTreeMap<Act, usize> = BTreeMap::new();
    for (stage, acts) in STAGES {
        for act in acts {
            let scene = Scene::reach(stage).await;
            let state = scene.office.state().await;
            assert_eq!(state["meeting_state"], stage.state(), "{stage:?}");
            assert_eq!(scene.office.live().await["phase"], stage.state(), "{stage:?}");
            words_are_there(&state);
            // Rows that need an alarm are not reached here.
            if let Some(body) = scene.body(*act, &state) {
                let path = format!("/desk/{}", act.path());
                let (a, b) =
                    tokio::join!(scene.office.post(&path, body.clone()), scene.office.post(&path, body.clone()));
                let statuses = BTreeSet::from([a.status, b.status]);
                let one_winner = statuses == BTreeSet::from([StatusCode::OK, StatusCode::CONFLICT]);
                let same_answer = statuses == BTreeSet::from([StatusCode::OK]) && settled(&a) == settled(&b);
                assert!(one_winner || same_answer, "{stage:?} {act:?} {body}: {} / {}", a.json(), b.json());
                *done.entry(*act).or_default() += 1;
            }
            scene.office.stop().await;
        }
    }
    assert_eq!(done.len(), Act::ALL.len(), "every act was done somewhere: {done:?}");
}

#[tokio::test]
async fn a_refused_batch_of_contests_changes_none_of_them() {
    let scene = Scene::reach(Stage::Seated).await;
    for wrong in [json!([[1, 1], [1, 2]]), json!([[1, 1], [9, 1]]), json!([[1, 1], [1, 1]]), json!([])] {
        scene.office.refused("/desk/contest/open", json!({ "contests": wrong })).await;
    }
    let live = scene.office.live().await;
    assert!(live["contests"].as_array().unwrap().iter().all(|contest| contest["state"] == "unopened"));
    scene.office.stop().await;
}

#[test]
fn every_act_of_the_desk_stands_in_the_table_of_rights() {
    for act in Act::ALL {
        let path = format!("/desk/{}", act.path());
        let known = staff::Act::of(&Method::POST, &path, br#"{"contests":[[1,1]]}"#);
        assert!(known.is_some(), "nobody may {path}");
        assert!(staff::Act::of(&Method::POST, &format!("{path}/"), b"{}").is_none(), "another path");
    }
    for read in [
        "state",
        "bundle.zip",
        "papers.xlsx",
        "papers.csv",
        "papers.pdf",
        "slips",
        "slips.json",
        "wifi",
        "checkin",
        "checkin/sheet",
    ] {
        assert!(staff::Act::of(&Method::GET, &format!("/desk/{read}"), b"").is_some(), "nobody may read {read}");
    }
}
