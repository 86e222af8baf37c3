//! 访问令牌: made by their people, for some of what they may do, until a day; ended by them or by whoever manages all people.

use chrono::TimeDelta;
use model::api_token::{ApiToken, TokenScope};
use model::text::is_plain_line;
use model::{Actor, Permission, Problem, TokenId, UserId, sign_in_policy};
use serde_json::json;
use store::api_tokens::{self, NewToken};
use store::{Command, audit, people, sites};

use super::account::{check_manages_people, subject};
use super::{CommandError, Result};
use crate::engine::Engine;

/// Characters of a name at most.
const LONGEST: usize = 30;

/// A token as it is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is to be called.
    pub name: String,
    /// What it is for.
    pub scope: TokenScope,
    /// For how many days; none where no number was typed.
    pub days: Option<u32>,
}

/// Makes a token of the actor's own; only the hash of what they are shown is known here.
pub fn make(engine: &Engine, actor: &Actor, wanted: &Wanted, hash: &str) -> Result<TokenId> {
    let now = engine.clock.now();
    let user = actor.user_id.ok_or(CommandError::Forbidden)?;
    engine.store.command(|command| {
        let person = people::find_person(command, user, now)?.ok_or(CommandError::Forbidden)?;
        let mut problems = wanted.problems();
        let beyond = wanted.scope.beyond(&person);
        if !beyond.is_empty() {
            let names: Vec<_> = beyond.into_iter().map(Permission::chinese).collect();
            problems.push(Problem::at("permissions", format!("您在所选范围内没有这些权限：{}", names.join("、"))));
        }
        let known = api_tokens::list(command, user)?;
        if known.iter().any(|token| token.name == wanted.name) {
            problems.push(Problem::at("name", "您已有同名的令牌，请换一个名称"));
        }
        if known.len() >= sign_in_policy().tokens.most {
            problems.push(Problem::at("name", "令牌数量已达上限，请先撤销不再使用的令牌"));
        }
        let (Some(days), []) = (wanted.days, problems.as_slice()) else { return Err(CommandError::Invalid(problems)) };
        let ends_at = now + TimeDelta::days(days.into());
        let new = NewToken { user, name: &wanted.name, hash, scope: &wanted.scope, ends_at };
        let id = api_tokens::insert(command, &new, now)?;
        let record = audit::Record {
            action: "token.make",
            subject: subject(user),
            site: None,
            before: json!(null),
            after: told(command, &wanted.name, &wanted.scope, Some(days))?,
        };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Ends a token: one's own, or anybody's for whoever manages all people. It opens nothing from then on, on any node.
pub fn revoke(engine: &Engine, actor: &Actor, user: UserId, id: TokenId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        if actor.user_id != Some(user) {
            check_manages_people(command, actor, now)?;
        }
        let ApiToken { name, scope, .. } = api_tokens::delete(command, user, id)?.ok_or(CommandError::NotFound)?;
        let record = audit::Record {
            action: "token.revoke",
            subject: subject(user),
            site: None,
            before: told(command, &name, &scope, None)?,
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

impl Wanted {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (length, longest) = (self.name.chars().count(), sign_in_policy().tokens.days);
        if length == 0 {
            problems.push(Problem::at("name", "请填写名称"));
        } else if length > LONGEST || !is_plain_line(&self.name) {
            problems.push(Problem::at("name", format!("名称不超过{LONGEST}字，不含特殊字符")));
        }
        if self.scope.permissions.is_empty() {
            problems.push(Problem::at("permissions", "请至少选择一项权限"));
        }
        if !self.days.is_some_and(|days| (1..=longest).contains(&days)) {
            problems.push(Problem::at("days", format!("有效天数为1至{longest}的整数")));
        }
        problems
    }
}

/// A token as the audit log tells it.
fn told(command: &mut Command<'_>, name: &str, scope: &TokenScope, days: Option<u32>) -> Result<serde_json::Value> {
    let site = match scope.ground.site() {
        Some(site) => sites::find(command, site)?.map(|site| site.name),
        None => None,
    };
    let permissions: Vec<_> = scope.permissions.iter().map(|permission| permission.chinese()).collect();
    Ok(json!({ "name": name, "place": site.unwrap_or_else(|| "全平台".into()), "permissions": permissions, "days": days }))
}
