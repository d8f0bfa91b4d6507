//! Documents that cannot be read as what they are: no list leaves one out in silence.

use super::{
    Assessment, CalendarYear, Choosing, Committee, Correction, Cycle, Dossier, Fault, Official, Question,
    checklist::Checklist,
    document::Document,
    documents::{Documents, Row},
    ground::Ground,
    hook::Delivery,
    letter::Letter,
    opinion::Opinion,
    report::Report,
    result::{Outcome, Step},
    retention::Destruction,
    usage::Usage,
};

/// A kind, and whether a row can be read as one.
type Reads = (&'static str, fn(&str) -> bool);

fn kind<T: Document>() -> Reads {
    (T::KIND, |body| serde_json::from_str::<T>(body).is_ok())
}

/// Every kind that this program knows.
fn kinds() -> [Reads; 19] {
    [
        kind::<Cycle>(),
        kind::<Official>(),
        kind::<Dossier>(),
        kind::<Choosing>(),
        kind::<Checklist>(),
        kind::<Report>(),
        kind::<Assessment>(),
        kind::<Committee>(),
        kind::<Question>(),
        kind::<Correction>(),
        kind::<CalendarYear>(),
        kind::<Outcome>(),
        kind::<Step>(),
        kind::<Opinion>(),
        kind::<Letter>(),
        kind::<Usage>(),
        kind::<Ground>(),
        kind::<Delivery>(),
        kind::<Destruction>(),
    ]
}

/// What cannot be read in the form of its kind. A kind that this program does not know is for its own program to judge.
pub(super) fn check(documents: &Documents) -> Vec<Fault> {
    let kinds = kinds();
    let reads = |name: &str, Row { body, .. }: &Row| {
        kinds.iter().find(|(kind, _)| *kind == name).is_none_or(|(_, reads)| reads(body))
    };
    let wrong = documents.0.iter().filter(|((kind, _), row)| !reads(kind, row));
    wrong.map(|((kind, id), _)| Fault::Form { kind: kind.clone(), id: *id }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::record::Id;

    fn written(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                written(&path, found);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let before = "const KIND: &'static str = \"";
            found.extend(source.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }

    #[test]
    fn every_kind_that_a_part_writes_is_looked_at() {
        let mut found = BTreeSet::new();
        written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/record"), &mut found);
        let kinds: BTreeSet<String> = kinds().iter().map(|(kind, _)| (*kind).to_owned()).collect();
        found.retain(|kind| kind.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !kind.is_empty());
        assert_eq!(kinds, found);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let (mut documents, id) = (Documents::default(), Id::read("00000000000000aa").unwrap());
        let row = |body: &str| Row { version: 1, salt: [0; 16], body: body.into() };
        documents.0.insert((Checklist::KIND.to_owned(), id), row(&format!("{{\"cycle\":\"{id}\",\"points\":[]}}")));
        assert_eq!(check(&documents), []);
        documents.0.insert((Official::KIND.to_owned(), id), row("{}"));
        documents.0.insert(("rumour".to_owned(), id), row("{}"));
        let wrong: Vec<String> = check(&documents).iter().map(Fault::to_string).collect();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].contains("official 00000000000000aa") && wrong[0].contains("读不出来"), "{wrong:?}");
    }
}
