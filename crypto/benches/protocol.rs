//! What one voter, one server and one auditor pay: evaluate and prove, unblind and verify, the choice proof alone and
//! in a batch of 64, a receipt, and the audit of 1 000 ballots' cryptography.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use douxuan_crypto::{
    ballot::Ballot,
    blind::{Blind, IssuerKey, hash_to_group, verify_evaluation},
    board::{self, Board},
    contest::Contest,
    credential::{Credential, credential_input},
    group::Element,
    sign::SigningKey,
    tally::Tally,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

const M: [u8; 32] = [7; 32];
const CONTEST: Contest = Contest::new(1, 1);

fn credential(issuer: &IssuerKey, rng: &mut StdRng) -> Credential {
    let key = SigningKey::generate(rng);
    let input = hash_to_group(&credential_input(&M, CONTEST, key.verifying().as_bytes()));
    let n = issuer.evaluate(&Element::from_point(input));
    Credential::new(CONTEST, key, &n)
}

fn protocol(c: &mut Criterion) {
    let mut rng = StdRng::seed_from_u64(1);
    let issuer = IssuerKey::derive(&[1; 32], &[2; 16], CONTEST).unwrap();
    let blind = Blind::draw(&mut rng);
    let x = blind.blind(b"input");
    let context = b"OPRFV1-\x01-ristretto255-SHA512";
    c.bench_function("blind", |b| b.iter(|| Blind::draw(&mut rng).blind(b"input")));
    c.bench_function("evaluate and prove", |b| {
        b.iter(|| {
            let z = issuer.evaluate(&x);
            (z, issuer.prove(&[(x, z)], context, &mut rng).unwrap())
        });
    });
    let z = issuer.evaluate(&x);
    let proof = issuer.prove(&[(x, z)], context, &mut rng).unwrap();
    c.bench_function("verify and unblind", |b| {
        b.iter(|| {
            verify_evaluation(issuer.public(), &x, &z, &proof).unwrap();
            blind.unblind(&z)
        });
    });
    c.bench_function("ballot: commitment, choice proof, signature", |b| {
        b.iter_batched(
            || (credential(&issuer, &mut StdRng::seed_from_u64(3)), StdRng::seed_from_u64(4)),
            |(credential, mut rng)| credential.ballot_for(&M, 5, 2, &mut rng).unwrap(),
            BatchSize::SmallInput,
        );
    });

    let mut openings = Vec::new();
    let ballots: Vec<Vec<u8>> = (0..1000)
        .map(|_| {
            let j = rng.random_range(0..5);
            let (ballot, opening) = credential(&issuer, &mut rng).ballot_for(&M, 5, j, &mut rng).unwrap();
            openings.push(opening);
            ballot
        })
        .collect();
    let decoded: Vec<Ballot> = ballots.iter().take(64).map(|b| Ballot::decode(b, CONTEST, 5).unwrap()).collect();
    c.bench_function("choice proof verified alone", |b| b.iter(|| decoded[0].check_choice(&M).unwrap()));
    c.bench_function("64 choice proofs verified together", |b| {
        b.iter(|| Ballot::check_choices(&M, &decoded).unwrap());
    });
    c.bench_function("credential checked by the issuer", |b| {
        b.iter(|| decoded[0].check_credential(&M, &issuer).unwrap());
    });
    let key = SigningKey::from_seed(&[8; 32]);
    let leaf = decoded[0].leaf();
    c.bench_function("receipt signed", |b| b.iter(|| key.sign(&leaf)));

    let tally = Tally::of(&openings, 5).unwrap();
    let sorted = Board::sorted(ballots);
    let pairs = sorted.pairs(&M, CONTEST, 5).unwrap();
    let root = sorted.root();
    let proofs = board::prove(&issuer, &M, CONTEST, &root, &pairs, &mut rng).unwrap();
    let mut group = c.benchmark_group("audit");
    group.sample_size(10);
    group.bench_function("1 000 ballots, one thread", |b| {
        b.iter(|| {
            let ballots: Vec<Ballot> =
                sorted.ballots().iter().map(|b| Ballot::decode(b, CONTEST, 5).unwrap()).collect();
            ballots.iter().for_each(|b| b.check_signature(&M).unwrap());
            ballots.chunks(64).for_each(|chunk| Ballot::check_choices(&M, chunk).unwrap());
            let pairs = sorted.pairs(&M, CONTEST, 5).unwrap();
            board::verify_proofs(issuer.public(), &M, CONTEST, &root, &pairs, &proofs).unwrap();
            tally.verify(ballots.iter().map(Ballot::commitment)).unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, protocol);
criterion_main!(benches);
