//! Other sides' errors as refusals for the office: what is wrong, and what to do next.

use douxuan_crypto::log::OrderError;

use super::office::OfficeError;
use crate::{
    board::{ArchiveRefused, LogRefused},
    roll::RollError,
    secrets::SecretsError,
    urn::UrnRefused,
    web::Refusal,
};

/// The order rules in words, by what the rule says.
const RULES: [(&str, &str, &str); 24] = [
    ("the log is complete; nothing stands behind the result", "会议已经归档", "要再开会议，请准备一场新的"),
    ("the two actors of an act are two people", "两个操作人是同一个人", "请填两个人的姓名"),
    ("this window is not open", "登记没有开放", "请刷新页面"),
    ("enrolment has already ended", "登记已经结束", "请刷新页面"),
    ("no window was ever opened", "还没有开放过登记", "请先开放登记"),
    ("a window is still open", "登记还开放着", "请先报实到人数，关闭登记"),
    ("enrolment has ended; unused slips are dead anyway", "登记已经结束，未用的票纸已全部失效", "不必再作废"),
    ("no window was opened yet", "还没有开放过登记，票纸不能作废", "请先开放登记"),
    ("this slip is already void", "这张票纸已经作废", "不必再作废"),
    ("the rehearsal is not open", "试投没有开放", "请刷新页面"),
    ("enrolment has not ended", "登记还没有结束", "请先清点未用的票纸，结束登记"),
    ("a contest has no outcome yet", "还有项目没有公布或作废", "请先公布或作废每一个开放过的项目，试投要销毁"),
    ("a window is open already", "登记已经开放", "请刷新页面"),
    ("a contest is open", "还有项目开放着，这时不能开放登记", "请先截止开放的项目"),
    ("enrolment has ended", "登记已经结束，不能再开放", "没有登记的人请用纸票"),
    ("the manifest has no such contest", "没有这一项或这一轮", "请刷新页面"),
    ("an enrolment window is open", "登记还开放着，这时不能开放项目", "请先报实到人数，关闭登记"),
    ("the number of closed windows is wrong, or none is closed", "还没有人登记过", "请先开放登记，再关闭登记"),
    ("this contest was opened before", "这一轮已经开放过，不能再开", "要重新测评，请开放下一轮"),
    ("the round before it has no outcome yet", "上一轮还没有公布或作废", "请先公布或作废上一轮"),
    ("this contest was not opened, or is the rehearsal", "这一项没有开放过", "请先开放"),
    ("the contest is not open", "这一项没有开放着", "请刷新页面"),
    ("the contest is not closed", "这一项还没有截止", "请先截止"),
    ("the contest is void", "这一轮已经作废", "请刷新页面"),
];

/// A rule of the log's order, in words.
pub(super) fn order(error: OrderError) -> Refusal {
    let more = [
        ("the contest is already published", "这一项已经公布", "请刷新页面"),
        ("its papers were counted before", "这一项的纸票已经录入", "录入后不能更改"),
        ("the number of options is wrong", "选项个数不对", "请按选项逐个填写"),
    ];
    match RULES.iter().chain(&more).find(|(why, _, _)| *why == error.why) {
        Some((_, said, what)) => Refusal::conflict(format!("{said}。"), format!("{what}。")),
        None => Refusal::conflict(format!("现在不能这样做（{error}）。"), "请刷新页面后再看。"),
    }
}

/// A text of several sentences: the first says what is wrong, the rest what to do.
fn sentences(text: &str, status: u16) -> Refusal {
    let (error, rest) = match text.split_once('。') {
        Some((first, rest)) if !rest.is_empty() => (format!("{first}。"), rest.to_owned()),
        _ => (text.to_owned(), "没有任何改变。请刷新页面后再看。".to_owned()),
    };
    Refusal::conflict(error, rest).with_status(status)
}

impl From<OfficeError> for Refusal {
    fn from(error: OfficeError) -> Self {
        Self::broken(error)
    }
}

impl From<SecretsError> for Refusal {
    fn from(error: SecretsError) -> Self {
        sentences(&error.to_string(), 500)
    }
}

impl From<RollError> for Refusal {
    fn from(error: RollError) -> Self {
        match error {
            RollError::NoMeeting | RollError::Rule(_) | RollError::Present { .. } => sentences(&error.to_string(), 409),
            RollError::Gone => Self::conflict("服务器正在退出。", "请等它重新启动。").with_status(503),
            other => Self::broken(other),
        }
    }
}

impl From<LogRefused> for Refusal {
    fn from(error: LogRefused) -> Self {
        match error {
            LogRefused::Order(error) => order(error),
            LogRefused::NotReady => sentences(&error.to_string(), 409),
            other => sentences(&other.to_string(), 500),
        }
    }
}

impl From<UrnRefused> for Refusal {
    fn from(error: UrnRefused) -> Self {
        match error {
            UrnRefused::Log(error) => error.into(),
            UrnRefused::Space { .. } | UrnRefused::Full => sentences(&error.to_string(), 409),
            other => sentences(&other.to_string(), if other.is_conflict() { 409 } else { 500 }),
        }
    }
}

impl From<ArchiveRefused> for Refusal {
    fn from(error: ArchiveRefused) -> Self {
        match error {
            ArchiveRefused::Log(error) => error.into(),
            ArchiveRefused::Counts(_) => sentences(&error.to_string(), 409),
            other => sentences(&other.to_string(), 500),
        }
    }
}
