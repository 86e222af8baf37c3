//! 我的数据: taking away all that is kept of oneself, and closing the account (《个人信息保护法》第四十五条、第四十七条).

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::NaiveDateTime;
use model::{Problem, Recipient, citizen_policy};
use publish::commands::{citizen, citizen_link};
use serde::{Deserialize, Serialize};
use store::citizen_sessions;
use web::{App, Error, SignedInCitizen, attachment, close_citizen_session};

use crate::center::{Shown, own};
use crate::consents;
use crate::screens::{self, Done, Frame};
use crate::security;

/// Of what happened to an account, as much as is kept of anybody.
const ALL: i64 = 10_000;

/// Whether they are sure.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    sure: String,
}

#[derive(Serialize)]
struct Screen {
    citizen: Shown,
}

/// All that is kept of a citizen, whole.
#[derive(Serialize)]
struct Export {
    #[serde(rename = "导出时间")]
    at: String,
    #[serde(rename = "用户编号")]
    id: i64,
    #[serde(rename = "称呼")]
    call: String,
    #[serde(rename = "手机号")]
    phone: Option<String>,
    #[serde(rename = "电子邮箱")]
    mail: Option<String>,
    #[serde(rename = "监护人联系方式")]
    guardian: Option<String>,
    #[serde(rename = "实名等级")]
    real_name: &'static str,
    #[serde(rename = "注册时间")]
    registered_at: String,
    #[serde(rename = "同意的协议版本")]
    terms: String,
    #[serde(rename = "密码设置时间")]
    password_since: Option<String>,
    #[serde(rename = "关联的认证服务")]
    links: Vec<Linked>,
    #[serde(rename = "授权的应用")]
    consents: Vec<Consent>,
    #[serde(rename = "登录中的设备")]
    sessions: Vec<Device>,
    #[serde(rename = "操作记录")]
    deeds: Vec<Deed>,
}

#[derive(Serialize)]
struct Linked {
    #[serde(rename = "名称")]
    upstream: String,
    #[serde(rename = "在该服务的账号标识")]
    subject: String,
    #[serde(rename = "核验的实名等级")]
    level: &'static str,
    #[serde(rename = "关联时间")]
    since: String,
    #[serde(rename = "最近由此登录")]
    used: Option<String>,
}

#[derive(Serialize)]
struct Consent {
    #[serde(rename = "名称")]
    name: String,
    #[serde(rename = "责任单位")]
    keeper: String,
    #[serde(rename = "可获知的信息")]
    told: String,
    #[serde(rename = "同意时间")]
    since: String,
}

#[derive(Serialize)]
struct Device {
    #[serde(rename = "浏览器")]
    agent: String,
    #[serde(rename = "网络地址")]
    address: String,
    #[serde(rename = "登录时间")]
    opened: String,
    #[serde(rename = "最近使用")]
    seen: String,
}

#[derive(Serialize)]
struct Deed {
    #[serde(rename = "时间")]
    at: String,
    #[serde(rename = "操作")]
    action: String,
    #[serde(rename = "网络地址")]
    address: String,
}

/// GET /data
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    screens::draw("data.html", frame(&app).noticed(&done.done), Screen { citizen: Shown::from(&citizen) })
}

/// GET /data/export
pub(crate) async fn export(State(app): State<Arc<App>>, signed_in: SignedInCitizen) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let (id, now, engine) = (signed_in.id, app.engine.clock.now(), Arc::clone(&app.engine));
    let links = app.read(move |connection| citizen_link::list_whole(&engine.vault, connection, id)).await?;
    let read = app.read(move |connection| {
        let open = citizen_sessions::list(connection, id, now - citizen_policy().sessions.longest())?;
        Ok::<_, store::Error>((open, store::audit::list_by_citizen(connection, id, &[], ALL)?, consents::rows(connection, id)?))
    });
    let (open, entries, consents) = read.await?;
    let whole = |one: &Option<Recipient>| one.as_ref().map(|recipient| recipient.text().to_owned());
    let export = Export {
        at: time(now),
        id: citizen.id.0,
        call: citizen.call.clone(),
        phone: whole(&citizen.phone),
        mail: whole(&citizen.mail),
        guardian: whole(&citizen.guardian),
        real_name: citizen.real_name.chinese(),
        registered_at: time(citizen.registered_at),
        terms: citizen.terms.clone(),
        password_since: citizen.password_since.map(time),
        links: links
            .into_iter()
            .map(|one| Linked {
                upstream: one.upstream,
                subject: one.subject,
                level: one.level.chinese(),
                since: time(one.link.linked_at),
                used: one.link.used_at.map(time),
            })
            .collect(),
        consents: consents
            .into_iter()
            .map(|one| Consent { name: one.name, keeper: one.keeper, told: one.told, since: one.since })
            .collect(),
        sessions: open
            .into_iter()
            .map(|one| Device { agent: one.agent, address: one.address, opened: time(one.opened), seen: time(one.seen) })
            .collect(),
        deeds: entries
            .into_iter()
            .map(|entry| Deed {
                at: time(entry.at),
                action: security::told(&entry).unwrap_or_else(|| entry.action.clone()),
                address: entry.address,
            })
            .collect(),
    };
    app.command(move |engine| citizen::exported(engine, &signed_in.deed())).await?;
    let text = serde_json::to_string_pretty(&export).map_err(|error| Error::Fault(error.to_string()))?;
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8".parse().map_err(|_| Error::NotFound)?),
        (axum::http::header::CONTENT_DISPOSITION, attachment("我的个人信息.json")),
    ];
    Ok((headers, text).into_response())
}

/// GET /data/close
pub(crate) async fn ask(State(app): State<Arc<App>>, signed_in: SignedInCitizen) -> Result<Response, Error> {
    close_page(&app, &signed_in, Vec::new()).await
}

/// POST /data/close
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    if typed.sure.is_empty() {
        return close_page(&app, &signed_in, vec![Problem::at("sure", "请先勾选确认")]).await;
    }
    let deed = signed_in.deed();
    app.command(move |engine| citizen::close(engine, &deed)).await?;
    let cookie = close_citizen_session(&app, &signed_in).await?;
    Ok((jar.add(cookie), Redirect::to("/sign-in?done=closed")).into_response())
}

async fn close_page(app: &Arc<App>, signed_in: &SignedInCitizen, problems: Vec<Problem>) -> Result<Response, Error> {
    let citizen = own(app, signed_in).await?;
    screens::draw("close.html", frame(app).with_problems(problems), Screen { citizen: Shown::from(&citizen) })
}

fn frame(app: &App) -> Frame {
    Frame::within(app, "data", "我的数据")
}

fn time(at: NaiveDateTime) -> String {
    model::local(at).format("%Y-%m-%d %H:%M:%S").to_string()
}
