//! The second verifier, `tests/independent/verify.py`, as a child process.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use douxuan_crypto::audit::{Report, Verdict};

/// What a verifier says, in the one form in which two of them are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Exit status.
    pub exit: u8,
    /// `V1`.. of the step that failed.
    pub failed: Option<String>,
    /// Verdict and number of each step, in order; empty for a file that is not a bundle.
    pub steps: Vec<(String, String, u64)>,
}

impl Said {
    /// What the Rust verifier says.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let steps = report.steps.iter().map(|s| {
            let count = if s.verdict == Verdict::Failed { 0 } else { s.count };
            (s.step.to_string(), s.verdict.en().to_owned(), count)
        });
        Self { exit: report.exit_code(), failed: report.failed().map(|s| s.to_string()), steps: steps.collect() }
    }
}

/// A folder that is removed with everything in it.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A fresh folder under the system's temporary one; `name` keeps tests apart.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("douxuan-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Where the Python verifier stands.
#[must_use]
pub fn verifier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("independent").join("verify.py")
}

/// Runs the Python verifier over bundles, each with its receipts; one answer a bundle, in order.
///
/// # Panics
/// If Python 3 is not installed or the verifier dies: install `python3`, it needs nothing else.
#[must_use]
pub fn python_says<'a>(name: &str, bundles: impl IntoIterator<Item = (&'a [u8], &'a [Vec<u8>])>) -> Vec<Said> {
    let scratch = Scratch::new(name);
    let (mut list, mut count) = (String::new(), 0);
    for (i, (zip, receipts)) in bundles.into_iter().enumerate() {
        let put = |file: String, bytes: &[u8]| {
            let path = scratch.path().join(file);
            fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let mut line = vec![put(format!("{i}.zip"), zip)];
        line.extend(receipts.iter().enumerate().map(|(k, receipt)| put(format!("{i}-{k}.receipt"), receipt)));
        list.push_str(&line.join("\t"));
        list.push('\n');
        count += 1;
    }
    let mut child = Command::new("python3")
        .arg(verifier())
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed for the second verifier");
    let mut input = child.stdin.take().unwrap();
    // Fed from a thread: neither side waits for the other with a full pipe.
    let feeder = std::thread::spawn(move || input.write_all(list.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success(), "the Python verifier ended with {}", output.status);
    let answers: Vec<Said> = String::from_utf8(output.stdout).unwrap().lines().map(parse).collect();
    assert_eq!(answers.len(), count, "one answer a bundle");
    answers
}

fn parse(line: &str) -> Said {
    let answer: serde_json::Value = serde_json::from_str(line).unwrap();
    let exit = u8::try_from(answer["exit"].as_u64().unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let steps = answer["steps"].as_array().unwrap().iter();
    let steps = steps.map(|s| (text(&s["step"]), text(&s["verdict"]), s["count"].as_u64().unwrap())).collect();
    match exit {
        // A file that is not a bundle has no steps worth comparing.
        2 => Said { exit, failed: None, steps: Vec::new() },
        _ => Said { exit, failed: answer["failed"].as_str().map(str::to_owned), steps },
    }
}
