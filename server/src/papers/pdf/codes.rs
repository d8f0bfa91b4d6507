//! What the QR codes of the sheet hold: the fingerprints that the sheet prints, as plain text that any scanner shows.
//!
//! ```text
//! douxuan <meeting hex>                    douxuan <meeting hex>
//! manifest <M hex>                         board <item>/<round> <size> <root hex>
//! log <size> <root hex>                    board ...
//! result <SHA-256 hex>
//! ```

use std::fmt::Write as _;

use crate::papers::{PapersError, Sheet};
use qrcode::{Color, EcLevel, QrCode};

/// Boards in one code: with more, a phone cannot read it off paper at 4 cm.
const BOARDS: usize = 4;
/// Light modules around a code.
const QUIET: usize = 4;

/// A code and what stands below it.
pub(super) struct Code {
    /// Caption.
    pub(super) caption: String,
    /// Its text.
    text: String,
}

impl Sheet {
    /// Every code, the one of the meeting first.
    pub(super) fn codes(&self) -> Vec<Code> {
        let Self { meeting, manifest, log, result, .. } = self;
        let mut codes = vec![Code {
            caption: "会议清单、操作记录、结果".to_owned(),
            text: format!("douxuan {meeting}\nmanifest {manifest}\nlog {} {}\nresult {result}\n", log.size, log.root),
        }];
        let boards: Vec<_> = self.rows.iter().filter_map(|row| Some((row.number, row.count.as_ref()?))).collect();
        for part in boards.chunks(BOARDS) {
            let mut text = format!("douxuan {meeting}\n");
            for (item, count) in part {
                let _ = writeln!(text, "board {item}/{} {} {}", count.round, count.size, count.root);
            }
            let ends = [part.first(), part.last()].map(|end| end.map_or((0, 0), |(item, count)| (*item, count.round)));
            let [from, to] = ends.map(|(item, round)| format!("{item}/{round}"));
            codes.push(Code {
                caption: if from == to { format!("票箱 {from}") } else { format!("票箱 {from} 至 {to}") },
                text,
            });
        }
        codes
    }
}

impl Code {
    /// The picture: one path of runs, a unit a module.
    pub(super) fn svg(&self) -> Result<String, PapersError> {
        let code = QrCode::with_error_correction_level(&self.text, EcLevel::M)
            .map_err(|error| PapersError::Typeset(error.to_string()))?;
        let width = code.width();
        let side = width + 2 * QUIET;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" viewBox=\"0 0 {side} {side}\"><path d=\""
        );
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
                if run > 0 {
                    let _ = write!(out, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        out.push_str("\"/></svg>");
        Ok(out)
    }
}
