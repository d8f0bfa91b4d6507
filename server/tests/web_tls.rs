//! The same routes behind a certificate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod office;

use std::{sync::Arc, time::SystemTime};

use douxuan::web::{Certificate, serve_as};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;

struct Sealed {
    address: std::net::SocketAddr,
    roots: RootCertStore,
    office: office::Office,
    _folder: tempfile::TempDir,
}

async fn sealed() -> Sealed {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::own(folder.path(), &["vote.test".to_owned()], SystemTime::now()).unwrap();
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(folder.path().join("staff.pem")).unwrap();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let office = office::start(&data).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = office.app.public.clone();
    tokio::spawn(serve_as(listener, router, 10, Some(certificate), office.app.stopping()));
    Sealed { address, roots, office, _folder: folder }
}

const ASK: &[u8] = b"GET /live.json HTTP/1.1\r\nhost: vote.test\r\nconnection: close\r\n\r\n";

fn client(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

async fn ask(config: &Arc<ClientConfig>, address: std::net::SocketAddr, name: &str) -> std::io::Result<(String, bool)> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(config.clone()).connect(name, stream).await?;
    stream.write_all(ASK).await?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let resumed = stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
    Ok((String::from_utf8_lossy(&answer).into_owned(), resumed))
}

#[tokio::test]
async fn the_page_is_served_behind_the_certificate_and_no_session_is_resumed() {
    let sealed = sealed().await;
    let config = client(sealed.roots.clone());
    for round in 0..3 {
        let (answer, resumed) = ask(&config, sealed.address, "vote.test").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"phase\""), "{answer}");
        assert!(!resumed, "connection {round} was resumed: it could be lined up with an earlier one");
    }
    sealed.office.stop().await;
}

/// So many days from now: a certificate of our own that is read today lasts 824.
fn later(days: u64) -> SystemTime {
    SystemTime::now() + std::time::Duration::from_secs(days * 86_400)
}

#[tokio::test]
async fn a_certificate_that_ends_within_a_week_stops_the_freeze_and_one_that_lasts_does_not() {
    for (clock, freezes) in [((|| later(800)) as fn() -> SystemTime, true), (|| later(818), false)] {
        let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let certificate = Certificate::own(folder.path(), &["vote.test".to_owned()], SystemTime::now()).unwrap();
        let mut setup = office::setup(data.path());
        (setup.certificate, setup.clock) = (Some(certificate), clock);
        let office = office::start_with(setup).await.unwrap();
        office.act("/desk/sample", serde_json::json!({})).await;
        if freezes {
            office.act("/desk/freeze", serde_json::json!({})).await;
            let state = office.state().await;
            assert!(state["address"]["origin"].as_str().unwrap().starts_with("https://vote.test:"), "{state}");
        } else {
            let refused = office.refused("/desk/freeze", serde_json::json!({})).await;
            assert!(refused.contains("证书只剩 5 天") && refused.contains("--cert"), "{refused}");
        }
        office.stop().await;
    }
}

#[tokio::test]
async fn another_name_an_unknown_certificate_and_plain_http_are_refused() {
    let sealed = sealed().await;
    assert!(ask(&client(sealed.roots.clone()), sealed.address, "other.test").await.is_err());
    assert!(ask(&client(RootCertStore::empty()), sealed.address, "vote.test").await.is_err());
    let mut plain = TcpStream::connect(sealed.address).await.unwrap();
    plain.write_all(ASK).await.unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://") && !answer.contains("phase"), "{answer}");
    sealed.office.stop().await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_believed_is_no_dead_server() {
    use douxuan_ballot::native::door::{Door, NetworkError};
    let sealed = sealed().await;
    let (at, ca) = (sealed.address.to_string(), sealed._folder.path().join("staff.pem"));
    let ask = async |origin: &str, ca: Option<&std::path::Path>| {
        let door = Door::trusting(origin, Some(&at), ca).await?;
        door.fetch("/live.json", 1 << 20).await
    };
    assert!(ask("https://vote.test", Some(&ca)).await.is_ok());
    // Another authority's, another name's: over HTTP and over a WebSocket.
    let other = tempfile::tempdir().unwrap();
    Certificate::own(other.path(), &["vote.test".to_owned()], SystemTime::now()).unwrap();
    let stranger = other.path().join("staff.pem");
    for (origin, ca) in [("https://vote.test", &stranger), ("https://other.test", &ca)] {
        let refused = ask(origin, Some(ca.as_path())).await.unwrap_err();
        let said = refused.to_string();
        assert!(matches!(refused, NetworkError::Trust(_)), "{said}");
        assert!(
            said.contains("--ca FILE") && said.contains("somebody else answers") && !said.contains("running"),
            "{said}"
        );
        let door = Door::trusting(origin, Some(&at), Some(ca.as_path())).await.unwrap();
        assert!(matches!(door.exchange("/cast", b"", 1000).await, Err(NetworkError::Trust(_))));
    }
    // Nobody there at all is another thing.
    let gone = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string() };
    let nobody = Door::trusting("https://vote.test", Some(&gone), Some(&ca)).await.unwrap().fetch("/", 100).await;
    assert!(matches!(&nobody, Err(NetworkError::Unreachable(_))), "{nobody:?}");
    sealed.office.stop().await;
}
