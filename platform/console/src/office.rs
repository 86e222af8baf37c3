//! Where people are managed: over the platform, or on one site.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use model::{Actor, Grant, Permission, Person, Role, Site, SiteId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::catalogue::Reach;
use web::{App, Error, Scope, SignedIn};

use crate::screens::{Frame, Place};

/// The office whose route was asked for.
pub(crate) enum Office {
    Platform(SignedIn),
    Site(Scope),
}

/// The account that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) user: UserId,
}

/// A role as it can be ticked.
#[derive(Serialize)]
pub(crate) struct Choice {
    word: &'static str,
    name: &'static str,
    hint: &'static str,
    is_held: bool,
    /// Not for this person to give or take.
    is_fixed: bool,
}

/// A tab of the office.
#[derive(Serialize)]
pub(crate) struct Tab {
    address: String,
    name: &'static str,
    here: bool,
}

impl Office {
    pub(crate) fn signed_in(&self) -> &SignedIn {
        match self {
            Self::Platform(signed_in) => signed_in,
            Self::Site(scope) => &scope.signed_in,
        }
    }

    pub(crate) fn person(&self) -> &Person {
        &self.signed_in().person
    }

    pub(crate) fn actor(&self) -> Actor {
        self.signed_in().actor()
    }

    pub(crate) fn site(&self) -> Option<SiteId> {
        match self {
            Self::Platform(_) => None,
            Self::Site(scope) => Some(scope.site.id),
        }
    }

    /// Where the office is.
    pub(crate) fn base(&self) -> String {
        match self {
            Self::Platform(_) => "/console/people".to_owned(),
            Self::Site(scope) => format!("/console/{}/people", scope.site.key),
        }
    }

    /// Whether they may say who works on the platform as a whole, and who may sign in.
    pub(crate) fn runs_platform(&self) -> bool {
        self.person().may_everywhere(Permission::Staff)
    }

    /// The sites whose people are looked at; whoever manages nobody's is told that there is nothing here.
    pub(crate) fn reach(&self, app: &App) -> Result<Reach, Error> {
        match self {
            Self::Site(scope) => Ok(Reach::Sites(vec![scope.site.id])),
            Self::Platform(_) if self.runs_platform() => Ok(Reach::Everywhere),
            Self::Platform(_) => {
                let sites: Vec<SiteId> = self.managed(app).map(|site| site.id).collect();
                if sites.is_empty() { Err(Error::NotFound) } else { Ok(Reach::Sites(sites)) }
            }
        }
    }

    /// The sites whose people they manage.
    pub(crate) fn managed(&self, app: &App) -> impl Iterator<Item = Arc<Site>> + '_ {
        app.tenants.list().into_iter().filter(|site| self.person().may(Permission::Staff, site.id))
    }

    pub(crate) fn frame(&self, title: &str) -> Frame {
        match self {
            Self::Platform(signed_in) => Frame::platform(signed_in, Place::AllPeople, title),
            Self::Site(scope) => Frame::site(scope, Place::People, title),
        }
    }

    /// Back to a page of the office, with something to say.
    pub(crate) fn back(&self, page: &str, done: &str) -> Response {
        Redirect::to(&format!("{}{page}?done={done}", self.base())).into_response()
    }

    /// What else there is in the office.
    pub(crate) fn tabs(&self, here: &'static str) -> Vec<Tab> {
        let mut tabs = vec![("", "人员")];
        if self.site().is_some() || self.runs_platform() {
            tabs.push(("/groups", "工作组"));
        }
        if self.site().is_some() {
            tabs.push(("/workload", "工作量"));
        }
        let tab = |(path, name)| Tab { address: format!("{}{path}", self.base()), name, here: name == here };
        tabs.into_iter().map(tab).collect()
    }

    /// The roles that can be held here, of which `held` are ticked, with those of `whom` that are not theirs to change fixed.
    pub(crate) fn choices(&self, held: &BTreeSet<Role>, whom: Option<UserId>) -> Vec<Choice> {
        self.choices_on(self.site(), held, whom)
    }

    /// The same on a site that is not of this office, for whoever runs the platform.
    pub(crate) fn choices_on(&self, site: Option<SiteId>, held: &BTreeSet<Role>, whom: Option<UserId>) -> Vec<Choice> {
        let choice = |role: &Role| Choice {
            word: role.as_str(),
            name: role.chinese(),
            hint: hint(*role, site.is_some()),
            is_held: held.contains(role),
            is_fixed: !self.person().may_grant(Grant { role: *role, site_id: site })
                || (*role == Role::Administrator && held.contains(role) && whom == Some(self.person().id)),
        };
        Role::ALL.iter().map(choice).collect()
    }
}

/// What a role is for, in words.
fn hint(role: Role, is_of_site: bool) -> &'static str {
    match role {
        Role::Editor => "撰写、送审稿件",
        Role::Reviewer => "审核稿件、安排发布时间",
        Role::Administrator if is_of_site => "管理本站的内容、栏目和人员",
        Role::Administrator => "管理全部站点和人员，可建站、紧急下架",
        Role::Auditor => "只查看审计日志，不兼任其他角色；由运维人员任免",
    }
}

/// The roles that were ticked; words that are no roles are left out.
pub(crate) fn ticked(words: &[String]) -> BTreeSet<Role> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// 编辑、审核员
pub(crate) fn told(roles: &BTreeSet<Role>) -> String {
    roles.iter().map(|role| role.chinese()).collect::<Vec<_>>().join("、")
}

impl<S: Send + Sync> FromRequestParts<S> for Office {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Scope::from_request_parts(parts, state).await {
            Ok(scope) => Ok(Self::Site(scope)),
            Err(_) => Ok(Self::Platform(SignedIn::from_request_parts(parts, state).await?)),
        }
    }
}
