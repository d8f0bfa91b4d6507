//! A receipt is a promise: whatever happens to the process, its disk or its clock, the ballot is on the board, once.
//!
//! Every test ends with the public audit over the exported bundle, and with what the phones hold against it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod faults;
mod kills;

fn is_long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}
