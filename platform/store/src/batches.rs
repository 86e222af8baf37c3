//! Batches of a site: what is done with many resources, and what became of each.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{
    Batch, BatchDeed, BatchId, BatchItem, BatchItemState, BatchTally, ChannelId, ResourceId, Seen, SiteId, SubmissionId, UserId,
    Within, WorkState,
};

use crate::schema::{batch_items, batches, resources};
use crate::{BINDS, Command, Connection, Result, on};

/// A batch about to be begun.
pub struct NewBatch<'a> {
    /// The site whose resources it is about.
    pub site: SiteId,
    /// What is done with each.
    pub deed: &'a BatchDeed,
    /// Who asks for it.
    pub by: UserId,
    /// From which address.
    pub from: &'a str,
    /// The batch that it takes back.
    pub undoes: Option<BatchId>,
}

/// One resource of it, and what the reviewer saw where it is to be reviewed.
pub type NewItem = (ResourceId, Option<Seen>);

/// Begins a batch over those of the resources that are its site's. Says how many they are.
pub fn insert(command: &mut Command<'_>, new: &NewBatch<'_>, items: &[NewItem], now: NaiveDateTime) -> Result<(BatchId, i64)> {
    let id = diesel::insert_into(batches::table)
        .values((
            batches::site_id.eq(new.site.0),
            batches::deed.eq(serde_json::to_string(new.deed)?),
            batches::asked_by.eq(new.by.0),
            batches::asked_from.eq(new.from),
            batches::asked_at.eq(now),
            batches::undoes.eq(new.undoes.map(|id| id.0)),
        ))
        .returning(batches::id)
        .get_result::<i64>(&mut **command)?;
    let mut count = 0;
    let seen: BTreeMap<i64, Option<Seen>> = items.iter().map(|(id, seen)| (id.0, *seen)).collect();
    let seen_of = |id: i64| seen.get(&id).copied().flatten();
    let ids: Vec<i64> = seen.keys().copied().collect();
    for some in ids.chunks(BINDS / 6) {
        let own = resources::table.filter(resources::site_id.eq(new.site.0).and(resources::id.eq_any(some)));
        let own = own.order(resources::id).select(resources::id).load::<i64>(&mut **command)?;
        count += own.len();
        let rows: Vec<_> = own
            .into_iter()
            .map(|resource| {
                (
                    batch_items::batch_id.eq(id),
                    batch_items::resource_id.eq(resource),
                    batch_items::state.eq(BatchItemState::Waiting.as_str()),
                    batch_items::reason.eq(""),
                    batch_items::submission_id.eq(seen_of(resource).map(|seen| seen.submission.0)),
                    batch_items::step.eq(seen_of(resource).map(|seen| seen.step)),
                )
            })
            .collect();
        if !rows.is_empty() {
            on!(&mut **command, c => diesel::insert_into(batch_items::table).values(&rows).execute(c))?;
        }
    }
    Ok((BatchId(id), i64::try_from(count).unwrap_or(i64::MAX)))
}

/// A batch of this site.
pub fn find(connection: &mut Connection, site: SiteId, id: BatchId) -> Result<Option<Batch>> {
    Ok(find_anywhere(connection, id)?.filter(|batch| batch.site_id == site))
}

/// A batch of whatever site: for the worker.
pub fn find_anywhere(connection: &mut Connection, id: BatchId) -> Result<Option<Batch>> {
    batches::table.find(id.0).first::<BatchRow>(connection).optional()?.map(batch).transpose()
}

/// The batch that takes this one back.
pub fn find_undoing(connection: &mut Connection, id: BatchId) -> Result<Option<Batch>> {
    batches::table.filter(batches::undoes.eq(id.0)).first::<BatchRow>(connection).optional()?.map(batch).transpose()
}

/// Batches of a site, newest first; where a person is named, what they asked for.
pub fn list(connection: &mut Connection, site: SiteId, by: Option<UserId>, limit: i64) -> Result<Vec<Batch>> {
    let mut rows = batches::table.filter(batches::site_id.eq(site.0)).order(batches::id.desc()).limit(limit).into_boxed();
    if let Some(by) = by {
        rows = rows.filter(batches::asked_by.eq(by.0));
    }
    rows.load::<BatchRow>(connection)?.into_iter().map(batch).collect()
}

/// Batches of all sites that are not finished: for a start after somebody discarded the job of one.
pub fn list_unfinished_everywhere(connection: &mut Connection) -> Result<Vec<BatchId>> {
    let ids = batches::table.filter(batches::finished_at.is_null()).order(batches::id).select(batches::id);
    Ok(ids.load::<i64>(connection)?.into_iter().map(BatchId).collect())
}

/// What became of one resource of a batch.
pub fn find_item(connection: &mut Connection, batch: BatchId, resource: ResourceId) -> Result<Option<BatchItem>> {
    batch_items::table.find((batch.0, resource.0)).first::<ItemRow>(connection).optional()?.map(item).transpose()
}

/// Resources of a batch in this state, by number, after the given one.
pub fn list_items(
    connection: &mut Connection,
    batch: BatchId,
    state: BatchItemState,
    after: Option<ResourceId>,
    limit: i64,
) -> Result<Vec<BatchItem>> {
    let after = after.map_or(0, |id| id.0);
    let wanted = batch_items::batch_id.eq(batch.0).and(batch_items::state.eq(state.as_str()));
    let rows = batch_items::table.filter(wanted.and(batch_items::resource_id.gt(after))).order(batch_items::resource_id);
    rows.limit(limit).load::<ItemRow>(connection)?.into_iter().map(item).collect()
}

/// What a batch left in some channels of a site to be handed in for review, itself or as a copy. What came back is its writer's to
/// mend first.
pub fn list_left(connection: &mut Connection, site: SiteId, within: &Within, batch: BatchId) -> Result<Vec<ResourceId>> {
    let done = batch_items::batch_id.eq(batch.0).and(batch_items::state.eq(BatchItemState::Done.as_str()));
    let copies =
        batch_items::table.filter(done.and(batch_items::copy_id.is_not_null())).select(batch_items::copy_id.assume_not_null());
    let changed = batch_items::table.filter(done.and(batch_items::copy_id.is_null())).select(batch_items::resource_id);
    let left = resources::table
        .filter(resources::site_id.eq(site.0).and(resources::work.eq(WorkState::Draft.as_str())))
        .filter(resources::id.eq_any(copies).or(resources::id.eq_any(changed)));
    let ids = left.order(resources::id).select((resources::id, resources::channel_id)).load::<(i64, i64)>(connection)?;
    let is_within = |(_, channel): &(i64, i64)| within.has(ChannelId(*channel));
    Ok(ids.into_iter().filter(is_within).map(|(id, _)| ResourceId(id)).collect())
}

/// How far a batch is.
pub fn tally(connection: &mut Connection, batch: BatchId) -> Result<BatchTally> {
    let rows = batch_items::table
        .filter(batch_items::batch_id.eq(batch.0))
        .group_by(batch_items::state)
        .select((batch_items::state, diesel::dsl::count_star()))
        .load::<(String, i64)>(connection)?;
    let mut tally = BatchTally::default();
    for (state, count) in rows {
        match state.parse()? {
            BatchItemState::Waiting => tally.waiting = count,
            BatchItemState::Done => tally.done = count,
            BatchItemState::Failed => tally.failed = count,
        }
    }
    Ok(tally)
}

/// Notes what became of one resource, as the item says it.
pub fn settle(command: &mut Command<'_>, batch: BatchId, item: &BatchItem) -> Result<()> {
    diesel::update(batch_items::table.find((batch.0, item.resource_id.0)))
        .set((
            batch_items::state.eq(item.state.as_str()),
            batch_items::reason.eq(&item.told),
            batch_items::channel_before.eq(item.channel_before.map(|id| id.0)),
            batch_items::copy_id.eq(item.copy.map(|id| id.0)),
            batch_items::sequence_before.eq(item.sequence_before),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Notes that nothing of it waits any more.
pub fn finish(command: &mut Command<'_>, id: BatchId, now: NaiveDateTime) -> Result<()> {
    let open = batches::table.filter(batches::id.eq(id.0).and(batches::finished_at.is_null()));
    diesel::update(open).set(batches::finished_at.eq(now)).execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct BatchRow {
    id: i64,
    site_id: i64,
    deed: String,
    asked_by: i64,
    asked_from: String,
    asked_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    undoes: Option<i64>,
}

fn batch(row: BatchRow) -> Result<Batch> {
    Ok(Batch {
        id: BatchId(row.id),
        site_id: SiteId(row.site_id),
        deed: serde_json::from_str(&row.deed)?,
        asked_by: UserId(row.asked_by),
        asked_from: row.asked_from,
        asked_at: row.asked_at,
        finished_at: row.finished_at,
        undoes: row.undoes.map(BatchId),
    })
}

#[derive(Queryable)]
struct ItemRow {
    _batch_id: i64,
    resource_id: i64,
    state: String,
    reason: String,
    channel_before: Option<i64>,
    submission_id: Option<i64>,
    step: Option<i32>,
    copy_id: Option<i64>,
    sequence_before: Option<i64>,
}

fn item(row: ItemRow) -> Result<BatchItem> {
    Ok(BatchItem {
        resource_id: ResourceId(row.resource_id),
        state: row.state.parse()?,
        told: row.reason,
        channel_before: row.channel_before.map(ChannelId),
        copy: row.copy_id.map(ResourceId),
        sequence_before: row.sequence_before,
        seen: row.submission_id.zip(row.step).map(|(id, step)| Seen { submission: SubmissionId(id), step }),
    })
}
