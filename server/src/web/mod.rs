//! Connections, headers, and the pages that are built into the binary.

mod answer;
mod guard;
mod listen;
mod pages;

pub use answer::{Asked, Refusal};
pub use guard::{Guard, protect};
pub use listen::serve;
pub use pages::{PageHashes, console_pages, hall_pages, phone_page_hashes, phone_pages};
