//! A whole small meeting in memory, and offices that cheat in it.
//!
//! [`Office`] holds every key. [`Draft`] is what happened, [`Draft::write`] turns it into acts and files, and
//! [`Sealing`] is the last moment before the result is signed. A forgery changes one thing at one of these moments;
//! everything behind it is computed and signed again, so that the bundle is wrong in exactly that one thing.

mod casts;
mod draft;
mod forgeries;
mod forgeries_of_counts;
mod forgeries_of_records;
mod office;
mod sealing;

pub use casts::Cast;
pub use draft::{ContestDraft, Draft, Ending, WindowDraft, Written, redeem};
pub use forgeries::receipts;
pub use office::{Office, SlipKey};
pub use sealing::Sealing;

use douxuan_crypto::{audit::Step, bundle::Bundle};

/// A bundle, with what an audit must say of it.
pub struct Case {
    /// What was done, in a few words.
    pub name: &'static str,
    /// The step that must fail; `None` if all must hold.
    pub fails: Option<Step>,
    /// The bundle's bytes.
    pub zip: Vec<u8>,
    /// Receipts presented with it.
    pub receipts: Vec<Vec<u8>>,
}

impl Case {
    /// A case without receipts.
    #[must_use]
    pub fn new(name: &'static str, fails: Option<Step>, bundle: &Bundle) -> Self {
        Self { name, fails, zip: bundle.to_zip().unwrap(), receipts: Vec::new() }
    }

    /// The same with receipts.
    #[must_use]
    pub fn with_receipts(mut self, receipts: Vec<Vec<u8>>) -> Self {
        self.receipts = receipts;
        self
    }
}

/// Honest bundles, with and without receipts, of the shapes a meeting can have.
#[must_use]
pub fn honest_cases() -> Vec<Case> {
    forgeries::honest()
}

/// One forged and correctly re-signed bundle after the other, at least one for each of V1 to V13.
#[must_use]
pub fn forged_cases() -> Vec<Case> {
    let mut cases = forgeries::all();
    cases.extend(forgeries_of_counts::all());
    cases.extend(forgeries_of_records::all());
    cases
}
