//! What the console shows: where the meeting stands, and only the acts that are possible now, each with what it does.

use std::collections::BTreeMap;

use douxuan_crypto::{
    contest::Contest,
    log::{Act, LogState},
    manifest::{Manifest, ReleaseKind},
    merkle::Hash,
    screen_code,
};
use serde::Serialize;

use super::{
    Desk, Settings,
    acts::{allowed, unused_of},
};
use crate::{hall::Live, urn::Phase, web::Refusal};

/// Everything the console page draws.
#[derive(Serialize)]
pub(super) struct State {
    v: u8,
    /// The public state, as hall and phones have it.
    live: Live,
    settings: Settings,
    roster: RosterState,
    slips: Option<Vec<SlipGroup>>,
    frozen: Option<FrozenState>,
    urls: Urls,
    /// What must be looked at now, in words.
    alarms: Vec<String>,
    acts: Vec<PossibleAct>,
    contests: Vec<ContestState>,
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

#[derive(Serialize)]
struct ContestState {
    contest: (u16, u8),
    /// The act of each button, with label and consequence.
    acts: Vec<PossibleAct>,
}

/// One act that is possible now.
#[derive(Serialize)]
struct PossibleAct {
    /// Path behind `/desk/`.
    act: &'static str,
    label: &'static str,
    /// What it does, and what cannot be undone.
    consequence: String,
    /// Numbers or texts to fill in: name, label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<(&'static str, &'static str)>,
}

fn act(act: &'static str, label: &'static str, consequence: impl Into<String>) -> PossibleAct {
    PossibleAct { act, label, consequence: consequence.into(), fields: Vec::new() }
}

fn asking(mut act: PossibleAct, fields: &[(&'static str, &'static str)]) -> PossibleAct {
    act.fields = fields.to_vec();
    act
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
        let hosts = self.parts().hosts.clone();
        let origin = self.origin(None)?;
        let mut state = State {
            v: 1,
            live: self.parts().hub.live(),
            roster: RosterState {
                attendees: roster.attendees.len(),
                officials: roster.officials.iter().map(|official| official.name.clone()).collect(),
                groups,
            },
            slips: None,
            frozen: None,
            urls: Urls {
                phone: format!("{origin}/"),
                hall: format!("{origin}/hall"),
                hosts: hosts.all().map(str::to_owned).collect(),
            },
            alarms: self.alarms(),
            acts: Vec::new(),
            contests: Vec::new(),
            settings,
        };
        let Some(meeting) = self.meeting() else {
            let ready =
                !roster.attendees.is_empty() && !state.settings.title.is_empty() && !state.settings.place.is_empty();
            if ready {
                state.acts.push(act("freeze", "冻结会议", freeze_says(&state.settings, roster.attendees.len())));
            }
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
        let (log, lists) = (self.log()?, self.parts().roll.lists().await?);
        let head: (u64, Hash) = log.head_at(log.size());
        let log_code = self
            .code_of([head.0.to_be_bytes().as_slice(), &head.1].concat(), move || {
                screen_code::log_code(head.0, &head.1)
            })
            .await;
        let windows = (1u8..).zip(log.state().windows());
        state.frozen = Some(FrozenState {
            leaves: meeting.manifest.leaves,
            redeemed: if log.state().open_window().is_some() {
                state.live.enrolled as usize
            } else {
                lists.redeemed.len()
            },
            voided: lists.voided.len(),
            unused: unused_of(&lists),
            refused: self.parts().roll.watch().borrow().refused,
            windows: windows
                .map(|(number, window)| WindowState { number, present: window.present, redeemed: window.redeemed })
                .collect(),
            log_size: log.size(),
            log_code,
            bundle: self.parts().shelf.bundle().is_some(),
        });
        state.acts = self.meeting_acts(log.state(), state.slips.is_some(), meeting.drill, unused_of(&lists));
        state.contests = self.contest_acts(log.state(), &meeting.manifest, &state.live);
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

    fn meeting_acts(&self, log: &LogState, slips: bool, drill: bool, unused: u32) -> Vec<PossibleAct> {
        let mut acts = Vec::new();
        let next = log.closed_windows().saturating_add(1);
        if slips {
            acts.push(act("slips/printed", "票纸已印好", "从内存中抹去票纸，之后不能再打印。"));
        } else if next == 1 && log.open_window().is_none() {
            acts.push(act(
                "meeting/new",
                "重新准备",
                "票纸不在内存里了（已印好，或程序重新启动过）。没有印出来的，只能重新准备、重新冻结；已印的票纸全部失效。",
            ));
        }
        if allowed(log, &Act::WindowOpened { window: next }).is_ok() {
            let forgets = if slips { "票纸将从内存中抹去，请先确认已经印好。" } else { "" };
            acts.push(act(
                "window/open",
                "开放登记",
                format!("第 {next} 次登记开始：票纸可以登记，每张只能登记一次。{forgets}"),
            ));
        }
        if log.open_window().is_some() {
            acts.push(asking(
                act("window/close", "关闭登记", "登记停止，登记名单固定并写入记录。之后可以开放项目，或再开一次登记。"),
                &[("present", "实到人数")],
            ));
        }
        let before_the_end = log.unused().is_none() && (log.closed_windows() > 0 || log.open_window().is_some());
        if before_the_end {
            acts.push(asking(
                act("slip/void", "作废票纸", "作废一张没有登记过的票纸，补发同类的备用票纸，或改用纸票。不能撤销。"),
                &[("text", "票纸上的文字码"), ("reason", "原因：paper 改用纸票、lost 遗失、other 其他")],
            ));
        }
        let ends = Act::EnrolmentEnded { windows: log.closed_windows(), unused };
        if allowed(log, &ends).is_ok() {
            acts.push(asking(
                act(
                    "enrolment/end",
                    "结束登记",
                    format!(
                        "登记密钥销毁，未用的票纸全部失效，不能再开放登记。按记录未用票纸应为 {unused} 张（含备用）。"
                    ),
                ),
                &[("unused", "清点的未用票纸"), ("lost", "遗失（没有填 0）")],
            ));
        }
        if allowed(log, &Act::RehearsalDestroyed).is_ok() {
            acts.push(act("rehearsal/destroy", "销毁演练题", "演练题的票和密钥全部销毁，没有结果。"));
        }
        if allowed(log, &Act::Result { hash: [0; 32] }).is_ok() {
            acts.push(act("archive", "归档", "生成结果并签字，核验后写出审计包。之后本场会议不能再有任何操作。"));
        }
        if log.result().is_some() {
            acts.push(act("meeting/new", "准备新的会议", "本场会议已经归档，文件都保留。大屏和手机不再显示它。"));
        } else if log.contests().is_empty() && (slips || next > 1 || log.open_window().is_some()) {
            let says = "放弃这场会议，回到准备阶段。已印的票纸和已做的登记全部失效。";
            acts.push(act("meeting/new", if drill { "放弃这次演练" } else { "放弃这场会议" }, says));
        }
        acts
    }

    fn contest_acts(&self, log: &LogState, manifest: &Manifest, live: &Live) -> Vec<ContestState> {
        let phases: BTreeMap<Contest, Phase> = self.parts().urn.phases().into_iter().collect();
        let contests = manifest.contests.iter().map(|keys| keys.contest);
        let states = contests.map(|contest| {
            let phase = phases.get(&contest).copied().unwrap_or(Phase::Unopened);
            let shown = live.contests.iter().find(|shown| (shown.item, shown.round) == (contest.item, contest.round));
            let mut acts = Vec::new();
            let opens = Act::ContestOpened { contest, window: log.closed_windows() };
            if (phase == Phase::Unopened && allowed(log, &opens).is_ok()) || reopens(log, contest, phase) {
                acts.push(act("contest/open", "开放", open_says(manifest, contest)));
            }
            if contest != Contest::REHEARSAL && matches!(phase, Phase::Open | Phase::Stopped) {
                let missing = shown.and_then(|shown| Some(shown.issued?.saturating_sub(shown.received?)));
                acts.push(act("contest/close", "截止", close_says(missing)));
            }
            if phase == Phase::Closed {
                acts.push(act("contest/publish", "公布", "结果在大屏上公布，不能收回。请监票人、计票人在场。"));
                acts.push(asking(
                    act(
                        "contest/paper",
                        "录入纸票",
                        "录入本项的纸票，只能录入一次。少于 5 张，或电子票不足 5 张时，只计数、不计等次。",
                    ),
                    &[
                        ("issued", "发出纸票"),
                        ("invalid", "废票"),
                        ("ungraded", "不计等次的张数"),
                        ("votes", "各选项票数，按顺序用空格分开"),
                    ],
                ));
            }
            match phase {
                Phase::Closed => {
                    acts.push(act("contest/void", "作废", "这一轮作废，票数抹去，只留票箱的根。要重测请开放下一轮。"))
                }
                Phase::Published | Phase::Withheld => acts.push(act(
                    "contest/void",
                    "作废",
                    "这一轮已经公布，作废后数字仍然保留。注意：两轮结果相减可能看出个别人的票。",
                )),
                _ => {}
            }
            ContestState { contest: (contest.item, contest.round), acts }
        });
        states.collect()
    }
}

/// A contest that an alarm stopped may go on where it stood.
fn reopens(log: &LogState, contest: Contest, phase: Phase) -> bool {
    phase == Phase::Stopped
        && log.contests().get(&contest).is_some_and(|record| record.closed.is_none() && !record.destroyed)
}

fn freeze_says(settings: &Settings, attendees: usize) -> String {
    let mark = if settings.drill { "这是一次演练。" } else { "" };
    format!(
        "{mark}会议内容固定下来，生成密钥和 {attendees} 人的票纸（另加备用）。之后不能更改；票纸只在内存里，请马上打印。"
    )
}

fn open_says(manifest: &Manifest, contest: Contest) -> String {
    if contest == Contest::REHEARSAL {
        return "开放演练题，让大家试一次手机。它没有结果，之后销毁。".to_owned();
    }
    let rule = &manifest.release;
    let shows = match (rule.kind, contest.round) {
        (ReleaseKind::Live, 1) => format!(
            "分批实时：够 {} 张才放出一批，始终留 {} 张不显示；发出不足 {} 张的项目改为公布时显示。",
            rule.n + rule.f,
            rule.f,
            4 * rule.f
        ),
        _ => "截止前大屏只显示收回张数，公布时才显示结果。".to_owned(),
    };
    format!("票箱从空开始，已登记的手机可以测评。只能开放一次。{shows}")
}

fn close_says(missing: Option<u32>) -> String {
    let missing = match missing {
        None => "收回张数未知。".to_owned(),
        Some(0) => "发出的票已全部收回。".to_owned(),
        Some(missing) => format!("还有 {missing} 张没有收回，截止后不能再交（未交不算弃权）。"),
    };
    format!("{missing}截止后密钥销毁，谁也不能再打开单张票；结果要另行公布。")
}
