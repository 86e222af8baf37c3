//! From an event to the pages it touches: those that must exist, and those that hold one of its keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::{
    Channel, Event, EventId, EventKind, Lane, Outcome, PageId, PageKind, PageSpec, PageState, Placement, PublicationKind, SiteId,
};
use store::{Connection, channels, events, jobs, pages, placements, publications};

use crate::address;
use crate::engine::Engine;
use crate::page::ERRORS;
use crate::task::{JobError, Task};

/// Pages rendered by one job. Small enough to share work between workers and to lose little in a crash.
const BATCH: usize = 50;

/// Finds the pages of events, marks them due and puts their rendering in the lanes: what the editor waits for first.
/// A page that several of the events touch is rendered once.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[EventId]) -> Result<(), JobError> {
    let files = declared_files(engine, ids)?;
    engine.store.write(|connection| {
        pages::lock_for_resolving(connection)?;
        let (mut urgent, mut touched) = (BTreeSet::new(), BTreeSet::new());
        for id in ids {
            let Some(event) = events::find(connection, *id)? else { continue };
            let mut all = match event.kind {
                EventKind::Refreshed => pages::touch_all(connection, event.site_id, id.0)?,
                _ => pages::touch(connection, &event.keys, id.0)?,
            };
            for spec in required(connection, &event, &files)? {
                let (page, is_new) = pages::ensure(connection, &spec, id.0)?;
                urgent.insert(page);
                // One that is there already and holds none of the keys has nothing to do with this event.
                if is_new {
                    all.insert(page);
                }
            }
            all.extend(taken_down(connection, &event)?);
            if event.kind == EventKind::TakenDown {
                urgent.extend(&all);
            }
            note_receipt(engine, connection, &event, &all)?;
            touched.extend(all);
        }
        let due = due_among(connection, &touched)?;
        enqueue(engine, connection, Lane::Urgent, due.intersection(&urgent).copied())?;
        enqueue(engine, connection, Lane::Bulk, due.difference(&urgent).copied())
    })?;
    engine.wake();
    Ok(())
}

/// Every page that shows what an event took down, also one that waits for its first rendering and so holds no key yet: the
/// receipt must not close before it.
fn taken_down(connection: &mut Connection, event: &Event) -> store::Result<BTreeSet<PageId>> {
    match (event.kind, event.resource_id) {
        (EventKind::Withdrawn | EventKind::TakenDown, Some(resource)) => {
            let placed = placements::list_by_resource(connection, resource)?;
            let ids: Vec<_> = placed.iter().map(|placement| placement.id).collect();
            pages::touch_articles(connection, &ids, event.id.0)
        }
        _ => Ok(BTreeSet::new()),
    }
}

/// The assets of every site, when an event may have brought new ones: a theme is shared, and declared with any of its sites.
/// Read before the transaction, because disks are slow.
fn declared_files(engine: &Arc<Engine>, ids: &[EventId]) -> Result<HashMap<SiteId, Vec<String>>, JobError> {
    let sites = engine.store.read(|connection| {
        for id in ids {
            let event = events::find(connection, *id)?;
            if event.is_some_and(|event| matches!(event.kind, EventKind::SiteApplied | EventKind::Refreshed)) {
                return store::sites::list(connection);
            }
        }
        Ok(Vec::new())
    })?;
    sites.into_iter().map(|site| Ok((site.id, engine.files(&site).assets()?))).collect()
}

/// The pages that must exist because of this event.
fn required(connection: &mut Connection, event: &Event, files: &HashMap<SiteId, Vec<String>>) -> store::Result<Vec<PageSpec>> {
    match (event.kind, event.site_id, event.resource_id) {
        (EventKind::SiteApplied | EventKind::Refreshed, only, _) => {
            let mut specs: Vec<PageSpec> = files.iter().flat_map(|(site, names)| assets(*site, names)).collect();
            for site in files.keys().filter(|site| only.is_none_or(|only| only == **site)) {
                specs.extend(site_pages(connection, *site)?);
            }
            Ok(specs)
        }
        (EventKind::Published | EventKind::Withdrawn | EventKind::TakenDown, _, Some(resource)) => {
            let mut specs = Vec::new();
            for placement in placements::list_by_resource(connection, resource)? {
                if let Some(channel) = channels::find(connection, placement.site_id, placement.channel_id)? {
                    specs.extend(placement_pages(&placement, &channel));
                }
            }
            Ok(specs)
        }
        _ => Ok(Vec::new()),
    }
}

fn site_pages(connection: &mut Connection, site: SiteId) -> store::Result<Vec<PageSpec>> {
    let spec = |path: String, kind: PageKind, subject: i64, part: i64| PageSpec { site_id: site, path, kind, subject, part };
    let mut specs = vec![
        spec("/".into(), PageKind::Home, 0, 0),
        spec("/feed.xml".into(), PageKind::Feed, 0, 0),
        spec("/sitemap.xml".into(), PageKind::SitemapIndex, 0, 0),
        spec(address::sitemap_chunk(0), PageKind::SitemapChunk, 0, 0),
        spec("/sitemap.html".into(), PageKind::SiteMap, 0, 0),
        spec("/robots.txt".into(), PageKind::Robots, 0, 0),
    ];
    specs.extend(ERRORS.iter().map(|(status, ..)| spec(address::error(*status), PageKind::Error, 0, i64::from(*status))));
    let tree = channels::tree(connection, site)?;
    for channel in tree.all().iter().filter(|channel| !channel.retired) {
        specs.push(spec(channel.path.clone(), PageKind::Channel, channel.id.0, 0));
        let newest = channel.chunk_of(channels::last_sequence(connection, site, channel.id)?);
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
    let mut specs =
        vec![PageSpec { site_id, path: placement.path.clone(), kind: PageKind::Article, subject: placement.id.0, part: 0 }];
    let past = channel.chunk_of(placement.sequence) - 2;
    if past >= 0 {
        specs.push(PageSpec {
            site_id,
            path: address::chunk(channel, past),
            kind: PageKind::Chunk,
            subject: channel.id.0,
            part: past,
        });
    }
    let map = address::sitemap_chunk_of(placement);
    specs.push(PageSpec { site_id, path: address::sitemap_chunk(map), kind: PageKind::SitemapChunk, subject: 0, part: map });
    specs
}

fn note_receipt(engine: &Engine, connection: &mut Connection, event: &Event, touched: &BTreeSet<PageId>) -> store::Result<()> {
    let Some(publication) = publications::find_by_event(connection, event.id)? else { return Ok(()) };
    let now = engine.clock.now();
    let all: Vec<PageId> = touched.iter().copied().collect();
    publications::add_pages(connection, &publication, &all, now)?;
    settle(engine, connection, &all)?;
    complete(engine, connection, publication.id)
}

/// Notes on every receipt waiting for these pages what they already show: a page may have been rendered by somebody else's job.
pub(crate) fn settle(engine: &Engine, connection: &mut Connection, among: &[PageId]) -> store::Result<()> {
    let now = engine.clock.now();
    let mut concerned = BTreeSet::new();
    for (page, version, state) in pages::list_versions(connection, among)? {
        let outcome = if state == PageState::Gone { Outcome::Removed } else { Outcome::Written };
        concerned.extend(publications::settle_page(connection, page, version, outcome, now)?);
    }
    for publication in concerned {
        complete(engine, connection, publication)?;
    }
    Ok(())
}

/// Closes a publication whose last page is done, and has it read back when a person decided it: an import by the operator
/// would read the same lists back once for each of its items.
pub(crate) fn complete(engine: &Engine, connection: &mut Connection, id: model::PublicationId) -> store::Result<()> {
    let now = engine.clock.now();
    if publications::complete(connection, id, now)? && publications::has_actor(connection, id)? {
        // The city waits until a takedown is seen to be done.
        let lane = if publications::kind(connection, id)? == PublicationKind::Takedown { Lane::Urgent } else { Lane::Bulk };
        Task::ReadBack(id).enqueue(connection, lane, now)?;
    }
    Ok(())
}

fn due_among(connection: &mut Connection, touched: &BTreeSet<PageId>) -> store::Result<BTreeSet<PageId>> {
    let ids: Vec<PageId> = touched.iter().copied().collect();
    Ok(pages::list_due(connection, &ids)?.into_iter().map(|page| page.id).collect())
}

fn enqueue(engine: &Engine, connection: &mut Connection, lane: Lane, ids: impl Iterator<Item = PageId>) -> store::Result<()> {
    let ids: Vec<PageId> = ids.collect();
    for batch in ids.chunks(BATCH) {
        Task::Render(batch.to_vec()).enqueue(connection, lane, engine.clock.now())?;
    }
    Ok(())
}

/// Puts publications and pages that wait without a job back in line: for a start after somebody discarded a failed job.
pub(crate) fn requeue_strays(engine: &Engine) -> store::Result<()> {
    engine.store.write(|connection| {
        if jobs::any_unfinished(connection, "")? {
            return Ok(());
        }
        let lost = publications::list_unresolved(connection)?;
        for some in lost.chunks(BATCH) {
            Task::Resolve(some.to_vec()).enqueue(connection, Lane::Bulk, engine.clock.now())?;
        }
        let strays = pages::list_all_due(connection, 100_000)?;
        enqueue(engine, connection, Lane::Bulk, strays.into_iter())
    })
}
