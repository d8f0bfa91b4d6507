//! The Wi-Fi QR text: whatever the name and the passphrase are, a phone reads back exactly these.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use douxuan::desk::{Security, joining_text};
use proptest::prelude::*;

/// Reads it as phones do: fields end at an unescaped semicolon, a backslash stands before what is meant as it is.
fn read(text: &str) -> Vec<(String, String)> {
    let mut rest = text.strip_prefix("WIFI:").unwrap().chars();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let mut name: Option<String> = None;
    while let Some(c) = rest.next() {
        match c {
            '\\' => field.push(rest.next().unwrap()),
            ':' if name.is_none() => name = Some(std::mem::take(&mut field)),
            ';' => match name.take() {
                Some(name) => fields.push((name, std::mem::take(&mut field))),
                None => {
                    assert!(field.is_empty() && rest.as_str().is_empty(), "only the end is empty: {text}");
                    return fields;
                }
            },
            // Phones that are strict take none of these without a backslash.
            ',' | '"' | ':' => panic!("a bare {c} in {text}"),
            other => field.push(other),
        }
    }
    panic!("{text} does not end");
}

fn hard() -> impl Strategy<Value = String> {
    prop_oneof!["[\\\\;,\":aZ 9]{1,24}", "\\PC{1,24}", "[\\\\]{1,12}", "[;:]{1,12}"]
}

proptest! {
    #[test]
    fn a_phone_reads_back_what_the_office_typed(ssid in hard(), secret in hard(), kind in 0..3, hidden: bool) {
        let (security, word) = [
            (Security::Wpa, "WPA"),
            (Security::Wep, "WEP"),
            (Security::Open, "nopass"),
        ][usize::try_from(kind).unwrap()];
        let mut expected = vec![("T".to_owned(), word.to_owned()), ("S".to_owned(), ssid.clone())];
        if security != Security::Open {
            expected.push(("P".to_owned(), secret.clone()));
        }
        if hidden {
            expected.push(("H".to_owned(), "true".to_owned()));
        }
        prop_assert_eq!(read(&joining_text(&ssid, &secret, security, hidden)), expected);
    }
}

#[test]
fn the_text_is_the_one_that_phones_know() {
    assert_eq!(*joining_text("hall", "secret 1", Security::Wpa, false), "WIFI:T:WPA;S:hall;P:secret 1;;");
    assert_eq!(
        *joining_text("h;a", "a\\b:\"c\",", Security::Wpa, true),
        r#"WIFI:T:WPA;S:h\;a;P:a\\b\:\"c\"\,;H:true;;"#
    );
    assert_eq!(*joining_text("会场", "", Security::Open, false), "WIFI:T:nopass;S:会场;;");
}

#[test]
#[should_panic(expected = "a bare")]
fn the_reader_sees_a_missing_backslash() {
    read("WIFI:T:WPA;S:a:b;P:c;;");
}
