//! `spot-check`: what the server hands out now, compared with what the manifest fixed before any slip was printed.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use douxuan_crypto::{
    bytes::{hex, unhex},
    hash::sha256,
    screen_code,
};

use crate::{
    journey::{PageFacts, Stop, read_manifest},
    native::door::{Door, NetworkError},
    wire,
};

/// What `spot-check` is asked.
#[derive(clap::Args)]
pub struct Args {
    /// The address on the slip, `http://host:port` or `https://host:port`.
    url: String,
    /// Connect to this host:port instead, as if a resolver said so.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// PEM file of the authority to believe, where the server has a certificate that this machine does not know.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Fetches manifest, page script and both wasm files like a phone and compares. Status 0: they agree. 1: they do not.
///
/// **It sees what is handed to this computer**: a server can give a phone something else. Ask from more than one.
///
/// # Errors
/// If the server is not reached or the report not written.
pub async fn run(args: &Args, out: &mut impl Write) -> Result<u8, Box<dyn std::error::Error>> {
    let door = Door::trusting(&args.url, args.connect.as_deref(), args.ca.as_deref()).await?;
    let manifest = door.fetch(wire::MANIFEST, wire::MANIFEST_LIMIT).await?;
    let script = page(&door, wire::SCRIPT).await?;
    let pin = pinned(&script);
    let receipts = if pin.is_some() { page(&door, wire::AUDIT_WASM).await? } else { Vec::new() };
    let facts = PageFacts::of(&script, &page(&door, wire::WASM).await?);
    let manifest = match read_manifest(&manifest, None) {
        Ok(manifest) => manifest,
        Err(stop) => {
            writeln!(out, "会议清单不合规 · the manifest is not valid: {stop}")?;
            return Ok(1);
        }
    };
    writeln!(out, "{} · {} · {}", manifest.title, manifest.date, manifest.place)?;
    writeln!(out, "屏幕码 screen code   {}", screen_code::manifest_code(&manifest.id))?;
    writeln!(out, "请与票纸和大屏幕核对。 Compare it with a slip and the hall's screen.")?;
    let script = compare(out, "页面程序 page script", &facts.script, &manifest.page_script)?;
    let wasm = compare(out, "加密程序 page wasm", &facts.wasm, &manifest.page_wasm)?;
    // The manifest fixes the script, and the script the wasm that draws receipts.
    let receipts = match pin {
        Some(pin) => compare(out, "回执程序 receipt wasm", &sha256(&receipts), &pin)?,
        None => true,
    };
    Ok(u8::from(!(script && wasm && receipts)))
}

/// The SHA-256 that the script gives as `AUDIT_WASM = '<hex>'`.
fn pinned(script: &[u8]) -> Option<[u8; 32]> {
    let text = core::str::from_utf8(script).ok()?;
    let (_, behind) = text.split_once("AUDIT_WASM = '")?;
    unhex(behind.split_once('\'')?.0)
}

async fn page(door: &Door, path: &str) -> Result<Vec<u8>, NetworkError> {
    door.fetch(path, 4 << 20).await
}

fn compare(out: &mut impl Write, what: &str, here: &[u8; 32], fixed: &[u8; 32]) -> io::Result<bool> {
    if here == fixed {
        writeln!(out, "{what}: 一致 match ({})", &hex(here)[..16])?;
    } else {
        writeln!(out, "{what}: 不一致 DIFFER\n    此刻 now   {}\n    登记 fixed {}", hex(here), hex(fixed))?;
        writeln!(
            out,
            "    请停止使用，报告监票人。 {}",
            if what.contains("wasm") { Stop::OtherWasm } else { Stop::OtherScript }
        )?;
    }
    Ok(here == fixed)
}
