//! 栏目: the channel tree of a site, and putting a channel elsewhere in it by buttons or by dragging.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::{Channel, ChannelId, ChannelTree};
use publish::CommandError;
use publish::commands::channel::{self, Place as Target};
use publish::commands::site;
use serde::{Deserialize, Serialize};
use store::channels;
use web::{App, Error, Scope};

use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say, and which button was pressed: it is ready to be pressed again.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
    at: Option<ChannelId>,
    way: String,
}

/// Which way, and where that leads: `up:3.7` below channel 3 in front of channel 7, with 0 for none.
#[derive(Deserialize)]
pub(crate) struct Typed {
    to: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    is_declared: bool,
    refusal: Option<String>,
    rows: Vec<Row>,
    retired: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: ChannelId,
    name: String,
    path: String,
    kind: String,
    resources: &'static str,
    cycle: i32,
    navigation: bool,
    open: bool,
    preparing: bool,
    live: i64,
    depth: usize,
    parent: i64,
    next: i64,
    ways: Vec<Way>,
}

/// A button: where it leads, if anywhere from here.
#[derive(Serialize)]
struct Way {
    name: &'static str,
    label: &'static str,
    sign: &'static str,
    to: Option<String>,
    pressed: bool,
}

/// GET /console/{site}/channels
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, wish, None, StatusCode::OK).await
}

/// POST /console/{site}/channels/{channel}/place
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (way, to) = typed.read().ok_or_else(|| Error::BadRequest("无法识别要移动到的位置".into()))?;
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| channel::place(engine, &actor, site, id, to)).await {
        Ok(()) => {
            let key = &scope.site.key;
            Ok(Redirect::to(&format!("/console/{key}/channels?done=channel-placed&at={id}&way={way}")).into_response())
        }
        Err(error) => refuse(&app, &scope, error).await,
    }
}

/// POST /console/{site}/channels/{channel}/restore
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| channel::restore(engine, &actor, site, id)).await {
        Ok(()) => Ok(back(&scope, "channel-restored")),
        Err(error) => refuse(&app, &scope, error).await,
    }
}

/// The tree with why something was not done.
pub(crate) async fn refuse(app: &Arc<App>, scope: &Scope, error: CommandError) -> Result<Response, Error> {
    match error {
        CommandError::Refused(sentence) => draw(app, scope, Wish::default(), Some(sentence), StatusCode::CONFLICT).await,
        other => Err(other.into()),
    }
}

pub(crate) fn back(scope: &Scope, done: &str) -> Response {
    Redirect::to(&format!("/console/{}/channels?done={done}", scope.site.key)).into_response()
}

async fn draw(app: &Arc<App>, scope: &Scope, wish: Wish, refusal: Option<String>, status: StatusCode) -> Result<Response, Error> {
    let (site, engine, key) = (scope.site.id, Arc::clone(&app.engine), scope.site.key.clone());
    let (tree, extents, is_declared) = app
        .read(move |connection| {
            let extents: HashMap<_, _> = channels::extents(connection, site)?.into_iter().collect();
            Ok::<_, store::Error>((channels::tree(connection, site)?, extents, site::is_declared(&engine, &key)))
        })
        .await?;
    let row = |channel: &Channel| {
        let live = extents.get(&channel.id).map_or(0, |extent| extent.live_items);
        row(&tree, channel, live, &wish)
    };
    let mut standing = Vec::new();
    collect(&tree, None, &mut standing);
    let screen = Screen {
        key: scope.site.key.clone(),
        is_declared,
        refusal,
        rows: standing.into_iter().map(row).collect(),
        retired: tree.all().iter().filter(|channel| channel.retired).map(row).collect(),
    };
    let frame = Frame::site(scope, Place::Channels, "栏目").noticed(notice::find(&wish.done));
    Ok((status, screens::draw("channels.html", frame, screen)?).into_response())
}

/// Each channel followed by those below it.
fn collect<'t>(tree: &'t ChannelTree, parent: Option<ChannelId>, found: &mut Vec<&'t Channel>) {
    for channel in tree.children(parent) {
        found.push(channel);
        collect(tree, Some(channel.id), found);
    }
}

fn row(tree: &ChannelTree, channel: &Channel, live: i64, wish: &Wish) -> Row {
    let siblings: Vec<ChannelId> = tree.children(channel.parent_id).map(|sibling| sibling.id).collect();
    let after = siblings.iter().skip_while(|id| **id != channel.id).skip(1).copied().collect::<Vec<_>>();
    let ways = ways(tree, channel, &siblings, &after).map(|(name, label, sign, target)| Way {
        name,
        label,
        sign,
        to: target.map(|target| written(name, target)),
        pressed: wish.at == Some(channel.id) && wish.way == name,
    });
    Row {
        id: channel.id,
        name: channel.name.clone(),
        path: channel.path.clone(),
        kind: channel.kind.clone(),
        resources: channel.resource_kind.chinese(),
        cycle: channel.update_cycle_days,
        navigation: channel.navigation,
        open: channel.open_to_offers,
        preparing: channel.preparing,
        live,
        depth: tree.trail(channel.id).len().min(5),
        parent: channel.parent_id.map_or(0, |id| id.0),
        next: after.first().map_or(0, |id| id.0),
        ways: ways.into(),
    }
}

type Leads = (&'static str, &'static str, &'static str, Option<Target>);

/// Where each button leads: past the sibling before or behind, out behind the channel above, or into the sibling before.
fn ways(tree: &ChannelTree, channel: &Channel, siblings: &[ChannelId], after: &[ChannelId]) -> [Leads; 4] {
    let parent = channel.parent_id;
    let previous = siblings.iter().take_while(|id| **id != channel.id).last().copied();
    let up = previous.map(|before| Target { parent, before: Some(before) });
    let down = after.first().map(|_| Target { parent, before: after.get(1).copied() });
    let out = parent.and_then(|above| tree.by_id(above)).map(|above| Target {
        parent: above.parent_id,
        before: tree.children(above.parent_id).skip_while(|one| one.id != above.id).nth(1).map(|one| one.id),
    });
    let into = previous.map(|before| Target { parent: Some(before), before: None });
    [("up", "上移", "↑", up), ("down", "下移", "↓", down), ("out", "升级", "←", out), ("into", "降级", "→", into)]
}

fn written(way: &str, target: Target) -> String {
    let number = |id: Option<ChannelId>| id.map_or(0, |id| id.0);
    format!("{way}:{}.{}", number(target.parent), number(target.before))
}

impl Typed {
    /// Which way, and where to.
    fn read(&self) -> Option<(&'static str, Target)> {
        let (way, target) = self.to.split_once(':')?;
        let way = ["up", "down", "out", "into", "drag"].into_iter().find(|known| *known == way)?;
        let (parent, before) = target.split_once('.')?;
        let id = |text: &str| Some(i64::from_str(text).ok()?).map(|id| (id != 0).then_some(ChannelId(id)));
        Some((way, Target { parent: id(parent)?, before: id(before)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_button_leads_is_read_as_it_was_written() {
        let target = Target { parent: Some(ChannelId(3)), before: None };
        assert_eq!(written("into", target), "into:3.0");
        assert_eq!(Typed { to: "into:3.0".into() }.read(), Some(("into", target)));
        for wrong in ["", "3.0", "into:3", "into:x.0", "away:3.0", "up:3.0.1"] {
            assert_eq!(Typed { to: wrong.into() }.read(), None, "{wrong}");
        }
    }
}
