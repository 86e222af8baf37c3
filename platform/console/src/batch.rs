//! A deed with many resources at once (批量操作): which were chosen, what it takes, and a last look before it begins.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{BatchDeed, Channel, ChannelId, ChannelTree, Permission, Problem, Resource, ResourceId, Site, SiteId};
use publish::CommandError;
use publish::commands::batch;
use serde::{Deserialize, Serialize};
use store::catalogue::{self, Reach};
use store::resources::Line;
use store::{Connection, batches, channels, resources};
use web::{App, Error, Scope};

use crate::choices::Choices;
use crate::desk::{Badge, badges};
use crate::finding::Wish;
use crate::form::list;
use crate::pushing::{Target, targets};
use crate::screens::{self, Frame, Place};

/// Resources shown before it begins.
const SHOWN: usize = 10;

/// What was chosen and typed; text, so that it can be shown again.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    /// One of [`Kind`].
    deed: String,
    #[serde(rename = "id")]
    ids: Vec<String>,
    /// `1`: everything that the search finds instead of those chosen.
    all: String,
    /// The search as its address says it.
    query: String,
    /// How many it found when the person looked.
    expected: String,
    reason: String,
    channel: String,
    #[serde(rename = "target")]
    targets: Vec<String>,
    note: String,
    search: String,
    /// The site that is copied to, by its short name; this one where none is named.
    to: String,
    add: String,
    remove: String,
    /// `1`: 加急
    urgent: String,
    /// A finished batch: what it left to be handed in is meant, instead of those chosen.
    done_in: String,
    /// `search` changes which channels are offered and begins nothing.
    action: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    deed: &'static str,
    title: &'static str,
    count: usize,
    most: usize,
    /// The chosen ones; none where all that is found is meant.
    ids: Vec<ResourceId>,
    is_all: bool,
    query: String,
    shown: Vec<Shown>,
    reason: String,
    channel: String,
    choices: Option<Choices>,
    to: String,
    /// Sites that may be copied to, with their short names.
    homes: Vec<(String, String)>,
    add: String,
    remove: String,
    urgent: bool,
    sites: Vec<Target>,
    has_any: bool,
    note: String,
    search: String,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Shown {
    id: ResourceId,
    title: String,
    states: Vec<Badge>,
}

/// A deed by its word, before anything else is known of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Withdraw,
    Move,
    Copy,
    Tag,
    Submit,
    Push,
}

impl Kind {
    fn of(word: &str) -> Result<Self, Error> {
        match word {
            "withdraw" => Ok(Self::Withdraw),
            "move" => Ok(Self::Move),
            "copy" => Ok(Self::Copy),
            "tag" => Ok(Self::Tag),
            "submit" => Ok(Self::Submit),
            "push" => Ok(Self::Push),
            _ => Err(Error::BadRequest("请选择要进行的操作。".into())),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Move => "move",
            Self::Copy => "copy",
            Self::Tag => "tag",
            Self::Submit => "submit",
            Self::Push => "push",
        }
    }

    /// The deed with what was typed for it.
    fn deed(self, typed: &Typed) -> BatchDeed {
        match self {
            Self::Withdraw => BatchDeed::Withdraw { reason: typed.reason.clone() },
            Self::Move => BatchDeed::Move { channel: typed.channel() },
            Self::Copy => BatchDeed::Copy { channel: typed.channel() },
            Self::Tag => BatchDeed::Tag { add: list(&typed.add), remove: list(&typed.remove) },
            Self::Submit => BatchDeed::Submit { urgent: typed.urgent == "1" },
            Self::Push => BatchDeed::Push { channels: typed.targets(), note: typed.note.clone() },
        }
    }
}

impl Typed {
    /// No channel has the number 0.
    fn channel(&self) -> ChannelId {
        ChannelId(self.channel.trim().parse().unwrap_or(0))
    }

    fn targets(&self) -> Vec<ChannelId> {
        self.targets.iter().filter_map(|text| text.parse().ok()).collect()
    }

    fn is_all(&self) -> bool {
        self.all == "1"
    }

    /// Whom it is about: as chosen, or as the search finds them now.
    fn resources(&self, connection: &mut Connection, site: SiteId, tree: &ChannelTree) -> store::Result<Vec<ResourceId>> {
        if let Ok(batch) = self.done_in.parse() {
            return batches::list_left(connection, site, batch);
        }
        if !self.is_all() {
            return Ok(self.ids.iter().filter_map(|text| text.parse().ok()).collect());
        }
        let wish = Wish::of_query(&self.query);
        let Ok(filter) = wish.filter(Some(tree)) else { return Ok(Vec::new()) };
        let filter = wish.with_authors(connection, filter)?;
        let most = i64::try_from(batch::MOST + 1).unwrap_or(i64::MAX);
        catalogue::list_ids(connection, &Reach::Sites(vec![site]), &filter, most)
    }
}

/// What was read at one moment.
struct Found {
    /// The channels that may be moved or copied to.
    tree: ChannelTree,
    ids: Vec<ResourceId>,
    lines: Vec<Line>,
    /// What of these is published and waits for its topic.
    waits: BTreeSet<ResourceId>,
    open: Vec<Channel>,
}

/// GET /console/{site}/library/batch
pub(crate) async fn ask(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let kind = permitted(&scope, &typed)?;
    let found = find(&app, &scope, kind, &typed).await?;
    draw(&app, &scope, kind, typed, found, Vec::new())
}

/// POST /console/{site}/library/batches
pub(crate) async fn begin(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let kind = permitted(&scope, &typed)?;
    let found = find(&app, &scope, kind, &typed).await?;
    if typed.action == "search" {
        return draw(&app, &scope, kind, typed, found, Vec::new());
    }
    if typed.is_all() && typed.expected.parse() != Ok(found.ids.len()) {
        let told = format!("符合条件的稿件现为{}篇，与刚才看到的不同，请核对后再次确认", found.ids.len());
        return draw(&app, &scope, kind, typed, found, vec![Problem::at("id", told)]);
    }
    // Another site may have been chosen since its channels were listed.
    if kind == Kind::Copy && found.tree.by_id(typed.channel()).is_none() {
        return draw(&app, &scope, kind, typed, found, vec![Problem::at("channel", "请选择目标栏目")]);
    }
    let (actor, site, deed, ids) = (scope.actor(), scope.site.id, kind.deed(&typed), found.ids.clone());
    match app.command(move |engine| batch::begin(engine, &actor, site, &deed, &ids)).await {
        Ok(id) => Ok(Redirect::to(&format!("/console/{}/library/batches/{id}", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => draw(&app, &scope, kind, typed, found, problems),
        Err(error) => Err(error.into()),
    }
}

fn permitted(scope: &Scope, typed: &Typed) -> Result<Kind, Error> {
    let kind = Kind::of(&typed.deed)?;
    if scope.may(kind.deed(typed).permission()) { Ok(kind) } else { Err(Error::Forbidden) }
}

async fn find(app: &App, scope: &Scope, kind: Kind, typed: &Typed) -> Result<Found, Error> {
    let (site, target, typed) = (scope.site.id, home(app, scope, kind, typed)?.id, typed.clone());
    app.read(move |connection| {
        let tree = channels::tree(connection, site)?;
        let ids = typed.resources(connection, site, &tree)?;
        let lines = catalogue::find_all(connection, &Reach::Sites(vec![site]), ids.get(..SHOWN).unwrap_or(&ids))?;
        let tree = if target == site { tree } else { channels::tree(connection, target)? };
        let open = if kind == Kind::Push { channels::list_open_anywhere(connection)? } else { Vec::new() };
        let waits = resources::list_waiting(connection, &lines.iter().map(|line| line.resource.id).collect())?;
        Ok::<_, Error>(Found { tree, ids, lines, waits, open })
    })
    .await
}

/// The site whose channels are offered: another one only to copy to, and only to whom may write there.
fn home(app: &App, scope: &Scope, kind: Kind, typed: &Typed) -> Result<Arc<Site>, Error> {
    if kind != Kind::Copy || typed.to.is_empty() || typed.to == scope.site.key {
        return Ok(scope.site.clone());
    }
    homes(app, scope).find(|site| site.key == typed.to).ok_or(Error::NotFound)
}

/// Sites on which the person may write.
fn homes(app: &App, scope: &Scope) -> impl Iterator<Item = Arc<Site>> {
    let person = scope.signed_in.person.clone();
    app.tenants.list().into_iter().filter(move |site| person.may(Permission::Write, site.id))
}

fn draw(app: &App, scope: &Scope, kind: Kind, typed: Typed, found: Found, mut problems: Vec<Problem>) -> Result<Response, Error> {
    let site = scope.site.id;
    if problems.is_empty() && (found.ids.is_empty() || found.ids.len() > batch::MOST) {
        let told = if found.ids.is_empty() {
            "尚未选择稿件，请返回列表勾选".to_owned()
        } else {
            format!("一次最多处理{}篇，请返回列表缩小查找范围", batch::MOST)
        };
        problems.push(Problem::at("id", told));
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = kind.deed(&typed).chinese();
    let chosen = typed.targets();
    let screen = Screen {
        key: scope.site.key.clone(),
        deed: kind.as_str(),
        title,
        count: found.ids.len(),
        most: batch::MOST,
        is_all: typed.is_all(),
        ids: if typed.is_all() { Vec::new() } else { found.ids },
        query: typed.query,
        shown: found.lines.into_iter().map(|line| shown(line, &found.waits)).collect(),
        reason: typed.reason,
        channel: typed.channel,
        choices: matches!(kind, Kind::Move | Kind::Copy).then(|| Choices::among(&found.tree)),
        homes: homes(app, scope).map(|site| (site.key.clone(), site.name.clone())).collect(),
        to: if typed.to.is_empty() { scope.site.key.clone() } else { typed.to },
        add: typed.add,
        remove: typed.remove,
        urgent: typed.urgent == "1",
        sites: targets(app, site, &found.open, typed.search.trim(), &chosen, |_| None),
        has_any: found.open.iter().any(|channel| channel.site_id != site),
        note: typed.note,
        search: typed.search,
        problems,
    };
    Ok((status, screens::draw("batch.html", Frame::site(scope, Place::Library, title), screen)?).into_response())
}

fn shown(line: Line, waits: &BTreeSet<ResourceId>) -> Shown {
    let Resource { id, state, work, .. } = line.resource;
    Shown { id, title: line.title, states: badges(state, waits.contains(&id), work) }
}
