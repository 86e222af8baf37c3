//! 未成年人: whoever is too young to consent for themselves registers with a guardian beside them, who is sent a code of their own and consents
//! (《个人信息保护法》第三十一条).

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use human::{Answer, Why};
use model::{Problem, Recipient, citizen_policy};
use publish::commands::citizen_code::Purpose;
use serde::{Deserialize, Serialize};
use web::{App, AskedHuman, ClientAddress, Error, judge_human};

use crate::code;
use crate::coming::local;
use crate::registering::{Begun, enrol, too_late};
use crate::screens::{self, Frame};
use crate::sign_in::{HUMAN, agent, asked};

/// What is typed, at both steps.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    begun: String,
    next: String,
    guardian: String,
    asked: String,
    code: String,
    consent: String,
    #[serde(flatten)]
    human: Answer,
}

#[derive(Serialize)]
struct Screen<'a> {
    begun: String,
    next: &'a str,
    guardian: &'a str,
    /// Set once a code was sent there, with what its page holds.
    sent_to: Option<String>,
    asked: &'a str,
    consented: bool,
    consent_age: u32,
    minutes: u32,
    human: AskedHuman,
}

/// Asks for the guardian.
pub(crate) fn ask(app: &App, begun: &Begun, next: &str) -> Result<Response, Error> {
    page(app, begun, &Typed { next: next.to_owned(), ..Typed::default() }, None, Vec::new(), None)
}

/// POST /register/guardian
pub(crate) async fn ask_guardian(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(begun) = Begun::of(&app, &typed.begun) else { return Ok(too_late()) };
    if typed.guardian.is_empty() {
        return page(&app, &begun, &typed, None, Vec::new(), None);
    }
    let guardian = match Recipient::typed("guardian", &typed.guardian) {
        Ok(guardian) if guardian == begun.recipient() => {
            let problem = Problem::at("guardian", "请填写监护人本人的手机号或邮箱，不能与您的相同");
            return page(&app, &begun, &typed, None, vec![problem], None);
        }
        Ok(guardian) => guardian,
        Err(problems) => return page(&app, &begun, &typed, None, problems, None),
    };
    if let Err(why) = judge_human(&app, &typed.human, HUMAN, &address).await {
        return page(&app, &begun, &typed, None, Vec::new(), Some(why));
    }
    match code::send(&app, Purpose::Consent, &guardian, ("guardian", &address)).await? {
        Ok(asked) => page(&app, &begun, &Typed { asked, ..typed }, Some(&guardian), Vec::new(), None),
        Err(problems) => page(&app, &begun, &typed, None, problems, None),
    }
}

/// POST /register/consent
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    // Without what was said before there is nothing to consent to.
    let Some(begun) = Begun::of(&app, &typed.begun).filter(|begun| begun.call.is_some()) else { return Ok(too_late()) };
    let Ok(guardian) = Recipient::typed("guardian", &typed.guardian) else {
        return ask(&app, &begun, local(&typed.next));
    };
    if typed.consent.is_empty() {
        let problem = Problem::at("consent", "须由监护人阅读并同意后才能注册");
        return page(&app, &begun, &typed, Some(&guardian), vec![problem], None);
    }
    if let Err(problems) = code::take(&app, Purpose::Consent, (&guardian, &typed.asked), (&typed.code, &address)).await? {
        return page(&app, &begun, &typed, Some(&guardian), problems, None);
    }
    enrol(&app, jar, &begun, Some(guardian), (address, agent(&headers)), local(&typed.next)).await
}

fn page(
    app: &App,
    begun: &Begun,
    typed: &Typed,
    sent_to: Option<&Recipient>,
    problems: Vec<Problem>,
    why: Option<Why>,
) -> Result<Response, Error> {
    let screen = Screen {
        begun: begun.sealed(app),
        next: local(&typed.next),
        guardian: typed.guardian.trim(),
        sent_to: sent_to.map(Recipient::masked),
        asked: &typed.asked,
        consented: !typed.consent.is_empty(),
        consent_age: citizen_policy().consent_age,
        minutes: citizen_policy().codes.minutes,
        human: asked(app, why.map(|why| (&typed.human, why))),
    };
    screens::draw("minor.html", Frame::outside(app, "监护人同意").with_problems(problems), screen)
}
