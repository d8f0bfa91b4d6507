//! What the program says to the newcomer, every text in Chinese and in English.

use std::{
    io::{IsTerminal, Write, stdout},
    path::Path,
    time::{Duration, Instant},
};

use douxuan_ballot::swarm::slips::SlipEntry;
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

use super::folder::Ended;
use crate::{
    messages::{self, Language},
    serve::Serving,
};

/// Prints.
pub(super) struct Guide {
    begun: Instant,
}

/// Where to look.
pub(super) struct Links<'a> {
    pub(super) serving: &'a Serving,
    /// `http://host:port` as it stands on the slips.
    pub(super) origin: &'a str,
    /// The newcomer's slips: for his phone, for a window on this machine, for typing.
    pub(super) own: &'a [SlipEntry],
    /// Where the data stay, if they do.
    pub(super) kept: Option<&'a Path>,
}

/// Below a numbered step.
const INDENT: &str = "   ";

type Values<'a> = &'a [(&'a str, &'a str)];

/// A terminal that has gone away is no reason to stop.
fn line(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

fn say(indent: &str, name: &str, values: Values) {
    for language in [Language::Chinese, Language::English] {
        line(&format!("{indent}{}", messages::fill(language, name, values)));
    }
}

impl Guide {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now() }
    }

    pub(super) fn title(&self) {
        line(&format!("豆选 Douxuan {}", env!("CARGO_PKG_VERSION")));
        say("", "demo.title", &[]);
    }

    pub(super) fn other_port(&self, wanted: u16, port: u16) {
        say("", "demo.other_port", &[("wanted", &wanted.to_string()), ("port", &port.to_string())]);
    }

    /// The numbered steps.
    pub(super) fn steps(&self, links: &Links) {
        let Links { serving, origin, own, kept } = links;
        let here = format!("http://{}", serving.public());
        let link = |text: &str| line(&format!("\n{INDENT}{text}\n"));
        let port = serving.public().port().to_string();

        line("");
        step(1, "demo.console", &[]);
        link(serving.sign_in().as_str());
        step(2, "demo.hall", &[]);
        link(&format!("{here}/hall"));
        let (phone, window, typed) = (own.first(), own.get(1), own.get(2));
        if let Some(phone) = phone {
            let address = format!("{origin}/#{}", phone.fragment);
            if is_here_only(origin) {
                step(3, "demo.phone_no_network", &[]);
            } else {
                step(3, "demo.phone", &[("port", &port)]);
                qr(&address);
            }
            link(&address);
        }
        if let Some(window) = window {
            say(INDENT, "demo.window", &[]);
            link(&format!("{here}/#{}", window.fragment));
        }
        if let Some(typed) = typed {
            say(INDENT, "demo.typed", &[("address", &format!("{origin}/"))]);
            link(&typed.text);
        }
        step(4, "demo.watch", &[]);
        line("");
        step(5, "demo.try", &[]);
        for name in ["demo.try_close", "demo.try_open", "demo.try_round", "demo.try_window", "demo.try_end"] {
            item("-", name, &[]);
        }
        line("");
        match kept {
            Some(folder) => say("", "demo.stop_and_keep", &[("folder", &folder.display().to_string())]),
            None => say("", "demo.stop", &[]),
        }
        line("");
    }

    pub(super) fn window(&self, number: u8) {
        self.news("demo.news_window", &[("number", &number.to_string())]);
    }

    pub(super) fn second_window(&self, wait: Duration) {
        self.news("demo.news_second_window", &[("seconds", &wait.as_secs().to_string())]);
    }

    pub(super) fn window_closed(&self, number: u32, enrolled: usize) {
        self.news("demo.news_window_closed", &[("number", &number.to_string()), ("enrolled", &enrolled.to_string())]);
    }

    pub(super) fn opened(&self, item: u16, name: &str) {
        self.news("demo.news_opened", &[("item", &item.to_string()), ("name", name)]);
    }

    pub(super) fn published(&self, item: u16) {
        self.news("demo.news_published", &[("item", &item.to_string())]);
    }

    pub(super) fn yours(&self) {
        self.news("demo.news_yours", &[]);
    }

    pub(super) fn handed_over(&self, why: &str) {
        self.news("demo.news_handed_over", &[("why", why)]);
    }

    pub(super) fn gone(&self) {
        self.news("demo.news_gone", &[]);
    }

    pub(super) fn ending(&self) {
        line("");
        say("", "demo.ending", &[]);
    }

    pub(super) fn ended(&self, ended: Ended) {
        match ended {
            Ended::Removed => say("", "demo.removed", &[]),
            Ended::Kept(folder) => say("", "demo.kept", &[("folder", &folder.display().to_string())]),
            Ended::Left(folder, error) => {
                let (folder, error) = (folder.display().to_string(), error.to_string());
                say("", "demo.left", &[("folder", &folder), ("error", &error)]);
            }
        }
    }

    /// What the play just did, with the time since the start.
    fn news(&self, name: &str, values: Values) {
        let seconds = self.begun.elapsed().as_secs();
        line(&format!(
            "{}:{:02}  {}\n      {}",
            seconds / 60,
            seconds % 60,
            messages::fill(Language::Chinese, name, values),
            messages::fill(Language::English, name, values)
        ));
    }
}

fn step(number: u8, name: &str, values: Values) {
    line(&format!("{number}. {}", messages::fill(Language::Chinese, name, values)));
    line(&format!("{INDENT}{}", messages::fill(Language::English, name, values)));
}

fn item(mark: &str, name: &str, values: Values) {
    line(&format!("{INDENT}{mark} {}", messages::fill(Language::Chinese, name, values)));
    line(&format!("{INDENT}  {}", messages::fill(Language::English, name, values)));
}

/// An address that no phone reaches.
fn is_here_only(origin: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"].iter().any(|here| origin.starts_with(here))
}

/// Dark on light whatever the terminal's colours are; where nothing shows it, nothing is printed.
fn qr(text: &str) {
    if !stdout().is_terminal() {
        return;
    }
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else { return };
    line("");
    for row in code.render::<Dense1x2>().build().lines() {
        line(&format!("   \u{1b}[30;107m{row}\u{1b}[0m"));
    }
}
