//! The figures of a signed result note, as its lines have them (PROTOCOL section 23).

use douxuan_crypto::{bytes::unhex, contest::Contest, log::Outcome, manifest::Manifest, merkle::Hash, note};

/// Why bytes are not the result of a manifest: which line, counted from 1, or 0 for the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAResult {
    /// The line.
    pub line: usize,
}

impl std::fmt::Display for NotAResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str("签名不符"),
            line => write!(f, "第 {line} 行不合规"),
        }
    }
}

impl std::error::Error for NotAResult {}

/// What a result note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Size and root of the log before its *result* entry.
    pub log: (u64, Hash),
    /// Slips, those of them voided, those unused.
    pub slips: [u64; 3],
    /// For each window: 实到, enrolled, on paper.
    pub windows: Vec<[u64; 3]>,
    /// Every contest that was opened, in contest order.
    pub contests: Vec<ContestFigures>,
}

/// What it says of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestFigures {
    /// Which.
    pub contest: Contest,
    /// How it ended.
    pub outcome: Outcome,
    /// Ballots on its board, and the board's root.
    pub board: (u64, Hash),
    /// Phones: issued, cast.
    pub electronic: [u64; 2],
    /// Paper: issued, cast, invalid, not graded.
    pub paper: [u64; 4],
    /// Both together: issued, cast, missing.
    pub total: [u64; 3],
    /// Votes by option; none where they are not shown.
    pub votes: Option<Vec<u64>>,
    /// Valid, abstained; with the votes.
    pub valid: Option<[u64; 2]>,
    /// Count, base, reaches, over; where published.
    pub threshold: Option<([u64; 2], [Option<bool>; 2])>,
}

/// Lines, each taken as words behind its first.
struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn fault(&self) -> NotAResult {
        NotAResult { line: self.at + 1 }
    }

    /// The words of the next line if it is of this kind.
    fn next_if(&mut self, kind: &str) -> Option<Vec<&'a str>> {
        let mut words = self.lines.get(self.at)?.split(' ');
        (words.next() == Some(kind)).then(|| {
            self.at += 1;
            words.collect()
        })
    }

    fn next(&mut self, kind: &str) -> Result<Vec<&'a str>, NotAResult> {
        self.next_if(kind).ok_or_else(|| self.fault())
    }

    /// The line just taken is not in form.
    fn last(&self) -> NotAResult {
        NotAResult { line: self.at }
    }

    fn numbers<const N: usize>(&self, words: &[&str]) -> Result<[u64; N], NotAResult> {
        let numbers: Option<Vec<u64>> = words.iter().map(|word| word.parse().ok()).collect();
        numbers.and_then(|n| n.try_into().ok()).ok_or_else(|| self.last())
    }

    fn root(&self, word: Option<&&str>) -> Result<Hash, NotAResult> {
        word.and_then(|word| unhex(word)).ok_or_else(|| self.last())
    }
}

impl Figures {
    /// Reads a result note of this manifest.
    ///
    /// # Errors
    /// [`NotAResult`] if the result key of the manifest did not sign it, or a line is not what it must be.
    pub fn read(manifest: &Manifest, signed: &[u8]) -> Result<Self, NotAResult> {
        let text = note::open(signed, &manifest.origin("result"), &manifest.result_key);
        let text = text.map_err(|_| NotAResult { line: 0 })?;
        let mut lines = Lines { lines: text.split_terminator('\n').collect(), at: 2 };
        let log = lines.next("log")?;
        let [size] = lines.numbers(log.get(..1).unwrap_or_default())?;
        let log = (size, lines.root(log.get(1))?);
        let slips = lines.next("slips")?;
        let slips = lines.numbers(&slips)?;
        let mut windows = Vec::new();
        while let Some(words) = lines.next_if("window") {
            windows.push(lines.numbers(words.get(1..4).unwrap_or_default())?);
        }
        let mut contests = Vec::new();
        while let Some(words) = lines.next_if("contest") {
            contests.push(ContestFigures::read(manifest, &mut lines, &words)?);
        }
        if lines.at < lines.lines.len() { Err(lines.fault()) } else { Ok(Self { log, slips, windows, contests }) }
    }
}

impl ContestFigures {
    fn read(manifest: &Manifest, lines: &mut Lines<'_>, words: &[&str]) -> Result<Self, NotAResult> {
        let (contest, outcome) = (words.first().and_then(|w| Contest::parse(w)), words.get(1).and_then(|w| ending(w)));
        let contest = contest.filter(|c| manifest.item(c.item).is_some()).ok_or_else(|| lines.last())?;
        let outcome = outcome.ok_or_else(|| lines.last())?;
        let [size] = lines.numbers(words.get(2..3).unwrap_or_default())?;
        let board = (size, lines.root(words.get(3))?);
        let electronic = lines.next("electronic")?;
        let electronic = lines.numbers(&electronic)?;
        let paper = lines.next("paper")?;
        let paper = lines.numbers(&paper)?;
        let total = lines.next("total")?;
        let total = lines.numbers(&total)?;
        let mut figures =
            Self { contest, outcome, board, electronic, paper, total, votes: None, valid: None, threshold: None };
        if outcome.has_tally() {
            let votes = lines.next("votes")?;
            let votes: Option<Vec<u64>> = votes.iter().map(|word| word.parse().ok()).collect();
            let votes = votes.filter(|votes| votes.len() == manifest.options()).ok_or_else(|| lines.last())?;
            figures.votes = Some(votes);
            let valid = lines.next("valid")?;
            figures.valid = Some(lines.numbers(&valid)?);
        }
        if outcome == Outcome::Published {
            let words = lines.next("threshold")?;
            let counts = lines.numbers(words.get(1..3).unwrap_or_default())?;
            let answers = [words.get(3), words.get(4)].map(|word| word.and_then(|word| answer(word)));
            let [Some(reaches), Some(over)] = answers else { return Err(lines.last()) };
            figures.threshold = Some((counts, [reaches, over]));
        }
        Ok(figures)
    }
}

fn ending(word: &str) -> Option<Outcome> {
    use Outcome::{Published, VoidedAfter, VoidedBefore, Withheld};
    [Published, Withheld, VoidedBefore, VoidedAfter].into_iter().find(|outcome| outcome.word() == word)
}

fn answer(word: &str) -> Option<Option<bool>> {
    match word {
        "yes" => Some(Some(true)),
        "no" => Some(Some(false)),
        "none" => Some(None),
        _ => None,
    }
}
