//! What the record beside the meetings may ask: which meetings were frozen here, and the bundle of the archived one.

use std::{path::Path, sync::Arc};

use axum::body::Bytes;
use douxuan_crypto::hash::sha256;
use futures_util::future::BoxFuture;
use sqlx::Row;

use super::{Desk, OfficeError, office::Office};
use crate::{
    record::{Known, Meetings},
    web::Refusal,
};

impl Office {
    /// How a meeting was frozen, if it was.
    ///
    /// # Errors
    /// [`OfficeError`].
    async fn frozen_as(&self, meeting: &[u8; 16]) -> Result<Option<Known>, OfficeError> {
        let mut db = self.db().await?;
        let row = sqlx::query("SELECT manifest, drill FROM meeting WHERE meeting = ? AND manifest IS NOT NULL")
            .bind(meeting.as_slice())
            .fetch_optional(&mut *db)
            .await?;
        Ok(row.map(|row| {
            let manifest: Vec<u8> = row.get("manifest");
            Known { manifest: sha256(&manifest), drill: row.get("drill") }
        }))
    }
}

impl Meetings for Desk {
    fn known(&self, meeting: [u8; 16]) -> BoxFuture<'_, Result<Option<Known>, Refusal>> {
        Box::pin(async move { self.office().frozen_as(&meeting).await.map_err(Refusal::broken) })
    }

    fn bundle(&self) -> BoxFuture<'_, Option<Bytes>> {
        Box::pin(async move { self.parts().shelf.bundle() })
    }
}

/// The meetings of a data folder, while no server runs there.
struct OnDisk(Office);

impl Meetings for OnDisk {
    fn known(&self, meeting: [u8; 16]) -> BoxFuture<'_, Result<Option<Known>, Refusal>> {
        Box::pin(async move { self.0.frozen_as(&meeting).await.map_err(Refusal::broken) })
    }

    fn bundle(&self) -> BoxFuture<'_, Option<Bytes>> {
        Box::pin(async { None })
    }
}

/// The meetings of a data folder that no server holds.
///
/// # Errors
/// [`OfficeError`].
pub async fn meetings(folder: &Path) -> Result<Arc<dyn Meetings>, OfficeError> {
    Ok(Arc::new(OnDisk(Office::open(folder).await?)))
}
