//! QR codes: drawn for a screen, read from a picture in gray.

use qrcode::{Color, EcLevel, QrCode};
use quircs::Quirc;

/// Draws a text: `width(1) || module(1)^(width * width)`, row by row, 1 for dark, without the light border of four
/// modules that has to stand around it. `None` for a text that no code holds.
#[must_use]
pub fn draw(text: &[u8]) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let mut out = vec![u8::try_from(code.width()).ok()?];
    out.extend(code.to_colors().into_iter().map(|color| u8::from(color == Color::Dark)));
    Some(out)
}

/// The texts of all codes in a picture of `width * height` gray bytes, row by row, in the order in which they are found.
/// Empty for a picture of another size.
#[must_use]
pub fn read(gray: &[u8], width: usize, height: usize) -> Vec<String> {
    if width == 0 || width.checked_mul(height) != Some(gray.len()) {
        return Vec::new();
    }
    let text = |code: quircs::Code| String::from_utf8(code.decode().ok()?.payload).ok();
    let mut finder = Quirc::new();
    finder.identify(width, height, gray).filter_map(Result::ok).filter_map(text).collect()
}
