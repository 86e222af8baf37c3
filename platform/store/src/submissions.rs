//! Submissions and the reviews they have received.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{
    GroupId, OfferId, Resource, ResourceId, Review, RevisionId, SiteId, Step, Submission, SubmissionId, SubmissionState, UserId,
};

use crate::resources::{ResourceRow, resource};
use crate::schema::{resources, reviews, revisions, submissions};
use crate::{BINDS, Command, Connection, Result, reviewers};

/// A submission waiting on a site, with what a list shows of it.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The submission.
    pub submission: Submission,
    /// The resource.
    pub resource: Resource,
    /// The title of the revision under review.
    pub title: String,
    /// Its theme class.
    pub theme_class: Option<String>,
    /// Its keywords.
    pub keywords: Vec<String>,
    /// Who wrote that revision.
    pub author: UserId,
}

/// A submission about to be opened.
pub struct NewSubmission<'a> {
    /// What is submitted.
    pub resource: ResourceId,
    /// Which of its revisions.
    pub revision: RevisionId,
    /// The steps it is to pass.
    pub steps: &'a [Step],
    /// Who submits it.
    pub by: UserId,
    /// The offer of which this is the receiving site's own review.
    pub offer: Option<OfferId>,
    /// 加急
    pub urgent: bool,
    /// Hours that each step may take.
    pub hours: Option<i32>,
}

/// Opens a submission at its first step.
pub fn insert(command: &mut Command<'_>, new: &NewSubmission<'_>, now: NaiveDateTime) -> Result<SubmissionId> {
    let id = diesel::insert_into(submissions::table)
        .values((
            submissions::resource_id.eq(new.resource.0),
            submissions::revision_id.eq(new.revision.0),
            submissions::steps.eq(serde_json::to_string(new.steps)?),
            submissions::step.eq(0),
            submissions::state.eq(SubmissionState::Open.as_str()),
            submissions::submitted_by.eq(new.by.0),
            submissions::submitted_at.eq(now),
            submissions::offer_id.eq(new.offer.map(|id| id.0)),
            submissions::urgent.eq(new.urgent),
            submissions::hours.eq(new.hours),
            submissions::due_at.eq(Submission::due_from(new.hours, now)),
            submissions::group_id.eq(group_of(new.steps.first())),
        ))
        .returning(submissions::id)
        .get_result(&mut **command)?;
    Ok(SubmissionId(id))
}

/// Every submission of a resource to its own site, newest first.
pub fn list_by_resource(connection: &mut Connection, resource: ResourceId) -> Result<Vec<Submission>> {
    let rows = submissions::table
        .filter(submissions::resource_id.eq(resource.0).and(submissions::offer_id.is_null()))
        .order(submissions::id.desc())
        .load::<SubmissionRow>(connection)?;
    with_reviews(connection, rows)
}

/// The open submission of a resource to its own site.
pub fn find_open(connection: &mut Connection, resource: ResourceId) -> Result<Option<Submission>> {
    let row = submissions::table
        .filter(submissions::resource_id.eq(resource.0).and(submissions::state.eq(SubmissionState::Open.as_str())))
        .filter(submissions::offer_id.is_null())
        .order(submissions::id.desc())
        .first::<SubmissionRow>(connection)
        .optional()?;
    Ok(with_reviews(connection, row.into_iter().collect())?.pop())
}

/// The newest submission of a receiving site's own review of an offer.
pub fn find_by_offer(connection: &mut Connection, offer: OfferId) -> Result<Option<Submission>> {
    let row = submissions::table
        .filter(submissions::offer_id.eq(offer.0))
        .order(submissions::id.desc())
        .first::<SubmissionRow>(connection)
        .optional()?;
    Ok(with_reviews(connection, row.into_iter().collect())?.pop())
}

/// Ends the open submissions of reviews of these offers.
pub fn cancel_by_offers(command: &mut Command<'_>, offers: &[OfferId], now: NaiveDateTime) -> Result<()> {
    let ids: Vec<i64> = offers.iter().map(|id| id.0).collect();
    let open = submissions::state.eq(SubmissionState::Open.as_str());
    diesel::update(submissions::table.filter(submissions::offer_id.eq_any(ids).and(open)))
        .set((submissions::state.eq(SubmissionState::Cancelled.as_str()), submissions::closed_at.eq(now)))
        .execute(&mut **command)?;
    Ok(())
}

/// The texts of a site itself that wait for this person's review, in the order of [`reviewers::list_waiting`].
pub fn list_waiting(connection: &mut Connection, site: SiteId, person: UserId, limit: i64) -> Result<Vec<Waiting>> {
    let ids = reviewers::list_waiting(connection, site, person, limit)?;
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let some: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = submissions::table
            .inner_join(resources::table)
            .inner_join(revisions::table.on(revisions::id.eq(submissions::revision_id)))
            .filter(submissions::id.eq_any(some))
            .select((
                submissions::all_columns,
                resources::all_columns,
                (revisions::title, revisions::theme_class, revisions::keywords, revisions::created_by),
            ))
            .load::<(SubmissionRow, ResourceRow, (String, Option<String>, String, i64))>(connection)?;
        let (rows, shown): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|(row, resource, revision)| (row, (resource, revision))).unzip();
        for (submission, (row, revision)) in with_reviews(connection, rows)?.into_iter().zip(shown) {
            let (title, theme_class, keywords, author) = revision;
            let (resource, keywords) = (resource(row)?, serde_json::from_str(&keywords)?);
            let waiting = Waiting { submission, resource, title, theme_class, keywords, author: UserId(author) };
            found.insert(waiting.submission.id, waiting);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Records one reviewer's word. A step can be reviewed once.
pub fn insert_review(command: &mut Command<'_>, of: SubmissionId, review: &Review) -> Result<()> {
    diesel::insert_into(reviews::table)
        .values((
            reviews::submission_id.eq(of.0),
            reviews::step.eq(review.step),
            reviews::step_name.eq(&review.step_name),
            reviews::reviewer_id.eq(review.reviewer_id.0),
            reviews::verdict.eq(review.verdict.as_str()),
            reviews::reason.eq(&review.reason),
            reviews::reviewed_at.eq(review.reviewed_at),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Moves a submission to its next step, whose time begins now.
pub fn advance(command: &mut Command<'_>, submission: &Submission, now: NaiveDateTime) -> Result<()> {
    diesel::update(submissions::table.find(submission.id.0))
        .set((
            submissions::step.eq(submission.step + 1),
            submissions::due_at.eq(Submission::due_from(submission.hours, now)),
            submissions::handed_to.eq(None::<i64>),
            submissions::group_id.eq(group_of(submission.step_at(submission.step + 1))),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Notes who is asked to review the step that waits.
pub fn hand_over(command: &mut Command<'_>, id: SubmissionId, to: UserId) -> Result<()> {
    diesel::update(submissions::table.find(id.0)).set(submissions::handed_to.eq(to.0)).execute(&mut **command)?;
    Ok(())
}

/// Ends a submission.
pub fn close(command: &mut Command<'_>, id: SubmissionId, state: SubmissionState, now: NaiveDateTime) -> Result<()> {
    diesel::update(submissions::table.find(id.0))
        .set((submissions::state.eq(state.as_str()), submissions::closed_at.eq(now)))
        .execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct SubmissionRow {
    id: i64,
    resource_id: i64,
    revision_id: i64,
    steps: String,
    step: i32,
    state: String,
    submitted_by: i64,
    submitted_at: NaiveDateTime,
    _closed_at: Option<NaiveDateTime>,
    offer_id: Option<i64>,
    urgent: bool,
    hours: Option<i32>,
    due_at: Option<NaiveDateTime>,
    handed_to: Option<i64>,
    _group_id: Option<i64>,
}

/// The group of a step as the row holds it, for lists to ask for.
fn group_of(step: Option<&Step>) -> Option<i64> {
    step.and_then(|step| step.group).map(|group: GroupId| group.0)
}

/// The submissions of these rows, in their order; their reviews are asked for together.
fn with_reviews(connection: &mut Connection, rows: Vec<SubmissionRow>) -> Result<Vec<Submission>> {
    let mut given: HashMap<i64, Vec<Review>> = HashMap::new();
    for some in rows.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|row| row.id).collect();
        let rows = reviews::table
            .filter(reviews::submission_id.eq_any(ids))
            .order(reviews::step)
            .select((
                reviews::submission_id,
                reviews::step,
                reviews::step_name,
                reviews::reviewer_id,
                reviews::verdict,
                reviews::reason,
                reviews::reviewed_at,
            ))
            .load::<(i64, i32, String, i64, String, String, NaiveDateTime)>(connection)?;
        for (of, step, step_name, reviewer, verdict, reason, reviewed_at) in rows {
            let review =
                Review { step, step_name, reviewer_id: UserId(reviewer), verdict: verdict.parse()?, reason, reviewed_at };
            given.entry(of).or_default().push(review);
        }
    }
    rows.into_iter().map(|row| submission(given.remove(&row.id).unwrap_or_default(), row)).collect()
}

fn submission(reviews: Vec<Review>, row: SubmissionRow) -> Result<Submission> {
    Ok(Submission {
        id: SubmissionId(row.id),
        resource_id: ResourceId(row.resource_id),
        revision_id: RevisionId(row.revision_id),
        steps: serde_json::from_str(&row.steps)?,
        step: row.step,
        state: row.state.parse()?,
        submitted_by: UserId(row.submitted_by),
        submitted_at: row.submitted_at,
        offer_id: row.offer_id.map(OfferId),
        urgent: row.urgent,
        hours: row.hours,
        due_at: row.due_at,
        handed_to: row.handed_to.map(UserId),
        reviews,
    })
}
