//! What a site's templates may ask of the library. Each answer adds the keys it depends on.

use std::collections::BTreeMap;

use config::{BlockKind, FieldKind, PageOf, ThemeManifest};
use model::{Arrangement, Block, Channel, ChannelId, Key, Keys, Notice, NoticeKind, SiteState, Standing, picture};
use render::context::{BlockContext, CardContext, ChannelContext, Link, NavItem, NoticeContext, SiteLink, StandingContext, Told};
use render::{CardsWanted, Library, LibraryError, MANIFEST};
use store::placements::CardQuery;
use store::{arrangements, notices};

use crate::page::PageError;
use crate::reader::{Reader, wall_time};

impl Library for Reader {
    fn nav(&self, whole: bool, keys: &mut Keys) -> Result<Vec<NavItem>, LibraryError> {
        keys.insert(Key::nav(self.site.id));
        Ok(self.branch(None, whole))
    }

    fn channel(&self, key: &str, keys: &mut Keys) -> Result<Option<ChannelContext>, LibraryError> {
        let found = self.tree.by_key(key).filter(|channel| !channel.retired);
        if found.is_none() {
            keys.insert(Key::nav(self.site.id));
        }
        Ok(found.map(|channel| self.channel_context(channel, keys)))
    }

    fn cards(&self, wanted: &CardsWanted, keys: &mut Keys) -> Result<Vec<CardContext>, LibraryError> {
        let channels = self.named(wanted, keys);
        if wanted.channels.is_empty() {
            keys.insert(Key::site_items(self.site.id));
        } else if channels.is_empty() {
            return Ok(Vec::new());
        }
        keys.extend(channels.iter().map(|id| Key::channel_items(*id)));
        let kind = wanted.kind.as_deref().map(str::parse).transpose().map_err(|error| LibraryError(format!("{error}")))?;
        let query = CardQuery { channels, kind, offset: wanted.offset, limit: wanted.limit, ..CardQuery::default() };
        let (cards, pinned) = self.pinned_first(query).map_err(|error| LibraryError(error.to_string()))?;
        self.listed(cards, pinned, keys).map_err(|error| LibraryError(error.to_string()))
    }

    fn notices(&self, kind: &str, keys: &mut Keys) -> Result<Vec<NoticeContext>, LibraryError> {
        let kind: NoticeKind = kind.parse().map_err(|_| LibraryError(format!("there is no kind of notice `{kind}`")))?;
        keys.extend([Key::notices(self.site.id, kind), Key::notices_everywhere(kind)]);
        let found = notices::list_on(self.held().connection(), self.site.id, kind);
        let found = found.map_err(|error| LibraryError(error.to_string()))?;
        Ok(found.into_iter().map(notice_context).collect())
    }

    fn blocks(&self, slot: &str, topic: Option<&str>, keys: &mut Keys) -> Result<Vec<BlockContext>, LibraryError> {
        let page = topic.unwrap_or_default();
        keys.extend([Key::arrangement(self.site.id, page), Key::file(self.site.id, MANIFEST)]);
        let (theme, arrangement) = self.arranged(page, keys).map_err(|error| LibraryError(error.to_string()))?;
        let of = if page.is_empty() { PageOf::Home } else { PageOf::Topic };
        let standing = arrangement.slot(slot).filter(|(_, block)| theme.fits(of, block));
        let known = standing.filter_map(|(at, block)| Some((at, block, theme.block(&block.kind)?)));
        let mut shown = Vec::new();
        for (at, block, kind) in known {
            shown.extend(self.block(at, block, kind, keys).map_err(|error| LibraryError(error.to_string()))?);
        }
        Ok(shown)
    }

    fn standing(&self, keys: &mut Keys) -> Result<Option<StandingContext>, LibraryError> {
        let found = self.standing(keys).map_err(|error| LibraryError(error.to_string()))?;
        Ok(found.filter(|standing| standing.state != SiteState::Open).map(standing_context))
    }

    fn sites(&self, keys: &mut Keys) -> Result<Vec<SiteLink>, LibraryError> {
        keys.insert(Key::sites());
        Ok(self.view.links().cloned().collect())
    }

    fn asset(&self, name: &str, keys: &mut Keys) -> Result<String, LibraryError> {
        keys.insert(Key::file(self.site.id, &format!("assets/{name}")));
        let found = self.theme.asset_url(name).map_err(|error| LibraryError(error.to_string()))?;
        found.ok_or_else(|| LibraryError(format!("there is no asset `{name}`")))
    }
}

fn notice_context(notice: Notice) -> NoticeContext {
    NoticeContext {
        id: notice.id.0,
        title: notice.title,
        text: notice.text,
        link: Some(notice.link).filter(|link| !link.is_empty()),
        is_citywide: notice.site_id.is_none(),
    }
}

fn standing_context(standing: Standing) -> StandingContext {
    let announced = standing.announcement;
    StandingContext {
        id: standing.id.0,
        state: standing.state.as_str().to_owned(),
        state_name: standing.state.chinese().to_owned(),
        title: announced.title,
        text: announced.text,
        since: wall_time(standing.since),
        until: announced.until.map(wall_time),
        moved_to: Some(announced.moved_to).filter(|address| !address.is_empty()),
    }
}

impl Reader {
    /// What the theme offers, and how a page is arranged of it.
    fn arranged(&self, page: &str, keys: &mut Keys) -> Result<(ThemeManifest, Arrangement), PageError> {
        let theme = self.theme_manifest()?;
        let kept = match &self.proposed {
            Some((of, proposed)) if of == page => Some(proposed.clone()),
            _ => arrangements::find_live(self.held().connection(), self.site.id, page)?,
        };
        // What a theme begins with depends on which channels there are.
        let arrangement = kept.unwrap_or_else(|| {
            keys.insert(Key::nav(self.site.id));
            theme.begun(page, &self.tree)
        });
        Ok((theme, arrangement))
    }

    /// What a block shows; none where a channel or pictures it must have are not there any more.
    fn block(&self, at: usize, block: &Block, kind: &BlockKind, keys: &mut Keys) -> store::Result<Option<BlockContext>> {
        let (values, mut told) = (kind.told(block), BTreeMap::new());
        for field in &kind.fields {
            let value = values[&field.key].as_str();
            let one = match field.kind {
                FieldKind::Number => Told::Number(value.parse().unwrap_or(field.least)),
                FieldKind::Links => Told::Links(
                    config::links(value).map(|(name, url)| Link { name: name.to_owned(), url: url.to_owned() }).collect(),
                ),
                FieldKind::Pictures => Told::Pictures(self.pictures(picture::read(value), keys)?),
                FieldKind::Channel => Told::Channel(self.named_item(value, keys)),
                FieldKind::Channels => {
                    Told::Channels(value.split_whitespace().filter_map(|key| self.named_item(key, keys)).collect())
                }
                FieldKind::Text | FieldKind::Choice | FieldKind::Colour => {
                    Told::Text(Some(value.to_owned()).filter(|text| !text.is_empty()))
                }
            };
            let is_missing = match &one {
                Told::Channel(found) => found.is_none(),
                Told::Pictures(found) => found.is_empty(),
                _ => false,
            };
            if field.required && is_missing {
                return Ok(None);
            }
            told.insert(field.key.clone(), one);
        }
        Ok(Some(BlockContext { kind: kind.key.clone(), id: format!("block-{at}"), at, told }))
    }

    /// A channel by its short name, with all below it.
    fn named_item(&self, key: &str, keys: &mut Keys) -> Option<NavItem> {
        keys.insert(Key::nav(self.site.id));
        let channel = self.tree.by_key(key).filter(|channel| !channel.retired)?;
        Some(self.item(channel, true))
    }

    fn branch(&self, parent: Option<ChannelId>, whole: bool) -> Vec<NavItem> {
        self.tree
            .children(parent)
            .filter(|channel| whole || channel.navigation)
            .map(|channel| self.item(channel, whole))
            .collect()
    }

    fn item(&self, channel: &Channel, whole: bool) -> NavItem {
        NavItem {
            key: channel.key.clone(),
            name: channel.name.clone(),
            url: channel.path.clone(),
            description: channel.description.clone(),
            children: self.branch(Some(channel.id), whole),
        }
    }

    /// The channels a template named; names this site does not know are passed over, so that sites may share a theme.
    fn named(&self, wanted: &CardsWanted, keys: &mut Keys) -> Vec<ChannelId> {
        let found = wanted.channels.iter().filter_map(|key| self.tree.by_key(key)).filter(|channel| !channel.retired);
        let mut ids: Vec<ChannelId> = found.map(|channel| channel.id).collect();
        if wanted.deep || ids.len() < wanted.channels.len() {
            keys.insert(Key::nav(self.site.id));
        }
        if wanted.deep {
            ids = ids.into_iter().flat_map(|id| self.tree.subtree(id)).collect();
        }
        ids
    }
}
