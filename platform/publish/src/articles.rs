//! The articles of one site, read for a whole batch of pages in a few queries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::prose;
use model::{Card, Key, Keys, Origin, Placement, PlacementId, Resource, ResourceId, ResourceState, Revision};
use render::context::{Article, Link, TitledLink};
use store::placements::{self, Neighbours};
use store::{explaining, resources};

use crate::reader::{Reader, iso_time, wall_time};

/// What the articles of a batch are made of.
#[derive(Default)]
pub(crate) struct Articles {
    placements: HashMap<PlacementId, Placement>,
    cards: HashMap<PlacementId, Card>,
    live: HashMap<ResourceId, (Resource, Revision)>,
    own: HashMap<ResourceId, Placement>,
    /// What texts refer to and this site shows.
    here: HashMap<ResourceId, Card>,
    /// What explains each of them.
    explaining: BTreeMap<ResourceId, Vec<ResourceId>>,
    neighbours: HashMap<PlacementId, Neighbours>,
}

impl Articles {
    /// Reads these placements of the reader's site, and everything their articles show.
    pub(crate) fn read(reader: &Reader, ids: &[PlacementId]) -> store::Result<Self> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let mut held = reader.held();
        let (connection, site) = (held.connection(), reader.site.id);
        let placements = placements::list(connection, site, ids)?;
        let shown: BTreeSet<ResourceId> = placements.iter().map(|placement| placement.resource_id).collect();
        let live = resources::list_live(connection, &shown)?;
        let mut referred: BTreeSet<ResourceId> =
            live.values().flat_map(|(_, revision)| prose::linked(&revision.content.body)).collect();
        referred.extend(live.values().filter_map(|(_, revision)| revision.content.superseded_by));
        let explaining = explaining::list_live(connection, &shown)?;
        referred.extend(live.values().flat_map(|(_, revision)| &revision.content.explains));
        referred.extend(explaining.values().flatten());
        let here = placements::find_cards_of(connection, site, &referred)?;
        let neighbours = placements::neighbours(connection, ids)?;
        let shown_here = placements.iter().filter(|placement| placement.live).filter_map(|placement| {
            let (resource, revision) = live.get(&placement.resource_id)?;
            Some((placement.id, Card::of(placement.clone(), resource, &revision.content)))
        });
        let mut cards: HashMap<PlacementId, Card> = shown_here.collect();
        let beside = neighbours.values().flat_map(|beside| [beside.older, beside.newer]).flatten();
        let beside: BTreeSet<PlacementId> = beside.filter(|id| !cards.contains_key(id)).collect();
        cards.extend(placements::find_cards(connection, site, &beside.into_iter().collect::<Vec<_>>())?);
        let written_here = placements.iter().filter(|placement| placement.origin == Origin::Own);
        let mut own: HashMap<ResourceId, Placement> =
            written_here.map(|placement| (placement.resource_id, placement.clone())).collect();
        referred.retain(|id| !here.contains_key(id));
        let elsewhere = shown.into_iter().chain(referred).filter(|id| !own.contains_key(id)).collect();
        own.extend(placements::list_own(connection, &elsewhere)?);
        Ok(Self {
            cards,
            own,
            here,
            explaining,
            placements: placements.into_iter().map(|placement| (placement.id, placement)).collect(),
            live,
            neighbours,
        })
    }

    /// One article that is in no library yet.
    pub(crate) fn of_one(placement: Placement, resource: Resource, revision: Revision) -> Self {
        let card = Card::of(placement.clone(), &resource, &revision.content);
        Self {
            cards: HashMap::from([(placement.id, card)]),
            live: HashMap::from([(resource.id, (resource, revision))]),
            placements: HashMap::from([(placement.id, placement)]),
            ..Self::default()
        }
    }

    /// A placement, live or not.
    pub(crate) fn placement(&self, id: PlacementId) -> Option<&Placement> {
        self.placements.get(&id)
    }

    /// The article of a live placement; none when nothing is live there.
    pub(crate) fn article(&self, reader: &Reader, id: PlacementId, keys: &mut Keys) -> store::Result<Option<Article>> {
        let Some(card) = self.cards.get(&id).cloned() else { return Ok(None) };
        let Some((resource, revision)) = self.live.get(&card.resource_id) else { return Ok(None) };
        let published = card.placement.published_at;
        let content = revision.content.clone();
        let superseded_by = content.superseded_by.and_then(|newer| self.shown_here(newer, keys));
        let explains = content.explains.iter().filter_map(|id| self.shown_here(*id, keys)).collect();
        keys.insert(Key::explaining(resource.id));
        let by = self.explaining.get(&resource.id).into_iter().flatten();
        let explained_by = by.filter_map(|id| self.shown_here(*id, keys)).collect();
        keys.insert(Key::neighbours(id));
        keys.insert(Key::site(resource.site_id));
        let beside = self.neighbours.get(&id);
        Ok(Some(Article {
            owner: owner(reader, resource),
            canonical_url: self.canonical(reader, resource),
            card: reader.card_context(card, keys)?,
            subtitle: content.subtitle,
            body: self.shown_body(reader, &content.body, keys)?,
            attachments: reader.attachments(&content.attachments, keys)?,
            author: content.author,
            editor: content.editor,
            published: wall_time(published),
            published_iso: iso_time(published),
            keywords: content.keywords,
            issuing_bodies: content.issuing_bodies,
            effective_on: content.effective_on.map(|day| day.to_string()),
            superseded_by,
            explains,
            explained_by,
            genre: content.genre.map(|genre| genre.chinese().to_owned()),
            openness: content.openness.chinese().to_owned(),
            older: self.beside(beside.and_then(|beside| beside.older), keys),
            newer: self.beside(beside.and_then(|beside| beside.newer), keys),
        }))
    }

    /// A text with its pictures, links and footnotes as this site shows them.
    fn shown_body(&self, reader: &Reader, body: &str, keys: &mut Keys) -> store::Result<String> {
        let led = prose::lead(&reader.shown_body(body, keys)?, |id| {
            keys.insert(Key::resource(id));
            self.address(reader, id, keys)
        });
        Ok(with_footnotes(&led))
    }

    /// Where the public finds a resource: on this site, else on the site that wrote it.
    fn address(&self, reader: &Reader, id: ResourceId, keys: &mut Keys) -> Option<String> {
        if let Some(card) = self.here.get(&id) {
            return Some(card.placement.path.clone());
        }
        let own = self.own.get(&id).filter(|own| own.live)?;
        keys.insert(Key::site(own.site_id));
        Some(format!("{}{}", reader.view.link(own.site_id)?.url, own.path))
    }

    /// Another resource, if this site shows it.
    fn shown_here(&self, id: ResourceId, keys: &mut Keys) -> Option<TitledLink> {
        keys.insert(Key::resource(id));
        self.here.get(&id).map(titled)
    }

    fn beside(&self, id: Option<PlacementId>, keys: &mut Keys) -> Option<TitledLink> {
        let card = self.cards.get(&id?)?;
        keys.insert(Key::resource(card.resource_id));
        Some(titled(card))
    }

    /// The resource's address on the site that wrote it, where the public finds it there.
    fn canonical(&self, reader: &Reader, resource: &Resource) -> String {
        match (self.own.get(&resource.id), reader.view.link(resource.site_id)) {
            (Some(own), Some(site)) if own.live && resource.state == ResourceState::Live => format!("{}{}", site.url, own.path),
            _ => reader.base().to_owned(),
        }
    }
}

/// Footnotes as numbers that lead to the notes below the text and back.
fn with_footnotes(body: &str) -> String {
    let (text, notes) = prose::footnotes(body, |number| {
        format!(
            "<sup class=\"footnote-number\" id=\"fnref-{number}\"><a href=\"#fn-{number}\" aria-label=\"脚注{number}\">{number}</a></sup>"
        )
    });
    if notes.is_empty() {
        return text;
    }
    let below = notes.iter().enumerate().map(|(at, note)| {
        let number = at + 1;
        format!("<li id=\"fn-{number}\">{note} <a href=\"#fnref-{number}\" aria-label=\"返回正文中的脚注{number}\">↩</a></li>")
    });
    format!("{text}\n<section class=\"footnotes\" aria-label=\"脚注\"><ol>{}</ol></section>", below.collect::<String>())
}

fn titled(card: &Card) -> TitledLink {
    TitledLink { title: card.content.title.clone(), url: card.placement.path.clone() }
}

fn owner(reader: &Reader, resource: &Resource) -> Link {
    reader.view.link(resource.site_id).map_or_else(
        || Link { name: String::new(), url: String::new() },
        |site| Link { name: site.name.clone(), url: site.url.clone() },
    )
}
