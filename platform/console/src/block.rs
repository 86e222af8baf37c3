//! One block (板块) of the home page: what it is told to show, and in which slot it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use publish::CommandError;
use publish::commands::arrangement::{self, Arranged, FieldProblem, Step};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::arrangement::{Of, arranged};
use crate::fields::{self, FieldRow};
use crate::screens::{self, Frame, Place};

/// Whether it was put there just now.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    new: String,
}

#[derive(Serialize)]
struct Screen {
    /// Where the page is arranged, and what that is called.
    base: String,
    page: String,
    at: usize,
    seen: String,
    description: String,
    fields: Vec<FieldRow>,
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
    let form = Told { at, slot, values, is_new: !wish.new.is_empty(), ..Told::default() };
    draw(&scope, &of, &arranged, form, StatusCode::OK)
}

/// POST /console/{site}/home-page/blocks/{at}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path(of): Path<Of>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let mut values = fields::gathered(sent);
    let (seen, slot) = (values.remove("seen").unwrap_or_default(), values.remove("slot").unwrap_or_default());
    let arranged = arranged(&app, &scope, &of).await?;
    let at = of.block;
    let block = arranged.draft.0.get(at).ok_or(Error::NotFound)?;
    let kind = arranged.theme.block(&block.kind).ok_or(Error::NotFound)?;
    let problems = arranged.problems(kind, &values);
    let mut form = Told { at, slot, values, problems, ..Told::default() };
    if !form.problems.is_empty() {
        return draw(&scope, &of, &arranged, form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (site, page) = (scope.site.id, of.topic.clone());
    let step = Step::Tell { at, slot: form.slot.clone(), values: form.values.clone() };
    match app.command(move |engine| arrangement::step(engine, site, &page, &seen, &step)).await {
        Ok(_) => Ok(Redirect::to(&of.address(&scope)).into_response()),
        Err(CommandError::Refused(sentence)) => {
            form.refusal = Some(sentence);
            draw(&scope, &of, &arranged, form, StatusCode::CONFLICT)
        }
        Err(CommandError::Stale) => {
            form.refusal = Some("他人刚刚调整了该页面，您填写的内容还在下方。请返回核对后再保存".into());
            draw(&scope, &of, &arranged, form, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// The form as it was typed.
#[derive(Default)]
struct Told {
    at: usize,
    slot: String,
    values: BTreeMap<String, String>,
    problems: Vec<FieldProblem>,
    refusal: Option<String>,
    is_new: bool,
}

fn draw(scope: &Scope, of: &Of, arranged: &Arranged, form: Told, status: StatusCode) -> Result<Response, Error> {
    let block = arranged.draft.0.get(form.at).ok_or(Error::NotFound)?;
    let kind = arranged.theme.block(&block.kind).ok_or(Error::NotFound)?;
    let fits = |slot: &&config::Slot| arranged.theme.offered(slot).any(|offered| offered.key == kind.key);
    let slots = arranged.slots().filter(fits);
    let screen = Screen {
        base: of.address(scope),
        page: of.title(arranged),
        at: form.at,
        seen: arranged.seal(),
        description: kind.description.clone(),
        fields: fields::rows(&kind.fields, &form.values, &arranged.tree),
        slots: slots.map(|slot| (slot.key.clone(), slot.name.clone(), slot.key == form.slot)).collect(),
        problems: form.problems,
        refusal: form.refusal,
        is_new: form.is_new,
    };
    let title = format!("板块“{}”", kind.name);
    Ok((
        status,
        screens::draw(
            "block.html",
            Frame::site(scope, if of.topic.is_empty() { Place::HomePage } else { Place::Topics }, &title),
            screen,
        )?,
    )
        .into_response())
}
