//! A deed with many resources at once (批量操作): which were chosen, what it takes, what of them is left out and why, and a last look
//! before it begins.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{
    BatchDeed, Channel, ChannelId, ChannelTree, Permission, Problem, Resource, ResourceId, Site, SiteId, Within, WorkState,
};
use publish::CommandError;
use publish::commands::{batch, bin};
use serde::{Deserialize, Serialize};
use store::catalogue::{self, Reach};
use store::resources::Line;
use store::{Connection, batches, channels, resources};
use web::{App, Error, Scope};

use crate::batches::address;
use crate::choices::Choices;
use crate::desk::{Badge, badges};
use crate::finding::Wish;
use crate::form::list;
use crate::pushing::{Target, targets};
use crate::screens::{self, Frame, Place};

/// Resources shown before it begins, and of those left out for one reason.
const SHOWN: usize = 10;

/// Resources asked for in one question.
const AT_ONCE: usize = 500;

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
    /// The list they were chosen in, as its address says it: the search and the page.
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
    /// `1`: also what came back and was not changed since.
    together: String,
    /// How many were to be left out when the person looked.
    left_out: String,
    /// A finished batch: what it left to be handed in is meant, instead of those chosen.
    done_in: String,
    /// `search` changes which channels are offered and begins nothing.
    action: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the screen that is there or not")]
struct Screen {
    key: String,
    deed: &'static str,
    title: &'static str,
    count: usize,
    most: usize,
    /// The chosen ones; none where all that is found is meant.
    ids: Vec<ResourceId>,
    is_all: bool,
    /// The list to go back to.
    place: String,
    shown: Vec<Shown>,
    /// How many are left out, and those for each reason.
    left_out: usize,
    reasons: Vec<Reason>,
    together: bool,
    /// Days in the bin.
    days: u32,
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

/// Why some are left out, with the first of them.
#[derive(Serialize)]
struct Reason {
    told: &'static str,
    shown: Vec<Shown>,
    more: usize,
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
    Discard,
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
            "discard" => Ok(Self::Discard),
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
            Self::Discard => "discard",
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
            Self::Discard => BatchDeed::Discard,
        }
    }

    /// Why it is not begun with a resource, where that is known before.
    fn obstacle(self, resource: &Resource) -> Option<&'static str> {
        match self {
            Self::Discard => bin::obstacle(resource),
            // Its writer was asked to mend it: handed in as it is, it would come back again.
            Self::Submit => (resource.work == WorkState::Returned).then_some("被退回后尚未修改"),
            _ => None,
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

    /// Whether what is usually left out is asked for.
    fn is_together(&self, kind: Kind) -> bool {
        kind == Kind::Submit && self.together == "1"
    }

    /// Whom it is about: as chosen, or as the search finds them now, of what lies within.
    fn resources(
        &self,
        connection: &mut Connection,
        (site, within): (SiteId, &Within),
        tree: &ChannelTree,
    ) -> store::Result<Vec<ResourceId>> {
        if let Ok(batch) = self.done_in.parse() {
            return batches::list_left(connection, site, within, batch);
        }
        if !self.is_all() {
            return Ok(self.ids.iter().filter_map(|text| text.parse().ok()).collect());
        }
        let wish = Wish::of_query(&self.query);
        let Ok(filter) = wish.filter(Some(tree)) else { return Ok(Vec::new()) };
        let filter = wish.with_authors(connection, filter.within(within))?;
        let most = i64::try_from(batch::MOST + 1).unwrap_or(i64::MAX);
        catalogue::list_ids(connection, &Reach::Sites(vec![site]), &filter, most)
    }
}

/// What was read at one moment.
struct Found {
    /// The channels of the site that is moved or copied to, and in which of them the person may write.
    tree: ChannelTree,
    writable: Within,
    /// All that were chosen.
    lines: Vec<Line>,
    /// What of these is published and waits for its topic.
    waits: BTreeSet<ResourceId>,
    open: Vec<Channel>,
}

impl Found {
    /// What it cannot be begun with, each with the reason.
    fn left_out(&self, kind: Kind) -> Vec<(&Line, &'static str)> {
        self.lines.iter().filter_map(|line| Some((line, kind.obstacle(&line.resource)?))).collect()
    }

    /// What it is begun with.
    fn taken(&self, kind: Kind, typed: &Typed) -> Vec<ResourceId> {
        let is_taken = |line: &&Line| typed.is_together(kind) || kind.obstacle(&line.resource).is_none();
        self.lines.iter().filter(is_taken).map(|line| line.resource.id).collect()
    }
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
    if let Some(problem) = unlike(kind, &typed, &found) {
        return draw(&app, &scope, kind, typed, found, vec![problem]);
    }
    // Another site may have been chosen since its channels were listed.
    if kind == Kind::Copy && found.tree.by_id(typed.channel()).is_none() {
        return draw(&app, &scope, kind, typed, found, vec![Problem::at("channel", "请选择目标栏目")]);
    }
    let (actor, site, deed, ids) = (scope.actor(), scope.site.id, kind.deed(&typed), found.taken(kind, &typed));
    match app.command(move |engine| batch::begin(engine, &actor, site, &deed, &ids)).await {
        Ok(id) => Ok(Redirect::to(&address(&scope.site.key, id, &typed.query)).into_response()),
        Err(CommandError::Invalid(problems)) => draw(&app, &scope, kind, typed, found, problems),
        Err(error) => Err(error.into()),
    }
}

/// What is not as the person saw it, or leaves nothing to begin with.
fn unlike(kind: Kind, typed: &Typed, found: &Found) -> Option<Problem> {
    let (count, left_out) = (found.lines.len(), found.left_out(kind).len());
    if typed.is_all() && typed.expected.parse() != Ok(count) {
        let told = format!("符合条件的稿件现为{count}篇，与刚才看到的不同，请核对后再次确认");
        return Some(Problem::at("id", told));
    }
    if typed.left_out.parse().unwrap_or(0) != left_out {
        return Some(Problem::at("left-out", "部分稿件的状态与刚才看到的不同，请核对后再次确认"));
    }
    let is_empty = kind == Kind::Submit && count > 0 && found.taken(kind, typed).is_empty();
    is_empty.then(|| Problem::at("together", "所选稿件都是被退回后尚未修改的；确需原样送审的，请勾选“一并送审”"))
}

fn permitted(scope: &Scope, typed: &Typed) -> Result<Kind, Error> {
    let kind = Kind::of(&typed.deed)?;
    if scope.within(kind.deed(typed).permission()).is_any() { Ok(kind) } else { Err(Error::Forbidden) }
}

async fn find(app: &App, scope: &Scope, kind: Kind, typed: &Typed) -> Result<Found, Error> {
    let (site, target, typed) = (scope.site.id, home(app, scope, kind, typed)?.id, typed.clone());
    let (readable, writable) = (scope.within(Permission::Read), scope.signed_in.person.within(Permission::Write, target));
    app.read(move |connection| {
        let tree = channels::tree(connection, site)?;
        let ids = typed.resources(connection, (site, &readable), &tree)?;
        let mut lines = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            lines.extend(catalogue::find_all(connection, &Reach::Sites(vec![site]), some)?);
        }
        lines.retain(|line| readable.has(line.resource.channel_id));
        let tree = if target == site { tree } else { channels::tree(connection, target)? };
        let open = if kind == Kind::Push { channels::list_open_anywhere(connection)? } else { Vec::new() };
        let waits = resources::list_waiting(connection, &lines.iter().take(SHOWN).map(|line| line.resource.id).collect())?;
        Ok::<_, Error>(Found { tree, writable, lines, waits, open })
    })
    .await
}

/// The site whose channels are offered: another one only to copy to, and only to whom may write in any of them.
fn home(app: &App, scope: &Scope, kind: Kind, typed: &Typed) -> Result<Arc<Site>, Error> {
    if kind != Kind::Copy || typed.to.is_empty() || typed.to == scope.site.key {
        return Ok(scope.site.clone());
    }
    homes(app, scope).find(|site| site.key == typed.to).ok_or(Error::NotFound)
}

/// Sites on which the person may write, be it in one channel.
fn homes(app: &App, scope: &Scope) -> impl Iterator<Item = Arc<Site>> {
    let person = scope.signed_in.person.clone();
    app.tenants.list().into_iter().filter(move |site| person.within(Permission::Write, site.id).is_any())
}

fn draw(app: &App, scope: &Scope, kind: Kind, typed: Typed, found: Found, mut problems: Vec<Problem>) -> Result<Response, Error> {
    let site = scope.site.id;
    let count = found.lines.len();
    if problems.is_empty() {
        let told = match count {
            0 => Some("尚未选择稿件，请返回列表勾选".to_owned()),
            _ if count > batch::MOST => Some(format!("一次最多处理{}篇，请返回列表缩小查找范围", batch::MOST)),
            _ if kind == Kind::Discard && found.taken(kind, &typed).is_empty() => {
                Some("所选稿件都不能放入回收站，原因见下，请返回列表重新勾选".to_owned())
            }
            _ => None,
        };
        problems.extend(told.map(|told| Problem::at("id", told)));
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = kind.deed(&typed).chinese();
    let chosen = typed.targets();
    let screen = Screen {
        key: scope.site.key.clone(),
        deed: kind.as_str(),
        title,
        count,
        most: batch::MOST,
        is_all: typed.is_all(),
        ids: if typed.is_all() { Vec::new() } else { found.lines.iter().map(|line| line.resource.id).collect() },
        place: Wish::of_query(&typed.query).place(),
        shown: found.lines.iter().take(SHOWN).map(|line| shown(line, &found.waits)).collect(),
        left_out: found.left_out(kind).len(),
        reasons: reasons(&found, kind),
        together: typed.is_together(kind),
        days: app.engine.settings.library.bin_days,
        reason: typed.reason,
        channel: typed.channel,
        choices: matches!(kind, Kind::Move | Kind::Copy).then(|| Choices::among(&found.tree, &found.writable)),
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

fn shown(line: &Line, waits: &BTreeSet<ResourceId>) -> Shown {
    let Resource { id, state, work, .. } = line.resource;
    Shown { id, title: line.title.clone(), states: badges(state, waits.contains(&id), work) }
}

/// What is left out, by the reason.
fn reasons(found: &Found, kind: Kind) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for (line, told) in found.left_out(kind) {
        let at = reasons.iter().position(|reason| reason.told == told).unwrap_or_else(|| {
            reasons.push(Reason { told, shown: Vec::new(), more: 0 });
            reasons.len() - 1
        });
        let reason = &mut reasons[at];
        if reason.shown.len() < SHOWN {
            reason.shown.push(Shown { id: line.resource.id, title: line.title.clone(), states: Vec::new() });
        } else {
            reason.more += 1;
        }
    }
    reasons
}
