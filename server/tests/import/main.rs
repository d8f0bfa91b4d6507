//! Lists from outside: what is read, repaired, asked about and refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod http;
mod lists;
#[path = "../office/mod.rs"]
mod office;
mod offices;
mod refused;
mod sample;
#[path = "../workbook/mod.rs"]
mod workbook;
