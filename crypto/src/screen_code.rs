//! Screen codes: fingerprints for eyes (PROTOCOL section 2).
//!
//! Eight groups of four digits of `X mod 10^32`, X being SHA-256 applied 65 536 times. The work makes searching for a
//! manifest with a similar code 65 536 times dearer.

use crate::{
    hash::{enc, sha256},
    labels,
    merkle::Hash,
};

fn code(kind: &str, bytes: &[u8]) -> String {
    let mut x = sha256(&enc(labels::SCREEN_CODE, &[kind.as_bytes(), bytes]));
    for _ in 1..65_536 {
        x = sha256(&x);
    }
    // X mod 10^32, digit group by digit group from the right: long division by 10 000.
    let mut number = x;
    let mut groups = [0u32; 8];
    for group in groups.iter_mut().rev() {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 10_000).unwrap_or(0);
            rest = value % 10_000;
        }
        *group = rest;
    }
    groups.map(|g| format!("{g:04}")).join(" ")
}

/// Code of a manifest's identity M.
#[must_use]
pub fn manifest_code(id: &[u8; 32]) -> String {
    code("manifest", id)
}

/// Code of a board root.
#[must_use]
pub fn board_code(root: &Hash) -> String {
    code("board", root)
}

/// Code of a log head.
#[must_use]
pub fn log_code(size: u64, root: &Hash) -> String {
    code("log", &[&size.to_be_bytes(), root.as_slice()].concat())
}
