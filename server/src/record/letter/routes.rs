//! `/api/record/…/letter`: drafting, approving, handing over.

use axum::{Json, extract::State, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Delivery, Fixed, Letter, Receipt, Text, Withdrawal, docx, pdf::Setter, standing, text::rated};
use crate::{
    papers::PapersError,
    record::{
        Documents, Dossier, Draft, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        cycle, field,
        field::{At, Seen, Step, by_another},
        file::{FileKind, download},
        opinion,
        result::Outcome,
    },
    web::{Asked, Refusal},
};

/// Characters of a number.
const NUMBER: usize = 40;

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
        Endpoint::post("/api/record/letters/{letter}/delivered", "How and when it was handed over.", delivered)
            .takes::<Delivered>()
            .answers::<Kept<Letter>>(),
        Endpoint::post("/api/record/letters/{letter}/receipt", "Who signed for it, and when.", receipt)
            .takes::<Signed>()
            .answers::<Kept<Letter>>(),
        Endpoint::get("/api/record/letters/{letter}/letter.docx", "The letter as a Word document.", as_docx)
            .answers_file(FileKind::Docx.media()),
        Endpoint::get("/api/record/letters/{letter}/letter.pdf", "The letter as PDF.", as_pdf)
            .answers_file(FileKind::Pdf.media()),
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
    let head = Head::checked(&number, &office, &date)?;
    let made = record.book().change(&hand, |draft| {
        let letter = begin(draft, id, outcome, head)?;
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
    outcomes.retain(|outcome| rated(&outcome.body, dossier).is_some());
    outcomes.sort_by_cached_key(|outcome| (outcome.body.date.clone(), outcome.id));
    outcomes
}

pub(super) fn begin(draft: &mut Draft<'_>, id: Id, outcome: Option<Id>, head: Head) -> Result<Id, Refusal> {
    let cycle = draft.get::<Dossier>(id)?.body.cycle;
    cycle::open(draft, cycle)?;
    if standing(draft, id).is_some() {
        return Err(Refusal::conflict("这位述职对象已经有反馈函。", "请修改那一份；已经审定的，请主持人先撤回。"));
    }
    let known = outcomes_of(draft, id);
    let outcome = match (outcome, known.as_slice()) {
        (Some(wanted), known) => known.iter().find(|outcome| outcome.id == wanted),
        (None, [only]) => Some(only),
        (None, []) => {
            return Err(Refusal::conflict("还没有他的民主测评结果。", "请先在“测评结果”里收入结果，并对应案卷。"));
        }
        (None, _) => None,
    };
    let outcome = outcome.map(|outcome| outcome.id).ok_or_else(|| {
        Refusal::conflict("他在几份测评结果里，不能确定用哪一份。", "请选择这份函反馈的是哪一次测评。")
    })?;
    head.is_free(draft, None)?;
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
    /// SHA-256 of the words: whoever approves says which he has read.
    digest: String,
    /// What is still to be done before it can be approved.
    waits: Vec<String>,
    /// Whether this server makes PDF.
    pdf: bool,
}

async fn one(State(record): State<Record>, At(id): At) -> Answer<Shown> {
    let now = record.book().now();
    let letter = now.documents.get::<Letter>(id)?;
    let text = words(&now.documents, &letter.body)?;
    let waits = waits(&now.documents, &letter.body);
    Ok(Json(Shown { digest: text.digest(), text, waits, letter, pdf: cfg!(feature = "pdf") }))
}

/// What was approved, or what would be.
pub(super) fn words(documents: &Documents, letter: &Letter) -> Result<Text, Refusal> {
    match &letter.fixed {
        Some(fixed) => Ok(fixed.text.clone()),
        None => Text::of(documents, letter, true),
    }
}

/// What keeps a letter from being approved.
pub(super) fn waits(documents: &Documents, letter: &Letter) -> Vec<String> {
    let opinions = opinion::of_dossier(documents, letter.dossier);
    let open = opinions.iter().filter(|one| one.body.withdrawn.is_none() && one.body.reviewed.is_none()).count();
    let unread = (open > 0 && letter.fixed.is_none()).then(|| format!("还有 {open} 条意见没有核对"));
    unread.into_iter().collect()
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
    let head = Head::checked(&asked.number, &asked.office, &asked.date)?;
    let changed = record.book().change(&hand, |draft| {
        let mut letter = still_a_draft(draft, id, asked.version)?;
        head.is_free(draft, Some(id))?;
        let Head { number, office, date } = head;
        letter.body = Letter { number, office, date, changed: Some(Step::of(&hand)), ..letter.body };
        draft.set("letter/change", &letter, asked.why.trim())?;
        draft.get(id)
    });
    changed.await.map(Json)
}

fn seen(draft: &Draft<'_>, id: Id, version: u32) -> Result<Kept<Letter>, Refusal> {
    let letter = Kept { version, ..draft.get::<Letter>(id)? };
    cycle::open(draft, letter.body.cycle)?;
    if letter.body.withdrawn.is_some() {
        return Err(Refusal::conflict("这份反馈函已经撤回。", "请另拟一份。"));
    }
    Ok(letter)
}

fn still_a_draft(draft: &Draft<'_>, id: Id, version: u32) -> Result<Kept<Letter>, Refusal> {
    let letter = seen(draft, id, version)?;
    if letter.body.fixed.is_some() {
        return Err(Refusal::conflict(
            "反馈函已经审定，不再改动。",
            "确实有误的，请主持人撤回并写明理由，再另拟一份。",
        ));
    }
    Ok(letter)
}

fn still_approved(draft: &Draft<'_>, id: Id, version: u32) -> Result<(Kept<Letter>, Fixed), Refusal> {
    let letter = seen(draft, id, version)?;
    let fixed = letter.body.fixed.clone();
    let fixed = fixed.ok_or_else(|| Refusal::conflict("反馈函还是草稿，没有审定。", "请主持人先审定。"))?;
    Ok((letter, fixed))
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
    let text = words(&now.documents, &now.documents.get::<Letter>(id)?.body)?;
    let (docx, pdf) = written(text.clone(), false).await?;
    // Kept before it is referred to: a crash between leaves files that nothing shows.
    let docx = record.keep_bytes(docx).await?;
    let pdf = match pdf {
        Ok(pdf) => Some(record.keep_bytes(pdf).await?),
        Err(_) => None,
    };
    let approved = record.book().change(&hand, |draft| {
        let mut letter = still_a_draft(draft, id, asked.version)?;
        let before: Vec<&Step> = [&letter.body.by].into_iter().chain(&letter.body.changed).collect();
        by_another(&hand, &before)?;
        if !waits(draft, &letter.body).is_empty() {
            return Err(Refusal::conflict("还有意见没有核对，不能审定。", "请先核对意见，或撤下不用的意见。"));
        }
        let now = words(draft, &letter.body)?;
        if now != text || now.digest() != asked.digest {
            return Err(Refusal::conflict("反馈函的内容刚刚变了，没有审定。", "请刷新页面，重新看过全文再审定。"));
        }
        letter.body.fixed = Some(Fixed { by: Step::of(&hand), text, docx, pdf });
        draft.set("letter/approve", &letter, "")?;
        draft.get(id)
    });
    approved.await.map(Json)
}

/// Both forms. Takes a while: never on a thread that serves.
pub(super) async fn written(text: Text, draft: bool) -> Result<(Vec<u8>, Result<Vec<u8>, PapersError>), Refusal> {
    let write = move || Ok((docx::write(&text, draft)?, Setter::new().and_then(|setter| setter.write(&text, draft))));
    tokio::task::spawn_blocking(write).await.map_err(Refusal::broken)?
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

/// That it was handed over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivered {
    /// The version seen.
    version: u32,
    /// How.
    how: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why, where another entry stands before.
    #[serde(default)]
    why: String,
}

async fn delivered(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Delivered>,
) -> Answer<Kept<Letter>> {
    let how = field::line("送达方式", &asked.how, NUMBER)?;
    let on = field::day("送达日期", &asked.on)?;
    let today = record.today();
    let done = record.book().change(&hand, |draft| {
        let (mut letter, fixed) = still_approved(draft, id, asked.version)?;
        if on > today {
            return Err(Refusal::conflict("送达日期还没有到。", "请在送达之后登记，或核对日期。"));
        }
        if !fixed.by.at.starts_with(&asked.on) && asked.on.as_str() < fixed.by.at.as_str() {
            return Err(Refusal::conflict("送达日期早于审定的那一天。", "请核对送达日期。"));
        }
        let again = !letter.body.delivered.is_empty();
        let why = if again { field::why(&asked.why)? } else { asked.why.trim().to_owned() };
        letter.body.delivered.push(Delivery { how, on: asked.on.clone(), by: Step::of(&hand) });
        draft.set("letter/deliver", &letter, &why)?;
        draft.get(id)
    });
    done.await.map(Json)
}

/// That somebody signed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    /// The version seen.
    version: u32,
    /// Who.
    signed_by: String,
    /// `YYYY-MM-DD`.
    on: String,
    /// Why, where another entry stands before.
    #[serde(default)]
    why: String,
}

async fn receipt(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(asked): Asked<Signed>,
) -> Answer<Kept<Letter>> {
    let signed_by = field::line("签收人", &asked.signed_by, NUMBER)?;
    let on = field::day("签收日期", &asked.on)?;
    let today = record.today();
    let done = record.book().change(&hand, |draft| {
        let (mut letter, _) = still_approved(draft, id, asked.version)?;
        let Some(delivery) = letter.body.delivered.last() else {
            return Err(Refusal::conflict("还没有登记送达，不能登记签收。", "请先登记送达的方式和日期。"));
        };
        if on > today || field::date(&delivery.on).is_some_and(|delivered| on < delivered) {
            return Err(Refusal::conflict("签收日期早于送达日期，或还没有到。", "请核对签收日期。"));
        }
        let again = !letter.body.receipts.is_empty();
        let why = if again { field::why(&asked.why)? } else { asked.why.trim().to_owned() };
        letter.body.receipts.push(Receipt { signed_by, on: asked.on.clone(), by: Step::of(&hand) });
        draft.set("letter/receipt", &letter, &why)?;
        draft.get(id)
    });
    done.await.map(Json)
}

async fn as_docx(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let bytes = match given(&record, id)? {
        Given::Approved(fixed) => record.read_file(&fixed.docx).await?,
        Given::Draft(text) => docx::write(&text, true)?,
    };
    Ok(download(bytes, FileKind::Docx.media(), &format!("letter-{id}.docx")))
}

async fn as_pdf(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let (text, draft) = match given(&record, id)? {
        Given::Approved(Fixed { pdf: Some(pdf), .. }) => {
            let bytes = record.read_file(&pdf).await?;
            return Ok(download(bytes, FileKind::Pdf.media(), &format!("letter-{id}.pdf")));
        }
        Given::Approved(fixed) => (fixed.text, false),
        Given::Draft(text) => (text, true),
    };
    let (_, pdf) = written(text, draft).await?;
    let bytes = pdf.map_err(|why| {
        Refusal::conflict("这台服务器不能生成 PDF。", "请下载 DOCX，在文字处理软件里另存为 PDF。")
            .with_details(serde_json::json!({ "why": why.to_string() }))
    })?;
    Ok(download(bytes, FileKind::Pdf.media(), &format!("letter-{id}.pdf")))
}

enum Given {
    Approved(Fixed),
    Draft(Text),
}

fn given(record: &Record, id: Id) -> Result<Given, Refusal> {
    let now = record.book().now();
    let letter = now.documents.get::<Letter>(id)?.body;
    Ok(match letter.fixed {
        Some(fixed) => Given::Approved(fixed),
        None => Given::Draft(Text::of(&now.documents, &letter, true)?),
    })
}
