//! `douxuan record`, as somebody types it.

use std::{
    path::Path,
    process::{Command, Output},
};

fn douxuan(words: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_douxuan")).arg("record").args(words).arg("--data").arg(data).output().unwrap()
}

#[test]
fn a_folder_without_a_record_is_refused_and_nothing_is_created_in_it() {
    let data = tempfile::tempdir().unwrap();
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/own/bundle-small.zip");
    for typo in [data.path().join("no-such-folder"), data.path().to_owned()] {
        for words in [&["audit"][..], &["import", bundle, "--cycle", "2026", "--by", "王办公"]] {
            let done = douxuan(words, &typo);
            let said = String::from_utf8(done.stderr).unwrap();
            assert!(!done.status.success() && said.contains("没有档案库"), "{words:?}: {said}");
        }
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}
