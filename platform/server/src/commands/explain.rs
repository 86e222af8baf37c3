//! `tongyuan user explain` and `tongyuan user who`: what somebody may do in a place and by which role, and who may do something there.

use ::publish::Engine;
use anyhow::{Context as _, Result};
use model::{ChannelTree, Entitlement, Grant, Ground, Permission, Roles, SiteId, User, entitlement, entitlements};
use serde_json::json;
use store::{channels, people, roles, sites};

use super::Context;
use super::user::site_id;

/// A place, with what is needed to judge and to name it.
struct Place {
    ground: Ground,
    tree: ChannelTree,
    roles: Roles,
    sites: Vec<(SiteId, String)>,
}

/// What somebody may do there.
pub(super) fn person(context: &Context, engine: &Engine, user: &User, at: (Option<&str>, Option<&str>)) -> Result<()> {
    let place = Place::find(engine, at)?;
    let grants = engine.store.read(|connection| people::list_grants(connection, user.id))?;
    // Whoever may not sign in may do nothing, whatever they hold.
    let held = if user.is_active() { grants } else { Vec::new() };
    let all = entitlements(&place.roles, &held, place.ground, &place.tree, engine.clock.now());
    let told: Vec<_> = all
        .iter()
        .map(|one| json!({ "permission": one.permission, "may": one.is_held(), "by": place.list(&one.by), "elsewhere": place.list(&one.elsewhere), "over": place.list(&one.over) }))
        .collect();
    context.print(&told, || all.iter().map(|one| place.line(one)).collect::<Vec<_>>().join("\n"))
}

/// Who may do this there.
pub(super) fn act(context: &Context, engine: &Engine, permission: &str, at: (Option<&str>, Option<&str>)) -> Result<()> {
    let known = || Permission::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    let permission: Permission =
        permission.parse().ok().with_context(|| format!("there is no permission `{permission}`: take one of {}", known()))?;
    let (place, now) = (Place::find(engine, at)?, engine.clock.now());
    let held = engine.store.read(|connection| roles::list_permitted(connection, permission, place.ground.site()))?;
    let able: Vec<(User, Grant)> = held
        .into_iter()
        .filter(|(user, _)| user.is_active())
        .filter(|(_, grant)| entitlement(&place.roles, &[*grant], permission, place.ground, &place.tree, now).is_held())
        .collect();
    let told: Vec<_> = able
        .iter()
        .map(|(user, grant)| json!({ "username": user.username, "name": user.display_name, "by": place.told(grant) }))
        .collect();
    context.print(&told, || {
        let line = |(user, grant): &(User, Grant)| format!("{:<20} {}  {}", user.username, user.display_name, place.told(grant));
        able.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

impl Place {
    fn find(engine: &Engine, (site, channel): (Option<&str>, Option<&str>)) -> Result<Self> {
        let site = site_id(engine, site)?;
        let (tree, roles, sites) = engine.store.read(|connection| {
            let tree = site.map(|site| channels::tree(connection, site)).transpose()?.unwrap_or_default();
            Ok::<_, store::Error>((tree, roles::all(connection)?, sites::list(connection)?))
        })?;
        let ground = match (site, channel) {
            (Some(site), Some(key)) => {
                let channel = tree.by_key(key).with_context(|| format!("the site has no channel `{key}`"))?;
                Ground::Channel(site, channel.id)
            }
            (site, _) => Ground::whole(site),
        };
        Ok(Self { ground, tree, roles, sites: sites.into_iter().map(|site| (site.id, site.key)).collect() })
    }

    fn line(&self, one: &Entitlement) -> String {
        let (answer, why) = if one.is_held() {
            ("yes", self.list(&one.by).join(", "))
        } else {
            let elsewhere = self.list(&one.elsewhere).into_iter().map(|told| format!("elsewhere: {told}"));
            let over = self.list(&one.over).into_iter().map(|told| format!("over: {told}"));
            ("no", over.chain(elsewhere).collect::<Vec<_>>().join(", "))
        };
        format!("{:<10} {answer:<3} {why}", one.permission.as_str()).trim_end().to_owned()
    }

    fn list(&self, grants: &[Grant]) -> Vec<String> {
        grants.iter().map(|grant| self.told(grant)).collect()
    }

    /// editor on wangxi, channel 7, until 2026-12-31T10:00:00
    fn told(&self, grant: &Grant) -> String {
        let role = self.roles.find(grant.role).map_or("?", |role| role.word.as_str());
        let site = |id| self.sites.iter().find(|(one, _)| *one == id).map_or("?", |(_, key)| key.as_str());
        let place = match grant.ground {
            Ground::Platform => "the platform".to_owned(),
            Ground::Site(id) => site(id).to_owned(),
            Ground::Channel(id, channel) => format!("{}, channel {channel} and below", site(id)),
        };
        let until = grant.until.map(|until| format!(" until {}", until.format("%Y-%m-%dT%H:%M:%SZ"))).unwrap_or_default();
        format!("{role} on {place}{until}")
    }
}
