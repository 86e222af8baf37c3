//! Who may review what waits: the one rule, asked of one text or of all at once.
//!
//! It is whoever holds the right on the site that reviews, wrote nothing of what is new in the revision, did not hand it in, and gave
//! no earlier step, so that every step is another person's. Where the step has a group (工作组) it is those of them who are in it, as
//! long as there is one: a step that nobody of its group may review is open to all of them, whether the group is gone, is empty, or
//! wrote the text itself. So no group keeps a text waiting for ever.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use model::{GroupId, SiteId, SubmissionId, UserId};

use crate::people::ACTIVE;
use crate::{Connection, Result, in_dialect};

/// What waits, by the names that the rule knows it by.
const WAITING: &str = "submissions s
    JOIN resources r ON r.id = s.resource_id
    JOIN revisions v ON v.id = s.revision_id
    LEFT JOIN offers o ON o.id = s.offer_id";

/// The site that reviews: of what was offered, the one that receives it.
pub(crate) const SITE: &str = "COALESCE(o.site_id, r.site_id)";

/// The channel it goes to: of what was offered, the one that receives it.
const CHANNEL: &str = "COALESCE(o.channel_id, r.channel_id)";

/// The roles that permit a review.
const REVIEWING: &str = "SELECT role_id FROM role_permissions WHERE permission = 'review'";

/// The members of the group of the step that waits.
const MEMBERS: &str = "SELECT 1 FROM work_group_members m WHERE m.group_id = s.group_id";

/// That a person, as a statement names them, may review the step of `s` that waits.
fn rule(person: &str) -> String {
    format!(
        "s.state = 'open' AND {} AND {} AND ({} OR EXISTS ({MEMBERS} AND m.user_id = {person}))",
        apart(person, "v.created_by"),
        holds(person),
        is_for_all(),
    )
}

/// Who of these people may review what: a statement of `person`, `id` and `due_at` of what waits within these sites. That a step is for
/// all is worked out once a text, not once a person.
pub(crate) fn pairs(people: &str, within: &str) -> String {
    format!(
        "WITH waiting AS MATERIALIZED (
             SELECT s.id, s.due_at, s.submitted_by, s.group_id, s.resource_id, s.revision_id, v.created_by AS author,
                    {SITE} AS site_id, {CHANNEL} AS channel_id, {} AS is_for_all
             FROM {WAITING} WHERE s.state = 'open' AND {within}
         )
         SELECT DISTINCT u.id AS person, s.id, s.due_at FROM waiting s
         JOIN grants g ON g.user_id IN ({people}) AND g.role_id IN ({REVIEWING}) AND {}
         JOIN users u ON u.id = g.user_id AND u.state = '{ACTIVE}'
         WHERE {} AND (s.is_for_all OR EXISTS ({MEMBERS} AND m.user_id = u.id))",
        is_for_all(),
        takes_in("s.site_id", "s.channel_id"),
        apart("u.id", "s.author"),
    )
}

/// That they did not write it or what led to it since the revision published before it, hand it in or give an earlier step.
fn apart(person: &str, author: &str) -> String {
    format!(
        "s.submitted_by <> {person} AND {author} <> {person}
         AND NOT EXISTS (SELECT 1 FROM revisions x WHERE x.resource_id = s.resource_id AND x.created_by = {person}
                         AND x.id <= s.revision_id AND x.id > COALESCE((
                             SELECT max(p.revision_id) FROM publications p WHERE p.resource_id = s.resource_id
                             AND p.kind = 'publication' AND p.revision_id < s.revision_id), 0))
         AND NOT EXISTS (SELECT 1 FROM reviews w WHERE w.submission_id = s.id AND w.reviewer_id = {person})"
    )
}

/// That they hold the right on the site that reviews.
fn holds(person: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM users u JOIN grants g ON g.user_id = u.id
                 WHERE u.id = {person} AND u.state = '{ACTIVE}' AND g.role_id IN ({REVIEWING}) AND {})",
        takes_in(SITE, CHANNEL),
    )
}

/// That what `g` was given on takes in that channel: the platform, its site, it itself, or one above it.
fn takes_in(site: &str, channel: &str) -> String {
    format!(
        "(g.site_id IS NULL OR (g.site_id = {site} AND (g.channel_id IS NULL OR g.channel_id IN (
             WITH RECURSIVE up (id) AS (SELECT {channel} UNION SELECT c.parent_id FROM channels c JOIN up ON c.id = up.id)
             SELECT id FROM up))))"
    )
}

/// That the step is for no group, or for one of which nobody may review it.
fn is_for_all() -> String {
    let may = format!("{} AND {}", apart("m.user_id", "v.created_by"), holds("m.user_id"));
    format!("(s.group_id IS NULL OR NOT EXISTS ({MEMBERS} AND {may}))")
}

/// Who may review the step of a submission that waits, by name; nobody once it is closed.
pub fn list(connection: &mut Connection, submission: SubmissionId) -> Result<Vec<(UserId, String)>> {
    let statement = format!(
        "SELECT p.id, p.display_name AS name FROM users p, {WAITING}
         WHERE s.id = $1 AND p.id IN (SELECT user_id FROM grants WHERE role_id IN ({REVIEWING})) AND {}
         ORDER BY p.sort_key, p.id",
        rule("p.id"),
    );
    let query = diesel::sql_query(in_dialect(connection, &statement)).bind::<BigInt, _>(submission.0);
    Ok(query.load::<NamedRow>(connection)?.into_iter().map(|row| (UserId(row.id), row.name)).collect())
}

/// Whether this person is among them.
pub fn may(connection: &mut Connection, submission: SubmissionId, person: UserId) -> Result<bool> {
    let statement = format!("SELECT CAST(count(*) AS BIGINT) AS id FROM {WAITING} WHERE s.id = $1 AND {}", rule("$2"));
    let query = diesel::sql_query(in_dialect(connection, &statement)).bind::<BigInt, _>(submission.0);
    Ok(query.bind::<BigInt, _>(person.0).get_result::<IdRow>(connection)?.id > 0)
}

/// The texts of a site itself that this person may review now: those handed over to them first, then urgent ones, then by when they
/// are due, those without such a time last.
pub fn list_waiting(connection: &mut Connection, site: SiteId, person: UserId, limit: i64) -> Result<Vec<SubmissionId>> {
    let statement = format!(
        "SELECT s.id FROM {WAITING} WHERE s.offer_id IS NULL AND r.site_id = $1 AND {}
         ORDER BY CASE WHEN s.handed_to = $2 THEN 0 ELSE 1 END, s.urgent DESC, CASE WHEN s.due_at IS NULL THEN 1 ELSE 0 END,
                  s.due_at, s.id
         LIMIT $3",
        rule("$2"),
    );
    let query = diesel::sql_query(in_dialect(connection, &statement)).bind::<BigInt, _>(site.0);
    let rows = query.bind::<BigInt, _>(person.0).bind::<BigInt, _>(limit).load::<IdRow>(connection)?;
    Ok(rows.into_iter().map(|row| SubmissionId(row.id)).collect())
}

/// How many those are.
pub fn count_waiting(connection: &mut Connection, site: SiteId, person: UserId) -> Result<i64> {
    let statement = format!(
        "SELECT CAST(count(*) AS BIGINT) AS id FROM {WAITING} WHERE s.offer_id IS NULL AND r.site_id = $1 AND {}",
        rule("$2"),
    );
    let query = diesel::sql_query(in_dialect(connection, &statement)).bind::<BigInt, _>(site.0);
    Ok(query.bind::<BigInt, _>(person.0).get_result::<IdRow>(connection)?.id)
}

/// How many of each group may review on a site at all; groups of which nobody may are left out.
pub fn count_by_group(connection: &mut Connection, site: SiteId) -> Result<HashMap<GroupId, i64>> {
    let statement = format!(
        "SELECT m.group_id AS id, CAST(count(DISTINCT m.user_id) AS BIGINT) AS count FROM work_group_members m
         JOIN users u ON u.id = m.user_id JOIN grants g ON g.user_id = u.id
         WHERE u.state = '{ACTIVE}' AND g.role_id IN ({REVIEWING}) AND (g.site_id IS NULL OR g.site_id = $1) GROUP BY m.group_id",
    );
    let query = diesel::sql_query(in_dialect(connection, &statement)).bind::<BigInt, _>(site.0);
    Ok(query.load::<CountRow>(connection)?.into_iter().map(|row| (GroupId(row.id), row.count)).collect())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}
