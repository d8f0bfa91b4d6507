//! Where phones go: what is printed on the slips, and what is right now.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::{Desk, qr};
use crate::{limits, web::Refusal};

/// What the slips of a meeting say, fixed when it was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    /// Name or address.
    pub(super) host: String,
    /// Port that phones are sent to.
    pub(super) port: u16,
    /// Port that this machine listened on then: another one than `port` behind a device that maps it.
    pub(super) listened: u16,
    /// They lead to https.
    pub(super) secure: bool,
}

/// What the office chooses; nothing for what is found first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    host: Option<String>,
    port: Option<u16>,
    /// Why the meeting goes ahead without the assessments that are missing.
    pub(super) why: Option<String>,
}

/// One way to reach this machine.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    host: String,
    port: u16,
}

/// The address of a frozen meeting.
#[derive(Debug, Serialize)]
pub(super) struct Address {
    /// `http://host:port`, as on the slips.
    origin: String,
    /// It still leads here.
    ours: bool,
    /// What leads here now; `null` if no network does.
    now: Option<String>,
}

impl Printed {
    fn origin(&self) -> String {
        format!("{}://{}:{}", scheme(self.secure), self.host, self.port)
    }
}

fn scheme(secure: bool) -> &'static str {
    if secure { "https" } else { "http" }
}

impl Desk {
    /// Every way to reach this machine, best first.
    pub(super) fn addresses(&self) -> Vec<Found> {
        let port = self.parts().public_port;
        self.parts().hosts.found().into_iter().map(|host| Found { host, port }).collect()
    }

    /// What slips will say.
    ///
    /// # Errors
    /// [`Refusal`] for a name or address that is not this machine's.
    pub(super) fn choose(&self, chosen: &Chosen) -> Result<Printed, Refusal> {
        let (hosts, listened) = (&self.parts().hosts, self.parts().public_port);
        let host = match &chosen.host {
            None => hosts.preferred(),
            Some(host) if hosts.has(host) => host.to_ascii_lowercase(),
            Some(_) => {
                return Err(Refusal::conflict(
                    "这个地址不是本机的。",
                    "请从列出的地址中选择，或在启动时加 --host 名字。",
                ));
            }
        };
        match chosen.port {
            Some(0) => Err(Refusal::conflict("端口不对。", "请填 1 到 65535；不清楚时不要改。")),
            port => Ok(Printed { host, port: port.unwrap_or(listened), listened, secure: self.is_secure() }),
        }
    }

    /// What slips say if nothing is chosen again: the same while it leads here, or else what does.
    pub(super) fn choose_again(&self, chosen: &Chosen, before: Option<&Printed>) -> Result<Printed, Refusal> {
        match before {
            Some(before) if chosen.host.is_none() && chosen.port.is_none() && self.is_ours(before) => {
                Ok(Printed { listened: self.parts().public_port, ..before.clone() })
            }
            _ => self.choose(chosen),
        }
    }

    fn is_ours(&self, printed: &Printed) -> bool {
        let leads = self.parts().public_port == printed.listened && self.is_secure() == printed.secure;
        leads && self.parts().hosts.has(&printed.host)
    }

    fn is_secure(&self) -> bool {
        self.parts().certificate.is_some()
    }

    fn found_origin(&self) -> String {
        let scheme = scheme(self.is_secure());
        format!("{scheme}://{}:{}", self.parts().hosts.preferred(), self.parts().public_port)
    }

    fn printed(&self) -> Option<Printed> {
        self.meeting().and_then(|meeting| meeting.printed.clone())
    }

    /// What stands on the slips; what would stand there before a meeting is frozen.
    pub(super) fn origin(&self) -> String {
        self.printed().map_or_else(|| self.found_origin(), |printed| printed.origin())
    }

    /// What leads here now.
    pub(crate) fn origin_now(&self) -> String {
        match self.printed() {
            Some(printed) if self.is_ours(&printed) => printed.origin(),
            _ => self.found_origin(),
        }
    }

    /// Host of what stands on the slips or would stand there, and whether it leads here.
    pub(super) fn address_of_slips(&self) -> (String, bool) {
        match self.printed() {
            Some(printed) => (printed.host.clone(), self.is_ours(&printed)),
            None => (self.parts().hosts.preferred(), true),
        }
    }

    /// The address for the console.
    pub(super) fn address(&self) -> Address {
        let ours = self.printed().is_none_or(|printed| self.is_ours(&printed));
        let now = (ours || self.parts().hosts.is_reachable()).then(|| self.origin_now());
        Address { origin: self.origin(), ours, now }
    }

    /// Shows hall and phones where to go now.
    pub(super) fn show_address(&self) {
        let address = self.address();
        let moved = address.now.filter(|_| !address.ours).map(|origin| format!("{origin}/"));
        // A name is at most 253 characters, which a QR code holds.
        let typed = qr::file(&format!("{}/", self.origin_now())).unwrap_or_default();
        self.parts().hub.show_address(moved, typed);
    }

    /// Follows this machine from network to network until `stop`.
    pub async fn follow_addresses(self, mut stop: watch::Receiver<bool>) {
        let mut looks = interval(limits::LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let hosts = self.parts().hosts.clone();
            let _ = tokio::task::spawn_blocking(move || hosts.look_again()).await;
            self.show_address();
        }
    }
}

/// The longest countdown that can be set.
pub(super) fn countdown(seconds: u64) -> Result<Option<Duration>, Refusal> {
    let left = Duration::from_secs(seconds);
    if left > limits::COUNTDOWN {
        return Err(Refusal::conflict(
            format!("倒计时最长 {} 分钟。", limits::COUNTDOWN.as_secs() / 60),
            "请填较短的时间；填 0 就取消。",
        ));
    }
    Ok((seconds > 0).then_some(left))
}
