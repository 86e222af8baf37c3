//! The same deed with many resources (批量操作), in the background. Each is a command of its own, as if it were done by hand: what
//! the person may do is asked again, what cannot be done is noted with its reason, and what is done is never done twice.

use chrono::NaiveDateTime;
use model::problem::{LONGEST_KEYWORD, MOST_KEYWORDS};
use model::{
    Actor, Batch, BatchDeed, BatchId, BatchItem, BatchItemState, Channel, ChannelId, Lane, Permission, Person, Problem,
    ResourceId, ReviewError, Seen, SiteId, Verdict, WorkState,
};
use serde_json::json;
use store::batches::{NewBatch, NewItem};
use store::{Command, audit, batches, channels, people, resources};

use super::relocation::Target;
use super::review::{self, Given, Opinion};
use super::{
    CommandError, Result, bin, copying, draft, found, keywords, offer, refused, relocation, rights, submission, withdrawal,
};
use crate::engine::Engine;
use crate::task::Task;

/// Resources of a batch at most.
pub const MOST: usize = 5_000;

/// Resources whose turn comes in one job: others' jobs come in between.
const AT_ONCE: i64 = 20;

/// Begins a batch: what is asked for is checked now, each resource when its turn comes.
pub fn begin(engine: &Engine, actor: &Actor, site: SiteId, deed: &BatchDeed, ids: &[ResourceId]) -> Result<BatchId> {
    let deed = checked(deed)?;
    let now = engine.clock.now();
    let begun = engine.store.command(|command| {
        if let BatchDeed::Move { channel } | BatchDeed::Copy { channel } = &deed {
            let person = people::find_person(command, actor.author(), now)?.ok_or(CommandError::Forbidden)?;
            let found = target(command, &person, *channel);
            let is_within = |channel: Channel| channel.site_id == site || matches!(deed, BatchDeed::Copy { .. });
            // A channel they may not write in is told of no more than one that is not there.
            if !found.is_ok_and(is_within) {
                return Err(CommandError::Invalid(vec![Problem::at("channel", "请选择目标栏目")]));
            }
        }
        let items: Vec<NewItem> = ids.iter().map(|id| (*id, None)).collect();
        let items = rights::readable(command, actor, site, &items, now)?;
        start(command, actor, site, &deed, &items, None, now)
    })?;
    engine.wake();
    Ok(begun)
}

/// Begins a batch of reviews: the same word on each text, given only while it still waits as the reviewer saw it.
pub fn begin_review(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    verdict: Verdict,
    reason: &str,
    looked_at: &[(ResourceId, Seen)],
) -> Result<BatchId> {
    let deed = match verdict {
        Verdict::Approve => BatchDeed::Approve,
        Verdict::Return => checked(&BatchDeed::Return { reason: reason.to_owned() })?,
    };
    let items: Vec<NewItem> = looked_at.iter().map(|(id, seen)| (*id, Some(*seen))).collect();
    let now = engine.clock.now();
    let begun = engine.store.command(|command| {
        let items = rights::readable(command, actor, site, &items, now)?;
        start(command, actor, site, &deed, &items, None, now)
    })?;
    engine.wake();
    Ok(begun)
}

/// Begins the batch that takes a finished one back: one's own, or anybody's for who writes on the whole of the site.
pub fn undo(engine: &Engine, actor: &Actor, site: SiteId, id: BatchId) -> Result<BatchId> {
    let now = engine.clock.now();
    let begun = engine.store.command(|command| {
        let batch = batches::find(command, site, id)?.ok_or(CommandError::NotFound)?;
        check_undoing(command, actor, &batch, now)?;
        let Some(reverse) = batch.deed.reverse() else {
            return refused("只有调整栏目、复制和放入回收站可以撤销");
        };
        if batch.finished_at.is_none() {
            return refused("该批量操作仍在执行，请等待完成后再撤销");
        }
        if batches::find_undoing(command, id)?.is_some() {
            return refused("该批量操作已经撤销过");
        }
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let done = batches::list_items(command, id, BatchItemState::Done, None, most)?;
        let items: Vec<NewItem> = done.into_iter().map(|item| (item.resource_id, None)).collect();
        start(command, actor, site, &reverse, &items, Some(id), now)
    })?;
    engine.wake();
    Ok(begun)
}

/// Refuses to take back what others asked for to whoever works in some channels alone; what they may not look at is not there.
fn check_undoing(command: &mut Command<'_>, actor: &Actor, batch: &Batch, now: NaiveDateTime) -> Result<()> {
    let person = people::find_person(command, actor.author(), now)?.ok_or(CommandError::Forbidden)?;
    if person.may(Permission::Write, batch.site_id) || batch.asked_by == person.id {
        return Ok(());
    }
    Err(if person.may(Permission::Read, batch.site_id) { CommandError::Forbidden } else { CommandError::NotFound })
}

/// Gives some resources their turn, and puts the rest in line.
pub(crate) fn work(engine: &Engine, id: BatchId) -> Result<()> {
    let read = engine.store.read(|connection| {
        let batch = batches::find_anywhere(connection, id)?;
        Ok::<_, CommandError>((batch, batches::list_items(connection, id, BatchItemState::Waiting, None, AT_ONCE)?))
    })?;
    let (Some(batch), items) = read else { return Ok(()) };
    for item in items {
        take(engine, &batch, item.resource_id)?;
    }
    let now = engine.clock.now();
    engine.store.command(|command| {
        if batches::list_items(command, id, BatchItemState::Waiting, None, 1)?.is_empty() {
            return Ok(batches::finish(command, id, now)?);
        }
        Ok::<_, CommandError>(Task::Batch(id).enqueue(command, Lane::Bulk, now)?)
    })?;
    engine.wake();
    Ok(())
}

/// Puts batches that are not finished in line again. Two jobs of one batch do nothing twice.
pub(crate) fn requeue_unfinished(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    engine.store.write(|connection| {
        for id in batches::list_unfinished_everywhere(connection)? {
            Task::Batch(id).enqueue(connection, Lane::Bulk, now)?;
        }
        Ok(())
    })
}

fn start(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    deed: &BatchDeed,
    items: &[NewItem],
    undoes: Option<BatchId>,
    now: NaiveDateTime,
) -> Result<BatchId> {
    if items.len() > MOST {
        return Err(CommandError::Invalid(vec![Problem::at("id", format!("一次最多处理{MOST}篇，请缩小查找范围"))]));
    }
    let new = NewBatch { site, deed, by: actor.author(), from: &actor.address, undoes };
    let (id, count) = batches::insert(command, &new, items, now)?;
    if count == 0 {
        return Err(CommandError::Invalid(vec![Problem::at("id", "请至少选择一篇稿件")]));
    }
    let record = audit::Record {
        action: "batch.begin",
        subject: format!("batch:{id}"),
        site: Some(site),
        before: json!(null),
        after: json!({ "what": deed.chinese(), "wish": deed, "count": count, "undoes": undoes }),
    };
    audit::append(command, actor, record, now)?;
    Task::Batch(id).enqueue(command, Lane::Bulk, now)?;
    Ok(id)
}

fn checked(deed: &BatchDeed) -> Result<BatchDeed> {
    match deed {
        BatchDeed::Withdraw { reason } => {
            let reason = withdrawal::given(reason, "请填写撤回理由")?.to_owned();
            Ok(BatchDeed::Withdraw { reason })
        }
        BatchDeed::Return { reason } => {
            let reason = withdrawal::given(reason, &ReviewError::ReasonMissing.to_string())?.to_owned();
            Ok(BatchDeed::Return { reason })
        }
        BatchDeed::Push { channels, note } => {
            offer::check_wishes(channels, note.trim())?;
            Ok(BatchDeed::Push { channels: channels.clone(), note: note.trim().to_owned() })
        }
        BatchDeed::Tag { add, remove } => {
            check_keywords(add, remove)?;
            Ok(deed.clone())
        }
        BatchDeed::Move { .. } | BatchDeed::Copy { .. } | BatchDeed::Discard | BatchDeed::Submit { .. } => Ok(deed.clone()),
        BatchDeed::MoveBack | BatchDeed::DiscardCopies | BatchDeed::Restore => refused("请在批量操作结果中撤销"),
        BatchDeed::Approve => refused("请在工作台的“待我审核”中勾选稿件"),
    }
}

fn check_keywords(add: &[String], remove: &[String]) -> Result<()> {
    let mut problems = Vec::new();
    if add.is_empty() && remove.is_empty() {
        problems.push(Problem::at("add", "请填写要增加或移除的关键词"));
    }
    if let Some(word) = add.iter().find(|word| remove.contains(word)) {
        problems.push(Problem::at("remove", format!("“{word}”不能既增加又移除")));
    }
    for (field, words) in [("add", add), ("remove", remove)] {
        if words.len() > MOST_KEYWORDS {
            problems.push(Problem::at(field, format!("一次不超过{MOST_KEYWORDS}个关键词")));
        }
        if words.iter().any(|word| word.chars().count() > LONGEST_KEYWORD) {
            problems.push(Problem::at(field, format!("每个关键词不超过{LONGEST_KEYWORD}字")));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// Does the deed with one resource, unless that was done already. Commands run one after another, so whoever finds it waiting
/// within one is alone.
fn take(engine: &Engine, batch: &Batch, id: ResourceId) -> Result<()> {
    let now = engine.clock.now();
    let taken: Result<()> = engine.store.command(|command| {
        let Some(item) = waiting(command, batch, id)? else { return Ok(()) };
        let person = people::find_person(command, batch.asked_by, now)?.ok_or(CommandError::Forbidden)?;
        let done = perform(engine, command, batch, &person, item, now)?;
        Ok(batches::settle(command, batch.id, &BatchItem { state: BatchItemState::Done, ..done })?)
    });
    let told = match taken {
        Ok(()) => return Ok(()),
        Err(error) => error.sentence()?,
    };
    engine.store.command(|command| {
        let Some(item) = waiting(command, batch, id)? else { return Ok(()) };
        Ok(batches::settle(command, batch.id, &BatchItem { state: BatchItemState::Failed, told, ..item })?)
    })
}

fn waiting(command: &mut Command<'_>, batch: &Batch, id: ResourceId) -> Result<Option<BatchItem>> {
    let item = batches::find_item(command, batch.id, id)?;
    Ok(item.filter(|item| item.state == BatchItemState::Waiting))
}

/// Does it; the item says afterwards what there is to know of it.
fn perform(
    engine: &Engine,
    command: &mut Command<'_>,
    batch: &Batch,
    person: &Person,
    mut item: BatchItem,
    now: NaiveDateTime,
) -> Result<BatchItem> {
    let (site, id) = (batch.site_id, item.resource_id);
    let channel = found(command, site, id)?.channel_id;
    // Copies are judged where they lie.
    let is_judged_here = !matches!(batch.deed, BatchDeed::DiscardCopies);
    if is_judged_here && !person.may_in(batch.deed.permission_on_each(), site, channel) {
        return refused("您在稿件所在栏目没有此项操作权限");
    }
    let actor = Actor { user_id: Some(person.id), name: person.display_name.clone(), address: batch.asked_from.clone() };
    match &batch.deed {
        BatchDeed::Withdraw { reason } => {
            withdrawal::withdraw_within(command, &actor, site, id, reason, now)?;
        }
        BatchDeed::Move { channel } => {
            item.channel_before = Some(found(command, site, id)?.channel_id);
            let to = Target { channel: target(command, person, *channel)?.id, sequence: None };
            item.sequence_before = relocation::relocate_within(command, &actor, site, id, to, now)?;
        }
        BatchDeed::MoveBack => {
            let (before, left) = way_back(command, batch, id)?;
            if found(command, site, id)?.channel_id != left {
                return refused("之后又调整过栏目，未撤销");
            }
            target(command, person, before.channel)?;
            relocation::relocate_within(command, &actor, site, id, before, now)?;
            item.channel_before = Some(left);
        }
        BatchDeed::Copy { channel } => {
            let target = target(command, person, *channel)?;
            item.copy = Some(copying::copy_within(command, &actor, site, id, &target, now)?);
            item.told = "已复制为草稿".into();
        }
        BatchDeed::DiscardCopies => {
            let (on, copy) = copy_of(command, batch, person, id)?;
            copying::discard_within(engine, command, &actor, on, copy, now)?;
        }
        BatchDeed::Tag { add, remove } => {
            item.told = keywords::change_within(command, &actor, site, id, add, remove, now)?.into();
        }
        BatchDeed::Discard => {
            if let Some(other) = draft::edited_by(command, site, id, now)? {
                return Err(CommandError::Refused(format!("{}正在编辑此稿件", other.name)));
            }
            bin::discard_within(engine, command, &actor, site, id, now)?;
            item.told = "已放入回收站".into();
        }
        BatchDeed::Restore => {
            if is_binned_anew(command, batch, id)? {
                return refused("之后又恢复并重新放入回收站，未撤销");
            }
            bin::restore_within(command, &actor, site, id, now)?;
            item.told = "已恢复为草稿".into();
        }
        BatchDeed::Push { channels, note } => {
            offer::push_within(command, &actor, site, id, channels, note, now)?;
        }
        BatchDeed::Submit { urgent } => {
            submission::hand_in_within(engine, command, &actor, site, id, *urgent, now)?;
            item.told = "已送审".into();
        }
        BatchDeed::Approve => {
            let given = review::give_within(command, &actor, site, id, &opinion(&item, Verdict::Approve, "")?, now)?;
            item.told = approved(&given).into();
        }
        BatchDeed::Return { reason } => {
            review::give_within(command, &actor, site, id, &opinion(&item, Verdict::Return, reason)?, now)?;
            item.told = "已退回".into();
        }
    }
    Ok(item)
}

/// What came of an approval.
fn approved(given: &Given) -> &'static str {
    match given {
        Given::Returned => "已退回",
        Given::Passed => "已通过，进入下一环节",
        Given::Published(_) => "已通过，随即发布",
        Given::Scheduled(_) => "已通过，按定时发布",
    }
}

/// A channel in which this person may write.
fn target(command: &mut Command<'_>, person: &Person, id: ChannelId) -> Result<Channel> {
    let channel = channels::find_anywhere(command, id)?.filter(|channel| !channel.retired).ok_or(CommandError::NotFound)?;
    if person.may_in(Permission::Write, channel.site_id, channel.id) {
        Ok(channel)
    } else {
        refused("您在目标栏目没有撰写权限")
    }
}

/// The copy that the undone batch made of a resource, and its site, in whose channel this person may still write.
fn copy_of(command: &mut Command<'_>, batch: &Batch, person: &Person, id: ResourceId) -> Result<(SiteId, ResourceId)> {
    let undone = batch.undoes.ok_or(CommandError::NotFound)?;
    let copy = batches::find_item(command, undone, id)?.and_then(|item| item.copy).ok_or(CommandError::NotFound)?;
    let Some(copy) = resources::find_anywhere(command, copy)? else { return refused("副本已彻底删除") };
    if person.may_in(Permission::Write, copy.site_id, copy.channel_id) {
        Ok((copy.site_id, copy.id))
    } else {
        Err(CommandError::Forbidden)
    }
}

/// Whether what the undone batch put in the bin was taken out since and put there again: what is there last changed when it came.
fn is_binned_anew(command: &mut Command<'_>, batch: &Batch, id: ResourceId) -> Result<bool> {
    let undone = batch.undoes.ok_or(CommandError::NotFound)?;
    let undone = batches::find(command, batch.site_id, undone)?.ok_or(CommandError::NotFound)?;
    let resource = found(command, batch.site_id, id)?;
    Ok(undone.finished_at.is_none_or(|at| resource.updated_at > at) && resource.work == WorkState::Discarded)
}

/// A word on just what the reviewer saw; its times are as they were asked for.
fn opinion(item: &BatchItem, verdict: Verdict, reason: &str) -> Result<Opinion> {
    let seen = item.seen.ok_or(CommandError::NotFound)?;
    Ok(Opinion { submission: Some(seen.submission), step: seen.step, verdict, reason: reason.to_owned(), times: None })
}

/// Where the undone batch had found a resource, and where it moved it to.
fn way_back(command: &mut Command<'_>, batch: &Batch, id: ResourceId) -> Result<(Target, ChannelId)> {
    let undone = batch.undoes.ok_or(CommandError::NotFound)?;
    let moved = batches::find(command, batch.site_id, undone)?.ok_or(CommandError::NotFound)?;
    let item = batches::find_item(command, undone, id)?.ok_or(CommandError::NotFound)?;
    match (moved.deed, item.channel_before) {
        (BatchDeed::Move { channel: left }, Some(channel)) => Ok((Target { channel, sequence: item.sequence_before }, left)),
        _ => Err(CommandError::NotFound),
    }
}
