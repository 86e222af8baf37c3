//! One offer on one page: what is offered, by whom, how one's own review of it goes, and what this person may decide.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDateTime;
use model::schedule::told;
use model::{
    ChannelTree, Field, Group, Offer, OfferId, OfferState, Origin, Permission, Problem, Resource, ResourceState, Revision,
    RevisionId, SiteId, Submission, SubmissionId, SubmissionState, UserId, Verdict,
};
use publish::CommandError;
use publish::commands::annotation::Annotated;
use publish::commands::offer::Terms;
use publish::commands::review::Opinion;
use publish::commands::{offer, offer_review};
use serde::{Deserialize, Serialize};
use store::{Connection, channels, groups, offers, placements, publications, resources, reviewers, schedules, submissions};
use web::{App, Error, Scope};

use crate::annotations::Annotations;
use crate::awaiting::Awaiting;
use crate::desk::trail;
use crate::judging::{Progress, Review, judge, progress};
use crate::moment::Moment;
use crate::names::Names;
use crate::offers::{site_name, tone};
use crate::resource::sentence;
use crate::revisions;
use crate::screens::{self, Frame, Place};
use crate::{annotating, notice, terms};

/// What was typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    reason: String,
}

/// A reviewer's word.
#[derive(Deserialize)]
pub(crate) struct Judged {
    submission: Option<SubmissionId>,
    step: i32,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
    #[serde(flatten)]
    terms: terms::Typed,
}

/// What was tried on this page and did not succeed, with what was typed for it.
#[derive(Default, Serialize)]
struct Attempt {
    decline_reason: String,
    decline_problem: String,
    review_reason: String,
    review_problem: String,
    terms: Option<terms::Typed>,
    problems: Vec<Problem>,
    /// What was to be said at a place in the text.
    note: annotating::Tried,
    refusal: String,
}

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    id: OfferId,
    title: String,
    subtitle: String,
    kind: &'static str,
    from: String,
    channel: String,
    origin: &'static str,
    is_push: bool,
    state: &'static str,
    tone: &'static str,
    note: String,
    reason: String,
    by: String,
    at: Moment,
    decided_by: Option<String>,
    decided_at: Option<Moment>,
    source_url: Option<String>,
    is_live: bool,
    number: i64,
    revision: RevisionId,
    /// What the site itself says at places in the text.
    annotations: Annotations,
    open_annotations: usize,
    annotated_fields: Vec<(&'static str, &'static str)>,
    fields: Vec<(&'static str, String)>,
    body: String,
    steps: Vec<String>,
    /// Where the name of its page is put.
    folder: String,
    /// From when on it is shown, where it was accepted for later.
    place_at: Option<String>,
    slug: String,
    title_prefix: String,
    terms: terms::Typed,
    progress: Option<Progress>,
    may: May,
    attempt: Attempt,
}

/// What this person may do now.
#[derive(Serialize)]
struct May {
    /// Accept or decline.
    decide: bool,
    /// Begin the site's own review.
    begin: bool,
    review: Option<Review>,
    no_review: Option<String>,
    annotate: bool,
}

struct Found {
    offer: Offer,
    resource: Resource,
    revision: Revision,
    submission: Option<(Submission, Revision)>,
    /// Who may review the step that waits, by name, and the groups it could be for.
    reviewers: Vec<(UserId, String)>,
    groups: Vec<Group>,
    annotations: Annotations,
    tree: ChannelTree,
    source_path: Option<String>,
    place_at: Option<NaiveDateTime>,
    names: Names,
}

/// GET /console/{site}/offers/{offer}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &scope, id, &wish.done, Attempt::default(), StatusCode::OK).await
}

impl annotating::Page for OfferId {
    fn annotated(self) -> Annotated {
        Annotated::Offered(self)
    }

    fn address(self, scope: &Scope, done: &str) -> String {
        let done = if done == "annotated" { "offer-annotated" } else { done };
        format!("/console/{}/offers/{self}?done={done}", scope.site.key)
    }

    fn panel(self, _: &Scope) -> Option<String> {
        None
    }

    async fn correct(self, app: &Arc<App>, scope: &Scope, note: annotating::Tried) -> Result<Response, Error> {
        correct(app, scope, self, Attempt { note, ..Attempt::default() }).await
    }

    async fn refuse(
        self,
        app: &Arc<App>,
        scope: &Scope,
        error: CommandError,
        note: annotating::Tried,
    ) -> Result<Response, Error> {
        answer(app, scope, self, Err(error), Attempt { note, ..Attempt::default() }).await
    }
}

/// POST /console/{site}/offers/{offer}/accept
pub(crate) async fn accept(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
    Form(typed): Form<terms::Typed>,
) -> Result<Response, Error> {
    let attempt = Attempt { terms: Some(typed.clone()), ..Attempt::default() };
    let terms = match typed.terms() {
        Ok(terms) => terms,
        Err(problem) => return correct(&app, &scope, id, Attempt { problems: vec![problem], ..attempt }).await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| offer::accept(engine, &actor, site, id, &terms)).await {
        Err(CommandError::Invalid(problems)) => correct(&app, &scope, id, Attempt { problems, ..attempt }).await,
        result => answer(&app, &scope, id, result.map(done), attempt).await,
    }
}

/// POST /console/{site}/offers/{offer}/decline
pub(crate) async fn decline(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let attempt = Attempt { decline_reason: typed.reason.clone(), ..Attempt::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| offer::decline(engine, &actor, site, id, &typed.reason)).await {
        Err(CommandError::Invalid(problems)) => {
            correct(&app, &scope, id, Attempt { decline_problem: sentence(problems), ..attempt }).await
        }
        result => answer(&app, &scope, id, result.map(|()| "offer-declined"), attempt).await,
    }
}

/// POST /console/{site}/offers/{offer}/begin
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let result = app.command(move |engine| offer_review::begin(engine, &actor, site, id)).await;
    answer(&app, &scope, id, result.map(|_| "offer-reviewing"), Attempt::default()).await
}

/// POST /console/{site}/offers/{offer}/review
pub(crate) async fn review(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
    Form(judged): Form<Judged>,
) -> Result<Response, Error> {
    let attempt = Attempt { review_reason: judged.reason.clone(), terms: Some(judged.terms.clone()), ..Attempt::default() };
    let terms = match judged.terms.terms() {
        Ok(terms) => terms,
        // Whoever declines decides nothing about how it is shown.
        Err(_) if judged.verdict == Verdict::Return => Terms::default(),
        Err(problem) => return correct(&app, &scope, id, Attempt { problems: vec![problem], ..attempt }).await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    let Judged { submission, step, verdict, reason, .. } = judged;
    let opinion = Opinion { submission, step, verdict, reason, times: None };
    match app.command(move |engine| offer_review::give(engine, &actor, site, id, &opinion, &terms)).await {
        Err(CommandError::Invalid(problems)) => {
            let (reason, problems): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.field == "reason");
            correct(&app, &scope, id, Attempt { review_problem: sentence(reason), problems, ..attempt }).await
        }
        result => answer(&app, &scope, id, result.map(done), attempt).await,
    }
}

/// What to say of an offer that stands here now.
fn done(state: OfferState) -> &'static str {
    match state {
        OfferState::Accepted => "offer-accepted",
        OfferState::Scheduled => "offer-scheduled",
        OfferState::Declined => "offer-declined",
        OfferState::Open | OfferState::Reviewing | OfferState::Cancelled => "approved",
    }
}

async fn correct(app: &Arc<App>, scope: &Scope, id: OfferId, attempt: Attempt) -> Result<Response, Error> {
    draw(app, scope, id, "", attempt, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Back to the inbox with what was done, or to the page as it stands now with the reason why not.
async fn answer(
    app: &Arc<App>,
    scope: &Scope,
    id: OfferId,
    result: Result<&'static str, CommandError>,
    attempt: Attempt,
) -> Result<Response, Error> {
    let refusal = match result {
        Ok(done) => return Ok(Redirect::to(&format!("/console/{}/offers?done={done}", scope.site.key)).into_response()),
        Err(CommandError::Refused(sentence)) => sentence,
        Err(other) => return Err(other.into()),
    };
    draw(app, scope, id, "", Attempt { refusal, ..attempt }, StatusCode::CONFLICT).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    id: OfferId,
    done: &str,
    attempt: Attempt,
    status: StatusCode,
) -> Result<Response, Error> {
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    let found = app.read(move |connection| find(connection, (site, me), id)).await?;
    let screen = compose(app, scope, found, attempt);
    let frame = Frame::site(scope, Place::Offers, &screen.title).noticed(notice::find(done));
    Ok((status, screens::draw("offer.html", frame, screen)?).into_response())
}

fn find(connection: &mut Connection, (site, me): (SiteId, UserId), id: OfferId) -> Result<Found, Error> {
    let offer = offers::find_received(connection, site, id)?.ok_or(Error::NotFound)?;
    let resource = resources::find_anywhere(connection, offer.resource_id)?.ok_or(Error::NotFound)?;
    let submission = match submissions::find_by_offer(connection, id)? {
        Some(submission) => {
            resources::find_revision(connection, resource.id, submission.revision_id)?.map(|revision| (submission, revision))
        }
        None => None,
    };
    // Drafts of another site are its own affair: what is shown is live, or was when it was last looked at here.
    // What waits for its topic is shown to nobody else: only what they were reviewing.
    let waits = resources::list_waiting(connection, &[resource.id].into())?.contains(&resource.id);
    let reviewed = submission.as_ref().map(|(_, revision)| revision.id);
    if waits && reviewed.is_none() {
        return Err(Error::NotFound);
    }
    let shown = resource.live_revision_id.filter(|_| !waits).or(reviewed);
    let revision = match shown {
        Some(shown) => resources::find_revision(connection, resource.id, shown)?.ok_or(Error::NotFound)?,
        None => last_published(connection, &resource)?,
    };
    let own = placements::list_by_resource(connection, resource.id)?.into_iter().find(|one| one.site_id == resource.site_id);
    let mut people = vec![offer.offered_by];
    people.extend(offer.decided_by);
    if let Some((submission, _)) = &submission {
        people.push(submission.submitted_by);
        people.extend(submission.reviews.iter().map(|review| review.reviewer_id));
    }
    let reviewers = match &submission {
        Some((submission, _)) => reviewers::list(connection, submission.id)?,
        None => Vec::new(),
    };
    Ok(Found {
        groups: groups::list_for(connection, site)?,
        annotations: Annotations::find_offered(connection, &offer, me, &revision.content.body)?,
        reviewers,
        names: Names::find(connection, people)?,
        tree: channels::tree(connection, site)?,
        place_at: schedules::list_times_of_offers(connection, &[id])?.remove(&id),
        source_path: own.filter(|placement| placement.live).map(|placement| placement.path),
        offer,
        resource,
        revision,
        submission,
    })
}

/// The revision that was live before its resource was withdrawn.
fn last_published(connection: &mut Connection, resource: &Resource) -> Result<Revision, Error> {
    let last = publications::last_published_anywhere(connection, &[resource.id].into())?;
    let last = last.get(&resource.id).copied().ok_or(Error::NotFound)?;
    resources::find_revision(connection, resource.id, last)?.ok_or(Error::NotFound)
}

fn compose(app: &App, scope: &Scope, found: Found, attempt: Attempt) -> Screen {
    let (offer, content) = (&found.offer, &found.revision.content);
    let fields = revisions::fields(content).into_iter().skip(2).filter(|(_, value)| !value.is_empty()).collect();
    let owner = app.tenants.list().into_iter().find(|site| site.id == offer.from_site_id);
    let base = owner.map(|site| app.engine.settings.public_url(&site.key, &site.domain));
    Screen {
        key: scope.site.key.clone(),
        id: offer.id,
        title: content.title.clone(),
        subtitle: content.subtitle.clone(),
        kind: found.resource.kind.chinese(),
        from: site_name(app, offer.from_site_id),
        channel: trail(&found.tree, offer.channel_id),
        origin: offer.origin.chinese(),
        is_push: offer.origin == Origin::Push,
        state: offer.state.chinese(),
        tone: tone(offer.state),
        note: offer.note.clone(),
        reason: offer.reason.clone(),
        by: found.names.of(offer.offered_by),
        at: offer.offered_at.into(),
        decided_by: offer.decided_by.map(|by| found.names.of(by)),
        decided_at: offer.decided_at.map(Moment::from),
        source_url: base.zip(found.source_path.as_ref()).map(|(base, path)| format!("{base}{path}")),
        is_live: found.resource.state == ResourceState::Live,
        number: found.revision.number,
        revision: found.revision.id,
        fields,
        body: found.annotations.mark(content.body.clone()),
        open_annotations: found.annotations.count_open(),
        annotated_fields: Field::ALL.iter().map(|field| (field.as_str(), field.chinese())).collect(),
        steps: found
            .tree
            .by_id(offer.channel_id)
            .map(|channel| channel.steps.iter().map(|step| step.name.clone()).collect())
            .unwrap_or_default(),
        folder: found.tree.by_id(offer.channel_id).map(|channel| channel.path.clone()).unwrap_or_default(),
        place_at: found.place_at.map(told),
        slug: offer.slug.clone(),
        title_prefix: offer.title_prefix.clone(),
        terms: attempt.terms.clone().unwrap_or_else(|| terms::Typed::of(offer)),
        progress: found.submission.as_ref().map(|(submission, revision)| {
            let awaiting = Awaiting::of(submission, &found.groups, &found.reviewers);
            progress(submission, revision, awaiting, &found.names, app.engine.clock.now())
        }),
        may: may(scope, &found),
        annotations: found.annotations,
        attempt,
    }
}

fn may(scope: &Scope, found: &Found) -> May {
    let me = scope.signed_in.person.id;
    let is_open = found.offer.state == OfferState::Open && found.resource.state == ResourceState::Live;
    let may = |permission| scope.may_in(permission, found.offer.channel_id);
    let may_take_in = may(Permission::Subscribe);
    let judged = found
        .submission
        .as_ref()
        .filter(|(submission, _)| submission.state == SubmissionState::Open && may(Permission::Review) && may_take_in)
        .map(|(submission, revision)| (submission, judge(submission, revision, &found.reviewers, me)));
    May {
        decide: is_open && may_take_in,
        begin: is_open && may(Permission::Write),
        review: judged.as_ref().filter(|(_, verdict)| verdict.is_ok()).map(|(submission, _)| Review::of(submission)),
        no_review: judged.and_then(|(_, verdict)| verdict.err()).map(|error| error.to_string()),
        annotate: found.offer.state == OfferState::Reviewing && (may(Permission::Write) || may(Permission::Review)),
    }
}
