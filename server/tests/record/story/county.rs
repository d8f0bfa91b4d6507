//! An invented county: twelve who report, forty who rate, one committee.

use std::{path::Path, sync::Arc};

use axum::http::StatusCode;
use douxuan_ballot::{
    journey::{Invitation, Standing},
    native::{door::Door, storage::Memory, voter::Voter},
};
use douxuan_crypto::{audit, contest::Contest};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    office::{Office, base64},
    review::{Person, Year, id},
};

pub(super) const OFFICIALS: usize = 12;
/// Phones in the hall: 4 of them are exactly 20 %, 6 exactly 30 %.
pub(super) const PHONES: usize = 20;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Grades of the scale, as a phone chooses them.
pub(crate) const GOOD: usize = 0;
pub(crate) const POOR: usize = 3;
pub(super) const ABSTAIN: usize = 4;

pub(super) struct County {
    pub(super) year: Year,
    pub(super) second: Person,
    pub(super) cycle: String,
}

pub(super) fn name(n: usize) -> String {
    format!("代表{n}")
}

impl County {
    pub(super) async fn found(data: &Path) -> Self {
        let year = Year::start(data).await;
        let second = year.colleague().await;
        year.officials(OFFICIALS).await;
        Self { year, second, cycle: String::new() }
    }

    pub(super) async fn opens(&mut self, number: i16, change: Value) {
        let mut policy = self.year.admin.reads("cycles").await["beginning"].clone();
        policy.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let body = json!({ "year": number, "title": format!("{number} 年度述职述责述廉"), "policy": policy });
        self.cycle = id(&self.year.admin.does("cycles", body).await);
        self.year.admin.does(&self.at("dossiers"), json!({})).await;
    }

    pub(super) fn at(&self, what: &str) -> String {
        format!("cycles/{}/{what}", self.cycle)
    }

    pub(super) async fn dossiers(&self) -> Vec<Value> {
        self.year.auditor.reads(&self.at("dossiers")).await.as_array().unwrap().clone()
    }

    pub(super) async fn dossier(&self, name: &str) -> Value {
        self.dossiers().await.into_iter().find(|dossier| dossier["name"] == name).unwrap()
    }

    /// Names of those who report in this way, the oral ones on an approved list first.
    pub(super) async fn of_way(&self, way: &str) -> Vec<String> {
        let named = self.dossiers().await.into_iter().filter(|dossier| dossier["way"] == way);
        named.map(|dossier| dossier["name"].as_str().unwrap().to_owned()).collect()
    }

    /// A list line of `path` about somebody.
    pub(super) async fn line(&self, path: &str, name: &str) -> Value {
        let dossier = id(&self.dossier(name).await);
        let list = self.year.auditor.reads(&self.at(path)).await;
        let list = list.as_array().unwrap();
        list.iter().find(|line| line["dossier"] == *dossier).unwrap_or_else(|| panic!("{name} in {path}")).clone()
    }

    pub(super) async fn due(&self, what: &str) -> Vec<Value> {
        let mut lines = self.year.auditor.reads("due").await["lines"].as_array().unwrap().clone();
        lines.retain(|line| line["what"] == what);
        lines
    }

    /// Twelve reports, those of `late` on the second day; nothing from `silent`.
    pub(super) async fn reports(&self, day: &str, late: (&str, &str), silent: &str) {
        for n in 1..=OFFICIALS {
            let name = name(n);
            if name == silent {
                continue;
            }
            let on = if name == late.0 { late.1 } else { day };
            let file = format!("%PDF-1.7\n% an invented report of {n}\nstartxref\n9\n%%EOF\n");
            let path = format!("dossiers/{}/report/file", id(&self.dossier(&name).await));
            let query = format!("version=0&received_on={on}&name=report.pdf");
            let taken = self.year.admin.hands_in(&path, &query, file.as_bytes()).await;
            assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
        }
    }

    pub(super) async fn assessed(&self, name: &str) {
        let assessment = json!({ "version": 0, "member": "周常委", "office": "第三纪检监察室",
            "sources": [{ "kind": "daily_supervision", "text": "查阅台账" }], "report": "示例专题报告" });
        let path = format!("dossiers/{}/assessment", id(&self.dossier(name).await));
        let made = self.year.admin.does(&path, assessment).await;
        let at = format!("assessments/{}", id(&made));
        self.year.admin.does(&format!("{at}/submit"), json!({ "version": 1 })).await;
        self.year.chair.does(&format!("{at}/approve"), json!({ "version": 2 })).await;
    }

    /// The meeting about everybody on the approved list, prepared up to the moment before it is frozen.
    pub(super) async fn convenes(&self, title: &str) {
        let mut roster = "姓名,类别,单位,职务\n".to_owned();
        for n in 1..=OFFICIALS {
            roster.push_str(&format!("{},县纪委委员,第{n}单位,委员\n", name(n)));
        }
        for n in 1..=PHONES {
            roster.push_str(&format!("参会{n},县纪委委员,其他{n},干部\n"));
        }
        let import =
            json!({ "roster_base64": base64(roster.as_bytes()), "officials_record": self.cycle, "confirmed": true });
        self.year.office.act("/desk/import", import).await;
        let settings = json!({ "title": title, "place": "示例会议室", "drill": false, "rounds": 1, "release": "close",
            "two_people": false, "quorum": null });
        self.year.office.act("/desk/settings", settings).await;
    }

    /// This many phones vote as `grade` says of phone and name; the result is published, archived and verified. Its
    /// bytes.
    pub(super) async fn votes(&self, phones: usize, grade: impl Fn(usize, &str) -> usize) -> Vec<u8> {
        let office = &self.year.office;
        vote(office, phones, grade).await;
        archive(office).await
    }

    /// A letter about an opinion that was reviewed by another, approved, delivered and signed on this day.
    pub(super) async fn letter(&self, name: &str, number: &str, day: &str) -> String {
        let dossier = id(&self.dossier(name).await);
        let (admin, chair) = (&self.year.admin, &self.year.chair);
        let opinion = json!({ "text": "到基层走访还不够。" });
        let opinion = admin.does(&format!("dossiers/{dossier}/opinions"), opinion).await;
        self.second.does(&format!("opinions/{}/review", id(&opinion)), json!({ "version": 1 })).await;
        let letter = json!({ "number": number, "office": "示例县纪委办公室", "date": day });
        let letter = id(&admin.does(&format!("dossiers/{dossier}/letter"), letter).await);
        let shown = chair.reads(&format!("letters/{letter}")).await;
        let approve = json!({ "version": shown["letter"]["version"], "digest": shown["digest"] });
        let approved = chair.does(&format!("letters/{letter}/approve"), approve).await;
        let version = approved["version"].as_u64().unwrap();
        let delivered = json!({ "version": version, "how": "当面送达", "on": day });
        admin.does(&format!("letters/{letter}/delivered"), delivered).await;
        let signed = json!({ "version": version + 1, "signed_by": name, "on": day });
        admin.does(&format!("letters/{letter}/receipt"), signed).await;
        letter
    }

    /// A correction that was served on a day; its id.
    pub(super) async fn notice(&self, name: &str, served: &str) -> Value {
        let notice = json!({ "dossier": id(&self.dossier(name).await), "why": "常委会会议决定", "reason": "测评结果",
            "points": ["改进走访"], "served_on": served });
        self.year.admin.does("corrections", notice).await
    }

    /// From the official's report to the committee's decision, all on this day. Begins at `version`.
    pub(super) async fn settles(&self, correction: &str, version: u64, day: &str) {
        let at = |what: &str| format!("corrections/{correction}/{what}");
        let admin = &self.year.admin;
        let check = json!({ "version": version, "on": day, "who": "第一室", "found": "示例情况", "done": true });
        admin.does(&at("check"), check).await;
        admin.does(&at("brief"), json!({ "version": version + 1, "on": day, "text": "示例报告" })).await;
        let decision = json!({ "version": version + 2, "on": day, "settled": true, "text": "同意" });
        admin.does(&at("decision"), decision).await;
    }
}

/// This many phones vote as `grade` says of phone and name, each item once; the results are published.
pub(crate) async fn vote(office: &Office, phones: usize, grade: impl Fn(usize, &str) -> usize) {
    let sheet = office.get("/desk/slips").await.text();
    office.act("/desk/slips/printed", json!({})).await;
    office.act("/desk/window/open", json!({})).await;
    let manifest = Arc::new(office.manifest().await);
    let (public, _) = office.listen().await;
    let door = Door::find(&format!("http://vote.test:{}", public.port()), Some(&public.to_string())).await.unwrap();
    let mut rng = StdRng::seed_from_u64(11);
    let mut voters = Vec::new();
    for text in typed(&sheet) {
        let Ok(invitation) = Invitation::type_in(&text) else { continue };
        let Ok(mut voter) = Voter::invite(invitation, &manifest, Box::new(Memory::default())) else { continue };
        if voter.enrol(&door, PATIENCE, &mut rng).await.is_ok() {
            voters.push(voter);
        }
        if voters.len() == phones {
            break;
        }
    }
    assert_eq!(voters.len(), phones, "slips on the sheet");
    office.act("/desk/window/close", json!({ "present": phones })).await;
    let contests: Vec<Value> = manifest.items.iter().map(|item| json!([item.number, 1])).collect();
    let all = json!({ "contests": contests });
    office.act("/desk/contest/open", all.clone()).await;
    for (phone, voter) in voters.iter_mut().enumerate() {
        for item in &manifest.items {
            let choice = u8::try_from(grade(phone, &item.name)).unwrap();
            let cast = voter.cast(&door, Contest::new(item.number, 1), choice, PATIENCE, &mut rng).await;
            assert!(matches!(cast.unwrap(), Standing::Received));
        }
    }
    office.act("/desk/contest/close", all.clone()).await;
    office.act("/desk/contest/publish", all).await;
}

/// Ends enrolment and archives; the bytes of the bundle, verified.
pub(crate) async fn archive(office: &Office) -> Vec<u8> {
    let unused = office.state().await["frozen"]["unused"].clone();
    office.act("/desk/enrolment/end", json!({ "unused": unused })).await;
    office.act("/desk/archive", json!({})).await;
    let bundle = office.public("/bundle.zip").await.bytes;
    assert_eq!(audit::audit(&bundle, &[]).outcome, audit::Outcome::Held);
    bundle
}

/// The texts that people type in, in the order of the sheet: slips that rate everybody come first.
fn typed(sheet: &str) -> Vec<String> {
    let slips = sheet.split("<p class=\"typed\">").skip(1).filter_map(|rest| rest.split("</p>").next());
    slips.map(|slip| slip.replace("<span>", "").replace("</span>", "")).collect()
}
