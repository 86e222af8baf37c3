//! One block (板块) of the home page: what it is told to show, and in which slot it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use config::FieldKind;
use publish::CommandError;
use publish::commands::arrangement::{self, Arranged, FieldProblem, Step};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::arrangement::{Of, arranged};
use crate::fields::{self, Around, FieldRow};
use crate::pictures::{self, Choice};
use crate::screens::{self, Frame};

/// Whether it was put there just now.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    new: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    /// Where the page is arranged, and what that is called.
    base: String,
    page: String,
    at: usize,
    seen: String,
    description: String,
    fields: Vec<FieldRow>,
    /// The pictures there are to choose from.
    #[serde(flatten)]
    choice: Choice,
    /// Where it may stand, and whether it does.
    slots: Vec<(String, String, bool)>,
    problems: Vec<FieldProblem>,
    refusal: Option<String>,
    is_new: bool,
}

/// GET /console/{site}/home-page/blocks/{at}
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let arranged = arranged(&app, &scope, &of).await?;
    let at = of.block;
    let block = arranged.draft.0.get(at).ok_or(Error::NotFound)?;
    let kind = arranged.theme.block(&block.kind).ok_or(Error::NotFound)?;
    let (slot, values) = (block.slot.clone(), kind.told(block));
    let is_new = !wish.new.is_empty();
    let form = Told { at, seen: arranged.seal(), slot, values, is_new, is_open: is_new, ..Told::default() };
    draw(&app, &scope, &of, &arranged, form, StatusCode::OK).await
}

/// POST /console/{site}/home-page/blocks/{at}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let mut values = fields::gathered(sent);
    let mut take = |name: &str| values.remove(name).unwrap_or_default();
    let (seen, slot, sought, pressed) = (take("seen"), take("slot"), take("sought"), take("turn"));
    // Enter in the field that looks for pictures presses no button.
    let is_turn = !pressed.is_empty() && pressed != "save" || pressed.is_empty() && !sought.trim().is_empty();
    let focus = if is_turn { pictures::turn(&mut values, &pressed) } else { String::new() };
    let (arranged, values) = telling(&app, &scope, &of, values).await?;
    let at = of.block;
    let block = arranged.draft.0.get(at).ok_or(Error::NotFound)?;
    let kind = arranged.theme.block(&block.kind).ok_or(Error::NotFound)?;
    let mut form = Told { at, seen, slot, values, sought, focus, is_open: is_turn, ..Told::default() };
    if is_turn {
        return draw(&app, &scope, &of, &arranged, form, StatusCode::OK).await;
    }
    form.problems = arranged.problems(kind, &form.values);
    if !form.problems.is_empty() {
        return draw(&app, &scope, &of, &arranged, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (site, page, seen) = (scope.site.id, of.topic.clone(), form.seen.clone());
    let step = Step::Tell { at, slot: form.slot.clone(), values: form.values.clone() };
    match app.command(move |engine| arrangement::step(engine, site, &page, &seen, &step)).await {
        Ok(at) => return Ok(Redirect::to(&format!("{}?at={at}&done=block-kept", of.address(&scope))).into_response()),
        Err(CommandError::Refused(sentence)) => form.refusal = Some(sentence),
        Err(CommandError::Stale) => {
            form.refusal = Some("他人刚刚调整了该页面，您填写的内容还在下方。请返回核对后再保存".into());
            form.seen = arranged.seal();
        }
        Err(other) => return Err(other.into()),
    }
    draw(&app, &scope, &of, &arranged, form, StatusCode::CONFLICT).await
}

/// The form as it was typed.
#[derive(Default)]
struct Told {
    at: usize,
    /// What was before whoever types.
    seen: String,
    slot: String,
    values: BTreeMap<String, String>,
    /// What was looked for in the library, where to be on the screen, and whether the shelf is looked at.
    sought: String,
    focus: String,
    is_open: bool,
    problems: Vec<FieldProblem>,
    refusal: Option<String>,
    is_new: bool,
}

/// The page with what is typed of its block, links to this platform as what they lead to.
async fn telling(
    app: &Arc<App>,
    scope: &Scope,
    of: &Of,
    mut values: BTreeMap<String, String>,
) -> Result<(Arranged, BTreeMap<String, String>), Error> {
    let (engine, site, page) = (Arc::clone(&app.engine), scope.site.id, of.topic.clone());
    app.read(move |connection| {
        let arranged = arrangement::find_telling(&engine, connection, site, &page, &mut values)?;
        Ok::<_, Error>((arranged, values))
    })
    .await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    of: &Of,
    arranged: &Arranged,
    form: Told,
    status: StatusCode,
) -> Result<Response, Error> {
    let block = arranged.draft.0.get(form.at).ok_or(Error::NotFound)?;
    let kind = arranged.theme.block(&block.kind).ok_or(Error::NotFound)?;
    let fits = |slot: &&config::Slot| arranged.theme.offered(slot).any(|offered| offered.key == kind.key);
    let slots = arranged.slots().filter(fits);
    let around = Around { tree: &arranged.tree, shelf: &arranged.shelf, focus: &form.focus };
    let pictured = kind.fields.iter().find(|field| field.kind == FieldKind::Pictures);
    let (site, into, sought) = (scope.site.id, pictured.map(|field| field.key.clone()).unwrap_or_default(), form.sought);
    let is_open = form.is_open;
    let choice = app.read(move |connection| Choice::find(connection, site, &into, &sought, is_open)).await?;
    let screen = Screen {
        key: scope.site.key.clone(),
        base: of.address(scope),
        page: of.title(arranged),
        at: form.at,
        seen: form.seen,
        description: kind.description.clone(),
        fields: fields::rows(&kind.fields, &form.values, &around),
        choice,
        slots: slots.map(|slot| (slot.key.clone(), slot.name.clone(), slot.key == form.slot)).collect(),
        problems: form.problems,
        refusal: form.refusal,
        is_new: form.is_new,
    };
    let title = format!("板块“{}”", kind.name);
    Ok((status, screens::draw("block.html", Frame::site(scope, of.place(), &title), screen)?).into_response())
}
