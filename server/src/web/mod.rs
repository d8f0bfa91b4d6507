//! Connections, headers, and the pages that are built into the binary.

mod answer;
mod asset;
mod captive;
mod guard;
mod listen;
mod pages;
mod tls;

pub use answer::{Asked, Queried, Refusal};
pub use guard::{Guard, protect};
pub use listen::{serve, serve_as};
pub use pages::{PageHashes, console_pages, hall_pages, phone_page_hashes, phone_pages};
pub use tls::{Certificate, LEAST_DAYS, TlsError};
