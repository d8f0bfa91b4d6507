//! Receipts as text, packed for pictures, as pictures, and looked up: on the bundle of the published vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_truncation, missing_docs)]

use std::{fs, path::Path};

use douxuan_ballot::receipts::{
    codes::{self, BadLog},
    gather,
    lookup::{self, Place, Signature},
    pack::{self, Problem},
    picture, report,
    text::{self, Found, Note},
};
use douxuan_crypto::{
    bundle::Bundle, contest::Contest, log::Log, manifest::Manifest, merkle, receipt::Receipt, screen_code,
    sign::SigningKey,
};
use serde_json::Value;

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own").join(name)).unwrap()
}

fn receipt(name: &str) -> String {
    String::from_utf8(file(&format!("bundle-small.receipt-{name}"))).unwrap()
}

fn bundle() -> Bundle {
    Bundle::from_zip(&file("bundle-small.zip")).unwrap()
}

fn manifest() -> Manifest {
    Manifest::parse(&bundle().manifest).unwrap()
}

fn only(text: &str) -> Note {
    match text::find(text).as_slice() {
        [Found::Note(note)] => note.clone(),
        other => panic!("{other:?}"),
    }
}

/// Receipts that this meeting's key did not sign: for the form alone.
fn made_up(count: u16) -> Vec<Note> {
    let note = only(&receipt("valid"));
    let each = |item: u16| {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&merkle::leaf_hash(&item.to_be_bytes()));
        let leaf = merkle::leaf_hash(&signature);
        Note { contest: Contest::new(item, 1), leaf, signature, ..note.clone() }
    };
    (1..=count).map(each).collect()
}

#[test]
fn a_note_is_read_from_the_text_of_a_mail_and_is_the_same_to_the_byte() {
    let note = receipt("valid");
    assert_eq!(only(&note).to_text(), note);
    let quoted =
        format!("您好：\r\n\r\n{}\r\n谢谢", note.lines().map(|l| format!(">  {l} ")).collect::<Vec<_>>().join("\r\n"));
    assert_eq!(only(&quoted).to_text(), note);
    assert_eq!(only(&note.replace('\u{2014}', "--")).to_text(), note, "a dash that a program replaced");
    let two = format!("{}\n{note}{note}", receipt("voided-contest"));
    assert_eq!(text::find(&two).len(), 3);
    assert_eq!(gather(&two).unwrap().len(), 2, "the same receipt twice is one");
    assert_eq!(text::find("没有回执"), []);
}

#[test]
fn a_note_cut_short_is_said_to_be_cut_short() {
    let note = receipt("valid");
    for end in [60, 130, 200, note.len() - 3] {
        assert_eq!(text::find(&note[..end]), [Found::Broken(1)], "{end} characters");
    }
    let mixed = format!("{}\n{note}", &note[..130]);
    assert!(matches!(text::find(&mixed).as_slice(), [Found::Broken(1), Found::Note(_)]));
    assert_eq!(text::find(&note.replace("1/2\n", "01/2\n")), [Found::Broken(1)], "only the one form of a number");
}

#[test]
fn packed_and_unpacked_is_the_same_for_one_to_many_receipts() {
    for count in [1, 2, 7, 8, 60, 241] {
        let notes = made_up(count);
        let parts = pack::pack(&notes).unwrap();
        assert!(parts.len() <= usize::from(count).div_ceil(6), "{count}: {}", parts.len());
        assert!(parts.iter().all(|part| part.len() <= 1_035), "{count}: {}", parts[0].len());
        assert_eq!(pack::unpack(&parts.join("\n")).unwrap(), notes, "{count}");
        let backwards: Vec<&str> = parts.iter().rev().chain(&parts).map(String::as_str).collect();
        assert_eq!(pack::unpack(&format!("二维码 {} 完", backwards.join(" "))).unwrap(), notes, "any order, twice");
    }
}

#[test]
fn nothing_or_receipts_of_two_meetings_are_not_packed() {
    assert_eq!(pack::pack(&[]), Err(Problem::Nothing));
    let mut notes = made_up(2);
    notes[1].manifest[0] ^= 1;
    assert_eq!(pack::pack(&notes), Err(Problem::OtherMeeting));
}

#[test]
fn parts_cut_short_changed_missing_or_of_two_phones_are_refused_each_in_its_words() {
    let parts = pack::pack(&made_up(20)).unwrap();
    assert_eq!(parts.len(), 4);
    assert_eq!(pack::unpack("nothing"), Err(Problem::Nothing));
    assert_eq!(pack::unpack(&parts[1]), Err(Problem::Missing { parts: vec![1, 3, 4], of: 4 }));
    let cut = |n: usize| {
        parts.iter().enumerate().map(|(i, p)| if i == 2 { &p[..n] } else { p }).collect::<Vec<_>>().join("\n")
    };
    for n in [4, 7, 10, 16] {
        assert_eq!(pack::unpack(&cut(n)), Err(Problem::Unreadable(3)), "{n} characters");
    }
    assert_eq!(pack::unpack(&cut(parts[2].len() - 1)), Err(Problem::Checksum), "cut short inside its data");
    assert_eq!(pack::unpack(&parts.join("\n").to_lowercase()), Err(Problem::Nothing));
    assert_eq!(pack::unpack(&parts.join("\n").replace(":", ";")), Err(Problem::Nothing));

    let swap = |c: &str| if c == "A" { "B" } else { "A" };
    let end = parts[3].len() - 40;
    let changed = format!("{}{}{}", &parts[3][..end], swap(&parts[3][end..=end]), &parts[3][end + 1..]);
    assert_eq!(
        pack::unpack(&[&parts[..3], std::slice::from_ref(&changed)].concat().join("\n")),
        Err(Problem::Checksum)
    );
    assert_eq!(
        pack::unpack(&[parts.clone(), vec![changed]].concat().join("\n")),
        Err(Problem::Checksum),
        "twice, not the same"
    );

    let other = pack::pack(&made_up(21)).unwrap();
    assert_eq!(pack::unpack(&[&parts[..3], &other[3..]].concat().join("\n")), Err(Problem::OtherPhone));
    for bad in [
        "DX1:0/1:00000000:00",
        "DX1:2/1:00000000:00",
        "DX1:1/61:00000000:00",
        "DX1:1/1:0000000:00",
        "DX1:1/1:00000000:",
        "DX1:1/1:00000000:0U",
        "DX1:1/1:00000000:00:00",
        "DX1:x/1:00000000:00",
    ] {
        assert_eq!(pack::unpack(bad), Err(Problem::Unreadable(1)), "{bad}");
    }
    assert_eq!(pack::unpack("DX1:1/1:00000000:00"), Err(Problem::Checksum));
}

/// A picture of a QR code: `scale` pixels a module, a light border, `shade` gray for dark.
fn photographed(part: &str, scale: usize, shade: u8) -> (Vec<u8>, usize) {
    let drawn = picture::draw(part.as_bytes()).unwrap();
    let (width, modules) = (usize::from(drawn[0]), &drawn[1..]);
    assert_eq!(modules.len(), width * width);
    let side = (width + 8) * scale;
    let mut gray = vec![230u8; side * side];
    for (i, _) in modules.iter().enumerate().filter(|(_, module)| **module == 1) {
        let (row, column) = (i / width + 4, i % width + 4);
        for y in row * scale..(row + 1) * scale {
            gray[y * side + column * scale..][..scale].fill(shade);
        }
    }
    (gray, side)
}

/// The same picture as a camera held at an angle sees it: turned, and smaller.
fn turned(gray: &[u8], side: usize, degrees: f64, shrink: f64) -> (Vec<u8>, usize) {
    let wide = (side as f64 * 1.5) as usize;
    let (sin, cos) = (degrees.to_radians().sin(), degrees.to_radians().cos());
    let mut out = vec![200u8; wide * wide];
    for (i, pixel) in out.iter_mut().enumerate() {
        let (x, y) = ((i % wide) as f64 - wide as f64 / 2.0, (i / wide) as f64 - wide as f64 / 2.0);
        let (u, v) =
            ((x * cos + y * sin) / shrink + side as f64 / 2.0, (y * cos - x * sin) / shrink + side as f64 / 2.0);
        if (0.0..side as f64).contains(&u) && (0.0..side as f64).contains(&v) {
            *pixel = gray[v as usize * side + u as usize];
        }
    }
    (out, wide)
}

#[test]
fn a_part_is_read_from_its_picture_straight_turned_and_pale() {
    let parts = pack::pack(&made_up(12)).unwrap();
    for part in &parts {
        for (scale, shade) in [(3, 0), (6, 0), (4, 140)] {
            let (gray, side) = photographed(part, scale, shade);
            assert_eq!(
                picture::read(&gray, side, side),
                std::slice::from_ref(part),
                "{scale} pixels a module, {shade}"
            );
        }
        let (gray, side) = photographed(part, 8, 20);
        for (degrees, shrink) in [(3.0, 0.7), (7.0, 0.7), (-20.0, 0.6), (180.0, 1.0)] {
            let (gray, side) = turned(&gray, side, degrees, shrink);
            assert_eq!(picture::read(&gray, side, side), std::slice::from_ref(part), "{degrees} degrees, {shrink}");
        }
    }
}

#[test]
fn a_picture_without_a_code_of_another_size_or_too_much_text_gives_nothing() {
    assert!(picture::read(&[200; 90_000], 300, 300).is_empty());
    assert!(picture::read(&[200; 90_000], 300, 301).is_empty());
    assert!(picture::read(&[], 0, 0).is_empty());
    assert!(picture::read(&[0; 4], usize::MAX, 2).is_empty());
    let noise: Vec<u8> = (0..250_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(picture::read(&noise, 500, 500).is_empty());
    assert!(picture::draw(&[b'A'; 5_000]).is_none());
}

#[test]
fn a_receipt_is_held_changed_or_of_another_meeting() {
    let (manifest, note) = (manifest(), only(&receipt("valid")));
    assert_eq!(lookup::signature(&manifest, &note), Signature::Held);
    assert_eq!(lookup::signature(&manifest, &only(&receipt("forged"))), Signature::False);
    let changes: [fn(&mut Note); 4] = [
        |note| note.leaf[0] ^= 1,
        |note| note.contest.item += 1,
        |note| note.signature[63] ^= 1,
        |note| note.key[0] ^= 1,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut changed = note.clone();
        change(&mut changed);
        assert_eq!(lookup::signature(&manifest, &changed), Signature::False, "change {n}");
    }
    let others: [fn(&mut Note); 2] = [|note| note.meeting[0] ^= 1, |note| note.manifest[0] ^= 1];
    for (n, change) in others.into_iter().enumerate() {
        let mut changed = note.clone();
        change(&mut changed);
        assert_eq!(lookup::signature(&manifest, &changed), Signature::OtherMeeting, "meeting {n}");
    }
    // Packing does not vouch for anything: what is checked is what comes out.
    let packed = pack::pack(&[only(&receipt("forged"))]).unwrap().join("\n");
    assert_eq!(lookup::signature(&manifest, &pack::unpack(&packed).unwrap()[0]), Signature::False);
}

#[test]
fn a_ballot_is_on_its_board_or_is_not_and_a_changed_board_finds_nothing() {
    let (bundle, manifest) = (bundle(), manifest());
    let board = |contest: Contest| {
        let files = &bundle.boards[&(contest.item, u16::from(contest.round))];
        (files.entries.clone().unwrap(), files.checkpoint.clone().unwrap())
    };
    let look = |name: &str| {
        let note = only(&receipt(name));
        let (entries, checkpoint) = board(note.contest);
        lookup::place(&manifest, note.contest, &note.leaf, &entries, &checkpoint)
    };
    assert_eq!(look("valid"), Place::OnBoard);
    assert_eq!(look("voided-contest"), Place::OnBoard);
    assert_eq!(look("absent"), Place::NotOnBoard);

    let note = only(&receipt("valid"));
    let (entries, checkpoint) = board(note.contest);
    let find = |entries: &[u8], checkpoint: &[u8]| {
        lookup::place_in_words(&manifest, note.to_text().as_bytes(), entries, checkpoint)
    };
    assert_eq!(find(&entries, &checkpoint), "on_board");
    let mut changed = entries.clone();
    changed[40] ^= 1;
    assert_eq!(find(&changed, &checkpoint), "other_board");
    assert_eq!(find(&entries[..entries.len() - 1], &checkpoint), "other_board");
    assert_eq!(find(&[], &checkpoint), "other_board");
    let (other, other_checkpoint) = board(Contest::new(1, 1));
    assert_eq!(find(&other, &other_checkpoint), "unsigned_board", "the board of another round");
    let mut unsigned = checkpoint.clone();
    *unsigned.iter_mut().rev().nth(5).unwrap() ^= 1;
    assert_eq!(find(&entries, &unsigned), "unsigned_board");
    assert_eq!(lookup::place_in_words(&manifest, receipt("forged").as_bytes(), &entries, &checkpoint), "not_held");
}

#[test]
fn a_page_is_told_of_every_receipt_in_a_text() {
    let manifest = manifest();
    let mut other = only(&receipt("valid"));
    other.manifest[0] ^= 1;
    let valid = receipt("valid");
    let text = format!("{valid}\n{}\n{}\n{}", receipt("forged"), other.to_text(), &valid[..100]);
    let json: Value = serde_json::from_str(&lookup::receipts_as_json(&manifest, &gather(&text).unwrap())).unwrap();
    let states: Vec<&str> = json.as_array().unwrap().iter().map(|each| each["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["held", "false", "other_meeting", "broken"]);
    assert_eq!(json[0]["note"].as_str().unwrap(), valid);
    assert_eq!((json[0]["item"].as_u64(), json[0]["round"].as_u64()), (Some(1), Some(2)));
    assert_eq!(json[2]["code"].as_str().unwrap(), screen_code::manifest_code(&other.manifest));
}

#[test]
fn the_rehearsal_and_contests_that_no_manifest_has_are_not_signed_for() {
    let key = SigningKey::from_seed(&[7; 32]);
    let mut manifest = manifest();
    manifest.receipt_key = key.verifying();
    let issue = |contest| only(&Receipt::issue(&manifest, contest, &[9; 32], &key).note);
    assert_eq!(lookup::signature(&manifest, &issue(Contest::REHEARSAL)), Signature::Held);
    assert_eq!(lookup::signature(&manifest, &issue(Contest::new(999, 1))), Signature::False);
}

#[test]
fn the_codes_are_those_of_the_audit_and_a_longer_log_is_not_believed() {
    let (bundle, manifest) = (bundle(), manifest());
    let (entries, checkpoint) = (&bundle.log_entries, &bundle.log_checkpoint);
    let json: Value = serde_json::from_str(&codes::as_json(&manifest, entries, checkpoint).unwrap()).unwrap();
    assert_eq!(json["manifest"]["code"], screen_code::manifest_code(&manifest.id));
    let log = Log::decode(&manifest, entries).unwrap();
    assert_eq!(json["log"]["size"], log.size());
    assert_eq!(json["log"]["code"], screen_code::log_code(log.size(), &log.root()));
    let boards = json["boards"].as_array().unwrap();
    assert_eq!(boards.len(), log.state().contests().len());
    for board in boards.iter().filter(|board| board["state"] != "destroyed") {
        assert_eq!(board["code"].as_str().unwrap().len(), 39, "{board}");
    }

    let minutes = {
        let (size, root) = log.head_at(3);
        screen_code::log_code(size, &root)
    };
    assert_eq!(codes::size_at(&manifest, entries, &minutes), Some(3));
    assert_eq!(codes::size_at(&manifest, entries, &minutes.replace(' ', "")), None);

    let shorter = log.entries()[..3].concat();
    assert_eq!(codes::as_json(&manifest, &shorter, checkpoint), Err(BadLog::Other));
    let mut changed = entries.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(codes::as_json(&manifest, &changed, checkpoint), Err(BadLog::Other));
    let mut unsigned = checkpoint.clone();
    *unsigned.iter_mut().rev().nth(5).unwrap() ^= 1;
    assert_eq!(codes::as_json(&manifest, entries, &unsigned), Err(BadLog::Unsigned));
}

#[test]
fn the_audit_of_a_page_is_the_audit_of_the_command() {
    let zip = file("bundle-small.zip");
    let json =
        |receipts: &[Vec<u8>]| -> Value { serde_json::from_str(&report::audit_as_json(&zip, receipts)).unwrap() };
    let held = json(&[file("bundle-small.receipt-valid")]);
    assert_eq!((held["exit"].as_u64(), held["failed"].as_str()), (Some(0), Some("")));
    assert_eq!(held["steps"].as_array().unwrap().len(), 14);
    assert_eq!(held["steps"][12]["verdict_zh"], "成立");
    assert_eq!(held["meeting"]["code"].as_str().unwrap().len(), 39);
    assert!(held["summary"].as_str().unwrap().contains('\n'));
    let failed = json(&[file("bundle-small.receipt-absent")]);
    assert_eq!((failed["exit"].as_u64(), failed["failed"].as_str()), (Some(1), Some("V13")));
    assert!(failed["steps"][12]["why"].as_str().unwrap().contains("missing"));
    let none: Value = serde_json::from_str(&report::audit_as_json(b"PK\x03\x04", &[])).unwrap();
    assert_eq!((none["exit"].as_u64(), &none["meeting"]), (Some(2), &Value::Null));
    assert_ne!(none["why"], "");
}

#[test]
fn the_files_of_a_bundle_are_handed_out_whole() {
    let mut rest = report::files(&file("bundle-small.zip")).unwrap();
    let mut take = || {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let part = rest[4..4 + length].to_vec();
        rest.drain(..4 + length);
        (part, rest.is_empty())
    };
    let mut files = Vec::new();
    loop {
        let (path, _) = take();
        let (data, last) = take();
        files.push((String::from_utf8(path).unwrap(), data));
        if last {
            break;
        }
    }
    let bundle = bundle();
    let expected: Vec<(String, Vec<u8>)> =
        bundle.files().into_iter().map(|(path, data)| (path, data.to_vec())).collect();
    assert_eq!(files, expected);
    assert!(report::files(b"no bundle").is_err());
}
