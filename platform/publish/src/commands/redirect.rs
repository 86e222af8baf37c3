//! Redirects: old addresses are led to new ones. Pages win over redirects, so none is made where a page is; and no redirect may
//! lead back to itself, by however many others.

use model::{Actor, PageState, Problem, Redirect, RedirectId, Site, SiteId};
use serde_json::json;
use store::{Command, Connection, audit, pages, redirects, sites};

use super::{CommandError, Result};
use crate::address;
use crate::engine::Engine;
use crate::purge;

/// More than anybody follows.
const HOPS: usize = 10;

/// Characters of an address at most.
const LONGEST: usize = 2_000;

/// What is wished for, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The old address: of this site, with or without its host.
    pub old: String,
    /// The new one: of this site, or complete.
    pub new: String,
}

/// Makes these redirects, all or none; a problem stands at `old` or `new` of its row, which is counted from 0.
/// Says how many there are that were not there before.
pub fn save(engine: &Engine, actor: &Actor, site: &Site, wishes: &[Wish]) -> std::result::Result<usize, SaveError> {
    let now = engine.clock.now();
    let mut changed = Vec::with_capacity(wishes.len());
    let made = engine.store.command(|command| {
        let hosts = Hosts::find(engine, command)?;
        let (mut problems, mut saved, mut new) = (Vec::new(), Vec::new(), 0);
        for (row, wish) in wishes.iter().enumerate() {
            let read = read_old(&hosts, site, &wish.old).and_then(|old| Ok((old, read_new(engine, &hosts, &wish.new)?)));
            let ((path, query), target) = match read {
                Ok(read) => read,
                Err(problem) => {
                    problems.push((row, problem));
                    continue;
                }
            };
            if let Some(problem) = taken(command, site.id, &path)? {
                problems.push((row, problem));
                continue;
            }
            let wanted = redirects::NewRedirect { path: &path, query: &query, target: &target };
            new += usize::from(redirects::save(command, site.id, &wanted, actor.author(), now)?.is_none());
            saved.push((row, path, query, target));
        }
        // Only now, because a row may lead to the old address of a later one.
        for (row, path, query, target) in &saved {
            if let Some(problem) = circle(command, &hosts, site, (path, query), target)? {
                problems.push((*row, problem));
            }
        }
        if !problems.is_empty() {
            problems.sort_by_key(|(row, _)| *row);
            return Err(SaveError::Rows(problems));
        }
        record(command, actor, site.id, wishes, now)?;
        let addresses: Vec<_> = saved.iter().map(|(_, path, query, _)| (site.id, old(path, query))).collect();
        purge::enqueue(engine, command, &addresses)?;
        changed.extend(saved.into_iter().map(|(_, path, ..)| (site.id, path)));
        Ok(new)
    })?;
    engine.wake();
    engine.cache.announce(&cache::Message::Pages(changed));
    Ok(made)
}

/// Why redirects were not made.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Rows, counted from 0, each with what is wrong with it.
    #[error("填写内容有误")]
    Rows(Vec<(usize, Problem)>),
    /// Anything else.
    #[error(transparent)]
    Command(CommandError),
}

impl<E: Into<CommandError>> From<E> for SaveError {
    fn from(error: E) -> Self {
        Self::Command(error.into())
    }
}

/// Takes a redirect away.
pub fn delete(engine: &Engine, actor: &Actor, site: SiteId, id: RedirectId) -> Result<()> {
    let now = engine.clock.now();
    let gone = engine.store.command(|command| {
        let gone = redirects::delete(command, site, id)?.ok_or(CommandError::NotFound)?;
        let record = audit::Record {
            action: "redirects.delete",
            subject: format!("redirect:{id}"),
            site: Some(site),
            before: json!({ "old": old(&gone.path, &gone.query), "new": gone.target }),
            after: json!(null),
        };
        audit::append(command, actor, record, now)?;
        purge::enqueue(engine, command, &[(site, old(&gone.path, &gone.query))])?;
        Ok::<Redirect, CommandError>(gone)
    })?;
    engine.wake();
    engine.cache.announce(&cache::Message::Pages(vec![(site, gone.path)]));
    Ok(())
}

/// An old address as one text.
pub fn old(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn record(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    wishes: &[Wish],
    now: chrono::NaiveDateTime,
) -> store::Result<()> {
    let rows: Vec<_> = wishes.iter().map(|wish| json!([wish.old, wish.new])).collect();
    let first = wishes.first().cloned().unwrap_or(Wish { old: String::new(), new: String::new() });
    let record = audit::Record {
        action: "redirects.save",
        subject: "redirect:".to_owned(),
        site: Some(site),
        before: json!(null),
        after: json!({ "count": wishes.len(), "old": first.old, "new": first.new, "rows": rows }),
    };
    audit::append(command, actor, record, now)
}

/// Every host of every site.
struct Hosts(Vec<(String, SiteId)>);

impl Hosts {
    fn find(engine: &Engine, connection: &mut Connection) -> store::Result<Self> {
        let mut hosts = sites::hosts(connection)?;
        for site in sites::list(connection)? {
            let public = engine.settings.public_url(&site.key, &site.domain);
            hosts.extend(host_of(&public).map(|host| (host, site.id)));
            hosts.push((site.domain.to_lowercase(), site.id));
        }
        Ok(Self(hosts))
    }

    fn site(&self, host: &str) -> Option<SiteId> {
        self.0.iter().find(|(known, _)| known == host).map(|(_, site)| *site)
    }
}

/// Path and query of an old address.
fn read_old(hosts: &Hosts, site: &Site, typed: &str) -> std::result::Result<(String, String), Problem> {
    let wrong = |message: &str| Problem::at("old", message);
    let typed = typed.trim();
    let text = sound(typed).ok_or_else(|| wrong("原地址不能为空，不能含有空格、引号等字符，且不超过2000字"))?;
    let local = match split(&text) {
        Some((host, _)) if hosts.site(&host) != Some(site.id) => return Err(wrong("原地址的域名不是本站的域名")),
        Some((_, rest)) => rest,
        None => &text,
    };
    let local = local.split('#').next().unwrap_or_default();
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(wrong("原地址应以“/”开头，或为本站的完整地址"));
    }
    if ["/_", "/assets/", "/media/"].iter().any(|own| path.starts_with(own)) {
        return Err(wrong("该地址由平台使用，不能设置跳转"));
    }
    Ok((path.to_owned(), query.to_owned()))
}

/// A new address: of the same site, of another site of the platform, or one that the settings allow.
fn read_new(engine: &Engine, hosts: &Hosts, typed: &str) -> std::result::Result<String, Problem> {
    let wrong = |message: &str| Problem::at("new", message);
    let text = sound(typed.trim()).ok_or_else(|| wrong("新地址不能为空，不能含有空格、引号等字符，且不超过2000字"))?;
    if text.starts_with('/') && !text.starts_with("//") {
        return Ok(text);
    }
    let Some((host, _)) = split(&text) else {
        return Err(wrong("新地址应以“/”开头，或为 https:// 开头的完整地址"));
    };
    let allowed = |pattern: &String| if pattern.starts_with('.') { host.ends_with(pattern) } else { host == *pattern };
    let outside = text.starts_with("https://") && engine.settings.web.redirect_hosts.iter().any(allowed);
    if hosts.site(&host).is_none() && !outside {
        return Err(wrong("只能跳转到平台内的站点，或平台允许的 https 站点"));
    }
    Ok(text)
}

/// An address in its one spelling, if it is one.
fn sound(typed: &str) -> Option<String> {
    let strange = |letter: char| letter.is_whitespace() || letter.is_control() || "\\<>\"`{}|^".contains(letter);
    let fits = !typed.is_empty() && !typed.contains(strange);
    Some(address::normal(typed).into_owned()).filter(|text| fits && text.len() <= LONGEST)
}

/// Host and rest of a complete address; none for any other text.
fn split(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A name before the host is a way to make one address look like another.
    if authority.contains('@') || authority.is_empty() {
        return None;
    }
    let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
    Some((host, if rest.starts_with('/') { rest } else { "/" }))
}

fn host_of(url: &str) -> Option<String> {
    split(url).map(|(host, _)| host)
}

/// A page answers at the old address, now or after the next rendering.
fn taken(connection: &mut Connection, site: SiteId, path: &str) -> store::Result<Option<Problem>> {
    let folder = format!("{path}/");
    for path in [path, folder.as_str()] {
        let page = pages::find(connection, site, path)?;
        if page.is_some_and(|page| matches!(page.state, PageState::Live | PageState::New)) {
            return Ok(Some(Problem::at("old", "该地址已有页面，无需跳转")));
        }
    }
    Ok(None)
}

/// Follows where a redirect leads as a visitor would.
fn circle(
    connection: &mut Connection,
    hosts: &Hosts,
    site: &Site,
    from: (&str, &str),
    target: &str,
) -> store::Result<Option<Problem>> {
    let Some(own) = redirects::find(connection, site.id, from.0, from.1)? else { return Ok(None) };
    let (mut here, mut target) = (site.id, target.to_owned());
    for _ in 0..HOPS {
        let local = match split(&target) {
            Some((host, rest)) => {
                let Some(other) = hosts.site(&host) else { return Ok(None) };
                here = other;
                rest
            }
            None => &target,
        };
        let local = local.split('#').next().unwrap_or_default();
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        if taken(connection, here, path)?.is_some() {
            return Ok(None);
        }
        let all = redirects::list_by_path(connection, here, path)?;
        let of = |wanted: &str| all.iter().find(|one| one.query == wanted);
        let Some(next) = of(query).or_else(|| of("")) else { return Ok(None) };
        if next.id == own.id {
            return Ok(Some(Problem::at("new", "该跳转最终会回到原地址，形成循环")));
        }
        target.clone_from(&next.target);
    }
    Ok(Some(Problem::at("new", "该跳转经过的地址过多，请直接填写最终地址")))
}
