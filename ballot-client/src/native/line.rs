//! The connection under a request: plain, or inside TLS where the office gives phones a certificate.

use std::{
    fmt, io,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Whose certificates are believed, and for which name.
#[derive(Clone)]
pub(super) struct Trust {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({:?})", self.name)
    }
}

impl Trust {
    /// This machine's authorities, or only those in a PEM file. No session is ever resumed: it would tie two
    /// connections together.
    ///
    /// # Errors
    /// In words, if the host is no name, the file holds no certificate, or this machine knows no authority.
    pub(super) fn new(host: &str, ca: Option<&Path>) -> Result<Self, String> {
        let host = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| "the host of the address is no name".to_owned())?;
        let mut roots = RootCertStore::empty();
        match ca {
            Some(path) => {
                let unread = |why: &dyn fmt::Display| format!("{}: {why}", path.display());
                let pem = std::fs::read(path).map_err(|error| unread(&error))?;
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    let certificate = certificate.map_err(|error| unread(&error))?;
                    roots.add(certificate).map_err(|error| unread(&error))?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err("no authority to believe: give its certificate with --ca FILE".to_owned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = config.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Self { config: Arc::new(config), name })
    }

    pub(super) async fn seal(&self, stream: TcpStream) -> io::Result<Line> {
        let sealed = TlsConnector::from(self.config.clone()).connect(self.name.clone(), stream).await?;
        Ok(Line::Sealed(Box::new(sealed)))
    }
}

/// A connection.
pub(crate) enum Line {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Sealed(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Sealed(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Sealed(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Sealed(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Sealed(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
