//! What a site decides about a placement of its own (投放设置): its address, what stands before the title, and its end.

use chrono::NaiveDateTime;
use model::text::is_plain_line;
use model::{Actor, Channel, EventKind, Keys, Lane, Permission, Placement, PlacementId, Problem, ResourceId, SiteId};
use serde_json::json;
use store::{Command, audit, channels, events, pages, placements, resources};

use super::rights::check_in;
use super::{CommandError, Result, pin, publication, refused};
use crate::address;
use crate::engine::Engine;

/// What can be set.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The last part of the address, without `.html`; empty: the usual one.
    pub slug: String,
    /// What stands before the title on this site.
    pub title_prefix: String,
}

impl Wishes {
    /// As they are kept; says at the fields what is wrong with them.
    pub(super) fn checked(&self) -> Result<Self> {
        let (slug, title_prefix) = (self.slug.trim().to_owned(), self.title_prefix.trim().to_owned());
        let problems = problems(&slug, &title_prefix);
        if problems.is_empty() { Ok(Self { slug, title_prefix }) } else { Err(CommandError::Invalid(problems)) }
    }

    fn slug(&self) -> Option<&str> {
        Some(self.slug.as_str()).filter(|slug| !slug.is_empty())
    }
}

/// Letters of a slug and of a title prefix.
const LONGEST: (usize, usize) = (60, 20);

/// Sets address and title prefix. The old address leads to the new one.
pub fn set(engine: &Engine, actor: &Actor, site: SiteId, id: PlacementId, wishes: &Wishes) -> Result<()> {
    let wishes = wishes.checked()?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = shown_to(command, actor, Permission::Withdraw, site, id, now)?;
        let channel = channels::find(command, site, before.channel_id)?.ok_or(CommandError::NotFound)?;
        let (slug, prefix, path) = (wishes.slug(), wishes.title_prefix.as_str(), address_of(&channel, &before, wishes.slug()));
        check_free(command, site, &path, id)?;
        if (slug, path.as_str(), prefix) == (before.slug.as_deref(), before.path.as_str(), before.title_prefix.as_str()) {
            return Ok(());
        }
        placements::set(command, site, id, slug, &path, prefix)?;
        let record = audit::Record {
            action: "placement.set",
            subject: format!("placement:{id}"),
            site: Some(site),
            before: json!({ "path": before.path, "title_prefix": before.title_prefix }),
            after: json!({ "path": path, "title_prefix": prefix }),
        };
        audit::append(command, actor, record, now)?;
        announce(command, actor, EventKind::Published, &before, now)
    })?;
    engine.wake();
    Ok(())
}

/// Takes a resource of another site off one's own. Where else it is shown does not change, and it does not come back by
/// itself.
pub fn remove(engine: &Engine, actor: &Actor, site: SiteId, id: PlacementId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let placement = shown_to(command, actor, Permission::Withdraw, site, id, now)?;
        let resource = resources::find_anywhere(command, placement.resource_id)?.ok_or(CommandError::NotFound)?;
        if resource.site_id == site && resource.channel_id == placement.channel_id {
            return refused("这是稿件的原发位置，如需撤下请使用“撤回”");
        }
        let record = audit::Record {
            action: "placement.remove",
            subject: format!("placement:{id}"),
            site: Some(site),
            before: json!({ "resource": placement.resource_id, "path": placement.path }),
            after: json!(null),
        };
        audit::append(command, actor, record, now)?;
        end(command, actor, &placement, now)
    })?;
    engine.wake();
    Ok(())
}

/// Ends one placement, by will of its site or because its time is over: the resource stays live everywhere else, and neither
/// its owner's next publication nor a standing query brings it back here.
pub(super) fn end(command: &mut Command<'_>, actor: &Actor, placement: &Placement, now: NaiveDateTime) -> Result<()> {
    pin::forget(command, placement, "内容已从本栏目撤下", now)?;
    placements::remove(command, placement.site_id, placement.id)?;
    announce(command, actor, EventKind::Withdrawn, placement, now)
}

/// Whether a resource that a channel has accepted can have the address wished for there.
pub(super) fn check_wishes(command: &mut Command<'_>, channel: &Channel, resource: ResourceId, wishes: &Wishes) -> Result<()> {
    let Some(slug) = wishes.slug() else { return Ok(()) };
    // What was never shown there has no number yet, and no page is about number nought.
    let id = in_channel(command, channel, resource)?.map_or(PlacementId(0), |placement| placement.id);
    check_free(command, channel.site_id, &address::chosen(channel, slug), id)
}

/// Gives what has just come to be shown in a channel the address and title prefix its site wished for with its acceptance;
/// what it did not wish for stays as it is. The caller announces it.
pub(super) fn fulfil(command: &mut Command<'_>, channel: &Channel, resource: ResourceId, wishes: &Wishes) -> Result<()> {
    let shown = in_channel(command, channel, resource)?.ok_or(CommandError::NotFound)?;
    let slug = wishes.slug().or(shown.slug.as_deref());
    let prefix = if wishes.title_prefix.is_empty() { &shown.title_prefix } else { &wishes.title_prefix };
    let path = address_of(channel, &shown, slug);
    // The address it has is its own, whatever else has come to be there.
    if path != shown.path {
        check_free(command, channel.site_id, &path, shown.id)?;
    }
    Ok(placements::set(command, channel.site_id, shown.id, slug, &path, prefix)?)
}

/// A placement the public can see, or will when its channel goes live.
pub(super) fn shown(command: &mut Command<'_>, site: SiteId, id: PlacementId) -> Result<Placement> {
    let placement = placements::find(command, site, id)?.ok_or(CommandError::NotFound)?;
    if placement.stands() { Ok(placement) } else { refused("该内容已不在本栏目展示") }
}

/// The same, for somebody who may do this in its channel.
pub(super) fn shown_to(
    command: &mut Command<'_>,
    actor: &Actor,
    permission: Permission,
    site: SiteId,
    id: PlacementId,
    now: NaiveDateTime,
) -> Result<Placement> {
    let placement = shown(command, site, id)?;
    check_in(command, actor, permission, (site, placement.channel_id), now)?;
    Ok(placement)
}

/// Only what this placement touches; the page at its new address is made by the same event.
fn announce(command: &mut Command<'_>, actor: &Actor, kind: EventKind, placement: &Placement, now: NaiveDateTime) -> Result<()> {
    let mut keys = Keys::new();
    publication::touch(command, &mut keys, placement)?;
    let event = events::NewEvent {
        kind,
        site: Some(placement.site_id),
        resource: Some(placement.resource_id),
        actor: actor.user_id,
        keys: &keys,
    };
    let event = events::insert(command, event, now)?;
    publication::follow_up(command, vec![event], Lane::Urgent, now)
}

fn in_channel(command: &mut Command<'_>, channel: &Channel, resource: ResourceId) -> Result<Option<Placement>> {
    let placed = placements::list_by_resource(command, resource)?;
    Ok(placed.into_iter().find(|placement| placement.channel_id == channel.id))
}

/// The address of a placement with this name of its own. One that never had a name stays as it was first given.
fn address_of(channel: &Channel, placement: &Placement, slug: Option<&str>) -> String {
    match slug {
        same if same == placement.slug.as_deref() => placement.path.clone(),
        Some(slug) => address::chosen(channel, slug),
        None => address::article(channel, placement.resource_id, placement.published_at),
    }
}

fn check_free(command: &mut Command<'_>, site: SiteId, path: &str, wanted_by: PlacementId) -> Result<()> {
    if pages::is_path_free(command, site, path, wanted_by)? {
        return Ok(());
    }
    Err(CommandError::Invalid(vec![Problem::at("slug", "该网址名在本栏目已被使用或曾被使用，请换一个")]))
}

fn problems(slug: &str, prefix: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let is_word = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_word || slug.starts_with('-') || slug.ends_with('-') {
        problems.push(Problem::at("slug", "网址名只能使用小写字母、数字和连字符，且不以连字符开头或结尾"));
    } else if slug.len() > LONGEST.0 {
        problems.push(Problem::at("slug", format!("网址名不超过{}个字符", LONGEST.0)));
    } else if slug == "index" {
        problems.push(Problem::at("slug", "“index”是栏目首页的网址名，请换一个"));
    }
    if prefix.chars().count() > LONGEST.1 {
        problems.push(Problem::at("title_prefix", format!("标题前缀不超过{}字", LONGEST.1)));
    } else if !is_plain_line(prefix) {
        problems.push(Problem::at("title_prefix", "标题前缀只能是一行文字，且不含不可见字符或改变文字方向的字符"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::problems;

    #[test]
    fn a_slug_is_one_plain_word_that_is_no_other_page() {
        for good in ["", "dianti-2026", "a"] {
            assert!(problems(good, "").is_empty(), "{good}");
        }
        for bad in ["Dianti", "加装电梯", "list_1", "a/b", "..", "-a", "a-", "index", &"a".repeat(61)] {
            assert_eq!(problems(bad, "").first().map(|problem| problem.field), Some("slug"), "{bad}");
        }
    }

    #[test]
    fn a_title_prefix_is_one_line_that_every_feed_can_hold_and_reads_as_it_is_written() {
        assert!(problems("", "【转载】").is_empty());
        for bad in ["两\n行", "\u{FFFE}", "\u{FFFF}", "\u{202E}倒写", "零\u{200B}宽", &"长".repeat(21)] {
            assert_eq!(problems("", bad).first().map(|problem| problem.field), Some("title_prefix"), "{bad:?}");
        }
    }
}
