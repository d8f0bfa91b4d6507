//! One static file: its type, its bytes, and the same compressed.

use std::{io::Write, sync::OnceLock};

use axum::{
    body::Bytes,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

/// A file that never changes while the program runs.
pub(super) struct Asset {
    kind: &'static str,
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

impl Asset {
    /// A file by its name, whose ending says its type.
    pub(super) fn new(name: &str, plain: Bytes) -> Self {
        let kind = match name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("wasm") => "application/wasm",
            _ => "application/octet-stream",
        };
        Self { kind, plain, gzip: OnceLock::new() }
    }

    /// The file, gzipped where the asker takes that and it is smaller so. Browsers offer nothing better over plain HTTP.
    pub(super) fn answer(&self, accepts: Option<&HeaderValue>) -> Response {
        let kind: (HeaderName, &str) = (header::CONTENT_TYPE, self.kind);
        let vary: (HeaderName, &str) = (header::VARY, "accept-encoding");
        match self.gzip.get_or_init(|| compressed(&self.plain)) {
            Some(gzip) if takes_gzip(accepts) => {
                ([kind, vary, (header::CONTENT_ENCODING, "gzip")], gzip.clone()).into_response()
            }
            _ => ([kind, vary], self.plain.clone()).into_response(),
        }
    }
}

fn compressed(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::best());
    encoder.write_all(plain).ok()?;
    let gzip = encoder.finish().ok()?;
    (gzip.len() < plain.len()).then(|| Bytes::from(gzip))
}

/// `gzip` among the codings offered, and not with weight 0 (RFC 9110, section 12.5.3).
fn takes_gzip(accepts: Option<&HeaderValue>) -> bool {
    let offered = accepts.and_then(|value| value.to_str().ok()).unwrap_or_default();
    offered.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let none = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        named && !parts.any(none)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read;

    use super::*;

    fn coding(asset: &Asset, accepts: Option<&'static str>) -> Option<String> {
        let answer = asset.answer(accepts.map(HeaderValue::from_static).as_ref());
        answer.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap().to_owned())
    }

    #[test]
    fn compressed_only_where_asked_for_and_the_same_bytes() {
        let asset = Asset::new("x.js", Bytes::from("let x = 1;\n".repeat(100)));
        assert_eq!(coding(&asset, Some("gzip, deflate, br")), Some("gzip".into()));
        assert_eq!(coding(&asset, Some("br, GZIP;q=0.5")), Some("gzip".into()));
        for plain in [None, Some("br"), Some("gzip;q=0"), Some("gzip; q=0.0"), Some("xgzip"), Some("identity")] {
            assert_eq!(coding(&asset, plain), None, "{plain:?}");
        }
        let mut back = String::new();
        let gzip = compressed(&asset.plain).unwrap();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut back).unwrap();
        assert_eq!(back.as_bytes(), &asset.plain[..]);
        assert_eq!(compressed(b"x"), None, "what grows is left alone");
    }
}
