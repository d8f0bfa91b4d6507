//! Keeping the accounts: the office makes, closes and resets them. It never knows anybody's pass-phrase.

use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Staff,
    account::{Account, AccountId, Role, SignInName, shown_name},
    code::CodeHash,
    rows::{Change, Kept},
    session::Signed,
    store,
};
use crate::web::Refusal;

/// An account as the list shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: String,
    name: String,
    sign_in: String,
    role: Role,
    active: bool,
    /// It has no pass-phrase yet: its one-time code waits.
    waits: bool,
    signed_in: bool,
    /// Failures since its last sign-in.
    failed: u32,
}

impl Staff {
    /// The accounts and what was done to them.
    pub(super) async fn list(&self) -> Result<(Vec<Shown>, Vec<Change>), Refusal> {
        let (all, history) = (self.store().all().await?, self.store().history().await?);
        let (inside, _) = self.inside();
        let shown = |kept: &Kept| {
            let Account { id, name, sign_in, role, active } = &kept.account;
            Shown {
                id: id.to_string(),
                name: name.clone(),
                sign_in: sign_in.as_str().to_owned(),
                role: *role,
                active: *active,
                waits: kept.phrase.is_none() && *active,
                signed_in: inside.sessions.has(*id),
                failed: inside.failed.get(id).copied().unwrap_or(0),
            }
        };
        Ok((all.iter().map(shown).collect(), history))
    }

    /// Makes an account. Returns the one-time code with which the person chooses his pass-phrase: it is shown once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn make(
        &self,
        signed: &Signed,
        name: &str,
        sign_in: &str,
        role: Role,
    ) -> Result<(Account, Zeroizing<String>), Refusal> {
        let (name, sign_in) = (shown_name(name)?, SignInName::new(sign_in)?);
        let (id, code, hash) = self.draw();
        let account = Account { id, name, sign_in, role, active: true };
        self.store().make(&account, &hash, signed.account.id).await?;
        Ok((account, code))
    }

    /// Closes an account and ends its sessions.
    ///
    /// # Errors
    /// [`Refusal`], for the last account of the office that can sign in too.
    pub async fn close_account(&self, signed: &Signed, id: &str) -> Result<(), Refusal> {
        let account = self.known(id).await?;
        if !account.active {
            return Err(Refusal::conflict("这个账户已经停用。", "不必再停用。"));
        }
        if !self.store().close_account(account.id, signed.account.id).await? {
            return Err(Refusal::conflict(
                "这是最后一个能登录的管理员，不能停用。",
                "请先建立另一个管理员账户，等他设好口令登录后，再停用这一个。",
            ));
        }
        self.end_sessions_of(&account);
        Ok(())
    }

    /// Takes an account's pass-phrase away and ends its sessions. Returns a one-time code, shown once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn reset(&self, signed: &Signed, id: &str) -> Result<Zeroizing<String>, Refusal> {
        let account = self.known(id).await?;
        if account.id == signed.account.id {
            return Err(Refusal::conflict("自己的口令不用重设。", "请用“更改口令”。"));
        }
        let (_, code, hash) = self.draw();
        if !self.store().reset(account.id, &hash, Some(signed.account.id)).await? {
            return Err(Refusal::conflict("这个账户已经停用。", "请先重新启用它。"));
        }
        self.end_sessions_of(&account);
        Ok(code)
    }

    /// Opens a closed account again. Returns a one-time code, shown once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn reopen(&self, signed: &Signed, id: &str) -> Result<Zeroizing<String>, Refusal> {
        let account = self.known(id).await?;
        if account.active {
            return Err(Refusal::conflict("这个账户没有停用。", "忘了口令，请用“重设口令”。"));
        }
        let (_, code, hash) = self.draw();
        self.store().reopen(&account, &hash, Some(signed.account.id)).await?;
        Ok(code)
    }

    fn draw(&self) -> (AccountId, Zeroizing<String>, CodeHash) {
        let mut rng = self.rng();
        let (code, hash) = CodeHash::draw(&mut *rng, (self.0.today)());
        (store::draw_id(&mut *rng), code, hash)
    }

    async fn known(&self, id: &str) -> Result<Account, Refusal> {
        let kept = match AccountId::parse(id) {
            Some(id) => self.store().account(id).await?,
            None => None,
        };
        let unknown = || Refusal::conflict("没有这个账户。", "请刷新页面后再选。").with_status(404);
        Ok(kept.ok_or_else(unknown)?.account)
    }
}
