//! Draft.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use douxuan_tests::{console::Plan, meeting::Meeting};
#[tokio::test]
async fn a_meeting() {
    let mut meeting = Meeting::begin(Plan { voters: 7, officials: 2, rounds: 1, live: false }).await;
    meeting.enrol_all().await;
    let contests = meeting.contests();
    meeting.console.open(&contests);
    meeting.cast_all(&contests).await;
    meeting.finish_and_check();
    println!("{:?} {}", meeting.server.as_ref().unwrap().serving_after, meeting.server.as_ref().unwrap().output());
}
