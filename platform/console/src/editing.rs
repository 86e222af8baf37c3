//! Writing a resource: the empty form, the filled one, and what happens to what was typed.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::working_copy::is_sheet;
use model::{
    Channel, ChannelTree, Content, Dictionary, Permission, PlacementId, Problem, Resource, ResourceId, ResourceKind, Revision,
    WorkState, Writing, local,
};
use publish::CommandError;
use publish::commands::draft::{self, Begun, NewDraft};
use publish::commands::submission::{self, Handing};
use serde::{Deserialize, Serialize};
use store::edit_leases::{self, Holder};
use store::{Connection, channels, dictionaries, placements, resources, submissions, working_copies as copies};
use web::{App, Error, Scope};

use crate::annotations::Annotations;
use crate::choices::Choices;
use crate::desk::trail;
use crate::form::Draft;
use crate::locking;
use crate::moment::Moment;
use crate::names::Names;
use crate::offers::site_name;
use crate::resource::newest;
use crate::screens::{self, Frame, Place};
use crate::working_copies::{self, Keeping, Offer};

/// The channel a new resource is begun in, or what was begun before and is gone on with.
#[derive(Deserialize)]
pub(crate) struct Begin {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    begun: String,
}

/// Whether to go on from the working copy, and whether to say what keeps it from being handed in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    restore: String,
    unready: String,
    urgent: String,
}

/// What stands in the way of what was asked.
#[derive(Default, Serialize)]
pub(crate) struct Trouble {
    pub(crate) problems: Vec<Problem>,
    /// The draft is kept; only the handing in was refused.
    kept: bool,
    /// A sentence about the whole.
    refusal: Option<String>,
    /// Stands for what is to be looked at before the text is handed in.
    seal: Option<String>,
    conflict: Option<Conflict>,
}

/// Who was faster.
#[derive(Serialize)]
struct Conflict {
    author: String,
    at: Moment,
    number: i64,
    seen: i64,
}

#[derive(Serialize)]
struct Screen<'a> {
    key: &'a str,
    draft: Draft,
    resource: Option<ResourceId>,
    /// What the resource is called in the library.
    title: &'a str,
    channel: String,
    choices: Choices,
    dictionary: Dictionary,
    is_policy: bool,
    is_interpretation: bool,
    trouble: Trouble,
    keeping: Keeping,
    annotations: Annotations,
    /// Other sites that show it, each with its placement.
    shown_on: Vec<(PlacementId, String)>,
    returned: Option<Returned>,
}

/// Why a reviewer sent it back.
#[derive(Clone, Serialize)]
struct Returned {
    step: String,
    by: String,
    reason: String,
}

/// A resource with its newest revision and the tree it stands in.
struct Opened {
    resource: Resource,
    latest: Revision,
    author: String,
    tree: ChannelTree,
    dictionary: Dictionary,
    annotations: Annotations,
    /// Other sites that show it, each with its placement.
    shown_on: Vec<(PlacementId, String)>,
    returned: Option<Returned>,
}

/// GET /console/{site}/resources/new
pub(crate) async fn begin(State(app): State<Arc<App>>, scope: Scope, Query(begin): Query<Begin>) -> Result<Response, Error> {
    let empty = Draft { channel: begin.channel, source: scope.site.agency.name.clone(), begun: begin.begun, ..Draft::default() };
    let draft = seated(empty);
    let Some(writing) = draft.writing() else { return Err(Error::NotFound) };
    let mut keeping = Keeping::of(&app, &scope, &writing);
    let (site, me, sheet) = (scope.site.id, scope.signed_in.person.id, draft.sheet.clone());
    let (copy, saved, unsaved) = app
        .write(move |connection| {
            let lines = copies::list(connection, site, me)?;
            let copy = copies::find(connection, site, me, &writing)?;
            let saved = match copies::find_saved(connection, site, me, &writing)? {
                Some((id, _)) => resources::find(connection, site, id)?,
                None => None,
            };
            copies::adopt(connection, site, me, &writing, &sheet)?;
            Ok((copy, saved, lines.iter().filter(|line| matches!(line.writing, Writing::New(_))).count()))
        })
        .await?;
    // Whoever comes back to the form of what they saved finds what it became.
    if let Some(saved) = saved {
        let form = if matches!(saved.work, WorkState::Draft | WorkState::Returned) { "/edit" } else { "" };
        return Ok(Redirect::to(&format!("/console/{}/resources/{}{form}", scope.site.key, saved.id)).into_response());
    }
    let Some(copy) = copy else {
        keeping.unsaved = unsaved;
        return draw_new(&app, &scope, draft, Trouble::default(), StatusCode::OK, keeping).await;
    };
    let kept = working_copies::read(&copy)?;
    keeping.restored = Some(Offer::of(&copy, &kept));
    let draft = Draft { begun: draft.begun, sheet: draft.sheet, ..kept };
    draw_new(&app, &scope, draft, Trouble::default(), StatusCode::OK, keeping).await
}

/// POST /console/{site}/resources
pub(crate) async fn create(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Draft>) -> Result<Response, Error> {
    let site = scope.site.id;
    let tree = app.read(move |connection| channels::tree(connection, site)).await?;
    let Some(channel) = chosen(&tree, &typed.channel) else {
        let mut problems = vec![Problem::at("channel", "请选择栏目")];
        problems.extend(
            typed
                .content(ResourceKind::Article, Content::default())
                .map_or_else(|found| found, |content| model::problem::in_draft(&content)),
        );
        return invalid_new(&app, &scope, typed, problems).await;
    };
    let (kind, channel) = (channel.resource_kind, channel.id);
    let content = match typed.content(kind, Content::default()) {
        Ok(content) => content,
        Err(problems) => return invalid_new(&app, &scope, typed, problems).await,
    };
    let (actor, begun) = (scope.actor(), typed.writing().map(|begun| (begun, typed.sheet.clone())));
    let new = NewDraft { channel, kind, content };
    match app.command(move |engine| draft::create_from(engine, &actor, site, new, begun)).await {
        Ok(Begun::Before(id)) => Ok(Redirect::to(&format!("/console/{}/resources/{id}", scope.site.key)).into_response()),
        // At its own address, so that looking again at the answer does not make another.
        Ok(Begun::Now(id)) => match finish(&app, &scope, id, &typed).await? {
            Finished::Done(address) => Ok(Redirect::to(&address).into_response()),
            Finished::Unready(_) => {
                let urgent = if typed.urgent == "1" { "&urgent=1" } else { "" };
                let address = format!("/console/{}/resources/{id}/edit?unready=1{urgent}", scope.site.key);
                Ok(Redirect::to(&address).into_response())
            }
        },
        Err(CommandError::Invalid(problems)) => invalid_new(&app, &scope, typed, problems).await,
        Err(CommandError::Refused(sentence)) => {
            let trouble = Trouble { refusal: Some(sentence), ..Trouble::default() };
            refuse_new(&app, &scope, typed, trouble, StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// GET /console/{site}/resources/{id}/edit
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let opened = find(&app, &scope, id).await?;
    if opened.resource.work == WorkState::Reviewing {
        return Err(Error::Refused("稿件正在审核，如需修改请先收回。".into()));
    }
    if opened.resource.work == WorkState::Discarded {
        return Err(Error::Refused("稿件在回收站，如需修改请先恢复。".into()));
    }
    let writing = Writing::Resource(id);
    let mut keeping = Keeping::of(&app, &scope, &writing);
    let draft = fresh(Draft::of(&opened.latest.content), &opened);
    let (site, me, sheet, now) = (scope.site.id, scope.signed_in.person.id, draft.sheet.clone(), app.engine.clock.now());
    let (lease, copy) = app
        .write(move |connection| {
            let lease = edit_leases::take(connection, site, id, Holder { user: me, sheet: &sheet, now })?;
            Ok((lease, copies::find(connection, site, me, &writing)?))
        })
        .await?;
    if let Some(lease) = lease {
        return Ok((StatusCode::LOCKED, locking::draw(&app, &scope, id, lease).await?).into_response());
    }
    let kept = copy.map(|copy| Ok::<_, Error>((working_copies::read(&copy)?, copy))).transpose()?;
    let Some((kept, copy)) = kept.filter(|(kept, _)| !opened.says(kept)) else {
        let (trouble, draft) = if wish.unready.is_empty() {
            (Trouble::default(), draft)
        } else {
            (unready(&app, &opened).await?, Draft { urgent: wish.urgent, ..draft })
        };
        return draw(&scope, &opened, draft, trouble, StatusCode::OK, keeping);
    };
    let offer = Offer::of(&copy, &kept);
    if wish.restore.is_empty() {
        keeping.offered = Some(offer);
        return draw(&scope, &opened, draft, Trouble::default(), StatusCode::OK, keeping);
    }
    keeping.restored = Some(offer);
    let (writing, sheet) = (Writing::Resource(id), draft.sheet.clone());
    app.write(move |connection| copies::adopt(connection, site, me, &writing, &sheet)).await?;
    draw(&scope, &opened, Draft { sheet: draft.sheet, ..kept }, Trouble::default(), StatusCode::OK, keeping)
}

/// POST /console/{site}/resources/{id}/edit
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Draft>,
) -> Result<Response, Error> {
    let opened = find(&app, &scope, id).await?;
    let content = match typed.content(opened.resource.kind, opened.latest.content.clone()) {
        Ok(content) => content,
        Err(problems) => return invalid(&app, &scope, &opened, typed, problems),
    };
    let is_same = opened.resource.work != WorkState::Idle && opened.says(&typed);
    if is_same && typed.seen() == opened.resource.version {
        let (site, me, sheet, now) = (scope.site.id, scope.signed_in.person.id, typed.sheet.clone(), app.engine.clock.now());
        app.write(move |connection| {
            copies::end(connection, site, me, (&Writing::Resource(id), &sheet), id, now)?;
            edit_leases::release(connection, site, id, me)
        })
        .await?;
        return after_saving(&app, &scope, id, &typed).await;
    }
    let (actor, site, seen, sheet) = (scope.actor(), scope.site.id, typed.seen(), typed.sheet.clone());
    match app.command(move |engine| draft::save_from(engine, &actor, site, id, seen, content, &sheet)).await {
        Ok(_) => after_saving(&app, &scope, id, &typed).await,
        Err(CommandError::Invalid(problems)) => invalid(&app, &scope, &opened, typed, problems),
        Err(CommandError::Stale) => overtaken(&app, &scope, &find(&app, &scope, id).await?, typed),
        Err(CommandError::Refused(sentence)) => {
            working_copies::keep_refused(&app, &scope, id, &typed).await?;
            let trouble = Trouble { refusal: Some(sentence), ..Trouble::default() };
            refuse(&app, &scope, &opened, typed, trouble, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// The form of a resource whose newest revision lacks something reviewers need.
pub(crate) async fn incomplete(
    app: &Arc<App>,
    scope: &Scope,
    id: ResourceId,
    urgent: &str,
    problems: Vec<Problem>,
) -> Result<Response, Error> {
    let opened = find(app, scope, id).await?;
    let draft = Draft { urgent: urgent.to_owned(), ..Draft::of(&opened.latest.content) };
    let draft = fresh(draft, &opened);
    let trouble = Trouble { problems, kept: true, ..unready(app, &opened).await? };
    refuse(app, scope, &opened, draft, trouble, StatusCode::UNPROCESSABLE_ENTITY)
}

/// What keeps the newest revision from being handed in, as far as it is known without anybody having looked at it.
async fn unready(app: &Arc<App>, opened: &Opened) -> Result<Trouble, Error> {
    let (resource, content, today) =
        (opened.resource.clone(), opened.latest.content.clone(), local(app.engine.clock.now()).date_naive());
    let found = app.read(move |connection| submission::unready(connection, &resource, &content, "", today)).await;
    let (problems, confirmation) = found?;
    Ok(Trouble { kept: !problems.is_empty(), problems, seal: confirmation.map(|one| one.seal), ..Trouble::default() })
}

/// What came of keeping a text.
enum Finished {
    /// All that was asked for; where to go on.
    Done(String),
    /// It is kept, but could not be handed in.
    Unready(Vec<Problem>),
}

/// Hands in what was just kept, where that was asked.
async fn finish(app: &Arc<App>, scope: &Scope, id: ResourceId, typed: &Draft) -> Result<Finished, Error> {
    let address = format!("/console/{}/resources/{id}", scope.site.key);
    if !typed.is_for_review() {
        return Ok(Finished::Done(format!("{address}?done=saved")));
    }
    let (actor, site) = (scope.actor(), scope.site.id);
    let version = find(app, scope, id).await?.resource.version;
    let handing = Handing { seen: version, seal: typed.looked_at.clone(), urgent: typed.urgent == "1" };
    match app.command(move |engine| submission::hand_in(engine, &actor, site, id, &handing)).await {
        Ok(_) => Ok(Finished::Done(format!("{address}?done=submitted"))),
        Err(CommandError::Invalid(problems)) => Ok(Finished::Unready(problems)),
        Err(other) => Err(other.into()),
    }
}

async fn after_saving(app: &Arc<App>, scope: &Scope, id: ResourceId, typed: &Draft) -> Result<Response, Error> {
    match finish(app, scope, id, typed).await? {
        Finished::Done(address) => Ok(Redirect::to(&address).into_response()),
        Finished::Unready(problems) => incomplete(app, scope, id, &typed.urgent, problems).await,
    }
}

async fn find(app: &Arc<App>, scope: &Scope, id: ResourceId) -> Result<Opened, Error> {
    let (site, me, names) = (scope.site.id, scope.signed_in.person.id, Arc::clone(app));
    app.read(move |connection| {
        let (resource, latest) = newest(connection, site, id)?;
        let author = Names::find(connection, [latest.created_by])?.of(latest.created_by);
        let elsewhere = placements::list_by_resource(connection, id)?.into_iter().filter(|one| one.live && one.site_id != site);
        let shown_on = elsewhere.map(|one| (one.id, site_name(&names, one.site_id))).collect();
        let (tree, dictionary) = (channels::tree(connection, site)?, dictionaries::find(connection, site)?);
        let annotations = Annotations::find(connection, site, id, me, &latest.content.body)?;
        let returned = if resource.work == WorkState::Returned { returned(connection, id)? } else { None };
        Ok::<_, Error>(Opened { resource, latest, author, tree, dictionary, annotations, shown_on, returned })
    })
    .await
}

fn returned(connection: &mut Connection, id: ResourceId) -> store::Result<Option<Returned>> {
    let newest = submissions::list_by_resource(connection, id)?.into_iter().next();
    let Some(last) = newest.and_then(|mut submission| submission.reviews.pop()) else { return Ok(None) };
    let by = Names::find(connection, [last.reviewer_id])?.of(last.reviewer_id);
    Ok(Some(Returned { step: last.step_name, by, reason: last.reason }))
}

impl Opened {
    /// Whether the newest revision says what was typed.
    fn says(&self, typed: &Draft) -> bool {
        let Ok(content) = typed.content(self.resource.kind, self.latest.content.clone()) else { return false };
        render::html::clean(&content.body).is_ok_and(|body| Content { body, ..content } == self.latest.content)
    }
}

/// The form as begun from what is newest now.
fn fresh(draft: Draft, opened: &Opened) -> Draft {
    seated(Draft { version: opened.resource.version.to_string(), revision: opened.latest.number.to_string(), ..draft })
}

/// The form on a sheet: its own, or a new one.
fn seated(mut draft: Draft) -> Draft {
    if !is_sheet(&draft.sheet) {
        draft.sheet = working_copies::new_sheet();
    }
    if draft.version.is_empty() && !is_sheet(&draft.begun) {
        draft.begun.clone_from(&draft.sheet);
    }
    draft
}

fn chosen<'t>(tree: &'t ChannelTree, typed: &str) -> Option<&'t Channel> {
    typed.parse().ok().and_then(|id| tree.by_id(id)).filter(|channel| !channel.retired)
}

async fn invalid_new(app: &Arc<App>, scope: &Scope, typed: Draft, problems: Vec<Problem>) -> Result<Response, Error> {
    refuse_new(app, scope, typed, Trouble { problems, ..Trouble::default() }, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn invalid(app: &App, scope: &Scope, opened: &Opened, typed: Draft, problems: Vec<Problem>) -> Result<Response, Error> {
    refuse(app, scope, opened, typed, Trouble { problems, ..Trouble::default() }, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Somebody else saved in between: everything typed stays, and the next save is knowingly made upon theirs.
fn overtaken(app: &App, scope: &Scope, opened: &Opened, typed: Draft) -> Result<Response, Error> {
    let conflict = Conflict {
        author: opened.author.clone(),
        at: opened.latest.created_at.into(),
        number: opened.latest.number,
        seen: typed.revision.parse().unwrap_or(opened.latest.number),
    };
    let trouble = Trouble { conflict: Some(conflict), ..Trouble::default() };
    refuse(app, scope, opened, fresh(typed, opened), trouble, StatusCode::CONFLICT)
}

/// The form of a new text again, on the sheet it was sent from.
async fn refuse_new(
    app: &Arc<App>,
    scope: &Scope,
    typed: Draft,
    trouble: Trouble,
    status: StatusCode,
) -> Result<Response, Error> {
    let typed = seated(Draft { version: String::new(), ..typed });
    let Some(writing) = typed.writing() else { return Err(Error::NotFound) };
    let keeping = Keeping::of(app, scope, &writing);
    draw_new(app, scope, typed, trouble, status, keeping).await
}

/// The form of a resource again, on the sheet it was sent from.
fn refuse(
    app: &App,
    scope: &Scope,
    opened: &Opened,
    typed: Draft,
    trouble: Trouble,
    status: StatusCode,
) -> Result<Response, Error> {
    let keeping = Keeping::of(app, scope, &Writing::Resource(opened.resource.id));
    draw(scope, opened, seated(typed), trouble, status, keeping)
}

async fn draw_new(
    app: &Arc<App>,
    scope: &Scope,
    draft: Draft,
    trouble: Trouble,
    status: StatusCode,
    keeping: Keeping,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let (tree, dictionary) = app
        .read(move |connection| Ok::<_, store::Error>((channels::tree(connection, site)?, dictionaries::find(connection, site)?)))
        .await?;
    let screen = Screen {
        key: &scope.site.key,
        draft,
        resource: None,
        title: "",
        channel: String::new(),
        choices: Choices::among(&tree, &scope.within(Permission::Write)),
        dictionary,
        is_policy: true,
        is_interpretation: true,
        trouble,
        keeping,
        annotations: Annotations::default(),
        shown_on: Vec::new(),
        returned: None,
    };
    let frame = Frame::site(scope, Place::Desk, "新建稿件");
    Ok((status, screens::draw("edit.html", frame, screen)?).into_response())
}

fn draw(
    scope: &Scope,
    opened: &Opened,
    draft: Draft,
    trouble: Trouble,
    status: StatusCode,
    keeping: Keeping,
) -> Result<Response, Error> {
    let screen = Screen {
        key: &scope.site.key,
        draft,
        resource: Some(opened.resource.id),
        title: &opened.latest.content.title,
        channel: trail(&opened.tree, opened.resource.channel_id),
        choices: Choices::among(&opened.tree, &scope.within(Permission::Write)),
        dictionary: opened.dictionary.clone(),
        is_policy: opened.resource.kind == ResourceKind::Policy,
        is_interpretation: opened.resource.kind == ResourceKind::Interpretation,
        trouble,
        keeping,
        annotations: opened.annotations.clone(),
        shown_on: opened.shown_on.clone(),
        returned: opened.returned.clone(),
    };
    let frame = Frame::site(scope, Place::Desk, "编辑稿件");
    Ok((status, screens::draw("edit.html", frame, screen)?).into_response())
}
