//! Where phones will go: the address on the slips, or the one that would stand there, and the networks of this machine.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::json;

use super::check::{Check, Finding, Status};

/// What the check looks at.
pub(super) struct Addresses<'a> {
    /// What stands on the slips, or would.
    pub(super) origin: &'a str,
    /// Its host.
    pub(super) host: &'a str,
    /// The slips have been made.
    pub(super) printed: bool,
    /// It leads here.
    pub(super) ours: bool,
    /// Ways to reach this machine, best first.
    pub(super) found: &'a [String],
    /// Its addresses, each with the name of its interface if that is known.
    pub(super) interfaces: &'a [(String, IpAddr)],
}

/// Names of interfaces that lead into a tunnel.
const TUNNELS: [&str; 9] = ["tun", "tap", "utun", "wg", "ppp", "zt", "tailscale", "ipsec", "nordlynx"];

pub(super) fn check(asked: &Addresses<'_>) -> Check {
    let origin = ("origin", json!(asked.origin));
    let mut findings = Vec::new();
    if asked.printed && !asked.ours {
        findings.push(Finding::new("address_moved", Status::Fail, std::slice::from_ref(&origin)));
        return Check::new("address", findings);
    }
    let plain = asked.host.trim_matches(['[', ']']);
    let address = plain.parse::<IpAddr>().ok();
    let interface = asked.interfaces.iter().find(|(_, ip)| Some(*ip) == address).map(|(name, _)| name.as_str());
    let says = match address {
        _ if plain.eq_ignore_ascii_case("localhost") => "address_loopback",
        Some(address) if address.is_loopback() => "address_loopback",
        Some(address) if is_link_local(&address) => "address_link_local",
        Some(address) if is_tunnel(&address, interface) => "address_tunnel",
        None => "address_name",
        Some(_) if asked.printed => "address_printed",
        Some(_) => "address_chosen",
    };
    let status = match says {
        "address_loopback" => Status::Fail,
        "address_link_local" | "address_tunnel" => Status::Warn,
        _ => Status::Ok,
    };
    findings.push(Finding::new(says, status, &[origin, ("interface", json!(interface.unwrap_or("?")))]));
    // A name is the office's own choice; of bare addresses one has to be chosen.
    let others: Vec<&str> = asked.found.iter().map(String::as_str).filter(|host| *host != asked.host).collect();
    if !others.is_empty() && says != "address_loopback" {
        let status = if asked.printed || address.is_none() { Status::Ok } else { Status::Warn };
        let says = if status == Status::Ok { "address_also" } else { "address_several" };
        findings.push(Finding::new(says, status, &[("others", json!(others.join("  ")))]));
    }
    Check::new("address", findings)
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// An address that a tunnel gave, by its interface or by its range: 100.64.0.0/10 (RFC 6598, used by mesh tunnels) and
/// 198.18.0.0/15 (RFC 2544, used by proxies that take all traffic).
fn is_tunnel(address: &IpAddr, interface: Option<&str>) -> bool {
    let named = interface.is_some_and(|name| TUNNELS.iter().any(|begin| name.to_ascii_lowercase().starts_with(begin)));
    let IpAddr::V4(address) = address else { return named };
    let [a, b, ..] = Ipv4Addr::octets(address);
    named || (a == 100 && (64..128).contains(&b)) || (a == 198 && (b == 18 || b == 19))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        host: &str,
        found: &[&str],
        interfaces: &[(&str, &str)],
        printed: bool,
        ours: bool,
    ) -> Vec<(&'static str, Status)> {
        let found: Vec<String> = found.iter().map(|host| (*host).to_owned()).collect();
        let interfaces: Vec<(String, IpAddr)> =
            interfaces.iter().filter_map(|(name, ip)| Some(((*name).to_owned(), ip.parse().ok()?))).collect();
        let origin = format!("http://{host}:8460");
        check(&Addresses { origin: &origin, host, printed, ours, found: &found, interfaces: &interfaces }).said()
    }

    #[test]
    fn one_address_in_a_private_network_is_well() {
        let lan = ("eth0", "192.168.1.10");
        assert_eq!(said("192.168.1.10", &["192.168.1.10"], &[lan], false, true), [("address_chosen", Status::Ok)]);
        assert_eq!(said("192.168.1.10", &["192.168.1.10"], &[lan], true, true), [("address_printed", Status::Ok)]);
        assert_eq!(said("vote.test", &["vote.test"], &[], false, true), [("address_name", Status::Ok)]);
    }

    #[test]
    fn what_no_phone_reaches_and_what_looks_like_a_tunnel_is_told() {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            assert_eq!(said(host, &[host], &[], false, true), [("address_loopback", Status::Fail)], "{host}");
        }
        assert_eq!(said("169.254.3.4", &[], &[], false, true), [("address_link_local", Status::Warn)]);
        for (host, interface) in
            [("100.100.1.2", "x"), ("198.18.0.1", "x"), ("10.8.0.2", "tun0"), ("10.8.0.2", "utun3")]
        {
            assert_eq!(
                said(host, &[host], &[(interface, host)], false, true),
                [("address_tunnel", Status::Warn)],
                "{host}"
            );
        }
        assert_eq!(said("100.128.0.1", &[], &[], false, true), [("address_chosen", Status::Ok)]);
    }

    #[test]
    fn of_several_networks_one_has_to_be_chosen_and_a_printed_address_must_be_ours() {
        let two = ["192.168.1.10", "10.0.0.2"];
        let warned = [("address_chosen", Status::Ok), ("address_several", Status::Warn)];
        assert_eq!(said(two[0], &two, &[], false, true), warned);
        let printed = [("address_printed", Status::Ok), ("address_also", Status::Ok)];
        assert_eq!(said(two[0], &two, &[], true, true), printed);
        assert_eq!(said("192.168.1.99", &two, &[], true, false), [("address_moved", Status::Fail)]);
    }
}
