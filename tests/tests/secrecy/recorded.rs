//! PROTOCOL sections 4 and 12: a recording of the air is useless once its keys are gone. Every 32 bytes that are left
//! anywhere are tried as the key of every recorded message.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use curve25519_dalek::MontgomeryPoint;
use douxuan::backup::save;
use douxuan_ballot::native::door::Door;
use douxuan_crypto::{
    contest::Contest,
    manifest::Manifest,
    seal::{Kind, ReplyKey, SealingKey, addressee, open},
};
use douxuan_tests::{
    console::Plan,
    meeting::Meeting,
    search::{Artefact, gather},
    server::PATIENCE,
    tap::{Exchange, Tap},
    witness::{Drawn, Witness},
};
use serde_json::json;

const ONE: Contest = Contest::new(1, 1);
/// Of six phones these are recorded.
const RECORDED: usize = 2;

/// What somebody has who recorded the air and knows what everybody knows.
struct Recording<'a> {
    manifest: &'a Manifest,
    exchanges: Vec<Exchange>,
    /// Public keys whose private half opens something: the server's, and the ephemeral ones on the wire.
    opening: HashSet<[u8; 32]>,
}

/// Which message was opened, and how.
type Opened = BTreeSet<(usize, &'static str)>;

impl<'a> Recording<'a> {
    fn new(manifest: &'a Manifest, exchanges: Vec<Exchange>) -> Self {
        let servers = manifest.contests.iter().map(|keys| keys.e).chain([manifest.e_0]);
        let ephemeral = exchanges.iter().map(|exchange| exchange.request[5..37].try_into().unwrap());
        let opening = servers.chain(ephemeral).collect();
        Self { manifest, exchanges, opening }
    }

    /// Tries 32 bytes as a private key of either side, and as the key of every reply.
    ///
    /// A private key opens a message if and only if its public half is one of the two that went into the sealing: both
    /// are in `kem_context` (RFC 9180, section 4.1). So the public half is compared, and only then is anything opened.
    fn try_key(&self, window: &[u8; 32], opened: &mut Opened) {
        for (number, exchange) in self.exchanges.iter().enumerate() {
            if ReplyKey::from_bytes(window).open(&exchange.reply).is_ok() {
                opened.insert((number, "reply"));
            }
        }
        let public = MontgomeryPoint::mul_base_clamped(*window).0;
        if !self.opening.contains(&public) {
            return;
        }
        for (number, exchange) in self.exchanges.iter().enumerate() {
            if exchange.request[5..37] == public {
                opened.insert((number, "ephemeral key"));
                continue;
            }
            let kind = if exchange.request[1] == 1 { Kind::Enrol } else { Kind::Cast };
            let contest = addressee(kind, &exchange.request).unwrap();
            let key = SealingKey::from_bytes(window);
            if let Ok((_, reply_key)) = open(kind, &self.manifest.id, contest, &key, &exchange.request) {
                assert!(reply_key.open(&exchange.reply).is_ok(), "with the request its answer is open");
                opened.insert((number, "private key"));
            }
        }
    }

    /// Tries all that is in these files; how many keys that were, and what they opened.
    fn try_all(&self, artefacts: &[Artefact]) -> (usize, Opened) {
        let mut windows: HashSet<[u8; 32]> = HashSet::new();
        for artefact in artefacts {
            for bytes in readings(&artefact.bytes) {
                windows.extend(bytes.windows(32).map(|window| <[u8; 32]>::try_from(window).unwrap()));
            }
        }
        let windows: Vec<[u8; 32]> = windows.into_iter().collect();
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let part = windows.len().div_ceil(threads).max(1);
        let opened = std::thread::scope(|scope| {
            let tried = |part: &'_ [[u8; 32]]| {
                let mut opened = Opened::new();
                part.iter().for_each(|window| self.try_key(window, &mut opened));
                opened
            };
            let running: Vec<_> = windows.chunks(part).map(|part| scope.spawn(move || tried(part))).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        (windows.len(), opened)
    }
}

/// The bytes as they are, and whatever in them is long enough to be a key in hex, base64 or base64url.
fn readings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![bytes.to_vec()];
    for (digits, least, bits) in
        [(&b"0123456789abcdef"[..], 64, 4), (b"0123456789ABCDEF", 64, 4), (&BASE64, 43, 6), (&BASE64URL, 43, 6)]
    {
        for run in bytes.split(|byte| !digits.contains(byte)).filter(|run| run.len() >= least) {
            let values: Vec<u8> = run
                .iter()
                .map(|digit| u8::try_from(digits.iter().position(|d| d == digit).unwrap()).unwrap())
                .collect();
            // Where the first byte begins is not known: every digit of the first group may be it.
            let group = if bits == 4 { 2 } else { 4 };
            all.extend((0..group).map(|from| packed(&values[from..], bits)));
        }
    }
    all
}

const BASE64: [u8; 64] = alphabet(*b"+/");
const BASE64URL: [u8; 64] = alphabet(*b"-_");

const fn alphabet(last: [u8; 2]) -> [u8; 64] {
    let mut all = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789..";
    (all[62], all[63]) = (last[0], last[1]);
    all
}

/// Whole bytes out of groups of `bits` bits.
fn packed(values: &[u8], bits: u32) -> Vec<u8> {
    let (mut out, mut held, mut number) = (Vec::new(), 0_u32, 0);
    for value in values {
        held = held << bits | u32::from(*value);
        number += bits;
        if number >= 8 {
            number -= 8;
            out.push((held >> number).to_le_bytes()[0]);
            held &= (1 << number) - 1;
        }
    }
    out
}

/// What a backup made now holds.
async fn backed_up(data: &Path) -> Vec<Artefact> {
    let out = tempfile::tempdir().unwrap();
    save(data, &out.path().join("backup")).await.unwrap();
    gather(out.path())
}

/// The file of a contest's or of the enrolment's keys, as whoever is in time could copy it.
fn key_file(data: &Path, name: &str) -> Vec<Artefact> {
    let found: Vec<Artefact> =
        gather(&data.join("secrets")).into_iter().filter(|file| file.name.ends_with(&format!("/{name}"))).collect();
    assert_eq!(found.len(), 1, "{name}");
    found
}

/// Six vote in the test question and on one official; two of them are recorded.
struct Held {
    meeting: Meeting,
    exchanges: Vec<Exchange>,
    drawn: Vec<Drawn>,
    /// Copied in time: enrolment's key, the test question's keys, the contest's keys.
    copied: [Vec<Artefact>; 3],
    /// Backups made while the window, then while a contest was open, and after all.
    backups: Vec<Artefact>,
    bundle: Vec<u8>,
}

async fn hold() -> Held {
    let mut meeting = Meeting::begin(Plan { voters: 6, officials: 1, rounds: 1, live: false }).await;
    let data = meeting.data.path().to_owned();
    let tap = Tap::before(meeting.door.address()).await;
    let overheard = Door::find(&meeting.door.origin(), Some(&tap.address.to_string())).await.unwrap();
    let direct = meeting.door.clone();
    let door = |place: usize| if place < RECORDED { &overheard } else { &direct };
    let (mut witnesses, drawn): (Vec<_>, Vec<_>) = (0..6).map(Witness::new).unzip();
    for (place, (phone, witness)) in meeting.phones.iter_mut().zip(&mut witnesses).enumerate() {
        phone.voter.enrol(door(place), PATIENCE, witness).await.unwrap();
    }
    let mut copied = [key_file(&data, "enrol.key"), key_file(&data, "0-0.key"), key_file(&data, "1-1.key")];
    let mut backups = backed_up(&data).await;
    meeting.close_window();
    for contest in [Contest::REHEARSAL, ONE] {
        meeting.console.open(&[contest]);
        for (place, (phone, witness)) in meeting.phones.iter_mut().zip(&mut witnesses).enumerate() {
            let option = douxuan_tests::recording::option(place);
            phone.voter.cast(door(place), contest, option, PATIENCE, witness).await.unwrap();
            phone.marks.insert(contest, option);
        }
        backups.extend(backed_up(&data).await);
        if contest == Contest::REHEARSAL {
            meeting.console.act("/desk/rehearsal/destroy", &json!({}));
        }
    }
    // The file is made before the contest opens and not again: what opened it is what was copied.
    copied[2] = key_file(&data, "1-1.key");
    let bundle = meeting.finish_and_check();
    backups.extend(backed_up(&data).await);
    Held { meeting, exchanges: tap.exchanges(), drawn, copied, backups, bundle }
}

/// Red if a key of enrolment or casting, or of a reply, outlives its window or its contest anywhere: in a file that the
/// server leaves, in a backup of any moment, in the bundle. Red too if the trial could not open what it is made for.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_the_air_is_opened_by_nothing_that_is_left_after_the_close() {
    let Held { mut meeting, exchanges, drawn, copied, backups, bundle } = hold().await;
    assert_eq!(exchanges.len(), 3 * RECORDED, "of each phone recorded the enrolment and two casts");
    let manifest = meeting.manifest.clone();
    let recording = Recording::new(&manifest, exchanges);

    // While the window and the contests were open, whoever copied their keys opens exactly what is sealed to them.
    let of = |way: &'static str, numbers: &[usize]| -> Opened { numbers.iter().map(|number| (*number, way)).collect() };
    for (keys, sealed) in copied.iter().zip([[0, 1], [2, 3], [4, 5]]) {
        assert_eq!(recording.try_all(keys).1, of("private key", &sealed), "{}", keys[0].name);
    }

    // All that is left, the server at work and after its end.
    let mut left = gather(meeting.data.path());
    let output = meeting.server.as_ref().unwrap().output();
    left.push(Artefact { name: "output".to_owned(), bytes: output.into_bytes() });
    meeting.server.take().unwrap().stop();
    left.extend(gather(meeting.data.path()));
    left.extend(backups);
    left.push(Artefact { name: "bundle".to_owned(), bytes: bundle });
    for name in ["roll.db", "urn.db", "office.db", "meeting.key", ".entries", "backup.json"] {
        assert!(left.iter().any(|file| file.name.ends_with(name)), "{name} is not among what is tried");
    }
    let began = std::time::Instant::now();
    let (tried, opened) = recording.try_all(&left);
    assert_eq!(opened, Opened::new(), "of {} messages", recording.exchanges.len());
    let (files, bytes) = (left.len(), left.iter().map(|file| file.bytes.len()).sum::<usize>());
    println!(
        "{files} files, {bytes} bytes, {tried} different keys tried on {} messages both ways in {:.1} s: 0 opened",
        recording.exchanges.len(),
        began.elapsed().as_secs_f32()
    );

    // The search can find: each kind of key in the middle of a file that is left, as it is and as a text.
    let office = left.iter().find(|file| file.name.ends_with("office.db")).unwrap();
    let middle = office.bytes.len() / 2;
    let around = &office.bytes[middle - 200..middle + 200];
    let enrolment: [u8; 32] = copied[0][0].bytes[1..].try_into().unwrap();
    let (_, reply) = open(
        Kind::Enrol,
        &manifest.id,
        Contest::new(0, 0),
        &SealingKey::from_bytes(&enrolment),
        &recording.exchanges[0].request,
    )
    .unwrap();
    // The last that a phone draws for a message is its ephemeral key.
    let ephemeral = drawn[0].of_length(32).into_iter().find(|drawn| {
        let public = MontgomeryPoint::mul_base_clamped(drawn.as_slice().try_into().unwrap()).0;
        recording.exchanges[0].request[5..37] == public
    });
    for (key, what) in [
        (enrolment.to_vec(), of("private key", &[0, 1])),
        (reply.to_bytes().to_vec(), of("reply", &[0])),
        (ephemeral.expect("drawn by the phone"), of("ephemeral key", &[0])),
    ] {
        for (form, bytes) in written(&key) {
            // Other characters of the alphabet before it shift the groups; a quote ends the run.
            for before in [&b"\""[..], b"\"A", b"\"AB", b"\"ABC"] {
                let planted = [&around[..200], before, &bytes, b"\"", &around[200..]].concat();
                let found = recording.try_all(&[Artefact { name: "planted".to_owned(), bytes: planted }]).1;
                assert_eq!(found, what, "{form}");
            }
        }
    }
}

/// A key as somebody may have written it down, alone or inside something longer.
fn written(key: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = douxuan_crypto::bytes::hex(key);
    vec![
        ("raw", key.to_vec()),
        ("hex, upper case", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
        ("base64", STANDARD.encode(key).into_bytes()),
        ("base64, inside", STANDARD.encode([b"x", key, b"yz"].concat()).into_bytes()),
        ("base64url", URL_SAFE_NO_PAD.encode(key).into_bytes()),
        ("base64url, further inside", URL_SAFE_NO_PAD.encode([b"xx", key].concat()).into_bytes()),
    ]
}
