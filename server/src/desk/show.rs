//! What an act changed, shown to hall and phones.

use axum::body::Bytes;
use douxuan_crypto::{
    bytes::hex,
    contest::Contest,
    count::{ContestCount, Counts},
    log::{Log, Outcome},
    manifest::{Base, Manifest, OptionKind, PaperPolicy, ReleaseKind, Report},
    screen_code,
};

use super::{Desk, Meeting};
use crate::hall::{Live, LiveContest, LiveOption, LivePaper, LiveResult, LiveThreshold, LiveWindow};

impl Desk {
    /// Shows the meeting as log and lists have it now.
    pub(super) async fn show(&self) {
        match self.meeting() {
            None => {
                self.parts().hub.show(self.prepared().await, None);
                self.parts().hub.show_ceremony(Bytes::new());
            }
            Some(meeting) => {
                let (Some(log), Ok(lists)) = (self.parts().log.log(), self.parts().roll.lists().await) else {
                    return;
                };
                let counts = Counts::compute(&meeting.manifest, log.state(), &lists);
                let live = self.compose(&meeting, &log, &counts).await;
                self.parts().hub.show(live, Some(meeting.manifest.clone()));
                let ceremony = self.ceremony(&meeting, &log, &counts).await;
                self.parts().hub.show_ceremony(ceremony.into());
            }
        }
    }

    /// Before freezing the hall may show what is being prepared, and no code yet.
    async fn prepared(&self) -> Live {
        let mut live = Live::preparing();
        if let (Ok(settings), Ok(roster)) = (self.settings().await, self.office().roster().await)
            && !roster.attendees.is_empty()
        {
            live.title = settings.full_title();
            live.date = settings.date;
            live.place = settings.place;
            live.drill = settings.drill;
            live.expected = u32::try_from(roster.attendees.len()).unwrap_or(u32::MAX);
        }
        live
    }

    async fn compose(&self, meeting: &Meeting, log: &Log, counts: &Counts) -> Live {
        let (manifest, state) = (&meeting.manifest, log.state());
        let mut contests = Vec::with_capacity(manifest.contests.len());
        for keys in &manifest.contests {
            let count = counts.contests.iter().find(|count| count.contest == keys.contest);
            let code = match count {
                Some(count) => {
                    let root = count.root;
                    Some(self.code_of(root.to_vec(), move || screen_code::board_code(&root)).await)
                }
                None => None,
            };
            contests.push(contest(manifest, keys.contest, count, code));
        }
        let option = |option: &douxuan_crypto::manifest::ScaleOption| LiveOption {
            zh: option.zh.clone(),
            en: option.en.clone(),
            kind: if option.kind == OptionKind::Grade { "grade" } else { "abstain" },
        };
        Live {
            phase: self.standing_by(state, counts).await.stage.state(),
            drill: meeting.drill,
            title: manifest.title.clone(),
            date: manifest.date.clone(),
            place: manifest.place.clone(),
            manifest: Some(hex(&manifest.id)),
            screen_code: Some(meeting.screen_code.clone()),
            expected: manifest.expected,
            present: state.windows().last().map(|window| window.present),
            window: LiveWindow {
                number: state.open_window().unwrap_or(state.closed_windows()),
                open: state.open_window().is_some(),
            },
            enrolment_ended: state.unused().is_some(),
            scale: manifest.scale.iter().map(option).collect(),
            release: if manifest.release.kind == ReleaseKind::Live { "live" } else { "close" },
            contests,
            ..Live::preparing()
        }
    }
}

fn contest(
    manifest: &Manifest,
    contest: Contest,
    count: Option<&ContestCount>,
    board_code: Option<String>,
) -> LiveContest {
    let item = manifest.item(contest.item);
    LiveContest {
        item: contest.item,
        round: contest.round,
        name: item.map(|item| item.name.clone()).unwrap_or_default(),
        unit: item.map(|item| item.unit.clone()).unwrap_or_default(),
        post: item.map(|item| item.post.clone()).unwrap_or_default(),
        report: match item.map(|item| item.report) {
            Some(Report::Oral) => "oral",
            Some(Report::Written) => "written",
            None => "",
        },
        state: "unopened",
        issued: None,
        received: None,
        released: None,
        result: count.and_then(|count| result(manifest, count)),
        board_code,
    }
}

/// The count block: of a contest that was published, or is withheld.
fn result(manifest: &Manifest, count: &ContestCount) -> Option<LiveResult> {
    if !matches!(count.outcome, Some(Outcome::Published | Outcome::Withheld | Outcome::VoidedAfter)) {
        return None;
    }
    let grades = count.grades.as_ref();
    Some(LiveResult {
        issued: count.issued(),
        cast: count.cast(),
        missing: count.missing(),
        paper: (count.paper.issued > 0).then(|| LivePaper {
            issued: u64::from(count.paper.issued),
            cast: count.paper.cast(),
            invalid: u64::from(count.paper.invalid),
            ungraded: u64::from(count.paper.ungraded),
        }),
        base: "cast",
        votes: grades.map(|grades| grades.votes.clone()),
        valid: grades.map(|grades| grades.valid),
        abstained: grades.map(|grades| grades.abstained),
        threshold: count.threshold.as_ref().map(|threshold| {
            let policy = &manifest.thresholds;
            LiveThreshold {
                option: threshold.option,
                count: threshold.count,
                base: threshold.base,
                base_kind: match (policy.base, policy.paper) {
                    (Base::Valid, PaperPolicy::Included) => "valid",
                    (Base::Valid, PaperPolicy::Apart) => "valid_electronic",
                    (Base::Cast, PaperPolicy::Included) => "cast",
                    (Base::Cast, PaperPolicy::Apart) => "cast_electronic",
                },
                reaches_limit: policy.reaches,
                reaches: threshold.reaches,
                over_limit: policy.over,
                over: threshold.over,
            }
        }),
    })
}
