//! The high-water file: how far the roll has been written, kept apart from it.
//!
//! Who puts an older copy of `roll.db` back makes spent slips spendable again. The file then remembers more than the
//! database does, and the roll is refused at start. **It does not notice a whole folder put back**, the file with it:
//! only log heads kept elsewhere show that.
//!
//! ```text
//! slot(generation mod 2), at 0 and 4096 = "douxuan roll high water\n" || I2OSP(generation, 8) || SHA-256(all before)
//! ```
//! Two slots, so that a torn write spoils the older figure at most.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

use douxuan_crypto::hash::sha256;

use crate::disk;

const HEAD: &[u8; 24] = b"douxuan roll high water\n";
const SLOT: u64 = 4096;
const RECORD: usize = HEAD.len() + 8 + 32;

/// Why the roll does not start.
#[derive(Debug)]
pub enum HighWaterError {
    /// The file system.
    Disk(io::Error),
    /// The file is missing although the roll has been written.
    Missing,
    /// No slot of the file is whole.
    Damaged,
    /// The roll is older than the file.
    Older {
        /// Writes that the roll remembers.
        roll: u64,
        /// Writes that the file remembers.
        file: u64,
    },
}

impl fmt::Display for HighWaterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WHAT_TO_DO: &str =
            "请换回原来的数据文件夹；原件已毁的，本场会议不能继续，请用新的数据文件夹重新冻结一场会议。";
        match self {
            Self::Disk(error) => write!(f, "高水位文件 roll.highwater 无法读写：{error}。请检查磁盘。"),
            Self::Missing => {
                write!(f, "找不到高水位文件 roll.highwater，无法判断登记库是否被换成旧的备份。{WHAT_TO_DO}")
            }
            Self::Damaged => {
                write!(f, "高水位文件 roll.highwater 已损坏，无法判断登记库是否被换成旧的备份。{WHAT_TO_DO}")
            }
            Self::Older { roll, file } => write!(
                f,
                "登记库 roll.db 比高水位文件旧（库中写入 {roll} 次，曾经写到 {file} 次）：它被换成了旧的备份，已用的票纸会变成未用。{WHAT_TO_DO}"
            ),
        }
    }
}

impl std::error::Error for HighWaterError {}

impl From<io::Error> for HighWaterError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// The open file.
pub(super) struct HighWater {
    file: Arc<File>,
}

impl HighWater {
    /// Opens the file beside a roll that remembers `generation` writes; creates it for a roll that was never written.
    ///
    /// # Errors
    /// [`HighWaterError`].
    pub(super) fn open(path: &Path, generation: u64) -> Result<Self, HighWaterError> {
        if !path.exists() {
            if generation > 0 {
                return Err(HighWaterError::Missing);
            }
            disk::write_new(path, &record(0))?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let slots = [0, usize::try_from(SLOT).unwrap_or(0)];
        let reached = slots.iter().filter_map(|at| bytes.get(*at..at + RECORD).and_then(read)).max();
        match reached {
            None => Err(HighWaterError::Damaged),
            Some(reached) if reached > generation => Err(HighWaterError::Older { roll: generation, file: reached }),
            Some(reached) => {
                if reached < generation {
                    write(&file, generation)?;
                }
                Ok(Self { file: Arc::new(file) })
            }
        }
    }

    /// Remembers `generation`, durably.
    ///
    /// # Errors
    /// [`HighWaterError::Disk`]; the roll must then stop, for an fsync that failed is never retried as success.
    pub(super) async fn raise(&mut self, generation: u64) -> Result<(), HighWaterError> {
        let file = self.file.clone();
        let written = tokio::task::spawn_blocking(move || write(&file, generation)).await;
        written.map_err(|_| io::Error::other("the write did not finish"))?.map_err(HighWaterError::Disk)
    }
}

fn write(mut file: &File, generation: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start((generation % 2) * SLOT))?;
    file.write_all(&record(generation))?;
    file.sync_all()
}

fn record(generation: u64) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    out.extend_from_slice(&generation.to_be_bytes());
    out.extend_from_slice(&sha256(&out));
    out
}

fn read(slot: &[u8]) -> Option<u64> {
    let number = slot.strip_prefix(HEAD)?.first_chunk::<8>()?;
    let generation = u64::from_be_bytes(*number);
    (record(generation) == slot).then_some(generation)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn an_older_roll_is_refused_and_a_torn_slot_is_not_fatal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roll.highwater");
        let mut file = HighWater::open(&path, 0).unwrap();
        for generation in 1..=5 {
            file.raise(generation).await.unwrap();
        }
        drop(file);
        let refusal = HighWater::open(&path, 4).err().unwrap().to_string();
        assert!(refusal.contains("4 次") && refusal.contains("5 次") && refusal.contains("请换回"), "{refusal}");
        // A crash after the commit and before the file: the roll is ahead, which is allowed and mended.
        drop(HighWater::open(&path, 6).unwrap());
        assert!(HighWater::open(&path, 5).is_err());
        // Torn while generation 7 was written: slot 1 is spoilt, slot 0 still says 6.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4096 + 30] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(HighWater::open(&path, 5).is_err());
        drop(HighWater::open(&path, 6).unwrap());
        std::fs::write(&path, [0; 9000]).unwrap();
        assert!(matches!(HighWater::open(&path, 6), Err(HighWaterError::Damaged)));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(HighWater::open(&path, 6), Err(HighWaterError::Missing)));
    }
}
