//! Sends prepared messages at a pace and times each from the moment it was meant to leave.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use douxuan_crypto::contest::Contest;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::measure::{Latencies, Pace, Run};
use crate::native::{
    deliver::{Way, deliver},
    door::{Door, NetworkError},
};

/// One prepared message.
pub(crate) struct Job {
    /// Whose it is.
    pub(crate) phone: usize,
    /// Which contest it is for; the rehearsal's number for an enrolment.
    pub(crate) contest: Contest,
    /// The sealed bytes.
    pub(crate) message: Vec<u8>,
}

/// What came back for one message.
pub(crate) struct Answer {
    /// Whose it is.
    pub(crate) phone: usize,
    /// Which contest it is for.
    pub(crate) contest: Contest,
    /// The sealed reply.
    pub(crate) reply: Result<Vec<u8>, NetworkError>,
    /// From the intended send.
    latency: Duration,
    late: bool,
}

/// Sends all of them. The run has its times and late ones filled in; the replies are for the caller to judge.
pub(crate) async fn drive(door: &Door, way: Way, jobs: Vec<Job>, pace: Pace, patience: Duration) -> (Run, Vec<Answer>) {
    let asked = jobs.len();
    let jobs = Arc::new(jobs);
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    match pace {
        Pace::Closed { in_flight } => {
            let next = Arc::new(AtomicUsize::new(0));
            for _ in 0..in_flight.clamp(1, asked.max(1)) {
                let (door, jobs, next) = (door.clone(), Arc::clone(&jobs), Arc::clone(&next));
                tasks.spawn(async move {
                    let mut answers = Vec::new();
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        answers.push(ask(&door, way, job, Instant::now(), patience).await);
                    }
                    answers
                });
            }
        }
        Pace::Open { per_second } => {
            for index in 0..asked {
                let (door, jobs) = (door.clone(), Arc::clone(&jobs));
                let share = f64::from(u32::try_from(index).unwrap_or(u32::MAX)) / per_second.max(0.01);
                let intended = start + Duration::from_secs_f64(share);
                tasks.spawn(async move {
                    sleep_until(intended).await;
                    match jobs.get(index) {
                        Some(job) => vec![ask(&door, way, job, intended, patience).await],
                        None => Vec::new(),
                    }
                });
            }
        }
    }
    let answers: Vec<Answer> = tasks.join_all().await.into_iter().flatten().collect();
    let took = start.elapsed();
    let late = answers.iter().filter(|answer| answer.late).count();
    let measured = answers.iter().filter(|answer| answer.reply.is_ok()).map(|answer| answer.latency).collect();
    (Run { asked, took, late, latencies: Latencies::new(measured), ..Run::default() }, answers)
}

async fn ask(door: &Door, way: Way, job: &Job, intended: Instant, patience: Duration) -> Answer {
    let late = intended.elapsed() > Run::SLACK;
    let reply = deliver(door, way, &job.message, patience).await;
    Answer { phone: job.phone, contest: job.contest, reply, latency: intended.elapsed(), late }
}
