//! A small meeting recorded over the fault layer: what the server did to its disk, and what the phones were told when.

use std::{
    io,
    sync::{Arc, Mutex},
};

use douxuan_ballot::{
    journey::Invitation,
    native::{
        storage::{Memory, Storage},
        voter::Voter,
    },
};
use douxuan_crypto::{contest::Contest, manifest::Manifest};
use rand::{SeedableRng, rngs::StdRng};
use zeroize::Zeroizing;

use crate::{
    console::Plan,
    disk_image::{DiskImage, Loss},
    journal::{self, Event},
    meeting::{Meeting, Phone},
    server::{Launch, PATIENCE},
    shim::Shim,
};

/// People in the meeting, and officials.
pub const VOTERS: usize = 3;
const OFFICIALS: usize = 2;

/// What the phone at this place chooses, always.
#[must_use]
pub fn option(place: usize) -> u8 {
    u8::try_from(place % 5).unwrap()
}

/// What a voter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// His slip is spent by his request, and he has the credentials.
    Enrolled,
    /// His ballot is in the urn.
    Receipt(Contest),
}

/// An answer that left the server.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Which phone it was for.
    pub phone: usize,
    /// What it says.
    pub told: Told,
    /// Which event sent it.
    pub sent: usize,
    /// Which of the phone's wallets holds it.
    wallet: usize,
}

/// Every wallet of one phone: how long the journal was when it was written, and the bytes.
type Wallets = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

struct Kept {
    wallets: Wallets,
    shim: Arc<Shim>,
}

impl Storage for Kept {
    fn write(&mut self, wallet: &[u8]) -> io::Result<()> {
        self.wallets.lock().unwrap().push((self.shim.journal_length(), wallet.to_vec()));
        Ok(())
    }

    fn read(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        Ok(self.wallets.lock().unwrap().last().map(|(_, wallet)| Zeroizing::new(wallet.clone())))
    }
}

/// A recorded meeting, from an empty folder to the archive.
pub struct Recording {
    /// What is fixed.
    pub manifest: Arc<Manifest>,
    /// All slips, spares included.
    pub slips: usize,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Answers that left the server, in order.
    pub answers: Vec<Answer>,
    /// The first event after the first window was open and its opening acknowledged.
    pub window_open: usize,
    /// Steps of the meeting by the event at which they began.
    pub steps: Vec<(usize, &'static str)>,
    ends: Vec<u64>,
    root: std::path::PathBuf,
    phones: Vec<(Wallets, String, String)>,
}

impl Recording {
    /// Runs the meeting: all voters, one after the other, so that it is known whose answer each one is. With
    /// `without`, as if fsync of paths with this text had been deleted from the server.
    pub async fn make(without: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let root = data.path().canonicalize().unwrap();
        let mut shim = Shim::under(&root).with_journal();
        if let Some(text) = without {
            shim = shim.without_fsync_of(text);
        }
        let shim = Arc::new(shim);
        let launch = Launch::on(&root).over(&shim);
        let plan = Plan { voters: VOTERS, officials: OFFICIALS, rounds: 1, live: false };
        let mut meeting = Meeting::begin_at(plan, data, &launch).await;
        let window_open = shim.journal_length();

        let mut kept = Vec::new();
        for phone in &mut meeting.phones {
            let wallets = Wallets::default();
            let storage = Box::new(Kept { wallets: Arc::clone(&wallets), shim: Arc::clone(&shim) });
            phone.voter =
                Voter::invite(Invitation::scan(&phone.fragment).unwrap(), &meeting.manifest, storage).unwrap();
            kept.push((wallets, phone.fragment.clone(), phone.text.clone()));
        }
        let mut told: Vec<(usize, Told, u64, usize)> = Vec::new();
        let mut steps = vec![(window_open, "enrol")];
        let wallets_of = |kept: &[(Wallets, String, String)], place: usize| kept[place].0.lock().unwrap().len() - 1;
        for (place, phone) in meeting.phones.iter_mut().enumerate() {
            phone.enrol(&meeting.door, PATIENCE).await.unwrap();
            told.push((place, Told::Enrolled, shim.journal_length(), wallets_of(&kept, place)));
        }
        steps.push((shim.journal_length(), "close window"));
        meeting.close_window();
        for contest in meeting.contests() {
            steps.push((shim.journal_length(), "open"));
            meeting.console.open(&[contest]);
            steps.push((shim.journal_length(), "cast"));
            for (place, phone) in meeting.phones.iter_mut().enumerate() {
                phone.cast(&meeting.door, contest, option(place), PATIENCE).await.unwrap();
                told.push((place, Told::Receipt(contest), shim.journal_length(), wallets_of(&kept, place)));
            }
            steps.push((shim.journal_length(), "close"));
            meeting.console.close(&[contest]);
        }
        steps.push((shim.journal_length(), "publish"));
        meeting.console.publish(&meeting.contests());
        steps.push((shim.journal_length(), "archive"));
        meeting.finish_and_check();
        let (manifest, slips) = (Arc::clone(&meeting.manifest), meeting.slips);
        meeting.server.take().unwrap().kill();

        let (ends, events): (Vec<u64>, Vec<Event>) = journal::read(&shim.journal()).into_iter().unzip();
        let place_of = |length: u64| ends.partition_point(|end| *end <= length);
        // The answer to a voter is the last thing of its size that was sent before he had it.
        let sent_before = |length: u64| {
            let is_answer = |event: &Event| matches!(event, Event::Send { length, .. } if *length >= 500);
            events[..place_of(length)].iter().rposition(is_answer).unwrap()
        };
        let answers = told.iter().map(|(phone, told, length, wallet)| Answer {
            phone: *phone,
            told: *told,
            sent: sent_before(*length),
            wallet: *wallet,
        });
        Self {
            manifest,
            slips,
            answers: answers.collect(),
            window_open: place_of(window_open),
            steps: steps.into_iter().map(|(length, name)| (place_of(length), name)).collect(),
            events,
            ends,
            root,
            phones: kept,
        }
    }

    /// The places at which a cut leaves different disks, if nothing survives that was not synced: of all places
    /// between two syncs the last one.
    #[must_use]
    pub fn places(&self) -> Vec<usize> {
        let synced = |place: &usize| matches!(self.events[*place], Event::SyncEnd { .. });
        let mut places: Vec<usize> = (0..self.events.len()).filter(synced).collect();
        places.push(self.events.len());
        places
    }

    /// In which step of the meeting a place lies.
    #[must_use]
    pub fn step_at(&self, place: usize) -> &'static str {
        self.steps.iter().rev().find(|(from, _)| *from <= place).map_or("freeze", |(_, name)| name)
    }

    /// The disk after the first `place` events.
    #[must_use]
    pub fn disk_at(&self, place: usize, loss: Loss<'_>) -> tempfile::TempDir {
        let mut image = DiskImage::empty(&self.root);
        self.events[..place].iter().for_each(|event| image.apply(event));
        let folder = tempfile::tempdir().unwrap();
        image.restore(folder.path(), loss);
        folder
    }

    /// The phones as they are then: each with the last wallet that it had stored, and at least with what it was told.
    #[must_use]
    pub fn phones_at(&self, place: usize) -> Vec<Phone> {
        let reached = place.checked_sub(1).map_or(0, |last| self.ends[last]);
        let phone = |(number, (wallets, fragment, text)): (usize, &(Wallets, String, String))| {
            let wallets = wallets.lock().unwrap();
            let told = self.answers.iter().filter(|answer| answer.phone == number && answer.sent < place);
            let stored = wallets.partition_point(|(length, _)| *length <= reached).checked_sub(1);
            let last = told.map(|answer| answer.wallet).max().max(stored);
            let mut memory = Box::<Memory>::default();
            let voter = match last {
                Some(last) => {
                    memory.write(&wallets[last].1).unwrap();
                    Voter::resume(&self.manifest, memory).unwrap().unwrap()
                }
                None => Voter::invite(Invitation::scan(fragment).unwrap(), &self.manifest, memory).unwrap(),
            };
            let marks = self.manifest.items.iter().map(|item| (Contest::new(item.number, 1), option(number)));
            let rng = StdRng::seed_from_u64(1_000 + number as u64);
            Phone { voter, rng, fragment: fragment.clone(), text: text.clone(), marks: marks.collect() }
        };
        self.phones.iter().enumerate().map(phone).collect()
    }
}
