//! `/api/record/results` and `/api/record/steps`.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Accepted, Instead, Intake, Limits, Outcome, intake, stepping};
use crate::{
    record::{
        Cycle, Dossier, Hand, Record,
        api::{Answer, Endpoint},
        cycle,
        document::{Id, Kept},
        documents::Draft,
        field::{self, At},
        hook::Delivery,
        letter::Letter,
    },
    web::{Asked, Queried, Refusal},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/results", "Every result that was taken in.", results)
            .answers::<Vec<Kept<Outcome>>>(),
        Endpoint::post("/api/record/results/own", "Takes in the meeting that this server has archived.", take_own)
            .takes::<Own>()
            .answers::<Kept<Outcome>>(),
        Endpoint::post("/api/record/results/import", "Takes in a bundle: the body is the ZIP.", take_bundle)
            .asks::<Import>()
            .answers::<Kept<Outcome>>(),
        Endpoint::get("/api/record/results/{id}/note", "The signed result note, exactly.", note)
            .answers_file("text/plain"),
        Endpoint::get("/api/record/deliveries", "Which result has reached whom.", deliveries)
            .answers::<Vec<Kept<Delivery>>>(),
    ]
}

async fn results(State(record): State<Record>) -> Answer<Vec<Kept<Outcome>>> {
    Ok(Json(record.book().now().documents.all()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {
    /// The cycle that it belongs to.
    cycle: Id,
    /// Why it takes the place of another.
    #[serde(default)]
    why: String,
    /// It takes the place of the result of the same meeting that is there.
    #[serde(default)]
    replaces: bool,
}

async fn take_own(State(record): State<Record>, hand: Hand, Asked(own): Asked<Own>) -> Answer<Kept<Outcome>> {
    let bundle = record
        .meetings()?
        .bundle()
        .await
        .ok_or_else(|| Refusal::conflict("本机没有已归档的会议。", "请先在控制台归档会议，或选择归档文件导入。"))?;
    let import = Import { cycle: own.cycle, accept: None, why: own.why, replaces: own.replaces };
    record.take(bundle, import, Drills::Refused, &hand).await.map(Json)
}

/// What goes with a bundle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::record) struct Import {
    /// The cycle that it belongs to.
    pub(in crate::record) cycle: Id,
    /// Fingerprint of the key, where this server does not know the meeting.
    pub(in crate::record) accept: Option<String>,
    /// Why it is accepted, or takes the place of another.
    #[serde(default)]
    pub(in crate::record) why: String,
    /// It takes the place of the result of the same meeting that is there.
    #[serde(default)]
    pub(in crate::record) replaces: bool,
}

async fn take_bundle(
    State(record): State<Record>,
    hand: Hand,
    Queried(import): Queried<Import>,
    bundle: Bytes,
) -> Answer<Kept<Outcome>> {
    record.take(bundle, import, Drills::Refused, &hand).await.map(Json)
}

async fn note(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let outcome = record.book().now().documents.get::<Outcome>(id)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], outcome.body.note).into_response())
}

async fn deliveries(State(record): State<Record>) -> Answer<Vec<Kept<Delivery>>> {
    Ok(Json(record.book().now().documents.all()))
}

/// What becomes of another machine's drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::record) enum Drills {
    /// It is refused, whoever accepts its key: no drill counts in a record that does.
    Refused,
    /// It is taken: the record is a rehearsal's own.
    Taken,
}

impl Record {
    /// Takes a bundle in, once.
    ///
    /// # Errors
    /// [`intake::read`]'s; 409 for a drill, and for a meeting that this server does not know until its key's fingerprint
    /// is accepted.
    pub(in crate::record) async fn take(
        &self,
        bundle: Bytes,
        import: Import,
        drills: Drills,
        hand: &Hand,
    ) -> Result<Kept<Outcome>, Refusal> {
        let Import { cycle, accept, why, replaces } = import;
        let why = field::why_if(replaces || accept.is_some(), &why)?;
        let policy = cycle::must_be_open(&self.book().now().documents, cycle)?.body.policy;
        let limits = Limits::of(&policy);
        let read = tokio::task::spawn_blocking(move || intake::read(&bundle, limits));
        let intake = read.await.map_err(Refusal::broken)??;
        let accepted = self.judge(&intake, drills, accept.as_deref(), &why, hand).await?;
        let work = |draft: &mut Draft<'_>| {
            // Closed while the bundle was verified.
            cycle::must_be_open(draft, cycle)?;
            keep(draft, cycle, intake, accepted, replaces.then_some(why.as_str()))
        };
        self.book().change(hand, work).await
    }

    async fn judge(
        &self,
        intake: &Intake,
        drills: Drills,
        accept: Option<&str>,
        why: &str,
        hand: &Hand,
    ) -> Result<Option<Accepted>, Refusal> {
        let known = match self.meetings() {
            Ok(meetings) => meetings.known(intake.meeting).await?,
            Err(_) => None,
        };
        match known {
            Some(known) if known.drill => Err(no_drill()),
            Some(known) if known.manifest == intake.manifest => Ok(None),
            // A meeting of that id with another manifest was never frozen here.
            Some(_) => Err(Refusal::conflict(
                "会议编号是本机的，会议清单却不是：这份结果不是本机那场会议的。",
                "请用本机归档时下载的文件；来历不明的，请不要使用。",
            )),
            None if intake.is_drill() && drills == Drills::Refused => Err(no_drill()),
            None if accept == Some(intake.key()) => Ok(Some(Accepted { by: hand.who.clone(), why: why.to_owned() })),
            None => Err(Refusal::conflict(
                format!("这份结果是别的服务器签发的，签名公钥的指纹是 {}。", intake.key()),
                "请与那场会议的记录核对指纹；一致的，填写指纹和核对的依据，再导入。",
            )
            .with_details(serde_json::json!({ "key": intake.key() }))),
        }
    }
}

fn no_drill() -> Refusal {
    Refusal::conflict("这是一场演练，演练的结果不进档案。", "请选择正式会议的归档文件。")
}

/// Keeps it, once.
///
/// # Errors
/// It stands in another cycle; another note of the same meeting is there and nobody has said what is to become of it.
fn keep(
    draft: &mut Draft<'_>,
    cycle: Id,
    intake: Intake,
    accepted: Option<Accepted>,
    replaces: Option<&str>,
) -> Result<Kept<Outcome>, Refusal> {
    let all = draft.all::<Outcome>();
    if let Some(taken) = all.iter().find(|kept| kept.body.note_hash == intake.note_hash()) {
        if taken.body.cycle == cycle {
            return Ok(taken.clone());
        }
        let other = draft.get::<Cycle>(taken.body.cycle)?.body;
        return Err(Refusal::conflict(
            format!("这份结果已经收入“{}”（{} 年度），一份结果只归入一个年度。", other.title, other.year),
            "请在那个年度里办理；年度选错了的，请核对会议日期。",
        ));
    }
    let earlier =
        all.into_iter().find(|kept| kept.body.manifest == intake.manifest_text() && kept.body.replaced.is_none());
    let instead = match (&earlier, replaces) {
        (None, _) => None,
        (Some(earlier), Some(why)) if earlier.body.cycle == cycle => {
            Some(Instead { of: earlier.id, by: draft.hand().who.clone(), why: why.to_owned() })
        }
        (Some(earlier), _) => {
            return Err(Refusal::conflict(
                format!("同一场会议（{} {}）已经收入过另一份结果。", earlier.body.date, earlier.body.title),
                "请核对哪一份有效（例如重新公布过）。以新的一份代替原来的，请选择“代替”并写明理由；否则不要导入。",
            )
            .with_details(serde_json::json!({ "earlier": earlier.id })));
        }
    };
    let dossiers = draft.all::<Dossier>();
    let mut outcome = intake.into_outcome(cycle, accepted, |name, unit| {
        let mut fits = dossiers.iter().filter(|d| d.body.cycle == cycle && d.body.name == name && d.body.unit == unit);
        // Two of one name in one unit: somebody must say which.
        fits.next().filter(|_| fits.next().is_none()).map(|kept| kept.id)
    });
    outcome.instead = instead;
    let why = match (&outcome.instead, &outcome.accepted) {
        (Some(instead), _) => instead.why.clone(),
        (None, Some(accepted)) => accepted.why.clone(),
        (None, None) => String::new(),
    };
    let id = draft.add("result/import", &outcome, &why);
    if let Some(earlier) = earlier {
        give_way(draft, earlier, id, &why)?;
    }
    for rated in &outcome.officials {
        stepping::open(draft, id, rated.item)?;
    }
    draft.get(id)
}

/// The earlier result of a meeting gives way: steps about which nothing was entered are taken away. Letters that are
/// still drafts follow when steps are opened.
fn give_way(draft: &mut Draft<'_>, mut earlier: Kept<Outcome>, id: Id, why: &str) -> Result<(), Refusal> {
    let mut letters = draft.all::<Letter>();
    letters.retain(|letter| letter.body.outcome == earlier.id && letter.body.withdrawn.is_none());
    if letters.iter().any(|letter| letter.body.fixed.is_some()) {
        return Err(Refusal::conflict(
            "原来的结果已经写进审定的反馈函，不能直接代替。",
            "请主持人先撤回那些反馈函并写明理由，再导入新的结果。",
        ));
    }
    earlier.body.replaced = Some(id);
    draft.set("result/replaced", &earlier, why)?;
    stepping::close(draft, earlier.id, None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::record::{CyclePolicy, Official, Way, trail::Head};

    fn taken() -> Intake {
        let bundle =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip")).unwrap();
        intake::read(&bundle, Limits::of(&CyclePolicy::default())).unwrap()
    }

    #[test]
    fn another_note_of_the_same_meeting_takes_the_place_of_the_first_only_if_somebody_says_why() {
        let (mut rng, intake) = (StdRng::seed_from_u64(1), taken());
        let hand =
            Hand { who: "某甲".to_owned(), role: "office".to_owned(), at: String::new(), accounts: Vec::new() };
        let mut draft = Draft::new(Default::default(), Head::NONE, &hand, &mut rng);
        let policy = CyclePolicy::default();
        let cycle = draft.add("", &Cycle { year: 2026, title: String::new(), policy, closed: false }, "");
        let official = draft.add("", &Official { name: String::new(), terms: Vec::new(), left: false }, "");
        for (name, unit, post) in intake.people() {
            let way = Some(Way::Oral);
            draft.add("", &Dossier { cycle, official, name, unit, post, way, reported_on: None }, "");
        }
        let first = keep(&mut draft, cycle, intake.clone(), None, None).unwrap();
        let again = keep(&mut draft, cycle, intake.clone(), None, None).unwrap();
        assert_eq!((again.id, again.version), (first.id, 1), "the same note is the same result");
        let steps = stepping::of(&draft, first.id, None);
        assert_eq!(steps.len(), 4);
        let refused = keep(&mut draft, cycle, intake.clone().republished(), None, None).unwrap_err();
        assert!(
            refused.error.contains("已经收入过另一份") && refused.details.unwrap()["earlier"] == first.id.to_string()
        );
        // In the place of the first; the steps that nobody has touched give way too.
        let mut touched = steps[0].clone();
        touched.body.state = super::super::StepState::Done { what: String::new(), on: String::new(), found: None };
        draft.set("", &touched, "").unwrap();
        let second = keep(&mut draft, cycle, intake.republished(), None, Some("重新公布")).unwrap();
        assert_eq!(
            second.body.instead.as_ref().map(|instead| (instead.of, instead.why.as_str())),
            Some((first.id, "重新公布"))
        );
        assert_eq!(draft.get::<Outcome>(first.id).unwrap().body.replaced, Some(second.id));
        assert_eq!(stepping::of(&draft, first.id, None).len(), 1, "what was entered stays");
        assert_eq!(stepping::of(&draft, second.id, None).len(), 4);
    }
}
