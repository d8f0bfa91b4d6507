//! Under which names and addresses this machine is reached, as of now: a laptop changes networks.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use super::ConfigError;

/// The names under which requests are answered. Any other `Host` is refused, which is what stops a page of another
/// origin from reaching the console through a name of its own that resolves to this machine.
///
/// Clones are the same list; [`Hosts::look_again`] brings it up to date.
#[derive(Clone)]
pub struct Hosts(Arc<Inner>);

struct Inner {
    /// Names given, lowercase.
    names: Vec<String>,
    /// The one address that is listened on, if it is one.
    listening: Option<IpAddr>,
    /// Whether the interfaces are read at all.
    looks: bool,
    /// Whether a few foreign names get the fixed answers that phones look for.
    captive: bool,
    /// Addresses found, best first.
    addresses: RwLock<Vec<IpAddr>>,
}

impl Hosts {
    /// This machine's own addresses and the names given. The first name given, or else the address that is listened
    /// on, or the first one on a network, is printed on slips unless the office picks another one.
    ///
    /// # Errors
    /// [`ConfigError::Host`] for a name with characters that no host name has.
    pub fn find(names: &[String], listening: IpAddr) -> Result<Self, ConfigError> {
        let listening = (!listening.is_unspecified()).then_some(listening);
        Self::made(names, listening, true, interfaces())
    }

    /// The same from a list of addresses that stays as it is.
    ///
    /// # Errors
    /// As [`Hosts::find`].
    pub fn of(names: &[String], addresses: &[IpAddr]) -> Result<Self, ConfigError> {
        Self::made(names, None, false, addresses.to_vec())
    }

    fn made(
        names: &[String],
        listening: Option<IpAddr>,
        looks: bool,
        addresses: Vec<IpAddr>,
    ) -> Result<Self, ConfigError> {
        for name in names {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
            if name.is_empty() || name.len() > 253 || !plain || host_of(name) != name {
                return Err(ConfigError::Host(name.clone()));
            }
        }
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self(Arc::new(Inner { names, listening, looks, captive: false, addresses: RwLock::new(addresses) })))
    }

    /// The same list, and the few foreign names and paths by which phones judge a Wi-Fi are answered too.
    #[must_use]
    pub fn with_captive(self) -> Self {
        let Inner { names, listening, looks, .. } = &*self.0;
        let (names, addresses) = (names.clone(), RwLock::new(self.addresses()));
        Self(Arc::new(Inner { names, listening: *listening, looks: *looks, captive: true, addresses }))
    }

    /// Whether those are answered.
    #[must_use]
    pub fn is_captive(&self) -> bool {
        self.0.captive
    }

    /// True if a `Host` header names this machine, whatever the port.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let host = host_of(host);
        self.has(host) || self.0.listening.is_some_and(|address| written(&address) == host)
    }

    /// True if a name was given or an address is one of this machine's now.
    #[must_use]
    pub fn has(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str())
            || self.0.names.contains(&host)
            || self.addresses().iter().any(|address| written(address) == host)
    }

    /// The name printed on slips unless the office picks another one.
    #[must_use]
    pub fn preferred(&self) -> String {
        self.found().into_iter().next().unwrap_or_else(|| "127.0.0.1".to_owned())
    }

    /// Whether anything but this machine itself reaches it now.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        !self.0.names.is_empty() || self.addresses().iter().any(is_outward)
    }

    /// What a phone can be sent to, best first: names given, the address listened on, addresses on a network; this
    /// machine itself only if there is nothing else.
    #[must_use]
    pub fn found(&self) -> Vec<String> {
        let addresses = self.addresses();
        let listening = self.0.listening.filter(|address| address.is_loopback() || addresses.contains(address));
        let listened = listening.iter().filter(|_| self.0.names.is_empty()).map(written);
        let outward = addresses.iter().filter(|address| is_outward(address)).map(written);
        let mut found: Vec<String> = Vec::new();
        for name in self.0.names.iter().cloned().chain(listened).chain(outward) {
            if !found.contains(&name) {
                found.push(name);
            }
        }
        if found.is_empty() {
            found.push("127.0.0.1".to_owned());
        }
        found
    }

    /// Reads the interfaces again; true if anything changed.
    pub fn look_again(&self) -> bool {
        self.0.looks && self.replace(interfaces())
    }

    /// Puts other addresses in place of those found; true if they differ.
    pub fn replace(&self, addresses: Vec<IpAddr>) -> bool {
        let mut held = self.0.addresses.write().unwrap_or_else(PoisonError::into_inner);
        let differ = *held != addresses;
        *held = addresses;
        differ
    }

    /// Every address of this machine now, best first, those that only itself can reach among them.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        self.0.addresses.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Every address of every interface: private networks first, bridges of virtual machines last.
fn interfaces() -> Vec<IpAddr> {
    const VIRTUAL: [&str; 9] = ["docker", "br-", "veth", "virbr", "vmnet", "vethernet", "vboxnet", "tun", "utun"];
    let rank = |interface: &if_addrs::Interface| {
        let name = interface.name.to_ascii_lowercase();
        let private = matches!(interface.ip(), IpAddr::V4(address) if address.is_private());
        (VIRTUAL.iter().any(|begin| name.starts_with(begin)), !private)
    };
    let mut found = if_addrs::get_if_addrs().unwrap_or_default();
    found.sort_by_key(rank);
    found.iter().map(if_addrs::Interface::ip).collect()
}

/// An address that a phone on the same network may use.
fn is_outward(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local() && !address.is_unspecified(),
        // Link-local addresses need a zone that no QR code can name.
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local() && !address.is_unspecified(),
    }
}

fn written(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// `name:port` without the port; an IPv6 address keeps its brackets.
fn host_of(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') && host[colon + 1..].bytes().all(|b| b.is_ascii_digit()) => {
            &host[..colon]
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn addresses(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn only_this_machines_names_are_allowed_with_any_port() {
        let hosts = Hosts::of(&["Vote.Test".into()], &addresses(&["192.168.1.10", "fe80::1"])).unwrap();
        for good in ["vote.test:8460", "VOTE.test", "192.168.1.10:1", "127.0.0.1:8461", "[::1]:8460", "[fe80::1]"] {
            assert!(hosts.allows(good), "{good}");
        }
        for bad in ["", "evil.test", "vote.test.evil", "192.168.1.11", "vote.test:8460:1", "[::2]:8460", "vote.test:x"]
        {
            assert!(!hosts.allows(bad), "{bad}");
        }
        assert_eq!(hosts.preferred(), "vote.test");
        assert_eq!(Hosts::of(&[], &addresses(&["127.0.0.1", "10.0.0.2"])).unwrap().preferred(), "10.0.0.2");
        for bad in ["", "a b", "a/b", "a:80", "é"] {
            assert!(Hosts::of(&[bad.into()], &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn phones_are_sent_to_names_first_and_never_to_an_address_that_only_this_machine_has() {
        let list = addresses(&["127.0.0.1", "::1", "169.254.3.4", "fe80::1", "192.168.1.10", "10.0.0.2", "fd00::5"]);
        let hosts = Hosts::of(&["vote.test".into()], &list).unwrap();
        assert_eq!(hosts.found(), ["vote.test", "192.168.1.10", "10.0.0.2", "[fd00::5]"]);
        let alone = Hosts::of(&[], &addresses(&["127.0.0.1", "169.254.3.4"])).unwrap();
        assert_eq!(alone.found(), ["127.0.0.1"]);
        assert!(!alone.is_reachable() && hosts.is_reachable());
    }

    #[test]
    fn another_network_is_followed_in_every_clone_of_the_list() {
        let hosts = Hosts::of(&[], &addresses(&["192.168.1.10"])).unwrap();
        let guard = hosts.clone();
        assert!(hosts.replace(addresses(&["10.0.0.7"])) && !hosts.replace(addresses(&["10.0.0.7"])));
        assert!(guard.allows("10.0.0.7:8460") && !guard.allows("192.168.1.10:8460") && !guard.has("192.168.1.10"));
        assert!(!hosts.look_again(), "a fixed list is not read again");
    }

    #[test]
    fn one_address_listened_on_is_the_one_printed_while_this_machine_has_it() {
        let listening = Some("10.0.0.2".parse().unwrap());
        let hosts = Hosts::made(&[], listening, false, addresses(&["192.168.1.10", "10.0.0.2"])).unwrap();
        assert_eq!(hosts.found(), ["10.0.0.2", "192.168.1.10"]);
        hosts.replace(addresses(&["192.168.1.10"]));
        assert_eq!(hosts.preferred(), "192.168.1.10");
        assert!(hosts.allows("10.0.0.2") && !hosts.has("10.0.0.2"));
    }
}
