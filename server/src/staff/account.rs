//! An account: a person of the office as the console knows him, and the names he may have.

use std::fmt;

use douxuan_crypto::{
    bytes::{hex, unhex},
    log,
    manifest::is_forbidden,
};
use serde::{Deserialize, Serialize};

use crate::{limits, web::Refusal};

/// Characters of a sign-in name.
const SIGN_IN: std::ops::RangeInclusive<usize> = 2..=24;

/// What a person is in the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 管理员: prepares the meeting and keeps the accounts.
    Office,
    /// 主持人.
    Chair,
    /// 监票人: a delegate who is not reported on.
    Scrutineer,
    /// 计票人.
    Teller,
    /// 核验人: reads, and does nothing.
    Auditor,
}

impl Role {
    /// All of them, in the order in which the columns of the rights stand.
    pub const ALL: [Self; 5] = [Self::Office, Self::Chair, Self::Scrutineer, Self::Teller, Self::Auditor];

    /// The word in database and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Chair => "chair",
            Self::Scrutineer => "scrutineer",
            Self::Teller => "teller",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// As a refusal names it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Office => "管理员",
            Self::Chair => "主持人",
            Self::Scrutineer => "监票人",
            Self::Teller => "计票人",
            Self::Auditor => "核验人",
        }
    }

    /// As the log names it; nobody acts as an auditor.
    #[must_use]
    pub const fn in_log(self) -> Option<log::Role> {
        match self {
            Self::Office => Some(log::Role::Office),
            Self::Chair => Some(log::Role::Chair),
            Self::Scrutineer => Some(log::Role::Scrutineer),
            Self::Teller => Some(log::Role::Teller),
            Self::Auditor => None,
        }
    }
}

/// Which account: 16 random bytes. The actors of a log are made from it, so that a published log names nobody to whom
/// the account list is unknown, however few names there are to try.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountId([u8; 16]);

impl AccountId {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({self})")
    }
}

/// An account without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// The name shown.
    pub name: String,
    /// The name typed at the sign-in.
    pub sign_in: SignInName,
    /// What he is.
    pub role: Role,
    /// A closed account cannot sign in.
    pub active: bool,
}

impl Account {
    /// The person as a log has him; `None` for an auditor.
    #[must_use]
    pub fn actor(&self, manifest: &[u8; 32]) -> Option<log::Actor> {
        Some(log::Actor::new(self.role.in_log()?, manifest, &self.id.to_string()))
    }
}

/// A sign-in name as it is compared: however an input method wrote its letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignInName(String);

impl SignInName {
    /// What somebody typed, whether such a name may exist or not.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(folded(text).chars().take(2 * SIGN_IN.end()).collect())
    }

    /// A name for a new account.
    ///
    /// # Errors
    /// [`Refusal`] with what is allowed.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let name = Self::typed(text);
        let plain = name.0.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
        if !SIGN_IN.contains(&name.0.chars().count()) || !plain {
            return Err(Refusal::conflict(
                "登录名不对。",
                format!("请用 {} 到 {} 个汉字、字母或数字，中间可以有点和横线。", SIGN_IN.start(), SIGN_IN.end()),
            ));
        }
        Ok(name)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text without its spaces, its width and its case.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(narrowed).flat_map(char::to_lowercase).collect()
}

/// Full-width ASCII, as Chinese input methods write it, in its plain form.
fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// A name to be shown.
///
/// # Errors
/// [`Refusal`] with what is allowed.
pub(super) fn shown_name(text: &str) -> Result<String, Refusal> {
    let name: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !(1..=limits::NAME).contains(&name.chars().count()) || name.chars().any(is_forbidden) {
        return Err(Refusal::conflict("姓名不对。", format!("请填写 1 到 {} 个字的姓名。", limits::NAME)));
    }
    Ok(name)
}

/// Whether two names on paper and screen are one person's: spaces between the characters of a name say nothing.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// The scrutineers among these accounts who are themselves reported on, by name. A meeting is not frozen with one, and
/// he takes no part in an act of two people.
///
/// **By name alone**: somebody else of the same name is shown with his unit behind it.
pub fn reported_scrutineers<'a>(accounts: &'a [Account], officials: &[String]) -> Vec<&'a Account> {
    let watching = accounts.iter().filter(|account| account.active && account.role == Role::Scrutineer);
    watching.filter(|account| is_reported(account, officials)).collect()
}

/// Whether the account's name is one of the reported officials'.
#[must_use]
pub fn is_reported(account: &Account, officials: &[String]) -> bool {
    officials.iter().any(|official| same_name(official, &account.name))
}
