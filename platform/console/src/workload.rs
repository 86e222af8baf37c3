//! 工作量: what everybody on a site did in some time, what waits for them now, and the same as a table for Excel.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{Html, Response};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use model::collation::sort_key;
use model::{SiteId, User, UserId, from_local, local};
use publish::CommandError;
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::catalogue::Reach;
use store::workload::{self, Load, Tally};
use store::{Connection, people};
use web::{App, Error, Scope};

use crate::moment;
use crate::names::Names;
use crate::office::{Office, Tab};
use crate::screens;
use crate::table;

/// Over which time, and ordered by what.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    period: String,
    by: String,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    tabs: Vec<Tab>,
    periods: Vec<Period>,
    /// The one that is looked at.
    chosen: &'static str,
    query: String,
    since: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
}

/// A time that may be looked at.
#[derive(Serialize)]
struct Period {
    word: &'static str,
    name: &'static str,
    here: bool,
}

#[derive(Serialize)]
struct Head {
    word: &'static str,
    name: &'static str,
    here: bool,
}

#[derive(Serialize)]
struct Row {
    id: UserId,
    name: String,
    /// Whether they belong to the site.
    is_here: bool,
    numbers: Vec<i64>,
}

const PERIODS: [(&str, &str); 3] = [("week", "本周"), ("month", "本月"), ("quarter", "近90天")];

/// The columns of numbers.
const COLUMNS: [(&str, &str); 7] = [
    ("written", "撰写"),
    ("published", "发布"),
    ("reviewed", "审核"),
    ("returned", "审核退回"),
    ("waiting", "当前待办"),
    ("late", "其中超时"),
    ("in_hand", "当前在办"),
];

/// GET /console/{site}/people/workload
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let (site, now) = (scope.site.id, app.engine.clock.now());
    let since = wish.since(now);
    let by = wish.by();
    let rows = app.read(move |connection| rows(connection, site, since, now, by)).await?;
    let office = Office::Site(scope);
    let head = |(word, name)| Head { word, name, here: word == by };
    let screen = Screen {
        base: office.base(),
        tabs: office.tabs("工作量"),
        periods: PERIODS.iter().map(|(word, name)| Period { word, name, here: *word == wish.period() }).collect(),
        chosen: wish.period(),
        query: format!("period={}&by={by}", wish.period()),
        since: moment::day(since),
        heads: [("name", "姓名")].into_iter().chain(COLUMNS).map(head).collect(),
        rows,
    };
    screens::draw("workload.html", office.frame("工作量"), screen)
}

/// GET /console/{site}/people/workload/export
pub(crate) async fn export(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let (site, actor) = (scope.site.id, scope.actor());
    table::send(&app, &format!("{}工作量", scope.site.short_name), move |engine, workbook| {
        let now = engine.clock.now();
        let (since, by) = (wish.since(now), wish.by());
        let rows = engine.store.read(|connection| rows(connection, site, since, now, by))?;
        let period = format!("{}至{}", moment::day(since), moment::day(local(now).date_naive()));
        table::on_record(engine, &actor, "people.export", Some(site), json!({ "period": period, "count": rows.len() }))?;
        fill(workbook, &rows, since, local(now).date_naive()).map_err(table::broken)?;
        Ok::<_, CommandError>(())
    })
    .await
}

fn fill(workbook: &mut Workbook, rows: &[Row], since: NaiveDate, today: NaiveDate) -> Result<(), XlsxError> {
    let heads: Vec<(&str, f64)> = [("姓名", 16.0)].into_iter().chain(COLUMNS.map(|(_, name)| (name, 12.0))).collect();
    let sheet = table::begin(workbook, "工作量", &heads)?;
    let mut line = 0;
    for row in rows {
        line += 1;
        sheet.write_string(line, 0, &row.name)?;
        for (column, number) in (1..).zip(&row.numbers) {
            #[expect(clippy::cast_precision_loss, reason = "Excel has no other numbers")]
            sheet.write_number(line, column, *number as f64)?;
        }
    }
    let told = format!("统计时段：{}至{}；待办、超时、在办为导出时的数量", moment::day(since), moment::day(today));
    sheet.write_string(line + 2, 0, told)?;
    Ok(())
}

/// Everybody who belongs to the site or did anything on it, in order.
fn rows(connection: &mut Connection, site: SiteId, since: NaiveDate, now: NaiveDateTime, by: &str) -> store::Result<Vec<Row>> {
    let from = from_local(since.and_time(NaiveTime::MIN));
    let members: Vec<User> = people::list_members(connection, Some(site))?;
    let tallies = workload::tallies(connection, site, from, now)?;
    let here: BTreeSet<UserId> = members.iter().map(|person| person.id).collect();
    let all: Vec<UserId> = here.iter().copied().chain(tallies.keys().copied().filter(|id| !here.contains(id))).collect();
    let loads = workload::loads(connection, &Reach::Sites(vec![site]), &all, now)?;
    let names = Names::find(connection, all.iter().copied())?;
    let row = |id: UserId| Row { id, name: names.of(id), is_here: here.contains(&id), numbers: numbers(id, &tallies, &loads) };
    let mut rows: Vec<Row> = all.into_iter().map(row).collect();
    let column = COLUMNS.iter().position(|(word, _)| *word == by);
    rows.sort_by_cached_key(|row| (column.map(|at| -row.numbers[at]), sort_key(&row.name), row.id));
    Ok(rows)
}

/// In the order of the columns.
fn numbers(id: UserId, tallies: &HashMap<UserId, Tally>, loads: &HashMap<UserId, Load>) -> Vec<i64> {
    let tally = tallies.get(&id).copied().unwrap_or_default();
    let load = loads.get(&id).copied().unwrap_or_default();
    vec![tally.written, tally.published, tally.reviewed, tally.returned, load.waiting(), load.late, load.in_hand()]
}

impl Wish {
    fn period(&self) -> &'static str {
        PERIODS.iter().map(|(word, _)| *word).find(|word| *word == self.period).unwrap_or("month")
    }

    fn by(&self) -> &'static str {
        COLUMNS.iter().map(|(word, _)| *word).find(|word| *word == self.by).unwrap_or("name")
    }

    /// The first day of the time.
    fn since(&self, now: NaiveDateTime) -> NaiveDate {
        let today = local(now).date_naive();
        let back = match self.period() {
            "week" => today.weekday().num_days_from_monday(),
            "month" => today.day0(),
            _ => 89,
        };
        today.checked_sub_days(Days::new(back.into())).unwrap_or(today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first_by_the_clock_in_beijing() {
        // Thursday, the first of January 1970, eight in the morning.
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let since = |period: &str| Wish { period: period.into(), ..Wish::default() }.since(now).to_string();
        assert_eq!([since("week"), since("month"), since("quarter")], ["1969-12-29", "1970-01-01", "1969-10-04"]);
    }
}
