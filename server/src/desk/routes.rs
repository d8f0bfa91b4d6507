//! `/desk/…`: what the console page asks and does. Staff stands around it: who acts comes in as [`By`].

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use douxuan_crypto::{bytes::hex, contest::Contest, log::Reason};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk,
    address::{self, Chosen},
    allowed::Act,
    checkin::SignIn,
    contests::Done,
    downloads,
    import::{Import, Lists},
    paper::{Entered, PaperEntry},
    print::Sheet,
    settings::{Change, Settings},
    wifi::Wifi,
};
use crate::{
    messages::Language,
    staff::By,
    web::{Asked, Refusal},
};

/// The console's routes. **Bare**: whoever reaches them acts, so [`crate::staff::guarded`] stands around them.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/desk/state", get(state))
        .route("/desk/sample", post(sample))
        // The guard has measured the body; the extractor's own limit of 2 MB would refuse it again in other words.
        .route("/desk/import", post(import).layer(DefaultBodyLimit::disable()))
        .route("/desk/settings", post(settings))
        .route("/desk/freeze", post(freeze))
        .route("/desk/slips", get(slips))
        .route("/desk/slips.json", get(slips_json))
        .route("/desk/slips/printed", post(slips_printed))
        .route("/desk/slips/again", post(slips_again))
        .route("/desk/wifi", post(wifi).get(wifi_sheet))
        .route("/desk/countdown", post(countdown))
        .route("/desk/window/open", post(window_open))
        .route("/desk/window/close", post(window_close))
        .route("/desk/slip/void", post(slip_void))
        .route("/desk/enrolment/end", post(enrolment_end))
        .route("/desk/contest/open", post(contest_open))
        .route("/desk/contest/close", post(contest_close))
        .route("/desk/contest/publish", post(contest_publish))
        .route("/desk/contest/void", post(contest_void))
        .route("/desk/contest/paper", post(contest_paper))
        .route("/desk/rehearsal/destroy", post(rehearsal_destroy))
        .route("/desk/archive", post(archive))
        .route("/desk/checkin", get(checkin_list).post(sign_in))
        .route("/desk/checkin/sheet", get(checkin_sheet))
        .merge(downloads::router())
        .route("/desk/meeting/new", post(meeting_new))
        .with_state(desk)
}

type Answer = Result<Json<Value>, Refusal>;

async fn state(State(desk): State<Desk>) -> Answer {
    Ok(Json(serde_json::to_value(desk.state().await?).map_err(Refusal::broken)?))
}

async fn sample(State(desk): State<Desk>) -> Answer {
    let settings = Settings::sample(&super::settings::civil_date((desk.parts().clock)()));
    desk.take_import(Lists::sample(), Some(settings)).await
}

async fn import(State(desk): State<Desk>, Asked(import): Asked<Import>) -> Answer {
    desk.take_import(import.unpack(&desk.parts().review)?, None).await
}

async fn settings(State(desk): State<Desk>, Asked(change): Asked<Change>) -> Answer {
    desk.change_settings(change).await.map(|settings| Json(json!({ "settings": settings })))
}

async fn freeze(State(desk): State<Desk>, by: By, Asked(chosen): Asked<Chosen>) -> Answer {
    desk.freeze(&chosen, &by).await?;
    state(State(desk)).await
}

async fn slips_again(State(desk): State<Desk>, by: By, Asked(chosen): Asked<Chosen>) -> Answer {
    desk.slips_again(&chosen, &by).await?;
    state(State(desk)).await
}

async fn wifi(State(desk): State<Desk>, Asked(wifi): Asked<Wifi>) -> Answer {
    desk.set_wifi(wifi).await.map(done)
}

async fn wifi_sheet(State(desk): State<Desk>, Query(asked): Query<Screen>) -> Result<Response, Refusal> {
    Ok(Html(desk.wifi_sheet(asked.language())?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Countdown {
    /// 0 for none.
    seconds: u64,
}

async fn countdown(State(desk): State<Desk>, Asked(body): Asked<Countdown>) -> Answer {
    desk.count_down(body.seconds).await.map(done)
}

async fn slips_printed(State(desk): State<Desk>) -> Answer {
    desk.slips_printed().await.map(done)
}

async fn window_open(State(desk): State<Desk>, by: By) -> Answer {
    desk.open_window(&by).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Present {
    present: u32,
}

async fn window_close(State(desk): State<Desk>, by: By, Asked(body): Asked<Present>) -> Answer {
    desk.close_window(body.present, &by).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Void {
    pub(super) text: String,
    reason: String,
}

impl Void {
    pub(super) fn reason(&self) -> Result<Reason, Refusal> {
        match self.reason.as_str() {
            "paper" => Ok(Reason::Paper),
            "lost" => Ok(Reason::Lost),
            "other" => Ok(Reason::Other),
            _ => Err(Refusal::conflict("作废原因不认识。", "请填 paper（改用纸票）、lost（遗失）或 other（其他）。")),
        }
    }
}

async fn slip_void(State(desk): State<Desk>, by: By, Asked(body): Asked<Void>) -> Answer {
    let voided = desk.void_slip(&body.text, body.reason()?, &by).await?;
    Ok(Json(json!({ "exclusion": voided.exclusion })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unused {
    pub(super) unused: u32,
    #[serde(default)]
    pub(super) lost: u32,
}

async fn enrolment_end(State(desk): State<Desk>, by: By, Asked(body): Asked<Unused>) -> Answer {
    desk.end_enrolment(body.unused, body.lost, &by).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contests {
    contests: Vec<(u16, u8)>,
}

impl Contests {
    pub(super) fn list(&self) -> Vec<Contest> {
        self.contests.iter().map(|(item, round)| Contest::new(*item, *round)).collect()
    }
}

async fn contest_open(State(desk): State<Desk>, by: By, Asked(body): Asked<Contests>) -> Answer {
    desk.open_contests(&body.list(), &by).await.map(each)
}

async fn contest_close(State(desk): State<Desk>, by: By, Asked(body): Asked<Contests>) -> Answer {
    desk.close_contests(&body.list(), &by).await.map(each)
}

async fn contest_publish(State(desk): State<Desk>, by: By, Asked(body): Asked<Contests>) -> Answer {
    desk.publish_contests(&body.list(), &by).await.map(each)
}

async fn contest_void(State(desk): State<Desk>, by: By, Asked(body): Asked<Contests>) -> Answer {
    desk.void_contests(&body.list(), &by).await.map(each)
}

/// 202 for a count that waits for the second person's.
async fn contest_paper(State(desk): State<Desk>, by: By, Asked(body): Asked<PaperEntry>) -> Result<Response, Refusal> {
    let entered = desk.count_paper(body, &by).await?;
    let status = if entered == Entered::Sealed { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(json!({ "paper": entered }))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn rehearsal_destroy(State(desk): State<Desk>, by: By, Asked(Nothing {}): Asked<Nothing>) -> Answer {
    desk.destroy_rehearsal(&by).await.map(done)
}

async fn archive(State(desk): State<Desk>, by: By, Asked(Nothing {}): Asked<Nothing>) -> Answer {
    let archived = desk.archive(&by).await?;
    let steps = archived.report.steps.iter();
    Ok(Json(json!({
        "sha256": hex(&archived.sha256),
        "bytes": archived.bytes,
        "path": archived.path.display().to_string(),
        "steps": steps.map(|step| json!({ "verdict": step.verdict.en(), "zh": step.zh })).collect::<Vec<_>>(),
    })))
}

async fn meeting_new(State(desk): State<Desk>) -> Answer {
    desk.prepare_anew().await.map(done)
}

/// The language of what stands around a sheet on the screen; the sheet itself is Chinese.
#[derive(Deserialize)]
struct Screen {
    lang: Option<String>,
}

impl Screen {
    fn language(&self) -> Language {
        Language::of(self.lang.as_deref().unwrap_or_default())
    }
}

async fn slips(State(desk): State<Desk>, Query(asked): Query<Screen>) -> Result<Response, Refusal> {
    let meeting = desk.frozen()?;
    let slips = desk.0.slips.lock().await;
    let slips = slips.as_ref().ok_or_else(no_slips)?;
    let sheet = Sheet {
        manifest: &meeting.manifest,
        screen_code: &meeting.screen_code,
        origin: &desk.origin(),
        drill: meeting.drill,
        screen: asked.language(),
    };
    let page = sheet.page(slips).map_err(|_| Refusal::broken("二维码生成失败"))?;
    Ok(Html(page).into_response())
}

async fn checkin_list(State(desk): State<Desk>) -> Answer {
    Ok(Json(serde_json::to_value(desk.checkin_list().await?).map_err(Refusal::broken)?))
}

async fn sign_in(State(desk): State<Desk>, Asked(asked): Asked<SignIn>) -> Answer {
    Ok(Json(serde_json::to_value(desk.sign_in(&asked).await?).map_err(Refusal::broken)?))
}

async fn checkin_sheet(State(desk): State<Desk>, Query(asked): Query<Screen>) -> Result<Response, Refusal> {
    Ok(Html(desk.checkin_sheet(asked.language()).await?).into_response())
}

/// A drill's slips for the swarm. **A real meeting's never leave but on paper.**
async fn slips_json(State(desk): State<Desk>) -> Answer {
    let meeting = desk.frozen()?;
    if !meeting.drill {
        return Err(Refusal::conflict("正式会议的票纸不能导出。", "只有演练可以导出票纸。").with_status(403));
    }
    let slips = desk.0.slips.lock().await;
    let slips = slips.as_ref().ok_or_else(no_slips)?;
    let prints = slips.groups().iter().flat_map(|group| group.prints(&meeting.manifest.id));
    let list: Vec<Value> =
        prints.map(|(fragment, text)| json!({ "fragment": fragment.as_str(), "text": text.as_str() })).collect();
    Ok(Json(json!({ "origin": desk.origin(), "manifest": hex(&meeting.manifest.id), "slips": list })))
}

fn no_slips() -> Refusal {
    Refusal::conflict(
        "票纸已经不在内存里。",
        "没有印出来的，请在第一次开放登记之前按“重新印票纸”，马上打印；以前印的全部失效。",
    )
    .with_status(410)
}

fn done(_: ()) -> Json<Value> {
    Json(json!({}))
}

fn each(done: Vec<Done>) -> Json<Value> {
    Json(json!({ "done": done }))
}

impl Desk {
    async fn count_down(&self, seconds: u64) -> Result<(), Refusal> {
        let _acting = self.begin(Act::Countdown, &[]).await?;
        self.parts().hub.count_down(address::countdown(seconds)?);
        Ok(())
    }

    async fn change_settings(&self, change: Change) -> Result<Settings, Refusal> {
        let _acting = self.begin(Act::Settings, &[]).await?;
        let settings = self.settings().await?.changed(change)?;
        self.office().keep_settings(&settings).await?;
        self.show().await;
        Ok(settings)
    }
}
