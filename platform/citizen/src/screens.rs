//! Screens: the embedded templates, and the frame that every one of them stands in.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use model::Problem;
use render::Screens;
use rust_embed::RustEmbed;
use serde::Serialize;
use web::{App, Error, ErrorView};

use crate::assets::{ADDRESSES, Addresses};

/// Which version of 用户协议 and 隐私政策 people agree to: the day they were written.
pub(crate) const TERMS: &str = "2026-11-27";

#[derive(RustEmbed)]
#[folder = "screens/"]
struct Sources;

static SCREENS: LazyLock<Screens> = LazyLock::new(|| Screens::new(source));

fn source(name: &str) -> Option<String> {
    if name == "human.html" {
        return Some(human::MACRO.to_owned());
    }
    Sources::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// What stands around every screen.
#[derive(Serialize)]
pub(crate) struct Frame {
    title: &'static str,
    assets: &'static Addresses,
    sites: Vec<SiteLink>,
    /// Which entry of the menu one is at; none for those not signed in.
    place: Option<&'static str>,
    /// What was done, in words.
    notice: Option<&'static str>,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct SiteLink {
    name: String,
    address: String,
}

impl Frame {
    /// Around screens for those not signed in.
    pub(crate) fn outside(app: &App, title: &'static str) -> Self {
        let settings = &app.engine.settings;
        let link = |site: Arc<model::Site>| SiteLink {
            name: site.short_name.clone(),
            address: settings.public_url(&site.key, &site.domain),
        };
        let sites = app.tenants.list_open().into_iter().map(link).collect();
        Self { title, assets: &ADDRESSES, sites, place: None, notice: None, problems: Vec::new() }
    }

    /// Around screens of one's own.
    pub(crate) fn within(app: &App, place: &'static str, title: &'static str) -> Self {
        Self { place: Some(place), ..Self::outside(app, title) }
    }

    /// With what was done.
    #[must_use]
    pub(crate) fn noticed(self, done: &str) -> Self {
        Self { notice: notice(done), ..self }
    }

    /// With what is wrong, each at its field.
    #[must_use]
    pub(crate) fn with_problems(self, problems: Vec<Problem>) -> Self {
        Self { problems, ..self }
    }
}

/// What an address says was done.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    pub(crate) done: String,
}

fn notice(done: &str) -> Option<&'static str> {
    Some(match done {
        "signed-out" => "您已退出登录，各网站同时退出",
        "closed" => "账号已注销，您的个人信息已删除",
        "registered" => "注册成功，您可以用同一账号登录各政府网站",
        "saved" => "已保存",
        "recipient" => "联系方式已更新",
        "recipient-removed" => "联系方式已移除",
        "password" => "密码已设置，其他设备上的登录已退出",
        "password-removed" => "密码已取消，今后请使用验证码登录",
        "session" => "该设备已退出登录",
        "sessions" => "其他设备已全部退出登录",
        "linked" => "已关联，以后可以由此直接登录",
        "consent-withdrawn" => "授权已撤回",
        "sign-out" => "有应用请您退出登录：确需退出的，请点击页面上方的“退出登录”",
        "unlinked" => "已解除关联，其他设备上的登录已退出",
        "declined" => "没有关联，本次认证的信息已清除",
        "of-age" => "已转由其本人管理，监护人信息已删除",
        "confirmed" => "身份已确认，请再操作一次",
        "withdrawn" => "已撤回同意，该账号已注销，相关个人信息已删除",
        _ => return None,
    })
}

/// Draws a screen in its frame; with problems it is a form that was not taken.
pub(crate) fn draw<C: Serialize>(name: &str, frame: Frame, context: C) -> Result<Response, Error> {
    let status = if frame.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, part(name, frame, context)?).into_response())
}

fn part<C: Serialize>(name: &str, frame: Frame, context: C) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Framed<C> {
        frame: Frame,
        #[serde(flatten)]
        context: C,
    }
    let drawn = SCREENS.render(name, &Framed { frame, context });
    drawn.map(Html).map_err(|error| Error::Fault(format!("screen {name}: {error}")))
}

/// GET /terms
pub(crate) async fn terms(State(app): State<Arc<App>>) -> Result<Response, Error> {
    draw("terms.html", Frame::outside(&app, "用户服务协议"), Text { version: TERMS })
}

/// GET /privacy
pub(crate) async fn privacy(State(app): State<Arc<App>>) -> Result<Response, Error> {
    let contact = &app.engine.settings.citizens.contact;
    draw("privacy.html", Frame::outside(&app, "个人信息保护政策"), Privacy { version: TERMS, contact })
}

#[derive(Serialize)]
struct Privacy<'a> {
    version: &'static str,
    /// Whom to ask.
    contact: &'a str,
}

#[derive(Serialize)]
struct Text {
    version: &'static str,
}

/// The page of an error, complete.
pub fn error_screen(view: &ErrorView) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Screen<'a> {
        error: &'a ErrorView,
    }
    let frame =
        Frame { title: "出错了", assets: &ADDRESSES, sites: Vec::new(), place: None, notice: None, problems: Vec::new() };
    part("error.html", frame, Screen { error: view })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_compiles_and_none_has_inline_script_or_style() {
        for name in Sources::iter() {
            let source = String::from_utf8(Sources::get(&name).unwrap().data.into_owned()).unwrap();
            for banned in [" style=\"", "<style", "onclick=", "onchange=", "onsubmit=", "javascript:"] {
                assert!(!source.contains(banned), "{name} holds {banned}");
            }
            let error = SCREENS.render(&name, &serde_json::json!({})).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("syntax error"), "{name}: {error}");
        }
    }
}
