//! Staff: who may use the console, who is signed in, and which acts take two people.
//!
//! Staff knows nothing of meetings. The desk's routes are put inside [`guarded`], which lets a request through once it is
//! clear who does the act; the desk reads that from [`By`], and tells through [`World`] what an act would come to.
//!
//! ```text
//! request -> session -> right of the role -> one person:  the act, By one
//!                                         -> two people:  waits (202); confirmed: the same act, By both
//! ```
//!
//! Accounts are in office.db. Sessions, failures and requests are in memory: a restart forgets them, and signs everybody
//! out.

mod account;
mod around;
mod by;
mod code;
mod entry;
mod gate;
mod keeping;
mod machine;
mod phrase;
mod request;
mod rights;
mod routes;
mod rows;
mod session;
mod store;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use account::{Account, AccountId, Role, SignInName, is_reported, reported_scrutineers, same_name};
pub use around::{World, guarded};
pub use by::{By, Part};
pub use code::draw_code;
pub use entry::Entered;
pub use gate::Pace;
pub use keeping::Shown;
pub use machine::{MachineError, StaffCommand, list as list_accounts, reset as reset_account, run};
pub use phrase::{Cost, check as check_phrase};
pub use request::{LASTS as REQUEST_LASTS, Look, moved};
pub use rights::{Act, Asking, Policy, Right, asking, may_confirm, right};
pub use session::{ABSOLUTE, Channel, EACH, IDLE, Signed};
pub use store::StaffError;

/// Where cookies, codes and salts are drawn from.
pub type Random = Arc<dyn Fn() -> Box<dyn CryptoRng + Send> + Send + Sync>;

/// What a staff is made of. Randomness and time come in here and nowhere else.
pub struct StaffParts {
    /// The data folder.
    pub data: PathBuf,
    /// Where cookies, codes and salts are drawn from.
    pub random: Random,
    /// The clock of sessions, delays and requests, which never jumps.
    pub clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// Today, for the end of one-time codes.
    pub today: fn() -> SystemTime,
    /// The code that was printed: it makes the first account, and is dead as soon as there is one.
    pub code: Zeroizing<String>,
    /// True for a rehearsal or demonstration: the code signs in as an office that no database knows. **Never for a real
    /// meeting**: whoever has the code would act without an account.
    pub drill: bool,
    /// How fast guesses are answered.
    pub pace: Pace,
    /// What a pass-phrase costs to check.
    pub cost: Cost,
}

/// The staff. Clones are the same one.
#[derive(Clone)]
pub struct Staff(Arc<Inner>);

struct Inner {
    random: Random,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    today: fn() -> SystemTime,
    code: [u8; 32],
    drill: Option<Arc<Account>>,
    store: store::Store,
    hasher: phrase::Hasher,
    inside: std::sync::Mutex<Inside>,
}

/// What lives in memory. One lock: a session that ends takes its requests with it in the same moment.
struct Inside {
    gate: gate::Gate,
    sessions: session::Sessions,
    requests: request::Requests,
    failed: HashMap<AccountId, u32>,
}

impl Staff {
    /// Opens the accounts. Nobody is signed in.
    ///
    /// # Errors
    /// [`StaffError`].
    pub async fn start(parts: StaffParts) -> Result<Self, StaffError> {
        let StaffParts { data, random, clock, today, code, drill, pace, cost } = parts;
        let mut rng = random();
        let drill = drill.then(|| {
            let (name, sign_in) = ("演练".to_owned(), SignInName::typed("drill"));
            Arc::new(Account { id: store::draw_id(&mut *rng), name, sign_in, role: Role::Office, active: true })
        });
        let gate = gate::Gate::new(pace, &mut *rng);
        drop(rng);
        let inside =
            Inside { gate, sessions: Default::default(), requests: Default::default(), failed: HashMap::new() };
        Ok(Self(Arc::new(Inner {
            random,
            clock,
            today,
            code: code::hashed(&code),
            drill,
            store: store::Store::open(&data).await?,
            hasher: phrase::Hasher::new(cost),
            inside: std::sync::Mutex::new(inside),
        })))
    }

    /// Whether the printed code still opens something: there is no account yet, or this is a drill.
    ///
    /// # Errors
    /// [`StaffError`].
    pub async fn code_counts(&self) -> Result<bool, StaffError> {
        Ok(self.0.drill.is_some() || !self.store().any().await?)
    }

    /// All accounts, closed ones included.
    ///
    /// # Errors
    /// [`StaffError`].
    pub async fn accounts(&self) -> Result<Vec<Account>, StaffError> {
        Ok(self.store().all().await?.into_iter().map(|kept| kept.account).collect())
    }

    /// Closes the database. Nothing can be done afterwards.
    pub async fn close(&self) {
        self.store().close().await;
    }

    fn is_drill(&self) -> bool {
        self.0.drill.is_some()
    }

    fn store(&self) -> &store::Store {
        &self.0.store
    }

    fn rng(&self) -> Box<dyn CryptoRng + Send> {
        (self.0.random)()
    }

    /// What lives in memory, after whatever has run out by now has ended.
    fn inside(&self) -> (MutexGuard<'_, Inside>, Instant) {
        let now = (self.0.clock)();
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.requests.sweep(now);
        let over = inside.sessions.sweep(now);
        inside.requests.end_with(&over);
        (inside, now)
    }
}

impl Inside {
    fn failed(&mut self, account: AccountId) {
        let count = self.failed.entry(account).or_default();
        *count = count.saturating_add(1);
    }
}

/// Waits as long as an attempt must.
async fn wait(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}
