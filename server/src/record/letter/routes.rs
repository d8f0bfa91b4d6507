//! `/api/record/…/letter`: drafting, approving, taking back.

use axum::{Json, extract::State};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Fixed, Letter, Text, Withdrawal,
    files::written,
    standing,
    text::{Said, rated},
};
use crate::{
    record::{
        Documents, Dossier, Draft, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        cycle, field,
        field::{At, Seen, Step, by_another},
        opinion,
        result::{self, Outcome},
    },
    web::{Asked, Refusal},
};

/// Characters of a number.
pub(super) const NUMBER: usize = 40;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/record/dossiers/{dossier}/letter", "Drafts the feedback letter (article 19).", draft)
            .takes::<Begin>()
            .answers::<Kept<Letter>>(),
        Endpoint::get("/api/record/letters/{letter}", "A letter, word by word.", one).answers::<Shown>(),
        Endpoint::post("/api/record/letters/{letter}", "Changes number, sender or date of a draft.", change)
            .takes::<Change>()
            .answers::<Kept<Letter>>(),
        Endpoint::post("/api/record/letters/{letter}/approve", "Approves a letter: it changes no more.", approve)
            .takes::<Approve>()
            .answers::<Kept<Letter>>(),
        Endpoint::post("/api/record/letters/{letter}/withdraw/approve", "Takes an approved letter back.", withdraw)
            .takes::<Seen>()
            .answers::<Kept<Letter>>(),
    ]
}

/// What a draft begins with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// The result; needed where a dossier stands in several.
    outcome: Option<Id>,
    /// 文号.
    number: String,
    /// Who sends it.
    office: String,
    /// Its date, `YYYY-MM-DD`.
    date: String,
}

async fn draft(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Begin>,
) -> Answer<Kept<Letter>> {
    let Begin { outcome, number, office, date } = asked;
    let (head, today) = (Head::checked(&number, &office, &date)?, record.today());
    let made = record.book().change(&hand, |draft| {
        let letter = begin(draft, id, outcome, head, today)?;
        draft.get(letter)
    });
    made.await.map(Json)
}

/// What stands at the head of a letter, and its date.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) number: String,
    pub(super) office: String,
    pub(super) date: String,
}

impl Head {
    pub(super) fn checked(number: &str, office: &str, date: &str) -> Result<Self, Refusal> {
        field::day("成文日期", date)?;
        let number = field::line("文号", number, NUMBER)?;
        Ok(Self { number, office: field::line("发文机关", office, NUMBER)?, date: date.to_owned() })
    }

    /// Nothing is fed back before the meeting, and no letter bears a day that has not come.
    fn fits(&self, outcome: &Outcome, today: Date) -> Result<(), Refusal> {
        field::happened("成文日期", &self.date, Some(("会议日期", &outcome.date)), today).map(drop)
    }

    /// A number stands on one letter only.
    fn is_free(&self, documents: &Documents, beside: Option<Id>) -> Result<(), Refusal> {
        let letters = documents.all::<Letter>();
        if letters.iter().any(|letter| letter.body.number == self.number && Some(letter.id) != beside) {
            return Err(Refusal::conflict(
                format!("文号“{}”已经用过。", self.number),
                "请换一个文号；撤回的函的文号不再使用。",
            ));
        }
        Ok(())
    }
}

/// The results that a dossier stands in, the oldest first.
pub(super) fn outcomes_of(documents: &Documents, dossier: Id) -> Vec<Kept<Outcome>> {
    let mut outcomes = documents.all::<Outcome>();
    outcomes.retain(|outcome| outcome.body.replaced.is_none() && rated(&outcome.body, dossier).is_some());
    outcomes.sort_by_cached_key(|outcome| (outcome.body.date.clone(), outcome.id));
    outcomes
}

/// Drafts a letter.
///
/// # Errors
/// There is one, the result is not clear, the number was used, or the date does not fit.
pub(super) fn begin(
    draft: &mut Draft<'_>,
    id: Id,
    outcome: Option<Id>,
    head: Head,
    today: Date,
) -> Result<Id, Refusal> {
    let cycle = draft.get::<Dossier>(id)?.body.cycle;
    cycle::must_be_open(draft, cycle)?;
    if standing(draft, id).is_some() {
        return Err(Refusal::conflict("这位述职对象已经有反馈函。", "请修改那一份；已经审定的，请主持人先撤回。"));
    }
    let known = outcomes_of(draft, id);
    let outcome = match (outcome, known.as_slice()) {
        (Some(wanted), known) => known.iter().find(|outcome| outcome.id == wanted),
        (None, [only]) => Some(only),
        (None, []) if result::waits(draft, id, None).is_some() => {
            return Err(Refusal::conflict(
                "他的测评结果和案卷的对应等待审定。",
                "请主持人先在“测评结果”里审定对应，再拟反馈函。",
            ));
        }
        (None, []) => {
            return Err(Refusal::conflict("还没有他的民主测评结果。", "请先在“测评结果”里收入结果，并对应案卷。"));
        }
        (None, _) => None,
    };
    let outcome = outcome.ok_or_else(|| {
        Refusal::conflict("他在几份测评结果里，不能确定用哪一份。", "请选择这份函反馈的是哪一次测评。")
    })?;
    head.is_free(draft, None)?;
    head.fits(&outcome.body, today)?;
    let outcome = outcome.id;
    let Head { number, office, date } = head;
    let by = Step::of(draft.hand());
    let letter = Letter {
        dossier: id,
        cycle,
        outcome,
        number,
        office,
        date,
        by,
        changed: None,
        fixed: None,
        delivered: Vec::new(),
        receipts: Vec::new(),
        withdrawn: None,
    };
    Ok(draft.add("letter/draft", &letter, ""))
}

/// A letter as it reads now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    letter: Kept<Letter>,
    text: Text,
    /// The same line by line, exactly as the document has it: what is read before the approval.
    lines: Vec<Said>,
    /// SHA-256 of the words: whoever approves says which he has read.
    digest: String,
    /// What is still to be done before it can be approved.
    waits: Vec<String>,
    /// Whether this server makes PDF. If not, the letter says so itself, and whoever approves it has read that.
    pdf: bool,
}

async fn one(State(record): State<Record>, At(id): At) -> Answer<Shown> {
    let now = record.book().now();
    let letter = now.documents.get::<Letter>(id)?;
    let text = words(&now.documents, &letter.body)?;
    let waits = waits(&now.documents, &letter.body);
    Ok(Json(Shown { digest: text.digest(), lines: text.lines(), text, waits, letter, pdf: cfg!(feature = "pdf") }))
}

/// What was approved, or what would be.
pub(super) fn words(documents: &Documents, letter: &Letter) -> Result<Text, Refusal> {
    match &letter.fixed {
        Some(fixed) => Ok(fixed.text.clone()),
        None => Text::of(documents, letter),
    }
}

/// What keeps a letter from being approved.
pub(super) fn waits(documents: &Documents, letter: &Letter) -> Vec<String> {
    let opinions = opinion::of_dossier(documents, letter.dossier);
    let open = opinions.iter().filter(|one| one.body.withdrawn.is_none() && one.body.reviewed.is_none()).count();
    let unread = (open > 0 && letter.fixed.is_none()).then(|| format!("还有 {open} 条意见没有核对"));
    let result = result::waits(documents, letter.dossier, Some(letter.outcome)).filter(|_| letter.fixed.is_none());
    unread.into_iter().chain(result).collect()
}

/// The result that a letter names does not know its official.
pub(super) fn not_in_result() -> Refusal {
    Refusal::conflict("这份测评结果里没有这位述职对象。", "请先在“测评结果”里对应案卷。")
}

/// Another head.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The version seen.
    version: u32,
    number: String,
    office: String,
    /// `YYYY-MM-DD`.
    date: String,
    /// Why; may be left out.
    #[serde(default)]
    why: String,
}

async fn change(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Change>,
) -> Answer<Kept<Letter>> {
    let (head, today) = (Head::checked(&asked.number, &asked.office, &asked.date)?, record.today());
    let why = field::why_if(false, &asked.why)?;
    let changed = record.book().change(&hand, |draft| {
        let mut letter = still_a_draft(draft, id, asked.version)?;
        head.is_free(draft, Some(id))?;
        head.fits(&draft.get::<Outcome>(letter.body.outcome)?.body, today)?;
        let Head { number, office, date } = head;
        letter.body = Letter { number, office, date, changed: Some(Step::of(&hand)), ..letter.body };
        draft.set("letter/change", &letter, &why)?;
        draft.get(id)
    });
    changed.await.map(Json)
}

fn seen(documents: &Documents, id: Id, version: u32) -> Result<Kept<Letter>, Refusal> {
    let letter = Kept { version, ..documents.get::<Letter>(id)? };
    if letter.body.withdrawn.is_some() {
        return Err(Refusal::conflict("这份反馈函已经撤回。", "请另拟一份。"));
    }
    Ok(letter)
}

fn still_a_draft(documents: &Documents, id: Id, version: u32) -> Result<Kept<Letter>, Refusal> {
    let letter = seen(documents, id, version)?;
    if letter.body.fixed.is_some() {
        return Err(Refusal::conflict(
            "反馈函已经审定，不再改动。",
            "确实有误的，请主持人撤回并写明理由，再另拟一份。",
        ));
    }
    Ok(letter)
}

pub(super) fn still_approved(documents: &Documents, id: Id, version: u32) -> Result<(Kept<Letter>, Fixed), Refusal> {
    let letter = seen(documents, id, version)?;
    let fixed = letter.body.fixed.clone();
    let fixed = fixed.ok_or_else(|| Refusal::conflict("反馈函还是草稿，没有审定。", "请主持人先审定。"))?;
    Ok((letter, fixed))
}

/// # Errors
/// What has to be done before the letter can be approved.
fn nothing_waits(documents: &Documents, letter: &Letter) -> Result<(), Refusal> {
    if result::waits(documents, letter.dossier, Some(letter.outcome)).is_some() {
        return Err(Refusal::conflict("测评结果的对应还没有办完，不能审定。", "请先在“测评结果”里办完对应，再审定。"));
    }
    if waits(documents, letter).is_empty() {
        return Ok(());
    }
    Err(Refusal::conflict("还有意见没有核对，不能审定。", "请先核对意见，或撤下不用的意见。"))
}

fn other_text() -> Refusal {
    Refusal::conflict("反馈函的内容刚刚变了，没有审定。", "请刷新页面，重新看过全文再审定。")
}

/// Approves what was read.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Approve {
    /// The version seen.
    version: u32,
    /// SHA-256 of the words that were read.
    digest: String,
}

async fn approve(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Approve>,
) -> Answer<Kept<Letter>> {
    let now = record.book().now();
    let seen = still_a_draft(&now.documents, id, asked.version)?;
    nothing_waits(&now.documents, &seen.body)?;
    let text = words(&now.documents, &seen.body)?;
    if text.digest() != asked.digest {
        return Err(other_text());
    }
    let _stay = record.files_stay().await;
    let (docx, pdf) = written(text.clone(), false).await?;
    // Kept before it is referred to: a crash between leaves files that nothing shows.
    let docx = record.keep_bytes(docx).await?;
    let pdf = match pdf {
        Some(pdf) => Some(record.keep_bytes(pdf).await?),
        None => None,
    };
    let approved = record.book().change(&hand, |draft| {
        let mut letter = still_a_draft(draft, id, asked.version)?;
        let before: Vec<&Step> = [&letter.body.by].into_iter().chain(&letter.body.changed).collect();
        by_another(&hand, &before)?;
        nothing_waits(draft, &letter.body)?;
        let now = words(draft, &letter.body)?;
        if now != text || now.digest() != asked.digest {
            return Err(other_text());
        }
        letter.body.fixed = Some(Fixed { by: Step::of(&hand), text, docx, pdf });
        draft.set("letter/approve", &letter, "")?;
        draft.get(id)
    });
    approved.await.map(Json)
}

async fn withdraw(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Seen>,
) -> Answer<Kept<Letter>> {
    let why = field::why(&asked.why)?;
    let done = record.book().change(&hand, |draft| {
        let (mut letter, _) = still_approved(draft, id, asked.version)?;
        letter.body.withdrawn = Some(Withdrawal { by: Step::of(&hand), why: why.clone() });
        draft.set("letter/withdraw", &letter, &why)?;
        draft.get(id)
    });
    done.await.map(Json)
}
