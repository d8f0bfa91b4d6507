//! Coming in and going out: the first account, the pass-phrase, the one-time code.

use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Staff,
    account::{Account, Role, SignInName, shown_name},
    code, phrase,
    phrase::Hashed,
    rows::{Kept, NotMade},
    session::{CookieHash, Signed},
    store, wait,
};
use crate::web::Refusal;

/// Somebody has come in.
pub struct Entered {
    /// The value of the new cookie: shown once, to his browser.
    pub secret: Zeroizing<String>,
    /// Who.
    pub signed: Signed,
}

impl Staff {
    /// With the printed code, while there is no account: makes the first one, of the office, and signs it in.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn first(
        &self,
        code: &str,
        (name, sign_in): (&str, &str),
        phrase: &str,
        brought: &[CookieHash],
    ) -> Result<Entered, Refusal> {
        if self.store().any().await? {
            return Err(not_first());
        }
        self.printed_code(code, brought).await?;
        let (name, sign_in) = (shown_name(name)?, SignInName::new(sign_in)?);
        phrase::check(phrase, &sign_in, &name)?;
        let mut rng = self.rng();
        let account = Account { id: store::draw_id(&mut *rng), name, sign_in, role: Role::Office, active: true };
        let hashed = self.0.hasher.hash(phrase, &mut *rng).await?;
        drop(rng);
        self.store().make_first(&account, &hashed).await?;
        self.enter(account, &hashed, brought).await
    }

    /// With the printed code, in a drill: signs in as the drill's office, as often as wanted.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn drill(&self, code: &str, brought: &[CookieHash]) -> Result<Entered, Refusal> {
        let Some(account) = self.0.drill.clone() else {
            let next = if self.store().any().await? {
                "请用自己的登录名和口令登录。"
            } else {
                "请先用它建立第一个管理员账户。"
            };
            return Err(Refusal::conflict("登录码不能直接登录。", next).with_status(403));
        };
        self.printed_code(code, brought).await?;
        Ok(self.begin(account, brought))
    }

    /// With name and pass-phrase.
    ///
    /// # Errors
    /// [`Refusal`], the same for a wrong name, a wrong pass-phrase and a closed account.
    pub async fn sign_in(&self, name: &str, phrase: &str, brought: &[CookieHash]) -> Result<Entered, Refusal> {
        let name = SignInName::typed(name);
        let kept = self.store().named(&name).await?;
        let account = kept.as_ref().map(|kept| kept.account.id);
        let attempt = {
            let (mut inside, now) = self.inside();
            inside.gate.attempt(&name, account, brought, now).ok_or_else(too_many)?
        };
        let hashed = kept.as_ref().and_then(|kept| kept.phrase.as_ref()).filter(|_| phrase.len() <= MOST_BYTES);
        let (fits, ()) = tokio::join!(self.0.hasher.fits(phrase, hashed), wait(attempt.delay));
        match (fits?, kept) {
            (true, Some(Kept { account, phrase: Some(hashed), .. })) if account.active => {
                self.inside().0.gate.right(&attempt);
                self.enter(account, &hashed, brought).await
            }
            (_, kept) => {
                if let Some(kept) = kept {
                    self.inside().0.failed(kept.account.id);
                }
                Err(wrong())
            }
        }
    }

    /// With name and one-time code: sets the pass-phrase that the person has chosen. A right code never waits, whatever
    /// goes on at the gate: 80 random bits are not guessed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn sign_in_by_code(
        &self,
        name: &str,
        code: &str,
        phrase: &str,
        brought: &[CookieHash],
    ) -> Result<Entered, Refusal> {
        let name = SignInName::typed(name);
        let kept = self.store().named(&name).await?;
        let today = (self.0.today)();
        let right = kept.and_then(|kept| {
            let hash = kept.code.filter(|hash| kept.account.active && hash.fits(code, today))?;
            Some((kept.account, hash))
        });
        let Some((account, hash)) = right else {
            let attempt = {
                let (mut inside, now) = self.inside();
                inside.gate.attempt(&name, None, &[], now).ok_or_else(too_many)?
            };
            wait(attempt.delay).await;
            return Err(wrong_code());
        };
        phrase::check(phrase, &account.sign_in, &account.name)?;
        let hashed = {
            let mut rng = self.rng();
            self.0.hasher.hash(phrase, &mut *rng).await?
        };
        if !self.store().spend_code(account.id, &hash, &hashed).await? {
            return Err(wrong_code());
        }
        self.enter(account, &hashed, brought).await
    }

    /// Puts a new pass-phrase in place of the old one. Every session of the account ends, and a new one begins here.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn change_phrase(&self, signed: &Signed, old: &str, new: &str) -> Result<Entered, Refusal> {
        let id = signed.account.id;
        let kept = self.store().account(id).await?;
        let Some(Kept { account, phrase: Some(before), .. }) = kept else {
            return Err(Refusal::conflict("这个账户没有口令。", "演练的登录不用口令。"));
        };
        phrase::check(new, &account.sign_in, &account.name)?;
        let attempt = {
            let (mut inside, now) = self.inside();
            inside.gate.attempt(&account.sign_in, Some(id), &[signed.cookie], now).ok_or_else(too_many)?
        };
        let (fits, ()) = tokio::join!(self.0.hasher.fits(old, Some(&before)), wait(attempt.delay));
        if !fits? {
            self.inside().0.failed(id);
            return Err(Refusal::conflict("原来的口令不对。", "请重新输入；输错几次后要多等一会儿。").with_status(403));
        }
        self.inside().0.gate.right(&attempt);
        let hashed = {
            let mut rng = self.rng();
            self.0.hasher.hash(new, &mut *rng).await?
        };
        if !self.store().change_phrase(id, &before, &hashed).await? {
            return Err(Refusal::conflict("口令刚刚在别处改过。", "请用新的口令重新登录。"));
        }
        self.end_sessions_of(&account);
        self.enter(account, &hashed, &[signed.cookie]).await
    }

    /// Ends the sessions that a browser brought.
    pub fn sign_out(&self, brought: &[CookieHash]) {
        let (mut inside, _) = self.inside();
        let gone = inside.sessions.end(brought);
        inside.requests.end_with(&gone);
    }

    /// Who is signed in.
    #[must_use]
    pub fn signed(&self, brought: &[CookieHash]) -> Option<Signed> {
        let (inside, now) = self.inside();
        inside.sessions.signed(brought, now)
    }

    /// A person did something: his idle time begins anew. What a page asks by itself is nothing a person did.
    pub fn here(&self, signed: &Signed) {
        let (mut inside, now) = self.inside();
        inside.sessions.touch(&signed.cookie, now);
    }

    pub(super) fn end_sessions_of(&self, account: &Account) {
        let (mut inside, _) = self.inside();
        let gone = inside.sessions.end_of(account.id, None);
        inside.requests.end_with(&gone);
    }

    async fn printed_code(&self, code: &str, brought: &[CookieHash]) -> Result<(), Refusal> {
        let right = || code::hashed(code).ct_eq(&self.0.code).into();
        if right() {
            return Ok(());
        }
        let attempt = {
            let (mut inside, now) = self.inside();
            inside.gate.attempt(&SignInName::typed(""), None, brought, now).ok_or_else(too_many)?
        };
        wait(attempt.delay).await;
        Err(Refusal::conflict("登录码不对。", "请照启动窗口里显示的登录码重新输入；输错后要多等一会儿。")
            .with_status(401))
    }

    /// Begins a session of an account from the database, if that is still as it was when the pass-phrase was checked.
    async fn enter(&self, account: Account, phrase: &Hashed, brought: &[CookieHash]) -> Result<Entered, Refusal> {
        let id = account.id;
        let entered = self.begin(Arc::new(account), brought);
        // Whoever closes or resets the account writes first and ends its sessions then; here it is the other way round,
        // so that one of the two sees the other.
        let kept = self.store().account(id).await?;
        if kept.is_some_and(|kept| kept.account.active && kept.phrase.as_ref() == Some(phrase)) {
            return Ok(entered);
        }
        self.sign_out(&[entered.signed.cookie]);
        Err(wrong())
    }

    /// Begins a session. What the browser brought ends, whoever's it was.
    fn begin(&self, account: Arc<Account>, brought: &[CookieHash]) -> Entered {
        let mut rng = self.rng();
        let (mut inside, now) = self.inside();
        let mut over = inside.sessions.end(brought);
        let failed = inside.failed.remove(&account.id).unwrap_or(0);
        let (secret, cookie, gone) = inside.sessions.begin(account.clone(), failed, now, &mut *rng);
        over.extend(gone);
        inside.requests.end_with(&over);
        inside.gate.remember(cookie, account.id, brought);
        let signed = Signed { account, failed_before: failed, left: super::IDLE, cookie };
        Entered { secret, signed }
    }
}

/// Bytes of a pass-phrase that are looked at; none that may be chosen is longer.
const MOST_BYTES: usize = 512;

impl From<NotMade> for Refusal {
    fn from(not: NotMade) -> Self {
        match not {
            NotMade::SignIn => Self::conflict("这个登录名已经有人用。", "请换一个登录名；停用的账户可以重新启用。"),
            NotMade::Name => Self::conflict(
                "已有一个同名的账户。",
                "如果是另一个人，请在姓名后写上单位，例如 张伟（办公室），免得两个人看起来像一个。",
            ),
            NotMade::Full => Self::conflict("账户太多，最多 40 个。", "请先停用不再使用的账户。"),
            NotMade::NotFirst => not_first(),
            NotMade::Error(error) => Self::broken(error),
        }
    }
}

fn not_first() -> Refusal {
    Refusal::conflict(
        "已经有账户，登录码不再有效。",
        "请用自己的登录名和口令登录；忘了口令，请管理员重设，或在这台电脑上运行 douxuan staff reset 登录名。",
    )
}

fn wrong() -> Refusal {
    Refusal::conflict(
        "登录名或口令不对。",
        "请重新输入；输错几次后要多等一会儿。忘了口令，请管理员重设；管理员忘了，请退出豆选，在这台电脑上运行 \
         douxuan staff reset 登录名。",
    )
    .with_status(401)
}

fn wrong_code() -> Refusal {
    Refusal::conflict(
        "登录名或一次性登录码不对，或登录码已经用过、过期。",
        "请核对后重新输入；仍不行，请管理员再给一个。",
    )
    .with_status(401)
}

fn too_many() -> Refusal {
    Refusal::conflict(
        "现在同时试登录的太多。",
        "请半分钟后再试；用以前登录过的浏览器，或请已经登录的管理员给一个一次性登录码，都不受影响。",
    )
    .with_status(429)
}
