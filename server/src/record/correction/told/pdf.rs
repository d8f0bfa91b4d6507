//! The same as PDF.

use serde_json::json;

use super::{Paper, heading, zh};
use crate::{record::pdf::Press, web::Refusal};

impl Paper {
    /// # Errors
    /// This program makes none, or it could not be set.
    pub(super) async fn pdf(self) -> Result<Vec<u8>, Refusal> {
        tokio::task::spawn_blocking(move || self.set()).await.map_err(Refusal::broken)?
    }

    fn set(&self) -> Result<Vec<u8>, Refusal> {
        let press = Press::new()?.ok_or_else(|| {
            Refusal::conflict("这台服务器不能生成 PDF。", "请下载 DOCX，在文字处理软件里另存为 PDF。")
        })?;
        let headings: Vec<String> = (1..).zip(&self.told).map(|(number, heard)| heading(number, heard)).collect();
        let labels = ["notice", "report", "checks", "no_check", "decision", "undecided"].map(|key| (key, zh(key, &[])));
        let labels: std::collections::BTreeMap<_, _> = labels.into_iter().collect();
        let data = json!({ "paper": self, "headings": headings, "labels": labels });
        let text = data.to_string();
        press.set(include_str!("told.typ"), data, [text.as_str()], &self.foot)
    }
}
