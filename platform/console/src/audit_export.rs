//! What is found in the audit log as a table for Excel, with everything an entry is sealed with. The export is an entry itself.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use model::{Actor, AuditEntry, Site};
use publish::{CommandError, Engine};
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use serde_json::json;
use store::audit;
use web::{App, Error, Scope, SignedIn};

use crate::audit::{Sought, Wish};
use crate::moment::Moment;
use crate::table::{self, broken};
use crate::wording;

/// Rows at most, and how many are read at once.
const MOST: u32 = 100_000;
const AT_ONCE: i64 = 1_000;

/// Letters that a cell of Excel holds.
const CELL: usize = 32_000;

/// Columns, each with its width. From 时间戳 on they are what the seal is made of, as it is stored.
const HEADS: [(&str, f64); 17] = [
    ("序号", 8.0),
    ("时间", 24.0),
    ("人员", 14.0),
    ("操作", 24.0),
    ("说明", 40.0),
    ("站点", 18.0),
    ("来源地址", 18.0),
    ("时间戳（微秒）", 20.0),
    ("账号编号", 10.0),
    ("操作代码", 20.0),
    ("对象代码", 20.0),
    ("站点编号", 10.0),
    ("来源地址原文", 18.0),
    ("变更前", 40.0),
    ("变更后", 40.0),
    ("上一条摘要", 66.0),
    ("本条摘要", 66.0),
];

/// GET /console/audit/export
pub(crate) async fn export_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let sought = Sought { wish, site: None, sites: app.tenants.list() };
    send(&app, signed_in.actor(), "审计日志".into(), sought).await
}

/// GET /console/{site}/audit/export
pub(crate) async fn export_site(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let sought = Sought { wish, site: Some(scope.site.id), sites: app.tenants.list() };
    send(&app, scope.actor(), format!("{}审计日志", scope.site.short_name), sought).await
}

async fn send(app: &Arc<App>, actor: Actor, name: String, sought: Sought) -> Result<Response, Error> {
    table::send(app, &name, move |engine, workbook| make(engine, workbook, &actor, &sought)).await
}

fn make(engine: &Engine, workbook: &mut Workbook, actor: &Actor, sought: &Sought) -> Result<(), CommandError> {
    let (filter, site, problems) = engine.store.read(|connection| sought.filter(connection))?;
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    table::on_record(engine, actor, "audit.export", sought.site, json!({ "conditions": sought.wish.query() }))?;
    let mut snapshot = engine.store.snapshot()?;
    let connection = snapshot.connection();
    let sheet = table::begin(workbook, "审计日志", &HEADS).map_err(broken)?;
    let (mut row, mut before) = (0, None);
    loop {
        let entries = audit::find_matching(connection, site, &filter, before, AT_ONCE)?;
        for entry in &entries {
            if row == MOST {
                let told = format!("只导出最近{MOST}条，请缩小查找范围后分次导出");
                sheet.write_string(row + 1, 1, told).map_err(broken)?;
                return Ok(());
            }
            row += 1;
            add(sheet, row, entry, &sought.sites).map_err(broken)?;
        }
        match entries.last() {
            Some(last) if entries.len() >= usize::try_from(AT_ONCE).unwrap_or_default() => before = Some(last.id),
            _ => return Ok(()),
        }
    }
}

fn add(sheet: &mut Worksheet, row: u32, entry: &AuditEntry, sites: &[Arc<Site>]) -> Result<(), XlsxError> {
    let told = wording::tell(entry);
    let site = entry.site_id.and_then(|id| sites.iter().find(|site| site.id == id));
    let texts = [
        entry.id.to_string(),
        Moment::from(entry.at).text,
        entry.actor_name.clone(),
        told.what,
        told.detail,
        site.map_or_else(|| "平台".to_owned(), |site| site.short_name.clone()),
        if entry.address == "local" { "服务器本机".to_owned() } else { entry.address.clone() },
        entry.at.and_utc().timestamp_micros().to_string(),
        entry.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.action.clone(),
        entry.subject.clone(),
        entry.site_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.address.clone(),
        entry.before.clone().unwrap_or_default(),
        entry.after.clone().unwrap_or_default(),
        entry.previous_hash.clone(),
        entry.hash.clone(),
    ];
    for (column, text) in (0..).zip(texts) {
        sheet.write_string(row, column, fitting(text))?;
    }
    Ok(())
}

/// Text that a cell can hold; what was left out is said.
fn fitting(text: String) -> String {
    if text.len() <= CELL || text.chars().count() <= CELL {
        return text;
    }
    text.chars().take(CELL).chain("……（过长，其余未导出）".chars()).collect()
}
