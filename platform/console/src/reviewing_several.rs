//! One word on several texts that wait on the desk (批量审核): approved, or sent back with one reason, each as the reviewer saw it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{ResourceId, Seen, SubmissionId, Verdict};
use publish::CommandError;
use publish::commands::batch;
use serde::{Deserialize, Serialize};
use store::submissions::Waiting;
use web::{App, Error, Scope};

use crate::desk::{self, Attempt};
use crate::screens::{self, Frame, Place};

/// What was ticked and typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default, rename = "pick")]
    picks: Vec<String>,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
    /// `1`: what goes live with it was told.
    #[serde(default)]
    sure: String,
}

/// What is asked before an approval that is the last for some.
#[derive(Serialize)]
struct Screen {
    key: String,
    picks: Vec<String>,
    /// Those that it is the last for, each with where it goes live.
    live: Vec<(String, String)>,
}

/// A text as it stood when its box was drawn: resource, submission and step, as `42-7-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) resource: ResourceId,
    pub(crate) seen: Seen,
}

impl Pick {
    /// What is seen of it now.
    pub(crate) fn of(waiting: &Waiting) -> Self {
        let seen = Seen { submission: waiting.submission.id, step: waiting.submission.step };
        Self { resource: waiting.resource.id, seen }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.resource, self.seen.submission, self.seen.step)
    }
}

impl FromStr for Pick {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().ok_or(());
        let resource: ResourceId = next()?.parse().map_err(drop)?;
        let submission: SubmissionId = next()?.parse().map_err(drop)?;
        let step = next()?.parse().map_err(drop)?;
        Ok(Self { resource, seen: Seen { submission, step } })
    }
}

/// POST /console/{site}/reviews
pub(crate) async fn give(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (actor, site, verdict, reason) = (scope.actor(), scope.site.id, typed.verdict, typed.reason.clone());
    let picks: Vec<Pick> = typed.picks.iter().filter_map(|text| text.parse().ok()).collect();
    if verdict == Verdict::Approve && typed.sure != "1" {
        let live = desk::going_live(&app, &scope, picks.clone()).await?;
        if !live.is_empty() {
            let screen = Screen { key: scope.site.key.clone(), picks: typed.picks, live };
            let frame = Frame::site(&scope, Place::Desk, "确认批量通过");
            return Ok(screens::draw("reviews_confirm.html", frame, screen)?.into_response());
        }
    }
    let looked_at: Vec<(ResourceId, Seen)> = picks.into_iter().map(|pick| (pick.resource, pick.seen)).collect();
    match app.command(move |engine| batch::begin_review(engine, &actor, site, verdict, &reason, &looked_at)).await {
        Ok(id) => Ok(Redirect::to(&format!("/console/{}/library/batches/{id}", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => {
            desk::correct(&app, &scope, Attempt { ticked: typed.picks, reason: typed.reason, problems }).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_says_what_was_seen_and_nothing_else_is_understood() {
        let pick = Pick { resource: ResourceId(42), seen: Seen { submission: SubmissionId(7), step: 1 } };
        assert_eq!(pick.to_string().parse(), Ok(pick));
        for wrong in ["", "42", "42-7", "42-7-x", "42-7-1-9", "a-b-c"] {
            assert_eq!(wrong.parse::<Pick>(), Err(()), "{wrong}");
        }
    }
}
