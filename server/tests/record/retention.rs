//! How long a year is kept, and that nothing is left of it once it was destroyed.

use std::{fs, path::Path};

use axum::http::StatusCode;
use douxuan::record::audit;
use serde_json::{Value, json};

use crate::review::{Year, id, it_is};

const SHARED: &[u8] = b"%PDF-1.7\n% the same file in two years\nstartxref\n9\n%%EOF\n";
const ALONE: &[u8] = b"%PDF-1.7\n% only-in-the-year-that-goes\nstartxref\n9\n%%EOF\n";

/// A server with a cycle of 2026 that is kept one year, two officials, and a report of each.
struct Standing {
    data: tempfile::TempDir,
    year: Year,
    cycle: String,
    dossiers: Vec<Value>,
}

async fn standing() -> Standing {
    let data = tempfile::tempdir().unwrap();
    let year = Year::start(data.path()).await;
    let cycle = year.cycle(json!({ "keep_years": 1, "reports_due": "2026-12-01" })).await;
    let lines = "某某甲一,示例局,局长,2024-03-01,2029-02-28\n某某乙二,示例镇,书记,2024-03-01,2029-02-28";
    year.admin.does("officials/paste", json!({ "lines": lines })).await;
    let dossiers = year.dossiers(&cycle).await;
    let here = Standing { data, year, cycle, dossiers };
    here.hands_in("某某甲一", ALONE).await;
    here.hands_in("某某乙二", SHARED).await;
    here
}

impl Standing {
    fn of(&self, name: &str) -> String {
        id(self.dossiers.iter().find(|dossier| dossier["name"] == name).unwrap())
    }

    async fn hands_in(&self, name: &str, bytes: &[u8]) {
        let path = format!("dossiers/{}/report/file", self.of(name));
        let query = "version=0&received_on=2026-11-30&name=report.pdf";
        let taken = self.year.admin.hands_in(&path, query, bytes).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    }

    async fn line(&self) -> Value {
        let retention = self.year.auditor.reads("retention").await;
        retention["years"].as_array().unwrap().iter().find(|one| one["cycle"] == *self.cycle).unwrap().clone()
    }

    async fn close(&self) {
        let version = self.line().await["version"].clone();
        let body = json!({ "version": version, "why": "本年度工作结束" });
        self.year.admin.does(&format!("cycles/{}/close", self.cycle), body).await;
    }

    async fn proposal(&self) -> Value {
        json!({ "version": self.line().await["version"], "why": "保管期满" })
    }

    async fn proposed(&self) -> Value {
        self.year.admin.does(&format!("cycles/{}/destruction", self.cycle), self.proposal().await).await
    }
}

/// Files in the folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(holding(&entry.path(), bytes));
        } else if fs::read(entry.path()).unwrap().windows(bytes.len()).any(|part| part == bytes) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn a_year_is_destroyed_by_two_when_its_time_is_over_and_no_byte_of_it_is_left() {
    let here = standing().await;
    let Standing { data, year, .. } = &here;
    let (admin, chair) = (&year.admin, &year.chair);
    // The second year takes over one official and the file of the other.
    let policy = admin.reads("cycles").await["beginning"].clone();
    let body = json!({ "year": 2027, "title": "2027 年度述职述责述廉", "policy": policy });
    let second = id(&admin.does("cycles", body).await);
    for official in admin.reads("officials").await.as_array().unwrap() {
        if official["name"] == "某某甲一" {
            let body = json!({ "version": official["version"], "ended": "2026-12-10", "why": "退休" });
            admin.does(&format!("officials/{}/left", id(official)), body).await;
        }
    }
    let kept = year.dossiers(&second).await;
    assert_eq!(kept.len(), 1);
    let path = format!("dossiers/{}/report/file", id(&kept[0]));
    admin.hands_in(&path, "version=0&received_on=2026-12-10&name=again.pdf", SHARED).await;
    here.close().await;
    it_is("2028-01-01");
    for trace in ["某某甲一".as_bytes(), b"only-in-the-year-that-goes"] {
        assert!(!holding(data.path(), trace).is_empty(), "the search finds what is there");
    }

    let proposed = here.proposed().await;
    assert_eq!((proposed["files"].as_u64(), proposed["documents"]["dossier"].as_u64()), (Some(1), Some(2)));
    assert_eq!(
        (proposed["kept_until"].as_str(), proposed["documents"]["official"].as_u64()),
        (Some("2027-12-31"), Some(1))
    );
    let path = format!("destructions/{}/approve", id(&proposed));
    let done = chair.does(&path, json!({ "version": proposed["version"] })).await;
    assert_eq!((done["state"]["is"].as_str(), done["state"]["by"]["who"].as_str()), (Some("done"), Some("李书记")));

    for trace in ["某某甲一".as_bytes(), b"only-in-the-year-that-goes", here.cycle.as_bytes()] {
        let left = holding(data.path(), trace);
        let allowed = trace == here.cycle.as_bytes();
        assert!(left.iter().all(|path| allowed && path.contains("record.db")), "{left:?}");
    }
    assert_eq!(holding(&data.path().join("record"), b"the same file in two years").len(), 1);
    assert_eq!(year.auditor.get(&format!("cycles/{}/reports", here.cycle)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(year.dossiers(&second).await.len(), 1);
    let retention = year.auditor.reads("retention").await;
    assert_eq!(
        (retention["years"].as_array().unwrap().len(), retention["destructions"][0]["year"].as_i64()),
        (1, Some(2026))
    );
    let trail = year.auditor.reads("trail").await;
    let entries = trail["entries"].as_array().unwrap();
    let erased: Vec<&Value> = entries.iter().filter(|entry| entry["act"] == "retention/destroy").collect();
    assert!(erased.len() >= 6 && erased.iter().all(|entry| entry["what"]["fields"] == json!({})), "{erased:?}");
    for entry in entries.iter().filter(|entry| entry["act"] != "retention/destroy") {
        let quotes = !entry["what"].is_null();
        assert_ne!(quotes, erased.iter().any(|gone| gone["id"] == entry["id"]), "{entry}");
    }
    let Standing { data, year, .. } = here;
    year.office.app.close().await;
    let state = audit(data.path()).await.unwrap();
    assert!(state.faults.is_empty(), "{:?}", state.faults);
}

#[tokio::test]
async fn what_its_time_does_not_release_is_not_destroyed() {
    let here = standing().await;
    let Standing { year, cycle, .. } = &here;
    let (admin, chair) = (&year.admin, &year.chair);
    let path = format!("cycles/{cycle}/destruction");
    admin.refused(&path, here.proposal().await, 409, "保管期限到 2027-12-31").await;
    it_is("2027-12-31");
    admin.refused(&path, here.proposal().await, 409, "保管期限到 2027-12-31").await;
    it_is("2028-01-01");
    admin.refused(&path, here.proposal().await, 409, "还没有结束").await;
    here.close().await;
    assert!(here.line().await.get("not_yet").is_none());
    for nobody in [&year.auditor, &year.teller, &year.scrutineer, chair] {
        assert_eq!(nobody.post(&path, here.proposal().await).await.status, StatusCode::FORBIDDEN);
    }
    admin.refused(&path, json!({ "version": 1, "why": "保管期满" }), 409, "由别人改过").await;
    admin.refused(&path, json!({ "version": here.line().await["version"], "why": " " }), 409, "理由").await;

    let keep = format!("cycles/{cycle}/keep");
    let longer = |years: u16, version: &Value| json!({ "version": version, "years": years, "why": "审计要用" });
    let version = here.line().await["version"].clone();
    admin.refused(&keep, longer(1, &version), 409, "只能延长").await;
    admin.refused(&keep, longer(101, &version), 409, "101").await;
    let proposed = here.proposed().await;
    admin.refused(&path, here.proposal().await, 409, "已经提出").await;
    admin.does(&keep, longer(2, &version)).await;
    let approve = format!("destructions/{}/approve", id(&proposed));
    chair.refused(&approve, json!({ "version": proposed["version"] }), 409, "2028-12-31").await;
    assert_eq!(here.line().await["documents"]["dossier"], 2, "all of it is still there");

    let seen = json!({ "version": proposed["version"], "why": "改期" });
    admin.does(&format!("destructions/{}/drop", id(&proposed)), seen.clone()).await;
    admin.refused(&format!("destructions/{}/drop", id(&proposed)), seen, 409, "由别人改过").await;
    let now = json!({ "version": proposed["version"].as_u64().unwrap() + 1, "why": "改期" });
    admin.refused(&format!("destructions/{}/drop", id(&proposed)), now.clone(), 409, "有了结果").await;
    chair.refused(&approve, json!({ "version": now["version"] }), 409, "有了结果").await;
    it_is("2029-01-01");
    let again = here.proposed().await;
    let approve = format!("destructions/{}/approve", id(&again));
    assert_eq!(admin.post(&approve, json!({ "version": again["version"] })).await.status, StatusCode::FORBIDDEN);
    chair.refused(&approve, json!({ "version": again["version"], "agreed": false }), 409, "理由").await;
    let refused = json!({ "version": again["version"], "agreed": false, "why": "再留一年" });
    assert_eq!(chair.does(&approve, refused).await["state"]["is"], "dropped");
}

#[tokio::test]
async fn an_oral_report_of_a_term_that_still_runs_keeps_its_year() {
    let here = standing().await;
    let Standing { year, cycle, .. } = &here;
    let dossier = here.of("某某甲一");
    year.admin.does(&format!("dossiers/{dossier}/way"), json!({ "version": 1, "way": "oral", "why": "示例" })).await;
    let reported = json!({ "version": 2, "on": "2026-12-10" });
    year.admin.does(&format!("dossiers/{dossier}/reported"), reported).await;
    here.close().await;
    it_is("2028-06-01");
    let path = format!("cycles/{cycle}/destruction");
    let said = year.admin.refused(&path, here.proposal().await, 409, "第十二条").await;
    assert!(said["error"].as_str().unwrap().contains("某某甲一"));
    assert!(here.line().await["not_yet"].as_str().unwrap().contains("某某甲一"));
    let official = year.admin.reads("officials").await;
    let official = official.as_array().unwrap().iter().find(|one| one["name"] == "某某甲一").unwrap().clone();
    let left = json!({ "version": official["version"], "ended": "2028-05-01", "why": "调离" });
    year.admin.does(&format!("officials/{}/left", id(&official)), left).await;
    here.proposed().await;
}

#[tokio::test]
async fn a_file_that_could_not_be_destroyed_goes_at_the_next_start() {
    let here = standing().await;
    let Standing { data, year, .. } = &here;
    here.close().await;
    it_is("2028-01-01");
    let files = data.path().join("record/files");
    let name = holding(&files, b"only-in-the-year-that-goes").remove(0);
    // A folder in the place of the file cannot be opened for writing.
    let content = fs::read(&name).unwrap();
    fs::remove_file(&name).unwrap();
    fs::create_dir(&name).unwrap();
    let proposed = here.proposed().await;
    let path = format!("destructions/{}/approve", id(&proposed));
    let answered = year.chair.post(&path, json!({ "version": proposed["version"] })).await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    let state = |retention: Value| retention["destructions"][0]["state"]["is"].clone();
    assert_eq!(state(year.auditor.reads("retention").await), "sweeping");
    fs::remove_dir(&name).unwrap();
    fs::write(&name, content).unwrap();
    let Standing { data, year, .. } = here;
    year.office.app.close().await;
    let again = crate::office::start_with(crate::office::setup(data.path())).await.unwrap();
    drop(again);
    assert!(holding(data.path(), b"only-in-the-year-that-goes").is_empty());
    let state = audit(data.path()).await.unwrap();
    assert!(state.faults.is_empty(), "{:?}", state.faults);
}

#[tokio::test]
async fn a_file_handed_in_again_and_one_that_nobody_took_go_with_the_last_year_that_names_them() {
    let here = standing().await;
    let Standing { data, year, .. } = &here;
    let (admin, chair) = (&year.admin, &year.chair);
    here.close().await;
    // Handed in, and named by nothing since.
    let stale = b"%PDF-1.7\n% kept-and-forgotten\nstartxref\n9\n%%EOF\n";
    let kept = admin.hands_in("file", "name=a.pdf", stale).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    let name = holding(data.path(), b"kept-and-forgotten").remove(0);
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(48 * 3600);
    fs::File::options().write(true).open(&name).unwrap().set_modified(long_ago).unwrap();
    it_is("2028-01-01");
    let destroy = async |proposed: Value| {
        let path = format!("destructions/{}/approve", id(&proposed));
        chair.does(&path, json!({ "version": proposed["version"] })).await
    };
    destroy(here.proposed().await).await;
    assert!(holding(data.path(), b"kept-and-forgotten").is_empty());
    assert!(holding(data.path(), b"only-in-the-year-that-goes").is_empty());

    // The same file comes in for the next year, and goes with it.
    let policy = admin.reads("cycles").await["beginning"].clone();
    let mut policy = policy;
    policy["keep_years"] = json!(1);
    let second = id(&admin.does("cycles", json!({ "year": 2028, "title": "2028 年度", "policy": policy })).await);
    let dossiers = year.dossiers(&second).await;
    let path = format!("dossiers/{}/report/file", id(&dossiers[0]));
    let again = admin.hands_in(&path, "version=0&received_on=2027-12-30&name=b.pdf", ALONE).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
    let second = Standing { cycle: second, dossiers, year: here.year, data: here.data };
    second.close().await;
    it_is("2030-01-01");
    let (chair, data) = (&second.year.chair, &second.data);
    let proposed = second.proposed().await;
    let path = format!("destructions/{}/approve", id(&proposed));
    chair.does(&path, json!({ "version": proposed["version"] })).await;
    assert!(holding(data.path(), b"only-in-the-year-that-goes").is_empty());
}

#[tokio::test]
async fn a_year_in_which_a_correction_still_runs_is_not_destroyed() {
    let here = standing().await;
    let Standing { year, cycle, .. } = &here;
    let notice = json!({ "dossier": here.of("某某乙二"), "why": "会议决定", "reason": "示例理由", "points": ["示例"],
        "served_on": "2026-12-01" });
    let correction = year.admin.does("corrections", notice).await;
    here.close().await;
    it_is("2028-01-01");
    let path = format!("cycles/{cycle}/destruction");
    let said = year.admin.refused(&path, here.proposal().await, 409, "没有办完").await;
    assert!(said["error"].as_str().unwrap().contains("某某乙二"), "{said}");
    let withdraw = json!({ "version": correction["version"], "why": "登记错了人" });
    year.admin.does(&format!("corrections/{}/withdraw", id(&correction)), withdraw).await;
    here.proposed().await;
}
