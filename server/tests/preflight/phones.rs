//! Phones that scan the code: what counts as reached.

use super::*;

/// The code on the console, read as a camera reads it.
pub(super) async fn scanned(office: &Office) -> String {
    let answered = office.get("/desk/preflight.svg").await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.text());
    read(&answered.text())
}

/// Draws the path of runs on a raster and reads it.
pub(super) fn read(svg: &str) -> String {
    const SCALE: usize = 4;
    let side: usize = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
    let wide = side * SCALE;
    let mut pixels = vec![255_u8; wide * wide];
    for run in path.split('M').skip(1) {
        let mut parts = run.split(['h', 'v', ' ']);
        let [x, y, long] = [0; 3].map(|_: i32| parts.next().unwrap().parse::<usize>().unwrap());
        for row in y * SCALE..(y + 1) * SCALE {
            pixels[row * wide + x * SCALE..row * wide + (x + long) * SCALE].fill(0);
        }
    }
    let mut decoder = quircs::Quirc::default();
    let code = decoder.identify(wide, wide, &pixels).next().unwrap().unwrap();
    String::from_utf8(code.decode().unwrap().payload).unwrap()
}

pub(super) fn nonce(link: &str) -> String {
    link.split('#').nth(1).unwrap().split('.').next().unwrap().to_owned()
}

/// A phone at the echo, under this name.
pub(super) struct Phone(WebSocketStream<TcpStream>);

impl Phone {
    pub(super) async fn at(public: SocketAddr, host: &str) -> Self {
        let stream = TcpStream::connect(public).await.unwrap();
        let (socket, _) = client_async(format!("ws://{host}:8460/preflight/echo"), stream).await.unwrap();
        Self(socket)
    }

    async fn say(&mut self, what: Value) {
        let _ = self.0.send(Message::Text(what.to_string().into())).await;
    }

    async fn hear(&mut self) -> Value {
        match timeout(Duration::from_secs(5), self.0.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Every round trip; what the server says after `{"tell": true}`, or instead of it.
    pub(super) async fn goes(&mut self, nonce: &str, told: Value) -> Value {
        self.say(json!({ "nonce": nonce })).await;
        let mut trips = 0;
        loop {
            let heard = self.hear().await;
            if heard.get("counter").is_some() {
                trips += 1;
                self.say(json!({ "counter": heard["counter"] })).await;
            } else if heard == json!({ "tell": true }) {
                assert_eq!(trips, 10);
                self.say(told.clone()).await;
            } else {
                return heard;
            }
        }
    }
}

/// What a phone tells whose clock is ahead of the server's by this.
pub(super) fn told(ahead: i64, lacks: &[&str]) -> Value {
    json!({ "now": 1_797_177_600_000_i64 + ahead, "lacks": lacks })
}

#[tokio::test]
async fn a_phone_counts_when_its_round_trips_came_back_and_nothing_is_known_of_it() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    office.act(RUN, json!({})).await;
    let link = scanned(&office).await;
    assert!(link.starts_with("http://vote.test:8460/preflight#"), "{link}");
    let secret = nonce(&link);
    let page = office.public("/preflight").await;
    assert!(page.status == StatusCode::OK && !page.text().contains(&secret), "the nonce stands in the picture only");
    let report = office.get("/desk/preflight").await;
    assert!(!report.text().contains(&secret));
    assert_eq!(says(&report.json(), "port"), ["port_waits"]);

    assert_eq!(Phone::at(public, "vote.test").await.goes(&secret, told(0, &[])).await, json!({ "done": 1 }));
    let second = told(5 * 60_000, &["WebAssembly", "Mozilla/5.0 (192.168.1.77)"]);
    assert_eq!(Phone::at(public, "vote.test").await.goes(&secret, second).await, json!({ "done": 2 }));
    let report = office.get("/desk/preflight").await.json();
    assert_eq!(says(&report, "port"), ["port_reached", "port_lacks"]);
    assert_eq!(says(&report, "clock").last().unwrap(), "clock_phones_differ");
    let phones = report["phones"].as_array().unwrap();
    assert_eq!(phones.len(), 2);
    for phone in phones {
        let keys: Vec<&String> = phone.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["lacks", "longest", "minutes", "p50", "slow"]);
    }
    assert_eq!((&phones[1]["minutes"], &phones[1]["lacks"]), (&json!(5), &json!(["WebAssembly"])));
    // Run again within its time: the same code, the same phones.
    office.act(RUN, json!({})).await;
    assert_eq!(scanned(&office).await, link);
    assert_eq!(office.get("/desk/preflight").await.json()["phones"].as_array().unwrap().len(), 2);
    office.stop().await;
}

#[tokio::test]
async fn reached_means_the_address_that_the_phones_were_sent_to() {
    let data = tempfile::tempdir().unwrap();
    let (office, hosts) = on(data.path(), &["192.168.1.10", "192.168.1.11"]).await;
    let (public, _) = office.listen().await;
    office.act(RUN, json!({})).await;
    let first = nonce(&scanned(&office).await);
    // The code leads to one address; whoever took the nonce out of it comes from nowhere that was asked about.
    let lapsed = json!({ "refused": "lapsed" });
    assert_eq!(Phone::at(public, "192.168.1.11").await.goes(&first, told(0, &[])).await, lapsed);
    assert_eq!(Phone::at(public, "192.168.1.10").await.goes(&first, told(0, &[])).await, json!({ "done": 1 }));
    let report = office.get("/desk/preflight").await.json();
    assert_eq!(says(&report, "port"), ["port_reached"]);
    assert_eq!(check(&report, "port")["findings"][0]["values"]["origin"], "http://192.168.1.10:8460");

    // Another network: what was found is of the address before, and no phone comes by the old code.
    hosts.replace(vec!["10.9.8.7".parse().unwrap()]);
    let report = office.get("/desk/preflight").await.json();
    assert_eq!(
        (says(&report, "port"), &check(&report, "port")["status"]),
        (vec!["port_moved".to_owned()], &json!("fail"))
    );
    let values = &check(&report, "port")["findings"][0]["values"];
    assert_eq!(values, &json!({ "before": "http://192.168.1.10:8460", "now": "http://10.9.8.7:8460" }));
    assert_eq!((&report["url"], &report["left"]), (&Value::Null, &json!(0)));
    assert_eq!(office.get("/desk/preflight.svg").await.status, StatusCode::CONFLICT);
    assert_eq!(Phone::at(public, "10.9.8.7").await.goes(&first, told(0, &[])).await, lapsed);
    // Run again, still within the half hour of the first: a code of its own and no phone yet.
    let report = office.act(RUN, json!({})).await;
    assert_eq!((says(&report, "port"), &report["phones"]), (vec!["port_waits".to_owned()], &json!([])));
    assert_eq!(report["url"], "http://10.9.8.7:8460/preflight");
    let second = nonce(&scanned(&office).await);
    assert_ne!(first, second);
    assert_eq!(Phone::at(public, "10.9.8.7").await.goes(&second, told(0, &[])).await, json!({ "done": 1 }));
    let reached = office.get("/desk/preflight").await.json();
    assert_eq!(check(&reached, "port")["findings"][0]["values"]["origin"], "http://10.9.8.7:8460");
    office.stop().await;
}

#[tokio::test]
async fn who_did_not_scan_or_does_not_return_what_was_sent_is_not_counted() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    let (public, _) = office.listen().await;
    let lapsed = json!({ "refused": "lapsed" });
    assert_eq!(Phone::at(public, "vote.test").await.goes("", told(0, &[])).await, lapsed, "nothing was begun");
    office.act(RUN, json!({})).await;
    let secret = nonce(&scanned(&office).await);
    for wrong in ["", "0", &secret.replace(|c: char| c != 'f', "f"), &secret[1..]] {
        assert_eq!(Phone::at(public, "vote.test").await.goes(wrong, told(0, &[])).await, lapsed, "{wrong}");
    }
    // This machine itself, under every name that only it can use.
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let heard = Phone::at(public, host).await.goes(&secret, told(0, &[])).await;
        assert_eq!(heard, json!({ "refused": "itself" }), "{host}");
    }
    // The counter that was sent, and no other; and not that of another trip.
    let mut phone = Phone::at(public, "vote.test").await;
    phone.say(json!({ "nonce": secret })).await;
    let first = phone.hear().await;
    phone.say(json!({ "counter": first["counter"] })).await;
    assert_ne!(phone.hear().await["counter"], first["counter"], "each trip has its own");
    phone.say(json!({ "counter": first["counter"] })).await;
    assert_eq!(phone.hear().await, json!({ "refused": "wrong" }));
    for wrong in [json!({ "nonce": secret, "more": 1 }), json!([]), json!({ "counter": secret })] {
        let mut phone = Phone::at(public, "vote.test").await;
        phone.say(wrong).await;
        assert_eq!(phone.hear().await, json!({ "refused": "wrong" }));
    }
    // One that goes away half-way.
    let mut phone = Phone::at(public, "vote.test").await;
    phone.say(json!({ "nonce": secret })).await;
    phone.hear().await;
    drop(phone);
    let report = office.get("/desk/preflight").await.json();
    assert_eq!((says(&report, "port"), report["phones"].as_array().unwrap().len()), (vec!["port_waits".to_owned()], 0));
    office.stop().await;
}

#[tokio::test]
async fn after_half_an_hour_the_code_is_dead_and_a_new_run_makes_another() {
    let data = tempfile::tempdir().unwrap();
    let clock = Arc::new(Mutex::new(Instant::now()));
    let told_time = clock.clone();
    let steady = Arc::new(move || *told_time.lock().unwrap());
    // Signing in is no part of it: a drill's session would end of itself.
    let office = start_with(Setup { steady, ..setup(data.path()) }).await.unwrap();
    let (public, _) = office.listen().await;
    office.act(RUN, json!({})).await;
    let first = nonce(&scanned(&office).await);
    let mut begun = Phone::at(public, "vote.test").await;
    begun.say(json!({ "nonce": first })).await;
    let counter = begun.hear().await;
    *clock.lock().unwrap() += Duration::from_secs(29 * 60);
    assert_eq!(Phone::at(public, "vote.test").await.goes(&first, told(0, &[])).await, json!({ "done": 1 }));
    office.act("/desk/staff/here", json!({})).await;
    *clock.lock().unwrap() += Duration::from_secs(60);
    assert_eq!(Phone::at(public, "vote.test").await.goes(&first, told(0, &[])).await, json!({ "refused": "lapsed" }));
    // One that began in time and ends too late.
    begun.say(json!({ "counter": counter["counter"] })).await;
    let mut last = begun.hear().await;
    while last.get("counter").is_some() {
        begun.say(json!({ "counter": last["counter"] })).await;
        last = begun.hear().await;
    }
    begun.say(told(0, &[])).await;
    assert_eq!(begun.hear().await, json!({ "refused": "lapsed" }));
    assert_eq!(office.get("/desk/preflight.svg").await.status, StatusCode::CONFLICT);
    let report = office.get("/desk/preflight").await.json();
    assert_eq!((&report["left"], &report["url"]), (&json!(0), &Value::Null));
    assert_eq!(says(&report, "port"), ["port_reached"], "what came in time stands in the protocol");
    office.act(RUN, json!({})).await;
    let second = nonce(&scanned(&office).await);
    assert_ne!(first, second);
    assert_eq!(Phone::at(public, "vote.test").await.goes(&first, told(0, &[])).await, json!({ "refused": "lapsed" }));
    assert_eq!(says(&office.get("/desk/preflight").await.json(), "port"), ["port_waits"]);
    office.stop().await;
}
