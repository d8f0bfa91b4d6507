//! The voter's side of Douxuan, one implementation for the phone's wasm, the native client and the swarm.
//!
//! token -> credential -> ballot -> receipt
//!
//! Modules stand in the order in which a voter meets them. Nothing above `native` does any I/O or takes randomness of
//! its own; without the feature `native` nothing else is built, and that is the phone's wasm; `page` alone makes the
//! receipt page's.

// What the device must be able to do before anything starts.
pub mod randomness;

// The states from the slip to the receipts, and the same as bytes.
pub mod journey;

pub mod wallet;

// Routes and sizes.
pub mod wire;

// The journey as the page drives it, step by step with bytes, and the page's door to it.
pub mod phone;

// Receipts after the meeting: as text and as pictures, and what becomes of them on downloaded boards.
#[cfg(feature = "page")]
pub mod receipts;

#[cfg(target_arch = "wasm32")]
mod wasm;

// The journey over real sockets, and many phones that keep every receipt.
#[cfg(feature = "native")]
pub mod native;

#[cfg(feature = "native")]
pub mod swarm;

// The raw limits of this machine, to compare a server with, and what `douxuan-ballot` does.
#[cfg(feature = "native")]
pub mod baseline;

#[cfg(feature = "native")]
pub mod commands;
