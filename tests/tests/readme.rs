//! The README's "How to audit", executed command by command: on the bundle of a meeting held for it, and on a forged one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use douxuan_tests::{console::Plan, forge::forged_cases, meeting::Meeting, second::Scratch};

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The commands of every block that is marked `sh audit`.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    let blocks = readme.split("```sh audit\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let commands: Vec<String> = blocks.flat_map(|b| b.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(commands.len() >= 4, "the README shows both verifiers, with and without a receipt");
    assert!(commands.iter().any(|c| c.starts_with("cargo ")) && commands.iter().any(|c| c.starts_with("python3 ")));
    commands
}

/// Runs a command as it stands, the two file names taken from a folder. Returns exit status and output.
fn run(command: &str, folder: &Path) -> (i32, String) {
    let file = |name: &str| folder.join(name).display().to_string();
    let command = command
        .replace(" bundle.zip", &format!(" {}", file("bundle.zip")))
        .replace(" receipt.txt", &format!(" {}", file("receipt.txt")));
    let output = Command::new("bash").args(["-c", &command]).current_dir(project()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn how_to_audit_works_as_written() {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all().await;
    let contests = meeting.contests();
    meeting.console.open(&contests);
    meeting.cast_all(&contests).await;
    let bundle = meeting.finish_and_check();
    let honest = Scratch::new("readme-honest");
    fs::write(honest.path().join("bundle.zip"), &bundle).unwrap();
    fs::write(honest.path().join("receipt.txt"), meeting.phones[0].receipt(contests[0]).unwrap().1).unwrap();

    let forged = Scratch::new("readme-forged");
    let case = forged_cases().into_iter().find(|c| c.fails.is_some_and(|s| s.to_string() == "V8")).unwrap();
    fs::write(forged.path().join("bundle.zip"), &case.zip).unwrap();
    fs::write(forged.path().join("receipt.txt"), "not a receipt\n").unwrap();

    let garbage = Scratch::new("readme-garbage");
    fs::write(garbage.path().join("bundle.zip"), "not a bundle").unwrap();
    fs::write(garbage.path().join("receipt.txt"), "not a receipt\n").unwrap();

    for command in commands() {
        let (status, text) = run(&command, honest.path());
        assert_eq!(status, 0, "{command}\n{text}");
        assert!(text.contains("V14") && text.contains("none required"), "{command}\n{text}");
        let receipt = text.lines().find(|l| l.trim_start().starts_with("V13")).unwrap();
        assert_eq!(receipt.contains("none required"), !command.contains("--receipt"), "{receipt}");

        let (status, text) = run(&command, forged.path());
        assert_eq!(status, 1, "{command}\n{text}");
        let failed = text.lines().find(|l| l.contains("failed")).unwrap();
        assert!(failed.trim_start().starts_with("V8"), "{failed}");

        let (status, text) = run(&command, garbage.path());
        assert_eq!(status, 2, "{command}\n{text}");
    }
}

#[test]
fn every_folder_and_command_that_the_readme_names_is_there() {
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    for path in ["crypto/PROTOCOL.md", "tests/run", "tests/independent/verify.py", "server", "ballot-client"] {
        assert!(readme.contains(path.split('/').next_back().unwrap()), "{path}");
        assert!(project().join(path).exists(), "{path}");
    }
}

#[test]
fn every_button_and_page_that_the_readme_names_in_chinese_has_that_name() {
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    let words = fs::read_to_string(project().join("server/messages/zh-CN.json")).unwrap();
    let words: serde_json::Value = serde_json::from_str(&words).unwrap();
    let is_said = |name: &str| {
        let mut sections = words.as_object().unwrap().values().filter_map(serde_json::Value::as_object);
        sections.any(|section| section.values().any(|word| word == name))
    };
    let named: Vec<&str> = readme.split('「').skip(1).map(|rest| rest.split('」').next().unwrap()).collect();
    assert!(named.len() > 40, "the way through a day and through a year names what to press");
    for name in named {
        assert!(is_said(name), "「{name}」 stands on no page");
    }
    assert!(!is_said("没有这个按钮"));
}
