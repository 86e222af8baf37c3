//! 首页编排 and 专题编排: the slots of a page and the blocks in them, beside the page as it would be.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use config::{BlockKind, FieldKind, ThemeField};
use model::{Block, Channel, ChannelTree};
use publish::CommandError;
use publish::commands::arrangement::{self, Arranged, Step};
use publish::preview::{self, Proposal};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::moment::Moment;
use crate::screens::{self, Frame, Place};
use crate::{framing, notice};

/// What to say, and which button was pressed: it is ready to be pressed again.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
    step: String,
    /// The block that was added or told something just now.
    at: Option<usize>,
}

/// Which arrangement of the page is looked at: what was live before, else the draft.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Which {
    previous: bool,
}

/// Which page is arranged: the home page, or the topic named in the path.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct Of {
    #[serde(default)]
    pub(crate) topic: String,
    /// The block that is told something.
    #[serde(default)]
    pub(crate) block: usize,
}

impl Of {
    /// Where its screens are.
    pub(crate) fn address(&self, scope: &Scope) -> String {
        let key = &scope.site.key;
        if self.topic.is_empty() { format!("/console/{key}/home-page") } else { format!("/console/{key}/topics/{}", self.topic) }
    }

    /// Where its screens stand in the console.
    pub(crate) fn place(&self) -> Place {
        if self.topic.is_empty() { Place::HomePage } else { Place::Topics }
    }

    /// A topic that the public is not shown yet.
    fn is_preparing(&self, arranged: &Arranged) -> bool {
        arranged.tree.by_key(&self.topic).is_some_and(|topic| topic.preparing)
    }

    /// What its screens are called.
    pub(crate) fn title(&self, arranged: &Arranged) -> String {
        let topic = arranged.tree.by_key(&self.topic).filter(|_| !self.topic.is_empty());
        topic.map_or_else(|| "首页编排".to_owned(), |topic| format!("专题“{}”", topic.name))
    }
}

/// A step, or going live, from what was before whoever pressed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    seen: String,
    #[serde(default)]
    step: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    /// Where this page is arranged.
    base: String,
    is_topic: bool,
    /// A topic that the public is not shown yet.
    is_preparing: bool,
    /// The block to look at in the page: what the last step was about.
    shown: Option<usize>,
    /// Where the public sees it.
    path: String,
    /// Where the public finds it.
    public: String,
    seen: String,
    refusal: Option<String>,
    is_changed: bool,
    unready: usize,
    /// The place of the first of them.
    first_unready: Option<usize>,
    /// Blocks that another theme has a place for.
    resting: usize,
    /// Where what was live before is looked at; none: nothing to bring back.
    previous: Option<String>,
    slots: Vec<SlotRow>,
}

/// What was live before, about to be brought back.
#[derive(Serialize)]
struct PreviousScreen {
    key: String,
    base: String,
    page: String,
    is_topic: bool,
    is_preparing: bool,
    seen: String,
    /// None: nothing to bring back.
    previous: Option<Restorable>,
    is_changed: bool,
}

#[derive(Serialize)]
struct Restorable {
    seal: String,
    until: Moment,
    /// Whether the draft is that already.
    is_restored: bool,
}

#[derive(Serialize)]
struct SlotRow {
    key: String,
    name: String,
    hint: String,
    is_full: bool,
    rows: Vec<Row>,
    /// What may be added.
    kinds: Vec<KindRow>,
}

#[derive(Serialize)]
struct KindRow {
    key: String,
    name: String,
    description: String,
    /// How much of a line it takes, and may take instead.
    width: String,
    other_widths: String,
}

#[derive(Serialize)]
struct Row {
    at: usize,
    name: String,
    /// What it shows, in a few words.
    shows: String,
    /// How much of a line it takes.
    width: String,
    /// Why the public cannot see it yet.
    unready: Option<String>,
    /// Why nothing would be seen of it.
    unseen: Option<String>,
    is_first: bool,
    is_last: bool,
    /// Which of its buttons was pressed just now.
    pressed: Option<&'static str>,
}

/// GET /console/{site}/home-page, /console/{site}/topics/{topic}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &scope, &of, wish, None, StatusCode::OK).await
}

/// POST /console/{site}/home-page/steps
pub(crate) async fn step(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let step = read(&typed.step).ok_or_else(|| Error::BadRequest("无法识别要做的调整".into()))?;
    let (site, is_new, pressed) = (scope.site.id, matches!(step, Step::Add { .. }), pressed_after(&step));
    let is_restored = matches!(step, Step::Restore { .. });
    let page = of.topic.clone();
    match app.command(move |engine| arrangement::step(engine, site, &page, &typed.seen, &step)).await {
        Ok(at) if is_new => Ok(Redirect::to(&format!("{}/blocks/{at}?new=yes", of.address(&scope))).into_response()),
        Ok(_) if is_restored => Ok(Redirect::to(&format!("{}?done=arrangement-restored", of.address(&scope))).into_response()),
        Ok(at) => {
            let back = pressed.map_or_else(String::new, |way| format!("?step={way}:{at}"));
            Ok(Redirect::to(&format!("{}{back}", of.address(&scope))).into_response())
        }
        Err(error) => refuse(&app, &scope, &of, error).await,
    }
}

/// POST /console/{site}/home-page/live
pub(crate) async fn go_live(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site, page) = (scope.actor(), scope.site.id, of.topic.clone());
    match app.command(move |engine| arrangement::go_live(engine, &actor, site, &page, &typed.seen)).await {
        Ok(()) => {
            let arranged = arranged(&app, &scope, &of).await?;
            let done = if of.is_preparing(&arranged) { "arrangement-kept" } else { "arrangement-live" };
            Ok(Redirect::to(&format!("{}?done={done}", of.address(&scope))).into_response())
        }
        Err(error) => refuse(&app, &scope, &of, error).await,
    }
}

/// POST /console/{site}/home-page/discard
pub(crate) async fn discard(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (site, page) = (scope.site.id, of.topic.clone());
    match app.command(move |engine| arrangement::discard(engine, site, &page, &typed.seen)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?done=arrangement-discarded", of.address(&scope))).into_response()),
        Err(error) => refuse(&app, &scope, &of, error).await,
    }
}

/// GET /console/{site}/home-page/preview
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let arranged = arranged(&app, &scope, &of).await?;
    let looked_at = arranged.previous.filter(|_| which.previous).map_or(arranged.draft, |previous| previous.arrangement);
    let proposal = Proposal { page: of.topic, arrangement: Some(looked_at), ..Proposal::default() };
    framing::arranged_page(&app, &scope, &headers, proposal).await
}

/// GET /console/{site}/home-page/previous
pub(crate) async fn previous(State(app): State<Arc<App>>, scope: Scope, Path(of): Path<Of>) -> Result<Response, Error> {
    let arranged = arranged(&app, &scope, &of).await?;
    let restorable = arranged.previous.as_ref().map(|previous| Restorable {
        seal: arranged.previous_seal(),
        until: previous.until.into(),
        is_restored: arranged.is_restored(),
    });
    let screen = PreviousScreen {
        key: scope.site.key.clone(),
        base: of.address(&scope),
        page: of.title(&arranged),
        is_topic: !of.topic.is_empty(),
        is_preparing: of.is_preparing(&arranged),
        seen: arranged.seal(),
        previous: restorable,
        is_changed: arranged.is_changed,
    };
    let frame = Frame::site(&scope, of.place(), "恢复上一版");
    Ok(screens::draw("arrangement_previous.html", frame, screen)?.into_response())
}

/// The screen with why something was not done.
async fn refuse(app: &Arc<App>, scope: &Scope, of: &Of, error: CommandError) -> Result<Response, Error> {
    let sentence = match error {
        CommandError::Refused(sentence) => sentence,
        CommandError::Stale | CommandError::NotFound => "他人刚刚调整了该页面，下方已是最新的编排，请再操作一次".to_owned(),
        other => return Err(other.into()),
    };
    draw(app, scope, of, Wish::default(), Some(sentence), StatusCode::CONFLICT).await
}

pub(crate) async fn arranged(app: &Arc<App>, scope: &Scope, of: &Of) -> Result<Arranged, Error> {
    let (engine, site, page) = (Arc::clone(&app.engine), scope.site.id, of.topic.clone());
    app.read(move |connection| arrangement::find(&engine, connection, site, &page).map_err(Error::from)).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    of: &Of,
    wish: Wish,
    refusal: Option<String>,
    status: StatusCode,
) -> Result<Response, Error> {
    let arranged = arranged(app, scope, of).await?;
    let unready = arranged.unready();
    let unseen = unseen(app, scope, of, &arranged).await?;
    let topic = arranged.tree.by_key(&of.topic).filter(|_| !of.topic.is_empty());
    let path = topic.map_or_else(|| "/".to_owned(), |topic| topic.path.clone());
    let screen = Screen {
        key: scope.site.key.clone(),
        base: of.address(scope),
        is_topic: !of.topic.is_empty(),
        is_preparing: of.is_preparing(&arranged),
        shown: wish.at.or_else(|| wish.step.split_once(':')?.1.parse().ok()),
        public: format!("{}{path}", app.engine.settings.public_url(&scope.site.key, &scope.site.domain)),
        path,
        seen: arranged.seal(),
        refusal,
        is_changed: arranged.is_changed,
        unready: unready.len(),
        first_unready: unready.first().map(|(at, _)| *at),
        resting: arranged.resting.len(),
        previous: arranged
            .previous
            .as_ref()
            .filter(|_| !arranged.is_restored())
            .map(|_| format!("{}/previous", of.address(scope))),
        slots: slots(&arranged, &unready, &unseen, &wish.step),
    };
    let frame = Frame::site(scope, of.place(), &of.title(&arranged)).noticed(notice::find(&wish.done));
    Ok((status, screens::draw("arrangement.html", frame, screen)?).into_response())
}

/// The blocks of the draft that nothing would be seen of.
async fn unseen(app: &Arc<App>, scope: &Scope, of: &Of, arranged: &Arranged) -> Result<BTreeSet<usize>, Error> {
    let (engine, site, page, draft) = (Arc::clone(&app.engine), scope.site.id, of.topic.clone(), arranged.draft.clone());
    framing::made(move || preview::unseen(&engine, site, page, draft)).await
}

fn slots(arranged: &Arranged, unready: &[(usize, String)], unseen: &BTreeSet<usize>, step: &str) -> Vec<SlotRow> {
    let slot_row = |slot: &config::Slot| {
        let blocks: Vec<(usize, &Block)> = arranged.draft.slot(&slot.key).collect();
        let ends = (blocks.first().map(|(at, _)| *at), blocks.last().map(|(at, _)| *at));
        let row = |&(at, block): &(usize, &Block)| {
            let kind = arranged.theme.block(&block.kind);
            Row {
                at,
                name: kind.map_or_else(|| block.kind.clone(), |kind| kind.name.clone()),
                shows: kind.map(|kind| shows(kind, block, &arranged.tree)).unwrap_or_default(),
                width: kind.map(|kind| kind.width(block).to_owned()).unwrap_or_default(),
                unready: unready.iter().find(|(other, _)| *other == at).map(|(_, why)| why.clone()),
                unseen: kind.filter(|_| unseen.contains(&at)).map(|kind| why_unseen(arranged, kind, block)),
                is_first: ends.0 == Some(at),
                is_last: ends.1 == Some(at),
                pressed: ["up", "down"].into_iter().find(|way| *step == format!("{way}:{at}")),
            }
        };
        SlotRow {
            key: slot.key.clone(),
            name: slot.name.clone(),
            hint: slot.hint.clone(),
            is_full: blocks.len() >= slot.most,
            rows: blocks.iter().map(row).collect(),
            kinds: arranged.theme.offered(slot).map(kind_row).collect(),
        }
    };
    arranged.slots().map(slot_row).collect()
}

/// Why nothing is seen of a block.
fn why_unseen(arranged: &Arranged, kind: &BlockKind, block: &Block) -> String {
    let told = kind.told(block);
    let named = kind.fields.iter().filter(|field| field.required && field.kind == FieldKind::Channel);
    let mut channels = named.filter_map(|field| arranged.tree.by_key(&told[&field.key]));
    // The page of a topic shows what is prepared with it.
    let is_prepared = |channel: &Channel| arranged.tree.trail(channel.id).iter().any(|above| above.preparing);
    if arranged.page.is_empty() && channels.any(is_prepared) {
        "所选栏目正在筹备".to_owned()
    } else if kind.empty.is_empty() {
        "暂无可显示的内容".to_owned()
    } else {
        kind.empty.clone()
    }
}

fn kind_row(kind: &BlockKind) -> KindRow {
    KindRow {
        key: kind.key.clone(),
        name: kind.name.clone(),
        description: kind.description.clone(),
        width: kind.width(&kind.begun("")).to_owned(),
        other_widths: kind.other_widths().join("、"),
    }
}

/// What a block shows: its channel by name, its numbers, its choices.
fn shows(kind: &BlockKind, block: &Block, tree: &ChannelTree) -> String {
    let named = |key: &str| tree.by_key(key).map_or_else(|| key.to_owned(), |channel| channel.name.clone());
    let told = kind.told(block);
    let part = |field: &ThemeField| {
        let value = told[&field.key].as_str();
        if value.is_empty() {
            return None;
        }
        match field.kind {
            FieldKind::Channel => Some(named(value)),
            FieldKind::Channels => Some(value.split_whitespace().map(named).collect::<Vec<_>>().join("、")),
            // What is as it was at first goes without saying; the width is said beside the name.
            FieldKind::Choice if value == field.default || field.key == config::WIDTH => None,
            FieldKind::Choice => field.choices.iter().find(|choice| choice.key == value).map(|choice| choice.name.clone()),
            FieldKind::Number if value == "0" => None,
            FieldKind::Number => Some(format!("{}：{value}", field.name)),
            FieldKind::Pictures => Some(format!("{}张图片", model::picture::read(value).len())),
            FieldKind::Links => Some(format!("{}条链接", config::links(value).count())),
            FieldKind::Text | FieldKind::Colour => Some(value.to_owned()),
        }
    };
    kind.fields.iter().filter_map(part).collect::<Vec<_>>().join(" · ")
}

/// `add:main:list`, `up:3`, `down:3`, `remove:3`, `reset`, `restore:SEAL`
fn read(typed: &str) -> Option<Step> {
    let mut parts = typed.split(':');
    let way = parts.next()?;
    let step = match way {
        "add" => Step::Add { slot: parts.next()?.to_owned(), kind: parts.next()?.to_owned() },
        "up" | "down" => Step::Shift { at: parts.next()?.parse().ok()?, up: way == "up" },
        "remove" => Step::Remove { at: parts.next()?.parse().ok()? },
        "reset" => Step::Reset,
        "restore" => Step::Restore { previous: parts.next()?.to_owned() },
        _ => return None,
    };
    parts.next().is_none().then_some(step)
}

/// The button that is to be ready again after a step.
fn pressed_after(step: &Step) -> Option<&'static str> {
    match step {
        Step::Shift { up, .. } => Some(if *up { "up" } else { "down" }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_from_its_button() {
        assert_eq!(read("up:3"), Some(Step::Shift { at: 3, up: true }));
        assert_eq!(read("add:main:list"), Some(Step::Add { slot: "main".into(), kind: "list".into() }));
        assert_eq!(read("reset"), Some(Step::Reset));
        for wrong in ["", "up", "up:x", "up:-1", "up:3:4", "add:main", "live"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
