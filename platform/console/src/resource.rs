//! A resource on one page: how it stands, where it is live, what it says, how its review goes, what was done to it, and what
//! this person may do now.

mod may;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use model::schedule::field_time;
use model::{
    AuditEntry, ChannelTree, Deed, Field, Group, Media, MediaId, MediaRole, Permission, Placement, PlacementId, Problem,
    Publication, Resource, ResourceId, Revision, RevisionId, Schedule, ScheduleState, SiteId, Submission, SubmissionState, Times,
    UserId, Within, WorkState,
};
use publish::CommandError;
use publish::commands::bin;
use publish::commands::placing::{self, Foreseen};
use serde::{Deserialize, Serialize};
use store::{Connection, audit, channels, groups, media, placements, publications, resources, reviewers, schedules, submissions};
use web::{App, Error, Scope};

use crate::annotating;
use crate::annotations::Annotations;
use crate::awaiting::Awaiting;
use crate::desk::{Badge, badges, trail};
use crate::foretelling::Foretold;
use crate::handing_over::Tried;
use crate::judging::{Progress, progress};
use crate::media::{Item, item, shown_body};
use crate::moment::{Moment, span, wall};
use crate::names::Names;
use crate::schedules::{self as schedules_told, Brief};
use crate::screens::{self, Frame, Place};
use crate::timeline::{self, Row};
use crate::{notice, revisions, times, views};
use may::{May, may};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// What was tried on this page and did not succeed, with what was typed for it.
#[derive(Default, Serialize)]
pub(crate) struct Attempt {
    pub(crate) review_reason: String,
    pub(crate) review_problem: String,
    pub(crate) withdraw_reason: String,
    pub(crate) withdraw_problem: String,
    /// Times typed with a review.
    pub(crate) review_times: Option<times::Typed>,
    pub(crate) review_time_problems: Vec<Problem>,
    /// Times typed for the text being written.
    pub(crate) times: Option<times::Typed>,
    pub(crate) time_problems: Vec<Problem>,
    /// The end typed for what is live.
    pub(crate) until: Option<String>,
    pub(crate) until_problem: String,
    pub(crate) hand_over: Tried,
    /// What was to be said at a place in the text.
    pub(crate) note: annotating::Tried,
    pub(crate) refusal: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    id: ResourceId,
    version: i64,
    title: String,
    subtitle: String,
    kind: &'static str,
    channel: String,
    badges: Vec<Badge>,
    is_returned: bool,
    /// Who took it down and why, as long as nothing of it is shown since.
    taken_down: Option<TakenDown>,
    index_number: Option<String>,
    author: String,
    updated: Moment,
    published: Option<Moment>,
    number: i64,
    revision: RevisionId,
    /// The number of the revision that was handed in before it.
    before: Option<i64>,
    /// What waits for this person's review next, and how many do.
    next: Option<(ResourceId, i64)>,
    live_number: Option<i64>,
    fields: Vec<(&'static str, String)>,
    body: String,
    annotations: Annotations,
    /// How many of them are to be dealt with.
    open_annotations: usize,
    /// What an annotation may be about, the body first.
    annotated_fields: Vec<(&'static str, &'static str)>,
    files: Vec<File>,
    places: Vec<Shown>,
    /// Whether its topic is in preparation, and shows it when that goes live.
    waits: bool,
    plans: Vec<Brief>,
    /// What is asked for with the text, as its fields hold it.
    asked: times::Typed,
    /// When it is gone for good, where it is in the bin.
    gone: Option<Moment>,
    /// Until when what is live stays, as its field holds it.
    until: String,
    progress: Option<Progress>,
    receipts: Vec<Issued>,
    history: Vec<Row>,
    may: May,
    /// Where it goes live, for whoever gives the last approval.
    foretold: Option<Foretold>,
    attempt: Attempt,
}

/// A picture or file that the shown revision uses, beside those in the text.
#[derive(Serialize)]
struct File {
    role: &'static str,
    item: Item,
}

/// Where the public finds it.
#[derive(Serialize)]
struct Shown {
    site: String,
    url: String,
    since: Moment,
    /// How often it was read in the last days that are told.
    views: i64,
    /// Where its stay on this site is arranged.
    arrange: Option<PlacementId>,
}

/// The decision that took a text down.
#[derive(Serialize)]
struct TakenDown {
    kind: &'static str,
    by: String,
    at: Moment,
    reason: String,
}

/// A publication or withdrawal.
#[derive(Serialize)]
struct Issued {
    id: model::PublicationId,
    kind: &'static str,
    at: Moment,
    by: String,
    took: Option<String>,
}

/// Everything the page is made of, as read at one moment.
struct Found {
    resource: Resource,
    shown: Revision,
    /// The number of the revision that was handed in before it.
    before: Option<i64>,
    live: Option<Revision>,
    /// Whether what is published of it waits for its topic.
    waits: bool,
    tree: ChannelTree,
    placements: Vec<Placement>,
    views: HashMap<PlacementId, i64>,
    submission: Option<(Submission, Revision)>,
    publications: Vec<Publication>,
    schedules: Vec<Schedule>,
    asked: Times,
    history: Vec<AuditEntry>,
    media: Vec<Media>,
    annotations: Annotations,
    names: Names,
    /// Who may review the step that waits, by name.
    reviewers: Vec<(UserId, String)>,
    /// The groups they are found under.
    groups: Vec<Group>,
    /// Where it goes live with the approval that waits, if that is the last.
    foreseen: Option<Foreseen>,
}

/// GET /console/{site}/resources/{id}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &scope, id, &wish.done, Attempt::default(), StatusCode::OK).await
}

/// GET /console/{site}/resources/{id}/{deed}
pub(crate) async fn lead_back(scope: Scope, Path((_, id)): Path<(String, ResourceId)>) -> Redirect {
    Redirect::to(&format!("/console/{}/resources/{id}", scope.site.key))
}

/// Of a text that lies elsewhere nothing is told: what another site offered is known to whoever reads the whole site.
pub(crate) fn check_within(connection: &mut Connection, site: SiteId, id: ResourceId, within: &Within) -> Result<(), Error> {
    if *within == Within::Whole {
        return Ok(());
    }
    let text = resources::find(connection, site, id)?.filter(|text| within.has(text.channel_id));
    text.map(|_| ()).ok_or(Error::NotFound)
}

/// A resource of a site with its newest revision.
pub(crate) fn newest(connection: &mut Connection, site: SiteId, id: ResourceId) -> Result<(Resource, Revision), Error> {
    let resource = resources::find(connection, site, id)?.ok_or(Error::NotFound)?;
    let latest = resource.latest_revision_id.ok_or(Error::NotFound)?;
    let revision = resources::find_revision(connection, id, latest)?.ok_or(Error::NotFound)?;
    Ok((resource, revision))
}

/// Where the page is, with something to say on it.
pub(crate) fn address(scope: &Scope, id: ResourceId, done: &str) -> String {
    format!("/console/{}/resources/{id}?done={done}", scope.site.key)
}

/// The page again with a problem at a field.
pub(crate) async fn correct(app: &Arc<App>, scope: &Scope, id: ResourceId, attempt: Attempt) -> Result<Response, Error> {
    draw(app, scope, id, "", attempt, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// The page as it stands now, saying why what was asked could not be done.
pub(crate) async fn refuse(
    app: &Arc<App>,
    scope: &Scope,
    id: ResourceId,
    error: CommandError,
    attempt: Attempt,
) -> Result<Response, Error> {
    let refusal = match error {
        CommandError::Refused(sentence) => sentence,
        CommandError::Stale => "稿件刚刚被他人更新，以下是最新内容，请查看后再操作".to_owned(),
        other => return Err(other.into()),
    };
    draw(app, scope, id, "", Attempt { refusal, ..attempt }, StatusCode::CONFLICT).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    id: ResourceId,
    done: &str,
    attempt: Attempt,
    status: StatusCode,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let since = views::first_day(app.engine.clock.now());
    let me = scope.signed_in.person.id;
    let found = app.read(move |connection| find(connection, (site, me), id, since)).await?;
    let title = found.shown.content.title.clone();
    let awaiting = awaiting(&found);
    let live_at = waiting(&found.schedules, Deed::Publish).map(|one| wall(one.at));
    let mut screen = compose(app, scope, found, attempt);
    if scope.within(Permission::Review).is_any() && ["approved", "returned", "scheduled"].contains(&done) {
        screen.next = app.read(move |connection| next(connection, site, me)).await?;
    }
    let noticed = notice::find(done).map(|notice| match (done, awaiting, live_at) {
        ("submitted", Some(awaiting), _) => notice.saying(format!("已送审，{}。", awaiting.what)),
        ("approved", Some(awaiting), _) => notice.saying(format!("已审核通过，{}。", awaiting.what)),
        ("scheduled", _, Some(at)) => notice.saying(format!("已通过全部审核，将于{at}自动发布。")),
        _ => notice,
    });
    let frame = Frame::site(scope, Place::Desk, &title).noticed(noticed);
    Ok((status, screens::draw("resource.html", frame, screen)?).into_response())
}

/// What waits for this person's review next, and how many do.
fn next(connection: &mut Connection, site: SiteId, me: UserId) -> store::Result<Option<(ResourceId, i64)>> {
    let first = submissions::list_waiting(connection, site, me, 1)?.into_iter().next();
    let count = reviewers::count_waiting(connection, site, me)?;
    Ok(first.map(|one| (one.resource.id, count)))
}

fn find(connection: &mut Connection, (site, me): (SiteId, UserId), id: ResourceId, since: NaiveDate) -> Result<Found, Error> {
    let (resource, shown) = newest(connection, site, id)?;
    let live = match resource.live_revision_id {
        Some(live) => resources::find_revision(connection, id, live)?,
        None => None,
    };
    let mut submitted = submissions::list_by_resource(connection, id)?.into_iter();
    let newest = submitted.next();
    let before = match submitted.next() {
        Some(before)
            if newest.as_ref().is_some_and(|one| one.revision_id == shown.id && one.revision_id != before.revision_id) =>
        {
            resources::find_revision(connection, id, before.revision_id)?.map(|revision| revision.number)
        }
        _ => None,
    };
    let submission = match newest {
        Some(submission) => {
            resources::find_revision(connection, id, submission.revision_id)?.map(|revision| (submission, revision))
        }
        None => None,
    };
    let is_open = submission.as_ref().is_some_and(|(submission, _)| submission.state == SubmissionState::Open);
    let groups = if is_open { groups::list_for(connection, site)? } else { Vec::new() };
    let reviewers = match &submission {
        Some((submission, _)) => reviewers::list(connection, submission.id)?,
        None => Vec::new(),
    };
    let is_last = |(submission, _): &&(Submission, Revision)| is_open && submission.is_last_step();
    let foreseen = match submission.as_ref().filter(is_last) {
        Some((_, revision)) => {
            let facts = resource.facts(revision.content.theme_class.as_deref(), &revision.content.keywords);
            placing::foresee(connection, &[(&resource, facts)])?.pop()
        }
        None => None,
    };
    let publications = publications::list_by_resource(connection, site, id)?;
    let mut named = vec![shown.created_by];
    named.extend(publications.iter().filter_map(|publication| publication.actor_id));
    if let Some((submission, _)) = &submission {
        named.push(submission.submitted_by);
        named.extend(submission.reviews.iter().map(|review| review.reviewer_id));
        named.extend(submission.handed_to);
    }
    let mut used = shown.content.attachments.clone();
    used.extend(shown.content.cover);
    Ok(Found {
        tree: channels::tree(connection, site)?,
        placements: placements::list_by_resource(connection, id)?,
        waits: resources::list_waiting(connection, &[id].into())?.contains(&id),
        views: store::views::sum_by_resource(connection, id, since)?,
        schedules: schedules::list_by_resource(connection, site, id)?,
        asked: publish::commands::times::asked(connection, id)?,
        history: audit::list_by_subject(connection, site, &format!("resource:{id}"))?,
        names: Names::find(connection, named)?,
        reviewers,
        groups,
        foreseen,
        media: media::find_all(connection, site, &used)?,
        annotations: Annotations::find(connection, site, id, me, &shown.content.body)?,
        resource,
        shown,
        before,
        live,
        submission,
        publications,
    })
}

fn compose(app: &App, scope: &Scope, found: Found, attempt: Attempt) -> Screen {
    let sites = app.tenants.list();
    let files = files(&found);
    let may = may(scope, &found);
    let now = app.engine.clock.now();
    let asked_at = found.asked.publish_at.filter(|at| *at > now).map(wall);
    let fields = revisions::fields(&found.shown.content).into_iter().skip(2).filter(|(_, value)| !value.is_empty()).collect();
    Screen {
        key: scope.site.key.clone(),
        id: found.resource.id,
        version: found.resource.version,
        kind: found.resource.kind.chinese(),
        channel: trail(&found.tree, found.resource.channel_id),
        is_returned: found.resource.work == WorkState::Returned,
        taken_down: taken_down(&found),
        badges: badges(found.resource.state, found.waits, found.resource.work),
        index_number: found.resource.index_number.clone(),
        author: found.names.of(found.shown.created_by),
        updated: found.shown.created_at.into(),
        published: found.resource.published_at.map(Moment::from),
        number: found.shown.number,
        revision: found.shown.id,
        before: found.before,
        next: None,
        live_number: found.live.as_ref().map(|live| live.number),
        fields,
        places: places(app, scope, &found),
        waits: found.waits,
        plans: schedules_told::briefs(&found.schedules),
        asked: times::Typed::of(found.asked),
        gone: (found.resource.work == WorkState::Discarded).then(|| bin::gone_at(&app.engine, &found.resource).into()),
        until: until(&found.schedules),
        progress: found
            .submission
            .as_ref()
            .map(|(submission, revision)| progress(submission, revision, awaiting(&found), &found.names, now)),
        receipts: found.publications.iter().map(|publication| issued(publication, &found.names)).collect(),
        history: found.history.into_iter().rev().map(|entry| timeline::row(entry, &sites)).collect(),
        title: found.shown.content.title,
        subtitle: found.shown.content.subtitle,
        body: found.annotations.mark(shown_body(&scope.site.key, &found.shown.content.body)),
        open_annotations: found.annotations.count_open(),
        annotations: found.annotations,
        annotated_fields: Field::ALL.iter().map(|field| (field.as_str(), field.chinese())).collect(),
        files,
        may,
        foretold: found.foreseen.map(|foreseen| Foretold::of(app, &foreseen, asked_at)),
        attempt,
    }
}

/// The cover, then the attachments in their order.
fn files(found: &Found) -> Vec<File> {
    let content = &found.shown.content;
    let cover = content.cover.into_iter().map(|id| (id, MediaRole::Cover));
    let attached = content.attachments.iter().map(|id| (*id, MediaRole::Attachment));
    let known = |id: MediaId| found.media.iter().find(|media| media.id == id).cloned();
    cover.chain(attached).filter_map(|(id, role)| Some(File { role: role.chinese(), item: item(known(id)?, true) })).collect()
}

/// Until when what is live stays, as a field holds it.
fn until(schedules: &[Schedule]) -> String {
    waiting(schedules, Deed::Withdraw).map(|end| field_time(end.at)).unwrap_or_default()
}

/// What waits to be done with it by itself.
fn waiting(schedules: &[Schedule], deed: Deed) -> Option<&Schedule> {
    schedules.iter().find(|one| one.deed == deed && one.state == ScheduleState::Waiting)
}

fn places(app: &App, scope: &Scope, found: &Found) -> Vec<Shown> {
    let sites = app.tenants.list();
    let live = found.placements.iter().filter(|placement| placement.live);
    live.filter_map(|placement| {
        let site = sites.iter().find(|site| site.id == placement.site_id)?;
        let url = format!("{}{}", app.engine.settings.public_url(&site.key, &site.domain), placement.path);
        let views = found.views.get(&placement.id).copied().unwrap_or_default();
        let may_arrange = site.id == scope.site.id && scope.may_in(Permission::Read, placement.channel_id);
        let arrange = may_arrange.then_some(placement.id);
        Some(Shown { site: site.short_name.clone(), url, since: placement.published_at.into(), views, arrange })
    })
    .collect()
}

/// Nothing once it is handed in anew.
fn taken_down(found: &Found) -> Option<TakenDown> {
    let waits = matches!(found.resource.work, WorkState::Draft | WorkState::Returned);
    let last = found.publications.first().filter(|one| one.kind.takes_down() && waits)?;
    Some(TakenDown {
        kind: last.kind.chinese(),
        by: found.names.of(last.actor_id.unwrap_or(UserId(0))),
        at: last.requested_at.into(),
        reason: last.reason.clone(),
    })
}

fn issued(publication: &Publication, names: &Names) -> Issued {
    let took = publication.completed_at.map(|done| span((done - publication.requested_at).num_milliseconds()));
    Issued {
        id: publication.id,
        kind: publication.kind.chinese(),
        at: publication.requested_at.into(),
        by: names.of(publication.actor_id.unwrap_or(UserId(0))),
        took,
    }
}

/// Problems at one field as one sentence.
pub(crate) fn sentence(problems: Vec<Problem>) -> String {
    problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("；")
}

fn awaiting(found: &Found) -> Option<Awaiting> {
    found.submission.as_ref().and_then(|(submission, _)| Awaiting::of(submission, &found.groups, &found.reviewers))
}
