//! The rehearsal's last step: its result is handed to a record of its own, which says what it made of it.

use std::{path::Path, sync::Arc, time::SystemTime};

use rand::{SeedableRng, rngs::StdRng};

use crate::{
    drill::DrillError,
    record::{Record, rehearsed},
};

/// Takes the bundle into a fresh record beside the rehearsal's files and prints what it finds.
///
/// # Errors
/// [`DrillError`], in words.
pub(super) async fn hand_over(bundle: Vec<u8>, out: &Path) -> Result<(), DrillError> {
    let folder = out.join("record");
    let told = |why: &dyn std::fmt::Display| {
        DrillError::Io(folder.display().to_string(), std::io::Error::other(why.to_string()))
    };
    std::fs::create_dir_all(&folder).map_err(|error| told(&error))?;
    let random = Arc::new(|| Box::new(StdRng::from_rng(&mut rand::rng())) as Box<_>);
    let record = Record::start(&folder, random, SystemTime::now).await.map_err(|error| told(&error))?;
    let lines = rehearsed(&record, bundle).await;
    record.close().await;
    println!("\n述职档案收到这个结果 · what the record made of it");
    for line in lines.map_err(|refusal| told(&refusal))? {
        println!("  {line}");
    }
    println!("  留痕核对 · the trail: douxuan record audit --data {}", folder.display());
    Ok(())
}
