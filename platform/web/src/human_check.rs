//! 人机验证 on every host: what a page needs to ask, the routes its picture, recording and script come from, and the one call that judges
//! its form. The rules are `human`'s.
//!
//! A page calls [`ask_human`] for what the macro is given, flattens [`human::Answer`] into what reads its form, and calls [`judge_human`] once
//! everything else in the form is in order: an answer is used up by being judged, right or wrong.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use human::{Answer, Human, Why};
use model::human_check;
use publish::Engine;
use serde::{Deserialize, Serialize};

use crate::Access::Anyone;
use crate::client::network;
use crate::{App, ClientAddress, Error, Plugin, Route};

/// What the macro `human_check` is given.
#[derive(Debug, Serialize)]
pub struct AskedHuman {
    #[serde(flatten)]
    digits: Digits,
    challenge: String,
    question: String,
    /// To be linked to by the page's head.
    pub style: &'static str,
    /// To be linked to by the page's head, with `defer`.
    pub script: &'static str,
    minutes: i64,
    length: usize,
    /// Why the last answer was not taken.
    problem: Option<&'static str>,
    by_digits: bool,
}

/// A question for digits, and where they can be seen and heard.
#[derive(Debug, Serialize)]
struct Digits {
    token: String,
    picture: String,
    sound: String,
}

/// Asks whoever sends a form whether they are a program; `purpose` is small letters and hyphens, and the same when it is judged.
pub fn ask_human(app: &App, purpose: &'static str) -> AskedHuman {
    let rule = human_check();
    AskedHuman {
        digits: digits(&app.engine, purpose).expect("a purpose is small letters and hyphens"),
        challenge: format!("/_human/challenge?purpose={purpose}"),
        question: format!("/_human/question?purpose={purpose}"),
        style: &STYLE,
        script: &SCRIPT,
        minutes: rule.lifetime().num_minutes(),
        length: rule.digits.length,
        problem: None,
        by_digits: false,
    }
}

impl AskedHuman {
    /// Asked again: with why the answer before was not taken, and in the way in which it was given.
    #[must_use]
    pub fn again(self, answer: &Answer, why: Why) -> Self {
        Self { problem: told(why), by_digits: why == Why::Again || !answer.digits.is_empty(), ..self }
    }
}

/// Judges the answer in a form, which is used up by it.
pub async fn judge_human(app: &App, answer: &Answer, purpose: &str, address: &str) -> Result<(), Why> {
    let (cache, rule, now) = (&app.engine.cache, human_check().address, app.engine.clock.now());
    let wrong = format!("human:wrong:{}", network(address));
    if cache.count(&wrong).await >= rule.wrong {
        return Err(Why::TooOften);
    }
    let judged = checker(&app.engine).judge(answer, purpose, now)?;
    // Remembered on every node with Redis, on each of its own without.
    let rest = (judged.used.until - now).to_std().unwrap_or_default() + Duration::from_secs(1);
    if cache.hit(&format!("human:used:{}", judged.used.id), rest).await > 1 {
        return Err(Why::Used);
    }
    if !judged.is_right {
        cache.hit(&wrong, rule.window()).await;
        return Err(Why::Wrong);
    }
    Ok(())
}

/// Why an answer is not taken, as people are told; nothing where another picture was all that was wished for.
fn told(why: Why) -> Option<&'static str> {
    Some(match why {
        Why::Again => return None,
        Why::Missing => "请完成人机验证：输入图片或语音中的数字。",
        Why::Unknown | Why::Late => "验证已失效，请重新验证。",
        Why::Used => "本次验证已使用过，请重新验证。",
        Why::Wrong => "数字不正确，请按新的图片或语音重新输入。",
        Why::TooOften => "验证错误次数过多，请稍后再试。",
    })
}

/// The routes of the check, as a plugin of the app.
pub struct HumanCheck;

impl Plugin for HumanCheck {
    fn name(&self) -> &'static str {
        "human check"
    }

    fn routes(&self) -> Vec<Route> {
        let routes = || {
            vec![
                Route::get("/_human/challenge", Anyone, challenge),
                Route::get("/_human/question", Anyone, question),
                Route::get("/_human/picture", Anyone, picture),
                Route::get("/_human/sound", Anyone, sound),
                Route::get("/_human/human.js", Anyone, async || fixed("text/javascript; charset=utf-8", human::SCRIPT)),
                Route::get("/_human/human.css", Anyone, async || fixed("text/css; charset=utf-8", human::STYLE)),
            ]
        };
        let [console, sites, citizens] = [(); 3].map(|()| routes().into_iter());
        console.chain(sites.map(Route::on_sites)).chain(citizens.map(Route::for_citizens)).collect()
    }
}

#[derive(Deserialize)]
struct For {
    #[serde(default)]
    purpose: String,
}

#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    token: String,
}

/// GET /_human/challenge
async fn challenge(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Query(For { purpose }): Query<For>,
) -> Result<Response, Error> {
    count(&app, &address).await?;
    let challenge = checker(&app.engine).challenge(&purpose, app.engine.clock.now()).ok_or(Error::NotFound)?;
    Ok(unkept(Json(challenge)))
}

/// GET /_human/question
async fn question(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Query(For { purpose }): Query<For>,
) -> Result<Response, Error> {
    count(&app, &address).await?;
    Ok(unkept(Json(digits(&app.engine, &purpose).ok_or(Error::NotFound)?)))
}

/// GET /_human/picture
async fn picture(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Query(Of { token }): Query<Of>,
) -> Result<Response, Error> {
    count(&app, &address).await?;
    let png = checker(&app.engine).picture(&token).ok_or(Error::NotFound)?;
    Ok(unkept(([(header::CONTENT_TYPE, "image/png")], png)))
}

/// GET /_human/sound
async fn sound(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Query(Of { token }): Query<Of>,
) -> Result<Response, Error> {
    count(&app, &address).await?;
    let wav = checker(&app.engine).sound(&token).ok_or(Error::NotFound)?;
    Ok(unkept(([(header::CONTENT_TYPE, "audio/wav")], wav)))
}

/// With keys that every node makes alike of the platform's own.
fn checker(engine: &Engine) -> Human {
    Human::new(&engine.vault.mark("human check", "keys"))
}

fn digits(engine: &Engine, purpose: &str) -> Option<Digits> {
    let token = checker(engine).question(purpose, engine.clock.now())?.to_string();
    Some(Digits { picture: format!("/_human/picture?token={token}"), sound: format!("/_human/sound?token={token}"), token })
}

/// Counts what an address asks for.
async fn count(app: &App, address: &str) -> Result<(), Error> {
    let rule = human_check().address;
    let asked = app.engine.cache.hit(&format!("human:asked:{}", network(address)), rule.window()).await;
    if asked > rule.asked { Err(Error::TooMany) } else { Ok(()) }
}

/// Nobody on the way keeps it.
fn unkept(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

static SCRIPT: LazyLock<String> = LazyLock::new(|| named("human.js", human::SCRIPT));
static STYLE: LazyLock<String> = LazyLock::new(|| named("human.css", human::STYLE));

/// Addresses carry the hash of what they lead to, so browsers keep it for good.
fn named(name: &str, text: &str) -> String {
    format!("/_human/{name}?v={}", blake3::hash(text.as_bytes()).to_hex().split_at(16).0)
}

fn fixed(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), text)
}
