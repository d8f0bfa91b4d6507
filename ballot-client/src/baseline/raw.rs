//! The raw cast limit: the same sockets, cryptography, group commit and fsync as the urn's, and nothing else. No
//! phases, no duplicate check, no database, no log, no release.

use std::{
    fs, io,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use douxuan_crypto::{
    ballot::{Ballot, Cast},
    commit::Opening,
    receipt::{CastReply, Receipt},
    seal::ReplyKey,
    sign::Refused,
    spool::{Spool, SpoolKey},
};
use tokio::sync::oneshot;

use super::meeting::{CONTEST, RawMeeting};
use crate::wire;

/// Most ballots whose choice proofs are checked together.
const BATCH: usize = 64;

/// Names of the raw server's threads begin so, which is how their CPU time is told from the client's.
pub(super) const THREADS: &str = "raw-";

struct Waiting {
    frame: Vec<u8>,
    answer: oneshot::Sender<Vec<u8>>,
}

struct Verified {
    ballot: Ballot,
    opening: Opening,
    reply_key: ReplyKey,
    answer: oneshot::Sender<Vec<u8>>,
}

/// A raw server at a loopback port, as long as this value lives.
pub(super) struct RawServer {
    pub(super) address: SocketAddr,
    commits: Arc<AtomicU64>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl RawServer {
    /// Starts one. With `echo` it sends the frame back, cut to a reply's length: sockets alone.
    pub(super) fn start(meeting: &Arc<RawMeeting>, spool: &Path, echo: bool) -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores)
            .thread_name(format!("{THREADS}io"))
            .enable_all()
            .build()?;
        let (to_workers, waiting) = mpsc::channel::<Waiting>();
        let (to_committer, verified) = mpsc::channel::<Vec<Verified>>();
        let waiting = Arc::new(Mutex::new(waiting));
        for worker in 0..cores {
            let (meeting, waiting, to_committer) = (Arc::clone(meeting), Arc::clone(&waiting), to_committer.clone());
            named(&format!("crypto{worker}"), move || verify(&meeting, &waiting, &to_committer))?;
        }
        let commits = Arc::new(AtomicU64::new(0));
        let (counted, file) = (Arc::clone(&commits), fs::File::create(spool)?);
        let meeting = Arc::clone(meeting);
        named("commit", move || commit(&meeting, file, &verified, &counted))?;
        let app = Router::new().route(wire::CAST, get(cast)).with_state((to_workers, echo));
        let listener = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
            // The default of 128 overflows under 200 connections at once, and each overflow costs its client a second.
            socket.listen(1024)
        })?;
        let address = listener.local_addr()?;
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, commits, runtime: Some(runtime) })
    }

    /// How often it has called fsync.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        // Dropped inside another runtime, where waiting for this one's threads is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(format!("{THREADS}{name}")).spawn(work).map(|_| ())
}

type Entry = (mpsc::Sender<Waiting>, bool);

async fn cast(State((workers, echo)): State<Entry>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(wire::CAST_FRAME_LIMIT)
        .on_upgrade(move |socket| one_ballot(socket, workers, echo))
}

async fn one_ballot(mut socket: WebSocket, workers: mpsc::Sender<Waiting>, echo: bool) {
    let Some(Ok(Message::Binary(frame))) = socket.recv().await else { return };
    let reply = if echo {
        frame[..frame.len().min(541)].to_vec()
    } else {
        let (answer, reply) = oneshot::channel();
        if workers.send(Waiting { frame: frame.to_vec(), answer }).is_err() {
            return;
        }
        let Ok(reply) = reply.await else { return };
        reply
    };
    let _ = socket.send(Message::Binary(reply.into())).await;
    let _ = socket.send(Message::Close(None)).await;
    while let Some(Ok(_)) = socket.recv().await {}
}

/// Takes what waits, up to a batch, and checks it.
fn verify(meeting: &RawMeeting, waiting: &Mutex<mpsc::Receiver<Waiting>>, committer: &mpsc::Sender<Vec<Verified>>) {
    loop {
        let mut batch = Vec::new();
        {
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(first) = waiting.recv() else { return };
            batch.push(first);
            batch.extend(waiting.try_iter().take(BATCH - 1));
        }
        let batch: Vec<Verified> = batch.into_iter().filter_map(|one| check(meeting, one).ok()).collect();
        let sound = Ballot::check_choices(&meeting.manifest.id, batch.iter().map(|one| &one.ballot)).is_ok();
        if sound && committer.send(batch).is_err() {
            return;
        }
    }
}

fn check(meeting: &RawMeeting, Waiting { frame, answer }: Waiting) -> Result<Verified, Refused> {
    let RawMeeting { manifest, issuer, casting, .. } = meeting;
    let cast = Cast::unseal(manifest, CONTEST, casting, &frame)?;
    let ballot = Ballot::decode(cast.ballot_bytes(), CONTEST, manifest.options()).map_err(|_| Refused)?;
    ballot.check_signature(&manifest.id)?;
    ballot.check_credential(&manifest.id, issuer)?;
    let opening = cast.opening().map_err(|_| Refused)?;
    ballot.check_opening(&opening)?;
    Ok(Verified { ballot, opening, reply_key: cast.reply_key, answer })
}

/// One write and one fsync for everything that waits, then the receipts.
fn commit(meeting: &RawMeeting, mut file: fs::File, verified: &mpsc::Receiver<Vec<Verified>>, commits: &AtomicU64) {
    let key = SpoolKey::from_bytes(&meeting.spool.to_bytes());
    let spool = Spool::new(key, &meeting.manifest.id, CONTEST, meeting.manifest.options());
    let rng = &mut rand::rng();
    let mut group = 0;
    while let Ok(mut all) = verified.recv() {
        all.extend(verified.try_iter().flatten());
        let mut bytes = Vec::with_capacity(all.len() * spool.record_len());
        for one in &all {
            bytes.extend_from_slice(&spool.record(group, &one.ballot, &one.opening, rng));
        }
        if file.write_all(&bytes).and_then(|()| file.sync_data()).is_err() {
            return;
        }
        group += 1;
        commits.fetch_add(1, Ordering::Relaxed);
        for one in all {
            let receipt = Receipt::issue(&meeting.manifest, CONTEST, &one.ballot.leaf(), &meeting.receipts);
            let _ = one.answer.send(CastReply::Accepted(receipt.note).seal(&one.reply_key, rng));
        }
    }
}
