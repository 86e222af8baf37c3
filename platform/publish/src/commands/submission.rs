//! Handing a revision in for review (送审), and taking it back (收回).

use model::problem;
use model::{Actor, ResourceId, SiteId, SubmissionId, SubmissionState, WorkState};
use serde_json::json;
use store::{audit, channels, resources, submissions};

use super::{CommandError, Result, found, media, refused, revision_of, subject};
use crate::engine::Engine;

/// Hands in the latest revision. It must be complete; its steps are those its channel has now.
pub fn submit(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, seen: i64) -> Result<SubmissionId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let mut resource = found(command, site, id)?;
        if resource.version != seen {
            return Err(CommandError::Stale);
        }
        match resource.work {
            WorkState::Draft | WorkState::Returned => {}
            WorkState::Reviewing => return refused("稿件已在审核中"),
            WorkState::Scheduled => return refused("稿件已通过审核，正在等待定时发布"),
            WorkState::Idle => return refused("没有待送审的修改"),
            WorkState::Discarded => return refused("稿件在回收站，请先恢复"),
        }
        let revision = revision_of(command, &resource, resource.latest_revision_id)?;
        let mut problems = problem::before_review(resource.kind, &revision.content);
        problems.extend(problem::without_alt(&revision.content, &media::used(command, site, &revision.content)?));
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let channel = channels::find(command, site, resource.channel_id)?.ok_or(CommandError::NotFound)?;
        let submission = submissions::insert(command, id, revision.id, &channel.steps, actor.author(), None, now)?;
        resource.work = WorkState::Reviewing;
        resources::update(command, &resource, now)?;
        let record = audit::Record {
            action: "resource.submit",
            subject: subject(id),
            site: Some(site),
            before: json!(null),
            after: json!({ "revision": revision.number, "steps": channel.steps }),
        };
        audit::append(command, actor, record, now)?;
        Ok(submission)
    })
}

/// Takes an open submission back so that the text can be changed.
pub fn cancel(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let mut resource = found(command, site, id)?;
        let Some(submission) = submissions::find_open(command, id)? else { return refused("该稿件不在审核中") };
        if submission.submitted_by != actor.author() {
            return refused("只有送审人可以收回稿件");
        }
        submissions::close(command, submission.id, SubmissionState::Cancelled, now)?;
        resource.work = WorkState::Draft;
        resources::update(command, &resource, now)?;
        let record = audit::Record {
            action: "resource.cancel",
            subject: subject(id),
            site: Some(site),
            before: json!({ "step": submission.step_name() }),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}
