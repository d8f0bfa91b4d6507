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
mod sheet;
mod store;

pub(super) use store::put;

use douxuan_crypto::log::LogState;
use serde::{Deserialize, Serialize};

use super::{
    Desk,
    allowed::Act,
    quorum::{Counted, Heads, Verdict},
    roster::{Attendee, Roster},
};
use crate::{messages::Language, web::Refusal};

/// Where one person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Never came.
    Absent,
    /// Is here.
    Here(Since),
    /// Was here and has left.
    Left(Since),
}

/// Since when somebody counts as present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// From this window on, which is open or comes next.
    From(u8),
    /// A closed window has counted him; which one, nobody knows any more.
    Counted,
}

impl Since {
    /// As the database has it.
    const COUNTED: u8 = u8::MAX;

    const fn of_byte(byte: u8) -> Self {
        if byte == Self::COUNTED { Self::Counted } else { Self::From(byte) }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::From(window) => window,
            Self::Counted => Self::COUNTED,
        }
    }
}

impl Presence {
    const fn since(self) -> Option<Since> {
        match self {
            Self::Absent => None,
            Self::Here(since) | Self::Left(since) => Some(since),
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Absent => Word::Absent,
            Self::Here(_) => Word::Here,
            Self::Left(_) => Word::Left,
        }
    }
}

/// Where somebody is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Absent,
    Here,
    Left,
}

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

/// 应到, 实到, 在场.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    /// Whether the heads are those who signed in: somebody has, and not fewer than the heads that the last window
    /// announced. Fewer have signed in where heads are counted by hand; one sign-in there changes nothing, as it could
    /// not be undone any more once a window has counted it.
    pub(super) in_use: bool,
    expected: u32,
    /// Everybody who ever signed in.
    pub(super) came: u32,
    /// Of them, who has not left.
    here: u32,
    /// Of those who came, who waits for the next window.
    waits: u32,
    /// In the order of the roster.
    groups: Vec<GroupTotals>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct GroupTotals {
    group: String,
    expected: u32,
    came: u32,
    here: u32,
}

/// What the log says to somebody who comes now.
#[derive(Clone, Copy)]
struct Windows {
    closed: u8,
    open: bool,
    ended: bool,
    /// Heads that the last closed window announced; 0 before the first.
    announced: u32,
}

impl Windows {
    fn of(log: &LogState) -> Self {
        Self {
            closed: log.closed_windows(),
            open: log.open_window().is_some(),
            ended: log.unused().is_some(),
            announced: log.windows().last().map_or(0, |window| window.present),
        }
    }

    /// The one in which whoever comes now counts.
    const fn next(self) -> u8 {
        self.closed.saturating_add(1)
    }

    const fn has_counted(self, presence: Presence) -> bool {
        match presence.since() {
            Some(Since::Counted) => true,
            // The power was cut between the log and the rows.
            Some(Since::From(window)) => window <= self.closed,
            None => false,
        }
    }

    const fn is_late(self, presence: Presence) -> bool {
        presence.since().is_some() && !self.has_counted(presence) && self.closed > 0
    }

    /// What becomes of somebody.
    fn moved(self, name: &str, from: Presence, to: Word) -> Result<Presence, Refusal> {
        match (from, to) {
            (Presence::Absent, Word::Here) if self.ended => Err(Refusal::conflict(
                format!("登记已经结束，{name}不能再报到。"),
                "结束以后到的人不能再参加测评，也不计入实到。",
            )),
            (Presence::Absent, Word::Here) => Ok(Presence::Here(Since::From(self.next()))),
            (Presence::Left(since), Word::Here) => Ok(Presence::Here(since)),
            (Presence::Absent, Word::Left) => {
                Err(Refusal::conflict(format!("{name}没有报到，不能记早退。"), "请核对姓名；没有来的人不用记。"))
            }
            (Presence::Here(since), Word::Left) => Ok(Presence::Left(since)),
            (_, Word::Absent) if self.has_counted(from) => Err(Refusal::conflict(
                format!("{name}已经计入关闭登记时的实到，不能撤销报到。"),
                "人已经离开的，请记“早退”。",
            )),
            (_, Word::Absent) => Ok(Presence::Absent),
            (from, _) => Ok(from),
        }
    }
}

fn heads(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Totals {
    fn of(roster: &[Attendee], presence: &[Presence], windows: Windows) -> Self {
        let mut totals = Self { expected: heads(roster.len()), ..Self::default() };
        for (attendee, presence) in roster.iter().zip(presence) {
            let at = totals.groups.iter().position(|group| group.group == attendee.category).unwrap_or_else(|| {
                totals.groups.push(GroupTotals { group: attendee.category.clone(), expected: 0, came: 0, here: 0 });
                totals.groups.len() - 1
            });
            let (came, here) = (presence.word() != Word::Absent, presence.word() == Word::Here);
            totals.came += u32::from(came);
            totals.here += u32::from(here);
            totals.waits += u32::from(here && windows.is_late(*presence) && !windows.open);
            if let Some(group) = totals.groups.get_mut(at) {
                group.expected += 1;
                group.came += u32::from(came);
                group.here += u32::from(here);
            }
        }
        totals.in_use = totals.came > 0 && totals.came >= windows.announced;
        totals
    }
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

    /// The policy beside who is here; `None` without a policy, and before anything is known.
    pub(super) async fn verdict(&self, log: &LogState, totals: &Totals) -> Result<Option<Verdict>, Refusal> {
        let Some(quorum) = self.settings().await?.quorum else { return Ok(None) };
        let announced = log.windows().last().map(|window| window.present);
        let (by, present) =
            if totals.in_use { (Counted::Checkin, Some(totals.here)) } else { (Counted::Window, announced) };
        let Some(present) = present else { return Ok(None) };
        let whole = Heads { group: String::new(), expected: totals.expected, present: Some(present) };
        let of_group = |group: &GroupTotals| Heads {
            group: group.group.clone(),
            expected: group.expected,
            // Of a group nobody announces heads: whoever signed in is there, and of the others nothing is known.
            present: (totals.came > 0).then_some(group.here),
        };
        let groups: Vec<Heads> = totals.groups.iter().map(of_group).collect();
        Ok(Some(quorum.judge(by, whole, &groups)))
    }

    /// Refuses if too few are present for an item to be opened.
    ///
    /// # Errors
    /// 409 with the arithmetic.
    pub(super) async fn quorum_holds(&self, log: &LogState) -> Result<(), Refusal> {
        let totals = self.checkin_totals(log).await?;
        self.verdict(log, &totals).await?.map_or(Ok(()), |verdict| verdict.must_hold())
    }

    /// Where people sign in, no other number of heads is announced.
    ///
    /// # Errors
    /// 409 with both numbers.
    pub(super) async fn heads_are_those_signed_in(&self, log: &LogState, present: u32) -> Result<(), Refusal> {
        let totals = self.checkin_totals(log).await?;
        if !totals.in_use || totals.came == present {
            return Ok(());
        }
        Err(Refusal::conflict(
            format!("报到的有 {} 人，填写的实到是 {present} 人，不相符。", totals.came),
            "请核对报到名单：漏了的补报到，报错的撤销；名单没有错，实到就填报到的人数。这次不用报到的，请把报到的都撤销，再填清点的人数。",
        ))
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
