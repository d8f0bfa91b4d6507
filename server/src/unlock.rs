//! What `serve` does with a pass-phrase before any store is opened: which one, and whether it may be begun with now.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use rand::{SeedableRng, rngs::StdRng, rngs::SysRng};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use zeroize::Zeroizing;

use crate::{
    args::Serve,
    secrets::{Vault, VaultError, WRAP_COST},
};

/// Least weight of a pass-phrase that is chosen here: a letter or digit weighs one, a Chinese character two. More than
/// an account asks for: whoever holds a copy of the disk may guess for years.
const WEIGHT: usize = 20;
/// Fewest different characters.
const DIFFERENT: usize = 8;
/// Most bytes.
const LONGEST: usize = 1024;

/// Why the keys stay shut. Each text says what to do.
#[derive(Debug)]
pub enum UnlockError {
    /// The keys themselves.
    Vault(VaultError),
    /// A pass-phrase for a folder whose meeting is under way with plain keys.
    UnderWay(PathBuf),
    /// The office's database does not say whether a meeting is under way.
    Office(String),
    /// Nobody can be asked.
    Terminal(io::Error),
    /// The two pass-phrases typed are not the same.
    Differ,
    /// A pass-phrase that is chosen must be longer.
    Weak,
    /// Not a pass-phrase: nothing, several lines, or too long.
    Form,
    /// The file of the pass-phrase cannot be read.
    File(PathBuf, io::Error),
    /// Others may read the file of the pass-phrase.
    Mode(PathBuf),
    /// The file of the pass-phrase lies beside what it protects.
    Beside(PathBuf),
    /// The system has no randomness.
    System(String),
}

impl fmt::Display for UnlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault(error) => error.fmt(f),
            Self::UnderWay(data) => write!(
                f,
                "数据文件夹 {} 里有一场没有归档的会议，它的密钥没有用口令包装，现在不能改。请去掉 --passphrase 或 --passphrase-file 启动，开完这场会（或在控制台重新准备）再用口令；或用 --data 另指定一个新的文件夹。",
                data.display()
            ),
            Self::Office(why) => {
                write!(f, "看不出数据文件夹里有没有进行中的会议（office.db：{why}），没有启用口令。请检查磁盘。")
            }
            Self::Terminal(error) => {
                write!(f, "没有可以输入口令的终端（{error}）。请在终端里启动，或用 --passphrase-file 指定口令文件。")
            }
            Self::Differ => write!(f, "两次输入的口令不一样，什么都没有改动。请再启动一次。"),
            Self::Weak => write!(
                f,
                "口令太短：至少要 {WEIGHT} 个字母或数字，或 {} 个汉字，其中至少 {DIFFERENT} 个不同。请用五六个不相干的词连成一句；拿到硬盘的人有的是时间去猜。",
                WEIGHT / 2
            ),
            Self::Form => write!(f, "口令要写成一行，不能是空的，也不能超过 {LONGEST} 个字节。请检查后再启动。"),
            Self::File(path, error) => {
                write!(f, "口令文件 {} 不能读取（{error}）。请检查文件名和权限。", path.display())
            }
            Self::Mode(path) => {
                write!(f, "口令文件 {} 别人也能读。请先执行 chmod 600 {0}，再启动。", path.display())
            }
            Self::Beside(path) => write!(
                f,
                "口令文件 {} 就在数据文件夹里：拿到硬盘的人会同时拿到两样。请把它放到别处，例如 U 盘。",
                path.display()
            ),
            Self::System(why) => write!(f, "操作系统不能提供随机数（{why}）。请重新启动电脑后再试。"),
        }
    }
}

impl std::error::Error for UnlockError {}

impl From<VaultError> for UnlockError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// Opens the keys of a data folder as the arguments say. With a pass-phrase and no wrapped keys yet, it is chosen here.
///
/// # Errors
/// [`UnlockError`]; the folder is then as it was.
pub async fn vault(data: &Path, serve: &Serve) -> Result<Vault, UnlockError> {
    let ask = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new);
    let phrase = |fresh: bool| match &serve.passphrase_file {
        Some(path) => from_file(path, data),
        None if fresh => chosen(ask),
        None => asked(ask, "口令（输入时不显示）："),
    };
    let mut rng = StdRng::try_from_rng(&mut SysRng).map_err(|error| UnlockError::System(error.to_string()))?;
    if !serve.passphrase && serve.passphrase_file.is_none() {
        return Ok(Vault::plain(data)?);
    }
    if Vault::is_wrapped(data)? {
        return Ok(Vault::unlock(data, &phrase(false)?)?);
    }
    if is_under_way(data).await? {
        return Err(UnlockError::UnderWay(data.to_owned()));
    }
    let phrase = phrase(true)?;
    if !is_strong(&phrase) {
        return Err(UnlockError::Weak);
    }
    Ok(Vault::begin(data, &phrase, WRAP_COST, &mut rng)?)
}

/// Whether the current meeting is frozen and not archived.
async fn is_under_way(data: &Path) -> Result<bool, UnlockError> {
    let broken = |error: sqlx::Error| UnlockError::Office(error.to_string());
    let path = data.join("office.db");
    if !path.try_exists().map_err(|error| UnlockError::Office(error.to_string()))? {
        return Ok(false);
    }
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(false);
    let mut db = SqliteConnection::connect_with(&options).await.map_err(broken)?;
    let frozen = "SELECT count(*) FROM meeting WHERE status = 'frozen' AND meeting = (SELECT current FROM desk)";
    let count: i64 = sqlx::query_scalar(frozen).fetch_one(&mut db).await.map_err(broken)?;
    db.close().await.map_err(broken)?;
    Ok(count > 0)
}

fn asked(ask: impl Fn(&str) -> io::Result<Zeroizing<String>>, prompt: &str) -> Result<Zeroizing<String>, UnlockError> {
    well_formed(ask(prompt).map_err(UnlockError::Terminal)?)
}

/// A new pass-phrase, typed twice.
fn chosen(ask: impl Fn(&str) -> io::Result<Zeroizing<String>>) -> Result<Zeroizing<String>, UnlockError> {
    println!("这个数据文件夹的密钥从现在起用口令包装，以后每次启动都要输入。");
    println!("口令没有副本，也不能重设：丢了它，进行中的会议就不能截止、不能计票。请两个人分别保管好。");
    let first = asked(&ask, "新口令（输入时不显示）：")?;
    if !is_strong(&first) {
        return Err(UnlockError::Weak);
    }
    if asked(&ask, "再输入一次：")? != first {
        return Err(UnlockError::Differ);
    }
    Ok(first)
}

/// The one line of a file that nobody else may read, outside the data folder.
fn from_file(path: &Path, data: &Path) -> Result<Zeroizing<String>, UnlockError> {
    let failed = |error| UnlockError::File(path.to_owned(), error);
    let real = path.canonicalize().map_err(failed)?;
    if real.starts_with(data.canonicalize().map_err(failed)?) {
        return Err(UnlockError::Beside(path.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&real).map_err(failed)?.permissions().mode();
        // systemd grants a service its credentials by an access list, whose mask stands where the group's rights do.
        let credentials =
            std::env::var_os("CREDENTIALS_DIRECTORY").and_then(|path| Path::new(&path).canonicalize().ok());
        let others = if credentials.is_some_and(|folder| real.starts_with(folder)) { 0o007 } else { 0o077 };
        if mode & others != 0 {
            return Err(UnlockError::Mode(path.to_owned()));
        }
    }
    let bytes = Zeroizing::new(fs::read(&real).map_err(failed)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| UnlockError::Form)?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    well_formed(Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

fn well_formed(phrase: Zeroizing<String>) -> Result<Zeroizing<String>, UnlockError> {
    let good = !phrase.is_empty() && phrase.len() <= LONGEST && !phrase.chars().any(char::is_control);
    if good { Ok(phrase) } else { Err(UnlockError::Form) }
}

fn is_strong(phrase: &str) -> bool {
    let characters = || phrase.chars().filter(|c| !c.is_whitespace());
    let weight: usize = characters().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    let mut different: Vec<char> = characters().collect();
    different.sort_unstable();
    different.dedup();
    weight >= WEIGHT && different.len() >= DIFFERENT
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::RefCell;

    use super::*;

    /// A terminal at which these lines are typed, one a question.
    fn typed<'a>(lines: &[&'a str]) -> impl Fn(&str) -> io::Result<Zeroizing<String>> + use<'a> {
        let lines = RefCell::new(lines.iter().rev().copied().collect::<Vec<&'a str>>());
        move |_| {
            let line = lines.borrow_mut().pop();
            line.map(|line| Zeroizing::new(line.to_owned())).ok_or_else(|| io::Error::other("nobody there"))
        }
    }

    const GOOD: &str = "seven lamps under one roof";

    #[test]
    fn a_new_pass_phrase_is_typed_twice_the_same_and_long() {
        assert_eq!(chosen(typed(&[GOOD, GOOD])).unwrap().as_str(), GOOD);
        assert!(matches!(chosen(typed(&[GOOD, "seven lamps under one rooF"])), Err(UnlockError::Differ)));
        assert!(matches!(chosen(typed(&["too short", "too short"])), Err(UnlockError::Weak)));
        assert!(matches!(chosen(typed(&["", ""])), Err(UnlockError::Form)));
        assert!(matches!(chosen(typed(&[GOOD])), Err(UnlockError::Terminal(_))));
    }

    #[test]
    fn what_is_strong_is_long_and_not_one_letter() {
        for good in [GOOD, "雨后村口的老槐树下有人", "f3b1 77c0 9a2e 5d48 61c3"] {
            assert!(is_strong(good), "{good}");
        }
        for weak in ["aaaaaaaaaaaaaaaaaaaaaaaa", "12341234123412341234", "nineteen letters ab", "雨后村口的老槐树下"]
        {
            assert!(!is_strong(weak), "{weak}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_if_it_is_its_owners_alone_and_lies_elsewhere() {
        use std::os::unix::fs::PermissionsExt;
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = other.path().join("phrase");
        let give = |content: &[u8], mode| {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            from_file(&path, data.path())
        };
        for content in ["seven lamps", "seven lamps\n", "seven lamps\r\n"] {
            assert_eq!(give(content.as_bytes(), 0o600).unwrap().as_str(), "seven lamps");
        }
        assert_eq!(give(b"seven lamps", 0o400).unwrap().as_str(), "seven lamps");
        for mode in [0o640, 0o604, 0o660, 0o601] {
            assert!(matches!(give(b"seven lamps", mode), Err(UnlockError::Mode(_))), "{mode:o}");
        }
        for form in [&b""[..], b"\n", b"one\ntwo", b"\xff\xfe", &[b'a'; 1025]] {
            assert!(matches!(give(form, 0o600), Err(UnlockError::Form)));
        }
        let beside = data.path().join("phrase");
        fs::copy(&path, &beside).unwrap();
        assert!(matches!(from_file(&beside, data.path()), Err(UnlockError::Beside(_))));
        let link = other.path().join("link");
        std::os::unix::fs::symlink(&beside, &link).unwrap();
        assert!(matches!(from_file(&link, data.path()), Err(UnlockError::Beside(_))));
        assert!(matches!(from_file(&other.path().join("none"), data.path()), Err(UnlockError::File(..))));
    }
}
