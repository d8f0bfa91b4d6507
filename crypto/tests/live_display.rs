//! T36: what somebody learns who watches every tap in the hall and every figure on the screen.
//!
//! He knows who had tapped before each tick, how many ballots of each grade were shown then, and the final figures. A
//! voter's grade is *certain* to him if every way to hand the grades out that fits all this gives the voter the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::HashMap;

use douxuan_crypto::{
    manifest::{ReleaseKind, ReleaseRule},
    release::Pool,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

const VOTERS: usize = 60;
const GRADES: usize = 4;
/// 好, 较好, 一般, 较差 in percent.
const SHARES: [u32; GRADES] = [85, 10, 4, 1];
const MEETINGS: u32 = 2_000;

/// What the observer has: for each tick, how many had tapped by then and how many ballots of each grade were new on the
/// screen. The last one is the close.
type Seen = Vec<(usize, [usize; GRADES])>;

fn grade(rng: &mut StdRng) -> usize {
    let draw = rng.random_range(0..100);
    let mut sum = 0;
    SHARES
        .iter()
        .position(|share| {
            sum += share;
            draw < sum
        })
        .unwrap()
}

/// One meeting: up to eight people tap between two ticks; a ballot of place p has leaf hash p.
fn meeting(seed: u64, mut show: impl FnMut(&mut Vec<usize>, bool, &mut StdRng) -> Vec<usize>) -> Seen {
    let mut rng = StdRng::seed_from_u64(seed);
    let grades: Vec<usize> = (0..VOTERS).map(|_| grade(&mut rng)).collect();
    let (mut seen, mut tapped) = (Seen::new(), 0);
    while tapped < VOTERS {
        let next = (tapped + rng.random_range(1..=8)).min(VOTERS);
        let mut fresh: Vec<usize> = (tapped..next).collect();
        tapped = next;
        let mut counts = [0; GRADES];
        show(&mut fresh, tapped == VOTERS, &mut rng).into_iter().for_each(|place| counts[grades[place]] += 1);
        seen.push((tapped, counts));
    }
    assert_eq!(seen.iter().flat_map(|(_, counts)| counts).sum::<usize>(), VOTERS, "the close shows the rest");
    seen
}

/// How many voters' grades are certain.
///
/// A ballot shown at tick k was cast by somebody who had tapped by then. So a voter who tapped before tick i, and after
/// the tick before, may have cast a ballot shown at tick d iff d >= i and every tick between still has somebody left for
/// what it showed: between i and d more had tapped than were shown.
fn certain(seen: &Seen) -> usize {
    let mut shown = 0;
    let spare: Vec<bool> = seen
        .iter()
        .map(|(tapped, counts)| {
            shown += counts.iter().sum::<usize>();
            *tapped > shown
        })
        .collect();
    let mut before = 0;
    let mut known = 0;
    for (i, (tapped, _)) in seen.iter().enumerate() {
        let mut possible = [false; GRADES];
        for (d, (_, counts)) in seen.iter().enumerate().skip(i) {
            if spare[i..d].iter().all(|spare| *spare) {
                counts.iter().zip(&mut possible).for_each(|(count, possible)| *possible |= *count > 0);
            }
        }
        if possible.iter().filter(|possible| **possible).count() == 1 {
            known += tapped - before;
        }
        before = *tapped;
    }
    known
}

fn share(one: impl Fn(u64) -> Seen) -> f64 {
    let known: usize = (0..MEETINGS).map(|seed| certain(&one(u64::from(seed)))).sum();
    let voters = u32::try_from(VOTERS).unwrap() * MEETINGS;
    f64::from(u32::try_from(known).unwrap()) / f64::from(voters)
}

/// As the server shows them: the pool decides on each tick, the close shows the rest.
fn pooled(seed: u64) -> Seen {
    let rule = ReleaseRule { kind: ReleaseKind::Live, n: 10, f: 10 };
    let mut pool = Some(Pool::new(&rule));
    let mut places: HashMap<[u8; 32], usize> = HashMap::new();
    meeting(seed, |fresh, last, rng| {
        for place in fresh.drain(..) {
            let leaf = [u8::try_from(place).unwrap(); 32];
            places.insert(leaf, place);
            pool.as_mut().unwrap().add(leaf);
        }
        let mut out = pool.as_mut().unwrap().tick(rng).unwrap_or_default();
        if last {
            out.extend(pool.take().unwrap().close());
        }
        out.iter().map(|leaf| places[leaf]).collect()
    })
}

/// As a screen without a pool shows them: whenever five have come in, these five.
fn batches_of_five(seed: u64) -> Seen {
    let mut rng = StdRng::seed_from_u64(seed);
    let grades: Vec<usize> = (0..VOTERS).map(|_| grade(&mut rng)).collect();
    let batch = |(at, batch): (usize, &[usize])| {
        let mut counts = [0; GRADES];
        batch.iter().for_each(|grade| counts[*grade] += 1);
        ((at + 1) * 5, counts)
    };
    grades.chunks(5).enumerate().map(batch).collect()
}

#[test]
fn with_the_pool_hardly_any_grade_is_certain_and_without_it_many_are() {
    let pool = share(pooled);
    assert!(pool <= 0.02, "with the pool {:.2} % are certain", 100.0 * pool);
    let naive = share(batches_of_five);
    println!("certain grades: {:.2} % with the pool, {:.1} % in batches of five", 100.0 * pool, 100.0 * naive);
    assert!(naive > 0.30, "in batches of five {:.1} % are certain: the measure must be able to fail", 100.0 * naive);
}

#[test]
fn the_measure_knows_what_an_observer_can_conclude() {
    // Five tap, five are shown, all alike: their grades are certain. The other five were mixed.
    assert_eq!(certain(&vec![(5, [5, 0, 0, 0]), (10, [4, 1, 0, 0])]), 5);
    // One of the first five may be among those kept back, and was then not the last one shown at the close alone.
    assert_eq!(certain(&vec![(5, [4, 0, 0, 0]), (10, [5, 1, 0, 0])]), 0);
    // Who came after the last mixed figure is certain, whoever else is not.
    assert_eq!(certain(&vec![(10, [4, 1, 0, 0]), (12, [7, 0, 0, 0])]), 2);
    // Everybody gave the same.
    assert_eq!(certain(&vec![(10, [5, 0, 0, 0]), (60, [55, 0, 0, 0])]), 60);
}
