//! What is left behind by a meeting, and what passes by on the wire, says nothing that it must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod arrival;
mod frames;
mod learned;
mod recorded;
#[cfg(target_os = "linux")]
mod traces;
mod trial;

fn is_long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}
