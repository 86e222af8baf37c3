//! A site that was founded by mistake is taken away again, as long as the public never saw it.

use model::{Actor, Problem, SiteId, SiteState};
use serde_json::json;
use store::site_removal::{self, Obstacle};
use store::{Connection, audit, site_states, sites};

use super::site::{is_declared, tell};
use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// Whether a site was never anything but prepared.
pub fn is_unopened(connection: &mut Connection, site: SiteId) -> store::Result<bool> {
    let standings = site_states::list(connection, site)?;
    Ok(!standings.is_empty() && standings.iter().all(|standing| standing.state == SiteState::Preparing))
}

/// Why a site cannot be taken away, in a sentence; none: it can.
pub fn obstacle(engine: &Engine, connection: &mut Connection, site: SiteId, key: &str) -> store::Result<Option<&'static str>> {
    if !is_unopened(connection, site)? {
        return Ok(Some("站点已经开通过，不能删除；不再使用的站点请按程序关停"));
    }
    if is_declared(engine, key) {
        return Ok(Some("站点写在部署文件中，请先由运维人员移除该文件"));
    }
    Ok(site_removal::obstacle(connection, site)?.map(|obstacle| match obstacle {
        Obstacle::Published => "站点已有发布、推送或收到的内容，须留存备查，不能删除",
        Obstacle::AskedFor => "有其他站点订阅了本站内容，请先取消订阅",
        Obstacle::Media => "站点的媒体库还有文件，请先删除",
    }))
}

/// Takes a site away with everything of it, its pages on the disk included. `name`: its full name, typed by whoever means just this site.
pub fn remove(engine: &Engine, actor: &Actor, site: SiteId, name: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let found = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
        if let Some(told) = obstacle(engine, command, site, &found.key)? {
            return refused(told);
        }
        if name.trim() != found.name {
            return Err(CommandError::Invalid(vec![Problem::at("name", format!("请输入网站全称“{}”", found.name))]));
        }
        site_removal::remove(command, site, &found.key)?;
        let record = audit::Record {
            action: "site.remove",
            subject: format!("site:{site}"),
            site: None,
            before: json!({ "key": found.key, "name": found.name, "agency": found.agency.name }),
            after: json!(null),
        };
        audit::append(command, actor, record, now)?;
        // Last, while nobody can write a page of it any more: should this fail, all is as it was but for files, which a sweep puts right.
        Ok::<_, CommandError>(engine.pages().clear(&found.key)?)
    })?;
    tell(engine);
    Ok(())
}
