//! 限定授权: roles that somebody holds for one channel and all below it, or until a time, beside those ticked for the whole of a site.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::Form;
use model::schedule::typed_time;
use model::{ChannelId, ChannelTree, Grant, Ground, Problem, Roles, SiteId};
use publish::commands::granting::{self, Limited};
use publish::commands::membership;
use serde::{Deserialize, Serialize};
use web::{App, Error};

use crate::desk::trail;
use crate::moment::Moment;
use crate::office::{self, Choice, Named, Office, ticked};
use crate::person;

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    limited: Vec<String>,
    /// The number of a channel; empty: the whole site, or the platform.
    ground: String,
    until: String,
}

/// Which of them is to be taken.
#[derive(Deserialize)]
pub(crate) struct Which {
    role: String,
    #[serde(default)]
    ground: String,
}

/// The part of a person's page.
#[derive(Default, Serialize)]
pub(crate) struct Granting {
    rows: Vec<Row>,
    choices: Vec<Choice>,
    channels: Vec<(String, String)>,
    typed: Typed,
}

#[derive(Serialize)]
struct Row {
    role: String,
    word: String,
    /// The channel, with those above it; empty: the whole.
    place: String,
    ground: String,
    until: Option<Moment>,
    may_take: bool,
}

/// POST …/people/{user}/grants
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let known = office::roles(&app).await?;
    let (actor, id) = (office.actor(), named.user);
    let given = match typed.limited(&known, &office) {
        Ok(limited) => app.command(move |engine| granting::give(engine, &actor, id, &limited)).await,
        Err(problem) => Err(publish::CommandError::Invalid(vec![problem])),
    };
    match given {
        Ok(()) => Ok(office.back(&format!("/{id}"), "grant-given")),
        Err(error) => person::limited_again(&app, &office, id, error, typed).await,
    }
}

/// POST …/people/{user}/grants/take
pub(crate) async fn take(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(which): Form<Which>,
) -> Result<Response, Error> {
    let known = office::roles(&app).await?;
    let role = known.by_word(&which.role).ok_or(Error::NotFound)?.id;
    let ground = ground(&office, &which.ground).ok_or(Error::NotFound)?;
    let (actor, id) = (office.actor(), named.user);
    match app.command(move |engine| granting::take(engine, &actor, id, role, ground)).await {
        Ok(()) => Ok(office.back(&format!("/{id}"), "grant-taken")),
        Err(error) => person::again(&app, &office, id, error, None).await,
    }
}

impl Typed {
    fn limited(&self, known: &Roles, office: &Office) -> Result<Limited, Problem> {
        let ground = ground(office, &self.ground).ok_or_else(|| Problem::at("ground", "没有这个栏目，请重新选择"))?;
        Ok(Limited { roles: ticked(known, &self.limited), ground, until: typed_time("until", &self.until)? })
    }
}

/// The channel of the office's site with this number, or without one the whole of where the office is.
fn ground(office: &Office, channel: &str) -> Option<Ground> {
    if channel.is_empty() {
        return Some(Ground::whole(office.site()));
    }
    Some(Ground::Channel(office.site()?, channel.parse::<ChannelId>().ok()?))
}

impl Granting {
    /// What somebody holds within limits where the office is, and what could be given them.
    pub(crate) fn of(office: &Office, roles: &Roles, grants: &[Grant], tree: &ChannelTree, typed: Typed) -> Self {
        let here = |grant: &&Grant| grant.is_limited() && grant.ground.site() == office.site();
        let row = |grant: &Grant| {
            let role = roles.find(grant.role)?;
            let (place, ground) = match grant.ground {
                Ground::Channel(_, channel) => (trail(tree, channel), channel.to_string()),
                Ground::Platform | Ground::Site(_) => (String::new(), String::new()),
            };
            let may_take = office.person().may_grant(role, grant.ground);
            let until = grant.until.map(Moment::from);
            Some(Row { role: role.name.clone(), word: role.word.clone(), place, ground, until, may_take })
        };
        let mut choices = office.choices(roles, &ticked(roles, &typed.limited), None);
        choices.retain(|choice| !choice.is_fixed);
        Self {
            rows: grants.iter().filter(here).filter_map(row).collect(),
            choices,
            channels: tree
                .all()
                .iter()
                .filter(|channel| !channel.retired)
                .map(|channel| (channel.id.to_string(), trail(tree, channel.id)))
                .collect(),
            typed,
        }
    }
}

/// Everything somebody holds in one place, in words: 编辑、审核员（部分栏目，至2026-12-31 18:00）.
pub(crate) fn told(roles: &Roles, grants: &[Grant], site: Option<SiteId>) -> String {
    let lasting = membership::roles_on(grants, site);
    let limited = grants.iter().filter(|grant| grant.is_limited() && grant.ground.site() == site);
    let one = |grant: &Grant| {
        let until = grant.until.map(|until| format!("至{}", Moment::from(until).text));
        let channel = matches!(grant.ground, Ground::Channel(..)).then(|| "部分栏目".to_owned());
        let limits: Vec<String> = channel.into_iter().chain(until).collect();
        Some(format!("{}（{}）", roles.find(grant.role)?.name, limits.join("，")))
    };
    let names = roles.names(&lasting).into_iter().map(str::to_owned);
    names.chain(limited.filter_map(one)).collect::<Vec<_>>().join("、")
}
