//! T31 and T40. Every byte that a server leaves, on its disk at three moments and on its outputs, is searched for every
//! secret of every phone.

use std::{collections::BTreeSet, fs, net::Ipv4Addr, path::Path, time::Duration};

use douxuan_ballot::{journey::Standing, native::door::Door};
use douxuan_crypto::{board::Board, bundle::Bundle, token::Slip};
use douxuan_tests::{
    console::Plan,
    http,
    link::Link,
    meeting::{Meeting, check},
    recording::option,
    search::{Artefact, Wanted, forms, gather},
    server::{Launch, PATIENCE},
    witness::{Drawn, Witness},
};

/// Where phones seem to come from: an address that stands nowhere else.
const PHONES_AT: Ipv4Addr = Ipv4Addr::new(127, 77, 66, 55);

/// Every secret of these phones: what is on their slips, and all that they drew.
fn wanted(meeting: &Meeting, drawn: &[Drawn]) -> Wanted {
    let mut wanted = Wanted::default();
    for (number, phone) in meeting.phones.iter().enumerate() {
        let slip = Slip::parse_fragment(&phone.fragment).unwrap();
        wanted.add(format!("token {number}"), &*slip.token.to_bytes());
        wanted.add(format!("key of token {number}"), &*slip.token.signing_key(&meeting.manifest.meeting).seed());
        wanted.add_text(format!("link of slip {number}"), &phone.fragment);
        wanted.add_text(format!("code of slip {number}"), &phone.text);
        wanted.add_text(format!("code of slip {number}, closed up"), &phone.text.replace('-', ""));
        drawn[number].add_to(&mut wanted, &format!("phone {number}"));
    }
    wanted.add_text("a phone's address", &PHONES_AT.to_string());
    wanted
}

fn artefacts(meeting: &Meeting, output: &str) -> Vec<Artefact> {
    let mut all = gather(meeting.data.path());
    all.push(Artefact { name: "output".to_owned(), bytes: output.as_bytes().to_vec() });
    for path in ["/live.json", "/log/entries", "/log/checkpoint", "/manifest"] {
        if let Ok(answer) = http::request(meeting.door.address(), "GET", path, &[], b"") {
            all.push(Artefact { name: path.to_owned(), bytes: answer.body });
        }
    }
    all
}

/// Red if a token, a ballot key, an opening or an address is written anywhere, in any form, at any time: with the
/// window open, with a contest open, or afterwards; red too if a single request leaves a line on an output.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_phone_is_on_the_disk_or_on_the_outputs_before_during_or_after() {
    let data = tempfile::tempdir().unwrap();
    // Whatever could make it talk is set.
    let launch =
        Launch::on(data.path()).with("RUST_LOG", "trace").with("RUST_BACKTRACE", "full").with("SQLX_LOG", "trace");
    let plan = Plan { voters: 20, officials: 2, rounds: 1, live: true };
    let mut meeting = Meeting::begin_at(plan, data, &launch).await;
    let said_at_start = meeting.server.as_ref().unwrap().output();
    let (server, origin) = (meeting.door.address(), meeting.door.origin());
    let link = Link::from(PHONES_AT, server, Vec::new()).await;
    let door = Door::find(&origin, Some(&link.address.to_string())).await.unwrap();
    let (mut witnesses, mut drawn) = (Vec::new(), Vec::new());
    for number in 0..plan.voters {
        let (witness, seen) = Witness::new(number as u64);
        witnesses.push(witness);
        drawn.push(seen);
    }
    for (phone, witness) in meeting.phones.iter_mut().zip(&mut witnesses) {
        phone.voter.enrol(&door, PATIENCE, witness).await.unwrap();
    }
    let output = meeting.server.as_ref().unwrap().output();
    let found = wanted(&meeting, &drawn).search(&artefacts(&meeting, &output));
    assert!(found.is_empty(), "while enrolling: {found:#?}");
    meeting.close_window();

    let contests = meeting.contests();
    meeting.console.open(&contests);
    for contest in &contests {
        for (number, (phone, witness)) in meeting.phones.iter_mut().zip(&mut witnesses).enumerate() {
            let standing = phone.voter.cast(&door, *contest, option(number), PATIENCE, witness).await;
            assert_eq!(standing.unwrap(), Standing::Received);
            phone.marks.insert(*contest, option(number));
        }
    }
    // Two ticks: a batch has been released.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(meeting.live().to_string().contains("\"total\":"), "a batch was released");
    let output = meeting.server.as_ref().unwrap().output();
    let found = wanted(&meeting, &drawn).search(&artefacts(&meeting, &output));
    assert!(found.is_empty(), "while casting: {found:#?}");

    let bundle = meeting.finish();
    check(&bundle, &meeting.phones).unwrap();
    let all = wanted(&meeting, &drawn);
    let output = meeting.server.as_ref().unwrap().output();
    let after = artefacts(&meeting, &output);
    let found = all.search(&after);
    assert!(found.is_empty(), "after the meeting: {found:#?}");
    // Not even what is public may be said when it happens: its moment would be the voter's.
    assert_eq!(output, said_at_start, "a server at work says nothing");
    nothing_holds_both_sides(&bundle, &after);

    meeting.server.take().unwrap().stop();
    let left = gather(meeting.data.path());
    assert!(all.search(&left).is_empty(), "after the server has ended");
    let bytes: usize = after.iter().chain(&left).map(|artefact| artefact.bytes.len()).sum();
    let draws: usize = drawn.iter().map(Drawn::count).sum();
    assert!(draws > 20 * plan.voters, "phones draw much: {draws}");
    println!("{} secrets ({draws} draws) in {} forms, {bytes} bytes: 0 found", all.count(), forms(&[0; 8]).len());
    a_planted_secret_is_found(&meeting, &drawn, meeting.data.path());
}

/// Red if a file holds the T of a slip together with the B, the N or the leaf hash of a ballot. The bundle is one file
/// in which the two stand apart.
fn nothing_holds_both_sides(bundle: &[u8], artefacts: &[Artefact]) {
    let bundle = Bundle::from_zip(bundle).unwrap();
    let (mut slips, mut ballots) = (Wanted::default(), Wanted::default());
    // 0x01 || T || mask || request hash || sig || window; one byte of mask for two items.
    for record in bundle.redeemed.chunks(1 + 32 + 1 + 32 + 64 + 1) {
        slips.add("T", &record[1..33]);
        slips.add("request hash", &record[34..66]);
        slips.add("sig", &record[66..130]);
    }
    for files in bundle.boards.values() {
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        for (ballot, leaf) in board.ballots().iter().zip(board.leaves()) {
            ballots.add("B", &ballot[4..36]);
            ballots.add("N", &ballot[36..68]);
            ballots.add("C", &ballot[68..100]);
            ballots.add("leaf", leaf);
        }
    }
    let places = |wanted: &Wanted| -> BTreeSet<String> {
        let stores = artefacts.iter().filter(|artefact| !artefact.name.contains("bundles"));
        let stores: Vec<Artefact> = stores.map(|a| Artefact { name: a.name.clone(), bytes: a.bytes.clone() }).collect();
        wanted.search(&stores).into_iter().map(|finding| finding.place).collect()
    };
    let (of_slips, of_ballots) = (places(&slips), places(&ballots));
    assert!(of_slips.iter().any(|name| name.contains("roll.db")), "{of_slips:?}");
    assert!(of_ballots.iter().any(|name| name.contains("urn.db")), "{of_ballots:?}");
    let both: Vec<_> = of_slips.intersection(&of_ballots).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// The search can find: one secret of each kind, in each form, in the middle of a file of the folder.
fn a_planted_secret_is_found(meeting: &Meeting, drawn: &[Drawn], folder: &Path) {
    let wanted = wanted(meeting, drawn);
    let slip = Slip::parse_fragment(&meeting.phones[0].fragment).unwrap();
    let mut of_one = Wanted::default();
    drawn[0].add_to(&mut of_one, "phone 0");
    let path = folder.join("urn.db");
    let clean = fs::read(&path).unwrap();
    let secrets = [slip.token.to_bytes().to_vec()].into_iter().chain(drawn[0].some());
    for secret in secrets {
        for (form, bytes) in forms(&secret) {
            let mut spoilt = clean.clone();
            let middle = spoilt.len() / 2;
            spoilt.splice(middle..middle, bytes);
            fs::write(&path, &spoilt).unwrap();
            let found = wanted.search(&gather(folder));
            assert!(found.iter().any(|finding| finding.form == form && finding.place.ends_with("urn.db")), "{form}");
        }
    }
    for text in [meeting.phones[0].fragment.clone(), meeting.phones[0].text.clone(), PHONES_AT.to_string()] {
        fs::write(&path, [&clean[..], text.to_lowercase().as_bytes()].concat()).unwrap();
        assert!(!wanted.search(&gather(folder)).is_empty(), "{text}");
    }
    fs::write(&path, clean).unwrap();
}
