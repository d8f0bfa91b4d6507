//! Acts on enrolment: windows, voided slips, the end. Each asks the log first, then the counts; then the roll, durably;
//! then the log says it.

use douxuan_crypto::{
    count::Counts,
    lists::{Lists, Voided},
    log::{Act, Actor, Entry, LogState, Reason},
    token::{Mask, Token},
};

use super::{Desk, Meeting, allowed::Act as Allowed, refusals};
use crate::{
    failpoint,
    roll::{SlipFacts, SlipState},
    staff::By,
    web::Refusal,
};

/// A slip that can be voided now, and what the log will say of it.
pub(super) struct Voiding {
    slip: [u8; 32],
    mask: Option<Mask>,
    act: Act,
}

/// The end of enrolment as it can come now.
pub(super) struct Ending {
    act: Act,
    /// Slips that nobody can show.
    gone: Vec<[u8; 32]>,
    window: u8,
}

/// A voided slip, for whoever stands at the desk with its spare.
#[derive(Debug, serde::Serialize)]
pub(super) struct VoidedSlip {
    /// What it did not rate, in words: the spare must be of the same kind.
    pub(super) exclusion: String,
}

impl Desk {
    /// Opens the next enrolment window. The slips leave memory.
    pub(super) async fn open_window(&self, by: &By) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::WindowOpen, &[], by).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let log = self.log()?;
        let window = log.state().closed_windows().saturating_add(1);
        let act = Act::WindowOpened { window };
        allowed(log.state(), &act)?;
        self.parts().roll.open_window(window).await?;
        // It is open: from here on no slip is printed, whatever becomes of the log.
        *self.0.slips.lock().await = None;
        failpoint::hit("window.opened");
        self.record(act, actors).await
    }

    /// Closes the window with the heads present.
    pub(super) async fn close_window(&self, present: u32, by: &By) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_in_meeting(Allowed::WindowClose, &[]).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        let log = self.log()?;
        let window = log.state().open_window().ok_or_else(|| Refusal::conflict("登记没有开放。", "请刷新页面。"))?;
        self.heads_are_those_signed_in(log.state(), present).await?;
        // Nobody enrols between the check and the close: phones see the window closed before the roll refuses them,
        // and what came in meanwhile is counted again by the roll itself.
        let closing = self.parts().roll.closing(window, present).await?;
        let act = Act::WindowClosed { window, present, redeemed: closing.redeemed, root: closing.root };
        let after = allowed(log.state(), &act)?;
        self.counts_hold(&meeting, &after, |_| {}).await?;
        self.parts().hub.announce_window_closing();
        let closed = match self.parts().roll.close_window(window, present).await {
            Ok(closed) => closed,
            Err(error) => {
                // The window is still open, and is shown so again.
                self.show().await;
                return Err(error.into());
            }
        };
        failpoint::hit("window.closed");
        let act = Act::WindowClosed { window, present, redeemed: closed.redeemed, root: closed.root };
        self.record(act, actors).await?;
        // It is closed and logged: what could not be forgotten now is forgotten before the next act.
        let _ = self.forget_windows().await;
        Ok(())
    }

    /// Ends enrolment: E_0 is destroyed and every unused slip is dead. `unused` was counted by hand. `lost` slips that
    /// nobody can show are voided first, **whichever they are**: nobody knows their texts, and all of them die here.
    pub(super) async fn end_enrolment(&self, unused: u32, lost: u32, by: &By) -> Result<(), Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::EnrolmentEnd, &[], by).await?;
        let Ending { act, gone, window } = self.ending(&meeting, unused, lost).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        for slip in &gone {
            self.parts().roll.void(*slip, Reason::Lost).await?;
            self.record(Act::SlipVoided { slip: *slip, reason: Reason::Lost, window }, actors.clone()).await?;
        }
        self.parts().roll.end().await?;
        failpoint::hit("enrolment.ended");
        self.record(act, actors).await
    }

    /// Says no to an end of enrolment that could not be done. Changes nothing.
    pub(super) async fn ending(&self, meeting: &Meeting, unused: u32, lost: u32) -> Result<Ending, Refusal> {
        let log = self.log()?;
        let act = Act::EnrolmentEnded { windows: log.state().closed_windows(), unused };
        let after = allowed(log.state(), &act)?;
        let lists = self.parts().roll.lists().await?;
        let expected = unused_of(&lists);
        if unused.checked_add(lost) != Some(expected) {
            return Err(Refusal::conflict(
                format!("清点的未用票纸是 {unused} 张，遗失 {lost} 张，合计应为 {expected} 张。"),
                "请重新清点（含备用票纸）。确实找不到的，请在“遗失”中填写张数，它们将按遗失作废并记入记录。",
            ));
        }
        let window = log.state().closed_windows();
        let gone = lost_slips(&lists, lost);
        let mark = |lists: &mut Lists| gone.iter().for_each(|slip| insert(lists, voided(*slip, Reason::Lost, window)));
        self.counts_hold(meeting, &after, mark).await?;
        Ok(Ending { act, gone, window })
    }

    /// Voids an unspent slip by the text on it.
    pub(super) async fn void_slip(&self, text: &str, reason: Reason, by: &By) -> Result<VoidedSlip, Refusal> {
        let (_acting, meeting) = self.begin_agreed(Allowed::SlipVoid, &[], by).await?;
        let Voiding { slip, mask, act } = self.voiding(&meeting, text, reason).await?;
        let actors = self.actors(&meeting.manifest, by).await?;
        self.parts().roll.void(slip, reason).await?;
        failpoint::hit("slip.voided");
        self.record(act, actors).await?;
        let excluded = mask.map(|mask| mask.excluded()).unwrap_or_default();
        let names = excluded.iter().filter_map(|item| meeting.manifest.item(*item));
        let names: Vec<String> = names.map(|item| format!("第{}项 {}", item.number, item.name)).collect();
        let exclusion =
            if names.is_empty() { "一般票纸".to_owned() } else { format!("不测评：{}", names.join("、")) };
        Ok(VoidedSlip { exclusion })
    }

    /// Finds a slip by the text on it: its T, and what is known of it.
    async fn slip(&self, meeting: &Meeting, text: &str) -> Result<([u8; 32], SlipFacts), Refusal> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let token = Token::parse_text(&text).map_err(|_| {
            Refusal::conflict("文字码不对。", "请照票纸上的 16 个字符键入，四个一组，可用连字符；没有字母 U。")
        })?;
        let slip = *token.signing_key(&meeting.manifest.meeting).verifying().as_bytes();
        let facts = self.parts().roll.slip(slip).await?;
        if facts.state == SlipState::Unknown {
            return Err(not_ours());
        }
        Ok((slip, facts))
    }

    /// Says no to what is no slip of this meeting. **Whether it is spent or void is not said**: that is for two people.
    pub(super) async fn is_slip(&self, meeting: &Meeting, text: &str) -> Result<(), Refusal> {
        self.slip(meeting, text).await.map(drop)
    }

    /// Says no to a slip that could not be voided. Changes nothing.
    async fn voiding(&self, meeting: &Meeting, text: &str, reason: Reason) -> Result<Voiding, Refusal> {
        let (slip, SlipFacts { state, mask }) = self.slip(meeting, text).await?;
        match state {
            SlipState::Unspent => {}
            SlipState::Unknown => return Err(not_ours()),
            SlipState::Redeemed => {
                return Err(Refusal::conflict(
                    "这张票纸已经登记，不能作废，也不能补发。",
                    "登记过的手机仍可投票；手机坏了的，这一票记为未交。",
                ));
            }
            SlipState::Voided => return Err(Refusal::conflict("这张票纸已经作废。", "不必再作废。")),
        }
        let log = self.log()?;
        // `opened` windows: the open one, or else the closed ones.
        let window = log.state().open_window().unwrap_or(log.state().closed_windows());
        let act = Act::SlipVoided { slip, reason, window };
        let after = allowed(log.state(), &act)?;
        self.counts_hold(meeting, &after, |lists| insert(lists, voided(slip, reason, window))).await?;
        Ok(Voiding { slip, mask, act })
    }

    /// The office says that the slips are printed: they leave memory.
    pub(super) async fn slips_printed(&self) -> Result<(), Refusal> {
        let _acting = self.begin(Allowed::SlipsPrinted, &[]).await?;
        *self.0.slips.lock().await = None;
        self.show().await;
        Ok(())
    }

    /// Appends the entries that the roll's facts ask for and the log lacks: one at most, as acts run one at a time. So it
    /// does for a publication with papers that was cut short.
    pub(super) async fn reconcile(&self) -> Result<(), Refusal> {
        let Some(meeting) = self.meeting() else { return Ok(()) };
        let log = self.log()?;
        if log.state().result().is_some() {
            return Ok(());
        }
        let facts = self.parts().roll.facts().await?;
        let actors = self.last_actors(&meeting.manifest).await?;
        if !facts.windows.is_empty() {
            *self.0.slips.lock().await = None;
        }
        for (number, closed) in (1u8..).zip(&facts.windows) {
            let state = self.log()?;
            let state = state.state();
            let known = state.open_window().unwrap_or(state.closed_windows());
            if number > known {
                self.append(Act::WindowOpened { window: number }, actors.clone()).await?;
            }
            if let Some(closed) = closed
                && number > state.closed_windows()
            {
                let (window, present, redeemed, root) = (closed.window, closed.present, closed.redeemed, closed.root);
                self.append(Act::WindowClosed { window, present, redeemed, root }, actors.clone()).await?;
            }
        }
        for void in &facts.lists.voided {
            if !log.state().voided_slips().contains_key(&void.token) {
                let (slip, reason, window) = (void.token, void.reason, void.window);
                self.append(Act::SlipVoided { slip, reason, window }, actors.clone()).await?;
            }
        }
        if facts.ended && log.state().unused().is_none() {
            let windows = u8::try_from(facts.windows.len()).unwrap_or(u8::MAX);
            self.append(Act::EnrolmentEnded { windows, unused: unused_of(&facts.lists) }, actors.clone()).await?;
        }
        self.forget_windows().await?;
        self.reconcile_papers(&meeting).await
    }

    /// Logs what the roll has done already, and shows it.
    ///
    /// # Errors
    /// That it is done and not logged: its entry is written before the next act, as its actors'.
    async fn record(&self, act: Act, actors: Vec<Actor>) -> Result<(), Refusal> {
        let what = act.clone();
        let logged = self.append(act, actors).await;
        self.show().await;
        logged.map_err(|refusal| unlogged(&what, &refusal))
    }

    pub(super) async fn append(&self, act: Act, actors: Vec<Actor>) -> Result<(), Refusal> {
        self.parts().log.append(Entry { actors, act }).await?;
        Ok(())
    }

    /// Refuses with every count formula that would not hold.
    pub(super) async fn counts_hold(
        &self,
        meeting: &Meeting,
        after: &LogState,
        change: impl FnOnce(&mut Lists),
    ) -> Result<(), Refusal> {
        let mut lists = self.parts().roll.lists().await?;
        change(&mut lists);
        let violations = Counts::compute(&meeting.manifest, after, &lists).violations();
        if violations.is_empty() {
            return Ok(());
        }
        let all: Vec<String> = violations.iter().map(douxuan_crypto::count::Violation::zh).collect();
        Err(Refusal::conflict(format!("{}。", all.join("；")), "请核对人数和票数，更正后再做。没有任何改变。"))
    }
}

/// The log's state after an act, if the order allows it.
pub(super) fn allowed(state: &LogState, act: &Act) -> Result<LogState, Refusal> {
    let mut after = state.clone();
    after.apply(&Entry::unnamed(act.clone())).map_err(refusals::order)?;
    Ok(after)
}

fn not_ours() -> Refusal {
    Refusal::conflict("这张票纸不属于本场会议。", "请核对票纸上的屏幕码和文字码。")
}

const fn voided(token: [u8; 32], reason: Reason, window: u8) -> Voided {
    Voided { token, reason, window }
}

fn insert(lists: &mut Lists, voided: Voided) {
    let at = lists.voided.partition_point(|before| before.token < voided.token);
    lists.voided.insert(at, voided);
}

/// The first unspent slips in the order of T, which is random.
fn lost_slips(lists: &Lists, lost: u32) -> Vec<[u8; 32]> {
    let gone = |t: &[u8; 32]| {
        lists.redeemed.binary_search_by(|r| r.token.cmp(t)).is_ok()
            || lists.voided.binary_search_by(|v| v.token.cmp(t)).is_ok()
    };
    let unspent = lists.leaves.iter().map(|leaf| leaf.t).filter(|t| !gone(t));
    unspent.take(usize::try_from(lost).unwrap_or(usize::MAX)).collect()
}

/// `A - |D| - |V|`.
pub(super) fn unused_of(lists: &Lists) -> u32 {
    let unused = lists.leaves.len().saturating_sub(lists.redeemed.len() + lists.voided.len());
    u32::try_from(unused).unwrap_or(u32::MAX)
}

/// What is done and not logged.
fn unlogged(act: &Act, refusal: &Refusal) -> Refusal {
    let why = &refusal.error;
    let next = &refusal.what_to_do;
    let again = format!("不要再做一次。{next}之后会自动补记。");
    let said = match act {
        Act::WindowOpened { .. } => Refusal::conflict(format!("登记已经开放，但还没有记入操作记录：{why}"), again),
        Act::WindowClosed { .. } => Refusal::conflict(format!("登记已经关闭，但还没有记入操作记录：{why}"), again),
        Act::SlipVoided { .. } => Refusal::conflict(format!("票纸已经作废，但还没有记入操作记录：{why}"), again),
        _ => Refusal::conflict(format!("登记已经结束，但还没有记入操作记录：{why}"), again),
    };
    said.with_status(refusal.status)
}
