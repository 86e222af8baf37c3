//! Handing a review over (转办): whoever may review the step now waiting asks another person, who may, to do it. Others still may.

use model::{Actor, Problem, ResourceId, ReviewError, Seen, SiteId, UserId};
use serde_json::json;
use store::{audit, reviewers, submissions};

use super::review::check_person;
use super::{CommandError, Result, found, refused, revision_of, subject};
use crate::engine::Engine;

/// Characters of a note at most.
const LONGEST: usize = 200;

/// Hands the step that was seen waiting over to somebody of the site. Problems are at `to` and `note`.
pub fn hand_over(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, seen: Seen, to: UserId, note: &str) -> Result<()> {
    let (now, note) = (engine.clock.now(), note.trim());
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        let Some(submission) = submissions::find_open(command, id)? else { return refused("该稿件不在审核中") };
        if seen.submission != submission.id {
            return Err(ReviewError::Resubmitted.into());
        }
        if seen.step != submission.step {
            return Err(ReviewError::StepMoved.into());
        }
        let author = revision_of(command, &resource, Some(submission.revision_id))?.created_by;
        check_person(command, actor, &submission, author)?;
        let fitting = reviewers::list(command, submission.id)?;
        let receiver = fitting.into_iter().find(|(person, _)| *person == to && to != actor.author());
        let mut problems = Vec::new();
        if receiver.is_none() {
            problems.push(Problem::at("to", "请选择可以审核本环节的人员"));
        }
        if note.chars().count() > LONGEST {
            problems.push(Problem::at("note", format!("附言不超过{LONGEST}字")));
        }
        let Some((to, name)) = receiver.filter(|_| problems.is_empty()) else { return Err(CommandError::Invalid(problems)) };
        submissions::hand_over(command, submission.id, to)?;
        let record = audit::Record {
            action: "resource.hand_over",
            subject: subject(id),
            site: Some(site),
            before: json!({ "to": submission.handed_to }),
            after: json!({ "step": submission.step_name(), "to": to, "name": name, "note": note }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}
