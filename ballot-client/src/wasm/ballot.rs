//! `ballot.wasm`: the phone's journey, and one import for random bytes.

use std::sync::Mutex;

use douxuan_crypto::contest::Contest;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use super::steps;
use crate::phone::{Outcome, Phone, Status};

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

/// The page's journey does one step.
fn with(act: impl FnOnce(&mut Phone) -> Outcome) -> Outcome {
    let Ok(mut phone) = PHONE.lock() else { return (Status::Order, Zeroizing::default()) };
    act(&mut phone)
}

fn contest(item: u32, round: u32) -> Contest {
    Contest::new(u16::try_from(item).unwrap_or(u16::MAX), u8::try_from(round).unwrap_or(u8::MAX))
}

steps! {
    /// [`Phone::begin`].
    begin() with(|phone| phone.begin(&mut PageRng))
    /// [`Phone::sha256`].
    sha256(; bytes[length]) with(|phone| phone.sha256(bytes))
    /// [`Phone::check`].
    check(; manifest[manifest_length]; facts[facts_length]) with(|phone| phone.check(manifest, facts))
    /// [`Phone::scan`].
    scan(; fragment[length]) with(|phone| phone.scan(fragment))
    /// [`Phone::typed`].
    typed(; code[length]) with(|phone| phone.typed(code))
    /// [`Phone::resume`].
    resume(; wallet[length]) with(|phone| phone.resume(wallet))
    /// [`Phone::prepare`].
    prepare() with(|phone| phone.prepare(&mut PageRng))
    /// [`Phone::stored`].
    stored(; bytes[length]) with(|phone| phone.stored(bytes))
    /// [`Phone::request`].
    request() with(|phone| phone.request(&mut PageRng))
    /// [`Phone::enrolled`].
    enrolled(; reply[reply_length]; log[log_length]; checkpoint[checkpoint_length])
        with(|phone| phone.enrolled(reply, log, checkpoint))
    /// [`Phone::contests`].
    contests() with(|phone| phone.contests())
    /// [`Phone::seal`].
    seal(; choices[length]) with(|phone| phone.seal(choices, &mut PageRng))
    /// [`Phone::ballot`].
    ballot(item, round) with(|phone| phone.ballot(contest(item, round)))
    /// [`Phone::receipt`].
    receipt(item, round; reply[length]) with(|phone| phone.receipt(contest(item, round), reply))
    /// [`Phone::unanswered`].
    unanswered(item, round) with(|phone| phone.unanswered(contest(item, round)))
    /// [`Phone::note`].
    note(item, round) with(|phone| phone.note(contest(item, round)))
    /// [`Phone::look_up`].
    look_up(item, round; entries[length]; checkpoint[checkpoint_length])
        with(|phone| phone.look_up(contest(item, round), entries, checkpoint))
    /// [`Phone::forget`].
    forget() with(|phone| phone.forget())
}
