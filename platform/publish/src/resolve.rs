//! From events to the pages they touch: those that must exist, and those that hold one of their keys.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::{
    Channel, ChannelId, Event, EventId, EventKind, Key, Lane, MediaId, MediaRole, Outcome, PageId, PageKind, PageSpec, PageState,
    Placement, PlacementId, PublicationId, PublicationKind, Rendition, ResourceId, SiteId,
};
use store::page_keys::{self, Holders};
use store::{Connection, channels, events, jobs, media, pages, placements, publications};

use crate::address;
use crate::engine::Engine;
use crate::page::ERRORS;
use crate::task::{JobError, Task};

/// Pages rendered by one job: enough to read them together and sync them once, few enough to share work between workers.
const BATCH: usize = 250;

/// Finds the pages of events, marks them due and puts their rendering in the lanes: what the editor waits for first.
/// A page that several of the events touch is rendered once.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[EventId]) -> Result<(), JobError> {
    let files = declared_files(engine, ids)?;
    engine.store.write(|connection| {
        page_keys::lock_for_resolving(connection)?;
        let events = events::list(connection, ids)?;
        // Who sees the newest of the events sees them all.
        let Some(due) = events.iter().map(|event| event.id.0).max() else { return Ok::<_, JobError>(()) };
        let shown = shown(connection, &events)?;
        let specs = required(connection, &events, &shown, &files)?;
        let ensured = ensure(connection, &specs, due)?;
        let holders = page_keys::holders(connection, events.iter().flat_map(|event| &event.keys))?;
        let mut touched = BTreeMap::new();
        for event in &events {
            touched.insert(event.id, touched_by(connection, event, &shown, &holders, &ensured)?);
        }
        let all: BTreeSet<PageId> = touched.values().flatten().copied().collect();
        pages::mark_due(connection, &all, due)?;
        let waiting = pages::list_due_ids(connection, &all)?;
        let mut urgent = urgent(&events, &touched, &ensured);
        let (mut first, mut rest): (Vec<PageId>, Vec<PageId>) = (Vec::new(), waiting.clone());
        if events.iter().any(|event| event.kind == EventKind::SiteApplied) {
            let (before, after) = around_pages(connection, &waiting.iter().copied().collect())?;
            rest.retain(|page| !after.contains(page));
            enqueue(engine, connection, Lane::After, &after.into_iter().collect::<Vec<_>>())?;
            urgent.extend(before);
        }
        rest.retain(|page| {
            let is_urgent = urgent.contains(page);
            first.extend(is_urgent.then_some(*page));
            !is_urgent
        });
        enqueue(engine, connection, Lane::Urgent, &first)?;
        enqueue(engine, connection, Lane::Bulk, &rest)?;
        note_receipts(engine, connection, &touched, &waiting.into_iter().collect())
    })?;
    engine.wake();
    Ok(())
}

/// Everywhere that the resources of some events are or were shown.
type Shown = HashMap<ResourceId, Vec<Placement>>;

fn shown(connection: &mut Connection, events: &[Event]) -> store::Result<Shown> {
    let resources: BTreeSet<ResourceId> = events.iter().filter_map(|event| event.resource_id).collect();
    let mut shown = Shown::new();
    for placement in placements::list_by_resources(connection, &resources)? {
        shown.entry(placement.resource_id).or_default().push(placement);
    }
    Ok(shown)
}

/// Pages that an event brought into being or that belong to it, each with whether it is new.
type Ensured = BTreeMap<EventId, Vec<(PageId, bool)>>;

fn ensure(connection: &mut Connection, specs: &BTreeMap<EventId, Vec<PageSpec>>, due: i64) -> store::Result<Ensured> {
    let all: Vec<PageSpec> = specs.values().flatten().cloned().collect();
    let mut ensured = pages::ensure(connection, &all, due)?.into_iter();
    Ok(specs.iter().map(|(event, specs)| (*event, ensured.by_ref().take(specs.len()).collect())).collect())
}

fn touched_by(
    connection: &mut Connection,
    event: &Event,
    shown: &Shown,
    holders: &Holders,
    ensured: &Ensured,
) -> store::Result<BTreeSet<PageId>> {
    let mut touched: BTreeSet<PageId> = event.keys.iter().flat_map(|key| holders.of(key)).copied().collect();
    // A page that is there already and holds none of the keys has nothing to do with this event.
    touched.extend(ensured.get(&event.id).into_iter().flatten().filter(|(_, is_new)| *is_new).map(|(page, _)| *page));
    match event.kind {
        EventKind::Refreshed => touched.extend(pages::mark_all_due(connection, event.site_id, event.id.0)?),
        // What could not be rendered may be mended by the change, whatever it was that failed.
        EventKind::SiteApplied => touched.extend(pages::list_failed_ids(connection)?),
        // An article that waits for its first rendering holds no key yet: the receipt must not close before it is as decided.
        EventKind::Published | EventKind::Withdrawn | EventKind::TakenDown => {
            let placed = event.resource_id.and_then(|id| shown.get(&id)).into_iter().flatten();
            let placed: Vec<PlacementId> = placed.map(|placement| placement.id).collect();
            touched.extend(pages::touch_articles(connection, &placed, event.id.0)?);
        }
        EventKind::MediaChanged | EventKind::Pinned | EventKind::Noticed | EventKind::Arranged | EventKind::StateChanged => {}
    }
    Ok(touched)
}

/// What the editor waits for: the resource's own pages, and where something is to disappear every page that shows it.
fn urgent(events: &[Event], touched: &BTreeMap<EventId, BTreeSet<PageId>>, ensured: &Ensured) -> BTreeSet<PageId> {
    let mut urgent = BTreeSet::new();
    for event in events {
        match event.kind {
            EventKind::Published | EventKind::Noticed | EventKind::StateChanged => {
                urgent.extend(ensured.get(&event.id).into_iter().flatten().map(|(page, _)| *page));
            }
            EventKind::Withdrawn | EventKind::TakenDown | EventKind::Pinned | EventKind::MediaChanged | EventKind::Arranged => {
                urgent.extend(touched.get(&event.id).into_iter().flatten().copied());
            }
            EventKind::SiteApplied | EventKind::Refreshed => {}
        }
    }
    urgent
}

/// The assets that go before and after the pages of a site that puts on another theme, so that a page finds its style sheet whichever
/// theme it was made in: those that are new, and those of a theme that is worn no longer.
fn around_pages(connection: &mut Connection, waiting: &BTreeSet<PageId>) -> store::Result<(BTreeSet<PageId>, BTreeSet<PageId>)> {
    let worn: HashMap<SiteId, String> = store::sites::list(connection)?.into_iter().map(|site| (site.id, site.theme)).collect();
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for (page, site, path, is_live) in pages::list_assets(connection, waiting)? {
        let theme = render::theme_of(path.trim_start_matches("/assets/")).map(|(theme, _)| theme);
        if theme.is_some_and(|theme| worn.get(&site).is_none_or(|worn| worn != theme)) {
            after.insert(page);
        } else if !is_live {
            before.insert(page);
        }
    }
    Ok((before, after))
}

/// The assets of every site, when an event may have brought new ones: a theme is shared, and declared with any of its sites.
/// Read before the transaction, because disks are slow.
fn declared_files(engine: &Arc<Engine>, ids: &[EventId]) -> Result<HashMap<SiteId, Vec<String>>, JobError> {
    let sites = engine.store.read(|connection| {
        let declares = |event: &Event| matches!(event.kind, EventKind::SiteApplied | EventKind::Refreshed);
        if events::list(connection, ids)?.iter().any(declares) { store::sites::list(connection) } else { Ok(Vec::new()) }
    })?;
    sites.into_iter().map(|site| Ok((site.id, engine.files(&site).assets()?))).collect()
}

/// The pages that must exist because of these events.
fn required(
    connection: &mut Connection,
    events: &[Event],
    shown: &Shown,
    files: &HashMap<SiteId, Vec<String>>,
) -> store::Result<BTreeMap<EventId, Vec<PageSpec>>> {
    let resources: BTreeSet<ResourceId> = shown.keys().copied().collect();
    let mut reached: BTreeSet<ChannelId> = shown.values().flatten().map(|placement| placement.channel_id).collect();
    reached.extend(events.iter().flat_map(|event| &event.keys).filter_map(Key::as_channel_chunk).map(|(channel, _)| channel));
    let channels = channels::list_anywhere(connection, &reached)?;
    let used = live_media(connection, &resources)?;
    let mut required = BTreeMap::new();
    for event in events {
        let specs = match event.kind {
            EventKind::SiteApplied | EventKind::Refreshed => declared_pages(connection, event.site_id, files)?,
            EventKind::Published | EventKind::Withdrawn | EventKind::TakenDown => {
                let placements = event.resource_id.and_then(|id| shown.get(&id)).into_iter().flatten();
                let used = event.resource_id.and_then(|id| used.get(&id)).map_or(&[][..], Vec::as_slice);
                let placed = placements.filter_map(|placement| Some((placement, channels.get(&placement.channel_id)?)));
                let mut specs: Vec<PageSpec> = placed
                    .flat_map(|(placement, channel)| {
                        // What a page shows comes before the page.
                        let shown = used.iter().filter(|_| placement.live);
                        let mut specs: Vec<PageSpec> =
                            shown.map(|one| PageSpec { site_id: placement.site_id, ..one.clone() }).collect();
                        specs.extend(placement_pages(placement, channel));
                        specs
                    })
                    .collect();
                // What was moved on meanwhile is not placed there any more, but has brought a chunk off the front page all the same.
                let chunks = event.keys.iter().filter_map(Key::as_channel_chunk);
                let chunks = chunks.filter_map(|(id, chunk)| past_page(channels.get(&id)?, chunk));
                specs.extend(chunks);
                specs
            }
            EventKind::Noticed => noticed_pages(connection, event.site_id)?,
            EventKind::StateChanged => event.site_id.into_iter().flat_map(standing_pages).collect(),
            EventKind::Arranged => event.site_id.map(|site| arranged_media(connection, site)).transpose()?.unwrap_or_default(),
            EventKind::Pinned | EventKind::MediaChanged => Vec::new(),
        };
        required.insert(event.id, specs);
    }
    Ok(required)
}

fn declared_pages(
    connection: &mut Connection,
    only: Option<SiteId>,
    files: &HashMap<SiteId, Vec<String>>,
) -> store::Result<Vec<PageSpec>> {
    let mut specs: Vec<PageSpec> = files.iter().flat_map(|(site, names)| assets(*site, names)).collect();
    for site in files.keys().filter(|site| only.is_none_or(|only| only == **site)) {
        specs.extend(arranged_media(connection, *site)?);
        specs.extend(site_pages(connection, *site)?);
    }
    Ok(specs)
}

/// The pages of what the live revisions of resources use: each file, with the sizes its role asks for. Their site is still open.
fn live_media(
    connection: &mut Connection,
    resources: &BTreeSet<ResourceId>,
) -> store::Result<HashMap<ResourceId, Vec<PageSpec>>> {
    let mut known: HashMap<(MediaId, MediaRole), Vec<PageSpec>> = HashMap::new();
    let mut used: HashMap<ResourceId, Vec<PageSpec>> = HashMap::new();
    for (resource, id, role) in media::list_live_uses(connection, resources)? {
        let pages = match known.entry((id, role)) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(new) => new.insert(media_pages(connection, id, role)?),
        };
        used.entry(resource).or_default().extend(pages.iter().cloned());
    }
    Ok(used)
}

/// The pages of what blocks of a site's pages show.
fn arranged_media(connection: &mut Connection, site: SiteId) -> store::Result<Vec<PageSpec>> {
    let mut specs = Vec::new();
    for id in media::list_live_arranged(connection, site)? {
        let pages = media_pages(connection, id, MediaRole::Body)?;
        specs.extend(pages.into_iter().map(|page| PageSpec { site_id: site, ..page }));
    }
    Ok(specs)
}

fn media_pages(connection: &mut Connection, id: MediaId, role: MediaRole) -> store::Result<Vec<PageSpec>> {
    let Some(medium) = media::find_anywhere(connection, id)? else { return Ok(Vec::new()) };
    let spec = |rendition: Option<&Rendition>| PageSpec {
        site_id: SiteId(0),
        path: address::media(&medium, rendition),
        kind: PageKind::Media,
        subject: id.0,
        part: rendition.map_or(0, |one| one.part),
    };
    let mut specs = vec![spec(None)];
    if role != MediaRole::Attachment {
        let wanted = media::list_renditions(connection, id)?;
        specs.extend(wanted.iter().filter(|one| one.is_cover() == (role == MediaRole::Cover)).map(|one| spec(Some(one))));
    }
    Ok(specs)
}

/// The pages by which a notice is seen at once, on its site or on all.
fn noticed_pages(connection: &mut Connection, only: Option<SiteId>) -> store::Result<Vec<PageSpec>> {
    let sites = store::sites::list(connection)?.into_iter().map(|site| site.id);
    Ok(sites.filter(|site| only.is_none_or(|only| only == *site)).flat_map(state_pages).collect())
}

/// The home page, and the two pages that every other page of the site asks for.
fn state_pages(site_id: SiteId) -> [PageSpec; 3] {
    let pages = [("/", PageKind::Home), (address::STATE, PageKind::State), (address::EMERGENCY, PageKind::Emergency)];
    pages.map(|(path, kind)| PageSpec { site_id, path: path.to_owned(), kind, subject: 0, part: 0 })
}

/// The pages by which a change of a site's state is seen at once. Only a site that was shut once has a shutter.
fn standing_pages(site_id: SiteId) -> impl Iterator<Item = PageSpec> {
    let shutter = PageSpec { site_id, path: address::SHUTTER.to_owned(), kind: PageKind::Shutter, subject: 0, part: 0 };
    state_pages(site_id).into_iter().chain([shutter])
}

fn site_pages(connection: &mut Connection, site: SiteId) -> store::Result<Vec<PageSpec>> {
    let spec = |path: String, kind: PageKind, subject: i64, part: i64| PageSpec { site_id: site, path, kind, subject, part };
    let feeds = |home: &str, subject: i64| {
        [0, address::JSON_FEED].map(|part| spec(address::feed(home, part), PageKind::Feed, subject, part))
    };
    let mut specs = vec![
        spec("/sitemap.xml".into(), PageKind::SitemapIndex, 0, 0),
        spec(address::sitemap_chunk(0), PageKind::SitemapChunk, 0, 0),
        spec("/sitemap.html".into(), PageKind::SiteMap, 0, 0),
        spec("/robots.txt".into(), PageKind::Robots, 0, 0),
    ];
    specs.extend(state_pages(site));
    specs.extend(feeds("/", 0));
    specs.extend(ERRORS.iter().map(|(status, ..)| spec(address::error(*status), PageKind::Error, 0, i64::from(*status))));
    let extents: HashMap<_, _> = channels::extents(connection, site)?.into_iter().collect();
    let tree = channels::tree(connection, site)?.shown(None);
    for channel in tree.all().iter().filter(|channel| !channel.retired) {
        specs.push(spec(channel.path.clone(), PageKind::Channel, channel.id.0, 0));
        specs.extend(feeds(&channel.path, channel.id.0));
        let newest = extents.get(&channel.id).map_or(0, |extent| channel.chunk_of(extent.last_sequence));
        let chunks = 0..=(newest - 2);
        specs.extend(chunks.map(|chunk| spec(address::chunk(channel, chunk), PageKind::Chunk, channel.id.0, chunk)));
    }
    Ok(specs)
}

fn assets(site_id: SiteId, names: &[String]) -> impl Iterator<Item = PageSpec> {
    names.iter().map(move |name| PageSpec { site_id, path: address::asset(name), kind: PageKind::Asset, subject: 0, part: 0 })
}

/// A placement's article, the chunk that its place in the order brings off the front page, and its chunk of the map.
fn placement_pages(placement: &Placement, channel: &Channel) -> Vec<PageSpec> {
    let site_id = placement.site_id;
    let mut specs = Vec::new();
    // What waits has its place in the map, but no page yet.
    if !channel.preparing {
        specs.push(PageSpec { site_id, path: placement.path.clone(), kind: PageKind::Article, subject: placement.id.0, part: 0 });
    }
    specs.extend(past_page(channel, channel.chunk_of(placement.sequence)));
    let map = address::sitemap_chunk_of(placement);
    specs.push(PageSpec { site_id, path: address::sitemap_chunk(map), kind: PageKind::SitemapChunk, subject: 0, part: map });
    specs
}

/// The chunk that is off the front page once something is in this one.
fn past_page(channel: &Channel, newest: i64) -> Option<PageSpec> {
    let past = newest - 2;
    (past >= 0 && !channel.retired && !channel.preparing).then(|| PageSpec {
        site_id: channel.site_id,
        path: address::chunk(channel, past),
        kind: PageKind::Chunk,
        subject: channel.id.0,
        part: past,
    })
}

/// Notes on the receipts of these events which pages they touched. Pages no longer waiting were rendered by somebody else's job.
fn note_receipts(
    engine: &Engine,
    connection: &mut Connection,
    touched: &BTreeMap<EventId, BTreeSet<PageId>>,
    waiting: &BTreeSet<PageId>,
) -> Result<(), JobError> {
    let now = engine.clock.now();
    let events: Vec<EventId> = touched.keys().copied().collect();
    let decisions = publications::list_by_events(connection, &events)?;
    let (mut done, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for decision in &decisions {
        let Some(pages) = touched.get(&decision.event_id) else { continue };
        publications::add_pages(connection, decision, pages, now)?;
        shown.extend(pages.difference(waiting).copied());
        if pages.is_disjoint(waiting) {
            done.insert(decision.id);
        }
    }
    done.extend(settle(engine, connection, &shown.into_iter().collect::<Vec<_>>())?);
    Ok(complete(engine, connection, &done)?)
}

/// Notes on every receipt waiting for these pages what they already show; says which receipts.
pub(crate) fn settle(engine: &Engine, connection: &mut Connection, among: &[PageId]) -> store::Result<BTreeSet<PublicationId>> {
    let now = engine.clock.now();
    let mut alike: BTreeMap<(i64, bool), Vec<PageId>> = BTreeMap::new();
    for (page, version, state) in pages::list_versions(connection, among)? {
        alike.entry((version, state == PageState::Gone)).or_default().push(page);
    }
    let mut concerned = BTreeSet::new();
    for ((version, gone), pages) in alike {
        let outcome = if gone { Outcome::Removed } else { Outcome::Written };
        concerned.extend(publications::settle(connection, &pages, version, outcome, now)?);
    }
    Ok(concerned)
}

/// Closes publications whose last page is done, and has those read back that a person decided: an import by the operator would
/// read the same lists back once for each of its items.
pub(crate) fn complete(engine: &Engine, connection: &mut Connection, ids: &BTreeSet<PublicationId>) -> store::Result<()> {
    let now = engine.clock.now();
    for (closed, kind) in publications::complete(connection, ids, now)? {
        // The city waits until a takedown is seen to be done.
        let lane = if kind == PublicationKind::Takedown { Lane::Urgent } else { Lane::Bulk };
        Task::ReadBack(closed).enqueue(connection, lane, now)?;
    }
    Ok(())
}

fn enqueue(engine: &Engine, connection: &mut Connection, lane: Lane, ids: &[PageId]) -> store::Result<()> {
    let jobs = ids.chunks(BATCH).map(|batch| Task::Render(batch.to_vec()));
    Task::enqueue_all(jobs, connection, lane, engine.clock.now())
}

/// Puts publications and pages that wait without a job back in line: for a start after somebody discarded a failed job.
pub(crate) fn requeue_strays(engine: &Engine) -> store::Result<()> {
    engine.store.write(|connection| {
        if jobs::next_due(connection, "")?.is_some_and(|due| due <= engine.clock.now()) {
            return Ok(());
        }
        let lost = publications::list_unresolved(connection)?;
        for some in lost.chunks(BATCH) {
            Task::Resolve(some.to_vec()).enqueue(connection, Lane::Bulk, engine.clock.now())?;
        }
        let strays = pages::list_all_due(connection, 100_000)?;
        enqueue(engine, connection, Lane::Bulk, &strays)
    })
}
