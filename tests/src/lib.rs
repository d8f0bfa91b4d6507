//! What the tests of several packages share.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "support of tests: a failure is a bug there"
)]

pub mod forge;
pub mod mutants;
pub mod second;

/// A server under test and what is put around it.
pub mod console;
pub mod continuation;
pub mod disk_image;
pub mod http;
pub mod journal;
pub mod learner;
pub mod link;
pub mod meeting;
pub mod order;
pub mod recording;
pub mod search;
pub mod server;
pub mod shim;
pub mod tap;
pub mod witness;
