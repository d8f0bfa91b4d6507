//! Every Word document of the record, opened by LibreOffice, which knows nothing of its writer, and set as pages.
//! Where it is not installed, [`super::document::read_by_another`] has Python read the same.

use std::{collections::BTreeMap, process::Command, time::Instant};

use super::{
    document::{read_by_another, squeezed},
    *,
};
use crate::{
    office::start,
    story::county::{GOOD, POOR, archive, vote},
};

/// The words of each page of each file, without blanks.
fn pages(files: &[(&str, Vec<u8>)]) -> Option<BTreeMap<String, String>> {
    Command::new("soffice").arg("--version").output().ok()?;
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let mut office = Command::new("soffice");
    office.arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()));
    office.args(["--headless", "--convert-to", "pdf", "--outdir"]).arg(folder.path());
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        office.arg(&path);
    }
    let done = office.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut read = BTreeMap::new();
    for (name, _) in files {
        let pdf = format!("{}.pdf", name.rsplit_once('.').unwrap().0);
        let from = folder.path().join(&pdf);
        assert!(from.exists(), "{name} was not opened: {}", String::from_utf8_lossy(&done.stderr));
        let text = Command::new("pdftotext").args(["-raw"]).arg(&from).arg("-").output();
        let text = text.expect("pdftotext of poppler-utils");
        assert!(text.status.success(), "{name}: {}", String::from_utf8_lossy(&text.stderr));
        read.insert((*name).to_owned(), squeezed(&String::from_utf8(text.stdout).unwrap()));
        std::fs::copy(&from, std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("opened-{pdf}"))).unwrap();
    }
    println!("{} documents set by LibreOffice in {:.1} s", files.len(), begun.elapsed().as_secs_f64());
    Some(read)
}

/// A meeting of two officials in which this many vote; whether the second's round is made void afterwards.
async fn meeting(phones: usize, void: bool) -> Vec<u8> {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(phones + 4, 2, json!({ "quorum": null, "drill": false })).await;
    vote(&office, phones, |phone, _| if phone == 0 { POOR } else { GOOD }).await;
    if void {
        office.act("/desk/contest/void", json!({ "contests": [[2, 1]] })).await;
    }
    let bundle = archive(&office).await;
    office.stop().await;
    bundle
}

impl Reviewed {
    /// Takes a meeting of another server in; gives the result.
    async fn takes(&self, bundle: &[u8]) -> String {
        let admin = &self.year.admin;
        let asked = admin.hands_in("results/import", &format!("cycle={}", self.cycle), bundle).await.json();
        let query = format!("cycle={}&accept={}&why=minutes", self.cycle, asked["details"]["key"].as_str().unwrap());
        let taken = admin.hands_in("results/import", &query, bundle).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
        id(&taken.json())
    }
}

#[tokio::test]
async fn every_office_document_opens_in_another_program_and_its_pages_say_what_counts() {
    const MARK: &str = "草稿未经审定，不得送达";
    let review = reviewed().await;
    let (year, admin) = (&review.year, &review.year.admin);
    let opinion = review.opinion(&review.dossiers[0], "基层走访还不够。\n建议每季度一次。 <b>&amp; =1+1").await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    // Two more meetings of the same year: too few votes, and a round that was made void.
    year.officials(2).await;
    let dossiers = year.dossiers(&review.cycle).await;
    let few = review.takes(&meeting(4, false).await).await;
    let void = review.takes(&meeting(10, true).await).await;
    let of = |name: &str| id(dossiers.iter().find(|dossier| dossier["name"] == name).unwrap());
    let shown = review.draft(&review.dossiers[0], "示例函〔2026〕1号").await;
    let draft = review.docx(&shown).await.bytes;
    review.approve(&shown).await;
    let mut files = vec![("draft.docx", draft), ("shown.docx", review.docx(&shown).await.bytes)];
    for (number, name, dossier, outcome) in [
        (2, "empty.docx", review.dossiers[1].clone(), Value::Null),
        (3, "few.docx", of("代表1"), json!(few)),
        (4, "void.docx", of("代表2"), json!(void)),
    ] {
        let head = json!({ "number": format!("示例函〔2026〕{number}号"), "office": "示例县纪委办公室",
            "date": "2026-12-14", "outcome": outcome });
        let letter = id(&admin.does(&format!("dossiers/{dossier}/letter"), head).await);
        files.push((name, review.docx(&letter).await.bytes));
    }
    let notice = json!({ "dossier": review.dossiers[0], "why": "常委会会议", "reason": "示例理由", "points": ["改进走访"], "served_on": "2026-11-02" });
    let correction = id(&admin.does("corrections", notice).await);
    files.push(("told.docx", year.auditor.get("corrections/told.docx").await.bytes));
    let check = json!({ "version": 1, "on": "2026-12-01", "who": "第一室", "found": "走访已经补上", "done": true });
    admin.does(&format!("corrections/{correction}/check"), check).await;
    let brief = json!({ "version": 2, "on": "2026-12-03", "text": "示例报告" });
    admin.does(&format!("corrections/{correction}/brief"), brief).await;
    let decision = json!({ "version": 3, "on": "2026-12-04", "settled": true, "text": "同意" });
    admin.does(&format!("corrections/{correction}/decision"), decision).await;
    let told =
        json!({ "on": "2026-12-10", "meeting": "示例会议", "corrections": [{ "id": correction, "version": 4 }] });
    admin.does("corrections/told", told).await;
    files.push(("past.docx", year.auditor.get("corrections/told/2026-12-10/told.docx").await.bytes));

    let letter = ["示例县纪委办公室", "二、意见建议", "特此函告。", "2026年12月14日", "屏幕码：会议清单"];
    let counted =
        "本次民主测评发出测评票12张，收回12张，有效票10张。得票情况为：好5票，较好2票，一般1票，较差2票，弃权1票。";
    // A page ends between them.
    let [first, second] = ["基层走访还不够。", "建议每季度一次。<b>&amp;=1+1"];
    let says: [(&str, &[&str]); 7] = [
        ("draft.docx", &[MARK, counted, first, second, "示例单位示例甲同志：", "示例函〔2026〕1号"]),
        ("shown.docx", &[counted, first, second, "示例单位示例甲同志：", "示例函〔2026〕1号"]),
        ("empty.docx", &[MARK, "本次民主测评没有有效票，没有可以反馈的得票情况。", "示例单位示例乙同志："]),
        ("few.docx", &[MARK, "本次民主测评收回的票数过少，为保证无记名，不公布得票情况。", "第1单位代表1同志："]),
        ("void.docx", &[MARK, "本次民主测评没有有效的轮次，没有可以反馈的得票情况。", "第2单位代表2同志："]),
        (
            "told.docx",
            &[
                "述职述责述廉整改情况通报",
                "改进走访",
                "应在2026年12月2日（含）前报告，逾期未报告。",
                "尚未研究",
                "还没有督查记录。",
            ],
        ),
        ("past.docx", &["2026年12月10日在“示例会议”上通报", "走访已经补上（已完成）", "整改到位：同意"]),
    ];
    let given = files.clone();
    let read = tokio::task::spawn_blocking(move || match pages(&given) {
        Some(read) => (true, read),
        None => {
            let each = given.iter().map(|(name, bytes)| ((*name).to_owned(), squeezed(&read_by_another(bytes))));
            (false, each.collect())
        }
    });
    let (with_pages, read) = read.await.unwrap();
    for (name, lines) in says {
        let text = &read[name];
        let is_letter = !["told.docx", "past.docx"].contains(&name);
        let also = letter.iter().filter(|_| is_letter).chain(lines);
        // Headers are on pages, and not in what Python reads of the body.
        for line in also.filter(|line| with_pages || **line != MARK) {
            let line = squeezed(line);
            assert!(text.contains(&line), "{name}: {line}\n{text}");
        }
        // A mark where there is a draft, and nowhere else; figures where they may be told, and nowhere else.
        assert_eq!(text.contains(MARK), with_pages && lines.contains(&MARK), "{name}: {text}");
        assert_eq!(is_letter && text.contains("得票情况为："), lines.contains(&counted), "{name}: {text}");
    }
}
