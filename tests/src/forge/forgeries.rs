//! V1 to V4, V13, and the honest meetings beside them.

use douxuan_crypto::{
    audit::Step,
    board::Board,
    bundle::{BoardFiles, Bundle},
    contest::Contest,
    log::{Act, Entry},
    manifest::{Base, PaperPolicy},
    merkle, note,
    receipt::Receipt,
};

use super::{Case, Cast, Draft, Office, Written, office::short_scale, sealing::head};

/// The seeds of every meeting here.
pub(super) const SEEDS: (u64, u64) = (1, 2);

/// The usual office.
pub(super) fn office() -> Office {
    Office::new(SEEDS.0)
}

/// The honest course of its meeting.
pub(super) fn draft(office: &Office) -> Draft {
    Draft::honest(office, SEEDS.1)
}

/// A receipt for every ballot of the meeting, as its voters hold them.
#[must_use]
pub fn receipts(office: &Office, draft: &Draft) -> Vec<Vec<u8>> {
    let issue = |contest: Contest, cast: &Cast| {
        Receipt::issue(&office.manifest, contest, &cast.leaf(), &office.receipt_key).note.into_bytes()
    };
    draft.contests.iter().flat_map(|c| c.casts.iter().map(move |cast| issue(c.contest, cast))).collect()
}

/// Meetings of several shapes at which nobody cheats.
pub(super) fn honest() -> Vec<Case> {
    let office = office();
    let draft_ = draft(&office);
    let all = receipts(&office, &draft_);
    let bundle = draft_.bundle(&office);
    let mut cases = vec![
        Case::new("honest, no receipts", None, &bundle),
        Case::new("honest, every receipt", None, &bundle).with_receipts(all),
    ];
    let short = Office::with(SEEDS.0, |m| m.scale = short_scale());
    cases.push(Case::new("two options", None, &draft(&short).bundle(&short)));
    let apart = Office::with(SEEDS.0, |m| {
        m.thresholds.base = Base::Cast;
        m.thresholds.paper = PaperPolicy::Apart;
        m.thresholds.reaches = (1, 1000);
        m.thresholds.over = (1, 1);
    });
    cases.push(Case::new("paper apart, of all cast", None, &draft(&apart).bundle(&apart)));
    let together = Office::with(SEEDS.0, |m| m.thresholds.base = Base::Cast);
    cases.push(Case::new("paper included, of all cast", None, &draft(&together).bundle(&together)));
    let mut nothing = draft(&office);
    nothing.contests.clear();
    cases.push(Case::new("no contest was opened", None, &nothing.bundle(&office)));
    let mut empty = draft(&office);
    empty.contests.retain(|c| c.contest.item == 4);
    cases.push(Case::new("only an empty board", None, &empty.bundle(&office)));
    let mut void = draft(&office);
    void.contests.retain(|c| c.contest == Contest::new(2, 1));
    cases.push(Case::new("only a contest voided unseen", None, &void.bundle(&office)));
    cases
}

pub(super) fn all() -> Vec<Case> {
    [manifests(), logs(), boards(), orders(), presented()].into_iter().flatten().collect()
}

/// V1. The bytes of the manifest are changed; the meeting is held under the changed one.
fn manifests() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, change: &dyn Fn(&str) -> String| {
        let office = Office::with_bad_manifest(SEEDS.0, change);
        cases.push(Case::new(name, Some(Step::Manifest), &draft(&office).bundle(&office)));
    };
    let contests = office().manifest.contests;
    let [first, last] = [&contests[1], &contests[contests.len() - 1]].map(|c| douxuan_crypto::bytes::hex(&c.e));
    add("two contests have one key", &|json| json.replace(&last, &first));
    add("a field nobody knows", &|json| json.replace("\"quorum\":0", "\"quorum\":0,\"note\":\"\""));
    add("a field stands twice", &|json| json.replace("\"quorum\":0", "\"quorum\":0,\"quorum\":0"));
    add("more people than allowed", &|json| json.replace("\"expected\":20", "\"expected\":501"));
    add("data behind the end", &|json| format!("{json}x"));
    add("a name that turns the line around", &|json| json.replace("干部5", "干部\u{202e}5"));
    let k = douxuan_crypto::bytes::hex(contests[contests.len() - 1].k.as_bytes());
    add("an issuer key that is the identity", &|json| json.replace(&k, &"0".repeat(64)));
    add("a casting key of small order", &|json| json.replace(&last, &format!("01{}", "0".repeat(62))));
    cases
}

/// V2. The acts are changed after they were counted.
fn logs() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, change: &dyn Fn(&mut Vec<Entry>)| {
        let office = office();
        let Written { mut entries, bundle, counts } = draft(&office).write(&office);
        change(&mut entries);
        let sealing = super::Sealing::new(&office, &entries, &counts, bundle);
        cases.push(Case::new(name, Some(Step::Log), &sealing.finish(&office)));
    };
    let at = |entries: &[Entry], wanted: fn(&Act) -> bool| entries.iter().position(|e| wanted(&e.act)).unwrap();
    add("a contest opened in an open window", &|entries| {
        let closed = at(entries, |a| matches!(a, Act::WindowClosed { window: 2, .. }));
        let opened = at(entries, |a| matches!(a, Act::ContestOpened { window: 2, .. }));
        let moved = entries.remove(opened);
        entries.insert(closed, moved);
    });
    add("the rehearsal was not destroyed", &|entries| {
        let destroyed = at(entries, |a| *a == Act::RehearsalDestroyed);
        entries.remove(destroyed);
    });
    add("the rehearsal was closed like a vote", &|entries| {
        let destroyed = at(entries, |a| *a == Act::RehearsalDestroyed);
        let act = Act::ContestClosed { contest: Contest::REHEARSAL, size: 0, root: merkle::root(&[]) };
        entries[destroyed] = Entry::unnamed(act);
    });
    add("the log of another manifest", &|entries| {
        entries[0] = Entry::unnamed(Act::Manifest { id: [9; 32] });
    });
    add("a contest closed twice", &|entries| {
        let closed = at(entries, |a| matches!(a, Act::ContestClosed { .. }));
        entries.insert(closed + 1, entries[closed].clone());
    });
    add("one person acts as two", &|entries| {
        let opened = at(entries, |a| matches!(a, Act::ContestOpened { contest, .. } if contest.item == 1));
        entries[opened].actors[1].id = entries[opened].actors[0].id;
    });
    let office = office();
    let mut sealing = draft(&office).write(&office).seal(&office);
    sealing.log_key = &office.result_key;
    cases.push(Case::new("a checkpoint by another key", Some(Step::Log), &sealing.finish(&office)));
    let mut bundle = draft(&office).bundle(&office);
    let entries = split_log(&bundle.log_entries);
    let (size, root) = head(&entries[..entries.len() - 1]);
    let origin = office.manifest.origin("log");
    let text = note::checkpoint_text(&origin, size, &root);
    bundle.log_checkpoint = note::sign(&origin, &text, &office.log_key).into_bytes();
    cases.push(Case::new("a checkpoint of the log before its result", Some(Step::Log), &bundle));
    cases
}

/// Encoded entries one behind the other, taken apart.
pub(super) fn split_log(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while let Some(length) = bytes.get(2..6) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize + 6;
        entries.push(bytes[..length].to_vec());
        bytes = &bytes[length..];
    }
    entries
}

/// V3. Files of a board are changed; log and checkpoint say what they said.
fn boards() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, change: &dyn Fn(&Office, &mut Bundle)| {
        let office = office();
        let mut bundle = draft(&office).bundle(&office);
        change(&office, &mut bundle);
        cases.push(Case::new(name, Some(Step::Boards), &bundle));
    };
    fn files(bundle: &mut Bundle, item: u16, round: u16) -> &mut BoardFiles {
        bundle.boards.get_mut(&(item, round)).unwrap()
    }
    add("a ballot is missing", &|_, bundle| {
        let files = files(bundle, 1, 2);
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        files.entries = Some(Board::sorted(board.ballots()[1..].to_vec()).entries());
    });
    add("a ballot and its checkpoint are gone, the log remembers", &|office, bundle| {
        let files = files(bundle, 1, 2);
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        let board = Board::sorted(board.ballots()[1..].to_vec());
        files.entries = Some(board.entries());
        let checkpoint = board.checkpoint(&office.manifest, Contest::new(1, 2), &office.log_key);
        files.checkpoint = Some(checkpoint.into_bytes());
    });
    add("a checkpoint of the board before its last ballot", &|office, bundle| {
        let files = files(bundle, 1, 2);
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        let board = Board::sorted(board.ballots()[1..].to_vec());
        let checkpoint = board.checkpoint(&office.manifest, Contest::new(1, 2), &office.log_key);
        files.checkpoint = Some(checkpoint.into_bytes());
    });
    add("a tally of four ballots", &|office, bundle| {
        let (votes, opening) = draft(office).contest(3, 1).figures(5);
        let mut file = vec![1];
        votes.iter().for_each(|t| file.extend_from_slice(&t.to_be_bytes()));
        file.extend_from_slice(&opening);
        files(bundle, 3, 1).tally = Some(file);
    });
    add("no tally of a published contest", &|_, bundle| files(bundle, 1, 2).tally = None);
    add("no proof", &|_, bundle| files(bundle, 1, 2).proof = None);
    add("a proof of an empty board", &|_, bundle| files(bundle, 4, 1).proof = Some(vec![1]));
    add("a board of a contest that was never opened", &|_, bundle| {
        let files = bundle.boards[&(4, 1)].clone();
        bundle.boards.insert((5, 1), files);
    });
    add("a board of a contest that does not exist", &|_, bundle| {
        bundle.boards.insert((1, 300), BoardFiles { tally: Some(vec![1]), ..BoardFiles::default() });
    });
    add("a whole board is missing", &|_, bundle| {
        bundle.boards.remove(&(2, 1));
    });
    add("the checkpoint of another board", &|_, bundle| {
        files(bundle, 1, 2).checkpoint = files(bundle, 2, 2).checkpoint.clone();
    });
    add("a checkpoint by the receipt key", &|office, bundle| {
        let files = files(bundle, 1, 2);
        let board = Board::from_entries(files.entries.as_ref().unwrap()).unwrap();
        let checkpoint = board.checkpoint(&office.manifest, Contest::new(1, 2), &office.receipt_key);
        files.checkpoint = Some(checkpoint.into_bytes());
    });
    add("a byte behind the last ballot", &|_, bundle| files(bundle, 1, 2).entries.as_mut().unwrap().push(0));
    add("another version of proof", &|_, bundle| files(bundle, 1, 2).proof.as_mut().unwrap()[0] = 2);
    cases
}

/// V4. Ballots that do not belong or do not stand where they stand; board, proof, tally and log are made for them.
fn orders() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, change: &dyn Fn(&Office, &mut Draft)| {
        let office = office();
        let mut draft = draft(&office);
        change(&office, &mut draft);
        cases.push(Case::new(name, Some(Step::Order), &draft.bundle(&office)));
    };
    add("one credential cast twice", &|office, draft| {
        let mut rng = draft.fresh();
        let contest = draft.contest(2, 2);
        let again = contest.casts[0].again(office, Contest::new(2, 2), 3, &mut rng);
        contest.casts[1] = again;
    });
    add("two ballots out of order", &|_, draft| {
        let contest = draft.contest(1, 2);
        contest.casts.sort_by_key(Cast::leaf);
        contest.casts.swap(3, 4);
        contest.unsorted = true;
    });
    add("one ballot stands twice", &|_, draft| {
        let contest = draft.contest(2, 2);
        let (bytes, j, r) = (contest.casts[0].bytes.clone(), contest.casts[0].j, contest.casts[0].r);
        let twin = &mut contest.casts[1];
        (twin.bytes, twin.j, twin.r) = (bytes, j, r);
    });
    add("a ballot of another round", &|_, draft| {
        let other = draft.contest(1, 1).casts.pop().unwrap();
        draft.contest(1, 2).casts[0] = other;
    });
    add("a ballot of another version", &|office, draft| {
        draft.contest(1, 2).casts[0].change(office, |bytes| bytes[0] = 2);
    });
    add("a ballot that is a byte too long", &|_, draft| draft.contest(1, 2).casts[0].bytes.push(0));
    cases
}

/// V13. The bundle is honest but for a ballot that somebody has a receipt for, or the receipt is not.
fn presented() -> Vec<Case> {
    let (office, mut cases) = (office(), Vec::new());
    let honest = draft(&office);
    let mut all = receipts(&office, &honest);
    let bundle = honest.bundle(&office);
    let mut short = draft(&office);
    let dropped = short.contest(1, 2).casts.remove(4);
    let contest = Contest::new(1, 2);
    let proof = Receipt::issue(&office.manifest, contest, &dropped.leaf(), &office.receipt_key).note.into_bytes();
    let short = short.bundle(&office);
    let fails = Some(Step::Receipts);
    cases.push(Case::new("a ballot dropped after its receipt", fails, &short).with_receipts(vec![proof]));
    let mut add = |name, note: String| {
        let receipts = vec![all[0].clone(), note.into_bytes()];
        cases.push(Case::new(name, fails, &bundle).with_receipts(receipts));
    };
    let manifest = &office.manifest;
    let leaf = draft(&office).contest(1, 2).casts[0].leaf();
    let mut other = manifest.clone();
    other.id = [3; 32];
    add("a receipt by the log key", Receipt::issue(manifest, contest, &leaf, &office.log_key).note);
    add("a receipt of another manifest", Receipt::issue(&other, contest, &leaf, &office.receipt_key).note);
    add("a receipt of the rehearsal", Receipt::issue(manifest, Contest::REHEARSAL, &leaf, &office.receipt_key).note);
    let never = Contest::new(5, 1);
    add("a receipt of a contest never opened", Receipt::issue(manifest, never, &leaf, &office.receipt_key).note);
    let elsewhere = Contest::new(2, 2);
    add("a receipt that names another contest", Receipt::issue(manifest, elsewhere, &leaf, &office.receipt_key).note);
    all[1].pop();
    cases.push(Case::new("a receipt cut short", fails, &bundle).with_receipts(all));
    cases
}
