//! Freezing: from here on nothing about the meeting can change. Keys, tokens, manifest, and the log's first entry.
//!
//! **Order.** The meeting's id is noted as *freezing*; keys are on disk; tokens are in memory, their public keys in
//! the roll; roll, log and urn hold the manifest; last the office says *frozen*. A crash before that gives the
//! meeting up, as its slips are gone. A crash after it loses the slips too, if they were not printed: the console
//! then offers to prepare anew.

use std::sync::Arc;

use douxuan_crypto::{
    contest::Contest,
    group::Element,
    log::{Act, Entry},
    manifest::{ContestKeys, Item, Manifest, ManifestDraft},
    screen_code,
    sign::VerifyingKey,
    token::TokenTree,
};

use super::{Desk, Meeting, roster::Roster, settings::Settings, slips::Slips};
use crate::{
    failpoint,
    secrets::{PublicKeys, Secrets},
    web::Refusal,
};

impl Desk {
    /// Freezes what was prepared. The slips are in memory afterwards, to be printed.
    ///
    /// # Errors
    /// [`Refusal`] if something is missing, or a meeting is current already.
    pub(super) async fn freeze(&self) -> Result<(), Refusal> {
        let _acting = self.0.acting.lock().await;
        if self.meeting().is_some() {
            return Err(Refusal::conflict("会议已经冻结。", "要更改，请先按“重新准备”，票纸要重新打印。"));
        }
        let settings = self.settings().await?;
        let roster = self.office().roster().await?;
        ready(&settings, &roster)?;

        let mut meeting = [0; 16];
        (self.parts().random)().fill_bytes(&mut meeting);
        self.office().begin_freezing(&meeting, settings.drill).await?;
        match self.freeze_as(meeting, &settings, &roster).await {
            Ok(()) => {
                self.show().await;
                Ok(())
            }
            Err(refusal) => {
                self.set_meeting(None);
                *self.0.slips.lock().await = None;
                self.office().let_go().await?;
                self.parts().roll.retire().await?;
                Secrets::open(&self.parts().data, &meeting).destroy_all()?;
                self.show().await;
                Err(refusal)
            }
        }
    }

    async fn freeze_as(&self, meeting: [u8; 16], settings: &Settings, roster: &Roster) -> Result<(), Refusal> {
        let (data, random, page) = (self.parts().data.clone(), self.parts().random.clone(), self.parts().page);
        let plan = Plan { settings: settings.clone(), items: items(settings, roster) };
        let slips = Slips::draw(roster, settings.recusal, &mut *random());
        let tree = TokenTree::new(slips.leaves(&meeting)).map_err(|_| Refusal::broken("两张票纸相同"))?;
        let expected = u32::try_from(roster.attendees.len()).unwrap_or(u32::MAX);
        let (root, leaves) = (tree.root(), tree.leaves().to_vec());
        let count = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        let made = tokio::task::spawn_blocking(move || {
            let contests = ManifestDraft::contests_of(&plan.items);
            let (secrets, keys) = Secrets::create_meeting(&data, &meeting, &contests, &mut *random())?;
            let manifest = plan.manifest(meeting, expected, (count, root), &keys, page)?;
            let code = screen_code::manifest_code(&manifest.id);
            Ok::<_, Refusal>((secrets, Arc::new(manifest), code))
        });
        let (secrets, manifest, screen_code) = made.await.map_err(Refusal::broken)??;

        self.parts().roll.prepare(manifest.clone(), leaves, secrets.clone()).await?;
        failpoint::hit("freeze.after_roll");
        self.parts().log.prepare(manifest.clone(), &secrets).await?;
        let frozen = Meeting { manifest: manifest.clone(), drill: settings.drill, screen_code, secrets };
        let entry = Entry { actors: self.office_actor(&frozen), act: Act::Manifest { id: manifest.id } };
        self.parts().log.append(entry).await?;
        failpoint::hit("freeze.after_log");
        self.parts().urn.prepare(manifest.clone()).await?;
        self.office().frozen(&meeting, &manifest.bytes).await?;
        failpoint::hit("freeze.after_office");
        *self.0.slips.lock().await = Some(slips);
        self.set_meeting(Some(Arc::new(frozen)));
        Ok(())
    }

    /// Gives a frozen meeting up, or lets an archived one go, so that another can be prepared. What was given out of
    /// it is dead.
    ///
    /// # Errors
    /// [`Refusal`] once a contest was opened and the meeting is not archived.
    pub(super) async fn prepare_anew(&self) -> Result<(), Refusal> {
        let _acting = self.0.acting.lock().await;
        let meeting = self.frozen()?;
        let log = self.log()?;
        let archived = log.state().result().is_some();
        let opened = log.state().contests();
        if !archived && opened.iter().any(|(contest, record)| *contest != Contest::REHEARSAL || !record.destroyed) {
            return Err(Refusal::conflict(
                "这场会议已经有项目开放过，不能放弃。",
                "请把每个项目公布或作废（演练题要销毁），结束登记，归档；之后再准备新的会议。",
            ));
        }
        // The office first: whatever a crash leaves behind of a meeting that was given up is cleared at the next start.
        self.office().let_go().await?;
        self.set_meeting(None);
        *self.0.slips.lock().await = None;
        self.parts().roll.retire().await?;
        if !archived {
            meeting.secrets.destroy_all()?;
        }
        self.show().await;
        Ok(())
    }

    /// The settings, or those a new meeting begins with.
    pub(super) async fn settings(&self) -> Result<Settings, Refusal> {
        let today = super::settings::civil_date((self.parts().clock)());
        Ok(self.office().settings().await?.unwrap_or_else(|| Settings::beginning(&today)))
    }
}

fn ready(settings: &Settings, roster: &Roster) -> Result<(), Refusal> {
    let missing = |what: &str, to_do: &str| Err(Refusal::conflict(format!("{what}。"), format!("{to_do}。")));
    if roster.attendees.is_empty() || roster.officials.is_empty() {
        return missing("还没有名单", "请先导入参会名单和述职对象名单，或按“用样例开始”");
    }
    if settings.title.is_empty() {
        return missing("还没有标题", "请填写会议标题");
    }
    if settings.place.is_empty() {
        return missing("还没有地点", "请填写会议地点");
    }
    Ok(())
}

fn items(settings: &Settings, roster: &Roster) -> Vec<Item> {
    let numbered = (1u16..).zip(&roster.officials);
    numbered
        .map(|(number, official)| Item {
            number,
            name: official.name.clone(),
            unit: official.unit.clone(),
            post: official.post.clone(),
            report: official.report,
            rounds: settings.rounds,
        })
        .collect()
}

struct Plan {
    settings: Settings,
    items: Vec<Item>,
}

impl Plan {
    fn manifest(
        self,
        meeting: [u8; 16],
        expected: u32,
        (leaves, token_root): (u32, [u8; 32]),
        keys: &PublicKeys,
        page: crate::web::PageHashes,
    ) -> Result<Manifest, Refusal> {
        let signing = |bytes: &[u8; 32]| VerifyingKey::from_bytes(bytes).map_err(|_| Refusal::broken("签名公钥不对"));
        let contest_keys = keys.contests.iter().map(|(contest, k, e)| {
            let k = Element::from_bytes(k).map_err(|_| Refusal::broken("发票公钥不对"))?;
            Ok(ContestKeys { contest: *contest, k, e: *e })
        });
        let settings = self.settings;
        let draft = ManifestDraft {
            meeting,
            title: settings.full_title(),
            date: settings.date.clone(),
            place: settings.place.clone(),
            expected,
            items: self.items,
            contests: contest_keys.collect::<Result<_, Refusal>>()?,
            e_0: keys.enrolment,
            scale: settings.scale_options(),
            thresholds: settings.threshold_policy(),
            leaves,
            token_root,
            receipt_key: signing(&keys.receipt)?,
            log_key: signing(&keys.log)?,
            result_key: signing(&keys.result)?,
            release: settings.release_rule(),
            page_script: page.script,
            page_wasm: page.wasm,
        };
        draft.freeze().map_err(|error| Refusal::conflict(format!("会议设置不对：{error}。"), "请更正后再冻结。"))
    }
}
