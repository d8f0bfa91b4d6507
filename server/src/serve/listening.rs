//! The sockets that a server listens on.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use super::ServeError;

/// Connections that wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 1024;

/// Listens.
///
/// # Errors
/// [`ServeError::Address`].
pub fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    bound(address).map_err(|error| ServeError::Address(address, error))
}

/// Listens, on a port that is free if the one wanted is taken.
///
/// # Errors
/// [`ServeError::Address`].
pub fn listen_anyhow(address: SocketAddr) -> Result<TcpListener, ServeError> {
    match bound(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => listen(SocketAddr::new(address.ip(), 0)),
        other => other.map_err(|error| ServeError::Address(address, error)),
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the library's own bind has it: a server that was just killed gets its port back at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // A hall connects all at once; a full queue costs a phone a whole second.
    socket.listen(BACKLOG)
}
