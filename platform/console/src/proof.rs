//! The check panel (检查): what is found in the form as it is typed, beside it, by weight and with its place.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use chrono::NaiveDate;
use model::proof::{Remark, Weight};
use model::{Field, Problem, ResourceId, ResourceKind, SiteId, local};
use publish::proof;
use serde::{Deserialize, Serialize};
use store::{Connection, channels, resources};
use web::{App, Error, Scope};

use crate::form::Draft;
use crate::resource::newest;
use crate::screens;

/// Remarks of one weight that are listed; who sees so many looks again when they are mended.
const MOST: usize = 50;

/// Whose form it is; a new text's where there is no number.
#[derive(Deserialize)]
pub(crate) struct Of {
    resource: Option<ResourceId>,
}

#[derive(Serialize)]
struct Part {
    groups: Vec<Group>,
    count: usize,
    /// What the writer says that they looked at, where they must.
    seal: Option<String>,
    is_looked_at: bool,
    /// Which word lists were asked.
    version: &'static str,
    /// Whether the form stands beside it, where each remark leads to its place.
    is_writing: bool,
}

/// Remarks of one weight.
#[derive(Serialize)]
struct Group {
    weight: Weight,
    name: &'static str,
    remarks: Vec<Line>,
    /// How many more there are.
    more: usize,
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    remark: Remark,
    kind_name: &'static str,
    field_name: &'static str,
}

/// POST /console/{site}/proof
pub(crate) async fn draw(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(of): Query<Of>,
    Form(typed): Form<Draft>,
) -> Result<Html<String>, Error> {
    let (site, looked_at, today) = (scope.site.id, typed.looked_at.clone(), local(app.engine.clock.now()).date_naive());
    let remarks = app.read(move |connection| read(connection, site, of.resource, &typed, today)).await?;
    let seal = proof::to_confirm(&remarks).map(|one| one.seal);
    let part = Part {
        count: remarks.len(),
        is_looked_at: seal.as_ref().is_some_and(|seal| *seal == looked_at),
        seal,
        groups: grouped(remarks),
        version: model::proof::version(),
        is_writing: true,
    };
    screens::part("proof.html", &part)
}

/// GET /console/{site}/resources/{id}/proof: what is found in the newest revision, for whoever decides about it.
pub(crate) async fn draw_kept(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Html<String>, Error> {
    let (site, today) = (scope.site.id, local(app.engine.clock.now()).date_naive());
    let remarks = app
        .read(move |connection| {
            let (resource, revision) = newest(connection, site, id)?;
            Ok::<_, Error>(proof::remarks(connection, site, resource.kind, &revision.content, today)?)
        })
        .await?;
    let part = Part {
        count: remarks.len(),
        is_looked_at: false,
        seal: None,
        groups: grouped(remarks),
        version: model::proof::version(),
        is_writing: false,
    };
    screens::part("proof.html", &part)
}

/// What is found in a form. What cannot be read at all is told with the rest.
fn read(
    connection: &mut Connection,
    site: SiteId,
    id: Option<ResourceId>,
    typed: &Draft,
    today: NaiveDate,
) -> Result<Vec<Remark>, Error> {
    let mut unreadable: Vec<Remark> = Vec::new();
    let kind = if let Some(id) = id {
        resources::find(connection, site, id)?.ok_or(Error::NotFound)?.kind
    } else {
        let tree = channels::tree(connection, site)?;
        let channel = typed.channel.parse().ok().and_then(|id| tree.by_id(id));
        if channel.is_none() {
            unreadable.push(Problem::at("channel", "请选择栏目").into());
        }
        channel.map_or(ResourceKind::Article, |channel| channel.resource_kind)
    };
    let (mut content, problems) = typed.readable(kind);
    unreadable.extend(problems.into_iter().map(Remark::from));
    match render::html::clean(&content.body) {
        Ok(body) => content.body = body,
        Err(problem) => {
            unreadable.push(Problem::at("body", problem.to_string()).into());
            content.body.clear();
        }
    }
    let mut remarks = proof::remarks(connection, site, kind, &content, today)?;
    remarks.retain(|remark| !unreadable.iter().any(|one| one.field == remark.field && remark.weight() == Weight::Must));
    unreadable.append(&mut remarks);
    Ok(unreadable)
}

fn grouped(remarks: Vec<Remark>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for remark in remarks {
        let weight = remark.weight();
        if groups.last().is_none_or(|group| group.weight != weight) {
            groups.push(Group { weight, name: weight.chinese(), remarks: Vec::new(), more: 0 });
        }
        let Some(group) = groups.last_mut() else { continue };
        if group.remarks.len() < MOST {
            group.remarks.push(Line { kind_name: remark.kind.chinese(), field_name: field_name(remark.field), remark });
        } else {
            group.more += 1;
        }
    }
    groups
}

/// A field as its label names it.
fn field_name(field: &str) -> &'static str {
    match field.parse::<Field>() {
        Ok(field) => field.chinese(),
        Err(_) if field == "channel" => "栏目",
        Err(_) => "稿件",
    }
}
