//! 应到, 实到, 在场: how many, in all and by group of article 16.

use serde::Serialize;

use super::presence::{Presence, Windows, Word};
use crate::desk::roster::Attendee;

/// 应到, 实到, 在场.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::desk) struct Totals {
    /// Whether the heads are those who signed in: somebody has, and not fewer than the heads that the last window
    /// announced. Fewer have signed in where heads are counted by hand; one sign-in there changes nothing, as it could
    /// not be undone any more once a window has counted it.
    pub(in crate::desk) in_use: bool,
    pub(in crate::desk) expected: u32,
    /// Everybody who ever signed in.
    pub(in crate::desk) came: u32,
    /// Of them, who has not left.
    pub(in crate::desk) here: u32,
    /// Of those who came, who waits for the next window.
    waits: u32,
    /// In the order of the roster.
    pub(in crate::desk) groups: Vec<GroupTotals>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::desk) struct GroupTotals {
    pub(in crate::desk) group: String,
    pub(in crate::desk) expected: u32,
    came: u32,
    pub(in crate::desk) here: u32,
}

fn heads(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Totals {
    pub(super) fn of(roster: &[Attendee], presence: &[Presence], windows: Windows) -> Self {
        let mut totals = Self { expected: heads(roster.len()), ..Self::default() };
        for (attendee, presence) in roster.iter().zip(presence) {
            let at = totals.groups.iter().position(|group| group.group == attendee.category).unwrap_or_else(|| {
                totals.groups.push(GroupTotals { group: attendee.category.clone(), expected: 0, came: 0, here: 0 });
                totals.groups.len() - 1
            });
            let (came, here) = (presence.word() != Word::Absent, presence.word() == Word::Here);
            totals.came += u32::from(came);
            totals.here += u32::from(here);
            totals.waits += u32::from(here && windows.is_late(*presence) && !windows.open);
            if let Some(group) = totals.groups.get_mut(at) {
                group.expected += 1;
                group.came += u32::from(came);
                group.here += u32::from(here);
            }
        }
        totals.in_use = totals.came > 0 && totals.came >= windows.announced;
        totals
    }
}
