//! Freezing: from here on nothing about the meeting can change. Keys, tokens, manifest, and the log's first entry.
//!
//! **Order.** The meeting's id is noted as *freezing*; keys are on disk; tokens are in memory, their public keys in
//! the roll; roll, log and urn hold the manifest; last the office says *frozen*. A crash before that gives the
//! meeting up, as its slips are gone. A crash after it loses the slips too, if they were not printed: the console
//! then offers to prepare anew.

use std::sync::Arc;

use douxuan_crypto::{
    group::Element,
    log::Act,
    manifest::{ContestKeys, Item, Manifest, ManifestDraft},
    screen_code,
    sign::VerifyingKey,
    token::TokenTree,
};

use super::{
    Desk, Meeting,
    address::{Chosen, Printed},
    allowed::Act as Allowed,
    checkin::Presence,
    roster::Roster,
    settings::Settings,
    slips::Slips,
};
use crate::{
    failpoint,
    secrets::{PublicKeys, Secrets},
    staff::{self, By},
    web::{LEAST_DAYS, Refusal},
};

impl Desk {
    /// Freezes what was prepared, under the address chosen. The slips are in memory afterwards, to be printed.
    ///
    /// # Errors
    /// [`Refusal`] if something is missing, or a meeting is current already.
    pub(super) async fn freeze(&self, chosen: &Chosen, by: &By) -> Result<(), Refusal> {
        let _acting = self.begin(Allowed::Freeze, &[]).await?;
        let (settings, roster) = (self.settings().await?, self.office().roster().await?);
        if let Some(quorum) = &settings.quorum {
            quorum.names_groups_of(roster.attendees.iter().map(|attendee| attendee.category.as_str()))?;
        }
        self.certificate_lasts()?;
        self.scrutineers_are_not_reported(&roster).await?;
        let printed = self.choose(chosen)?;
        self.are_assessed(&roster, settings.drill, chosen.why.as_deref(), by).await?;
        self.freeze_new(printed, (&settings, &roster), &[], by).await
    }

    /// Before the first window: gives the meeting up and freezes the same again, with a new id, new keys and new slips.
    /// What was printed before is dead; who is here still is, on the same roster. Of two such acts at once the second is refused, so that nobody prints slips
    /// that die at once.
    ///
    /// # Errors
    /// [`Refusal`]; if freezing fails half-way, the meeting is back in preparation.
    pub(super) async fn slips_again(&self, chosen: &Chosen, by: &By) -> Result<(), Refusal> {
        let seen = self.meeting().map(|meeting| meeting.manifest.id);
        let (_acting, meeting) = self.begin_in_meeting(Allowed::SlipsAgain, &[]).await?;
        if seen != Some(meeting.manifest.id) {
            return Err(Refusal::conflict("票纸刚刚已经重新生成。", "请刷新页面，打印新的票纸。"));
        }
        let (settings, roster) = (self.settings().await?, self.office().roster().await?);
        ready(&settings, &roster)?;
        self.certificate_lasts()?;
        self.scrutineers_are_not_reported(&roster).await?;
        let printed = self.choose_again(chosen, meeting.printed.as_ref())?;
        // No window has counted anybody yet.
        let here = self.office().presence().await?;
        self.give_up(&meeting, false).await?;
        failpoint::hit("slips.again");
        self.freeze_new(printed, (&settings, &roster), &here, by).await
    }

    async fn freeze_new(
        &self,
        printed: Printed,
        (settings, roster): (&Settings, &Roster),
        here: &[Presence],
        by: &By,
    ) -> Result<(), Refusal> {
        let mut meeting = [0; 16];
        (self.parts().random)().fill_bytes(&mut meeting);
        self.office().begin_freezing(&meeting, settings.drill, &printed).await?;
        let frozen = self.freeze_as(meeting, (settings, roster), here, printed, by).await;
        if frozen.is_err() {
            self.set_meeting(None);
            *self.0.slips.lock().await = None;
            self.office().let_go().await?;
            self.parts().roll.retire().await?;
            Secrets::open(&self.parts().vault, &meeting).destroy_all()?;
        }
        self.show().await;
        self.show_address();
        frozen
    }

    async fn freeze_as(
        &self,
        meeting: [u8; 16],
        (settings, roster): (&Settings, &Roster),
        here: &[Presence],
        printed: Printed,
        by: &By,
    ) -> Result<(), Refusal> {
        let (vault, random, page) = (self.parts().vault.clone(), self.parts().random.clone(), self.parts().page);
        let plan = Plan { settings: settings.clone(), items: items(settings, roster) };
        let slips = Slips::draw(roster, settings.recusal, &mut *random());
        let tree = TokenTree::new(slips.leaves(&meeting)).map_err(|_| Refusal::broken("两张票纸相同"))?;
        let expected = u32::try_from(roster.attendees.len()).unwrap_or(u32::MAX);
        let (root, leaves) = (tree.root(), tree.leaves().to_vec());
        let count = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        let made = tokio::task::spawn_blocking(move || {
            let contests = ManifestDraft::contests_of(&plan.items);
            let (secrets, keys) = Secrets::create_meeting(&vault, &meeting, &contests, &mut *random())?;
            let manifest = plan.manifest(meeting, expected, (count, root), &keys, page)?;
            let code = screen_code::manifest_code(&manifest.id);
            Ok::<_, Refusal>((secrets, Arc::new(manifest), code))
        });
        let (secrets, manifest, screen_code) = made.await.map_err(Refusal::broken)??;

        self.parts().roll.prepare(manifest.clone(), leaves, secrets.clone()).await?;
        failpoint::hit("freeze.after_roll");
        self.parts().log.prepare(manifest.clone(), &secrets).await?;
        let printed = Some(printed);
        let frozen = Meeting { manifest: manifest.clone(), drill: settings.drill, screen_code, secrets, printed };
        self.append(Act::Manifest { id: manifest.id }, self.actors(&manifest, by).await?).await?;
        failpoint::hit("freeze.after_log");
        self.parts().urn.prepare(manifest.clone()).await?;
        self.office().frozen(&meeting, &manifest.bytes, here).await?;
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
        let (_acting, meeting) = self.begin_in_meeting(Allowed::MeetingNew, &[]).await?;
        let archived = self.log()?.state().result().is_some();
        self.give_up(&meeting, archived).await?;
        self.show().await;
        self.show_address();
        Ok(())
    }

    /// Lets the meeting go. Its keys are destroyed unless it was archived.
    async fn give_up(&self, meeting: &Meeting, archived: bool) -> Result<(), Refusal> {
        // The office first: whatever a crash leaves behind of a meeting that was given up is cleared at the next start.
        self.office().let_go().await?;
        self.set_meeting(None);
        *self.0.slips.lock().await = None;
        self.parts().hub.count_down(None);
        self.parts().roll.retire().await?;
        if !archived {
            meeting.secrets.destroy_all()?;
        }
        Ok(())
    }

    /// The settings, or those a new meeting begins with.
    pub(super) async fn settings(&self) -> Result<Settings, Refusal> {
        let today = super::settings::civil_date((self.parts().clock)());
        Ok(self.office().settings().await?.unwrap_or_else(|| Settings::beginning(&today)))
    }
}

impl Desk {
    /// Nobody watches over a count about himself.
    async fn scrutineers_are_not_reported(&self, roster: &Roster) -> Result<(), Refusal> {
        let accounts = self.parts().staff.accounts().await?;
        let officials: Vec<String> = roster.officials.iter().map(|official| official.name.clone()).collect();
        let reported: Vec<&str> =
            staff::reported_scrutineers(&accounts, &officials).iter().map(|account| account.name.as_str()).collect();
        if reported.is_empty() {
            return Ok(());
        }
        Err(Refusal::conflict(
            format!("监票人{}在述职对象之列，不能监票。", reported.join("、")),
            "请停用这个账户，换一位监票人；如果只是同名，请另建一个账户，在姓名后写上单位。",
        ))
    }

    /// A certificate that ends soon would end with the phones in the hall.
    fn certificate_lasts(&self) -> Result<(), Refusal> {
        let Some(certificate) = &self.parts().certificate else { return Ok(()) };
        let days = certificate.days((self.parts().clock)());
        if days >= LEAST_DAYS {
            return Ok(());
        }
        Err(Refusal::conflict(
            format!("证书只剩 {days} 天，至少要有 {LEAST_DAYS} 天。"),
            "请换一份新的证书（--cert、--key），重新启动后再冻结；或去掉这两个参数，手机改用普通网址。",
        ))
    }
}

pub(super) fn ready(settings: &Settings, roster: &Roster) -> Result<(), Refusal> {
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
