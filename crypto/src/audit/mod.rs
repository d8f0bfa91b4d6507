//! The audit of a bundle: fourteen named checks in a row (PROTOCOL section 26).
//!
//! Each step checks what its text says and nothing else, so a later step may rely on an earlier one, and two
//! verifiers of the same text stop at the same step. Everything here is public: nothing needs constant time.

mod ballots;
mod boards;
mod figures;
mod office;
mod paper;
mod receipts;
mod report;
mod runner;
mod slips;

pub use report::{Meeting, Outcome, Report, Step, StepReport, Verdict};
pub use runner::{InTurn, Runner};

use crate::bundle::Bundle;

/// Audits the bytes of a bundle and receipts presented with it (each a signed note), one check after the other.
///
/// **Held means: every ballot was authorised, each counts once, the figures are theirs.** It does not mean that the
/// issuer minted no ballot for people who enrolled and did not cast, nor that the manifest is the one on your slip:
/// compare [`Meeting::screen_code`].
#[must_use]
pub fn audit(bundle: &[u8], receipts: &[Vec<u8>]) -> Report {
    audit_with(bundle, receipts, &InTurn)
}

/// [`audit`] with the heavy checks spread by a [`Runner`]. The report is the same whatever the runner.
#[must_use]
pub fn audit_with(bundle: &[u8], receipts: &[Vec<u8>], runner: &dyn Runner) -> Report {
    let bundle = match Bundle::from_zip(bundle) {
        Ok(bundle) => bundle,
        Err(why) => {
            return Report { outcome: Outcome::NotABundle(why), steps: Vec::new(), meeting: None, summary: None };
        }
    };
    let mut audit = Audit { steps: Vec::new(), meeting: None, summary: None };
    let outcome = match audit.walk(&bundle, receipts, runner) {
        Ok(()) => Outcome::Held,
        Err(Stopped(step)) => Outcome::Failed(step),
    };
    audit.report(outcome)
}

/// What a step that did not fail hands on.
struct Held<T> {
    value: T,
    /// How many were checked; with none, the verdict is *none required* (but see [`Step::never_idle`]).
    count: usize,
    zh: String,
    en: String,
}

/// A step: what it found, or where exactly it failed.
type Checked<T> = Result<Held<T>, String>;

/// The audit stops here.
struct Stopped(Step);

struct Audit {
    steps: Vec<StepReport>,
    meeting: Option<Meeting>,
    summary: Option<String>,
}

impl Audit {
    fn walk(&mut self, bundle: &Bundle, receipts: &[Vec<u8>], runner: &dyn Runner) -> Result<(), Stopped> {
        let (manifest, meeting) = self.note(Step::Manifest, office::manifest(bundle))?;
        self.meeting = Some(meeting);
        let log = self.note(Step::Log, office::log(bundle, &manifest))?;
        let boards = self.note(Step::Boards, boards::stored(bundle, &manifest, log.state()))?;
        let boards = self.note(Step::Order, boards::ordered(&boards, manifest.options()))?;
        self.note(Step::Signatures, ballots::signatures(&manifest, &boards, runner))?;
        let commitments = self.note(Step::Choices, ballots::choices(&manifest, &boards, runner))?;
        self.note(Step::BoardProofs, ballots::authorised(&manifest, &boards, runner))?;
        self.note(Step::Tally, figures::tally(&manifest, &boards, &commitments))?;
        let (lists, counts) = self.note(Step::Counts, figures::counts(bundle, &manifest, log.state()))?;
        self.note(Step::Slips, slips::redeemed_and_voided(&manifest, log.state(), &lists, runner))?;
        let expected = paper::expected_result(&manifest, &log, &counts);
        self.note(Step::Thresholds, paper::thresholds(bundle, &expected))?;
        let code = self.meeting.as_ref().map_or("", |m| m.screen_code.as_str());
        let result = paper::result(bundle, &manifest, log.state(), &expected, code, &counts, runner);
        self.summary = Some(self.note(Step::Result, result)?);
        self.note(Step::Receipts, receipts::presented(&manifest, &boards, receipts))?;
        self.note(Step::Cosignatures, receipts::cosignatures())
    }

    /// Enters a step into the report and hands on what it found.
    fn note<T>(&mut self, step: Step, checked: Checked<T>) -> Result<T, Stopped> {
        let read = step.reads();
        match checked {
            Ok(Held { value, count, zh, en }) => {
                let verdict = if count == 0 && !step.never_idle() { Verdict::NoneRequired } else { Verdict::Held };
                self.steps.push(StepReport { step, verdict, read, count: count as u64, zh, en, why: None });
                Ok(value)
            }
            Err(why) => {
                let (name_zh, name_en) = step.name();
                self.steps.push(StepReport {
                    step,
                    verdict: Verdict::Failed,
                    read,
                    count: 0,
                    zh: format!("{name_zh}不成立，本结果不能采信。"),
                    en: format!("The step \"{name_en}\" failed: this result cannot be relied on."),
                    why: Some(why),
                });
                Err(Stopped(step))
            }
        }
    }

    fn report(mut self, outcome: Outcome) -> Report {
        for step in Step::ALL.into_iter().skip(self.steps.len()) {
            self.steps.push(StepReport {
                step,
                verdict: Verdict::NotReached,
                read: step.reads(),
                count: 0,
                zh: format!("{}未核对。", step.name().0),
                en: format!("The step \"{}\" was not reached.", step.name().1),
                why: None,
            });
        }
        Report { outcome, steps: self.steps, meeting: self.meeting, summary: self.summary }
    }
}
