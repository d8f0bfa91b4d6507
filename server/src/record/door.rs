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

    /// Of these people (name and unit), who rates as oral reporter of an open cycle's approved list and has no
    /// approved assessment.
    #[must_use]
    pub fn without_assessment(&self, people: &[(&str, &str)]) -> Vec<String> {
        unassessed(&self.0.book().now().documents, people).into_iter().map(|dossier| dossier.body.name).collect()
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
            unassessed(draft, people).iter().try_for_each(|dossier| draft.set(assessment::WITHOUT, dossier, &why))
        });
        written.await
    }
}

fn unassessed(documents: &Documents, people: &[(&str, &str)]) -> Vec<Kept<Dossier>> {
    let open = cycle::newest_first(documents).into_iter().filter(|cycle| !cycle.body.closed);
    let listed = open.filter_map(|cycle| approved(documents, cycle.id)).flatten();
    let named = |dossier: &Dossier| people.contains(&(dossier.name.as_str(), dossier.unit.as_str()));
    let assessed = |dossier: Id| assessment::of(documents, dossier).is_some_and(|a| a.body.approved.is_some());
    listed
        .filter(|(dossier, way)| *way == Way::Oral && named(&dossier.body) && !assessed(dossier.id))
        .map(|(dossier, _)| dossier)
        .collect()
}
