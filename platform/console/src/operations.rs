//! What the platform is doing: queues, pages that wait or failed, and jobs that a person must look at.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::{Job, JobId, JobState, Lane, Page};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Command, audit, jobs, pages};
use web::{App, Error, SignedIn};

use crate::moment::Moment;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// Lines of each list.
const MOST: i64 = 50;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
struct Screen {
    queues: Vec<Queue>,
    waiting: i64,
    failed: i64,
    failures: Vec<Failure>,
    dead: Vec<Dead>,
    at: Moment,
}

#[derive(Serialize)]
struct Queue {
    lane: &'static str,
    hint: &'static str,
    ready: i64,
    running: i64,
    dead: i64,
}

#[derive(Serialize)]
struct Failure {
    site: String,
    address: String,
    kind: &'static str,
    cause: String,
}

#[derive(Serialize)]
struct Dead {
    id: JobId,
    kind: &'static str,
    attempts: i32,
    cause: String,
    since: Moment,
}

/// GET /console/operations
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let (counts, (waiting, failed), failing, listed) = app
        .read(|connection| {
            Ok::<_, store::Error>((
                jobs::count(connection)?,
                pages::count_waiting(connection)?,
                pages::list_failed(connection, MOST)?,
                jobs::list(connection, MOST)?,
            ))
        })
        .await?;
    let screen = Screen {
        queues: [Lane::Urgent, Lane::Bulk].map(|lane| queue(lane, &counts)).into(),
        waiting,
        failed,
        failures: failing.into_iter().map(|page| failure(&app, page)).collect(),
        dead: listed.into_iter().filter(|job| job.state == JobState::Dead).map(dead).collect(),
        at: app.engine.clock.now().into(),
    };
    let frame = Frame::platform(&signed_in, Place::Operations, "运行状况").noticed(notice::find(&wish.done));
    screens::draw("operations.html", frame, screen)
}

/// POST /console/operations/jobs/{job}/retry
pub(crate) async fn retry(State(app): State<Arc<App>>, signed_in: SignedIn, Path(job): Path<JobId>) -> Result<Response, Error> {
    let now = app.engine.clock.now();
    let response = decide(&app, signed_in, job, "job.retry", move |command| jobs::retry(command, job, now)).await?;
    app.engine.wake();
    Ok(response)
}

/// POST /console/operations/jobs/{job}/discard
pub(crate) async fn discard(State(app): State<Arc<App>>, signed_in: SignedIn, Path(job): Path<JobId>) -> Result<Response, Error> {
    decide(&app, signed_in, job, "job.discard", move |command| jobs::discard(command, job, publish::RESOLVE)).await
}

/// Does something to a job that was set aside, and records it where it was still there.
async fn decide(
    app: &Arc<App>,
    signed_in: SignedIn,
    id: JobId,
    action: &'static str,
    change: impl FnOnce(&mut Command<'_>) -> store::Result<bool> + Send + 'static,
) -> Result<Response, Error> {
    let actor = signed_in.actor();
    let changed = app
        .command(move |engine| {
            let now = engine.clock.now();
            engine.store.command(|command| {
                let known = jobs::list(command, MOST)?.into_iter().find(|job| job.id == id);
                if !change(command)? {
                    return Ok(false);
                }
                let before = known.map(|job| json!({ "kind": job.kind, "payload": job.payload, "error": job.error }));
                let record =
                    audit::Record { action, subject: format!("job:{id}"), site: None, before: json!(before), after: json!(null) };
                audit::append(command, &actor, record, now)?;
                Ok(true)
            })
        })
        .await?;
    let done = match (changed, action) {
        (false, _) => "job-gone",
        (true, "job.retry") => "retried",
        (true, _) => "discarded",
    };
    Ok(Redirect::to(&format!("/console/operations?done={done}")).into_response())
}

fn queue(lane: Lane, counts: &[(Lane, JobState, i64)]) -> Queue {
    let of = |state| counts.iter().filter(|(of, at, _)| *of == lane && *at == state).map(|(_, _, count)| count).sum();
    let hint = match lane {
        Lane::Urgent => "有人正在等待结果的任务，优先执行",
        Lane::Bulk => "随后更新的列表页、订阅站点等",
        Lane::After => "页面全部更新后才做的压缩等收尾工作",
    };
    Queue { lane: lane.chinese(), hint, ready: of(JobState::Ready), running: of(JobState::Running), dead: of(JobState::Dead) }
}

fn failure(app: &App, page: Page) -> Failure {
    let site = app.tenants.list().into_iter().find(|site| site.id == page.site_id);
    Failure {
        site: site.map_or_else(|| page.site_id.to_string(), |site| site.short_name.clone()),
        address: page.path,
        kind: page.kind.chinese(),
        cause: page.failure.unwrap_or_default(),
    }
}

fn dead(job: Job) -> Dead {
    let kind = match job.kind.as_str() {
        "resolve" => "查找受影响页面",
        "render" => "生成页面",
        "fill" => "按订阅投放已有内容",
        "keep" => "执行定时安排",
        "read_back" => "回读核验",
        _ => "其他任务",
    };
    Dead { id: job.id, kind, attempts: job.attempts, cause: job.error.unwrap_or_default(), since: job.created_at.into() }
}
