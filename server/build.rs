//! Lists the pages that are built in. A new migration file must be noticed, too: the migration macro only tracks those
//! that it has seen.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=pages");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("pages");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| [".html", ".js", ".css"].iter().any(|kind| name.ends_with(kind)))
        .collect();
    names.sort();
    let entries: String = names
        .iter()
        .map(|name| format!("    ({name:?}, include_bytes!({:?})),\n", folder.join(name).display().to_string()))
        .collect();
    let out = Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("pages.rs");
    let text = format!("pub(super) const PAGES: &[(&str, &[u8])] = &[\n{entries}];\n");
    if let Err(error) = fs::write(&out, text) {
        println!("cargo:warning={}: {error}", out.display());
        std::process::exit(1);
    }
}
