//! The library (信息资源库): everything on every site that a person may see, found by what it is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{
    Actor, ChannelTree, Permission, Problem, ResourceId, ResourceKind, ResourceState, SavedView, SavedViewId, Site, SiteId,
    Within, WorkState,
};
use serde::Serialize;
use store::catalogue::{self, Filter, Mark, Reach, Seek};
use store::resources::Line;
use store::{Connection, channels, saved_views};
use web::{App, Error, Scope, SignedIn};

use crate::choices::Choices;
use crate::details::{Cell, Detail, Known};
use crate::finding::{Wish, told};
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Lines on a page.
const PAGE: i64 = 50;

/// Resources counted at most; beyond this the number is told as “more than”.
pub(crate) const COUNTED: i64 = 10_000;

/// Where one looks: over all sites, or on one.
pub(crate) enum Shelf {
    All(SignedIn),
    One(Scope),
}

/// A name typed for a view that could not be kept.
#[derive(Default)]
pub(crate) struct Attempt {
    pub(crate) name: String,
    pub(crate) problem: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the screen that is there or not")]
struct Screen {
    /// The address of this library.
    base: String,
    is_of_one_site: bool,
    may_write: bool,
    /// Whether there is a library over all sites to go to.
    may_widen: bool,
    wish: Wish,
    query: String,
    /// The search with its page, to come back to.
    place: String,
    is_narrow: bool,
    has_more: bool,
    is_first: bool,
    problems: Vec<Problem>,
    sites: Vec<(String, String)>,
    choices: Option<Choices>,
    kinds: Vec<(&'static str, &'static str)>,
    states: Vec<(&'static str, &'static str)>,
    works: Vec<(&'static str, &'static str)>,
    columns: Vec<Column>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// What may be done with many at once.
    deeds: Vec<(&'static str, &'static str)>,
    count: String,
    pages: Pages,
    views: Vec<View>,
    attempt_name: String,
    attempt_problem: String,
}

/// A detail that may be chosen.
#[derive(Serialize)]
struct Column {
    key: &'static str,
    name: &'static str,
    chosen: bool,
}

/// The head of a column.
#[derive(Serialize)]
struct Head {
    name: &'static str,
    /// The search ordered by it, where it can be.
    sort: Option<String>,
    /// `ascending` or `descending`, where the list is.
    direction: Option<&'static str>,
}

#[derive(Serialize)]
struct Row {
    id: ResourceId,
    title: String,
    link: String,
    cells: Vec<Cell>,
}

/// Queries of other pages, where there are any.
#[derive(Default, Serialize)]
struct Pages {
    first: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    last: Option<String>,
}

#[derive(Serialize)]
struct View {
    id: SavedViewId,
    name: String,
    query: String,
    here: bool,
}

/// What was read at one moment.
struct Found {
    tree: Option<ChannelTree>,
    part: Part,
    known: Option<Known>,
    views: Vec<SavedView>,
    problems: Vec<Problem>,
}

/// GET /console/library
pub(crate) async fn show_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(wish): Form<Wish>,
) -> Result<Response, Error> {
    // Channels and what can be done at once belong to a site: whoever chooses one goes there.
    if !wish.site.is_empty() {
        let site = app.tenants.find_by_key(&wish.site).filter(|site| signed_in.person.may(Permission::Read, site.id));
        let site = site.ok_or(Error::NotFound)?;
        return Ok(Redirect::to(&format!("/console/{}/library?{}", site.key, wish.query())).into_response());
    }
    draw(&app, Shelf::All(signed_in), wish, Attempt::default()).await
}

/// GET /console/{site}/library
pub(crate) async fn show_site(State(app): State<Arc<App>>, scope: Scope, Form(wish): Form<Wish>) -> Result<Response, Error> {
    draw(&app, Shelf::One(scope), wish, Attempt::default()).await
}

impl Shelf {
    fn signed_in(&self) -> &SignedIn {
        match self {
            Self::All(signed_in) => signed_in,
            Self::One(scope) => &scope.signed_in,
        }
    }

    pub(crate) fn actor(&self) -> Actor {
        self.signed_in().actor()
    }

    pub(crate) fn site(&self) -> Option<SiteId> {
        match self {
            Self::All(_) => None,
            Self::One(scope) => Some(scope.site.id),
        }
    }

    /// The sites that are looked at: never one on which the person may not read.
    pub(crate) fn reach(&self, app: &App) -> Reach {
        match self {
            Self::One(scope) => Reach::Sites(vec![scope.site.id]),
            Self::All(signed_in) => reach(app, signed_in),
        }
    }

    /// Of which channels of its one site the person may read.
    pub(crate) fn within(&self) -> Within {
        match self {
            Self::One(scope) => scope.within(Permission::Read),
            Self::All(_) => Within::Whole,
        }
    }

    /// The address of this library.
    pub(crate) fn base(&self) -> String {
        match self {
            Self::All(_) => "/console/library".to_owned(),
            Self::One(scope) => format!("/console/{}/library", scope.site.key),
        }
    }
}

/// The screen, with a view that could not be kept.
pub(crate) async fn draw(app: &Arc<App>, shelf: Shelf, wish: Wish, attempt: Attempt) -> Result<Response, Error> {
    let usual = if shelf.site().is_some() { Detail::USUAL } else { Detail::USUAL_OVER_ALL };
    let details = wish.details(usual);
    let (reach, within, site, me) = (shelf.reach(app), shelf.within(), shelf.site(), shelf.signed_in().person.id);
    let found = app
        .read({
            let (wish, details) = (wish.clone(), details.clone());
            move |connection| {
                let tree = site.map(|site| channels::tree(connection, site)).transpose()?;
                let views = saved_views::list(connection, me, site)?;
                find(connection, (&reach, &within), &wish, &details, tree, views)
            }
        })
        .await?;
    let is_fine = found.problems.is_empty() && attempt.problem.is_empty();
    let status = if is_fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = match &shelf {
        Shelf::All(signed_in) => Frame::platform(signed_in, Place::AllLibrary, "信息资源库"),
        Shelf::One(scope) => Frame::site(scope, Place::Library, "信息资源库"),
    };
    let frame = frame.noticed(notice::find(&wish.done));
    let screen = compose(app, &shelf, wish, &details, found, attempt);
    Ok((status, screens::draw("library.html", frame, screen)?).into_response())
}

fn find(
    connection: &mut Connection,
    (reach, within): (&Reach, &Within),
    wish: &Wish,
    details: &[Detail],
    tree: Option<ChannelTree>,
    views: Vec<SavedView>,
) -> store::Result<Found> {
    let filter = match wish.filter(tree.as_ref()) {
        Ok(filter) => wish.with_authors(connection, filter.within(within))?,
        Err(problems) => {
            return Ok(Found { tree, part: Part::default(), known: None, views, problems });
        }
    };
    let part = part(connection, reach, &filter, wish.is_newest_first(), wish.seek())?;
    let known = Some(Known::find(connection, &part.lines, details, tree.as_ref())?);
    Ok(Found { tree, part, known, views, problems: Vec::new() })
}

/// A page of what is found, what is beside it, and how many there are in all.
#[derive(Default)]
struct Part {
    lines: Vec<Line>,
    has_previous: bool,
    has_next: bool,
    count: i64,
}

fn part(connection: &mut Connection, reach: &Reach, filter: &Filter, is_newest_first: bool, seek: Seek) -> store::Result<Part> {
    // Words may be anywhere: rather than to walk through all rows twice, for the page and for the number, they are walked once.
    let is_sought = !filter.words.is_empty() || filter.keyword.is_some();
    if is_sought && let Some(mut marks) = catalogue::list_marks(connection, reach, filter, COUNTED)? {
        marks.sort_unstable();
        if is_newest_first {
            marks.reverse();
        }
        let (from, to) = stretch(&marks, is_newest_first, seek);
        let ids: Vec<ResourceId> = marks[from..to].iter().map(|mark| mark.id).collect();
        return Ok(Part {
            lines: catalogue::find_all(connection, reach, &ids)?,
            has_previous: from > 0,
            has_next: to < marks.len(),
            count: i64::try_from(marks.len()).unwrap_or(i64::MAX),
        });
    }
    let lines = catalogue::list(connection, reach, filter, is_newest_first, seek, PAGE + 1)?;
    let is_backwards = matches!(seek, Seek::Before(_) | Seek::Last);
    let (lines, has_more) = if is_backwards { cut_first(lines) } else { cut(lines, PAGE) };
    // A first page that is not full has counted itself.
    let count = if seek == Seek::First && !has_more {
        i64::try_from(lines.len()).unwrap_or(i64::MAX)
    } else {
        catalogue::count(connection, reach, filter, COUNTED + 1)?
    };
    let (has_previous, has_next) = match seek {
        Seek::First => (false, has_more),
        Seek::After(_) => (true, has_more),
        Seek::Before(_) => (has_more, true),
        Seek::Last => (has_more, false),
    };
    Ok(Part { lines, has_previous, has_next, count })
}

/// Which of the places in their order are on the page.
fn stretch(marks: &[Mark], is_newest_first: bool, seek: Seek) -> (usize, usize) {
    let most = usize::try_from(PAGE).unwrap_or_default();
    // How many stand before a mark, which itself need not be there any more.
    let before = |mark: Mark| marks.partition_point(|one| if is_newest_first { *one > mark } else { *one < mark });
    let upto = |mark: Mark| marks.partition_point(|one| if is_newest_first { *one >= mark } else { *one <= mark });
    let from = match seek {
        Seek::First => 0,
        Seek::After(mark) => upto(mark),
        Seek::Before(mark) => before(mark).saturating_sub(most),
        Seek::Last => marks.len().saturating_sub(most),
    };
    let to = match seek {
        Seek::Before(mark) => before(mark),
        _ => (from + most).min(marks.len()),
    };
    (from, to)
}

/// The last lines of a page that was read backwards, and whether there was more before them.
fn cut_first(mut lines: Vec<Line>) -> (Vec<Line>, bool) {
    lines.reverse();
    let (mut lines, has_more) = cut(lines, PAGE);
    lines.reverse();
    (lines, has_more)
}

fn compose(app: &App, shelf: &Shelf, wish: Wish, details: &[Detail], found: Found, attempt: Attempt) -> Screen {
    let person = &shelf.signed_in().person;
    let query = wish.query();
    let sites: Vec<Arc<Site>> = readable(app, shelf.signed_in()).collect();
    Screen {
        base: shelf.base(),
        is_of_one_site: shelf.site().is_some(),
        may_write: shelf.site().is_some_and(|site| person.within(Permission::Write, site).is_any()),
        may_widen: sites.len() > 1,
        is_narrow: wish.is_narrow(),
        has_more: wish.has_more() || found.problems.iter().any(|problem| matches!(problem.field, "from" | "to")),
        is_first: wish.seek() == Seek::First,
        kinds: ResourceKind::ALL.iter().map(|kind| (kind.as_str(), kind.chinese())).collect(),
        states: ResourceState::ALL.iter().map(|state| (state.as_str(), state.chinese())).collect(),
        works: WorkState::ALL
            .iter()
            .filter(|work| **work != WorkState::Discarded)
            .map(|work| (work.as_str(), work.chinese()))
            .collect(),
        columns: columns(details, shelf.site().is_some()),
        heads: details.iter().map(|detail| head(&wish, *detail)).collect(),
        rows: rows(app, details, &found),
        deeds: deeds(shelf),
        count: counted(found.part.count),
        pages: pages(&wish, &query, &found.part),
        views: found
            .views
            .into_iter()
            .map(|view| View { here: view.query == query, id: view.id, name: view.name, query: view.query })
            .collect(),
        choices: found.tree.as_ref().map(|tree| Choices::among(tree, &shelf.within())),
        sites: sites.iter().map(|site| (site.key.clone(), site.name.clone())).collect(),
        problems: found.problems,
        attempt_name: attempt.name,
        attempt_problem: attempt.problem,
        place: wish.place(),
        query,
        wish,
    }
}

/// A number of resources that was counted no further than makes sense.
pub(crate) fn counted(count: i64) -> String {
    if count > COUNTED { format!("超过 {COUNTED} 篇") } else { format!("共 {count} 篇") }
}

/// As far as this person may read.
pub(crate) fn reach(app: &App, signed_in: &SignedIn) -> Reach {
    if signed_in.person.may_everywhere(Permission::Read) {
        return Reach::Everywhere;
    }
    Reach::Sites(readable(app, signed_in).map(|site| site.id).collect())
}

/// The sites this person may read.
fn readable<'a>(app: &App, signed_in: &'a SignedIn) -> impl Iterator<Item = Arc<Site>> + 'a {
    app.tenants.list().into_iter().filter(|site| signed_in.person.may(Permission::Read, site.id))
}

fn deeds(shelf: &Shelf) -> Vec<(&'static str, &'static str)> {
    let Shelf::One(scope) = shelf else { return Vec::new() };
    let all = [
        (Permission::Write, "move", "批量调整栏目"),
        (Permission::Write, "tag", "批量调整关键词"),
        (Permission::Write, "copy", "批量复制"),
        (Permission::Write, "submit", "批量送审"),
        (Permission::Push, "push", "批量推送"),
        (Permission::Write, "discard", "批量放入回收站"),
        (Permission::Withdraw, "withdraw", "批量撤回"),
    ];
    all.into_iter().filter(|(permission, ..)| scope.within(*permission).is_any()).map(|(_, word, name)| (word, name)).collect()
}

fn columns(details: &[Detail], is_of_one_site: bool) -> Vec<Column> {
    let fits = |detail: &&Detail| !(is_of_one_site && **detail == Detail::Site);
    let all = Detail::ALL.iter().filter(fits);
    all.map(|detail| Column { key: detail.as_str(), name: detail.chinese(), chosen: details.contains(detail) }).collect()
}

fn head(wish: &Wish, detail: Detail) -> Head {
    let direction = if wish.is_newest_first() { "descending" } else { "ascending" };
    Head {
        name: detail.chinese(),
        sort: detail.time().map(|by| wish.sorted(by)),
        direction: detail.time().filter(|by| *by == wish.by()).map(|_| direction),
    }
}

fn rows(app: &App, details: &[Detail], found: &Found) -> Vec<Row> {
    let Some(known) = &found.known else { return Vec::new() };
    let sites = app.tenants.list();
    let row = |line: &Line| {
        let site = sites.iter().find(|site| site.id == line.resource.site_id)?;
        let base = format!("/console/{}", site.key);
        Some(Row {
            id: line.resource.id,
            title: line.title.clone(),
            cells: details.iter().map(|detail| known.cell(app, *detail, line, &base)).collect(),
            link: format!("{base}/resources/{}", line.resource.id),
        })
    };
    found.part.lines.iter().filter_map(row).collect()
}

fn pages(wish: &Wish, query: &str, part: &Part) -> Pages {
    let mark = |line: Option<&Line>| line.and_then(|line| Mark::of(line, wish.by())).map(told);
    let to = |place: String| if query.is_empty() { place } else { format!("{query}&{place}") };
    Pages {
        first: part.has_previous.then(|| query.to_owned()),
        previous: mark(part.lines.first()).filter(|_| part.has_previous).map(|mark| to(format!("before={mark}"))),
        next: mark(part.lines.last()).filter(|_| part.has_next).map(|mark| to(format!("after={mark}"))),
        last: part.has_next.then(|| to("end=1".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_out_of_what_is_known_to_be_found() {
        let mark = |id: i64| Mark { at: chrono::NaiveDateTime::default(), id: ResourceId(id) };
        let rising: Vec<Mark> = (1..=120).map(mark).collect();
        assert_eq!(stretch(&rising, false, Seek::First), (0, 50));
        assert_eq!(stretch(&rising, false, Seek::After(mark(50))), (50, 100));
        assert_eq!(stretch(&rising, false, Seek::Before(mark(101))), (50, 100));
        assert_eq!(stretch(&rising, false, Seek::Last), (70, 120));
        let falling: Vec<Mark> = rising.into_iter().rev().collect();
        assert_eq!(stretch(&falling, true, Seek::After(mark(71))), (50, 100));
        assert_eq!(stretch(&falling, true, Seek::Before(mark(71))), (0, 49));
        assert_eq!(stretch(&falling, true, Seek::After(mark(0))), (120, 120));
    }
}
