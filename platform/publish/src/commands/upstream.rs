//! Upper-level identity services (上级认证) are registered and changed by whoever manages all people; what the groups of one for
//! our people bring goes no further than what whoever says it could give; what one for citizens says is how well it is known who they are.

use model::{Actor, Clientele, Duty, Grant, Problem, Upstream, UpstreamContent, UpstreamId, is_upstream_key};
use serde_json::{Value, json};
use store::sealed::UPSTREAM_SECRET;
use store::{Command, audit, pending_links, roles, upstreams};
use vault::Place;

use super::account::check_manages_people;
use super::membership::check_grant;
use super::{CommandError, Result, citizen_link, linking, seal, upstream_link};
use crate::engine::Engine;

/// Registers one for such people, under a short name; it keeps both. `secret` is what it gave us, if anything.
pub fn add(
    engine: &Engine,
    actor: &Actor,
    (key, clientele): (&str, Clientele),
    content: &UpstreamContent,
    secret: Option<&str>,
) -> Result<UpstreamId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let mut problems = problems(command, engine, actor, (None, clientele), content)?;
        if clientele == Clientele::Citizens && engine.settings.citizens.address.is_none() {
            problems.push(Problem::at("clientele", "本平台未开设统一用户中心，不能登记面向社会公众的认证服务"));
        }
        if !is_upstream_key(key) {
            problems.push(Problem::at("key", "标识为2至30个小写字母、数字或 -，以字母或数字开头"));
        } else if upstreams::find_by_key(command, key)?.is_some() {
            problems.push(Problem::at("key", format!("标识“{key}”已被使用")));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let id = upstreams::insert(command, (key, clientele), content, now)?;
        if let Some(secret) = secret {
            keep_secret(command, engine, id, secret)?;
        }
        let mut after = told(content, secret.is_some());
        after["clientele"] = json!(clientele);
        let record = audit::Record { action: "upstream.add", subject: subject(id), site: None, before: json!(null), after };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Puts `content` in the place of what has the seal `seen`, and another secret in the place of the one there is.
pub fn save(
    engine: &Engine,
    actor: &Actor,
    key: &str,
    seen: &str,
    content: &UpstreamContent,
    secret: Option<&str>,
) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let before = upstreams::find_by_key(command, key)?.ok_or(CommandError::NotFound)?;
        if seal(&before.content) != seen {
            return Err(CommandError::Stale);
        }
        if before.content == *content && secret.is_none() {
            return Ok(());
        }
        let mut problems = problems(command, engine, actor, (Some(&before), before.clientele), content)?;
        // A secret is told to nobody but who gave it.
        if before.has_secret && secret.is_none() && before.content.issuer != content.issuer {
            problems.push(Problem::at("secret", "更换了服务地址的，请重新填写应用密钥"));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        upstreams::update(command, before.id, content)?;
        if let Some(secret) = secret {
            keep_secret(command, engine, before.id, secret)?;
        }
        let record = audit::Record {
            action: "upstream.save",
            subject: subject(before.id),
            site: None,
            before: told(&before.content, false),
            after: told(content, secret.is_some()),
        };
        audit::append(command, actor, record, now)?;
        // Not only when somebody comes in again: whoever never does would keep it.
        let gives_on = content.is_open && content.claim == before.content.claim;
        // It is not kept by which word somebody came to a level: where one means another now, nobody keeps what it gave.
        let means_the_same = before.content.levels.iter().all(|known| content.levels.contains(known));
        let after = Upstream { content: content.clone(), ..before };
        match after.clientele {
            Clientele::Staff => {
                let given = content.rules.iter().filter(|_| gives_on).map(|rule| (rule.role, rule.ground)).collect();
                upstream_link::narrow(command, &after, &given, now)
            }
            Clientele::Citizens => {
                pending_links::delete_through(command, after.id)?;
                let given: Vec<_> =
                    content.levels.iter().filter(|_| gives_on && means_the_same).map(|known| known.level).collect();
                citizen_link::narrow(command, engine, &after, &given)
            }
        }
    })
}

/// Notes that what somebody brought from it let nobody in: it was not believed, or it means nobody here.
pub fn failed(engine: &Engine, upstream: &Upstream, address: &str, why: &str) -> Result<()> {
    let actor = Actor { user_id: None, name: "未登录".to_owned(), address: address.to_owned() };
    let after = json!({ "name": upstream.content.name, "reason": why });
    let record = audit::Record { action: "upstream.fail", subject: subject(upstream.id), site: None, before: json!(null), after };
    engine.store.command(|command| Ok(audit::append(command, &actor, record, engine.clock.now())?))
}

fn keep_secret(command: &mut Command<'_>, engine: &Engine, id: UpstreamId, secret: &str) -> Result<()> {
    let sealed = engine.vault.seal(Place::new(UPSTREAM_SECRET.name, id.0), secret.as_bytes());
    Ok(upstreams::set_secret(command, id, &sealed.to_string())?)
}

fn problems(
    command: &mut Command<'_>,
    engine: &Engine,
    actor: &Actor,
    (before, clientele): (Option<&Upstream>, Clientele),
    content: &UpstreamContent,
) -> Result<Vec<Problem>> {
    let id = before.map(|known| known.id);
    let mut problems = content.problems(clientele);
    if upstreams::list(command)?.iter().any(|other| Some(other.id) != id && other.content.name == content.name) {
        problems.push(Problem::at("name", format!("已有名为“{}”的认证服务", content.name)));
    }
    // Another service may mean somebody else by the same word.
    if let Some(before) = before.filter(|before| before.content.issuer != content.issuer)
        && linking::is_linked(command, before)?
    {
        problems.push(Problem::at("issuer", "已有人关联，服务地址不能更改；换了认证服务的，请另行登记"));
    }
    let (known, now) = (roles::all(command)?, engine.clock.now());
    for rule in &content.rules {
        let grant = Grant::lasting(rule.role, rule.ground);
        if let Some(problem) = check_grant(command, actor, &known, grant, now)? {
            problems.push(Problem::at("rules", problem.message));
        }
        if let Some(role) = known.find(rule.role).filter(|role| role.duty != Duty::Business) {
            problems.push(Problem::at("rules", format!("“{}”须逐人任命，不能随上级的组授予", role.name)));
        }
    }
    Ok(problems)
}

fn told(content: &UpstreamContent, has_new_secret: bool) -> Value {
    let mut told = json!(content);
    told["new_secret"] = json!(has_new_secret);
    told
}

/// `upstream:3`, as the audit log names it.
fn subject(id: UpstreamId) -> String {
    format!("upstream:{id}")
}
