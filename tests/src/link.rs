//! A link between one phone and the server that can be cut where it hurts: a ballot has gone up, no answer comes down.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, sleep},
};

/// What is planned, and what happened.
#[derive(Default)]
struct Plan {
    /// Lengths of the cuts to come, the next one last.
    cuts: Vec<Duration>,
    down_until: Option<Instant>,
    happened: usize,
}

/// One phone's link.
pub struct Link {
    /// Where the phone connects.
    pub address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    accepting: tokio::task::JoinHandle<()>,
}

/// A connection has carried a ballot up once it has carried this many bytes: the handshake is less, with a ballot of
/// five options it is more.
const BALLOT_IS_UP: usize = 800;

impl Link {
    /// A link that works, but is cut once for each of these lengths, each time after a ballot has gone up.
    pub async fn to(server: SocketAddr, cuts: Vec<Duration>) -> Self {
        Self::from(Ipv4Addr::LOCALHOST, server, cuts).await
    }

    /// The same, so that the server sees the phone at another address of this machine.
    pub async fn from(phone_at: Ipv4Addr, server: SocketAddr, mut cuts: Vec<Duration>) -> Self {
        cuts.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Arc::new(Mutex::new(Plan { cuts, ..Plan::default() }));
        let planned = Arc::clone(&plan);
        let accepting = tokio::spawn(async move {
            loop {
                let (phone, _) = listener.accept().await.unwrap();
                let down = planned.lock().unwrap().down_until.is_some_and(|until| Instant::now() < until);
                if !down {
                    tokio::spawn(carry(phone, phone_at, server, Arc::clone(&planned)));
                }
            }
        });
        Self { address, plan, accepting }
    }

    /// How many of the cuts have happened.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.plan.lock().unwrap().happened
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut phone: TcpStream, phone_at: Ipv4Addr, server: SocketAddr, plan: Arc<Mutex<Plan>>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((phone_at, 0))).unwrap();
    let Ok(mut server) = socket.connect(server).await else { return };
    let (mut up, mut down, mut carried) = ([0; 4096], [0; 4096], 0);
    loop {
        tokio::select! {
            read = phone.read(&mut up) => match read {
                Ok(n) if n > 0 => {
                    carried += n;
                    if server.write_all(&up[..n]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(n) if n > 0 => {
                    let cut = (carried >= BALLOT_IS_UP).then(|| {
                        let mut plan = plan.lock().unwrap();
                        let cut = plan.cuts.pop();
                        plan.happened += usize::from(cut.is_some());
                        plan.down_until = cut.map(|cut| Instant::now() + cut);
                        cut
                    });
                    if cut.flatten().is_some() {
                        // The server answered: the phone will never know.
                        sleep(Duration::from_millis(1)).await;
                        return;
                    }
                    if phone.write_all(&down[..n]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}
