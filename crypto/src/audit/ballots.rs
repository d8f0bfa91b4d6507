//! V5, V6 and V7: every ballot on its own, and that the issuer authorised each.

use super::{Checked, Held, Runner, boards::Ordered, runner};
use crate::{
    ballot::RawBallot,
    blind::hash_to_group,
    board::{self, proofs_from_bytes},
    choice::{self, ChoiceProof, Statement},
    credential::credential_input,
    group::Element,
    manifest::Manifest,
};

/// Ballots of one job: enough for a multi-scalar multiplication to pay, few enough to spread over threads.
const BATCH: usize = 128;

/// A run of ballots of one board, the unit of work.
struct Job<'a> {
    board: &'a Ordered<'a>,
    first: usize,
    ballots: &'a [RawBallot<'a>],
}

impl Job<'_> {
    fn at(&self, i: usize, why: &str) -> String {
        format!("board {}, ballot {}: {why}", self.board.contest(), self.first + i)
    }
}

fn jobs<'a>(boards: &'a [Ordered<'a>]) -> Vec<Job<'a>> {
    let chunks = |board: &'a Ordered<'a>| {
        let chunks = board.ballots.chunks(BATCH).enumerate();
        chunks.map(move |(i, ballots)| Job { board, first: i * BATCH, ballots })
    };
    boards.iter().flat_map(chunks).collect()
}

fn ballot_count(boards: &[Ordered<'_>]) -> usize {
    boards.iter().map(|b| b.ballots.len()).sum()
}

/// V5. Each sigma under its B, one by one: a batch would follow another rule.
pub(super) fn signatures(manifest: &Manifest, boards: &[Ordered<'_>], runner: &dyn Runner) -> Checked<()> {
    let jobs = jobs(boards);
    runner::all(runner, jobs.len(), |i| {
        let job = &jobs[i];
        let bad = job.ballots.iter().position(|ballot| ballot.check_signature(&manifest.id).is_err());
        bad.map_or(Ok(()), |i| Err(job.at(i, "its signature does not hold")))
    })?;
    let count = ballot_count(boards);
    Ok(Held {
        count,
        zh: format!("{count} 张票的签名全部有效。"),
        en: format!("The signatures of all {count} ballots hold."),
        value: (),
    })
}

/// V6. Each C holds exactly one option. Gives the commitments of each board.
pub(super) fn choices(manifest: &Manifest, boards: &[Ordered<'_>], runner: &dyn Runner) -> Checked<Vec<Vec<Element>>> {
    let jobs = jobs(boards);
    let done = runner::all(runner, jobs.len(), |i| job_choices(manifest, &jobs[i]))?;
    let mut chunks = done.into_iter();
    let mut commitments = Vec::with_capacity(boards.len());
    for board in boards {
        let own = board.ballots.len().div_ceil(BATCH);
        commitments.push(chunks.by_ref().take(own).flatten().collect());
    }
    let count = ballot_count(boards);
    Ok(Held {
        count,
        zh: format!("{count} 张票都恰好选了一个选项，而不知道是哪一个。"),
        en: format!("Each of {count} ballots holds exactly one option; which one stays unknown."),
        value: commitments,
    })
}

fn job_choices(manifest: &Manifest, job: &Job<'_>) -> Result<Vec<Element>, String> {
    let options = manifest.options();
    let decode = |(i, ballot): (usize, &RawBallot<'_>)| ballot.choice(options).map_err(|e| job.at(i, &e.to_string()));
    let decoded = job.ballots.iter().enumerate().map(decode).collect::<Result<Vec<_>, _>>()?;
    let batch: Vec<(Statement<'_>, &ChoiceProof)> = job
        .ballots
        .iter()
        .zip(&decoded)
        .map(|(ballot, (c, proof))| {
            let (manifest, contest) = (&manifest.id, ballot.contest);
            (Statement { manifest, contest, options, b: ballot.b, n: ballot.n, c }, proof)
        })
        .collect();
    if choice::verify_batch(&batch).is_err() {
        let bad = batch.iter().position(|(statement, proof)| proof.verify(statement).is_err());
        // A batch of proofs that all hold alone holds too; should it not, nothing is believed.
        return Err(job.at(bad.unwrap_or(0), "its choice proof does not hold"));
    }
    Ok(decoded.into_iter().map(|(c, _)| c).collect())
}

/// V7. One key, the manifest's K, authorised every ballot of a board.
pub(super) fn authorised(manifest: &Manifest, boards: &[Ordered<'_>], runner: &dyn Runner) -> Checked<()> {
    let jobs = jobs(boards);
    let pairs = runner::all(runner, jobs.len(), |i| {
        let job = &jobs[i];
        let pair = |(i, ballot): (usize, &RawBallot<'_>)| {
            let n = ballot.credential().map_err(|e| job.at(i, &format!("N: {e}")))?;
            let input = credential_input(&manifest.id, ballot.contest, ballot.b);
            Ok((Element::from_point(hash_to_group(&input)), n))
        };
        job.ballots.iter().enumerate().map(pair).collect::<Result<Vec<_>, String>>()
    })?;
    let mut chunks = pairs.into_iter();
    let pairs: Vec<Vec<(Element, Element)>> = boards
        .iter()
        .map(|board| chunks.by_ref().take(board.ballots.len().div_ceil(BATCH)).flatten().collect())
        .collect();
    let proofs = runner::all(runner, boards.len(), |i| {
        let (board, pairs) = (&boards[i], &pairs[i]);
        let Some(file) = board.proof() else { return Ok(0) };
        let at = |why: &str| format!("board {}: {why}", board.contest());
        let proofs = proofs_from_bytes(file).map_err(|e| at(&format!("proof: {e}")))?;
        board::verify_proofs(&board.keys.k, &manifest.id, board.contest(), &board.root(), pairs, &proofs)
            .map_err(|_| at("the proof that its ballots were authorised does not hold"))?;
        Ok(proofs.len())
    })?;
    let (count, ballots) = (proofs.iter().sum::<usize>(), ballot_count(boards));
    Ok(Held {
        count,
        zh: format!("{count} 份证明表明，{ballots} 张票都持有本会议发出的凭证（不说明主办方没有多发）。"),
        en: format!(
            "{count} proofs show that each of {ballots} ballots has a credential this meeting's issuer gave (not that \
             it gave none too many)."
        ),
        value: (),
    })
}
