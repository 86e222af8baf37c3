//! 跳转: old addresses of a site that lead to new ones, made one by one or pasted as a table when a site moves in.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect as Leads, Response};
use model::{Permission, Problem, RedirectId};
use publish::commands::redirect::{self, SaveError, Wish as Wanted};
use serde::{Deserialize, Serialize};
use store::redirects;
use web::{App, Error, Scope};

use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Redirects on a page.
const PAGE: i64 = 50;

/// Rows pasted at once at most.
const MOST_ROWS: usize = 5_000;

/// Problems of rows told at once at most.
const MOST_PROBLEMS: usize = 50;

/// Which part of the list, and what to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    q: String,
    before: Option<i64>,
    #[serde(default)]
    done: String,
}

/// What was typed, kept when it cannot be used.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    old: String,
    new: String,
    rows: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    url: String,
    may_write: bool,
    q: String,
    rows: Vec<Row>,
    is_first: bool,
    next: Option<RedirectId>,
    typed: Typed,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Row {
    id: RedirectId,
    old: String,
    new: String,
    by: String,
    at: Moment,
}

/// GET /console/{site}/redirects
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, wish, Typed::default(), Vec::new(), StatusCode::OK).await
}

/// POST /console/{site}/redirects
pub(crate) async fn save(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let wanted = vec![Wanted { old: typed.old.clone(), new: typed.new.clone() }];
    match ask(&app, &scope, wanted).await {
        Ok(_) => Ok(back(&scope, "redirect-saved")),
        Err(SaveError::Rows(problems)) => {
            invalid(&app, &scope, typed, problems.into_iter().map(|(_, problem)| problem).collect()).await
        }
        Err(SaveError::Command(error)) => Err(error.into()),
    }
}

/// POST /console/{site}/redirects/import
pub(crate) async fn import(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (lines, wanted): (Vec<usize>, Vec<Wanted>) = match table(&typed.rows) {
        Ok(rows) => rows.into_iter().unzip(),
        Err(problem) => return invalid(&app, &scope, typed, vec![problem]).await,
    };
    match ask(&app, &scope, wanted).await {
        Ok(_) => Ok(back(&scope, "redirects-imported")),
        Err(SaveError::Rows(problems)) => {
            let total = problems.len();
            let told = |(row, problem): (usize, Problem)| Problem::at("rows", format!("第{}行：{}", lines[row], problem.message));
            let mut problems: Vec<Problem> = problems.into_iter().take(MOST_PROBLEMS).map(told).collect();
            if total > MOST_PROBLEMS {
                problems.push(Problem::at("rows", format!("另有{}行存在问题", total - MOST_PROBLEMS)));
            }
            invalid(&app, &scope, typed, problems).await
        }
        Err(SaveError::Command(error)) => Err(error.into()),
    }
}

/// POST /console/{site}/redirects/{redirect}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, RedirectId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    app.command(move |engine| redirect::delete(engine, &actor, site, id)).await?;
    Ok(back(&scope, "redirect-deleted"))
}

async fn ask(app: &Arc<App>, scope: &Scope, wanted: Vec<Wanted>) -> Result<usize, SaveError> {
    let (actor, site) = (scope.actor(), Arc::clone(&scope.site));
    // What is wrong with rows is an answer of the command, not its failure.
    app.command(move |engine| Ok(redirect::save(engine, &actor, &site, &wanted))).await?
}

/// Old and new addresses with their line numbers: separated by commas, as spreadsheets save them, or tabs, as they are copied.
fn table(text: &str) -> Result<Vec<(usize, Wanted)>, Problem> {
    let wrong = |message: String| Problem::at("rows", message);
    // Forms send both characters at each end of a line, and the reader would count that line late.
    let text = text.replace("\r\n", "\n");
    let separator = if text.contains('\t') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| wrong("表格格式有误：请检查引号是否成对".into()))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or_default());
        let cells: Vec<&str> = record.iter().filter(|cell| !cell.is_empty()).collect();
        match cells.as_slice() {
            [] => {}
            [first, ..] if rows.is_empty() && ["原地址", "旧地址", "old"].contains(first) => {}
            [old, new] => rows.push((line, Wanted { old: (*old).to_owned(), new: (*new).to_owned() })),
            _ => return Err(wrong(format!("第{line}行：每行应有原地址和新地址两列"))),
        }
    }
    if rows.is_empty() {
        return Err(wrong("请粘贴至少一行“原地址,新地址”".into()));
    }
    if rows.len() > MOST_ROWS {
        return Err(wrong(format!("一次最多导入{MOST_ROWS}行，当前{}行，请分批导入", rows.len())));
    }
    Ok(rows)
}

async fn invalid(app: &Arc<App>, scope: &Scope, typed: Typed, problems: Vec<Problem>) -> Result<Response, Error> {
    let first = Wish { q: String::new(), before: None, done: String::new() };
    draw(app, scope, first, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    wish: Wish,
    typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (site, q, before) = (scope.site.id, wish.q.trim().to_owned(), wish.before.map(RedirectId));
    let text = q.clone();
    let (found, names) = app
        .read(move |connection| {
            let found = redirects::list(connection, site, &text, before, PAGE + 1)?;
            let names = Names::find(connection, found.iter().map(|redirect| redirect.created_by))?;
            Ok::<_, store::Error>((found, names))
        })
        .await?;
    let (found, has_next) = cut(found, PAGE);
    let screen = Screen {
        key: scope.site.key.clone(),
        url: app.engine.settings.public_url(&scope.site.key, &scope.site.domain),
        may_write: scope.may(Permission::Write),
        q,
        is_first: before.is_none(),
        next: found.last().filter(|_| has_next).map(|redirect| redirect.id),
        rows: found
            .into_iter()
            .map(|one| Row {
                id: one.id,
                old: redirect::old(&one.path, &one.query),
                new: one.target,
                by: names.of(one.created_by),
                at: one.created_at.into(),
            })
            .collect(),
        typed,
        problems,
    };
    let frame = Frame::site(scope, Place::Redirects, "跳转").noticed(notice::find(&wish.done));
    Ok((status, screens::draw("redirects.html", frame, screen)?).into_response())
}

fn back(scope: &Scope, done: &str) -> Response {
    Leads::to(&format!("/console/{}/redirects?done={done}", scope.site.key)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, String, String)> {
        table(text).unwrap().into_iter().map(|(line, wish)| (line, wish.old, wish.new)).collect()
    }

    #[test]
    fn a_table_is_read_as_saved_or_as_copied() {
        let rows = [(2, "/a?id=1".to_owned(), "/b/".to_owned()), (3, "/x,y".to_owned(), "/z/".to_owned())];
        assert_eq!(read("原地址,新地址\n/a?id=1, /b/\n\"/x,y\",/z/\n"), rows);
        assert_eq!(read("old\tnew\r\n/a?id=1\t/b/\r\n/x,y\t/z/\r\n"), rows);
    }

    #[test]
    fn a_row_with_too_few_cells_is_told_by_its_number() {
        assert!(table("/a,/b\n/c\n").unwrap_err().message.contains("第2行"));
        assert!(table(" \n").is_err());
    }
}
