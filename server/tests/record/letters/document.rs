//! The letter as a Word document, read back.

use super::*;

/// A Word document, taken apart.
pub(super) struct Docx {
    pub(super) bytes: Vec<u8>,
    parts: Vec<(String, String)>,
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

impl Docx {
    pub(super) fn open(bytes: Vec<u8>) -> Self {
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

    pub(super) fn part(&self, name: &str) -> roxmltree::Document<'_> {
        let (_, text) = self.parts.iter().find(|(part, _)| part == name).unwrap();
        roxmltree::Document::parse(text).unwrap()
    }

    /// What stands in each paragraph of a part.
    pub(super) fn paragraphs(&self, name: &str) -> Vec<String> {
        let document = self.part(name);
        let paragraphs = document.descendants().filter(|node| node.has_tag_name((W, "p")));
        let text = |node: roxmltree::Node<'_, '_>| {
            let runs = node.descendants().filter(|node| node.has_tag_name((W, "t")));
            runs.filter_map(|run| run.text()).collect::<String>()
        };
        paragraphs.map(text).collect()
    }

    pub(super) fn says(&self) -> String {
        self.paragraphs("word/document.xml").join("\n")
    }

    pub(super) fn headers(&self) -> String {
        let names = self.parts.iter().filter(|(name, _)| name.starts_with("word/header"));
        names.flat_map(|(name, _)| self.paragraphs(name)).collect::<Vec<_>>().join("\n")
    }
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
    let (_, dossiers) = year.with_a_result().await;
    let opinion = year.admin.does(&format!("dossiers/{}/opinions", dossiers[0]), json!({ "text": evil })).await;
    second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    let body = json!({ "number": "<w:t>1&号", "office": "=cmd|'/c calc'!A0<&>", "date": "2026-12-14" });
    let letter = id(&year.admin.does(&format!("dossiers/{}/letter", dossiers[0]), body).await);
    let answered = year.admin.get(&format!("letters/{letter}/letter.docx")).await;
    let saved = answered.headers["content-disposition"].to_str().unwrap().to_owned();
    assert!(saved.is_ascii() && !saved.contains("cmd") && !saved.contains(".."), "{saved}");
    let docx = Docx::open(answered.bytes);
    let says = docx.says();
    assert!(says.contains(evil) && says.contains("<w:t>1&号") && says.contains("=cmd|'/c calc'!A0<&>"), "{says}");
    let document = docx.part("word/document.xml");
    assert!(!document.descendants().any(|node| node.has_tag_name((W, "fldSimple")) || node.is_comment()));
    for (name, word) in [("某\u{7}", "控制字符"), ("某\u{202e}函", "控制字符"), ("", "空着")] {
        let body = json!({ "version": 1, "number": name, "office": "某办", "date": "2026-12-14" });
        year.admin.refused(&format!("letters/{letter}"), body, 409, word).await;
    }
}

/// A program that knows nothing of the writer: LibreOffice where it is installed, the ZIP and XML readers of Python
/// everywhere else. Gives the document's words.
pub(crate) fn read_by_another(bytes: &[u8]) -> String {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.docx");
    std::fs::write(&path, bytes).unwrap();
    let office = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .args(["--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir"])
        .arg(folder.path())
        .arg(&path)
        .output();
    if let Ok(done) = office {
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        return std::fs::read_to_string(folder.path().join("read.txt")).unwrap();
    }
    let program = "import sys,zipfile,xml.etree.ElementTree as E\n\
                   z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\n\
                   [E.fromstring(z.read(n)) for n in z.namelist() if n.endswith(('.xml','.rels'))]\n\
                   w='{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'\n\
                   sys.stdout.reconfigure(encoding='utf8')\n\
                   for p in E.fromstring(z.read('word/document.xml')).iter(w+'p'): print(''.join(t.text or '' for t in p.iter(w+'t')))";
    let done = Command::new("python3").args(["-c", program]).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}' && *c != '\u{200b}').collect()
}

#[tokio::test]
async fn another_program_reads_every_word_of_a_letter() {
    let review = reviewed().await;
    let dossier = &review.dossiers[0];
    let opinion = review.opinion(dossier, "基层走访还不够。\n建议每季度一次。 <b>&amp; =1+1").await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    let shown = review.year.chair.reads(&format!("letters/{letter}")).await;
    let bytes = review.docx(&letter).await.bytes;
    let read = tokio::task::spawn_blocking(move || squeezed(&read_by_another(&bytes))).await.unwrap();
    for line in shown["lines"].as_array().unwrap() {
        let text = squeezed(line["text"].as_str().unwrap());
        assert!(read.contains(&text), "{text}: {read}");
    }
}

#[cfg(feature = "pdf")]
#[tokio::test]
async fn the_pdf_of_a_letter_opens_and_holds_name_figures_digest_and_screen_code() {
    let review = reviewed().await;
    let dossier = &review.dossiers[0];
    let evil = "#eval(\"1\") $x$ [*粗*] </w:t> =cmd";
    let opinion = review.opinion(dossier, evil).await;
    review.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
    let letter = review.draft(dossier, "示例函〔2026〕1号").await;
    let draft = review.year.auditor.get(&format!("letters/{letter}/letter.pdf")).await;
    assert_eq!(draft.status, StatusCode::OK, "{}", draft.json());
    let shown = review.year.chair.reads(&format!("letters/{letter}")).await;
    let approved = review.approve(&letter).await;
    let pdf = review.year.auditor.get(&format!("letters/{letter}/letter.pdf")).await.bytes;
    assert_eq!(
        approved["fixed"]["pdf"],
        douxuan_crypto::bytes::hex(&douxuan_crypto::hash::sha256(&pdf)).as_str(),
        "the bytes that were approved"
    );
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("letter-draft.pdf"), &draft.bytes).unwrap();
    std::fs::write(folder.join("letter.pdf"), &pdf).unwrap();
    let words = |name: &str| {
        let done = std::process::Command::new("pdftotext").args(["-raw", name, "-"]).current_dir(folder).output();
        let done = done.expect("pdftotext of poppler-utils");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        squeezed(&String::from_utf8(done.stdout).unwrap())
    };
    assert!(words("letter-draft.pdf").contains("草稿"));
    let read = words("letter.pdf");
    assert!(!read.contains("草稿"));
    let note = review.year.auditor.reads("results").await[0].clone();
    for text in [
        "示例甲同志",
        "好5票",
        "收回12张",
        evil,
        note["note_hash"].as_str().unwrap(),
        note["screen_code"].as_str().unwrap(),
    ] {
        assert!(read.contains(&squeezed(text)), "{text}: {read}");
    }
    for line in shown["lines"].as_array().unwrap() {
        let text = squeezed(line["text"].as_str().unwrap());
        assert!(read.contains(&text), "{text}: {read}");
    }
}
