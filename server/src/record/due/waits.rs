//! Article by article, what is waited for. Nothing that is done is on the list, and nothing twice: of a thing that goes
//! on step by step only the next one is.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{DueLine, Period, Standing, What};
use crate::record::{
    Assessment, Choosing, Correction, Cycle, Documents, Dossier, Id, Kept, Official, Question, Stage, Warning, Way,
    calendar::Calendar,
    field,
    ground::Ground,
    letter::Letter,
    official::standing,
    opinion::Opinion,
    report::Report,
    result::{Opens, Outcome, Step, StepState},
    retention::{Destruction, DestructionState},
};

/// Whose a thing is.
#[derive(Clone, Default)]
struct Whose {
    dossier: Option<Id>,
    cycle: Option<Id>,
    year: Option<i16>,
    name: String,
    unit: String,
}

/// Everything that is looked at, read once.
pub(super) struct Waits<'a> {
    documents: &'a Documents,
    calendar: &'a Calendar,
    today: Date,
    cycles: BTreeMap<Id, Kept<Cycle>>,
    dossiers: BTreeMap<Id, Kept<Dossier>>,
    outcomes: Vec<Kept<Outcome>>,
    lines: Vec<DueLine>,
}

impl<'a> Waits<'a> {
    pub(super) fn of(documents: &'a Documents, calendar: &'a Calendar, today: Date) -> Self {
        let cycles = documents.all::<Cycle>().into_iter().map(|cycle| (cycle.id, cycle)).collect();
        let dossiers = documents.all::<Dossier>().into_iter().map(|dossier| (dossier.id, dossier)).collect();
        let mut outcomes = documents.all::<Outcome>();
        // Another result stands in its place.
        outcomes.retain(|outcome| outcome.body.replaced.is_none());
        Self { documents, calendar, today, cycles, dossiers, outcomes, lines: Vec::new() }
    }

    pub(super) fn lines(mut self) -> Vec<DueLine> {
        self.oral_reports();
        self.reports();
        self.choosings();
        self.assessments();
        self.questions();
        self.letters();
        self.corrections();
        self.steps();
        self.grounds();
        self.destructions();
        self.lines
    }

    fn whose(&self, dossier: Id) -> Whose {
        let Some(found) = self.dossiers.get(&dossier) else { return Whose::default() };
        let Dossier { cycle, name, unit, .. } = found.body.clone();
        Whose { dossier: Some(dossier), name, unit, ..self.of_cycle(cycle) }
    }

    fn of_cycle(&self, cycle: Id) -> Whose {
        Whose { cycle: Some(cycle), year: self.cycles.get(&cycle).map(|found| found.body.year), ..Whose::default() }
    }

    fn is_open(&self, cycle: Id) -> bool {
        self.cycles.get(&cycle).is_some_and(|found| !found.body.closed)
    }

    /// The dossiers of cycles that still take changes.
    fn running(&self) -> Vec<Kept<Dossier>> {
        self.dossiers.values().filter(|dossier| self.is_open(dossier.body.cycle)).cloned().collect()
    }

    fn has_result(&self, dossier: Id) -> bool {
        self.outcomes.iter().any(|outcome| outcome.body.officials.iter().any(|rated| rated.dossier == Some(dossier)))
    }

    /// Adds a line; gives it, to say more.
    fn add(&mut self, what: What, id: Id, whose: Whose, since: Option<String>, due: Option<String>) -> &mut DueLine {
        let Whose { dossier, cycle, year, name, unit } = whose;
        let days_left = due.as_deref().and_then(field::date).map(|due| (due - self.today).get_days());
        let link = ["cycle", "dossier"].into_iter().zip([cycle, dossier]);
        let link: Vec<String> = link.filter_map(|(name, id)| Some(format!("{name}={}", id?))).collect();
        let link = format!("/record#{}{}{}", what.part(), if link.is_empty() { "" } else { "?" }, link.join("&"));
        self.lines.push(DueLine {
            what,
            article: what.article(),
            waits_for: what.waits_for(),
            id,
            dossier,
            cycle,
            year,
            name,
            unit,
            count: 1,
            since,
            due,
            provisional: false,
            overdue: days_left.is_some_and(|left| left < 0),
            days_left,
            standing: None,
            sum: None,
            link,
        });
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// A line whose last day was counted.
    fn add_period(&mut self, what: What, id: Id, dossier: Id, period: &Period) {
        let (calendar, today, whose) = (self.calendar, self.today, self.whose(dossier));
        let period = period.again(calendar);
        let standing = period.standing(None, today);
        let line = self.add(what, id, whose, Some(period.served.clone()), Some(period.due.clone()));
        line.provisional = period.provisional;
        line.overdue = standing == Standing::Overdue;
        line.days_left = line.days_left.filter(|_| !period.provisional);
        line.standing = Some(standing);
        line.sum = Some(period.sum(calendar));
    }

    /// Article 12: owed with little of the term left, and not on its way; held, and its day not entered.
    fn oral_reports(&mut self) {
        let open = self.cycles.values().filter(|cycle| !cycle.body.closed).max_by_key(|cycle| cycle.body.year).cloned();
        let months = open.as_ref().map_or(0, |cycle| cycle.body.policy.warn_months);
        let around = (open.as_ref().map(|cycle| cycle.body.year), months);
        for official in self.documents.all::<Official>() {
            let Some(term) = official.body.term().cloned() else { continue };
            let warned = standing(self.documents, &official, self.today, around).and_then(|standing| standing.warning);
            let Some(warning) = warned else { continue };
            let own = self.running().into_iter().find(|dossier| {
                dossier.body.official == official.id && open.as_ref().is_some_and(|open| open.id == dossier.body.cycle)
            });
            if own.as_ref().is_some_and(|dossier| dossier.body.way == Some(Way::Oral)) {
                continue;
            }
            let whose = match (&own, &open) {
                (Some(dossier), _) => self.whose(dossier.id),
                (None, Some(cycle)) => self.of_cycle(cycle.id),
                (None, None) => Whose::default(),
            };
            let whose = Whose { name: official.body.name.clone(), unit: term.unit, ..whose };
            let line = self.add(What::OralReport, official.id, whose, Some(term.begins), term.expected_end);
            line.overdue = warning == Warning::Overdue;
        }
        for dossier in self.running() {
            let held = dossier.body.way == Some(Way::Oral) && self.has_result(dossier.id);
            if held && dossier.body.reported_on.is_none() {
                self.add(What::OralDay, dossier.id, self.whose(dossier.id), None, None);
            }
        }
    }

    /// Article 13.
    fn reports(&mut self) {
        let entered: BTreeMap<Id, Kept<Report>> =
            self.documents.all::<Report>().into_iter().map(|report| (report.body.dossier, report)).collect();
        for cycle in self.cycles.clone().into_values().filter(|cycle| !cycle.body.closed) {
            let own = self.dossiers.values().any(|dossier| dossier.body.cycle == cycle.id);
            if own && cycle.body.policy.reports_due.is_empty() {
                self.add(What::ReportsDay, cycle.id, self.of_cycle(cycle.id), None, None);
            }
        }
        for dossier in self.running() {
            let Some(cycle) = self.cycles.get(&dossier.body.cycle) else { continue };
            let none = Report::none(dossier.id, cycle.id);
            let report = entered.get(&dossier.id).map_or(&none, |report| &report.body);
            let Some(due) = report.due(&cycle.body.policy).filter(|_| report.versions.is_empty()) else { continue };
            self.add(What::Report, dossier.id, self.whose(dossier.id), None, Some(due.to_string()));
        }
    }

    /// Article 14.
    fn choosings(&mut self) {
        let lists = self.documents.all::<Choosing>();
        for cycle in self.cycles.clone().into_values().filter(|cycle| !cycle.body.closed) {
            let of_cycle = |stage| lists.iter().rfind(|list| list.body.cycle == cycle.id && list.body.stage == stage);
            let whose = self.of_cycle(cycle.id);
            if let Some(list) = of_cycle(Stage::Submitted) {
                let since = list.body.submitted.as_ref().map(|step| day_of(&step.at));
                self.add(What::ChoosingApproval, list.id, whose, since, None).count = list.body.lines.len();
            } else if of_cycle(Stage::Approved).is_none() {
                let count = self.dossiers.values().filter(|dossier| dossier.body.cycle == cycle.id).count();
                if count > 0 {
                    self.add(What::Choosing, cycle.id, whose, None, None).count = count;
                }
            }
        }
    }

    /// Article 15: before the meeting; what was submitted waits for its approval even behind it.
    fn assessments(&mut self) {
        let begun: BTreeMap<Id, Kept<Assessment>> =
            self.documents.all::<Assessment>().into_iter().map(|begun| (begun.body.dossier, begun)).collect();
        for dossier in self.running() {
            let found = begun.get(&dossier.id);
            let whose = self.whose(dossier.id);
            match found.map(|found| (&found.body.submitted, &found.body.approved)) {
                Some((_, Some(_))) => {}
                Some((Some(submitted), None)) => {
                    let id = found.map_or(dossier.id, |found| found.id);
                    self.add(What::AssessmentApproval, id, whose, Some(day_of(&submitted.at)), None);
                }
                _ if dossier.body.way != Some(Way::Oral) => {}
                _ if dossier.body.reported_on.is_some() || self.has_result(dossier.id) => {}
                _ => {
                    self.add(What::Assessment, dossier.id, whose, None, None);
                }
            }
        }
    }

    /// Article 17. What runs is followed to its end behind the end of its cycle.
    fn questions(&mut self) {
        for question in self.documents.all::<Question>() {
            let dossier = question.body.dossier;
            let Some(demand) = question.body.demands.last().filter(|_| question.body.withdrawn.is_none()) else {
                continue;
            };
            match (&demand.receipt, &demand.verdict) {
                (None, _) => self.add_period(What::WrittenAnswer, question.id, dossier, &demand.period),
                (Some(receipt), None) => {
                    self.add(What::AnswerVerdict, question.id, self.whose(dossier), Some(receipt.on.clone()), None);
                }
                (Some(_), Some(_)) => {}
            }
        }
    }

    /// Articles 18 and 19.
    fn letters(&mut self) {
        for outcome in self.outcomes.clone() {
            let open = outcome.body.officials.iter().filter(|rated| rated.dossier.is_none());
            let (said, unsaid): (Vec<_>, Vec<_>) = open.partition(|rated| rated.pairing.is_some());
            for (what, count) in [(What::ResultMatch, unsaid.len()), (What::MatchApproval, said.len())] {
                if count > 0 {
                    let whose = self.of_cycle(outcome.body.cycle);
                    self.add(what, outcome.id, whose, Some(outcome.body.date.clone()), None).count = count;
                }
            }
        }
        let (letters, opinions) = (self.documents.all::<Letter>(), self.documents.all::<Opinion>());
        for dossier in self.dossiers.clone().into_values() {
            let own = opinions.iter().filter(|opinion| opinion.body.dossier == dossier.id);
            let open: Vec<_> = own.filter(|own| own.body.withdrawn.is_none() && own.body.reviewed.is_none()).collect();
            if let Some(first) = open.first() {
                let since = open.iter().map(|opinion| day_of(&opinion.body.by.at)).min();
                self.add(What::OpinionReview, first.id, self.whose(dossier.id), since, None).count = open.len();
            }
            let stands = |letter: &&Kept<Letter>| letter.body.dossier == dossier.id && letter.body.withdrawn.is_none();
            let whose = self.whose(dossier.id);
            let Some(letter) = letters.iter().find(stands) else {
                let meeting = self
                    .outcomes
                    .iter()
                    .find(|outcome| outcome.body.officials.iter().any(|rated| rated.dossier == Some(dossier.id)));
                let begins = self.is_open(dossier.body.cycle);
                if let Some(since) = meeting.filter(|_| begins).map(|meeting| meeting.body.date.clone()) {
                    self.add(What::LetterDraft, dossier.id, whose, Some(since), None);
                }
                continue;
            };
            let (what, since) = match (&letter.body.fixed, letter.body.delivered.last()) {
                (None, _) => (What::LetterApproval, day_of(&letter.body.by.at)),
                (Some(fixed), None) => (What::LetterDelivery, day_of(&fixed.by.at)),
                (Some(_), Some(delivery)) if letter.body.receipts.is_empty() => {
                    (What::LetterReceipt, delivery.on.clone())
                }
                (Some(_), Some(_)) => continue,
            };
            self.add(what, letter.id, whose, Some(since), None);
        }
    }

    /// Article 20.
    fn corrections(&mut self) {
        for correction in self.documents.all::<Correction>() {
            let Kept { id, body, .. } = &correction;
            if body.withdrawn.is_some() {
                continue;
            }
            let whose = self.whose(body.dossier);
            if body.report.is_none() && !body.settled() {
                self.add_period(What::CorrectionReport, *id, body.dossier, &body.period);
            }
            let decided = body.decision().map(|decision| decision.on.clone());
            // What was decided since, or entered since with an earlier day.
            let news = |on: &String| {
                body.told.last().is_none_or(|told| *on > told.on || told.heard.settled != Some(body.settled()))
            };
            if let Some(on) = decided.clone().filter(|on| body.is_to_tell() && news(on)) {
                self.add(What::CorrectionTold, *id, whose.clone(), Some(on), None);
            }
            if let Some(brief) = body.briefs.last().filter(|brief| brief.decision.is_none()) {
                self.add(What::CorrectionDecision, *id, whose, Some(brief.on.clone()), None);
                continue;
            }
            if body.settled() {
                continue;
            }
            let checked = body.checks.last().filter(|check| decided.as_ref().is_none_or(|on| check.on >= *on));
            match (checked, &body.report) {
                (Some(check), _) => {
                    self.add(What::CorrectionBrief, *id, whose, Some(check.on.clone()), None);
                }
                (None, Some(report)) => {
                    let since = decided.unwrap_or_else(|| report.on.clone());
                    self.add(What::CorrectionCheck, *id, whose, Some(since), None);
                }
                (None, None) => {}
            }
        }
    }

    /// Article 22. An ordered correction whose notice runs is followed there.
    fn steps(&mut self) {
        let corrections = self.documents.all::<Correction>();
        for step in self.documents.all::<Step>() {
            let runs = corrections.iter().any(|correction| {
                let body = &correction.body;
                body.step == Some(step.id) && body.withdrawn.is_none() && !body.settled()
            });
            let meeting = self.outcomes.iter().find(|outcome| outcome.id == step.body.outcome);
            let opened = meeting.map(|meeting| meeting.body.date.clone());
            let (what, since) = match (&step.body.state, step.body.opens) {
                (StepState::Open, Opens::Verification) => (What::Verification, opened),
                (StepState::Open, Opens::Admonition) => (What::Admonition, opened),
                (StepState::Open, Opens::OrderedCorrection) if !runs => (What::OrderedCorrection, opened),
                (StepState::Verified { confirmed: true, on, .. }, _) => (What::Handling, Some(on.clone())),
                _ => continue,
            };
            self.add(what, step.id, self.whose(step.body.dossier), since, None);
        }
    }

    /// Article 23.
    fn grounds(&mut self) {
        for ground in self.documents.all::<Ground>() {
            let body = &ground.body;
            if body.withdrawn.is_some() {
                continue;
            }
            let taken = body.measures.iter().any(|measure| measure.revoked.is_none());
            let (what, since) = match body.verified.last() {
                None => (What::GroundVerification, day_of(&body.by.at)),
                Some(verified) if verified.confirmed && !taken => (What::GroundMeasure, verified.on.clone()),
                Some(_) => continue,
            };
            self.add(what, ground.id, self.whose(body.dossier), Some(since), None);
        }
    }

    /// What is proposed to be destroyed, once it need not be kept any longer.
    fn destructions(&mut self) {
        for destruction in self.documents.all::<Destruction>() {
            if matches!(destruction.body.state, DestructionState::Proposed) {
                let since = day_of(&destruction.body.proposed.at);
                let whose = self.of_cycle(destruction.body.cycle);
                self.add(What::DestructionApproval, destruction.id, whose, Some(since), None);
            }
        }
    }
}

/// The day of a moment as the trail writes it.
fn day_of(at: &str) -> String {
    at.get(..10).unwrap_or(at).to_owned()
}
