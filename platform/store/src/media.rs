//! Media: a site's pictures and attachments, the sizes pictures are offered in, and which revision uses what.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use model::{Content, Media, MediaId, MediaKind, MediaRole, Rendition, ResourceId, ResourceState, RevisionId, SiteId, UserId};

use crate::schema::{arrangement_media, channels, media, media_renditions, placements, resources, revision_media, revisions};
use crate::{BINDS, Command, Connection, Result, contains, on};

/// Which media of a site to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose name holds this; empty for all.
    pub name: String,
    /// Of these kinds; empty for all.
    pub kinds: Vec<MediaKind>,
    /// Those that no revision uses, nor the arrangement of a page.
    pub unused: bool,
}

/// A resource that uses a medium.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The resource.
    pub resource: ResourceId,
    /// The title of its newest revision that uses it.
    pub title: String,
    /// What the public sees of the resource.
    pub state: ResourceState,
    /// Whether the revision the public sees uses it.
    pub is_live: bool,
}

/// Adds a medium; the number it brings is ignored.
pub fn insert(command: &mut Command<'_>, new: &Media) -> Result<MediaId> {
    let id = diesel::insert_into(media::table)
        .values((
            media::site_id.eq(new.site_id.0),
            media::hash.eq(&new.hash),
            media::kind.eq(new.kind.as_str()),
            media::file_name.eq(&new.file_name),
            media::bytes.eq(new.bytes),
            media::width.eq(new.width),
            media::height.eq(new.height),
            media::alt.eq(&new.alt),
            media::focal_x.eq(new.focal_x),
            media::focal_y.eq(new.focal_y),
            media::uploaded_by.eq(new.uploaded_by.0),
            media::uploaded_at.eq(new.uploaded_at),
        ))
        .returning(media::id)
        .get_result(&mut **command)?;
    Ok(MediaId(id))
}

/// A medium of this site.
pub fn find(connection: &mut Connection, site: SiteId, id: MediaId) -> Result<Option<Media>> {
    Ok(find_anywhere(connection, id)?.filter(|found| found.site_id == site))
}

/// A medium of whatever site: for the engine.
pub fn find_anywhere(connection: &mut Connection, id: MediaId) -> Result<Option<Media>> {
    media::table.find(id.0).first::<MediaRow>(connection).optional()?.map(medium).transpose()
}

/// The medium of this site with these bytes.
pub fn find_by_hash(connection: &mut Connection, site: SiteId, hash: &str) -> Result<Option<Media>> {
    let row =
        media::table.filter(media::site_id.eq(site.0).and(media::hash.eq(hash))).first::<MediaRow>(connection).optional()?;
    row.map(medium).transpose()
}

/// Those of the media that this site has, in no order.
pub fn find_all(connection: &mut Connection, site: SiteId, ids: &[MediaId]) -> Result<Vec<Media>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = media::table.filter(media::site_id.eq(site.0).and(media::id.eq_any(ids))).load::<MediaRow>(connection)?;
    rows.into_iter().map(medium).collect()
}

/// A page of a site's media, newest first.
pub fn list(connection: &mut Connection, site: SiteId, filter: &Filter, offset: i64, limit: i64) -> Result<Vec<Media>> {
    let mut query = media::table.filter(media::site_id.eq(site.0)).order(media::id.desc()).into_boxed();
    if !filter.name.is_empty() {
        query = query.filter(media::file_name.like(contains(&filter.name)).escape('!'));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(media::kind.eq_any(filter.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()));
    }
    if filter.unused {
        let uses = revision_media::table.filter(revision_media::media_id.eq(media::id));
        query = query.filter(not(exists(uses)).and(not(exists(arranged()))));
    }
    let rows = query.offset(offset).limit(limit).load::<MediaRow>(connection)?;
    rows.into_iter().map(medium).collect()
}

/// Media of a site, or of all, by number after the given one.
pub fn list_after(connection: &mut Connection, site: Option<SiteId>, after: MediaId, limit: i64) -> Result<Vec<Media>> {
    let mut query = media::table.filter(media::id.gt(after.0)).order(media::id).limit(limit).into_boxed();
    if let Some(site) = site {
        query = query.filter(media::site_id.eq(site.0));
    }
    query.load::<MediaRow>(connection)?.into_iter().map(medium).collect()
}

/// Stores what people may change of a medium.
pub fn update(command: &mut Command<'_>, changed: &Media) -> Result<()> {
    diesel::update(media::table.find(changed.id.0))
        .set((media::alt.eq(&changed.alt), media::focal_x.eq(changed.focal_x), media::focal_y.eq(changed.focal_y)))
        .execute(&mut **command)?;
    Ok(())
}

/// Forgets a medium that nothing uses, with its renditions.
pub fn delete(command: &mut Command<'_>, id: MediaId) -> Result<()> {
    diesel::delete(media_renditions::table.filter(media_renditions::media_id.eq(id.0))).execute(&mut **command)?;
    diesel::delete(media::table.find(id.0)).execute(&mut **command)?;
    Ok(())
}

/// Stores the sizes of a picture; those of the same part are replaced.
pub fn save_renditions(command: &mut Command<'_>, of: MediaId, renditions: &[Rendition]) -> Result<()> {
    for one in renditions {
        let same = media_renditions::table.find((of.0, one.part));
        diesel::delete(same).execute(&mut **command)?;
        let row = (
            media_renditions::media_id.eq(of.0),
            media_renditions::part.eq(one.part),
            media_renditions::hash.eq(&one.hash),
            media_renditions::kind.eq(one.kind.as_str()),
            media_renditions::width.eq(one.width),
            media_renditions::height.eq(one.height),
        );
        diesel::insert_into(media_renditions::table).values(row).execute(&mut **command)?;
    }
    Ok(())
}

/// The sizes of a picture, narrowest first; crops come before.
pub fn list_renditions(connection: &mut Connection, of: MediaId) -> Result<Vec<Rendition>> {
    let rows = media_renditions::table
        .filter(media_renditions::media_id.eq(of.0))
        .order(media_renditions::part)
        .load::<RenditionRow>(connection)?;
    rows.into_iter().map(rendition).collect()
}

/// Whether any medium of whatever site still needs the bytes of this name: what is kept once serves all.
pub fn needs_bytes_anywhere(connection: &mut Connection, hash: &str) -> Result<bool> {
    let file = media::table.filter(media::hash.eq(hash));
    let size = media_renditions::table.filter(media_renditions::hash.eq(hash));
    let is_file: bool = diesel::select(exists(file)).get_result(connection)?;
    Ok(is_file || diesel::select(exists(size)).get_result(connection)?)
}

/// Notes what a revision uses.
pub(crate) fn note_uses(command: &mut Command<'_>, revision: RevisionId, content: &Content) -> Result<()> {
    let uses = model::media::used_in(content);
    let rows: Vec<_> = uses
        .into_iter()
        .map(|(id, role)| {
            (
                revision_media::revision_id.eq(revision.0),
                revision_media::media_id.eq(id.0),
                revision_media::role.eq(role.as_str()),
            )
        })
        .collect();
    for some in rows.chunks(100) {
        let some = some.to_vec();
        on!(&mut **command, c => diesel::insert_into(revision_media::table).values(&some).execute(c))?;
    }
    Ok(())
}

/// What the live revisions of these resources use, and as what, whatever their sites.
pub fn list_live_uses(connection: &mut Connection, of: &BTreeSet<ResourceId>) -> Result<Vec<(ResourceId, MediaId, MediaRole)>> {
    let of: Vec<i64> = of.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in of.chunks(BINDS) {
        let rows = resources::table
            .inner_join(revision_media::table.on(resources::live_revision_id.eq(revision_media::revision_id.nullable())))
            .filter(resources::id.eq_any(some))
            .order((resources::id, revision_media::media_id, revision_media::role))
            .select((resources::id, revision_media::media_id, revision_media::role))
            .load::<(i64, i64, String)>(connection)?;
        for (resource, id, role) in rows {
            found.push((ResourceId(resource), MediaId(id), role.parse()?));
        }
    }
    Ok(found)
}

/// Everything any revision of a resource ever used: more than what is live before or after a change, and never less.
pub fn list_by_resource(connection: &mut Connection, resource: ResourceId) -> Result<Vec<MediaId>> {
    let ids = revision_media::table
        .inner_join(revisions::table)
        .filter(revisions::resource_id.eq(resource.0))
        .select(revision_media::media_id)
        .distinct()
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(MediaId).collect())
}

/// The resources of its site that use a medium, newest first.
pub fn list_users(connection: &mut Connection, site: SiteId, id: MediaId) -> Result<Vec<User>> {
    let rows = revision_media::table
        .inner_join(revisions::table.on(revisions::id.eq(revision_media::revision_id)))
        .inner_join(resources::table.on(resources::id.eq(revisions::resource_id)))
        .filter(resources::site_id.eq(site.0).and(revision_media::media_id.eq(id.0)))
        .order(revisions::id.desc())
        .select((revisions::id, revisions::title, resources::id, resources::state, resources::live_revision_id))
        .load::<(i64, String, i64, String, Option<i64>)>(connection)?;
    let mut users: Vec<User> = Vec::new();
    for (revision, title, resource, state, live) in rows {
        let is_live = live == Some(revision);
        match users.iter_mut().find(|user| user.resource.0 == resource) {
            Some(user) => user.is_live |= is_live,
            None => users.push(User { resource: ResourceId(resource), title, state: state.parse()?, is_live }),
        }
    }
    Ok(users)
}

/// The arrangements that show a medium; those of other sites name it in vain.
#[diesel::dsl::auto_type(no_type_alias)]
fn arranged() -> _ {
    let of_site = arrangement_media::site_id.eq(media::site_id);
    arrangement_media::table.filter(arrangement_media::media_id.eq(media::id).and(of_site))
}

/// The topic in preparation that an arrangement is of: nobody sees that yet, be it live or not.
#[diesel::dsl::auto_type(no_type_alias)]
fn unseen() -> _ {
    let is_of = channels::site_id.eq(arrangement_media::site_id).and(channels::key.eq(arrangement_media::page));
    channels::table.filter(is_of.and(channels::preparing.eq(true)))
}

/// The pages of its site whose arrangement shows a medium, each with whether the public sees it: the keys of topics, nothing for the
/// home page.
pub fn list_arranged(connection: &mut Connection, site: SiteId, id: MediaId) -> Result<Vec<(String, bool)>> {
    let rows = arrangement_media::table
        .filter(arrangement_media::site_id.eq(site.0).and(arrangement_media::media_id.eq(id.0)))
        .order((arrangement_media::page, arrangement_media::live.desc()))
        .select((arrangement_media::page, arrangement_media::live))
        .load::<(String, bool)>(connection)?;
    let mut pages: Vec<(String, bool)> = Vec::new();
    for (page, live) in rows {
        if pages.last().is_none_or(|(last, _)| *last != page) {
            pages.push((page, live));
        }
    }
    Ok(pages)
}

/// The media that pages of a site show as they are arranged, and the public sees.
pub fn list_live_arranged(connection: &mut Connection, site: SiteId) -> Result<Vec<MediaId>> {
    let ids = arrangement_media::table
        .inner_join(media::table.on(media::id.eq(arrangement_media::media_id).and(media::site_id.eq(arrangement_media::site_id))))
        .filter(arrangement_media::site_id.eq(site.0).and(arrangement_media::live.eq(true)))
        .filter(not(exists(unseen())))
        .order(media::id)
        .select(media::id)
        .distinct()
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(MediaId).collect())
}

/// Whether any revision uses a medium, or the arrangement of a page, live or not.
pub fn is_used(connection: &mut Connection, id: MediaId) -> Result<bool> {
    let uses = revision_media::table.filter(revision_media::media_id.eq(id.0));
    if diesel::select(exists(uses)).get_result(connection)? {
        return Ok(true);
    }
    let shown = media::table.find(id.0).filter(exists(arranged()));
    Ok(diesel::select(exists(shown)).get_result(connection)?)
}

/// Those of the media that any revision uses, or the arrangement of a page.
pub fn used_among(connection: &mut Connection, ids: &[MediaId]) -> Result<Vec<MediaId>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut used = revision_media::table
        .filter(revision_media::media_id.eq_any(&ids))
        .select(revision_media::media_id)
        .distinct()
        .load::<i64>(connection)?;
    let shown = media::table.filter(media::id.eq_any(&ids).and(exists(arranged())));
    used.extend(shown.select(media::id).load::<i64>(connection)?);
    Ok(used.into_iter().map(MediaId).collect())
}

/// Whether something that is live on a site uses a medium of whatever site, or one of its pages shows its own.
pub fn is_live_on(connection: &mut Connection, site: SiteId, id: MediaId) -> Result<bool> {
    // From the medium to the places of what uses it; the sum keeps a database from beginning with all that the site has.
    let shown = revision_media::table
        .inner_join(revisions::table.on(revisions::id.eq(revision_media::revision_id)))
        .inner_join(resources::table.on(resources::id.eq(revisions::resource_id)))
        .inner_join(placements::table.on(placements::resource_id.eq(resources::id)))
        .filter(revision_media::media_id.eq(id.0).and(resources::live_revision_id.eq(revisions::id.nullable())))
        .filter((placements::site_id + 0).eq(site.0).and(placements::live.eq(true)));
    if diesel::select(exists(shown)).get_result(connection)? {
        return Ok(true);
    }
    let own = media::table
        .find(id.0)
        .filter(media::site_id.eq(site.0))
        .filter(exists(arranged().filter(arrangement_media::live.eq(true)).filter(not(exists(unseen())))));
    Ok(diesel::select(exists(own)).get_result(connection)?)
}

#[derive(Queryable)]
struct MediaRow {
    id: i64,
    site_id: i64,
    hash: String,
    kind: String,
    file_name: String,
    bytes: i64,
    width: i32,
    height: i32,
    alt: String,
    focal_x: i32,
    focal_y: i32,
    uploaded_by: i64,
    uploaded_at: NaiveDateTime,
}

fn medium(row: MediaRow) -> Result<Media> {
    Ok(Media {
        id: MediaId(row.id),
        site_id: SiteId(row.site_id),
        hash: row.hash,
        kind: row.kind.parse()?,
        file_name: row.file_name,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        alt: row.alt,
        focal_x: row.focal_x,
        focal_y: row.focal_y,
        uploaded_by: UserId(row.uploaded_by),
        uploaded_at: row.uploaded_at,
    })
}

#[derive(Queryable)]
struct RenditionRow {
    _media_id: i64,
    part: i64,
    hash: String,
    kind: String,
    width: i32,
    height: i32,
}

fn rendition(row: RenditionRow) -> Result<Rendition> {
    Ok(Rendition { part: row.part, hash: row.hash, kind: row.kind.parse()?, width: row.width, height: row.height })
}
