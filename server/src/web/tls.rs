//! Certificates: one that staff give, or one of our own for the staff's pages.
//!
//! Session tickets and resumption are off: what a ticket remembers would link an enrolment to a ballot of the same
//! phone.

use std::{
    fmt, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use douxuan_crypto::{bytes::hex, hash::sha256};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::NoServerSessionStorage,
};
use tokio_rustls::TlsAcceptor;
use x509_parser::extensions::GeneralName;

use crate::disk;

/// Days that a certificate must still last when a meeting is frozen.
pub const LEAST_DAYS: u64 = 7;
/// Days that a certificate of our own lasts.
const OWN_DAYS: u64 = 825;

/// Why a certificate is not used. Each text says what to do.
#[derive(Debug)]
pub enum TlsError {
    /// A file cannot be read.
    File(PathBuf, io::Error),
    /// A file does not hold what it should.
    Form(PathBuf, String),
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    Pair(String),
    /// No longer valid, or not yet.
    Expired(PathBuf),
    /// Our own could not be made.
    Own(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => {
                write!(f, "证书文件 {} 不能读取（{error}）。请检查 --cert 和 --key。", path.display())
            }
            Self::Form(path, why) => {
                write!(f, "{} 不是 PEM 格式的证书或私钥（{why}）。请检查 --cert 和 --key。", path.display())
            }
            Self::Pair(why) => write!(f, "证书和私钥不能一起使用（{why}）。请换成同一份证书的私钥。"),
            Self::Expired(path) => write!(f, "证书 {} 不在有效期内。请换一份，或校对本机时间。", path.display()),
            Self::Own(why) => write!(f, "不能生成本机证书（{why}）。请用 --cert 和 --key 指定一份。"),
        }
    }
}

impl std::error::Error for TlsError {}

/// A certificate with its key, ready to serve.
#[derive(Clone)]
pub struct Certificate {
    acceptor: TlsAcceptor,
    ends: SystemTime,
    fingerprint: String,
    names: Vec<String>,
    own: bool,
}

impl Certificate {
    /// Reads a certificate chain and its key, both PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn read(chain: &Path, key: &Path, now: SystemTime) -> Result<Self, TlsError> {
        Self::of(chain, key, now, false)
    }

    /// Our own, kept in the data folder; made for `names` if there is none, it ends soon or was made for others.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn own(data: &Path, names: &[String], now: SystemTime) -> Result<Self, TlsError> {
        let (chain, key) = (data.join("staff.pem"), data.join("staff.key"));
        let made_for = data.join("staff.names");
        let wanted = names.join("\n");
        if std::fs::read_to_string(&made_for).is_ok_and(|kept| kept == wanted)
            && let Ok(kept) = Self::of(&chain, &key, now, true)
            && kept.days(now) >= LEAST_DAYS
        {
            return Ok(kept);
        }
        let failed = |error: &dyn fmt::Display| TlsError::Own(error.to_string());
        let plain: Vec<String> = names.iter().map(|name| name.trim_matches(['[', ']']).to_owned()).collect();
        let mut parameters = rcgen::CertificateParams::new(plain).map_err(|e| failed(&e))?;
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Douxuan staff");
        let begins = now - Duration::from_secs(86_400);
        parameters.not_before = begins.into();
        parameters.not_after = (begins + Duration::from_secs(OWN_DAYS * 86_400)).into();
        let pair = rcgen::KeyPair::generate().map_err(|e| failed(&e))?;
        let certificate = parameters.self_signed(&pair).map_err(|e| failed(&e))?;
        let secret = zeroize::Zeroizing::new(pair.serialize_pem());
        for (path, text) in [(&key, secret.as_str()), (&chain, &certificate.pem()), (&made_for, &wanted)] {
            disk::replace(path, text.as_bytes()).map_err(|e| failed(&e))?;
        }
        Self::of(&chain, &key, now, true)
    }

    fn of(chain: &Path, key: &Path, now: SystemTime, own: bool) -> Result<Self, TlsError> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| TlsError::File(path.to_owned(), error));
        let form = |path: &Path, why: String| TlsError::Form(path.to_owned(), why);
        let (chain_pem, key_pem) = (read(chain)?, zeroize::Zeroizing::new(read(key)?));
        let list: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&chain_pem).collect();
        let list = list.map_err(|error| form(chain, error.to_string()))?;
        let first = list.first().ok_or_else(|| form(chain, "没有证书".to_owned()))?;
        let (begins, ends) = validity(first).ok_or_else(|| form(chain, "证书读不出".to_owned()))?;
        if now < begins || now >= ends {
            return Err(TlsError::Expired(chain.to_owned()));
        }
        let (fingerprint, names) = (hex(&sha256(first)), names_in(first));
        let secret = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|error| form(key, error.to_string()))?;
        let pair = |error: rustls::Error| TlsError::Pair(error.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(pair)?
            .with_no_client_auth()
            .with_single_cert(list, secret)
            .map_err(pair)?;
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ends, fingerprint, names, own })
    }

    /// Whole days left.
    #[must_use]
    pub fn days(&self, now: SystemTime) -> u64 {
        self.ends.duration_since(now).unwrap_or_default().as_secs() / 86_400
    }

    /// SHA-256 of the certificate, lowercase hex: what a browser shows.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether it is for this name or address (RFC 9110, section 4.3.4: only what stands among its alternative names).
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let wild = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        let address = host.parse::<IpAddr>().is_ok();
        self.names.iter().any(|name| *name == host || (!address && Some(name) == wild.as_ref()))
    }

    /// True for one of our own, which browsers warn of.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

/// The names and addresses that a certificate is for (RFC 5280, section 4.2.1.6), lowercase.
fn names_in(der: &[u8]) -> Vec<String> {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return Vec::new() };
    let Ok(Some(listed)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|address| address.to_string())
        }
        _ => None,
    };
    listed.value.general_names.iter().filter_map(name).collect()
}

/// From when and until when a certificate is valid (RFC 5280, section 4.1.2.5).
fn validity(der: &[u8]) -> Option<(SystemTime, SystemTime)> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let at = |time: x509_parser::time::ASN1Time| {
        let seconds = u64::try_from(time.timestamp()).ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    };
    let validity = certificate.validity();
    Some((at(validity.not_before)?, at(validity.not_after)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn our_own_is_made_once_and_again_for_other_names_or_near_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let names = vec!["192.168.1.10".to_owned(), "[::1]".to_owned(), "vote.test".to_owned()];
        let now = SystemTime::now();
        let first = Certificate::own(folder.path(), &names, now).unwrap();
        assert!(first.is_own() && first.days(now) > 800);
        assert_eq!(Certificate::own(folder.path(), &names, now).unwrap().fingerprint(), first.fingerprint());
        for (host, covered) in [
            ("192.168.1.10", true),
            ("::1", true),
            ("[::1]", true),
            ("Vote.Test", true),
            ("192.168.1.11", false),
            ("a.vote.test", false),
        ] {
            assert_eq!(first.covers(host), covered, "{host}");
        }
        let others = Certificate::own(folder.path(), &names[..1], now).unwrap();
        assert_ne!(others.fingerprint(), first.fingerprint());
        let late = Certificate::own(folder.path(), &names[..1], now + DAY * 820).unwrap();
        assert_ne!(late.fingerprint(), others.fingerprint());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("staff.key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_not_a_pair_in_force_is_refused_in_words() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let now = SystemTime::now();
        let names = vec!["vote.test".to_owned()];
        Certificate::own(folder.path(), &names, now).unwrap();
        Certificate::own(other.path(), &names, now).unwrap();
        let (chain, key) = (folder.path().join("staff.pem"), folder.path().join("staff.key"));
        assert!(Certificate::read(&chain, &key, now).is_ok());
        let refusal = |chain: &Path, key: &Path, now| match Certificate::read(chain, key, now) {
            Ok(_) => panic!("{} was taken", chain.display()),
            Err(error) => error.to_string(),
        };
        assert!(refusal(&chain, &other.path().join("staff.key"), now).contains("私钥"));
        assert!(refusal(&key, &key, now).contains("PEM") || refusal(&key, &key, now).contains("没有证书"));
        assert!(refusal(&folder.path().join("none.pem"), &key, now).contains("--cert"));
        assert!(refusal(&chain, &key, now + DAY * 900).contains("有效期"));
        assert!(refusal(&chain, &key, now - DAY * 3).contains("有效期"));
    }
}
