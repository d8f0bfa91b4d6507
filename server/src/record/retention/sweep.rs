//! Files of a year whose documents are gone.

use std::{
    fs::{self, DirEntry},
    io,
    path::Path,
    time::Duration,
};

use super::{Destruction, DestructionState, digests};
use crate::{
    disk,
    record::{Document, Hand, Kept, Record},
    web::Refusal,
};

/// A file this young may be about to be named.
const YOUNG: Duration = Duration::from_secs(24 * 60 * 60);

/// Goes on where a crash or a disk that refused has stopped. What cannot be destroyed is tried again at the next start.
pub(in crate::record) async fn at_start(record: &Record) {
    let hand = Hand { who: "douxuan".to_owned(), role: "server".to_owned(), at: record.at(), accounts: Vec::new() };
    for destruction in record.book().now().documents.all::<Destruction>() {
        // The list goes on saying that files are left.
        let _ = sweep(record, &hand, destruction).await;
    }
}

/// Destroys the files that are left, and then what the database keeps of what was erased.
pub(super) async fn sweep(record: &Record, hand: &Hand, kept: Kept<Destruction>) -> Result<Kept<Destruction>, Refusal> {
    let DestructionState::Sweeping { by, left } = kept.body.state.clone() else { return Ok(kept) };
    let _alone = record.files_alone().await;
    let (folder, now) = (record.folder().join("files"), record.book().now());
    let bodies = now.documents.0.iter().map(|((kind, _), row)| (kind.as_str(), &*row.body));
    let quoted = now.entries.iter().filter_map(|entry| Some((entry.kind.as_str(), entry.what.as_ref()?.1.as_str())));
    // Somebody may have handed in the same file again meanwhile.
    let texts = bodies.chain(quoted).filter(|(kind, _)| *kind != Destruction::KIND);
    let named: Vec<String> = texts.flat_map(|(_, text)| digests(text)).collect();
    let left: Vec<String> = left.into_iter().filter(|name| !named.contains(name)).collect();
    let data = record.data().to_owned();
    let gone = tokio::task::spawn_blocking(move || {
        destroy(&folder, &left)?;
        forgotten(&folder, &named)?;
        copies(&data)
    })
    .await;
    gone.map_err(Refusal::broken)?.map_err(Refusal::broken)?;
    record.book().forget().await?;
    let id = kept.id;
    let done = record.book().change(hand, move |draft| {
        let mut kept = kept;
        kept.body.state = DestructionState::Done { by };
        draft.set("retention/done", &kept, "")?;
        draft.get::<Destruction>(id)
    });
    done.await
}

/// Files that nobody names: handed in, or written for an approval, and refused. Young ones may be named in a moment.
fn forgotten(folder: &Path, named: &[String]) -> io::Result<()> {
    for entry in listed(folder)? {
        let old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > YOUNG);
        let name = entry.file_name().to_string_lossy().into_owned();
        if old && !named.contains(&name) {
            disk::destroy(&entry.path())?;
        }
    }
    Ok(())
}

/// Copies of the database that were made before a migration.
fn copies(data: &Path) -> io::Result<()> {
    let is_copy = |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with("record.db.before-");
    listed(data)?.iter().filter(|entry| is_copy(entry)).try_for_each(|entry| disk::destroy(&entry.path()))
}

fn listed(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn destroy(folder: &Path, names: &[String]) -> io::Result<()> {
    names.iter().try_for_each(|name| disk::destroy(&folder.join(name)))
}
