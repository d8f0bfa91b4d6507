//! Article 20: from the notice to what the next meeting is told.

use super::*;

#[tokio::test]
async fn article_20_thirty_days_and_a_report_that_comes_a_day_too_late() {
    let here = standing().await;
    let admin = &here.year.admin;
    // 30 days behind 2026-09-01 is National Day.
    let kept = here.noticed("2026-09-01").await;
    assert_eq!((kept["period"]["due"].as_str(), kept["period"]["days"].as_u64()), (Some("2026-10-08"), Some(30)));
    let line = here.due().await.remove(0);
    assert_eq!((line["what"].as_str(), line["overdue"].as_bool()), (Some("correction_report"), Some(true)));
    let words = line["sum"]["words"][0].as_str().unwrap();
    assert!(words.contains("国庆节") && words.contains("2026年10月1日") && words.contains("顺延"), "{words}");
    let path = format!("corrections/{}/report", id(&kept));
    admin.does(&path, json!({ "version": 1, "on": "2026-10-08", "text": "示例报告" })).await;
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "in_time");
    admin.refused(&path, json!({ "version": 2, "on": "2026-10-09", "text": "某" }), 409, "已经登记过").await;
    admin.does(&path, json!({ "version": 2, "on": "2026-10-09", "text": "示例报告", "why": "回执上是 9 日" })).await;
    assert_eq!(here.year.auditor.reads("corrections").await[0]["standing"], "late");
}

#[tokio::test]
async fn the_policy_of_the_cycle_is_kept_in_the_record() {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let counting = json!({ "counts_service": true, "rolls": false });
    let cycle = year.cycle(json!({ "correction_days": 10, "counting": counting })).await;
    year.officials(1).await;
    let dossier = year.dossiers(&cycle).await.remove(0);
    let notice = json!({ "dossier": dossier["id"], "why": "常委会会议", "reason": "某", "points": ["某"], "served_on": "2026-09-22" });
    let period = year.admin.does("corrections", notice).await["period"].clone();
    assert_eq!((period["days"].as_u64(), &period["counting"]), (Some(10), &counting));
    assert_eq!(period["due"], "2026-10-01", "a holiday, and by this policy it stays the last day");
    let seen = year.admin.reads("cycles").await["cycles"][0].clone();
    assert_eq!(seen["used"], true, "the policy can no longer be changed");
}

#[tokio::test]
async fn a_correction_goes_from_notice_to_what_the_next_meeting_is_told() {
    let here = standing().await;
    let admin = &here.year.admin;
    for (change, word) in [
        (json!({ "why": "" }), "理由"),
        (json!({ "points": [] }), "1 到 50"),
        (json!({ "points": [" "] }), "整改事项不能空着"),
        (json!({ "served_on": "2026-12-15" }), "还没有到"),
    ] {
        let mut body = json!({ "dossier": here.written["id"], "why": "会议决定", "reason": "某", "points": ["某"], "served_on": "2026-11-02" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        admin.refused("corrections", body, 409, word).await;
    }
    let kept = here.noticed("2026-11-02").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&kept));
    let told = |version: u32, on: &str| json!({ "on": on, "meeting": "下一次述职述责述廉会议", "corrections": [{ "id": kept["id"], "version": version }] });
    admin.refused("corrections/told", told(1, "2026-12-10"), 409, "还没有研究").await;
    admin
        .refused(&path("brief"), json!({ "version": 1, "on": "2026-12-03", "text": "某" }), 409, "还没有督查记录")
        .await;
    let check = |version: u32, on: &str, done: bool| json!({ "version": version, "on": on, "who": "第一室", "found": "示例情况", "done": done });
    admin.refused(&path("check"), check(1, "2026-11-01", false), 409, "早于送达日期").await;
    admin.does(&path("check"), check(1, "2026-11-20", false)).await;
    admin.does(&path("check"), check(2, "2026-12-01", true)).await;
    admin
        .refused(
            &path("decision"),
            json!({ "version": 3, "on": "2026-12-04", "settled": true, "text": "某" }),
            409,
            "没有等待决定",
        )
        .await;
    admin.does(&path("brief"), json!({ "version": 3, "on": "2026-12-03", "text": "示例报告" })).await;
    let page = here.year.auditor.get("corrections/told.html").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let text = page.text();
    for word in ["代表", "尚未研究", "第一点", "第二点", "2026年11月2日送达"] {
        assert!(text.contains(word), "{word}");
    }
    admin.does(&path("decision"), json!({ "version": 4, "on": "2026-12-04", "settled": true, "text": "同意" })).await;
    admin
        .refused("corrections/told", json!({ "on": "2026-12-10", "meeting": "某", "corrections": [] }), 409, "没有选择")
        .await;
    admin.refused("corrections/told", told(5, "2026-12-03"), 409, "早于决定日期").await;
    assert_eq!(admin.does("corrections/told", told(5, "2026-12-10")).await[0]["told"][0]["on"], "2026-12-10");
    admin.refused("corrections/told", told(6, "2026-12-11"), 409, "没有新的内容").await;
    admin.refused("corrections/told", told(5, "2026-12-11"), 409, "刚刚由别人改过").await;
    let next = here.year.auditor.get("corrections/told.html").await.text();
    assert!(next.contains("没有需要通报的整改") && !next.contains("第一点"), "it was told");
    let past = here.year.auditor.get("corrections/told/2026-12-10").await.text();
    assert!(past.contains("第一点") && past.contains("整改到位") && past.contains("下一次述职述责述廉会议"));
    assert_eq!(here.year.auditor.get("corrections/told/2026-12-11").await.status, StatusCode::NOT_FOUND);
    let entry = here.year.auditor.reads("trail").await["entries"][0].clone();
    assert_eq!((entry["act"].as_str(), entry["who"].as_str()), (Some("correction/told"), Some("王办公")));
}

#[tokio::test]
async fn the_page_for_the_meeting_says_overdue_and_provisional_and_takes_no_markup_from_names() {
    let here = standing().await;
    let notice = |reason: &str, served: &str| {
        json!({ "dossier": here.oral["id"], "why": "会议决定", "reason": reason,
        "points": ["<img src=x onerror=alert(1)>"], "served_on": served })
    };
    here.year.admin.does("corrections", notice("<script>alert(1)</script>", "2026-09-01")).await;
    here.year.admin.does("corrections", notice("第二件", "2026-12-11")).await;
    let page = here.year.chair.get("corrections/told.html").await.text();
    assert!(page.contains("逾期未报告") && page.contains("暂定"), "{page}");
    assert!(page.contains("&lt;img src=x") && !page.contains("<img") && !page.contains("<script>alert"));
    assert!(!page.contains(" style="), "the guard forbids it");
    assert!(page.contains("共 2 件") && page.contains("尚未研究 2 件") && page.contains("1 件"), "{page}");
}

/// The words of a Word document, paragraph by paragraph, as the XML has them.
fn word(bytes: Vec<u8>) -> String {
    use std::io::Read;
    const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut xml = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let paragraphs = document.descendants().filter(|node| node.has_tag_name((W, "p")));
    let words = |node: roxmltree::Node<'_, '_>| {
        let runs = node.descendants().filter(|node| node.has_tag_name((W, "t")));
        runs.filter_map(|run| run.text().map(str::to_owned)).collect::<String>()
    };
    paragraphs.map(words).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_past_meeting_heard_what_it_was_told_whatever_came_afterwards() {
    let here = standing().await;
    let admin = &here.year.admin;
    let kept = here.noticed("2026-11-02").await;
    let path = |what: &str| format!("corrections/{}/{what}", id(&kept));
    let check = |version: u32, on: &str, found: &str| json!({ "version": version, "on": on, "who": "第一室", "found": found, "done": false });
    admin.does(&path("check"), check(1, "2026-11-20", "会前查看的情况")).await;
    // Entered before the telling, and of a day behind it: that meeting cannot have heard it.
    admin.does(&path("check"), check(2, "2026-12-08", "会后查看的情况")).await;
    admin.does(&path("brief"), json!({ "version": 3, "on": "2026-11-21", "text": "示例报告" })).await;
    let decision = json!({ "version": 4, "on": "2026-11-22", "settled": false, "text": "继续整改，<b>&=cmd" });
    admin.does(&path("decision"), decision).await;
    let told = json!({ "on": "2026-12-05", "meeting": "第一次\u{201d}../会议", "corrections": [{ "id": kept["id"], "version": 5 }] });
    admin.does("corrections/told", told).await;
    let files = |kind: &str| format!("corrections/told/2026-12-05{kind}");
    let (page, paper) =
        (here.year.auditor.get(&files("")).await.text(), here.year.auditor.get(&files("/told.docx")).await);
    assert_eq!(paper.headers["content-disposition"], "attachment; filename=\"corrections-told-2026-12-05.docx\"");
    let before = word(paper.bytes);
    for text in ["会前查看的情况", "继续整改", "第一点", "逾期未报告"] {
        assert!(page.contains(text) && before.contains(text), "{text}: {page}\n{before}");
    }
    assert!(!page.contains("会后查看的情况") && !before.contains("会后查看的情况"), "{page}\n{before}");
    assert!(before.contains("<b>&=cmd") && !page.contains("<b>&=cmd"));
    // Afterwards it is settled, and the report comes: what the meeting heard does not change.
    admin.does(&path("report"), json!({ "version": 6, "on": "2026-12-09", "text": "后来的报告" })).await;
    admin.does(&path("brief"), json!({ "version": 7, "on": "2026-12-10", "text": "示例报告" })).await;
    let settled = json!({ "version": 8, "on": "2026-12-11", "settled": true, "text": "同意销号" });
    admin.does(&path("decision"), settled).await;
    let line = |page: &str| page.split("<footer>").next().unwrap().to_owned();
    let again = here.year.auditor.get(&files("")).await.text();
    assert_eq!(line(&again), line(&page));
    // The next one hears it.
    let next = word(here.year.auditor.get("corrections/told.docx").await.bytes);
    for text in ["后来的报告", "同意销号", "会后查看的情况"] {
        assert!(
            next.contains(text) && !word(here.year.auditor.get(&files("/told.docx")).await.bytes).contains(text),
            "{text}"
        );
    }
    for person in [&here.year.teller, &here.year.scrutineer] {
        assert_eq!(person.get("corrections/told.docx").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(here.year.auditor.get("corrections/told/2026-12-06/told.docx").await.status, StatusCode::NOT_FOUND);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("told.docx"), here.year.auditor.get("corrections/told.docx").await.bytes).unwrap();
    let pdf = here.year.auditor.get("corrections/told.pdf").await;
    if cfg!(feature = "pdf") {
        assert!(pdf.bytes.starts_with(b"%PDF-"), "{}", pdf.text());
        std::fs::write(folder.join("told.pdf"), pdf.bytes).unwrap();
    } else {
        assert!(pdf.status == StatusCode::CONFLICT && pdf.json()["error"].as_str().unwrap().contains("不能生成 PDF"));
    }
}

#[tokio::test]
async fn a_yearly_file_says_provisional_and_nothing_of_fields() {
    use calamine::Reader;
    use std::io::Read;
    let here = standing().await;
    let notice = json!({ "dossier": here.oral["id"], "why": "会议决定", "reason": "=cmd|'/c calc'!A0", "points": ["<script>"], "served_on": "2026-12-11" });
    here.year.admin.does("corrections", notice).await;
    let archive = here.year.auditor.get(&format!("dossiers/{}/archive.zip", id(&here.oral))).await;
    assert_eq!(archive.status, StatusCode::OK, "{}", archive.text());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    let mut bytes = Vec::new();
    archive.by_name("摘要.xlsx").unwrap().read_to_end(&mut bytes).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("案卷摘要").unwrap();
    let cells: Vec<String> = sheet.cells().map(|(_, _, cell)| cell.to_string()).collect();
    let last = cells.iter().find(|cell| cell.starts_with("=cmd|")).unwrap();
    assert!(last.ends_with("（暂定）"), "{last}");
    assert!(book.worksheet_formula("案卷摘要").unwrap().used_cells().next().is_none());
    for field in ["served", "provisional", "counting", "period", "dossier", "unit", "null", "true"] {
        assert!(!cells.iter().any(|cell| cell.contains(field)), "{field}: {cells:?}");
    }
}
