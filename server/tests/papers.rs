//! The sheet of results as workbook and as table of values, read back by other programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod papers_meeting;

use std::{collections::BTreeMap, fs, path::Path};

use calamine::{Data, Reader};
use douxuan::papers::{self, NotAResult, PapersError, Sheet};
use douxuan_crypto::{
    audit::{self, audit},
    bundle::Bundle,
    bytes::hex,
    hash::sha256,
    manifest::{Base, Manifest, ManifestDraft, OptionKind, PaperPolicy, ScaleOption},
};
use papers_meeting::{
    Round, bundle, contests_of, every_ending, manifest_of, note_lines, official, payloads,
    reading::{grid, table, text, values, workbook},
    sixty, twice,
};

/// Every figure that a row must show, by `of(column of the workbook, column of the values)`, from the note's own lines.
fn figures_of(manifest: &Manifest, lines: &BTreeMap<String, Vec<String>>) -> Vec<(String, String, String)> {
    let mut figures = Vec::new();
    let mut figure = |workbook: &str, values: &str, line: &str, word: usize| {
        let found = lines.get(line).map(|words| words[word].clone()).unwrap_or_default();
        figures.push((workbook.to_owned(), values.to_owned(), found));
    };
    figure("发出/电子", "发出电子票", "electronic", 0);
    figure("收回/电子", "收回电子票", "electronic", 1);
    figure("发出/纸票", "发出纸票", "paper", 0);
    figure("收回/纸票", "收回纸票", "paper", 1);
    figure("纸票/无效", "纸票无效", "paper", 2);
    figure("纸票/不计等次", "纸票不计等次", "paper", 3);
    figure("发出/合计", "发出", "total", 0);
    figure("收回/合计", "收回", "total", 1);
    figure("未交", "未交", "total", 2);
    figure("有效", "有效", "valid", 0);
    for (place, option) in manifest.scale.iter().enumerate() {
        let column = if option.kind == OptionKind::Grade { format!("{}/票数", option.zh) } else { option.zh.clone() };
        figure(&column, &format!("{}票数", option.zh), "votes", place);
    }
    figures
}

/// Compares every number on both papers with the result note's lines; returns how many.
fn compare(zip: &[u8]) -> usize {
    let (manifest, contests, mut compared) = (manifest_of(zip), contests_of(zip), 0);
    let (table, values) = (table(zip), values(zip));
    assert_eq!(table.len(), values.len());
    let mut opened = contests.iter();
    for (row, line) in table.iter().zip(&values) {
        let item = manifest.item(text(&row["序号"]).parse().unwrap()).unwrap();
        for (column, expected) in [("姓名", &item.name), ("单位", &item.unit), ("职务", &item.post)] {
            assert_eq!(text(&row[column]), *expected);
            assert!(line[column].ends_with(expected.as_str()));
        }
        if text(&row["结果"]) == "未测评" {
            assert!(!contests.iter().any(|(name, _)| name.starts_with(&format!("{}/", item.number))));
            continue;
        }
        let (name, lines) = opened.next().unwrap();
        assert_eq!(format!("{}/{}", item.number, text(&row["轮次"])), *name);
        assert_eq!(line["轮次"], text(&row["轮次"]));
        let ended = match lines["contest"][1].as_str() {
            "published" => "已公布",
            "withheld" => "票数过少，不公布",
            "voided-before" => "公布前作废",
            "voided-after" => "公布后作废",
            other => panic!("{other}"),
        };
        assert_eq!((text(&row["结果"]), &*line["结果"]), (ended.to_owned(), ended));
        for (in_workbook, in_values, expected) in figures_of(&manifest, lines) {
            assert_eq!(text(&row[&in_workbook]), expected, "{name} {in_workbook}");
            assert_eq!(line[&in_values], expected, "{name} {in_values}");
            compared += 1;
        }
        compared += compare_shares(&manifest, lines, row, line);
        compare_findings(&manifest, lines, row, line);
        assert_eq!([&line["票箱票数"], &line["票箱根"]], [&lines["contest"][2], &lines["contest"][3]]);
    }
    assert!(opened.next().is_none(), "every contest of the note is on paper");
    compared
}

fn compare_shares(
    manifest: &Manifest,
    lines: &BTreeMap<String, Vec<String>>,
    row: &BTreeMap<String, Data>,
    line: &BTreeMap<String, String>,
) -> usize {
    let number = |words: &str, word: usize| lines.get(words).map(|words| words[word].parse::<f64>().unwrap());
    let base = if manifest.thresholds.base == Base::Valid { number("valid", 0) } else { number("total", 1) };
    let mut compared = 0;
    for (place, option) in manifest.scale.iter().enumerate().filter(|(_, option)| option.kind == OptionKind::Grade) {
        let (shown, written) = (&row[&format!("{}/占比", option.zh)], &line[&format!("{}占比", option.zh)]);
        match number("votes", place).zip(base.filter(|base| *base > 0.0)) {
            Some((votes, base)) => {
                let Data::Float(share) = shown else { panic!("{shown:?}") };
                assert!((share - votes / base).abs() <= 0.0005 + 1e-12, "{share} of {votes} / {base}");
                assert_eq!(*written, format!("{:.1}%", share * 100.0));
                compared += 1;
            }
            None => assert_eq!((text(shown), written.as_str()), (String::new(), "")),
        }
    }
    compared
}

fn compare_findings(
    manifest: &Manifest,
    lines: &BTreeMap<String, Vec<String>>,
    row: &BTreeMap<String, Data>,
    line: &BTreeMap<String, String>,
) {
    let policy = &manifest.thresholds;
    let option = &manifest.scale.iter().find(|option| option.code == policy.option).unwrap().zh;
    let limit = |(num, den): (u32, u32)| match (100 * num) % den {
        0 => format!("{}%", 100 * num / den),
        _ => format!("{num}/{den}"),
    };
    let word = |word: &str| match word {
        "yes" => "是",
        "no" => "否",
        _ => "无票可算",
    };
    let found = lines.get("threshold");
    for (name, at) in [(format!("达到{}", limit(policy.reaches)), 3), (format!("超过{}", limit(policy.over)), 4)] {
        let expected = found.map(|words| word(&words[at])).unwrap_or_default();
        assert_eq!(text(&row[&format!("{option}/{name}")]), expected);
        assert_eq!(line[&format!("{option}{name}")], expected);
    }
    for (column, at) in [(format!("{option}票数（门槛）"), 1), ("门槛基数".to_owned(), 2)] {
        assert_eq!(line[&column], found.map(|words| words[at].clone()).unwrap_or_default());
    }
}

#[test]
fn every_number_on_paper_is_one_of_the_signed_result() {
    let zip = every_ending();
    assert_eq!(compare(&zip), 8 * 15 + 4 * 4, "eight rounds, four of them with a base to take shares of");
    assert_eq!(compare(&sixty()), 120 * (15 + 4));
}

#[test]
fn the_papers_of_a_meeting_that_the_verifier_accepts_show_its_result() {
    let zip = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own/bundle-small.zip")).unwrap();
    assert_eq!(audit(&zip, &[]).outcome, audit::Outcome::Held);
    assert!(compare(&zip) > 50);
}

#[test]
fn other_scales_and_policies_are_shown_in_their_own_words() {
    let option = |code: &str, zh: &str, kind| ScaleOption { code: code.into(), zh: zh.into(), en: code.into(), kind };
    let items = || vec![official(1, "示例一", 1)];
    let short = bundle(items(), &[Round::new(1, 1, &[7, 8])], |draft: &mut ManifestDraft| {
        draft.scale = vec![option("bad", "不称职", OptionKind::Grade), option("none", "弃权", OptionKind::Abstain)];
        draft.thresholds.option = "bad".to_owned();
        draft.thresholds.reaches = (1, 3);
        draft.thresholds.over = (2, 3);
        draft.thresholds.base = Base::Cast;
    });
    assert_eq!(compare(&short), 12 + 1);
    assert_eq!(text(&table(&short)[0]["不称职/达到1/3"]), "是");
    let long = bundle(
        items(),
        &[Round::new(1, 1, &[6, 5, 4, 3, 2, 1, 2]).with_paper([5, 0, 0], &[0, 0, 0, 0, 0, 5, 0])],
        |draft| {
            draft.scale = (0..7)
                .map(|n| {
                    option(
                        &format!("o{n}"),
                        &format!("选项{n}"),
                        if n < 5 { OptionKind::Grade } else { OptionKind::Abstain },
                    )
                })
                .collect();
            draft.thresholds.option = "o4".to_owned();
            draft.thresholds.paper = PaperPolicy::Apart;
        },
    );
    assert_eq!(compare(&long), 17 + 5);
    let said = grid(&workbook(&long).worksheet_range("门槛").unwrap());
    assert!(text(&said[1][0]).contains("有效票（只计电子票）"), "{said:?}");
}

#[test]
fn what_stands_above_the_table_is_the_result_s_too() {
    let zip = every_ending();
    let cells = grid(&workbook(&zip).worksheet_range("汇总表").unwrap());
    let lines: Vec<String> = cells.iter().map(|row| text(&row[0])).collect();
    assert!(lines[1].contains("2026年12月14日") && lines[1].contains("应到：500 人"), "{lines:?}");
    let note = note_lines(&zip);
    let slips = note.iter().find(|line| line[0] == "slips").unwrap();
    assert_eq!(lines[2], format!("票纸：{} 张，其中作废 {} 张，未用 {} 张", slips[1], slips[2], slips[3]));
    for (line, window) in lines[3..].iter().zip(note.iter().filter(|line| line[0] == "window")) {
        let [number, present, enrolled, paper] = [1, 2, 3, 4].map(|word| &window[word]);
        let expected = format!("第{number}次登记：实到 {present} 人，累计登记 {enrolled} 人，累计改用纸票 {paper} 人");
        assert_eq!(*line, expected);
    }
    for who in ["监票人：", "计票人：", "主持人：", "日　期："] {
        assert!(cells.iter().flatten().any(|cell| text(cell) == who), "{who}");
    }
}

#[test]
fn limits_are_compared_in_whole_numbers_and_the_sums_are_shown() {
    let cells = grid(&workbook(&every_ending()).worksheet_range("门槛").unwrap());
    let rows: Vec<Vec<String>> = cells[3..].iter().map(|row| row.iter().map(text).collect()).collect();
    assert_eq!(rows[0], ["1", "王喆", "2", "11", "55", "是", "11×5=55 ≥ 55×1=55", "否", "11×10=110 ≤ 55×3=165"]);
    assert_eq!(rows[1][7..], ["是", "100×10=1000 > 333×3=999"]);
    assert_eq!(rows[3][3..], ["0", "0", "无票可算", "", "无票可算", ""], "nothing but abstentions");
    // Written as 30.0 %, and not over it.
    assert_eq!(rows[4][3..], ["62", "207", "是", "62×5=310 ≥ 207×1=207", "否", "62×10=620 ≤ 207×3=621"]);
    assert_eq!(rows.len(), 5, "no finding for a round that is void or withheld");
}

#[test]
fn fingerprints_are_those_of_the_bundle() {
    let zip = every_ending();
    let (bundle, manifest) = (Bundle::from_zip(&zip).unwrap(), manifest_of(&zip));
    let cells = grid(&workbook(&zip).worksheet_range("核对").unwrap());
    let found: BTreeMap<String, [String; 3]> =
        cells[2..].iter().map(|row| (text(&row[0]), [1, 2, 3].map(|column| text(&row[column])))).collect();
    assert_eq!(found["会议编号"][1], hex(&manifest.meeting));
    assert_eq!(found["会议清单"][1], hex(&manifest.id));
    assert_eq!(found["结果 SHA-256"][1], hex(&sha256(&bundle.result)));
    let checkpoint = String::from_utf8(bundle.log_checkpoint).unwrap();
    assert_eq!(found["操作记录"][0], checkpoint.lines().nth(1).unwrap());
    let before = note_lines(&zip).into_iter().find(|line| line[0] == "log").unwrap();
    assert_eq!(found["操作记录（结果之前）"][..2], before[1..]);
    let summary = String::from_utf8(bundle.summary).unwrap();
    let contests = contests_of(&zip);
    for (name, lines) in &contests {
        let (item, round) = name.split_once('/').unwrap();
        let shown = &found[&format!("票箱 第{item}项第{round}轮")];
        assert_eq!(shown[..2], lines["contest"][2..]);
        assert!(summary.contains(&format!("票箱根 {}\n", shown[2])), "{name}");
    }
    assert!(summary.contains(&format!("屏幕码 {}\n", found["会议清单"][2])));
    assert_eq!(found.len(), 5 + contests.len());
}

#[test]
fn no_name_becomes_a_formula_or_markup() {
    for zip in payloads::meetings() {
        let mut workbook = workbook(&zip);
        for sheet in workbook.sheet_names() {
            let formulas = workbook.worksheet_formula(&sheet).unwrap();
            assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "{sheet}");
        }
        // Every name, unit and post is read back as it stands in the manifest.
        assert!(compare(&zip) > 0);
        for line in values(&zip) {
            for (column, cell) in line {
                let first = cell.trim_start().chars().next().unwrap_or('x');
                assert!(!"=+-@＝＋－＠\t\r".contains(first), "{column}: {cell}");
            }
        }
    }
}

#[test]
fn the_files_inside_the_workbook_hold_text_only() {
    let zip = payloads::meetings().remove(0);
    let bytes = Sheet::of_bundle(&zip).unwrap().workbook().unwrap();
    let files = unpack(&bytes);
    for (name, text) in &files {
        assert!(!name.contains("externalLink") && !name.contains("vba") && !name.contains("connections"), "{name}");
        assert!(!text.contains("<f>") && !text.contains("<f ") && !text.contains("<hyperlink"), "{name}");
        assert!(!text.contains("<script") && !text.contains("TargetMode=\"External\""), "{name}");
    }
    let footers: Vec<&str> =
        files.values().filter_map(|text| text.split("<oddFooter>").nth(1)?.split('<').next()).collect();
    assert_eq!(footers, ["&amp;C&amp;9第 &amp;P 页，共 &amp;N 页"; 3]);
}

/// The files of a ZIP, by reading its local headers and inflating.
fn unpack(zip: &[u8]) -> BTreeMap<String, String> {
    use std::io::Read;
    let mut files = BTreeMap::new();
    let number = |at: usize, bytes: usize| (0..bytes).rev().fold(0, |n, i| n << 8 | usize::from(zip[at + i]));
    let end = zip.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let (count, mut at) = (number(end + 10, 2), number(end + 16, 4));
    for _ in 0..count {
        let (method, packed, name_length) = (number(at + 10, 2), number(at + 20, 4), number(at + 28, 2));
        let (extra, comment, local) = (number(at + 30, 2), number(at + 32, 2), number(at + 42, 4));
        let name = String::from_utf8(zip[at + 46..at + 46 + name_length].to_vec()).unwrap();
        let data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let data = &zip[data..data + packed];
        let mut text = String::new();
        match method {
            0 => text.push_str(std::str::from_utf8(data).unwrap()),
            _ => drop(flate2::read::DeflateDecoder::new(data).read_to_string(&mut text).unwrap()),
        }
        files.insert(name, text);
        at += 46 + name_length + extra + comment;
    }
    files
}

#[test]
#[ignore = "run by the next test in a process of its own"]
fn writes_papers_where_it_is_told() {
    twice::write(|| {
        let sheet = Sheet::of_bundle(&every_ending()).unwrap();
        vec![("xlsx", sheet.workbook().unwrap()), ("csv", sheet.values())]
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_same_bundle_gives_the_same_bytes_an_hour_later() {
    twice::an_hour_apart("writes_papers_where_it_is_told", &["xlsx", "csv"]);
}

#[test]
fn papers_are_written_over_those_of_an_earlier_time() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/papers");
    for zip in [sixty(), every_ending()] {
        let written = papers::write(&zip, &out, None).unwrap();
        let names: Vec<_> = written.files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names[..2], ["汇总表.xlsx", "汇总表.csv"]);
        let sheet = Sheet::of_bundle(&zip).unwrap();
        assert_eq!(fs::read(&written.files[0]).unwrap(), sheet.workbook().unwrap());
        assert_eq!(fs::read(&written.files[1]).unwrap(), sheet.values());
        if cfg!(not(feature = "pdf")) {
            let why = written.no_pdf.unwrap().to_string();
            assert!(why.contains("--features pdf") && why.contains("另存为 PDF"), "{why}");
        }
    }
}

#[test]
fn what_no_result_key_signed_is_not_put_on_paper() {
    let zip = every_ending();
    let whole = Bundle::from_zip(&zip).unwrap();
    let refused = |change: &dyn Fn(&mut Bundle)| {
        let mut bundle = whole.clone();
        change(&mut bundle);
        Sheet::of_bundle(&bundle.to_zip().unwrap()).unwrap_err()
    };
    let digit = |bytes: &mut Vec<u8>, text: &str, other: &str| {
        let changed = String::from_utf8(bytes.clone()).unwrap().replacen(text, other, 1).into_bytes();
        assert_ne!(*bytes, changed);
        *bytes = changed;
    };
    for refused in [
        refused(&|b| digit(&mut b.result, "votes 34", "votes 35")),
        refused(&|b| digit(&mut b.result, "voided-before", "published")),
        refused(&|b| b.result.clear()),
        refused(&|b| b.log_checkpoint.clone_from(&whole.result)),
        refused(&|b| b.manifest = Bundle::from_zip(&sixty()).unwrap().manifest),
    ] {
        assert!(matches!(refused, PapersError::Result(NotAResult { line: 0 })), "{refused}");
        assert!(refused.to_string().contains("请先核验归档文件"), "{refused}");
    }
    let refused = refused(&|b| b.manifest.truncate(9));
    assert!(matches!(refused, PapersError::Manifest(_)), "{refused}");
    for garbage in [&b""[..], b"PK", &zip[..zip.len() - 1]] {
        let refused = Sheet::of_bundle(garbage).unwrap_err();
        assert!(matches!(refused, PapersError::Bundle(_)) && refused.to_string().contains(".zip"), "{refused}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let refused = papers::write(&every_ending(), &file.join("papers"), None).unwrap_err();
    assert!(matches!(refused, PapersError::Io(..)) && refused.to_string().contains("papers"), "{refused}");
}
