//! A whole election, told in order, with the tally that must come out.
//!
//! Twenty colleagues are invited. Eighteen come on time, five of them without a smartphone; one comes late, one not at
//! all. Four officials report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use douxuan_ballot::journey::Standing;
use douxuan_crypto::{audit::audit, bundle::Bundle, contest::Contest};
use douxuan_tests::{
    console::Plan,
    meeting::{Meeting, check},
    second::{Said, python_says},
    server::PATIENCE,
};
use serde_json::{Value, json};

const FIRST: Contest = Contest::new(1, 1);
const SECOND: Contest = Contest::new(2, 1);
const THIRD: Contest = Contest::new(3, 1);
const THIRD_AGAIN: Contest = Contest::new(3, 2);
const FOURTH: Contest = Contest::new(4, 1);

/// 好 0, 较好 1, 一般 2, 较差 3, 弃权 4.
async fn cast(meeting: &mut Meeting, contest: Contest, options: &[u8]) {
    let door = meeting.door.clone();
    for (phone, option) in meeting.phones.iter_mut().filter(|p| p.voter.enrolled().is_some()).zip(options) {
        assert_eq!(phone.cast(&door, contest, *option, PATIENCE).await.unwrap(), Standing::Received);
    }
}

fn one(meeting: &Meeting, act: &str, contest: Contest) -> Value {
    meeting.console.act(&format!("/desk/contest/{act}"), &json!({ "contests": [(contest.item, contest.round)] }))
}

fn refused(meeting: &Meeting, path: &str, body: &Value) {
    let answer = meeting.console.post(path, body).unwrap();
    assert_eq!(answer.status, 409, "{path} {body}: {}", answer.text());
    let sentence = answer.json();
    assert!(!sentence["error"].as_str().unwrap().is_empty() && !sentence["what_to_do"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_election() {
    // The office imports roster and officials, freezes, prints slips, and opens the first window.
    let mut meeting = Meeting::begin(Plan { voters: 20, officials: 4, rounds: 2, live: false }).await;
    let door = meeting.door.clone();

    // No contest opens while people enrol.
    refused(&meeting, "/desk/contest/open", &json!({ "contests": [(1, 1)] }));

    // Nor can a rehearsal be destroyed that never was; the attempt takes nothing from those who enrol now.
    refused(&meeting, "/desk/rehearsal/destroy", &json!({}));

    // Thirteen scan their slips. Five hand theirs in and will vote on paper.
    for phone in meeting.phones.iter_mut().take(13) {
        phone.enrol(&door, PATIENCE).await.unwrap();
    }
    for phone in &meeting.phones[13..18] {
        meeting.console.act("/desk/slip/void", &json!({ "text": phone.text, "reason": "paper" }));
    }
    // A spent slip can not be voided, a voided one not be used.
    refused(&meeting, "/desk/slip/void", &json!({ "text": meeting.phones[0].text, "reason": "lost" }));
    assert!(meeting.phones[13].enrol(&door, PATIENCE).await.is_err());
    // Eighteen heads are counted; fewer than enrolled would stop everything, more than invited too.
    refused(&meeting, "/desk/window/close", &json!({ "present": 17 }));
    refused(&meeting, "/desk/window/close", &json!({ "present": 21 }));
    meeting.console.act("/desk/window/close", &json!({ "present": 18 }));

    // A rehearsal on a test question proves every phone, and is destroyed.
    meeting.console.open(&[Contest::REHEARSAL]);
    cast(&mut meeting, Contest::REHEARSAL, &[0; 13]).await;
    meeting.console.act("/desk/rehearsal/destroy", &json!({}));

    // The first official: thirteen phones and five papers.
    meeting.console.open(&[FIRST]);
    refused(&meeting, "/desk/window/open", &json!({}));
    cast(&mut meeting, FIRST, &[0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4]).await;
    refused(&meeting, "/desk/contest/publish", &json!({ "contests": [(1, 1)] }));
    one(&meeting, "close", FIRST);
    refused(&meeting, "/desk/contest/open", &json!({ "contests": [(1, 1)] }));
    let paper = json!({ "contest": (1, 1), "issued": 5, "votes": [3, 1, 0, 1, 0] });
    meeting.console.act("/desk/contest/paper", &paper);
    one(&meeting, "publish", FIRST);

    // A late comer enrols in a second window.
    meeting.console.act("/desk/window/open", &json!({}));
    meeting.phones[18].enrol(&door, PATIENCE).await.unwrap();
    meeting.console.act("/desk/window/close", &json!({ "present": 19 }));

    // The second official: four ballots. Grades are withheld.
    meeting.console.open(&[SECOND]);
    cast(&mut meeting, SECOND, &[0, 1, 0, 3]).await;
    one(&meeting, "close", SECOND);
    one(&meeting, "publish", SECOND);
    assert_eq!(meeting.state_of(SECOND), "withheld");

    // The third: a mistake in the room, the round is voided and repeated; both rounds stay.
    refused(&meeting, "/desk/contest/open", &json!({ "contests": [(3, 2)] }));
    meeting.console.open(&[THIRD]);
    cast(&mut meeting, THIRD, &[4; 14]).await;
    one(&meeting, "close", THIRD);
    one(&meeting, "void", THIRD);
    meeting.console.open(&[THIRD_AGAIN]);
    cast(&mut meeting, THIRD_AGAIN, &[0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 4]).await;
    one(&meeting, "close", THIRD_AGAIN);
    one(&meeting, "publish", THIRD_AGAIN);

    // The fourth: nobody votes. That is a result too.
    meeting.console.open(&[FOURTH]);
    one(&meeting, "close", FOURTH);
    one(&meeting, "publish", FOURTH);

    // Unused slips are counted by hand, before everyone, and the meeting is archived.
    let unused = meeting.slips - 14 - 5;
    refused(&meeting, "/desk/enrolment/end", &json!({ "unused": unused + 1 }));
    refused(&meeting, "/desk/archive", &json!({}));
    meeting.console.act("/desk/enrolment/end", &json!({ "unused": unused }));
    meeting.console.act("/desk/archive", &json!({}));
    let bundle = meeting.bundle();

    // The result note says what was cast, to the vote.
    let parts = Bundle::from_zip(&bundle).unwrap();
    let note = String::from_utf8(parts.result.clone()).unwrap();
    let block = |contest: &str| -> Vec<String> {
        let mut lines = note.lines().skip_while(|l| !l.starts_with(&format!("contest {contest} ")));
        let first = lines.next().unwrap().split(' ').take(4).collect::<Vec<_>>().join(" ");
        let rest = lines.take_while(|l| !l.starts_with("contest ") && !l.is_empty()).map(str::to_owned);
        std::iter::once(first).chain(rest).collect()
    };
    assert_eq!(
        block("1/1"),
        [
            "contest 1/1 published 13",
            "electronic 13 13",
            "paper 5 5 0 0",
            "total 18 18 0",
            "votes 8 4 2 3 1",
            "valid 17 1",
            "threshold poor 3 17 no no",
        ]
    );
    assert_eq!(block("2/1"), ["contest 2/1 withheld 4", "electronic 14 4", "paper 0 0 0 0", "total 14 4 10"]);
    assert_eq!(block("3/1"), ["contest 3/1 voided-before 14", "electronic 14 14", "paper 0 0 0 0", "total 14 14 0"]);
    assert_eq!(
        block("3/2"),
        [
            "contest 3/2 published 14",
            "electronic 14 14",
            "paper 0 0 0 0",
            "total 14 14 0",
            "votes 7 0 0 6 1",
            "valid 13 1",
            "threshold poor 6 13 yes yes",
        ]
    );
    assert_eq!(
        block("4/1"),
        [
            "contest 4/1 published 0",
            "electronic 14 0",
            "paper 0 0 0 0",
            "total 14 0 14",
            "votes 0 0 0 0 0",
            "valid 0 0",
            "threshold poor 0 0 none none",
        ]
    );
    assert!(note.contains(&format!("\nslips {} 5 {unused}\n", meeting.slips)));

    // Both verifiers accept it, every receipt of a counted round stands on its board.
    for phone in &mut meeting.phones {
        phone.marks.remove(&Contest::REHEARSAL);
    }
    check(&bundle, &meeting.phones).unwrap();
    let receipts = vec![meeting.phones[0].receipt(FIRST).unwrap().1];
    let theirs: Said = python_says("election", [(bundle.as_slice(), receipts.as_slice())]).remove(0);
    let ours = Said::of(&audit(&bundle, &receipts));
    assert_eq!((ours.exit, theirs.exit), (0, 0));
    assert_eq!(ours, theirs);
}
