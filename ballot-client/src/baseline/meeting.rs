//! A meeting of one contest whose every key is in hand, to measure raw work with.

use std::sync::Arc;

use douxuan_crypto::{
    ballot::SealedBallot,
    blind::{IssuerKey, hash_to_group},
    contest::Contest,
    credential::{Credential, credential_input},
    group::Element,
    manifest::{ContestKeys, Item, Manifest, ManifestDraft, ManifestError, Report},
    seal::SealingKey,
    sign::SigningKey,
    spool::SpoolKey,
};
use rand_core::CryptoRng;

/// The one contest.
pub(super) const CONTEST: Contest = Contest::new(1, 1);

/// Keys of the raw server.
pub(super) struct RawMeeting {
    pub(super) manifest: Manifest,
    pub(super) issuer: IssuerKey,
    pub(super) casting: SealingKey,
    pub(super) receipts: SigningKey,
    pub(super) spool: SpoolKey,
}

impl RawMeeting {
    /// With the scale of the meeting that it is compared with: the number of options decides what a ballot costs.
    pub(super) fn like<R: CryptoRng + ?Sized>(model: &Manifest, rng: &mut R) -> Result<Arc<Self>, ManifestError> {
        let items = vec![Item {
            number: 1,
            name: "raw".to_owned(),
            unit: "raw".to_owned(),
            post: "raw".to_owned(),
            report: Report::Oral,
            rounds: 1,
        }];
        let (issuer, casting) = (key(rng), SealingKey::generate(rng));
        let receipts = SigningKey::generate(rng);
        let keys = |contest: Contest, rng: &mut R| {
            if contest == CONTEST {
                ContestKeys { contest, k: *issuer.public(), e: casting.public() }
            } else {
                ContestKeys { contest, k: *key(rng).public(), e: SealingKey::generate(rng).public() }
            }
        };
        let contests = ManifestDraft::contests_of(&items).into_iter().map(|contest| keys(contest, rng)).collect();
        let draft = ManifestDraft {
            meeting: model.meeting,
            title: "raw".to_owned(),
            date: model.date.clone(),
            place: "raw".to_owned(),
            expected: 1,
            items,
            contests,
            e_0: SealingKey::generate(rng).public(),
            scale: model.scale.clone(),
            thresholds: model.thresholds.clone(),
            leaves: 1,
            token_root: [0; 32],
            receipt_key: receipts.verifying(),
            log_key: SigningKey::generate(rng).verifying(),
            result_key: SigningKey::generate(rng).verifying(),
            release: model.release,
            page_script: [0; 32],
            page_wasm: [0; 32],
        };
        let manifest = draft.freeze()?;
        let spool = SpoolKey::generate(rng);
        Ok(Arc::new(Self { manifest, issuer, casting, receipts, spool }))
    }

    /// A sealed ballot that the raw server takes.
    pub(super) fn ballot<R: CryptoRng + ?Sized>(&self, option: u8, rng: &mut R) -> Option<SealedBallot> {
        let key = SigningKey::generate(rng);
        let input = credential_input(&self.manifest.id, CONTEST, key.verifying().as_bytes());
        let n = self.issuer.evaluate(&Element::from_point(hash_to_group(&input)));
        Credential::new(CONTEST, key, &n).seal_ballot(&self.manifest, option, rng).ok()
    }
}

fn key<R: CryptoRng + ?Sized>(rng: &mut R) -> IssuerKey {
    loop {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        // Below L for certain; the measured work does not depend on the key.
        bytes[31] &= 0x0f;
        if let Ok(key) = IssuerKey::from_bytes(&bytes) {
            return key;
        }
    }
}
