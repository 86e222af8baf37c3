//! Fills a library: the site is declared, items are taken in and published, their pages wait for `tongyuan publish`.

use std::time::Instant;

use anyhow::{Context, Result};
use model::{Actor, Content, ResourceKind, SiteId};
use publish::Engine;
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake};
use serde::Serialize;

use crate::items::{Item, Text};
use crate::sites::{FILLED, SITE};

/// Items taken in by one transaction.
const BATCH: usize = 500;

/// How loading went.
#[derive(Debug, Serialize)]
pub struct Loaded {
    /// Items in the library now.
    pub items: usize,
    /// What it took.
    pub seconds: f64,
}

/// Takes in and publishes the first `items` of a text.
pub fn load(engine: &Engine, text: &Text, items: usize) -> Result<Loaded> {
    let begun = Instant::now();
    let actor = Actor::operator("bench");
    let (site, channels) = targets(engine)?;
    for from in (0..items).step_by(BATCH) {
        let batch = (from..items.min(from + BATCH)).map(|number| taken(text.item(number), &channels)).collect();
        let taken = intake::take(engine, &actor, site, batch)?;
        let ids: Vec<_> = taken.iter().map(|one| one.resource()).collect();
        intake::publish(engine, &actor, site, &ids)?;
    }
    Ok(Loaded { items, seconds: begun.elapsed().as_secs_f64() })
}

fn targets(engine: &Engine) -> Result<(SiteId, Vec<model::Channel>)> {
    engine.store.read(|connection| {
        let site = store::sites::find_by_key(connection, SITE)?.context("the site is not declared")?;
        let tree = store::channels::tree(connection, site.id)?;
        let channels = FILLED.iter().filter_map(|key| tree.by_key(key)).cloned().collect();
        Ok::<_, anyhow::Error>((site.id, channels))
    })
}

fn taken(item: Item, channels: &[model::Channel]) -> Intake {
    let channel = &channels[item.number % channels.len()];
    Intake {
        source: format!("bench:{}", item.number),
        hash: String::new(),
        draft: NewDraft { channel: channel.id, kind: ResourceKind::Article, content: content(item) },
    }
}

/// What an item says, as the library keeps it.
pub(crate) fn content(item: Item) -> Content {
    Content { title: item.title, source: item.source, summary: item.summary, body: item.body, ..Content::default() }
}
