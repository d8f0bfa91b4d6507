//! The voter's side of Douxuan, one implementation for the phone's wasm, the native client and the swarm.
//!
//! token -> credential -> ballot -> receipt
//!
//! Modules stand in the order in which a voter meets them. Nothing above `native` does any I/O or takes randomness of
//! its own.

/// What the device must be able to do before anything starts.
pub mod randomness;
/// The states from the slip to the receipts.
pub mod journey;
/// The states as bytes.
pub mod wallet;
/// Routes and sizes.
pub mod wire;
/// The journey as the page drives it, step by step with bytes.
pub mod phone;

#[cfg(target_arch = "wasm32")]
mod wasm;

/// The journey over real sockets.
#[cfg(feature = "native")]
pub mod native;
/// Many simulated phones that keep every receipt.
#[cfg(feature = "native")]
pub mod swarm;
/// The raw limits of this machine, to compare a server with.
#[cfg(feature = "native")]
pub mod baseline;
/// What `douxuan-ballot` does.
#[cfg(feature = "native")]
pub mod commands;
