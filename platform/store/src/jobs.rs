//! Jobs: work that waits in the database, is claimed once, tried again with growing waits, and set aside when it keeps failing.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamp};
use model::{Job, JobId, JobState, Lane};

use crate::schema::jobs;
use crate::{BINDS, Connection, Result, on};

/// How long a worker that is not heard of may hold a job before another takes it over.
pub const LEASE: TimeDelta = TimeDelta::seconds(12);

/// How often a job is tried before it is set aside.
pub const ATTEMPTS: i32 = 8;

/// A job about to be put in line. A macro because the type of such a row has no name worth writing.
macro_rules! row {
    ($lane:expr, $kind:expr, $payload:expr, $run_at:expr) => {
        (
            jobs::lane.eq($lane.as_str()),
            jobs::kind.eq($kind),
            jobs::payload.eq($payload),
            jobs::state.eq(JobState::Ready.as_str()),
            jobs::attempts.eq(0),
            jobs::run_at.eq($run_at),
            jobs::created_at.eq($run_at),
        )
    };
}

/// Puts a job in its lane, to run from `run_at` on.
pub fn enqueue(connection: &mut Connection, lane: Lane, kind: &str, payload: &str, run_at: NaiveDateTime) -> Result<JobId> {
    let id = diesel::insert_into(jobs::table).values(row!(lane, kind, payload, run_at)).returning(jobs::id);
    Ok(JobId(id.get_result(connection)?))
}

/// Puts jobs of one kind in a lane, to run from `run_at` on.
pub fn enqueue_all(
    connection: &mut Connection,
    lane: Lane,
    kind: &str,
    payloads: &[String],
    run_at: NaiveDateTime,
) -> Result<()> {
    for some in payloads.chunks(BINDS / 7) {
        let rows: Vec<_> = some.iter().map(|payload| row!(lane, kind, payload, run_at)).collect();
        on!(connection, c => diesel::insert_into(jobs::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Takes the next job that is due, urgent ones first, or one whose worker has not been heard of within its lease.
/// Jobs of the kind `except` are left for workers that can do them.
pub fn claim(connection: &mut Connection, worker: &str, except: &str, now: NaiveDateTime) -> Result<Option<Job>> {
    let statement = match connection {
        Connection::Postgres(_) => format!("{CLAIM_HEAD} FOR UPDATE SKIP LOCKED {CLAIM_TAIL}"),
        Connection::Sqlite(_) => format!("{CLAIM_HEAD} {CLAIM_TAIL}").replace('$', "?"),
    };
    let row = diesel::sql_query(statement)
        .bind::<Timestamp, _>(now + LEASE)
        .bind::<Text, _>(worker)
        .bind::<Timestamp, _>(now)
        .bind::<Text, _>(except)
        .get_result::<ClaimedRow>(connection)
        .optional()?;
    row.map(claimed).transpose()
}

/// Says that these jobs are still being done, each by its worker, unless another has taken it over.
pub fn renew(connection: &mut Connection, held: &[(JobId, &str)], now: NaiveDateTime) -> Result<()> {
    let (ids, workers): (Vec<i64>, Vec<&str>) = held.iter().map(|(id, worker)| (id.0, *worker)).unzip();
    let theirs = jobs::table
        .filter(jobs::state.eq(JobState::Running.as_str()).and(jobs::id.eq_any(ids)).and(jobs::worker.eq_any(workers)));
    diesel::update(theirs).set(jobs::lease_until.eq(now + LEASE)).execute(connection)?;
    Ok(())
}

/// Deletes a finished job.
pub fn finish(connection: &mut Connection, id: JobId) -> Result<()> {
    diesel::delete(jobs::table.find(id.0)).execute(connection)?;
    Ok(())
}

/// Notes why a job failed: it is tried again after a growing wait, or set aside after the last attempt.
pub fn fail(connection: &mut Connection, job: &Job, error: &str, now: NaiveDateTime) -> Result<JobState> {
    let state = if job.attempts >= ATTEMPTS { JobState::Dead } else { JobState::Ready };
    diesel::update(jobs::table.find(job.id.0))
        .set((
            jobs::state.eq(state.as_str()),
            jobs::run_at.eq(now + wait_after(job.attempts)),
            jobs::lease_until.eq(None::<NaiveDateTime>),
            jobs::error.eq(error),
        ))
        .execute(connection)?;
    Ok(state)
}

/// Sets a job aside at once: trying again cannot help.
pub fn set_aside(connection: &mut Connection, id: JobId, error: &str) -> Result<()> {
    diesel::update(jobs::table.find(id.0))
        .set((jobs::state.eq(JobState::Dead.as_str()), jobs::error.eq(error)))
        .execute(connection)?;
    Ok(())
}

/// Jobs that a person may want to see: those set aside first, then the oldest waiting.
pub fn list(connection: &mut Connection, limit: i64) -> Result<Vec<Job>> {
    let rows = jobs::table.order((jobs::state, jobs::run_at)).limit(limit).load::<JobRow>(connection)?;
    rows.into_iter().map(job).collect()
}

/// Unfinished jobs of one kind that were put in line since then, those set aside among them.
pub fn list_by_kind(connection: &mut Connection, kind: &str, since: NaiveDateTime) -> Result<Vec<Job>> {
    let rows = jobs::table.filter(jobs::kind.eq(kind).and(jobs::created_at.ge(since))).load::<JobRow>(connection)?;
    rows.into_iter().map(job).collect()
}

/// One job.
pub fn find(connection: &mut Connection, id: JobId) -> Result<Option<Job>> {
    jobs::table.find(id.0).first::<JobRow>(connection).optional()?.map(job).transpose()
}

/// Jobs under way, the longest in line first, each with its worker and until when that one may keep it unheard.
pub fn list_running(connection: &mut Connection, limit: i64) -> Result<Vec<(Job, String, NaiveDateTime)>> {
    let running = jobs::table.filter(jobs::state.eq(JobState::Running.as_str())).order((jobs::run_at, jobs::id)).limit(limit);
    let rows = running.load::<JobRow>(connection)?;
    rows.into_iter()
        .map(|row| {
            let (worker, until) = (row.worker.clone().unwrap_or_default(), row.lease_until.unwrap_or(row.run_at));
            Ok((job(row)?, worker, until))
        })
        .collect()
}

/// Since when the oldest job that is due waits, in each lane that has one.
pub fn list_oldest_due(connection: &mut Connection, now: NaiveDateTime) -> Result<Vec<(Lane, NaiveDateTime)>> {
    let rows = jobs::table
        .filter(jobs::state.eq(JobState::Ready.as_str()).and(jobs::run_at.le(now)))
        .group_by(jobs::lane)
        .select((jobs::lane, diesel::dsl::min(jobs::run_at)))
        .load::<(String, Option<NaiveDateTime>)>(connection)?;
    rows.into_iter().filter_map(|(lane, since)| since.map(|since| Ok((lane.parse()?, since)))).collect()
}

/// How many jobs are in each lane and state, those put off until a later second than `now` apart.
pub fn count(connection: &mut Connection, now: NaiveDateTime) -> Result<Vec<(Lane, JobState, i64)>> {
    let put_off = jobs::attempts.eq(0).and(jobs::run_at.gt(now));
    let rows = jobs::table
        .filter(not(put_off))
        .group_by((jobs::lane, jobs::state))
        .select((jobs::lane, jobs::state, diesel::dsl::count_star()))
        .load::<(String, String, i64)>(connection)?;
    rows.into_iter().map(|(lane, state, count)| Ok((lane.parse()?, state.parse()?, count))).collect()
}

/// When the next job is due, those of the kind `except` apart; what was begun or is tried again is due at once, as if since for ever.
pub fn next_due(connection: &mut Connection, except: &str) -> Result<Option<NaiveDateTime>> {
    let next = jobs::table
        .filter(jobs::state.ne(JobState::Dead.as_str()).and(jobs::kind.ne(except)))
        .order((jobs::attempts.desc(), jobs::run_at))
        .select((jobs::attempts, jobs::run_at))
        .first::<(i32, NaiveDateTime)>(connection)
        .optional()?;
    Ok(next.map(|(attempts, run_at)| if attempts > 0 { NaiveDateTime::MIN } else { run_at }))
}

/// Whether any job is waiting or running in a lane that comes before this one.
pub fn any_unfinished_before(connection: &mut Connection, lane: Lane) -> Result<bool> {
    let waiting = jobs::table.filter(jobs::state.ne(JobState::Dead.as_str()).and(jobs::lane.gt(lane.as_str())));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(connection)?)
}

/// Gives a job that was set aside another round of attempts; false when it is not there.
pub fn retry(connection: &mut Connection, id: JobId, now: NaiveDateTime) -> Result<bool> {
    let target = jobs::table.filter(jobs::id.eq(id.0).and(jobs::state.eq(JobState::Dead.as_str())));
    let changed = diesel::update(target)
        .set((jobs::state.eq(JobState::Ready.as_str()), jobs::attempts.eq(0), jobs::run_at.eq(now)))
        .execute(connection)?;
    Ok(changed > 0)
}

/// Drops a job that was set aside; false when it is not there or of the kind `except`, without which something would be lost.
pub fn discard(connection: &mut Connection, id: JobId, except: &str) -> Result<bool> {
    let dead = jobs::state.eq(JobState::Dead.as_str()).and(jobs::kind.ne(except));
    let target = jobs::table.filter(jobs::id.eq(id.0).and(dead));
    Ok(diesel::delete(target).execute(connection)? > 0)
}

/// 2 s, 4 s, 8 s … up to ten minutes.
fn wait_after(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(2_i64.saturating_pow(attempts.clamp(1, 20).unsigned_abs()).min(600))
}

const CLAIM_HEAD: &str = "
    UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $1, worker = $2
    WHERE id = (
        SELECT id FROM jobs
        WHERE ((state = 'ready' AND run_at <= $3) OR (state = 'running' AND lease_until < $3)) AND kind <> $4
        ORDER BY lane DESC, run_at, id LIMIT 1";
const CLAIM_TAIL: &str = ") RETURNING id, lane, kind, payload, state, attempts, run_at, error, created_at";

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamp)]
    run_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    #[diesel(sql_type = Timestamp)]
    created_at: NaiveDateTime,
}

fn claimed(row: ClaimedRow) -> Result<Job> {
    Ok(Job {
        id: JobId(row.id),
        lane: row.lane.parse()?,
        kind: row.kind,
        payload: row.payload,
        state: row.state.parse()?,
        attempts: row.attempts,
        run_at: row.run_at,
        error: row.error,
        created_at: row.created_at,
    })
}

#[derive(Queryable)]
struct JobRow {
    id: i64,
    lane: String,
    kind: String,
    payload: String,
    state: String,
    attempts: i32,
    run_at: NaiveDateTime,
    lease_until: Option<NaiveDateTime>,
    worker: Option<String>,
    error: Option<String>,
    created_at: NaiveDateTime,
}

fn job(row: JobRow) -> Result<Job> {
    let JobRow { id, lane, kind, payload, state, attempts, run_at, error, created_at, .. } = row;
    claimed(ClaimedRow { id, lane, kind, payload, state, attempts, run_at, error, created_at })
}
