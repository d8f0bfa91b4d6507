//! What was voted. This side sees credentials and ballots, never a token, a name or an address; it shares no store,
//! no state and no channel with the roll.
//!
//! In the order in which a ballot flows:
//!
//! - [`routes`]: one connection a ballot,
//! - [`slot`], [`check`]: by contest to the threads that check it,
//! - [`contest`]: what is known of the ballots that are in,
//! - [`commit`], [`spool`]: durable, a group at a time, then the receipt,
//! - [`live`], [`tick`]: what the hall may see while the contest is open,
//! - [`acts`], [`close`], [`ending`]: opening, the nine steps, publication,
//! - [`marks`], [`store`]: urn.db.

mod acts;
mod check;
mod close;
mod commit;
mod contest;
mod door;
mod ending;
mod failure;
mod live;
mod marks;
mod phase;
mod refusal;
mod routes;
mod slot;
mod spool;
mod store;
mod tick;

use std::sync::Arc;

pub use close::Closed;
pub use commit::Answer;
pub use door::{UrnDoor, UrnOptions};
pub use ending::Published;
pub use failure::StoreError;
pub use phase::{ContestView, Phase, Released, UrnView};
pub use refusal::UrnRefused;
pub use routes::router;

/// Where a thread draws from: made once a thread, so that tests can hand in seeded ones.
pub type RandomSource = Arc<dyn Fn() -> Box<dyn rand_core::CryptoRng + Send> + Send + Sync>;
