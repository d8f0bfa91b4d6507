//! The sheet of results as PDF, read by other programs: pdftotext and pdfinfo of poppler-utils, zbarimg of zbar-tools.
//! Needs the feature `pdf`, these two packages and fonts-noto-cjk.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod papers_meeting;

use std::{fs, path::Path, process::Command, sync::LazyLock};

use douxuan::papers::{PapersError, Sheet, pdf::Fonts};
use douxuan_crypto::manifest::{Base, Manifest, OptionKind};
use papers_meeting::{bundle, contests_of, every_ending, manifest_of, note_lines, official, payloads, sixty, twice};

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::find(None).unwrap());

fn pdf(zip: &[u8]) -> Vec<u8> {
    Sheet::of_bundle(zip).unwrap().pdf(&FONTS).unwrap()
}

fn tool(name: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sheet.pdf");
    fs::write(&path, pdf).unwrap();
    let mut command = Command::new(name);
    command.args(arguments).arg(&path);
    if name == "pdftotext" {
        command.arg("-");
    }
    let done = command.output().unwrap_or_else(|error| panic!("{name} of poppler-utils: {error}"));
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The words on paper, cell by cell, one space between them.
fn words(pdf: &[u8]) -> String {
    let text = tool("pdftotext", &["-raw"], pdf);
    format!(" {} ", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Without spaces, and without the places where a long word may break.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// One decimal, halves up, in whole numbers.
fn share(votes: &str, base: &str) -> Option<String> {
    let (votes, base): (u64, u64) = (votes.parse().unwrap(), base.parse().unwrap());
    let permille = (2000 * votes + base).checked_div(2 * base)?;
    Some(format!("{}.{}%", permille / 10, permille % 10))
}

/// The figures of each row of the table, from the note's own lines, as they follow each other on paper.
fn rows(zip: &[u8], manifest: &Manifest) -> Vec<String> {
    let mut rows = Vec::new();
    for (name, lines) in contests_of(zip) {
        let (_, round) = name.split_once('/').unwrap();
        let [e, p, total] = ["electronic", "paper", "total"].map(|kind| &lines[kind]);
        let mut row = vec![round.to_owned()];
        row.extend([total[0].clone(), format!("电子{}", e[0]), format!("纸票{}", p[0])]);
        row.extend([total[1].clone(), format!("电子{}", e[1]), format!("纸票{}", p[1]), total[2].clone()]);
        match lines.get("votes") {
            Some(votes) => {
                row.push(lines["valid"][0].clone());
                let base = if manifest.thresholds.base == Base::Valid { &lines["valid"][0] } else { &total[1] };
                for (option, votes) in manifest.scale.iter().zip(votes) {
                    row.push(votes.clone());
                    row.extend(share(votes, base).filter(|_| option.kind == OptionKind::Grade));
                }
            }
            None if lines["contest"][1] == "withheld" => row.push("票数过少，不公布".to_owned()),
            None => row.push("公布前作废".to_owned()),
        }
        row.extend([p[2].clone(), p[3].clone()]);
        match lines.get("threshold") {
            Some(found) if found[3] == "none" => {}
            Some(found) => row.extend([3, 4].map(|at| if found[at] == "yes" { "是" } else { "否" }.to_owned())),
            None => row.extend(["—", "—"].map(str::to_owned)),
        }
        rows.push(row.join(" "));
    }
    rows
}

fn compare(zip: &[u8]) -> usize {
    let (pdf, manifest) = (pdf(zip), manifest_of(zip));
    let (words, rows) = (words(&pdf), rows(zip, &manifest));
    let mut rest = words.as_str();
    for row in &rows {
        let at = rest.find(&format!(" {row} ")).unwrap_or_else(|| panic!("{row} in {rest}"));
        rest = &rest[at + 1 + row.len()..];
    }
    let squeezed = squeezed(&words);
    for (_, lines) in contests_of(zip) {
        assert!(squeezed.contains(&lines["contest"][3]), "the root of {}", lines["contest"][0]);
    }
    rows.len()
}

#[test]
fn every_row_on_paper_has_the_figures_of_the_signed_result() {
    assert_eq!(compare(&every_ending()), 8);
    assert_eq!(compare(&sixty()), 120);
}

#[test]
fn the_paper_of_a_meeting_that_the_verifier_accepts_shows_its_result() {
    let zip = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own/bundle-small.zip")).unwrap();
    assert!(compare(&zip) > 3);
}

#[test]
fn the_paper_says_what_meeting_it_is_and_who_signs() {
    let zip = every_ending();
    let (pdf, sheet) = (pdf(&zip), Sheet::of_bundle(&zip).unwrap());
    let text = squeezed(&words(&pdf));
    let slips = note_lines(&zip).into_iter().find(|line| line[0] == "slips").unwrap();
    let said = [
        "日期：2026年12月14日".to_owned(),
        "应到：500人".to_owned(),
        format!("票纸：{}张，其中作废{}张，未用{}张", slips[1], slips[2], slips[3]),
        "第2次登记：实到430人，累计登记420人，累计改用纸票10人".to_owned(),
        "占比的基数是有效票（含纸票）".to_owned(),
        "各轮分别列出，不相加。".to_owned(),
        "监票人：计票人：主持人：日期：".to_owned(),
        "11×5=55≥55×1=55".to_owned(),
        "无票可算".to_owned(),
        "未测评".to_owned(),
        format!("会议编号{}", sheet.meeting),
    ];
    for said in said {
        assert!(text.contains(&said), "{said}");
    }
    let heads = [&sheet.log, &sheet.log_before];
    let all = heads.iter().flat_map(|head| [&head.root, &head.code]).chain([&sheet.manifest, &sheet.manifest_code]);
    for print in all.chain([&sheet.result]) {
        assert!(text.contains(&squeezed(print)), "{print}");
    }
    let about = tool("pdfinfo", &[], &pdf);
    assert!(about.contains("(A4)") && about.contains("841.89 x 595"), "A4 landscape: {about}");
    assert!(!about.contains("CreationDate") && !about.contains("ModDate"), "no time: {about}");
}

/// What a scanner reads off the printed pages, at 200 dots an inch.
fn scanned(pdf: &[u8]) -> std::collections::BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let sheet = folder.path().join("sheet.pdf");
    fs::write(&sheet, pdf).unwrap();
    let drawn =
        Command::new("pdftoppm").args(["-gray", "-r", "200"]).args([&sheet, &folder.path().join("page")]).status();
    assert!(drawn.unwrap().success(), "pdftoppm of poppler-utils");
    let mut texts = std::collections::BTreeSet::new();
    for page in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        if page.extension().is_none_or(|ending| ending != "pgm") {
            continue;
        }
        let read = Command::new("zbarimg")
            .args(["--nodbus", "-q", "--xml", "-Sdisable", "-Sqrcode.enable"])
            .arg(&page)
            .output();
        let read = String::from_utf8(read.expect("zbarimg of zbar-tools").stdout).unwrap();
        texts.extend(read.split("<![CDATA[").skip(1).map(|text| text.split("]]>").next().unwrap().to_owned()));
    }
    texts
}

#[test]
fn the_codes_scanned_off_the_page_hold_every_root() {
    for zip in [every_ending(), sixty()] {
        let sheet = Sheet::of_bundle(&zip).unwrap();
        let texts = scanned(&sheet.pdf(&FONTS).unwrap());
        assert!(texts.iter().all(|text| text.starts_with(&format!("douxuan {}\n", sheet.meeting))));
        let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines().skip(1)).collect();
        let mut expected = vec![
            format!("manifest {}", sheet.manifest),
            format!("log {} {}", sheet.log.size, sheet.log.root),
            format!("result {}", sheet.result),
        ];
        expected.extend(
            contests_of(&zip)
                .iter()
                .map(|(name, lines)| format!("board {name} {} {}", lines["contest"][2], lines["contest"][3])),
        );
        assert_eq!(lines.len(), expected.len());
        for line in expected {
            assert!(lines.contains(&line.as_str()), "{line}");
        }
    }
}

#[test]
fn no_name_becomes_markup_a_link_or_a_script() {
    let (mut seen, mut wanted) = (0, 0);
    for zip in payloads::meetings() {
        let pdf = pdf(&zip);
        let text = squeezed(&words(&pdf));
        for item in manifest_of(&zip).items {
            for name in [item.name, item.unit, item.post] {
                wanted += 1;
                seen += usize::from(text.contains(&squeezed(&name)));
                assert!(text.contains(&squeezed(&name)), "{name}");
            }
        }
        assert_eq!(tool("pdfinfo", &["-url"], &pdf).lines().count(), 1, "a heading and no address");
        assert_eq!(tool("pdfinfo", &["-js"], &pdf).trim(), "");
        assert!(compare(&zip) > 0);
    }
    assert!(seen == wanted && seen >= 200, "{seen} of {wanted}");
}

#[test]
fn names_with_rare_characters_are_printed() {
    let names = ["王喆", "李翀", "陈堃", "赵璟", "周镕", "吴𬱖", "欧阳㛃"];
    let items = (1u16..).zip(names).map(|(number, name)| official(number, name, 1)).collect();
    let text = squeezed(&words(&pdf(&bundle(items, &[], |_| {}))));
    for name in names {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn a_character_that_no_font_has_is_named_instead_of_printed_as_a_box() {
    let zip = bundle(vec![official(1, "王\u{13000}\u{10FFFD}", 1)], &[], |_| {});
    let refused = Sheet::of_bundle(&zip).unwrap().pdf(&FONTS).unwrap_err();
    assert!(matches!(&refused, PapersError::NoGlyph(missing) if missing.len() == 2), "{refused}");
    assert!(refused.to_string().contains("U+13000") && refused.to_string().contains("字体文件"), "{refused}");
}

#[test]
fn a_machine_without_a_chinese_font_is_told_what_to_install() {
    let empty = tempfile::tempdir().unwrap();
    let refused = Fonts::find_in(None, &[empty.path().to_owned()]).err().unwrap();
    let said = refused.to_string();
    assert!(matches!(refused, PapersError::NoFont(_)));
    assert!(said.contains("apt install fonts-noto-cjk") && said.contains(empty.path().to_str().unwrap()), "{said}");
    let refused = Fonts::find_in(Some(&empty.path().join("nowhere")), &[]).err().unwrap();
    assert!(matches!(refused, PapersError::Io(..)), "{refused}");
    assert!(Fonts::find_in(Some(Path::new("/usr/share/fonts/opentype/noto")), &[]).is_ok(), "a folder of one's own");
}

#[test]
#[ignore = "run by the next test in a process of its own"]
fn writes_a_pdf_where_it_is_told() {
    twice::write(|| vec![("pdf", pdf(&every_ending()))]);
}

#[test]
#[cfg(target_os = "linux")]
fn the_same_bundle_gives_the_same_pdf_an_hour_later() {
    twice::an_hour_apart("writes_a_pdf_where_it_is_told", &["pdf"]);
}
