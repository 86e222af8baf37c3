//! The library: resources and their immutable revisions.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;
use model::{
    AgencyId, ChannelId, Content, MediaId, Resource, ResourceId, ResourceKind, ResourceState, Revision, RevisionId, SiteId,
    UserId, WorkState,
};

use crate::catalogue::Reach;
use crate::schema::{
    annotation_answers, annotations, batch_items, channels, edit_leases, imports, index_serials, placements, resources, reviews,
    revision_explains, revision_media, revisions, schedules, submissions, working_copies,
};
use crate::{BINDS, Command, Connection, Error, Result, contains, explaining, media};

/// A resource about to be written for the first time.
pub struct NewResource<'a> {
    /// Its lasting public identifier.
    pub public_id: &'a str,
    /// The site that owns it.
    pub site: SiteId,
    /// The channel it is written in.
    pub channel: ChannelId,
    /// The agency that answers for it.
    pub agency: AgencyId,
    /// What it is.
    pub kind: ResourceKind,
    /// Who writes it.
    pub created_by: UserId,
}

/// Which resources of a site to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What the public sees of them.
    pub state: Option<ResourceState>,
    /// What editors are doing with them; any of these.
    pub work: Vec<WorkState>,
    /// Whose latest revision it is.
    pub author: Option<UserId>,
    /// Written in one of these; none: in any.
    pub channels: Option<Vec<ChannelId>>,
}

/// A line of a list: a resource with what its latest revision says of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The resource.
    pub resource: Resource,
    /// 标题
    pub title: String,
    /// 发文字号
    pub document_number: Option<String>,
    /// 关键词
    pub keywords: Vec<String>,
    /// Who wrote that revision.
    pub author: UserId,
}

/// Adds a resource, not yet with any revision.
pub fn insert(command: &mut Command<'_>, new: &NewResource<'_>, now: NaiveDateTime) -> Result<ResourceId> {
    let id = diesel::insert_into(resources::table)
        .values((
            resources::public_id.eq(new.public_id),
            resources::site_id.eq(new.site.0),
            resources::channel_id.eq(new.channel.0),
            resources::agency_id.eq(new.agency.0),
            resources::kind.eq(new.kind.as_str()),
            resources::state.eq(ResourceState::Unpublished.as_str()),
            resources::work.eq(WorkState::Draft.as_str()),
            resources::version.eq(0),
            resources::created_by.eq(new.created_by.0),
            resources::created_at.eq(now),
            resources::updated_at.eq(now),
        ))
        .returning(resources::id)
        .get_result(&mut **command)?;
    Ok(ResourceId(id))
}

/// A resource of this site.
pub fn find(connection: &mut Connection, site: SiteId, id: ResourceId) -> Result<Option<Resource>> {
    Ok(find_anywhere(connection, id)?.filter(|resource| resource.site_id == site))
}

/// A resource of whatever site: for the engine and for placements of other sites' resources.
pub fn find_anywhere(connection: &mut Connection, id: ResourceId) -> Result<Option<Resource>> {
    resources::table.find(id.0).first::<ResourceRow>(connection).optional()?.map(resource).transpose()
}

/// Live resources of all sites whose title holds this text or whose 索引号 it is, newest first, each with its live title; also those that
/// wait for a topic.
pub fn search_live_anywhere(connection: &mut Connection, text: &str, limit: i64) -> Result<Vec<(Resource, String)>> {
    search_live(connection, &Reach::Everywhere, text, limit)
}

/// The same, but of sites beyond reach only what these show the public.
pub fn search_live(connection: &mut Connection, reach: &Reach, text: &str, limit: i64) -> Result<Vec<(Resource, String)>> {
    let named = revisions::title.like(contains(text)).escape('!').nullable();
    let mut query = resources::table
        .inner_join(revisions::table.on(resources::live_revision_id.eq(revisions::id.nullable())))
        .filter(named.or(resources::index_number.eq(text)))
        .order(resources::id.desc())
        .limit(limit)
        .select((resources::all_columns, revisions::title))
        .into_boxed();
    if let Reach::Sites(sites) = reach {
        let sites: Vec<i64> = sites.iter().map(|site| site.0).collect();
        // The sum keeps a database from going through all that the owner's site has.
        let shown = placements::table
            .filter(placements::resource_id.eq(resources::id).and((placements::site_id + 0).eq(resources::site_id)))
            .filter(placements::live.eq(true));
        query = query.filter(resources::site_id.eq_any(sites).or(exists(shown)));
    }
    let rows = query.load::<(ResourceRow, String)>(connection)?;
    rows.into_iter().map(|(row, title)| Ok((resource(row)?, title))).collect()
}

/// Those of the resources that are live, whatever their sites, each with its live revision.
pub fn list_live(connection: &mut Connection, ids: &BTreeSet<ResourceId>) -> Result<HashMap<ResourceId, (Resource, Revision)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = resources::table
            .inner_join(revisions::table.on(resources::live_revision_id.eq(revisions::id.nullable())))
            .filter(resources::id.eq_any(some))
            .select((resources::all_columns, revisions::all_columns))
            .load::<(ResourceRow, RevisionRow)>(connection)?;
        for (row, live) in rows {
            found.insert(ResourceId(row.id), (resource(row)?, revision(live)?));
        }
    }
    Ok(found)
}

/// Those of the resources that wait (待专题上线): published, in a channel that is in preparation, so that nobody is shown them yet.
pub fn list_waiting(connection: &mut Connection, ids: &BTreeSet<ResourceId>) -> Result<BTreeSet<ResourceId>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(BINDS) {
        let waiting = resources::table
            .inner_join(channels::table.on(channels::id.eq(resources::channel_id)))
            .filter(resources::id.eq_any(some).and(resources::state.eq(ResourceState::Live.as_str())))
            .filter(channels::preparing.eq(true))
            .select(resources::id);
        found.extend(waiting.load::<i64>(connection)?.into_iter().map(ResourceId));
    }
    Ok(found)
}

/// Stores everything about a resource that can change. Fails as stale when its version is no longer the one read;
/// the stored version counts on.
pub fn update(command: &mut Command<'_>, changed: &Resource, now: NaiveDateTime) -> Result<()> {
    let target = resources::table.filter(resources::id.eq(changed.id.0).and(resources::version.eq(changed.version)));
    let updated = diesel::update(target)
        .set((
            resources::channel_id.eq(changed.channel_id.0),
            resources::state.eq(changed.state.as_str()),
            resources::work.eq(changed.work.as_str()),
            resources::live_revision_id.eq(changed.live_revision_id.map(|id| id.0)),
            resources::latest_revision_id.eq(changed.latest_revision_id.map(|id| id.0)),
            resources::index_number.eq(&changed.index_number),
            resources::published_at.eq(changed.published_at),
            resources::live_since.eq(changed.live_since),
            resources::version.eq(changed.version + 1),
            resources::updated_at.eq(now),
        ))
        .execute(&mut **command)?;
    if updated == 0 { Err(Error::Stale) } else { Ok(()) }
}

/// Removes a resource with everything that is known of it. The database refuses unless it is in the bin and was never public.
pub fn erase(command: &mut Command<'_>, id: ResourceId) -> Result<()> {
    let connection = &mut **command;
    let own_revisions = || revisions::table.filter(revisions::resource_id.eq(id.0)).select(revisions::id);
    let own_submissions = || submissions::table.filter(submissions::resource_id.eq(id.0)).select(submissions::id);
    diesel::delete(reviews::table.filter(reviews::submission_id.eq_any(own_submissions()))).execute(connection)?;
    diesel::delete(schedules::table.filter(schedules::resource_id.eq(id.0))).execute(connection)?;
    diesel::delete(submissions::table.filter(submissions::resource_id.eq(id.0))).execute(connection)?;
    diesel::delete(revision_media::table.filter(revision_media::revision_id.eq_any(own_revisions()))).execute(connection)?;
    let of_own_or_to_it = revision_explains::revision_id.eq_any(own_revisions()).or(revision_explains::resource_id.eq(id.0));
    diesel::delete(revision_explains::table.filter(of_own_or_to_it)).execute(connection)?;
    let written_as_it = working_copies::writing.eq(id.to_string()).or(working_copies::became.eq(id.0));
    diesel::delete(working_copies::table.filter(written_as_it)).execute(connection)?;
    diesel::delete(edit_leases::table.find(id.0)).execute(connection)?;
    diesel::delete(imports::table.filter(imports::resource_id.eq(id.0))).execute(connection)?;
    diesel::delete(batch_items::table.filter(batch_items::resource_id.eq(id.0))).execute(connection)?;
    let own_annotations = annotations::table.filter(annotations::resource_id.eq(id.0)).select(annotations::id);
    diesel::delete(annotation_answers::table.filter(annotation_answers::annotation_id.eq_any(own_annotations)))
        .execute(connection)?;
    diesel::delete(annotations::table.filter(annotations::resource_id.eq(id.0))).execute(connection)?;
    diesel::delete(revisions::table.filter(revisions::resource_id.eq(id.0))).execute(connection)?;
    diesel::delete(resources::table.find(id.0)).execute(connection)?;
    Ok(())
}

/// A page of a site's resources, newest change first.
pub fn list(connection: &mut Connection, site: SiteId, filter: &Filter, offset: i64, limit: i64) -> Result<Vec<Line>> {
    let mut query = resources::table
        .filter(resources::site_id.eq(site.0))
        .order((resources::updated_at.desc(), resources::id.desc()))
        .offset(offset)
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(resources::state.eq(state.as_str()));
    }
    if !filter.work.is_empty() {
        query = query.filter(resources::work.eq_any(work_words(&filter.work)));
    }
    if let Some(author) = filter.author {
        query = query.filter(resources::written_by.eq(author.0));
    }
    if let Some(channels) = &filter.channels {
        query = query.filter(resources::channel_id.eq_any(channels.iter().map(|id| id.0).collect::<Vec<_>>()));
    }
    query.load::<ResourceRow>(connection)?.into_iter().map(line).collect()
}

/// How many resources of a site pass the filter.
pub fn count(connection: &mut Connection, site: SiteId, filter: &Filter) -> Result<i64> {
    let mut query = resources::table.filter(resources::site_id.eq(site.0)).select(diesel::dsl::count(resources::id)).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(resources::state.eq(state.as_str()));
    }
    if !filter.work.is_empty() {
        query = query.filter(resources::work.eq_any(work_words(&filter.work)));
    }
    if let Some(author) = filter.author {
        query = query.filter(resources::written_by.eq(author.0));
    }
    if let Some(channels) = &filter.channels {
        query = query.filter(resources::channel_id.eq_any(channels.iter().map(|id| id.0).collect::<Vec<_>>()));
    }
    Ok(query.first(connection)?)
}

/// Adds the next revision of a resource, and notes with the resource what lists show of it.
pub fn insert_revision(
    command: &mut Command<'_>,
    of: ResourceId,
    content: &Content,
    author: UserId,
    now: NaiveDateTime,
) -> Result<Revision> {
    let last = revisions::table
        .filter(revisions::resource_id.eq(of.0))
        .select(diesel::dsl::max(revisions::number))
        .first::<Option<i64>>(&mut **command)?;
    let number = last.unwrap_or(0) + 1;
    let id = diesel::insert_into(revisions::table)
        .values((
            (
                revisions::resource_id.eq(of.0),
                revisions::number.eq(number),
                revisions::title.eq(&content.title),
                revisions::subtitle.eq(&content.subtitle),
                revisions::summary.eq(&content.summary),
                revisions::body.eq(&content.body),
                revisions::source.eq(&content.source),
                revisions::author.eq(&content.author),
                revisions::editor.eq(&content.editor),
                revisions::keywords.eq(serde_json::to_string(&content.keywords)?),
            ),
            revisions::document_number.eq(&content.document_number),
            revisions::issuing_bodies.eq(serde_json::to_string(&content.issuing_bodies)?),
            revisions::written_on.eq(content.written_on),
            revisions::effective_on.eq(content.effective_on),
            revisions::theme_class.eq(&content.theme_class),
            revisions::validity.eq(content.validity.map(model::Validity::as_str)),
            revisions::superseded_by.eq(content.superseded_by.map(|id| id.0)),
            revisions::created_by.eq(author.0),
            revisions::created_at.eq(now),
            revisions::attachments.eq(serde_json::to_string(&content.attachments)?),
            revisions::cover.eq(content.cover.map(|id| id.0)),
            (
                revisions::genre.eq(content.genre.map(model::Genre::as_str)),
                revisions::openness.eq(content.openness.as_str()),
                revisions::openness_reason.eq(&content.openness_reason),
                revisions::secrecy_reviewer.eq(&content.secrecy_reviewer),
                revisions::secrecy_reviewed_on.eq(content.secrecy_reviewed_on),
                revisions::explains.eq(serde_json::to_string(&content.explains)?),
            ),
        ))
        .returning(revisions::id)
        .get_result(&mut **command)?;
    diesel::update(resources::table.find(of.0))
        .set((
            resources::title.eq(&content.title),
            resources::document_number.eq(&content.document_number),
            resources::keywords.eq(serde_json::to_string(&content.keywords)?),
            resources::written_by.eq(author.0),
        ))
        .execute(&mut **command)?;
    media::note_uses(command, RevisionId(id), content)?;
    explaining::note(command, RevisionId(id), content)?;
    Ok(Revision { id: RevisionId(id), resource_id: of, number, content: content.clone(), created_by: author, created_at: now })
}

/// Who counts as the writer (撰稿人) of a resource: whoever wrote its latest revision, unless [`set_writer`] says otherwise.
pub fn writer(connection: &mut Connection, id: ResourceId) -> Result<Option<UserId>> {
    let found = resources::table.find(id.0).select(resources::written_by).first::<i64>(connection).optional()?;
    Ok(found.map(UserId))
}

/// Leaves a text to its writer where somebody else changed what is around it.
pub fn set_writer(command: &mut Command<'_>, id: ResourceId, writer: UserId) -> Result<()> {
    diesel::update(resources::table.find(id.0)).set(resources::written_by.eq(writer.0)).execute(&mut **command)?;
    Ok(())
}

/// A revision of this resource.
pub fn find_revision(connection: &mut Connection, of: ResourceId, id: RevisionId) -> Result<Option<Revision>> {
    let row = revisions::table
        .filter(revisions::id.eq(id.0).and(revisions::resource_id.eq(of.0)))
        .first::<RevisionRow>(connection)
        .optional()?;
    row.map(revision).transpose()
}

/// The titles of revisions.
pub fn titles(connection: &mut Connection, ids: &[RevisionId]) -> Result<HashMap<RevisionId, String>> {
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let ids = some.iter().map(|id| id.0).collect::<Vec<_>>();
        let rows = revisions::table.filter(revisions::id.eq_any(ids)).select((revisions::id, revisions::title));
        found.extend(rows.load::<(i64, String)>(connection)?.into_iter().map(|(id, title)| (RevisionId(id), title)));
    }
    Ok(found)
}

/// Every revision of a resource, newest first.
pub fn list_revisions(connection: &mut Connection, of: ResourceId) -> Result<Vec<Revision>> {
    let rows = revisions::table
        .filter(revisions::resource_id.eq(of.0))
        .order(revisions::number.desc())
        .load::<RevisionRow>(connection)?;
    rows.into_iter().map(revision).collect()
}

/// The next serial of an agency's index numbers (索引号) in a year.
pub fn next_index_serial(command: &mut Command<'_>, agency: AgencyId, year: i32) -> Result<i64> {
    let target = index_serials::table.find((agency.0, year));
    let next = diesel::update(target)
        .set(index_serials::last.eq(index_serials::last + 1))
        .returning(index_serials::last)
        .get_result::<i64>(&mut **command)
        .optional()?;
    if let Some(next) = next {
        return Ok(next);
    }
    diesel::insert_into(index_serials::table)
        .values((index_serials::agency_id.eq(agency.0), index_serials::year.eq(year), index_serials::last.eq(1)))
        .execute(&mut **command)?;
    Ok(1)
}

fn work_words(work: &[WorkState]) -> Vec<&'static str> {
    work.iter().map(|state| state.as_str()).collect()
}

#[derive(Queryable)]
pub(crate) struct ResourceRow {
    id: i64,
    public_id: String,
    site_id: i64,
    channel_id: i64,
    agency_id: i64,
    kind: String,
    state: String,
    work: String,
    live_revision_id: Option<i64>,
    latest_revision_id: Option<i64>,
    index_number: Option<String>,
    version: i64,
    created_by: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    published_at: Option<NaiveDateTime>,
    live_since: Option<NaiveDateTime>,
    title: String,
    document_number: Option<String>,
    keywords: String,
    written_by: i64,
}

pub(crate) fn line(row: ResourceRow) -> Result<Line> {
    Ok(Line {
        title: row.title.clone(),
        document_number: row.document_number.clone(),
        keywords: serde_json::from_str(&row.keywords)?,
        author: UserId(row.written_by),
        resource: resource(row)?,
    })
}

pub(crate) fn resource(row: ResourceRow) -> Result<Resource> {
    Ok(Resource {
        id: ResourceId(row.id),
        public_id: row.public_id,
        site_id: SiteId(row.site_id),
        channel_id: ChannelId(row.channel_id),
        agency_id: AgencyId(row.agency_id),
        kind: row.kind.parse()?,
        state: row.state.parse()?,
        work: row.work.parse()?,
        live_revision_id: row.live_revision_id.map(RevisionId),
        latest_revision_id: row.latest_revision_id.map(RevisionId),
        index_number: row.index_number,
        version: row.version,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
        updated_at: row.updated_at,
        published_at: row.published_at,
        live_since: row.live_since,
    })
}

#[derive(Queryable)]
pub(crate) struct RevisionRow {
    pub(crate) id: i64,
    pub(crate) resource_id: i64,
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) summary: String,
    pub(crate) body: String,
    pub(crate) source: String,
    pub(crate) author: String,
    pub(crate) editor: String,
    pub(crate) keywords: String,
    pub(crate) document_number: Option<String>,
    pub(crate) issuing_bodies: String,
    pub(crate) written_on: Option<NaiveDate>,
    pub(crate) effective_on: Option<NaiveDate>,
    pub(crate) theme_class: Option<String>,
    pub(crate) validity: Option<String>,
    pub(crate) superseded_by: Option<i64>,
    pub(crate) created_by: i64,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) attachments: String,
    pub(crate) cover: Option<i64>,
    pub(crate) genre: Option<String>,
    pub(crate) openness: String,
    pub(crate) openness_reason: String,
    pub(crate) secrecy_reviewer: String,
    pub(crate) secrecy_reviewed_on: Option<NaiveDate>,
    pub(crate) explains: String,
}

pub(crate) fn revision(row: RevisionRow) -> Result<Revision> {
    Ok(Revision {
        id: RevisionId(row.id),
        resource_id: ResourceId(row.resource_id),
        number: row.number,
        content: Content {
            title: row.title,
            subtitle: row.subtitle,
            summary: row.summary,
            body: row.body,
            source: row.source,
            author: row.author,
            editor: row.editor,
            keywords: serde_json::from_str(&row.keywords)?,
            document_number: row.document_number,
            issuing_bodies: serde_json::from_str(&row.issuing_bodies)?,
            written_on: row.written_on,
            effective_on: row.effective_on,
            theme_class: row.theme_class,
            validity: row.validity.map(|word| word.parse()).transpose()?,
            superseded_by: row.superseded_by.map(ResourceId),
            attachments: serde_json::from_str(&row.attachments)?,
            cover: row.cover.map(MediaId),
            genre: row.genre.map(|word| word.parse()).transpose()?,
            openness: row.openness.parse()?,
            openness_reason: row.openness_reason,
            secrecy_reviewer: row.secrecy_reviewer,
            secrecy_reviewed_on: row.secrecy_reviewed_on,
            explains: serde_json::from_str(&row.explains)?,
        },
        created_by: UserId(row.created_by),
        created_at: row.created_at,
    })
}
