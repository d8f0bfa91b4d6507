//! Accounts: how the first one is made, how others follow, what a pass-phrase must be, and how a forgotten one is helped.

use std::{path::Path, time::SystemTime};

use clap::Parser;
use douxuan::{
    config::DataFolder,
    staff::{
        Account, AccountId, Cost, Role, SignInName, StaffCommand, list_accounts, reported_scrutineers, reset_account,
        run,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use crate::staff::{CODE, PHRASE, Setting, id_of, start, start_with};

fn first(code: &str, sign_in: &str, phrase: &str) -> serde_json::Value {
    json!({ "code": code, "name": "王办公", "sign_in": sign_in, "phrase": phrase })
}

#[tokio::test]
async fn the_printed_code_makes_the_first_account_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut browser = console.browser();
    assert_eq!(browser.me().await["printed_code"], "first");
    browser.post("/desk/login", json!({ "code": CODE })).await.refused(403);
    browser.get("/desk/state").await.refused(401);
    browser.post("/desk/staff/first", first("0000-0000-0000-0000", "office", PHRASE)).await.refused(401);
    browser.post("/desk/staff/first", first(CODE, "o", PHRASE)).await.refused(409);
    browser.post("/desk/staff/first", first(CODE, "office", "short")).await.refused(409);
    assert!(console.staff.accounts().await.unwrap().is_empty());

    let made = browser.post("/desk/staff/first", first("aaaa bbbb cccc dddd", "Office", PHRASE)).await.ok();
    assert_eq!((&made["account"]["role"], &made["account"]["sign_in"]), (&json!("office"), &json!("office")));
    assert!(browser.signed_in().await);
    browser.get("/desk/state").await.ok();

    // From now on the code is dead: it makes no second account and signs nobody in.
    let mut other = console.browser();
    assert!(other.me().await["printed_code"].is_null());
    let refusal = other.post("/desk/staff/first", first(CODE, "second", PHRASE)).await.refused(409);
    assert!(refusal.contains("douxuan staff reset"), "{refusal}");
    other.post("/desk/login", json!({ "code": CODE })).await.refused(403);
    assert_eq!(console.staff.accounts().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_first_accounts_at_once_have_one_winner() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let (mut one, mut two) = (console.browser(), console.browser());
    let (a, b) = tokio::join!(
        one.post("/desk/staff/first", first(CODE, "one", PHRASE)),
        two.post("/desk/staff/first", first(CODE, "two", PHRASE))
    );
    let won = [a.status, b.status].iter().filter(|status| status.is_success()).count();
    assert_eq!((won, console.staff.accounts().await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn the_office_makes_accounts_and_never_knows_their_pass_phrases() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut office = console.office().await;
    let wanted = json!({ "name": "赵 监票", "sign_in": "Ｗａｔｃｈ", "role": "scrutineer" });
    let made = office.post("/desk/staff/accounts/new", wanted).await.ok();
    assert_eq!(made["sign_in"], "watch", "however it was typed");
    let list = office.get("/desk/staff/accounts").await.ok();
    assert_eq!((&list["accounts"][1]["waits"], &list["accounts"][1]["signed_in"]), (&json!(true), &json!(false)));

    // The same sign-in name, or the same person again, is refused.
    for (name, sign_in) in [("别人", "WATCH"), ("赵监票", "watch2")] {
        let again = json!({ "name": name, "sign_in": sign_in, "role": "teller" });
        office.post("/desk/staff/accounts/new", again).await.refused(409);
    }
    for (name, sign_in, role, status) in [
        ("", "x1", "teller", 409),
        ("某", "a b/c", "teller", 409),
        ("某", "xx", "king", 400),
        ("a\u{202e}b", "xx", "chair", 409),
    ] {
        let wrong = json!({ "name": name, "sign_in": sign_in, "role": role });
        office.post("/desk/staff/accounts/new", wrong).await.refused(status);
    }

    let mut watch = console.browser();
    let by = |code: &serde_json::Value, phrase: &str| json!({ "sign_in": "watch", "code": code, "phrase": phrase });
    watch.sign_in("watch", "").await.refused(401);
    watch.post("/desk/staff/code", by(&json!("0000-0000-0000-0000"), PHRASE)).await.refused(401);
    watch.post("/desk/staff/code", by(&made["code"], "watch watch watch")).await.refused(409);
    watch.post("/desk/staff/code", by(&made["code"], PHRASE)).await.ok();
    assert_eq!(watch.me().await["account"]["role"], "scrutineer");
    // Once.
    console.browser().post("/desk/staff/code", by(&made["code"], "another long phrase")).await.refused(401);
    console.browser().sign_in("watch", PHRASE).await.ok();

    // Nobody but the office keeps accounts; everybody sees them and what was done to them.
    let made = json!({ "name": "自己人", "sign_in": "mine", "role": "scrutineer" });
    watch.post("/desk/staff/accounts/new", made).await.refused(403);
    let seen = watch.get("/desk/staff/accounts").await.ok();
    assert_eq!(seen["history"][1], json!({ "account": "赵 监票", "what": "made", "by": "王办公" }));
    assert!(!seen.to_string().contains("hash") && !seen.to_string().contains("code"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_spend_one_code_have_one_winner() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut office = console.office().await;
    let made = json!({ "name": "李主持", "sign_in": "chair", "role": "chair" });
    let made = office.post("/desk/staff/accounts/new", made).await.ok();
    let (mut one, mut two) = (console.browser(), console.browser());
    let by = |phrase: &str| json!({ "sign_in": "chair", "code": made["code"], "phrase": phrase });
    let (a, b) = tokio::join!(
        one.post("/desk/staff/code", by("first phrase chosen")),
        two.post("/desk/staff/code", by("second phrase chosen"))
    );
    assert_eq!([a.status, b.status].iter().filter(|status| status.is_success()).count(), 1);
    let mut right = 0;
    for phrase in ["first phrase chosen", "second phrase chosen"] {
        right += usize::from(console.browser().sign_in("chair", phrase).await.status.is_success());
    }
    assert_eq!(right, 1);
}

#[test]
fn pass_phrases_are_long_and_not_what_anybody_would_try() {
    let (sign_in, name) = (SignInName::new("zhangwei").unwrap(), "张伟");
    let check = |phrase: &str| douxuan::staff::check_phrase(phrase, &sign_in, name);
    for good in ["correct horse battery", "正确的马电池钉", "月光落在旧书桌上", "kV9 qL2 wX7 pR4", "山高 水长 x1y2"]
    {
        assert!(check(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "elevenchars",
        "山高水长了",
        "            ",
        "zhangwei zhangwei zhangwei",
        "zhangwei2026",
        "张伟张伟张伟张伟",
        "douxuan douxuan douxuan",
        "123456789012",
        "abcdefghijklmnop",
        "111111111111",
        "121212121212",
        "abcabcabcabc",
        &"很长的口令".repeat(40),
        "correct\u{0}horse battery",
    ] {
        let refusal = check(bad).unwrap_err();
        assert!(refusal.error.starts_with("口令") && !refusal.what_to_do.is_empty(), "{bad}");
        assert!(bad.is_empty() || !refusal.to_string().contains(bad), "a refusal does not repeat the pass-phrase");
    }
}

#[tokio::test]
async fn an_own_pass_phrase_is_changed_with_the_old_one_and_signs_other_browsers_out() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let mut here = console.office().await;
    let mut there = console.browser();
    there.sign_in("office", PHRASE).await.ok();
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    here.post("/desk/staff/phrase", change("wrong old phrase", "a new phrase, longer")).await.refused(403);
    here.post("/desk/staff/phrase", change(PHRASE, "too short")).await.refused(409);
    assert!(there.signed_in().await && here.signed_in().await);

    let before = here.cookie.clone();
    here.post("/desk/staff/phrase", change(PHRASE, "a new phrase, longer")).await.ok();
    assert!(here.signed_in().await && here.cookie != before);
    assert!(!there.signed_in().await);
    there.sign_in("office", PHRASE).await.refused(401);
    there.sign_in("office", "a new phrase, longer").await.ok();
}

#[tokio::test]
async fn a_reset_ends_sessions_and_the_old_pass_phrase_at_once() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, ..] = console.four().await;
    let id = id_of(&office, "chair").await;
    chair.post("/desk/staff/accounts/reset", json!({ "id": id })).await.refused(403);
    let code = office.post("/desk/staff/accounts/reset", json!({ "id": id })).await.ok()["code"].clone();
    assert!(!chair.signed_in().await);
    chair.sign_in("chair", PHRASE).await.refused(401);
    // A second reset makes the first code worthless.
    let newer = office.post("/desk/staff/accounts/reset", json!({ "id": id })).await.ok()["code"].clone();
    let by = |code| json!({ "sign_in": "chair", "code": code, "phrase": "quite another phrase" });
    chair.post("/desk/staff/code", by(code)).await.refused(401);
    chair.post("/desk/staff/code", by(newer)).await.ok();
    assert!(chair.signed_in().await);
    let own = id_of(&office, "office").await;
    office.post("/desk/staff/accounts/reset", json!({ "id": own })).await.refused(409);
    office.post("/desk/staff/accounts/reset", json!({ "id": "00" })).await.refused(404);
}

#[tokio::test]
async fn the_last_office_that_can_sign_in_cannot_be_closed() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, mut chair, ..] = console.four().await;
    let (own, chairs) = (id_of(&office, "office").await, id_of(&office, "chair").await);
    let refusal = office.post("/desk/staff/accounts/close", json!({ "id": own })).await.refused(409);
    assert!(refusal.contains("最后一个"), "{refusal}");
    // One that has not come in yet does not count.
    let second = json!({ "name": "孙办公", "sign_in": "second", "role": "office" });
    let code = office.post("/desk/staff/accounts/new", second).await.ok()["code"].clone();
    office.post("/desk/staff/accounts/close", json!({ "id": own })).await.refused(409);
    let mut second = console.browser();
    second.post("/desk/staff/code", json!({ "sign_in": "second", "code": code, "phrase": PHRASE })).await.ok();

    // A closed account is out at once, and stays out, until it is opened again with a code.
    office.post("/desk/staff/accounts/close", json!({ "id": chairs })).await.ok();
    assert!(!chair.signed_in().await);
    chair.sign_in("chair", PHRASE).await.refused(401);
    office.post("/desk/staff/accounts/reset", json!({ "id": chairs })).await.refused(409);
    office.post("/desk/staff/accounts/close", json!({ "id": chairs })).await.refused(409);
    let code = office.post("/desk/staff/accounts/reopen", json!({ "id": chairs })).await.ok()["code"].clone();
    chair.sign_in("chair", PHRASE).await.refused(401);
    chair.post("/desk/staff/code", json!({ "sign_in": "chair", "code": code, "phrase": PHRASE })).await.ok();

    // Two who close each other at once: one of them stays.
    let seconds = id_of(&office, "second").await;
    let (a, b) = tokio::join!(
        office.post("/desk/staff/accounts/close", json!({ "id": seconds })),
        second.post("/desk/staff/accounts/close", json!({ "id": own }))
    );
    assert_eq!([a.status, b.status].iter().filter(|status| status.is_success()).count(), 1);
    let active = console.staff.accounts().await.unwrap();
    assert_eq!(active.iter().filter(|account| account.active && account.role == Role::Office).count(), 1);
}

#[tokio::test]
async fn a_forgotten_pass_phrase_is_helped_on_the_machine_itself_and_not_beside_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("data");
    let mut rng = StdRng::seed_from_u64(4);
    let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_797_177_600);

    let folder = DataFolder::open(Some(path.clone())).unwrap();
    let none = reset_account(&folder, "office", &mut rng, now).await.err().unwrap().to_string();
    assert!(none.contains("还没有账户"), "{none}");
    let console = start(&path).await;
    console.office().await;
    console.staff.close().await;

    // What a server holds, a second program does not get.
    assert!(DataFolder::open(Some(path.clone())).err().unwrap().to_string().contains("请先退出"));
    let unknown = reset_account(&folder, "ofice", &mut rng, now).await.err().unwrap().to_string();
    assert!(unknown.contains("douxuan staff list"), "{unknown}");
    let (account, code) = reset_account(&folder, " OFFICE ", &mut rng, now).await.unwrap();
    assert_eq!(account.role, Role::Office);
    assert_eq!(list_accounts(&folder).await.unwrap().len(), 1);

    let console = start(&path).await;
    let mut browser = console.browser();
    browser.sign_in("office", PHRASE).await.refused(401);
    assert!(browser.me().await["printed_code"].is_null(), "the printed code does not come back");
    let new = json!({ "sign_in": "office", "code": code.as_str(), "phrase": "found again at last" });
    browser.post("/desk/staff/code", new).await.ok();
    let seen = browser.get("/desk/staff/accounts").await.ok();
    assert_eq!(seen["history"][1], json!({ "account": "王办公", "what": "reset", "by": null }), "everybody sees it");
}

#[tokio::test]
async fn a_code_that_nobody_used_in_four_days_is_dead() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    console.office().await;
    console.staff.close().await;
    let folder = DataFolder::open(Some(data.path().to_owned())).unwrap();
    let mut rng = StdRng::seed_from_u64(4);
    for (days, works) in [(5, false), (3, true)] {
        let drawn = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_797_177_600 - days * 86_400);
        let (_, code) = reset_account(&folder, "office", &mut rng, drawn).await.unwrap();
        let console = start(data.path()).await;
        let new = json!({ "sign_in": "office", "code": code.as_str(), "phrase": "found again at last" });
        assert_eq!(console.browser().post("/desk/staff/code", new).await.status.is_success(), works, "{days} days");
        console.staff.close().await;
    }
}

#[tokio::test]
async fn after_a_restart_accounts_and_codes_are_there_and_nobody_is_signed_in() {
    let data = tempfile::tempdir().unwrap();
    let console = start(data.path()).await;
    let [mut office, chair, ..] = console.four().await;
    let late = json!({ "name": "周核验", "sign_in": "audit", "role": "auditor" });
    let code = office.post("/desk/staff/accounts/new", late).await.ok()["code"].clone();
    console.staff.close().await;

    let again = start(data.path()).await;
    for cookie in [office.cookie, chair.cookie] {
        let mut old = again.browser();
        old.cookie = cookie;
        assert!(!old.signed_in().await);
    }
    again.browser().sign_in("chair", PHRASE).await.ok();
    let mut audit = again.browser();
    audit.post("/desk/staff/code", json!({ "sign_in": "audit", "code": code, "phrase": PHRASE })).await.ok();
    audit.get("/desk/state").await.ok();
    audit.post("/desk/settings", json!({})).await.refused(403);
}

#[tokio::test]
async fn what_lies_on_disk_holds_no_pass_phrase_no_code_and_no_cookie() {
    let data = tempfile::tempdir().unwrap();
    let console = start_with(data.path(), Setting { cost: Cost::RECOMMENDED, ..Setting::default() }).await;
    let mut office = console.office().await;
    let made = json!({ "name": "李主持", "sign_in": "chair", "role": "chair" });
    let code = office.post("/desk/staff/accounts/new", made).await.ok()["code"].as_str().unwrap().to_owned();
    console.staff.close().await;
    let cookie = office.cookie.unwrap().split_once('=').unwrap().1.to_owned();
    let secrets = [PHRASE.to_owned(), code.replace('-', ""), code, cookie, CODE.to_owned()];
    for bytes in files(data.path()) {
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|at| at == secret.as_bytes()));
        }
    }
}

#[derive(clap::Parser)]
struct Typed {
    #[command(flatten)]
    staff: StaffCommand,
}

#[tokio::test]
async fn the_command_makes_no_folder_where_a_name_was_mistyped_and_takes_none_that_is_held() {
    let data = tempfile::tempdir().unwrap();
    let (path, typo) = (data.path().join("data"), data.path().join("date"));
    let typed = |folder: &Path, words: &[&str]| {
        let words = ["douxuan"].into_iter().chain(words.iter().copied()).chain(["--data", folder.to_str().unwrap()]);
        Typed::try_parse_from(words).unwrap().staff
    };
    let held = DataFolder::open(Some(path.clone())).unwrap();
    let console = start(&path).await;
    console.office().await;
    console.staff.close().await;
    let refusal = run(typed(&path, &["reset", "office"])).await.err().unwrap().to_string();
    assert!(refusal.contains("请先退出"), "{refusal}");
    drop(held);
    let refusal = run(typed(&typo, &["reset", "office"])).await.err().unwrap().to_string();
    assert!(refusal.contains("--data") && !typo.exists(), "{refusal}");
    run(typed(&path, &["list"])).await.unwrap();
    start(&path).await.browser().sign_in("office", PHRASE).await.ok();
    run(typed(&path, &["reset", "office"])).await.unwrap();
    start(&path).await.browser().sign_in("office", PHRASE).await.refused(401);
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn a_scrutineer_who_is_reported_on_is_found_by_name() {
    let account = |n: u8, name: &str, role, active| Account {
        id: AccountId::new([n; 16]),
        name: name.to_owned(),
        sign_in: SignInName::new(&format!("name{n}")).unwrap(),
        role,
        active,
    };
    let accounts = [
        account(1, "张伟", Role::Scrutineer, true),
        account(2, "王 芳", Role::Scrutineer, true),
        account(3, "李娜（办公室）", Role::Scrutineer, true),
        account(4, "刘洋", Role::Office, true),
        account(5, "陈静", Role::Scrutineer, false),
    ];
    let officials = ["张　伟", "王芳", "李娜", "刘洋", "陈静"].map(str::to_owned);
    let found = reported_scrutineers(&accounts, &officials);
    let names: Vec<&str> = found.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(
        names,
        ["张伟", "王 芳"],
        "spaces say nothing; others may be reported on; a unit makes a namesake another"
    );
    assert!(reported_scrutineers(&accounts, &[]).is_empty());
}
