//! The office: every key of a meeting, in one hand.

use douxuan_crypto::{
    blind::IssuerKey,
    contest::Contest,
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, OptionKind, ReleaseKind, ReleaseRule, Report, ScaleOption},
    seal::SealingKey,
    sign::SigningKey,
    token::{Mask, Token, TokenLeaf, TokenTree},
};
use rand::{SeedableRng, rngs::StdRng};

/// A slip with its private key.
pub struct SlipKey {
    /// The token's key.
    pub key: SigningKey,
    /// What it does not rate.
    pub mask: Mask,
}

impl SlipKey {
    /// T.
    #[must_use]
    pub fn t(&self) -> [u8; 32] {
        *self.key.verifying().as_bytes()
    }
}

/// Every key of one meeting.
pub struct Office {
    /// The manifest that its papers go by.
    pub manifest: Manifest,
    /// Signs receipts.
    pub receipt_key: SigningKey,
    /// Signs log and boards.
    pub log_key: SigningKey,
    /// Signs the result.
    pub result_key: SigningKey,
    /// One a contest, in contest order.
    pub issuers: Vec<IssuerKey>,
    /// The slips in the order in which they were printed.
    pub slips: Vec<SlipKey>,
}

/// Slips that were printed, spares among them.
pub(super) const SLIPS: usize = 22;
/// Officials: items 1 and 2 with two rounds, 3 to 5 with one. Nobody opens item 5.
pub(super) const ROUNDS: [u8; 5] = [2, 2, 1, 1, 1];

fn item(number: u16, rounds: u8) -> Item {
    Item {
        number,
        name: format!("干部{number}"),
        unit: "县纪委监委".to_owned(),
        post: "主任".to_owned(),
        report: if number % 2 == 1 { Report::Oral } else { Report::Written },
        rounds,
    }
}

/// Two options, for small bundles.
#[must_use]
pub(super) fn short_scale() -> Vec<ScaleOption> {
    let option = |code: &str, zh: &str, kind| ScaleOption {
        code: code.to_owned(),
        zh: zh.to_owned(),
        en: code.to_owned(),
        kind,
    };
    vec![option("poor", "较差", OptionKind::Grade), option("abstain", "弃权", OptionKind::Abstain)]
}

impl Office {
    /// The usual meeting: five options.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(seed, |_| {})
    }

    /// A meeting whose draft manifest was changed before it was frozen.
    #[must_use]
    pub fn with(seed: u64, change: impl FnOnce(&mut ManifestDraft)) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let meeting = [0x5a; 16];
        let items: Vec<Item> = (1u16..).zip(ROUNDS).map(|(number, rounds)| item(number, rounds)).collect();
        let contests = ManifestDraft::contests_of(&items);
        let issuers: Vec<IssuerKey> =
            contests.iter().map(|c| IssuerKey::derive(&[7; 32], &meeting, *c).unwrap()).collect();
        // The first two slips belong to officials, who do not rate themselves.
        let excluded: [&[u16]; 2] = [&[1], &[2]];
        let slips: Vec<SlipKey> = (0..SLIPS)
            .map(|i| SlipKey {
                key: Token::generate(&mut rng).signing_key(&meeting),
                mask: Mask::excluding(items.len(), excluded.get(i).copied().unwrap_or(&[])),
            })
            .collect();
        let leaves = slips.iter().map(|s| TokenLeaf { t: s.t(), mask: s.mask.clone() }).collect();
        let tree = TokenTree::new(leaves).unwrap();
        let [receipt_key, log_key, result_key] = [(); 3].map(|()| SigningKey::generate(&mut rng));
        let mut sealing = || SealingKey::generate(&mut rng).public();
        let mut draft = ManifestDraft {
            meeting,
            title: "述职述责述廉会议".to_owned(),
            date: "2026-12-14".to_owned(),
            place: "县礼堂".to_owned(),
            expected: 20,
            contests: contests
                .iter()
                .zip(&issuers)
                .map(|(contest, issuer)| ContestKeys { contest: *contest, k: *issuer.public(), e: sealing() })
                .collect(),
            items,
            e_0: sealing(),
            scale: ManifestDraft::default_scale(),
            thresholds: ManifestDraft::default_thresholds(),
            leaves: u32::try_from(SLIPS).unwrap(),
            token_root: tree.root(),
            receipt_key: receipt_key.verifying(),
            log_key: log_key.verifying(),
            result_key: result_key.verifying(),
            release: ReleaseRule { kind: ReleaseKind::Live, n: 10, f: 10 },
            page_script: [1; 32],
            page_wasm: [2; 32],
        };
        change(&mut draft);
        let manifest = draft.freeze().unwrap();
        Self { manifest, receipt_key, log_key, result_key, issuers, slips }
    }

    /// The same office with a manifest that no parser accepts: all else is made and signed for its bytes.
    #[must_use]
    pub fn with_bad_manifest(seed: u64, change: impl FnOnce(&str) -> String) -> Self {
        let mut office = Self::new(seed);
        let changed = change(core::str::from_utf8(&office.manifest.bytes).unwrap());
        assert_ne!(changed.as_bytes(), office.manifest.bytes, "the manifest was not changed");
        office.manifest.bytes = changed.into_bytes();
        office.manifest.id = douxuan_crypto::manifest::manifest_id(&office.manifest.bytes);
        office
    }

    /// The issuer key of a contest.
    #[must_use]
    pub fn issuer(&self, contest: Contest) -> &IssuerKey {
        &self.issuers[self.manifest.index_of(contest).unwrap()]
    }
}
