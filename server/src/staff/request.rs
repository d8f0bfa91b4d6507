//! Requests: an act that one person has asked for and another one must confirm. They live in memory, five minutes at
//! most, and no longer than the session in which they were made.
//!
//! **One browser cannot hold both people.** It holds one session cookie; signing in as somebody else ends the session
//! before, and with it every request that was made in it.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use douxuan_crypto::bytes::hex;
use rand_core::CryptoRng;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    account::{Account, is_reported},
    by::By,
    rights::{self, Act},
    session::{CookieHash, Signed},
};
use crate::web::Refusal;

/// How long a request waits.
pub const LASTS: Duration = Duration::from_secs(5 * 60);
/// Requests that may wait at once.
const WAITING: usize = 16;
/// Ended requests remembered, to say how they ended.
const ENDED: usize = 32;

/// What will happen if an act is done now, and where that would be done: the desk says so, before and again when the
/// second person confirms.
#[derive(Clone, Debug)]
pub struct Look {
    /// A digest of all that the act rests on. If it differs at confirmation, the world has moved on.
    pub stands: [u8; 32],
    /// The consequence, as a key of the message files without its `act.says_`.
    pub says: String,
    /// What fills it.
    pub values: Value,
    /// Names of the reported officials.
    pub reported: Vec<String>,
}

/// What two people agreed on is not what would be done now.
#[must_use]
pub fn moved() -> Refusal {
    End::Moved.refusal()
}

/// Which request.
pub(super) type RequestId = [u8; 8];

/// A request that waits.
pub(super) struct Pending {
    pub(super) id: RequestId,
    pub(super) act: Act,
    pub(super) path: String,
    /// What was asked, as it was sent. **Never shown**: it may hold a slip's text.
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) look: Look,
    pub(super) by: Arc<Account>,
    session: CookieHash,
    until: Instant,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Confirmed(String),
    Withdrawn,
    Lapsed,
    SignedOut,
    Moved,
    /// Two people agreed, and the server has not done it, or not all of it: its own words.
    Failed(String),
}

struct Ended {
    id: RequestId,
    path: String,
    by: Arc<Account>,
    how: End,
}

/// All requests.
#[derive(Default)]
pub(super) struct Requests {
    pending: Vec<Pending>,
    ended: VecDeque<Ended>,
}

impl Requests {
    /// Takes a request in.
    pub(super) fn add<R: CryptoRng + ?Sized>(
        &mut self,
        asked: Asked,
        signed: &Signed,
        now: Instant,
        rng: &mut R,
    ) -> Result<&Pending, Refusal> {
        let Asked { act, path, body, look } = asked;
        if self.pending.iter().any(|before| before.path == path && *before.body == *body) {
            return Err(Refusal::conflict(
                "同样的请求已经在等待确认。",
                "请由另一位在他自己的浏览器里确认，或先撤回。",
            ));
        }
        if self.pending.len() >= WAITING {
            return Err(Refusal::conflict(
                format!("等待确认的请求已有 {WAITING} 个。"),
                "请先确认或撤回其中一些，再提出新的。",
            ));
        }
        let mut id = [0; 8];
        rng.fill_bytes(&mut id);
        let (by, session) = (signed.account.clone(), signed.cookie);
        self.pending.push(Pending { id, act, path, body, look, by, session, until: now + LASTS });
        self.pending.last().ok_or_else(|| Refusal::broken("request"))
    }

    /// The request that this person may confirm now.
    pub(super) fn confirmable(&self, id: &str, signed: &Signed, reported: &[String]) -> Result<&Pending, Refusal> {
        let pending = self.waiting(id)?;
        may_confirm(pending, signed, reported)?;
        Ok(pending)
    }

    /// Takes the request out for the one who confirms it. Whoever comes second finds it gone. If the world has moved on
    /// since it was made, it ends without anything being done.
    pub(super) fn confirm(&mut self, id: &str, signed: &Signed, look: &Look) -> Result<(Pending, By), Refusal> {
        let pending = self.confirmable(id, signed, &look.reported)?;
        let (id, moved) = (pending.id, pending.look.stands != look.stands);
        let by = By::agreed(pending.by.clone(), signed.account.clone(), look.stands);
        let how = if moved { End::Moved } else { End::Confirmed(signed.account.name.clone()) };
        match self.end(|pending| pending.id == id, &how).pop() {
            Some(pending) if !moved => Ok((pending, by)),
            _ => Err(how.refusal()),
        }
    }

    /// Withdraws a request that this person has made.
    pub(super) fn withdraw(&mut self, id: &str, signed: &Signed) -> Result<(), Refusal> {
        let pending = self.waiting(id)?;
        if pending.by.id != signed.account.id {
            let name = &pending.by.name;
            return Err(Refusal::conflict(
                "只有提出的人可以撤回。",
                format!("请让{name}撤回；不同意就不要确认，五分钟后作废。"),
            )
            .with_status(403));
        }
        let id = pending.id;
        self.end(|pending| pending.id == id, &End::Withdrawn);
        Ok(())
    }

    /// Ends a request because the act is no longer allowed at all.
    pub(super) fn moved(&mut self, id: &str) {
        self.end(|pending| hex(&pending.id) == id, &End::Moved);
    }

    /// A confirmed request came to nothing, or to less than was agreed on.
    pub(super) fn failed(&mut self, id: &str, why: String) {
        if let Some(ended) = self.ended.iter_mut().find(|ended| hex(&ended.id) == id) {
            // That the meeting stands otherwise is what a request ends with that nobody has touched.
            ended.how = if why == End::Moved.refusal().error { End::Moved } else { End::Failed(why) };
        }
    }

    /// Ends what was made in sessions that are over.
    pub(super) fn end_with(&mut self, sessions: &[CookieHash]) {
        self.end(|pending| sessions.contains(&pending.session), &End::SignedOut);
    }

    /// Ends what has waited too long.
    pub(super) fn sweep(&mut self, now: Instant) {
        self.end(|pending| now >= pending.until, &End::Lapsed);
    }

    /// All that wait, and how those of this person ended, as the page shows them.
    pub(super) fn shown(&self, signed: &Signed, now: Instant) -> Value {
        let pending = self.pending.iter().map(|pending| pending.shown(signed, now)).collect::<Vec<_>>();
        let own = self.ended.iter().filter(|ended| ended.by.id == signed.account.id);
        let ended = own.map(|ended| {
            let (how, by) = ended.how.word();
            let why = if let End::Failed(why) = &ended.how { Some(why) } else { None };
            json!({ "id": hex(&ended.id), "act": act_name(&ended.path), "how": how, "by": by, "why": why })
        });
        json!({ "pending": pending, "ended": ended.collect::<Vec<_>>() })
    }

    fn waiting(&self, id: &str) -> Result<&Pending, Refusal> {
        if let Some(pending) = self.pending.iter().find(|pending| hex(&pending.id) == id) {
            return Ok(pending);
        }
        let ended = self.ended.iter().find(|ended| hex(&ended.id) == id);
        Err(ended.map_or_else(
            || Refusal::conflict("没有这个请求。", "请刷新页面；重新启动后，请求要重新提出。").with_status(404),
            |ended| ended.how.refusal(),
        ))
    }

    fn end(&mut self, over: impl Fn(&Pending) -> bool, how: &End) -> Vec<Pending> {
        let (gone, stay) = std::mem::take(&mut self.pending).into_iter().partition(over);
        self.pending = stay;
        let gone: Vec<Pending> = gone;
        for Pending { id, path, by, .. } in &gone {
            if self.ended.len() >= ENDED {
                self.ended.pop_front();
            }
            self.ended.push_back(Ended { id: *id, path: path.clone(), by: by.clone(), how: how.clone() });
        }
        gone
    }
}

/// An act that waits to become a request.
pub(super) struct Asked {
    pub(super) act: Act,
    pub(super) path: String,
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) look: Look,
}

impl Pending {
    /// As a page shows it: what will happen, who has asked, how long it waits, and whether the reader may confirm it.
    pub(super) fn shown(&self, signed: &Signed, now: Instant) -> Value {
        let why_not = may_confirm(self, signed, &self.look.reported).err();
        json!({
            "id": hex(&self.id),
            "act": act_name(&self.path),
            "says": self.look.says,
            "values": self.look.values,
            "by": { "name": self.by.name, "role": self.by.role },
            "left": self.until.saturating_duration_since(now).as_secs(),
            "mine": self.by.id == signed.account.id,
            "may_confirm": why_not.is_none(),
            "why_not": why_not.map(|refusal| refusal.error),
        })
    }
}

impl End {
    fn word(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Confirmed(by) => ("confirmed", Some(by)),
            Self::Withdrawn => ("withdrawn", None),
            Self::Lapsed => ("lapsed", None),
            Self::SignedOut => ("signed_out", None),
            Self::Moved => ("moved", None),
            Self::Failed(_) => ("failed", None),
        }
    }

    fn refusal(&self) -> Refusal {
        let (why, status) = match self {
            Self::Confirmed(by) => (format!("这个请求已由{by}确认。"), 409),
            Self::Withdrawn => ("这个请求已经撤回。".to_owned(), 410),
            Self::Lapsed => ("这个请求等了五分钟没有人确认，已经作废。".to_owned(), 410),
            Self::SignedOut => ("提出的人已经退出登录，这个请求已经作废。".to_owned(), 410),
            Self::Failed(_) => ("这个请求已经确认，但没有做成，或没有全部做成。".to_owned(), 409),
            Self::Moved => ("提出以后，会议的情况变了，这个请求已经作废，什么也没有做。".to_owned(), 409),
        };
        let next = match self {
            Self::Confirmed(_) => "请刷新页面，不必再做。",
            _ => "请看现在的情况，需要时重新提出。",
        };
        Refusal::conflict(why, next).with_status(status)
    }
}

/// Whether this person may confirm this request.
fn may_confirm(pending: &Pending, signed: &Signed, reported: &[String]) -> Result<(), Refusal> {
    let second = &signed.account;
    let refused = |why: &str, next: &str| Err(Refusal::conflict(why, next).with_status(403));
    if pending.by.id == second.id {
        return refused("自己提出的，不能自己确认。", "请由另一位在他自己的浏览器里登录后确认。");
    }
    if pending.session == signed.cookie {
        return refused("提出和确认不能在同一个浏览器里。", "请在另一台设备或另一个浏览器里登录后确认。");
    }
    if !rights::may_confirm(pending.by.role, second.role, pending.act) {
        return refused(
            &format!("{}提出的这一步，{}不能确认。", pending.by.role.zh(), second.role.zh()),
            "两个人里至少要有一位监票人；请由监票人确认。",
        );
    }
    not_reported(&pending.by, reported).and_then(|()| not_reported(second, reported))
}

/// Refuses a scrutineer who is reported on himself.
pub(super) fn not_reported(account: &Account, reported: &[String]) -> Result<(), Refusal> {
    if account.role != super::account::Role::Scrutineer || !is_reported(account, reported) {
        return Ok(());
    }
    Err(Refusal::conflict(
        format!("监票人{}在述职对象之列，不能监票。", account.name),
        "请换一位监票人；如果只是同名，请另建一个账户，在姓名后写上单位。",
    )
    .with_status(403))
}

/// `window/open` of `/desk/window/open`.
fn act_name(path: &str) -> &str {
    path.strip_prefix("/desk/").unwrap_or(path)
}
