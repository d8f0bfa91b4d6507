//! The threads that do the roll's arithmetic. One credential costs about 90 us and a phone has up to 240 of them:
//! on the async workers that would stall every socket.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use rand_core::CryptoRng;
use tokio::sync::{Semaphore, oneshot};

/// Where a thread draws from: made once a thread, so that tests can hand in a seeded one.
pub type RandomSource = Arc<dyn Fn() -> Box<dyn CryptoRng + Send> + Send + Sync>;

type Job = Box<dyn FnOnce(&mut dyn CryptoRng) + Send>;

/// The workers are busy and their queue is full, or they are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// A bounded pool of threads. The last handle dropped ends them.
#[derive(Clone)]
pub(super) struct Workers {
    jobs: mpsc::Sender<Job>,
    places: Arc<Semaphore>,
}

impl Workers {
    /// Starts `threads` threads behind a queue of `places` jobs.
    ///
    /// # Errors
    /// Any error of the system that refuses a thread.
    pub(super) fn start(threads: usize, places: usize, random: &RandomSource) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let (queue, random) = (queue.clone(), random.clone());
            std::thread::Builder::new().name(format!("roll-{number}")).spawn(move || {
                let mut rng = random();
                loop {
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = job else { break };
                    // A panic costs its own request its answer, not the meeting its thread.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&mut *rng)));
                }
            })?;
        }
        Ok(Self { jobs, places: Arc::new(Semaphore::new(places)) })
    }

    /// Takes a place in the queue for one request, which may then run several jobs.
    ///
    /// # Errors
    /// [`Busy`] at once if the queue is full.
    pub(super) fn place(&self) -> Result<Place, Busy> {
        let permit = self.places.clone().try_acquire_owned().map_err(|_| Busy)?;
        Ok(Place { jobs: self.jobs.clone(), _permit: permit })
    }
}

/// One request's place in the queue.
pub(super) struct Place {
    jobs: mpsc::Sender<Job>,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Place {
    /// Runs a job on a worker and waits for its answer.
    ///
    /// # Errors
    /// [`Busy`] if the workers are gone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn CryptoRng) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |rng| {
            let _ = answer.send(job(rng));
        });
        self.jobs.send(job).map_err(|_| Busy)?;
        answered.await.map_err(|_| Busy)
    }
}
