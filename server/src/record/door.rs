//! What a meeting may ask of the record, and nothing else of it: whom it rates, and whether article 15 was kept.

use super::{
    Dossier, Hand, Id, Kept, Record, Way, assessment, choosing, cycle, documents::Documents, field,
    official::dossiers_of,
};
use crate::{staff::By, web::Refusal};

/// The door. Clones are the same one.
#[derive(Clone)]
pub struct Door(Record);

/// Somebody whom a meeting rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// How he reports.
    pub way: Way,
}

/// An approved list that a meeting can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReporterList {
    /// The cycle.
    pub cycle: Id,
    /// Its title.
    pub title: String,
    /// Those who report orally.
    pub oral: usize,
    /// Those who report in writing and are rated too.
    pub written: usize,
}

impl Record {
    /// What a meeting gets of it.
    #[must_use]
    pub fn door(&self) -> Door {
        Door(self.clone())
    }

    /// Those whom the meeting of a cycle rates: the approved oral reporters, and, if the policy says so, those who
    /// report in writing; by way, then by unit and name, which is no order of merit.
    ///
    /// # Errors
    /// 404; 409 without an approved list.
    pub fn reporters(&self, cycle: Id) -> Result<Vec<Reporter>, Refusal> {
        let now = self.book().now();
        let policy = now.documents.get::<cycle::Cycle>(cycle)?.body.policy;
        let dossiers = approved(&now.documents, cycle).ok_or_else(|| {
            Refusal::conflict("这个年度还没有审定的会议报告名单。", "请先在述职档案里审定名单，或选择名单文件。")
        })?;
        let of = |wanted: Way| {
            dossiers.iter().filter(move |(_, way)| *way == wanted).map(|(dossier, way)| Reporter {
                name: dossier.body.name.clone(),
                unit: dossier.body.unit.clone(),
                post: dossier.body.post.clone(),
                way: *way,
            })
        };
        let written = of(Way::Written).filter(|_| policy.written_are_rated);
        Ok(of(Way::Oral).chain(written).collect())
    }
}

/// Everybody on the list in force, with his way.
fn approved(documents: &Documents, cycle: Id) -> Option<Vec<(Kept<Dossier>, Way)>> {
    let list = choosing::approved(documents, cycle)?.body;
    let dossiers = dossiers_of(documents, cycle).into_iter();
    Some(dossiers.filter_map(|dossier| list.line(dossier.id).map(|line| line.way).map(|way| (dossier, way))).collect())
}

impl Door {
    /// The approved lists of the cycles that are open, the newest first.
    #[must_use]
    pub fn lists(&self) -> Vec<ReporterList> {
        let now = self.0.book().now();
        let open = cycle::newest_first(&now.documents).into_iter().filter(|cycle| !cycle.body.closed);
        let list = |cycle: Kept<cycle::Cycle>| {
            let reporters = self.0.reporters(cycle.id).ok()?;
            let oral = reporters.iter().filter(|reporter| reporter.way == Way::Oral).count();
            Some(ReporterList { cycle: cycle.id, title: cycle.body.title, oral, written: reporters.len() - oral })
        };
        open.filter_map(list).collect()
    }

    /// As [`Record::reporters`].
    ///
    /// # Errors
    /// As there; 404 for what is no id.
    pub fn reporters(&self, cycle: &str) -> Result<Vec<Reporter>, Refusal> {
        self.0.reporters(field::named(cycle)?)
    }

    /// Of these people (name and unit), who reports orally and has no approved assessment, with what is unclear about him:
    /// nobody passes because his name or unit is spelled in another way.
    #[must_use]
    pub fn without_assessment(&self, people: &[(&str, &str)]) -> Vec<String> {
        unassessed(&self.0.book().now().documents, people).into_iter().map(|one| one.told).collect()
    }

    /// Writes down why a meeting with these people goes ahead: an entry on the dossier of each who has no approved
    /// assessment (article 15).
    ///
    /// # Errors
    /// No reason; what [`super::Book::change`] refuses.
    pub async fn goes_ahead(&self, by: &By, people: &[(&str, &str)], why: &str) -> Result<(), Refusal> {
        let why = field::why(why)?;
        let hand = Hand::of(by, self.0.at());
        let written = self.0.book().change(&hand, |draft| {
            for one in unassessed(draft, people) {
                match one.dossier {
                    Some(dossier) => draft.set(assessment::WITHOUT, &draft.get::<Dossier>(dossier)?, &why)?,
                    // He has no dossier: it stands with the year.
                    None => {
                        let cycle = draft.get::<cycle::Cycle>(one.cycle)?;
                        draft.set(assessment::WITHOUT, &cycle, &format!("{}：{why}", one.told))?;
                    }
                }
            }
            Ok(())
        });
        written.await
    }
}

/// Somebody of whom the record cannot say that he was assessed.
struct Unassessed {
    /// His dossier, where it is clear which one.
    dossier: Option<Id>,
    /// The cycle.
    cycle: Id,
    /// His name, and what is unclear.
    told: String,
}

/// Who is not assessed. A meeting of which nobody stands on a list is none of the review's.
fn unassessed(documents: &Documents, people: &[(&str, &str)]) -> Vec<Unassessed> {
    let open = cycle::newest_first(documents).into_iter().filter(|cycle| !cycle.body.closed);
    let listed: Vec<(Kept<Dossier>, Way)> = open.filter_map(|cycle| approved(documents, cycle.id)).flatten().collect();
    let is = |dossier: &Dossier, (name, unit): (&str, &str)| dossier.name == name && dossier.unit == unit;
    let Some(of_review) = listed.iter().find(|(dossier, _)| people.iter().any(|one| dossier.body.name == one.0)) else {
        return Vec::new();
    };
    let assessed = |dossier: Id| assessment::of(documents, dossier).is_some_and(|a| a.body.approved.is_some());
    let mut out = Vec::new();
    for (name, unit) in people.iter().copied() {
        let exact: Vec<&(Kept<Dossier>, Way)> = listed.iter().filter(|(one, _)| is(&one.body, (name, unit))).collect();
        let missing: Vec<&Kept<Dossier>> =
            exact.iter().filter(|(one, way)| *way == Way::Oral && !assessed(one.id)).map(|(one, _)| one).collect();
        if let Some(first) = missing.first() {
            let told = if exact.len() > 1 { format!("{name}（名单上不止一份）") } else { name.to_owned() };
            out.push(Unassessed { dossier: Some(first.id), cycle: first.body.cycle, told });
        }
        if !exact.is_empty() {
            continue;
        }
        let named: Vec<&Kept<Dossier>> =
            listed.iter().map(|(one, _)| one).filter(|one| one.body.name == name).collect();
        let (dossier, told) = match named.as_slice() {
            [] => (None, format!("{name}（不在审定的名单上）")),
            [only] => (Some(only.id), format!("{name}（名单上的单位是{}）", only.body.unit)),
            _ => (None, format!("{name}（名单上有几个同名的，单位都不同）")),
        };
        let cycle = named.first().copied().unwrap_or(&of_review.0).body.cycle;
        out.push(Unassessed { dossier, cycle, told });
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::record::{Draft, field::Step, trail::Head};

    /// An approved list of an open year: these people (name and unit), all reporting orally, none assessed.
    fn listed(people: &[(&str, &str)]) -> Documents {
        let hand = Hand { who: String::new(), role: String::new(), at: String::new(), accounts: Vec::new() };
        let mut rng = StdRng::seed_from_u64(1);
        let mut draft = Draft::new(Default::default(), Head::NONE, &hand, &mut rng);
        let policy = cycle::CyclePolicy::default();
        let cycle = draft.add("", &cycle::Cycle { year: 2026, title: String::new(), policy, closed: false }, "");
        let mut lines = Vec::new();
        for (name, unit) in people.iter().map(|(name, unit)| ((*name).to_owned(), (*unit).to_owned())) {
            let dossier = Dossier {
                cycle,
                official: Id::FIRST,
                name,
                unit,
                post: String::new(),
                way: Some(Way::Oral),
                reported_on: None,
            };
            lines.push(choosing::Line {
                dossier: draft.add("", &dossier, ""),
                proposed: Way::Oral,
                way: Way::Oral,
                ground: choosing::Ground::Owed,
                last_oral: None,
                drawn: false,
                changed: None,
            });
        }
        let list = choosing::Choosing {
            cycle,
            number: 1,
            stage: choosing::Stage::Approved,
            share: (1, 1),
            count: 0,
            seed: String::new(),
            why: String::new(),
            lines,
            proposed: Step::of(&hand),
            submitted: None,
            approved: Some(Step::of(&hand)),
        };
        draft.add("", &list, "");
        let (documents, ..) = draft.finish();
        documents
    }

    #[test]
    fn nobody_passes_because_his_name_or_unit_is_spelled_in_another_way() {
        let documents = listed(&[("某甲", "一局"), ("某乙", "二局"), ("某丙", "三局"), ("某丙", "四局")]);
        let told = |people: &[(&str, &str)]| -> Vec<String> {
            unassessed(&documents, people).into_iter().map(|one| one.told).collect()
        };
        assert_eq!(told(&[("某甲", "一局")]), ["某甲"]);
        assert_eq!(told(&[("某甲", "一 局")]), ["某甲（名单上的单位是一局）"]);
        assert_eq!(told(&[("某丙", "五局")]), ["某丙（名单上有几个同名的，单位都不同）"]);
        assert_eq!(told(&[("某甲", "一局"), ("某丁", "一局")]), ["某甲", "某丁（不在审定的名单上）"]);
        assert!(told(&[("某丁", "一局")]).is_empty(), "a meeting of nobody on the list is none of the review's");
    }
}
