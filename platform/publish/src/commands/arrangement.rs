//! The home page, or the front page of a topic, is arranged (版面): blocks are put into the slots that the theme declares, told what to show, moved and taken away. All
//! of that happens to a draft that nobody else sees; going live replaces what the public sees in one step, and what it saw before can be brought back
//! into the draft.

use std::collections::BTreeMap;

use config::{BlockKind, PageOf, Slot, ThemeManifest};
use model::{Actor, Arrangement, Block, ChannelTree, EventKind, Key, Keys, SiteId};
use serde::Serialize;
use serde_json::json;
use store::arrangements::{self, Kept, Previous};
use store::{Command, Connection, audit, channels, sites};

use super::pictures::{self, Shelf};
use super::{CommandError, Result, publication, refused, seal};
use crate::engine::Engine;

/// What is done to the draft. A block is named by its place in the whole arrangement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A block of a kind, last in a slot.
    Add {
        /// The slot.
        slot: String,
        /// The kind.
        kind: String,
    },
    /// What a block shows, by field, and where it stands: last in the slot, if that is another one.
    Tell {
        /// Which block.
        at: usize,
        /// The slot.
        slot: String,
        /// As typed.
        values: BTreeMap<String, String>,
    },
    /// Past its neighbour in the slot.
    Shift {
        /// Which block.
        at: usize,
        /// Up, or down.
        up: bool,
    },
    /// Away.
    Remove {
        /// Which block.
        at: usize,
    },
    /// Back to what the theme begins with.
    Reset,
    /// Back to what was live before.
    Restore {
        /// The seal of what was looked at.
        previous: String,
    },
}

/// A site's arrangement as its people see it.
#[derive(Clone, Debug)]
pub struct Arranged {
    /// The key of the topic whose front page it is; empty: the home page.
    pub page: String,
    /// Which of the two.
    pub of: PageOf,
    /// What the theme offers.
    pub theme: ThemeManifest,
    /// The site's channels.
    pub tree: ChannelTree,
    /// As it is being arranged.
    pub draft: Arrangement,
    /// Whether that differs from what the public sees.
    pub is_changed: bool,
    /// What the public saw before, as far as the theme has a place for it; none where there is nothing to bring back.
    pub previous: Option<Previous>,
    /// What its pictures name.
    pub shelf: Shelf,
    /// Blocks that another theme has a place for, each after those that stood before it: shown nowhere, and kept for when that theme
    /// is worn again.
    pub resting: Vec<(Vec<Block>, Block)>,
}

/// What is wrong with what a block is told: a field of its kind, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field's short name.
    pub field: String,
    /// What to change, in Chinese.
    pub message: String,
}

impl Arranged {
    /// What was before somebody's eyes.
    pub fn seal(&self) -> String {
        seal(&self.draft)
    }

    /// Of what was live before.
    pub fn previous_seal(&self) -> String {
        self.previous.as_ref().map(|previous| seal(&previous.arrangement)).unwrap_or_default()
    }

    /// Whether the draft is what was live before.
    pub fn is_restored(&self) -> bool {
        self.previous.as_ref().is_some_and(|previous| previous.arrangement == self.draft)
    }

    /// The slots of this page.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.theme.slots.iter().filter(|slot| slot.page == self.of)
    }

    /// What is wrong with what a block of a kind is told, each at its field.
    pub fn problems(&self, kind: &BlockKind, values: &BTreeMap<String, String>) -> Vec<FieldProblem> {
        let wrong = kind.fields.iter().flat_map(|field| {
            let kept = field.kept(values.get(&field.key).map_or("", String::as_str));
            let whole = field.problem(&kept, &self.tree).map(|message| FieldProblem { field: field.key.clone(), message });
            whole.into_iter().chain(self.shelf.problems(field, &kept))
        });
        wrong.collect()
    }

    /// The blocks that are not ready for the public: the place of each, and why.
    pub fn unready(&self) -> Vec<(usize, String)> {
        let blocks = self.draft.0.iter().enumerate();
        let wrong = blocks.filter_map(|(at, block)| {
            let kind = self.theme.block(&block.kind)?;
            let mut wrong = self.problems(kind, &kind.told(block)).into_iter();
            // What a link leads to may go away later, as another site pleases; the page then leaves the link out.
            wrong.find(|problem| !problem.field.ends_with("-link")).map(|problem| (at, problem.message))
        });
        wrong.collect()
    }
}

/// The arrangement of a page, with what it can be made of: the home page, or the topic with this key.
pub fn find(engine: &Engine, connection: &mut Connection, site: SiteId, page: &str) -> Result<Arranged> {
    let (theme, tree) = (theme(engine, connection, site)?, channels::tree(connection, site)?);
    let of = if page.is_empty() {
        PageOf::Home
    } else {
        tree.by_key(page).filter(|channel| !channel.retired && !channel.topic.is_empty()).ok_or(CommandError::NotFound)?;
        PageOf::Topic
    };
    let Kept { live, draft, previous } = arrangements::find(connection, site, page)?;
    // What another theme has a place for must not stand in the way of what is shown.
    let parted = |arrangement: Arrangement| {
        let is_resting = |(_, block): &(usize, &Block)| !theme.fits(of, block);
        let resting = arrangement.0.iter().enumerate().filter(is_resting);
        let resting = resting.map(|(at, block)| (arrangement.0[..at].to_vec(), block.clone())).collect::<Vec<_>>();
        (arrangement.0.into_iter().filter(|block| theme.fits(of, block)).collect(), resting)
    };
    let (live, mut resting): (Vec<Block>, Vec<(Vec<Block>, Block)>) =
        live.map_or_else(|| (theme.begun(page, &tree).0, Vec::new()), parted);
    let live = Arrangement(live);
    let draft = match draft.map(parted) {
        Some((draft, rests)) => {
            resting = rests;
            Arrangement(draft)
        }
        None => live.clone(),
    };
    let shelf = Shelf::find(engine, connection, site, draft.0.iter().flat_map(|block| block.values.values()))?;
    let previous = previous.and_then(|previous| {
        let was_bare = previous.arrangement.0.is_empty();
        let arrangement = Arrangement(previous.arrangement.0.into_iter().filter(|block| theme.fits(of, block)).collect());
        (was_bare || !arrangement.0.is_empty()).then_some(Previous { arrangement, ..previous })
    });
    Ok(Arranged { is_changed: draft != live, page: page.to_owned(), of, theme, tree, draft, previous, shelf, resting })
}

/// The same, with what somebody would tell a block, its links kept as what they lead to.
pub fn find_telling(
    engine: &Engine,
    connection: &mut Connection,
    site: SiteId,
    page: &str,
    values: &mut BTreeMap<String, String>,
) -> Result<Arranged> {
    *values = pictures::following(engine, connection, site, values)?;
    let arranged = find(engine, connection, site, page)?;
    let known = arranged.draft.0.iter().flat_map(|block| block.values.values());
    let shelf = Shelf::find(engine, connection, site, known.chain(values.values()))?;
    Ok(Arranged { shelf, ..arranged })
}

/// Takes a step on the draft whose seal is `seen`; answers the place of the block it was about. Not audited: nothing the public sees
/// changes before [`go_live`].
pub fn step(engine: &Engine, site: SiteId, page: &str, seen: &str, step: &Step) -> Result<usize> {
    engine.store.command(|command| {
        let mut step = step.clone();
        let arranged = match &mut step {
            Step::Tell { values, .. } => find_telling(engine, command, site, page, values)?,
            _ => find(engine, command, site, page)?,
        };
        if arranged.seal() != seen {
            return Err(CommandError::Stale);
        }
        let mut draft = arranged.draft.clone();
        let at = arranged.take(&step, &mut draft)?;
        let kept = arrangements::find(command, site, page)?;
        arrangements::save(command, site, page, &Kept { draft: Some(arranged.with_resting(draft)), ..kept })?;
        Ok(at)
    })
}

/// Forgets the draft.
pub fn discard(engine: &Engine, site: SiteId, page: &str, seen: &str) -> Result<()> {
    engine.store.command(|command| {
        unchanged(engine, command, site, page, seen)?;
        let kept = arrangements::find(command, site, page)?;
        Ok(arrangements::save(command, site, page, &Kept { draft: None, ..kept })?)
    })
}

/// The draft becomes what the public sees.
pub fn go_live(engine: &Engine, actor: &Actor, site: SiteId, page: &str, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let arranged = unchanged(engine, command, site, page, seen)?;
        if !arranged.is_changed {
            return refused("版面没有改动，无需上线");
        }
        if let Some((_, why)) = arranged.unready().into_iter().next() {
            return refused(&format!("有板块还没有填好：{why}"));
        }
        let before = arrangements::find(command, site, page)?.live;
        let replaced = before.clone().unwrap_or_else(|| arranged.theme.begun(page, &arranged.tree));
        let kept = Kept {
            live: Some(arranged.with_resting(arranged.draft.clone())),
            draft: None,
            previous: Some(Previous { arrangement: replaced, until: now }),
        };
        arrangements::save(command, site, page, &kept)?;
        let record = audit::Record {
            action: if arranged.is_restored() { "arrangement.restored" } else { "arrangement.live" },
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(before),
            after: json!({ "page": page, "blocks": arranged.draft }),
        };
        audit::append(command, actor, record, now)?;
        let shown = before.iter().flat_map(Arrangement::media).chain(arranged.draft.media());
        let mut keys: Keys = shown.map(|id| Key::media_use(site, id)).collect();
        keys.insert(Key::arrangement(site, page));
        publication::renew(command, actor, EventKind::Arranged, Some(site), &keys, now)
    })?;
    engine.wake();
    Ok(())
}

fn unchanged(engine: &Engine, command: &mut Command<'_>, site: SiteId, page: &str, seen: &str) -> Result<Arranged> {
    let arranged = find(engine, command, site, page)?;
    if arranged.seal() == seen { Ok(arranged) } else { Err(CommandError::Stale) }
}

/// What the theme of a site offers.
fn theme(engine: &Engine, connection: &mut Connection, site: SiteId) -> Result<ThemeManifest> {
    let site = sites::find(connection, site)?.ok_or(CommandError::NotFound)?;
    engine.theme_manifest(&site).map_err(|error| CommandError::Refused(error.to_string()))
}

impl Arranged {
    /// What is kept of an arrangement of this page. Each block without a place stays behind the one it stood behind.
    fn with_resting(&self, mut arrangement: Arrangement) -> Arrangement {
        for (before, block) in &self.resting {
            let behind = before.iter().rev().find_map(|one| arrangement.0.iter().rposition(|block| block == one));
            arrangement.0.insert(behind.map_or(0, |at| at + 1), block.clone());
        }
        arrangement
    }

    fn take(&self, step: &Step, draft: &mut Arrangement) -> Result<usize> {
        match step {
            Step::Add { slot, kind } => {
                let kind = self.fitting(draft, slot, kind)?;
                draft.0.push(kind.begun(slot));
                Ok(draft.0.len() - 1)
            }
            Step::Tell { at, slot, values } => {
                let mut block = draft.0.get(*at).cloned().ok_or(CommandError::NotFound)?;
                let kind = self.theme.block(&block.kind).ok_or(CommandError::NotFound)?;
                if let Some(problem) = self.problems(kind, values).into_iter().next() {
                    return refused(&problem.message);
                }
                let told = |key: &String| values.get(key).map_or("", String::as_str);
                // What another theme asks of it stays.
                block.values.extend(kind.fields.iter().map(|field| (field.key.clone(), field.kept(told(&field.key)))));
                if block.slot == *slot {
                    draft.0[*at] = block;
                    return Ok(*at);
                }
                self.fitting(draft, slot, &block.kind)?;
                block.slot.clone_from(slot);
                draft.0.remove(*at);
                draft.0.push(block);
                Ok(draft.0.len() - 1)
            }
            Step::Shift { at, up } => {
                draft.shift(*at, *up).ok_or_else(|| CommandError::Refused("已经在最前或最后，不能再移动".to_owned()))
            }
            Step::Remove { at } => {
                if *at >= draft.0.len() {
                    return Err(CommandError::NotFound);
                }
                draft.0.remove(*at);
                Ok(*at)
            }
            Step::Reset => {
                *draft = self.theme.begun(&self.page, &self.tree);
                Ok(0)
            }
            Step::Restore { previous } => {
                if self.previous_seal() != *previous {
                    return Err(CommandError::Stale);
                }
                let kept = self.previous.as_ref().ok_or(CommandError::NotFound)?;
                draft.clone_from(&kept.arrangement);
                Ok(0)
            }
        }
    }

    /// The kind, where it may stand in the slot and there is room for one more.
    fn fitting(&self, draft: &Arrangement, slot: &str, kind: &str) -> Result<&BlockKind> {
        let slot = self.theme.slot(slot).filter(|slot| slot.page == self.of).ok_or(CommandError::NotFound)?;
        let Some(kind) = self.theme.offered(slot).find(|one| one.key == kind) else {
            return refused(&format!("该板块不能放在“{}”", slot.name));
        };
        if draft.slot(&slot.key).count() >= slot.most {
            return refused(&format!("“{}”最多放{}个板块，请先移除不需要的板块", slot.name, slot.most));
        }
        Ok(kind)
    }
}
