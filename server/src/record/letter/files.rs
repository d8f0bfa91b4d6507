//! `/api/record/letters/{letter}/letter.…`: a letter as a file.

use axum::{extract::State, response::Response};

use super::{Fixed, Letter, Text, docx, pdf::Setter};
use crate::{
    record::{
        Id, Record,
        api::Endpoint,
        field::At,
        file::{FileKind, download},
    },
    web::Refusal,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/letters/{letter}/letter.docx", "The letter as a Word document.", as_docx)
            .answers_file(FileKind::Docx.media()),
        Endpoint::get("/api/record/letters/{letter}/letter.pdf", "The letter as PDF.", as_pdf)
            .answers_file(FileKind::Pdf.media()),
    ]
}

async fn as_docx(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let bytes = match given(&record, id)? {
        Given::Approved(fixed) => record.read_file(&fixed.docx).await?,
        Given::Draft(text) => docx::write(&text, true)?,
    };
    Ok(download(bytes, FileKind::Docx.media(), &format!("letter-{id}.docx")))
}

async fn as_pdf(State(record): State<Record>, At(id): At) -> Result<Response, Refusal> {
    let text = match given(&record, id)? {
        Given::Approved(Fixed { pdf: Some(pdf), .. }) => {
            let bytes = record.read_file(&pdf).await?;
            return Ok(download(bytes, FileKind::Pdf.media(), &format!("letter-{id}.pdf")));
        }
        Given::Approved(_) => {
            return Err(Refusal::conflict(
                "这份反馈函审定时没有生成 PDF。",
                "请下载 DOCX：档案留存的是它，它的 SHA-256 记在档案里。",
            ));
        }
        Given::Draft(text) => text,
    };
    let (_, pdf) = written(text, true).await?;
    let bytes =
        pdf.ok_or_else(|| Refusal::conflict("这台服务器不能生成 PDF。", "请下载 DOCX，在文字处理软件里另存为 PDF。"))?;
    Ok(download(bytes, FileKind::Pdf.media(), &format!("letter-{id}.pdf")))
}

enum Given {
    Approved(Fixed),
    Draft(Text),
}

fn given(record: &Record, id: Id) -> Result<Given, Refusal> {
    let now = record.book().now();
    let letter = now.documents.get::<Letter>(id)?.body;
    Ok(match letter.fixed {
        Some(fixed) => Given::Approved(fixed),
        None => Given::Draft(Text::of(&now.documents, &letter)?),
    })
}

/// Word document and PDF; `None` only where this program was built without it. Takes a while: never on a thread that
/// serves.
///
/// # Errors
/// The PDF could not be set: then nothing is approved or handed out without it.
pub(super) async fn written(text: Text, draft: bool) -> Result<(Vec<u8>, Option<Vec<u8>>), Refusal> {
    let write = move || {
        let pdf = match Setter::new()? {
            Some(setter) => Some(setter.write(&text, draft)?),
            None => None,
        };
        Ok((docx::write(&text, draft)?, pdf))
    };
    tokio::task::spawn_blocking(write).await.map_err(Refusal::broken)?
}
