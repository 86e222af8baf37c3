//! The catalogue of the library (信息资源库): resources of many sites, found by what lists show of them.
//!
//! A page begins at a place in the order, never at a count of lines, so the five-thousandth costs what the first does. What
//! few resources match is found by one walk through the index of what can be looked for.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use model::{ChannelId, ResourceId, ResourceKind, ResourceState, SiteId, UserId, Within, WorkState};

use crate::resources::{Line, ResourceRow, line};
use crate::schema::resources;
use crate::{Connection, Result, contains};

/// Of which sites a person may see anything. Every question begins with it.
#[derive(Clone, Debug)]
pub enum Reach {
    /// All, also those declared later.
    Everywhere,
    /// These.
    Sites(Vec<SiteId>),
}

/// Which of its times a resource is found and ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// When anything about it last changed.
    #[default]
    Updated,
    /// When it was first published; what never was is left out.
    Published,
}

/// What is looked for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Each is part of the title, the 索引号 or the 发文字号.
    pub words: Vec<String>,
    /// Written in one of these.
    pub channels: Vec<ChannelId>,
    /// What it is.
    pub kind: Option<ResourceKind>,
    /// What editors are doing with it.
    pub work: Option<WorkState>,
    /// What the public sees of it.
    pub state: Option<ResourceState>,
    /// One of these wrote its latest revision.
    pub authors: Option<Vec<UserId>>,
    /// One of its 关键词.
    pub keyword: Option<String>,
    /// The time that `from`, `until` and the order are about.
    pub by: By,
    /// Not earlier than this, UTC.
    pub from: Option<NaiveDateTime>,
    /// Earlier than this, UTC.
    pub until: Option<NaiveDateTime>,
}

impl Filter {
    /// The same, of what lies within alone.
    #[must_use]
    pub fn within(mut self, within: &Within) -> Self {
        if let Within::Channels(some) = within {
            if self.channels.is_empty() {
                self.channels.extend(some);
            } else {
                self.channels.retain(|channel| some.contains(channel));
            }
            // No channel at all would ask for nothing, and find everything.
            if self.channels.is_empty() {
                self.channels.push(ChannelId(0));
            }
        }
        self
    }
}

/// A line's place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Its time.
    pub at: NaiveDateTime,
    /// Its number, which decides between equal times.
    pub id: ResourceId,
}

/// Which page of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// The one it begins with.
    First,
    /// The one after this line.
    After(Mark),
    /// The one before this line.
    Before(Mark),
    /// The one it ends with.
    Last,
}

impl Mark {
    /// The place of a line; none where it has no such time.
    pub fn of(line: &Line, by: By) -> Option<Self> {
        let at = match by {
            By::Updated => Some(line.resource.updated_at),
            By::Published => line.resource.published_at,
        };
        at.map(|at| Self { at, id: line.resource.id })
    }
}

type Backend = <Connection as diesel::Connection>::Backend;
type Query = resources::BoxedQuery<'static, Backend, BigInt>;

/// Does the same with the column of one time or the other: they are of different types to Diesel.
macro_rules! with_time {
    ($by:expr, $column:ident => $body:expr) => {
        match $by {
            By::Updated => {
                let $column = resources::updated_at;
                $body
            }
            By::Published => {
                let $column = resources::published_at;
                $body
            }
        }
    };
}

/// A page of what is found, in its order; newest first or the other way round.
pub fn list(
    connection: &mut Connection,
    reach: &Reach,
    filter: &Filter,
    is_newest_first: bool,
    seek: Seek,
    limit: i64,
) -> Result<Vec<Line>> {
    // A page before a line is read backwards from it, and turned round.
    let is_backwards = matches!(seek, Seek::Before(_) | Seek::Last);
    let is_falling = is_newest_first != is_backwards;
    let mut query = asked(connection, reach, filter);
    if let Seek::After(mark) | Seek::Before(mark) = seek {
        query = beyond(query, filter.by, mark, is_falling);
    }
    let ids = ordered(query, filter.by, is_falling).limit(limit).load::<i64>(connection)?;
    let mut lines = find_lines(connection, &ids)?;
    if is_backwards {
        lines.reverse();
    }
    Ok(lines)
}

/// The first of what is found, by number: to count, or to do something with.
pub fn list_ids(connection: &mut Connection, reach: &Reach, filter: &Filter, limit: i64) -> Result<Vec<ResourceId>> {
    let query = ordered(asked(connection, reach, filter), filter.by, true).limit(limit);
    Ok(query.load::<i64>(connection)?.into_iter().map(ResourceId).collect())
}

/// The place of everything that is found, in no order; none where that is more than `most`. Where few are found, one walk
/// through all tells both the page and their number.
pub fn list_marks(connection: &mut Connection, reach: &Reach, filter: &Filter, most: i64) -> Result<Option<Vec<Mark>>> {
    let query = asked(connection, reach, filter).limit(most + 1);
    let found: Vec<(i64, NaiveDateTime)> = match filter.by {
        By::Updated => query.select((resources::id, resources::updated_at)).load(connection)?,
        By::Published => query.select((resources::id, resources::published_at.assume_not_null())).load(connection)?,
    };
    let is_all = i64::try_from(found.len()).is_ok_and(|count| count <= most);
    Ok(is_all.then(|| found.into_iter().map(|(id, at)| Mark { at, id: ResourceId(id) }).collect()))
}

/// How many are found, counted up to `most`.
pub fn count(connection: &mut Connection, reach: &Reach, filter: &Filter, most: i64) -> Result<i64> {
    // Not in order: PostgreSQL then reads its rows as they lie.
    let found = asked(connection, reach, filter).limit(most).load::<i64>(connection)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

/// Those of the resources that are within reach, in this order.
pub fn find_all(connection: &mut Connection, reach: &Reach, ids: &[ResourceId]) -> Result<Vec<Line>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut lines = find_lines(connection, &ids)?;
    if let Reach::Sites(sites) = reach {
        lines.retain(|line| sites.contains(&line.resource.site_id));
    }
    Ok(lines)
}

fn find_lines(connection: &mut Connection, ids: &[i64]) -> Result<Vec<Line>> {
    let rows = resources::table.filter(resources::id.eq_any(ids)).load::<ResourceRow>(connection)?;
    let mut lines = rows.into_iter().map(line).collect::<Result<Vec<_>>>()?;
    lines.sort_by_key(|line| ids.iter().position(|id| *id == line.resource.id.0));
    Ok(lines)
}

fn asked(connection: &Connection, reach: &Reach, filter: &Filter) -> Query {
    let mut query = within(connection, reach);
    for word in &filter.words {
        let titled = resources::title.like(contains(word)).escape('!').nullable();
        let numbered = resources::document_number.like(contains(word)).escape('!');
        // An 索引号 has letters and digits alone: a Chinese word need not be looked for there.
        query = if word.is_ascii() {
            query.filter(titled.or(numbered).or(resources::index_number.like(contains(word)).escape('!')))
        } else {
            query.filter(titled.or(numbered))
        };
    }
    if !filter.channels.is_empty() {
        query = query.filter(resources::channel_id.eq_any(filter.channels.iter().map(|id| id.0).collect::<Vec<_>>()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(resources::kind.eq(kind.as_str()));
    }
    // What is in the bin is found only by who looks there.
    query = match filter.work {
        Some(work) => query.filter(resources::work.eq(work.as_str())),
        None => query.filter(resources::work.ne(WorkState::Discarded.as_str())),
    };
    if let Some(state) = filter.state {
        query = query.filter(resources::state.eq(state.as_str()));
    }
    if let Some(authors) = &filter.authors {
        query = query.filter(resources::written_by.eq_any(authors.iter().map(|id| id.0).collect::<Vec<_>>()));
    }
    if let Some(keyword) = &filter.keyword {
        let quoted = serde_json::Value::from(keyword.as_str()).to_string();
        query = query.filter(resources::keywords.like(contains(&quoted)).escape('!'));
    }
    within_times(query, filter)
}

/// Resources of these sites. On SQLite, which keeps no statistics, a site would be taken for a few rows and all of it sorted:
/// the sum keeps it from looking for the site first.
fn within(connection: &Connection, reach: &Reach) -> Query {
    let all = resources::table.select(resources::id).into_boxed();
    let Reach::Sites(sites) = reach else { return all };
    let sites: Vec<i64> = sites.iter().map(|site| site.0).collect();
    match connection {
        Connection::Postgres(_) => all.filter(resources::site_id.eq_any(sites)),
        Connection::Sqlite(_) => all.filter((resources::site_id + 0).eq_any(sites)),
    }
}

fn within_times(query: Query, filter: &Filter) -> Query {
    let query = match filter.by {
        By::Updated => query,
        By::Published => query.filter(resources::published_at.is_not_null()),
    };
    let query = match filter.from {
        Some(from) => with_time!(filter.by, time => query.filter(time.ge(from))),
        None => query,
    };
    match filter.until {
        Some(until) => with_time!(filter.by, time => query.filter(time.lt(until))),
        None => query,
    }
}

fn beyond(query: Query, by: By, mark: Mark, is_falling: bool) -> Query {
    let Mark { at, id: ResourceId(id) } = mark;
    // The first condition says nothing new, but the index can be entered by it.
    with_time!(by, time => if is_falling {
        query.filter(time.le(at)).filter(time.lt(at).or(time.eq(at).and(resources::id.lt(id))))
    } else {
        query.filter(time.ge(at)).filter(time.gt(at).or(time.eq(at).and(resources::id.gt(id))))
    })
}

fn ordered(query: Query, by: By, is_falling: bool) -> Query {
    with_time!(by, time => if is_falling {
        query.order((time.desc(), resources::id.desc()))
    } else {
        query.order((time.asc(), resources::id.asc()))
    })
}
