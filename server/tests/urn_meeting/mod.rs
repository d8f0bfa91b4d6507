//! A frozen meeting with enrolled voters, for the tests of the urn: real keys, real credentials, real log, no ports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use douxuan::{
    board::{ArchiveRefused, Archived, LogDoor, Shelf, archive},
    secrets::{Secrets, Vault},
    urn::{Answer, Closed, Phase, RandomSource, UrnDoor, UrnOptions, UrnRefused},
};
use douxuan_crypto::{
    ballot::SealedBallot,
    contest::Contest,
    credential::Credential,
    enroll::{EnrolRequest, Enrolment},
    group::Element,
    lists::{Lists, Redeemed, redeemed_root},
    log::{Act, Actor, Entry, Role},
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ReleaseKind, ReleaseRule, Report},
    receipt::CastReply,
    sign::VerifyingKey,
    token::{Mask, Token, TokenLeaf, TokenTree},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

pub const FIRST: Contest = Contest::new(1, 1);
pub const SECOND: Contest = Contest::new(2, 1);

/// The data folder: a meeting's own, or one that another process made.
pub enum Folder {
    Own(tempfile::TempDir),
    Lent(std::path::PathBuf),
}

impl Folder {
    pub fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Lent(folder) => folder,
        }
    }
}

/// What stays of a meeting when its process dies: the folder, and what the voters hold.
pub struct Meeting {
    pub data: Folder,
    pub manifest: Arc<Manifest>,
    pub secrets: Secrets,
    pub lists: Lists,
    /// By voter, then by contest.
    pub credentials: Vec<BTreeMap<Contest, Credential>>,
    pub rng: StdRng,
}

/// A running server's sides.
pub struct Running {
    pub log: LogDoor,
    pub shelf: Shelf,
    pub urn: UrnDoor,
}

pub fn office(manifest: &Manifest) -> Vec<Actor> {
    vec![Actor::new(Role::Chair, &manifest.id, "chair"), Actor::new(Role::Scrutineer, &manifest.id, "scrutineer")]
}

fn seeded(seed: u64) -> RandomSource {
    let count = std::sync::atomic::AtomicU64::new(seed);
    Arc::new(move || {
        let seed = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Box::new(StdRng::seed_from_u64(seed))
    })
}

impl Meeting {
    pub fn new(voters: usize, items: u16, release: ReleaseKind) -> Self {
        let data = Folder::Own(tempfile::tempdir().unwrap());
        let mut rng = StdRng::seed_from_u64(2026 + voters as u64);
        let meeting: [u8; 16] = rng.random();
        let items: Vec<Item> = (1..=items)
            .map(|number| Item {
                number,
                name: format!("述职对象{number}"),
                unit: "某镇".to_owned(),
                post: "书记".to_owned(),
                report: Report::Oral,
                rounds: 2,
            })
            .collect();
        let contests = ManifestDraft::contests_of(&items);
        let (secrets, keys) =
            Secrets::create_meeting(&Vault::plain(data.path()).unwrap(), &meeting, &contests, &mut rng).unwrap();
        let tokens: Vec<Token> = (0..voters + 2).map(|_| Token::generate(&mut rng)).collect();
        let mask = Mask::excluding(items.len(), &[]);
        let leaf =
            |token: &Token| TokenLeaf { t: *token.signing_key(&meeting).verifying().as_bytes(), mask: mask.clone() };
        let tree = TokenTree::new(tokens.iter().map(leaf).collect()).unwrap();
        let draft = ManifestDraft {
            meeting,
            title: "测评会".to_owned(),
            date: "2026-12-14".to_owned(),
            place: "会议室".to_owned(),
            expected: u32::try_from(voters).unwrap(),
            items,
            contests: keys
                .contests
                .iter()
                .map(|(contest, k, e)| ContestKeys { contest: *contest, k: Element::from_bytes(k).unwrap(), e: *e })
                .collect(),
            e_0: keys.enrolment,
            scale: ManifestDraft::default_scale(),
            thresholds: ManifestDraft::default_thresholds(),
            leaves: u32::try_from(tokens.len()).unwrap(),
            token_root: tree.root(),
            receipt_key: VerifyingKey::from_bytes(&keys.receipt).unwrap(),
            log_key: VerifyingKey::from_bytes(&keys.log).unwrap(),
            result_key: VerifyingKey::from_bytes(&keys.result).unwrap(),
            release: ReleaseRule { kind: release, n: 5, f: 5 },
            page_script: [1; 32],
            page_wasm: [2; 32],
        };
        let manifest = Arc::new(draft.freeze().unwrap());
        let mut lists = Lists { leaves: tree.leaves().to_vec(), ..Lists::default() };
        let credentials =
            tokens[..voters].iter().map(|t| enrol(&manifest, &secrets, &tree, t, &mut lists, &mut rng)).collect();
        lists.redeemed.sort_by_key(|r| r.token);
        Self { data, manifest, secrets, lists, credentials, rng }
    }

    /// Starts a server on the folder, as the first time or after a restart.
    pub async fn start(&self) -> Running {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(&self) -> Result<Running, UrnRefused> {
        self.start_with(Duration::from_millis(20)).await
    }

    pub async fn start_with(&self, tick: Duration) -> Result<Running, UrnRefused> {
        let (log, shelf) = (LogDoor::new(self.data.path()), Shelf::default());
        let options = UrnOptions {
            data: self.data.path().to_owned(),
            vault: Vault::plain(self.data.path()).unwrap(),
            tick,
            threads: 2,
            places: 2_000,
            random: seeded(7),
        };
        let urn = UrnDoor::start(options, log.clone(), shelf.clone()).await?;
        log.prepare(Arc::clone(&self.manifest), &self.secrets).await?;
        // What the desk would append; the same bytes again change nothing.
        let redeemed = u32::try_from(self.lists.redeemed.len()).unwrap();
        for act in [
            Act::Manifest { id: self.manifest.id },
            Act::WindowOpened { window: 1 },
            Act::WindowClosed { window: 1, present: redeemed, redeemed, root: redeemed_root(&self.lists.redeemed, 1) },
        ] {
            log.append(Entry::unnamed(act)).await?;
        }
        urn.prepare(Arc::clone(&self.manifest)).await?;
        Ok(Running { log, shelf, urn })
    }

    /// A voter's ballot, sealed once.
    pub fn ballot(&mut self, voter: usize, contest: Contest, option: u8) -> SealedBallot {
        let credential = self.credentials[voter].remove(&contest).unwrap();
        credential.seal_ballot(&self.manifest, option, &mut self.rng).unwrap()
    }

    pub fn issued(&self) -> u32 {
        u32::try_from(self.credentials.len()).unwrap()
    }

    pub fn by(&self) -> Vec<Actor> {
        office(&self.manifest)
    }

    pub fn spool(&self, contest: Contest) -> std::path::PathBuf {
        self.data.path().join("spool").join(format!("{}-{}.spool", contest.item, contest.round))
    }

    pub fn path(&self) -> &Path {
        self.data.path()
    }
}

fn enrol(
    manifest: &Manifest,
    secrets: &Secrets,
    tree: &TokenTree,
    token: &Token,
    lists: &mut Lists,
    rng: &mut StdRng,
) -> BTreeMap<Contest, Credential> {
    let enrolment = Enrolment::begin(manifest, token, None, rng).unwrap();
    let (_, reply_key) = enrolment.seal(manifest, rng).unwrap();
    let request = EnrolRequest::decode(manifest, enrolment.request()).unwrap();
    let index = tree.find(request.t()).unwrap();
    let mask = tree.leaves()[index].mask.clone();
    let keys: Vec<_> = manifest.contests.iter().map(|c| secrets.issuer_key(c.contest).unwrap()).collect();
    let keys: Vec<_> = keys.iter().map(Option::as_ref).collect();
    let evaluations = request.evaluate(manifest, &mask, &keys, rng).unwrap();
    let plain = evaluations.reply(manifest, &mask, u32::try_from(index).unwrap(), &tree.path(index));
    let reply = reply_key.seal(&plain, rng);
    lists.redeemed.push(Redeemed {
        token: *request.t(),
        mask,
        request_hash: *request.hash(),
        signature: *request.signature(),
        window: 1,
    });
    let enrolled = enrolment.finish(manifest, &reply_key, &reply, &[]).map_err(|(_, e)| e).unwrap();
    enrolled.credentials.into_iter().map(|c| (c.contest(), c)).collect()
}

impl Running {
    pub async fn open(&self, meeting: &Meeting, contest: Contest, live: bool) {
        self.urn.open(contest, 1, meeting.issued(), live, meeting.by()).await.unwrap();
    }

    pub async fn close(&self, meeting: &Meeting, contest: Contest) -> Closed {
        self.urn.close(contest, meeting.by()).await.unwrap()
    }

    /// Sends a sealed ballot and opens the answer.
    pub async fn cast(&self, ballot: &SealedBallot) -> CastReply {
        match self.urn.cast(ballot.wire.clone()).await {
            Answer::Sealed(reply) => {
                assert_eq!(reply.len(), 541, "a reply has one length whatever it says");
                CastReply::open(&ballot.reply_key, &reply).unwrap()
            }
            other => panic!("no reply but {other:?}"),
        }
    }

    /// Every ballot at once, as a hall does.
    pub async fn cast_all(&self, ballots: &[SealedBallot]) -> Vec<Answer> {
        let casts = ballots.iter().map(|ballot| {
            let (urn, wire) = (self.urn.clone(), ballot.wire.clone());
            tokio::spawn(async move { urn.cast(wire).await })
        });
        let casts: Vec<_> = casts.collect();
        let mut answers = Vec::new();
        for cast in casts {
            answers.push(cast.await.unwrap());
        }
        answers
    }

    pub fn phase(&self, contest: Contest) -> Phase {
        self.urn.phases().into_iter().find(|(c, _)| *c == contest).unwrap().1
    }

    pub async fn end_enrolment(&self, meeting: &Meeting) {
        let unused = u32::try_from(meeting.lists.leaves.len() - meeting.lists.redeemed.len()).unwrap();
        let act = Act::EnrolmentEnded { windows: 1, unused };
        self.log.append(Entry::unnamed(act)).await.unwrap();
    }

    pub async fn archive(&self, meeting: &Meeting) -> Result<Archived, ArchiveRefused> {
        let lists = meeting.lists.clone();
        archive(meeting.path(), &self.log, &self.shelf, &meeting.secrets, lists, meeting.by()).await
    }
}

/// The verified receipt in an answer.
pub fn receipt(manifest: &Manifest, ballot: &SealedBallot, reply: &CastReply) -> String {
    let CastReply::Accepted(note) = reply else { panic!("refused: {reply:?}") };
    let receipt = douxuan_crypto::receipt::Receipt::verify(manifest, note.as_bytes()).unwrap();
    assert_eq!((receipt.contest, receipt.leaf), (ballot.contest, ballot.leaf));
    receipt.note
}
