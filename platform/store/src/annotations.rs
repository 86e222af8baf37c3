//! Annotations (批注) of resources and what was answered to them.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{
    Anchor, Annotation, AnnotationId, AnnotationState, Answer, OfferId, OfferState, ResourceId, RevisionId, SiteId, UserId,
};

use crate::schema::{annotation_answers, annotations, offers, resources, revisions};
use crate::{BINDS, Command, Connection, Result};

/// An annotation about to be made.
pub struct NewAnnotation<'a> {
    /// The resource.
    pub resource: ResourceId,
    /// The revision that was read.
    pub revision: RevisionId,
    /// The offer under review, where the text is another site's.
    pub offer: Option<OfferId>,
    /// What it is about.
    pub anchor: &'a Anchor,
    /// What it says.
    pub text: &'a str,
    /// Who says it.
    pub by: UserId,
}

/// Adds an annotation, open.
pub fn insert(command: &mut Command<'_>, site: SiteId, new: &NewAnnotation<'_>, now: NaiveDateTime) -> Result<AnnotationId> {
    let id = diesel::insert_into(annotations::table)
        .values((
            annotations::site_id.eq(site.0),
            annotations::resource_id.eq(new.resource.0),
            annotations::revision_id.eq(new.revision.0),
            annotations::offer_id.eq(new.offer.map(|id| id.0)),
            annotations::field.eq(new.anchor.field.as_str()),
            annotations::quote.eq(&new.anchor.quote),
            annotations::occurrence.eq(i32::try_from(new.anchor.occurrence).unwrap_or(i32::MAX)),
            annotations::text.eq(new.text),
            annotations::written_by.eq(new.by.0),
            annotations::written_at.eq(now),
            annotations::state.eq(AnnotationState::Open.as_str()),
        ))
        .returning(annotations::id)
        .get_result(&mut **command)?;
    Ok(AnnotationId(id))
}

/// Every annotation that this site made of a resource, its own or offered to it, with its answers, in the order they were made.
pub fn list(connection: &mut Connection, site: SiteId, resource: ResourceId, offer: Option<OfferId>) -> Result<Vec<Annotation>> {
    let mut query = annotations::table
        .inner_join(revisions::table)
        .filter(annotations::site_id.eq(site.0).and(annotations::resource_id.eq(resource.0)))
        .into_boxed();
    query = match offer {
        Some(offer) => query.filter(annotations::offer_id.eq(offer.0)),
        None => query.filter(annotations::offer_id.is_null()),
    };
    let rows = query.order(annotations::id).select((annotations::all_columns, revisions::number));
    let rows = rows.load::<(AnnotationRow, i64)>(connection)?;
    with_answers(connection, rows)
}

/// What other sites said of a resource of this site and gave back with it when they declined: from then on it is the owner's, too, to
/// deal with.
pub fn list_given_back(connection: &mut Connection, owner: SiteId, resource: ResourceId) -> Result<Vec<Annotation>> {
    let declined = offers::table.filter(offers::state.eq(OfferState::Declined.as_str())).select(offers::id.nullable());
    let rows = annotations::table
        .inner_join(revisions::table)
        .filter(annotations::resource_id.eq(resource.0).and(annotations::offer_id.eq_any(declined)))
        .filter(revisions::resource_id.eq_any(resources::table.filter(resources::site_id.eq(owner.0)).select(resources::id)))
        .order(annotations::id)
        .select((annotations::all_columns, revisions::number))
        .load::<(AnnotationRow, i64)>(connection)?;
    with_answers(connection, rows)
}

/// What other sites said about what they were offered and reviewed, by offer.
pub fn list_by_offers(connection: &mut Connection, offers: &[OfferId]) -> Result<HashMap<OfferId, Vec<Annotation>>> {
    let mut found: HashMap<OfferId, Vec<Annotation>> = HashMap::new();
    for some in offers.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = annotations::table
            .inner_join(revisions::table)
            .filter(annotations::offer_id.eq_any(ids))
            .order(annotations::id)
            .select((annotations::all_columns, revisions::number))
            .load::<(AnnotationRow, i64)>(connection)?;
        for one in with_answers(connection, rows)? {
            if let Some(offer) = one.offer_id {
                found.entry(offer).or_default().push(one);
            }
        }
    }
    Ok(found)
}

/// How many annotations of these resources their own sites have to deal with; those without any are left out.
pub fn count_open_by_resources(connection: &mut Connection, ids: &BTreeSet<ResourceId>) -> Result<HashMap<ResourceId, i64>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let declined = || offers::table.filter(offers::state.eq(OfferState::Declined.as_str())).select(offers::id.nullable());
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = annotations::table
            .filter(annotations::resource_id.eq_any(some).and(annotations::state.eq(AnnotationState::Open.as_str())))
            .filter(annotations::offer_id.is_null().or(annotations::offer_id.eq_any(declined())))
            .group_by(annotations::resource_id)
            .select((annotations::resource_id, diesel::dsl::count_star()))
            .load::<(i64, i64)>(connection)?;
        found.extend(rows.into_iter().map(|(id, count)| (ResourceId(id), count)));
    }
    Ok(found)
}

/// Puts another text in its place.
pub fn change(command: &mut Command<'_>, id: AnnotationId, text: &str) -> Result<()> {
    diesel::update(annotations::table.find(id.0)).set(annotations::text.eq(text)).execute(&mut **command)?;
    Ok(())
}

/// Removes an annotation that nobody answered.
pub fn delete(command: &mut Command<'_>, id: AnnotationId) -> Result<()> {
    diesel::delete(annotations::table.find(id.0)).execute(&mut **command)?;
    Ok(())
}

/// Adds an answer.
pub fn answer(command: &mut Command<'_>, of: AnnotationId, answer: &Answer) -> Result<()> {
    diesel::insert_into(annotation_answers::table)
        .values((
            annotation_answers::annotation_id.eq(of.0),
            annotation_answers::text.eq(&answer.text),
            annotation_answers::answered_by.eq(answer.by.0),
            annotation_answers::answered_at.eq(answer.at),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Notes that it is dealt with, and by whom; or, with nobody, that it is open again.
pub fn settle(command: &mut Command<'_>, id: AnnotationId, by: Option<(UserId, NaiveDateTime)>) -> Result<()> {
    let state = if by.is_some() { AnnotationState::Done } else { AnnotationState::Open };
    diesel::update(annotations::table.find(id.0))
        .set((
            annotations::state.eq(state.as_str()),
            annotations::settled_by.eq(by.map(|(person, _)| person.0)),
            annotations::settled_at.eq(by.map(|(_, at)| at)),
        ))
        .execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct AnnotationRow {
    id: i64,
    _site_id: i64,
    resource_id: i64,
    revision_id: i64,
    field: String,
    quote: String,
    occurrence: i32,
    text: String,
    written_by: i64,
    written_at: NaiveDateTime,
    state: String,
    settled_by: Option<i64>,
    settled_at: Option<NaiveDateTime>,
    offer_id: Option<i64>,
}

/// The annotations of these rows, in their order, with what was answered.
fn with_answers(connection: &mut Connection, rows: Vec<(AnnotationRow, i64)>) -> Result<Vec<Annotation>> {
    let mut answers: HashMap<i64, Vec<Answer>> = HashMap::new();
    for some in rows.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|(row, _)| row.id).collect();
        let given = annotation_answers::table
            .filter(annotation_answers::annotation_id.eq_any(ids))
            .order(annotation_answers::id)
            .select((
                annotation_answers::annotation_id,
                annotation_answers::text,
                annotation_answers::answered_by,
                annotation_answers::answered_at,
            ))
            .load::<(i64, String, i64, NaiveDateTime)>(connection)?;
        for (of, text, by, at) in given {
            answers.entry(of).or_default().push(Answer { text, by: UserId(by), at });
        }
    }
    rows.into_iter().map(|(row, number)| annotation(answers.remove(&row.id).unwrap_or_default(), row, number)).collect()
}

fn annotation(answers: Vec<Answer>, row: AnnotationRow, revision: i64) -> Result<Annotation> {
    Ok(Annotation {
        id: AnnotationId(row.id),
        resource_id: ResourceId(row.resource_id),
        revision_id: RevisionId(row.revision_id),
        offer_id: row.offer_id.map(OfferId),
        revision,
        anchor: Anchor {
            field: row.field.parse()?,
            quote: row.quote,
            occurrence: usize::try_from(row.occurrence).unwrap_or_default(),
        },
        text: row.text,
        written_by: UserId(row.written_by),
        written_at: row.written_at,
        state: row.state.parse()?,
        settled: row.settled_by.map(UserId).zip(row.settled_at),
        answers,
    })
}
