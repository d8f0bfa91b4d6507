//! Two operators who do different things at once, in every state of a meeting: what happens is what one after the other
//! would have been, and what the table does not have is refused and changes nothing.
//!
//! The states are those that a model of the table can reach; the server is brought to each of them over HTTP. A fixed
//! number of cases is drawn for each stage; `DOUXUAN_LONG=1` goes through all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod model;
#[path = "../office/mod.rs"]
mod office;
mod scene;

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
    log::{Act as Logged, Entry, Log, LogState},
    manifest::Manifest,
};
use office::{
    Office,
    acts::{logged, phase},
    base64, lists, start,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use model::Place;
use scene::Scene;

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
