//! What a run of many requests gave: latencies from the intended moment, and how many of each outcome.

use std::{fmt, time::Duration};

/// How requests leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many always in flight: each next one leaves when one came back. For throughput.
    Closed {
        /// Requests in flight at once.
        in_flight: usize,
    },
    /// On a fixed schedule, whatever comes back. For latency.
    Open {
        /// Requests a second.
        per_second: f64,
    },
}

/// Round trips, sorted.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sorts what was measured.
    #[must_use]
    pub fn new(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        Self(measured)
    }

    /// All of several runs together.
    #[must_use]
    pub fn merged<'a>(runs: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::new(runs.into_iter().flat_map(|run| run.0.iter().copied()).collect())
    }

    /// How many were measured.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The smallest latency that at least `percent` of all do not exceed; `None` without any.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |percent| self.percentile(percent).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3);
        if self.0.is_empty() {
            return f.write_str("no latency");
        }
        write!(f, "p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", ms(50), ms(99), ms(100))
    }
}

/// One run of requests.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Requests that were to leave.
    pub asked: usize,
    /// Answered as hoped, and the answer verified.
    pub done: usize,
    /// Refused by the server.
    pub refused: usize,
    /// Answered with "closed".
    pub closed: usize,
    /// No answer, or one that did not hold; why, one line each.
    pub failed: Vec<String>,
    /// Left more than [`Self::SLACK`] behind their schedule (open loop only).
    pub late: usize,
    /// From the first intended send to the last answer.
    pub took: Duration,
    /// Of the answered ones, from the *intended* send, retries included.
    pub latencies: Latencies,
}

impl Run {
    /// What a send may be behind its schedule before it counts as late.
    pub const SLACK: Duration = Duration::from_millis(10);

    /// More than 5 % left late: the generator was the bottleneck, and the latencies say nothing.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.late * 20 > self.asked
    }

    /// Done a second.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        let done = u32::try_from(self.done).unwrap_or(u32::MAX);
        f64::from(done) / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} done", self.done, self.asked)?;
        for (count, what) in [(self.refused, "refused"), (self.closed, "closed"), (self.failed.len(), "failed")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        write!(f, " in {:.2} s, {:.0} a second, {}", self.took.as_secs_f64(), self.throughput(), self.latencies)?;
        if self.is_void() {
            write!(f, "; VOID: {} left late", self.late)?;
        }
        Ok(())
    }
}
