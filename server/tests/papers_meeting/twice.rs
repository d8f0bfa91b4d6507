//! The same papers made by two processes whose clocks are an hour apart.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

const SHIFT: u64 = 3600;

/// In the process that [`an_hour_apart`] starts: writes papers where it was told to, and the time it believes in.
pub fn write(papers: impl FnOnce() -> Vec<(&'static str, Vec<u8>)>) {
    let Some(folder) = std::env::var_os("DOUXUAN_PAPERS_OUT").map(PathBuf::from) else { return };
    for (name, bytes) in papers() {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    fs::write(folder.join("now"), now.as_secs().to_string()).unwrap();
}

fn run(test: &str, shim: &Path, shift: u64, folder: &Path) -> u64 {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env("DOUXUAN_PAPERS_OUT", folder)
        .env("DOUXUAN_CLOCK_SHIFT", shift.to_string())
        .env("LD_PRELOAD", shim)
        .env("TZ", if shift == 0 { "UTC" } else { "Asia/Shanghai" })
        .status();
    assert!(done.unwrap().success());
    fs::read_to_string(folder.join("now")).unwrap().parse().unwrap()
}

/// Runs the ignored test of this name in two processes, the second with a clock an hour on and in another time zone,
/// and compares what they wrote.
pub fn an_hour_apart(test: &str, papers: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let shim = folder.path().join("clock.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers_meeting/clock.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&shim, &source]).status();
    assert!(built.unwrap().success(), "cc");
    let folders = ["a", "b"].map(|name| folder.path().join(name));
    folders.iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let early = run(test, &shim, 0, &folders[0]);
    let late = run(test, &shim, SHIFT, &folders[1]);
    assert!(late >= early + SHIFT, "the second clock is an hour on");
    for paper in papers {
        let [a, b] = folders.each_ref().map(|folder| fs::read(folder.join(paper)).unwrap());
        assert!(a == b && !a.is_empty(), "{paper}");
    }
}
