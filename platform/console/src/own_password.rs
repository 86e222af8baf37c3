//! 修改密码: a password of one's own in the place of the present one, which is asked for. Where the present one is not theirs alone, or too
//! old, this is the only screen there is until it is done (`web::guard`).

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use factors::hash_password;
use model::sign_in::AccountRule;
use model::{MustChange, Problem, User, sign_in_policy};
use publish::CommandError;
use publish::commands::account::password_seal;
use publish::commands::own_account;
use publish::commands::sign_in::Step;
use serde::{Deserialize, Serialize};
use store::people;
use web::{App, Error, SignedIn};

use crate::proving::{Proof, counted};
use crate::screens::{self, Frame};
use crate::sign_in::{agent, local};
use crate::throttle::{Throttle, wait};

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: String,
}

/// What is typed. None of it but where to go is ever sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    current: String,
    password: String,
    again: String,
    next: String,
}

#[derive(Serialize)]
struct Screen {
    /// Why it must be changed now.
    reason: Option<String>,
    username: String,
    rules: Vec<String>,
    next: String,
    problems: Vec<Problem>,
}

/// GET /console/me/password
pub(crate) async fn ask(signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&signed_in, &wish.next, StatusCode::OK, Vec::new())
}

/// POST /console/me/password
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id = signed_in.person.id;
    let read = app.read(move |connection| {
        let account = people::find(connection, id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>((account, people::list_earlier_passwords(connection, id)?))
    });
    let (account, earlier) = read.await?;
    let rule = sign_in_policy().rule(signed_in.person.is_officer);
    let mut problems = typed.problems(&rule);
    if typed.current.is_empty() {
        problems.insert(0, Problem::at("current", "请输入当前密码"));
    } else {
        // The present password is asked for as at the door: counted, recorded, and no more often.
        let judged = judge(&typed.current, &account.password.hash);
        let throttle = Throttle::within(&app, &account.username, &signed_in.address);
        match counted(&app, throttle, &account, &signed_in.address, Step::Password, judged).await? {
            Proof::Given => {}
            Proof::Wrong => problems.insert(0, Problem::at("current", "当前密码不正确，请重新输入")),
            Proof::TooOften => {
                problems.insert(0, Problem::at("current", format!("密码输错次数过多，请{}后再试", wait())));
            }
            // Whoever sits at somebody's open session guesses no longer.
            Proof::Lost => {
                let gone = web::close_session(&app, &signed_in).await?;
                return Ok((jar.add(gone), Redirect::to("/console/sign-in?done=guessed")).into_response());
            }
        }
    }
    if problems.is_empty() && was_had(&account, &earlier, &rule, &typed.password).await? {
        problems.push(Problem::at("password", format!("不能使用最近{}次用过的密码，请另设一个", rule.earlier)));
    }
    if !problems.is_empty() {
        return draw(&signed_in, &typed.next, StatusCode::UNPROCESSABLE_ENTITY, problems);
    }
    let (actor, seen, password) = (signed_in.actor(), password_seal(&account), typed.password);
    let changed = app.command(move |engine| {
        let hash = hash_password(&password).map_err(|error| CommandError::Blob(std::io::Error::other(error)))?;
        own_account::change_password(engine, &actor, &seen, &hash)
    });
    changed.await?;
    let cookie = web::renew_session(&app, &jar, &signed_in, agent(&headers)).await?;
    let to = if typed.next.is_empty() { "/console/me?done=password-changed" } else { local(&typed.next) };
    Ok((jar.add(cookie), Redirect::to(to)).into_response())
}

/// Whether this is one of the last passwords, the present one among them.
async fn was_had(account: &User, earlier: &[String], rule: &AccountRule, password: &str) -> Result<bool, Error> {
    for hash in std::iter::once(&account.password.hash).chain(earlier).take(rule.earlier) {
        if judge(password, hash).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn judge(password: &str, hash: &str) -> Result<bool, Error> {
    let judged = factors::judge_password(password.to_owned(), Some(hash.to_owned())).await;
    judged.map_err(|error| Error::Fault(format!("a password was not judged: {error}")))
}

impl Typed {
    /// What is wrong with the new password, as far as it can be seen from itself.
    fn problems(&self, rule: &AccountRule) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.password.is_empty() {
            problems.push(Problem::at("password", "请输入新密码"));
        } else if let Some(weakness) = factors::password_weakness(&self.password, rule.password()) {
            problems.push(Problem::at("password", weakness));
        }
        if self.again != self.password {
            problems.push(Problem::at("again", "两次输入的新密码不一致，请重新输入"));
        }
        problems
    }
}

fn draw(signed_in: &SignedIn, next: &str, status: StatusCode, problems: Vec<Problem>) -> Result<Response, Error> {
    let rule = sign_in_policy().rule(signed_in.person.is_officer);
    let reason = signed_in.must_change.map(|cause| told(cause, &rule));
    let rules = vec![
        format!("至少{}个字符，含小写字母、大写字母、数字、符号中的至少{}类", rule.length, rule.kinds),
        format!("不能使用最近{}次用过的密码", rule.earlier),
        format!("每{}天须更换一次", rule.days),
    ];
    let frame =
        if reason.is_some() { Frame::threshold(signed_in, "修改密码") } else { Frame::own(signed_in, "修改密码") };
    let username = signed_in.person.username.clone();
    let screen = Screen { reason, username, rules, next: next.to_owned(), problems };
    Ok((status, screens::draw("own_password.html", frame, screen)?).into_response())
}

fn told(cause: MustChange, rule: &AccountRule) -> String {
    match cause {
        MustChange::First => "首次登录，请先设置自己的密码。初始密码经他人转交，改好后只有您本人知道".into(),
        MustChange::Reset => "您的密码已由他人重置，请先设置自己的密码。改好后只有您本人知道".into(),
        MustChange::Old => format!("您的密码已使用满{}天，请先更换", rule.days),
    }
}
