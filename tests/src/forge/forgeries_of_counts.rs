//! V9 to V12: counts that do not fit, slips that are not the meeting's, results that say something else.

use douxuan_crypto::{
    audit::Step,
    bundle::Bundle,
    contest::Contest,
    hash::sha256,
    log::{PaperCount, Reason},
    sign::SigningKey,
    token::{Mask, Token},
};

use super::{
    Case, Cast, Draft, Office, Sealing,
    draft::redeem,
    forgeries::{draft, office},
    office::SlipKey,
};

pub(super) fn all() -> Vec<Case> {
    [counts(), lists(), lines(), slips(), thresholds(), results()].into_iter().flatten().collect()
}

fn papers(issued: u32, invalid: u32, ungraded: u32, good: u32) -> PaperCount {
    PaperCount { issued, invalid, ungraded, votes: vec![good, 0, 0, 0, 0] }
}

/// V9, the formulas: everything says the same, and it cannot be.
fn counts() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Draft)| {
        let office = office();
        let mut draft = draft(&office);
        change(&office, &mut draft);
        Case::new(name, Some(Step::Counts), &draft.bundle(&office))
    };
    vec![
        case("one present too few for phones and papers", &|_, draft| draft.windows[0].present = 14),
        case("one present too many for those expected", &|_, draft| draft.windows[1].present = 21),
        case("one redeemed too many", &|_, draft| draft.windows[0].lie = 1),
        case("one redeemed too few", &|_, draft| draft.windows[1].lie = -1),
        case("one unused too many", &|_, draft| draft.unused_lie = 1),
        case("one unused too few", &|_, draft| draft.unused_lie = -1),
        case("one ballot more than issued", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = Contest::new(1, 2);
            draft.contest(1, 2).casts.push(Cast::new(office, contest, 0, &mut rng));
        }),
        case("one paper more than slips given up", &|_, draft| {
            draft.contest(1, 2).paper = Some(papers(7, 1, 0, 4));
        }),
        case("one paper more than given out", &|_, draft| draft.contest(1, 2).paper = Some(papers(4, 1, 0, 4))),
        case("four papers graded", &|_, draft| draft.contest(1, 2).paper = Some(papers(6, 0, 0, 4))),
        case("four papers with one called invalid", &|_, draft| {
            draft.contest(1, 2).paper = Some(papers(6, 1, 3, 0));
        }),
        case("five papers with one not graded", &|_, draft| draft.contest(1, 2).paper = Some(papers(6, 0, 1, 4))),
        case("five papers graded beside four ballots", &|_, draft| {
            draft.contest(3, 1).paper = Some(papers(6, 0, 0, 5));
        }),
        case("papers of a contest before the slips were given up", &|_, draft| {
            draft.lists.voided.iter_mut().for_each(|v| v.window = 2);
            draft.contest(2, 1).paper = Some(papers(5, 0, 0, 5));
        }),
    ]
}

/// V9, the lists: their form.
fn lists() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&mut Bundle)| {
        let office = office();
        let mut bundle = draft(&office).bundle(&office);
        change(&mut bundle);
        Case::new(name, Some(Step::Counts), &bundle)
    };
    let leaf = 1 + 32 + 1;
    vec![
        case("a leaf is missing", &|bundle| drop(bundle.leaves.drain(..leaf))),
        case("a leaf stands twice", &|bundle| bundle.leaves.copy_within(..leaf, leaf)),
        case("two leaves swapped", &|bundle| bundle.leaves.rotate_left(leaf)),
        case("a mask with a bit too many", &|bundle| bundle.leaves[leaf - 1] |= 0x20),
        case("a redeemed slip is missing", &|bundle| {
            bundle.redeemed.truncate(bundle.redeemed.len() - (leaf + 97));
        }),
        case("a redeemed slip is cut short", &|bundle| {
            bundle.redeemed.pop();
        }),
        case("a redeemed slip of a window that never was", &|bundle| *bundle.redeemed.last_mut().unwrap() = 3),
        case("a redeemed slip of window 0", &|bundle| *bundle.redeemed.last_mut().unwrap() = 0),
        case("a voided slip is missing", &|bundle| drop(bundle.voided.drain(..35))),
        case("a voided slip for no reason", &|bundle| bundle.voided[33] = 4),
        case("a voided slip of another version", &|bundle| bundle.voided[0] = 2),
    ]
}

fn sealed(name: &'static str, step: Step, change: &dyn Fn(&Office, &mut Sealing<'_>)) -> Case {
    let office = office();
    let mut sealing = draft(&office).write(&office).seal(&office);
    let before = (sealing.text.clone(), sealing.summary.clone());
    change(&office, &mut sealing);
    let signed_by = sealing.result_key.verifying() != office.result_key.verifying();
    let changed = before != (sealing.text.clone(), sealing.summary.clone());
    assert!(changed || signed_by || sealing.hash.is_some(), "{name}: nothing was changed");
    Case::new(name, Some(step), &sealing.finish(&office))
}

/// V9, the result: one number of a line, signed.
fn lines() -> Vec<Case> {
    let case = |name, from: &'static str, to: &'static str| {
        sealed(name, Step::Counts, &|_, sealing| {
            assert!(sealing.text.contains(from), "{name}: no line {from:?} in\n{}", sealing.text);
            sealing.text = sealing.text.replacen(from, to, 1);
        })
    };
    vec![
        case("the result has another number of unused slips", "\nslips 22 7 4\n", "\nslips 22 7 5\n"),
        case("the result has another window", "\nwindow 1 15 9 6 ", "\nwindow 1 16 9 6 "),
        case("the result has another number issued", "\nelectronic 10 10\n", "\nelectronic 11 10\n"),
        case("the result has other papers", "\npaper 6 5 1 0\n", "\npaper 6 5 0 1\n"),
        case("the result names nobody missing", "\ntotal 16 15 1\n", "\ntotal 15 15 0\n"),
        case("the result has other votes", "\nvotes 5 2 2 2 3\n", "\nvotes 6 2 2 1 3\n"),
        case("the result has other valid votes", "\nvalid 11 3\n", "\nvalid 14 0\n"),
        case("the result lacks a line", "\ntotal 16 15 1\n", "\n"),
        case("the result has a line twice", "\ntotal 16 15 1\n", "\ntotal 16 15 1\ntotal 16 15 1\n"),
    ]
}

/// V10.
fn slips() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Draft)| {
        let office = office();
        let mut draft = draft(&office);
        change(&office, &mut draft);
        Case::new(name, Some(Step::Slips), &draft.bundle(&office))
    };
    let alien = |items: usize| SlipKey {
        key: Token::from_bytes(&[9; 10]).signing_key(&[0x5a; 16]),
        mask: Mask::excluding(items, &[]),
    };
    let swapped_windows = {
        let office = office();
        let mut bundle = draft(&office).bundle(&office);
        // Two slips with the same mask change places between the windows, after the log fixed who was in which.
        let width = 1 + 32 + 1 + 32 + 64 + 1;
        let records: Vec<(u8, u8)> = bundle.redeemed.chunks(width).map(|r| (r[33], r[width - 1])).collect();
        let early = records.iter().position(|r| *r == (0, 1)).unwrap();
        let late = records.iter().position(|r| *r == (0, 2)).unwrap();
        bundle.redeemed[(early + 1) * width - 1] = 2;
        bundle.redeemed[(late + 1) * width - 1] = 1;
        Case::new("two slips redeemed in each other's window", Some(Step::Slips), &bundle)
    };
    let other_reason = {
        let office = office();
        let mut bundle = draft(&office).bundle(&office);
        let lost = bundle.voided.chunks(35).position(|v| v[33] == Reason::Lost.number()).unwrap();
        bundle.voided[lost * 35 + 33] = Reason::Other.number();
        Case::new("a slip voided for another reason than logged", Some(Step::Slips), &bundle)
    };
    vec![
        case("a redeemed slip that was never printed", &|office, draft| {
            let mut rng = draft.fresh();
            draft.lists.redeemed[3] = redeem(office, &alien(5), 1, &mut rng);
        }),
        case("a redeemed slip with another mask", &|_, draft| {
            draft.lists.redeemed[3].mask = Mask::excluding(5, &[5]);
        }),
        case("a redeemed slip without its holder's signature", &|_, draft| {
            draft.lists.redeemed[3].signature[0] ^= 1;
        }),
        case("a redeemed slip with another request", &|_, draft| draft.lists.redeemed[3].request_hash[0] ^= 1),
        case("a voided slip that was never printed", &|_, draft| draft.lists.voided[6].token = alien(5).t()),
        case("a voided slip that was redeemed", &|_, draft| {
            draft.lists.voided[6].token = draft.lists.redeemed[3].token;
        }),
        case("a spare that was never printed", &|_, draft| draft.lists.leaves[20].t = alien(5).t()),
        case("a spare with another mask", &|_, draft| draft.lists.leaves[20].mask = Mask::excluding(5, &[5])),
        swapped_windows,
        other_reason,
    ]
}

/// V11. Note and summary agree on a threshold that is not so.
fn thresholds() -> Vec<Case> {
    let case = |name, from: &'static str, to: &'static str| {
        sealed(name, Step::Thresholds, &|_, sealing| {
            assert!(sealing.text.contains(from), "{name}: no line {from:?} in\n{}", sealing.text);
            sealing.text = sealing.text.replacen(from, to, 1);
            sealing.summary = sealing.summary.replacen("未达到", "达到", 1);
        })
    };
    vec![
        case("a threshold that was not reached", "\nthreshold poor 2 11 no no\n", "\nthreshold poor 2 11 yes no\n"),
        case("a threshold of another base", "\nthreshold poor 2 11 no no\n", "\nthreshold poor 2 10 yes no\n"),
        case("a threshold left out", "\nthreshold poor 2 11 no no\n", "\n"),
        case("a threshold of an empty board", "\nthreshold poor 0 0 none none\n", "\nthreshold poor 0 0 no no\n"),
    ]
}

/// V12.
fn results() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Sealing<'_>)| sealed(name, Step::Result, change);
    let stranger: &'static SigningKey = Box::leak(Box::new(SigningKey::from_seed(&[4; 32])));
    vec![
        case("a result signed by a stranger", &|_, sealing| sealing.result_key = stranger),
        case("a line that no result has", &|_, sealing| sealing.text.push_str("remark 1\n")),
        case("the result calls a contest published that was voided", &|_, sealing| {
            sealing.text = sealing.text.replacen("voided-before", "withheld", 1);
        }),
        case("two lines of different kinds swapped", &|_, sealing| {
            let swap = ("electronic 10 10\npaper 6 5 1 0\n", "paper 6 5 1 0\nelectronic 10 10\n");
            sealing.text = sealing.text.replacen(swap.0, swap.1, 1);
        }),
        case("the result of another log", &|_, sealing| {
            let size = sealing.entries.len();
            sealing.text = sealing.text.replacen(&format!("log {size} "), &format!("log {} ", size - 1), 1);
        }),
        case("the log names another result", &|_, sealing| sealing.hash = Some(sha256(sealing.text.as_bytes()))),
        case("the summary has another name", &|_, sealing| {
            sealing.summary = sealing.summary.replacen("干部2", "干部3", 1);
        }),
        case("the summary has another verdict", &|_, sealing| {
            sealing.summary = sealing.summary.replacen("未超过", "超过", 1);
        }),
        case("the summary lacks its last line end", &|_, sealing| {
            sealing.summary.pop();
        }),
    ]
}
