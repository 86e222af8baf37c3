//! Declaring a site: the database is made to agree with its folder. Nothing is ever deleted; channels no longer declared retire.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use config::{ChannelManifest, PageOf, SiteManifest, SubscriptionManifest, ThemeManifest};
use model::subscription::Query;
use model::{
    Acceptance, Actor, AgencyId, Arrangement, Block, Channel, ChannelId, ChannelTree, EventKind, GroupId, Key, Keys, Lane, Site,
    SiteId, Step, Subscription, SubscriptionId,
};
use render::{FileHashes, ThemeFiles};
use serde_json::json;
use store::arrangements::{self, Kept, Previous};
use store::{Command, audit, channels, events, groups, sites, subscriptions};

use super::{CommandError, Result, agency, publication, topic};
use crate::address;
use crate::engine::Engine;
use crate::task::Task;

/// What every theme builds on.
const BASE_THEME: &str = "_base";

/// What declaring a site changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// One line per change, for the operator; empty when the database already agreed.
    pub changes: Vec<String>,
    /// What standing queries name that does not exist yet: apply again when it does.
    pub waiting: Vec<String>,
}

/// Hashes of the files a site is rendered with, read before the transaction.
pub(super) struct Files {
    base: FileHashes,
    theme: FileHashes,
    own: FileHashes,
    /// What the theme offers to be arranged.
    offered: ThemeManifest,
}

/// Applies a manifest whose folder lies in the sites folder.
pub fn apply(engine: &Engine, actor: &Actor, manifest: &SiteManifest) -> Result<Applied> {
    let files = read_files(engine, manifest)?;
    let now = engine.clock.now();
    let applied = engine.store.command(|command| {
        let recoded = agency::follow_code(engine, command, actor, manifest, now)?;
        let (_, mut applied) = declare(command, actor, manifest, &files, now)?;
        applied.changes.splice(0..0, recoded);
        Ok::<_, CommandError>(applied)
    })?;
    tell(engine);
    Ok(applied)
}

/// Whether a site is declared by a folder: applying that again undoes what was changed in the console.
pub fn is_declared(engine: &Engine, key: &str) -> bool {
    engine.settings.sites.join(key).join("site.toml").is_file()
}

/// Makes the database agree with a manifest, as a part of a command; [`tell`] follows it.
pub(super) fn declare(
    command: &mut Command<'_>,
    actor: &Actor,
    manifest: &SiteManifest,
    files: &Files,
    now: NaiveDateTime,
) -> Result<(SiteId, Applied)> {
    let mut declaration =
        Declaration { manifest, keys: Keys::new(), changes: Vec::new(), waiting: Vec::new(), followed: Vec::new(), now };
    let site = declaration.site(command, files)?;
    let tree = declaration.channels(command, site)?;
    declaration.subscriptions(command, site, &tree)?;
    declaration.pages(command, site, &files.offered)?;
    let followed = std::mem::take(&mut declaration.followed);
    let applied = declaration.announce(command, actor, site)?;
    topic::follow(command, actor, site, &followed, now)?;
    Ok((site, applied))
}

/// Tells every node that sites were declared, and wakes the workers.
pub(super) fn tell(engine: &Engine) {
    engine.cache.announce(&cache::Message::Sites);
    engine.wake();
}

pub(super) fn read_files(engine: &Engine, manifest: &SiteManifest) -> Result<Files> {
    let root = &engine.settings.sites;
    let files = ThemeFiles::new(root, &manifest.key, &manifest.theme);
    if !files.theme_exists() {
        return Err(CommandError::Refused(format!(
            "there is no theme `{}` in {}",
            manifest.theme,
            root.join("_themes").display()
        )));
    }
    let unreadable =
        |error: std::io::Error| CommandError::Refused(format!("cannot read the files of `{}`: {error}", manifest.key));
    if let Some(name) = &manifest.media.watermark
        && files.asset(name).map_err(unreadable)?.is_none()
    {
        return Err(CommandError::Refused(format!("media.watermark of `{}` names `{name}`, which is no asset", manifest.key)));
    }
    if let Some(name) = files.assets().map_err(unreadable)?.iter().find(|name| !is_asset_name(engine, manifest, name)) {
        return Err(CommandError::Refused(format!(
            "the asset `{name}` of `{}` cannot be published under this name: rename it to letters a to z, digits, `.`, `_`, `-`, \
             ending neither in .gz nor in .br",
            manifest.key
        )));
    }
    let offered = ThemeManifest::load(files.theme()).map_err(|error| CommandError::Refused(error.to_string()))?;
    // A site that has worn another theme keeps the blocks that theme had places for.
    let others = engine.themes().map_err(unreadable)?;
    let is_offered = |of: PageOf, block: &Block| offered.fits(of, block) || others.iter().any(|(_, other)| other.fits(of, block));
    let home = manifest.home.iter().flatten().map(|block| (PageOf::Home, block));
    let topics = manifest.channels.iter().flat_map(|channel| &channel.blocks).flatten();
    for (of, block) in home.chain(topics.map(|block| (PageOf::Topic, block))) {
        if !is_offered(of, block) {
            return Err(CommandError::Refused(format!(
                "a page of `{}` puts `{}` in slot `{}`, which no theme offers",
                manifest.key, block.kind, block.slot
            )));
        }
    }
    Ok(Files {
        offered,
        base: files.of_base().map_err(unreadable)?,
        theme: files.of_theme().map_err(unreadable)?,
        own: files.of_site().map_err(unreadable)?,
    })
}

/// A name that a browser asks for as it stands, and that is no page's other form.
fn is_asset_name(engine: &Engine, manifest: &SiteManifest, name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    // What begins like that is a theme's own.
    let is_its_place = render::theme_of(name).is_none_or(|(theme, _)| theme == manifest.theme);
    plain && is_its_place && engine.pages().name(&manifest.key, &address::asset(name)).is_some()
}

/// Notes the files of a theme; says which have changed, and the keys of the sites that wear it.
pub(super) fn note_theme_files(
    command: &mut Command<'_>,
    theme: &str,
    files: &FileHashes,
) -> Result<Option<(Vec<String>, Vec<Key>)>> {
    if !sites::note_theme(command, theme, &files.together())? {
        return Ok(None);
    }
    let changed = sites::note_each_file(command, &format!("theme/{theme}"), &files.0)?;
    let wearing = sites::list(command)?.into_iter().filter(|site| theme == BASE_THEME || site.theme == theme);
    let keys = wearing.flat_map(|site| changed.iter().map(move |name| Key::file(site.id, name))).collect();
    Ok(Some((changed, keys)))
}

struct Declaration<'a> {
    manifest: &'a SiteManifest,
    keys: Keys,
    changes: Vec<String>,
    waiting: Vec<String>,
    /// Channels that were retired when their topic went live, and are declared again.
    followed: Vec<ChannelId>,
    now: NaiveDateTime,
}

impl Declaration<'_> {
    fn site(&mut self, command: &mut Command<'_>, files: &Files) -> Result<SiteId> {
        let known = sites::find_by_key(command, &self.manifest.key)?;
        let declared = self.declared_site(known.as_ref());
        let id = match &known {
            Some(known) if *known == declared => known.id,
            _ => {
                let id = sites::save(command, &declared, self.now).map_err(|error| self.explain(error))?;
                self.note(
                    if known.is_some() { "site changed".into() } else { "site created".into() },
                    [Key::site(id), Key::sites()],
                );
                // Sites of one agency share its record.
                let siblings = sites::list(command)?.into_iter().filter(|site| site.agency.code == declared.agency.code);
                self.keys.extend(siblings.map(|site| Key::site(site.id)));
                id
            }
        };
        let mut hosts = self.manifest.hosts.clone();
        hosts.sort();
        let mut stored: Vec<String> =
            sites::hosts(command)?.into_iter().filter(|(_, site)| *site == id).map(|(host, _)| host).collect();
        stored.sort();
        if hosts != stored {
            sites::save_hosts(command, id, &hosts).map_err(|error| self.explain(error))?;
            self.note(format!("hosts: {}", hosts.join(", ")), [Key::site(id)]);
        }
        self.theme_files(command, BASE_THEME, &files.base)?;
        self.theme_files(command, &self.manifest.theme, &files.theme)?;
        if sites::note_files(command, id, &files.own.together())? {
            let changed = sites::note_each_file(command, &format!("site/{}", self.manifest.key), &files.own.0)?;
            self.note("the site has new files".into(), changed.iter().map(|name| Key::file(id, name)));
        }
        Ok(id)
    }

    /// Files of a theme concern every site that wears it.
    fn theme_files(&mut self, command: &mut Command<'_>, theme: &str, files: &FileHashes) -> Result<()> {
        if let Some((changed, keys)) = note_theme_files(command, theme, files)? {
            self.note(format!("theme {theme} has new files: {}", changed.join(", ")), keys);
        }
        Ok(())
    }

    fn declared_site(&self, known: Option<&Site>) -> Site {
        let manifest = self.manifest;
        let mut agency = manifest.agency.clone();
        agency.id = known.map_or(AgencyId(0), |known| known.agency.id);
        Site {
            id: known.map_or(SiteId(0), |known| known.id),
            key: manifest.key.clone(),
            agency,
            name: manifest.name.clone(),
            short_name: manifest.short_name.clone(),
            domain: manifest.domain.clone(),
            site_code: manifest.site_code.clone(),
            icp_number: manifest.icp_number.clone(),
            police_number: manifest.police_number.clone(),
            conac_url: manifest.conac_url.clone(),
            theme: manifest.theme.clone(),
            settings: json!(manifest.settings),
            watermark: manifest.media.watermark.clone().unwrap_or_default(),
        }
    }

    fn channels(&mut self, command: &mut Command<'_>, site: SiteId) -> Result<ChannelTree> {
        let before = channels::tree(command, site)?;
        let mut made: BTreeMap<&str, Channel> = BTreeMap::new();
        // Where a group of the site has the name of one of the platform, it is the site's that is meant.
        let groups = groups::list_for(command, site)?.into_iter().rev().map(|group| (group.content.name, group.id)).collect();
        for (position, declared) in (1_i32..).zip(&self.manifest.channels) {
            let known = before.by_key(&declared.key);
            let steps = self.declared_steps(declared, &groups)?;
            let channel = self.declared_channel(site, declared, known, &made, (position, steps));
            if let Some(known) = known.filter(|known| known.preparing != channel.preparing) {
                self.check_border(known, &channel)?;
                self.followed.push(known.id);
            }
            let id = match known {
                Some(known) if *known == channel => known.id,
                _ => {
                    let id = channels::save(command, site, &channel)?;
                    let verb = if known.is_some() { "changed" } else { "created" };
                    self.note(
                        format!("channel {} {verb}", channel.key),
                        [Key::channel(id), Key::nav(site), Key::channel_items(id)],
                    );
                    id
                }
            };
            made.insert(&declared.key, Channel { id, ..channel });
        }
        for known in before.all().iter().filter(|known| !known.retired && !made.contains_key(known.key.as_str())) {
            channels::save(command, site, &Channel { retired: true, ..known.clone() })?;
            self.note(format!("channel {} retired", known.key), [Key::channel(known.id), Key::nav(site)]);
        }
        Ok(channels::tree(command, site)?)
    }

    fn declared_channel(
        &self,
        site: SiteId,
        declared: &ChannelManifest,
        known: Option<&Channel>,
        made: &BTreeMap<&str, Channel>,
        (position, steps): (i32, Vec<Step>),
    ) -> Channel {
        let above = declared.parent.as_deref().and_then(|parent| made.get(parent));
        let channel = Channel {
            id: known.map_or(ChannelId(0), |known| known.id),
            site_id: site,
            parent_id: above.map(|above| above.id),
            key: declared.key.clone(),
            path: self.manifest.path_of(declared),
            name: declared.name.clone(),
            description: declared.description.clone(),
            keywords: declared.keywords.clone(),
            kind: declared.kind.clone(),
            update_cycle_days: declared.update_cycle_days,
            resource_kind: declared.resources,
            steps,
            // The chunks of a list are counted by this; changing it would move every address of the list.
            page_size: known.map_or(declared.page_size, |known| known.page_size),
            navigation: declared.navigation,
            position,
            retired: false,
            open_to_offers: declared.open_to_offers,
            topic: declared.topic.clone(),
            // Going live is a deed of the console, which a folder that was written out before does not undo.
            preparing: known.map_or(declared.preparing, |known| known.preparing),
        };
        Channel { preparing: channel.is_prepared_below(above), ..channel }
    }

    /// A folder neither hides what is live nor shows what is in preparation, save what was retired when its topic went live.
    fn check_border(&self, known: &Channel, declared: &Channel) -> Result<()> {
        let (site, key) = (&self.manifest.key, &known.key);
        let is_taken_up = known.retired && known.topic.is_empty() && known.parent_id == declared.parent_id;
        match known.preparing {
            false => Err(CommandError::Refused(format!(
                "channel `{key}` of `{site}` is live and cannot be declared below a topic in preparation"
            ))),
            true if !is_taken_up => Err(CommandError::Refused(format!(
                "channel `{key}` of `{site}` is in preparation: have its topic go live in the console before it is declared elsewhere"
            ))),
            true => Ok(()),
        }
    }

    fn declared_steps(&self, declared: &ChannelManifest, groups: &BTreeMap<String, GroupId>) -> Result<Vec<Step>> {
        let found = |step: &Step<String>| {
            let group = match &step.group {
                None => None,
                Some(name) => Some(*groups.get(name).ok_or_else(|| {
                    CommandError::Refused(format!(
                        "step `{}` of channel `{}` is for the group `{name}`, which neither the site `{}` nor the platform has: make it \
                         in the console, or leave it out",
                        step.name, declared.key, self.manifest.key
                    ))
                })?),
            };
            Ok(Step { name: step.name.clone(), group })
        };
        declared.steps.as_ref().unwrap_or(&self.manifest.workflow.steps).iter().map(found).collect()
    }

    /// Standing queries to sites not declared yet are left for the next time; the report says so.
    fn subscriptions(&mut self, command: &mut Command<'_>, site: SiteId, tree: &ChannelTree) -> Result<()> {
        let stored = subscriptions::list(command, site)?;
        let mut wanted = Vec::new();
        for declared in &self.manifest.subscriptions {
            let target = tree.by_key(&declared.channel).map(|channel| channel.id);
            match (target, declared_query(command, declared)?) {
                (Some(channel_id), Ok(query)) => {
                    wanted.push(Subscription { id: SubscriptionId(0), channel_id, query, acceptance: declared.acceptance });
                }
                (None, _) => {}
                (Some(_), Err(missing)) => self.waiting.push(missing),
            }
        }
        let same = |one: &Subscription, other: &Subscription| {
            one.channel_id == other.channel_id && one.query == other.query && one.acceptance == other.acceptance
        };
        for old in stored.iter().filter(|old| !wanted.iter().any(|new| same(old, new))) {
            subscriptions::remove(command, old.id)?;
            self.changes.push(format!("subscription {} ended; what it placed stays", old.id));
        }
        for new in wanted.iter().filter(|new| !stored.iter().any(|old| same(old, new))) {
            let id = subscriptions::insert(command, new)?;
            let asks = new.query.lead().unwrap_or_default();
            if new.acceptance == Acceptance::Automatic {
                Task::Fill(id, None).enqueue(command, Lane::Bulk, self.now)?;
                self.changes
                    .push(format!("subscription {id} ({asks}) of channel {}; what it finds is being placed", new.channel_id));
            } else {
                self.changes
                    .push(format!("subscription {id} ({asks}) of channel {}; what it finds will be offered", new.channel_id));
            }
        }
        Ok(())
    }

    /// What the manifest does not say of a page is left to the console.
    fn pages(&mut self, command: &mut Command<'_>, site: SiteId, offered: &ThemeManifest) -> Result<()> {
        let home = self.manifest.home.iter().map(|blocks| ("", blocks));
        let topics = self.manifest.channels.iter().filter_map(|channel| Some((channel.key.as_str(), channel.blocks.as_ref()?)));
        for (page, blocks) in home.chain(topics) {
            let of = if page.is_empty() { PageOf::Home } else { PageOf::Topic };
            // What another theme asks of a block is kept beside what this one does.
            let told = |block: &Block| {
                let kind = offered.block(&block.kind).filter(|_| offered.fits(of, block));
                let mut values = block.values.clone();
                values.extend(kind.map(|kind| kind.told(block)).unwrap_or_default());
                Block { values, ..block.clone() }
            };
            let whole = |blocks: &[Block]| Arrangement(blocks.iter().map(told).collect());
            let declared = whole(blocks);
            let kept = arrangements::find(command, site, page)?;
            if kept.live.as_ref().map(|live| whole(&live.0)).as_ref() != Some(&declared) {
                let shown = kept.live.iter().flat_map(Arrangement::media).chain(declared.media());
                let keys: Vec<Key> = shown.map(|id| Key::media_use(site, id)).chain([Key::arrangement(site, page)]).collect();
                let until = self.now;
                let previous = kept.live.map(|arrangement| Previous { arrangement, until }).or(kept.previous);
                arrangements::save(command, site, page, &Kept { live: Some(declared), previous, draft: kept.draft })?;
                self.note(format!("page /{page} arranged"), keys);
            }
        }
        Ok(())
    }

    fn announce(self, command: &mut Command<'_>, actor: &Actor, site: SiteId) -> Result<Applied> {
        if self.changes.is_empty() {
            return Ok(Applied { changes: self.changes, waiting: self.waiting });
        }
        let event = events::NewEvent {
            kind: EventKind::SiteApplied,
            site: Some(site),
            resource: None,
            actor: actor.user_id,
            keys: &self.keys,
        };
        let event = events::insert(command, event, self.now)?;
        let record = audit::Record {
            action: "site.apply",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(null),
            after: json!(self.changes),
        };
        audit::append(command, actor, record, self.now)?;
        publication::follow_up(command, vec![event], Lane::Bulk, self.now)?;
        Ok(Applied { changes: self.changes, waiting: self.waiting })
    }

    fn note(&mut self, change: String, keys: impl IntoIterator<Item = Key>) {
        self.changes.push(change);
        self.keys.extend(keys);
    }

    /// A value another site already holds is named to the operator.
    fn explain(&self, error: store::Error) -> CommandError {
        match error {
            store::Error::Taken(what) => {
                CommandError::Refused(format!("site `{}`: another site already uses the same {what}", self.manifest.key))
            }
            other => other.into(),
        }
    }
}

/// What a declared standing query asks for; or what it names that does not exist yet.
fn declared_query(command: &mut Command<'_>, declared: &SubscriptionManifest) -> Result<std::result::Result<Query, String>> {
    let mut query =
        Query { theme_class: declared.theme_class.clone(), kind: declared.kind, tags: declared.tags.clone(), ..Query::default() };
    if let Some(key) = &declared.from_site {
        let Some(from) = sites::find_by_key(command, key)? else { return Ok(Err(format!("site {key}"))) };
        match &declared.from_channel {
            Some(channel) => match channels::tree(command, from.id)?.by_key(channel) {
                Some(channel) => query.from_channel = Some(channel.id),
                None => return Ok(Err(format!("channel {key}/{channel}"))),
            },
            None => query.from_site = Some(from.id),
        }
    }
    if let Some(code) = &declared.from_agency {
        match sites::find_agency(command, code)? {
            Some(agency) => query.from_agency = Some(agency),
            None => return Ok(Err(format!("agency {code}"))),
        }
    }
    Ok(Ok(query))
}
