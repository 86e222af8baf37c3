//! Taking in a resource that has already been published elsewhere: an import, decided by the operator and recorded as such.

use model::problem;
use model::{Actor, Content, Lane, ResourceId, ResourceState, SiteId, WorkState};
use serde_json::json;
use store::{audit, imports, resources};

use super::draft::{NewDraft, checked, insert};
use super::placing::Closed;
use super::{CommandError, Result, found, media, publication, subject};
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
    /// Known, but somebody has worked on it since: left as it is.
    Kept(ResourceId),
}

impl Taken {
    /// The resource.
    pub fn resource(self) -> ResourceId {
        match self {
            Self::Added(id) | Self::Revised(id) | Self::Unchanged(id) | Self::Kept(id) => id,
        }
    }
}

/// Takes in many at once, in one transaction, as drafts.
pub fn take(engine: &Engine, actor: &Actor, site: SiteId, batch: Vec<Intake>) -> Result<Vec<Taken>> {
    let now = engine.clock.now();
    let batch = batch
        .into_iter()
        .map(|one| Ok(Intake { draft: NewDraft { content: settled(one.draft.content)?, ..one.draft }, ..one }))
        .collect::<Result<Vec<_>>>()?;
    engine.store.command(|command| batch.iter().map(|one| take_one(command, actor, site, one, now)).collect())
}

/// Makes the latest revision of each live, in this order, in one transaction; says how many were not live already. Only what
/// `actor` has written goes live without review, and nothing that was withdrawn comes back.
pub fn publish(engine: &Engine, actor: &Actor, site: SiteId, ids: &[ResourceId]) -> Result<usize> {
    let now = engine.clock.now();
    let published = engine.store.command(|command| {
        let closed = Closed::read(command)?;
        let mut events = Vec::new();
        for id in ids {
            let resource = found(command, site, *id)?;
            let is_settled =
                resource.live_revision_id == resource.latest_revision_id || resource.state == ResourceState::Withdrawn;
            if is_settled || matches!(resource.work, WorkState::Reviewing | WorkState::Discarded) {
                continue;
            }
            let revision = super::revision_of(command, &resource, resource.latest_revision_id)?;
            // Or what its author has written on since, and has not settled.
            if revision.created_by != actor.author() || !problem::left_open(&revision.content).is_empty() {
                continue;
            }
            events.push(publication::publish(command, actor, resource, &revision, &closed, now)?.event);
        }
        let published = events.len();
        publication::follow_up(command, events, Lane::Urgent, now)?;
        Ok::<_, CommandError>(published)
    })?;
    engine.wake();
    Ok(published)
}

/// The content as it is kept. What is taken in goes live without review, so nothing is left for later.
fn settled(content: Content) -> Result<Content> {
    let content = checked(content)?;
    let problems = problem::left_open(&content);
    if problems.is_empty() { Ok(content) } else { Err(CommandError::Invalid(problems)) }
}

fn take_one(
    command: &mut store::Command<'_>,
    actor: &Actor,
    site: SiteId,
    one: &Intake,
    now: chrono::NaiveDateTime,
) -> Result<Taken> {
    let known = imports::find(command, site, &one.source)?;
    let taken = match known {
        Some((id, hash)) if hash == one.hash => return Ok(Taken::Unchanged(id)),
        Some((id, _)) => Taken::Revised(id),
        None => Taken::Added(insert(command, actor, site, &one.draft, now)?.id),
    };
    let id = taken.resource();
    if let Taken::Revised(_) = taken {
        let mut resource = found(command, site, id)?;
        let latest = super::revision_of(command, &resource, resource.latest_revision_id)?;
        if latest.created_by != actor.author()
            || matches!(resource.work, WorkState::Reviewing | WorkState::Discarded)
            || resource.state == ResourceState::Withdrawn
        {
            return Ok(Taken::Kept(id));
        }
        media::check_uses(command, site, &one.draft.content)?;
        let revision = resources::insert_revision(command, id, &one.draft.content, actor.author(), now)?;
        resource.latest_revision_id = Some(revision.id);
        resource.work = WorkState::Draft;
        resources::update(command, &resource, now)?;
    }
    imports::save(command, site, &one.source, id, &one.hash, now)?;
    let record = audit::Record {
        action: "resource.import",
        subject: subject(id),
        site: Some(site),
        before: json!(null),
        after: json!({ "source": one.source }),
    };
    audit::append(command, actor, record, now)?;
    Ok(taken)
}
