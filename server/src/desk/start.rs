//! Taking up where the last run stopped.

use std::{fmt, sync::Arc};

use douxuan_crypto::{bytes::hex, manifest::Manifest, screen_code};

use super::{
    Desk, DeskParts, Inner, Meeting,
    address::Printed,
    office::{KnownMeeting, Office, OfficeError},
};
use crate::{
    board::LogRefused,
    record::RecordError,
    roll::RollError,
    secrets::{Secrets, SecretsError},
    staff::StaffError,
    urn::{Phase, UrnRefused},
    web::{PageHashes, Refusal},
};

/// Why the server does not start. Each text says what to do.
#[derive(Debug)]
pub enum StartError {
    /// The office's database.
    Office(OfficeError),
    /// The roll.
    Roll(RollError),
    /// The log.
    Log(LogRefused),
    /// The urn.
    Urn(UrnRefused),
    /// The keys.
    Secrets(SecretsError),
    /// The accounts.
    Staff(StaffError),
    /// The record of the review.
    Record(RecordError),
    /// The current meeting was frozen by another version of the protocol.
    OtherProtocol {
        /// Its title, as far as it can be read.
        title: String,
        /// What is wrong with its manifest.
        why: String,
    },
    /// The current meeting was frozen with another phone page.
    OtherPage {
        /// Its title.
        title: String,
        /// The page it was frozen with.
        wanted: PageHashes,
        /// The page of this binary.
        built_in: PageHashes,
    },
    /// Office and roll disagree about the current meeting.
    OtherRoll(String),
    /// An act that was cut short could not be finished.
    Unfinished(Refusal),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OR: &str = "请用冻结它的那个版本的豆选继续这场会议；要另开会议，请用 --data 指定一个新的数据文件夹。";
        match self {
            Self::Office(error) => error.fmt(f),
            Self::Roll(error) => error.fmt(f),
            Self::Log(error) => error.fmt(f),
            Self::Urn(error) => error.fmt(f),
            Self::Secrets(error) => error.fmt(f),
            Self::Staff(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::OtherProtocol { title, why } => {
                write!(f, "会议《{title}》是用另一个版本的投票协议冻结的，本程序不能继续（{why}）。{OR}")
            }
            Self::OtherPage { title, wanted, built_in } => write!(
                f,
                "会议《{title}》是用另一份手机页面冻结的（票纸认定的页面指纹 {}…，本程序的是 {}…）。{OR}",
                short(wanted),
                short(built_in)
            ),
            Self::OtherRoll(title) => write!(
                f,
                "登记库 roll.db 里不是会议《{title}》：数据文件夹里的文件来自不同的时候。请换回完整的数据文件夹。"
            ),
            Self::Unfinished(refusal) => write!(f, "上次没有做完的一步现在也做不完：{refusal}"),
        }
    }
}

impl std::error::Error for StartError {}

fn short(page: &PageHashes) -> String {
    format!("{}/{}", &hex(&page.script)[..12], &hex(&page.wasm)[..12])
}

impl Desk {
    /// Opens the office and takes the current meeting up again: log, urn, whatever a crash left half done.
    ///
    /// # Errors
    /// [`StartError`], with what to do.
    pub async fn start(parts: DeskParts) -> Result<Self, StartError> {
        let office = Office::open(&parts.data).await.map_err(StartError::Office)?;
        let desk = Self(Arc::new(Inner {
            parts,
            office,
            acting: tokio::sync::Mutex::default(),
            meeting: std::sync::RwLock::default(),
            slips: tokio::sync::Mutex::default(),
            wifi: std::sync::Mutex::default(),
            codes: std::sync::Mutex::default(),
            papers: std::sync::Mutex::default(),
        }));
        let current = desk.office().current().await.map_err(StartError::Office)?;
        match current {
            Some(KnownMeeting { manifest: Some(bytes), drill, archived, printed, .. }) => {
                desk.take_up(&bytes, drill, archived, printed).await?
            }
            given_up => {
                if given_up.is_some() {
                    // Freezing was cut short: its slips were never printed and are gone.
                    desk.office().let_go().await.map_err(StartError::Office)?;
                }
                desk.parts().roll.retire().await.map_err(StartError::Roll)?;
            }
        }
        for meeting in desk.office().dropped().await.map_err(StartError::Office)? {
            Secrets::open(&desk.parts().vault, &meeting).destroy_all().map_err(StartError::Secrets)?;
        }
        desk.show().await;
        desk.show_address();
        Ok(desk)
    }

    async fn take_up(
        &self,
        bytes: &[u8],
        drill: bool,
        archived: bool,
        printed: Option<Printed>,
    ) -> Result<(), StartError> {
        let manifest = Manifest::parse(bytes)
            .map_err(|error| StartError::OtherProtocol { title: title_in(bytes), why: error.to_string() })?;
        let wanted = PageHashes { script: manifest.page_script, wasm: manifest.page_wasm };
        let built_in = self.parts().page;
        if wanted != built_in && !archived {
            return Err(StartError::OtherPage { title: manifest.title, wanted, built_in });
        }
        if self.parts().roll.watch().borrow().meeting != Some(manifest.id) {
            return Err(StartError::OtherRoll(manifest.title));
        }
        let manifest = Arc::new(manifest);
        let secrets = Secrets::open(&self.parts().vault, &manifest.meeting);
        self.parts().log.prepare(manifest.clone(), &secrets).await.map_err(StartError::Log)?;
        self.parts().urn.prepare(manifest.clone()).await.map_err(StartError::Urn)?;
        // A close that a crash interrupted is finished now, and its key file gone; the roll read the key before.
        for (contest, phase) in self.parts().urn.phases() {
            if !matches!(phase, Phase::Unopened | Phase::Open | Phase::Stopped) {
                self.parts().roll.forget(contest).await;
            }
        }
        let id = manifest.id;
        let screen_code = self.code_of(id.to_vec(), move || screen_code::manifest_code(&id)).await;
        self.set_meeting(Some(Arc::new(Meeting { manifest, drill, screen_code, secrets, printed })));
        self.reconcile().await.map_err(StartError::Unfinished)
    }
}

/// The title of a manifest that does not parse here.
fn title_in(bytes: &[u8]) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let title = value.as_ref().and_then(|value| value.get("title")?.as_str()).unwrap_or("（读不出标题）");
    title.chars().filter(|c| !douxuan_crypto::manifest::is_forbidden(*c)).take(80).collect()
}
