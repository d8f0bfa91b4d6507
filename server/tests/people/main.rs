//! Who works at the console: accounts, sessions, rights, and acts that take two people.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod requests;
mod rights;
mod sessions;
#[path = "../staff/mod.rs"]
mod staff;
