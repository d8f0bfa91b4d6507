//! Links that break, listeners that do not listen, and a whole hall that taps at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use douxuan_ballot::{
    journey::Standing,
    native::{
        deliver::{Way, deliver},
        door::Door,
    },
    wire,
};
use douxuan_crypto::{bundle::Bundle, contest::Contest};
use douxuan_tests::{
    console::Plan,
    link::Link,
    meeting::{Meeting, Phone},
    recording::option,
    server::PATIENCE,
};
use futures_util::StreamExt;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    net::TcpSocket,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

const ONE: Contest = Contest::new(1, 1);

fn is_long() -> bool {
    std::env::var_os("DOUXUAN_LONG").is_some()
}

/// T8. Every phone loses its link after its ballot went up and before its receipt came down, some of them twice. Red if
/// a phone ends without a receipt, or a ballot that was sent twice counts twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_between_ballot_and_receipt_ends_with_one_receipt_and_one_leaf() {
    let (voters, longest) = if is_long() { (60, 30_000) } else { (30, 3_000) };
    let mut meeting = Meeting::begin(Plan { voters, officials: 1, rounds: 1, live: false }).await;
    meeting.enrol_all_at_once().await;
    meeting.console.open(&[ONE]);
    let (server, origin) = (meeting.door.address(), meeting.door.origin());
    let cuts = Arc::new(AtomicUsize::new(0));
    meeting
        .at_once(|place, mut phone| {
            let (origin, cuts) = (origin.clone(), Arc::clone(&cuts));
            async move {
                let mut rng = StdRng::seed_from_u64(place as u64);
                let lengths = (0..1 + place % 3).map(|_| Duration::from_millis(rng.random_range(100..longest)));
                let link = Link::to(server, lengths.collect()).await;
                let door = Door::find(&origin, Some(&link.address.to_string())).await.unwrap();
                let door = door.with_patience(Duration::from_secs(5));
                let standing = phone.cast(&door, ONE, option(place), Duration::from_secs(240)).await;
                assert_eq!(standing.unwrap(), Standing::Received);
                assert_eq!(link.happened(), 1 + place % 3, "the link was cut as often as planned");
                cuts.fetch_add(link.happened(), Ordering::Relaxed);
                phone
            }
        })
        .await;
    let bundle = Bundle::from_zip(&meeting.finish_and_check()).unwrap();
    let entries = bundle.boards[&(1, 1)].entries.as_ref().unwrap();
    let board = douxuan_crypto::board::Board::from_entries(entries).unwrap();
    assert_eq!(board.size(), voters);
    println!("{} cuts, {voters} receipts, {voters} leaves", cuts.load(Ordering::Relaxed));
}

/// T28. 300 ballots within five seconds, each timed from the moment it was meant to leave, with the real disk. Red if
/// one is without a receipt, or one in a hundred waits for more than a second. A run in which this test itself sends
/// more than one in twenty too late says nothing and is done again, in the next item.
#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_casts_in_five_seconds_are_all_receipted_within_a_second() {
    const VOTERS: usize = 300;
    let mut meeting = Meeting::begin(Plan { voters: VOTERS, officials: 3, rounds: 1, live: true }).await;
    meeting.enrol_all_at_once().await;
    let mut measured = None;
    for contest in meeting.contests() {
        meeting.console.open(&[contest]);
        let (late, latencies) = cast_within_five_seconds(&mut meeting, contest).await;
        if late * 20 <= VOTERS {
            measured = Some(latencies);
            break;
        }
    }
    let latencies = measured.expect("this machine is too busy to measure anything");
    let p99 = latencies[VOTERS * 99 / 100];
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
    meeting.finish_and_check();
    println!("p50 {:?}, p99 {p99:?}, slowest {:?}", latencies[VOTERS / 2], latencies[VOTERS - 1]);
}

/// How many ballots left too late, and how long each took, ascending.
async fn cast_within_five_seconds(meeting: &mut Meeting, contest: Contest) -> (usize, Vec<Duration>) {
    for (place, phone) in meeting.phones.iter_mut().enumerate() {
        phone.voter.seal(&[(contest, option(place))], &mut phone.rng).unwrap();
        phone.marks.insert(contest, option(place));
    }
    let (start, voters) = (Instant::now() + Duration::from_millis(100), meeting.phones.len() as u64);
    let cast = |(place, phone): (u64, &Phone)| {
        let (door, wire) = (meeting.door.clone(), phone.voter.ballot(contest).unwrap().to_vec());
        let intended = start + Duration::from_millis(5_000 * place / voters);
        tokio::spawn(async move {
            sleep_until(intended).await;
            let behind = intended.elapsed();
            let reply = deliver(&door, Way::Cast, &wire, PATIENCE).await.unwrap();
            (behind, intended.elapsed(), reply)
        })
    };
    let casting: Vec<_> = (0..).zip(&meeting.phones).map(cast).collect();
    let (mut latencies, mut late) = (Vec::new(), 0);
    for (phone, cast) in meeting.phones.iter_mut().zip(casting) {
        let (behind, latency, reply) = cast.await.unwrap();
        late += usize::from(behind > Duration::from_millis(50));
        latencies.push(latency);
        assert_eq!(phone.voter.receive(contest, &reply).unwrap(), Standing::Received);
    }
    latencies.sort_unstable();
    (late, latencies)
}

type Socket = WebSocketStream<tokio::net::TcpStream>;

/// A listener. With a small buffer, what it does not read stays with the server.
async fn listener(meeting: &Meeting, buffer: Option<u32>) -> Socket {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(buffer) = buffer {
        socket.set_recv_buffer_size(buffer).unwrap();
    }
    let address = meeting.door.address();
    let stream = socket.connect(address).await.unwrap();
    client_async(format!("ws://{address}{}", wire::LIVE_SOCKET), stream).await.unwrap().0
}

/// Memory that a process holds, in KiB.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Reads until a frame shows so many closed contests: how many frames there were, and the last one. The same frames
/// and an empty last one if the server lets go before.
async fn listen(mut socket: Socket, closed: usize) -> (usize, String) {
    let mut frames = 0;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            frames += 1;
            if text.matches("\"state\":\"closed\"").count() == closed {
                return (frames, text.as_str().to_owned());
            }
        }
    }
    (frames, String::new())
}

/// T24. A hundred listeners never read while the state changes over a hundred times. Red if what they do not read piles
/// up in the server, if the others get their frames later for it, or if one that wakes up ends with old news.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn listeners_that_do_not_read_cost_nobody_anything_and_the_latest_state_wins() {
    const ASLEEP: usize = 100;
    const ITEMS: usize = 30;
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: ITEMS, rounds: 4, live: false }).await;
    meeting.enrol_all_at_once().await;
    let process = meeting.server.as_ref().unwrap().process();
    let frame = meeting.live().to_string().len() as u64;
    let before = resident(process);
    let mut asleep = Vec::new();
    for _ in 0..ASLEEP {
        asleep.push(listener(&meeting, Some(4096)).await);
    }
    let dozing = listener(&meeting, None).await;
    let awake = tokio::spawn(listen(listener(&meeting, None).await, ITEMS));
    // Each act changes the state at once.
    for contest in meeting.contests() {
        let began = Instant::now();
        tokio::task::block_in_place(|| {
            meeting.console.open(&[contest]);
            meeting.console.close(&[contest]);
        });
        assert!(began.elapsed() < Duration::from_secs(5), "acts are not held up");
    }
    let ended = Instant::now();
    let (frames, _) = tokio::time::timeout(PATIENCE, awake).await.expect("the latest state arrives").unwrap();
    let behind = ended.elapsed();
    assert!(behind < Duration::from_secs(1), "whoever reads is not behind: {behind:?}");
    assert!(frames > 3 * ITEMS, "whoever reads saw them come: {frames}");
    let grown = resident(process).saturating_sub(before);
    let unread = ASLEEP as u64 * frames as u64 * frame / 1024;
    assert!(unread > 3 * 64 * 1024, "this would not show: {unread} KiB");
    assert!(grown < 64 * 1024, "{grown} KiB more, of {unread} that were not read");

    // One that wakes up reads what was on its way and then the newest; one that was let go connects again for it.
    let woken = async {
        let (seen, newest) = listen(dozing, ITEMS).await;
        if newest.is_empty() { listen(listener(&meeting, None).await, ITEMS).await } else { (seen, newest) }
    };
    let (seen, newest) = tokio::time::timeout(PATIENCE, woken).await.expect("it catches up");
    assert!(!newest.is_empty(), "old news");
    println!("{frames} frames of {frame} bytes; {ASLEEP} asleep: {grown} KiB more of {unread}; one that woke: {seen}");
    drop(asleep);
    meeting.finish_and_check();
}
