//! Roles of the city's own (自设角色) are made, changed and taken away by who says what people may do. What is changed holds from the
//! next request on for everybody who holds it.

use chrono::NaiveDateTime;
use model::{Actor, Duty, Grant, Ground, Permission, Problem, Role, RoleContent, RoleId, User};
use serde_json::{Value, json};
use store::{Command, audit, people, roles, sites};

use super::rights::check_everywhere;
use super::{CommandError, Result, refused, seal};
use crate::engine::Engine;

/// Makes a role.
pub fn add(engine: &Engine, actor: &Actor, content: &RoleContent) -> Result<RoleId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_everywhere(command, actor, Permission::Roles, now)?;
        check(command, None, content)?;
        check_gives(command, actor, &content.as_role(RoleId(0), ""), now)?;
        let id = roles::insert(command, content)?;
        let record =
            audit::Record { action: "role.add", subject: subject(id), site: None, before: json!(null), after: told(content) };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Puts `content` in the place of the one whose seal is `seen`. What a role is there for is not changed with it.
pub fn save(engine: &Engine, actor: &Actor, id: RoleId, seen: &str, content: &RoleContent) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_everywhere(command, actor, Permission::Roles, now)?;
        let role = own(command, id, seen)?;
        let before = RoleContent::of(&role);
        let content = RoleContent { duty: before.duty, ..content.clone() };
        if before == content {
            return Ok(());
        }
        check(command, Some(&role), &content)?;
        let after = content.as_role(id, &role.word);
        check_gives(command, actor, &role, now)?;
        check_gives(command, actor, &after, now)?;
        check_held(command, &after)?;
        roles::update(command, id, &content)?;
        let record =
            audit::Record { action: "role.save", subject: subject(id), site: None, before: told(&before), after: told(&content) };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Takes away the role whose seal is `seen`, unless somebody holds it.
pub fn delete(engine: &Engine, actor: &Actor, id: RoleId, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_everywhere(command, actor, Permission::Roles, now)?;
        let role = own(command, id, seen)?;
        let holders = roles::list_holders(command, id)?;
        if !holders.is_empty() {
            let named = named(command, &holders)?;
            return refused(&format!("仍有人担任“{}”：{named}。请先取消其角色，再删除", role.name));
        }
        roles::delete(command, id)?;
        let before = told(&RoleContent::of(&role));
        let record = audit::Record { action: "role.delete", subject: subject(id), site: None, before, after: json!(null) };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Stands for what a role said and permitted when it was looked at.
pub fn role_seal(role: &Role) -> String {
    seal(&RoleContent::of(role))
}

/// The role of one's own with this number; those of the platform are as they are.
fn own(command: &mut Command<'_>, id: RoleId, seen: &str) -> Result<Role> {
    let role = roles::all(command)?.find(id).cloned().ok_or(CommandError::NotFound)?;
    if role.is_standard() {
        return refused("平台自带的角色不能修改或删除");
    }
    if role_seal(&role) == seen { Ok(role) } else { Err(CommandError::Stale) }
}

fn check(command: &mut Command<'_>, before: Option<&Role>, content: &RoleContent) -> Result<()> {
    let mut problems = content.problems();
    let is_other = |role: &&Role| Some(role.id) != before.map(|role| role.id);
    if roles::all(command)?.0.iter().filter(is_other).any(|role| role.name == content.name) {
        problems.push(Problem::at("name", format!("已有名为“{}”的角色", content.name)));
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// Nobody puts into a role what they could not give to somebody by themselves.
fn check_gives(command: &mut Command<'_>, actor: &Actor, role: &Role, now: NaiveDateTime) -> Result<()> {
    let Some(id) = actor.user_id else { return Ok(()) };
    match people::find_person(command, id, now)? {
        Some(person) if person.may_grant(role, Ground::Platform) => Ok(()),
        _ => Err(CommandError::Forbidden),
    }
}

/// Whoever holds it must be able to hold it as it is to be.
fn check_held(command: &mut Command<'_>, role: &Role) -> Result<()> {
    let unfit: Vec<(User, Grant)> =
        roles::list_holders(command, role.id)?.into_iter().filter(|(_, grant)| !role.fits(grant.ground)).collect();
    if unfit.is_empty() {
        return Ok(());
    }
    let named = named(command, &unfit)?;
    let why = match role.duty {
        Duty::Business if role.permissions.contains(&Permission::Staff) => {
            "“人员管理”只能在单个站点担任；单个栏目只能担任稿件类权限"
        }
        _ => "单个栏目只能担任稿件类权限",
    };
    let sentence = format!("{why}，以下人员的任职与此不符，请先调整：{named}");
    Err(CommandError::Invalid(vec![Problem::at("permissions", sentence)]))
}

/// Some of those people, with where they hold it.
fn named(command: &mut Command<'_>, holders: &[(User, Grant)]) -> Result<String> {
    /// More would not be read.
    const MOST: usize = 10;
    let sites = sites::list(command)?;
    let place = |ground: Ground| {
        let site = ground.site().and_then(|id| sites.iter().find(|site| site.id == id));
        site.map_or("全平台", |site| site.short_name.as_str())
    };
    let one = |(user, grant): &(User, Grant)| format!("{}（{}，{}）", user.display_name, user.username, place(grant.ground));
    let told = holders.iter().take(MOST).map(one).collect::<Vec<_>>().join("、");
    let more = if holders.len() > MOST { format!("等，共{}人次", holders.len()) } else { String::new() };
    Ok(told + &more)
}

/// A role as the audit log tells it.
fn told(content: &RoleContent) -> Value {
    let permissions: Vec<&str> = content.permissions.iter().map(|permission| permission.chinese()).collect();
    json!({ "name": content.name, "note": content.note, "duty": content.duty.chinese(), "permissions": permissions })
}

fn subject(id: RoleId) -> String {
    format!("role:{id}")
}
