//! The commands as a person runs them, on the bundles of the published vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod hall;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/own")
}

fn bundle() -> String {
    vectors().join("bundle-small.zip").display().to_string()
}

fn receipt(name: &str) -> String {
    vectors().join(format!("bundle-small.receipt-{name}")).display().to_string()
}

fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_douxuan-ballot")).args(arguments).output().unwrap();
    (output.status.code().unwrap(), said(&output))
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn verify_prints_every_step_and_what_was_not_asked_for_is_not_passed() {
    let (status, text) = run(&["verify", &bundle()]);
    assert_eq!(status, 0, "{text}");
    for step in 1..=14 {
        assert!(text.contains(&format!("V{step} ")), "{text}");
    }
    assert!(text.contains("屏幕码") && text.contains("没有一步不成立"));
    assert!(text.contains("V13 回执 receipts: 无需核对 none required"), "{text}");
    assert!(text.contains("V14 联署 cosignatures: 无需核对 none required"), "{text}");
    let (status, text) = run(&["verify", &bundle(), "--receipt", &receipt("valid")]);
    assert_eq!(status, 0);
    assert!(text.contains("V13 回执 receipts: 成立 held"), "{text}");
    assert!(text.contains("数量 count: 1"));
}

#[test]
fn verify_fails_at_the_step_and_does_not_go_on() {
    for name in ["forged", "absent", "wrong-contest"] {
        let (status, text) = run(&["verify", &bundle(), "--receipt", &receipt(name)]);
        assert_eq!(status, 1, "{name}: {text}");
        assert!(text.contains("V13 不成立") && text.contains("V14 联署 cosignatures: 未核对 not reached"), "{text}");
    }
    let (status, text) = run(&["verify", &bundle(), "--receipt", "/no/such/file"]);
    assert_eq!(status, 1, "a receipt that cannot be read does not verify: {text}");
}

#[test]
fn what_is_no_bundle_ends_with_2() {
    let (status, text) = run(&["verify", &receipt("valid")]);
    assert_eq!(status, 2);
    assert!(text.contains("不是审计包"), "{text}");
    assert_eq!(run(&["verify", "/no/such/file"]).0, 2);
    assert_eq!(run(&["verify"]).0, 2);
}

#[test]
fn verify_speaks_json_like_the_independent_verifier() {
    let json = |arguments: &[&str]| -> (i32, Value) {
        let (status, text) = run(&[&["verify", "--json"], arguments].concat());
        (status, serde_json::from_str(&text).unwrap())
    };
    let (status, held) = json(&[&bundle()]);
    assert_eq!((status, &held["exit"], &held["failed"]), (0, &Value::from(0), &Value::Null));
    assert_eq!(held["steps"].as_array().unwrap().len(), 14);
    assert_eq!(held["steps"][0]["step"], "V1");
    assert_eq!(held["steps"][0]["verdict"], "held");
    assert_eq!(held["steps"][12]["verdict"], "none required");
    let (status, failed) = json(&[&bundle(), "--receipt", &receipt("forged")]);
    assert_eq!((status, failed["failed"].as_str()), (1, Some("V13")));
    assert_eq!(failed["steps"][13]["verdict"], "not reached");
    assert_ne!(failed["steps"][12]["why"], "");
    let (status, none) = json(&[&receipt("valid")]);
    assert_eq!((status, none["failed"].as_str()), (2, Some("container")));
    assert!(none["steps"].as_array().unwrap().iter().all(|step| step["verdict"] == "not reached"));
}

#[test]
fn verify_takes_a_batch_of_paths() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_douxuan-ballot"))
        .args(["verify", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!("{}\n{}\t{}\n/no/such/file\n\n", bundle(), bundle(), receipt("forged"));
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let exits: Vec<u64> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["exit"].as_u64().unwrap())
        .collect();
    assert_eq!(exits, [0, 1, 2]);
}

#[test]
fn a_receipt_is_found_in_a_bundle_or_shown_to_be_missing() {
    let look = |name: &str| run(&["receipt", &receipt(name), "--bundle", &bundle()]);
    let (status, text) = look("valid");
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("在票箱里"));
    let (status, text) = look("absent");
    assert_eq!(status, 1);
    assert!(text.contains("不在票箱里"), "{text}");
    let (status, text) = look("forged");
    assert_eq!(status, 1);
    assert!(text.contains("不是本次会议的有效回执"), "{text}");
    assert_eq!(run(&["receipt", &receipt("valid")]).0, 2, "it must be told where to look");
}

#[test]
fn many_receipts_and_what_qr_codes_hold_are_looked_up_each() {
    use douxuan_ballot::receipts::{pack, text};
    let note = |name: &str| fs::read_to_string(receipt(name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receipts.txt");
    let look = |text: &str| {
        fs::write(&path, text).unwrap();
        run(&["receipt", &path.display().to_string(), "--bundle", &bundle()])
    };
    let good = format!("{}\n{}", note("valid"), note("voided-contest"));
    let (status, text) = look(&good);
    assert_eq!((status, text.matches("On the board").count()), (0, 2), "{text}");
    let notes: Vec<text::Note> = text::find(&good)
        .into_iter()
        .map(|found| match found {
            text::Found::Note(note) => note,
            text::Found::Broken(line) => panic!("line {line}"),
        })
        .collect();
    let packed = pack::pack(&notes).unwrap().join("\n");
    let (status, text) = look(&packed);
    assert_eq!((status, text.matches("On the board").count()), (0, 2), "{text}");
    let (status, text) = look(&format!("{packed}\n{}", note("absent")));
    assert_eq!((status, text.matches("proof of misconduct").count()), (1, 1), "{text}");
    assert_eq!(look(&packed[..packed.len() - 3]).0, 1);
    assert_eq!(look("").0, 1);
}

#[test]
fn a_receipt_is_not_found_in_a_changed_bundle() {
    // The container notices first, by its checksum: what matters is that a receipt is never found in it.
    let mut bytes = fs::read(bundle()).unwrap();
    let place = bytes.windows(5).position(|w| w == b"board").unwrap() + 900;
    bytes[place] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.zip");
    fs::write(&path, bytes).unwrap();
    let (status, text) = run(&["receipt", &receipt("valid"), "--bundle", &path.display().to_string()]);
    assert_ne!(status, 0, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spot_check_sees_another_page() {
    let (service, address) = hall::sockets::Service::start(hall::Hall::new(3, 1)).await;
    let url = format!("http://{address}");
    let check = move || run(&["spot-check", &url]);
    let (status, text) = tokio::task::spawn_blocking(check.clone()).await.unwrap();
    assert_eq!(status, 0, "{text}");
    assert_eq!(text.matches("一致 match").count(), 3, "{text}");
    *service.audit_wasm.lock().unwrap() = b"other".to_vec();
    let (status, text) = tokio::task::spawn_blocking(check.clone()).await.unwrap();
    assert_eq!(status, 1);
    assert!(text.contains("回执程序 receipt wasm: 不一致 DIFFER"), "{text}");
    *service.script.lock().unwrap() = b"another script".to_vec();
    let (status, text) = tokio::task::spawn_blocking(check).await.unwrap();
    assert_eq!(status, 1);
    assert!(text.contains("不一致 DIFFER"), "{text}");
}
