//! 订阅与接收: what the channels of a site ask of the library, which of them are open to offers, and who asks for its content;
//! of channels that one may read.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use model::subscription::Query;
use model::{Channel, ChannelId, Permission, Subscription, Within};
use serde::Serialize;
use store::{channels, subscriptions};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::offers::site_name;
use crate::screens::{self, Frame, Place};

#[derive(Serialize)]
struct Screen {
    /// Whether this is all of the site's, and not of some channels alone.
    is_whole: bool,
    /// What this site asks for.
    asks: Vec<Row>,
    /// Its channels that take what is pushed to them.
    open: Vec<String>,
    /// Who asks for what this site writes.
    asked: Vec<Row>,
}

/// A standing query in words.
#[derive(Serialize)]
struct Row {
    site: String,
    channel: String,
    wanted: String,
    acceptance: &'static str,
}

/// GET /console/{site}/subscriptions
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope) -> Result<Html<String>, Error> {
    let (site, agency, within) = (scope.site.id, scope.site.agency.id, scope.within(Permission::Read));
    let is_whole = within == Within::Whole;
    let (tree, own, open, others, named) = app
        .read(move |connection| {
            let tree = channels::tree(connection, site)?;
            let mut own = subscriptions::list(connection, site)?;
            own.retain(|one| within.has(one.channel_id));
            // What asks for no channel may find what is written in any.
            let mut others = subscriptions::list_asking(connection, site, agency)?;
            others.retain(|(one, _)| one.query.from_channel.is_none_or(|channel| within.has(channel)));
            let all = own.iter().chain(others.iter().map(|(subscription, _)| subscription));
            let ids: BTreeSet<ChannelId> = all.filter_map(|subscription| subscription.query.from_channel).collect();
            let named = channels::list_anywhere(connection, &ids)?;
            let open = tree.all().iter().filter(|one| one.open_to_offers && !one.retired && within.has(one.id));
            let open = open.map(|channel| trail(&tree, channel.id)).collect();
            Ok::<_, store::Error>((tree, own, open, others, named))
        })
        .await?;
    let row = |subscription: &Subscription, site, channel| Row {
        site,
        channel,
        wanted: wanted(&app, &subscription.query, &named),
        acceptance: subscription.acceptance.chinese(),
    };
    let screen = Screen {
        is_whole,
        asks: own.iter().map(|one| row(one, String::new(), trail(&tree, one.channel_id))).collect(),
        open,
        asked: others.iter().map(|(one, fills)| row(one, site_name(&app, fills.site_id), fills.name.clone())).collect(),
    };
    screens::draw("subscriptions.html", Frame::site(&scope, Place::Subscriptions, "订阅与接收"), screen)
}

/// What a standing query asks for, criterion by criterion.
fn wanted(app: &App, query: &Query, named: &HashMap<ChannelId, Channel>) -> String {
    let mut criteria = Vec::new();
    if let Some(channel) = query.from_channel.and_then(|id| named.get(&id)) {
        criteria.push(format!("栏目：{} · {}", site_name(app, channel.site_id), channel.name));
    }
    if let Some(site) = query.from_site {
        criteria.push(format!("原发站点：{}", site_name(app, site)));
    }
    if let Some(id) = query.from_agency {
        let sites = app.tenants.list();
        let known = sites.iter().map(|site| &site.agency).find(|agency| agency.id == id);
        criteria.push(format!("发布机构：{}", known.map_or_else(|| id.to_string(), |agency| agency.name.clone())));
    }
    criteria.extend(query.theme_class.as_ref().map(|class| format!("主题分类：{class}")));
    criteria.extend(query.kind.map(|kind| format!("类型：{}", kind.chinese())));
    if !query.tags.is_empty() {
        criteria.push(format!("关键词含“{}”", query.tags.join("”或“")));
    }
    criteria.join("；")
}
