//! 报到: who is here. It says nothing about slips, which are drawn, and keeps neither times nor an order. Which window
//! has counted somebody is forgotten when it closes: the bundle names the slips that each window took.
//!
//! | from \ to | here | left | absent |
//! |---|---|---|---|
//! | absent | counts in the window that is open, or in the next one (迟到) | refused | – |
//! | here | – | leaves early | undone, unless a closed window has counted him |
//! | left | comes back, and counts where he counted | – | undone, likewise |
//!
//! 实到 is everybody who ever signed in (PROTOCOL.md, section 9: it never falls from window to window); 在场 is who has
//! not left.

mod code;
mod presence;
mod sheet;
mod store;
mod totals;

pub(super) use presence::Presence;
pub(super) use store::put;
pub(super) use totals::{GroupTotals, Totals};

use douxuan_crypto::log::LogState;
use serde::{Deserialize, Serialize};

use self::presence::{Windows, Word};
use super::{
    Desk,
    allowed::Act,
    quorum::Verdict,
    roster::{Attendee, Roster},
};
use crate::{messages::Language, web::Refusal};

/// Who is where: by number, counted from 1, or by the code on the check-in sheet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    #[serde(default)]
    numbers: Vec<usize>,
    #[serde(default)]
    code: Option<String>,
    state: Word,
}

/// What came of it.
#[derive(Serialize)]
pub(super) struct SignedIn {
    people: Vec<Person>,
    totals: Totals,
    quorum: Option<Verdict>,
}

/// The list.
#[derive(Serialize)]
pub(super) struct List {
    people: Vec<Person>,
    totals: Totals,
    quorum: Option<Verdict>,
    /// After the end nobody signs in any more.
    ended: bool,
}

/// One of the roster.
#[derive(Serialize)]
struct Person {
    /// From 1.
    number: usize,
    name: String,
    unit: String,
    post: String,
    group: String,
    /// For each character of the name the letters that its readings begin with.
    initials: Vec<String>,
    state: Word,
    /// What he was before, in an answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Word>,
    /// Came after the first window, and no window has counted him yet. Once one has, nobody knows.
    late: bool,
    /// He is late, is still here, and no window is open: he waits for the next one.
    waits: bool,
    /// A closed window has counted him: no undo.
    counted: bool,
}

fn person(at: usize, attendee: &Attendee, presence: Presence, windows: Windows) -> Person {
    Person {
        number: at + 1,
        name: attendee.name.clone(),
        unit: attendee.unit.clone(),
        post: attendee.post.clone(),
        group: attendee.category.clone(),
        initials: initials(&attendee.name),
        state: presence.word(),
        before: None,
        late: windows.is_late(presence),
        waits: presence.word() == Word::Here && windows.is_late(presence) && !windows.open,
        counted: windows.has_counted(presence),
    }
}

/// For each character the letters that its readings begin with: 单 is `ds`, as a family name shàn. Others as they are.
fn initials(name: &str) -> Vec<String> {
    let letters = |c: char| -> String {
        let Some(readings) = pinyin::ToPinyinMulti::to_pinyin_multi(&c) else { return c.to_lowercase().collect() };
        let mut letters: Vec<char> =
            readings.into_iter().filter_map(|reading| reading.plain().chars().next()).collect();
        letters.sort_unstable();
        letters.dedup();
        letters.into_iter().collect()
    };
    name.chars().filter(|c| !c.is_whitespace()).map(letters).collect()
}

impl Desk {
    /// Everybody, with where he is.
    pub(super) async fn checkin_list(&self) -> Result<List, Refusal> {
        self.frozen()?;
        let (roster, presence) = self.roll_call().await?;
        let log = self.log()?;
        let windows = Windows::of(log.state());
        let people = (0..).zip(&roster.attendees).zip(&presence);
        let totals = Totals::of(&roster.attendees, &presence, windows);
        Ok(List {
            people: people.map(|((at, attendee), presence)| person(at, attendee, *presence, windows)).collect(),
            quorum: self.verdict(log.state(), &totals).await?,
            totals,
            ended: windows.ended,
        })
    }

    /// Says where people are. All of them or, with a refusal, none.
    pub(super) async fn sign_in(&self, asked: &SignIn) -> Result<SignedIn, Refusal> {
        let (_acting, _) = self.begin_in_meeting(Act::CheckIn, &[]).await?;
        let (roster, mut presence) = self.roll_call().await?;
        let log = self.log()?;
        let windows = Windows::of(log.state());
        let mut changes: Vec<(usize, Presence)> = Vec::new();
        let mut before = Vec::new();
        for at in asked.positions(&roster.attendees)? {
            let (Some(attendee), Some(now)) = (roster.attendees.get(at), presence.get_mut(at)) else { continue };
            let after = windows.moved(&attendee.name, *now, asked.state)?;
            before.push((at, now.word()));
            if after != *now {
                *now = after;
                changes.push((at, after));
            }
        }
        if !changes.is_empty() {
            self.office().keep_presence(&changes).await?;
        }
        let changed = before.into_iter().filter_map(|(at, before)| {
            let person = person(at, roster.attendees.get(at)?, *presence.get(at)?, windows);
            Some(Person { before: Some(before), ..person })
        });
        let people = changed.collect();
        let totals = Totals::of(&roster.attendees, &presence, windows);
        Ok(SignedIn { people, quorum: self.verdict(log.state(), &totals).await?, totals })
    }

    /// The sheet for signatures and the hand scanner.
    pub(super) async fn checkin_sheet(&self, screen: Language) -> Result<String, Refusal> {
        let meeting = self.frozen()?;
        let roster = self.office().roster().await?;
        sheet::page(&meeting.manifest, meeting.drill, &roster.attendees, screen)
    }

    /// The totals, for the console's state.
    pub(super) async fn checkin_totals(&self, log: &LogState) -> Result<Totals, Refusal> {
        let (roster, presence) = self.roll_call().await?;
        Ok(Totals::of(&roster.attendees, &presence, Windows::of(log)))
    }

    /// Forgets who was counted in which of the windows that are closed.
    ///
    /// # Errors
    /// [`Refusal`] if the database fails. What is left to be forgotten is so at the next start.
    pub(super) async fn forget_windows(&self) -> Result<(), Refusal> {
        let closed = self.log()?.state().closed_windows();
        Ok(self.office().forget_windows(closed).await?)
    }

    async fn roll_call(&self) -> Result<(Roster, Vec<Presence>), Refusal> {
        let (roster, presence) = (self.office().roster().await?, self.office().presence().await?);
        if roster.attendees.len() != presence.len() {
            return Err(Refusal::broken("报到和名单的人数不同"));
        }
        Ok((roster, presence))
    }
}

impl SignIn {
    /// Positions on the roster, from 0, each once.
    fn positions(&self, roster: &[Attendee]) -> Result<Vec<usize>, Refusal> {
        let mut numbers = self.numbers.clone();
        if let Some(code) = &self.code {
            let wrong = |_| {
                Refusal::conflict(
                    "这不是本次签到表上的码。",
                    "请再扫一次；还是不行，就按姓名查找。签到表要和这次的名单是同一份。",
                )
            };
            numbers.push(code::read(code, roster).map_err(wrong)?);
        }
        if numbers.is_empty() {
            return Err(Refusal::conflict("没有说是谁。", "请选人，或扫签到表上的码。"));
        }
        numbers.sort_unstable();
        numbers.dedup();
        let position = |number: usize| match number.checked_sub(1).filter(|at| *at < roster.len()) {
            Some(at) => Ok(at),
            None => Err(Refusal::conflict(format!("名单里没有第 {number} 号。"), "请刷新页面后再找。")),
        };
        numbers.into_iter().map(position).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_have_every_reading_and_leave_other_writing_as_it_is() {
        assert_eq!(initials("张三"), ["z", "s"]);
        assert!(initials("单雄信")[0].contains('s') && initials("单雄信")[0].contains('d'), "shàn, a family name");
        assert!(initials("曾国藩")[0].contains('z'));
        assert_eq!(initials("买买江·A"), ["m", "m", "j", "·", "a"]);
        assert_eq!(initials("张　三").len(), 2);
    }
}
