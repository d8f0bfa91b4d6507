//! The feedback letter (article 19): opinions are reviewed by another person, the chair approves what he has read, and
//! then nothing of it changes. The documents are opened by readers that know nothing of their writer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;
mod review;

use std::io::{Cursor, Read};

use axum::http::StatusCode;
use review::{Person, Year, id};
use serde_json::{Value, json};

struct Reviewed {
    _data: tempfile::TempDir,
    year: Year,
    second: Person,
    cycle: String,
    dossiers: Vec<String>,
}

async fn reviewed() -> Reviewed {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let second = year.colleague().await;
    let (cycle, dossiers) = year.with_a_result().await;
    Reviewed { _data: data, year, second, cycle, dossiers }
}

impl Reviewed {
    async fn opinion(&self, dossier: &str, text: &str) -> Value {
        self.year.admin.does(&format!("dossiers/{dossier}/opinions"), json!({ "text": text })).await
    }

    async fn draft(&self, dossier: &str, number: &str) -> String {
        let body = json!({ "number": number, "office": "示例县纪委办公室", "date": "2026-12-14" });
        id(&self.year.admin.does(&format!("dossiers/{dossier}/letter"), body).await)
    }

    async fn approve(&self, letter: &str) -> Value {
        let shown = self.year.chair.reads(&format!("letters/{letter}")).await;
        let body = json!({ "version": shown["letter"]["version"], "digest": shown["digest"] });
        self.year.chair.does(&format!("letters/{letter}/approve"), body).await
    }

    async fn docx(&self, letter: &str) -> Docx {
        let answered = self.year.auditor.get(&format!("letters/{letter}/letter.docx")).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.json());
        let saved = answered.headers["content-disposition"].to_str().unwrap();
        assert!(saved.starts_with("attachment; filename=\"letter-"), "{saved}");
        Docx::open(answered.bytes)
    }
}

/// A Word document, taken apart.
struct Docx {
    bytes: Vec<u8>,
    parts: Vec<(String, String)>,
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

impl Docx {
    fn open(bytes: Vec<u8>) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut parts = Vec::new();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            let name = part.name().unwrap().to_string();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            if name.ends_with(".xml") || name.ends_with(".rels") {
                roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
                parts.push((name, text));
            }
        }
        Self { bytes, parts }
    }

    fn part(&self, name: &str) -> roxmltree::Document<'_> {
        let (_, text) = self.parts.iter().find(|(part, _)| part == name).unwrap();
        roxmltree::Document::parse(text).unwrap()
    }

    /// What stands in each paragraph of a part.
    fn paragraphs(&self, name: &str) -> Vec<String> {
        let document = self.part(name);
        let paragraphs = document.descendants().filter(|node| node.has_tag_name((W, "p")));
        let text = |node: roxmltree::Node<'_, '_>| {
            let runs = node.descendants().filter(|node| node.has_tag_name((W, "t")));
            runs.filter_map(|run| run.text()).collect::<String>()
        };
        paragraphs.map(text).collect()
    }

    fn says(&self) -> String {
        self.paragraphs("word/document.xml").join("\n")
    }

    fn headers(&self) -> String {
        let names = self.parts.iter().filter(|(name, _)| name.starts_with("word/header"));
        names.flat_map(|(name, _)| self.paragraphs(name)).collect::<Vec<_>>().join("\n")
    }
}

#[tokio::test]
async fn article_19_an_opinion_is_reviewed_by_another_and_the_trail_has_who_changed_what() {
    let review = reviewed().await;
    let (dossier, admin) = (&review.dossiers[0], &review.year.admin);
    let entered = review.opinion(dossier, "某委员说：基层走访还不够。").await;
    let at = format!("opinions/{}", id(&entered));
    admin.refused(&format!("{at}/review"), json!({ "version": 1 }), 403, "录入的人").await;
    let told = json!({ "version": 1, "text": "基层走访还不够。", "why": "去掉发言人" });
    let told = review.second.does(&format!("{at}/text"), told).await;
    assert_eq!(
        (told["entered"].as_str(), told["text"].as_str()),
        (Some("某委员说：基层走访还不够。"), Some("基层走访还不够。"))
    );
    // Another at his desk still sees the first version.
    admin.refused(&format!("{at}/text"), json!({ "version": 1, "text": "某" }), 409, "刚刚由别人改过").await;
    review.second.does(&format!("{at}/review"), json!({ "version": 2 })).await;
    // A change takes the review away.
    let again = admin.does(&format!("{at}/text"), json!({ "version": 3, "text": "到基层走访还不够。" })).await;
    assert_eq!(again["reviewed"], Value::Null);
    let trail = review.year.auditor.reads("trail").await;
    let entry = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["act"] == "opinion/text" && entry["who"] == "周同事")
        .unwrap();
    assert_eq!(entry["what"]["fields"]["text"], json!(["某委员说：基层走访还不够。", "基层走访还不够。"]));
    for (text, word) in [("", "空着"), ("某\u{202e}", "控制字符")] {
        admin.refused(&format!("dossiers/{dossier}/opinions"), json!({ "text": text }), 409, word).await;
    }
    let named = review.opinion(dossier, "示例丙也有同样的问题。").await;
    let listed = review.year.auditor.reads(&format!("dossiers/{dossier}/opinions")).await;
    let named = listed.as_array().unwrap().iter().find(|one| one["id"] == named["id"]).unwrap();
    assert_eq!(named["names"], json!(["示例丙"]), "a name that somebody should look at");
    admin
        .refused(&format!("opinions/{}/withdraw", named["id"].as_str().unwrap()), json!({ "version": 1 }), 409, "理由")
        .await;
}

#[tokio::test]
async fn who_may_do_what_with_a_letter() {
    let review = reviewed().await;
    let (year, dossier) = (&review.year, &review.dossiers[0]);
    let body = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    for person in [&year.auditor, &year.teller, &year.scrutineer, &year.chair] {
        let answered = person.post(&format!("dossiers/{dossier}/letter"), body.clone()).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    for person in [&year.teller, &year.scrutineer] {
        assert_eq!(person.get(&format!("letters/{letter}")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.get(&format!("letters/{letter}/letter.docx")).await.status, StatusCode::FORBIDDEN);
    }
    let shown = year.auditor.reads(&format!("letters/{letter}")).await;
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    for person in [&year.admin, &year.auditor] {
        let answered = person.post(&format!("letters/{letter}/approve"), approve.clone()).await;
        assert_eq!(answered.status, StatusCode::FORBIDDEN);
    }
    year.chair.refused(&format!("letters/{letter}/approve"), json!({ "version": 1, "digest": "0" }), 409, "变了").await;
    year.chair.does(&format!("letters/{letter}/approve"), approve).await;
}

#[tokio::test]
async fn a_letter_is_a_draft_until_the_chair_has_read_it_and_then_nothing_of_it_changes() {
    let review = reviewed().await;
    let (year, dossier) = (&review.year, &review.dossiers[0]);
    let opinion = review.opinion(dossier, "基层走访还不够。").await;
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    let at = format!("letters/{letter}");
    let draft = review.docx(&letter).await;
    assert!(draft.headers().contains("草稿") && !draft.says().contains("草稿"));
    // Not before its opinions were reviewed, and not handed over before it is approved.
    let shown = year.chair.reads(&at).await;
    assert_eq!(shown["waits"][0], "还有 1 条意见没有核对");
    let approve = json!({ "version": 1, "digest": shown["digest"] });
    year.chair.refused(&format!("{at}/approve"), approve, 409, "没有核对").await;
    let delivered = json!({ "version": 1, "how": "当面送达", "on": "2026-12-14" });
    year.admin.refused(&format!("{at}/delivered"), delivered, 409, "草稿").await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    // What the chair has read is what he approves: the opinion changes while he reads.
    let read = year.chair.reads(&at).await;
    review
        .second
        .does(&format!("opinions/{}/text", id(&opinion)), json!({ "version": 2, "text": "到基层走访不够。" }))
        .await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 3 })).await;
    let stale = json!({ "version": 1, "digest": read["digest"] });
    year.chair.refused(&format!("{at}/approve"), stale, 409, "重新看过全文").await;
    let approved = review.approve(&letter).await;
    let kept = review.docx(&letter).await;
    assert!(kept.headers().is_empty() && kept.says().contains("到基层走访不够。"));
    let digest = douxuan_crypto::bytes::hex(&douxuan_crypto::hash::sha256(&kept.bytes));
    assert_eq!(approved["fixed"]["docx"], digest.as_str(), "the bytes that were approved");
    // Now nothing changes: not the head, not the opinions, not by new ones, not through the official.
    let version = approved["version"].clone();
    let head = json!({ "version": version, "number": "示例函〔2026〕9号", "office": "某办", "date": "2026-12-15" });
    year.admin.refused(&at, head, 409, "已经审定").await;
    year.admin
        .refused(&format!("opinions/{}/text", id(&opinion)), json!({ "version": 4, "text": "某" }), 409, "已经审定")
        .await;
    year.admin
        .refused(&format!("opinions/{}/withdraw", id(&opinion)), json!({ "version": 4, "why": "某" }), 409, "已经审定")
        .await;
    year.admin.refused(&format!("dossiers/{dossier}/opinions"), json!({ "text": "又一条" }), 409, "已经审定").await;
    let again = json!({ "version": version, "digest": approved["fixed"]["text"] });
    assert_eq!(year.chair.post(&format!("{at}/approve"), again).await.status, StatusCode::BAD_REQUEST);
    let again = json!({ "version": version, "digest": read["digest"] });
    year.chair.refused(&format!("{at}/approve"), again, 409, "已经审定").await;
    let dossiers = year.admin.reads(&format!("cycles/{}/dossiers", review.cycle)).await;
    let now = dossiers.as_array().unwrap().iter().find(|one| one["id"] == dossier.as_str()).unwrap()["version"].clone();
    year.admin
        .does(&format!("dossiers/{dossier}/way"), json!({ "version": now, "way": "written", "why": "更正" }))
        .await;
    assert_eq!(review.docx(&letter).await.bytes, kept.bytes);
    // Only the chair takes it back, with a reason; its number is spent.
    let back = json!({ "version": version, "why": "" });
    year.chair.refused(&format!("{at}/withdraw/approve"), back, 409, "理由").await;
    let back = json!({ "version": version, "why": "日期有误" });
    assert_eq!(year.admin.post(&format!("{at}/withdraw/approve"), back.clone()).await.status, StatusCode::FORBIDDEN);
    year.chair.does(&format!("{at}/withdraw/approve"), back).await;
    assert_eq!(review.docx(&letter).await.bytes, kept.bytes, "what was sent out stays to be seen");
    let same = json!({ "number": "示例函〔2026〕1号", "office": "示例县纪委办公室", "date": "2026-12-14" });
    year.admin.refused(&format!("dossiers/{dossier}/letter"), same, 409, "已经用过").await;
    review.draft(dossier, "示例函〔2026〕2号").await;
}

#[tokio::test]
async fn delivery_and_signature_are_entered_in_their_order() {
    let review = reviewed().await;
    let letter = review.draft(&review.dossiers[2], "示例函〔2026〕1号").await;
    let at = format!("letters/{letter}");
    let admin = &review.year.admin;
    review.approve(&letter).await;
    let signed = |version: u32, on: &str| json!({ "version": version, "signed_by": "示例丙", "on": on });
    let delivered = |version: u32, on: &str| json!({ "version": version, "how": "当面送达", "on": on });
    admin.refused(&format!("{at}/receipt"), signed(2, "2026-12-13"), 409, "没有登记送达").await;
    // The tests' clock stands at 2026-12-13.
    let today = review.year.admin.reads("cycles").await["today"].as_str().unwrap().to_owned();
    admin.refused(&format!("{at}/delivered"), delivered(2, "2027-01-01"), 409, "还没有到").await;
    admin.refused(&format!("{at}/delivered"), delivered(2, "2026-12-01"), 409, "早于审定").await;
    admin.refused(&format!("{at}/delivered"), delivered(2, "12月14日"), 409, "不是日期").await;
    admin.does(&format!("{at}/delivered"), delivered(2, &today)).await;
    admin.refused(&format!("{at}/delivered"), delivered(3, &today), 409, "理由").await;
    admin.refused(&format!("{at}/receipt"), signed(3, "2026-12-01"), 409, "早于送达").await;
    let done = admin.does(&format!("{at}/receipt"), signed(3, &today)).await;
    assert_eq!(
        (&done["receipts"][0]["signed_by"], &done["delivered"][0]["how"]),
        (&json!("示例丙"), &json!("当面送达"))
    );
    let body = signed(3, &today);
    admin
        .refused(
            &format!("{at}/receipt"),
            json!({ "version": 3, "why": "某", "signed_by": "某", "on": body["on"] }),
            409,
            "刚刚由别人改过",
        )
        .await;
}

#[tokio::test]
async fn the_figures_are_those_of_the_signed_note_and_an_empty_base_shows_none() {
    let review = reviewed().await;
    let made = json!({ "office": "示例县纪委办公室", "date": "2026-12-14", "prefix": "示例函〔2026〕", "first": 3 });
    let made = review.year.admin.does(&format!("cycles/{}/letters", review.cycle), made).await;
    assert_eq!((&made["made"], &made["left"]), (&json!(3), &json!([])));
    let list = review.year.auditor.reads(&format!("cycles/{}/letters", review.cycle)).await;
    let of = |dossier: &str| {
        let line = list.as_array().unwrap().iter().find(|line| line["dossier"] == dossier).unwrap();
        id(&line["letters"][0])
    };
    let [a, b] = [review.docx(&of(&review.dossiers[0])).await, review.docx(&of(&review.dossiers[1])).await];
    // Round 2 of the first official in the vector: votes 5 2 1 2 1, valid 10.
    assert!(
        a.says()
            .contains("发出测评票12张，收回12张，有效票10张。得票情况为：好5票，较好2票，一般1票，较差2票，弃权1票。"),
        "{}",
        a.says()
    );
    assert!(b.says().contains("没有有效票") && !b.says().contains("好0票"), "{}", b.says());
    let note = review.year.auditor.reads("results").await[0].clone();
    for letter in [&a, &b] {
        assert!(letter.says().contains(note["note_hash"].as_str().unwrap()));
        assert!(letter.says().contains(note["screen_code"].as_str().unwrap()));
    }
    let numbers: Vec<&Value> = list.as_array().unwrap().iter().map(|line| &line["letters"][0]["number"]).collect();
    assert!(numbers.contains(&&json!("示例函〔2026〕3号")) && numbers.contains(&&json!("示例函〔2026〕5号")));
    // One archive with all of them, the same for the same state.
    let path = format!("cycles/{}/letters.zip", review.cycle);
    let (one, two) = (review.year.auditor.get(&path).await, review.year.admin.get(&path).await);
    assert_eq!((one.status, &one.bytes), (StatusCode::OK, &two.bytes));
    let archive = zip::ZipArchive::new(Cursor::new(&one.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().filter_map(|name| name.ok()).map(|name| name.to_string()).collect();
    assert_eq!(
        names.iter().filter(|name| name.starts_with("草稿/") && name.ends_with(".docx")).count(),
        3,
        "{names:?}"
    );
}

#[tokio::test]
async fn the_document_has_the_form_of_an_official_letter_and_the_same_bytes_each_time() {
    let review = reviewed().await;
    let dossier = &review.dossiers[0];
    for text in [
        "对分管领域的廉政风险排查还不够深入，建议结合巡察反馈的问题逐项对账。",
        "到基层走访调研的次数偏少。\n建议每季度至少一次。",
    ] {
        let opinion = review.opinion(dossier, text).await;
        review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    }
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    let draft = review.docx(&letter).await;
    assert_eq!(draft.bytes, review.docx(&letter).await.bytes);
    review.approve(&letter).await;
    let letter = review.docx(&letter).await;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("letter-draft.docx"), &draft.bytes).unwrap();
    std::fs::write(folder.join("letter.docx"), &letter.bytes).unwrap();
    let document = letter.part("word/document.xml");
    let find = |name: &str| document.descendants().find(|node| node.has_tag_name((W, name))).unwrap();
    let value = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute((W, name)).unwrap().to_owned();
    let page = find("pgSz");
    assert_eq!((value(page, "w"), value(page, "h")), ("11906".to_owned(), "16838".to_owned()), "A4");
    // 37, 35, 28, 26 mm in twentieths of a point.
    let margins = ["top", "bottom", "left", "right"].map(|side| value(find("pgMar"), side));
    assert_eq!(margins, ["2098", "1984", "1587", "1474"]);
    let fonts: std::collections::BTreeSet<String> = document
        .descendants()
        .filter(|node| node.has_tag_name((W, "rFonts")))
        .filter_map(|node| node.attribute((W, "eastAsia")).map(str::to_owned))
        .collect();
    assert_eq!(fonts.into_iter().collect::<Vec<_>>(), ["仿宋_GB2312", "宋体", "方正小标宋简体", "黑体"]);
    assert!(!letter.parts.iter().any(|(name, _)| name.contains("fonts/")), "fonts are named, not shipped");
    // The body: 三号 in lines of 28.95 pt.
    let body = document
        .descendants()
        .filter(|node| node.has_tag_name((W, "p")))
        .find(|node| node.descendants().any(|run| run.text().is_some_and(|text| text.starts_with("1．对分管领域"))));
    let body = body.unwrap();
    let inside = |name: &str| body.descendants().find(|node| node.has_tag_name((W, name))).unwrap();
    assert_eq!(
        (value(inside("spacing"), "line"), value(inside("spacing"), "lineRule")),
        ("579".to_owned(), "exact".to_owned())
    );
    assert_eq!((value(inside("sz"), "val"), value(inside("ind"), "firstLine")), ("32".to_owned(), "640".to_owned()));
    let says = letter.says();
    for text in [
        "示例函〔2026〕1号",
        "示例单位示例甲同志：",
        "2026年3月2日",
        "2026年12月14日",
        "示例县纪委办公室",
        "特此函告。",
        "建议每季度至少一次。",
    ] {
        assert!(says.contains(text), "{text}: {says}");
    }
    let numbers: Vec<String> = letter
        .parts
        .iter()
        .filter(|(name, _)| name.starts_with("word/footer"))
        .flat_map(|(name, _)| letter.paragraphs(name))
        .collect();
    assert_eq!(numbers, ["— 1 —", "— 1 —"]);
    let core = letter.part("docProps/core.xml");
    assert!(core.root().descendants().filter_map(|node| node.text()).any(|text| text == "2000-01-01T00:00:00Z"));
}

#[tokio::test]
async fn names_that_are_markup_stay_text() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let second = year.colleague().await;
    let evil = "</w:t></w:r><w:p/>&amp;<!-- =1+1 {{#eval}} $x$ \"'";
    let (cycle, dossiers) = year.with_a_result().await;
    let mut policy = year.admin.reads("cycles").await["cycles"][0].clone();
    let said = json!({ "version": policy["version"], "title": evil, "policy": policy["policy"].take(), "why": "某" });
    // The policy may be in use already; the title of a new cycle cannot be.
    let _ = year.admin.post(&format!("cycles/{cycle}/policy"), said).await;
    let opinion = year.admin.does(&format!("dossiers/{}/opinions", dossiers[0]), json!({ "text": evil })).await;
    second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    let body = json!({ "number": "<w:t>1&号", "office": "=cmd|'/c calc'!A0<&>", "date": "2026-12-14" });
    let letter = id(&year.admin.does(&format!("dossiers/{}/letter", dossiers[0]), body).await);
    let bytes = year.admin.get(&format!("letters/{letter}/letter.docx")).await.bytes;
    let docx = Docx::open(bytes);
    let says = docx.says();
    assert!(says.contains(evil) && says.contains("<w:t>1&号") && says.contains("=cmd|'/c calc'!A0<&>"), "{says}");
    let document = docx.part("word/document.xml");
    assert!(!document.descendants().any(|node| node.has_tag_name((W, "fldSimple")) || node.is_comment()));
    for (name, word) in [("某\u{7}", "控制字符"), ("某\u{202e}函", "控制字符"), ("", "空着")] {
        let body = json!({ "version": 1, "number": name, "office": "某办", "date": "2026-12-14" });
        year.admin.refused(&format!("letters/{letter}"), body, 409, word).await;
    }
}

#[tokio::test]
async fn no_route_changes_a_number_of_the_evaluation() {
    let review = reviewed().await;
    let year = &review.year;
    let opinion = id(&review.opinion(&review.dossiers[0], "某").await);
    let letter = review.draft(&review.dossiers[0], "示例函〔2026〕1号").await;
    let outcome = year.auditor.reads("results").await[0].clone();
    let figures =
        |outcome: &Value| (outcome["officials"].clone(), outcome["note"].clone(), outcome["note_hash"].clone());
    let described = year.admin.get("trail").await.status;
    assert_eq!(described, StatusCode::OK);
    let openapi = year.office.get("/api/openapi.json").await.json();
    let mut tried = 0;
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        let Some(post) = methods.get("post") else { continue };
        let parts = path.strip_prefix("/api/record/").unwrap().split('/').map(|part| match part {
            "{dossier}" => review.dossiers[0].clone(),
            "{cycle}" => review.cycle.clone(),
            "{opinion}" => opinion.clone(),
            "{letter}" => letter.clone(),
            part if part.starts_with('{') => id(&outcome),
            part => part.to_owned(),
        });
        let path = parts.collect::<Vec<_>>().join("/");
        let mut whole = json!({ "version": outcome["version"], "why": "某", "votes": [["好", 99]], "totals": [9, 9, 9, 9],
            "officials": [{ "item": 1, "votes": [["较差", 0]] }], "note": "某", "id": outcome["id"] });
        for person in [&year.admin, &year.chair, &year.auditor] {
            person.post(&path, whole.clone()).await;
            // The same with what the route itself asks for.
            let asked = post["requestBody"]["content"]["application/json"]["schema"].clone();
            for (field, worth) in example(&openapi, &asked).as_object().cloned().unwrap_or_default() {
                whole[field] = worth;
            }
            whole["version"] = outcome["version"].clone();
            person.post(&path, whole.clone()).await;
            person.post(&path, example(&openapi, &asked)).await;
        }
        tried += 1;
        let now = year.auditor.reads("results").await[0].clone();
        assert_eq!(figures(&now), figures(&outcome), "{path}");
    }
    assert!(tried > 20, "{tried} routes");
    assert_eq!(year.auditor.reads("trail").await["faults"], json!([]));
}

/// Something that fits a schema, without optional fields.
fn example(openapi: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(openapi, &openapi["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|list| list.first()) {
        return first.clone();
    }
    if let Some(first) =
        ["anyOf", "oneOf", "allOf"].iter().find_map(|name| schema[name].as_array()).and_then(|list| list.first())
    {
        return example(openapi, first);
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object().cloned().unwrap_or_default();
            fields
                .into_iter()
                .map(|(name, schema)| (name, example(openapi, &schema)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        _ => json!("2026-12-01"),
    }
}
