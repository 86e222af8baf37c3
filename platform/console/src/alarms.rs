//! 网页防篡改: what the sweep found on published pages that nobody of the platform had written, and how the sweep stands.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::{Alarm, AlarmId, FaultKind, Site};
use publish::PageStore;
use publish::sweep::PAGES;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{alarms, audit, sweeps};
use web::{App, Error, SignedIn};

use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Alarms on a page.
const PAGE: i64 = 50;

/// Alarms before this one, and what to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    before: Option<i64>,
    #[serde(default)]
    done: String,
}

/// Which alarms were seen.
#[derive(Deserialize)]
pub(crate) struct Seen {
    up_to: AlarmId,
}

#[derive(Serialize)]
struct Screen {
    /// Whether the sweep is on.
    on: bool,
    rate: u32,
    begun: Option<Moment>,
    finished: Option<Moment>,
    unseen: i64,
    unrestored: i64,
    rows: Vec<Row>,
    newest: Option<AlarmId>,
    is_first: bool,
    next: Option<AlarmId>,
}

#[derive(Serialize)]
struct Row {
    id: AlarmId,
    site: String,
    address: String,
    kind: &'static str,
    advice: &'static str,
    expected: Option<String>,
    found: Option<String>,
    kept: Option<String>,
    raised: Moment,
    restored: Option<Moment>,
    /// Whether the platform puts it right by itself.
    mends: bool,
    seen_by: Option<String>,
    seen: Option<Moment>,
}

/// GET /console/operations/alarms
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let before = wish.before.map(AlarmId);
    let (sweep, (unseen, unrestored), found, names) = app
        .read(move |connection| {
            let found = alarms::list_all_sites(connection, before, PAGE + 1)?;
            let names = Names::find(connection, found.iter().filter_map(|alarm| alarm.seen_by))?;
            Ok::<_, store::Error>((sweeps::find(connection, PAGES)?, alarms::count_all_open(connection)?, found, names))
        })
        .await?;
    let (found, has_next) = cut(found, PAGE);
    let sites = app.tenants.list();
    let rate = app.engine.settings.publish.sweep_pages_per_second;
    let screen = Screen {
        on: rate > 0,
        rate,
        begun: sweep.as_ref().and_then(|sweep| sweep.begun_at).map(Moment::from),
        finished: sweep.and_then(|sweep| sweep.finished_at).map(Moment::from),
        unseen,
        unrestored,
        newest: found.first().map(|alarm| alarm.id),
        is_first: before.is_none(),
        next: found.last().filter(|_| has_next).map(|alarm| alarm.id),
        rows: found.into_iter().map(|alarm| row(alarm, &sites, &names)).collect(),
    };
    let frame = Frame::platform(&signed_in, Place::Alarms, "网页防篡改").noticed(notice::find(&wish.done));
    screens::draw("alarms.html", frame, screen)
}

/// GET /console/operations/alarms/count: the number in the menu.
pub(crate) async fn count(State(app): State<Arc<App>>) -> Result<Html<String>, Error> {
    let (unseen, _) = app.read(alarms::count_all_open).await?;
    screens::count(unseen)
}

/// POST /console/operations/alarms/seen
pub(crate) async fn see(State(app): State<Arc<App>>, signed_in: SignedIn, Form(seen): Form<Seen>) -> Result<Response, Error> {
    let (actor, person) = (signed_in.actor(), signed_in.person.id);
    let count = app
        .command(move |engine| {
            let now = engine.clock.now();
            engine.store.command(|command| {
                let count = alarms::note_all_seen(command, seen.up_to, person, now)?;
                if count > 0 {
                    let record = audit::Record {
                        action: "alarms.see",
                        subject: format!("alarm:{}", seen.up_to),
                        site: None,
                        before: json!(null),
                        after: json!({ "count": count, "up_to": seen.up_to }),
                    };
                    audit::append(command, &actor, record, now)?;
                }
                Ok::<_, publish::CommandError>(count)
            })
        })
        .await?;
    let done = if count > 0 { "seen" } else { "seen-before" };
    Ok(Redirect::to(&format!("/console/operations/alarms?done={done}")).into_response())
}

fn row(alarm: Alarm, sites: &[Arc<Site>], names: &Names) -> Row {
    let page = PageStore::named(&alarm.name);
    let site = alarm.site_id.and_then(|id| sites.iter().find(|site| site.id == id));
    let short = |hash: Option<String>| hash.map(|hash| hash.chars().take(16).collect());
    Row {
        id: alarm.id,
        site: match (alarm.kind, site) {
            (FaultKind::Log, _) => "平台".to_owned(),
            (_, Some(site)) => site.short_name.clone(),
            (_, None) => "站点目录之外".to_owned(),
        },
        address: if alarm.kind == FaultKind::Log {
            "审计日志".to_owned()
        } else if alarm.kind == FaultKind::Stranger || site.is_none() {
            alarm.name
        } else {
            page.path
        },
        kind: alarm.kind.chinese(),
        advice: advice(alarm.kind),
        expected: short(alarm.expected),
        found: short(alarm.found),
        kept: alarm.kept,
        raised: alarm.raised_at.into(),
        mends: alarm.kind != FaultKind::Log,
        restored: alarm.restored_at.map(Moment::from),
        seen_by: alarm.seen_by.map(|id| names.of(id)),
        seen: alarm.seen_at.map(Moment::from),
    }
}

fn advice(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Missing => "页面文件被删除，已安排重新生成。",
        FaultKind::Differs => "页面文件与发布时不一致，已隔离留证并重新生成。",
        FaultKind::FormDiffers => "供浏览器下载的压缩副本与页面不一致，已隔离留证并重新压缩。",
        FaultKind::Log => "审计记录缺失，或与封存摘要不符，平台无法自行恢复。请立即保全数据库，告知审计管理员，并按规定报告。",
        FaultKind::Stranger => "该文件不是平台发布的，已移出公开目录并隔离留证。",
    }
}
