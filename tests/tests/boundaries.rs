//! Who may know of whom. The sides of the server and the halves of the protocol are kept apart by what they import, and
//! this reads the sources to see that it stays so. Each rule is also shown to fail on a source that breaks it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Sources below a folder, by path relative to it, comments removed.
fn sources(folder: &str, extensions: &[&str]) -> BTreeMap<String, String> {
    fn walk(root: &Path, at: &Path, extensions: &[&str], out: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(at).unwrap_or_else(|e| panic!("{}: {e}", at.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, extensions, out);
            } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)) {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.insert(name, without_comments(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = project().join(folder);
    let mut out = BTreeMap::new();
    walk(&root, &root, extensions, &mut out);
    assert!(!out.is_empty(), "{folder} has sources");
    out
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// First path segments behind each `crate::`, groups taken apart.
fn imports(text: &str) -> BTreeSet<String> {
    let ident = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with('$') {
            continue;
        }
        let rest = &text[at + 7..];
        if !rest.starts_with('{') {
            found.insert(ident(rest));
            continue;
        }
        let (mut depth, mut fresh) = (0, true);
        for (i, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                ',' => {}
                c if c.is_whitespace() => continue,
                _ if fresh && depth == 1 => {
                    found.insert(ident(&rest[i..]));
                }
                _ => {}
            }
            fresh = matches!(c, '{' | ',');
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The module that a file belongs to.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// What each side of the server may import from the others; `lib.rs` alone joins them.
const SERVER: [(&str, &[&str]); 10] = [
    ("roll", &["roll", "disk", "failpoint", "limits", "schema", "secrets", "web"]),
    ("urn", &["urn", "board", "disk", "failpoint", "limits", "schema", "secrets", "web"]),
    ("board", &["board", "disk", "failpoint", "limits", "secrets", "web"]),
    ("hall", &["hall", "roll", "urn", "board", "limits", "web"]),
    (
        "desk",
        &[
            "desk",
            "roll",
            "urn",
            "board",
            "hall",
            "config",
            "disk",
            "failpoint",
            "limits",
            "messages",
            "papers",
            "record",
            "schema",
            "secrets",
            "spelling",
            "staff",
            "web",
        ],
    ),
    ("spelling", &["spelling"]),
    ("staff", &["staff", "config", "disk", "limits", "schema", "web"]),
    ("papers", &["papers"]),
    ("record", &["record", "disk", "limits", "messages", "papers", "schema", "spelling", "staff", "web"]),
    ("preflight", &["preflight", "config", "desk", "disk", "limits", "messages", "papers", "record", "web"]),
];

fn forbidden_imports(path: &str, text: &str) -> Vec<String> {
    let Some((_, allowed)) = SERVER.iter().find(|(side, _)| *side == module(path)) else { return Vec::new() };
    imports(text)
        .into_iter()
        .filter(|name| name.starts_with(char::is_lowercase) && !allowed.contains(&name.as_str()))
        .collect()
}

#[test]
fn the_sides_of_the_server_import_only_what_they_may() {
    for (path, text) in sources("server/src", &["rs"]) {
        assert_eq!(forbidden_imports(&path, &text), Vec::<String>::new(), "server/src/{path}");
    }
    // The rule can fail.
    assert_eq!(forbidden_imports("roll/x.rs", "use crate::urn::door::UrnDoor;"), ["urn"]);
    assert_eq!(
        forbidden_imports("urn/x.rs", "use crate::{\n    disk,\n    roll::{self, door::RollDoor},\n};"),
        ["roll"]
    );
    assert_eq!(forbidden_imports("papers/x.rs", "use crate::{papers::Sheet, urn::UrnDoor};"), ["urn"]);
    assert_eq!(forbidden_imports("board/x.rs", "fn f() { crate::desk::office(); }"), ["desk"]);
}

/// Words of the other side that must not stand in a side's sources at all, a channel or a log among them.
fn forbidden_words(path: &str, text: &str) -> Vec<&'static str> {
    let words: &[&str] = match module(path) {
        "roll" => &[
            "urn",
            "Urn",
            "ballot::",
            "credential::",
            "RawBallot",
            "tracing",
            "println",
            "eprintln",
            "log::info",
            "log::debug",
            "log::trace",
            "dbg",
        ],
        "urn" => &[
            "roll",
            "Roll",
            "token::",
            "enroll::",
            "TokenLeaf",
            "EnrolRequest",
            "tracing",
            "println",
            "eprintln",
            "dbg",
        ],
        _ => &[],
    };
    let stands = |word: &&&str| {
        text.match_indices(**word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    words.iter().filter(stands).copied().collect()
}

#[test]
fn roll_and_urn_do_not_speak_of_each_other_and_log_nothing() {
    for (path, text) in sources("server/src", &["rs"]) {
        assert_eq!(forbidden_words(&path, &text), Vec::<&str>::new(), "server/src/{path}");
    }
    assert_eq!(forbidden_words("roll/x.rs", "struct S { tx: mpsc::Sender<UrnEvent> }"), ["Urn"]);
    assert_eq!(forbidden_words("urn/x.rs", "tracing::info!(\"cast\");"), ["tracing"]);
}

/// Types that hold both stores, or could: each store is private to its side.
fn holds_both_stores(text: &str) -> bool {
    let roll = ["roll::store", "RollStore"].iter().any(|w| text.contains(w));
    let urn = ["urn::store", "UrnStore"].iter().any(|w| text.contains(w));
    roll && urn
}

#[test]
fn no_type_holds_both_stores() {
    let server = sources("server/src", &["rs"]);
    for side in ["roll", "urn"] {
        let map = &server[&format!("{side}/mod.rs")];
        assert!(map.contains("mod store;"), "{side} has a store");
        assert!(!map.contains("pub mod store") && !map.contains("pub(crate) mod store"), "{side}'s store is private");
        let handed: Vec<&str> = map.lines().filter(|l| l.contains("use store")).collect();
        assert!(
            handed.iter().all(|l| l.trim() == "pub use store::StoreError;"),
            "{side} hands out its store's errors only"
        );
    }
    for (path, text) in server.iter().filter(|(path, _)| *path != "lib.rs") {
        assert!(!holds_both_stores(text), "server/src/{path}");
    }
    assert!(holds_both_stores("struct Both { a: RollStore, b: urn::store::Store }"));
}

#[test]
fn no_statement_joins_two_databases() {
    let joins = |text: &str| text.to_uppercase().contains("ATTACH ");
    for (path, text) in sources("server", &["rs", "sql"]) {
        assert!(!joins(&text), "server/{path}");
    }
    assert!(joins("attach database 'roll.db' as roll"));
}

/// Before the blind line a ballot is unknown, behind it a token is. The phone's half of enrolment is the line itself,
/// and the auditor reads both sides' published lists.
fn crosses_the_blind_line(path: &str, text: &str) -> bool {
    const BEFORE: [&str; 2] = ["token", "enroll"];
    const BEHIND: [&str; 9] =
        ["ballot", "choice", "commit", "credential", "receipt", "release", "spool", "board", "tally"];
    let known = imports(text);
    let any = |names: &[&str]| names.iter().any(|n| known.contains(*n));
    match module(path) {
        "enroll" if path == "enroll/phone.rs" => false,
        m if BEFORE.contains(&m) => any(&BEHIND),
        m if BEHIND.contains(&m) => any(&BEFORE),
        _ => false,
    }
}

#[test]
fn the_blind_line_is_crossed_in_one_file() {
    for (path, text) in sources("crypto/src", &["rs"]) {
        assert!(!crosses_the_blind_line(&path, &text), "crypto/src/{path}");
    }
    assert!(crosses_the_blind_line("enroll/server.rs", "use crate::{ballot::Ballot, hash};"));
    assert!(crosses_the_blind_line("spool.rs", "use crate::token::Token;"));
}

#[test]
fn secrets_have_no_debug_and_no_clone() {
    const SECRETS: [&str; 14] = [
        "SigningKey",
        "Token",
        "Slip",
        "Blind",
        "IssuerKey",
        "Enrolment",
        "Credential",
        "Opening",
        "SealedBallot",
        "SealingKey",
        "ReplyKey",
        "SpoolKey",
        "SpoolRecord",
        "Tally",
    ];
    let revealed = |text: &str, name: &str| {
        let lines: Vec<&str> = text.lines().collect();
        lines.iter().enumerate().any(|(i, line)| {
            let declared = line.trim().strip_prefix("pub struct ").and_then(|l| l.strip_prefix(name));
            let declared = declared.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            let derives = i.checked_sub(1).map_or("", |above| lines[above]);
            declared && (derives.contains("Debug") || derives.contains("Clone"))
        })
    };
    let crypto = sources("crypto/src", &["rs"]);
    for name in SECRETS {
        assert!(crypto.values().any(|t| t.contains(&format!("pub struct {name}"))), "{name} exists");
        for (path, text) in &crypto {
            assert!(!revealed(text, name), "{name} in crypto/src/{path}");
        }
    }
    assert!(revealed("#[derive(Debug)]\npub struct Token([u8; 10]);", "Token"));
}

#[test]
fn nothing_below_the_routes_reads_a_clock_or_global_randomness() {
    let reads = |text: &str| {
        ["SystemTime", "Instant::now", "rand::rng()", "getrandom", "std::fs", "std::net"]
            .iter()
            .any(|w| text.contains(w))
    };
    for (path, text) in sources("crypto/src", &["rs"]) {
        assert!(!reads(&text), "crypto/src/{path}");
    }
    assert!(reads("let now = SystemTime::now();"));
}

#[test]
fn files_hold_one_noun_each() {
    for folder in ["crypto", "server/src", "ballot-client/src"] {
        for (path, text) in sources(folder, &["rs"]) {
            let lines = text.lines().count();
            assert!(lines <= 450, "{folder}/{path} has {lines} lines without comments: is there a second noun in it?");
        }
    }
}
