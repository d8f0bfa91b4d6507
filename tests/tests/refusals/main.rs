//! What is asked twice is answered as before or refused; what is too large is refused before it costs anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod again;
mod sizes;

fn is_long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}
