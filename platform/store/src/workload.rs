//! Workload (工作量): what people have in hand, what waits for them, and what they have done. However many people are asked
//! about, it is a few grouped questions.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use model::{SiteId, UserId, WorkState};

use crate::catalogue::Reach;
use crate::reviewers::{SITE, pairs};
use crate::schema::{resources, revisions};
use crate::{Connection, Result, in_dialect};

/// What a person has to do with now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Texts they are writing.
    pub drafts: i64,
    /// Texts of theirs that others review.
    pub reviewing: i64,
    /// Texts of theirs that wait for their second.
    pub scheduled: i64,
    /// Texts that were sent back to them.
    pub returned: i64,
    /// Reviews that wait and that they may give.
    pub to_review: i64,
    /// Those of them that are late.
    pub late: i64,
}

impl Load {
    /// 待办: what waits for them to do something.
    pub fn waiting(&self) -> i64 {
        self.returned + self.to_review
    }

    /// 在办: what is under way.
    pub fn in_hand(&self) -> i64 {
        self.drafts + self.reviewing + self.scheduled
    }
}

/// What a person did on a site in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Texts they began.
    pub written: i64,
    /// Texts of theirs that were published.
    pub published: i64,
    /// Reviews they gave.
    pub reviewed: i64,
    /// Those by which they sent a text back.
    pub returned: i64,
}

/// What each of these people has to do with on the sites within reach; who has nothing is left out.
pub fn loads(connection: &mut Connection, reach: &Reach, people: &[UserId], now: NaiveDateTime) -> Result<HashMap<UserId, Load>> {
    let mut found: HashMap<UserId, Load> = HashMap::new();
    if people.is_empty() {
        return Ok(found);
    }
    let people = numbers(people.iter().map(|id| id.0));
    let statement = format!(
        "SELECT written_by AS person, work AS word, CAST(count(*) AS BIGINT) AS count FROM resources
         WHERE work IN ('draft', 'returned', 'reviewing', 'scheduled') AND written_by IN ({people}) AND {}
         GROUP BY written_by, work",
        within(reach, "site_id"),
    );
    for row in diesel::sql_query(statement).load::<WordRow>(connection)? {
        let load = found.entry(UserId(row.person)).or_default();
        match row.word.parse()? {
            WorkState::Draft => load.drafts = row.count,
            WorkState::Reviewing => load.reviewing = row.count,
            WorkState::Scheduled => load.scheduled = row.count,
            WorkState::Returned => load.returned = row.count,
            WorkState::Idle | WorkState::Discarded => {}
        }
    }
    let statement = format!(
        "SELECT person, CAST(count(*) AS BIGINT) AS count, CAST(sum(CASE WHEN due_at < $1 THEN 1 ELSE 0 END) AS BIGINT) AS more
         FROM ({}) p GROUP BY person",
        pairs(&people, &within(reach, SITE)),
    );
    let rows = diesel::sql_query(in_dialect(connection, &statement)).bind::<Timestamp, _>(now).load::<TwoRow>(connection)?;
    for row in rows {
        let load = found.entry(UserId(row.person)).or_default();
        (load.to_review, load.late) = (row.count, row.more);
    }
    Ok(found)
}

/// What everybody did on a site from `from` until before `until`; who did nothing is left out.
pub fn tallies(
    connection: &mut Connection,
    site: SiteId,
    from: NaiveDateTime,
    until: NaiveDateTime,
) -> Result<HashMap<UserId, Tally>> {
    let mut found: HashMap<UserId, Tally> = HashMap::new();
    let mut ask = |statement: &str, note: fn(&mut Tally, &TwoRow)| -> Result<()> {
        let query = diesel::sql_query(in_dialect(connection, statement));
        let query = query.bind::<BigInt, _>(site.0).bind::<Timestamp, _>(from).bind::<Timestamp, _>(until);
        // What no account did, the platform did.
        for row in query.load::<TwoRow>(connection)?.iter().filter(|row| row.person != 0) {
            note(found.entry(UserId(row.person)).or_default(), row);
        }
        Ok(())
    };
    ask(WRITTEN, |tally, row| tally.written = row.count)?;
    ask(PUBLISHED, |tally, row| tally.published = row.count)?;
    ask(REVIEWED, |tally, row| (tally.reviewed, tally.returned) = (row.count, row.more))?;
    Ok(found)
}

/// How many texts a person wrote from `since` on, and in how many revisions, on the sites within reach.
pub fn written(connection: &mut Connection, reach: &Reach, person: UserId, since: NaiveDateTime) -> Result<(i64, i64)> {
    let theirs = revisions::table.inner_join(resources::table.on(resources::id.eq(revisions::resource_id)));
    let mut query = theirs.filter(revisions::created_by.eq(person.0).and(revisions::created_at.ge(since))).into_boxed();
    if let Reach::Sites(sites) = reach {
        query = query.filter(resources::site_id.eq_any(sites.iter().map(|site| site.0).collect::<Vec<_>>()));
    }
    let written = query.select(revisions::resource_id).load::<i64>(connection)?;
    let texts: std::collections::HashSet<&i64> = written.iter().collect();
    Ok((i64::try_from(texts.len()).unwrap_or(i64::MAX), i64::try_from(written.len()).unwrap_or(i64::MAX)))
}

const WRITTEN: &str = "
    SELECT created_by AS person, CAST(count(*) AS BIGINT) AS count, CAST(0 AS BIGINT) AS more FROM resources
    WHERE site_id = $1 AND created_at >= $2 AND created_at < $3 AND work <> 'discarded' GROUP BY created_by";
const PUBLISHED: &str = "
    SELECT v.created_by AS person, CAST(count(DISTINCT p.resource_id) AS BIGINT) AS count, CAST(0 AS BIGINT) AS more
    FROM publications p JOIN revisions v ON v.id = p.revision_id
    WHERE p.site_id = $1 AND p.kind = 'publication' AND p.requested_at >= $2 AND p.requested_at < $3 GROUP BY v.created_by";
/// Reviews of what other sites offered are given on the site that receives it.
const REVIEWED: &str = "
    SELECT w.reviewer_id AS person, CAST(count(*) AS BIGINT) AS count,
           CAST(sum(CASE WHEN w.verdict = 'return' THEN 1 ELSE 0 END) AS BIGINT) AS more
    FROM reviews w JOIN submissions s ON s.id = w.submission_id JOIN resources r ON r.id = s.resource_id
    LEFT JOIN offers o ON o.id = s.offer_id
    WHERE COALESCE(o.site_id, r.site_id) = $1 AND w.reviewed_at >= $2 AND w.reviewed_at < $3 GROUP BY w.reviewer_id";

/// Numbers as a statement lists them.
fn numbers(ids: impl Iterator<Item = i64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

/// That this column names a site within reach.
fn within(reach: &Reach, column: &str) -> String {
    match reach {
        Reach::Everywhere => "1 = 1".to_owned(),
        Reach::Sites(sites) if sites.is_empty() => "1 = 0".to_owned(),
        Reach::Sites(sites) => format!("{column} IN ({})", numbers(sites.iter().map(|site| site.0))),
    }
}

#[derive(QueryableByName)]
struct WordRow {
    #[diesel(sql_type = BigInt)]
    person: i64,
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct TwoRow {
    #[diesel(sql_type = BigInt)]
    person: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    more: i64,
}
