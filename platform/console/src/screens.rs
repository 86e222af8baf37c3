//! Screens: the embedded templates, and the frame that every one of them stands in.

use std::sync::LazyLock;

use axum::response::Html;
use render::Screens;
use rust_embed::RustEmbed;
use serde::Serialize;
use web::{Error, ErrorView, Scope, SignedIn};

use crate::assets::{ADDRESSES, Addresses};
pub(crate) use crate::menu::Place;
use crate::menu::{self, Menu};
use crate::notice::Notice;

#[derive(RustEmbed)]
#[folder = "screens/"]
struct Sources;

static SCREENS: LazyLock<Screens> =
    LazyLock::new(|| Screens::new(|name| Sources::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())));

/// What stands around every screen.
#[derive(Serialize)]
pub(crate) struct Frame {
    title: String,
    assets: &'static Addresses,
    person: Option<String>,
    site: Option<SiteName>,
    menu: Menu,
    notice: Option<Notice>,
}

#[derive(Serialize)]
struct SiteName {
    name: String,
}

impl Frame {
    /// Around screens for those not signed in.
    pub(crate) fn outside(title: &str) -> Self {
        Self { title: title.to_owned(), assets: &ADDRESSES, person: None, site: None, menu: Menu::default(), notice: None }
    }

    /// Around screens of the whole platform.
    pub(crate) fn platform(signed_in: &SignedIn, place: Place, title: &str) -> Self {
        let person = &signed_in.person;
        Self { person: Some(person.display_name.clone()), menu: menu::of(person, None, place), ..Self::outside(title) }
    }

    /// Around screens of one's own account.
    pub(crate) fn own(signed_in: &SignedIn, title: &str) -> Self {
        Self::platform(signed_in, Place::Me, title)
    }

    /// Around the one screen there is before the password is changed.
    pub(crate) fn threshold(signed_in: &SignedIn, title: &str) -> Self {
        Self { person: Some(signed_in.person.display_name.clone()), ..Self::outside(title) }
    }

    /// Around screens of a site.
    pub(crate) fn site(scope: &Scope, place: Place, title: &str) -> Self {
        let person = &scope.signed_in.person;
        Self {
            person: Some(person.display_name.clone()),
            site: Some(SiteName { name: scope.site.short_name.clone() }),
            menu: menu::of(person, Some(&scope.site), place),
            ..Self::outside(title)
        }
    }

    /// With something to say.
    #[must_use]
    pub(crate) fn noticed(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }
}

/// Draws a screen in its frame. The context's fields are the template's variables.
pub(crate) fn draw<C: Serialize>(name: &str, frame: Frame, context: C) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Framed<C> {
        frame: Frame,
        #[serde(flatten)]
        context: C,
    }
    part(name, &Framed { frame, context })
}

/// Draws a part of a screen.
pub(crate) fn part<C: Serialize>(name: &str, context: &C) -> Result<Html<String>, Error> {
    SCREENS.render(name, context).map(Html).map_err(|error| Error::Fault(format!("screen {name}: {error}")))
}

/// Draws a number beside an entry of the menu.
pub(crate) fn count(count: i64) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Part {
        count: i64,
    }
    part("count.html", &Part { count })
}

/// The page of an error, complete.
pub fn error_screen(view: &ErrorView) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Screen<'a> {
        error: &'a ErrorView,
    }
    draw("error.html", Frame::outside(&view.title), Screen { error: view })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_complete_and_says_the_request_id() {
        let view = ErrorView {
            status: 404,
            title: "页面不存在".into(),
            message: "<b>".into(),
            request_id: "r1".into(),
            is_forbidden: false,
        };
        let page = error_screen(&view).unwrap().0;
        for wanted in ["<!doctype html>", "lang=\"zh-CN\"", "页面不存在", "&lt;b&gt;", "r1", "console.css"] {
            assert!(page.contains(wanted), "{wanted} is missing in {page}");
        }
    }

    #[test]
    fn every_screen_compiles_and_none_has_inline_script_or_style() {
        for name in Sources::iter() {
            let source = String::from_utf8(Sources::get(&name).unwrap().data.into_owned()).unwrap();
            for banned in [" style=\"", "<style", "onclick=", "onchange=", "onsubmit=", "javascript:", "hx-on"] {
                assert!(!source.contains(banned), "{name} holds {banned}");
            }
            let error = SCREENS.render(&name, &serde_json::json!({})).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("syntax error"), "{name}: {error}");
        }
    }
}
