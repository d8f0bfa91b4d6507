//! The summary as a workbook. Text is written as text, in cells that stay text: no text becomes a formula.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use super::summary::Summary;
use crate::web::Refusal;

/// The time in the workbook's properties: it has one, and no clock is asked.
const MADE: (u16, u8, u8) = (2000, 1, 1);
const A4: u8 = 9;
/// Widths by column, in digits; what comes behind takes the last.
const WIDTHS: [f64; 5] = [18.0, 22.0, 60.0, 40.0, 24.0];
/// Characters that one cell holds.
const CELL: usize = 32_000;

impl Summary {
    /// The workbook's bytes: the same for the same summary.
    ///
    /// # Errors
    /// 500 if it cannot be written.
    pub(super) fn workbook(&self) -> Result<Vec<u8>, Refusal> {
        self.write().map_err(Refusal::broken)
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let text = Format::new().set_font_name("宋体").set_font_size(11).set_num_format("@").set_quote_prefix();
        let text = text.set_align(FormatAlign::Top).set_text_wrap().set_border(FormatBorder::Thin);
        let plain = Format::new().set_font_name("宋体").set_font_size(11).set_num_format("@").set_quote_prefix();
        let heading = plain.clone().set_font_name("黑体").set_font_size(14);
        let column = text.clone().set_font_name("黑体");
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_ymd(MADE.0, MADE.1, MADE.2)?;
        workbook.set_properties(&DocProperties::new().set_title("案卷摘要").set_creation_datetime(&made));
        let sheet = workbook.add_worksheet();
        sheet.set_name("案卷摘要")?.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_footer("&C&9第 &P 页，共 &N 页");
        for (at, width) in (0..).zip(WIDTHS) {
            sheet.set_column_width(at, width)?;
        }
        sheet.write_string_with_format(0, 0, &self.title, &heading)?;
        sheet.write_string_with_format(1, 0, &self.head, &plain)?;
        let mut at = 3;
        for section in &self.sections {
            sheet.write_string_with_format(at, 0, &section.title, &heading)?;
            at += 1;
            if section.rows.is_empty() {
                sheet.write_string_with_format(at, 0, "无", &plain)?;
                at += 2;
                continue;
            }
            for (place, name) in (0..).zip(&section.columns) {
                sheet.write_string_with_format(at, place, name, &column)?;
            }
            at += 1;
            for row in &section.rows {
                for (place, cell) in (0..).zip(row) {
                    let cut: String = cell.chars().take(CELL).collect();
                    sheet.write_string_with_format(at, place, cut, &text)?;
                }
                at += 1;
            }
            at += 1;
        }
        workbook.save_to_buffer()
    }
}
