//! `douxuan staff`: on the machine itself, while no server runs. Whoever can read and write the data folder needs no
//! pass-phrase to do worse; what this adds is that a forgotten one does not end a meeting.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::{Args, Subcommand};
use rand::rngs::SysRng;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    account::{Account, SignInName},
    code::CodeHash,
    rows::NotMade,
    store::{StaffError, Store},
};
use crate::{
    config::{ConfigError, DataFolder},
    web::Refusal,
};

/// Arguments of `staff`.
#[derive(Args, Clone)]
pub struct StaffCommand {
    /// Folder of all data (数据文件夹); the platform's own data folder without it.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone)]
enum What {
    /// Give an account a one-time code in place of its pass-phrase (重设口令); a closed one is opened again.
    Reset {
        /// The sign-in name.
        name: String,
    },
    /// List the accounts (列出账户).
    List,
}

/// Why it was not done. Each text says what to do.
#[derive(Debug)]
pub enum MachineError {
    /// The data folder cannot be taken, a running server among the reasons.
    Folder(ConfigError),
    /// The accounts cannot be read or written.
    Accounts(StaffError),
    /// There is no such account.
    Unknown(String),
    /// There is no account at all.
    None(PathBuf),
    /// It cannot be opened again.
    Refused(Refusal),
}

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Accounts(error) => error.fmt(f),
            Self::Unknown(name) => write!(f, "没有登录名是 {name} 的账户。请用 douxuan staff list 查看。"),
            Self::None(path) => write!(
                f,
                "数据文件夹 {} 里还没有账户。请启动豆选，用显示的登录码建立第一个；或用 --data 指定正确的文件夹。",
                path.display()
            ),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for MachineError {}

/// Runs it and prints what a person needs.
///
/// # Errors
/// [`MachineError`].
pub async fn run(command: StaffCommand) -> Result<(), MachineError> {
    let folder = held(command.data)?;
    match command.what {
        What::Reset { name } => {
            let mut rng = rand_core::UnwrapErr(SysRng);
            let (account, code) = reset(&folder, &name, &mut rng, SystemTime::now()).await?;
            println!("账户    {}（{}，{}）", account.sign_in.as_str(), account.name, account.role.zh());
            println!("登录码  {}   （只能用一次，四天内有效）", code.as_str());
            println!("请启动豆选，在登录页选择“用一次性登录码”，输入登录名和它，设一个新的口令。原来的口令已经无效。");
        }
        What::List => {
            for account in list(&folder).await? {
                let closed = if account.active { "" } else { "  （停用）" };
                println!("{:<16}{}  {}{closed}", account.sign_in.as_str(), account.role.zh(), account.name);
            }
        }
    }
    Ok(())
}

/// Gives an account a one-time code in place of its pass-phrase.
///
/// # Errors
/// [`MachineError`].
pub async fn reset(
    folder: &DataFolder,
    name: &str,
    rng: &mut dyn CryptoRng,
    today: SystemTime,
) -> Result<(Account, Zeroizing<String>), MachineError> {
    let store = opened(folder.path()).await?;
    let done = reset_in(&store, name, rng, today).await;
    store.close().await;
    done
}

/// All accounts.
///
/// # Errors
/// [`MachineError`].
pub async fn list(folder: &DataFolder) -> Result<Vec<Account>, MachineError> {
    let store = opened(folder.path()).await?;
    let all = store.all().await.map_err(MachineError::Accounts);
    store.close().await;
    Ok(all?.into_iter().map(|kept| kept.account).collect())
}

async fn reset_in(
    store: &Store,
    name: &str,
    rng: &mut dyn CryptoRng,
    today: SystemTime,
) -> Result<(Account, Zeroizing<String>), MachineError> {
    let kept = store.named(&SignInName::typed(name)).await.map_err(MachineError::Accounts)?;
    let account = kept.ok_or_else(|| MachineError::Unknown(name.to_owned()))?.account;
    let (code, hash) = CodeHash::draw(rng, today);
    if account.active {
        store.reset(account.id, &hash, None).await.map_err(MachineError::Accounts)?;
    } else {
        store.reopen(&account, &hash, None).await.map_err(|not| match not {
            NotMade::Error(error) => MachineError::Accounts(error),
            other => MachineError::Refused(other.into()),
        })?;
    }
    Ok((account, code))
}

/// Takes the data folder, without making one where somebody mistyped its name.
fn held(chosen: Option<PathBuf>) -> Result<DataFolder, MachineError> {
    if let Some(path) = &chosen
        && !path.join("office.db").exists()
    {
        return Err(MachineError::None(path.clone()));
    }
    DataFolder::open(chosen).map_err(MachineError::Folder)
}

async fn opened(folder: &Path) -> Result<Store, MachineError> {
    if !folder.join("office.db").exists() {
        return Err(MachineError::None(folder.to_owned()));
    }
    let store = Store::open(folder).await.map_err(MachineError::Accounts)?;
    if !store.any().await.map_err(MachineError::Accounts)? {
        store.close().await;
        return Err(MachineError::None(folder.to_owned()));
    }
    Ok(store)
}
