//! 上级认证: the identity services above us through which our people or citizens sign in, registered and changed by whoever manages all
//! people.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{Clientele, Duty, Ground, Problem, RealName, RoleId, Roles, Upstream, UpstreamContent, UpstreamLevel, UpstreamRule};
use publish::CommandError;
use publish::commands::{seal, upstream};
use serde::{Deserialize, Serialize};
use store::{citizen_links, upstream_links, upstreams};
use web::{App, Error, Origin, SignedIn};

use crate::screens::{self, Frame, Place};
use crate::{notice, office, via};

const BASE: &str = "/console/upstreams";

/// The whole platform among the places to choose from: no site is called so.
const PLATFORM: &str = "*";

/// Empty lines for rules beside those there are.
const SPARE: usize = 2;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The service that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    upstream: String,
}

/// The form as it was typed. Of each rule there is a value, a role and a place; of what is known of citizens a value and a level.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    key: String,
    clientele: String,
    name: String,
    issuer: String,
    client: String,
    #[serde(skip_serializing)]
    secret: String,
    scopes: String,
    claim: String,
    value: Vec<String>,
    role: Vec<String>,
    place: Vec<String>,
    said: Vec<String>,
    level: Vec<String>,
    is_open: String,
    seen: String,
}

#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    name: String,
    clientele: &'static str,
    issuer: String,
    count: i64,
    is_open: bool,
}

#[derive(Serialize)]
struct Screen {
    /// None: it is to be.
    known: Option<Known>,
    /// Where it must send our people back to, and citizens, where they can sign in.
    back_to: String,
    back_to_citizens: Option<String>,
    typed: Typed,
    rules: Vec<Rule>,
    levels: Vec<Level>,
    real_names: Vec<(&'static str, &'static str)>,
    roles: Vec<(String, String)>,
    sites: Vec<(String, String)>,
    problems: Vec<Problem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
}

#[derive(Serialize)]
struct Known {
    key: String,
    clientele: &'static str,
    has_secret: bool,
}

/// A rule as it stands in the form.
#[derive(Clone, Default, Serialize)]
struct Rule {
    value: String,
    role: String,
    place: String,
}

/// What is known of citizens, as it stands in the form.
#[derive(Clone, Default, Serialize)]
struct Level {
    said: String,
    level: String,
}

/// GET /console/upstreams
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let read = app.read(|connection| {
        let counts = [upstream_links::count(connection)?, citizen_links::count(connection)?].concat();
        Ok::<_, store::Error>((upstreams::list(connection)?, counts))
    });
    let (known, counts) = read.await?;
    let row = |one: Upstream| Row {
        count: counts.iter().find(|(id, _)| *id == one.id).map_or(0, |(_, count)| *count),
        key: one.key,
        clientele: one.clientele.chinese(),
        is_open: one.content.is_open,
        name: one.content.name,
        issuer: one.content.issuer,
    };
    let list = List { rows: known.into_iter().map(row).collect() };
    screens::draw("upstreams.html", frame(&signed_in, "上级认证").noticed(notice::find(&wish.done)), list)
}

/// GET /console/upstreams/new
pub(crate) async fn begin(app: State<Arc<App>>, origin: Origin, signed_in: SignedIn) -> Result<Response, Error> {
    let clientele = Clientele::Staff.as_str().to_owned();
    let typed = Typed { clientele, scopes: "openid profile".into(), is_open: "1".into(), ..Typed::default() };
    draw(&app, &origin, &signed_in, None, typed, Vec::new(), StatusCode::OK).await
}

/// POST /console/upstreams
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    origin: Origin,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Ok(clientele) = typed.clientele.parse::<Clientele>() else {
        let problems = vec![Problem::at("clientele", "请选择该服务面向谁")];
        return draw(&app, &origin, &signed_in, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let content = match typed.content(&app, clientele).await? {
        Ok(content) => content,
        Err(problems) => return draw(&app, &origin, &signed_in, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let (actor, key, secret) = (signed_in.actor(), typed.key.trim().to_owned(), typed.secret());
    match app.command(move |engine| upstream::add(engine, &actor, (&key, clientele), &content, secret.as_deref())).await {
        Ok(_) => Ok(Redirect::to(&format!("{BASE}?done=upstream-saved")).into_response()),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &origin, &signed_in, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}

/// GET /console/upstreams/{upstream}
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    origin: Origin,
    signed_in: SignedIn,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let known = find(&app, &named.upstream).await?;
    let typed = Typed::of(&app, &known).await?;
    draw(&app, &origin, &signed_in, Some(known), typed, Vec::new(), StatusCode::OK).await
}

/// POST /console/upstreams/{upstream}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    origin: Origin,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let known = find(&app, &named.upstream).await?;
    let content = match typed.content(&app, known.clientele).await? {
        Ok(content) => content,
        Err(problems) => {
            return draw(&app, &origin, &signed_in, Some(known), typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let (actor, key, seen, secret) = (signed_in.actor(), named.upstream.clone(), typed.seen.clone(), typed.secret());
    match app.command(move |engine| upstream::save(engine, &actor, &key, &seen, &content, secret.as_deref())).await {
        Ok(()) => Ok(Redirect::to(&format!("{BASE}?done=upstream-saved")).into_response()),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &origin, &signed_in, Some(known), typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Stale) => {
            let seen = seal(&find(&app, &named.upstream).await?.content);
            draw(&app, &origin, &signed_in, Some(known), Typed { seen, ..typed }, Vec::new(), StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

impl Typed {
    async fn of(app: &Arc<App>, known: &Upstream) -> Result<Self, Error> {
        let (roles, content) = (office::roles(app).await?, known.content.clone());
        let sites = app.tenants.list();
        // A site that is not known is no place to choose, least of all the whole platform.
        let place = |ground: Ground| match ground.site() {
            None => PLATFORM.to_owned(),
            Some(id) => sites.iter().find(|site| site.id == id).map_or_else(|| format!("#{id}"), |site| site.key.clone()),
        };
        let word = |role: RoleId| roles.find(role).map(|role| role.word.clone()).unwrap_or_default();
        Ok(Self {
            key: known.key.clone(),
            clientele: known.clientele.as_str().to_owned(),
            said: content.levels.iter().map(|known| known.value.clone()).collect(),
            level: content.levels.iter().map(|known| known.level.as_str().to_owned()).collect(),
            value: content.rules.iter().map(|rule| rule.value.clone()).collect(),
            role: content.rules.iter().map(|rule| word(rule.role)).collect(),
            place: content.rules.iter().map(|rule| place(rule.ground)).collect(),
            is_open: if content.is_open { "1".into() } else { String::new() },
            seen: seal(&content),
            name: content.name,
            issuer: content.issuer,
            client: content.client,
            secret: String::new(),
            scopes: content.scopes,
            claim: content.claim,
        })
    }

    /// What is typed of it for such people, or which rules are not whole.
    async fn content(&self, app: &Arc<App>, clientele: Clientele) -> Result<Result<UpstreamContent, Vec<Problem>>, Error> {
        let (rules, levels) = match clientele {
            Clientele::Staff => (self.typed_rules(app).await?, Ok(Vec::new())),
            Clientele::Citizens => (Ok(Vec::new()), self.typed_levels()),
        };
        let (mut rules, mut levels) = match (rules, levels) {
            (Ok(rules), Ok(levels)) => (rules, levels),
            (Err(problems), _) | (_, Err(problems)) => return Ok(Err(problems)),
        };
        // In the order they are kept in, so that a form that changes nothing changes nothing.
        rules.sort();
        rules.dedup();
        levels.sort();
        levels.dedup();
        Ok(Ok(UpstreamContent {
            name: self.name.trim().to_owned(),
            issuer: self.issuer.trim().to_owned(),
            client: self.client.trim().to_owned(),
            scopes: self.scopes.split_whitespace().collect::<Vec<_>>().join(" "),
            claim: self.claim.trim().to_owned(),
            rules,
            levels,
            is_open: !self.is_open.is_empty(),
        }))
    }

    async fn typed_rules(&self, app: &Arc<App>) -> Result<Result<Vec<UpstreamRule>, Vec<Problem>>, Error> {
        let known = office::roles(app).await?;
        let lines = self.rules().into_iter().filter(|line| !line.value.is_empty() || !line.role.is_empty());
        Ok(whole(lines.map(|line| line.rule(app, &known))))
    }

    fn typed_levels(&self) -> Result<Vec<UpstreamLevel>, Vec<Problem>> {
        let lines = self.levels().into_iter().filter(|line| !line.said.is_empty() || !line.level.is_empty());
        whole(lines.map(|line| line.known()))
    }

    /// Another secret, where one was typed.
    fn secret(&self) -> Option<String> {
        Some(self.secret.trim()).filter(|secret| !secret.is_empty()).map(str::to_owned)
    }

    fn rules(&self) -> Vec<Rule> {
        let rule = |line| Rule { value: at(&self.value, line), role: at(&self.role, line), place: at(&self.place, line) };
        (0..self.value.len().max(self.role.len())).map(rule).collect()
    }

    fn levels(&self) -> Vec<Level> {
        let level = |line| Level { said: at(&self.said, line), level: at(&self.level, line) };
        (0..self.said.len().max(self.level.len())).map(level).collect()
    }
}

/// What stands in a line of the form.
fn at(some: &[String], line: usize) -> String {
    some.get(line).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// All of them, or what is wrong with any.
fn whole<T>(lines: impl Iterator<Item = Result<T, Problem>>) -> Result<Vec<T>, Vec<Problem>> {
    let (good, problems): (Vec<_>, Vec<_>) = lines.partition(Result::is_ok);
    let problems: Vec<Problem> = problems.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(good.into_iter().filter_map(Result::ok).collect()) } else { Err(problems) }
}

impl Level {
    fn known(&self) -> Result<UpstreamLevel, Problem> {
        let problem = |sentence: String| Problem::at("levels", sentence);
        if self.said.is_empty() {
            return Err(problem("请填写声明的值，不需要的对应关系请把实名等级改为“不对应”".into()));
        }
        let level = self.level.parse::<RealName>().ok().filter(|level| *level != RealName::None);
        let level = level.ok_or_else(|| problem(format!("“{}”：请选择实名等级", self.said)))?;
        Ok(UpstreamLevel { value: self.said.clone(), level })
    }
}

impl Rule {
    fn rule(&self, app: &App, roles: &Roles) -> Result<UpstreamRule, Problem> {
        let problem = |sentence: String| Problem::at("rules", sentence);
        if self.value.is_empty() {
            return Err(problem("请填写上级的组名，不需要的对应关系请把角色改为“不授予”".into()));
        }
        let role = roles.by_word(&self.role).ok_or_else(|| problem(format!("“{}”：请选择角色", self.value)))?;
        let site = app.tenants.find_by_key(&self.place).map(|site| site.id);
        // Nothing is held on the whole platform because somebody left a field as it was.
        if site.is_none() && self.place != PLATFORM {
            return Err(problem(format!("“{}”：请选择范围", self.value)));
        }
        Ok(UpstreamRule { value: self.value.clone(), role: role.id, ground: Ground::whole(site) })
    }
}

async fn find(app: &Arc<App>, key: &str) -> Result<Upstream, Error> {
    let key = key.to_owned();
    app.read(move |connection| upstreams::find_by_key(connection, &key)).await?.ok_or(Error::NotFound)
}

fn frame(signed_in: &SignedIn, title: &str) -> Frame {
    Frame::platform(signed_in, Place::Upstreams, title)
}

async fn draw(
    app: &Arc<App>,
    Origin(origin): &Origin,
    signed_in: &SignedIn,
    known: Option<Upstream>,
    typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let title = if known.is_some() { "修改认证服务" } else { "登记认证服务" };
    let offered = office::roles(app).await?.0.into_iter().filter(|role| role.duty == Duty::Business);
    let mut rules = typed.rules();
    rules.resize(rules.len() + SPARE, Rule::default());
    let mut levels = typed.levels();
    levels.resize(levels.len() + SPARE, Level::default());
    let known = known.map(|one| Known { key: one.key, clientele: one.clientele.as_str(), has_secret: one.has_secret });
    let key = known.as_ref().map_or("标识", |known| &known.key);
    let center = app.engine.settings.citizens.address.as_deref();
    let screen = Screen {
        back_to: via::back_to(origin, key),
        back_to_citizens: center.map(|center| via::back_to_citizens(center, key)),
        known,
        typed,
        rules,
        levels,
        real_names: [RealName::Basic, RealName::Verified].map(|level| (level.as_str(), level.chinese())).to_vec(),
        roles: offered.map(|role| (role.word, role.name)).collect(),
        sites: crate::people::site_choices(&app.tenants.list()),
        problems,
        is_stale: status == StatusCode::CONFLICT,
    };
    Ok((status, screens::draw("upstream.html", frame(signed_in, title), screen)?).into_response())
}
