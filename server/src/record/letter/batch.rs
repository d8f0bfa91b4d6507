//! The letters of a whole cycle: drafted at once, and carried away in one archive.

use axum::{Json, extract::State, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Fixed, Letter, docx, of_dossier,
    pdf::Setter,
    routes::{Head, begin, outcomes_of, waits, words},
};
use crate::{
    record::{
        Hand, Id, Kept, Record, Way,
        api::{Answer, Endpoint},
        archive::{Bag, file_name},
        cycle,
        field::{self, At},
        file::download,
        official::dossiers_of,
        opinion, result,
    },
    web::{Asked, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/letters", "Feedback letters of a cycle (article 19).", list)
            .answers::<Vec<Line>>(),
        Endpoint::post("/api/record/cycles/{cycle}/letters", "Drafts a letter for everybody who has a result.", make)
            .takes::<Make>()
            .answers::<Made>(),
        Endpoint::get("/api/record/cycles/{cycle}/letters.zip", "All letters of a cycle; drafts say so.", zip)
            .answers_file("application/zip"),
    ]
}

/// One official and his letter.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line {
    dossier: Id,
    name: String,
    unit: String,
    post: String,
    way: Option<Way>,
    /// The results he stands in: id, title, day.
    outcomes: Vec<(Id, String, String)>,
    /// Opinions that stand, and how many of them were reviewed.
    opinions: [usize; 2],
    /// Whether this server makes PDF.
    pdf: bool,
    /// His letters, the newest last; at most one was not taken back.
    letters: Vec<Kept<Letter>>,
    /// What is still to be done before the newest can be approved.
    waits: Vec<String>,
}

async fn list(State(record): State<Record>, At(id): At) -> Answer<Vec<Line>> {
    let now = record.book().now();
    let documents = &now.documents;
    documents.get::<cycle::Cycle>(id)?;
    let lines = dossiers_of(documents, id).into_iter().map(|dossier| {
        let opinions = opinion::of_dossier(documents, dossier.id);
        let standing: Vec<_> = opinions.iter().filter(|opinion| opinion.body.withdrawn.is_none()).collect();
        let reviewed = standing.iter().filter(|opinion| opinion.body.reviewed.is_some()).count();
        let letters = of_dossier(documents, dossier.id);
        let outcomes = outcomes_of(documents, dossier.id);
        Line {
            dossier: dossier.id,
            name: dossier.body.name,
            unit: dossier.body.unit,
            post: dossier.body.post,
            way: dossier.body.way,
            outcomes: outcomes.into_iter().map(|one| (one.id, one.body.title, one.body.date)).collect(),
            opinions: [standing.len(), reviewed],
            pdf: cfg!(feature = "pdf"),
            waits: match letters.last() {
                Some(letter) => waits(documents, &letter.body),
                None => result::waits(documents, dossier.id, None).into_iter().collect(),
            },
            letters,
        }
    });
    Ok(Json(lines.collect()))
}

/// What all of them begin with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {
    /// Who sends them.
    office: String,
    /// Their date, `YYYY-MM-DD`.
    date: String,
    /// What stands before the number: 示例函〔2026〕.
    prefix: String,
    /// The first number; each letter takes the next.
    first: u16,
}

/// What was drafted.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    made: usize,
    /// Those without a result, or in several.
    left: Vec<Left>,
}

/// One for whom nothing was drafted.
#[derive(Serialize, JsonSchema)]
struct Left {
    name: String,
    unit: String,
    why: String,
}

async fn make(State(record): State<Record>, hand: Hand, At(id): At, Asked(asked): Asked<Make>) -> Answer<Made> {
    let Make { office, date, prefix, first } = asked;
    let prefix = field::line("文号", &prefix, 30)?;
    let today = record.today();
    let made = record.book().change(&hand, |draft| {
        cycle::must_be_open(draft, id)?;
        let mut done = Made { made: 0, left: Vec::new() };
        for dossier in dossiers_of(draft, id) {
            if super::standing(draft, dossier.id).is_some() {
                continue;
            }
            let why = match outcomes_of(draft, dossier.id).len() {
                1 => {
                    let number = usize::from(first) + done.made;
                    let head = Head::checked(&format!("{prefix}{number}号"), &office, &date)?;
                    begin(draft, dossier.id, None, head, today)?;
                    done.made += 1;
                    continue;
                }
                0 if result::waits(draft, dossier.id, None).is_some() => "测评结果和案卷的对应等待审定",
                0 => "没有测评结果",
                _ => "在几份测评结果里，请单独拟写",
            };
            done.left.push(Left { name: dossier.body.name, unit: dossier.body.unit, why: why.to_owned() });
        }
        Ok(done)
    });
    made.await.map(Json)
}

async fn zip(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let now = record.book().now();
    now.documents.get::<cycle::Cycle>(id)?;
    let mut kept = Vec::new();
    let mut open = Vec::new();
    let letters = dossiers_of(&now.documents, id);
    let letters = letters.iter().filter_map(|dossier| super::standing(&now.documents, dossier.id));
    for (number, letter) in (1..).zip(letters) {
        let text = words(&now.documents, &letter.body)?;
        let name = file_name(&format!("{number:03} {}", text.to.trim_end_matches("同志：")));
        match letter.body.fixed {
            Some(Fixed { docx, pdf, .. }) => kept.push((name, docx, pdf)),
            None => open.push((name, text)),
        }
    }
    if kept.is_empty() && open.is_empty() {
        return Err(Refusal::conflict("这个年度还没有反馈函。", "请先拟写反馈函。"));
    }
    let mut bag = Bag::default();
    for (name, docx, pdf) in kept {
        bag.put(&format!("{name}.docx"), record.read_file(&docx).await?);
        if let Some(pdf) = pdf {
            bag.put(&format!("{name}.pdf"), record.read_file(&pdf).await?);
        }
    }
    let packed = tokio::task::spawn_blocking(move || {
        let setter = if open.is_empty() { None } else { Setter::new()? };
        for (name, text) in open {
            bag.put(&format!("草稿/{name}.docx"), docx::write(&text, true)?);
            if let Some(setter) = &setter {
                bag.put(&format!("草稿/{name}.pdf"), setter.write(&text, true)?);
            }
        }
        bag.pack()
    });
    let bytes = packed.await.map_err(Refusal::broken)??;
    Ok(download(bytes, "application/zip", &format!("letters-{id}.zip")))
}
