//! Media: bringing a file, saying what is in a picture, taking away what nothing uses.

use chrono::NaiveDateTime;
use model::{Actor, Content, EventKind, Key, Keys, Lane, Media, MediaId, MediaKind, Problem, Rendition, SiteId, UserId};
use serde_json::json;
use store::{Command, Connection, audit, events, media};

use super::{CommandError, Result, publication, refused};
use crate::blobs;
use crate::engine::Engine;

/// Characters of an alternative text at most.
const LONGEST_ALT: usize = 200;

/// A file as it was brought.
#[derive(Debug)]
pub struct Upload {
    /// Its name there.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// It is new on this site.
    New(Media),
    /// The site has had these bytes before.
    Known(Media),
}

impl Kept {
    /// The medium.
    pub fn media(&self) -> &Media {
        match self {
            Self::New(media) | Self::Known(media) => media,
        }
    }
}

/// What people say about a medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// 替代文字
    pub alt: String,
    /// What matters in the picture, in percent from the left.
    pub focal_x: i32,
    /// What matters in the picture, in percent from the top.
    pub focal_y: i32,
}

/// Bytes to be kept.
struct Piece<'a> {
    hash: &'a str,
    bytes: &'a [u8],
    kind: MediaKind,
}

/// Judges a file and keeps it; refused with the reason when it may not be kept.
pub fn upload(engine: &Engine, actor: &Actor, site: SiteId, upload: Upload) -> Result<Kept> {
    let taken = ::media::take_in(&upload.name, upload.bytes, &engine.media_limits())
        .map_err(|refusal| CommandError::Refused(refusal.to_string()))?;
    let now = engine.clock.now();
    let hash = ::media::hash(&taken.bytes);
    let file = Piece { hash: &hash, bytes: &taken.bytes, kind: taken.kind };
    let sizes =
        taken.sizes.iter().map(|size| Piece { hash: &size.rendition.hash, bytes: &size.bytes, kind: size.rendition.kind });
    let pieces: Vec<Piece<'_>> = std::iter::once(file).chain(sizes).collect();
    keep(engine, &pieces)?;
    engine.store.command(|command| {
        if let Some(known) = media::find_by_hash(command, site, &hash)? {
            return Ok(Kept::Known(known));
        }
        let measured = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        let mut new = Media {
            id: MediaId(0),
            site_id: site,
            hash: hash.clone(),
            kind: taken.kind,
            file_name: taken.file_name.clone(),
            bytes: i64::try_from(taken.bytes.len()).unwrap_or(i64::MAX),
            width: measured(taken.width),
            height: measured(taken.height),
            alt: String::new(),
            focal_x: 50,
            focal_y: 50,
            uploaded_by: actor.user_id.unwrap_or(UserId(0)),
            uploaded_at: now,
        };
        new.id = media::insert(command, &new)?;
        let renditions: Vec<_> = taken.sizes.iter().map(|size| size.rendition.clone()).collect();
        media::save_renditions(command, new.id, &renditions)?;
        let record = audit::Record {
            action: "media.upload",
            subject: subject(new.id),
            site: Some(site),
            before: json!(null),
            after: json!({ "name": new.file_name, "kind": new.kind, "bytes": new.bytes, "hash": new.hash }),
        };
        audit::append(command, actor, record, now)?;
        // A deletion may have taken the same bytes away in between; from here on it would see that they are needed.
        keep(engine, &pieces)?;
        Ok(Kept::New(new))
    })
}

/// Changes what is said about a medium. Pages that show it follow.
pub fn describe(engine: &Engine, actor: &Actor, site: SiteId, id: MediaId, said: Description) -> Result<()> {
    let alt = said.alt.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = Description { alt, ..said };
    let known = engine.store.read(|connection| media::find(connection, site, id))?.ok_or(CommandError::NotFound)?;
    let problems = problems(&said);
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let crops = if known.kind.is_raster() { crops(engine, &known, &said)? } else { Vec::new() };
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = media::find(command, site, id)?.ok_or(CommandError::NotFound)?;
        if (before.focal_x, before.focal_y) != (known.focal_x, known.focal_y) {
            return Err(CommandError::Stale);
        }
        if before.kind.is_image() && said.alt.is_empty() && media::is_used(command, id)? {
            return Err(CommandError::Invalid(vec![Problem::at("alt", "图片正在使用，替代文字不能为空")]));
        }
        let after = Media { alt: said.alt.clone(), focal_x: said.focal_x, focal_y: said.focal_y, ..before.clone() };
        if after == before {
            return Ok(());
        }
        media::update(command, &after)?;
        let renditions: Vec<_> = crops.iter().map(|crop| crop.rendition.clone()).collect();
        media::save_renditions(command, id, &renditions)?;
        note_described(command, actor, &before, &after, now)?;
        follow(command, actor, &after, now)
    })?;
    engine.wake();
    Ok(())
}

/// Keeps what a text says of pictures that the library says nothing of, so that whoever uses them next finds it. What the public sees
/// already is left to those who may change it, and nothing that somebody said before is written over.
pub(super) fn describe_from(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    content: &Content,
    now: NaiveDateTime,
) -> Result<()> {
    let said = model::media::references(&content.body).into_iter().filter(|one| one.is_image && !one.alt.is_empty());
    for reference in said {
        let alt = render::html::unescape(&reference.alt).split_whitespace().collect::<Vec<_>>().join(" ");
        let known = media::find(command, site, reference.id)?.filter(|media| media.kind.is_image() && media.alt.is_empty());
        let Some(before) = known.filter(|_| (1..=LONGEST_ALT).contains(&alt.chars().count())) else { continue };
        if is_seen(command, site, before.id)? {
            continue;
        }
        let after = Media { alt, ..before.clone() };
        media::update(command, &after)?;
        note_described(command, actor, &before, &after, now)?;
    }
    Ok(())
}

/// Whether the public sees a medium of this site anywhere.
fn is_seen(connection: &mut Connection, site: SiteId, id: MediaId) -> store::Result<bool> {
    let users = media::list_users(connection, site, id)?;
    Ok(users.iter().any(|user| user.is_live) || media::is_live_on(connection, site, id)?)
}

fn note_described(command: &mut Command<'_>, actor: &Actor, before: &Media, after: &Media, now: NaiveDateTime) -> Result<()> {
    let told = |media: &Media| json!({ "alt": media.alt, "focal": [media.focal_x, media.focal_y] });
    let record = audit::Record {
        action: "media.describe",
        subject: subject(after.id),
        site: Some(after.site_id),
        before: told(before),
        after: told(after),
    };
    Ok(audit::append(command, actor, record, now)?)
}

/// Makes sizes of a picture again whose bytes were lost or changed. Where the new bytes differ, pages follow.
pub(crate) fn remake(engine: &Engine, actor: &Actor, id: MediaId, lost: &[Rendition]) -> Result<()> {
    let known = engine.store.read(|connection| media::find_anywhere(connection, id))?.ok_or(CommandError::NotFound)?;
    let made = again(engine, &known, (known.focal_x, known.focal_y), lost)?;
    let renditions: Vec<_> = made.into_iter().map(|size| size.rendition).collect();
    let now = engine.clock.now();
    engine.store.command(|command| {
        // Somebody may have said something else of it in between, or taken it away.
        if media::find_anywhere(command, id)?.as_ref() != Some(&known) {
            return Err(CommandError::Stale);
        }
        if renditions.iter().all(|one| lost.contains(one)) {
            return Ok(());
        }
        media::save_renditions(command, id, &renditions)?;
        follow(command, actor, &known, now)
    })?;
    engine.wake();
    Ok(())
}

/// Has the pages that show a medium rendered again.
fn follow(command: &mut Command<'_>, actor: &Actor, changed: &Media, now: NaiveDateTime) -> Result<()> {
    let keys = Keys::from([Key::media(changed.id)]);
    let event = events::NewEvent {
        kind: EventKind::MediaChanged,
        site: Some(changed.site_id),
        resource: None,
        actor: actor.user_id,
        keys: &keys,
    };
    let event = events::insert(command, event, now)?;
    publication::follow_up(command, vec![event], Lane::Urgent, now)
}

/// Takes away a medium that no revision and no page uses, and its bytes where no other medium has them.
pub fn delete(engine: &Engine, actor: &Actor, site: SiteId, id: MediaId) -> Result<()> {
    let now = engine.clock.now();
    let hashes = engine.store.command(|command| {
        let known = media::find(command, site, id)?.ok_or(CommandError::NotFound)?;
        if media::is_used(command, id)? {
            return refused("该文件正在被稿件、其历史版本或页面板块使用，不能删除");
        }
        let mut hashes: Vec<String> = media::list_renditions(command, id)?.into_iter().map(|one| one.hash).collect();
        hashes.push(known.hash.clone());
        media::delete(command, id)?;
        let record = audit::Record {
            action: "media.delete",
            subject: subject(id),
            site: Some(site),
            before: json!({ "name": known.file_name, "hash": known.hash }),
            after: json!(null),
        };
        audit::append(command, actor, record, now)?;
        Ok(hashes)
    })?;
    // Only after the record is gone for good, and while no upload can bring the same bytes.
    engine.store.command(|command| {
        for hash in &hashes {
            if !media::needs_bytes_anywhere(command, hash)? {
                blobs::forget(&engine.blobs, hash)?;
            }
        }
        Ok(())
    })
}

/// The media of this site that a content uses.
pub(crate) fn used(connection: &mut Connection, site: SiteId, content: &Content) -> store::Result<Vec<Media>> {
    let ids: Vec<MediaId> = model::media::used_in(content).into_iter().map(|(id, _)| id).collect();
    media::find_all(connection, site, &ids)
}

/// A content may use media of its own site alone, each as what it is.
pub(super) fn check_uses(command: &mut Command<'_>, site: SiteId, content: &Content) -> Result<()> {
    let problems = misused(content, &used(command, site, content)?);
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// Media that a content names and its site has not, or not as what they are used as; `known` are those of the content it has.
pub(crate) fn misused(content: &Content, known: &[Media]) -> Vec<Problem> {
    let kind = |id: MediaId| known.iter().find(|media| media.id == id).map(|media| media.kind);
    let mut problems = Vec::new();
    for reference in model::media::references(&content.body) {
        match kind(reference.id) {
            None => problems.push(missing("body", reference.id)),
            Some(kind) if reference.is_image && !kind.is_image() => {
                problems.push(Problem::at("body", format!("媒体 {} 不是图片，请改为附件链接", reference.id)));
            }
            Some(_) => {}
        }
    }
    problems.extend(content.attachments.iter().filter(|id| kind(**id).is_none()).map(|id| missing("attachments", *id)));
    match content.cover.map(|id| (id, kind(id))) {
        Some((id, None)) => problems.push(missing("cover", id)),
        Some((_, Some(kind))) if !kind.is_raster() => {
            problems.push(Problem::at("cover", "封面须为JPG、PNG、GIF或WebP图片"));
        }
        _ => {}
    }
    problems.dedup();
    problems
}

fn missing(field: &'static str, id: MediaId) -> Problem {
    Problem::at(field, format!("本站媒体库中没有编号为 {id} 的文件"))
}

fn problems(said: &Description) -> Vec<Problem> {
    let mut problems = Vec::new();
    if said.alt.chars().count() > LONGEST_ALT {
        problems.push(Problem::at("alt", format!("替代文字不超过{LONGEST_ALT}字")));
    }
    for (field, value) in [("focal_x", said.focal_x), ("focal_y", said.focal_y)] {
        if !(0..=100).contains(&value) {
            problems.push(Problem::at(field, "焦点位置应为0到100之间的整数"));
        }
    }
    problems
}

/// The crops for covers around a new focal point, kept; none where it stays.
fn crops(engine: &Engine, known: &Media, said: &Description) -> Result<Vec<::media::Size>> {
    if (known.focal_x, known.focal_y) == (said.focal_x, said.focal_y) {
        return Ok(Vec::new());
    }
    let mut covers = engine.store.read(|connection| media::list_renditions(connection, known.id))?;
    covers.retain(Rendition::is_cover);
    again(engine, known, (said.focal_x, said.focal_y), &covers)
}

/// Sizes of a picture made again from its own bytes and kept.
fn again(engine: &Engine, known: &Media, focal: (i32, i32), wanted: &[Rendition]) -> Result<Vec<::media::Size>> {
    let bytes = engine.blob(&known.hash)?;
    let made = ::media::again(&bytes, known.kind, focal, wanted, &engine.media_limits())
        .map_err(|refusal| CommandError::Refused(refusal.to_string()))?;
    let pieces: Vec<Piece<'_>> =
        made.iter().map(|size| Piece { hash: &size.rendition.hash, bytes: &size.bytes, kind: size.rendition.kind }).collect();
    keep(engine, &pieces)?;
    Ok(made)
}

fn keep(engine: &Engine, pieces: &[Piece<'_>]) -> Result<()> {
    for piece in pieces {
        blobs::keep(&engine.blobs, piece.hash, piece.bytes, piece.kind)?;
    }
    Ok(())
}

/// `media:17`, as the audit log names it.
fn subject(id: MediaId) -> String {
    format!("media:{id}")
}
