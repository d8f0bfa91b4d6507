//! Who gets which slip: simulated people, the newcomer, and those who do not come.

use douxuan_ballot::{journey::Invitation, swarm::slips::SlipEntry};
use rand::{SeedableRng, rngs::StdRng, rngs::SysRng, seq::SliceRandom};

use super::phones::Guest;
use crate::drill::{DrillError, slips::Kind};

/// Slips for the newcomer's own phones and windows.
pub(super) const OWN: usize = 3;
/// Invited people who do not come.
const ABSENT: usize = 3;
/// Of so many guests one comes to the second window only, and some to the third.
const LATE: usize = 12;
const LATER: usize = 2;

/// The slips, shared out.
pub(super) struct Share {
    /// One for each simulated phone.
    pub(super) guests: Vec<Guest>,
    /// The newcomer's slips.
    pub(super) own: Vec<SlipEntry>,
}

/// Shares them out among at most `phones` simulated people; those who report always come.
pub(super) fn out(kinds: Vec<Kind>, phones: usize) -> Result<Share, DrillError> {
    let (mut reporting, mut others, mut own) = (Vec::new(), Vec::new(), Vec::new());
    for kind in kinds {
        let mut held = kind.slips.into_iter().take(kind.holders);
        if kind.reporting {
            reporting.extend(held);
        } else {
            own.extend(held.by_ref().take(OWN));
            let come = held.len().saturating_sub(ABSENT);
            others.extend(held.take(come));
        }
    }
    others.truncate(phones.saturating_sub(reporting.len()));
    let scan = |slip: &SlipEntry| Invitation::scan(&slip.fragment).map_err(|stop| DrillError::Broken(stop.to_string()));
    // Those who come late rate everybody, so that every item loses equally few.
    let (late, later) = (others.len() / LATE, LATER.min(others.len() / LATE));
    let mut guests = Vec::with_capacity(others.len() + reporting.len());
    for (nth, slip) in others.iter().enumerate() {
        let window = if nth < later { 3 } else { 1 + u32::from(nth < later + late) };
        guests.push(Guest { slip: scan(slip)?, window });
    }
    for slip in &reporting {
        guests.push(Guest { slip: scan(slip)?, window: 1 });
    }
    let rng = StdRng::try_from_rng(&mut SysRng).map_err(|error| DrillError::Broken(error.to_string()));
    guests.shuffle(&mut rng?);
    Ok(Share { guests, own })
}
