//! The table of values: one line a round, as comma-separated text that spreadsheet programs open.

use super::{Count, Sheet};

/// What a spreadsheet program takes for the beginning of a formula, in half and in full width.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell of text that no program takes for a formula: with an apostrophe before it where one might.
fn literal(text: &str) -> String {
    let begins = |text: &str| text.starts_with(FORMULA);
    if begins(text) || begins(text.trim_start()) { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r', ' ']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Thousandths as `21.8%`.
pub(super) fn percent(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// 是, 否, or what is said of an empty base.
pub(super) const fn answer(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "是",
        Some(false) => "否",
        None => "无票可算",
    }
}

impl Sheet {
    /// The table in UTF-8 with a byte order mark, lines ended by CR LF.
    #[must_use]
    pub fn values(&self) -> Vec<u8> {
        let mut out = String::from('\u{feff}');
        let mut line = |cells: Vec<String>| {
            out.push_str(&cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
            out.push_str("\r\n");
        };
        let names = self.names_of_columns();
        let columns = names.len();
        line(names);
        for row in &self.rows {
            let mut cells = vec![row.number.to_string()];
            cells.extend([&row.name, &row.unit, &row.post].map(|text| literal(text)));
            cells.push(row.report.to_owned());
            match &row.count {
                Some(count) => cells.extend(self.cells(count)),
                None => cells.extend([String::new(), "未测评".to_owned()]),
            }
            cells.resize(columns, String::new());
            line(cells);
        }
        out.into_bytes()
    }

    fn names_of_columns(&self) -> Vec<String> {
        const FIRST: [&str; 16] = [
            "序号",
            "姓名",
            "单位",
            "职务",
            "报告方式",
            "轮次",
            "结果",
            "发出电子票",
            "发出纸票",
            "发出",
            "收回电子票",
            "收回纸票",
            "收回",
            "未交",
            "有效",
            "弃权",
        ];
        let mut names: Vec<String> = FIRST.map(str::to_owned).to_vec();
        names.extend(["纸票无效", "纸票不计等次"].map(str::to_owned));
        for option in &self.scale {
            names.push(literal(&format!("{}票数", option.name)));
            if option.grade {
                names.push(literal(&format!("{}占比", option.name)));
            }
        }
        let policy = &self.policy;
        names.push(literal(&format!("{}票数（门槛）", policy.option)));
        names.push("门槛基数".to_owned());
        names.push(literal(&format!("{}达到{}", policy.option, policy.reaches)));
        names.push(literal(&format!("{}超过{}", policy.option, policy.over)));
        names.extend(["票箱票数", "票箱根", "票箱根屏幕码"].map(str::to_owned));
        names
    }

    fn cells(&self, count: &Count) -> Vec<String> {
        let mut cells = vec![count.round.to_string(), count.ended.to_owned()];
        for parts in [count.issued, count.cast] {
            cells.extend([parts.electronic, parts.paper, parts.all].map(|n| n.to_string()));
        }
        cells.push(count.missing.to_string());
        let grades = count.grades.as_ref();
        cells.extend([grades.map(|g| g.valid), grades.map(|g| g.abstained)].map(number));
        cells.extend([count.invalid, count.ungraded].map(|n| n.to_string()));
        for (place, option) in self.scale.iter().enumerate() {
            let votes = grades.and_then(|grades| grades.votes.get(place));
            cells.push(number(votes.map(|votes| votes.count)));
            if option.grade {
                cells.push(votes.and_then(|votes| votes.permille).map(percent).unwrap_or_default());
            }
        }
        let finding = count.finding.as_ref();
        cells.extend([finding.map(|f| f.count), finding.map(|f| f.base)].map(number));
        cells.extend(
            [finding.map(|f| f.reaches), finding.map(|f| f.over)].map(|a| a.map(answer).unwrap_or_default().to_owned()),
        );
        cells.extend([count.size.to_string(), count.root.clone(), count.code.clone()]);
        cells
    }
}

fn number(number: Option<u64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_might_be_a_formula_gets_an_apostrophe() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u{3000}=1"] {
            assert!(literal(text).starts_with('\''), "{text:?}");
        }
        for text in ["张三", "A=1", "第1-2科", "'", ""] {
            assert_eq!(literal(text), text);
        }
        assert_eq!(quoted(&literal("=\"a\",b")), "\"'=\"\"a\"\",b\"");
        assert_eq!(percent(5), "0.5%");
        assert_eq!(percent(1000), "100.0%");
    }
}
