//! Naming a search of the library (保存常用视图), and forgetting it.

use model::{Actor, Problem, SavedViewId, SiteId, UserId};
use serde_json::json;
use store::{audit, saved_views};

use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// Letters of a name, and views of a person in one place.
const LONGEST: usize = 30;
const MOST: usize = 50;

/// Keeps a search under a name; the person's own view of that name is replaced.
pub fn save(engine: &Engine, actor: &Actor, site: Option<SiteId>, name: &str, query: &str) -> Result<()> {
    let (name, of) = (checked(name)?, owner(actor)?);
    let now = engine.clock.now();
    engine.store.command(|command| {
        let known = saved_views::list(command, of, site)?;
        if known.len() >= MOST && !known.iter().any(|view| view.name == name) {
            return Err(CommandError::Invalid(vec![Problem::at("name", format!("最多保存{MOST}个视图，请先删除不用的视图"))]));
        }
        let before = saved_views::save(command, of, site, &name, query, now)?;
        let record = audit::Record {
            action: "view.save",
            subject: format!("user:{of}"),
            site,
            before: json!(before.map(|view| json!({ "name": view.name, "query": view.query }))),
            after: json!({ "name": name, "query": query }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Forgets a view of the person's own.
pub fn delete(engine: &Engine, actor: &Actor, id: SavedViewId) -> Result<()> {
    let of = owner(actor)?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let gone = saved_views::delete(command, of, id)?.ok_or(CommandError::NotFound)?;
        let record = audit::Record {
            action: "view.delete",
            subject: format!("user:{of}"),
            site: gone.site_id,
            before: json!({ "name": gone.name, "query": gone.query }),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

fn owner(actor: &Actor) -> Result<UserId> {
    match actor.user_id {
        Some(id) => Ok(id),
        None => refused("常用视图属于个人，请登录后保存"),
    }
}

fn checked(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let problem = match name.chars().count() {
        0 => "请填写视图名称".to_owned(),
        1..=LONGEST => return Ok(name),
        _ => format!("视图名称不超过{LONGEST}字"),
    };
    Err(CommandError::Invalid(vec![Problem::at("name", problem)]))
}
