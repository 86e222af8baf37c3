//! 浏览量: what a site's visitors read most, and how much on each day.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use chrono::{Days, NaiveDate, NaiveDateTime};
use model::ResourceId;
use serde::Serialize;
use store::views;
use web::{App, Error, Scope};

use crate::chart::Chart;
use crate::moment;
use crate::screens::{self, Frame, Place};

/// Days that are told.
pub(crate) const DAYS: u64 = 30;

/// Lines of the list.
const MOST: i64 = 50;

#[derive(Serialize)]
struct Screen {
    key: String,
    url: String,
    since: String,
    total: i64,
    today: i64,
    rows: Vec<Row>,
    days: Vec<Day>,
    chart: Chart,
}

#[derive(Serialize)]
struct Row {
    id: ResourceId,
    /// Whether it was written on this site.
    own: bool,
    title: String,
    path: String,
    views: i64,
}

#[derive(Serialize)]
struct Day {
    day: String,
    views: i64,
}

/// GET /console/{site}/views
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope) -> Result<Html<String>, Error> {
    let now = app.engine.clock.now();
    let (site, since) = (scope.site.id, first_day(now));
    let (read, days) = app
        .read(move |connection| {
            Ok::<_, store::Error>((
                views::list_most_read(connection, site, since, MOST)?,
                views::sum_by_day(connection, site, since)?,
            ))
        })
        .await?;
    let today = model::local(now).date_naive();
    let screen = Screen {
        key: scope.site.key.clone(),
        url: app.engine.settings.public_url(&scope.site.key, &scope.site.domain),
        since: moment::day(since),
        total: days.iter().map(|(_, views)| views).sum(),
        chart: Chart::of(&days, since, today),
        today: days.iter().filter(|(day, _)| *day == today).map(|(_, views)| views).sum(),
        rows: read
            .into_iter()
            .map(|one| Row { id: one.resource, own: one.written_on == site, title: one.title, path: one.path, views: one.views })
            .collect(),
        days: days.into_iter().rev().map(|(day, views)| Day { day: moment::day(day), views }).collect(),
    };
    screens::draw("views.html", Frame::site(&scope, Place::Views, "浏览量"), screen)
}

/// The first of the days that are told, today being the last.
pub(crate) fn first_day(now: NaiveDateTime) -> NaiveDate {
    let today = model::local(now).date_naive();
    today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today)
}
