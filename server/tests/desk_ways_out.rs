//! Every way out of the server, walked while people enrol and vote and after it: no answer says who came in which order,
//! when anybody voted, or which slip is whose. The list of ways is read from the sources, so that a new one is walked too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::http::StatusCode;
use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{door::Door, storage::Memory, voter::Voter},
};
use douxuan_crypto::{bytes::hex, contest::Contest, token::Slip};
use office::{
    Answered, Office, base64, setup, start_with,
    unpack::{moments, unpacked},
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENCE: Duration = Duration::from_secs(10);
/// In this order four come to the door and enrol: each stands on the roster before the one before, so that no list in
/// the roster's order has any two of them in this one. None of them is rated.
const ARRIVAL: [usize; 4] = [9, 6, 4, 3];

/// Every path that the sources route a GET to; a hole in it is filled with what every meeting has.
fn ways() -> BTreeSet<String> {
    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let quoted =
        |rest: &str| rest.trim_start().strip_prefix('"').and_then(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let routes = text.split(".route(").skip(1).filter(|rest| rest.lines().next().unwrap().contains("get("));
    let described = text.split("Endpoint::get(").skip(1);
    let found: BTreeSet<String> =
        routes.chain(described).filter_map(quoted).filter(|path| path.starts_with('/')).collect();
    assert!(found.len() > 50 && found.contains("/desk/checkin") && found.contains("/api/record/cycles"), "{found:?}");
    let mut all = BTreeSet::new();
    for path in found {
        let files: &[&str] = if path.contains("{file}") { &["entries", "checkpoint"] } else { &[""] };
        for file in files {
            let filled: Vec<&str> = path
                .split('/')
                .map(|part| match part {
                    "{file}" => file,
                    part if part.starts_with('{') => "1",
                    part => part,
                })
                .collect();
            all.insert(filled.join("/"));
        }
    }
    all
}

/// What must not be told, and in which forms.
struct Watch {
    people: Vec<String>,
    /// Slips of those who came: typed text, with and without hyphens, link fragment, T in three forms.
    slips: Vec<Vec<Vec<u8>>>,
}

/// Where these stand, in the order in which they stand there; each time that one is named.
fn mentions(bytes: &[u8], named: &[Vec<Vec<u8>>]) -> Vec<usize> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (who, forms) in named.iter().enumerate() {
        for form in forms {
            let places = bytes.windows(form.len()).enumerate().filter(|(_, window)| window == form);
            all.extend(places.map(|(at, _)| (at, who)));
        }
    }
    all.sort_unstable();
    all.dedup_by_key(|(_, who)| *who);
    all.into_iter().map(|(_, who)| who).collect()
}

/// Whether some that came one after the other are told in that order: two neighbours at least, by where each is named
/// first, or by who is named next.
fn follows(mentions: &[usize], arrival: &[usize]) -> bool {
    let first = |who: usize| mentions.iter().position(|named| *named == who);
    arrival.windows(2).any(|two| {
        let by_first = matches!((first(two[0]), first(two[1])), (Some(one), Some(next)) if one < next);
        by_first || mentions.windows(2).any(|named| named == two)
    })
}

impl Watch {
    fn at(&self, stage: &str, way: &str, answered: &Answered) {
        let Self { people, slips } = self;
        let people: Vec<Vec<Vec<u8>>> = people.iter().map(|name| vec![name.as_bytes().to_vec()]).collect();
        let came: Vec<usize> = ARRIVAL.iter().map(|number| number - 1).collect();
        let enrolled: Vec<usize> = (0..slips.len()).collect();
        let (mut named, mut with_slip) = (false, false);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (inside, bytes) in unpacked(&answered.bytes) {
            let (who, which) = (mentions(&bytes, &people), mentions(&bytes, slips));
            named |= who.iter().any(|who| came.contains(who));
            with_slip |= !which.is_empty();
            assert!(
                !follows(&who, &came),
                "{stage}: {way}{inside} has people in the order in which they came: {who:?}"
            );
            assert!(
                !follows(&which, &enrolled),
                "{stage}: {way}{inside} has slips in the order in which they came: {which:?}"
            );
            // The record of the year says who did what when, and its papers when they were printed: it has no ballots.
            let when = if way.starts_with("/api/record/") { Vec::new() } else { moments(&bytes, now) };
            assert!(when.is_empty(), "{stage}: {way}{inside} says when: {when:?}");
        }
        assert!(!(named && with_slip), "{stage}: {way} holds a person and a slip");
        for header in ["last-modified", "date", "age"] {
            assert!(!answered.headers.contains_key(header), "{stage}: {way} says when: {header}");
        }
        for (name, value) in &answered.headers {
            let when = moments(value.as_bytes(), now);
            assert!(when.is_empty(), "{stage}: {way} says when: {name}: {value:?}");
        }
    }
}

/// Walks all of them; who answers what, by status.
async fn walk(office: &Office, watch: &Watch, stage: &str) -> BTreeMap<String, StatusCode> {
    let mut seen = BTreeMap::new();
    for way in ways() {
        for answered in [office.get(&way).await, office.public(&way).await] {
            watch.at(stage, &way, &answered);
            let best = seen.entry(way.clone()).or_insert(answered.status);
            *best = (*best).min(answered.status);
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_way_out_tells_an_order_a_time_or_whose_a_slip_is() {
    let data = tempfile::tempdir().unwrap();
    // A clock that goes: what the server writes down of now would be seen to be of now.
    let office = start_with(douxuan::Setup { clock: SystemTime::now, ..setup(data.path()) }).await.unwrap();
    office.small(9, 2, json!({ "quorum": null, "drill": true })).await;
    let (listed, manifest) = (office.get("/desk/slips.json").await.json(), Arc::new(office.manifest().await));
    let texts = listed["slips"].as_array().unwrap();
    // Drawn, so that neither their order nor that of T is the order in which they come.
    // The first seven are the general ones.
    let mut drawn: Vec<usize> = (0..7).collect();
    let keys: Vec<[u8; 32]> = texts
        .iter()
        .map(|slip| {
            let slip = Slip::parse_fragment(slip["fragment"].as_str().unwrap()).unwrap();
            *slip.token.signing_key(&manifest.meeting).verifying().as_bytes()
        })
        .collect();
    drawn.sort_by_key(|at| std::cmp::Reverse(keys[*at]));
    let own = &drawn[..ARRIVAL.len()];
    let slips = own
        .iter()
        .map(|at| {
            let (text, fragment) = (texts[*at]["text"].as_str().unwrap(), texts[*at]["fragment"].as_str().unwrap());
            let t = keys[*at];
            vec![
                text.as_bytes().to_vec(),
                text.replace('-', "").into_bytes(),
                fragment.as_bytes().to_vec(),
                hex(&t).into_bytes(),
                base64(&t).into_bytes(),
                t.to_vec(),
            ]
        })
        .collect();
    let watch = Watch { people: (1..=9).map(|n| format!("代表{n}")).collect(), slips };
    let mut reached = BTreeMap::new();
    let mut merge = |seen: BTreeMap<String, StatusCode>| {
        for (way, status) in seen {
            let best = reached.entry(way).or_insert(status);
            *best = (*best).min(status);
        }
    };

    let (public, _) = office.listen().await;
    let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
    let mut rng = StdRng::seed_from_u64(17);
    office.act("/desk/window/open", json!({})).await;
    let mut voters = Vec::new();
    for (n, at) in ARRIVAL.iter().zip(own) {
        office.act("/desk/checkin", json!({ "numbers": [n], "state": "here" })).await;
        let invitation = Invitation::scan(texts[*at]["fragment"].as_str().unwrap()).unwrap();
        let mut voter = Voter::invite(invitation, &manifest, Box::<Memory>::default()).unwrap();
        voter.enrol(&door, PATIENCE, &mut rng).await.unwrap();
        voters.push(voter);
        merge(walk(&office, &watch, &format!("window open, {n} has come")).await);
    }
    office.act("/desk/window/close", json!({ "present": 4 })).await;
    merge(walk(&office, &watch, "window closed").await);
    let contests = json!({ "contests": [[1, 1], [2, 1]] });
    office.act("/desk/contest/open", contests.clone()).await;
    for (voter, option) in voters.iter_mut().zip([0, 3, 1, 2]) {
        let cast = voter.cast(&door, Contest::new(1, 1), option, PATIENCE, &mut rng).await.unwrap();
        assert!(matches!(cast, Standing::Received), "{cast:?}");
        merge(walk(&office, &watch, "contest open").await);
    }
    office.act("/desk/contest/close", contests.clone()).await;
    merge(walk(&office, &watch, "contest closed").await);
    office.act("/desk/contest/publish", contests).await;
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;
    merge(walk(&office, &watch, "archived").await);

    // Walked, and not shut: what never answered is known by name.
    let shut: Vec<&str> =
        reached.iter().filter(|(_, status)| !status.is_success()).map(|(way, _)| way.as_str()).collect();
    for way in ["/desk/state", "/desk/checkin", "/desk/checkin/sheet", "/desk/papers.csv", "/desk/papers.xlsx"] {
        assert_eq!(reached[way], StatusCode::OK, "{way}");
    }
    for way in
        ["/live.json", "/ceremony.json", "/log/entries", "/board/1/1/entries", "/bundle.zip", "/api/record/cycles"]
    {
        assert_eq!(reached[way], StatusCode::OK, "{way}");
    }
    for packed in [office.get("/desk/papers.xlsx").await, office.public("/bundle.zip").await] {
        assert!(packed.bytes.starts_with(b"PK") && unpacked(&packed.bytes).len() > 8, "it was opened");
    }
    let open = reached.len() - shut.len();
    assert!(open >= 25, "{open} of {} answered; not {shut:?}", reached.len());
    println!("{open} of {} ways out answered at some time", reached.len());
    office.stop().await;
}

/// An answer's head over a socket of its own, line by line, from this address.
async fn head(from: [u8; 4], to: std::net::SocketAddr, request: &[u8]) -> Vec<String> {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut told = Vec::new();
    while !told.windows(4).any(|four| four == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut told).await.unwrap() > 0, "{}", String::from_utf8_lossy(&told));
    }
    let text = String::from_utf8_lossy(&told).into_owned();
    text.split("\r\n\r\n").next().unwrap().lines().map(str::to_lowercase).collect()
}

/// PROTOCOL section 4: nothing in a reply depends on the connection. The transport adds the moment at which an answer
/// leaves (RFC 9110, section 6.6.1), which whoever gets it knows; red if any head told another time, or of whom it is for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_socket_heads_are_the_same_for_all_and_tell_no_time_but_that_they_are_sent_at() {
    let data = tempfile::tempdir().unwrap();
    let office = start_with(douxuan::Setup { clock: SystemTime::now, ..setup(data.path()) }).await.unwrap();
    office.small(9, 2, json!({ "quorum": null, "drill": true })).await;
    let (manifest, slips) = (office.manifest().await, office.slips().await);
    office.act("/desk/window/open", json!({})).await;
    let (public, _) = office.listen().await;
    // What was made is a while ago when it is asked for.
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: vote.test\r\n").into_bytes();
    let enrol = |n: usize| {
        let wire = office::Phone::new(&manifest, &slips[n], n as u64).wire;
        [format!("POST /enrol HTTP/1.1\r\nHost: vote.test\r\nContent-Length: {}\r\n", wire.len()).into_bytes(), wire]
    };
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let cast = [get("/cast"), upgrade.as_bytes().to_vec()].concat();
    let mut asked: Vec<(&str, Vec<[Vec<u8>; 2]>)> = vec![
        ("/enrol", vec![enrol(0), enrol(1), enrol(0)]),
        ("/cast", vec![[cast.clone(), Vec::new()], [cast, Vec::new()]]),
    ];
    for path in ["/live.json", "/manifest", "/log/entries", "/log/checkpoint", "/"] {
        asked.push((path, vec![[get(path), Vec::new()], [get(path), Vec::new()]]));
    }
    let who = ["User-Agent: one\r\nAccept-Language: zh-CN\r\n\r\n", "Cookie: a=b\r\nUser-Agent: another\r\n\r\n"];
    let from = [[127, 0, 0, 1], [127, 0, 0, 77]];
    for (path, requests) in asked {
        let mut told = BTreeSet::new();
        for (number, [first, body]) in requests.into_iter().enumerate() {
            let request = [first, who[number % 2].as_bytes().to_vec(), body].concat();
            let head = head(from[number % 2], public, &request).await;
            let (dates, rest): (Vec<String>, Vec<String>) =
                head.into_iter().partition(|line| line.starts_with("date:"));
            assert!(dates.len() <= 1, "{dates:?}");
            for date in dates {
                let sent = ago(date.split_whitespace().nth(5).unwrap());
                assert!(sent <= 1, "{path}: {date} is {sent} s ago");
            }
            for line in &rest {
                let name = line.split(':').next().unwrap();
                let tells = ["last-modified", "age", "expires", "set-cookie", "server", "via", "x-request-id"];
                assert!(!tells.contains(&name), "{path}: {line}");
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
                assert!(moments(line.as_bytes(), now).is_empty(), "{path}: {line}");
            }
            told.insert(rest);
        }
        assert_eq!(told.len(), 1, "{path}: {told:#?}");
    }
    // A time that is not the moment's would be seen.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let clock = |at: u64| format!("{:02}:{:02}:{:02}", at / 3600 % 24, at / 60 % 60, at % 60);
    assert!(ago(&clock(now - 2)) >= 2 && ago(&clock(now)) <= 1);
    office.stop().await;
}

/// Seconds since a time of this day, `HH:MM:SS` in UTC.
fn ago(clock: &str) -> u64 {
    let parts: Vec<u64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (now + 86_400 - (parts[0] * 3600 + parts[1] * 60 + parts[2])) % 86_400
}

#[test]
fn what_is_looked_for_would_be_found() {
    let watch = Watch {
        people: (1..=9).map(|n| format!("代表{n}")).collect(),
        slips: ["AAAA-BBBB", "CCCC-DDDD", "EEEE-FFFF", "GGGG-HHHH"].map(|slip| vec![slip.as_bytes().to_vec()]).into(),
    };
    let found = |bytes: Vec<u8>| {
        let answered = Answered { status: StatusCode::OK, bytes, headers: axum::http::HeaderMap::new() };
        std::panic::catch_unwind(|| watch.at("planted", "/x", &answered)).is_err()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let clock = |at: u64| format!("{:02}:{:02}", at / 3600 % 24, at / 60 % 60);
    let plants = [
        ("a person beside a slip", "代表4 AAAA-BBBB".to_owned()),
        ("an order of arrival", "代表9,代表6,代表4,代表3".to_owned()),
        ("its first two", "代表9,代表6".to_owned()),
        ("its last two, with others between", "代表4,代表1,代表3".to_owned()),
        ("two of them behind a list in the roster's order", "代表1,代表3,代表4,代表6,代表9;代表6,代表4".to_owned()),
        ("an order of enrolment", "AAAA-BBBB CCCC-DDDD EEEE-FFFF".to_owned()),
        ("its last two", "EEEE-FFFF GGGG-HHHH".to_owned()),
        ("a time", format!("{{\"at\":{now}}}")),
        ("a time in milliseconds", format!("{{\"at\":{now}123}}")),
        ("a time of day in UTC", format!("代表1 {} 到", clock(now))),
        ("a time of day with seconds", format!("T{}:07Z", clock(now))),
        ("a time of day of the county", format!("<td>{}</td>", clock(now + 8 * 3600))),
        ("a minute ago", clock(now - 60)),
        ("a time as a PDF has it", format!("(D:20261124{}00)", clock(now).replace(':', ""))),
    ];
    for (what, text) in plants {
        assert!(found(text.clone().into_bytes()), "{what}");
        // In a workbook, and in a workbook within a bundle.
        let packed = zipped("xl/sheet1.xml", text.as_bytes());
        assert!(!packed.windows(8).any(|window| text.as_bytes().starts_with(window)), "it is deflated");
        assert!(found(packed.clone()), "{what}, packed");
        assert!(found(zipped("inner.xlsx", &packed)), "{what}, packed twice");
    }
    assert!(found([zipped("代表4", b"x"), Vec::new()].concat()) == found(b"x".to_vec()), "a name alone is nothing");
    assert!(found(zipped("代表4", b"AAAA-BBBB")), "a member's name beside its content");
    for (what, text) in [
        ("the order of the roster", "代表1,代表3,代表4,代表6,代表9"),
        ("the same twice", "代表1,代表3,代表4,代表6,代表9;代表3,代表4,代表6,代表9"),
        ("the order of T", "GGGG-HHHH EEEE-FFFF CCCC-DDDD AAAA-BBBB"),
    ] {
        assert!(!found(text.as_bytes().to_vec()), "{what}");
        assert!(!found(zipped("sheet", text.as_bytes())), "{what}, packed");
    }
    assert!(!found(clock(now + 3 * 3600).into_bytes()), "another time of day");
}

/// An archive of one member, deflated, without a time.
fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let form = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    archive.start_file(name, form).unwrap();
    // Long enough that deflating it changes it.
    std::io::Write::write_all(&mut archive, &[content, &b" ".repeat(200), &content[..0]].concat()).unwrap();
    archive.finish().unwrap().into_inner()
}
