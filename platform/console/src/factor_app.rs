//! 添加验证器: a secret as a picture and in letters, and the code that shows that an app has it. Nothing is kept until then: the form carries
//! the secret, sealed for its person.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use factors::{AppSecret, typed_code};
use model::{Problem, UserId};
use publish::CommandError;
use publish::commands::second_factor::{self, New};
use serde::{Deserialize, Serialize};
use vault::{Place, Sealed};
use web::{App, Error, SignedIn};

use crate::own_factors::{Wish, added, frame, new_codes};
use crate::screens;

/// As apps show whose code it is.
const ISSUER: &str = "同源后台";

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    secret: String,
    code: String,
    name: String,
    next: String,
}

#[derive(Serialize)]
struct Screen {
    sealed: String,
    words: String,
    username: String,
    issuer: &'static str,
    /// The picture: its path, and the width of its square.
    path: String,
    width: usize,
    name: String,
    next: String,
    problems: Vec<Problem>,
}

/// GET /console/me/factors/app
pub(crate) async fn begin(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &signed_in, &AppSecret::generate(), (String::new(), wish.next), Vec::new())
}

/// POST /console/me/factors/app
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(secret) = opened(&app, signed_in.person.id, &typed.secret) else {
        let problem = Problem::at("code", "密钥已失效，请重新扫描下方的二维码");
        return draw(&app, &signed_in, &AppSecret::generate(), (typed.name, typed.next), vec![problem]);
    };
    let now = app.engine.clock.now().and_utc().timestamp();
    let step = typed_code(&typed.code).and_then(|code| secret.step_of(&code, now));
    let Some(step) = step else {
        let sentence = if typed.code.trim().is_empty() {
            "请输入验证器显示的6位验证码"
        } else {
            "验证码不正确。请核对手机时间是否准确，再输入当前显示的验证码"
        };
        return draw(&app, &signed_in, &secret, (typed.name, typed.next), vec![Problem::at("code", sentence)]);
    };
    let (actor, codes, name) = (signed_in.actor(), new_codes(), typed.name.clone());
    let (told, new) = (codes.clone(), New::App(AppSecret::of_bytes(secret.bytes().to_vec()), step));
    match app.command(move |engine| second_factor::add(engine, &actor, &name, &new, &codes)).await {
        Ok(is_first) => added(&signed_in, is_first, told, &typed.next),
        Err(CommandError::Invalid(problems)) => draw(&app, &signed_in, &secret, (typed.name, typed.next), problems),
        Err(other) => Err(other.into()),
    }
}

fn place(user: UserId) -> Place {
    Place::new("factor_app.secret", user.0)
}

fn opened(app: &App, user: UserId, sealed: &str) -> Option<AppSecret> {
    let sealed: Sealed = sealed.parse().ok()?;
    app.engine.vault.open(place(user), &sealed).ok().map(AppSecret::of_bytes)
}

fn draw(
    app: &App,
    signed_in: &SignedIn,
    secret: &AppSecret,
    (name, next): (String, String),
    problems: Vec<Problem>,
) -> Result<Response, Error> {
    let person = &signed_in.person;
    let picture = secret.picture(ISSUER, &person.username);
    let (path, width) = picture.ok_or_else(|| Error::Fault("the secret of an app fits no picture".into()))?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let screen = Screen {
        sealed: app.engine.vault.seal(place(person.id), secret.bytes()).to_string(),
        words: secret.words(),
        username: person.username.clone(),
        issuer: ISSUER,
        path,
        width,
        name,
        next,
        problems,
    };
    Ok((status, screens::draw("factor_app.html", frame(signed_in, "添加验证器"), screen)?).into_response())
}
