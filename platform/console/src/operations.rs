//! What the platform is doing: queues, pages that wait or failed, and jobs that a person must look at.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, TimeDelta};
use model::{Job, JobId, JobState, Lane, Page};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Command, alarms, audit, audit_verifications, jobs, pages};
use web::{App, Error, SignedIn};

use crate::audit::Verdict;
use crate::moment::{Moment, span};
use crate::notice;
use crate::screens::{self, Frame, Place};

/// A queue whose oldest job has been due for longer than this needs more workers, or a look at why they do not come.
const LATE: TimeDelta = TimeDelta::seconds(30);

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
    /// Alarms nobody has taken note of.
    alarms: i64,
    /// What the last walk over the audit log found.
    log: Option<Verdict>,
    running: Vec<Running>,
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
    /// How long the oldest that is due has waited.
    lag: Option<String>,
    is_late: bool,
}

#[derive(Serialize)]
struct Running {
    id: JobId,
    kind: &'static str,
    lane: &'static str,
    worker: String,
    attempts: i32,
    since: Moment,
    /// How long ago its worker was heard of.
    heard: String,
    is_silent: bool,
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
    may_discard: bool,
}

/// GET /console/operations
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let now = app.engine.clock.now();
    let (counts, oldest, running, (waiting, failed), failing, listed, (unseen, _), verified) = app
        .read(move |connection| {
            Ok::<_, store::Error>((
                jobs::count(connection, now)?,
                jobs::list_oldest_due(connection, now)?,
                jobs::list_running(connection, MOST)?,
                pages::count_waiting(connection)?,
                pages::list_failed(connection, MOST)?,
                jobs::list(connection, MOST)?,
                alarms::count_all_open(connection)?,
                audit_verifications::find_last(connection)?,
            ))
        })
        .await?;
    let screen = Screen {
        queues: [Lane::Urgent, Lane::Bulk, Lane::After].map(|lane| queue(lane, &counts, &oldest, now)).into(),
        running: running.into_iter().map(|(job, worker, until)| under_way(job, &worker, until, now)).collect(),
        waiting,
        failed,
        alarms: unseen,
        log: verified.map(Verdict::from),
        failures: failing.into_iter().map(|page| failure(&app, page)).collect(),
        dead: listed.into_iter().filter(|job| job.state == JobState::Dead).map(dead).collect(),
        at: now.into(),
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
    let done = app
        .command(move |engine| {
            let now = engine.clock.now();
            engine.store.command(|command| {
                let known = jobs::find(command, id)?;
                if !change(command)? {
                    let is_refused = known.is_some_and(|job| job.state == JobState::Dead);
                    return Ok(if is_refused { "job-kept" } else { "job-gone" });
                }
                let before = known.map(|job| json!({ "kind": job.kind, "payload": job.payload, "error": job.error }));
                let record =
                    audit::Record { action, subject: format!("job:{id}"), site: None, before: json!(before), after: json!(null) };
                audit::append(command, &actor, record, now)?;
                Ok(if action == "job.retry" { "retried" } else { "discarded" })
            })
        })
        .await?;
    Ok(Redirect::to(&format!("/console/operations?done={done}")).into_response())
}

fn queue(lane: Lane, counts: &[(Lane, JobState, i64)], oldest: &[(Lane, NaiveDateTime)], now: NaiveDateTime) -> Queue {
    let lag = oldest.iter().find(|(of, _)| *of == lane).map(|(_, since)| now - *since);
    let of = |state| counts.iter().filter(|(of, at, _)| *of == lane && *at == state).map(|(_, _, count)| count).sum();
    let hint = match lane {
        Lane::Urgent => "有人正在等待结果的任务，优先执行",
        Lane::Bulk => "随后更新的列表页、订阅站点等",
        Lane::After => "页面全部更新后才做的压缩等收尾工作",
    };
    Queue {
        lane: lane.chinese(),
        hint,
        ready: of(JobState::Ready),
        running: of(JobState::Running),
        dead: of(JobState::Dead),
        lag: lag.map(|lag| span(lag.num_milliseconds())),
        is_late: lag.is_some_and(|lag| lag > LATE),
    }
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

fn under_way(job: Job, worker: &str, until: NaiveDateTime, now: NaiveDateTime) -> Running {
    let silent = now - (until - jobs::LEASE);
    Running {
        id: job.id,
        kind: kind(&job),
        lane: job.lane.chinese(),
        worker: worker_name(worker),
        attempts: job.attempts,
        since: job.run_at.into(),
        heard: span(silent.num_milliseconds()),
        is_silent: silent > jobs::LEASE,
    }
}

/// A worker is named by its process, which has a random number, and its place in it: enough to tell two apart.
fn worker_name(worker: &str) -> String {
    match worker.rsplit_once('-') {
        Some((process, number)) => {
            let end = process.len().saturating_sub(6);
            format!("进程 {} 线程 {number}", process.get(end..).unwrap_or(process))
        }
        None => worker.to_owned(),
    }
}

fn dead(job: Job) -> Dead {
    Dead {
        id: job.id,
        kind: kind(&job),
        may_discard: job.kind != publish::RESOLVE,
        attempts: job.attempts,
        cause: job.error.unwrap_or_default(),
        since: job.created_at.into(),
    }
}

fn kind(job: &Job) -> &'static str {
    match job.kind.as_str() {
        "resolve" => "查找受影响页面",
        "render" => "生成页面",
        "fill" => "按订阅投放已有内容",
        "keep" => "执行定时安排",
        "batch" => "批量操作",
        "lapse" => "到期收回授权",
        "erase" => "清理回收站",
        "compress" => "压缩页面",
        "read_back" => "上线核验",
        "purge" => "通知内容分发网络",
        _ => "其他任务",
    }
}
