//! Annotations (批注) are made, answered and settled. None of it changes the resource itself, so nobody who edits it is in the way.

use chrono::NaiveDateTime;
use model::annotation::{MOST, cleaned, problem_with};
use model::{
    Actor, Anchor, Annotation, AnnotationId, AnnotationState, Answer, OfferId, OfferState, Permission, Problem, Resource,
    ResourceId, RevisionId, SiteId, WorkState,
};
use render::Letters;
use serde_json::{Value, json};
use store::annotations::{self, NewAnnotation};
use store::{Command, audit, offers, resources, submissions};

use super::rights::check_any_in;
use super::{CommandError, Result, found, refused, revision_of, subject};
use crate::engine::Engine;

/// Whoever may do one of these where a text lies may say something about it.
const ANNOTATING: &[Permission] = &[Permission::Write, Permission::Review];

/// What is said about a revision, as it was typed.
#[derive(Clone, Debug)]
pub struct Note {
    /// The revision that was read.
    pub revision: RevisionId,
    /// What it is about.
    pub anchor: Anchor,
    /// What is said.
    pub text: String,
}

/// The text that annotations are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotated {
    /// One of the site itself.
    Own(ResourceId),
    /// One that was offered to it and that it reviews. What is said there is the site's own until it declines the offer.
    Offered(OfferId),
}

impl Annotated {
    fn offer(self) -> Option<OfferId> {
        match self {
            Self::Own(_) => None,
            Self::Offered(id) => Some(id),
        }
    }

    fn subject(self) -> String {
        match self {
            Self::Own(id) => subject(id),
            Self::Offered(id) => format!("offer:{id}"),
        }
    }
}

/// Makes an annotation. Problems are at `quote` and `text`.
pub fn add(engine: &Engine, actor: &Actor, site: SiteId, on: Annotated, note: Note) -> Result<AnnotationId> {
    let (now, text) = (engine.clock.now(), cleaned(&note.text));
    let anchor = Anchor { quote: cleaned(&note.anchor.quote), ..note.anchor };
    let mut problems = anchor.problems();
    problems.extend(problem_with(&text));
    engine.store.command(|command| {
        let (resource, reviewed) = open(command, actor, site, on, now)?;
        if reviewed.is_some_and(|reviewed| reviewed != note.revision) {
            return refused("原稿已更新，请按最新内容批注");
        }
        let revision = revision_of(command, &resource, Some(note.revision))?;
        if problems.is_empty() && !anchor.quote.is_empty() && anchor.find(Letters::of(&revision.content.body).text()).is_none() {
            problems.push(Problem::at("quote", "正文中没有这段文字，请从正文中选择或复制"));
        }
        if problems.is_empty()
            && i64::try_from(annotations::list(command, site, resource.id, on.offer())?.len()).is_ok_and(|count| count >= MOST)
        {
            problems.push(Problem::at("text", format!("每篇稿件最多{MOST}条批注，其余意见请写在审核意见中")));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let (anchor, text) = (&anchor, &text);
        let new =
            NewAnnotation { resource: resource.id, revision: revision.id, offer: on.offer(), anchor, text, by: actor.author() };
        let made = annotations::insert(command, site, &new, now)?;
        let after = json!({ "revision": revision.number, "anchor": anchor, "text": text });
        Deed { action: "annotation.add", before: json!(null), after }.note(command, actor, (site, on), now)?;
        Ok(made)
    })
}

/// Puts another text in its place. Problems are at `text`.
pub fn change(engine: &Engine, actor: &Actor, site: SiteId, on: Annotated, of: AnnotationId, text: &str) -> Result<()> {
    let (now, text) = (engine.clock.now(), checked(text)?);
    engine.store.command(|command| {
        let before = own(command, actor, site, on, of, now)?;
        if before.text == text {
            return Ok(());
        }
        annotations::change(command, of, &text)?;
        let after = json!({ "anchor": before.anchor, "text": text });
        Deed { action: "annotation.change", before: told(&before), after }.note(command, actor, (site, on), now)
    })
}

/// Takes an annotation back.
pub fn delete(engine: &Engine, actor: &Actor, site: SiteId, on: Annotated, of: AnnotationId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = own(command, actor, site, on, of, now)?;
        annotations::delete(command, of)?;
        Deed { action: "annotation.delete", before: told(&before), after: json!(null) }.note(command, actor, (site, on), now)
    })
}

/// Answers an annotation. Problems are at `text`.
pub fn answer(engine: &Engine, actor: &Actor, site: SiteId, on: Annotated, of: AnnotationId, text: &str) -> Result<()> {
    let (now, text) = (engine.clock.now(), checked(text)?);
    engine.store.command(|command| {
        let before = made(command, actor, site, on, of, now)?;
        let answer = Answer { text, by: actor.author(), at: now };
        annotations::answer(command, of, &answer)?;
        let after = json!({ "text": answer.text });
        Deed { action: "annotation.answer", before: told(&before), after }.note(command, actor, (site, on), now)
    })
}

/// Says that an annotation is dealt with, or that it is open again.
pub fn settle(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    on: Annotated,
    of: AnnotationId,
    state: AnnotationState,
) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = made(command, actor, site, on, of, now)?;
        if before.state == state {
            return Ok(());
        }
        annotations::settle(command, of, (state == AnnotationState::Done).then(|| (actor.author(), now)))?;
        let after = json!({ "state": state });
        Deed { action: "annotation.settle", before: told(&before), after }.note(command, actor, (site, on), now)
    })
}

/// An annotation that may be answered and settled: the site's, or what another site gave back with what it declined.
fn made(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    on: Annotated,
    of: AnnotationId,
    now: NaiveDateTime,
) -> Result<Annotation> {
    let (resource, _) = open(command, actor, site, on, now)?;
    let mut all = annotations::list(command, site, resource.id, on.offer())?;
    if let Annotated::Own(id) = on {
        all.extend(annotations::list_given_back(command, site, id)?);
    }
    all.into_iter().find(|one| one.id == of).ok_or(CommandError::NotFound)
}

/// An annotation that is this person's to change.
fn own(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    on: Annotated,
    of: AnnotationId,
    now: NaiveDateTime,
) -> Result<Annotation> {
    let annotation = made(command, actor, site, on, of, now)?;
    if annotation.offer_id != on.offer() {
        return refused("其他站点退回时附的批注不能修改或删除");
    }
    match annotation.closed_to(actor.author()) {
        Some(sentence) => refused(sentence),
        None => Ok(annotation),
    }
}

/// The text, as long as this person may say something about it; of another site's, too, the one revision that is under review: whatever
/// else it has written is its own affair.
fn open(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    on: Annotated,
    now: NaiveDateTime,
) -> Result<(Resource, Option<RevisionId>)> {
    match on {
        Annotated::Own(id) => {
            let resource = found(command, site, id)?;
            check_any_in(command, actor, ANNOTATING, (site, resource.channel_id), now)?;
            if resource.work == WorkState::Discarded {
                refused("稿件在回收站，请先恢复")
            } else {
                Ok((resource, None))
            }
        }
        Annotated::Offered(id) => {
            let offer = offers::find_received(command, site, id)?.ok_or(CommandError::NotFound)?;
            check_any_in(command, actor, ANNOTATING, (site, offer.channel_id), now)?;
            if offer.state != OfferState::Reviewing {
                return refused("该推送不在本站审核中，不能批注");
            }
            let submission = submissions::find_by_offer(command, id)?.ok_or(CommandError::NotFound)?;
            let resource = resources::find_anywhere(command, offer.resource_id)?.ok_or(CommandError::NotFound)?;
            Ok((resource, Some(submission.revision_id)))
        }
    }
}

fn checked(text: &str) -> Result<String> {
    let text = cleaned(text);
    match problem_with(&text) {
        Some(problem) => Err(CommandError::Invalid(vec![problem])),
        None => Ok(text),
    }
}

fn told(annotation: &Annotation) -> Value {
    json!({ "anchor": annotation.anchor, "text": annotation.text, "state": annotation.state })
}

/// What was done, for the audit log.
struct Deed {
    action: &'static str,
    before: Value,
    after: Value,
}

impl Deed {
    fn note(self, command: &mut Command<'_>, actor: &Actor, (site, on): (SiteId, Annotated), now: NaiveDateTime) -> Result<()> {
        let Self { action, before, after } = self;
        let record = audit::Record { action, subject: on.subject(), site: Some(site), before, after };
        Ok(audit::append(command, actor, record, now)?)
    }
}
