//! What phones ask of a Wi-Fi to find out whether it leads to the internet, answered as the internet would: a phone that
//! gets these answers stays. Only with `serve --captive`, and only where the network's DNS sends these names here.
//!
//! **Exactly these hosts with exactly these paths, and nothing else, is answered under a foreign name.** Nothing is read
//! of the request but its method, host and path; no answer tells anything of the meeting.
//!
//! Over https nothing can be answered: nobody has a certificate for these names. Systems that insist on it go on to say
//! that the network has no internet.

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Android's own and those that makers have put in its place.
const NO_CONTENT: [&str; 13] = [
    "connectivitycheck.gstatic.com",
    "connectivitycheck.android.com",
    "clients3.google.com",
    "www.google.com",
    "www.gstatic.com",
    "play.googleapis.com",
    "connect.rom.miui.com",
    "connectivitycheck.platform.hicloud.com",
    "connectivitycheck.hicloud.com",
    "wifi.vivo.com.cn",
    "conn1.oppomobile.com",
    "conn2.oppomobile.com",
    "conn1.coloros.com",
];

/// Host, path, type and body of the others, each as its system compares it.
const WITH_BODY: [(&str, &str, &str, &str); 6] = [
    ("captive.apple.com", "/hotspot-detect.html", "text/html", APPLE),
    ("www.apple.com", "/library/test/success.html", "text/html", APPLE),
    ("www.msftconnecttest.com", "/connecttest.txt", "text/plain", "Microsoft Connect Test"),
    ("ipv6.msftconnecttest.com", "/connecttest.txt", "text/plain", "Microsoft Connect Test"),
    ("www.msftncsi.com", "/ncsi.txt", "text/plain", "Microsoft NCSI"),
    ("detectportal.firefox.com", "/success.txt", "text/plain", "success\n"),
];

const APPLE: &str = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";

/// The answer, if the request is one of these. They are asked on port 80, so no other port is meant.
pub(super) fn answer(method: &Method, host: &str, path: &str) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let host = host.strip_suffix(":80").unwrap_or(host).to_ascii_lowercase();
    let mut response = if path == "/generate_204" && NO_CONTENT.contains(&host.as_str()) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let (_, _, kind, body) = WITH_BODY.iter().find(|(name, at, ..)| *name == host && *at == path)?;
        ([(header::CONTENT_TYPE, *kind)], *body).into_response()
    };
    // A phone that remembered the answer elsewhere would take another network for this one.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own_paths_and_no_others() {
        let status = |method: &Method, host: &str, path: &str| answer(method, host, path).map(|r| r.status().as_u16());
        let (get, head) = (Method::GET, Method::HEAD);
        for host in NO_CONTENT {
            assert_eq!(status(&get, host, "/generate_204"), Some(204), "{host}");
            assert_eq!(status(&get, host, "/"), None, "{host}");
            assert_eq!(status(&get, host, "/hotspot-detect.html"), None, "{host}");
        }
        for (host, path, ..) in WITH_BODY {
            assert_eq!(status(&get, host, path), Some(200), "{host}{path}");
            assert_eq!(status(&get, host, "/generate_204"), None, "{host}");
        }
        assert_eq!(status(&head, "Captive.Apple.com:80", "/hotspot-detect.html"), Some(200));
        assert_eq!(status(&get, "captive.apple.com:8460", "/hotspot-detect.html"), None);
        assert_eq!(status(&Method::POST, "captive.apple.com", "/hotspot-detect.html"), None);
        assert_eq!(status(&get, "captive.apple.com.evil.test", "/hotspot-detect.html"), None);
        assert_eq!(status(&get, "connectivitycheck.gstatic.com", "/generate_204/"), None);
    }
}
