//! The accept loop: how many connections there may be, how slow they may be, and how they end.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

use super::Certificate;
use crate::limits;

/// Serves `router` on at most `sockets` connections until `stop` becomes true; returns when all of them have ended
/// or [`limits::DRAIN_TIME`] has passed.
///
/// **No limit by address**: a hall of 300 phones may stand behind one. The peer's address is not read at all, so
/// nothing behind this point can depend on it or log it.
pub async fn serve(listener: TcpListener, router: Router, sockets: usize, stop: watch::Receiver<bool>) {
    serve_as(listener, router, sockets, None, stop).await;
}

/// The same over TLS, with a certificate. Who speaks plain HTTP to it is told the right address.
pub async fn serve_as(
    listener: TcpListener,
    router: Router,
    sockets: usize,
    certificate: Option<Certificate>,
    mut stop: watch::Receiver<bool>,
) {
    let free = Arc::new(Semaphore::new(sockets));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, or the peer is gone already: the next attempt may succeed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        match free.clone().try_acquire_owned() {
            Ok(permit) => {
                let _ = stream.set_nodelay(true);
                let socket = Socket { stream, _permit: permit };
                match &certificate {
                    None => tokio::spawn(connection(socket, router.clone(), stop.clone())),
                    Some(certificate) => {
                        tokio::spawn(sealed(socket, certificate.clone(), router.clone(), stop.clone()))
                    }
                };
            }
            Err(_) => {
                tokio::spawn(turn_away(stream, sockets));
            }
        }
    }
    drop(listener);
    // A permit lives as long as its socket, upgraded ones included: all of them back means everybody has left.
    let all = u32::try_from(sockets).unwrap_or(u32::MAX);
    let _ = timeout(limits::DRAIN_TIME, free.acquire_many(all)).await;
}

/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// A connection behind a handshake, which has as long as a request's head.
async fn sealed(mut socket: Socket, certificate: Certificate, router: Router, stop: watch::Receiver<bool>) {
    let mut first = [0];
    match timeout(limits::HEAD_TIME, socket.stream.peek(&mut first)).await {
        Ok(Ok(1)) if first[0] == HANDSHAKE => {
            if let Ok(Ok(stream)) = timeout(limits::HEAD_TIME, certificate.acceptor().accept(socket)).await {
                connection(stream, router, stop).await;
            }
        }
        Ok(Ok(1)) => {
            let body =
                "{\"error\":\"这个地址只接受加密连接。\",\"what_to_do\":\"请把网址开头的 http:// 改成 https://。\"}";
            answer(&mut socket.stream, "400 Bad Request", "", body).await;
        }
        _ => {}
    }
}

async fn connection<S>(socket: S, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIME)
        .max_buf_size(limits::HEAD)
        .max_headers(limits::HEADERS)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(limits::CONNECTION_TIME) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits::DRAIN_TIME, connection).await;
}

/// Says how many are allowed, without taking a place from anybody.
async fn turn_away(mut stream: TcpStream, sockets: usize) {
    let body = format!("{{\"error\":\"连接已满（最多 {sockets} 个）。\",\"what_to_do\":\"请过几秒再试。\"}}");
    answer(&mut stream, "503 Service Unavailable", "retry-after: 5\r\n", &body).await;
}

/// A whole answer by hand, for a connection that no router ever sees.
async fn answer(stream: &mut TcpStream, status: &str, more: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n{more}\
         connection: close\r\n\r\n",
        body.len()
    );
    let _ = timeout(Duration::from_secs(1), async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await?;
        // What was sent is read, a little of it: bytes left unread would take the answer away again.
        tokio::io::copy(&mut stream.take(limits::HEAD as u64), &mut tokio::io::sink()).await
    })
    .await;
}

/// A stream that gives its place back when it is dropped, wherever an upgrade has carried it.
struct Socket {
    stream: TcpStream,
    _permit: OwnedSemaphorePermit,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
