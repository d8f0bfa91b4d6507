//! A recorder of the air between phones and the server: every byte both ways, and of these the sealed messages.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Instant,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Bytes of one direction, and when each piece of them passed.
#[derive(Clone, Default)]
struct Half(Arc<Mutex<(Vec<u8>, Vec<Instant>)>>);

impl Half {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().0.clone()
    }

    fn times(&self) -> Vec<Instant> {
        self.0.lock().unwrap().1.clone()
    }
}

/// One connection from outside: what can be seen without any key.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    /// Bytes from the phone.
    pub up: usize,
    /// Bytes to the phone.
    pub down: usize,
    /// In how many pieces they passed, both ways.
    pub pieces: usize,
    /// Seconds from the phone's last byte before the answer to the answer's last.
    pub answer: f64,
    /// Seconds from the first byte to the last.
    pub lasted: f64,
}

/// A sealed message and what came back for it.
#[derive(Clone)]
pub struct Exchange {
    /// `0x01 || kind || item(2) || round(1) || enc(32) || ct`.
    pub request: Vec<u8>,
    /// `0x01 || nonce(12) || ct`.
    pub reply: Vec<u8>,
}

/// A recorder in front of a server.
pub struct Tap {
    /// Where phones connect.
    pub address: SocketAddr,
    connections: Arc<Mutex<Vec<[Half; 2]>>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Tap {
    /// In front of this server, at a port of its own.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections: Arc<Mutex<Vec<[Half; 2]>>> = Arc::default();
        let kept = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                let halves = [Half::default(), Half::default()];
                kept.lock().unwrap().push(halves.clone());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    let ((phone_in, phone_out), (server_in, server_out)) = (phone.into_split(), server.into_split());
                    let (ended, ends) = watch::channel(());
                    let [up, down] = halves;
                    let up = tokio::spawn(carry(phone_in, server_out, up, ends));
                    // Whoever waits for the phone's next byte is let go once the server has said its last.
                    carry(server_in, phone_out, down, watch::channel(()).1).await;
                    drop(ended);
                    let _ = up.await;
                });
            }
        });
        Self { address, connections, accepting }
    }

    /// Every sealed message that had its answer, in the order in which the connections were opened.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        let connections = self.connections.lock().unwrap();
        let halves = connections.iter().map(|halves| halves.each_ref().map(Half::bytes));
        halves.flat_map(|[up, down]| exchanges(&up, &down)).collect()
    }

    /// How many connections there have been.
    #[must_use]
    pub fn count(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// What every connection looked like, in the order in which they were opened.
    #[must_use]
    pub fn traffic(&self) -> Vec<Traffic> {
        let connections = self.connections.lock().unwrap();
        let of = |[up, down]: &[Half; 2]| {
            let (asked, told) = (up.times(), down.times());
            let last = told.last().copied();
            let before = asked.iter().rev().find(|at| last.is_some_and(|last| **at <= last)).copied();
            let first = asked.first().copied();
            let between =
                |from: Option<Instant>| last.zip(from).map_or(0.0, |(last, from)| (last - from).as_secs_f64());
            Traffic {
                up: up.bytes().len(),
                down: down.bytes().len(),
                pieces: asked.len() + told.len(),
                answer: between(before),
                lasted: between(first),
            }
        };
        connections.iter().map(of).collect()
    }

    /// All bytes of both directions.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let connections = self.connections.lock().unwrap();
        connections.iter().flatten().flat_map(Half::bytes).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    kept: Half,
    mut ends: watch::Receiver<()>,
) {
    let mut bytes = [0; 4096];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            Err(_) = ends.changed() => Ok(0),
        };
        match read {
            Ok(n) if n > 0 => {
                {
                    let mut kept = kept.0.lock().unwrap();
                    kept.0.extend_from_slice(&bytes[..n]);
                    kept.1.push(Instant::now());
                }
                if to.write_all(&bytes[..n]).await.is_err() {
                    return;
                }
            }
            _ => {
                let _ = to.shutdown().await;
                return;
            }
        }
    }
}

/// One connection's sealed messages: bodies of POSTs, or the binary frames of a WebSocket.
fn exchanges(up: &[u8], down: &[u8]) -> Vec<Exchange> {
    let (asked, told) = (messages(up), messages(down));
    let is_sealed = |message: &Vec<u8>| matches!(message.as_slice(), [1, 1 | 2, ..]) && message.len() > 53;
    let pairs = asked.into_iter().zip(told).filter(|(request, reply)| is_sealed(request) && reply.first() == Some(&1));
    pairs.map(|(request, reply)| Exchange { request, reply }).collect()
}

/// What one side of a connection said: the body of each HTTP message, then what is in binary frames.
fn messages(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        bytes = &bytes[end + 4..];
        if head.contains("upgrade: websocket") {
            all.extend(frames(bytes));
            break;
        }
        assert!(!head.contains("transfer-encoding"), "a body without a length is not read: {head}");
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
        let Some((body, rest)) = bytes.split_at_checked(length) else { break };
        all.push(body.to_vec());
        bytes = rest;
    }
    all
}

/// RFC 6455, section 5.2; whole binary frames only, unmasked.
fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let [first, second, rest @ ..] = bytes {
        let (length, rest) = match second & 0x7f {
            126 if rest.len() >= 2 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            126 | 127 => break,
            short => (usize::from(short), rest),
        };
        let (mask, rest) = if second & 0x80 == 0 {
            ([0; 4], rest)
        } else {
            let Some((mask, rest)) = rest.split_first_chunk::<4>() else { break };
            (*mask, rest)
        };
        let Some((payload, rest)) = rest.split_at_checked(length) else { break };
        if *first == 0x82 {
            all.push(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect());
        }
        bytes = rest;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_frames_are_read_as_the_standards_write_them() {
        let (request, reply) = ([&[1, 1][..], &[7; 60]].concat(), [&[1][..], &[8; 40]].concat());
        let post = |body: &[u8], first: &str| {
            [format!("{first}\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
        };
        let up = [post(&[], "GET /manifest HTTP/1.1"), post(&request, "POST /enrol HTTP/1.1")].concat();
        let down = [post(b"{}", "HTTP/1.1 200 OK"), post(&reply, "HTTP/1.1 200 OK")].concat();
        let [Exchange { request: sent, reply: got }] = exchanges(&up, &down).try_into().ok().unwrap();
        assert_eq!((sent, got), (request.clone(), reply.clone()));

        let mask = [9, 8, 7, 6];
        let masked: Vec<u8> = request.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        let head = b"GET /cast HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
        let up = [&head[..], &[0x82, 0x80 | 62], &mask, &masked, &[0x88, 0x80, 0, 0, 0, 0]].concat();
        let down = [b"HTTP/1.1 101 X\r\nupgrade: websocket\r\n\r\n", &[0x82, 41][..], &reply].concat();
        let [Exchange { request: sent, reply: got }] = exchanges(&up, &down).try_into().ok().unwrap();
        assert_eq!((sent, got), (request, reply));
    }
}
