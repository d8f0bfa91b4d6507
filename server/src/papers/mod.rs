//! 汇总表: the results of an archived meeting on paper, as workbook, as table of values, and as PDF.
//!
//! ```text
//! bundle -> signed result note -> Figures -> Sheet -> 汇总表.xlsx, 汇总表.csv, 汇总表.pdf
//! ```
//! Every figure is one of the signed result note; names come from the manifest. **The bundle is not verified here**
//! beyond its two signed notes: that is what an audit is for. No clock is read and nothing is drawn: the same bundle
//! gives the same bytes, always. What is printed is Chinese, whatever the screens speak.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use douxuan_crypto::{bundle::NotABundle, manifest::ManifestError};

mod count;
mod figures;
mod sheet;
mod values;
mod workbook;

#[cfg(feature = "pdf")]
pub mod pdf;

pub use count::{Count, Finding, Grades, Parts, Votes};
pub use figures::{Figures, NotAResult};
pub use sheet::{Head, Policy, Row, Sheet, Window};

/// Why there is no paper.
#[derive(Debug)]
pub enum PapersError {
    /// The file is not a bundle.
    Bundle(NotABundle),
    /// Its manifest.
    Manifest(ManifestError),
    /// Its result note, or the head of its log.
    Result(NotAResult),
    /// The workbook could not be written.
    Workbook(String),
    /// This program was built without PDF.
    BuiltWithoutPdf,
    /// No Chinese font was found, neither in the folder given nor in these.
    NoFont(Vec<PathBuf>),
    /// No font has these characters.
    NoGlyph(Vec<char>),
    /// The typesetter refused.
    Typeset(String),
    /// A file or folder.
    Io(PathBuf, io::Error),
}

impl std::fmt::Display for PapersError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bundle(error) => write!(f, "这不是归档文件（{error}）。请选择归档时导出的 .zip 文件。"),
            Self::Manifest(error) => write!(f, "归档文件中的会议清单不合规（{error}）。请先核验归档文件。"),
            Self::Result(error) => write!(f, "归档文件中的结果不合规（{error}）。请先核验归档文件。"),
            Self::Workbook(why) => write!(f, "汇总表没有写成（{why}）。请联系维护人员。"),
            Self::BuiltWithoutPdf => f.write_str(
                "本程序编译时没有带 PDF 功能。请使用带 PDF 的安装包，或用 cargo build --release --features pdf 重新编译；也可以打开 汇总表.xlsx 另存为 PDF。",
            ),
            Self::NoFont(folders) => {
                let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
                write!(
                    f,
                    "没有找到中文字体，不能生成 PDF。请安装 Noto Sans CJK（Debian、Ubuntu、麒麟、统信：apt install fonts-noto-cjk；Fedora、欧拉：dnf install google-noto-sans-cjk-fonts），或把字体文件放进一个文件夹并指定它。已找过：{}",
                    folders.join("、")
                )
            }
            Self::NoGlyph(characters) => {
                let characters: Vec<String> =
                    characters.iter().map(|c| format!("{c}（U+{:04X}）", u32::from(*c))).collect();
                write!(
                    f,
                    "字体缺少下列字，不能生成 PDF：{}。请把含有这些字的字体文件放进一个文件夹并指定它。",
                    characters.join("、")
                )
            }
            Self::Typeset(why) => write!(f, "PDF 排版没有完成（{why}）。请联系维护人员；汇总表.xlsx 不受影响。"),
            Self::Io(path, error) => write!(f, "{} 读写失败（{error}）。请检查文件夹和磁盘后再做一次。", path.display()),
        }
    }
}

impl std::error::Error for PapersError {}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The files, workbook first.
    pub files: Vec<PathBuf>,
    /// Why there is no PDF among them; nothing else depends on it.
    pub no_pdf: Option<PapersError>,
}

/// Writes all papers of a bundle into a folder, over those of an earlier time. `fonts` is a folder to look for fonts in
/// before the system's own.
///
/// # Errors
/// [`PapersError`] if the bundle cannot be read or a file not be written. A PDF that could not be made is not an
/// error: see [`Written::no_pdf`].
pub fn write(bundle: &[u8], folder: &Path, fonts: Option<&Path>) -> Result<Written, PapersError> {
    let sheet = Sheet::of_bundle(bundle)?;
    let mut papers = vec![("汇总表.xlsx", sheet.workbook()?), ("汇总表.csv", sheet.values())];
    let no_pdf = match pdf_of(&sheet, fonts) {
        Ok(pdf) => {
            papers.push(("汇总表.pdf", pdf));
            None
        }
        Err(error) => Some(error),
    };
    fs::create_dir_all(folder).map_err(|error| PapersError::Io(folder.to_owned(), error))?;
    let mut files = Vec::new();
    for (name, bytes) in papers {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| PapersError::Io(path.clone(), error))?;
        files.push(path);
    }
    Ok(Written { files, no_pdf })
}

/// The family that the PDF would be set in, if the system's fonts have every character of this text.
///
/// # Errors
/// [`PapersError::NoFont`], [`PapersError::NoGlyph`]; [`PapersError::BuiltWithoutPdf`] where the feature `pdf` is off.
#[cfg(feature = "pdf")]
pub fn pdf_family(text: &str) -> Result<String, PapersError> {
    pdf::Fonts::find(None)?.family_of(text)
}

/// The family that the PDF would be set in, if the system's fonts have every character of this text.
///
/// # Errors
/// [`PapersError::NoFont`], [`PapersError::NoGlyph`]; [`PapersError::BuiltWithoutPdf`] where the feature `pdf` is off.
#[cfg(not(feature = "pdf"))]
pub fn pdf_family(_text: &str) -> Result<String, PapersError> {
    Err(PapersError::BuiltWithoutPdf)
}

/// The PDF, with fonts from this folder or the system's.
///
/// # Errors
/// [`PapersError`]; [`PapersError::BuiltWithoutPdf`] always, where the feature `pdf` is off.
#[cfg(feature = "pdf")]
pub fn pdf_of(sheet: &Sheet, fonts: Option<&Path>) -> Result<Vec<u8>, PapersError> {
    sheet.pdf(&pdf::Fonts::find(fonts)?)
}

/// The PDF, with fonts from this folder or the system's.
///
/// # Errors
/// [`PapersError`]; [`PapersError::BuiltWithoutPdf`] always, where the feature `pdf` is off.
#[cfg(not(feature = "pdf"))]
pub fn pdf_of(_sheet: &Sheet, _fonts: Option<&Path>) -> Result<Vec<u8>, PapersError> {
    Err(PapersError::BuiltWithoutPdf)
}
