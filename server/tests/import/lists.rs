//! What may be imported, and what each refusal says: the row, what is wrong, what to do, the number allowed.

use douxuan::desk::{Answers, Finding, ImportRefused, ImportReport, Roster, Severity, import};
use serde_json::json;

use crate::office::{base64, lists, start};

const SAMPLE: [&[u8]; 2] = [include_bytes!("../../samples/roster.csv"), include_bytes!("../../samples/officials.csv")];

fn read(roster: &str, officials: &str) -> Result<(Roster, ImportReport), ImportRefused> {
    import(roster.as_bytes(), officials.as_bytes(), &Answers::default())
}

fn refused(roster: &str, officials: &str, severity: Severity) -> Vec<Finding> {
    read(roster, officials).unwrap_err().of(severity).cloned().collect()
}

fn errors(roster: &str, officials: &str) -> Vec<Finding> {
    refused(roster, officials, Severity::Error)
}

fn questions(roster: &str, officials: &str) -> Vec<Finding> {
    assert_eq!(errors(roster, officials), []);
    refused(roster, officials, Severity::Question)
}

fn confirmed() -> Answers {
    Answers { confirmed: true, ..Answers::default() }
}

/// One error, with its row and both of these words in it.
fn one(found: &[Finding], row: u64, words: [&str; 2]) {
    assert_eq!(found.len(), 1, "{found:?}");
    let text = format!("{} {}", found[0].text, found[0].what_to_do);
    assert_eq!(found[0].row, row, "{text}");
    assert!(!found[0].what_to_do.is_empty());
    for word in words {
        assert!(text.contains(word), "{text} should say {word}");
    }
}

#[test]
fn the_sample_is_read_as_it_is() {
    let (roster, report) = import(SAMPLE[0], SAMPLE[1], &Answers::default()).unwrap();
    assert_eq!((roster.attendees.len(), roster.officials.len()), (96, 12));
    assert!(roster.officials.iter().all(|official| official.attendee.is_some()));
    assert_eq!(report.roster_encoding, "UTF-8（带 BOM）");
    assert_eq!(report.groups.values().sum::<usize>(), 96);
    assert!(report.notes.iter().all(|note| note.kind == "category" && note.severity == Severity::Repaired));
}

#[test]
fn the_encoding_is_found_out_and_said() {
    let (roster, officials) = lists(6, 2);
    for (bytes, said) in [
        (roster.as_bytes().to_vec(), "UTF-8"),
        ([b"\xef\xbb\xbf", roster.as_bytes()].concat(), "UTF-8（带 BOM）"),
        (encoding_rs::GB18030.encode(&roster).0.into_owned(), "GB18030"),
    ] {
        let (read, report) = import(&bytes, officials.as_bytes(), &Answers::default()).unwrap();
        assert_eq!((report.roster_encoding, read.attendees[5].name.as_str()), (said, "代表6"));
    }
    for bytes in [&b"\xff\xfe\x2c\x67"[..], b"\x81\xff\xff\x80", b"\x81\xff\xff\x00\x80"] {
        let refused = import(bytes, officials.as_bytes(), &Answers::default()).unwrap_err();
        one(&refused.of(Severity::Error).cloned().collect::<Vec<_>>(), 0, ["编码", "CSV UTF-8"]);
    }
}

#[test]
fn rare_characters_survive_in_both_encodings() {
    let roster = "姓名,类别,单位,职务\n喆翀堃璟镕㐀,组,位,员\n甲,组,位,员\n乙,组,位,员\n";
    let officials = "姓名,单位,职务,报告方式\n甲,位,员,书面报告\n";
    let gb = encoding_rs::GB18030.encode(roster).0.into_owned();
    let (read, _) = import(&gb, officials.as_bytes(), &confirmed()).unwrap();
    assert_eq!(read.attendees[0].name, "喆翀堃璟镕㐀");
}

#[test]
fn headings_are_found_by_name_in_any_order_and_others_are_ignored_and_said() {
    let roster = "手机,职务,单 位,类别,姓　名\n1,员,位,组,张　三\n2,员,位,组,John  Smith\n,,,,\n";
    let officials = "报告方式,姓名,单位,职务\n会议报告,张三,位,员\n";
    let (read, report) = import(roster.as_bytes(), officials.as_bytes(), &confirmed()).unwrap();
    assert_eq!(read.attendees[0].name, "张三");
    assert_eq!(read.attendees[1].name, "John Smith");
    let notes: Vec<String> =
        report.notes.iter().map(|note| format!("{} {}", note.cell.clone().unwrap_or_default(), note.kind)).collect();
    let wanted = ["A1 column", "C1 heading", "E1 heading", "D2 category", "E2 spaces", "E3 spaces", " empty_row"]
        .map(str::to_owned);
    assert_eq!(notes.len(), wanted.len(), "{notes:?}");
    assert!(wanted.iter().all(|note| notes.contains(note)), "{notes:?}");
    assert_eq!(report.notes.last().map(|note| note.row), Some(4));
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let (_, officials) = lists(1, 1);
    for end in ["\n", "\r\n"] {
        let lines = [
            "名单",
            "姓名,类别,单位,职务",
            "代表1,纪委委员,第1单位,委员",
            "",
            "",
            "乙,纪委委员,\"二\n室\",员",
            "丙,,丙,",
            "",
        ];
        let read = import(lines.join(end).as_bytes(), officials.as_bytes(), &confirmed()).unwrap_err();
        let found: Vec<_> = read.findings.iter().map(|finding| (finding.row, finding.kind)).collect();
        let wanted = [(1, "title"), (4, "empty_row"), (6, "spaces"), (7, "empty_cell")];
        assert_eq!(found, wanted, "{end:?}");
    }
}

#[test]
fn every_error_has_its_row_and_says_what_to_do() {
    let (roster, officials) = lists(6, 2);
    one(&errors("", &officials), 0, ["是空的", "请检查"]);
    one(&errors("序号,姓名,类别,单位,职务\n", &officials), 0, ["没有参会人员", "请检查"]);
    one(&errors("序号,姓名,类别,职务\n1,甲,组,员\n", &officials), 1, ["缺少表头“单位”", "表头这一行应为"]);
    one(&errors("姓名,姓名,类别,单位,职务\n甲,甲,组,位,员\n", &officials), 1, ["出现了两次", "请删去"]);
    let with = |line: &str| format!("{roster}{line}\n");
    one(&errors(&with("7,,组,位,员"), &officials), 8, ["“姓名”是空的", "1 到 40 个字"]);
    one(&errors(&with(&format!("7,{},组,位,员", "长".repeat(41))), &officials), 8, ["有 41 个字", "最多 40 个"]);
    one(&errors(&with(&format!("7,甲,组,{},员", "长".repeat(81))), &officials), 8, ["有 81 个字", "最多 80 个"]);
    one(&errors(&with("7,甲\u{202e}乙,组,位,员"), &officials), 8, ["U+202E", "重新键入"]);
    one(&errors(&with("7,甲\u{7}乙,组,位,员"), &officials), 8, ["U+0007", "重新键入"]);
    one(&errors(&with("7,\"甲\n乙\",组,位,员"), &officials), 8, ["U+000A", "重新键入"]);
    one(&errors(&roster, &format!("{officials}3,代表3,第3单位,委员,口头\n")), 4, ["口头", "“会议报告”或“书面报告”"]);
    one(&errors(&roster, &format!("{officials}3,代表1,第1单位,委员,书面报告\n")), 4, ["第 2 行", "第 2 行或第 4 行"]);
    // All rows at once, so that a sheet is mended in one go.
    assert_eq!(errors(&with("7,,组,,员"), &officials).len(), 2);
}

#[test]
fn limits_are_refused_with_the_number_allowed() {
    let (roster, officials) = lists(501, 2);
    one(&errors(&roster, &officials), 0, ["501", "最多 500 名"]);
    let (roster, officials) = lists(200, 61);
    one(&errors(&roster, &officials), 0, ["61", "最多 60 名"]);
    read(&lists(500, 60).0, &lists(500, 60).1).unwrap();
    let (_, officials) = lists(6, 2);
    one(
        &errors(&format!("姓名,类别,单位,职务\n{}", "甲,纪委委员,位,员\n".repeat(5_000)), &officials),
        0,
        ["5000 行", "请删去"],
    );
    one(&errors(&format!("姓名,类别,单位,职务\n{}", "a".repeat(1 << 20)), &officials), 0, ["1 MiB", "请只保留"]);
}

#[test]
fn doubtful_rows_are_questions_for_a_person() {
    let (roster, officials) = lists(6, 2);
    one(&questions(&roster, &format!("{officials}3,外人,外单位,书记,书面报告\n")), 4, ["不在参会名单", "确认"]);
    one(&questions(&format!("{roster}7,代表3,县纪委委员,第3单位,委员\n"), &officials), 8, ["第 4 行", "两个人"]);
    let outside = format!("{officials}3,外人,外单位,书记,书面报告\n");
    let (read, _) = import(roster.as_bytes(), outside.as_bytes(), &confirmed()).unwrap();
    assert_eq!(read.officials[2].attendee, None);
    // Two attendees alike, and one of them reports: no answer can tell which.
    let twins = format!("{roster}7,代表1,县纪委委员,第1单位,委员\n");
    one(&errors(&twins, &officials), 2, ["不止一个", "写明区别"]);
}

#[tokio::test]
async fn over_http_an_import_changes_all_or_nothing_and_one_outside_has_no_slip() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (roster, officials) = lists(6, 2);
    let body = |roster: &str, officials: &str, confirmed: bool| {
        json!({ "roster_csv_base64": base64(roster.as_bytes()), "officials_csv_base64": base64(officials.as_bytes()),
            "confirmed": confirmed })
    };
    office.act("/desk/import", body(&roster, &officials, false)).await;
    let text = office.refused("/desk/import", body(&roster, "x", false)).await;
    assert!(text.contains("没有导入"));
    office.refused("/desk/import", json!({ "roster_csv_base64": "?", "officials_csv_base64": "" })).await;
    let outside = format!("{officials}3,外人,外单位,书记,书面报告\n");
    let answered = office.post("/desk/import", body(&roster, &outside, false)).await;
    assert_eq!(answered.json()["details"]["questions"][0]["row"], 4);
    office.act("/desk/import", body(&roster, &outside, true)).await;

    office.act("/desk/settings", json!({ "title": "会", "place": "室", "drill": true })).await;
    office.act("/desk/freeze", json!({})).await;
    let state = office.state().await;
    let groups = state["slips"].as_array().unwrap();
    assert_eq!(groups.len(), 3, "everybody else, and two officials who attend");
    assert_eq!(groups[0]["holders"], 4);
    assert_eq!(state["frozen"]["leaves"], (4 + 3) + 2 * (1 + 3));
    assert_eq!(office.manifest().await.items.len(), 3, "he is rated all the same");
    let text = office.refused("/desk/import", body(&roster, &officials, false)).await;
    assert!(text.contains("已经冻结") && text.contains("请先"), "{text}");
    office.refused("/desk/settings", json!({ "title": "别的" })).await;
    office.stop().await;
}
