//! The hall's Wi-Fi: a sheet to print and, if the office wants it, a QR code in the hall. **In memory only**: the
//! passphrase is on no disk and in no log, and gone with a restart.
//!
//! ```text
//! WIFI:T:<WPA|WEP|nopass>;S:<name>;P:<passphrase>;H:true;;        a backslash before each of  \ ; , " :
//! ```

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Desk, allowed::Act, qr};
use crate::{
    hall::ShownWifi,
    messages::{self, Language, escape},
    web::Refusal,
};

/// How a network is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Security {
    /// WPA, WPA2, WPA3.
    #[serde(rename = "WPA")]
    Wpa,
    /// WEP.
    #[serde(rename = "WEP")]
    Wep,
    /// Open.
    #[serde(rename = "nopass")]
    Open,
}

/// The network as the office enters it. No `Debug`: the passphrase is in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wifi {
    ssid: String,
    #[serde(default, deserialize_with = "secret")]
    passphrase: Zeroizing<String>,
    security: Security,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    in_hall: bool,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// What the console shows of it.
#[derive(Serialize)]
pub(super) struct WifiState {
    ssid: String,
    in_hall: bool,
}

impl Desk {
    /// Takes the network, or forgets it when its name is empty.
    pub(super) async fn set_wifi(&self, wifi: Wifi) -> Result<(), Refusal> {
        let _acting = self.0.acting.lock().await;
        self.standing().await?.check(Act::Wifi, None)?;
        if wifi.ssid.is_empty() {
            *self.wifi() = None;
            self.parts().hub.show_wifi(None);
            return Ok(());
        }
        wifi.check()?;
        let code = qr::file(&wifi.text()).map_err(|_| Refusal::broken("二维码生成失败"))?;
        let shown = wifi.in_hall.then(|| ShownWifi { ssid: wifi.ssid.clone(), code });
        *self.wifi() = Some(wifi);
        self.parts().hub.show_wifi(shown);
        Ok(())
    }

    pub(super) fn wifi_state(&self) -> Option<WifiState> {
        self.wifi().as_ref().map(|wifi| WifiState { ssid: wifi.ssid.clone(), in_hall: wifi.in_hall })
    }

    /// The sheet for the wall.
    pub(super) fn wifi_sheet(&self, screen: Language) -> Result<String, Refusal> {
        let held = self.wifi();
        let wifi = held.as_ref().ok_or_else(|| {
            Refusal::conflict("还没有填写无线网络。", "请先在控制台填写名称和密码。").with_status(404)
        })?;
        wifi.sheet(&format!("{}/", self.origin_now()), screen)
    }

    fn wifi(&self) -> std::sync::MutexGuard<'_, Option<Wifi>> {
        self.0.wifi.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Wifi {
    fn check(&self) -> Result<(), Refusal> {
        let no = |error: &str, what: &str| Err(Refusal::conflict(format!("{error}。"), format!("{what}。")));
        if self.ssid.len() > 32 || self.ssid.chars().any(char::is_control) {
            return no("无线网络名称不对", "名称最多 32 字节（中文约 10 个字），不含控制字符");
        }
        let secret = self.passphrase.as_str();
        let hex = secret.bytes().all(|b| b.is_ascii_hexdigit());
        let printable = secret.chars().all(|c| !c.is_control());
        let fits = printable
            && match self.security {
                Security::Open => secret.is_empty(),
                Security::Wpa => (8..=63).contains(&secret.len()) || (secret.len() == 64 && hex),
                Security::Wep => matches!(secret.len(), 5 | 13) || (matches!(secret.len(), 10 | 26) && hex),
            };
        if fits {
            return Ok(());
        }
        match self.security {
            Security::Open => no("不加密的网络没有密码", "请清空密码，或改选 WPA"),
            Security::Wpa => no("密码长度不对", "WPA 密码是 8 到 63 个字符，请照路由器上的填写"),
            Security::Wep => no("密码长度不对", "WEP 密码是 5 或 13 个字符；能换的话请换成 WPA"),
        }
    }

    fn text(&self) -> Zeroizing<String> {
        joining_text(&self.ssid, &self.passphrase, self.security, self.hidden)
    }

    /// One A4 page: what to scan, and what to do by hand.
    fn sheet(&self, url: &str, screen: Language) -> Result<String, Refusal> {
        let zh = |key: &str| escape(messages::text(Language::Chinese, key));
        let code = qr::element(&self.text(), messages::text(Language::Chinese, "wifi.code_label"));
        let code = code.map_err(|_| Refusal::broken("二维码生成失败"))?;
        let secret = match self.security {
            Security::Open => format!("<dd class=\"open\">{}</dd>", zh("wifi.no_password")),
            _ => format!("<dd>{}</dd>", escape(&self.passphrase)),
        };
        let hidden = if self.hidden { format!("<li>{}</li>", zh("wifi.hidden")) } else { String::new() };
        let steps: String = ["wifi.step_camera", "wifi.step_join", "wifi.step_data", "wifi.step_slip"]
            .iter()
            .map(|key| format!("<li>{}</li>", zh(key)))
            .collect();
        let (lang, guide, print) =
            (screen.tag(), escape(messages::text(screen, "wifi.guide")), escape(messages::text(screen, "slips.print")));
        Ok(format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/slips.css\"><script type=\"module\" src=\"/slips.js\"></script></head>\
             <body><div class=\"screen-only\" lang=\"{lang}\"><p>{guide}</p>\
             <button id=\"print\" type=\"button\">{print}</button></div>\
             <main class=\"wifi\"><h1>{title}</h1>{code}<p class=\"scan\">{scan}</p>\
             <dl><dt>{name}</dt><dd>{ssid}</dd><dt>{password}</dt>{secret}</dl>\
             <ol>{steps}{hidden}</ol><p class=\"address\">{typed}<span>{url}</span></p></main></body></html>",
            title = zh("wifi.title"),
            scan = zh("wifi.scan"),
            name = zh("wifi.name"),
            ssid = escape(&self.ssid),
            password = zh("wifi.password"),
            typed = zh("wifi.typed"),
            url = escape(url),
        ))
    }
}

/// What a phone's camera reads to join a network.
#[must_use]
pub fn joining_text(ssid: &str, passphrase: &str, security: Security, hidden: bool) -> Zeroizing<String> {
    let kind = match security {
        Security::Wpa => "WPA",
        Security::Wep => "WEP",
        Security::Open => "nopass",
    };
    let mut out = Zeroizing::new(String::with_capacity(32 + 2 * (ssid.len() + passphrase.len())));
    out.push_str("WIFI:T:");
    out.push_str(kind);
    out.push_str(";S:");
    escaped(&mut out, ssid);
    if security != Security::Open {
        out.push_str(";P:");
        escaped(&mut out, passphrase);
    }
    if hidden {
        out.push_str(";H:true");
    }
    out.push_str(";;");
    out
}

fn escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',' | '"' | ':') {
            out.push('\\');
        }
        out.push(c);
    }
}
