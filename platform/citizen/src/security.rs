//! 登录与安全: a password for whoever wants one, where one is signed in, and when one came in.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{AuditEntry, CitizenSessionId, Problem, citizen_policy, local};
use publish::CommandError;
use publish::commands::citizen;
use serde::{Deserialize, Serialize};
use store::citizen_sessions;
use web::{App, Error, SignedInCitizen};

use crate::center::{Shown, own};
use crate::consents;
use crate::links;
use crate::screens::{self, Done, Frame};
use crate::telling::tell;

/// How much of what happened is shown.
const LATEST: i64 = 20;

/// What applications may do every few minutes would leave nothing else to be seen; it is among what is taken away.
const OFTEN: &[&str] = &["citizen.enter"];

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    password: String,
    repeated: String,
}

#[derive(Serialize)]
struct Screen {
    citizen: Shown,
    links: Vec<links::Row>,
    consents: Vec<consents::Row>,
    sessions: Vec<Session>,
    attempts: Vec<Attempt>,
}

#[derive(Serialize)]
struct Session {
    id: CitizenSessionId,
    agent: String,
    address: String,
    opened: String,
    seen: String,
    is_own: bool,
}

#[derive(Serialize)]
struct Attempt {
    at: String,
    address: String,
    what: String,
}

#[derive(Serialize)]
struct PasswordScreen {
    has_one: bool,
    length: usize,
    kinds: usize,
}

/// GET /security
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let rule = citizen_policy().sessions;
    let (id, now) = (signed_in.id, app.engine.clock.now());
    let read = app.read(move |connection| {
        let open = citizen_sessions::list(connection, id, now - rule.longest())?;
        let entries = store::audit::list_by_citizen(connection, id, OFTEN, LATEST)?;
        Ok::<_, store::Error>((open, entries, (links::rows(connection, id)?, consents::rows(connection, id)?)))
    });
    let (open, entries, (links, consents)) = read.await?;
    let time = |at| local(at).format("%Y-%m-%d %H:%M").to_string();
    let sessions = open.into_iter().filter(|session| rule.holds(session.opened, session.seen, now)).map(|session| Session {
        id: session.id,
        agent: device(&session.agent).to_owned(),
        address: session.address,
        opened: time(session.opened),
        seen: time(session.seen),
        is_own: session.id == signed_in.session,
    });
    let attempts =
        entries.into_iter().filter_map(|entry| Some(Attempt { what: told(&entry)?, at: time(entry.at), address: entry.address }));
    let (sessions, attempts) = (sessions.collect(), attempts.collect());
    let screen = Screen { citizen: Shown::from(&citizen), links, consents, sessions, attempts };
    screens::draw("security.html", frame(&app).noticed(&done.done), screen)
}

/// GET /security/password
pub(crate) async fn ask_password(State(app): State<Arc<App>>, signed_in: SignedInCitizen) -> Result<Response, Error> {
    password_page(&app, &signed_in, Vec::new()).await
}

/// POST /security/password
pub(crate) async fn save_password(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let rule = citizen_policy().password;
    if let Some(weakness) = factors::password_weakness(&typed.password, rule) {
        return password_page(&app, &signed_in, vec![Problem::at("password", weakness)]).await;
    }
    if typed.password != typed.repeated {
        return password_page(&app, &signed_in, vec![Problem::at("repeated", "两次输入的密码不一致")]).await;
    }
    let (recipients, session) = (own(&app, &signed_in).await?.recipients(), signed_in.session);
    app.command(move |engine| {
        let hash = factors::hash_password(&typed.password).map_err(|error| CommandError::Blob(std::io::Error::other(error)))?;
        citizen::set_password(engine, &signed_in.deed(), Some(&hash), session)
    })
    .await?;
    tell(&app, &recipients, "已设置新密码").await;
    Ok(Redirect::to("/security?done=password").into_response())
}

/// POST /security/password/remove
pub(crate) async fn remove_password(State(app): State<Arc<App>>, signed_in: SignedInCitizen) -> Result<Response, Error> {
    let (recipients, session) = (own(&app, &signed_in).await?.recipients(), signed_in.session);
    app.command(move |engine| citizen::set_password(engine, &signed_in.deed(), None, session)).await?;
    tell(&app, &recipients, "的密码已取消").await;
    Ok(Redirect::to("/security?done=password-removed").into_response())
}

/// POST /security/sessions
pub(crate) async fn end_others(State(app): State<Arc<App>>, signed_in: SignedInCitizen) -> Result<Response, Error> {
    let own = signed_in.session;
    app.command(move |engine| citizen::end_sessions(engine, &signed_in.deed(), None, own)).await?;
    Ok(Redirect::to("/security?done=sessions").into_response())
}

/// POST /security/sessions/{session}
pub(crate) async fn end_one(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Path(session): Path<CitizenSessionId>,
) -> Result<Response, Error> {
    let own = signed_in.session;
    app.command(move |engine| citizen::end_sessions(engine, &signed_in.deed(), Some(session), own)).await?;
    Ok(Redirect::to("/security?done=session").into_response())
}

async fn password_page(app: &Arc<App>, signed_in: &SignedInCitizen, problems: Vec<Problem>) -> Result<Response, Error> {
    let rule = citizen_policy().password;
    let has_one = own(app, signed_in).await?.password_since.is_some();
    let screen = PasswordScreen { has_one, length: rule.length, kinds: rule.kinds };
    screens::draw("password.html", frame(app).with_problems(problems), screen)
}

fn frame(app: &App) -> Frame {
    Frame::within(app, "security", "登录与安全")
}

/// What happened, of what is worth a look.
pub(crate) fn told(entry: &AuditEntry) -> Option<String> {
    let after = entry.after.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()).unwrap_or_default();
    let what = what(&entry.action)?;
    let with = ["upstream", "source", "application"].iter().find_map(|field| after[*field].as_str());
    Some(match with {
        Some(other) => format!("{what}（{other}）"),
        None => what.to_owned(),
    })
}

fn what(action: &str) -> Option<&'static str> {
    Some(match action {
        "citizen.register" => "注册",
        "citizen.open" => "登录",
        "citizen.fail" => "登录失败",
        "citizen.lock" => "登录失败次数过多，暂停密码登录",
        "citizen.out" => "退出登录",
        "citizen.prove" => "确认身份",
        "citizen.leave" => "退出其他设备",
        "citizen.password" => "设置或取消密码",
        "citizen.recipient" => "更改联系方式",
        "citizen.link" => "关联认证服务",
        "citizen.unlink" => "解除关联认证服务",
        "citizen.enter" => "登录应用",
        "citizen.agree" => "授权并登录应用",
        "citizen.take_back" => "撤回对应用的授权",
        "citizen.export" => "导出个人信息",
        "citizen.call" => "修改称呼",
        "citizen.of_age" => "监护人信息删除",
        "citizen.real_name" => "实名等级更新",
        "citizen.suspend" => "账号停用",
        "citizen.reinstate" => "账号恢复",
        _ => return None,
    })
}

/// A device in a word, by what its browser calls itself.
fn device(agent: &str) -> &'static str {
    let known = [
        ("MicroMessenger", "微信"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("HarmonyOS", "鸿蒙设备"),
        ("Android", "安卓手机或平板"),
        ("Windows", "Windows电脑"),
        ("Macintosh", "Mac电脑"),
        ("Linux", "Linux电脑"),
    ];
    known.into_iter().find(|(mark, _)| agent.contains(mark)).map_or("其他设备", |(_, name)| name)
}
