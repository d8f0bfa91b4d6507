//! Meetings written down without their ballots: manifest, log, lists and a result that is computed and signed as
//! always, while boards are roots alone. Whatever reads figures and names sees an archived meeting, of any size.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod payloads;
pub mod reading;
pub mod twice;

use douxuan_crypto::{
    blind::IssuerKey,
    board::is_withheld,
    bundle::Bundle,
    contest::Contest,
    count::Counts,
    hash::sha256,
    lists::{Lists, Redeemed, Voided, redeemed_root},
    log::{Act, Entry, Log, LoggedTally, PaperCount, Reason},
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ReleaseKind, ReleaseRule, Report},
    result::ResultNote,
    seal::SealingKey,
    sign::SigningKey,
    summary,
    token::{Mask, TokenLeaf},
};
use rand::{SeedableRng, rngs::StdRng};

/// How a round ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Published,
    VoidedBefore,
    VoidedAfter,
}

/// A round: votes of phones by option, papers, and how it ended.
pub struct Round {
    pub contest: Contest,
    pub votes: Vec<u32>,
    pub paper: Option<PaperCount>,
    pub ending: Ending,
}

impl Round {
    pub fn new(item: u16, round: u8, votes: &[u32]) -> Self {
        let contest = Contest::new(item, round);
        Self { contest, votes: votes.to_vec(), paper: None, ending: Ending::Published }
    }

    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Issued, invalid, not graded, and votes by option.
    pub fn with_paper(mut self, [issued, invalid, ungraded]: [u32; 3], votes: &[u32]) -> Self {
        self.paper = Some(PaperCount { issued, invalid, ungraded, votes: votes.to_vec() });
        self
    }
}

pub fn official(number: u16, name: &str, rounds: u8) -> Item {
    Item {
        number,
        name: name.to_owned(),
        unit: format!("示例第{number}乡镇纪委"),
        post: "书记".to_owned(),
        report: if number % 2 == 1 { Report::Oral } else { Report::Written },
        rounds,
    }
}

/// A result note and all around it. 500 are expected; 400 phones enrol in the first window, 20 more in the second;
/// 10 people vote on paper; one slip is lost.
pub fn bundle(items: Vec<Item>, rounds: &[Round], change: impl FnOnce(&mut ManifestDraft)) -> Vec<u8> {
    const ENROLLED: [u16; 2] = [400, 20];
    const SLIPS: u16 = 450;
    let mut rng = StdRng::seed_from_u64(20);
    let meeting = [0x5a; 16];
    let contests = ManifestDraft::contests_of(&items);
    let keys = |contest: &Contest, rng: &mut StdRng| ContestKeys {
        contest: *contest,
        k: *IssuerKey::derive(&[7; 32], &meeting, *contest).unwrap().public(),
        e: SealingKey::generate(rng).public(),
    };
    let contests = contests.iter().map(|contest| keys(contest, &mut rng)).collect();
    let [receipt, log_key, result_key] = [(); 3].map(|()| SigningKey::generate(&mut rng));
    let mut draft = ManifestDraft {
        meeting,
        title: "示例县纪委监委述职述责述廉会议".to_owned(),
        date: "2026-12-14".to_owned(),
        place: "示例会议室".to_owned(),
        expected: 500,
        items,
        contests,
        e_0: SealingKey::generate(&mut rng).public(),
        scale: ManifestDraft::default_scale(),
        thresholds: ManifestDraft::default_thresholds(),
        leaves: u32::from(SLIPS),
        token_root: [9; 32],
        receipt_key: receipt.verifying(),
        log_key: log_key.verifying(),
        result_key: result_key.verifying(),
        release: ReleaseRule { kind: ReleaseKind::Close, n: 5, f: 5 },
        page_script: [1; 32],
        page_wasm: [2; 32],
    };
    change(&mut draft);
    let manifest = draft.freeze().unwrap();

    let token = |n: u16| sha256(&n.to_be_bytes());
    let mask = || Mask::excluding(manifest.items.len(), &[]);
    let redeemed = |n: u16| Redeemed {
        token: token(n),
        mask: mask(),
        request_hash: [0; 32],
        signature: [0; 64],
        window: if n < ENROLLED[0] { 1 } else { 2 },
    };
    let enrolled = ENROLLED.iter().sum::<u16>();
    let void = |n: u16, reason| Voided { token: token(n), reason, window: 1 };
    let mut lists = Lists {
        leaves: (0..SLIPS).map(|n| TokenLeaf { t: token(n), mask: mask() }).collect(),
        redeemed: (0..enrolled).map(redeemed).collect(),
        voided: (0..11).map(|n| void(enrolled + n, if n < 10 { Reason::Paper } else { Reason::Lost })).collect(),
    };
    lists.leaves.sort_unstable();
    lists.redeemed.sort_unstable_by_key(|r| r.token);
    lists.voided.sort_unstable_by_key(|v| v.token);

    let mut log = Log::new(&manifest);
    let mut act = |act| log.append(&Entry::unnamed(act)).unwrap();
    act(Act::Manifest { id: manifest.id });
    act(Act::WindowOpened { window: 1 });
    for voided in &lists.voided {
        act(Act::SlipVoided { slip: voided.token, reason: voided.reason, window: 1 });
    }
    for (window, present) in [(1, 410), (2, 430)] {
        if window == 2 {
            act(Act::WindowOpened { window });
        }
        let all = ENROLLED.iter().take(usize::from(window)).sum::<u16>();
        let root = redeemed_root(&lists.redeemed, window);
        act(Act::WindowClosed { window, present, redeemed: u32::from(all), root });
    }
    for round in rounds {
        play(round, &mut act);
    }
    let unused = u32::from(SLIPS - enrolled - 11);
    act(Act::EnrolmentEnded { windows: 2, unused });

    let counts = Counts::compute(&manifest, log.state(), &lists);
    assert_eq!(counts.violations(), Vec::new());
    let result = ResultNote::of_log(&manifest, &log, &counts).sign(&manifest, &result_key);
    log.append(&Entry::unnamed(Act::Result { hash: sha256(result.as_bytes()) })).unwrap();
    let bundle = Bundle {
        manifest: manifest.bytes.clone(),
        log_checkpoint: log.checkpoint(&manifest, &log_key).into_bytes(),
        log_entries: log.encode(),
        leaves: lists.leaves_file(),
        redeemed: lists.redeemed_file(),
        voided: lists.voided_file(),
        result: result.into_bytes(),
        summary: summary::text(&manifest, &counts).into_bytes(),
        ..Bundle::default()
    };
    bundle.to_zip().unwrap()
}

fn play(round: &Round, act: &mut impl FnMut(Act)) {
    let contest = round.contest;
    let size = round.votes.iter().sum();
    act(Act::ContestOpened { contest, window: 2 });
    act(Act::ContestClosed { contest, size, root: sha256(contest.to_string().as_bytes()) });
    if let Some(paper) = round.paper.clone() {
        act(Act::PaperCounted { contest, paper });
    }
    let figures = LoggedTally { votes: round.votes.clone(), opening: [0; 32] };
    let tally = (!is_withheld(usize::try_from(size).unwrap())).then_some(figures);
    if round.ending != Ending::VoidedBefore {
        act(Act::ContestPublished { contest, tally, proofs: Vec::new() });
    }
    if round.ending != Ending::Published {
        act(Act::ContestVoided { contest, after: round.ending == Ending::VoidedAfter });
    }
}

/// A meeting with every ending a round can have, papers, two rounds, and an official about whom nobody voted.
pub fn every_ending() -> Vec<u8> {
    let names = ["王喆", "李翀", "欧阳堃", "赵璟", "陈镕", "周末", "吴起"];
    let rounds = [2, 2, 1, 1, 1, 1, 1];
    let items = (1u16..).zip(names.into_iter().zip(rounds)).map(|(n, (name, rounds))| official(n, name, rounds));
    let played = [
        Round::new(1, 1, &[100, 100, 50, 40, 10]).ending(Ending::VoidedAfter),
        // 较差 11 of 55: exactly 20 %, papers included.
        Round::new(1, 2, &[31, 8, 2, 10, 4]).with_paper([6, 1, 0], &[3, 0, 0, 1, 1]),
        Round::new(2, 1, &[9, 9, 9, 9, 9]).ending(Ending::VoidedBefore),
        // 100 of 333: over 30 %.
        Round::new(2, 2, &[200, 20, 13, 100, 1]),
        // One of three: too few to be shown, and its papers with it.
        Round::new(3, 1, &[2, 0, 0, 1, 0]).with_paper([4, 0, 3], &[0; 5]),
        Round::new(4, 1, &[0; 5]),
        // Nothing but abstentions: no base.
        Round::new(5, 1, &[0, 0, 0, 0, 12]),
        // 29.95 %: not over 30 %, though it is written as 30.0 %.
        Round::new(6, 1, &[145, 0, 0, 62, 0]),
    ];
    bundle(items.collect(), &played, |_| {})
}

/// 60 officials with two rounds each, and papers in every other one.
pub fn sixty() -> Vec<u8> {
    let items = (1..=60).map(|number| official(number, &format!("示例{number}"), 2)).collect();
    let mut rounds = Vec::new();
    for item in 1..=60u16 {
        let n = u32::from(item);
        rounds.push(Round::new(item, 1, &[60 + n, 90, 80 - n, 3 * n, n % 7]).ending(Ending::VoidedAfter));
        let second = Round::new(item, 2, &[140, 60 + n, 50, n, 9]);
        rounds.push(if item % 2 == 0 { second.with_paper([9, 1, 0], &[3, 2, 1, 1, 0]) } else { second });
    }
    bundle(items, &rounds, |_| {})
}

/// The result note's lines, taken apart by nothing but spaces.
pub fn note_lines(zip: &[u8]) -> Vec<Vec<String>> {
    let bundle = Bundle::from_zip(zip).unwrap();
    let text = String::from_utf8(bundle.result).unwrap();
    let text = text.split("\n\n").next().unwrap();
    text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

/// The lines of each contest, by its name.
pub fn contests_of(zip: &[u8]) -> Vec<(String, std::collections::BTreeMap<String, Vec<String>>)> {
    let mut contests: Vec<(String, std::collections::BTreeMap<String, Vec<String>>)> = Vec::new();
    for line in note_lines(zip) {
        let (kind, words) = line.split_first().unwrap();
        if kind == "contest" {
            contests.push((words[0].clone(), std::collections::BTreeMap::new()));
        }
        if let Some((_, lines)) = contests.last_mut() {
            lines.insert(kind.clone(), words.to_vec());
        }
    }
    contests
}

/// The manifest of a bundle.
pub fn manifest_of(zip: &[u8]) -> Manifest {
    Manifest::parse(&Bundle::from_zip(zip).unwrap().manifest).unwrap()
}
