//! What the console shows: where the meeting stands, and only the acts that are possible now, each with what it does.

use std::collections::BTreeMap;

use douxuan_crypto::count::Counts;
use serde::Serialize;

use super::{
    Desk, Settings,
    address::{Address, Found},
    allowed::Standing,
    checkin::Totals,
    checks::Checks,
    freeze,
    offers::{self, ContestOffers, Offer, Seen},
    quorum::Verdict,
    review::ReviewState,
    wifi::WifiState,
};
use crate::{hall::Live, web::Refusal};

/// Everything the console page draws.
#[derive(Serialize)]
pub(super) struct State {
    v: u8,
    /// `preparing`, `issuing`, `meeting` or `archived`.
    meeting_state: &'static str,
    /// The public state, as hall and phones have it.
    live: Live,
    settings: Settings,
    roster: RosterState,
    slips: Option<Vec<SlipGroup>>,
    frozen: Option<FrozenState>,
    urls: Urls,
    /// Where this machine is reached now, best first.
    addresses: Vec<Found>,
    /// What the slips say, and whether it still leads here; `null` before freezing.
    address: Option<Address>,
    wifi: Option<WifiState>,
    /// What must be looked at now, in words.
    alarms: Vec<String>,
    /// The acts of the meeting.
    acts: Vec<Offer>,
    /// Acts without a button of their own that are possible now, as paths.
    forms: Vec<&'static str>,
    contests: Vec<ContestOffers>,
    /// The counts as arithmetic.
    counts: Checks,
    /// Who is here, in numbers; `null` before freezing.
    checkin: Option<Totals>,
    /// The quorum beside them; `null` without one, and before anybody was counted.
    quorum: Option<Verdict>,
    /// What the record of the review offers; `null` once the meeting is frozen.
    review: Option<ReviewState>,
}

#[derive(Serialize)]
struct RosterState {
    attendees: usize,
    officials: Vec<String>,
    groups: BTreeMap<String, usize>,
}

/// Slips that wait in memory to be printed.
#[derive(Serialize)]
struct SlipGroup {
    /// Those it leaves out, who get it; nobody for the general slips.
    officials: Vec<String>,
    holders: usize,
    spares: usize,
}

#[derive(Serialize)]
struct FrozenState {
    leaves: u32,
    redeemed: usize,
    voided: usize,
    unused: u32,
    refused: u32,
    windows: Vec<WindowState>,
    log_size: u64,
    /// Screen code of the log's head, for the minutes.
    log_code: String,
    bundle: bool,
}

#[derive(Serialize)]
struct WindowState {
    number: u8,
    present: u32,
    redeemed: u32,
}

#[derive(Serialize)]
struct Urls {
    phone: String,
    hall: String,
    hosts: Vec<String>,
}

impl Desk {
    /// The console's state.
    pub(super) async fn state(&self) -> Result<State, Refusal> {
        let settings = self.settings().await?;
        let roster = self.office().roster().await?;
        let mut groups = BTreeMap::new();
        for attendee in &roster.attendees {
            *groups.entry(attendee.category.clone()).or_insert(0) += 1;
        }
        let preparing = Standing::preparing(freeze::ready(&settings, &roster).is_ok());
        let meeting = self.meeting();
        let mut state = State {
            v: 1,
            meeting_state: preparing.stage.state(),
            live: self.parts().hub.live(),
            roster: RosterState {
                attendees: roster.attendees.len(),
                officials: roster.officials.iter().map(|official| official.name.clone()).collect(),
                groups,
            },
            slips: None,
            frozen: None,
            urls: Urls {
                phone: format!("{}/", self.origin()),
                hall: format!("{}/hall", self.origin_now()),
                hosts: self.parts().hosts.found(),
            },
            addresses: self.addresses(),
            address: meeting.is_some().then(|| self.address()),
            wifi: self.wifi_state(),
            alarms: self.alarms(),
            acts: Vec::new(),
            forms: offers::forms(&preparing),
            contests: Vec::new(),
            counts: Checks::default(),
            checkin: None,
            quorum: None,
            review: meeting.is_none().then(|| self.review_state(&roster, settings.drill)),
            settings,
        };
        let Some(meeting) = meeting else {
            state.acts = offers::before_freezing(&preparing, roster.attendees.len(), state.settings.drill);
            return Ok(state);
        };
        state.slips = self.0.slips.lock().await.as_ref().map(|slips| {
            let group = |group: &super::slips::Group| SlipGroup {
                officials: group
                    .excluded
                    .iter()
                    .filter_map(|item| meeting.manifest.item(*item).map(|item| item.name.clone()))
                    .collect(),
                holders: group.holders,
                spares: group.spares,
            };
            slips.groups().iter().map(group).collect()
        });
        // Those who work here see the sums of papers that are not published yet.
        let (log, with_papers) = self.log_and_papers(&meeting).await?;
        let lists = self.parts().roll.lists().await?;
        let counts = Counts::compute(&meeting.manifest, &with_papers, &lists);
        let standing = self.standing_by(&with_papers, &counts).await;
        let enrolling = log.state().open_window().is_some();
        let log_code = self.log_code(&log).await;
        let totals = self.checkin_totals(log.state()).await?;
        state.quorum = self.verdict(log.state(), &totals).await?;
        state.checkin = Some(totals);
        let windows = (1u8..).zip(log.state().windows());
        // While people enrol their number shows on ticks only, and so does what is left of the slips.
        let redeemed = if enrolling { state.live.enrolled as usize } else { lists.redeemed.len() };
        let unused = lists.leaves.len().saturating_sub(redeemed + lists.voided.len());
        let unused = u32::try_from(unused).unwrap_or(u32::MAX);
        state.frozen = Some(FrozenState {
            leaves: meeting.manifest.leaves,
            redeemed,
            voided: lists.voided.len(),
            unused,
            refused: self.parts().roll.watch().borrow().refused,
            windows: windows
                .map(|(number, window)| WindowState { number, present: window.present, redeemed: window.redeemed })
                .collect(),
            log_size: log.size(),
            log_code,
            bundle: self.parts().shelf.bundle().is_some(),
        });
        let may_rate = |item: u16| lists.redeemed.iter().filter(|redeemed| !redeemed.mask.excludes(item)).count();
        let seen = Seen {
            log: &with_papers,
            counts: &counts,
            live: &state.live,
            unused,
            issued: &|item| u32::try_from(may_rate(item)).unwrap_or(u32::MAX),
        };
        state.meeting_state = standing.stage.state();
        state.acts = offers::of_meeting(&standing, &seen);
        state.forms = offers::forms(&standing);
        state.contests = offers::of_contests(&standing, &meeting, &seen);
        state.contests.iter_mut().for_each(|own| own.tell(self, &meeting.manifest.id));
        state.counts = Checks::of(&counts, enrolling);
        Ok(state)
    }

    fn alarms(&self) -> Vec<String> {
        let urn = self.parts().urn.watch();
        let mut alarms: Vec<String> = urn
            .borrow()
            .contests
            .iter()
            .filter_map(|(contest, view)| Some(format!("{contest}：{}", view.alarm.as_ref()?)))
            .collect();
        let roll = self.parts().roll.watch();
        if roll.borrow().broken {
            alarms.push("登记库写盘失败，登记已经停止。请检查磁盘，然后重新启动豆选。".to_owned());
        }
        alarms
    }
}
