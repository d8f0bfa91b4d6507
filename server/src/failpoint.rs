//! Places where a test may kill the process, to see what a restart makes of it.
//!
//! Only with the cargo feature `failpoints`: `DOUXUAN_FAILPOINT=close.3` aborts at the first pass of that place,
//! `DOUXUAN_FAILPOINT=spool.after_fsync:7` at the seventh. An abort runs no destructor and flushes nothing, like a
//! killed process. Without the feature the call compiles to nothing.

/// Aborts the process here if the environment names this place.
#[cfg(feature = "failpoints")]
pub fn hit(name: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };

    static ARMED: OnceLock<Option<(String, AtomicU32)>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| {
        let wanted = std::env::var("DOUXUAN_FAILPOINT").ok()?;
        let (place, count) = match wanted.split_once(':') {
            Some((place, count)) => (place.to_owned(), count.parse().unwrap_or(1)),
            None => (wanted, 1),
        };
        Some((place, AtomicU32::new(count)))
    });
    if let Some((place, left)) = armed
        && place == name
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}

/// Compiles to nothing.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn hit(_name: &str) {}
