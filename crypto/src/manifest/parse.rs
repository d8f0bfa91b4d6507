//! From strict JSON to a [`Manifest`]; every limit of section 20 in one place.

use super::{
    Base, ContestKeys, Item, MAX_BYTES, MAX_EXPECTED, MAX_ITEMS, MAX_LEAVES, MAX_ROUNDS, Manifest, ManifestError,
    OPTIONS, OptionKind, PaperPolicy, ReleaseKind, ReleaseRule, Report, SUITE, ScaleOption, Thresholds, is_forbidden,
    manifest_id,
};
use crate::{
    bytes::unhex,
    contest::Contest,
    group::Element,
    json::{self, Value},
    seal::is_usable_public,
    sign::VerifyingKey,
};

type Result<T> = core::result::Result<T, ManifestError>;

fn fail<T>(field: &str, why: impl Into<String>) -> Result<T> {
    Err(ManifestError { field: field.to_owned(), why: why.into() })
}

/// The members of an object, handed out by name; each must be taken, none may be left.
struct Fields {
    at: String,
    members: Vec<(String, Value)>,
}

impl Fields {
    fn new(at: &str, value: Value) -> Result<Self> {
        match value {
            Value::Object(members) => Ok(Self { at: at.to_owned(), members }),
            _ => fail(at, "an object is expected"),
        }
    }

    fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    fn take(&mut self, name: &str) -> Result<Value> {
        match self.members.iter().position(|(n, _)| n == name) {
            Some(i) => Ok(self.members.swap_remove(i).1),
            None => fail(&self.path(name), "the field is missing"),
        }
    }

    fn end(self) -> Result<()> {
        match self.members.first() {
            Some((name, _)) => fail(&self.path(name), "unknown field"),
            None => Ok(()),
        }
    }

    fn string(&mut self, name: &str) -> Result<String> {
        match self.take(name)? {
            Value::Text(text) => Ok(text),
            _ => fail(&self.path(name), "a string is expected"),
        }
    }

    fn text(&mut self, name: &str, longest: usize) -> Result<String> {
        let text = self.string(name)?;
        if text.chars().any(is_forbidden) {
            return fail(&self.path(name), "control and direction characters are not allowed");
        }
        let n = text.chars().count();
        if (1..=longest).contains(&n) {
            Ok(text)
        } else {
            fail(&self.path(name), format!("{n} characters, 1 to {longest} are allowed"))
        }
    }

    fn number(&mut self, name: &str, allowed: core::ops::RangeInclusive<u32>) -> Result<u32> {
        match self.take(name)? {
            Value::Number(n) if allowed.contains(&n) => Ok(n),
            Value::Number(n) => {
                fail(&self.path(name), format!("{n}, {} to {} are allowed", allowed.start(), allowed.end()))
            }
            _ => fail(&self.path(name), "an integer is expected"),
        }
    }

    fn bytes<const N: usize>(&mut self, name: &str) -> Result<[u8; N]> {
        let text = self.string(name)?;
        match unhex(&text) {
            Some(bytes) => Ok(bytes),
            None => fail(&self.path(name), format!("{} lowercase hexadecimal digits are expected", 2 * N)),
        }
    }

    fn list(&mut self, name: &str) -> Result<Vec<Value>> {
        match self.take(name)? {
            Value::Array(values) => Ok(values),
            _ => fail(&self.path(name), "an array is expected"),
        }
    }

    fn object(&mut self, name: &str) -> Result<Self> {
        let value = self.take(name)?;
        Self::new(&self.path(name), value)
    }

    fn one_of<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<T> {
        let text = self.string(name)?;
        match words.iter().find(|(w, _)| *w == text) {
            Some((_, value)) => Ok(*value),
            None => fail(&self.path(name), "not one of the allowed words"),
        }
    }

    fn exactly(&mut self, name: &str, value: &Value) -> Result<()> {
        if self.take(name)? == *value { Ok(()) } else { fail(&self.path(name), "this version allows one value only") }
    }

    fn ed25519(&mut self, name: &str) -> Result<VerifyingKey> {
        let bytes: [u8; 32] = self.bytes(name)?;
        VerifyingKey::from_bytes(&bytes).or_else(|_| fail(&self.path(name), "not a usable Ed25519 key"))
    }

    fn x25519(&mut self, name: &str) -> Result<[u8; 32]> {
        let bytes = self.bytes(name)?;
        if is_usable_public(&bytes) { Ok(bytes) } else { fail(&self.path(name), "not a usable X25519 key") }
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Manifest> {
    if bytes.len() > MAX_BYTES {
        return fail("", format!("{} bytes, at most {MAX_BYTES} are allowed", bytes.len()));
    }
    let value = json::parse(bytes).or_else(|e| fail("", format!("not strict JSON at byte {}: {}", e.at, e.why)))?;
    let mut top = Fields::new("", value)?;
    if top.string("suite")? != SUITE {
        return fail("suite", format!("this program speaks {SUITE} only"));
    }
    let meeting = top.bytes("meeting")?;
    let title = top.text("title", 80)?;
    let date = parse_date(&mut top)?;
    let place = top.text("place", 80)?;
    let expected = top.number("expected", 1..=MAX_EXPECTED)?;
    let items = parse_items(&mut top)?;
    let contests = parse_contests(&mut top, &items)?;
    let e_0 = top.x25519("E_0")?;
    let scale = parse_scale(&mut top)?;
    let thresholds = parse_thresholds(&mut top, &scale)?;
    let mut tokens = top.object("tokens")?;
    let leaves = tokens.number("leaves", 1..=MAX_LEAVES)?;
    let token_root = tokens.bytes("root")?;
    tokens.end()?;
    let mut keys = top.object("keys")?;
    let [receipt_key, log_key, result_key] = [keys.ed25519("receipt")?, keys.ed25519("log")?, keys.ed25519("result")?];
    keys.end()?;
    let mut rule = top.object("release")?;
    let release = ReleaseRule {
        kind: rule.one_of("kind", &[("live", ReleaseKind::Live), ("close", ReleaseKind::Close)])?,
        n: rule.number("n", 5..=500)?,
        f: rule.number("f", 5..=500)?,
    };
    rule.end()?;
    let mut page = top.object("page")?;
    let (page_script, page_wasm) = (page.bytes("script")?, page.bytes("wasm")?);
    page.end()?;
    top.exactly("issuers", &Value::Array(vec![Value::Text("self".to_owned())]))?;
    top.exactly("witnesses", &Value::Array(Vec::new()))?;
    top.exactly("quorum", &Value::Number(0))?;
    top.exactly("cast_via", &Value::Array(Vec::new()))?;
    top.end()?;

    let mut all: Vec<[u8; 32]> = contests.iter().flat_map(|c| [*c.k.as_bytes(), c.e]).collect();
    all.extend([e_0, *receipt_key.as_bytes(), *log_key.as_bytes(), *result_key.as_bytes()]);
    all.sort_unstable();
    if all.windows(2).any(|pair| pair[0] == pair[1]) {
        return fail("", "two keys are the same");
    }
    Ok(Manifest {
        id: manifest_id(bytes),
        bytes: bytes.to_vec(),
        meeting,
        title,
        date,
        place,
        expected,
        items,
        contests,
        e_0,
        scale,
        thresholds,
        leaves,
        token_root,
        receipt_key,
        log_key,
        result_key,
        release,
        page_script,
        page_wasm,
    })
}

fn parse_date(top: &mut Fields) -> Result<String> {
    let date = top.string("date")?;
    let number = |range: core::ops::Range<usize>| {
        let digits = date.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|d| d.parse::<u32>().ok())
    };
    let dashes = date.len() == 10 && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-';
    match (dashes, number(0..4), number(5..7), number(8..10)) {
        (true, Some(_), Some(1..=12), Some(1..=31)) => Ok(date),
        _ => fail("date", "YYYY-MM-DD is expected"),
    }
}

fn parse_items(top: &mut Fields) -> Result<Vec<Item>> {
    let values = top.list("items")?;
    if values.is_empty() || values.len() > MAX_ITEMS {
        return fail("items", format!("{} items, 1 to {MAX_ITEMS} are allowed", values.len()));
    }
    let mut items = Vec::with_capacity(values.len());
    for (number, value) in (1u16..).zip(values) {
        let mut item = Fields::new(&format!("items[{}]", number - 1), value)?;
        if item.number("number", 1..=60)? != u32::from(number) {
            return fail(&item.path("number"), "items are numbered 1, 2, 3, ... in order");
        }
        items.push(Item {
            number,
            name: item.text("name", 40)?,
            unit: item.text("unit", 80)?,
            post: item.text("post", 80)?,
            report: item.one_of("report", &[("oral", Report::Oral), ("written", Report::Written)])?,
            rounds: u8::try_from(item.number("rounds", 1..=u32::from(MAX_ROUNDS))?).unwrap_or(MAX_ROUNDS),
        });
        item.end()?;
    }
    Ok(items)
}

fn parse_contests(top: &mut Fields, items: &[Item]) -> Result<Vec<ContestKeys>> {
    let expected = contest_order(items);
    let values = top.list("contests")?;
    if values.len() != expected.len() {
        return fail("contests", format!("{} contests, {} follow from the items", values.len(), expected.len()));
    }
    let mut contests = Vec::with_capacity(values.len());
    for (i, (value, contest)) in values.into_iter().zip(expected).enumerate() {
        let mut entry = Fields::new(&format!("contests[{i}]"), value)?;
        let (item, round) = (entry.number("item", 0..=60)?, entry.number("round", 0..=4)?);
        if (item, round) != (u32::from(contest.item), u32::from(contest.round)) {
            return fail(&entry.at, format!("contest {contest} belongs here"));
        }
        let k: [u8; 32] = entry.bytes("K")?;
        let k = Element::from_bytes(&k).or_else(|e| fail(&entry.path("K"), e.to_string()))?;
        contests.push(ContestKeys { contest, k, e: entry.x25519("E")? });
        entry.end()?;
    }
    Ok(contests)
}

/// (0,0), then by item, then by round.
pub(super) fn contest_order(items: &[Item]) -> Vec<Contest> {
    let rounds = items.iter().flat_map(|item| (1..=item.rounds).map(|round| Contest::new(item.number, round)));
    core::iter::once(Contest::REHEARSAL).chain(rounds).collect()
}

fn parse_scale(top: &mut Fields) -> Result<Vec<ScaleOption>> {
    let values = top.list("scale")?;
    if !OPTIONS.contains(&values.len()) {
        return fail("scale", format!("{} options, 2 to 7 are allowed", values.len()));
    }
    let mut scale: Vec<ScaleOption> = Vec::with_capacity(values.len());
    for (i, value) in values.into_iter().enumerate() {
        let mut entry = Fields::new(&format!("scale[{i}]"), value)?;
        let code = entry.text("code", 16)?;
        if !code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return fail(&entry.path("code"), "a-z, 0-9 and - are allowed");
        }
        if scale.iter().any(|o| o.code == code) {
            return fail(&entry.path("code"), "the code stands twice");
        }
        let kind = entry.one_of("kind", &[("grade", OptionKind::Grade), ("abstain", OptionKind::Abstain)])?;
        scale.push(ScaleOption { code, zh: entry.text("zh", 20)?, en: entry.text("en", 20)?, kind });
        entry.end()?;
    }
    if scale.iter().all(|o| o.kind == OptionKind::Abstain) {
        return fail("scale", "at least one grade is needed");
    }
    Ok(scale)
}

fn parse_thresholds(top: &mut Fields, scale: &[ScaleOption]) -> Result<Thresholds> {
    let mut policy = top.object("thresholds")?;
    let base = policy.one_of("base", &[("valid", Base::Valid), ("cast", Base::Cast)])?;
    let paper = policy.one_of("paper", &[("included", PaperPolicy::Included), ("apart", PaperPolicy::Apart)])?;
    let option = policy.string("option")?;
    if !scale.iter().any(|o| o.code == option && o.kind == OptionKind::Grade) {
        return fail("thresholds.option", "not the code of a grade");
    }
    let reaches = parse_share(&mut policy, "reaches")?;
    let over = parse_share(&mut policy, "over")?;
    policy.end()?;
    Ok(Thresholds { base, paper, option, reaches, over })
}

fn parse_share(policy: &mut Fields, name: &str) -> Result<(u32, u32)> {
    match policy.list(name)?.as_slice() {
        [Value::Number(num), Value::Number(den)] if (1..=*den).contains(num) && *den <= 1000 => Ok((*num, *den)),
        _ => fail(&policy.path(name), "two integers with 1 <= num <= den <= 1000 are expected"),
    }
}
