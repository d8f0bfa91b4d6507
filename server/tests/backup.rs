//! What a backup holds in every phase of a meeting, and what comes back from it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{fs, path::Path};

use douxuan::{
    backup::{BackupError, Saved, restore, save},
    config::DataFolder,
};
use douxuan_crypto::{audit::audit, bytes::hex};
use office::{Office, Phone, start};
use serde_json::{Value, json};

/// Every file below a folder, by path.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, at: &Path, out: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(at).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(root, &entry.path(), out);
            } else {
                let name = entry.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.push((name, fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(folder, folder, &mut out);
    out
}

/// Nothing of a secret file, a spool or a token stands in the backup, under whatever name.
fn holds_no_secret(data: &Path, backup: &Path) {
    let kept = files(backup);
    for (name, secret) in files(data) {
        if !(name.starts_with("secrets/") || name.starts_with("spool/")) || secret.len() < 16 {
            continue;
        }
        for (copy, bytes) in &kept {
            for part in secret.chunks_exact(16).filter(|part| part.iter().any(|b| *b != 0)) {
                assert!(!bytes.windows(16).any(|window| window == part), "{copy} holds a part of {name}");
            }
        }
    }
    for (name, _) in kept {
        assert!(
            !name.contains("secret") && !name.contains("spool") && !name.contains("urn") && !name.contains("highwater"),
            "{name}"
        );
    }
}

async fn saved(data: &Path, to: &Path) -> Saved {
    let saved = save(data, to).await.unwrap();
    holds_no_secret(data, to);
    saved
}

async fn meeting(data: &Path) -> Office {
    let office = start(data).await.unwrap();
    office.small(6, 2, json!({})).await;
    office
}

#[tokio::test]
async fn a_running_meeting_is_copied_without_its_secrets_and_without_the_roll_while_a_window_is_open() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = meeting(data.path()).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    let to = |name: &str| out.path().join(name);

    let before = saved(data.path(), &to("frozen")).await;
    assert!(before.files.contains(&"roll.db".to_owned()) && !before.without_roll);
    office.act("/desk/window/open", json!({})).await;
    office.enrol(Phone::new(&manifest, &slips[0], 1).wire).await;
    let open = saved(data.path(), &to("open")).await;
    assert!(open.without_roll && !open.files.contains(&"roll.db".to_owned()), "{:?}", open.files);
    let log = format!("log/{}.entries", hex(&manifest.meeting));
    assert!(open.files.contains(&log) && open.files.contains(&"office.db".to_owned()), "{:?}", open.files);

    office.act("/desk/window/close", json!({ "present": 5 })).await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 1]] })).await;
    let voting = saved(data.path(), &to("voting")).await;
    assert!(voting.files.contains(&"roll.db".to_owned()));
    assert!(fs::read(to("voting").join(&log)).unwrap().len() > fs::read(to("open").join(&log)).unwrap().len());

    let refused = save(data.path(), &to("voting")).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty(_)) && refused.to_string().contains("新的文件夹"), "{refused}");
    let refused = save(&to("nowhere"), &to("new")).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoData(_)), "{refused}");
    office.stop().await;
}

#[tokio::test]
async fn an_archived_meeting_comes_back_with_its_bundle_and_another_can_be_prepared() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = meeting(data.path()).await;
    for (path, body) in [
        ("window/open", json!({})),
        ("window/close", json!({ "present": 5 })),
        ("enrolment/end", json!({ "unused": 15 })),
        ("archive", json!({})),
    ] {
        office.act(&format!("/desk/{path}"), body).await;
    }
    let bundle = office.public("/bundle.zip").await.bytes;
    let (backup, fresh) = (out.path().join("backup"), out.path().join("fresh"));
    saved(data.path(), &backup).await;

    // While the meeting runs its own folder is refused; so is any that holds something.
    let running = DataFolder::open(Some(out.path().join("held"))).unwrap();
    let refused = restore(&backup, running.path()).await.unwrap_err();
    assert!(refused.to_string().contains("还在运行"), "{refused}");
    let refused = restore(&backup, data.path()).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
    office.stop().await;

    let restored = restore(&backup, &fresh).await.unwrap();
    assert_eq!(restored.ended, 0);
    let kept: Vec<_> = files(&fresh).into_iter().filter(|(name, _)| name.starts_with("bundles/")).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].1, bundle);
    assert_eq!(audit(&kept[0].1, &[]).outcome, douxuan_crypto::audit::Outcome::Held);
    let again = start(&fresh).await.unwrap();
    assert_eq!(again.live().await["phase"], "preparing");
    again.small(6, 2, json!({})).await;
    assert_eq!(again.live().await["phase"], "issuing");
    again.stop().await;
}

#[tokio::test]
async fn a_meeting_that_was_under_way_is_kept_as_a_record_and_does_not_go_on() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = meeting(data.path()).await;
    office.act("/desk/window/open", json!({})).await;
    office.act("/desk/window/close", json!({ "present": 5 })).await;
    let (backup, fresh) = (out.path().join("backup"), out.path().join("fresh"));
    saved(data.path(), &backup).await;
    office.stop().await;
    let restored = restore(&backup, &fresh).await.unwrap();
    assert_eq!(restored.ended, 1);
    assert!(fresh.join("kept/roll.db").is_file() && !fresh.join("roll.db").exists());
    let again = start(&fresh).await.unwrap();
    assert_eq!(again.live().await["phase"], "preparing");
    assert_eq!(again.state().await["roster"]["attendees"], 6, "the roster came back");
    again.stop().await;
}

#[tokio::test]
async fn the_record_of_the_review_comes_back_with_its_trail_and_its_files() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = start(data.path()).await.unwrap();
    office.act("/api/record/cycles", json!({ "year": 2026, "title": "2026 年度", "why": "" })).await;
    let file = data.path().join("record/files").join("ab".repeat(32));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"handed in").unwrap();
    fs::write(file.with_file_name("half.new"), b"no file of the record").unwrap();
    let (backup, fresh) = (out.path().join("backup"), out.path().join("fresh"));
    let kept = saved(data.path(), &backup).await.files;
    assert!(!kept.iter().any(|name| name.contains("half")), "{kept:?}");
    office.stop().await;
    restore(&backup, &fresh).await.unwrap();
    let state = douxuan::record::audit(&fresh).await.unwrap();
    assert_eq!((state.faults, state.entries.len()), (Vec::new(), 1));
    assert_eq!(fs::read(fresh.join("record/files").join("ab".repeat(32))).unwrap(), b"handed in");
}

#[tokio::test]
async fn a_backup_that_was_changed_is_refused_and_writes_nothing() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let office = meeting(data.path()).await;
    office.stop().await;
    let whole = out.path().join("whole");
    saved(data.path(), &whole).await;
    let list: Value = serde_json::from_slice(&fs::read(whole.join("backup.json")).unwrap()).unwrap();

    let with = |name: &str, change: &dyn Fn(&mut Value, &Path)| {
        let copy = out.path().join(name);
        for (file, bytes) in files(&whole) {
            fs::create_dir_all(copy.join(&file).parent().unwrap()).unwrap();
            fs::write(copy.join(&file), bytes).unwrap();
        }
        let mut list = list.clone();
        change(&mut list, &copy);
        fs::write(copy.join("backup.json"), list.to_string()).unwrap();
        copy
    };
    let cases: Vec<(&str, std::path::PathBuf)> = vec![
        (
            "与清单不符",
            with("byte", &|_, copy| {
                let mut bytes = fs::read(copy.join("office.db")).unwrap();
                bytes[5000] ^= 1;
                fs::write(copy.join("office.db"), bytes).unwrap();
            }),
        ),
        ("不能读写", with("missing", &|_, copy| fs::remove_file(copy.join("office.db")).unwrap())),
        ("不认识的文件", with("escape", &|list, _| list["files"][0]["path"] = json!("../office.db"))),
        ("不认识的文件", with("secret", &|list, _| list["files"][0]["path"] = json!("secrets/x.key"))),
        ("不认识的文件", with("record", &|list, _| list["files"][0]["path"] = json!("record/files/../x"))),
        ("不认识的文件", with("urn", &|list, _| list["files"][0]["path"] = json!("urn.db"))),
        ("只认识", with("form", &|list, _| list["douxuan_backup"] = json!(2))),
        ("没有 office.db", with("empty", &|list, _| list["files"] = json!([]))),
        ("不是豆选的备份", with("garbage", &|list, _| *list = json!("x"))),
    ];
    for (why, copy) in cases {
        let target = out.path().join("target");
        let refused = restore(&copy, &target).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{}: {refused}", copy.display());
        assert!(files(&target).iter().all(|(name, _)| name == "lock"), "{} wrote something", copy.display());
    }
}
