//! A small meeting at a real server: the office, the phones with what they were promised, and the check of it all.
//!
//! The oracle is what the phones hold. A receipt is a promise: its ballot stands on the board, once. A ballot that was
//! sent and got no receipt may stand there or not, but never twice.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{
        door::{Door, NetworkError},
        storage::Memory,
        voter::{Voter, VoterError},
    },
    wire,
};
use douxuan_crypto::{
    audit::{Outcome, audit},
    board::Board,
    bundle::Bundle,
    contest::Contest,
    manifest::Manifest,
    merkle::Hash,
    tally::Tally,
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    console::{Console, Plan},
    http,
    server::{Launch, PATIENCE, Server},
};

/// One voter with his slip.
pub struct Phone {
    /// The journey.
    pub voter: Voter,
    /// His randomness.
    pub rng: StdRng,
    /// The slip's link fragment.
    pub fragment: String,
    /// The slip's typed code.
    pub text: String,
    /// What he chose, from the moment a ballot was sealed.
    pub marks: BTreeMap<Contest, u8>,
}

impl Phone {
    /// Enrols, and tries again until patience ends.
    ///
    /// # Errors
    /// [`VoterError`].
    pub async fn enrol(&mut self, door: &Door, patience: Duration) -> Result<(), VoterError> {
        let end = Instant::now() + patience;
        loop {
            match self.voter.enrol(door, patience, &mut self.rng).await {
                // The reply was there, but not what is asked after it: the same request again.
                Err(VoterError::Network(NetworkError::Unreachable(_))) if Instant::now() < end => {
                    sleep(Duration::from_millis(100)).await;
                }
                done => return done,
            }
        }
    }

    /// Casts, and sends the same bytes again until patience ends.
    ///
    /// # Errors
    /// [`VoterError`].
    pub async fn cast(
        &mut self,
        door: &Door,
        contest: Contest,
        option: u8,
        patience: Duration,
    ) -> Result<Standing, VoterError> {
        self.marks.entry(contest).or_insert(option);
        self.voter.cast(door, contest, option, patience, &mut self.rng).await
    }

    /// The receipt's note, if he has one.
    #[must_use]
    pub fn receipt(&self, contest: Contest) -> Option<(Hash, Vec<u8>)> {
        let receipt = self.voter.enrolled()?.receipt(contest)?;
        Some((receipt.leaf, receipt.note.clone().into_bytes()))
    }
}

/// The meeting.
pub struct Meeting {
    /// The data folder.
    pub data: tempfile::TempDir,
    /// The server; `None` while it is down.
    pub server: Option<Server>,
    /// The office.
    pub console: Console,
    /// What is fixed.
    pub manifest: Arc<Manifest>,
    /// One for everybody on the roster.
    pub phones: Vec<Phone>,
    /// The way to the server.
    pub door: Door,
    /// All slips, spares included.
    pub slips: usize,
    /// Typed codes of the spares.
    pub spares: Vec<String>,
}

impl Meeting {
    /// Frozen, the slips in the phones' hands, the first window open.
    pub async fn begin(plan: Plan) -> Self {
        let data = tempfile::tempdir().unwrap();
        let launch = Launch::on(data.path());
        Self::begin_at(plan, data, &launch).await
    }

    /// The same, started in a way of one's own.
    pub async fn begin_at(plan: Plan, data: tempfile::TempDir, launch: &Launch) -> Self {
        let meeting = Self::frozen_at(plan, data, launch).await;
        meeting.console.act("/desk/window/open", &json!({}));
        meeting
    }

    /// The same before the first window.
    pub async fn frozen_at(plan: Plan, data: tempfile::TempDir, launch: &Launch) -> Self {
        let server = launch.start();
        let console = Console::of(&server);
        let slips = console.freeze(plan);
        let origin = format!("http://{}", launch.public);
        let door = Door::find(&origin, None).await.unwrap().with_patience(Duration::from_secs(5));
        let manifest = door.fetch(wire::MANIFEST, wire::MANIFEST_LIMIT).await.unwrap();
        let manifest = Arc::new(Manifest::parse(&manifest).unwrap());
        let phone = |(seed, slip): (u64, &douxuan_ballot::swarm::slips::SlipEntry)| Phone {
            voter: Voter::invite(Invitation::scan(&slip.fragment).unwrap(), &manifest, Box::<Memory>::default())
                .unwrap(),
            rng: StdRng::seed_from_u64(seed),
            fragment: slip.fragment.clone(),
            text: slip.text.clone(),
            marks: BTreeMap::new(),
        };
        let phones = (1..).zip(&slips.slips).take(plan.voters).map(phone).collect();
        let spares = slips.slips[plan.voters..].iter().map(|slip| slip.text.clone()).collect();
        Self { data, server: Some(server), console, manifest, phones, door, slips: slips.slips.len(), spares }
    }

    /// A meeting that goes on from a data folder, with phones that know what they know.
    pub async fn resume(
        data: tempfile::TempDir,
        manifest: &Arc<Manifest>,
        phones: Vec<Phone>,
        slips: usize,
    ) -> Result<Self, String> {
        let server = Launch::on(data.path()).try_start()?;
        let console = Console::of(&server);
        let door = Door::find(&format!("http://{}", server.launch().public), None).await.unwrap();
        let door = door.with_patience(Duration::from_secs(5));
        let (manifest, spares) = (Arc::clone(manifest), Vec::new());
        Ok(Self { data, server: Some(server), console, manifest, phones, door, slips, spares })
    }

    /// Everybody who has not enrols, one after the other, and the window closes.
    pub async fn enrol_all(&mut self) {
        for phone in self.phones.iter_mut().filter(|phone| phone.voter.enrolled().is_none()) {
            phone.enrol(&self.door, PATIENCE).await.unwrap();
        }
        self.close_window();
    }

    /// Closes the window; all who are on the roster are present.
    pub fn close_window(&self) {
        self.console.act("/desk/window/close", &json!({ "present": self.phones.len() }));
    }

    /// The first round of every item.
    #[must_use]
    pub fn contests(&self) -> Vec<Contest> {
        self.manifest.items.iter().map(|item| Contest::new(item.number, 1)).collect()
    }

    /// All phones at once, each in a task of its own.
    pub async fn at_once<A: Future<Output = Phone> + Send + 'static>(&mut self, act: impl Fn(usize, Phone) -> A) {
        let phones = std::mem::take(&mut self.phones);
        let tasks: Vec<_> =
            phones.into_iter().enumerate().map(|(place, phone)| tokio::spawn(act(place, phone))).collect();
        for task in tasks {
            match task.await {
                Ok(phone) => self.phones.push(phone),
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
    }

    /// Everybody enrols at once, and the window closes.
    pub async fn enrol_all_at_once(&mut self) {
        let door = self.door.clone();
        self.at_once(move |_, mut phone| {
            let door = door.clone();
            async move {
                phone.enrol(&door, PATIENCE).await.unwrap();
                phone
            }
        })
        .await;
        self.close_window();
    }

    /// Everybody casts in these contests, one after the other; who has a receipt already does not cast again.
    pub async fn cast_all(&mut self, contests: &[Contest]) {
        for contest in contests {
            for (place, phone) in self.phones.iter_mut().enumerate() {
                if phone.receipt(*contest).is_none() {
                    let option = u8::try_from(place % self.manifest.options()).unwrap();
                    let standing = phone.cast(&self.door, *contest, option, PATIENCE).await.unwrap();
                    assert_eq!(standing, Standing::Received, "{contest}");
                }
            }
        }
    }

    /// Starts the server again, as it was started or otherwise, and signs in.
    pub fn restart(&mut self, launch: &Launch) {
        self.server = None;
        let server = launch.start();
        self.console = Console::of(&server);
        self.server = Some(server);
    }

    /// The way the server was started.
    #[must_use]
    pub fn launch(&self) -> Launch {
        self.server.as_ref().unwrap().launch().clone()
    }

    /// Where a contest stands, by the public state.
    #[must_use]
    pub fn state_of(&self, contest: Contest) -> String {
        let live = self.live();
        let found = live["contests"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["item"] == contest.item && c["round"] == contest.round);
        found.map_or_else(|| "absent".to_owned(), |c| c["state"].as_str().unwrap().to_owned())
    }

    /// Brings a meeting to its end from wherever it stands: closes and publishes what is open, ends enrolment,
    /// archives. Returns the bundle.
    pub fn finish(&self) -> Vec<u8> {
        let live = self.live();
        if live["window"]["open"] == true {
            self.close_window();
        }
        for keys in &self.manifest.contests {
            let contest = keys.contest;
            let done =
                |path: &str| drop(self.console.act(path, &json!({ "contests": [(contest.item, contest.round)] })));
            if contest == Contest::REHEARSAL {
                if self.state_of(contest) == "open" {
                    self.console.act("/desk/rehearsal/destroy", &json!({}));
                }
                continue;
            }
            if self.state_of(contest) == "open" {
                done("/desk/contest/close");
            }
            if self.state_of(contest) == "closed" {
                done("/desk/contest/publish");
            }
        }
        if live["enrolment_ended"] == false {
            let unused = self.console.state()["frozen"]["unused"].clone();
            self.console.act("/desk/enrolment/end", &json!({ "unused": unused }));
        }
        self.console.act("/desk/archive", &json!({}));
        self.bundle()
    }

    /// The archived bundle, as everybody can fetch it.
    #[must_use]
    pub fn bundle(&self) -> Vec<u8> {
        let answer = http::request(self.door.address(), "GET", "/bundle.zip", &[], b"").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }

    /// Finishes, and checks everything against what the phones hold.
    pub fn finish_and_check(&self) -> Vec<u8> {
        let bundle = self.finish();
        if let Err(why) = check(&bundle, &self.phones) {
            panic!("{why}");
        }
        bundle
    }

    /// The public state.
    #[must_use]
    pub fn live(&self) -> serde_json::Value {
        http::request(self.door.address(), "GET", "/live.json", &[], b"").unwrap().json()
    }
}

/// Everything that must hold of a bundle, given what the phones hold: the public audit with all receipts; each
/// acknowledged ballot on the board, once; nothing else there but ballots that were sent; the sums.
///
/// # Errors
/// What does not hold.
pub fn check(bundle: &[u8], phones: &[Phone]) -> Result<(), String> {
    let mut contests: HashSet<Contest> = phones.iter().flat_map(|phone| phone.marks.keys().copied()).collect();
    contests.remove(&Contest::REHEARSAL);
    let promised = |contest: Contest| phones.iter().filter_map(move |phone| phone.receipt(contest));
    let receipts: Vec<Vec<u8>> = contests.iter().flat_map(|c| promised(*c)).map(|(_, note)| note).collect();
    let report = audit(bundle, &receipts);
    if report.outcome != Outcome::Held {
        let why = report.steps.iter().find_map(|step| step.why.clone());
        return Err(format!("the audit says {:?}: {}", report.outcome, why.unwrap_or_default()));
    }
    let bundle = Bundle::from_zip(bundle).map_err(|e| format!("{e:?}"))?;
    for contest in contests {
        let Some(files) = bundle.boards.get(&(contest.item, u16::from(contest.round))) else {
            return Err(format!("{contest} has no board"));
        };
        let board = Board::from_entries(files.entries.as_deref().unwrap_or_default()).map_err(|e| format!("{e:?}"))?;
        let leaves: Vec<Hash> = promised(contest).map(|(leaf, _)| leaf).collect();
        let missing = leaves.iter().filter(|leaf| !board.leaves().contains(leaf)).count();
        if missing > 0 {
            return Err(format!("{contest}: {missing} acknowledged ballots are not on the board"));
        }
        let sent = phones.iter().filter(|phone| phone.marks.contains_key(&contest)).count();
        if board.size() > sent || board.size() < leaves.len() {
            return Err(format!("{contest}: {} ballots of {sent} sent, {} acknowledged", board.size(), leaves.len()));
        }
        if let Some(tally) = &files.tally
            && board.size() == leaves.len()
        {
            let options = Manifest::parse(&bundle.manifest).map_err(|e| e.to_string())?.options();
            let tally = Tally::from_bytes(tally, options).map_err(|e| format!("{e:?}"))?;
            let mut expected = vec![0; options];
            for phone in phones.iter().filter(|phone| phone.receipt(contest).is_some()) {
                expected[usize::from(phone.marks[&contest])] += 1;
            }
            if tally.t() != expected {
                return Err(format!("{contest}: counted {:?}, cast {expected:?}", tally.t()));
            }
        }
    }
    Ok(())
}
