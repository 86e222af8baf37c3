//! Signing in with a password, for whoever has one. Refusals are the same sentence whether there is such an account or not, and take as long.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use human::{Answer, Why};
use model::{Problem, Recipient, citizen_policy};
use publish::commands::citizen::{self, Means};
use serde::Deserialize;
use web::{App, ClientAddress, Error, judge_human, network};

use crate::coming::local;
use crate::screens::{self, Frame};
use crate::sign_in::{HUMAN, Screen, agent, asked, come_in};
use crate::via;

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Credentials {
    recipient: String,
    password: String,
    next: String,
    #[serde(flatten)]
    human: Answer,
}

/// POST /sign-in/password
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, Error> {
    let recipient = match Recipient::typed("recipient", &typed.recipient) {
        Ok(recipient) => recipient,
        Err(problems) => return again(&app, &typed, problems, None).await,
    };
    if typed.password.is_empty() {
        return again(&app, &typed, vec![Problem::at("password", "请输入密码")], None).await;
    }
    if let Err(why) = judge_human(&app, &typed.human, HUMAN, &address).await {
        return again(&app, &typed, Vec::new(), Some(why)).await;
    }
    // Counted before it is judged, so that many at once are not let through together.
    let tries = Tries::new(&recipient, &address);
    let Some(number) = tries.admit(&app).await else { return again(&app, &typed, vec![too_often()], None).await };
    let (engine, to) = (Arc::clone(&app.engine), recipient.clone());
    let found = app.read(move |connection| citizen::find_by_recipient(&engine.vault, connection, &to)).await?;
    let (known, hash) = found.map_or((None, None), |(known, hash)| (Some(known.id), hash));
    let judged = factors::judge_password(typed.password.clone(), hash).await;
    let is_right = judged.map_err(|error| Error::Fault(format!("a password was not judged: {error}")))?;
    if let Some(id) = known.filter(|_| is_right) {
        tries.forget(&app).await;
        return come_in(&app, jar, id, (address, agent(&headers)), Means::Password, local(&typed.next)).await;
    }
    let is_last = number >= citizen_policy().attempts.failures;
    app.command(move |engine| citizen::kept_out(engine, known, &address, is_last)).await?;
    let problem = if is_last {
        too_often()
    } else {
        Problem::at("password", "手机号、邮箱或密码不正确，或该账号没有设置密码。您可以改用验证码登录")
    };
    again(&app, &typed, vec![problem], None).await
}

/// How often one account, and one network address, is tried.
struct Tries {
    account: String,
    address: String,
}

impl Tries {
    fn new(recipient: &Recipient, address: &str) -> Self {
        let account = blake3::hash(recipient.text().as_bytes()).to_hex();
        Self { account: format!("citizen:account:{account}"), address: format!("citizen:address:{}", network(address)) }
    }

    /// Which try at the account this one is; none where it must wait.
    async fn admit(&self, app: &App) -> Option<u32> {
        let (rule, cache) = (citizen_policy().attempts, &app.engine.cache);
        let window = Duration::from_secs(u64::from(rule.minutes) * 60);
        if cache.hit(&self.address, window).await > app.engine.settings.web.sign_in_failures_per_address {
            return None;
        }
        let number = cache.hit(&self.account, window).await;
        (number <= rule.failures).then_some(number)
    }

    async fn forget(&self, app: &App) {
        app.engine.cache.clear(&self.account).await;
        app.engine.cache.take_back(&self.address).await;
    }
}

fn too_often() -> Problem {
    let minutes = citizen_policy().attempts.minutes;
    Problem::at("password", format!("登录失败次数过多，请{minutes}分钟后再试，或改用验证码登录"))
}

/// The form again with what was typed, the password left out.
async fn again(app: &Arc<App>, typed: &Credentials, problems: Vec<Problem>, why: Option<Why>) -> Result<Response, Error> {
    let (human, services) = (asked(app, why.map(|why| (&typed.human, why))), via::services(app).await?);
    let screen = Screen { recipient: typed.recipient.trim(), next: local(&typed.next), by_password: true, human, services };
    screens::draw("sign_in.html", Frame::outside(app, "登录").with_problems(problems), screen)
}
