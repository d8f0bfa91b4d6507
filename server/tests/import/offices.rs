//! What else offices do to a sheet: merged cells, several sheets, dates, totals that do not fit, categories of their own.

use douxuan::desk::{Answer, Answers, Finding, Severity, import};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::workbook::{NOBODY_ELSE, at, by_hand, confirmed, findings, people, places, read, with, workbook, write};

const HEAD: &[&str] = &["序号", "姓名", "类别", "单位", "职务"];
const FIRST: &[&str] = &["1", "代表1", "纪委委员", "第1单位", "委员"];

fn found(rows: &[&[&str]]) -> Vec<Finding> {
    findings(read(&workbook(rows)))
}

fn choose(finding: &Finding, answer: &str) -> Answers {
    let each = [(finding.id.clone(), Answer::Choice(answer.to_owned()))];
    Answers { confirmed: false, each: each.into() }
}

fn typed(finding: &Finding, text: &str) -> Answers {
    let each = [(finding.id.clone(), Answer::Typed { text: text.to_owned() })];
    Answers { confirmed: false, each: each.into() }
}

#[test]
fn a_clean_workbook_is_taken_without_a_word() {
    let (roster, report) = read(&with(|sheet| people(sheet, 6))).unwrap();
    assert_eq!((roster.attendees.len(), report.notes.len()), (6, 0));
    assert_eq!(roster.officials[0].attendee, Some(0));
}

#[test]
fn the_kind_of_a_file_is_seen_in_it_and_both_lists_may_be_workbooks() {
    let officials = workbook(&[&["姓 名", "工作单位", "职务", "报告方式"], &["代表1", "第1单位", "委员", "书面报告"]]);
    let csv = "姓名,类别,单位,职务\n代表1,纪委委员,第1单位,委员\n";
    for roster in [with(|sheet| people(sheet, 3)), csv.as_bytes().to_vec()] {
        let (roster, report) = import(&roster, &officials, &Answers::default()).unwrap();
        assert_eq!(roster.officials[0].attendee, Some(0));
        assert_eq!(report.officials_encoding, "XLSX 工作簿");
    }
}

#[test]
fn headings_have_many_names() {
    for heading in
        [["序号", "名字", "人员类别", "工作单位", "现任职务"], ["编号", "姓　名（必填）", "组 别", "单位：", "职位*"]]
    {
        let found = found(&[&heading, FIRST]);
        assert_eq!(places(&found, Severity::Error), [""; 0], "{found:#?}");
        assert_eq!(at(&found, "B1", "heading").old.as_deref(), Some(heading[1]));
    }
    let found = found(&[&["序号", "姓名", "类别", "单位及职务"], &["1", "代表1", "纪委委员", "第1单位委员"]]);
    let errors: Vec<_> = found.iter().filter(|f| f.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].what_to_do.contains("拆成两列"), "{errors:?}");
}

#[test]
fn a_heading_of_two_rows_of_merged_cells_is_read_as_one() {
    let sheet = with(|sheet| {
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 4, "（示例）名单", &plain).unwrap();
        sheet.merge_range(1, 0, 2, 0, "序号", &plain).unwrap();
        sheet.merge_range(1, 1, 1, 2, "人员", &plain).unwrap();
        sheet.merge_range(1, 3, 1, 4, "工作", &plain).unwrap();
        write(sheet, &[&[], &[], &["", "姓名", "类别", "单位", "职务"], FIRST]);
    });
    let (roster, report) = read(&sheet).unwrap();
    assert_eq!(roster.attendees[0].post, "委员");
    let notes = places(&report.notes, Severity::Note);
    assert!(notes.contains(&"A1 title".to_owned()), "{notes:?}");
}

#[test]
fn a_heading_split_over_two_rows_is_put_together() {
    let sheet = with(|sheet| {
        let plain = Format::new();
        for (column, heading) in [(0, "序号"), (1, "姓名"), (2, "类别")] {
            sheet.merge_range(0, column, 1, column, heading, &plain).unwrap();
        }
        sheet.merge_range(0, 3, 0, 4, "工作", &plain).unwrap();
        write(sheet, &[&[], &["", "", "", "单位", "职务"], FIRST]);
    });
    assert_eq!(read(&sheet).unwrap().0.attendees[0].unit, "第1单位");
}

#[test]
fn a_unit_merged_over_several_people_is_each_ones_and_said_once() {
    let sheet = with(|sheet| {
        write(sheet, &[HEAD, FIRST, &["2", "代表2", "纪委委员", "", "委员"], &["3", "代表3", "纪委委员", "", "委员"]]);
        sheet.merge_range(1, 3, 3, 3, "第1 单位", &Format::new()).unwrap();
    });
    let (roster, report) = read(&sheet).unwrap();
    assert!(roster.attendees.iter().all(|attendee| attendee.unit == "第1单位"));
    assert_eq!(places(&report.notes, Severity::Repaired), ["D2 spaces"]);
    assert!(at(&report.notes, "D2", "merged").text.contains("D2:D4"));
    // A name merged over two rows is no second person.
    let sheet = with(|sheet| {
        write(sheet, &[HEAD, FIRST, &["", "", "", "第2单位", "委员"]]);
        sheet.merge_range(1, 1, 2, 1, "代表1", &Format::new()).unwrap();
    });
    assert_eq!(places(&findings(read(&sheet)), Severity::Error), ["B3 empty_cell"]);
}

#[test]
fn of_two_sheets_that_look_like_a_roster_a_person_chooses_one() {
    let mut book = Workbook::new();
    write(book.add_worksheet().set_name("说明").unwrap(), &[&["请按此填写"]]);
    people(book.add_worksheet().set_name("机关").unwrap(), 3);
    people(book.add_worksheet().set_name("乡镇").unwrap(), 5);
    let book = book.save_to_buffer().unwrap();
    let refused = read(&book).unwrap_err();
    let question = refused.of(Severity::Question).next().unwrap();
    assert!(question.text.contains("“机关”、“乡镇”"), "{}", question.text);
    let texts: Vec<&str> = question.answers.iter().map(|choice| choice.text.as_str()).collect();
    assert_eq!(texts, ["只用工作表“机关”", "只用工作表“乡镇”"]);
    let second = choose(question, &question.answers[1].answer);
    let (roster, report) = import(&book, NOBODY_ELSE.as_bytes(), &second).unwrap();
    assert_eq!(roster.attendees.len(), 5);
    assert_eq!(report.notes.iter().filter(|finding| finding.kind == "other_sheet").count(), 2);
}

#[test]
fn both_lists_may_stand_in_one_workbook_and_hidden_sheets_are_not_read() {
    let mut book = Workbook::new();
    people(book.add_worksheet().set_name("参会人员").unwrap(), 3);
    let officials = book.add_worksheet().set_name("述职对象").unwrap();
    write(officials, &[&["姓名", "单位", "职务", "报告方式"], &["代表2", "第2单位", "委员", "会议报告"]]);
    people(book.add_worksheet().set_name("旧名单").unwrap().set_hidden(true), 9);
    let book = book.save_to_buffer().unwrap();
    let (roster, report) = import(&book, &book, &Answers::default()).unwrap();
    assert_eq!((roster.attendees.len(), roster.officials[0].attendee), (3, Some(1)));
    assert!(report.notes.iter().any(|finding| finding.text.contains("旧名单") && finding.kind == "hidden_sheet"));
}

#[test]
fn dates_and_numbers_where_words_should_stand_are_asked_about() {
    let sheet = with(|sheet| {
        write(sheet, &[HEAD, FIRST, &["2", "代表2", "纪委委员", "", "委员"], &["3", "代表3", "纪委委员", "丙", ""]]);
        let date = Format::new().set_num_format("m\"月\"d\"日\"");
        sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2026, 3, 5).unwrap(), &date).unwrap();
        sheet.write(3, 4, 12).unwrap();
    });
    let refused = read(&sheet).unwrap_err();
    assert_eq!(places(&refused.findings, Severity::Question), ["D3 date", "E4 number"]);
    let date = at(&refused.findings, "D3", "date");
    assert!(date.text.contains("2026-03-05") && date.typed, "{}", date.text);
    let mut answers = typed(date, "第3-5单位");
    answers.confirmed = true;
    let (roster, _) = import(&sheet, NOBODY_ELSE.as_bytes(), &answers).unwrap();
    assert_eq!((roster.attendees[1].unit.as_str(), roster.attendees[2].post.as_str()), ("第3-5单位", "12"));
}

#[test]
fn a_formulas_saved_value_is_used_only_when_a_person_says_so() {
    let sheet = with(|sheet| {
        write(sheet, &[HEAD, FIRST, &["2", "代表2", "纪委委员", "", "委员"]]);
        sheet.write_formula(2, 3, Formula::new("=[1]Sheet1!D2&\"室\"").set_result("一室")).unwrap();
        sheet.write_formula(1, 0, Formula::new("=ROW()-1").set_result("1")).unwrap();
    });
    let refused = read(&sheet).unwrap_err();
    assert_eq!(places(&refused.findings, Severity::Question), ["D3 formula"]);
    assert_eq!(places(&refused.findings, Severity::Note), ["A2 serial_formula"]);
    assert!(at(&refused.findings, "D3", "formula").text.contains("存着的值是“一室”"));
    assert_eq!(confirmed(&sheet).0.attendees[1].unit, "一室");
    // A name without a saved value can only be typed: no confirmation stands for it.
    let sheet = with(|sheet| {
        write(sheet, &[HEAD, FIRST, &["2", "", "纪委委员", "乙", "委员"]]);
        sheet.write_formula(2, 1, Formula::new("=A9").set_result("#REF!")).unwrap();
    });
    let all = Answers { confirmed: true, ..Answers::default() };
    let refused = import(&sheet, NOBODY_ELSE.as_bytes(), &all).unwrap_err();
    let question = at(&refused.findings, "B3", "formula");
    assert!(question.answers.is_empty() && question.severity == Severity::Question);
    let (roster, _) = import(&sheet, NOBODY_ELSE.as_bytes(), &typed(question, "代　表乙")).unwrap();
    assert_eq!(roster.attendees[1].name, "代表乙");
}

#[test]
fn totals_subtotals_remarks_and_rows_prepared_but_empty_are_no_people() {
    let found = found(&[
        HEAD,
        FIRST,
        &["小计", "１"],
        HEAD,
        &["2", "代表2", "纪委委员", "乙", "委员"],
        &["3"],
        &["共 ２ 人"],
        &["填表人：某某"],
        &["备注：请准时参加"],
    ]);
    assert_eq!(places(&found, Severity::Error), [""; 0]);
    assert_eq!(places(&found, Severity::Question), [""; 0]);
    let notes = places(&found, Severity::Note);
    assert_eq!(notes, ["A3 total", "A4 heading_again", "A6 empty_row", "A7 total", "A8 remark", "A9 remark"]);
}

#[test]
fn a_total_that_does_not_fit_and_a_lonely_cell_are_asked_about() {
    let rows: [&[&str]; 4] = [HEAD, FIRST, &["一、某组（1 人）"], &["合 计", "", "", "", "3"]];
    let found = found(&rows);
    assert_eq!(places(&found, Severity::Question), ["A3 stray", "A4 total"]);
    assert!(at(&found, "A4", "total").text.contains("写着 3 人，名单里读到 1 人"));
    assert_eq!(confirmed(&workbook(&rows)).0.attendees.len(), 1);
}

#[test]
fn somebody_called_like_a_total_stays_a_person() {
    let (roster, _) = read(&workbook(&[HEAD, FIRST, &["2", "共三人", "纪委委员", "乙", "委员"]])).unwrap();
    assert_eq!(roster.attendees[1].name, "共三人");
}

#[test]
fn a_category_of_their_own_is_put_into_a_group_or_kept_apart() {
    let sheet = workbook(&[
        HEAD,
        FIRST,
        &["2", "代表2", "列席", "乙", "委员"],
        &["3", "代表3", "列 席", "丙", "委员"],
        &["4", "代表4", "特邀监察员代表", "丁", "委员"],
        &["5", "代表5", "", "戊", "委员"],
    ]);
    let refused = read(&sheet).unwrap_err();
    assert_eq!(places(&refused.findings, Severity::Question), ["C3 category", "C6 category"]);
    let question = at(&refused.findings, "C3", "category");
    assert!(question.text.contains("共 2 人（第 3、4 行）"), "{}", question.text);
    assert_eq!(question.answers.len(), 11);
    let mut answers = choose(question, "organs");
    answers.confirmed = true;
    let (_, report) = import(&sheet, NOBODY_ELSE.as_bytes(), &answers).unwrap();
    let groups: Vec<_> = report.groups.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(groups, [("未分类", 1), ("机关单位主要负责人", 2), ("特约监察员", 1), ("纪委委员", 1)]);
    assert!(confirmed(&sheet).1.groups.contains_key("列席"));
}

#[test]
fn every_level_of_committee_has_the_same_groups() {
    for (category, group) in [
        ("县纪委书记", "纪委书记"),
        ("市纪委副书记", "纪委副书记"),
        ("区纪委常委", "纪委常委"),
        ("州监委委员", "监委委员"),
        ("旗纪委委员", "纪委委员"),
        ("县委巡察办主任", "巡察机构负责人"),
        ("乡镇（街道）纪委书记", "乡镇纪委书记"),
        ("县纪委派驻（出）机构主要负责人", "派驻（出）机构主要负责人"),
        ("派驻(出)机构负责人", "派驻（出）机构主要负责人"),
        ("县纪委机关各单位主要负责人", "机关单位主要负责人"),
        ("特约监察员代表", "特约监察员"),
    ] {
        let sheet = workbook(&[HEAD, &["1", "代表1", category, "第1单位", "委员"]]);
        assert!(read(&sheet).unwrap().1.groups.contains_key(group), "{category}");
    }
}

#[test]
fn two_of_one_name_in_two_units_are_asked_about_too() {
    let rows: [&[&str]; 3] = [HEAD, FIRST, &["2", "代　表1", "纪委委员", "第2单位", "书记"]];
    let refused = read(&workbook(&rows)).unwrap_err();
    let twin = at(&refused.findings, "B3", "same_name");
    assert!(twin.text.contains("第2单位 书记") && twin.text.contains("第1单位 委员"), "{}", twin.text);
    let (roster, _) = import(&workbook(&rows), NOBODY_ELSE.as_bytes(), &choose(twin, "two")).unwrap();
    assert_eq!(roster.officials[0].attendee, Some(0), "told apart by unit");
}

#[test]
fn an_official_with_another_post_on_the_roster_may_be_said_to_be_the_same() {
    let roster = with(|sheet| people(sheet, 3));
    let officials = "姓名,单位,职务,报告方式\n代表2,第2单位,书记,会议报告\n代表3,第3单位,委员,会议报告\n";
    let refused = import(&roster, officials.as_bytes(), &Answers::default()).unwrap_err();
    let question = at(&refused.findings, "A2", "absent");
    assert!(question.text.contains("第 3 行（B3）"), "{}", question.text);
    let answers = choose(question, "B3");
    let (read, _) = import(&roster, officials.as_bytes(), &answers).unwrap();
    assert_eq!(read.officials[0].attendee, Some(1));
    assert_eq!(read.officials[0].post, "书记");
    // The answer names people of this very roster.
    let other = with(|sheet| people(sheet, 4));
    assert!(import(&other, officials.as_bytes(), &answers).is_err());
}

#[test]
fn what_cannot_be_printed_as_it_is_is_told_before_printing() {
    let found = found(&[
        HEAD,
        FIRST,
        &["2", "张𠮷", "纪委委员", "𬭎室", "委员"],
        &["3", "李\u{e863}", "纪委委员", "乙", "委员"],
        &["4", "王？", "纪委委员", "丙", "委员"],
        &["5", "赵一、钱二", "纪委委员", "丁", "委员"],
        &["6", "孙\u{200b}三", "纪委委员", "戊", "书记\n主任"],
        &["7", "Ａbｃ１", "纪委委员", "=1+1", "委员"],
    ]);
    assert!(at(&found, "B3", "rare").text.contains("𠮷（U+20BB7）"));
    assert!(at(&found, "D3", "rare").text.contains("𬭎（U+2CB4E）"));
    assert_eq!(places(&found, Severity::Question), ["B4 private", "B5 lost", "B6 several"]);
    assert_eq!(at(&found, "B7", "invisible").new.as_deref(), Some("孙三"));
    assert_eq!(at(&found, "E7", "lines").old.as_deref(), Some("书记↵主任"));
    assert_eq!(at(&found, "E7", "lines").new.as_deref(), Some("书记 主任"));
    assert_eq!(at(&found, "B8", "full_width").new.as_deref(), Some("Abc1"));
    assert!(at(&found, "D8", "markup").text.contains("按文字"));
}

#[test]
fn macros_and_links_are_said_and_left_alone() {
    let book = by_hand(&[("xl/vbaProject.bin", b"x"), ("xl/externalLinks/externalLink1.xml", b"<x/>")]);
    let (_, report) = read(&book).unwrap();
    let kinds: Vec<&str> = report.notes.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, ["macros", "links"]);
}
