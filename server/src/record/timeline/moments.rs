//! What each document of a dossier says of its days.

use super::{
    Figures, Happened, Moment, Nature,
    gathering::{By, Gathering},
};
use crate::record::{
    Assessment, Choosing, Correction, Document, Dossier, Kept, Official, Question, Stage, State, Way,
    assessment::WITHOUT,
    cycle,
    due::Standing,
    field,
    ground::{Ground, Item, MeasureKind},
    letter::{self, Letter},
    report::Report,
    result::{Finding, Opens, Outcome, Standing as Result, Step, StepState},
    usage::{self, Purpose},
};

/// Everything that has happened of a dossier, the earliest first. Pure: the same state gives the same moments.
#[must_use]
pub fn moments(now: &State, dossier: &Kept<Dossier>) -> Vec<Moment> {
    let mut all = Gathering::new(now, dossier);
    all.office();
    all.report();
    all.list();
    all.assessment();
    all.result();
    all.questions();
    all.letters();
    all.corrections();
    all.uses();
    all.steps();
    all.grounds();
    let mut moments = all.moments;
    // Of one day: in the order of the articles, then of the entries.
    moments.sort_by(|a, b| (&a.on, a.what, &a.at).cmp(&(&b.on, b.what, &b.at)));
    moments
}

impl Gathering<'_> {
    /// Articles 11 and 12: the terms that touch the year, and how he reports in it.
    fn office(&mut self) {
        use Happened::{Reported, TermBegan, TermEnded, WaySet};
        let Dossier { official, cycle, way, .. } = &self.dossier.body;
        let (id, oral) = (self.dossier.id, *way == Some(Way::Oral));
        let year = self.now.documents.find::<cycle::Cycle>(*cycle).map_or(0, |cycle| cycle.body.year);
        let of_year = |day: &str| field::date(day).is_some_and(|day| day.year() == year);
        if let Some(official) = self.now.documents.find::<Official>(*official) {
            let before = |day: &str| field::date(day).is_some_and(|day| day.year() < year);
            let added = self.hand::<Official>(official.id, "official/add", 0);
            for (nth, term) in official.body.terms.iter().enumerate() {
                let place = format!("{} {}", term.unit, term.post);
                let moved = |nth: usize| self.hand::<Official>(official.id, "official/transfer", nth);
                let by = nth.checked_sub(1).map_or_else(|| added.clone(), moved);
                let ended = term.ended.as_deref();
                let by_end = match official.body.terms.len() > nth + 1 {
                    true => moved(nth),
                    false => self.last_hand::<Official>(official.id, "official/left"),
                };
                if ended.is_some_and(before) || field::date(&term.begins).is_none_or(|day| day.year() > year) {
                    continue;
                }
                self.add(&term.begins, TermBegan, (12, "officials"), by, &place);
                if let Some(ended) = ended.filter(|ended| of_year(ended)) {
                    self.add(ended, TermEnded, (12, "officials"), by_end, &place);
                }
            }
        }
        let ways: Vec<(By, String)> = self
            .now
            .entries
            .iter()
            .filter(|entry| entry.is_of(Dossier::KIND, id) && entry.act == "dossier/way")
            .map(|entry| ((entry.hand.who.clone(), entry.hand.at.clone()), field::why_of(entry)))
            .collect();
        let last = ways.len();
        for (nth, (by, why)) in (1..).zip(ways) {
            let nature = [Nature::Undecided, Nature::Written, Nature::Oral];
            let set = usize::from(self.dossier.body.way.is_some()) + usize::from(oral);
            let moment = self.add("", WaySet, (11, "officials"), by, &why);
            // What an earlier entry has set, a later one has changed.
            moment.nature = nature.get(set).copied().filter(|_| nth == last);
        }
        if let Some(on) = &self.dossier.body.reported_on {
            let by = self.last_hand::<Dossier>(id, "dossier/reported");
            self.add(on, Reported, (11, "officials"), by, "");
        }
    }

    /// Articles 5 to 9 and 13.
    fn report(&mut self) {
        let Some(report) = self.own::<Report>(|report| report.dossier).into_iter().next() else { return };
        let policy = self.now.documents.find::<cycle::Cycle>(report.body.cycle).map(|cycle| cycle.body.policy);
        let due = policy.and_then(|policy| report.body.due(&policy)).map(|due| due.to_string());
        if let Some(extended) = &report.body.extended {
            let by = (extended.by.who.clone(), extended.by.at.clone());
            let moment = self.add("", Happened::ReportExtended, (13, "reports"), by, &extended.why);
            moment.due = Some((extended.until.clone(), false));
        }
        for (nth, version) in report.body.versions.iter().enumerate() {
            let by = (version.by.who.clone(), version.by.at.clone());
            let words = [version.file.name.as_str(), version.why.as_str()];
            let text = words.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("；");
            let moment = self.add(&version.received_on, Happened::ReportReceived, (13, "reports"), by, &text);
            moment.nature = Some(if nth == 0 { Nature::First } else { Nature::Replaced });
            let late = |due: &String| version.received_on > *due;
            let standing = |late| if late { Standing::Late } else { Standing::InTime };
            moment.standing = due.as_ref().filter(|_| nth == 0).map(|due| standing(late(due)));
        }
        if report.body.marked.is_some() {
            let by = self.last_hand::<Report>(report.id, "report/points");
            self.add("", Happened::PointsMarked, (5, "reports"), by, "");
        }
    }

    /// Article 14.
    fn list(&mut self) {
        let cycle = self.dossier.body.cycle;
        for list in self.now.documents.all::<Choosing>() {
            let approved = list.body.approved.as_ref().filter(|_| list.body.stage == Stage::Approved);
            let (Some(step), Some(line)) = (approved, list.body.line(self.dossier.id)) else { continue };
            if list.body.cycle != cycle {
                continue;
            }
            let why = line.changed.as_ref().map_or("", |(why, _)| why.as_str());
            let by = (step.who.clone(), step.at.clone());
            let moment = self.add("", Happened::ListApproved, (14, "choosing"), by, why);
            moment.nature = Some(if line.way == Way::Oral { Nature::Oral } else { Nature::Written });
        }
    }

    /// Article 15.
    fn assessment(&mut self) {
        use Happened::{AssessmentApproved, AssessmentBegun, AssessmentSubmitted, WithoutAssessment};
        let place = (15, "assessments");
        for assessment in self.own::<Assessment>(|assessment| assessment.dossier) {
            let by = self.hand::<Assessment>(assessment.id, "assessment/begin", 0);
            let text = format!("{}（{}）", assessment.body.member, assessment.body.office);
            self.add("", AssessmentBegun, place, by, &text);
            let steps =
                [(&assessment.body.submitted, AssessmentSubmitted), (&assessment.body.approved, AssessmentApproved)];
            for (step, what) in steps {
                if let Some(step) = step {
                    self.add("", what, place, (step.who.clone(), step.at.clone()), "");
                }
            }
        }
        let entries = self.now.entries.iter().filter(|entry| entry.act == WITHOUT && entry.id == self.dossier.id);
        let said: Vec<(By, String)> =
            entries.map(|entry| ((entry.hand.who.clone(), entry.hand.at.clone()), field::why_of(entry))).collect();
        for (by, why) in said {
            self.add("", WithoutAssessment, place, by, &why);
        }
    }

    /// Article 18.
    fn result(&mut self) {
        for outcome in self.now.documents.all::<Outcome>() {
            let own = outcome.body.officials.iter().filter(|rated| rated.dossier == Some(self.dossier.id));
            for rated in own {
                let by = self.hand::<Outcome>(outcome.id, "result/import", 0);
                let Finding { standing, reaches_sum, over_sum, .. } = &rated.finding;
                let moment = self.add(&outcome.body.date, Happened::Result, (18, "results"), by, "");
                moment.withdrawn = outcome.body.replaced.is_some();
                moment.nature = match standing {
                    Result::Published => None,
                    Result::Withheld => Some(Nature::Withheld),
                    Result::EmptyBase => Some(Nature::EmptyBase),
                    Result::NoRound => Some(Nature::NoRound),
                };
                moment.figures = Some(Figures {
                    title: outcome.body.title.clone(),
                    votes: rated.votes.clone(),
                    totals: rated.totals,
                    sums: [reaches_sum.clone(), over_sum.clone()],
                    screen_code: outcome.body.screen_code.clone(),
                    log_code: outcome.body.log_code.clone(),
                });
            }
        }
    }

    /// Article 17.
    fn questions(&mut self) {
        use Happened::{AnswerDemanded, AnswerJudged, AnswerReceived, Asked};
        let place = (17, "questions");
        for Kept { id, body, .. } in self.own::<Question>(|question| question.dossier) {
            let (from, gone) = (self.moments.len(), body.withdrawn.is_some());
            let asked = self.hand::<Question>(id, "question/ask", 0);
            let text = match &body.answer {
                Some(answer) => format!("{}：{}\n{answer}", body.asked_by, body.question),
                None => format!("{}：{}", body.asked_by, body.question),
            };
            self.add(&body.asked_on, Asked, place, asked, &text);
            for (nth, demand) in body.demands.iter().enumerate() {
                let hand = |act: &str| self.hand_within::<Question>(id, act, ("question/demand", nth));
                let (demanded, received, judged) =
                    (hand("question/demand"), hand("question/receipt"), hand("question/verdict"));
                self.runs(AnswerDemanded, place, demanded, &demand.reason, &demand.period);
                if let Some(receipt) = &demand.receipt {
                    self.came(AnswerReceived, place, received, (&receipt.on, &receipt.text), &demand.period);
                }
                if let Some(verdict) = &demand.verdict {
                    let moment = self.add(&verdict.on, AnswerJudged, place, judged, &verdict.words);
                    moment.nature = Some(if verdict.accepted { Nature::Accepted } else { Nature::Returned });
                }
            }
            self.moments.iter_mut().skip(from).for_each(|moment| moment.withdrawn = gone);
        }
    }

    /// Article 19.
    fn letters(&mut self) {
        use Happened::{LetterApproved, LetterDelivered, LetterDrafted, LetterSigned, LetterWithdrawn};
        let place = (19, "letters");
        for Kept { body, .. } in letter::of_dossier(&self.now.documents, self.dossier.id) {
            let Letter { number, by, fixed, delivered, receipts, withdrawn, .. } = &body;
            let of = |step: &field::Step| (step.who.clone(), step.at.clone());
            let from = self.moments.len();
            self.add("", LetterDrafted, place, of(by), number);
            if let Some(fixed) = fixed {
                self.add("", LetterApproved, place, of(&fixed.by), number);
            }
            for delivery in delivered {
                self.add(&delivery.on, LetterDelivered, place, of(&delivery.by), &delivery.how);
            }
            for receipt in receipts {
                self.add(&receipt.on, LetterSigned, place, of(&receipt.by), &receipt.signed_by);
            }
            if let Some(back) = withdrawn {
                self.moments.iter_mut().skip(from).for_each(|moment| moment.withdrawn = true);
                self.add("", LetterWithdrawn, place, of(&back.by), &format!("{number}；{}", back.why));
            }
        }
    }

    /// Article 20.
    fn corrections(&mut self) {
        use Happened::{
            CorrectionBrief, CorrectionChecked, CorrectionDecided, CorrectionNotice, CorrectionReported, CorrectionTold,
        };
        let place = (20, "corrections");
        for Kept { id, body, .. } in self.own::<Correction>(|correction| correction.dossier) {
            let (from, gone) = (self.moments.len(), body.withdrawn.is_some());
            let notice = self.hand::<Correction>(id, "correction/notice", 0);
            let text = [body.reason.as_str(), &body.points.join("\n")].join("\n");
            self.runs(CorrectionNotice, place, notice, &text, &body.period);
            if let Some(report) = &body.report {
                let by = self.last_hand::<Correction>(id, "correction/report");
                self.came(CorrectionReported, place, by, (&report.on, &report.text), &body.period);
            }
            for (nth, check) in body.checks.iter().enumerate() {
                let by = self.hand::<Correction>(id, "correction/check", nth);
                let text = format!("{}：{}", check.who, check.found);
                let moment = self.add(&check.on, CorrectionChecked, place, by, &text);
                moment.nature = Some(if check.done { Nature::Done } else { Nature::NotDone });
            }
            for (nth, brief) in body.briefs.iter().enumerate() {
                let by = self.hand::<Correction>(id, "correction/brief", nth);
                self.add(&brief.on, CorrectionBrief, place, by, &brief.text);
                if let Some(decision) = &brief.decision {
                    let by = self.hand::<Correction>(id, "correction/decision", nth);
                    let moment = self.add(&decision.on, CorrectionDecided, place, by, &decision.text);
                    moment.nature = Some(if decision.settled { Nature::Settled } else { Nature::GoesOn });
                }
            }
            for (nth, told) in body.told.iter().enumerate() {
                let by = self.hand::<Correction>(id, "correction/told", nth);
                self.add(&told.on, CorrectionTold, place, by, &told.meeting);
            }
            self.moments.iter_mut().skip(from).for_each(|moment| moment.withdrawn = gone);
        }
    }

    /// Article 21.
    fn uses(&mut self) {
        for entry in usage::of_dossier(&self.now.documents, self.dossier.id) {
            let by = (entry.body.by.who.clone(), entry.body.by.at.clone());
            let moment = self.add(&entry.body.on, Happened::Used, (21, "use"), by, &entry.body.text);
            moment.withdrawn = entry.body.withdrawn.is_some();
            moment.nature = Some(match entry.body.purpose {
                Purpose::Assessment => Nature::YearlyAssessment,
                Purpose::Promotion => Nature::Promotion,
                Purpose::Rotation => Nature::Rotation,
                Purpose::Awards => Nature::Awards,
            });
        }
    }

    /// Article 22.
    fn steps(&mut self) {
        use Happened::{StepDone, StepOpened, StepVerified};
        let place = (22, "results");
        for Kept { id, body, .. } in self.own::<Step>(|step| step.dossier) {
            let nature = match body.opens {
                Opens::Admonition => Nature::Admonition,
                Opens::OrderedCorrection => Nature::OrderedCorrection,
                Opens::Verification => Nature::Verification,
            };
            let opened = self.hand::<Step>(id, "step/open", 0);
            self.add("", StepOpened, place, opened, &body.because).nature = Some(nature);
            let entered = self.last_hand::<Step>(id, "step/enter");
            match &body.state {
                StepState::Verified { confirmed, found, on } => {
                    let moment = self.add(on, StepVerified, place, entered, found);
                    moment.nature = Some(if *confirmed { Nature::Confirmed } else { Nature::Unconfirmed });
                }
                StepState::Done { what, on, .. } => {
                    self.add(on, StepDone, place, entered, what).nature = Some(nature);
                }
                _ => {}
            }
        }
    }

    /// Article 23.
    fn grounds(&mut self) {
        use Happened::{GroundEntered, GroundVerified, MeasureTaken};
        let place = (23, "use");
        for Kept { body, .. } in self.own::<Ground>(|ground| ground.dossier) {
            let of = |step: &field::Step| (step.who.clone(), step.at.clone());
            let from = self.moments.len();
            let moment = self.add("", GroundEntered, place, of(&body.by), &body.text);
            moment.nature = Some(match body.item {
                Item::Untrue => Nature::Untrue,
                Item::NotCorrected => Nature::NotCorrected,
                Item::Other => Nature::OtherGround,
            });
            for verified in &body.verified {
                let moment = self.add(&verified.on, GroundVerified, place, of(&verified.by), &verified.found);
                moment.nature = Some(if verified.confirmed { Nature::Confirmed } else { Nature::Unconfirmed });
            }
            for measure in &body.measures {
                let moment = self.add(&measure.on, MeasureTaken, place, of(&measure.by), &measure.text);
                moment.withdrawn = measure.revoked.is_some();
                moment.nature = Some(match measure.kind {
                    MeasureKind::Talk => Nature::Talk,
                    MeasureKind::Criticism => Nature::Criticism,
                    MeasureKind::Admonition => Nature::Admonition,
                    MeasureKind::Discipline => Nature::Discipline,
                    MeasureKind::Other => Nature::OtherMeasure,
                });
            }
            if body.withdrawn.is_some() {
                self.moments.iter_mut().skip(from).for_each(|moment| moment.withdrawn = true);
            }
        }
    }
}
