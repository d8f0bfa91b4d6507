//! Writing a manifest, once, when a meeting is frozen.

use core::fmt::Write as _;

use super::{
    Base, ContestKeys, Item, Manifest, ManifestError, OptionKind, PaperPolicy, ReleaseKind, ReleaseRule, Report, SUITE,
    ScaleOption, Thresholds,
};
use crate::{bytes::hex, contest::Contest, json::quote, sign::VerifyingKey};

/// Everything a manifest fixes.
#[derive(Clone, Debug)]
pub struct ManifestDraft {
    /// Meeting id.
    pub meeting: [u8; 16],
    /// Title.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Place.
    pub place: String,
    /// 应到.
    pub expected: u32,
    /// Officials, numbered from 1.
    pub items: Vec<Item>,
    /// Keys in contest order ([`ManifestDraft::contests_of`]).
    pub contests: Vec<ContestKeys>,
    /// Enrolment key.
    pub e_0: [u8; 32],
    /// Options.
    pub scale: Vec<ScaleOption>,
    /// Thresholds policy.
    pub thresholds: Thresholds,
    /// Number of token leaves.
    pub leaves: u32,
    /// Root of the token tree.
    pub token_root: [u8; 32],
    /// Receipt key.
    pub receipt_key: VerifyingKey,
    /// Log key.
    pub log_key: VerifyingKey,
    /// Result key.
    pub result_key: VerifyingKey,
    /// Release rule.
    pub release: ReleaseRule,
    /// SHA-256 of the phone page's script.
    pub page_script: [u8; 32],
    /// SHA-256 of the phone page's wasm.
    pub page_wasm: [u8; 32],
}

impl ManifestDraft {
    /// The contests that follow from the items, in contest order.
    #[must_use]
    pub fn contests_of(items: &[Item]) -> Vec<Contest> {
        super::parse::contest_order(items)
    }

    /// The default scale: 好, 较好, 一般, 较差, 弃权.
    #[must_use]
    pub fn default_scale() -> Vec<ScaleOption> {
        let option = |code: &str, zh: &str, en: &str, kind| ScaleOption {
            code: code.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            kind,
        };
        vec![
            option("good", "好", "good", OptionKind::Grade),
            option("fair", "较好", "fairly good", OptionKind::Grade),
            option("average", "一般", "average", OptionKind::Grade),
            option("poor", "较差", "poor", OptionKind::Grade),
            option("abstain", "弃权", "abstention", OptionKind::Abstain),
        ]
    }

    /// The default thresholds: 较差 reaches 20 %, is over 30 %, of valid ballots, paper included.
    #[must_use]
    pub fn default_thresholds() -> Thresholds {
        Thresholds {
            base: Base::Valid,
            paper: PaperPolicy::Included,
            option: "poor".to_owned(),
            reaches: (1, 5),
            over: (3, 10),
        }
    }

    /// The bytes, parsed again by the strict parser so that nothing is frozen that a phone would refuse.
    ///
    /// # Errors
    /// [`ManifestError`] naming the field that breaks a limit.
    pub fn freeze(&self) -> Result<Manifest, ManifestError> {
        Manifest::parse(self.to_json().as_bytes())
    }

    /// The JSON text. **Not checked**: see [`Self::freeze`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let list = |parts: Vec<String>| parts.join(",");
        let items = self.items.iter().map(|i| {
            let report = if i.report == Report::Oral { "oral" } else { "written" };
            format!(
                r#"{{"number":{},"name":{},"unit":{},"post":{},"report":"{report}","rounds":{}}}"#,
                i.number,
                quote(&i.name),
                quote(&i.unit),
                quote(&i.post),
                i.rounds
            )
        });
        let contests = self.contests.iter().map(|c| {
            format!(
                r#"{{"item":{},"round":{},"K":"{}","E":"{}"}}"#,
                c.contest.item,
                c.contest.round,
                hex(c.k.as_bytes()),
                hex(&c.e)
            )
        });
        let scale = self.scale.iter().map(|o| {
            let kind = if o.kind == OptionKind::Grade { "grade" } else { "abstain" };
            let [code, zh, en] = [&o.code, &o.zh, &o.en].map(|t| quote(t));
            format!(r#"{{"code":{code},"zh":{zh},"en":{en},"kind":"{kind}"}}"#)
        });
        let t = &self.thresholds;
        let base = if t.base == Base::Valid { "valid" } else { "cast" };
        let paper = if t.paper == PaperPolicy::Included { "included" } else { "apart" };
        let kind = if self.release.kind == ReleaseKind::Live { "live" } else { "close" };
        let mut out = format!(
            r#"{{"suite":"{SUITE}","meeting":"{}","title":{},"date":{},"place":{},"expected":{},"#,
            hex(&self.meeting),
            quote(&self.title),
            quote(&self.date),
            quote(&self.place),
            self.expected
        );
        let _ = write!(
            out,
            r#""items":[{}],"contests":[{}],"E_0":"{}","scale":[{}],"#,
            list(items.collect()),
            list(contests.collect()),
            hex(&self.e_0),
            list(scale.collect())
        );
        let _ = write!(
            out,
            r#""thresholds":{{"base":"{base}","paper":"{paper}","option":{},"reaches":[{},{}],"over":[{},{}]}},"#,
            quote(&t.option),
            t.reaches.0,
            t.reaches.1,
            t.over.0,
            t.over.1
        );
        let _ = write!(
            out,
            r#""tokens":{{"leaves":{},"root":"{}"}},"keys":{{"receipt":"{}","log":"{}","result":"{}"}},"#,
            self.leaves,
            hex(&self.token_root),
            hex(self.receipt_key.as_bytes()),
            hex(self.log_key.as_bytes()),
            hex(self.result_key.as_bytes())
        );
        let _ = write!(
            out,
            r#""release":{{"kind":"{kind}","n":{},"f":{}}},"page":{{"script":"{}","wasm":"{}"}},"#,
            self.release.n,
            self.release.f,
            hex(&self.page_script),
            hex(&self.page_wasm)
        );
        out.push_str(r#""issuers":["self"],"witnesses":[],"quorum":0,"cast_via":[]}"#);
        out
    }
}
