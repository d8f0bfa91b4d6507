//! Pass-phrases: what they must be, and how they are kept.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::account::{SignInName, folded};
use crate::web::Refusal;

/// Least weight of a pass-phrase: a letter or digit weighs one, a Chinese character two.
const WEIGHT: usize = 12;
/// What must be left of it without the names that anybody would try first.
const WEIGHT_WITHOUT_NAMES: usize = 8;
/// Fewest different characters.
const DIFFERENT: usize = 5;
/// Most characters.
const LONGEST: usize = 128;
/// Hashes computed at once: two people may sign in together, and phones keep the other processors.
const AT_ONCE: usize = 2;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// RFC 9106 section 4, the second recommended option: 64 MiB, which the laptop of an office has to spare.
    pub const RECOMMENDED: Self = Self { memory: 64 << 10, passes: 3, lanes: 4 };
}

/// A pass-phrase as it is kept: argon2id.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Hashed {
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
    pub(super) cost: Cost,
}

/// Computes hashes, a few at once, on threads where they stall no socket.
pub(super) struct Hasher {
    places: Arc<Semaphore>,
    cost: Cost,
}

impl Hasher {
    pub(super) fn new(cost: Cost) -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), cost }
    }

    /// Hashes a new pass-phrase.
    pub(super) async fn hash(&self, phrase: &str, rng: &mut (dyn CryptoRng + Send)) -> Result<Hashed, Refusal> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let hash = self.compute(phrase, salt, self.cost).await?;
        Ok(Hashed { salt, hash, cost: self.cost })
    }

    /// Whether a pass-phrase is the one kept. Without one the same work is done and the answer is no, so that time does
    /// not tell which names exist.
    pub(super) async fn fits(&self, phrase: &str, kept: Option<&Hashed>) -> Result<bool, Refusal> {
        let (salt, cost) = kept.map_or(([0; 16], self.cost), |kept| (kept.salt, kept.cost));
        let hash = self.compute(phrase, salt, cost).await?;
        Ok(kept.is_some_and(|kept| hash.ct_eq(&kept.hash).into()))
    }

    async fn compute(&self, phrase: &str, salt: [u8; 16], cost: Cost) -> Result<[u8; 32], Refusal> {
        // What is longer than any pass-phrase is cut: it fits none, and costs no more than one.
        let phrase = Zeroizing::new(phrase.chars().take(LONGEST + 1).collect::<String>());
        let place = self.places.clone().acquire_owned().await.map_err(Refusal::broken)?;
        let computed = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, even if whoever asked has hung up.
            let _place = place;
            let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32))?;
            let mut out = [0; 32];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                phrase.as_bytes(),
                &salt,
                &mut out,
            )?;
            Ok::<_, argon2::Error>(out)
        });
        computed.await.map_err(Refusal::broken)?.map_err(Refusal::broken)
    }
}

/// Whether a pass-phrase may be chosen. A sentence is better than a short word with signs in it, and no sign is asked
/// for: length is, and that it is not what everybody tries first.
///
/// # Errors
/// [`Refusal`] with what to choose instead.
pub fn check(phrase: &str, sign_in: &SignInName, name: &str) -> Result<(), Refusal> {
    let refused = |why: &str| Err(Refusal::conflict(format!("口令{why}。"), ADVICE));
    if phrase.chars().count() > LONGEST {
        return refused(&format!("太长，最多 {LONGEST} 个字"));
    }
    if phrase.chars().any(char::is_control) {
        return refused("里有看不见的控制字符");
    }
    if weight(phrase) < WEIGHT {
        return refused(&format!("太短，至少要 {WEIGHT} 个字母或数字，或 {} 个汉字", WEIGHT / 2));
    }
    let mut rest = Zeroizing::new(folded(phrase));
    for taken in [sign_in.as_str(), &folded(name), "douxuan", "豆选"] {
        rest = Zeroizing::new(rest.replace(taken, ""));
    }
    if weight(&rest) < WEIGHT_WITHOUT_NAMES {
        return refused("主要是登录名或姓名");
    }
    let mut different: Vec<char> = rest.chars().collect();
    let steps = different.windows(2).filter(|pair| u32::from(pair[0]).abs_diff(u32::from(pair[1])) <= 1).count();
    let runs = 2 * steps > different.len();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT || runs {
        return refused("太有规律");
    }
    Ok(())
}

const ADVICE: &str = "请用自己记得住、别人想不到的一句话，例如几个不相干的词连在一起；不要用姓名、生日或连续的数字。";

fn weight(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
