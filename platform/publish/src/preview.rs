//! Preview (预览): an article as its site would show it from what is typed, or a home page as somebody would arrange it: made by the site's
//! own theme, and written nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDateTime;
use model::{
    AgencyId, Arrangement, Channel, ChannelId, Content, Keys, Origin, Page, PageId, PageKind, PageState, Placement, PlacementId,
    Resource, ResourceId, ResourceKind, ResourceState, Revision, RevisionId, SiteId, UserId, WorkState,
};
use render::{Library, Theme};
use store::channels;
use store::placements::{self, CardQuery};

use crate::address;
use crate::articles::Articles;
use crate::engine::Engine;
use crate::page::{Made, Maker};
use crate::reader::Reader;
use crate::view::View;

/// What is typed, its body cleaned.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The channel it is for.
    pub channel: ChannelId,
    /// What it is.
    pub kind: ResourceKind,
    /// The resource it is of; none while it is new.
    pub resource: Option<Resource>,
    /// Where another site shows it; none for its own site.
    pub placement: Option<Placement>,
    /// What it says.
    pub content: Content,
}

/// A page as it would be.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The page.
    pub page: String,
    /// The public address of the site it is of, where its style sheets and pictures come from.
    pub base: String,
}

/// Why a page could not be shown: a sentence for the log.
#[derive(Debug, thiserror::Error)]
#[error("a page cannot be shown before it is published: {0}")]
pub struct PreviewError(String);

fn told(error: &dyn std::fmt::Display) -> PreviewError {
    PreviewError(error.to_string())
}

/// The page an article written on this site would have now, there or where it is placed; none where there is no such channel.
pub fn article(engine: &Engine, site: SiteId, typed: Typed) -> Result<Option<Shown>, PreviewError> {
    let view = View::open(engine).map_err(|error| told(&error))?;
    let (shown_on, channel) =
        typed.placement.as_ref().map_or((site, typed.channel), |placed| (placed.site_id, placed.channel_id));
    let Some(mut reader) = Reader::open(engine, &view, shown_on).map_err(|error| told(&error))? else { return Ok(None) };
    // What another site prepares is not for whoever writes here.
    if shown_on == site {
        reader.look_ahead(channel).map_err(|error| told(&error))?;
    }
    let Some(channel) = reader.channel(channel).cloned() else { return Ok(None) };
    let base = reader.base().to_owned();
    let (resource, revision, placement) = imagined(engine, site, &channel, typed);
    let page = page_of(shown_on, PageKind::Article, &placement.path, placement.id.0);
    shown(&Maker::of(reader, Articles::of_one(placement, resource, revision)), &page, base)
}

/// What somebody would change of a site's home page, or of the front page of a topic.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The key of the topic; empty: the home page.
    pub page: String,
    /// How it would be arranged; none: as it is live.
    pub arrangement: Option<Arrangement>,
    /// What the settings of the theme would be; none: as they are.
    pub settings: Option<serde_json::Value>,
    /// The theme the site would wear; none: as it does.
    pub theme: Option<String>,
    /// Which page is looked at.
    pub sight: Sight,
}

/// A page of a site by which its look is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// The page that is arranged.
    #[default]
    Front,
    /// A list: of the channel of the newest article.
    List,
    /// The newest article.
    Article,
}

/// The page a site would have; none where it has no such page yet.
pub fn arranged(engine: &Engine, site: SiteId, proposal: Proposal) -> Result<Option<Shown>, PreviewError> {
    let view = View::open(engine).map_err(|error| told(&error))?;
    let opened = match &proposal.theme {
        Some(theme) => Reader::open_in(engine, &view, site, theme),
        None => Reader::open(engine, &view, site),
    };
    let Some(mut reader) = opened.map_err(|error| told(&error))? else { return Ok(None) };
    let topic = topic_of(&mut reader, &proposal.page).map_err(|error| told(&error))?;
    reader.proposed = proposal.arrangement.map(|arrangement| (proposal.page, arrangement));
    if let Some(settings) = proposal.settings {
        reader.site.settings = settings;
    }
    let base = reader.base().to_owned();
    let newest = newest(&reader).map_err(|error| told(&error))?;
    let page = match (proposal.sight, topic, &newest) {
        (Sight::Front, Some(topic), _) => page_of(site, PageKind::Channel, &topic.path, topic.id.0),
        (Sight::Front, None, _) => page_of(site, PageKind::Home, "/", 0),
        (Sight::List, _, Some(newest)) => match reader.tree.by_id(newest.channel_id) {
            Some(channel) => page_of(site, PageKind::Channel, &channel.path, channel.id.0),
            None => return Ok(None),
        },
        (Sight::Article, _, Some(newest)) => page_of(site, PageKind::Article, &newest.path, newest.id.0),
        (_, _, None) => return Ok(None),
    };
    let wanted: Vec<PlacementId> = newest.iter().map(|newest| newest.id).filter(|_| proposal.sight == Sight::Article).collect();
    let articles = Articles::read(&reader, &wanted).map_err(|error| told(&error))?;
    let theme = Arc::clone(&reader.theme);
    let maker = Maker::of(reader, articles);
    let Some(shown) = shown(&maker, &page, base.clone())? else { return Ok(None) };
    // No visitor finds the style sheets of a theme that is not worn yet.
    let shown = if proposal.theme.is_some() { Shown { page: dressed(&shown.page, &theme), ..shown } } else { shown };
    // The colours of the site come in a sheet of their own, which is still the live one.
    let sheet = maker.make(&page_of(site, PageKind::State, address::STATE, 0)).map_err(|error| told(&error))?;
    let Made::Bytes(sheet) = sheet.outcome else { return Ok(Some(shown)) };
    let sheet = format!("<style>{}</style>\n</head>", String::from_utf8_lossy(&sheet));
    Ok(Some(Shown { page: shown.page.replacen("</head>", &sheet, 1), base }))
}

/// The blocks of a page, by their places in an arrangement, that nothing would be seen of: the theme draws nothing of them as the library
/// is now, or a channel they must have is not shown. One that cannot be drawn by itself is taken for seen: what is wrong is the page's to tell.
pub fn unseen(engine: &Engine, site: SiteId, of: String, arrangement: Arrangement) -> Result<BTreeSet<usize>, PreviewError> {
    let view = View::open(engine).map_err(|error| told(&error))?;
    let Some(mut reader) = Reader::open(engine, &view, site).map_err(|error| told(&error))? else { return Ok(BTreeSet::new()) };
    let topic = topic_of(&mut reader, &of).map_err(|error| told(&error))?;
    let slots = reader.theme_manifest().map_err(|error| told(&error))?.slots;
    let page = topic
        .as_ref()
        .map_or_else(|| page_of(site, PageKind::Home, "/", 0), |topic| page_of(site, PageKind::Channel, &topic.path, topic.id.0));
    let mut unseen: BTreeSet<usize> = (0..arrangement.0.len()).collect();
    reader.proposed = Some((of, arrangement));
    let maker = Maker::of(reader, Articles::default());
    for slot in slots {
        let key = topic.as_ref().map(|topic| topic.key.as_str());
        let blocks = maker.reader().blocks(&slot.key, key, &mut Keys::new()).map_err(|error| told(&error))?;
        for block in blocks {
            let at = block.at;
            if maker.draws(&page, topic.as_ref(), block).unwrap_or(true) {
                unseen.remove(&at);
            }
        }
    }
    Ok(unseen)
}

/// The topic whose page is arranged, which may be in preparation still.
fn topic_of(reader: &mut Reader, page: &str) -> store::Result<Option<Channel>> {
    if page.is_empty() {
        return Ok(None);
    }
    let topic = channels::tree(reader.held().connection(), reader.site.id)?.by_key(page).cloned();
    if let Some(topic) = &topic {
        reader.look_ahead(topic.id)?;
    }
    Ok(topic)
}

/// The placement that was first shown last.
fn newest(reader: &Reader) -> store::Result<Option<Placement>> {
    let query = CardQuery { limit: 1, ..CardQuery::default() };
    let cards = placements::list_cards(reader.held().connection(), reader.site.id, &query)?;
    Ok(cards.into_iter().next().map(|card| card.placement))
}

/// A page with the style sheets of its theme within it.
fn dressed(page: &str, theme: &Theme) -> String {
    const LINK: &str = "<link rel=\"stylesheet\" href=\"/assets/";
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = rest.find(LINK) {
        let (before, link) = rest.split_at(start);
        let place = link[LINK.len()..].split(['?', '"']).next().unwrap_or_default();
        let end = link.find('>').map_or(link.len(), |end| end + 1);
        text.push_str(before);
        match theme.asset_at(place) {
            Ok(Some(bytes)) if render::theme_of(place).is_some() => {
                text.extend(["<style>", &String::from_utf8_lossy(&bytes), "</style>"]);
            }
            _ => text.push_str(&link[..end]),
        }
        rest = &link[end..];
    }
    text.push_str(rest);
    text
}

fn shown(maker: &Maker, page: &Page, base: String) -> Result<Option<Shown>, PreviewError> {
    match maker.make(page).map_err(|error| told(&error))?.outcome {
        Made::Bytes(bytes) => Ok(Some(Shown { page: still(&String::from_utf8_lossy(&bytes), &base), base })),
        Made::Gone | Made::Moved(_) => Ok(None),
    }
}

/// The resource, revision and placement there would be, were it published this moment.
fn imagined(engine: &Engine, site: SiteId, channel: &Channel, typed: Typed) -> (Resource, Revision, Placement) {
    let now = engine.clock.now();
    let resource = typed.resource.unwrap_or_else(|| Resource {
        id: ResourceId(0),
        public_id: String::new(),
        site_id: site,
        channel_id: channel.id,
        agency_id: AgencyId(0),
        kind: typed.kind,
        state: ResourceState::Unpublished,
        work: WorkState::Draft,
        live_revision_id: None,
        latest_revision_id: None,
        index_number: None,
        version: 0,
        created_by: UserId(0),
        created_at: now,
        updated_at: now,
        published_at: None,
        live_since: None,
    });
    let placement = match typed.placement {
        Some(placed) => Placement { live: true, ..placed },
        None => imagined_place(site, channel, &resource, now),
    };
    let revision = Revision {
        id: RevisionId(0),
        resource_id: resource.id,
        number: 0,
        content: typed.content,
        created_by: UserId(0),
        created_at: now,
    };
    (resource, revision, placement)
}

fn imagined_place(site: SiteId, channel: &Channel, resource: &Resource, now: NaiveDateTime) -> Placement {
    Placement {
        id: PlacementId(0),
        resource_id: resource.id,
        site_id: site,
        channel_id: channel.id,
        path: address::article(channel, resource.id, now),
        sequence: 0,
        site_sequence: 0,
        subscription_id: None,
        published_at: resource.published_at.unwrap_or(now),
        live: true,
        origin: Origin::Own,
        slug: None,
        title_prefix: String::new(),
        removed: false,
        waits: false,
    }
}

fn page_of(site: SiteId, kind: PageKind, path: &str, subject: i64) -> Page {
    Page {
        id: PageId(0),
        site_id: site,
        path: path.to_owned(),
        kind,
        subject,
        part: 0,
        state: PageState::New,
        moved_to: None,
        due: 0,
        version: 0,
        hash: None,
        written_at: None,
        failure: None,
    }
}

/// A page that is looked at from elsewhere: its addresses begin at the site, and nothing in it runs.
fn still(page: &str, base: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = rest.find("<script") {
        text.push_str(&rest[..start]);
        rest = rest[start..].split_once("</script>").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replacen("<head>", &format!("<head>\n<base href=\"{}/\" target=\"_blank\">", render::html::escape(base)), 1)
}

#[cfg(test)]
mod tests {
    use super::still;

    #[test]
    fn nothing_runs_in_a_page_that_is_looked_at_from_elsewhere() {
        let page =
            "<html><head><title>甲</title><script src=\"/a.js\"></script></head><body>乙<script>x</script>丙</body></html>";
        assert_eq!(
            still(page, "https://a.gov.cn"),
            "<html><head>\n<base href=\"https://a.gov.cn/\" target=\"_blank\"><title>甲</title></head><body>乙丙</body></html>"
        );
    }
}
