//! 授权登录: what becomes of somebody whom an application has sent to us and who is signed in: they are asked where that is wanted, and led
//! back. The screens are drawn by the console, and by 用户中心.

use std::sync::Arc;

use axum::response::Redirect;
use model::{Application, Clientele};
use oidc::{Asked, Asking, Prompt, Refusal, Scope};
use publish::commands::seal;
use serde::Serialize;
use store::applications;
use web::{App, Error};

use crate::authorize::find_door;
use crate::issuing::{give_code, has_agreed};
use crate::{Guest, Issuer, host_of, pairs};

/// Whether somebody agrees, in the form.
const AGREE: &str = "agree";

/// What they were shown, in the form.
const SEEN: &str = "seen";

/// What the form says beside the request.
const OURS: [&str; 2] = [AGREE, SEEN];

/// What is to be shown.
pub enum Next {
    /// Nothing: they sign in anew.
    Door(Redirect),
    /// A question.
    Ask(Question),
    /// A page that leads back.
    Back(Onward),
}

/// What somebody is asked.
#[derive(Serialize)]
pub struct Question {
    /// What the application is called.
    pub name: String,
    /// Who answers for it.
    pub keeper: String,
    /// How they are reached, where that is said.
    pub contact: String,
    /// What for the application is told, where that is said.
    pub purpose: String,
    /// To whom the person is sent back.
    pub host: String,
    /// What it will be told.
    pub told: Vec<&'static str>,
    /// What the form brings back.
    pub fields: Vec<(String, String)>,
}

/// A page that leads on by itself: a form may lead nowhere but to ourselves, and browsers hold a redirect after it to the same.
#[derive(Serialize)]
pub struct Onward {
    /// What the application is called.
    pub name: String,
    /// Where to.
    pub address: String,
    /// Whether it leads to somewhere they have not come from.
    pub leaves: bool,
}

/// Somebody comes with the request of an application.
pub async fn consider(app: &Arc<App>, issuer: &Issuer, guest: &Guest, query: Option<String>) -> Result<Next, Error> {
    let query = query.unwrap_or_default();
    let mut pairs = pairs(query.as_bytes());
    // What was left out, and what only the form says, does not come back in it.
    pairs.retain(|(name, value)| !OURS.contains(&name.as_str()) && !value.is_empty());
    let (application, asked) = judge(app, issuer, pairs.clone()).await?;
    // Whoever comes here without having been asked at the identity service is asked here.
    if let Some(door) = find_door(app, issuer, &asked, &query, Some(guest.since())) {
        return Ok(Next::Door(Redirect::to(&door)));
    }
    if asked.prompt != Prompt::Consent && has_agreed(app, &application, &asked, guest.subject()).await? {
        let code = give_code(app, guest, &application, &asked, false).await?;
        return Ok(Next::Back(onward(application, asked.answered(&code, issuer.endpoints.issuer()))));
    }
    let told = Scope::ALL.into_iter().filter(|scope| asked.scopes.contains(scope));
    pairs.push((SEEN.to_owned(), seal(&application.content)));
    Ok(Next::Ask(Question {
        told: told.map(|scope| in_words(scope, issuer.clientele)).collect(),
        host: host_of(&asked.redirect),
        name: application.content.name,
        keeper: application.content.keeper,
        contact: application.content.contact,
        purpose: application.content.purpose,
        fields: pairs,
    }))
}

/// Somebody has answered the question; `agree` among what was said is whether they do.
pub async fn settle(app: &Arc<App>, issuer: &Issuer, guest: &Guest, said: Vec<(String, String)>) -> Result<Onward, Error> {
    let (ours, request): (Vec<_>, Vec<_>) = said.into_iter().partition(|(name, _)| OURS.contains(&name.as_str()));
    let says = |name: &str, word: &str| ours.iter().any(|(one, value)| one == name && value == word);
    let (application, asked) = judge(app, issuer, request).await?;
    let address = if says(AGREE, "yes") {
        // They agreed to what they were shown.
        if !says(SEEN, &seal(&application.content)) {
            return Err(Error::Refused("该应用的登记信息刚刚更改，请返回该应用重新登录".into()));
        }
        let code = give_code(app, guest, &application, &asked, true).await?;
        asked.answered(&code, issuer.endpoints.issuer())
    } else {
        asked.told("access_denied").address(issuer.endpoints.issuer())
    };
    Ok(onward(application, address))
}

async fn judge(app: &Arc<App>, issuer: &Issuer, pairs: Vec<(String, String)>) -> Result<(Application, Asked), Error> {
    let asking = Asking::new(pairs);
    let client = asking.client().unwrap_or_default().to_owned();
    let found = app.read(move |connection| applications::find_by_client(connection, &client)).await?;
    let application = issuer.own(found.map(|(known, _)| known));
    match asking.judge(application.as_ref()) {
        Ok(asked) => Ok((application.ok_or(Error::NotFound)?, asked)),
        Err(Refusal::Shown(sentence)) => Err(Error::BadRequest(sentence.into())),
        // Who came by the application's own way was told there.
        Err(Refusal::Told(_)) => Err(Error::BadRequest("应用发来的登录请求有误，请返回该应用重新登录".into())),
    }
}

fn onward(application: Application, address: String) -> Onward {
    Onward { name: application.content.name, address, leaves: false }
}

/// All that an application may be told, as it is said to whom it is about; `scopes` in the words of the protocol.
pub fn told(scopes: &str, clientele: Clientele) -> String {
    Scope::among(scopes).into_iter().map(|scope| in_words(scope, clientele)).collect::<Vec<_>>().join("、")
}

fn in_words(scope: Scope, clientele: Clientele) -> &'static str {
    match (scope, clientele) {
        (Scope::OpenId, Clientele::Staff) => "账号编号（用于识别是您本人）",
        (Scope::OpenId, Clientele::Citizens) => "账号编号和实名等级（用于识别是您本人）",
        (Scope::Profile, Clientele::Staff) => "姓名、用户名",
        (Scope::Profile, Clientele::Citizens) => "称呼",
        (Scope::Email, _) => "电子邮箱",
        (Scope::Phone, _) => "手机号",
    }
}
