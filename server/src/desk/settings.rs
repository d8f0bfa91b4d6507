//! What the office sets before a meeting is frozen.

use douxuan_crypto::manifest::{
    Base, ManifestDraft, OptionKind, PaperPolicy, ReleaseKind, ReleaseRule, ScaleOption, Thresholds, is_forbidden,
};
use serde::{Deserialize, Serialize};

use super::quorum::Quorum;
use crate::{limits, web::Refusal};

/// All settings of a meeting to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Title.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Place.
    pub place: String,
    /// A drill: marked 演练 everywhere, and its slips may be exported.
    pub drill: bool,
    /// `live` (分批实时) or `close` (截止后公布).
    pub release: Release,
    /// Smallest batch shown at once, n.
    pub batch: u32,
    /// Ballots held back, f.
    pub held_back: u32,
    /// Rounds prepared for each official.
    pub rounds: u8,
    /// Whether a reported official's slip leaves himself out.
    pub recusal: bool,
    /// The options.
    pub scale: Vec<SetOption>,
    /// The thresholds policy.
    pub thresholds: SetThresholds,
    /// Whether the acts that decide take two people, a scrutineer among them. Settings kept before there were accounts
    /// do not say: then it is so.
    #[serde(default = "yes")]
    pub two_people: bool,
    /// How many have to be present before an item is opened; `None` for no such rule. Settings kept before this was
    /// asked do not say: then two thirds.
    #[serde(default = "two_thirds")]
    pub quorum: Option<Quorum>,
}

/// When figures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// In batches while the contest is open.
    Live,
    /// At publication.
    Close,
}

/// One option of the scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetOption {
    /// Short code, `a-z 0-9 -`.
    pub code: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// True for 弃权.
    pub abstain: bool,
}

/// The thresholds policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetThresholds {
    /// Code of the option looked at.
    pub option: String,
    /// True: share of 收回; false: of 有效.
    pub of_cast: bool,
    /// True: paper is left out of the share.
    pub paper_apart: bool,
    /// `reaches`: numerator and denominator.
    pub reaches: (u32, u32),
    /// `over`: numerator and denominator.
    pub over: (u32, u32),
}

/// A change of some settings; what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    title: Option<String>,
    date: Option<String>,
    place: Option<String>,
    drill: Option<bool>,
    release: Option<Release>,
    batch: Option<u32>,
    held_back: Option<u32>,
    rounds: Option<u8>,
    recusal: Option<bool>,
    scale: Option<Vec<SetOption>>,
    thresholds: Option<SetThresholds>,
    two_people: Option<bool>,
    /// `null` says that there is none; absent, that it stays.
    #[serde(deserialize_with = "given")]
    quorum: Option<Option<Quorum>>,
}

impl Settings {
    /// What a new meeting begins with.
    #[must_use]
    pub fn beginning(today: &str) -> Self {
        let thresholds = ManifestDraft::default_thresholds();
        Self {
            title: String::new(),
            date: today.to_owned(),
            place: String::new(),
            drill: false,
            release: Release::Live,
            batch: 10,
            held_back: 10,
            rounds: 2,
            recusal: true,
            scale: ManifestDraft::default_scale()
                .into_iter()
                .map(|o| SetOption { code: o.code, zh: o.zh, en: o.en, abstain: o.kind == OptionKind::Abstain })
                .collect(),
            thresholds: SetThresholds {
                option: thresholds.option,
                of_cast: thresholds.base == Base::Cast,
                paper_apart: thresholds.paper == PaperPolicy::Apart,
                reaches: thresholds.reaches,
                over: thresholds.over,
            },
            two_people: true,
            quorum: two_thirds(),
        }
    }

    /// The settings of the sample: a drill.
    #[must_use]
    pub fn sample(today: &str) -> Self {
        Self {
            title: "样例 述职述责述廉会议民主测评".to_owned(),
            place: "样例会议室".to_owned(),
            drill: true,
            two_people: false,
            ..Self::beginning(today)
        }
    }

    /// These settings with a change.
    ///
    /// # Errors
    /// [`Refusal`] naming the field and what is allowed; nothing is changed then.
    pub fn changed(&self, change: Change) -> Result<Self, Refusal> {
        let before = self.clone();
        // A drill that one person plays alone does not hand that on to the real meeting behind it.
        let no_drill_any_more = before.drill && change.drill == Some(false);
        let trimmed = |text: String| text.trim().to_owned();
        let after = Self {
            title: change.title.map_or(before.title, trimmed),
            date: change.date.unwrap_or(before.date),
            place: change.place.map_or(before.place, trimmed),
            drill: change.drill.unwrap_or(before.drill),
            release: change.release.unwrap_or(before.release),
            batch: change.batch.unwrap_or(before.batch),
            held_back: change.held_back.unwrap_or(before.held_back),
            rounds: change.rounds.unwrap_or(before.rounds),
            recusal: change.recusal.unwrap_or(before.recusal),
            scale: change.scale.unwrap_or(before.scale),
            thresholds: change.thresholds.unwrap_or(before.thresholds),
            two_people: change.two_people.unwrap_or(before.two_people || no_drill_any_more),
            quorum: change.quorum.unwrap_or(before.quorum),
        };
        after.check()?;
        Ok(after)
    }

    fn check(&self) -> Result<(), Refusal> {
        // A drill's title gets 【演练】 in front.
        text("标题", &self.title, limits::TEXT - limits::DRILL.chars().count())?;
        if self.title.starts_with(limits::DRILL) {
            return Err(refused("标题不能自己以“【演练】”开头：那是演练的记号", "请去掉它；要演练的，请勾选演练"));
        }
        text("地点", &self.place, limits::TEXT)?;
        if !is_date(&self.date) {
            return Err(refused("日期不对", "请写成 2026-12-14 的样子"));
        }
        if !(1..=limits::ROUNDS).contains(&self.rounds) {
            return Err(refused(&format!("轮数不对，最多 {} 轮", limits::ROUNDS), "请填 1 到 4"));
        }
        if !(5..=500).contains(&self.batch) || !(5..=500).contains(&self.held_back) {
            return Err(refused("每批张数和保留张数应在 5 到 500 之间", "不清楚时请用 10 和 10"));
        }
        let (few, many) = (limits::OPTIONS.start(), limits::OPTIONS.end());
        if !limits::OPTIONS.contains(&self.scale.len()) {
            return Err(refused(&format!("选项有 {} 个，应为 {few} 到 {many} 个", self.scale.len()), "请增减选项"));
        }
        let code = |code: &str| {
            (1..=16).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        for (at, option) in self.scale.iter().enumerate() {
            text("选项名", &option.zh, 20)?;
            text("选项的英文名", &option.en, 20)?;
            if option.zh.is_empty() || option.en.is_empty() || !code(&option.code) {
                return Err(refused("选项缺少中文名、英文名或代码", "代码用 1 到 16 个小写字母、数字或连字符"));
            }
            if self.scale[..at].iter().any(|before| before.code == option.code) {
                return Err(refused(&format!("选项代码 {} 重复", option.code), "请改成不同的代码"));
            }
        }
        let looked_at = self.scale.iter().find(|option| option.code == self.thresholds.option);
        if looked_at.is_none_or(|option| option.abstain) {
            return Err(refused("比例所看的选项不是测评等次之一", "请选一个不是弃权的选项"));
        }
        let share = |(num, den): (u32, u32)| num >= 1 && num <= den && den <= 1000;
        if !share(self.thresholds.reaches) || !share(self.thresholds.over) {
            return Err(refused("比例不对", "请写成两个整数，例如 1 和 5 表示 20 %，分母不超过 1000"));
        }
        self.quorum.as_ref().map_or(Ok(()), Quorum::check)
    }

    /// The title as it stands in the manifest, so that a drill is one in every print, page and bundle.
    #[must_use]
    pub fn full_title(&self) -> String {
        if self.drill { format!("{}{}", limits::DRILL, self.title) } else { self.title.clone() }
    }

    /// The options as the manifest has them.
    #[must_use]
    pub fn scale_options(&self) -> Vec<ScaleOption> {
        let option = |o: &SetOption| ScaleOption {
            code: o.code.clone(),
            zh: o.zh.clone(),
            en: o.en.clone(),
            kind: if o.abstain { OptionKind::Abstain } else { OptionKind::Grade },
        };
        self.scale.iter().map(option).collect()
    }

    /// The thresholds policy as the manifest has it.
    #[must_use]
    pub fn threshold_policy(&self) -> Thresholds {
        let set = &self.thresholds;
        Thresholds {
            base: if set.of_cast { Base::Cast } else { Base::Valid },
            paper: if set.paper_apart { PaperPolicy::Apart } else { PaperPolicy::Included },
            option: set.option.clone(),
            reaches: set.reaches,
            over: set.over,
        }
    }

    /// The release rule as the manifest has it.
    #[must_use]
    pub fn release_rule(&self) -> ReleaseRule {
        let kind = if self.release == Release::Live { ReleaseKind::Live } else { ReleaseKind::Close };
        ReleaseRule { kind, n: self.batch, f: self.held_back }
    }
}

const fn yes() -> bool {
    true
}

fn two_thirds() -> Option<Quorum> {
    Some(Quorum::default())
}

/// What is there, `null` included, is given.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Quorum>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn text(what: &str, text: &str, longest: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length > longest {
        return Err(refused(&format!("{what}有 {length} 个字，最多 {longest} 个"), "请缩短"));
    }
    if text.chars().any(is_forbidden) {
        return Err(refused(&format!("{what}中有不可见的控制字符"), "请重新键入"));
    }
    Ok(())
}

fn refused(error: &str, what_to_do: &str) -> Refusal {
    Refusal::conflict(format!("{error}。"), format!("{what_to_do}。"))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u8>().ok());
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() })
        && number(5..7).is_some_and(|month| (1..=12).contains(&month))
        && number(8..10).is_some_and(|day| (1..=31).contains(&day))
}

/// The civil date at UTC+8, which is the whole of the country's time.
#[must_use]
pub(super) fn civil_date(now: std::time::SystemTime) -> String {
    let seconds = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()) + 8 * 3600;
    // Days to year, month, day in the proleptic Gregorian calendar, eras of 400 years from 0000-03-01.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn civil_dates_turn_at_midnight_in_utc_plus_8() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (951_782_400 - 8 * 3600 - 1, "2000-02-28"),
            (951_782_400 - 8 * 3600, "2000-02-29"),
            (1_797_206_400 - 8 * 3600, "2026-12-14"),
            (4_107_542_400 - 8 * 3600, "2100-03-01"),
        ] {
            assert_eq!(civil_date(UNIX_EPOCH + Duration::from_secs(seconds)), date);
        }
    }

    #[test]
    fn settings_out_of_range_are_refused_with_the_number_allowed() {
        let settings = Settings::sample("2026-12-14");
        let refuse = |change: serde_json::Value, word: &str| {
            let refusal = serde_json::from_value(change).map(|change| settings.changed(change));
            assert!(matches!(refusal, Ok(Err(r)) if r.to_string().contains(word)), "{word}");
        };
        refuse(serde_json::json!({"title": "字".repeat(77)}), "最多 76 个");
        refuse(serde_json::json!({"title": "【演练】述职会"}), "勾选演练");
        refuse(serde_json::json!({"place": "a\u{202e}b"}), "控制字符");
        refuse(serde_json::json!({"date": "2026-13-01"}), "2026-12-14");
        refuse(serde_json::json!({"rounds": 5}), "最多 4 轮");
        refuse(serde_json::json!({"batch": 4}), "5 到 500");
        refuse(serde_json::json!({"scale": [{"code": "a", "zh": "好", "en": "good", "abstain": false}]}), "2 到 7 个");
        refuse(
            serde_json::json!({"thresholds": {"option": "abstain", "of_cast": false, "paper_apart": false,
                "reaches": [1, 5], "over": [3, 10]}}),
            "不是弃权",
        );
        refuse(serde_json::json!({"quorum": {"share": [4, 3]}}), "分母不超过 1000");
        assert!(serde_json::from_value::<Change>(serde_json::json!({"titel": "x"})).is_err());
    }

    #[test]
    fn a_quorum_stays_unless_it_is_given_and_null_says_that_there_is_none() {
        let settings = Settings::beginning("2026-12-14");
        let after =
            |change: serde_json::Value| settings.changed(serde_json::from_value(change).unwrap()).unwrap().quorum;
        assert_eq!(after(serde_json::json!({})), Some(Quorum::default()));
        assert_eq!(after(serde_json::json!({"quorum": null})), None);
        let half = Quorum { share: (1, 2), over: true, ..Quorum::default() };
        assert_eq!(after(serde_json::json!({"quorum": {"share": [1, 2], "over": true}})), Some(half));
        // Kept before this was asked, and kept without one.
        let mut kept = serde_json::to_value(&settings).unwrap();
        kept["quorum"] = serde_json::Value::Null;
        assert_eq!(serde_json::from_value::<Settings>(kept.clone()).unwrap().quorum, None);
        kept.as_object_mut().unwrap().remove("quorum");
        assert_eq!(serde_json::from_value::<Settings>(kept).unwrap().quorum, Some(Quorum::default()));
    }
}
