//! The sheet that offices really send: every case is told by its cell, repaired in the open, or asked about.

use std::collections::BTreeMap;

use douxuan::desk::{Answer, Answers, Finding, ImportRefused, ImportReport, Roster, Severity, import};

use crate::workbook::{as_offices_send_it, at, findings, places};

/// Eight of the officials of the sample attend here.
const OFFICIALS: &[u8] = include_bytes!("../../samples/officials.csv");

/// A sheet as offices send it.
fn sheets() -> Vec<Vec<u8>> {
    vec![as_offices_send_it()]
}

fn eight() -> Vec<u8> {
    let lines = std::str::from_utf8(OFFICIALS).unwrap().lines().take(9);
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

fn read(sheet: &[u8], answers: &Answers) -> Result<(Roster, ImportReport), ImportRefused> {
    import(sheet, &eight(), answers)
}

fn found(sheet: &[u8]) -> Vec<Finding> {
    findings(read(sheet, &Answers::default()))
}

fn answer(pairs: &[(&Finding, Answer)]) -> Answers {
    let each: BTreeMap<_, _> = pairs.iter().map(|(finding, answer)| (finding.id.clone(), answer.clone())).collect();
    Answers { confirmed: false, each }
}

fn choose(answer: &str) -> Answer {
    Answer::Choice(answer.to_owned())
}

#[test]
fn the_report_lists_every_case_by_its_cell() {
    for sheet in sheets() {
        let found = found(&sheet);
        assert_eq!(places(&found, Severity::Error), [""; 0]);
        assert_eq!(places(&found, Severity::Question), ["B12 same_name", "E15 formula"]);
        assert_eq!(places(&found, Severity::Note), ["A1 title", "B18 rare", "D21 markup", "43 empty_row", "A44 total"]);
        let spaces = ["B3", "B8", "B13", "B23", "B28", "B33", "B38"].map(|cell| (cell, "spaces"));
        let digits = ["A3", "A10", "A17", "A24", "A31", "A38"].map(|cell| (cell, "full_width"));
        let groups = ["C3", "C10", "C13", "C29"].map(|cell| (cell, "category"));
        let mut wanted: Vec<String> = [("B2", "heading"), ("C2", "heading")]
            .iter()
            .chain(&spaces)
            .chain(&digits)
            .chain(&groups)
            .map(|(cell, kind)| format!("{cell} {kind}"))
            .collect();
        let mut repaired = places(&found, Severity::Repaired);
        wanted.sort();
        repaired.sort();
        assert_eq!(repaired, wanted);
        assert!(found.iter().all(|finding| finding.sheet.as_deref() == Some("参会人员") && finding.file == "参会名单"));
    }
}

#[test]
fn a_repair_shows_what_stood_there_and_what_stands_there_now() {
    for sheet in sheets() {
        let found = found(&sheet);
        for (cell, kind, old, new) in [
            ("B2", "heading", "姓　名", "姓名"),
            ("A3", "full_width", "００１", "001"),
            ("B3", "spaces", "示　例乙01", "示例乙01"),
            ("C29", "category", "巡察", "巡察机构负责人"),
        ] {
            let finding = at(&found, cell, kind);
            assert_eq!((finding.old.as_deref(), finding.new.as_deref()), (Some(old), Some(new)));
            assert!(finding.text.contains(new), "{}", finding.text);
        }
    }
}

#[test]
fn the_title_and_the_total_are_no_people() {
    for sheet in sheets() {
        let found = found(&sheet);
        assert!(at(&found, "A1", "title").text.contains("参会人员名单"));
        let total = at(&found, "A44", "total");
        assert!(total.text.contains("40 人相符"), "{}", total.text);
    }
}

#[test]
fn rare_characters_are_listed_one_by_one_to_be_checked_before_printing() {
    for sheet in sheets() {
        let found = found(&sheet);
        let rare = at(&found, "B18", "rare");
        assert!(rare.text.contains("喆、翀、堃、璟、镕、䶮") && rare.what_to_do.contains("打印"), "{rare:?}");
    }
}

#[test]
fn markup_is_kept_as_the_text_that_it_is() {
    for sheet in sheets() {
        let all = Answers { confirmed: true, ..Answers::default() };
        let (roster, report) = read(&sheet, &all).unwrap();
        assert_eq!(roster.attendees[18].unit, "<script>alert(1)</script>");
        assert!(at(&report.notes, "D21", "markup").text.contains("按文字收下"));
    }
}

#[test]
fn a_formula_is_never_evaluated_and_a_person_says_what_stands_there() {
    for sheet in sheets() {
        let found = found(&sheet);
        let (formula, twin) = (at(&found, "E15", "formula"), at(&found, "B12", "same_name"));
        assert!(formula.text.contains("=1+1") && !formula.text.contains('2'), "{}", formula.text);
        assert!(formula.typed && formula.answers.len() == 1 && formula.answers[0].answer == "empty");

        let typed = Answer::Typed { text: " 委　员 ".to_owned() };
        let (roster, report) = read(&sheet, &answer(&[(formula, typed), (twin, choose("two"))])).unwrap();
        assert_eq!(roster.attendees[12].post, "委 员");
        assert_eq!(at(&report.notes, "E15", "formula").severity, Severity::Decided);
        let (roster, _) = read(&sheet, &answer(&[(formula, choose("empty")), (twin, choose("two"))])).unwrap();
        assert_eq!(roster.attendees[12].post, "");
        // What is typed is measured like what is read.
        let typed = Answer::Typed { text: "甲\u{202e}乙".to_owned() };
        let refused = read(&sheet, &answer(&[(formula, typed), (twin, choose("two"))])).unwrap_err();
        assert_eq!(places(&refused.findings, Severity::Error), ["E15 forbidden"]);
    }
}

#[test]
fn two_of_one_name_are_never_merged_without_an_answer() {
    for sheet in sheets() {
        let found = found(&sheet);
        let (formula, twin) = (at(&found, "E15", "formula"), at(&found, "B12", "same_name"));
        assert!(twin.text.contains("B11") && twin.text.contains("完全相同"), "{}", twin.text);
        let answers: Vec<&str> = twin.answers.iter().map(|choice| choice.answer.as_str()).collect();
        assert_eq!(answers, ["two", "one"]);
        let people = |twins: &str| {
            let answers = answer(&[(formula, choose("empty")), (twin, choose(twins))]);
            read(&sheet, &answers).unwrap().0.attendees.len()
        };
        assert_eq!((people("two"), people("one")), (40, 39));
    }
}

#[test]
fn nothing_is_imported_while_one_question_is_open_or_answered_with_something_else() {
    for sheet in sheets() {
        let found = found(&sheet);
        let (formula, twin) = (at(&found, "E15", "formula"), at(&found, "B12", "same_name"));
        for (answers, open) in [
            (answer(&[(formula, choose("empty"))]), "B12 same_name"),
            (answer(&[(twin, choose("two"))]), "E15 formula"),
            (answer(&[(twin, choose("both")), (formula, choose("empty"))]), "B12 same_name"),
            (answer(&[(twin, Answer::Typed { text: "甲".to_owned() }), (formula, choose("empty"))]), "B12 same_name"),
        ] {
            let refused = read(&sheet, &answers).unwrap_err();
            assert_eq!(places(&refused.findings, Severity::Question), [open]);
        }
    }
}

#[test]
fn answers_to_one_file_do_not_fit_another() {
    let [sheet, other] = [as_offices_send_it(), {
        let mut other = as_offices_send_it();
        // A comment at the end of the package changes no cell.
        let end = other.len();
        other[end - 2] = 1;
        other.push(b'x');
        other
    }];
    let found = found(&sheet);
    let answers =
        answer(&[(at(&found, "E15", "formula"), choose("empty")), (at(&found, "B12", "same_name"), choose("two"))]);
    read(&sheet, &answers).unwrap();
    let refused = read(&other, &answers).unwrap_err();
    assert_eq!(places(&refused.findings, Severity::Question), ["B12 same_name", "E15 formula"]);
}

#[test]
fn expected_attendance_is_counted_by_the_groups_of_article_16() {
    for sheet in sheets() {
        let (_, report) = read(&sheet, &Answers { confirmed: true, ..Answers::default() }).unwrap();
        let groups: Vec<_> = report.groups.iter().map(|(name, people)| (name.as_str(), *people)).collect();
        assert_eq!(
            groups,
            [("乡镇纪委书记", 8), ("巡察机构负责人", 6), ("监委委员", 3), ("纪委委员", 16), ("纪委常委", 7)]
        );
        assert_eq!(report.roster_encoding, "XLSX 工作簿");
    }
}

#[test]
fn officials_who_are_not_on_the_sheet_are_asked_about_by_cell() {
    for sheet in sheets() {
        let refused = import(&sheet, OFFICIALS, &Answers::default()).unwrap_err();
        let officials: Vec<_> =
            refused.findings.iter().filter(|finding| finding.file == "述职对象名单").cloned().collect();
        assert_eq!(places(&officials, Severity::Question), ["B10 absent", "B11 absent", "B12 absent", "B13 absent"]);
        let all = Answers { confirmed: true, ..Answers::default() };
        let (roster, _) = import(&sheet, OFFICIALS, &all).unwrap();
        assert_eq!(roster.officials.iter().filter(|official| official.attendee.is_none()).count(), 4);
    }
}
