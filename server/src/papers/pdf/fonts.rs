//! The Chinese fonts of this machine. None is shipped: every system has its own way to install them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use typst::{
    foundations::Bytes,
    text::{Font, FontBook, is_default_ignorable},
    utils::LazyHash,
};

use crate::papers::PapersError;

/// Families that are looked for, best first: all under the Open Font License, with the characters of names.
const FAMILIES: [&str; 3] = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC"];
/// How their files begin, in lower case and without separators.
const FILES: [&str; 3] = ["notosanscjk", "notosanssc", "sourcehansans"];
/// Where systems keep fonts. Those that are not there are passed over.
const FOLDERS: [&str; 6] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
    "C:\\Program Files\\Common Files\\Microsoft Shared\\Fonts",
];
/// Folders below a folder.
const DEPTH: usize = 6;

/// Fonts to print with.
pub struct Fonts {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
}

impl Fonts {
    /// Every font of the folder given, and the Noto or Source Han fonts of the system.
    ///
    /// # Errors
    /// [`PapersError::NoFont`] if none is Chinese, [`PapersError::Io`] if the folder cannot be read.
    pub fn find(folder: Option<&Path>) -> Result<Self, PapersError> {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let homes = home.iter().flat_map(|home| [home.join(".local/share/fonts"), home.join(".fonts")]);
        let system: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).chain(homes).collect();
        Self::find_in(folder, &system)
    }

    /// The same in other folders than the system's own.
    ///
    /// # Errors
    /// The same.
    pub fn find_in(folder: Option<&Path>, system: &[PathBuf]) -> Result<Self, PapersError> {
        let mut fonts = Vec::new();
        if let Some(folder) = folder {
            drop(fs::read_dir(folder).map_err(|error| PapersError::Io(folder.to_owned(), error))?);
            for path in files(folder) {
                fonts.extend(read(&path)?);
            }
        }
        // Regular and bold only: what else the family has is not printed, and each is 20 MB.
        let wanted = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            let name = name.replace(['-', '_', ' '], "");
            FILES.iter().any(|file| name.starts_with(file))
                && ["regular", "bold", "vf", "wght"].iter().any(|w| name.contains(w))
        };
        let mut seen = BTreeSet::new();
        for path in system.iter().flat_map(|folder| files(folder)).filter(|path| wanted(path)) {
            if path.file_name().is_some_and(|name| seen.insert(name.to_owned())) {
                fonts.extend(read(&path)?.into_iter().filter(|font| FAMILIES.contains(&font.info().family.as_str())));
            }
        }
        if !fonts.iter().any(is_chinese) {
            return Err(PapersError::NoFont(folder.map(Path::to_owned).into_iter().chain(system.to_vec()).collect()));
        }
        let book = FontBook::from_fonts(&fonts);
        Ok(Self { fonts, book: LazyHash::new(book) })
    }

    /// The families to set in: those that are looked for, best first, then whatever Chinese ones a folder has.
    #[must_use]
    pub fn families(&self) -> Vec<&str> {
        let of = |font: &'_ &Font| is_chinese(font);
        let mut families: Vec<&str> = self.fonts.iter().filter(of).map(|font| font.info().family.as_str()).collect();
        families.sort_by_key(|family| FAMILIES.iter().position(|known| known == family).unwrap_or(FAMILIES.len()));
        families.dedup();
        families
    }

    /// The first family to set in, if some font has each character of this text.
    ///
    /// # Errors
    /// [`PapersError::NoGlyph`].
    pub fn family_of(&self, text: &str) -> Result<String, PapersError> {
        self.cover(std::iter::once(text))?;
        Ok(self.families().first().map_or_else(String::new, |family| (*family).to_owned()))
    }

    /// That some font has each of these characters.
    ///
    /// # Errors
    /// [`PapersError::NoGlyph`].
    pub fn cover<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Result<(), PapersError> {
        let used: BTreeSet<char> = texts.flat_map(str::chars).collect();
        let has = |c: char| self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)));
        let missing: Vec<char> = used.into_iter().filter(|c| !is_default_ignorable(*c) && !has(*c)).collect();
        if missing.is_empty() { Ok(()) } else { Err(PapersError::NoGlyph(missing)) }
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(super) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

fn is_chinese(font: &Font) -> bool {
    font.info().coverage.contains(u32::from('测'))
}

fn read(path: &Path) -> Result<Vec<Font>, PapersError> {
    let bytes = fs::read(path).map_err(|error| PapersError::Io(path.to_owned(), error))?;
    Ok(Font::iter(Bytes::new(bytes)).collect())
}

/// Font files below a folder, in the order of their names; nothing where it cannot be read.
fn files(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            if ["ttf", "otf", "ttc", "otc"].contains(&extension.as_str()) {
                found.push(path);
            } else if depth > 0 && path.is_dir() {
                walk(&path, depth - 1, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, DEPTH, &mut found);
    found.sort();
    found
}
