//! A server that comes back stands where it stood before an act or after it, never between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod failpoints;
#[cfg(target_os = "linux")]
mod phases;
mod roll_back;
mod two_people;
