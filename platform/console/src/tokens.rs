//! 访问令牌: what programs ask with on one's behalf. Made and ended by oneself; whoever manages all people may end them too.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use chrono::NaiveDateTime;
use model::api_token::{ApiToken, TokenScope};
use model::{Ground, Permission, Person, Problem, TokenId, UserId, sign_in_policy};
use publish::CommandError;
use publish::commands::api_token::{self, Wanted};
use serde::{Deserialize, Serialize};
use store::api_tokens;
use web::{App, Error, SignedIn};

use crate::moment::Moment;
use crate::notice;
use crate::office::Office;
use crate::screens::{self, Frame};

/// Days that are suggested.
const USUAL: u32 = 90;

/// What to say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    /// The short name of a site; empty: the platform.
    ground: String,
    permissions: Vec<String>,
    days: String,
}

/// The token that an address names.
#[derive(Deserialize)]
pub(crate) struct Own {
    token: TokenId,
}

/// A person's token that an address names.
#[derive(Deserialize)]
pub(crate) struct Theirs {
    user: UserId,
    token: TokenId,
}

/// A token as it is listed.
#[derive(Serialize)]
pub(crate) struct Row {
    id: TokenId,
    name: String,
    place: String,
    permissions: String,
    ends: Moment,
    has_ended: bool,
    used: Option<Moment>,
    used_from: String,
}

/// A permission as it can be ticked.
#[derive(Serialize)]
struct Choice {
    word: &'static str,
    name: &'static str,
    /// Where it is held.
    hint: String,
    is_held: bool,
    is_fixed: bool,
}

/// What was just made, shown this once.
#[derive(Serialize)]
struct Made {
    name: String,
    token: String,
}

#[derive(Serialize)]
struct Screen {
    rows: Vec<Row>,
    made: Option<Made>,
    typed: Typed,
    grounds: Vec<(String, String)>,
    choices: Vec<Choice>,
    longest: u32,
    requests: u32,
    problems: Vec<Problem>,
    refusal: Option<String>,
}

/// What a form came to.
#[derive(Default)]
struct Attempt {
    typed: Option<Typed>,
    made: Option<Made>,
    problems: Vec<Problem>,
    refusal: Option<String>,
}

/// GET /console/me/tokens
pub(crate) async fn show(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &signed_in, &wish.done, Attempt::default()).await
}

/// POST /console/me/tokens. What is made is in this answer and nowhere else.
pub(crate) async fn make(State(app): State<Arc<App>>, signed_in: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let wanted = match typed.wanted(&app) {
        Ok(wanted) => wanted,
        Err(problem) => {
            let attempt = Attempt { typed: Some(typed), problems: vec![problem], ..Attempt::default() };
            return draw(&app, &signed_in, "", attempt).await;
        }
    };
    let (actor, name, (token, hash)) = (signed_in.actor(), wanted.name.clone(), web::new_token());
    let attempt = match app.command(move |engine| api_token::make(engine, &actor, &wanted, &hash)).await {
        Ok(_) => Attempt { made: Some(Made { name, token }), ..Attempt::default() },
        Err(CommandError::Invalid(problems)) => Attempt { typed: Some(typed), problems, ..Attempt::default() },
        Err(other) => return Err(other.into()),
    };
    draw(&app, &signed_in, "", attempt).await
}

/// POST /console/me/tokens/{token}/revoke
pub(crate) async fn revoke(State(app): State<Arc<App>>, signed_in: SignedIn, Path(named): Path<Own>) -> Result<Response, Error> {
    let (actor, id) = (signed_in.actor(), signed_in.person.id);
    match app.command(move |engine| api_token::revoke(engine, &actor, id, named.token)).await {
        Ok(()) => Ok(Redirect::to("/console/me/tokens?done=token-revoked").into_response()),
        Err(CommandError::NotFound) => {
            let attempt = Attempt { refusal: Some("该令牌已经撤销，无需再次操作".into()), ..Attempt::default() };
            draw(&app, &signed_in, "", attempt).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/people/{user}/tokens/{token}/revoke
pub(crate) async fn revoke_theirs(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Theirs>,
) -> Result<Response, Error> {
    let (actor, user) = (office.actor(), named.user);
    app.command(move |engine| api_token::revoke(engine, &actor, user, named.token)).await?;
    Ok(office.back(&format!("/{user}"), "token-revoked"))
}

/// Tokens as they are listed, for their person and for whoever manages people.
pub(crate) fn rows(app: &App, tokens: Vec<ApiToken>, now: NaiveDateTime) -> Vec<Row> {
    let sites = app.tenants.list();
    let place = |ground: Ground| match ground.site() {
        None => "全平台".to_owned(),
        Some(site) => sites.iter().find(|one| one.id == site).map(|one| one.short_name.clone()).unwrap_or_default(),
    };
    let row = |token: ApiToken| {
        let (used, used_from) = token.used.unzip();
        Row {
            id: token.id,
            place: place(token.scope.ground),
            permissions: names(&token.scope.permissions),
            has_ended: token.ends_at <= now,
            ends: token.ends_at.into(),
            used: used.map(Into::into),
            used_from: used_from.unwrap_or_default(),
            name: token.name,
        }
    };
    tokens.into_iter().map(row).collect()
}

fn names(permissions: &BTreeSet<Permission>) -> String {
    permissions.iter().map(|permission| permission.chinese()).collect::<Vec<_>>().join("、")
}

impl Typed {
    fn wanted(&self, app: &App) -> Result<Wanted, Problem> {
        let ground = match self.ground.as_str() {
            "" => Ground::Platform,
            key => {
                let site = app.tenants.find_by_key(key);
                Ground::Site(site.ok_or_else(|| Problem::at("ground", "请从列表中选择适用范围"))?.id)
            }
        };
        let permissions = self.permissions.iter().filter_map(|word| word.parse().ok()).collect();
        let name = self.name.trim().to_owned();
        Ok(Wanted { name, scope: TokenScope { ground, permissions }, days: self.days.trim().parse().ok() })
    }
}

/// Where somebody holds anything: the platform, and sites.
fn grounds(app: &App, person: &Person) -> Vec<(String, String)> {
    let everywhere = person.rights.iter().any(|right| right.ground == Ground::Platform);
    let platform = everywhere.then(|| (String::new(), "全平台".to_owned()));
    let sites = app.tenants.list().into_iter().filter(|site| person.belongs(site.id));
    platform.into_iter().chain(sites.map(|site| (site.key.clone(), site.short_name.clone()))).collect()
}

/// What somebody holds anywhere, and where.
fn choices(app: &App, person: &Person, ticked: &[String]) -> Vec<Choice> {
    let sites = app.tenants.list();
    let held = |permission: Permission| {
        if person.may_everywhere(permission) {
            return Some("全平台".to_owned());
        }
        let some = sites.iter().filter(|site| person.within(permission, site.id).is_any());
        let names: Vec<String> = some
            .map(|site| {
                let limits = if person.may(permission, site.id) { "" } else { "（部分栏目）" };
                format!("{}{limits}", site.short_name)
            })
            .collect();
        (!names.is_empty()).then(|| names.join("、"))
    };
    let choice = |permission: &Permission| {
        let word = permission.as_str();
        let is_held = ticked.iter().any(|one| one == word);
        Some(Choice {
            word,
            name: permission.chinese(),
            hint: format!("您的权限范围：{}", held(*permission)?),
            is_held,
            is_fixed: false,
        })
    };
    Permission::ALL.iter().filter_map(choice).collect()
}

async fn draw(app: &Arc<App>, signed_in: &SignedIn, done: &str, attempt: Attempt) -> Result<Response, Error> {
    let (id, now) = (signed_in.person.id, app.engine.clock.now());
    let tokens = app.read(move |connection| api_tokens::list(connection, id)).await?;
    let status = if attempt.refusal.is_some() {
        StatusCode::CONFLICT
    } else if attempt.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let typed = attempt.typed.unwrap_or_else(|| Typed { days: USUAL.to_string(), ..Typed::default() });
    let rule = sign_in_policy().tokens;
    let screen = Screen {
        rows: rows(app, tokens, now),
        made: attempt.made,
        grounds: grounds(app, &signed_in.person),
        choices: choices(app, &signed_in.person, &typed.permissions),
        typed,
        longest: rule.days,
        requests: rule.requests,
        problems: attempt.problems,
        refusal: attempt.refusal,
    };
    let frame = Frame::own(signed_in, "访问令牌").noticed(notice::find(done));
    Ok((status, screens::draw("tokens.html", frame, screen)?).into_response())
}
