//! One site as one snapshot of the library shows it: what pages are made of, and what their templates may ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDateTime;
use model::{
    Card, Channel, ChannelId, ChannelTree, Key, Keys, Page, PageKind, Placement, PlacementId, Resource, ResourceState, Site,
    SiteId,
};
use render::Theme;
use render::context::{
    Article, CardContext, ChannelContext, Entry, Link, Listing, PageContext, PageInfo, SiteContext, SiteLink, TitledLink,
};
use store::placements::CardQuery;
use store::{Snapshot, channels, pins, placements, resources, sites};

use crate::address::{self, SITEMAP_CHUNK};
use crate::engine::Engine;

/// Entries in a feed.
const FEED_LENGTH: i64 = 30;

/// The snapshot, shared by the readers of all sites of one batch.
pub(crate) type SharedSnapshot = Arc<Mutex<Snapshot>>;

/// Reads one site. Made for one batch of pages and dropped with its snapshot.
pub(crate) struct Reader {
    snapshot: SharedSnapshot,
    engine: Arc<Engine>,
    pub(crate) site: Site,
    pub(crate) tree: ChannelTree,
    theme: Arc<Theme>,
    sites: Vec<(SiteId, SiteLink)>,
}

impl Reader {
    /// Opens a site of the snapshot; none when there is no such site.
    pub(crate) fn open(engine: &Arc<Engine>, snapshot: &SharedSnapshot, site: SiteId) -> store::Result<Option<Arc<Self>>> {
        let mut held = lock(snapshot);
        let connection = held.connection();
        let all = sites::list(connection)?;
        let Some(site) = all.iter().find(|candidate| candidate.id == site).cloned() else { return Ok(None) };
        let tree = channels::tree(connection, site.id)?;
        let theme = engine.theme(&site, &sites::files_version(connection, site.id)?);
        let link = |site: &Site| SiteLink {
            key: site.key.clone(),
            name: site.name.clone(),
            short_name: site.short_name.clone(),
            url: engine.settings.public_url(&site.key, &site.domain),
        };
        Ok(Some(Arc::new(Self {
            sites: all.iter().map(|site| (site.id, link(site))).collect(),
            snapshot: Arc::clone(snapshot),
            engine: Arc::clone(engine),
            site,
            tree,
            theme,
        })))
    }

    pub(crate) fn theme(&self) -> &Theme {
        &self.theme
    }

    /// The snapshot, held for one question.
    pub(crate) fn held(&self) -> MutexGuard<'_, Snapshot> {
        lock(&self.snapshot)
    }

    /// Every site of the platform, in order.
    pub(crate) fn site_links(&self) -> impl Iterator<Item = &SiteLink> {
        self.sites.iter().map(|(_, link)| link)
    }

    fn site_link(&self, id: SiteId) -> Option<&SiteLink> {
        self.sites.iter().find(|(site, _)| *site == id).map(|(_, link)| link)
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    pub(crate) fn site_name(&self) -> String {
        self.site.name.clone()
    }

    /// What every page of the site depends on.
    pub(crate) fn base_keys(&self) -> Keys {
        Keys::from([Key::site(self.site.id), Key::theme(&self.site.theme), Key::base_theme(), Key::site_files(self.site.id)])
    }

    /// The part of the context that every page has.
    pub(crate) fn context(&self, page: &Page, title: String) -> PageContext {
        let url = self.base();
        PageContext {
            page: info(page, &url, title),
            site: SiteContext {
                key: self.site.key.clone(),
                name: self.site.name.clone(),
                short_name: self.site.short_name.clone(),
                domain: self.site.domain.clone(),
                url,
                site_code: self.site.site_code.clone(),
                icp_number: self.site.icp_number.clone(),
                police_number: self.site.police_number.clone(),
                conac_url: self.site.conac_url.clone(),
                settings: self.site.settings.clone(),
                agency: self.site.agency.clone(),
            },
            channel: None,
            listing: None,
            article: None,
            error: None,
            entries: Vec::new(),
        }
    }

    pub(crate) fn channel(&self, id: ChannelId) -> Option<Channel> {
        self.tree.by_id(id).cloned()
    }

    /// A channel the public can visit.
    pub(crate) fn live_channel(&self, id: ChannelId) -> Option<Channel> {
        self.channel(id).filter(|channel| !channel.retired)
    }

    pub(crate) fn channel_context(&self, channel: &Channel, keys: &mut Keys) -> ChannelContext {
        let trail = self.tree.trail(channel.id);
        keys.extend(trail.iter().map(|above| Key::channel(above.id)));
        ChannelContext {
            key: channel.key.clone(),
            name: channel.name.clone(),
            url: channel.path.clone(),
            description: channel.description.clone(),
            keywords: channel.keywords.clone(),
            kind: channel.kind.clone(),
            trail: trail.into_iter().map(|above| Link { name: above.name.clone(), url: above.path.clone() }).collect(),
        }
    }

    /// The front page of a channel: what is pinned, then its newest chunk and the one before, so it is never nearly empty. What is
    /// pinned stands on it once, and keeps its place in the older chunks, which a pin leaves as they are.
    pub(crate) fn front(&self, channel: &Channel, keys: &mut Keys) -> store::Result<Listing> {
        keys.insert(Key::channel_items(channel.id));
        let mut held = self.held();
        let newest = channel.chunk_of(channels::last_sequence(held.connection(), self.site.id, channel.id)?);
        let size = i64::from(channel.page_size);
        let from = (newest - 1).max(0) * size;
        let cards = placements::list_chunk(held.connection(), self.site.id, channel.id, from, (newest + 1) * size)?;
        let total = placements::count_live(held.connection(), self.site.id, channel.id)?;
        let pinned = pins::list(held.connection(), self.site.id, channel.id)?;
        let first = placements::list_these(held.connection(), self.site.id, &pinned)?;
        drop(held);
        let count = first.len();
        let others = cards.into_iter().filter(|card| !pinned.contains(&card.placement.id));
        let cards: Vec<Card> = first.into_iter().chain(others).collect();
        Ok(Listing {
            items: self.listed(cards, count, keys),
            number: None,
            total: Some(total),
            newer_url: None,
            older_url: (newest >= 2).then(|| address::chunk(channel, newest - 2)),
            first_url: None,
        })
    }

    /// An older chunk. Chunks are counted from the oldest item, so a new item leaves all but the newest as they are.
    pub(crate) fn chunk(&self, channel: &Channel, number: i64, keys: &mut Keys) -> store::Result<Listing> {
        keys.insert(Key::channel_chunk(channel.id, number));
        let size = i64::from(channel.page_size);
        let mut held = self.held();
        let newest = channel.chunk_of(channels::last_sequence(held.connection(), self.site.id, channel.id)?);
        let cards = placements::list_chunk(held.connection(), self.site.id, channel.id, number * size, (number + 1) * size)?;
        drop(held);
        // The next chunk gets a page of its own when the front page has moved two chunks beyond it.
        let newer_is_paged = newest >= number + 3;
        if !newer_is_paged {
            keys.insert(Key::channel_chunk(channel.id, number + 3));
        }
        Ok(Listing {
            items: self.card_contexts(cards, keys),
            number: Some(number + 1),
            total: None,
            newer_url: Some(if newer_is_paged { address::chunk(channel, number + 1) } else { channel.path.clone() }),
            older_url: (number > 0).then(|| address::chunk(channel, number - 1)),
            first_url: Some(channel.path.clone()),
        })
    }

    /// A placement and, when it is live, its card.
    pub(crate) fn placement(&self, id: PlacementId, keys: &mut Keys) -> store::Result<(Option<Placement>, Option<Card>)> {
        let mut held = self.held();
        let placement = placements::find(held.connection(), self.site.id, id)?;
        let card = placements::find_card(held.connection(), self.site.id, id)?;
        if let Some(placement) = &placement {
            keys.insert(Key::resource(placement.resource_id));
        }
        Ok((placement, card))
    }

    /// A live resource in full.
    pub(crate) fn article(&self, card: Card, keys: &mut Keys) -> store::Result<Option<Article>> {
        let mut held = self.held();
        let connection = held.connection();
        let Some(resource) = resources::find_anywhere(connection, card.resource_id)? else { return Ok(None) };
        let Some(live) = resource.live_revision_id else { return Ok(None) };
        let Some(revision) = resources::find_revision(connection, resource.id, live)? else { return Ok(None) };
        let shown = placements::list_by_resource(connection, resource.id)?;
        let newer = revision.content.superseded_by.map(|id| (id, placements::list_by_resource(connection, id)));
        let superseded_by = match newer {
            Some((id, placed)) => {
                keys.insert(Key::resource(id));
                let here = placed?.into_iter().find(|placement| placement.site_id == self.site.id && placement.live);
                here.and_then(|placement| placements::find_card(connection, self.site.id, placement.id).transpose())
                    .transpose()?
                    .map(|card| TitledLink { title: card.content.title, url: card.placement.path })
            }
            None => None,
        };
        drop(held);
        let published = card.placement.published_at;
        let content = revision.content;
        let card = self.card_context(card, keys);
        Ok(Some(Article {
            owner: self.owner(&resource, keys),
            canonical_url: self.canonical(&resource, &shown),
            card,
            subtitle: content.subtitle,
            body: content.body,
            author: content.author,
            editor: content.editor,
            published: wall_time(published),
            published_iso: iso_time(published),
            keywords: content.keywords,
            issuing_bodies: content.issuing_bodies,
            effective_on: content.effective_on.map(|day| day.to_string()),
            superseded_by,
        }))
    }

    /// The newest entries of the site's feed and when the newest was published.
    pub(crate) fn feed_entries(&self, keys: &mut Keys) -> store::Result<(Vec<Entry>, Option<String>)> {
        keys.insert(Key::site_items(self.site.id));
        let wanted = CardQuery { limit: FEED_LENGTH, ..CardQuery::default() };
        let cards = placements::list_cards(self.held().connection(), self.site.id, &wanted)?;
        keys.extend(cards.iter().map(|card| Key::resource(card.resource_id)));
        let updated = cards.first().map_or(chrono::DateTime::UNIX_EPOCH.naive_utc(), |card| card.placement.published_at);
        let entries = cards.into_iter().map(|card| {
            let url = format!("{}{}", self.base(), card.placement.path);
            Entry {
                id: format!("tag:{},2026:{}", self.site.domain, card.resource_id),
                url,
                title: card.content.title,
                summary: card.content.summary,
                updated: iso_time(card.placement.published_at),
                author: card.content.source,
            }
        });
        Ok((entries.collect(), Some(iso_time(updated))))
    }

    /// The chunks of the map for crawlers.
    pub(crate) fn sitemap_chunks(&self, keys: &mut Keys) -> store::Result<Vec<Entry>> {
        // A new chunk appears with the first item in it.
        keys.insert(Key::site_items(self.site.id));
        let newest = sites::last_sequence(self.held().connection(), self.site.id)? / SITEMAP_CHUNK;
        Ok((0..=newest).map(|part| self.map_entry(&address::sitemap_chunk(part), String::new())).collect())
    }

    /// One chunk of the map for crawlers; the first also holds the site's own pages.
    pub(crate) fn sitemap_entries(&self, part: i64, keys: &mut Keys) -> store::Result<Vec<Entry>> {
        keys.insert(Key::site_chunk(self.site.id, part));
        let mut entries = Vec::new();
        if part == 0 {
            keys.insert(Key::nav(self.site.id));
            entries.push(self.map_entry("/", String::new()));
            entries.push(self.map_entry("/sitemap.html", String::new()));
            let channels = self.tree.all().iter().filter(|channel| !channel.retired);
            entries.extend(channels.map(|channel| self.map_entry(&channel.path, String::new())));
        }
        let (from, to) = (part * SITEMAP_CHUNK, (part + 1) * SITEMAP_CHUNK);
        let paths = placements::list_paths(self.held().connection(), self.site.id, from, to)?;
        entries.extend(paths.into_iter().map(|(path, at)| self.map_entry(&path, iso_time(at))));
        Ok(entries)
    }

    fn map_entry(&self, path: &str, updated: String) -> Entry {
        Entry {
            url: format!("{}{path}", self.base()),
            updated,
            title: String::new(),
            summary: String::new(),
            id: String::new(),
            author: String::new(),
        }
    }

    fn base(&self) -> String {
        self.engine.settings.public_url(&self.site.key, &self.site.domain)
    }

    fn owner(&self, resource: &Resource, keys: &mut Keys) -> Link {
        keys.insert(Key::site(resource.site_id));
        self.site_link(resource.site_id).map_or_else(
            || Link { name: String::new(), url: String::new() },
            |site| Link { name: site.name.clone(), url: site.url.clone() },
        )
    }

    /// The resource's address on the site that wrote it.
    fn canonical(&self, resource: &Resource, shown: &[Placement]) -> String {
        let own = shown.iter().find(|placement| placement.site_id == resource.site_id);
        let site = self.site_link(resource.site_id);
        match (own, site) {
            (Some(own), Some(site)) if resource.state == ResourceState::Live => format!("{}{}", site.url, own.path),
            _ => self.base(),
        }
    }

    /// Cards of one channel with those pinned in it before the others, and how many of these cards are pinned.
    pub(crate) fn pinned_first(&self, query: CardQuery) -> store::Result<(Vec<Card>, usize)> {
        let mut held = self.held();
        let connection = held.connection();
        let [channel] = query.channels.as_slice() else {
            return Ok((placements::list_cards(connection, self.site.id, &query)?, 0));
        };
        let pinned = pins::list(connection, self.site.id, *channel)?;
        let mut first = placements::list_these(connection, self.site.id, &pinned)?;
        first.retain(|card| query.kind.is_none_or(|kind| kind == card.kind));
        let offset = usize::try_from(query.offset).unwrap_or_default();
        let passed = offset.min(first.len());
        first.drain(..passed);
        first.truncate(usize::try_from(query.limit).unwrap_or_default());
        let count = first.len();
        let taken = i64::try_from(count).unwrap_or_default();
        let passed = i64::try_from(passed).unwrap_or_default();
        let rest = CardQuery { except: pinned, offset: query.offset - passed, limit: query.limit - taken, ..query };
        first.extend(placements::list_cards(connection, self.site.id, &rest)?);
        Ok((first, count))
    }

    /// Cards of a list, the first `pinned` of them marked. Only lists know: an article's page does not change with a pin.
    pub(crate) fn listed(&self, cards: Vec<Card>, pinned: usize, keys: &mut Keys) -> Vec<CardContext> {
        let mut listed = self.card_contexts(cards, keys);
        listed.iter_mut().take(pinned).for_each(|card| card.is_pinned = true);
        listed
    }

    pub(crate) fn card_contexts(&self, cards: Vec<Card>, keys: &mut Keys) -> Vec<CardContext> {
        cards.into_iter().map(|card| self.card_context(card, keys)).collect()
    }

    fn card_context(&self, card: Card, keys: &mut Keys) -> CardContext {
        keys.insert(Key::resource(card.resource_id));
        keys.insert(Key::channel(card.placement.channel_id));
        let is_shared = card.owner_site_id != self.site.id;
        if is_shared {
            keys.insert(Key::site(card.owner_site_id));
        }
        let channel = self.tree.by_id(card.placement.channel_id);
        let content = card.content;
        CardContext {
            id: card.resource_id.0,
            title: content.title,
            url: card.placement.path,
            summary: content.summary,
            source: content.source,
            date: model::local(card.placement.published_at).format("%Y-%m-%d").to_string(),
            datetime: wall_time(card.placement.published_at),
            kind: card.kind.as_str().to_owned(),
            kind_name: card.kind.chinese().to_owned(),
            site_name: self.site_link(card.owner_site_id).map(|site| site.short_name.clone()).unwrap_or_default(),
            channel_name: channel.map(|channel| channel.name.clone()).unwrap_or_default(),
            channel_url: channel.map(|channel| channel.path.clone()).unwrap_or_default(),
            document_number: content.document_number,
            index_number: card.index_number,
            written_on: content.written_on.map(|day| day.to_string()),
            validity: content.validity.map(|validity| validity.as_str().to_owned()),
            validity_name: content.validity.map(|validity| validity.chinese().to_owned()),
            theme_class: content.theme_class,
            is_shared,
            is_pinned: false,
        }
    }
}

/// What every template is told about its page.
fn info(page: &Page, base: &str, title: String) -> PageInfo {
    let kind = match page.kind {
        PageKind::Chunk => PageKind::Channel,
        other => other,
    };
    PageInfo {
        kind: kind.as_str().to_owned(),
        path: page.path.clone(),
        url: format!("{base}{}", page.path),
        title,
        description: String::new(),
        updated: None,
    }
}

/// 发布时间 as regulations.md §1.5 PG-04 wants it.
fn wall_time(moment: NaiveDateTime) -> String {
    model::local(moment).format("%Y-%m-%d %H:%M").to_string()
}

/// RFC 3339 to the second.
fn iso_time(moment: NaiveDateTime) -> String {
    model::local(moment).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

fn lock(snapshot: &SharedSnapshot) -> MutexGuard<'_, Snapshot> {
    snapshot.lock().unwrap_or_else(PoisonError::into_inner)
}
