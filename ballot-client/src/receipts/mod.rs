//! Receipts after the meeting: read from text or from a picture, packed for a picture, looked up on whole boards.
//!
//! text or picture -> notes -> signature -> board
//!
//! Everything is done where the receipt is. What is public (manifest, log, boards, bundle) comes in whole, so that
//! whoever hands it out learns nothing of what is looked for.

// What a receipt looks like to a person: text with other text around it, or parts for pictures.
pub mod pack;
pub mod text;

// What QR codes are made of and read from.
pub mod picture;

// What becomes of a receipt, and the codes to compare with a slip, the screen and the minutes.
pub mod codes;
pub mod lookup;

// A whole bundle.
mod json;
pub mod report;

/// Notes in a text that holds notes, packed parts, or both, in the order in which they stand, each once.
///
/// # Errors
/// [`pack::Problem`] if the packed parts do not make a whole. A text without parts has no such problem.
pub fn gather(text: &str) -> Result<Vec<text::Found>, pack::Problem> {
    let mut found = text::find(text);
    match pack::unpack(text) {
        Ok(notes) => found.extend(notes.into_iter().map(text::Found::Note)),
        Err(pack::Problem::Nothing) => {}
        Err(problem) => return Err(problem),
    }
    let mut seen = Vec::new();
    found.retain(|each| {
        !seen.contains(each) && {
            seen.push(each.clone());
            true
        }
    });
    Ok(found)
}
