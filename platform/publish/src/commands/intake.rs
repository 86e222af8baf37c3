//! Taking in a resource that has already been published elsewhere: an import, decided by the operator and recorded as such.

use model::problem;
use model::{Actor, PublicationId, ResourceId, SiteId, WorkState};
use serde_json::json;
use store::{audit, imports, resources};

use super::draft::{NewDraft, checked, insert};
use super::{CommandError, Result, found, publication, subject};
use crate::engine::Engine;

/// One thing to take in.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Where it comes from, unique on the site.
    pub source: String,
    /// Hash of what was read; the same hash again changes nothing.
    pub hash: String,
    /// What it becomes.
    pub draft: NewDraft,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A new resource.
    Added(ResourceId),
    /// A new revision of a known one.
    Revised(ResourceId),
    /// Known, and the same as before.
    Unchanged(ResourceId),
}

impl Taken {
    /// The resource.
    pub fn resource(self) -> ResourceId {
        match self {
            Self::Added(id) | Self::Revised(id) | Self::Unchanged(id) => id,
        }
    }
}

/// Takes in many at once, in one transaction; with `publish` each goes live as it comes.
pub fn take(engine: &Engine, actor: &Actor, site: SiteId, batch: Vec<Intake>, publish: bool) -> Result<Vec<Taken>> {
    let now = engine.clock.now();
    let mut checked_batch = Vec::with_capacity(batch.len());
    for one in batch {
        let content = checked(one.draft.content)?;
        if publish {
            let problems = problem::before_review(one.draft.kind, &content);
            if !problems.is_empty() {
                return Err(CommandError::Invalid(problems));
            }
        }
        checked_batch.push(Intake { draft: NewDraft { content, ..one.draft }, ..one });
    }
    let taken = engine.store.command(|command| {
        let mut taken = Vec::with_capacity(checked_batch.len());
        for one in &checked_batch {
            taken.push(take_one(command, actor, site, one, publish, now)?);
        }
        Ok::<_, CommandError>(taken)
    })?;
    engine.wake();
    Ok(taken)
}

fn take_one(
    command: &mut store::Command<'_>,
    actor: &Actor,
    site: SiteId,
    one: &Intake,
    publish: bool,
    now: chrono::NaiveDateTime,
) -> Result<Taken> {
    let known = imports::find(command, site, &one.source)?;
    let taken = match known {
        Some((id, hash)) if hash == one.hash => return Ok(Taken::Unchanged(id)),
        Some((id, _)) => Taken::Revised(id),
        None => Taken::Added(insert(command, actor, site, &one.draft, now)?.id),
    };
    let id = taken.resource();
    let mut resource = found(command, site, id)?;
    if let Taken::Revised(_) = taken {
        if resource.work == WorkState::Reviewing {
            return Err(CommandError::Refused(format!("“{}”正在审核，不能由导入覆盖", one.draft.content.title)));
        }
        let revision = resources::insert_revision(command, id, &one.draft.content, actor.author(), now)?;
        resource.latest_revision_id = Some(revision.id);
        resource.work = WorkState::Draft;
        resources::update(command, &resource, now)?;
        resource = found(command, site, id)?;
    }
    imports::save(command, site, &one.source, id, &one.hash, now)?;
    let record = audit::Record {
        action: "resource.import",
        subject: subject(id),
        site: Some(site),
        before: json!(null),
        after: json!({ "source": one.source, "publish": publish }),
    };
    audit::append(command, actor, record, now)?;
    if publish {
        publish_latest(command, actor, resource, now)?;
    }
    Ok(taken)
}

fn publish_latest(
    command: &mut store::Command<'_>,
    actor: &Actor,
    resource: model::Resource,
    now: chrono::NaiveDateTime,
) -> Result<PublicationId> {
    let revision = super::revision_of(command, &resource, resource.latest_revision_id)?;
    publication::publish(command, actor, resource, &revision, now)
}
