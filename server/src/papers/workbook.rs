//! The workbook: the sheet to print, how the thresholds were compared, and the fingerprints to check against.
//!
//! Text is written as text, cell by cell, in cells that stay text when somebody edits them: there is no formula in the
//! workbook, and no text becomes one. No text of a meeting goes into a header or footer, where `&` is a command.

use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Workbook, Worksheet, XlsxError,
};

use super::{Count, PapersError, Row, Sheet, values::answer};

const A4: u8 = 9;
/// The time in the workbook's properties: it has one, and no clock is asked.
const MADE: (u16, u8, u8) = (2000, 1, 1);
/// Fonts that every office has; a program without them takes another.
const FONT: &str = "宋体";
const HEADING: &str = "黑体";
/// Widths of the first columns, in digits: number, name, unit, post, way of reporting, round.
const WIDTHS: [f64; 6] = [5.0, 10.0, 20.0, 14.0, 9.5, 5.0];
/// Height of a line, in points.
const LINE: f64 = 15.0;
/// Columns before the options.
const BEFORE: ColNum = 14;

/// Formats by what stands in the cell.
struct Formats {
    title: Format,
    heading: Format,
    line: Format,
    head: Format,
    text: Format,
    middle: Format,
    number: Format,
    share: Format,
    fingerprint: Format,
    sign: Format,
}

impl Formats {
    fn new() -> Self {
        let plain = Format::new().set_font_name(FONT).set_font_size(11).set_align(FormatAlign::VerticalCenter);
        let literal = plain.clone().set_num_format("@").set_quote_prefix();
        let boxed = |format: &Format| format.clone().set_border(FormatBorder::Thin).set_text_wrap();
        let middle = |format: &Format| format.clone().set_align(FormatAlign::Center);
        Self {
            title: middle(&literal).set_font_name(HEADING).set_font_size(20),
            heading: literal.clone().set_font_name(HEADING).set_font_size(14),
            line: literal.clone().set_text_wrap(),
            head: middle(&boxed(&literal)).set_font_name(HEADING),
            text: boxed(&literal),
            middle: middle(&boxed(&literal)),
            number: middle(&boxed(&plain)).set_num_format("0"),
            share: middle(&boxed(&plain)).set_num_format("0.0%"),
            fingerprint: boxed(&literal).set_font_name("Courier New").set_font_size(9),
            sign: literal.set_border_bottom(FormatBorder::Thin),
        }
    }
}

type Done = Result<(), XlsxError>;

impl From<XlsxError> for PapersError {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error.to_string())
    }
}

impl Sheet {
    /// The workbook's bytes.
    ///
    /// # Errors
    /// [`PapersError::Workbook`].
    pub fn workbook(&self) -> Result<Vec<u8>, PapersError> {
        let formats = Formats::new();
        let mut workbook = Workbook::new();
        let (year, month, day) = MADE;
        let made = ExcelDateTime::from_ymd(year, month, day)?;
        workbook.set_properties(&DocProperties::new().set_title("汇总表").set_creation_datetime(&made));
        self.table(page(workbook.add_worksheet(), "汇总表")?, &formats)?;
        self.sums(page(workbook.add_worksheet(), "门槛")?, &formats)?;
        self.fingerprints(page(workbook.add_worksheet(), "核对")?, &formats)?;
        Ok(workbook.save_to_buffer()?)
    }

    fn last_column(&self) -> ColNum {
        let of = |grade: bool| self.scale.iter().filter(|option| option.grade == grade).count();
        BEFORE + ColNum::try_from(2 * of(true) + of(false)).unwrap_or(0) + 4
    }

    /// The table to print and sign.
    fn table(&self, sheet: &mut Worksheet, formats: &Formats) -> Done {
        let last = self.last_column();
        sheet.merge_range(0, 0, 0, last, &self.title, &formats.title)?.set_row_height(0, 34)?;
        let about =
            format!("民主测评结果汇总表　　日期：{}　　地点：{}　　应到：{} 人", self.date, self.place, self.expected);
        sheet.merge_range(1, 0, 1, last, &about, &formats.line)?;
        let mut at = 2;
        for line in self.lines() {
            sheet.merge_range(at, 0, at, last, &line, &formats.line)?;
            at += 1;
        }
        self.head(sheet, at, formats)?;
        sheet.set_repeat_rows(at, at + 1)?;
        sheet.set_freeze_panes(at + 2, 2)?;
        at += 2;
        for row in &self.rows {
            self.row(sheet, at, row, formats)?;
            at += 1;
        }
        for line in self.remarks() {
            sheet.merge_range(at, 0, at, last, &line, &formats.line)?;
            at += 1;
        }
        at += 1;
        let quarter = (last + 1) / 4;
        for (place, who) in (0..).zip(["监票人：", "计票人：", "主持人：", "日　期："]) {
            let first = place * quarter;
            sheet.merge_range(at, first, at, first + quarter - 2, who, &formats.sign)?;
        }
        sheet.set_row_height(at, 36)?;
        Ok(())
    }

    fn head(&self, sheet: &mut Worksheet, at: RowNum, formats: &Formats) -> Done {
        let format = &formats.head;
        let names = ["序号", "姓名", "单位", "职务", "报告方式", "轮次"];
        sheet.set_row_height(at, 1.5 * LINE)?.set_row_height(at + 1, 2.2 * LINE)?;
        for (column, (name, width)) in (0..).zip(names.into_iter().zip(WIDTHS)) {
            sheet.merge_range(at, column, at + 1, column, name, format)?.set_column_width(column, width)?;
        }
        for (first, name) in [(6, "发出"), (9, "收回")] {
            sheet.merge_range(at, first, at, first + 2, name, format)?;
            for (column, part) in (first..).zip(["电子", "纸票", "合计"]) {
                sheet.write_string_with_format(at + 1, column, part, format)?.set_column_width(column, 5.5)?;
            }
        }
        for (column, name) in [(12, "未交"), (13, "有效")] {
            sheet.merge_range(at, column, at + 1, column, name, format)?.set_column_width(column, 5.5)?;
        }
        let mut column = BEFORE;
        for option in &self.scale {
            if option.grade {
                sheet.merge_range(at, column, at, column + 1, &option.name, format)?;
                sheet.write_string_with_format(at + 1, column, "票数", format)?.set_column_width(column, 5.5)?;
                sheet.write_string_with_format(at + 1, column + 1, "占比", format)?.set_column_width(column + 1, 7)?;
                column += 2;
            } else {
                sheet.merge_range(at, column, at + 1, column, &option.name, format)?.set_column_width(column, 5.5)?;
                column += 1;
            }
        }
        let policy = &self.policy;
        sheet.merge_range(at, column, at, column + 1, "纸票", format)?;
        let limits = [format!("达到{}", policy.reaches), format!("超过{}", policy.over)];
        sheet.merge_range(at, column + 2, at, column + 3, &policy.option, format)?;
        for (column, name) in (column..).zip(["无效", "不计等次", &limits[0], &limits[1]]) {
            sheet.write_string_with_format(at + 1, column, name, format)?.set_column_width(column, 9)?;
        }
        sheet.merge_range(at, column + 4, at + 1, column + 4, "结果", format)?.set_column_width(column + 4, 18)?;
        Ok(())
    }

    fn row(&self, sheet: &mut Worksheet, at: RowNum, row: &Row, formats: &Formats) -> Done {
        write_number(sheet, at, 0, u64::from(row.number), &formats.number)?;
        // Not every program makes a row higher for text that goes on in a second line.
        let lines =
            [&row.name, &row.unit, &row.post].into_iter().zip(&WIDTHS[1..4]).map(|(text, width)| lines(text, *width));
        sheet.set_row_height(at, LINE * (lines.fold(1.0, f64::max) + 0.5))?;
        for (column, text) in (1..).zip([&row.name, &row.unit, &row.post]) {
            sheet.write_string_with_format(at, column, text, &formats.text)?;
        }
        sheet.write_string_with_format(at, 4, row.report, &formats.middle)?;
        for column in 5..=self.last_column() {
            sheet.write_blank(at, column, &formats.middle)?;
        }
        match &row.count {
            Some(count) => self.figures(sheet, at, count, formats),
            None => write_last(sheet, at, self.last_column(), "未测评", formats),
        }
    }

    fn figures(&self, sheet: &mut Worksheet, at: RowNum, count: &Count, formats: &Formats) -> Done {
        let Count { issued, cast, .. } = count;
        let all = [issued.electronic, issued.paper, issued.all, cast.electronic, cast.paper, cast.all, count.missing];
        write_number(sheet, at, 5, u64::from(count.round), &formats.number)?;
        for (column, number) in (6..).zip(all) {
            write_number(sheet, at, column, number, &formats.number)?;
        }
        let last = self.last_column();
        if let Some(grades) = &count.grades {
            write_number(sheet, at, 13, grades.valid, &formats.number)?;
            let mut column = BEFORE;
            for (option, votes) in self.scale.iter().zip(&grades.votes) {
                write_number(sheet, at, column, votes.count, &formats.number)?;
                column += 1;
                if option.grade {
                    if let Some(permille) = votes.permille {
                        let share = f64::from(u32::try_from(permille).unwrap_or(u32::MAX)) / 1000.0;
                        sheet.write_number_with_format(at, column, share, &formats.share)?;
                    }
                    column += 1;
                }
            }
        }
        for (column, number) in (last - 4..).zip([count.invalid, count.ungraded]) {
            write_number(sheet, at, column, number, &formats.number)?;
        }
        if let Some(finding) = &count.finding {
            for (column, found) in (last - 2..).zip([finding.reaches, finding.over]) {
                sheet.write_string_with_format(at, column, answer(found), &formats.middle)?;
            }
        }
        write_last(sheet, at, last, count.ended, formats)
    }

    /// How each published round compares with the limits, in whole numbers.
    fn sums(&self, sheet: &mut Worksheet, formats: &Formats) -> Done {
        let policy = &self.policy;
        sheet.write_string_with_format(0, 0, "门槛比较", &formats.heading)?;
        sheet.merge_range(1, 0, 1, 8, &self.policy_in_words(), &formats.line)?.set_row_height(1, 32)?;
        let [reaches, over] = [format!("达到{}", policy.reaches), format!("超过{}", policy.over)];
        let votes = format!("{}票数", policy.option);
        let names = ["序号", "姓名", "轮次", &votes, "基数", &reaches, "算式", &over, "算式"];
        let widths = [6.0, 16.0, 6.0, 10.0, 8.0, 10.0, 28.0, 10.0, 28.0];
        for (column, (name, width)) in (0..).zip(names.into_iter().zip(widths)) {
            sheet.write_string_with_format(2, column, name, &formats.head)?.set_column_width(column, width)?;
        }
        sheet.set_repeat_rows(2, 2)?;
        let found = self.rows.iter().filter_map(|row| Some((row, row.count.as_ref()?)));
        let found = found.filter_map(|(row, count)| Some((row, count.round, count.finding.as_ref()?)));
        for (at, (row, round, finding)) in (3..).zip(found) {
            write_number(sheet, at, 0, u64::from(row.number), &formats.number)?;
            sheet.write_string_with_format(at, 1, &row.name, &formats.text)?;
            for (column, number) in (2..).zip([u64::from(round), finding.count, finding.base]) {
                write_number(sheet, at, column, number, &formats.number)?;
            }
            let words = [answer(finding.reaches), &finding.reaches_sum, answer(finding.over), &finding.over_sum];
            for (column, text) in (5..).zip(words) {
                sheet.write_string_with_format(at, column, text, &formats.middle)?;
            }
        }
        Ok(())
    }

    /// What the sheet is bound to.
    fn fingerprints(&self, sheet: &mut Worksheet, formats: &Formats) -> Done {
        sheet.write_string_with_format(0, 0, "核对信息", &formats.heading)?;
        for (column, (name, width)) in
            (0..).zip(["名称", "数目", "值（十六进制）", "屏幕码"].into_iter().zip([24.0, 8.0, 70.0, 46.0]))
        {
            sheet.write_string_with_format(1, column, name, &formats.head)?.set_column_width(column, width)?;
        }
        sheet.set_repeat_rows(1, 1)?;
        let Self { meeting, manifest, manifest_code, log, log_before, result, .. } = self;
        let mut lines = vec![
            ("会议编号".to_owned(), None, meeting, ""),
            ("会议清单".to_owned(), None, manifest, manifest_code.as_str()),
            ("操作记录".to_owned(), Some(log.size), &log.root, &log.code),
            ("操作记录（结果之前）".to_owned(), Some(log_before.size), &log_before.root, &log_before.code),
            ("结果 SHA-256".to_owned(), None, result, ""),
        ];
        for row in &self.rows {
            if let Some(count) = &row.count {
                let name = format!("票箱 第{}项第{}轮", row.number, count.round);
                lines.push((name, Some(count.size), &count.root, &count.code));
            }
        }
        for (at, (name, size, value, code)) in (2..).zip(lines) {
            sheet.write_string_with_format(at, 0, name, &formats.text)?;
            match size {
                Some(size) => write_number(sheet, at, 1, size, &formats.number)?,
                None => drop(sheet.write_blank(at, 1, &formats.number)?),
            }
            sheet.write_string_with_format(at, 2, value, &formats.fingerprint)?;
            sheet.write_string_with_format(at, 3, code, &formats.fingerprint)?;
        }
        Ok(())
    }
}

/// A page set up for printing on A4, landscape, as wide as it is.
fn page<'a>(sheet: &'a mut Worksheet, name: &str) -> Result<&'a mut Worksheet, XlsxError> {
    sheet.set_name(name)?.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_footer("&C&9第 &P 页，共 &N 页");
    Ok(sheet)
}

/// How many lines a text takes in a column of so many digits; a Chinese character is as wide as two.
fn lines(text: &str, width: f64) -> f64 {
    let wide: f64 = text.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.1 }).sum();
    (wide / (width - 1.0)).ceil().max(1.0)
}

fn write_number(sheet: &mut Worksheet, row: RowNum, column: ColNum, number: u64, format: &Format) -> Done {
    // Counts are far below 2^53, above which a spreadsheet rounds.
    #[allow(clippy::cast_precision_loss, reason = "counts are sums of a few 32-bit numbers")]
    sheet.write_number_with_format(row, column, number as f64, format)?;
    Ok(())
}

fn write_last(sheet: &mut Worksheet, row: RowNum, column: ColNum, text: &str, formats: &Formats) -> Done {
    sheet.write_string_with_format(row, column, text, &formats.middle)?;
    Ok(())
}
