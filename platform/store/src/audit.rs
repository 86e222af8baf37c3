//! The audit log: appended to within the command it records, sealed entry by entry, never changed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use model::{Actor, AuditEntry, CitizenId, SiteId, UserId};
use serde::Serialize;

use crate::catalogue::Reach;
use crate::schema::audit_entries as table;
use crate::{Command, Connection, Result};

/// What is to be recorded.
pub struct Record<'a> {
    /// What was done, e.g. `resource.withdraw`.
    pub action: &'a str,
    /// To what, e.g. `resource:42`.
    pub subject: String,
    /// On which site; none for the platform.
    pub site: Option<SiteId>,
    /// The state before, any JSON.
    pub before: serde_json::Value,
    /// The state after, any JSON.
    pub after: serde_json::Value,
}

/// Appends one entry, sealed with the hash of the last. Commands run one after another, so the chain has no gaps.
pub fn append(command: &mut Command<'_>, actor: &Actor, record: Record<'_>, now: NaiveDateTime) -> Result<()> {
    let (last, previous_hash) = table::table
        .order(table::id.desc())
        .select((table::id, table::hash))
        .first::<(i64, String)>(&mut **command)
        .optional()?
        .unwrap_or_default();
    let text = |value: serde_json::Value| (!value.is_null()).then(|| value.to_string());
    let mut entry = AuditEntry {
        id: last + 1,
        at: now,
        actor_id: actor.user_id,
        actor_name: actor.name.clone(),
        address: actor.address.clone(),
        action: record.action.to_owned(),
        subject: record.subject,
        site_id: record.site,
        before: text(record.before),
        after: text(record.after),
        previous_hash,
        hash: String::new(),
    };
    entry.hash = seal(&entry)?;
    insert(command, &entry)
}

/// What is looked for in the log; everything where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By whom: the whole of a name as it was then, or an account.
    pub who: Option<Who>,
    /// Beginnings of actions, such as `resource.`; one of them.
    pub kinds: Vec<&'static str>,
    /// From then on, UTC.
    pub from: Option<NaiveDateTime>,
    /// Before then, UTC.
    pub until: Option<NaiveDateTime>,
    /// On the platform itself, which is no site.
    pub is_of_platform: bool,
}

/// Somebody who did something.
#[derive(Clone, Debug)]
pub enum Who {
    /// Under this name at that time.
    Named(String),
    /// With this account.
    Account(UserId),
}

/// The newest entries before `before` (all with none), of one site or of the whole platform.
pub fn list(connection: &mut Connection, site: Option<SiteId>, before: Option<i64>, limit: i64) -> Result<Vec<AuditEntry>> {
    find_matching(connection, site, &Filter::default(), before, limit)
}

/// The same of those that match.
pub fn find_matching(
    connection: &mut Connection,
    site: Option<SiteId>,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    let mut query = table::table.order(table::id.desc()).limit(limit).into_boxed();
    if let Some(site) = site {
        query = query.filter(table::site_id.eq(site.0));
    } else if filter.is_of_platform {
        query = query.filter(table::site_id.is_null());
    }
    match &filter.who {
        Some(Who::Named(name)) => query = query.filter(table::actor_name.eq(name)),
        Some(Who::Account(id)) => query = query.filter(table::actor_id.eq(id.0)),
        None => {}
    }
    if let Some((first, others)) = filter.kinds.split_first() {
        type Kind<'a> =
            Box<dyn BoxableExpression<table::table, <Connection as diesel::Connection>::Backend, SqlType = Bool> + 'a>;
        let kind = |beginning: &&str| table::action.like(format!("{beginning}%"));
        let any = others.iter().fold(Box::new(kind(first)) as Kind<'_>, |any, other| Box::new(any.or(kind(other))));
        query = query.filter(any);
    }
    if let Some(from) = filter.from {
        query = query.filter(table::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(table::at.lt(until));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.load::<EntryRow>(connection)?.into_iter().map(entry).collect())
}

/// Whether somebody has done this to that, there, since then.
pub fn was_done(
    connection: &mut Connection,
    actor: UserId,
    (action, subject): (&str, &str),
    site: Option<SiteId>,
    since: NaiveDateTime,
) -> Result<bool> {
    let mut same = table::table
        .filter(
            table::actor_id.eq(actor.0).and(table::at.ge(since)).and(table::action.eq(action)).and(table::subject.eq(subject)),
        )
        .select(table::id)
        .into_boxed();
    same = match site {
        Some(site) => same.filter(table::site_id.eq(site.0)),
        None => same.filter(table::site_id.is_null()),
    };
    Ok(same.first::<i64>(connection).optional()?.is_some())
}

/// Whether one of these actions has happened to something of the platform since then.
pub fn happened(connection: &mut Connection, actions: &[&str], subject: &str, since: NaiveDateTime) -> Result<bool> {
    let same = table::table
        .filter(table::site_id.is_null().and(table::subject.eq(subject)))
        .filter(table::at.ge(since).and(table::action.eq_any(actions)));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(connection)?)
}

/// The entries about one subject, oldest first.
pub fn list_by_subject(connection: &mut Connection, site: SiteId, subject: &str) -> Result<Vec<AuditEntry>> {
    let rows = table::table
        .filter(table::site_id.eq(site.0).and(table::subject.eq(subject)))
        .order(table::id)
        .load::<EntryRow>(connection)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// What a person did last, newest first; of what happened on sites, that on those within reach.
pub fn list_by_actor(connection: &mut Connection, reach: &Reach, actor: UserId, limit: i64) -> Result<Vec<AuditEntry>> {
    let rows = by_actor(reach, actor).order((table::at.desc(), table::id.desc())).limit(limit).load::<EntryRow>(connection)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// When somebody came in to an account, or tried to, the last first.
pub fn list_sign_ins(connection: &mut Connection, user: UserId, limit: i64) -> Result<Vec<AuditEntry>> {
    let subject = format!("user:{user}");
    let rows = table::table
        .filter(table::site_id.is_null().and(table::subject.eq(subject)))
        .filter(table::action.eq_any(["session.open", "session.fail", "session.lock"]))
        .order(table::id.desc())
        .limit(limit)
        .load::<EntryRow>(connection)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// What happened to the account of a citizen, newest first and without these actions, as they may be told: what staff looked at is not among it, nor from where
/// staff did what they did.
pub fn list_by_citizen(
    connection: &mut Connection,
    citizen: CitizenId,
    left_out: &[&str],
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    let theirs = table::table.filter(table::site_id.is_null().and(table::subject.eq(format!("citizen:{citizen}"))));
    let told = theirs.filter(table::action.ne_all(["citizen.seek", "citizen.look"])).filter(table::action.ne_all(left_out));
    let rows = told.order(table::id.desc()).limit(limit).load::<EntryRow>(connection)?;
    let as_told = |entry: AuditEntry| match entry.actor_id {
        Some(_) => AuditEntry { address: "平台".to_owned(), ..entry },
        None => entry,
    };
    Ok(rows.into_iter().map(entry).map(as_told).collect())
}

/// When one of these actions last happened to the account of a citizen.
pub fn last_of_citizen(connection: &mut Connection, citizen: CitizenId, actions: &[&str]) -> Result<Option<NaiveDateTime>> {
    let theirs = table::table.filter(table::site_id.is_null().and(table::subject.eq(format!("citizen:{citizen}"))));
    let last = theirs.filter(table::action.eq_any(actions)).order(table::id.desc()).select(table::at);
    Ok(last.first(connection).optional()?)
}

/// What a person did from `since` on and when, newest first, no more than so many; within reach as above.
pub fn list_deeds(
    connection: &mut Connection,
    reach: &Reach,
    actor: UserId,
    since: NaiveDateTime,
    limit: i64,
) -> Result<Vec<(NaiveDateTime, String)>> {
    let query = by_actor(reach, actor).filter(table::at.ge(since)).order((table::at.desc(), table::id.desc())).limit(limit);
    Ok(query.select((table::at, table::action)).load(connection)?)
}

/// How often a person did any of these from `since` on.
pub fn count_deeds(connection: &mut Connection, actor: UserId, actions: &[&str], since: NaiveDateTime) -> Result<i64> {
    let deeds = table::table.filter(table::actor_id.eq(actor.0).and(table::at.ge(since)).and(table::action.eq_any(actions)));
    Ok(deeds.count().get_result(connection)?)
}

fn by_actor(reach: &Reach, actor: UserId) -> table::BoxedQuery<'static, <Connection as diesel::Connection>::Backend> {
    let query = table::table.filter(table::actor_id.eq(actor.0)).into_boxed();
    match reach {
        Reach::Everywhere => query,
        Reach::Sites(sites) => query.filter(table::site_id.eq_any(sites.iter().map(|site| Some(site.0)).collect::<Vec<_>>())),
    }
}

/// The state of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every entry is there and sealed; how many.
    Intact(i64),
    /// The first entry that is missing or does not match its seal.
    Broken(i64),
}

/// An entry as it was noted somewhere: its number and its hash. All entries up to it hang on that hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 where there was none.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// Walks the whole chain.
pub fn verify(connection: &mut Connection) -> Result<Chain> {
    Ok(verify_against(connection, &[])?.0)
}

/// Walks the whole chain and compares it with heads that were noted before, wherever they are kept; gives also the last entry whose
/// seal holds. A chain that was shortened or sealed anew is whole in itself: only what was noted of it tells. It is always walked from
/// its beginning, because old entries can be changed as well as new ones.
pub fn verify_against(connection: &mut Connection, noted: &[Head]) -> Result<(Chain, Head)> {
    let mut head = Head::default();
    loop {
        let batch = table::table.filter(table::id.gt(head.number)).order(table::id).limit(1_000).load::<EntryRow>(connection)?;
        if batch.is_empty() {
            break;
        }
        for found in batch.into_iter().map(entry) {
            let is_next = found.id == head.number + 1 && found.previous_hash == head.hash && seal(&found)? == found.hash;
            let is_as_noted = noted.iter().all(|one| one.number != found.id || one.hash == found.hash);
            if !is_next || !is_as_noted {
                return Ok((Chain::Broken(head.number + 1), head));
            }
            head = Head { number: found.id, hash: found.hash };
        }
    }
    let is_short = noted.iter().any(|one| one.number > head.number);
    Ok((if is_short { Chain::Broken(head.number + 1) } else { Chain::Intact(head.number) }, head))
}

/// The hash of everything an entry says, the hash before it included.
fn seal(entry: &AuditEntry) -> Result<String> {
    #[derive(Serialize)]
    struct Sealed<'a>(
        i64,
        i64,
        Option<UserId>,
        (&'a str, &'a str, &'a str, &'a str),
        Option<SiteId>,
        Option<&'a str>,
        Option<&'a str>,
        &'a str,
    );
    let sealed = serde_json::to_vec(&Sealed(
        entry.id,
        entry.at.and_utc().timestamp_micros(),
        entry.actor_id,
        (&entry.actor_name, &entry.address, &entry.action, &entry.subject),
        entry.site_id,
        entry.before.as_deref(),
        entry.after.as_deref(),
        &entry.previous_hash,
    ))?;
    Ok(blake3::hash(&sealed).to_hex().to_string())
}

fn insert(connection: &mut Connection, entry: &AuditEntry) -> Result<()> {
    diesel::insert_into(table::table)
        .values((
            table::id.eq(entry.id),
            table::at.eq(entry.at),
            table::actor_id.eq(entry.actor_id.map(|id| id.0)),
            table::actor_name.eq(&entry.actor_name),
            table::address.eq(&entry.address),
            table::action.eq(&entry.action),
            table::subject.eq(&entry.subject),
            table::site_id.eq(entry.site_id.map(|id| id.0)),
            table::before_state.eq(&entry.before),
            table::after_state.eq(&entry.after),
            table::previous_hash.eq(&entry.previous_hash),
            table::hash.eq(&entry.hash),
        ))
        .execute(connection)?;
    Ok(())
}

#[derive(Queryable)]
struct EntryRow {
    id: i64,
    at: NaiveDateTime,
    actor_id: Option<i64>,
    actor_name: String,
    address: String,
    action: String,
    subject: String,
    site_id: Option<i64>,
    before: Option<String>,
    after: Option<String>,
    previous_hash: String,
    hash: String,
}

fn entry(row: EntryRow) -> AuditEntry {
    AuditEntry {
        id: row.id,
        at: row.at,
        actor_id: row.actor_id.map(UserId),
        actor_name: row.actor_name,
        address: row.address,
        action: row.action,
        subject: row.subject,
        site_id: row.site_id.map(SiteId),
        before: row.before,
        after: row.after,
        previous_hash: row.previous_hash,
        hash: row.hash,
    }
}
