//! The wasm's plain C ABI: `alloc`, `free`, one export a step.
//!
//! A step takes its inputs as (address, length) pairs of buffers from `alloc`, returns a number and leaves what it
//! gives at `out()`, `out_len()` bytes long, until the next step or `wipe()`. This folder is the one place of the
//! project where `unsafe` is allowed: addresses come in from the page as numbers.
//!
//! One crate, two files: `ballot.wasm` for the phone page, and with the feature `page` `audit.wasm` for receipts.
#![allow(unsafe_code, reason = "the boundary to the page: addresses and lengths are plain numbers there")]
#![allow(unreachable_pub, reason = "exports are found by name in the wasm, not by path in Rust")]

use std::sync::Mutex;

use zeroize::{Zeroize, Zeroizing};

#[cfg(feature = "page")]
mod audit;
#[cfg(not(feature = "page"))]
mod ballot;

static OUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Puts a step's bytes where the page reads them, the former ones zeroised; hands the number on.
fn put(status: u32, mut bytes: Zeroizing<Vec<u8>>) -> u32 {
    // One page, one thread: a lock is never contended, and a panic ends the instance.
    let Ok(mut out) = OUT.lock() else { return 1 };
    out.zeroize();
    *out = core::mem::take(&mut *bytes);
    status
}

/// A buffer of the page's, as a slice.
///
/// # Safety
/// `address` and `length` are a buffer from `alloc` that the page has filled and not freed.
unsafe fn input<'a>(address: *const u8, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: by the contract above; the page has one thread and calls one step at a time.
    unsafe { core::slice::from_raw_parts(address, length) }
}

/// A zeroed buffer for the page to fill.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Zeroises and frees a buffer.
///
/// # Safety
/// `address` and `length` are of one `alloc`, freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(address: *mut u8, length: usize) {
    // SAFETY: by the contract above this is the box that `alloc` leaked.
    drop(Zeroizing::new(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(address, length)) }.into_vec()));
}

/// Where the last step's output lies.
#[unsafe(no_mangle)]
pub extern "C" fn out() -> *const u8 {
    OUT.lock().map_or(core::ptr::null(), |out| out.as_ptr())
}

/// How long it is.
#[unsafe(no_mangle)]
pub extern "C" fn out_len() -> usize {
    OUT.lock().map_or(0, |out| out.len())
}

/// Zeroises it.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    if let Ok(mut out) = OUT.lock() {
        out.zeroize();
    }
}

/// Exports of one shape: numbers, then buffers as (address, length); each gives a number and bytes.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident($($number:ident),* $(; $buffer:ident[$length:ident])*) $act:expr)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// Every address and length are a filled buffer from `alloc`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($number: u32,)* $($buffer: *const u8, $length: usize,)*) -> u32 {
            // SAFETY: by the contract above.
            $(let $buffer = unsafe { $crate::wasm::input($buffer, $length) };)*
            let (status, bytes) = $act;
            $crate::wasm::put(status as u32, bytes)
        }
    )*};
}
use steps;
