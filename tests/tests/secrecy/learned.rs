//! T33. A classifier that has been shown whole meetings, with the truth about them, is asked about others: which ballot
//! is whose, and what a ballot says. It sees what somebody outside sees who watches every connection, and everything that
//! is left when the meeting is over: sizes, pieces, times, orders and places.

use std::ops::Range;

use douxuan_ballot::native::door::Door;
use douxuan_crypto::{board::Board, bundle::Bundle, contest::Contest, token::Slip};
use douxuan_tests::{
    console::Plan,
    learner::{Games, Learner, pair, within},
    meeting::Meeting,
    server::PATIENCE,
    tap::{Tap, Traffic},
};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use super::is_long;

const VOTERS: usize = 24;
const OFFICIALS: usize = 3;
/// The two answers that the classifier is to tell apart; half of the voters give each.
const RATINGS: [u8; 2] = [0, 3];

fn meetings() -> u64 {
    if is_long() { 280 } else { 8 }
}

/// A ballot as it can be seen, and whose it is.
#[derive(Clone)]
struct Cast {
    voter: usize,
    rating: u8,
    seen: Vec<f64>,
}

/// A vote as it happened.
struct Voted {
    voter: usize,
    rating: u8,
    /// How many voted before him.
    at: usize,
    /// His connections, of all.
    connections: Range<usize>,
}

/// A meeting as it can be seen: each voter's enrolment, and the ballots of each contest in no order.
#[derive(Clone)]
struct Seen {
    enrolled: Vec<Vec<f64>>,
    cast: Vec<Vec<Cast>>,
}

/// What the connections of one act looked like together: bytes up and down, pieces, connections, seconds to the answer
/// and in all.
fn look(traffic: &[Traffic]) -> [f64; 6] {
    let sum = |of: fn(&Traffic) -> f64| traffic.iter().map(of).sum::<f64>();
    [
        sum(|one| one.up as f64),
        sum(|one| one.down as f64),
        sum(|one| one.pieces as f64),
        traffic.len() as f64,
        sum(|one| one.answer),
        sum(|one| one.lasted),
    ]
}

fn place<T: PartialEq>(all: &[T], one: &T) -> f64 {
    all.iter().position(|other| other == one).map_or(-1.0, |at| at as f64)
}

async fn hold(seed: u64) -> Seen {
    let mut rng = StdRng::seed_from_u64(seed);
    let plan = Plan { voters: VOTERS, officials: OFFICIALS, rounds: 1, live: false };
    let mut meeting = Meeting::begin(plan).await;
    let tap = Tap::before(meeting.door.address()).await;
    let door = Door::find(&meeting.door.origin(), Some(&tap.address.to_string())).await.unwrap();
    // People come and vote in orders of their own: what an order tells of another one would be the server's doing.
    let mut order: Vec<usize> = (0..VOTERS).collect();
    order.shuffle(&mut rng);
    let mut acts: [Range<usize>; VOTERS] = std::array::from_fn(|_| 0..0);
    let mut came = [0; VOTERS];
    for (at, voter) in order.iter().enumerate() {
        let before = tap.count();
        meeting.phones[*voter].enrol(&door, PATIENCE).await.unwrap();
        (acts[*voter], came[*voter]) = (before..tap.count(), at);
    }
    meeting.close_window();
    let contests = meeting.contests();
    meeting.console.open(&contests);
    let mut casts: Vec<Vec<Voted>> = Vec::new();
    for contest in &contests {
        order.shuffle(&mut rng);
        let mut ratings: Vec<u8> = (0..VOTERS).map(|n| RATINGS[n % 2]).collect();
        ratings.shuffle(&mut rng);
        let mut all = Vec::new();
        for (at, voter) in order.iter().enumerate() {
            let before = tap.count();
            meeting.phones[*voter].cast(&door, *contest, ratings[*voter], PATIENCE).await.unwrap();
            all.push(Voted { voter: *voter, rating: ratings[*voter], at, connections: before..tap.count() });
        }
        casts.push(all);
    }
    let bundle = Bundle::from_zip(&meeting.finish_and_check()).unwrap();
    let urn = std::fs::read(meeting.data.path().join("urn.db")).unwrap();
    let roll = std::fs::read(meeting.data.path().join("roll.db")).unwrap();
    let stands = |file: &[u8], part: &[u8]| {
        file.windows(part.len()).position(|window| window == part).map_or(-1.0, |at| at as f64)
    };
    let traffic = tap.traffic();
    // 0x01 || T || mask || request hash || sig || window; one byte of mask.
    let redeemed: Vec<Vec<u8>> = bundle.redeemed.chunks(1 + 32 + 1 + 32 + 64 + 1).map(|r| r[1..33].to_vec()).collect();
    let enrolled = (0..VOTERS).map(|voter| {
        let slip = Slip::parse_fragment(&meeting.phones[voter].fragment).unwrap();
        let t = slip.token.signing_key(&meeting.manifest.meeting).verifying().as_bytes().to_vec();
        let mut seen = look(&traffic[acts[voter].clone()]).to_vec();
        seen.extend([came[voter] as f64, place(&redeemed, &t), stands(&roll, &t)]);
        seen
    });
    let enrolled = enrolled.collect();
    let of_contest = |(contest, casts): (&Contest, Vec<Voted>)| {
        let files = &bundle.boards[&(contest.item, u16::from(contest.round))];
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        let cast = |Voted { voter, rating, at, connections }: Voted| {
            let (leaf, _) = meeting.phones[voter].receipt(*contest).unwrap();
            let number = board.leaves().iter().position(|other| *other == leaf).unwrap();
            let b = &board.ballots()[number][4..36];
            let mut seen = look(&traffic[connections]).to_vec();
            seen.extend([at as f64, number as f64, stands(&urn, b)]);
            Cast { voter, rating, seen }
        };
        casts.into_iter().map(cast).collect::<Vec<Cast>>()
    };
    let cast = contests.iter().zip(casts).map(of_contest).collect();
    Seen { enrolled, cast }
}

/// Everything on the scale of its own meeting.
fn scaled(meetings: &[Seen]) -> Vec<Seen> {
    let mut all = meetings.to_vec();
    for Seen { enrolled, cast } in &mut all {
        within(enrolled);
        for casts in cast {
            let mut seen: Vec<Vec<f64>> = casts.iter().map(|cast| cast.seen.clone()).collect();
            within(&mut seen);
            casts.iter_mut().zip(seen).for_each(|(cast, seen)| cast.seen = seen);
        }
    }
    all
}

/// Pairs of ballots of one contest, each ballot in one: what is played for.
fn couples(casts: &[Cast], rng: &mut StdRng) -> Vec<(Cast, Cast)> {
    let mut casts = casts.to_vec();
    casts.shuffle(rng);
    casts.chunks_exact(2).map(|two| (two[0].clone(), two[1].clone())).collect()
}

/// Both halves in turn are learnt from, and the other one is asked about.
fn both_ways(meetings: &[Seen], play: impl Fn(&[Seen], &[Seen]) -> Games) -> Games {
    let all = scaled(meetings);
    let (one, other) = all.split_at(all.len() / 2);
    let (first, second) = (play(one, other), play(other, one));
    Games { played: first.played + second.played, won: first.won + second.won }
}

/// Of an enrolment and two ballots, one of which is its voter's: which one?
fn whose(meetings: &[Seen]) -> Games {
    both_ways(meetings, |known, asked| {
        let mut rng = StdRng::seed_from_u64(33);
        let mut examples = Vec::new();
        for Seen { enrolled, cast } in known {
            for casts in cast {
                for own in casts {
                    examples.push((pair(&enrolled[own.voter], &own.seen), true));
                    let other = casts.iter().filter(|other| other.voter != own.voter);
                    let mut other: Vec<&Cast> = other.collect();
                    other.shuffle(&mut rng);
                    examples.extend(other[..2].iter().map(|other| (pair(&enrolled[own.voter], &other.seen), false)));
                }
            }
        }
        let (learner, mut games) = (Learner::train(&examples), Games::default());
        for Seen { enrolled, cast } in asked {
            for (own, other) in cast.iter().flat_map(|casts| couples(casts, &mut rng)) {
                let enrolled = &enrolled[own.voter];
                games.play(&learner, &pair(enrolled, &own.seen), &pair(enrolled, &other.seen));
            }
        }
        games
    })
}

/// Of two ballots that say different things: which one says the first?
fn what(meetings: &[Seen]) -> Games {
    both_ways(meetings, |known, asked| {
        let mut rng = StdRng::seed_from_u64(34);
        let casts = known.iter().flat_map(|seen| seen.cast.iter().flatten());
        let examples: Vec<_> = casts.map(|cast| (cast.seen.clone(), cast.rating == RATINGS[0])).collect();
        let (learner, mut games) = (Learner::train(&examples), Games::default());
        for casts in asked.iter().flat_map(|seen| &seen.cast) {
            let (mut one, mut other): (Vec<Cast>, Vec<Cast>) =
                casts.iter().cloned().partition(|cast| cast.rating == RATINGS[0]);
            one.shuffle(&mut rng);
            other.shuffle(&mut rng);
            one.iter().zip(&other).for_each(|(one, other)| games.play(&learner, &one.seen, &other.seen));
        }
        games
    })
}

/// The same meetings as a server would have left them that tells.
fn leaking(meetings: &[Seen], leak: impl Fn(&[Vec<f64>], &mut Cast)) -> Vec<Seen> {
    let mut all = meetings.to_vec();
    for Seen { enrolled, cast } in &mut all {
        cast.iter_mut().flatten().for_each(|cast| leak(enrolled, cast));
    }
    all
}

const UP: usize = 0;
const ANSWER: usize = 4;
const ORDER: usize = 6;
const PLACE: usize = 7;

/// Red if sizes, pieces, times, orders or places let a ballot be given to its voter, or its answer be read, more often
/// than a coin does; red too if the classifier could not see a leak of each kind.
#[tokio::test(flavor = "multi_thread")]
async fn a_trained_classifier_links_no_ballot_and_reads_no_answer_better_than_a_coin() {
    let began = std::time::Instant::now();
    let mut meetings = Vec::new();
    for seed in 0..self::meetings() {
        meetings.push(hold(seed).await);
    }
    let (linked, read) = (whose(&meetings), what(&meetings));

    // What it must find, in the very same meetings.
    let sized = what(&leaking(&meetings, |_, cast| cast.seen[UP] += f64::from(cast.rating)));
    let slow = what(&leaking(&meetings, |_, cast| {
        cast.seen[ANSWER] += if cast.rating == RATINGS[0] { 0.02 } else { 0.0 };
    }));
    let ordered = whose(&leaking(&meetings, |enrolled, cast| cast.seen[PLACE] = enrolled[cast.voter][ORDER]));
    // People who vote nearly in the order in which they came, and a board that keeps the order of casting.
    let noisy = whose(&leaking(&meetings, |enrolled, cast| {
        cast.seen[PLACE] = enrolled[cast.voter][ORDER] + cast.seen[ORDER] / 2.0;
    }));
    for (name, games) in [
        ("whose", linked),
        ("what", read),
        ("a size that is the answer's", sized),
        ("a time that is the answer's", slow),
        ("a board in the order of enrolment", ordered),
        ("nearly so", noisy),
    ] {
        println!("{name}: {:.0} of {:.0} games, {:+.1} sigma", games.won, games.played, games.sigmas());
    }
    println!("{} meetings of {VOTERS} in {:.0} s", meetings.len(), began.elapsed().as_secs_f32());
    assert!(linked.played >= 250.0 && read.played >= 250.0, "too few games to say anything");
    assert!(linked.sigmas().abs() <= 4.0, "it links: {linked:?}");
    assert!(read.sigmas().abs() <= 4.0, "it reads: {read:?}");
    assert!(sized.share() > 0.95, "{sized:?}");
    assert!(slow.sigmas() > 4.0, "{slow:?}");
    assert!(ordered.share() > 0.9, "{ordered:?}");
    assert!(noisy.sigmas() > 4.0, "{noisy:?}");
}
