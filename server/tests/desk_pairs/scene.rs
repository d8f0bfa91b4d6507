//! A meeting at a server, brought to a place of the model.

use super::{
    model::{Model, Place},
    *,
};

/// The server at a place.
pub(super) struct Scene {
    pub(super) office: Office,
    pub(super) slips: Vec<String>,
    pub(super) unused: Value,
    pub(super) _data: tempfile::TempDir,
}

impl Scene {
    pub(super) async fn at(place: &Place, kind: Kind) -> Self {
        let data = tempfile::tempdir().unwrap();
        let office = start(data.path()).await.unwrap();
        let mut scene = Self { office, slips: Vec::new(), unused: Value::Null, _data: data };
        if matches!(place.model, Model::Frozen { .. }) {
            scene.office.small(PEOPLE, kind.officials, json!({ "rounds": kind.rounds })).await;
            let slips = scene.office.get("/desk/slips.json").await.json()["slips"].clone();
            scene.slips = slips.as_array().unwrap().iter().map(|s| s["text"].as_str().unwrap().to_owned()).collect();
            let all: Vec<usize> = (1..=PEOPLE).collect();
            scene.office.act("/desk/checkin", json!({ "numbers": all, "state": "here" })).await;
        }
        for step in &place.path {
            scene.unused = scene.office.state().await["frozen"]["unused"].clone();
            let body = scene.body(*step, kind);
            let spent = step.0 == Act::SlipVoid;
            scene.office.act(&path(*step), body).await;
            if spent {
                scene.slips.pop();
            }
        }
        scene.unused = scene.office.state().await["frozen"]["unused"].clone();
        scene
    }

    /// A body with which the act is right wherever it is allowed.
    pub(super) fn body(&self, Step(act, contest): Step, kind: Kind) -> Value {
        let (roster, officials) = lists(PEOPLE, kind.officials);
        let contest = contest.map(|contest| json!([contest.item, contest.round]));
        match act {
            Act::Import => json!({ "roster_csv_base64": base64(roster.as_bytes()),
                "officials_csv_base64": base64(officials.as_bytes()) }),
            Act::Settings => json!({ "title": "小会", "place": "二楼", "drill": true, "rounds": kind.rounds,
                "release": "close", "two_people": false }),
            Act::WindowClose => json!({ "present": PEOPLE }),
            Act::SlipVoid => {
                let text = self.slips.last().map_or("0000-0000-0000-0000", String::as_str);
                json!({ "text": text, "reason": "lost" })
            }
            Act::EnrolmentEnd => json!({ "unused": self.unused.as_u64().unwrap_or_default() }),
            Act::ContestPaper => json!({ "contest": contest, "issued": 0, "votes": [0, 0, 0, 0, 0] }),
            Act::Wifi => json!({ "ssid": "hall", "security": "nopass" }),
            Act::Countdown => json!({ "seconds": 60 }),
            Act::CheckIn => json!({ "numbers": [1], "state": "here" }),
            _ => contest.map_or(json!({}), |contest| json!({ "contests": [contest] })),
        }
    }

    /// All that an act could change.
    pub(super) async fn all(&self) -> (Vec<u8>, Vec<u8>, Value, Value) {
        let (log, head) = (self.office.public("/log/entries").await, self.office.public("/log/checkpoint").await);
        (log.bytes, head.bytes, self.office.state().await, self.office.live().await)
    }

    /// What the table does not have is refused and changes nothing.
    pub(super) async fn refuses_the_rest(&self, place: &Place, kind: Kind) -> usize {
        let (standing, before) = (place.model.standing(kind), self.all().await);
        let mut refused = 0;
        for step in kind.steps().into_iter().filter(|step| !standing.allows(step.0, step.1)) {
            let answered = self.office.post(&path(step), self.body(step, kind)).await;
            let said = answered.json();
            assert_eq!(answered.status, StatusCode::CONFLICT, "{step:?} at {standing:?}: {said}");
            assert!(!said["error"].as_str().unwrap().is_empty() && !said["what_to_do"].as_str().unwrap().is_empty());
            refused += 1;
        }
        assert!(self.all().await == before, "a refused act changed something at {standing:?}");
        refused
    }

    /// Whether the console offers what the model allows.
    pub(super) async fn stands_as(&self, model: &Model, kind: Kind) -> bool {
        let (standing, state) = (model.standing(kind), self.office.state().await);
        let contests: BTreeMap<Contest, &str> = standing.rounds.iter().map(|(c, r)| (*c, r.state())).collect();
        let shown = state["contests"].as_array().unwrap().iter().map(|own| {
            let [item, round] = [0, 1].map(|at| own["contest"][at].as_u64().unwrap());
            let contest = Contest::new(u16::try_from(item).unwrap(), u8::try_from(round).unwrap());
            (contest, own["state"].as_str().unwrap())
        });
        let offered = |state: &Value| -> BTreeSet<String> {
            let own = state["acts"].as_array().unwrap().iter().map(|offer| offer["act"].as_str().unwrap());
            own.map(str::to_owned).collect()
        };
        let allowed = standing.stage.acts().iter().filter(|act| act.is_button() && standing.allows(**act, None));
        let allowed = allowed.filter(|act| !act.is_of_contest() || **act == Act::RehearsalDestroy);
        let sampled = state["roster"]["attendees"].as_u64() != Some(PEOPLE as u64);
        state["meeting_state"] == standing.stage.state()
            && (sampled || shown.collect::<BTreeMap<_, _>>() == contests)
            && offered(&state) == allowed.map(|act| act.path().to_owned()).collect()
    }

    /// Two acts at the same moment: as if one had come after the other.
    pub(super) async fn race(&self, place: &Place, kind: Kind, (a, b): (Step, Step), ahead: u8, manifest: &Manifest) {
        let later = |of: u8| Duration::from_micros(if ahead == of { 500 } else { 0 });
        let post = |step: Step, wait: Duration| async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            self.office.post(&path(step), self.body(step, kind)).await
        };
        let (one, other) = tokio::join!(post(a, later(1)), post(b, later(2)));
        let got = (one.status == StatusCode::OK, other.status == StatusCode::OK);
        for (step, answered) in [(a, &one), (b, &other)] {
            let fine = matches!(answered.status, StatusCode::OK | StatusCode::CONFLICT);
            assert!(fine, "{step:?} of {a:?} and {b:?}: {} {}", answered.status, answered.json());
        }
        let mut ways = Vec::new();
        for (first, second, swapped) in [(a, b, false), (b, a, true)] {
            let between = place.model.after(first, manifest);
            let miscounted = (first.0, second.0) == (Act::SlipVoid, Act::EnrolmentEnd);
            let then = between.standing(kind).allows(second.0, second.1) && !miscounted;
            let end = if then { between.after(second, manifest) } else { between };
            ways.push((if swapped { (then, true) } else { (true, then) }, end));
        }
        let mut stands = false;
        for (_, end) in ways.iter().filter(|(statuses, _)| *statuses == got) {
            stands |= self.stands_as(end, kind).await;
        }
        assert!(
            stands,
            "{a:?} and {b:?} at {:?}: {} / {}, {}",
            place.model.standing(kind),
            one.json(),
            other.json(),
            self.office.state().await["acts"]
        );
    }

    /// Brings the meeting to its end; the log's order holds all along, and the bundle verifies.
    pub(super) async fn ends(&self) {
        const NEXT: [&str; 7] = [
            "window/close",
            "contest/close",
            "contest/publish",
            "rehearsal/destroy",
            "enrolment/end",
            "archive",
            "window/open",
        ];
        for _ in 0..32 {
            let state = self.office.state().await;
            if state["meeting_state"] == "preparing" {
                return;
            }
            let manifest = self.office.manifest().await;
            Log::decode(&manifest, &self.office.public("/log/entries").await.bytes).expect("the order of the log");
            if state["meeting_state"] == "archived" {
                let zip = self.office.public("/bundle.zip").await.bytes;
                assert_eq!(audit::audit(&zip, &[]).outcome, audit::Outcome::Held);
                return;
            }
            let offers = |acts: &Value, next: &str| acts.as_array().unwrap().iter().any(|act| act["act"] == next);
            let contests = state["contests"].as_array().unwrap();
            let of =
                |next: &str| contests.iter().find(|own| offers(&own["acts"], next)).map(|own| own["contest"].clone());
            let found = NEXT.iter().find(|next| offers(&state["acts"], next) || of(next).is_some());
            let next = *found.expect("something can always be done");
            let present = state["checkin"]["came"].as_u64().filter(|_| state["checkin"]["in_use"] == true);
            let body = match next {
                "window/close" => json!({ "present": present.unwrap_or(PEOPLE as u64) }),
                "enrolment/end" => json!({ "unused": state["frozen"]["unused"] }),
                "contest/close" | "contest/publish" => json!({ "contests": [of(next)] }),
                _ => json!({}),
            };
            self.office.act(&format!("/desk/{next}"), body).await;
        }
        panic!("the meeting does not end");
    }
}
