//! Why an act on the urn was refused, in words that say what to do next.

use std::{fmt, io, path::PathBuf};

use douxuan_crypto::{contest::Contest, spool};

use super::{failure::StoreError, phase::Phase};
use crate::{board::LogRefused, disk::AppendError, secrets::SecretsError};

/// Why an operator's act was not carried out.
#[derive(Debug)]
pub enum UrnRefused {
    /// No meeting is prepared.
    NotReady,
    /// The manifest has no such contest.
    Unknown(Contest),
    /// The act is not possible where the contest stands. Nothing changed.
    Phase {
        /// The contest.
        contest: Contest,
        /// Where it stands.
        phase: Phase,
    },
    /// The log does not allow or did not take the act.
    Log(LogRefused),
    /// Another meeting still has contests that are not ended.
    OtherMeeting,
    /// A spool that must be empty is not.
    NotEmpty(PathBuf),
    /// Too little space for a contest to open.
    Space {
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// The disk is full; what was done so far stands, and the act can be done again.
    Full,
    /// The spool is not what was written: a person must look at it.
    Spool(spool::Alarm),
    /// What was made or read back does not verify: nothing was signed or destroyed.
    Verification(&'static str),
    /// A key file.
    Secrets(SecretsError),
    /// The database.
    Store(StoreError),
    /// The disk.
    Disk(String),
}

impl fmt::Display for UrnRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady => f.write_str("会议尚未定稿。请先定稿。"),
            Self::Unknown(contest) => write!(f, "会议清单里没有 {contest}。请核对项目和轮次。"),
            Self::Phase { contest, phase } => {
                write!(f, "{contest} 现在的状态是“{phase}”，不能这样做。没有任何改变，请刷新页面后再看。")
            }
            Self::Log(error) => error.fmt(f),
            Self::OtherMeeting => f.write_str("上一次会议还有没结束的项目。请先结束那次会议，或换一个数据文件夹。"),
            Self::NotEmpty(path) => {
                write!(f, "票箱文件 {} 不是空的，不能开箱。请保留该文件并联系维护人员。", path.display())
            }
            Self::Space { needed, free } => {
                write!(f, "磁盘只剩 {} MiB，开放一项至少要 {} MiB。请腾出空间后再开放。", free >> 20, needed >> 20)
            }
            Self::Full => f.write_str("磁盘已满。已收到的票都在。请腾出空间后再做一次。"),
            Self::Spool(alarm) => {
                write!(f, "票箱文件与写入时不符（{alarm}）。这一项已停止。请勿删除任何文件，保留现场并联系维护人员。")
            }
            Self::Verification(what) => {
                write!(f, "核对不通过（{what}）。没有签字，也没有销毁任何东西。请保留现场并联系维护人员。")
            }
            Self::Secrets(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Disk(why) => write!(f, "磁盘出错（{why}）。请检查磁盘，然后重新启动程序，它会从中断处继续。"),
        }
    }
}

impl std::error::Error for UrnRefused {}

impl UrnRefused {
    /// True if the act was refused because of the state of the meeting, and nothing changed.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::NotReady
                | Self::Unknown(_)
                | Self::Phase { .. }
                | Self::OtherMeeting
                | Self::Log(LogRefused::Order(_))
        )
    }
}

impl From<LogRefused> for UrnRefused {
    fn from(error: LogRefused) -> Self {
        Self::Log(error)
    }
}

impl From<SecretsError> for UrnRefused {
    fn from(error: SecretsError) -> Self {
        Self::Secrets(error)
    }
}

impl From<StoreError> for UrnRefused {
    fn from(error: StoreError) -> Self {
        if error.is_full() { Self::Full } else { Self::Store(error) }
    }
}

impl From<AppendError> for UrnRefused {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Full => Self::Full,
            AppendError::Broken(why) => Self::Disk(why),
        }
    }
}

impl From<io::Error> for UrnRefused {
    fn from(error: io::Error) -> Self {
        AppendError::from(error).into()
    }
}

impl From<spool::Alarm> for UrnRefused {
    fn from(alarm: spool::Alarm) -> Self {
        Self::Spool(alarm)
    }
}
