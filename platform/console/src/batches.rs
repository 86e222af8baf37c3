//! What became of deeds with many resources (批量操作): how far each is, what could not be done and why, and how to take it back.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{
    Batch, BatchDeed, BatchId, BatchItem, BatchItemState, BatchTally, ChannelTree, Permission, Person, ResourceId, Site, Within,
};
use publish::commands::batch;
use serde::{Deserialize, Serialize};
use store::catalogue::{self, Reach};
use store::resources::Line;
use store::{Connection, batches, channels};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::finding::{self, encoded};
use crate::moment::Moment;
use crate::names::Names;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Batches that are listed, and lines of what could not be done.
const MOST: i64 = 50;

/// The list of the library that a batch was asked for in, as its address says it; nothing where it came another way.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    query: String,
}

impl Back {
    /// What leads back there. Only a search is understood, so it never leads anywhere else.
    fn place(&self) -> String {
        finding::Wish::of_query(&self.query).place()
    }
}

/// The result of a batch, which leads back to where it was asked for.
pub(crate) fn address(key: &str, id: BatchId, query: &str) -> String {
    let place = Back { query: query.to_owned() }.place();
    let address = format!("/console/{key}/library/batches/{id}");
    if place.is_empty() { address } else { format!("{address}?query={}", encoded(&place)) }
}

/// Lines after these resources: of what could not be done, and of what was.
#[derive(Deserialize)]
pub(crate) struct Wish {
    after: Option<ResourceId>,
    done_after: Option<ResourceId>,
    #[serde(default)]
    query: String,
}

#[derive(Serialize)]
struct List {
    key: String,
    place: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: BatchId,
    what: &'static str,
    detail: String,
    by: String,
    at: Moment,
    tally: BatchTally,
    total: i64,
    is_done: bool,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    /// The list to go back to.
    place: String,
    #[serde(flatten)]
    row: Row,
    finished: Option<Moment>,
    failures: Vec<Outcome>,
    next: Option<ResourceId>,
    done: Vec<Outcome>,
    next_done: Option<ResourceId>,
    may_undo: bool,
    /// What became of each where there is no more to say.
    result: &'static str,
    /// What taking it back would do: `move`, `copy` or `discard`.
    deed: &'static str,
    undone_by: Option<BatchId>,
    undoes: Option<BatchId>,
    is_review: bool,
    left: Option<Left>,
}

/// What it left to be handed in for review, where that can be done next.
#[derive(Serialize)]
struct Left {
    site: String,
    count: usize,
}

/// What became of one resource.
#[derive(Serialize)]
struct Outcome {
    id: ResourceId,
    title: String,
    told: String,
    copy: Option<ResourceId>,
}

/// GET /console/{site}/library/batches
pub(crate) async fn list(State(app): State<Arc<App>>, scope: Scope, Query(back): Query<Back>) -> Result<Html<String>, Error> {
    let site = scope.site.id;
    // Whoever works in some channels alone looks at what they asked for themselves.
    let by = if scope.may(Permission::Read) { None } else { Some(scope.signed_in.person.id) };
    let rows = app
        .read(move |connection| {
            let found = batches::list(connection, site, by, MOST)?;
            let tree = channels::tree(connection, site)?;
            let names = Names::find(connection, found.iter().map(|batch| batch.asked_by))?;
            let row = |batch: &Batch| Ok(row(batch, batches::tally(connection, batch.id)?, &tree, &names));
            found.iter().map(row).collect::<store::Result<Vec<_>>>()
        })
        .await?;
    let screen = List { key: scope.site.key.clone(), place: back.place(), rows };
    screens::draw("batches.html", Frame::site(&scope, Place::Library, "批量操作记录"), screen)
}

/// GET /console/{site}/library/batches/{batch}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((key, id)): Path<(String, BatchId)>,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let (site, readable, person) = (scope.site.id, scope.within(Permission::Read), scope.signed_in.person.clone());
    let tenants = app.tenants.list();
    let screen = app
        .read(move |connection| {
            let may_look = |batch: &Batch| readable == Within::Whole || batch.asked_by == person.id;
            let batch = batches::find(connection, site, id)?.filter(may_look).ok_or(Error::NotFound)?;
            let may_undo = match person.within(Permission::Write, site) {
                Within::Whole => true,
                some @ Within::Channels(_) => some.is_any() && batch.asked_by == person.id,
            };
            let tree = channels::tree(connection, site)?;
            let names = Names::find(connection, [batch.asked_by])?;
            let tally = batches::tally(connection, id)?;
            let (failures, next) = outcomes(connection, &batch, &readable, BatchItemState::Failed, wish.after)?;
            let (done, next_done) = outcomes(connection, &batch, &readable, BatchItemState::Done, wish.done_after)?;
            let undone_by = batches::find_undoing(connection, id)?.map(|batch| batch.id);
            let has_way_back = batch.deed.reverse().is_some() && batch.finished_at.is_some() && tally.done > 0;
            Ok::<_, Error>(Screen {
                key,
                place: Back { query: wish.query }.place(),
                finished: batch.finished_at.map(Moment::from),
                failures,
                next,
                done,
                next_done,
                may_undo: may_undo && has_way_back && undone_by.is_none(),
                deed: match batch.deed {
                    BatchDeed::Copy { .. } => "copy",
                    BatchDeed::Discard => "discard",
                    _ => "move",
                },
                result: match batch.deed {
                    BatchDeed::Withdraw { .. } => "已撤回",
                    BatchDeed::Move { .. } => "已移动",
                    BatchDeed::Discard => "已放入回收站",
                    _ => "已完成",
                },
                undone_by,
                undoes: batch.undoes,
                left: if batch.finished_at.is_some() { left(connection, &batch, &person, &tenants)? } else { None },
                is_review: batch.deed.permission() == Permission::Review,
                row: row(&batch, tally, &tree, &names),
            })
        })
        .await?;
    let place = if screen.is_review { Place::Desk } else { Place::Library };
    let frame = Frame::site(&scope, place, screen.row.what);
    screens::draw("batch_result.html", frame, screen)
}

/// POST /console/{site}/library/batches/{batch}/undo
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((key, id)): Path<(String, BatchId)>,
    Form(back): Form<Back>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let begun = app.command(move |engine| batch::undo(engine, &actor, site, id)).await?;
    Ok(Redirect::to(&address(&key, begun, &back.query)).into_response())
}

/// Keywords and copies wait for their review: where, and how many still do that this person may hand in.
fn left(connection: &mut Connection, batch: &Batch, person: &Person, sites: &[Arc<Site>]) -> store::Result<Option<Left>> {
    let on = match &batch.deed {
        BatchDeed::Tag { .. } => Some(batch.site_id),
        BatchDeed::Copy { channel } => channels::find_anywhere(connection, *channel)?.map(|channel| channel.site_id),
        _ => None,
    };
    let Some(site) = sites.iter().find(|site| Some(site.id) == on) else { return Ok(None) };
    let count = batches::list_left(connection, site.id, &person.within(Permission::Write, site.id), batch.id)?.len();
    Ok((count > 0).then(|| Left { site: site.key.clone(), count }))
}

/// A page of those in this state, and the last on it where more follow. What lies where the person may not read has no title.
fn outcomes(
    connection: &mut Connection,
    batch: &Batch,
    readable: &Within,
    state: BatchItemState,
    after: Option<ResourceId>,
) -> store::Result<(Vec<Outcome>, Option<ResourceId>)> {
    let (items, has_next) = cut(batches::list_items(connection, batch.id, state, after, MOST + 1)?, MOST);
    let ids: Vec<ResourceId> = items.iter().map(|item| item.resource_id).collect();
    let lines = catalogue::find_all(connection, &Reach::Sites(vec![batch.site_id]), &ids)?;
    let is_readable = |line: &&Line| readable.has(line.resource.channel_id);
    let title = |id| {
        lines.iter().filter(is_readable).find(|line| line.resource.id == id).map(|line| line.title.clone()).unwrap_or_default()
    };
    let outcome =
        |item: BatchItem| Outcome { id: item.resource_id, title: title(item.resource_id), told: item.told, copy: item.copy };
    Ok((items.into_iter().map(outcome).collect(), ids.last().copied().filter(|_| has_next)))
}

/// What was given and taken, in one line.
fn changes(add: &[String], remove: &[String]) -> String {
    let parts = [("增加", add), ("移除", remove)].into_iter().filter(|(_, words)| !words.is_empty());
    parts.map(|(what, words)| format!("{what}“{}”", words.join("、"))).collect::<Vec<_>>().join("，")
}

fn row(batch: &Batch, tally: BatchTally, tree: &ChannelTree, names: &Names) -> Row {
    let detail = match &batch.deed {
        BatchDeed::Withdraw { reason } => format!("理由：{reason}"),
        BatchDeed::Move { channel } => format!("移至“{}”", trail(tree, *channel)),
        BatchDeed::MoveBack => "移回原栏目".to_owned(),
        BatchDeed::Copy { channel } => match tree.by_id(*channel) {
            Some(_) => format!("复制到“{}”", trail(tree, *channel)),
            None => "复制到其他站点".to_owned(),
        },
        BatchDeed::DiscardCopies => "副本放入回收站".to_owned(),
        BatchDeed::Tag { add, remove } => changes(add, remove),
        BatchDeed::Discard => "放入回收站，到期前可以恢复".to_owned(),
        BatchDeed::Restore => "从回收站恢复为草稿".to_owned(),
        BatchDeed::Push { channels, note } if note.is_empty() => format!("推送到{}个栏目", channels.len()),
        BatchDeed::Push { channels, note } => format!("推送到{}个栏目：{note}", channels.len()),
        BatchDeed::Submit { urgent: true } => "加急送审".to_owned(),
        BatchDeed::Submit { urgent: false } => "送审".to_owned(),
        BatchDeed::Approve => "最后一审通过的，随即发布或按定时发布".to_owned(),
        BatchDeed::Return { reason } => format!("退回意见：{reason}"),
    };
    Row {
        id: batch.id,
        what: batch.deed.chinese(),
        detail,
        by: names.of(batch.asked_by),
        at: batch.asked_at.into(),
        total: tally.total(),
        tally,
        is_done: batch.finished_at.is_some(),
    }
}
