//! The wasm's plain C ABI: `alloc`, `free`, one export a step, one import for random bytes.
//!
//! A step takes its inputs as (address, length) pairs of buffers from `alloc`, returns a [`Status`] number and leaves
//! what it gives at `out()`, `out_len()` bytes long, until the next step or `wipe()`. This is the one file of the
//! project where `unsafe` is allowed: addresses come in from the page as numbers.
#![allow(unsafe_code, reason = "the boundary to the page: addresses and lengths are plain numbers there")]
#![allow(unreachable_pub, reason = "exports are found by name in the wasm, not by path in Rust")]

use std::sync::Mutex;

use douxuan_crypto::contest::Contest;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use zeroize::{Zeroize, Zeroizing};

use crate::phone::{Outcome, Phone};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Fills a range of this memory by `crypto.getRandomValues`. A page without it never gets this far.
    fn random_fill(address: *mut u8, length: usize);
}

/// The page's `crypto.getRandomValues`.
struct PageRng;

impl TryRng for PageRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        // SAFETY: the range is a live exclusive borrow; the page writes into it before this returns.
        unsafe { random_fill(dst.as_mut_ptr(), dst.len()) };
        Ok(())
    }
}

impl TryCryptoRng for PageRng {}

static PHONE: Mutex<Phone> = Mutex::new(Phone::new());
static OUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// One step: what it gives is put where the page reads it, the former output zeroised.
fn step(act: impl FnOnce(&mut Phone) -> Outcome) -> u32 {
    // One page, one thread: a lock is never contended, and a panic ends the instance.
    let (Ok(mut phone), Ok(mut out)) = (PHONE.lock(), OUT.lock()) else { return 1 };
    let (status, mut bytes) = act(&mut phone);
    out.zeroize();
    *out = core::mem::take(&mut *bytes);
    status as u32
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

fn contest(item: u32, round: u32) -> Contest {
    Contest::new(u16::try_from(item).unwrap_or(u16::MAX), u8::try_from(round).unwrap_or(u8::MAX))
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

/// Exports of one shape: numbers, then buffers as (address, length).
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident($phone:ident $(, $number:ident)* $(; $buffer:ident[$length:ident])*) $act:expr)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// Every address and length are a filled buffer from `alloc`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($number: u32,)* $($buffer: *const u8, $length: usize,)*) -> u32 {
            // SAFETY: by the contract above.
            $(let $buffer = unsafe { input($buffer, $length) };)*
            step(|$phone| $act)
        }
    )*};
}

steps! {
    /// [`Phone::begin`].
    begin(phone) phone.begin(&mut PageRng)
    /// [`Phone::sha256`].
    sha256(phone; bytes[length]) phone.sha256(bytes)
    /// [`Phone::check`].
    check(phone; manifest[manifest_length]; facts[facts_length]) phone.check(manifest, facts)
    /// [`Phone::scan`].
    scan(phone; fragment[length]) phone.scan(fragment)
    /// [`Phone::typed`].
    typed(phone; code[length]) phone.typed(code)
    /// [`Phone::resume`].
    resume(phone; wallet[length]) phone.resume(wallet)
    /// [`Phone::prepare`].
    prepare(phone) phone.prepare(&mut PageRng)
    /// [`Phone::stored`].
    stored(phone; bytes[length]) phone.stored(bytes)
    /// [`Phone::request`].
    request(phone) phone.request(&mut PageRng)
    /// [`Phone::enrolled`].
    enrolled(phone; reply[reply_length]; log[log_length]; checkpoint[checkpoint_length])
        phone.enrolled(reply, log, checkpoint)
    /// [`Phone::contests`].
    contests(phone) phone.contests()
    /// [`Phone::seal`].
    seal(phone; choices[length]) phone.seal(choices, &mut PageRng)
    /// [`Phone::ballot`].
    ballot(phone, item, round) phone.ballot(contest(item, round))
    /// [`Phone::receipt`].
    receipt(phone, item, round; reply[length]) phone.receipt(contest(item, round), reply)
    /// [`Phone::unanswered`].
    unanswered(phone, item, round) phone.unanswered(contest(item, round))
    /// [`Phone::note`].
    note(phone, item, round) phone.note(contest(item, round))
    /// [`Phone::look_up`].
    look_up(phone, item, round; entries[length]; checkpoint[checkpoint_length])
        phone.look_up(contest(item, round), entries, checkpoint)
    /// [`Phone::forget`].
    forget(phone) phone.forget()
}
