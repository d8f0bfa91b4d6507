//! Spreading independent checks over threads, without this crate knowing about threads.

use std::sync::OnceLock;

/// Runs jobs 0..n, in any order, on any threads, and returns when all are done.
///
/// ```
/// use douxuan_crypto::audit::Runner;
///
/// struct Threads(usize);
///
/// impl Runner for Threads {
///     fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
///         std::thread::scope(|scope| {
///             for first in 0..self.0 {
///                 scope.spawn(move || (first..jobs).step_by(self.0).for_each(job));
///             }
///         });
///     }
/// }
/// ```
pub trait Runner: Sync {
    /// Runs `job` once for each number below `jobs`. A job that is not run counts as a check that failed.
    fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync));
}

/// One job after the other, on this thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct InTurn;

impl Runner for InTurn {
    fn run(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..jobs).for_each(job);
    }
}

/// The results of all jobs in order, or the failure with the lowest number: the same whatever the runner.
pub(super) fn all<T: Send + Sync>(
    runner: &dyn Runner,
    jobs: usize,
    job: impl Fn(usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let slots: Vec<OnceLock<Result<T, String>>> = (0..jobs).map(|_| OnceLock::new()).collect();
    runner.run(jobs, &|i| {
        if let Some(slot) = slots.get(i) {
            slot.get_or_init(|| job(i));
        }
    });
    let done = slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(|| Err("a check was not run".to_owned())));
    done.collect()
}
