//! QR codes as SVG, for slips, Wi-Fi sheet and hall screen.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around a code.
const QUIET: usize = 4;

/// A text that is too long for a QR code.
#[derive(Debug)]
pub(crate) struct NoCode;

/// As an element of a page; `label` says what it is.
///
/// # Errors
/// [`NoCode`].
pub(crate) fn element(text: &str, label: &str) -> Result<String, NoCode> {
    let (side, path) = drawn(text)?;
    Ok(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" role=\"img\" \
         aria-label=\"{}\"><path d=\"{path}\"/></svg>",
        crate::messages::escape(label)
    ))
}

/// As a file of its own, dark on white whatever it is laid upon.
///
/// # Errors
/// [`NoCode`].
pub(crate) fn file(text: &str) -> Result<String, NoCode> {
    let (side, path) = drawn(text)?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    ))
}

/// Side in modules, and one path of runs: a third of the bytes of one square a module.
fn drawn(text: &str) -> Result<(usize, String), NoCode> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| NoCode)?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Ok((width + 2 * QUIET, path))
}
