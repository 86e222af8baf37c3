//! Annotations (批注) as screens show them: beside the text on the resource's page, and in the form it is written in.

use std::ops::Range;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Html;
use model::{Anchor, Annotation, AnnotationId, AnnotationState, Field, Offer, OfferId, ResourceId, SiteId, UserId};
use render::Letters;
use serde::Serialize;
use store::{Connection, annotations};
use web::{App, Error, Scope};

use crate::desk::Badge;
use crate::moment::Moment;
use crate::names::Names;
use crate::resource::newest;
use crate::screens;

/// The annotations of a text in the order of their places, what is still to be dealt with first.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Annotations {
    open: Vec<Row>,
    done: Vec<Row>,
    /// Where the words of the open ones stand, each with the id of its mark.
    #[serde(skip)]
    passages: Vec<(String, Range<usize>)>,
}

/// One annotation as it is shown.
#[derive(Clone, Serialize)]
struct Row {
    id: AnnotationId,
    field: &'static str,
    field_name: &'static str,
    quote: String,
    occurrence: usize,
    /// The quoted words are no longer in the text.
    is_gone: bool,
    text: String,
    by: String,
    at: Moment,
    revision: i64,
    answers: Vec<Answered>,
    /// Who dealt with it and when.
    settled: Option<(String, Moment)>,
    #[serde(skip)]
    offer: Option<OfferId>,
    /// Another site gave it back with what it declined.
    is_given_back: bool,
    /// Whether whoever looks may still change it.
    may_change: bool,
}

#[derive(Clone, Serialize)]
struct Answered {
    text: String,
    by: String,
    at: Moment,
}

/// What stands in the form, and what takes its place when something was done there.
#[derive(Serialize)]
struct Part<'a> {
    key: &'a str,
    resource: ResourceId,
    annotations: Annotations,
}

/// GET /console/{site}/resources/{id}/annotations
pub(crate) async fn draw(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Html<String>, Error> {
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    let annotations = app
        .read(move |connection| {
            let (_, latest) = newest(connection, site, id)?;
            Ok::<_, Error>(Annotations::find(connection, site, id, me, &latest.content.body)?)
        })
        .await?;
    screens::part("annotation_panel.html", &Part { key: &scope.site.key, resource: id, annotations })
}

impl Annotations {
    /// Those of a resource of the site itself as `me` sees them, found again in a body, with what other sites gave back.
    pub(crate) fn find(connection: &mut Connection, site: SiteId, id: ResourceId, me: UserId, body: &str) -> store::Result<Self> {
        let mut all = annotations::list(connection, site, id, None)?;
        all.extend(annotations::list_given_back(connection, site, id)?);
        let mut found = Self::of(connection, all, me, body)?;
        for row in found.open.iter_mut().chain(&mut found.done) {
            row.is_given_back = row.offer.is_some();
            row.may_change &= !row.is_given_back;
        }
        Ok(found)
    }

    /// Those of what was offered to the site.
    pub(crate) fn find_offered(connection: &mut Connection, offer: &Offer, me: UserId, body: &str) -> store::Result<Self> {
        let all = annotations::list(connection, offer.site_id, offer.resource_id, Some(offer.id))?;
        Self::of(connection, all, me, body)
    }

    /// These as `me` sees them, found again in a body.
    pub(crate) fn of(connection: &mut Connection, all: Vec<Annotation>, me: UserId, body: &str) -> store::Result<Self> {
        if all.is_empty() {
            return Ok(Self::default());
        }
        let answering = all.iter().flat_map(|one| one.answers.iter().map(|answer| answer.by));
        let settling = all.iter().filter_map(|one| one.settled.map(|(by, _)| by));
        let names = Names::find(connection, all.iter().map(|one| one.written_by).chain(answering).chain(settling))?;
        let letters = Letters::of(body);
        let mut found = Self::default();
        let mut placed: Vec<_> = all.into_iter().map(|one| (one.anchor.find(letters.text()), one)).collect();
        placed.sort_by_key(|(range, one)| (place(&one.anchor, range.as_ref()), one.id));
        for (range, one) in placed {
            let is_open = one.state == AnnotationState::Open;
            let id = format!("place-{}", one.id);
            let row = row(one, range.is_some(), me, &names);
            if is_open {
                found.open.push(row);
                found.passages.extend(range.map(|range| (id, range)));
            } else {
                found.done.push(row);
            }
        }
        Ok(found)
    }

    /// How many are to be dealt with.
    pub(crate) fn count_open(&self) -> usize {
        self.open.len()
    }

    /// The body with a mark where each of them stands that is to be dealt with.
    pub(crate) fn mark(&self, body: String) -> String {
        if self.passages.is_empty() { body } else { Letters::of(&body).mark(&self.passages) }
    }
}

/// How many annotations of a text are to be dealt with, as lists show it.
pub(crate) fn badge(count: Option<&i64>) -> Option<Badge> {
    count.map(|count| Badge { tone: "annotated", text: format!("{count}条批注待处理") })
}

/// Where an annotation stands among the others, as one reads: the title, the text from its beginning with what is gone from it last,
/// and what stands beside it.
fn place(anchor: &Anchor, range: Option<&Range<usize>>) -> (usize, usize) {
    let at = range.map_or(if anchor.quote.is_empty() { 0 } else { usize::MAX }, |range| range.start);
    let above = [Field::Title, Field::Subtitle, Field::Body];
    let beside = || Field::ALL.iter().position(|field| *field == anchor.field).unwrap_or_default() + above.len();
    (above.iter().position(|field| *field == anchor.field).unwrap_or_else(beside), at)
}

fn row(one: Annotation, is_found: bool, me: UserId, names: &Names) -> Row {
    Row {
        id: one.id,
        field: one.anchor.field.as_str(),
        field_name: one.anchor.field.chinese(),
        is_gone: !one.anchor.quote.is_empty() && !is_found,
        offer: one.offer_id,
        is_given_back: false,
        may_change: one.closed_to(me).is_none(),
        by: names.of(one.written_by),
        at: one.written_at.into(),
        revision: one.revision,
        settled: one.settled.map(|(by, at)| (names.of(by), at.into())),
        answers: one
            .answers
            .into_iter()
            .map(|answer| Answered { text: answer.text, by: names.of(answer.by), at: answer.at.into() })
            .collect(),
        quote: one.anchor.quote,
        occurrence: one.anchor.occurrence,
        text: one.text,
    }
}
