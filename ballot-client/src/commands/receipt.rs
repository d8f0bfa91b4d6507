//! `receipt`: finds the ballots of receipts on their boards, without telling anybody which ones are looked for.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use douxuan_crypto::{
    board::{Board, open_checkpoint},
    bundle::Bundle,
    contest::Contest,
    manifest::Manifest,
    receipt::Receipt,
};

use crate::{
    native::door::{Door, NetworkError},
    receipts::{self, text::Found},
    wire,
};

/// What `receipt` is asked.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("where").required(true))]
pub struct Args {
    /// The receipts, as the phone shows, saves or draws them: text, or what its QR codes hold.
    receipt: PathBuf,
    /// Look in this bundle.
    #[arg(long, group = "where", value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Download every board of this server and look there.
    #[arg(long, group = "where", value_name = "URL")]
    url: Option<String>,
    /// Connect to this host:port instead, as if a resolver said so.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// PEM file of the authority to believe, where the server has a certificate that this machine does not know.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// A board as somebody hands it out.
struct Handed {
    checkpoint: Vec<u8>,
    entries: Vec<u8>,
}

/// Status 0: every ballot is on its signed board. 1: one is not, or a receipt or board does not hold. 2: nothing to
/// look in.
///
/// # Errors
/// If a file or the server cannot be read.
pub async fn run(args: &Args, out: &mut impl Write) -> Result<u8, Box<dyn std::error::Error>> {
    let text = String::from_utf8_lossy(&fs::read(&args.receipt)?).into_owned();
    let (manifest, boards) = match (&args.bundle, &args.url) {
        (Some(path), _) => from_bundle(&fs::read(path)?)?,
        (None, Some(url)) => {
            from_server(&Door::trusting(url, args.connect.as_deref(), args.ca.as_deref()).await?).await?
        }
        (None, None) => return Ok(2),
    };
    let found = match receipts::gather(&text) {
        Ok(found) if found.is_empty() => vec![Found::Broken(1)],
        Ok(found) => found,
        Err(problem) => {
            writeln!(out, "二维码里的文字不完整或被改过。 {problem}.")?;
            return Ok(1);
        }
    };
    // One receipt that fails is what the status says; "not yet" comes next.
    let mut statuses = Vec::with_capacity(found.len());
    for each in &found {
        let note = match each {
            Found::Note(note) => note.to_text(),
            Found::Broken(_) => String::new(),
        };
        statuses.push(judge(&manifest, &boards, note.as_bytes(), out)?);
    }
    let worst = |status| statuses.contains(&status).then_some(status);
    Ok(worst(1).or_else(|| worst(2)).unwrap_or(0))
}

type Boards = Vec<(Contest, Handed)>;

fn from_bundle(bytes: &[u8]) -> Result<(Manifest, Boards), Box<dyn std::error::Error>> {
    let bundle = Bundle::from_zip(bytes).map_err(|error| error.to_string())?;
    let manifest = Manifest::parse(&bundle.manifest)?;
    let board = |((item, round), files): (&(u16, u16), &douxuan_crypto::bundle::BoardFiles)| {
        let contest = Contest::new(*item, u8::try_from(*round).ok()?);
        Some((contest, Handed { checkpoint: files.checkpoint.clone()?, entries: files.entries.clone()? }))
    };
    let boards = bundle.boards.iter().filter_map(board).collect();
    Ok((manifest, boards))
}

/// All boards, whichever is looked for: the server learns that somebody looks, not for what.
async fn from_server(door: &Door) -> Result<(Manifest, Boards), Box<dyn std::error::Error>> {
    let manifest = Manifest::parse(&door.fetch(wire::MANIFEST, wire::MANIFEST_LIMIT).await?)?;
    let mut boards = Vec::new();
    for keys in &manifest.contests {
        let part = async |file: &str| door.fetch(&wire::board(keys.contest, file), wire::DOWNLOAD_LIMIT).await;
        let checkpoint = match part("checkpoint").await {
            Err(NetworkError::Status(404, _)) => continue,
            other => other?,
        };
        boards.push((keys.contest, Handed { checkpoint, entries: part("entries").await? }));
    }
    Ok((manifest, boards))
}

fn judge(manifest: &Manifest, boards: &Boards, note: &[u8], out: &mut impl Write) -> io::Result<u8> {
    let Ok(receipt) = Receipt::verify(manifest, note) else {
        writeln!(out, "这不是本次会议的有效回执。 Not a valid receipt of this meeting.")?;
        return Ok(1);
    };
    let Some((_, handed)) = boards.iter().find(|(contest, _)| *contest == receipt.contest) else {
        writeln!(
            out,
            "这一项还没有公开清单，请在截止后再查。 No board of contest {} yet: look after the close.",
            receipt.contest
        )?;
        return Ok(2);
    };
    let signed = open_checkpoint(manifest, receipt.contest, &handed.checkpoint);
    let board = Board::from_entries(&handed.entries);
    let (Ok((size, root)), Ok(board)) = (signed, board) else {
        writeln!(
            out,
            "公开清单读不出来或签名无效，请保留并报告监票人。 The board is broken: keep it, tell the scrutineer."
        )?;
        return Ok(1);
    };
    if board.size() as u64 != size || board.root() != root {
        writeln!(out, "公开清单与签名的树根不符，请保留并报告监票人。 The board is not the signed one: keep it.")?;
        return Ok(1);
    }
    let item = manifest.item(receipt.contest.item).map_or("", |item| item.name.as_str());
    if board.leaves().contains(&receipt.leaf) {
        writeln!(out, "在票箱里。 On the board: contest {} {item}, {size} ballots.", receipt.contest)?;
        Ok(0)
    } else {
        writeln!(
            out,
            "有有效回执，但不在票箱里：这证明有人动过票。请保留回执和清单，报告监票人。\n\
             The receipt is valid and its ballot is not on the board of contest {} {item}: proof of misconduct. Keep both.",
            receipt.contest
        )?;
        Ok(1)
    }
}
