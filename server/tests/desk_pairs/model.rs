//! What the log and the table of acts say a meeting may come to, without a server.

use super::*;

/// Where a meeting stands if acts do what the table says, with the papers that are counted and not published.
#[derive(Clone, Debug)]
pub(super) enum Model {
    Preparing { lists: bool, settings: bool },
    Frozen { slips: bool, log: LogState },
}

impl Model {
    pub(super) fn frozen(manifest: &Manifest) -> Self {
        let mut log = LogState::new(manifest);
        log.apply(&Entry::unnamed(Logged::Manifest { id: manifest.id })).unwrap();
        Self::Frozen { slips: true, log }
    }

    pub(super) fn standing(&self, kind: Kind) -> Standing {
        match self {
            Self::Preparing { lists, settings } => Standing::preparing(*lists && *settings),
            Self::Frozen { slips, log } => {
                let phases: Vec<(Contest, Phase)> = kind.contests().iter().map(|c| (*c, phase(log, *c))).collect();
                let none = BTreeSet::new();
                Standing::of(&Facts { log, phases: &phases, slips: *slips, wrong: false, wrong_contests: &none })
            }
        }
    }

    /// After an act that is allowed.
    pub(super) fn after(&self, Step(act, contest): Step, manifest: &Manifest) -> Self {
        let mut next = self.clone();
        match (&mut next, act) {
            (Self::Preparing { lists, .. }, Act::Import) => *lists = true,
            (Self::Preparing { settings, .. }, Act::Settings) => *settings = true,
            (Self::Preparing { lists, settings }, Act::Sample) => (*lists, *settings) = (true, true),
            (_, Act::Freeze | Act::SlipsAgain) => return Self::frozen(manifest),
            (_, Act::MeetingNew) => return Self::Preparing { lists: true, settings: true },
            (Self::Frozen { slips, .. }, Act::SlipsPrinted) => *slips = false,
            (Self::Frozen { slips, log }, act) => {
                if let Some(logged) = logged(log, act, contest.unwrap_or(Contest::REHEARSAL), [6, 0]) {
                    // The same archive again is no entry.
                    let again = act == Act::Archive && log.result().is_some();
                    assert!(again || log.apply(&Entry::unnamed(logged)).is_ok(), "{act:?} {contest:?}: {log:?}");
                }
                *slips &= act != Act::WindowOpen;
            }
            _ => {}
        }
        next
    }
}

/// A state, and the acts that lead there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Acts before freezing from nothing; or acts on a meeting just frozen.
    pub(super) path: Vec<Step>,
    pub(super) model: Model,
}

impl Place {
    /// All that differ in what may be done, one shortest way to each.
    pub(super) fn all(kind: Kind, manifest: &Manifest) -> Vec<Self> {
        let nothing = Self { path: Vec::new(), model: Model::Preparing { lists: false, settings: false } };
        let frozen = Self { path: Vec::new(), model: Model::frozen(manifest) };
        let (mut queue, mut seen, mut all) = (VecDeque::from([nothing, frozen]), BTreeSet::new(), Vec::new());
        while let Some(place) = queue.pop_front() {
            let standing = place.model.standing(kind);
            let prepared = match place.model {
                Model::Preparing { lists, settings } => (lists, settings),
                Model::Frozen { .. } => (true, true),
            };
            if !seen.insert(format!("{standing:?} {prepared:?}")) {
                continue;
            }
            for step in kind.steps() {
                // Windows without end lead to the same states.
                let many = matches!(&place.model, Model::Frozen { log, .. }
                    if step.0 == Act::WindowOpen && log.closed_windows() > 1);
                let turns = matches!(step.0, Act::Freeze | Act::SlipsAgain | Act::MeetingNew | Act::Sample);
                if standing.allows(step.0, step.1) && !turns && !many {
                    let model = place.model.after(step, manifest);
                    queue.push_back(Self { path: [place.path.as_slice(), &[step]].concat(), model });
                }
            }
            all.push(place);
        }
        all
    }

    /// Every two different acts, or one act on two contests, that may both be done here.
    pub(super) fn pairs(&self, kind: Kind) -> Vec<(Step, Step)> {
        let standing = self.model.standing(kind);
        let steps: Vec<Step> = kind.steps().into_iter().filter(|step| standing.allows(step.0, step.1)).collect();
        let others = |at: usize| steps[at + 1..].iter().map(move |other| (at, *other));
        (0..steps.len()).flat_map(others).map(|(at, other)| (steps[at], other)).collect()
    }
}
