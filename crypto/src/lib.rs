//! The Douxuan ballot protocol, version 1: what the phone, the server and the auditor compute.
//!
//! token -> credential -> ballot -> receipt -> board -> tally -> record
//!
//! Pure functions: no I/O, no clock, no global randomness; the same code runs natively and as wasm. Modules stand in
//! the order of the protocol. Nothing before the blind line knows a credential or a ballot, nothing behind it knows
//! a token; `PROTOCOL.md` beside this crate is the text to the byte.

// What everything is made of.
pub mod base64;
pub mod bytes;
pub mod contest;
pub mod group;
pub mod hash;
mod json;
pub mod labels;
pub mod merkle;
pub mod note;
pub mod seal;
pub mod sign;

// Fixed before any slip is printed.
pub mod manifest;
pub mod screen_code;

// Who may vote: tokens, and the exchange of one for blind evaluations.
pub mod enroll;
pub mod token;

// ======== the blind line ========
pub mod blind;

// What was voted.
pub mod ballot;
pub mod choice;
pub mod commit;
pub mod credential;
pub mod receipt;
pub mod release;
pub mod spool;

// What is published.
pub mod board;
pub mod tally;

// What the office did, what it counts up to, and how anyone checks it.
pub mod audit;
pub mod bundle;
pub mod container;
pub mod count;
pub mod lists;
pub mod log;
pub mod result;
pub mod summary;
pub mod thresholds;
