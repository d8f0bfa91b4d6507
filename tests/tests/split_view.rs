//! A server that shows different people different meetings. Each of them holds by itself; what tells is what people can lay
//! side by side: codes on two screens, a line of the minutes, a receipt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use douxuan_ballot::receipts::{
    codes,
    lookup::{Place, place},
};
use douxuan_crypto::{
    audit::{Outcome, Step, audit},
    bundle::Bundle,
    contest::Contest,
    log::Log,
    manifest::Manifest,
    receipt::Receipt,
    screen_code,
};
use douxuan_tests::forge::{Cast, Draft, Office};
use serde_json::Value;

const AT: Contest = Contest::new(2, 2);

/// What one of them is shown.
struct View {
    bundle: Bundle,
    codes: Value,
}

impl View {
    fn of(manifest: &Manifest, draft: Draft, office: &Office) -> Self {
        let bundle = draft.bundle(office);
        let codes = codes::as_json(manifest, &bundle.log_entries, &bundle.log_checkpoint).unwrap();
        Self { codes: serde_json::from_str(&codes).unwrap(), bundle }
    }

    fn board(&self) -> (Vec<u8>, Vec<u8>) {
        let files = &self.bundle.boards[&(AT.item, u16::from(AT.round))];
        (files.entries.clone().unwrap(), files.checkpoint.clone().unwrap())
    }

    /// The code that stands on the screen under the contest.
    fn code(&self) -> &str {
        let boards = self.codes["boards"].as_array().unwrap();
        boards.iter().find(|b| b["item"] == AT.item && b["round"] == AT.round).unwrap()["code"].as_str().unwrap()
    }
}

/// The hall's meeting, and one for the voter whose ballot is not in it: in his, another's is missing instead.
fn split() -> (Office, View, View, [Vec<u8>; 2]) {
    let office = Office::new(1);
    let receipt =
        |cast: &Cast| Receipt::issue(&office.manifest, AT, &cast.leaf(), &office.receipt_key).note.into_bytes();
    let (mut hall, mut alone) = (Draft::honest(&office, 2), Draft::honest(&office, 2));
    let his = receipt(&hall.contest(AT.item, AT.round).casts.remove(0));
    let others = receipt(&alone.contest(AT.item, AT.round).casts.remove(1));
    let hall = View::of(&office.manifest, hall, &office);
    let alone = View::of(&office.manifest, alone, &office);
    (office, hall, alone, [his, others])
}

#[test]
fn two_views_hold_each_by_itself_and_their_codes_differ_on_the_two_screens() {
    let (office, hall, alone, _) = split();
    for view in [&hall, &alone] {
        assert_eq!(audit(&view.bundle.to_zip().unwrap(), &[]).outcome, Outcome::Held, "nobody sees it alone");
    }
    assert_eq!(hall.codes["manifest"], alone.codes["manifest"], "the same meeting, says the slip");
    assert_ne!(hall.code(), alone.code(), "the phone's board is not the one on the hall's screen");
    assert_ne!(hall.codes["log"]["code"], alone.codes["log"]["code"]);
    let honest = View::of(&office.manifest, Draft::honest(&office, 2), &office);
    let again = View::of(&office.manifest, Draft::honest(&office, 2), &office);
    assert_eq!(honest.code(), again.code(), "one view has one code");
}

#[test]
fn a_line_of_the_minutes_before_the_fork_fits_both_and_one_behind_it_fits_one() {
    let (office, hall, alone, _) = split();
    let manifest = &office.manifest;
    let logs = [&hall, &alone].map(|view| Log::decode(manifest, &view.bundle.log_entries).unwrap());
    let pairs = logs[0].entries().iter().zip(logs[1].entries());
    let fork = u64::try_from(pairs.take_while(|(one, other)| one == other).count()).unwrap();
    assert!(fork > 0 && fork < logs[0].size() && fork < logs[1].size(), "{fork}");
    for size in 1..=logs[0].size() {
        let (size, root) = logs[0].head_at(size);
        let code = screen_code::log_code(size, &root);
        assert_eq!(codes::size_at(manifest, &hall.bundle.log_entries, &code), Some(size));
        let elsewhere = codes::size_at(manifest, &alone.bundle.log_entries, &code);
        assert_eq!(elsewhere, (size <= fork).then_some(size), "entry {size}, the fork is behind {fork}");
    }
    // A signed head of one view and the entries of the other are believed by nobody.
    let mixed = codes::as_json(manifest, &alone.bundle.log_entries, &hall.bundle.log_checkpoint);
    assert_eq!(mixed, Err(codes::BadLog::Other));
}

#[test]
fn whoever_looks_for_his_receipt_in_the_others_view_has_the_proof() {
    let (office, hall, alone, [his, others]) = split();
    let look = |view: &View, note: &[u8]| {
        let (entries, checkpoint) = view.board();
        let receipt = Receipt::verify(&office.manifest, note).unwrap();
        place(&office.manifest, AT, &receipt.leaf, &entries, &checkpoint)
    };
    assert_eq!(look(&alone, &his), Place::OnBoard, "in what he is shown all is well");
    assert_eq!(look(&hall, &his), Place::NotOnBoard);
    assert_eq!((look(&hall, &others), look(&alone, &others)), (Place::OnBoard, Place::NotOnBoard));
    for (view, receipt, holds) in
        [(&hall, &his, false), (&hall, &others, true), (&alone, &his, true), (&alone, &others, false)]
    {
        let outcome = audit(&view.bundle.to_zip().unwrap(), std::slice::from_ref(receipt)).outcome;
        assert_eq!(outcome, if holds { Outcome::Held } else { Outcome::Failed(Step::Receipts) });
    }
    // Board of one, signature of the other.
    let ((entries, _), (_, checkpoint)) = (hall.board(), alone.board());
    let receipt = Receipt::verify(&office.manifest, &his).unwrap();
    assert_eq!(place(&office.manifest, AT, &receipt.leaf, &entries, &checkpoint), Place::OtherBoard);
}
