//! One meeting over real sockets, from the sample lists to the archive, as office, phones and hall see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{sync::Arc, time::Duration};

use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{door::Door, storage::Memory, voter::Voter},
};
use douxuan_crypto::{audit, contest::Contest, manifest::Manifest};
use office::{Office, start};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(10);

struct Hall {
    office: Office,
    door: Door,
    manifest: Arc<Manifest>,
    voters: Vec<Voter>,
    rng: StdRng,
}

impl Hall {
    async fn enrol(office: Office, voters: usize) -> Self {
        let (public, _) = office.listen().await;
        let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
        let manifest = Arc::new(office.manifest().await);
        let slips = office.get("/desk/slips.json").await.json();
        office.act("/desk/window/open", json!({})).await;
        let mut hall = Self { office, door, manifest, voters: Vec::new(), rng: StdRng::seed_from_u64(7) };
        for slip in slips["slips"].as_array().unwrap().iter().take(voters) {
            let invitation = Invitation::scan(slip["fragment"].as_str().unwrap()).unwrap();
            let mut voter = Voter::invite(invitation, &hall.manifest, Box::new(Memory::default())).unwrap();
            voter.enrol(&hall.door, PATIENCE, &mut hall.rng).await.unwrap();
            hall.voters.push(voter);
        }
        hall
    }

    /// The first voters cast these options.
    async fn cast(&mut self, contest: Contest, options: &[u8]) {
        for (voter, option) in self.voters.iter_mut().zip(options) {
            let standing = voter.cast(&self.door, contest, *option, PATIENCE, &mut self.rng).await.unwrap();
            assert!(matches!(standing, Standing::Received), "{standing:?}");
        }
    }

    async fn contest(&self, contest: Contest) -> Value {
        let live = self.office.live().await;
        let found = live["contests"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["item"] == contest.item && c["round"] == contest.round);
        found.unwrap().clone()
    }

    async fn act(&self, path: &str, contests: &[Contest]) -> Value {
        let contests: Vec<(u16, u8)> = contests.iter().map(|c| (c.item, c.round)).collect();
        self.office.act(&format!("/desk/contest/{path}"), json!({ "contests": contests })).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_from_the_lists_to_the_archive() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(12, 3, json!({ "rounds": 2 })).await;
    let mut hall = Hall::enrol(office, 8).await;
    hall.office.act("/desk/window/close", json!({ "present": 11 })).await;
    let [first, second, third] = [1, 2, 3].map(|item| Contest::new(item, 1));

    // The test question, destroyed before everybody's eyes.
    hall.act("open", &[Contest::REHEARSAL]).await;
    hall.cast(Contest::REHEARSAL, &[0, 1]).await;
    hall.office.act("/desk/rehearsal/destroy", json!({})).await;
    assert_eq!(hall.contest(Contest::REHEARSAL).await["state"], "destroyed");

    hall.act("open", &[first, second, third]).await;
    assert_eq!(hall.contest(first).await["issued"], 8, "all eight hold general slips");
    hall.cast(first, &[0, 0, 0, 1, 3, 3, 4]).await;
    hall.cast(second, &[0, 1, 2, 3]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let open = hall.contest(first).await;
    assert_eq!((open["state"].as_str(), open["received"].as_u64()), (Some("open"), Some(7)));
    assert!(open["released"].is_null() && open["result"].is_null(), "published at the close only");

    let closed = hall.act("close", &[first, second, third]).await;
    assert_eq!(closed["done"][0], json!({ "contest": [1, 1], "size": 7 }));
    let closed = hall.contest(first).await;
    assert!(closed["result"].is_null());
    assert_eq!(closed["board_code"].as_str().unwrap().len(), 39);

    hall.act("publish", &[first, second]).await;
    let published = hall.contest(first).await;
    assert_eq!(
        published["result"],
        json!({ "issued": 8, "cast": 7, "missing": 1, "votes": [3, 1, 0, 2, 1], "valid": 6, "abstained": 1,
            "paper": null, "base": "cast",
            "threshold": { "option": 3, "count": 2, "base": 6, "base_kind": "valid", "reaches_limit": [1, 5],
                "reaches": true, "over_limit": [3, 10], "over": true } })
    );
    let withheld = hall.contest(second).await;
    assert_eq!(withheld["state"], "withheld");
    assert_eq!((withheld["result"]["cast"].as_u64(), &withheld["result"]["votes"]), (Some(4), &Value::Null));

    // The third was empty by mistake: void, and a second round.
    hall.act("void", &[third]).await;
    let again = Contest::new(3, 2);
    hall.act("open", &[again]).await;
    hall.cast(again, &[1, 1, 1, 1, 1]).await;
    hall.act("close", &[again]).await;
    hall.act("publish", &[again]).await;
    assert_eq!(hall.contest(third).await["state"], "voided");
    assert_eq!(hall.contest(again).await["result"]["votes"], json!([0, 5, 0, 0, 0]));

    let unused = hall.office.state().await["frozen"]["unused"].clone();
    hall.office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    hall.office.act("/desk/archive", json!({})).await;
    let bundle = hall.office.public("/bundle.zip").await.bytes;
    let report = audit::audit(&bundle, &[]);
    assert_eq!(report.outcome, audit::Outcome::Held);
    assert!(report.summary.unwrap().contains("票数过少，不公布"));
    let person = "代表12";
    assert!(!bundle.windows(person.len()).any(|part| part == person.as_bytes()), "{person} stays in the office");
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_are_counted_beside_the_phones() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(20, 2, json!({ "quorum": null })).await;
    let slips = office.slips().await;
    let mut hall = Hall::enrol(office, 6).await;
    for slip in &slips[6..12] {
        hall.office.act("/desk/slip/void", json!({ "text": slip.token.text().as_str(), "reason": "paper" })).await;
    }
    let text = hall.office.refused("/desk/window/close", json!({ "present": 11 })).await;
    assert!(text.contains("12") && text.contains("11"), "six on phones and six on paper: {text}");
    hall.office.act("/desk/window/close", json!({ "present": 12 })).await;
    let [first, second] = [1, 2].map(|item| Contest::new(item, 1));
    hall.act("open", &[first, second]).await;
    hall.cast(first, &[0, 0, 0, 0, 0, 3]).await;
    hall.cast(second, &[0, 0, 0]).await;
    hall.act("close", &[first, second]).await;
    let paper = |item: u16, issued: u32, invalid: u32, ungraded: u32, votes: [u32; 5]| json!({ "contest": [item, 1], "issued": issued, "invalid": invalid, "ungraded": ungraded, "votes": votes });
    hall.office.refused("/desk/contest/paper", paper(1, 7, 0, 0, [5, 0, 0, 0, 0])).await;
    hall.office.refused("/desk/contest/paper", paper(1, 6, 2, 0, [5, 0, 0, 0, 0])).await;
    hall.office.refused("/desk/contest/paper", paper(1, 6, 0, 0, [4, 0, 0, 0, 0])).await;
    hall.office.refused("/desk/contest/paper", paper(2, 6, 0, 0, [5, 0, 0, 0, 0])).await;
    hall.office.act("/desk/contest/paper", paper(1, 6, 1, 0, [2, 0, 0, 2, 0])).await;
    hall.office.act("/desk/contest/paper", paper(2, 6, 0, 6, [0; 5])).await;
    hall.act("publish", &[first, second]).await;
    let result = hall.contest(first).await["result"].clone();
    assert_eq!(
        (result["issued"].as_u64(), result["cast"].as_u64(), result["missing"].as_u64()),
        (Some(12), Some(11), Some(1))
    );
    assert_eq!((&result["votes"], &result["threshold"]["count"]), (&json!([7, 0, 0, 3, 0]), &json!(3)));
    let withheld = hall.contest(second).await["result"].clone();
    assert_eq!((withheld["cast"].as_u64(), &withheld["votes"]), (Some(9), &Value::Null));
    let unused = hall.office.state().await["frozen"]["unused"].clone();
    hall.office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    hall.office.act("/desk/archive", json!({})).await;
    let bundle = hall.office.public("/bundle.zip").await.bytes;
    assert_eq!(audit::audit(&bundle, &[]).outcome, audit::Outcome::Held);
    hall.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_figures_come_in_batches_and_never_before_the_pool_is_full() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    office.small(30, 2, json!({ "release": "live", "batch": 5, "held_back": 5 })).await;
    let mut hall = Hall::enrol(office, 24).await;
    hall.office.act("/desk/window/close", json!({ "present": 24 })).await;
    let contest = Contest::new(1, 1);
    hall.act("open", &[contest]).await;
    hall.cast(contest, &[0; 9]).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    let open = hall.contest(contest).await;
    assert_eq!((open["received"].as_u64(), open["released"]["total"].as_u64()), (Some(9), Some(0)));
    // The tenth fills the pool: five at random are let out.
    let mut voters = hall.voters.split_off(9);
    std::mem::swap(&mut hall.voters, &mut voters);
    hall.cast(contest, &[1; 3]).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    let open = hall.contest(contest).await;
    let total = open["released"]["total"].as_u64().unwrap();
    assert!((5..=7).contains(&total), "at least n at once, f stay: {total}");
    let shown: u64 = open["released"]["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(shown, total);
    hall.office.stop().await;
}
