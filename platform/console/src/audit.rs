//! The audit log: everything people did, newest first, looked through and taken away as a table, and the proof that nothing was taken out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate, NaiveTime};
use model::{Permission, Problem, Site, SiteId, from_local, retention};
use publish::audit_log;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit::{self, Chain, Filter, Who};
use store::audit_verifications::{self, Verification};
use store::{Connection, people};
use web::{App, Error, Scope, SignedIn};

use crate::moment::Moment;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};
use crate::timeline::{self, Row};

/// Entries on a page.
const PAGE: i64 = 50;

/// The platform itself, among the sites.
const PLATFORM: &str = "-";

/// Kinds of entries: the word in the address, the name, and how their actions begin.
const KINDS: [(&str, &str, &[&str]); 11] = [
    ("texts", "稿件与审核", &["resource.", "annotation."]),
    ("offers", "推送与投放", &["offer.", "placement."]),
    ("schedules", "定时安排", &["schedule."]),
    ("batches", "批量操作与视图", &["batch.", "view."]),
    ("media", "媒体库", &["media."]),
    ("places", "栏目与页面编排", &["channel.", "topic.", "arrangement.", "look."]),
    ("sites", "站点与公告", &["site.", "notice.", "dictionary.", "redirects.", "agency."]),
    ("people", "登录、人员与授权", &["session.", "user.", "group.", "role.", "contact.change", "token."]),
    ("citizens", "公众用户", &["citizen."]),
    ("reads", "查看与导出", &["person.", "people.", "audit.", "library.", "contact.read"]),
    ("platform", "运行与告警", &["pages.", "alarms.", "job.", "calendar.", "keys."]),
];

/// What is looked for, and the entries before this one.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Wish {
    pub(crate) who: String,
    pub(crate) kind: String,
    pub(crate) site: String,
    pub(crate) from: String,
    pub(crate) until: String,
    #[serde(skip_serializing)]
    before: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the screen that is there or not")]
struct Screen {
    base: String,
    wish: Wish,
    /// The wish as an address says it.
    query: String,
    is_narrow: bool,
    kinds: Vec<(&'static str, &'static str)>,
    sites: Vec<(String, String)>,
    problems: Vec<Problem>,
    rows: Vec<Row>,
    /// Whether the rows lead to pages this person may see.
    linked: bool,
    whole: bool,
    is_first: bool,
    next: Option<i64>,
    verdict: Option<Verdict>,
    /// Whether it was reached just now.
    is_fresh: bool,
    months: u32,
    basis: &'static str,
    verify_hour: u32,
}

/// What walking the chain found.
#[derive(Serialize)]
pub(crate) struct Verdict {
    intact: bool,
    /// How many entries; where it is broken, the first that is wrong.
    number: i64,
    at: Moment,
    head: String,
}

impl From<Verification> for Verdict {
    fn from(found: Verification) -> Self {
        let (intact, number) = match found.chain {
            Chain::Intact(number) => (true, number),
            Chain::Broken(number) => (false, number),
        };
        Self { intact, number, at: found.at.into(), head: format!("{}:{}", found.head.number, found.head.hash) }
    }
}

/// GET /console/audit
pub(crate) async fn show_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let last = app.read(audit_verifications::find_last).await?;
    draw_all(&app, &signed_in, wish, last, false).await
}

/// GET /console/{site}/audit
pub(crate) async fn show_site(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let screen = list(&app, Some(scope.site.id), wish, format!("/console/{}/audit", scope.site.key)).await?;
    let linked = scope.may(Permission::Read);
    draw(Frame::site(&scope, Place::SiteAudit, "本站审计"), Screen { linked, ..screen })
}

/// POST /console/audit/verify
pub(crate) async fn verify(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Response, Error> {
    let actor = signed_in.actor();
    let found = app
        .command(move |engine| {
            let found = audit_log::verify(engine, &[])?;
            engine.store.command(|command| {
                let record = audit::Record {
                    action: "audit.verify",
                    subject: "platform".to_owned(),
                    site: None,
                    before: json!(null),
                    after: json!({ "intact": matches!(found.chain, Chain::Intact(_)), "head": found.head.number }),
                };
                audit::append(command, &actor, record, engine.clock.now())
            })?;
            Ok(found)
        })
        .await?;
    draw_all(&app, &signed_in, Wish::default(), Some(found), true).await
}

async fn draw_all(
    app: &Arc<App>,
    signed_in: &SignedIn,
    wish: Wish,
    found: Option<Verification>,
    is_fresh: bool,
) -> Result<Response, Error> {
    let screen = list(app, None, wish, "/console/audit".into()).await?;
    let linked = signed_in.person.may_everywhere(Permission::Read);
    let frame = Frame::platform(signed_in, Place::Audit, "审计日志");
    draw(frame, Screen { linked, verdict: found.map(Verdict::from), is_fresh, ..screen })
}

fn draw(frame: Frame, screen: Screen) -> Result<Response, Error> {
    let status = if screen.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, screens::draw("audit.html", frame, screen)?).into_response())
}

async fn list(app: &Arc<App>, site: Option<SiteId>, wish: Wish, base: String) -> Result<Screen, Error> {
    let (sites, before) = (app.tenants.list(), wish.before.parse().ok());
    let asked = Sought { wish: wish.clone(), site, sites: sites.clone() };
    let (entries, problems) = app
        .read(move |connection| {
            let (filter, site, problems) = asked.filter(connection)?;
            let entries =
                if problems.is_empty() { audit::find_matching(connection, site, &filter, before, PAGE + 1)? } else { Vec::new() };
            Ok::<_, store::Error>((entries, problems))
        })
        .await?;
    let (entries, has_next) = cut(entries, PAGE);
    let rule = retention();
    Ok(Screen {
        next: entries.last().filter(|_| has_next).map(|entry| entry.id),
        rows: entries.into_iter().map(|entry| timeline::row(entry, &sites)).collect(),
        query: wish.query(),
        is_narrow: !wish.query().is_empty(),
        kinds: KINDS.iter().map(|(word, name, _)| (*word, *name)).collect(),
        sites: [(PLATFORM.to_owned(), "平台".to_owned())]
            .into_iter()
            .chain(sites.iter().map(|site| (site.key.clone(), site.short_name.clone())))
            .collect(),
        base,
        wish,
        problems,
        linked: false,
        whole: site.is_none(),
        is_first: before.is_none(),
        verdict: None,
        is_fresh: false,
        months: rule.log_months,
        basis: &rule.log_basis,
        verify_hour: app.engine.settings.audit.verify_hour,
    })
}

/// A wish, and where it may look.
pub(crate) struct Sought {
    pub(crate) wish: Wish,
    /// The only site; none for all and the platform.
    pub(crate) site: Option<SiteId>,
    pub(crate) sites: Vec<Arc<Site>>,
}

impl Sought {
    /// What the store is asked for, on which site, and what of the wish cannot be understood.
    pub(crate) fn filter(&self, connection: &mut Connection) -> store::Result<(Filter, Option<SiteId>, Vec<Problem>)> {
        let wish = &self.wish;
        let mut problems = Vec::new();
        let from = day("from", &wish.from, &mut problems);
        let until = day("until", &wish.until, &mut problems);
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            problems.push(Problem::at("until", "结束日期不能早于开始日期"));
        }
        let named = self.sites.iter().find(|site| site.key == wish.site).map(|site| site.id);
        if self.site.is_none() && named.is_none() && !["", PLATFORM].contains(&wish.site.as_str()) {
            problems.push(Problem::at("site", "没有这个站点"));
        }
        let start = |day: NaiveDate| from_local(day.and_time(NaiveTime::MIN));
        let filter = Filter {
            who: who(connection, wish.who.trim())?,
            kinds: KINDS.iter().find(|(word, ..)| *word == wish.kind).map(|(.., begin)| begin.to_vec()).unwrap_or_default(),
            from: from.map(start),
            until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(start),
            is_of_platform: self.site.is_none() && wish.site == PLATFORM,
        };
        Ok((filter, self.site.or(named), problems))
    }
}

impl Wish {
    /// As an address says it, without what is not asked for.
    pub(crate) fn query(&self) -> String {
        let asked =
            [("who", &self.who), ("kind", &self.kind), ("site", &self.site), ("from", &self.from), ("until", &self.until)];
        let asked: BTreeMap<_, _> = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        serde_html_form::to_string(asked).unwrap_or_default()
    }
}

/// Whoever has this username; else whoever had this name.
fn who(connection: &mut Connection, typed: &str) -> store::Result<Option<Who>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let account = people::find_by_username(connection, typed)?;
    Ok(Some(account.map_or_else(|| Who::Named(typed.replace('\0', "")), |account| Who::Account(account.id))))
}

fn day(field: &'static str, typed: &str, problems: &mut Vec<Problem>) -> Option<NaiveDate> {
    let typed = typed.trim();
    let read = typed.parse().ok();
    if read.is_none() && !typed.is_empty() {
        problems.push(Problem::at(field, "请填写日期，如 2026-03-05"));
    }
    read
}
