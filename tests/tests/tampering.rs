//! Nobody changes a record and keeps its audit: T20, T50 and T51 of the catalogue, in both verifiers.
//!
//! `DOUXUAN_LONG=1` flips every byte instead of every few.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use douxuan_crypto::{
    audit::{Outcome, Runner, Step, audit, audit_with},
    bundle::Bundle,
    contest::Contest,
};
use douxuan_tests::{
    forge::{Case, Cast, Draft, Office, forged_cases, honest_cases, receipts, redeem},
    mutants::{self, Mutant, any_xor},
    second::{Said, python_says},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// All cores; which thread has which job depends on the moment.
struct Threads;

impl Runner for Threads {
    fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        if i >= jobs {
                            break;
                        }
                        job(i);
                    }
                });
            }
        });
    }
}

/// The results of many jobs, in order.
fn spread<T: Send>(jobs: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let slots: Vec<std::sync::Mutex<Option<T>>> = (0..jobs).map(|_| std::sync::Mutex::new(None)).collect();
    Threads.run(jobs, &|i| *slots[i].lock().unwrap() = Some(job(i)));
    slots.into_iter().map(|slot| slot.into_inner().unwrap().unwrap()).collect()
}

fn long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}

/// A small bundle with every shape of board, two options.
fn small() -> (Vec<u8>, Bundle) {
    let case = honest_cases().into_iter().find(|c| c.name == "two options").unwrap();
    let bundle = Bundle::from_zip(&case.zip).unwrap();
    assert_eq!(bundle.to_zip().unwrap(), case.zip);
    (case.zip, bundle)
}

/// Both verifiers refuse all of them, and say the same.
fn both_refuse(name: &str, mutants: &[Mutant]) {
    let rust = spread(mutants.len(), |i| Said::of(&audit(&mutants[i].zip, &[])));
    for (mutant, said) in mutants.iter().zip(&rust) {
        assert_ne!(said.exit, 0, "{}: not refused", mutant.name);
    }
    let python = python_says(name, mutants.iter().map(|m| (m.zip.as_slice(), &[][..])));
    let differ: Vec<String> = mutants
        .iter()
        .zip(rust.iter().zip(&python))
        .filter(|(_, (rust, python))| rust != python)
        .map(|(m, (rust, python))| format!("{}: Rust {:?}, Python {:?}", m.name, short(rust), short(python)))
        .collect();
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), mutants.len(), differ.join("\n"));
    println!("{name}: {} mutants refused by both with equal verdicts", mutants.len());
}

fn short(said: &Said) -> (u8, Option<&str>) {
    (said.exit, said.failed.as_deref())
}

#[test]
fn honest_meetings_hold_and_each_forgery_fails_at_its_step_in_both_verifiers() {
    let cases: Vec<Case> = honest_cases().into_iter().chain(forged_cases()).collect();
    for step in Step::ALL.into_iter().filter(|s| *s != Step::Cosignatures) {
        assert!(cases.iter().any(|c| c.fails == Some(step)), "no forgery for {step}");
    }
    let rust = spread(cases.len(), |i| audit(&cases[i].zip, &cases[i].receipts));
    let mut wrong = Vec::new();
    for (case, report) in cases.iter().zip(&rust) {
        let expected = case.fails.map_or(Outcome::Held, Outcome::Failed);
        if report.outcome != expected {
            let why = report.steps.iter().find_map(|s| s.why.as_ref());
            wrong.push(format!("{}: {:?} instead of {expected:?} ({why:?})", case.name, report.outcome));
        }
    }
    let python = python_says("forged", cases.iter().map(|c| (c.zip.as_slice(), c.receipts.as_slice())));
    for (case, (rust, python)) in cases.iter().zip(rust.iter().map(Said::of).zip(&python)) {
        if rust != *python {
            wrong.push(format!("{}: Rust {rust:?}\n    Python {python:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} cases: each fails exactly at its step in both verifiers", cases.len());
}

#[test]
fn the_report_does_not_depend_on_threads() {
    for case in honest_cases().into_iter().chain(forged_cases().into_iter().step_by(3)) {
        let alone = audit(&case.zip, &case.receipts);
        assert_eq!(alone, audit_with(&case.zip, &case.receipts, &Threads), "{}", case.name);
        assert_eq!(alone.steps.len(), 14);
    }
}

/// What an office copies into its minutes.
#[test]
fn the_sentences_of_an_honest_meeting() {
    let case = honest_cases().into_iter().find(|c| c.name == "honest, every receipt").unwrap();
    let report = audit(&case.zip, &case.receipts);
    let zh: Vec<&str> = report.steps.iter().map(|s| s.zh.as_str()).collect();
    let code = report.meeting.as_ref().unwrap().screen_code.clone();
    assert_eq!(
        zh,
        [
            format!("会议清单格式严格，5 项共 7 轮的公钥各不相同，屏幕码为 {code}。").as_str(),
            "操作记录共 37 条，次序合规，与签名的记录头一致。",
            "6 个票箱共 36 张票，与签名的票箱根和操作记录一致。",
            "36 张票按散列值排列，不含投票先后；同一票箱内没有重复的票。",
            "36 张票的签名全部有效。",
            "36 张票都恰好选了一个选项，而不知道是哪一个。",
            "5 份证明表明，36 张票都持有本会议发出的凭证（不说明主办方没有多发）。",
            "4 个已公布票箱的各选项票数与全部选票之和相符；其余票箱依规定不公布。",
            "票纸 22 张：登记 11、作废 7、未用 4；各项发出、收回、有效、弃权之数相符。",
            "22 张票纸与会议清单一致；11 张登记均有持票人签名，7 张作废均未登记。",
            "3 项已公布结果是否达到、超过规定比例，按整数计算无误。",
            "结果书签名有效，6 项结果和摘要逐字相符。",
            "出示的 36 张回执，其票都在票箱中。",
            "本会议未要求联署，无需核对。",
        ]
    );
    assert!(report.steps.iter().all(|s| s.why.is_none() && !s.en.is_empty() && !s.read.is_empty()));
    let bundle = Bundle::from_zip(&case.zip).unwrap();
    assert_eq!(report.summary.unwrap().into_bytes(), bundle.summary);
    let none = audit(&case.zip, &[]);
    assert_eq!(none.step(Step::Receipts).unwrap().zh, "没有出示回执，无需核对。");
}

/// A failed step says where it failed.
#[test]
fn the_reasons_of_forged_meetings() {
    let cases = forged_cases();
    for (name, reason) in [
        ("a checkpoint of the log before its result", "it states 36, there are 37"),
        ("a checkpoint of the board before its last ballot", "board 1/2: the ballots are not those of the checkpoint"),
        ("two ballots out of order", "board 1/2, ballot 4: out of order"),
        ("a signature with one bit changed", "board 1/2, ballot 9: its signature"),
        ("one answer of the proof is wrong", "board 1/2, ballot 2: its choice proof"),
        ("figures of ten ballots withheld in the log", "withheld exactly for 1 to 4"),
        ("the result has other valid votes", "says \"valid 14 0\", not \"valid 11 3\""),
        ("the result lacks a line", "says \"total 8 6 2\", not \"total 16 15 1\""),
        ("one ballot more than issued", "contest 1/2: more ballots cast than issued (11 should be <= 10)"),
        ("a ballot dropped after its receipt", "receipt 1: its ballot is not on the board"),
    ] {
        let case = cases.iter().find(|c| c.name == name).unwrap();
        let report = audit(&case.zip, &case.receipts);
        let failed = report.step(report.failed().unwrap()).unwrap();
        let why = failed.why.as_ref().unwrap();
        assert!(why.contains(reason), "{name}: {why}");
        assert!(failed.zh.ends_with("不成立，本结果不能采信。"));
        assert!(report.summary.is_none() || failed.step > Step::Result, "{name}: nothing to read out");
    }
}

/// A check that nobody carried out is not a check that held.
#[test]
fn jobs_that_do_not_run_fail_the_audit() {
    struct Nothing;
    impl Runner for Nothing {
        fn run(&self, _: usize, _: &(dyn Fn(usize) + Sync)) {}
    }
    let (zip, _) = small();
    assert_eq!(audit(&zip, &[]).outcome, Outcome::Held);
    assert_eq!(audit_with(&zip, &[], &Nothing).outcome, Outcome::Failed(Step::Signatures));
}

#[test]
fn every_byte_of_the_zip_flipped_is_refused() {
    let (zip, _) = small();
    let stride = if long() { 1 } else { 2 };
    let places: Vec<usize> = (0..zip.len()).step_by(stride).collect();
    let seed = 50;
    let held = spread(places.len(), |i| {
        let mut rng = StdRng::seed_from_u64(seed + i as u64);
        let mutant = mutants::flip_outside(&zip, places[i], any_xor(&mut rng));
        (audit(&mutant.zip, &[]).exit_code() == 0).then_some(mutant.name)
    });
    let held: Vec<String> = held.into_iter().flatten().collect();
    assert!(held.is_empty(), "not refused: {held:?}");
    println!("{} of {} bytes flipped, all refused", places.len(), zip.len());
}

#[test]
fn every_byte_of_the_files_flipped_is_refused_although_the_checksums_are_mended() {
    let (_, bundle) = small();
    let stride = if long() { 1 } else { 7 };
    let places: Vec<usize> = (0..mutants::inside_len(&bundle)).step_by(stride).collect();
    let held = spread(places.len(), |i| {
        let mut rng = StdRng::seed_from_u64(51 + i as u64);
        let mutant = mutants::flip_inside(&bundle, places[i], any_xor(&mut rng));
        (audit(&mutant.zip, &[]).exit_code() != 1).then_some(mutant.name)
    });
    let held: Vec<String> = held.into_iter().flatten().collect();
    assert!(held.is_empty(), "not refused, or no bundle: {held:?}");
    println!("{} of {} bytes flipped, all refused", places.len(), mutants::inside_len(&bundle));
}

#[test]
fn flipped_bytes_get_equal_verdicts() {
    let (zip, bundle) = small();
    let mut rng = StdRng::seed_from_u64(52);
    let count = if long() { 2_000 } else { 250 };
    let mut sample: Vec<Mutant> = Vec::new();
    for _ in 0..count {
        let place = rng.random_range(0..mutants::inside_len(&bundle));
        sample.push(mutants::flip_inside(&bundle, place, any_xor(&mut rng)));
    }
    for _ in 0..count / 5 {
        let place = rng.random_range(0..zip.len());
        sample.push(mutants::flip_outside(&zip, place, any_xor(&mut rng)));
        // Headers and directory, which are a small part of the whole.
        let place = zip.len() - 1 - rng.random_range(0..2_000);
        sample.push(mutants::flip_outside(&zip, place, any_xor(&mut rng)));
    }
    both_refuse("flipped", &sample);
}

#[test]
fn records_deleted_doubled_and_swapped_are_refused_with_equal_verdicts() {
    let (_, bundle) = small();
    let mut all = mutants::records_moved(&bundle, 1);
    all.extend(mutants::files_moved(&bundle));
    both_refuse("moved", &all);
}

#[test]
fn bytes_cut_off_or_put_in_get_equal_verdicts() {
    let (zip, _) = small();
    let mut rng = StdRng::seed_from_u64(53);
    let mut sample = vec![Mutant { name: "nothing".to_owned(), zip: Vec::new() }];
    for _ in 0..40 {
        let place = rng.random_range(0..zip.len());
        let cut = zip[..place].to_vec();
        sample.push(Mutant { name: format!("cut at {place}"), zip: cut });
        let mut longer = zip.clone();
        longer.insert(place, rng.random());
        sample.push(Mutant { name: format!("a byte put in at {place}"), zip: longer });
    }
    for (name, front, behind) in [("in front", true, false), ("behind", false, true)] {
        let mut longer = if front { vec![0] } else { Vec::new() };
        longer.extend_from_slice(&zip);
        if behind {
            longer.push(0);
        }
        sample.push(Mutant { name: format!("a byte {name}"), zip: longer });
    }
    both_refuse("cut", &sample);
}

/// T51. The office drops a ballot and signs everything again: the voter's receipt shows it.
#[test]
fn a_dropped_ballot_is_caught_by_its_receipt_and_by_nothing_else() {
    let office = Office::new(1);
    let all = receipts(&office, &Draft::honest(&office, 2));
    let mut cases = Vec::new();
    for (item, round) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)] {
        let mut draft = Draft::honest(&office, 2);
        let dropped = draft.contest(item, round).casts.pop().unwrap();
        let receipt = receipts_of(&office, Contest::new(item, round), &dropped);
        assert!(all.contains(&receipt));
        let bundle = draft.bundle(&office);
        cases.push(Case::new("dropped, nobody shows a receipt", None, &bundle));
        cases.push(Case::new("dropped", Some(Step::Receipts), &bundle).with_receipts(vec![receipt]));
        cases.push(Case::new("dropped", Some(Step::Receipts), &bundle).with_receipts(all.clone()));
    }
    expect(&cases);
}

/// T51. The office replaces a ballot: the count fits, the receipt does not.
#[test]
fn a_replaced_ballot_is_caught_by_its_receipt() {
    let office = Office::new(1);
    let mut draft = Draft::honest(&office, 2);
    let all = receipts(&office, &draft);
    let mut rng = draft.fresh();
    let contest = Contest::new(2, 2);
    draft.contest(2, 2).casts[4] = Cast::new(&office, contest, 0, &mut rng);
    let bundle = draft.bundle(&office);
    expect(&[
        Case::new("replaced, nobody shows a receipt", None, &bundle),
        Case::new("replaced", Some(Step::Receipts), &bundle).with_receipts(all),
    ]);
}

/// T51. The office adds ballots: the count shows every one beyond those who enrolled. One for each person who
/// enrolled and did not cast is the limit of this version, said in the README: ask all to cast, name who is missing.
#[test]
fn added_ballots_are_caught_by_a_count() {
    let office = Office::new(1);
    let added = |contest: Contest, more: usize| {
        let mut draft = Draft::honest(&office, 2);
        let mut rng = draft.fresh();
        let casts = (0..more).map(|_| Cast::new(&office, contest, 0, &mut rng)).collect::<Vec<_>>();
        draft.contest(contest.item, contest.round).casts.extend(casts);
        draft.bundle(&office)
    };
    let mut stuffed = Draft::honest(&office, 2);
    let mut rng = stuffed.fresh();
    // A spare is redeemed and voted with; its paper still lies with the unused slips that are counted by hand.
    stuffed.lists.redeemed.push(redeem(&office, &office.slips[21], 2, &mut rng));
    stuffed.contest(1, 2).casts.push(Cast::new(&office, Contest::new(1, 2), 0, &mut rng));
    stuffed.unused_lie = 1;
    let mut crowded = Draft::honest(&office, 2);
    for slip in &office.slips[20..22] {
        crowded.lists.redeemed.push(redeem(&office, slip, 2, &mut rng));
    }
    expect(&[
        Case::new("one missing person's ballot minted: the limit", None, &added(Contest::new(2, 2), 1)),
        Case::new("one ballot too many", Some(Step::Counts), &added(Contest::new(2, 2), 2)),
        Case::new("one ballot too many where all cast", Some(Step::Counts), &added(Contest::new(1, 2), 1)),
        Case::new("a spare used, the hand count honest", Some(Step::Counts), &stuffed.bundle(&office)),
        Case::new("two spares used, more than are present", Some(Step::Counts), &crowded.bundle(&office)),
    ]);
}

fn receipts_of(office: &Office, contest: Contest, cast: &Cast) -> Vec<u8> {
    let receipt = douxuan_crypto::receipt::Receipt::issue(&office.manifest, contest, &cast.leaf(), &office.receipt_key);
    receipt.note.into_bytes()
}

fn expect(cases: &[Case]) {
    for case in cases {
        let report = audit(&case.zip, &case.receipts);
        assert_eq!(report.outcome, case.fails.map_or(Outcome::Held, Outcome::Failed), "{}", case.name);
    }
}
