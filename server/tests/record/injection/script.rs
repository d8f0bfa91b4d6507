//! A year in which every act of the record is done once, with hostile words wherever words are asked for. Today is
//! Monday 2026-12-14; the meeting was on 2 March.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::{
    files::{PDF, docx},
    review::{NOTICE, id},
};

/// What there is in the end.
pub(super) struct Made {
    pub(super) cycle: String,
    pub(super) dossiers: Vec<String>,
    /// Approved; withdrawn; a draft.
    pub(super) letters: Vec<String>,
    pub(super) result: String,
    pub(super) files: Vec<String>,
    /// The day on which a meeting was told.
    pub(super) told: &'static str,
}

fn version(kept: &Value) -> u64 {
    kept["version"].as_u64().unwrap()
}

fn pdf(number: u8) -> Vec<u8> {
    format!("%PDF-1.7\n% invented {number}\nstartxref\n9\n%%EOF\n").into_bytes()
}

pub(super) async fn play(stage: &mut Stage) -> Made {
    let cycle = year(stage).await;
    let dossiers = people(stage, &cycle).await;
    chosen(stage, &cycle, &dossiers).await;
    let mut files = before_the_meeting(stage, &cycle, &dossiers).await;
    questions(stage, &dossiers[0], &mut files).await;
    let result = result(stage, &cycle, &dossiers).await;
    let letters = letters(stage, &cycle, &dossiers, &result).await;
    let told = corrections(stage, &dossiers, &mut files).await;
    uses(stage, &dossiers[0], &mut files).await;
    an_old_year_goes(stage).await;
    Made { cycle, dossiers, letters, result, files, told }
}

/// Articles 10 and 6 of the calendar.
async fn year(stage: &mut Stage) -> String {
    let admin = stage.year.admin.clone();
    let mut policy = admin.reads("cycles").await["beginning"].clone();
    policy.as_object_mut().unwrap().extend(
        json!({ "oral_share": [2, 3], "over": [1, 5], "reports_due": "2026-11-20" }).as_object().unwrap().clone(),
    );
    let open = json!({ "year": 2026, "title": "§cycle", "policy": policy, "why": "§openwhy" });
    let cycle = id(&stage.act(&admin, "cycles", "", open).await);
    policy["reports_due"] = json!("2026-11-21");
    let change = json!({ "version": 1, "title": "§cycle", "policy": policy, "why": "§policywhy" });
    stage.act(&admin, "cycles/{cycle}/policy", &cycle, change).await;
    let text = NOTICE.replacen("元旦", "§feast", 1);
    let notice = json!({ "year": 2027, "form": "lines", "text": text, "source": "§source", "compared": "¶compared", "why": "§yearwhy" });
    stage.act(&admin, "calendar", "", notice).await;
    cycle
}

/// Articles 2, 11 and 12. Three dossiers, in the order of the officials of the meeting.
async fn people(stage: &mut Stage, cycle: &str) -> Vec<String> {
    let admin = stage.year.admin.clone();
    let one = json!({ "name": "§before", "unit": "§unit1", "post": "§post1", "begins": "2024-03-01", "expected_end": "2029-02-28" });
    let first = id(&stage.act(&admin, "officials", "", one).await);
    let right = json!({ "version": 1, "name": "§name1", "unit": "§unit1", "post": "§post1", "begins": "2024-03-01",
        "expected_end": "2029-02-27", "why": "§rightwhy" });
    stage.act(&admin, "officials/{official}/correct", &first, right).await;
    let lines = "§name2\t§unit2\t§post2\t2024-03-01\t2029-02-28\n§name3\t§unit3\t§post3\t2024-03-01\t2029-02-28\n\
                 §name4\t§unit4\t§post4\t2024-03-01\t2029-02-28";
    stage.act(&admin, "officials/paste", "", json!({ "lines": lines })).await;
    let all = admin.reads("officials").await;
    let of = |stage: &Stage, key: &str| {
        let name = stage.words(key);
        id(all.as_array().unwrap().iter().find(|one| one["name"] == *name).unwrap())
    };
    let moved = json!({ "version": 1, "ended": "2026-11-30", "unit": "§unit3b", "post": "§post3b", "begins": "2026-12-01",
        "expected_end": "2031-11-30", "why": "§movedwhy" });
    stage.act(&admin, "officials/{official}/transfer", &of(stage, "name3"), moved).await;
    let left = json!({ "version": 1, "ended": "2026-12-13", "why": "§leftwhy" });
    stage.act(&admin, "officials/{official}/left", &of(stage, "name4"), left).await;
    stage.act(&admin, "cycles/{cycle}/dossiers", cycle, json!({})).await;
    let all = admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    let dossier = |key: &str| {
        let name = stage.words(key);
        id(all.as_array().unwrap().iter().find(|one| one["name"] == *name).unwrap())
    };
    vec![dossier("name1"), dossier("name2"), dossier("name3")]
}

/// Article 14.
async fn chosen(stage: &mut Stage, cycle: &str, dossiers: &[String]) {
    let (admin, chair) = (stage.year.admin.clone(), stage.year.chair.clone());
    let way = json!({ "version": 1, "way": "written", "why": "§waywhy" });
    stage.act(&admin, "dossiers/{dossier}/way", &dossiers[2], way).await;
    let list = stage.act(&admin, "cycles/{cycle}/choosings", cycle, json!({ "why": "§listwhy" })).await;
    let (at, mut seen) = (id(&list), 1);
    // Whoever the draw has taken, the first two report orally in the end.
    for (dossier, way) in dossiers.iter().zip(["written", "oral", "written"]) {
        let line = json!({ "version": seen, "dossier": dossier, "way": way, "why": "§linewhy" });
        let now =
            list["lines"].as_array().unwrap().iter().find(|line| line["dossier"] == **dossier).unwrap()["way"].clone();
        if now != way {
            stage.act(&admin, "choosings/{choosing}/line", &at, line).await;
            seen += 1;
        }
    }
    let line = json!({ "version": seen, "dossier": dossiers[0], "way": "oral", "why": "§linewhy" });
    seen = version(&stage.act(&admin, "choosings/{choosing}/line", &at, line).await);
    let step = |seen: u64, why: &str| json!({ "version": seen, "why": why });
    stage.act(&admin, "choosings/{choosing}/submit", &at, step(seen, "§submitwhy")).await;
    stage.act(&admin, "choosings/{choosing}/back", &at, step(seen + 1, "§backwhy")).await;
    stage.act(&admin, "choosings/{choosing}/submit", &at, step(seen + 2, "")).await;
    let no = json!({ "version": seen + 3, "agreed": false, "why": "§nowhy" });
    stage.act(&chair, "choosings/{choosing}/approve", &at, no).await;
    stage.act(&admin, "choosings/{choosing}/submit", &at, step(seen + 4, "")).await;
    stage.act(&chair, "choosings/{choosing}/approve", &at, json!({ "version": seen + 5 })).await;
}

/// Articles 5 to 9, 13 and 15. Digests of the files.
async fn before_the_meeting(stage: &mut Stage, cycle: &str, dossiers: &[String]) -> Vec<String> {
    let (admin, chair) = (stage.year.admin.clone(), stage.year.chair.clone());
    let mut files = Vec::new();
    let mut points = admin.reads(&format!("cycles/{cycle}/checklist")).await["points"].clone();
    points[0]["text"] = json!("§point");
    let list = json!({ "version": 0, "points": points, "why": "§pointwhy" });
    stage.act(&admin, "cycles/{cycle}/checklist", cycle, list).await;
    let report = ("dossiers/{dossier}/report/file", dossiers[0].as_str());
    let query = [("version", "0"), ("received_on", "2026-11-19"), ("name", "§report1.pdf")];
    let kept = stage.upload(&admin, report, &query, PDF).await;
    files.push(kept["versions"][0]["file"]["sha256"].as_str().unwrap().to_owned());
    let query = [("version", "1"), ("received_on", "2026-11-20"), ("name", "§report2"), ("why", "§reportwhy")];
    let kept = stage.upload(&admin, report, &query, &docx(&[])).await;
    files.push(kept["versions"][1]["file"]["sha256"].as_str().unwrap().to_owned());
    let days = json!({ "version": 2, "received_on": ["2026-11-18", "2026-11-20"], "why": "§receivedwhy" });
    stage.act(&admin, "dossiers/{dossier}/report/received", &dossiers[0], days).await;
    let marks = json!([{ "article": 5, "item": 1, "covered": "covered", "page": 3 }]);
    let marks = json!({ "version": 3, "marks": marks, "why": "§markswhy" });
    stage.act(&admin, "dossiers/{dossier}/report/points", &dossiers[0], marks).await;
    let more = json!({ "version": 0, "until": "2026-12-31", "why": "§morewhy" });
    stage.act(&admin, "dossiers/{dossier}/report/extend", &dossiers[1], more).await;
    let members = json!([{ "name": "§member", "post": "§memberpost" }, { "name": "另一常委", "post": "常委" }]);
    let members = json!({ "version": 0, "members": members, "why": "§memberwhy" });
    stage.act(&admin, "cycles/{cycle}/committee", cycle, members).await;
    let file = stage.file("special", &pdf(1)).await;
    files.push(file["sha256"].as_str().unwrap().to_owned());
    let sources =
        json!([{ "kind": "petitions", "text": "¶petitions" }, { "kind": "daily_supervision", "text": "¶daily" }]);
    let said = json!({ "version": 0, "member": "§member", "office": "§room", "sources": sources, "report": "¶special",
        "why": "§saidwhy", "file": file });
    let said = id(&stage.act(&admin, "dossiers/{dossier}/assessment", &dossiers[0], said).await);
    let step = |seen: u64, why: &str| json!({ "version": seen, "why": why });
    stage.act(&admin, "assessments/{assessment}/submit", &said, step(1, "§submitwhy")).await;
    stage.act(&admin, "assessments/{assessment}/back", &said, step(2, "§backwhy")).await;
    stage.act(&admin, "assessments/{assessment}/submit", &said, step(3, "")).await;
    let no = json!({ "version": 4, "agreed": false, "why": "§nowhy" });
    stage.act(&chair, "assessments/{assessment}/approve", &said, no).await;
    stage.act(&admin, "assessments/{assessment}/submit", &said, step(5, "")).await;
    stage.act(&chair, "assessments/{assessment}/approve", &said, json!({ "version": 6 })).await;
    let all = admin.reads(&format!("cycles/{cycle}/dossiers")).await;
    let seen = all.as_array().unwrap().iter().find(|one| one["id"] == *dossiers[0]).unwrap()["version"].clone();
    let reported = json!({ "version": seen, "on": "2026-12-01", "why": "§reportedwhy" });
    stage.act(&admin, "dossiers/{dossier}/reported", &dossiers[0], reported).await;
    files
}

/// Article 17.
async fn questions(stage: &mut Stage, dossier: &str, files: &mut Vec<String>) {
    let admin = stage.year.admin.clone();
    let ask = |question: &str, answer: &str| json!({ "dossier": dossier, "asked_by": "§member", "asked_on": "2026-12-01", "question": question, "answer": answer });
    let asked = id(&stage.act(&admin, "questions", "", ask("¶asked1", "¶answer1")).await);
    let right =
        json!({ "version": 1, "asked_by": "§member", "question": "¶asked2", "answer": "¶answer2", "why": "§askedwhy" });
    stage.act(&admin, "questions/{question}/correct", &asked, right).await;
    let demand = json!({ "version": 2, "reason": "¶demand", "served_on": "2026-12-02" });
    stage.act(&admin, "questions/{question}/demand", &asked, demand).await;
    let file = stage.file("answered", &pdf(2)).await;
    files.push(file["sha256"].as_str().unwrap().to_owned());
    let receipt = json!({ "version": 3, "on": "2026-12-03", "text": "¶answered", "why": "§answeredwhy", "file": file });
    stage.act(&admin, "questions/{question}/receipt", &asked, receipt).await;
    let verdict = json!({ "version": 4, "accepted": true, "on": "2026-12-04", "words": "¶verdict" });
    stage.act(&admin, "questions/{question}/verdict", &asked, verdict).await;
    let demands = json!([{ "served_on": "2026-12-02", "received_on": "2026-12-03", "decided_on": "2026-12-05" }]);
    let dates = json!({ "version": 5, "why": "§dateswhy", "dates": { "asked_on": "2026-12-01", "demands": demands } });
    stage.act(&admin, "questions/{question}/dates", &asked, dates).await;
    let wrong = id(&stage.act(&admin, "questions", "", ask("¶wrong", "¶wronganswer")).await);
    stage.act(&admin, "questions/{question}/withdraw", &wrong, json!({ "version": 1, "why": "§wrongwhy" })).await;
}

/// Articles 18 and 22: none of the meeting's officials has the name of a dossier.
async fn result(stage: &mut Stage, cycle: &str, dossiers: &[String]) -> String {
    let (admin, chair) = (stage.year.admin.clone(), stage.year.chair.clone());
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip");
    let bundle = std::fs::read(bundle).unwrap();
    stage.only_attacks = true;
    stage.act(&admin, "results/own", "", json!({ "cycle": cycle, "why": "§ownwhy" })).await;
    stage.only_attacks = false;
    stage.takes_back("ownwhy");
    let asked = admin.hands_in("results/import", &format!("cycle={cycle}"), &bundle).await.json();
    let key = asked["details"]["key"].as_str().unwrap().to_owned();
    let query = [("cycle", cycle), ("accept", key.as_str()), ("why", "§importwhy")];
    let result = id(&stage.upload(&admin, ("results/import", ""), &query, &bundle).await);
    let pair = |seen: u64, item: u8, dossier: &str| json!({ "version": seen, "item": item, "dossier": dossier, "why": "§pairwhy" });
    let route = "results/{id}/match";
    let approve = "results/{id}/match/approve";
    stage.act(&admin, route, &result, pair(1, 1, &dossiers[0])).await;
    let no = json!({ "version": 2, "item": 1, "agreed": false, "why": "§nowhy" });
    stage.act(&chair, approve, &result, no).await;
    stage.act(&admin, route, &result, pair(3, 1, &dossiers[0])).await;
    stage.act(&chair, approve, &result, json!({ "version": 4, "item": 1 })).await;
    stage.act(&admin, route, &result, pair(5, 2, &dossiers[1])).await;
    let back = json!({ "version": 6, "item": 2, "why": "§unpairwhy" });
    stage.act(&admin, "results/{id}/unmatch", &result, back).await;
    for (seen, item) in [(7, 2), (9, 3)] {
        stage.act(&admin, route, &result, pair(seen, item, &dossiers[usize::from(item) - 1])).await;
        stage.act(&chair, approve, &result, json!({ "version": seen + 1, "item": item })).await;
    }
    let steps = admin.reads("steps").await;
    let step = |dossier: &str, opens: &str| {
        id(steps.as_array().unwrap().iter().find(|step| step["dossier"] == dossier && step["opens"] == opens).unwrap())
    };
    let verified = |seen: u64, why: &str| json!({ "version": seen, "enter": "verified", "confirmed": true, "found": "¶found", "on": "2026-12-02", "why": why });
    let verification = step(&dossiers[2], "verification");
    stage.act(&admin, "steps/{id}", &verification, verified(1, "")).await;
    stage.act(&admin, "steps/{id}", &verification, verified(2, "§foundwhy")).await;
    let done = json!({ "version": 3, "enter": "done", "what": "¶done", "on": "2026-12-03" });
    stage.act(&admin, "steps/{id}", &verification, done).await;
    result
}

/// Article 19.
async fn letters(stage: &mut Stage, cycle: &str, dossiers: &[String], result: &str) -> Vec<String> {
    let (admin, chair, second) = (stage.year.admin.clone(), stage.year.chair.clone(), stage.second.clone());
    let opinions = "dossiers/{dossier}/opinions";
    let opinion = id(&stage.act(&admin, opinions, &dossiers[0], json!({ "text": "¶entered" })).await);
    let text = json!({ "version": 1, "text": "¶opinion", "why": "§opinionwhy" });
    stage.act(&admin, "opinions/{opinion}/text", &opinion, text).await;
    let review = json!({ "version": 2, "why": "§reviewwhy" });
    stage.act(&second, "opinions/{opinion}/review", &opinion, review).await;
    let other = id(&stage.act(&admin, opinions, &dossiers[0], json!({ "text": "¶leftout" })).await);
    let left = json!({ "version": 1, "why": "§leftoutwhy" });
    stage.act(&admin, "opinions/{opinion}/withdraw", &other, left).await;
    let draft = json!({ "number": "§numberbefore", "office": "§office", "date": "2026-12-13", "outcome": result });
    let first = id(&stage.act(&admin, "dossiers/{dossier}/letter", &dossiers[0], draft).await);
    let change =
        json!({ "version": 1, "number": "§number", "office": "§office", "date": "2026-12-14", "why": "§numberwhy" });
    stage.act(&admin, "letters/{letter}", &first, change).await;
    let approve = async |stage: &mut Stage, letter: &str| {
        let shown = chair.reads(&format!("letters/{letter}")).await;
        let body = json!({ "version": shown["letter"]["version"], "digest": shown["digest"] });
        stage.act(&chair, "letters/{letter}/approve", letter, body).await
    };
    approve(stage, &first).await;
    let how = |seen: u64, why: &str| json!({ "version": seen, "how": "§how", "on": "2026-12-14", "why": why });
    stage.act(&admin, "letters/{letter}/delivered", &first, how(3, "")).await;
    stage.act(&admin, "letters/{letter}/delivered", &first, how(4, "§howwhy")).await;
    let signed =
        |seen: u64, why: &str| json!({ "version": seen, "signed_by": "§signed", "on": "2026-12-14", "why": why });
    stage.act(&admin, "letters/{letter}/receipt", &first, signed(5, "")).await;
    stage.act(&admin, "letters/{letter}/receipt", &first, signed(6, "§signedwhy")).await;
    let all = json!({ "office": "§office", "date": "2026-12-14", "prefix": "函§pre", "first": 1 });
    stage.act(&admin, "cycles/{cycle}/letters", cycle, all).await;
    let lines = admin.reads(&format!("cycles/{cycle}/letters")).await;
    let of = |dossier: &str| {
        let line = lines.as_array().unwrap().iter().find(|line| line["dossier"] == dossier).unwrap();
        id(&line["letters"][0])
    };
    let (second, third) = (of(&dossiers[1]), of(&dossiers[2]));
    approve(stage, &second).await;
    let back = json!({ "version": 2, "why": "§takenbackwhy" });
    stage.act(&chair, "letters/{letter}/withdraw/approve", &second, back).await;
    vec![first, second, third]
}

/// Article 20: one goes its whole way, one is waiting to be told, one was a mistake.
async fn corrections(stage: &mut Stage, dossiers: &[String], files: &mut Vec<String>) -> &'static str {
    let admin = stage.year.admin.clone();
    let steps = admin.reads("steps").await;
    let ordered = steps
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["dossier"] == *dossiers[0] && step["opens"] == "ordered_correction")
        .map(id)
        .unwrap();
    let notice = json!({ "dossier": dossiers[0], "step": ordered, "why": "", "reason": "¶reason", "points": ["¶item1", "¶item2"], "served_on": "2026-11-10" });
    let first = id(&stage.act(&admin, "corrections", "", notice).await);
    let file = stage.file("corrected", &pdf(3)).await;
    files.push(file["sha256"].as_str().unwrap().to_owned());
    let report = json!({ "version": 1, "on": "2026-12-01", "text": "¶corrected", "file": file });
    stage.act(&admin, "corrections/{correction}/report", &first, report).await;
    let again = json!({ "version": 2, "on": "2026-12-02", "text": "¶corrected", "why": "§correctedwhy" });
    stage.act(&admin, "corrections/{correction}/report", &first, again).await;
    let file = stage.file("checked", &pdf(4)).await;
    files.push(file["sha256"].as_str().unwrap().to_owned());
    let check =
        json!({ "version": 3, "on": "2026-12-03", "who": "§checker", "found": "¶checked", "done": true, "file": file });
    stage.act(&admin, "corrections/{correction}/check", &first, check).await;
    let brief = json!({ "version": 4, "on": "2026-12-04", "text": "¶brief" });
    stage.act(&admin, "corrections/{correction}/brief", &first, brief).await;
    let decision = json!({ "version": 5, "on": "2026-12-05", "settled": true, "text": "¶decision" });
    stage.act(&admin, "corrections/{correction}/decision", &first, decision).await;
    let dates = json!({ "served_on": "2026-11-11", "received_on": "2026-12-02", "checks": ["2026-12-03"],
        "briefs": [{ "on": "2026-12-04", "decided_on": "2026-12-05" }] });
    let dates = json!({ "version": 6, "why": "§dates2why", "dates": dates });
    stage.act(&admin, "corrections/{correction}/dates", &first, dates).await;
    let tell = |seen: u64, on: &str, why: &str| json!({ "on": on, "meeting": "§meeting", "why": why, "corrections": [{ "id": first, "version": seen }] });
    stage.act(&admin, "corrections/told", "", tell(7, "2026-12-10", "§toldwhy")).await;
    stage.act(&admin, "corrections/told/{on}/correct", "2026-12-10", tell(8, "2026-12-11", "§retoldwhy")).await;
    let notice = |key: &str| json!({ "dossier": dossiers[1], "why": "§noticewhy", "reason": "¶reason2", "points": [key], "served_on": "2026-11-10" });
    let open = id(&stage.act(&admin, "corrections", "", notice("¶item3")).await);
    let check = json!({ "version": 1, "on": "2026-12-03", "who": "§checker", "found": "¶checked2", "done": false });
    stage.act(&admin, "corrections/{correction}/check", &open, check).await;
    let wrong = id(&stage.act(&admin, "corrections", "", notice("¶item4")).await);
    stage.act(&admin, "corrections/{correction}/withdraw", &wrong, json!({ "version": 1, "why": "§wrong2why" })).await;
    "2026-12-11"
}

/// Articles 21 and 23.
async fn uses(stage: &mut Stage, dossier: &str, files: &mut Vec<String>) {
    let admin = stage.year.admin.clone();
    let entry = |text: &str| json!({ "purpose": "promotion", "text": text, "on": "2026-12-10" });
    let used = id(&stage.act(&admin, "dossiers/{dossier}/usage", dossier, entry("¶used1")).await);
    let right = json!({ "version": 1, "purpose": "awards", "text": "¶used", "on": "2026-12-11", "why": "§usedwhy" });
    stage.act(&admin, "usage/{usage}", &used, right).await;
    let wrong = id(&stage.act(&admin, "dossiers/{dossier}/usage", dossier, entry("¶usedwrong")).await);
    stage.act(&admin, "usage/{usage}/withdraw", &wrong, json!({ "version": 1, "why": "§usedwrongwhy" })).await;
    let enter = |text: &str| json!({ "item": "untrue", "text": text });
    let ground = id(&stage.act(&admin, "dossiers/{dossier}/grounds", dossier, enter("¶ground")).await);
    stage.act(&admin, "grounds/{ground}/evidence", &ground, json!({ "version": 1, "text": "¶evidence1" })).await;
    let query = [("version", "2"), ("text", "¶evidence2"), ("name", "§evidence")];
    let kept = stage.upload(&admin, ("grounds/{ground}/evidence/file", &ground), &query, &pdf(5)).await;
    files.push(kept["evidence"][1]["file"]["sha256"].as_str().unwrap().to_owned());
    let found = |seen: u64, why: &str| json!({ "version": seen, "confirmed": true, "found": "¶verified", "on": "2026-12-08", "why": why });
    stage.act(&admin, "grounds/{ground}/verified", &ground, found(3, "")).await;
    stage.act(&admin, "grounds/{ground}/verified", &ground, found(4, "§verifiedwhy")).await;
    let measure = |seen: u64, text: &str| json!({ "version": seen, "kind": "talk", "text": text, "on": "2026-12-10" });
    stage.act(&admin, "grounds/{ground}/measures", &ground, measure(5, "¶measure1")).await;
    let revoke = json!({ "version": 6, "measure": 0, "why": "§revokewhy" });
    stage.act(&admin, "grounds/{ground}/measures/revoke", &ground, revoke).await;
    stage.act(&admin, "grounds/{ground}/measures", &ground, measure(7, "¶measure")).await;
    let wrong = id(&stage.act(&admin, "dossiers/{dossier}/grounds", dossier, enter("¶groundwrong")).await);
    stage.act(&admin, "grounds/{ground}/withdraw", &wrong, json!({ "version": 1, "why": "§groundwhy" })).await;
}

/// A year that is over long since: what was entered of it is gone in the end.
async fn an_old_year_goes(stage: &mut Stage) {
    let (admin, chair) = (stage.year.admin.clone(), stage.year.chair.clone());
    let mut policy = admin.reads("cycles").await["beginning"].clone();
    policy["keep_years"] = json!(1);
    stage.forgets = true;
    let open = json!({ "year": 2010, "title": "§oldcycle", "policy": policy, "why": "§oldwhy" });
    let old = id(&stage.act(&admin, "cycles", "", open).await);
    let close = json!({ "version": 1, "why": "§closewhy" });
    stage.act(&admin, "cycles/{cycle}/close", &old, close).await;
    let keep = json!({ "version": 2, "years": 2, "why": "§keepwhy" });
    stage.act(&admin, "cycles/{cycle}/keep", &old, keep).await;
    let seen = |seen: u64, why: &str| json!({ "version": seen, "why": why });
    let first = id(&stage.act(&admin, "cycles/{cycle}/destruction", &old, seen(3, "§gowhy")).await);
    stage.act(&admin, "destructions/{destruction}/drop", &first, seen(1, "§dropwhy")).await;
    let second = id(&stage.act(&admin, "cycles/{cycle}/destruction", &old, seen(3, "§gowhy")).await);
    stage.act(&chair, "destructions/{destruction}/approve", &second, seen(1, "§gonewhy")).await;
    stage.forgets = false;
}
