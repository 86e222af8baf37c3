//! Handing a revision in for review (送审), and taking it back (收回).

use chrono::{NaiveDate, NaiveDateTime};
use model::problem::{self, Problem};
use model::{Actor, Content, Resource, ResourceId, SiteId, SubmissionId, SubmissionState, WorkState, local};
use serde_json::json;
use store::submissions::NewSubmission;
use store::{Command, Connection, audit, channels, resources, submissions};

use super::{CommandError, Result, draft, found, media, refused, revision_of, subject};
use crate::engine::Engine;
use crate::proof::{self, Confirmation};

/// How a revision is handed in.
#[derive(Clone, Debug, Default)]
pub struct Handing {
    /// The version of the resource that the writer saw.
    pub seen: i64,
    /// What the writer says that they looked at; empty: nothing.
    pub seal: String,
    /// 加急: due sooner, and first among what waits.
    pub urgent: bool,
}

/// Hands in the latest revision in the ordinary way.
pub fn submit(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, seen: i64) -> Result<SubmissionId> {
    hand_in(engine, actor, site, id, &Handing { seen, ..Handing::default() })
}

/// Hands in the latest revision, which must be the one the writer saw.
pub fn hand_in(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, handing: &Handing) -> Result<SubmissionId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        if resource.version != handing.seen {
            return Err(CommandError::Stale);
        }
        take_in(engine, command, actor, resource, handing, now)
    })
}

/// Hands in one of many as it stands, unless somebody is writing it.
pub(super) fn hand_in_within(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    urgent: bool,
    now: NaiveDateTime,
) -> Result<SubmissionId> {
    let resource = found(command, site, id)?;
    if let Some(other) = draft::edited_by(command, site, id, now)? {
        return Err(CommandError::Refused(format!("{}正在编辑此稿件", other.name)));
    }
    take_in(engine, command, actor, resource, &Handing { urgent, ..Handing::default() }, now)
}

/// It must be complete; its steps are those its channel has now, and each may take the hours that are set now.
fn take_in(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    mut resource: Resource,
    handing: &Handing,
    now: NaiveDateTime,
) -> Result<SubmissionId> {
    let (site, id) = (resource.site_id, resource.id);
    match resource.work {
        WorkState::Draft | WorkState::Returned => {}
        WorkState::Reviewing => return refused("稿件已在审核中"),
        WorkState::Scheduled => return refused("稿件已通过审核，正在等待定时发布"),
        WorkState::Idle => return refused("没有待送审的修改"),
        WorkState::Discarded => return refused("稿件在回收站，请先恢复"),
    }
    let revision = revision_of(command, &resource, resource.latest_revision_id)?;
    let (problems, confirmation) = unready(command, &resource, &revision.content, &handing.seal, local(now).date_naive())?;
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let channel = channels::find(command, site, resource.channel_id)?.ok_or(CommandError::NotFound)?;
    let new = NewSubmission {
        resource: id,
        revision: revision.id,
        steps: &channel.steps,
        by: actor.author(),
        offer: None,
        urgent: handing.urgent,
        hours: Some(engine.settings.review.hours(handing.urgent).into()),
    };
    let submission = submissions::insert(command, &new, now)?;
    resource.work = WorkState::Reviewing;
    resources::update(command, &resource, now)?;
    let record = audit::Record {
        action: "resource.submit",
        subject: subject(id),
        site: Some(site),
        before: json!(null),
        after: json!({
            "revision": revision.number,
            "steps": channel.steps,
            "urgent": handing.urgent,
            "looked_at": confirmation.map(|one| one.messages).unwrap_or_default(),
        }),
    };
    audit::append(command, actor, record, now)?;
    Ok(submission)
}

/// What keeps a text from being handed in by a writer who looked at what `seal` stands for, and what there is to look at.
pub fn unready(
    connection: &mut Connection,
    resource: &Resource,
    content: &Content,
    seal: &str,
    today: NaiveDate,
) -> store::Result<(Vec<Problem>, Option<Confirmation>)> {
    let site = resource.site_id;
    let mut problems = problem::before_review(resource.kind, content, today);
    problems.extend(problem::without_alt(content, &media::used(connection, site, content)?));
    let confirmation = proof::to_confirm(&proof::remarks(connection, site, resource.kind, content, today)?);
    problems.extend(confirmation.iter().filter(|one| one.seal != seal).map(not_looked_at));
    Ok((problems, confirmation))
}

fn not_looked_at(confirmation: &Confirmation) -> Problem {
    let count = confirmation.messages.len();
    let told = confirmation.messages.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("；");
    Problem::at("looked_at", format!("有 {count} 处须核对：{told}。请修改，或勾选“已核对，仍要送审”"))
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
