//! The tick: the only moment at which a number of an open contest changes for anybody to see (PROTOCOL section 10).

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use rand_core::CryptoRng;

use super::{
    RandomSource,
    contest::{ContestUrn, Gate},
    phase::{Phase, Views},
    slot::Slot,
};
use crate::disk::AppendError;

/// Ends the ticks when it is dropped.
pub(super) struct Ticker {
    _running: mpsc::Sender<()>,
}

/// Starts the ticks on a thread of their own: they sync a file.
pub(super) fn start(every: Duration, slot: &Arc<Slot>, views: Views, random: &RandomSource) -> std::io::Result<Ticker> {
    let (running, ended) = mpsc::channel();
    let (slot, random) = (Arc::downgrade(slot), Arc::clone(random));
    std::thread::Builder::new().name("urn-tick".to_owned()).spawn(move || {
        let mut rng = random();
        while ended.recv_timeout(every) == Err(mpsc::RecvTimeoutError::Timeout) {
            let Some(slot) = slot.upgrade() else { break };
            for urn in slot.urns() {
                tick(&urn, &views, &mut *rng);
            }
        }
    })?;
    Ok(Ticker { _running: running })
}

fn tick(urn: &ContestUrn, views: &Views, rng: &mut dyn CryptoRng) {
    let gate = urn.gate();
    if gate == Gate::Unopened {
        return;
    }
    let mut live = urn.live();
    let held_back = match live.as_mut().filter(|_| gate == Gate::Open) {
        Some(live) => live.tick(&urn.format, rng).err(),
        None => None,
    };
    let released = live.as_ref().map(|live| live.shown());
    drop(live);
    let received = urn.received();
    views.change(urn.contest, |view| {
        // It may have closed since: then its final numbers stand already.
        if !matches!(view.phase, Phase::Open | Phase::Stopped) {
            return;
        }
        view.received = received;
        view.released = released;
        match held_back {
            Some(AppendError::Full) => view.alarm = Some(NO_SPACE.to_owned()),
            Some(AppendError::Broken(why)) => {
                view.alarm = Some(format!("写盘失败（{why}），分批显示已停。收票不受影响，结果在截止后公布。"));
            }
            None if view.alarm.as_deref() == Some(NO_SPACE) => view.alarm = None,
            None => {}
        }
    });
}

const NO_SPACE: &str = "磁盘已满，分批显示暂停。请马上腾出空间；已发回执的票都在。";
