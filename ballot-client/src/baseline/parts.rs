//! What the parts of a cast and of an enrolment cost one by one, without sockets or disk.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use douxuan_crypto::{
    ballot::{Ballot, Cast, SealedBallot},
    commit::Opening,
    enroll::{EnrolRequest, Enrolment},
    receipt::{CastReply, Receipt},
    sign::Refused,
    spool::{Spool, SpoolKey},
    token::{Mask, Token},
};

use super::{
    cpu,
    meeting::{CONTEST, RawMeeting},
};

/// CPU time of one cast's cryptography on one thread, each part alone, choice proofs not batched.
pub(super) fn cast(meeting: &RawMeeting, ballots: &[SealedBallot]) -> Result<Vec<(&'static str, Duration)>, Refused> {
    let RawMeeting { manifest, issuer, casting, receipts, .. } = meeting;
    let rng = &mut rand::rng();
    let casts = timed(ballots, |sealed| Cast::unseal(manifest, CONTEST, casting, &sealed.wire))?;
    let decoded = timed(&casts.made, |cast: &Cast| {
        Ballot::decode(cast.ballot_bytes(), CONTEST, manifest.options()).map_err(|_| Refused)
    })?;
    let openings: Vec<Opening> =
        casts.made.iter().map(|cast| cast.opening().map_err(|_| Refused)).collect::<Result<_, _>>()?;
    let pairs: Vec<(&Ballot, &Opening)> = decoded.made.iter().zip(&openings).collect();
    let signature = timed(&decoded.made, |ballot| ballot.check_signature(&manifest.id))?;
    let credential = timed(&decoded.made, |ballot| ballot.check_credential(&manifest.id, issuer))?;
    let choice = timed(&decoded.made, |ballot| ballot.check_choice(&manifest.id))?;
    let opening = timed(&pairs, |(ballot, opening)| ballot.check_opening(opening))?;
    let spool = Spool::new(SpoolKey::from_bytes(&meeting.spool.to_bytes()), &manifest.id, CONTEST, manifest.options());
    let record = timed(&pairs, |(ballot, opening)| Ok(spool.record(0, ballot, opening, rng)))?;
    let receipt = timed(&decoded.made, |ballot| Ok(Receipt::issue(manifest, CONTEST, &ballot.leaf(), receipts)))?;
    let answers: Vec<_> = casts.made.iter().zip(receipt.made).collect();
    let reply = timed(&answers, |(cast, receipt)| {
        Ok(CastReply::Accepted(receipt.note.clone()).seal(&cast.reply_key, &mut rand::rng()))
    })?;
    Ok(vec![
        ("open", casts.each),
        ("decode", decoded.each),
        ("signature", signature.each),
        ("credential", credential.each),
        ("choice", choice.each),
        ("opening", opening.each),
        ("record", record.each),
        ("receipt", receipt.each),
        ("reply", reply.each),
    ])
}

struct Timed<T> {
    made: Vec<T>,
    each: Duration,
}

/// What one operation takes: CPU time where the thread's own is known, wall time elsewhere. All inputs are gone through
/// again until it takes longer than the system's accounting is coarse.
fn timed<I, T>(inputs: &[I], mut work: impl FnMut(&I) -> Result<T, Refused>) -> Result<Timed<T>, Refused> {
    let (cpu, wall) = (cpu::of_this_thread(), Instant::now());
    let mut passes = 0;
    let made = loop {
        let made: Vec<T> = inputs.iter().map(|input| black_box(work(black_box(input)))).collect::<Result<_, _>>()?;
        passes += 1;
        if made.is_empty() || wall.elapsed() > Duration::from_millis(100) {
            break made;
        }
    };
    let spent = match (cpu, cpu::of_this_thread()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    };
    let count = u32::try_from(inputs.len().max(1)).unwrap_or(u32::MAX);
    Ok(Timed { made, each: spent / count / passes })
}

/// Evaluations with their proofs a second, on all cores, for about `span`.
pub(super) fn evaluations(meeting: &RawMeeting, span: Duration) -> Result<f64, Refused> {
    let manifest = &meeting.manifest;
    let rng = &mut rand::rng();
    let enrolment = Enrolment::begin(manifest, &Token::generate(rng), None, rng).map_err(|_| Refused)?;
    let request = EnrolRequest::decode(manifest, enrolment.request())?;
    let mask = Mask::excluding(manifest.items.len(), &[]);
    let keys: Vec<_> = manifest.contests.iter().map(|_| Some(&meeting.issuer)).collect();
    let start = Instant::now();
    let count: u32 = thread::scope(|scope| {
        let worker = || {
            let mut count = 0;
            while start.elapsed() < span {
                if request.evaluate(manifest, &mask, &keys, &mut rand::rng()).is_ok() {
                    count += u32::try_from(keys.len()).unwrap_or(0);
                }
            }
            count
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let handles: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or(0)).sum()
    });
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
