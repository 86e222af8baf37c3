//! Where people are managed: over the platform, or on one site.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use model::{Actor, Duty, Ground, Permission, Person, Role, RoleId, Roles, Site, SiteId, UserId};
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
    word: String,
    name: String,
    hint: String,
    is_held: bool,
    /// Not for this person to give or take.
    pub(crate) is_fixed: bool,
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

    /// Whether they manage the people of the whole platform, and say who may sign in.
    pub(crate) fn manages_all(&self) -> bool {
        self.person().may_everywhere(Permission::Staff)
    }

    /// The sites whose people are looked at; whoever manages nobody's is told that there is nothing here.
    pub(crate) fn reach(&self, app: &App) -> Result<Reach, Error> {
        match self {
            Self::Site(scope) => Ok(Reach::Sites(vec![scope.site.id])),
            Self::Platform(_) if self.manages_all() => Ok(Reach::Everywhere),
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
        if self.site().is_some() || self.manages_all() {
            tabs.push(("/groups", "工作组"));
        }
        if self.site().is_some() {
            tabs.push(("/workload", "工作量"));
        }
        if self.site().is_some() || self.manages_all() {
            tabs.push(("/roles", "角色"));
            tabs.push(("/rights", "谁能做什么"));
        }
        let tab = |(path, name)| Tab { address: format!("{}{path}", self.base()), name, here: name == here };
        tabs.into_iter().map(tab).collect()
    }

    /// The roles that can be held here, of which `held` are ticked, with those of `whom` that are not theirs to change fixed.
    pub(crate) fn choices(&self, roles: &Roles, held: &BTreeSet<RoleId>, whom: Option<UserId>) -> Vec<Choice> {
        self.choices_on(self.site(), roles, held, whom)
    }

    /// The same on a site that is not of this office, for whoever runs the platform.
    pub(crate) fn choices_on(
        &self,
        site: Option<SiteId>,
        roles: &Roles,
        held: &BTreeSet<RoleId>,
        whom: Option<UserId>,
    ) -> Vec<Choice> {
        let choice = |role: &Role| {
            let is_held = held.contains(&role.id);
            Choice {
                word: role.word.clone(),
                name: role.name.clone(),
                hint: hint(role),
                is_held,
                is_fixed: !self.person().may_grant(role, Ground::whole(site))
                    || (role.is_indispensable() && is_held && whom == Some(self.person().id)),
            }
        };
        roles.0.iter().filter(|role| role.fits(Ground::whole(site)) || held.contains(&role.id)).map(choice).collect()
    }
}

/// What a role is for, and why it cannot be chosen.
fn hint(role: &Role) -> String {
    match role.duty {
        Duty::Security | Duty::Audit => format!("{}；由运维人员在服务器上任免", role.note),
        // A role of one's own need not say what it is for; what it permits says it.
        Duty::Business | Duty::System if role.note.is_empty() => {
            role.permissions.iter().map(|permission| permission.chinese()).collect::<Vec<_>>().join("、")
        }
        Duty::Business | Duty::System => role.note.clone(),
    }
}

/// Every role there is.
pub(crate) async fn roles(app: &Arc<App>) -> Result<Roles, Error> {
    app.read(store::roles::all).await
}

/// The roles that were ticked; words that are no roles are left out.
pub(crate) fn ticked(roles: &Roles, words: &[String]) -> BTreeSet<RoleId> {
    words.iter().filter_map(|word| roles.by_word(word)).map(|role| role.id).collect()
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
