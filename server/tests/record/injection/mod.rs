//! Names that are markup, formulas, paths or commands, in every field that the record takes, and everything that is made
//! of them.

mod fields;
mod meeting;
mod names;
mod outputs;
mod script;
mod stage;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use douxuan::secrets::{Vault, hand_over_key};
use rand::{SeedableRng, rngs::StdRng};
use stage::Stage;

use crate::hook::{Inbox, QUICK, asked_and_taken, listening};

/// What a cell takes for a formula, a page for markup, a folder for a way out, a header for its end, a form of our own for
/// a place to fill in, a typesetter for a command. Each is one line of at most 28 characters.
const HOSTILE: [&str; 10] = [
    "=HYPERLINK(\"http://x\")",
    "<script>alert(1)</script>",
    "&<>\"']]>&amp&lt<!--&#0",
    "+1+1{name}{{on}}{meeting}",
    "@SUM(A1) #panic() $x$ *b*",
    "-2+3\\\\ @ref _i_ `r`𠮷㐂喆",
    "../../etc/x",
    "..\\x\\..\\CON",
    "CON",
    "%2e%2e%2f x=\"1\" %0d%0a%00",
];

/// What nobody sees, or no XML holds: refused wherever it stands.
const UNSEEN: [char; 10] =
    ['\0', '\u{b}', '\u{1b}', '\u{7f}', '\u{85}', '\u{200b}', '\u{2028}', '\u{202e}', '\u{feff}', '\u{fffe}'];

/// Every field gets this one or another: over all runs, each gets each.
async fn run(number: usize) -> Stage {
    let mut stage = Stage::new(number).await;
    let made = script::play(&mut stage).await;
    outputs::look(&stage, &made).await;
    stage
}

#[tokio::test]
async fn no_field_takes_what_nobody_sees_and_none_is_forgotten() {
    let mut stage = Stage::new(0).await;
    stage.attacks = true;
    script::play(&mut stage).await;
    let described = fields::of_the_description();
    let reached: BTreeSet<_> = stage.reached.clone();
    assert_eq!(described.difference(&reached).collect::<Vec<_>>(), Vec::<&fields::Field>::new(), "forgotten");
    assert_eq!(reached.difference(&described).collect::<Vec<_>>(), Vec::<&fields::Field>::new(), "not described");
    println!("{} fields, {} attacks", described.len(), stage.attacked);
    assert!(described.len() > 150 && stage.attacked > 1_000, "{} {}", described.len(), stage.attacked);
}

/// What goes to another program: signed over the bytes that it gets, and in them the words as they stand in the record.
#[tokio::test]
async fn a_result_that_is_handed_on_says_what_the_record_says() {
    let mut stage = Stage::new(0).await;
    script::play(&mut stage).await;
    let vault = Vault::plain(stage.data.path()).unwrap();
    let signer = hand_over_key(&vault, &mut StdRng::seed_from_u64(5)).unwrap();
    let inbox = Arc::new(Mutex::new(Inbox::new(signer.verifying())));
    let target = listening(inbox.clone()).await;
    stage.year.office.app.hand_over(&vault, vec![target], QUICK).unwrap();
    let mut taken = Vec::new();
    for _ in 0..500 {
        taken = asked_and_taken(&inbox).1;
        if !taken.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kept = stage.year.admin.reads("results").await[0].clone();
    assert_eq!(taken.len(), 1, "the receiver has checked signature, time and form");
    for (field, value) in taken[0]["result"].as_object().unwrap() {
        assert_eq!(*value, kept[field], "{field}");
    }
    let mut strings = Vec::new();
    outputs::strings(&taken[0], &mut strings);
    for key in ["importwhy", "pairwhy"] {
        assert!(strings.contains(&stage.words(key)), "{key}");
    }
}

/// The reader itself: what it lets through is no proof unless it stops these.
#[test]
fn the_reader_of_names_stops_what_is_none() {
    for bad in ["", ".", "..", "a/b", "..\\x", "C:x", "a\u{202e}b", "a\nb", "CON", "con.pdf", "LPT1.txt", "a.", "a "] {
        assert!(std::panic::catch_unwind(|| names::one_name("", bad)).is_err(), "{bad:?}");
    }
    for saved in [
        "attachment; filename=\"a\"; filename=\"b\"",
        "attachment; filename=\"../a\"",
        "attachment; filename=\"a.pdf\"; filename*=UTF-8''%2e%2e%2fa",
        "attachment; filename=\"a.pdf\"; filename*=UTF-8''CON.pdf",
        "inline; filename=\"a.pdf\"",
    ] {
        assert!(std::panic::catch_unwind(|| names::saved_as("", saved)).is_err(), "{saved:?}");
    }
    for good in ["a.pdf", "述职报告（定稿）.pdf", "CONSOLE.txt", "COM.pdf", "_CON.pdf"] {
        names::one_name("", good);
    }
}

macro_rules! runs {
    ($($name:ident: $numbers:expr),*) => { $(
        #[tokio::test]
        async fn $name() {
            for number in $numbers {
                run(number).await;
            }
        }
    )* };
}

runs! {
    what_is_taken_reads_back_and_does_nothing_in_any_output: 0..3,
    what_is_taken_reads_back_and_does_nothing_with_the_next_texts: 3..6,
    what_is_taken_reads_back_and_does_nothing_with_the_texts_after_them: 6..HOSTILE.len()
}
