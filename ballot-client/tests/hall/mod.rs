//! A small honest server in memory, with ways to make it lie. It keeps what it was sent.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod sockets;

use std::{collections::HashMap, sync::Arc};

use douxuan_ballot::journey::{Enrolled, Invitation, PageFacts, read_manifest};
use douxuan_crypto::{
    ballot::{Ballot, Cast},
    blind::IssuerKey,
    contest::Contest,
    enroll::{EnrolRequest, refusal},
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ReleaseKind, ReleaseRule, Report, ScaleOption},
    receipt::{CastReply, Receipt},
    seal::{Kind, SealingKey, addressee},
    sign::SigningKey,
    token::{Mask, Slip, Token, TokenLeaf, TokenTree},
};
use rand::{SeedableRng, rngs::StdRng};

/// What the page files of these tests are.
/// It pins what stands at `/audit.wasm` here: five letters.
pub const SCRIPT: &[u8] = b"const AUDIT_WASM = 'b81f37a043a6f767e7c94d105f4bd31282f3ecc20680bb9d09bd93461cf4c863';";
pub const WASM: &[u8] = b"wasm";

/// How the server lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    /// Evaluates one contest with another key.
    OtherKey(Contest),
    /// Says that the slip excludes these items.
    OtherMask(Vec<u16>),
    /// Leaves one evaluation out.
    Missing(Contest),
    /// Signs receipts with another key.
    ReceiptKey,
    /// Gives a receipt for another leaf.
    ReceiptLeaf,
    /// Gives a receipt for another contest.
    ReceiptContest(Contest),
}

pub struct Hall {
    pub manifest: Arc<Manifest>,
    pub slips: Vec<(Token, Mask)>,
    pub lie: Lie,
    pub closed: Vec<Contest>,
    /// Counts of ballots taken, an option each.
    pub tally: HashMap<Contest, Vec<u32>>,
    pub ballots: HashMap<Contest, Vec<Vec<u8>>>,
    /// The last wallet of [`Self::enrolled`].
    pub wallet: Vec<u8>,
    spent: HashMap<[u8; 32], [u8; 32]>,
    urn: HashMap<[u8; 32], (Vec<u8>, String)>,
    tree: TokenTree,
    issuers: Vec<IssuerKey>,
    casting: Vec<SealingKey>,
    enrolment: SealingKey,
    receipts: SigningKey,
    pub other: SigningKey,
    rng: StdRng,
}

impl Hall {
    /// Three items of two rounds; every third slip excludes item 2.
    pub fn new(slips: usize, seed: u64) -> Self {
        Self::with_scale(slips, seed, ManifestDraft::default_scale())
    }

    pub fn with_scale(slips: usize, seed: u64, scale: Vec<ScaleOption>) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let mut meeting = [0; 16];
        rand::Rng::fill_bytes(rng, &mut meeting);
        let items: Vec<Item> = (1..=3)
            .map(|number| Item {
                number,
                name: format!("干部{number}"),
                unit: "单位".to_owned(),
                post: "书记".to_owned(),
                report: Report::Oral,
                rounds: 2,
            })
            .collect();
        let slips: Vec<(Token, Mask)> = (0..slips)
            .map(|i| (Token::generate(rng), Mask::excluding(3, if i % 3 == 2 { &[2] } else { &[] })))
            .collect();
        let leaf = |(token, mask): &(Token, Mask)| TokenLeaf {
            t: *token.signing_key(&meeting).verifying().as_bytes(),
            mask: mask.clone(),
        };
        let tree = TokenTree::new(slips.iter().map(leaf).collect()).unwrap();
        let order = ManifestDraft::contests_of(&items);
        let issuers: Vec<IssuerKey> =
            order.iter().map(|c| IssuerKey::derive(&[7; 32], &meeting, *c).unwrap()).collect();
        let casting: Vec<SealingKey> = order.iter().map(|_| SealingKey::generate(rng)).collect();
        let keys = order.iter().zip(&issuers).zip(&casting);
        let contests = keys.map(|((c, k), e)| ContestKeys { contest: *c, k: *k.public(), e: e.public() }).collect();
        let enrolment = SealingKey::generate(rng);
        let (receipts, log, result) = (SigningKey::generate(rng), SigningKey::generate(rng), SigningKey::generate(rng));
        let facts = PageFacts::of(SCRIPT, WASM);
        let option = scale[0].code.clone();
        let draft = ManifestDraft {
            meeting,
            title: "述职述责述廉".to_owned(),
            date: "2026-12-14".to_owned(),
            place: "礼堂".to_owned(),
            expected: u32::try_from(slips.len()).unwrap(),
            items,
            contests,
            e_0: enrolment.public(),
            scale,
            thresholds: douxuan_crypto::manifest::Thresholds { option, ..ManifestDraft::default_thresholds() },
            leaves: u32::try_from(slips.len()).unwrap(),
            token_root: tree.root(),
            receipt_key: receipts.verifying(),
            log_key: log.verifying(),
            result_key: result.verifying(),
            release: ReleaseRule { kind: ReleaseKind::Close, n: 10, f: 10 },
            page_script: facts.script,
            page_wasm: facts.wasm,
        };
        Self {
            manifest: Arc::new(draft.freeze().unwrap()),
            slips,
            lie: Lie::None,
            closed: Vec::new(),
            tally: HashMap::new(),
            ballots: HashMap::new(),
            wallet: Vec::new(),
            spent: HashMap::new(),
            urn: HashMap::new(),
            tree,
            issuers,
            casting,
            enrolment,
            receipts,
            other: log,
            rng: StdRng::seed_from_u64(seed + 1),
        }
    }

    /// What the phone parses of the manifest's bytes.
    pub fn seen(&self) -> Arc<Manifest> {
        read_manifest(&self.manifest.bytes, Some(&PageFacts::of(SCRIPT, WASM))).unwrap()
    }

    pub fn fragment(&self, slip: usize) -> String {
        let (token, mask) = &self.slips[slip];
        let token = Token::from_bytes(&token.to_bytes());
        Slip { manifest: self.manifest.id, token, mask: mask.as_bytes().to_vec() }.fragment().to_string()
    }

    pub fn invitation(&self, slip: usize) -> Invitation {
        Invitation::scan(&self.fragment(slip)).unwrap()
    }

    /// What `/enrol` answers; `None` where the connection is closed instead.
    pub fn enrol(&mut self, wire: &[u8]) -> Option<Vec<u8>> {
        let (plain, key) = EnrolRequest::unseal(&self.manifest, &self.enrolment, wire).ok()?;
        let reply = self.answer(&plain).unwrap_or_else(|| refusal(&self.manifest));
        Some(key.seal(&reply, &mut self.rng))
    }

    fn answer(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let request = EnrolRequest::decode(&self.manifest, plain).ok()?;
        let index = self.tree.find(request.t())?;
        if self.spent.get(request.t()).is_some_and(|hash| hash != request.hash()) {
            return None;
        }
        self.spent.insert(*request.t(), *request.hash());
        let mask = match &self.lie {
            Lie::OtherMask(items) => Mask::excluding(3, items),
            _ => self.tree.leaves()[index].mask.clone(),
        };
        let other = IssuerKey::derive(&[8; 32], &self.manifest.meeting, Contest::new(1, 1)).unwrap();
        let keys: Vec<Option<&IssuerKey>> = self
            .manifest
            .contests
            .iter()
            .zip(&self.issuers)
            .map(|(contest, key)| match &self.lie {
                Lie::OtherKey(c) if *c == contest.contest => Some(&other),
                Lie::Missing(c) if *c == contest.contest => None,
                _ if self.closed.contains(&contest.contest) => None,
                _ => Some(key),
            })
            .collect();
        let evaluations = request.evaluate(&self.manifest, &mask, &keys, &mut self.rng).ok()?;
        let path = self.tree.path(index);
        Some(evaluations.reply(&self.manifest, &mask, u32::try_from(index).unwrap(), &path).to_vec())
    }

    /// What `/cast` answers; `None` where the connection is closed instead.
    pub fn cast(&mut self, wire: &[u8]) -> Option<Vec<u8>> {
        let contest = addressee(Kind::Cast, wire)?;
        let at = self.manifest.index_of(contest)?;
        let cast = Cast::unseal(&self.manifest, contest, &self.casting[at], wire).ok()?;
        let reply = self.take(contest, at, &cast);
        Some(reply.seal(&cast.reply_key, &mut self.rng))
    }

    fn take(&mut self, contest: Contest, at: usize, cast: &Cast) -> CastReply {
        let Ok(ballot) = Ballot::decode(cast.ballot_bytes(), contest, self.manifest.options()) else {
            return CastReply::Refused;
        };
        if let Some((bytes, note)) = self.urn.get(ballot.b()) {
            return if bytes == ballot.bytes() { CastReply::Accepted(note.clone()) } else { CastReply::Refused };
        }
        if self.closed.contains(&contest) {
            return CastReply::Closed;
        }
        let id = &self.manifest.id;
        let opening = cast.opening().unwrap();
        let sound = ballot.check_signature(id).is_ok()
            && ballot.check_credential(id, &self.issuers[at]).is_ok()
            && ballot.check_choice(id).is_ok()
            && ballot.check_opening(&opening).is_ok();
        if !sound {
            return CastReply::Refused;
        }
        let mut leaf = ballot.leaf();
        let mut named = contest;
        let mut key = &self.receipts;
        match &self.lie {
            Lie::ReceiptKey => key = &self.other,
            Lie::ReceiptLeaf => leaf[0] ^= 1,
            Lie::ReceiptContest(other) => named = *other,
            _ => {}
        }
        let note = Receipt::issue(&self.manifest, named, &leaf, key).note;
        let options = self.manifest.options();
        self.tally.entry(contest).or_insert_with(|| vec![0; options])[usize::from(opening.option())] += 1;
        self.ballots.entry(contest).or_default().push(ballot.bytes().to_vec());
        self.urn.insert(*ballot.b(), (ballot.bytes().to_vec(), note.clone()));
        CastReply::Accepted(note)
    }

    /// A slip's whole way to its credentials, with nothing stored between.
    pub fn enrolled(&mut self, slip: usize, rng: &mut StdRng) -> Enrolled {
        let checked = self.invitation(slip).check(self.seen()).unwrap();
        let prepared = keep(checked.prepare(rng).unwrap());
        let asked = prepared.request(rng).unwrap();
        let reply = self.enrol(asked.wire()).unwrap();
        let unsaved = asked.accept(&reply, &self.closed.clone()).unwrap();
        self.wallet = unsaved.wallet().to_vec();
        keep(unsaved)
    }
}

/// A storage that works.
pub fn keep<S>(unsaved: douxuan_ballot::journey::Unsaved<S>) -> S {
    let stored = unsaved.wallet().to_vec();
    unsaved.read_back(&stored).unwrap()
}

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
