//! What the library finds as a table for Excel: read a few hundred at a time from one view of the database and written as it is
//! read. Whatever people typed stays text, so that no cell is a formula.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::Form;
use chrono::{Datelike, NaiveDateTime, Timelike};
use model::{Actor, ChannelTree, Site, SiteId, Within};
use publish::{CommandError, Engine};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::json;
use store::catalogue::{self, Filter, Mark, Reach, Seek};
use store::resources::Line;
use store::{Connection, channels};
use web::{App, Error, Scope, SignedIn};

use crate::details::{Detail, Known};
use crate::finding::Wish;
use crate::library::Shelf;
use crate::table::{self, broken};

/// Rows at most, and how many are read at once.
const MOST: u32 = 100_000;
const AT_ONCE: i64 = 500;

/// Columns, each with its width.
const HEADS: &[(&str, f64)] = &[
    ("编号", 8.0),
    ("标题", 60.0),
    ("站点", 20.0),
    ("栏目", 24.0),
    ("类型", 10.0),
    ("公开状态", 10.0),
    ("办理状态", 12.0),
    ("索引号", 24.0),
    ("发文字号", 22.0),
    ("关键词", 24.0),
    ("撰稿人", 12.0),
    ("首次发布", 17.0),
    ("更新时间", 17.0),
];

/// GET /console/library/export
pub(crate) async fn export_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(wish): Form<Wish>,
) -> Result<Response, Error> {
    let actor = signed_in.actor();
    send(&app, &Shelf::All(signed_in), actor, wish).await
}

/// GET /console/{site}/library/export
pub(crate) async fn export_site(State(app): State<Arc<App>>, scope: Scope, Form(wish): Form<Wish>) -> Result<Response, Error> {
    let actor = scope.actor();
    send(&app, &Shelf::One(scope), actor, wish).await
}

async fn send(app: &Arc<App>, shelf: &Shelf, actor: Actor, wish: Wish) -> Result<Response, Error> {
    let (reach, within, site, sites) = (shelf.reach(app), shelf.within(), shelf.site(), app.tenants.list());
    table::send(app, "信息资源库", move |engine, workbook| {
        table::on_record(engine, &actor, "library.export", site, json!({ "conditions": wish.query() }))?;
        make(engine, workbook, (&reach, &within), site, &sites, &wish)
    })
    .await
}

fn make(
    engine: &Engine,
    workbook: &mut Workbook,
    (reach, within): (&Reach, &Within),
    site: Option<SiteId>,
    sites: &[Arc<Site>],
    wish: &Wish,
) -> Result<(), CommandError> {
    let mut snapshot = engine.store.snapshot()?;
    let connection = snapshot.connection();
    let tree = site.map(|site| channels::tree(connection, site)).transpose()?;
    let filter = wish.filter(tree.as_ref()).map_err(CommandError::Invalid)?.within(within);
    let filter = wish.with_authors(connection, filter)?;
    let sheet = table::begin(workbook, "信息资源", HEADS).map_err(broken)?;
    let mut table = Table { sheet, row: 0, time: Format::new().set_num_format("yyyy-mm-dd hh:mm"), sites };
    fill(connection, reach, &filter, wish.is_newest_first(), tree.as_ref(), &mut table)
}

fn fill(
    connection: &mut Connection,
    reach: &Reach,
    filter: &Filter,
    is_newest_first: bool,
    tree: Option<&ChannelTree>,
    table: &mut Table<'_>,
) -> Result<(), CommandError> {
    let mut seek = Seek::First;
    loop {
        let lines = catalogue::list(connection, reach, filter, is_newest_first, seek, AT_ONCE)?;
        let known = Known::find(connection, &lines, &[Detail::Channel, Detail::Author], tree)?;
        for line in &lines {
            if table.row == MOST {
                return table.note(&format!("只导出前{MOST}篇，请缩小查找范围后分次导出")).map_err(broken);
            }
            table.add(line, &known).map_err(broken)?;
        }
        match lines.last().and_then(|line| Mark::of(line, filter.by)) {
            Some(mark) if lines.len() >= usize::try_from(AT_ONCE).unwrap_or_default() => seek = Seek::After(mark),
            _ => return Ok(()),
        }
    }
}

/// The sheet and how far it is filled.
struct Table<'a> {
    sheet: &'a mut Worksheet,
    /// The last row that is filled; the first holds the heads.
    row: u32,
    time: Format,
    sites: &'a [Arc<Site>],
}

impl Table<'_> {
    fn add(&mut self, line: &Line, known: &Known) -> Result<(), XlsxError> {
        let resource = &line.resource;
        let site = self.sites.iter().find(|site| site.id == resource.site_id);
        let texts = [
            resource.id.to_string(),
            line.title.clone(),
            site.map(|site| site.short_name.clone()).unwrap_or_default(),
            known.channel(resource.channel_id),
            resource.kind.chinese().to_owned(),
            known.state(line).to_owned(),
            resource.work.chinese().to_owned(),
            resource.index_number.clone().unwrap_or_default(),
            line.document_number.clone().unwrap_or_default(),
            line.keywords.join("、"),
            known.author(line),
        ];
        self.row += 1;
        let mut column = 0;
        for text in texts {
            self.sheet.write_string(self.row, column, text)?;
            column += 1;
        }
        for time in [resource.published_at, Some(resource.updated_at)] {
            if let Some(time) = time {
                self.sheet.write_datetime_with_format(self.row, column, told(time)?, &self.time)?;
            }
            column += 1;
        }
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row + 1, 1, text)?;
        Ok(())
    }
}

/// A moment on a wall clock in Beijing, as Excel counts it.
fn told(time: NaiveDateTime) -> Result<ExcelDateTime, XlsxError> {
    let local = model::local(time);
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(local.year()).unwrap_or(1900);
    let hour = u16::try_from(local.hour()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, part(local.month()), part(local.day()))?.and_hms(hour, part(local.minute()), local.second())
}
