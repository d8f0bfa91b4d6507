//! Who takes part: two CSV files as an office sends them, or invented people.

use std::fmt::Write as _;

use super::Rehearse;
use crate::{drill::DrillError, limits};

/// The two files, and what they are called.
pub(super) struct People {
    pub(super) roster: Vec<u8>,
    pub(super) officials: Vec<u8>,
    pub(super) from: String,
}

pub(super) fn gather(arguments: &Rehearse) -> Result<People, DrillError> {
    let read =
        |path: &std::path::Path| std::fs::read(path).map_err(|error| DrillError::Io(path.display().to_string(), error));
    if let (Some(roster), Some(officials)) = (&arguments.roster, &arguments.officials) {
        let from = format!("{}, {officials}", roster.display());
        return Ok(People { roster: read(roster)?, officials: read(officials.as_ref())?, from });
    }
    let count = arguments.officials.as_deref().unwrap_or("8");
    let officials: u32 = count.parse().map_err(|_| {
        DrillError::Usage(format!("--officials {count}: give a number, or a file together with --roster"))
    })?;
    let attendees = arguments.attendees;
    let most = (limits::ATTENDEES, limits::ITEMS);
    if attendees as usize > most.0 || officials as usize > most.1 {
        return Err(DrillError::Usage(format!("at most {} attendees and {} officials are allowed", most.0, most.1)));
    }
    if officials == 0 || officials >= attendees {
        return Err(DrillError::Usage("at least one official and more attendees than officials are needed".to_owned()));
    }
    Ok(invent(attendees, officials))
}

/// Plainly invented people; the first ones report.
fn invent(attendees: u32, officials: u32) -> People {
    let mut roster = String::from("序号,姓名,类别,单位,职务\n");
    let mut reporting = String::from("序号,姓名,单位,职务,报告方式\n");
    for i in 1..=attendees {
        let _ = writeln!(roster, "{i},示例{i},示例类别,示例单位{i},示例职务");
        if i <= officials {
            let way = if i % 2 == 1 { "会议报告" } else { "书面报告" };
            let _ = writeln!(reporting, "{i},示例{i},示例单位{i},示例职务,{way}");
        }
    }
    let from = format!("{attendees} invented attendees, {officials} of them officials");
    People { roster: roster.into_bytes(), officials: reporting.into_bytes(), from }
}
