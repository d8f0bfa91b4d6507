//! Nothing that the server sees leads from a slip to a ballot, or from one ballot of a voter to another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::{BTreeSet, HashMap};

use curve25519_dalek::{RistrettoPoint, Scalar, traits::Identity};
use douxuan_crypto::{
    ballot::RawBallot,
    blind::{Blind, IssuerKey, hash_to_group},
    contest::Contest,
    credential::{Credential, credential_input},
    group::Element,
    sign::SigningKey,
};
use douxuan_tests::{
    forge::Office,
    learner::{Games, Learner},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

const VOTERS: usize = 40;

/// What the server sees of one voter in one contest: at the enrolment X and Z, at the cast the ballot.
struct Seen {
    x: Element,
    z: Element,
    ballot: Vec<u8>,
}

/// A voter's contest, honestly. The issuer may use another key for him: that is what the game must notice.
fn vote(office: &Office, contest: Contest, issuer: &IssuerKey, rng: &mut StdRng) -> Seen {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    let key = SigningKey::from_seed(&seed);
    let input = credential_input(&office.manifest.id, contest, key.verifying().as_bytes());
    let blind = Blind::draw(rng);
    let x = blind.blind(&input);
    let z = issuer.evaluate(&x);
    let credential = Credential::new(contest, key, &blind.unblind(&z));
    let (ballot, _) = credential.ballot(&office.manifest, 0, rng).unwrap();
    Seen { x, z, ballot }
}

/// Whether some blind r explains this enrolment and this ballot together: X = r P, Z = r N, with P the hash of the
/// ballot's credential input. The group has prime order, so r with X = r P exists and is one; with Z = k X it gives
/// Z = r (k P), so the pair is explained if and only if Z = k X, N = k P and neither X nor P is the identity.
fn is_explained(office: &Office, contest: Contest, k: &Scalar, seen: &Seen, ballot: &[u8]) -> bool {
    let raw = RawBallot::split(ballot, office.manifest.options()).unwrap();
    let p = hash_to_group(&credential_input(&office.manifest.id, contest, raw.b));
    let n = raw.credential().unwrap();
    let identity = RistrettoPoint::identity();
    p != identity && *seen.x.point() != identity && seen.x.point() * k == *seen.z.point() && p * k == *n.point()
}

fn scalar(key: &IssuerKey) -> Scalar {
    Scalar::from_canonical_bytes(*key.to_bytes()).unwrap()
}

/// T33. Red if the blind left anything of B in X or Z, or if two voters could be given different keys unnoticed.
#[test]
fn for_every_enrolment_and_every_ballot_there_is_a_blind_that_explains_the_pair() {
    let office = Office::new(1);
    let mut rng = StdRng::seed_from_u64(33);
    let contest = Contest::new(1, 1);
    let issuer = office.issuer(contest);
    let all: Vec<Seen> = (0..VOTERS).map(|_| vote(&office, contest, issuer, &mut rng)).collect();
    let k = scalar(issuer);
    let explained = |one: &Seen, other: &Seen| is_explained(&office, contest, &k, one, &other.ballot);
    let pairs =
        all.iter().flat_map(|one| all.iter().map(move |other| explained(one, other))).filter(|yes| *yes).count();
    assert_eq!(pairs, VOTERS * VOTERS, "no pair is less likely than another");

    // The same game with an issuer that marks one voter by a key of his own: he stands out from both sides.
    let marked =
        vote(&office, contest, &IssuerKey::derive(&[9; 32], &office.manifest.meeting, contest).unwrap(), &mut rng);
    assert!(all.iter().all(|one| !explained(one, &marked) && !explained(&marked, one)));
}

/// T33, on what can be counted: a bit of X, of Z or of their order never goes with the same bit of B or N. Red if a
/// blind were small, fixed or used twice.
#[test]
fn no_byte_of_an_enrolment_goes_with_a_byte_of_its_ballot() {
    let office = Office::new(1);
    let mut rng = StdRng::seed_from_u64(34);
    let contest = Contest::new(1, 1);
    let all: Vec<Seen> = (0..400).map(|_| vote(&office, contest, office.issuer(contest), &mut rng)).collect();
    let enrolled = |seen: &Seen| [&seen.x.as_bytes()[..], seen.z.as_bytes()].concat();
    let bit = |bytes: &[u8], bit: usize| bytes[bit / 8] >> (bit % 8) & 1;
    // X and Z against B and N, then against N and B.
    let agreeing = |at: usize, shift: usize| {
        let pairs = all.iter().filter(|seen| bit(&enrolled(seen), at) == bit(&seen.ballot[4..68], (at + shift) % 512));
        pairs.count()
    };
    // Canonical encodings are even and below 2^255: the lowest and the topmost bit of 32 bytes are fixed.
    let free = (0..512).filter(|at| !matches!(at % 256, 0 | 255));
    let farthest = free.flat_map(|at| [agreeing(at, 0), agreeing(at, 256)]).map(|n| n.abs_diff(200)).max().unwrap();
    assert!(farthest <= 50, "five standard deviations of 400 coins: {farthest}");
}

/// How far each byte of an enrolment lies from the byte at its place in the ballot, and whether these rise together: X
/// and Z against B, N, C, the first messages of the proof and the signature.
fn bytes_of(seen: &Seen, ballot: &[u8]) -> Vec<f64> {
    let byte = |byte: &u8| f64::from(*byte) / 127.5 - 1.0;
    let signature = &ballot[ballot.len() - 64..];
    let parts = ballot[4..132].chunks_exact(32).chain(signature.chunks_exact(32));
    let pairs = parts.flat_map(|part| [seen.x.as_bytes(), seen.z.as_bytes()].map(|side| (side, part)));
    pairs
        .flat_map(|(side, part)| {
            side.iter().zip(part).flat_map(move |(a, b)| [(byte(a) - byte(b)).abs(), byte(a) * byte(b)])
        })
        .collect()
}

/// Learns from one half of these pairs, and is asked about the other: of an enrolment and two ballots, whose is which?
fn learnt(all: &[Seen]) -> Games {
    let (known, asked) = all.split_at(all.len() / 2);
    let examples = known.chunks_exact(2).flat_map(|two| {
        let [one, other] = two else { unreachable!() };
        [(bytes_of(one, &one.ballot), true), (bytes_of(one, &other.ballot), false)]
    });
    let (learner, mut games) = (Learner::train(&examples.collect::<Vec<_>>()), Games::default());
    for two in asked.chunks_exact(2) {
        games.play(&learner, &bytes_of(&two[0], &two[0].ballot), &bytes_of(&two[0], &two[1].ballot));
    }
    games
}

/// T33. Red if a classifier that was shown enrolments with their ballots finds others' oftener than a coin; red too if it
/// could not find them where one byte of a ballot goes with one of its enrolment, and not even always.
#[test]
fn a_classifier_trained_on_the_bytes_finds_no_ballot_of_an_enrolment() {
    let voters = if std::env::var_os("DOUXUAN_LONG").is_some() { 40_000 } else { 3_000 };
    let office = Office::new(1);
    let mut rng = StdRng::seed_from_u64(37);
    let contest = Contest::new(1, 1);
    let all: Vec<Seen> = (0..voters).map(|_| vote(&office, contest, office.issuer(contest), &mut rng)).collect();
    let games = learnt(&all);
    println!("{:.0} of {:.0} games, {:+.1} sigma", games.won, games.played, games.sigmas());
    assert!(games.played >= 700.0 && games.sigmas().abs() <= 4.0, "{games:?}");

    let marked = |one_in: usize| {
        let marked = all.iter().enumerate().map(|(number, Seen { x, z, ballot })| {
            let mut ballot = ballot.clone();
            if number % one_in == 0 {
                ballot[4 + 9] = x.as_bytes()[9] ^ 1;
            }
            Seen { x: *x, z: *z, ballot }
        });
        learnt(&marked.collect::<Vec<_>>())
    };
    // Every second voter is the one who is asked about.
    let (always, seldom) = (marked(1), marked(4));
    println!("marked: {:+.1} sigma always, {:+.1} in every second game", always.sigmas(), seldom.sigmas());
    assert!(always.sigmas() > 10.0, "{always:?}");
    assert!(seldom.sigmas() > 4.0, "{seldom:?}");
}

/// T34. Red if a key, a blind, a nonce or a commitment were used in two contests, or an identity crept into a ballot.
#[test]
fn nothing_in_a_voters_ballots_is_the_same_in_two_items() {
    let office = Office::new(1);
    let mut rng = StdRng::seed_from_u64(35);
    let contests = [Contest::new(1, 1), Contest::new(1, 2), Contest::new(2, 1), Contest::new(3, 1)];
    let mut where_seen: HashMap<Vec<u8>, BTreeSet<Contest>> = HashMap::new();
    for _ in 0..VOTERS {
        for contest in contests {
            let seen = vote(&office, contest, office.issuer(contest), &mut rng);
            let ballot = seen.ballot[4..].chunks(32).map(<[u8]>::to_vec);
            for field in ballot.chain([seen.x.as_bytes().to_vec(), seen.z.as_bytes().to_vec()]) {
                where_seen.entry(field).or_default().insert(contest);
            }
        }
    }
    let shared: Vec<_> = where_seen.values().filter(|contests| contests.len() > 1).collect();
    assert!(shared.is_empty(), "{} fields stand in two contests", shared.len());
    // B, N, C, n of a, n - 1 of c, n of z, two halves of sigma; X and Z.
    assert_eq!(where_seen.len(), VOTERS * contests.len() * (3 + 5 + 4 + 5 + 2 + 2), "and none stands twice anywhere");
}

/// T34. A credential is one of its own contest: shown in another it is no better than a number drawn at random. Red if
/// item or round were not part of what is blinded.
#[test]
fn a_credential_says_nothing_in_another_item() {
    let office = Office::new(1);
    let mut rng = StdRng::seed_from_u64(36);
    let (one, other) = (Contest::new(1, 1), Contest::new(2, 1));
    for _ in 0..VOTERS {
        let seen = vote(&office, one, office.issuer(one), &mut rng);
        let raw = RawBallot::split(&seen.ballot, office.manifest.options()).unwrap();
        assert!(office.issuer(one).credential_fits(&office, one, &raw));
        assert!(!office.issuer(other).credential_fits(&office, one, &raw));
        assert!(!office.issuer(one).credential_fits(&office, other, &raw));
        assert!(!office.issuer(other).credential_fits(&office, other, &raw));
    }
}

trait Fits {
    fn credential_fits(&self, office: &Office, contest: Contest, raw: &RawBallot<'_>) -> bool;
}

impl Fits for IssuerKey {
    fn credential_fits(&self, office: &Office, contest: Contest, raw: &RawBallot<'_>) -> bool {
        let input = credential_input(&office.manifest.id, contest, raw.b);
        self.evaluate(&Element::from_point(hash_to_group(&input))).as_bytes() == raw.n
    }
}
