//! `/desk/…`: what the console page asks and does. Everything but `login` and `session` needs a session.

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, header},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use douxuan_crypto::{
    bytes::hex,
    contest::Contest,
    log::{PaperCount, Reason},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk, ImportRefused,
    contests::{Done, Person},
    print, roster,
    settings::{Change, Settings},
};
use crate::{
    limits,
    web::{Asked, Refusal},
};

const SAMPLE_ROSTER: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/roster.csv"));
const SAMPLE_OFFICIALS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/officials.csv"));

/// The console's routes.
pub fn router(desk: Desk) -> Router {
    let inside = Router::new()
        .route("/desk/state", get(state))
        .route("/desk/sample", post(sample))
        .route("/desk/import", post(import))
        .route("/desk/settings", post(settings))
        .route("/desk/freeze", post(freeze))
        .route("/desk/slips", get(slips))
        .route("/desk/slips.json", get(slips_json))
        .route("/desk/slips/printed", post(slips_printed))
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
        .route("/desk/bundle.zip", get(bundle))
        .route("/desk/meeting/new", post(meeting_new))
        .route_layer(from_fn_with_state(desk.clone(), session));
    Router::new()
        .route("/desk/login", post(login))
        .route("/desk/session", get(signed_in))
        .merge(inside)
        .with_state(desk)
}

async fn session(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    if desk.0.sessions.knows(request.headers()) {
        return next.run(request).await;
    }
    Refusal::conflict("还没有登录。", "请输入启动时显示的登录码。").with_status(401).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    code: String,
}

async fn login(State(desk): State<Desk>, Asked(login): Asked<Login>) -> Response {
    let mut rng = (desk.parts().random)();
    match desk.0.sessions.enter(&login.code, &mut *rng).await {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Json(json!({}))).into_response(),
        None => Refusal::conflict("登录码不对。", "请照启动窗口里显示的登录码重新输入；输错后要多等一会儿。")
            .with_status(401)
            .into_response(),
    }
}

async fn signed_in(State(desk): State<Desk>, headers: HeaderMap) -> Json<Value> {
    Json(json!({ "signed_in": desk.0.sessions.knows(&headers) }))
}

type Answer = Result<Json<Value>, Refusal>;

async fn state(State(desk): State<Desk>) -> Answer {
    Ok(Json(serde_json::to_value(desk.state().await?).map_err(Refusal::broken)?))
}

async fn sample(State(desk): State<Desk>) -> Answer {
    let settings = Settings::sample(&super::settings::civil_date((desk.parts().clock)()));
    desk.take_import(SAMPLE_ROSTER, SAMPLE_OFFICIALS, false, Some(settings)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    roster_csv_base64: String,
    officials_csv_base64: String,
    /// A person has answered the questions with yes.
    #[serde(default)]
    confirmed: bool,
}

async fn import(State(desk): State<Desk>, Asked(import): Asked<Import>) -> Answer {
    let decode = |text: &str| {
        let too_long = text.len() > limits::CSV_BYTES.div_ceil(3) * 4 + 4;
        let bytes = if too_long { None } else { STANDARD.decode(text).ok() };
        bytes.ok_or_else(|| {
            Refusal::conflict(format!("文件不能读取，或超过 {} 字节（1 MiB）。", limits::CSV_BYTES), "请重新选择文件。")
        })
    };
    let (roster, officials) = (decode(&import.roster_csv_base64)?, decode(&import.officials_csv_base64)?);
    desk.take_import(&roster, &officials, import.confirmed, None).await
}

async fn settings(State(desk): State<Desk>, Asked(change): Asked<Change>) -> Answer {
    desk.change_settings(change).await.map(|settings| Json(json!({ "settings": settings })))
}

async fn freeze(State(desk): State<Desk>) -> Answer {
    desk.freeze().await?;
    state(State(desk)).await
}

async fn slips_printed(State(desk): State<Desk>) -> Answer {
    desk.slips_printed().await.map(done)
}

async fn window_open(State(desk): State<Desk>) -> Answer {
    desk.open_window().await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Present {
    present: u32,
}

async fn window_close(State(desk): State<Desk>, Asked(body): Asked<Present>) -> Answer {
    desk.close_window(body.present).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Void {
    text: String,
    reason: String,
}

async fn slip_void(State(desk): State<Desk>, Asked(body): Asked<Void>) -> Answer {
    let reason = match body.reason.as_str() {
        "paper" => Reason::Paper,
        "lost" => Reason::Lost,
        "other" => Reason::Other,
        _ => {
            return Err(Refusal::conflict(
                "作废原因不认识。",
                "请填 paper（改用纸票）、lost（遗失）或 other（其他）。",
            ));
        }
    };
    let voided = desk.void_slip(&body.text, reason).await?;
    Ok(Json(json!({ "exclusion": voided.exclusion })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unused {
    unused: u32,
    #[serde(default)]
    lost: u32,
}

async fn enrolment_end(State(desk): State<Desk>, Asked(body): Asked<Unused>) -> Answer {
    desk.end_enrolment(body.unused, body.lost).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contests {
    contests: Vec<(u16, u8)>,
    /// Nobody, one, or two people; nobody stands for the office.
    #[serde(default)]
    by: Vec<Person>,
}

impl Contests {
    fn list(&self) -> Vec<Contest> {
        self.contests.iter().map(|(item, round)| Contest::new(*item, *round)).collect()
    }
}

async fn contest_open(State(desk): State<Desk>, Asked(body): Asked<Contests>) -> Answer {
    desk.open_contests(&body.list(), &body.by).await.map(each)
}

async fn contest_close(State(desk): State<Desk>, Asked(body): Asked<Contests>) -> Answer {
    desk.close_contests(&body.list(), &body.by).await.map(each)
}

async fn contest_publish(State(desk): State<Desk>, Asked(body): Asked<Contests>) -> Answer {
    desk.publish_contests(&body.list(), &body.by).await.map(each)
}

async fn contest_void(State(desk): State<Desk>, Asked(body): Asked<Contests>) -> Answer {
    desk.void_contests(&body.list(), &body.by).await.map(each)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    contest: (u16, u8),
    issued: u32,
    #[serde(default)]
    invalid: u32,
    #[serde(default)]
    ungraded: u32,
    votes: Vec<u32>,
}

async fn contest_paper(State(desk): State<Desk>, Asked(body): Asked<Paper>) -> Answer {
    let Paper { contest: (item, round), issued, invalid, ungraded, votes } = body;
    desk.count_paper(Contest::new(item, round), PaperCount { issued, invalid, ungraded, votes }).await.map(done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    #[serde(default)]
    by: Vec<Person>,
}

async fn rehearsal_destroy(State(desk): State<Desk>, Asked(body): Asked<By>) -> Answer {
    desk.destroy_rehearsal(&body.by).await.map(done)
}

async fn archive(State(desk): State<Desk>, Asked(body): Asked<By>) -> Answer {
    let archived = desk.archive(&body.by).await?;
    let steps = archived.report.steps.iter();
    Ok(Json(json!({
        "sha256": hex(&archived.sha256),
        "bytes": archived.bytes,
        "path": archived.path.display().to_string(),
        "steps": steps.map(|step| json!({ "verdict": step.verdict.en(), "zh": step.zh })).collect::<Vec<_>>(),
    })))
}

async fn bundle(State(desk): State<Desk>) -> Response {
    match desk.parts().shelf.bundle() {
        Some(bytes) => {
            let name = "attachment; filename=\"douxuan-bundle.zip\"";
            ([(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
        }
        None => Refusal::conflict("会议还没有归档。", "请先归档。").with_status(404).into_response(),
    }
}

async fn meeting_new(State(desk): State<Desk>) -> Answer {
    desk.prepare_anew().await.map(done)
}

#[derive(Deserialize)]
struct Under {
    /// One of this machine's names; the preferred one without it.
    host: Option<String>,
}

async fn slips(State(desk): State<Desk>, Query(under): Query<Under>) -> Result<Response, Refusal> {
    let origin = desk.origin(under.host.as_deref())?;
    let meeting = desk.frozen()?;
    let slips = desk.0.slips.lock().await;
    let slips = slips.as_ref().ok_or_else(no_slips)?;
    let page = print::sheet(&meeting.manifest, &meeting.screen_code, slips, &origin, meeting.drill);
    Ok(Html(page.map_err(|_| Refusal::broken("二维码生成失败"))?).into_response())
}

/// A drill's slips for the swarm. **A real meeting's never leave but on paper.**
async fn slips_json(State(desk): State<Desk>, Query(under): Query<Under>) -> Answer {
    let origin = desk.origin(under.host.as_deref())?;
    let meeting = desk.frozen()?;
    if !meeting.drill {
        return Err(Refusal::conflict("正式会议的票纸不能导出。", "只有演练可以导出票纸。").with_status(403));
    }
    let slips = desk.0.slips.lock().await;
    let slips = slips.as_ref().ok_or_else(no_slips)?;
    let prints = slips.groups().iter().flat_map(|group| group.prints(&meeting.manifest.id));
    let list: Vec<Value> =
        prints.map(|(fragment, text)| json!({ "fragment": fragment.as_str(), "text": text.as_str() })).collect();
    Ok(Json(json!({ "origin": origin, "manifest": hex(&meeting.manifest.id), "slips": list })))
}

fn no_slips() -> Refusal {
    Refusal::conflict("票纸已经不在内存里。", "没有印出来的，请在控制台按“重新准备”，再冻结一次，马上打印。")
        .with_status(410)
}

fn done(_: ()) -> Json<Value> {
    Json(json!({}))
}

fn each(done: Vec<Done>) -> Json<Value> {
    Json(json!({ "done": done }))
}

impl Desk {
    /// Where phones go, for the slips.
    pub(super) fn origin(&self, host: Option<&str>) -> Result<String, Refusal> {
        let hosts = &self.parts().hosts;
        let host = host.unwrap_or_else(|| hosts.preferred());
        if !hosts.allows(host) || !hosts.all().any(|known| known == host) {
            return Err(Refusal::conflict("这个地址不是本机的。", "请从列出的地址中选择，或在启动时加 --host 名字。"));
        }
        Ok(format!("http://{host}:{}", self.parts().public_port))
    }

    async fn take_import(
        &self,
        roster: &[u8],
        officials: &[u8],
        confirmed: bool,
        settings: Option<Settings>,
    ) -> Answer {
        let _acting = self.0.acting.lock().await;
        self.not_frozen()?;
        let (lists, report) = roster::import(roster, officials, confirmed).map_err(|refused| match refused {
            ImportRefused::Errors(findings) => {
                Refusal::conflict(format!("有 {} 处要更正，没有导入。", findings.len()), "请逐条更正后重新导入。")
                    .with_details(json!({ "errors": findings }))
            }
            ImportRefused::Questions(findings) => Refusal::conflict(
                format!("有 {} 个问题要您决定，还没有导入。", findings.len()),
                "逐条看过后，确认就照原样导入；否则更正后重新导入。",
            )
            .with_details(json!({ "questions": findings })),
        })?;
        self.office().keep_roster(&lists).await?;
        if let Some(settings) = settings {
            self.office().keep_settings(&settings).await?;
        }
        self.show().await;
        Ok(Json(json!({
            "attendees": lists.attendees.len(),
            "officials": lists.officials.len(),
            "report": report,
        })))
    }

    async fn change_settings(&self, change: Change) -> Result<Settings, Refusal> {
        let _acting = self.0.acting.lock().await;
        self.not_frozen()?;
        let settings = self.settings().await?.changed(change)?;
        self.office().keep_settings(&settings).await?;
        self.show().await;
        Ok(settings)
    }

    fn not_frozen(&self) -> Result<(), Refusal> {
        match self.meeting() {
            None => Ok(()),
            Some(_) => Err(Refusal::conflict("会议已经冻结，不能更改。", "要更改，请先按“重新准备”，票纸要重新打印。")),
        }
    }
}
