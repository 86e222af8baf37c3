//! One site as one view of the library shows it: the parts that pages are made of.

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard};

use chrono::NaiveDateTime;
use config::{ManifestError, ThemeManifest};
use model::{Arrangement, Card, Channel, ChannelId, ChannelTree, Key, Keys, Page, PageKind, Site, SiteId, Standing};
use objects::Objects;
use render::Theme;
use render::context::{CardContext, ChannelContext, Link, Listing, PageContext, PageInfo, SiteContext};
use store::placements::CardQuery;
use store::{Snapshot, channels, pins, placements, site_states, sites};

use crate::address;
use crate::engine::Engine;
use crate::view::View;

/// Reads one site. Made for one batch of pages and dropped with its view.
pub(crate) struct Reader {
    pub(crate) view: Arc<View>,
    pub(crate) site: Site,
    /// The channels of the site, without what is in preparation: the public knows nothing of it.
    pub(crate) tree: ChannelTree,
    pub(crate) theme: Arc<Theme>,
    pub(crate) blobs: Objects,
    pub(crate) limits: media::Limits,
    /// How somebody would arrange a page, named by the key of its topic; none: as it is live.
    pub(crate) proposed: Option<(String, Arrangement)>,
    /// Channels in preparation that are looked ahead to: what waits in them is shown as well.
    ahead: Vec<ChannelId>,
    theme_folder: PathBuf,
    base: String,
    user_center: Option<String>,
}

impl Reader {
    /// Opens a site of the view; none when there is no such site.
    pub(crate) fn open(engine: &Engine, view: &Arc<View>, site: SiteId) -> store::Result<Option<Self>> {
        let mut held = view.held();
        let Some(site) = sites::find(held.connection(), site)? else { return Ok(None) };
        let theme = engine.theme(&site, &sites::files_version(held.connection(), site.id)?);
        drop(held);
        Ok(Some(Self::wearing(engine, view, site, theme)?))
    }

    /// Opens a site of the view as it would be in another theme.
    pub(crate) fn open_in(engine: &Engine, view: &Arc<View>, site: SiteId, theme: &str) -> store::Result<Option<Self>> {
        let Some(site) = sites::find(view.held().connection(), site)? else { return Ok(None) };
        let site = Site { theme: theme.to_owned(), ..site };
        let theme = Arc::new(Theme::open(engine.files(&site)));
        Ok(Some(Self::wearing(engine, view, site, theme)?))
    }

    fn wearing(engine: &Engine, view: &Arc<View>, site: Site, theme: Arc<Theme>) -> store::Result<Self> {
        let tree = channels::tree(view.held().connection(), site.id)?.shown(None);
        let base = engine.settings.public_url(&site.key, &site.domain);
        let (blobs, limits) = (engine.blobs.clone(), engine.media_limits());
        let theme_folder = engine.files(&site).theme().to_owned();
        Ok(Self {
            view: Arc::clone(view),
            site,
            tree,
            theme,
            blobs,
            limits,
            proposed: None,
            ahead: Vec::new(),
            theme_folder,
            base,
            user_center: engine.settings.citizens.address.clone(),
        })
    }

    /// Looks ahead, where a channel is in preparation: to the site as it will be when the topic of this channel has gone live. For previews
    /// alone.
    pub(crate) fn look_ahead(&mut self, channel: ChannelId) -> store::Result<()> {
        let tree = channels::tree(self.held().connection(), self.site.id)?;
        let topic = tree.trail(channel).into_iter().find(|above| above.preparing).map(|above| above.id);
        self.ahead = topic.map(|topic| tree.subtree(topic)).unwrap_or_default();
        self.tree = tree.shown(topic);
        Ok(())
    }

    /// What its theme offers to be arranged.
    pub(crate) fn theme_manifest(&self) -> Result<ThemeManifest, ManifestError> {
        ThemeManifest::load(&self.theme_folder)
    }

    /// The snapshot, held for one question.
    pub(crate) fn held(&self) -> MutexGuard<'_, Snapshot> {
        self.view.held()
    }

    /// The site's public address, without a slash at the end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What every page of the site depends on.
    pub(crate) fn base_keys(&self) -> Keys {
        Keys::from([Key::site(self.site.id)])
    }

    /// The site as templates see it.
    pub(crate) fn site_context(&self) -> SiteContext {
        SiteContext {
            key: self.site.key.clone(),
            name: self.site.name.clone(),
            short_name: self.site.short_name.clone(),
            domain: self.site.domain.clone(),
            url: self.base.clone(),
            site_code: self.site.site_code.clone(),
            icp_number: self.site.icp_number.clone(),
            police_number: self.site.police_number.clone(),
            conac_url: self.site.conac_url.clone(),
            settings: self.site.settings.clone(),
            agency: self.site.agency.clone(),
            user_center: self.user_center.clone(),
        }
    }

    /// The part of the context that every page has.
    pub(crate) fn context(&self, page: &Page, title: String) -> PageContext {
        let page = self.info(page, title);
        PageContext { page, channel: None, listing: None, article: None, error: None, entries: Vec::new(), block: None }
    }

    /// What every template is told about its page.
    fn info(&self, page: &Page, title: String) -> PageInfo {
        let kind = match page.kind {
            PageKind::Chunk => PageKind::Channel,
            other => other,
        };
        PageInfo {
            kind: kind.as_str().to_owned(),
            path: page.path.clone(),
            url: format!("{}{}", self.base, page.path),
            title,
            description: String::new(),
            updated: None,
        }
    }

    /// How the site stands towards the public; none while nothing was ever said of it.
    pub(crate) fn standing(&self, keys: &mut Keys) -> store::Result<Option<Standing>> {
        keys.insert(Key::standing(self.site.id));
        site_states::find(self.held().connection(), self.site.id)
    }

    pub(crate) fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.tree.by_id(id)
    }

    /// A channel the public can visit.
    pub(crate) fn live_channel(&self, id: ChannelId) -> Option<&Channel> {
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
        let extent = channels::extent(held.connection(), self.site.id, channel.id)?;
        let newest = channel.chunk_of(extent.last_sequence);
        let size = i64::from(channel.page_size);
        let from = (newest - 1).max(0) * size;
        let cards = placements::list_chunk(
            held.connection(),
            self.site.id,
            channel.id,
            (from, (newest + 1) * size),
            self.ahead.contains(&channel.id),
        )?;
        drop(held);
        let total = if channel.preparing { i64::try_from(cards.len()).unwrap_or_default() } else { extent.live_items };
        let first = self.pinned(channel.id)?;
        let (count, ids) = (first.len(), first.iter().map(|card| card.placement.id).collect::<Vec<_>>());
        let others = cards.into_iter().filter(|card| !ids.contains(&card.placement.id));
        let cards: Vec<Card> = first.into_iter().chain(others).collect();
        Ok(Listing {
            items: self.listed(cards, count, keys)?,
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
        let newest = channel.chunk_of(channels::extent(held.connection(), self.site.id, channel.id)?.last_sequence);
        let cards =
            placements::list_chunk(held.connection(), self.site.id, channel.id, (number * size, (number + 1) * size), false)?;
        drop(held);
        // The next chunk gets a page of its own when the front page has moved two chunks beyond it.
        let newer_is_paged = newest >= number + 3;
        if !newer_is_paged {
            keys.insert(Key::channel_chunk(channel.id, number + 3));
        }
        Ok(Listing {
            items: self.card_contexts(cards, keys)?,
            number: Some(number + 1),
            total: None,
            newer_url: Some(if newer_is_paged { address::chunk(channel, number + 1) } else { channel.path.clone() }),
            older_url: (number > 0).then(|| address::chunk(channel, number - 1)),
            first_url: Some(channel.path.clone()),
        })
    }

    /// The cards pinned in a channel, the latest pinned first.
    fn pinned(&self, channel: ChannelId) -> store::Result<Vec<Card>> {
        let mut held = self.held();
        let ids = pins::list(held.connection(), self.site.id, channel)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut cards = placements::find_cards(held.connection(), self.site.id, &ids)?;
        Ok(ids.iter().filter_map(|id| cards.remove(id)).collect())
    }

    /// Cards of one channel with those pinned in it before the others, and how many of these cards are pinned.
    pub(crate) fn pinned_first(&self, query: CardQuery) -> store::Result<(Vec<Card>, usize)> {
        let query = CardQuery { ahead: self.ahead.clone(), ..query };
        let [channel] = query.channels.as_slice() else {
            return Ok((placements::list_cards(self.held().connection(), self.site.id, &query)?, 0));
        };
        let mut first = self.pinned(*channel)?;
        let except = first.iter().map(|card| card.placement.id).collect();
        first.retain(|card| query.kind.is_none_or(|kind| kind == card.kind));
        let passed = usize::try_from(query.offset).unwrap_or_default().min(first.len());
        first.drain(..passed);
        first.truncate(usize::try_from(query.limit).unwrap_or_default());
        let count = first.len();
        let less = |number: usize| i64::try_from(number).unwrap_or_default();
        let rest = CardQuery { except, offset: query.offset - less(passed), limit: query.limit - less(count), ..query };
        first.extend(placements::list_cards(self.held().connection(), self.site.id, &rest)?);
        Ok((first, count))
    }

    /// Cards of a list, the first `pinned` of them marked. Only lists know: an article's page does not change with a pin.
    pub(crate) fn listed(&self, cards: Vec<Card>, pinned: usize, keys: &mut Keys) -> store::Result<Vec<CardContext>> {
        let mut listed = self.card_contexts(cards, keys)?;
        listed.iter_mut().take(pinned).for_each(|card| card.is_pinned = true);
        Ok(listed)
    }

    pub(crate) fn card_contexts(&self, cards: Vec<Card>, keys: &mut Keys) -> store::Result<Vec<CardContext>> {
        cards.into_iter().map(|card| self.card_context(card, keys)).collect()
    }

    pub(crate) fn card_context(&self, card: Card, keys: &mut Keys) -> store::Result<CardContext> {
        keys.insert(Key::resource(card.resource_id));
        keys.insert(Key::channel(card.placement.channel_id));
        let is_shared = card.owner_site_id != self.site.id;
        if is_shared {
            keys.insert(Key::site(card.owner_site_id));
        }
        let channel = self.channel(card.placement.channel_id);
        let content = card.content;
        Ok(CardContext {
            cover: self.cover(content.cover, keys)?,
            id: card.resource_id.0,
            title: content.title,
            url: card.placement.path,
            summary: content.summary,
            source: content.source,
            date: model::local(card.placement.published_at).format("%Y-%m-%d").to_string(),
            datetime: wall_time(card.placement.published_at),
            kind: card.kind.as_str().to_owned(),
            kind_name: card.kind.chinese().to_owned(),
            site_name: self.view.link(card.owner_site_id).map(|site| site.short_name.clone()).unwrap_or_default(),
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
        })
    }
}

/// 发布时间 as regulations.md §1.5 PG-04 wants it.
pub(crate) fn wall_time(moment: NaiveDateTime) -> String {
    model::local(moment).format("%Y-%m-%d %H:%M").to_string()
}

/// RFC 3339 to the second.
pub(crate) fn iso_time(moment: NaiveDateTime) -> String {
    model::local(moment).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}
