//! Annotations (批注) are made, answered and settled. None of it changes the resource itself, so nobody who edits it is in the way.

use chrono::NaiveDateTime;
use model::annotation::{MOST, cleaned, problem_with};
use model::{
    Actor, Anchor, Annotation, AnnotationId, AnnotationState, Answer, Problem, ResourceId, RevisionId, SiteId, WorkState,
};
use render::Letters;
use serde_json::{Value, json};
use store::annotations::{self, NewAnnotation};
use store::{Command, audit};

use super::{CommandError, Result, found, refused, revision_of, subject};
use crate::engine::Engine;

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

/// Makes an annotation. Problems are at `quote` and `text`.
pub fn add(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, note: Note) -> Result<AnnotationId> {
    let (now, text) = (engine.clock.now(), cleaned(&note.text));
    let anchor = Anchor { quote: cleaned(&note.anchor.quote), ..note.anchor };
    let mut problems = anchor.problems();
    problems.extend(problem_with(&text));
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        refuse_in_bin(resource.work)?;
        let revision = revision_of(command, &resource, Some(note.revision))?;
        if problems.is_empty() && !anchor.quote.is_empty() && anchor.find(Letters::of(&revision.content.body).text()).is_none() {
            problems.push(Problem::at("quote", "正文中没有这段文字，请从正文中选择或复制"));
        }
        if problems.is_empty() && i64::try_from(annotations::list(command, site, id)?.len()).is_ok_and(|count| count >= MOST) {
            problems.push(Problem::at("text", format!("每篇稿件最多{MOST}条批注，其余意见请写在审核意见中")));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let new = NewAnnotation { resource: id, revision: revision.id, anchor: &anchor, text: &text, by: actor.author() };
        let made = annotations::insert(command, site, &new, now)?;
        let after = json!({ "revision": revision.number, "anchor": anchor, "text": text });
        Deed { action: "annotation.add", before: json!(null), after }.note(command, actor, (site, id), now)?;
        Ok(made)
    })
}

/// Puts another text in its place. Problems are at `text`.
pub fn change(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, of: AnnotationId, text: &str) -> Result<()> {
    let (now, text) = (engine.clock.now(), checked(text)?);
    engine.store.command(|command| {
        let before = own(command, actor, site, id, of)?;
        if before.text == text {
            return Ok(());
        }
        annotations::change(command, of, &text)?;
        let after = json!({ "anchor": before.anchor, "text": text });
        Deed { action: "annotation.change", before: told(&before), after }.note(command, actor, (site, id), now)
    })
}

/// Takes an annotation back.
pub fn delete(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, of: AnnotationId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = own(command, actor, site, id, of)?;
        annotations::delete(command, of)?;
        Deed { action: "annotation.delete", before: told(&before), after: json!(null) }.note(command, actor, (site, id), now)
    })
}

/// Answers an annotation. Problems are at `text`.
pub fn answer(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, of: AnnotationId, text: &str) -> Result<()> {
    let (now, text) = (engine.clock.now(), checked(text)?);
    engine.store.command(|command| {
        let before = made(command, site, id, of)?;
        let answer = Answer { text, by: actor.author(), at: now };
        annotations::answer(command, of, &answer)?;
        let after = json!({ "text": answer.text });
        Deed { action: "annotation.answer", before: told(&before), after }.note(command, actor, (site, id), now)
    })
}

/// Says that an annotation is dealt with, or that it is open again.
pub fn settle(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    of: AnnotationId,
    state: AnnotationState,
) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = made(command, site, id, of)?;
        if before.state == state {
            return Ok(());
        }
        annotations::settle(command, of, (state == AnnotationState::Done).then(|| (actor.author(), now)))?;
        let after = json!({ "state": state });
        Deed { action: "annotation.settle", before: told(&before), after }.note(command, actor, (site, id), now)
    })
}

/// An annotation that something may still be done with.
fn made(command: &mut Command<'_>, site: SiteId, id: ResourceId, of: AnnotationId) -> Result<Annotation> {
    refuse_in_bin(found(command, site, id)?.work)?;
    annotations::find(command, site, id, of)?.ok_or(CommandError::NotFound)
}

/// An annotation that is this person's to change.
fn own(command: &mut Command<'_>, actor: &Actor, site: SiteId, id: ResourceId, of: AnnotationId) -> Result<Annotation> {
    let annotation = made(command, site, id, of)?;
    match annotation.closed_to(actor.author()) {
        Some(sentence) => refused(sentence),
        None => Ok(annotation),
    }
}

fn refuse_in_bin(work: WorkState) -> Result<()> {
    if work == WorkState::Discarded { refused("稿件在回收站，请先恢复") } else { Ok(()) }
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
    fn note(self, command: &mut Command<'_>, actor: &Actor, (site, id): (SiteId, ResourceId), now: NaiveDateTime) -> Result<()> {
        let Self { action, before, after } = self;
        let record = audit::Record { action, subject: subject(id), site: Some(site), before, after };
        Ok(audit::append(command, actor, record, now)?)
    }
}
