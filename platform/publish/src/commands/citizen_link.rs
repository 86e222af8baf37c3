//! 公众用户的关联: citizens link whom an upper-level service means with themselves and come in by it, and it says how well it is known who they are
//! (实名等级). Whom it means who is linked with nobody yet waits, for minutes and for the browser that brought it, until a citizen has come in there
//! in another way and confirms.

use model::{Actor, CitizenId, CitizenSessionId, LinkId, RealName, Upstream, UpstreamLink, citizen_policy};
use oidc::relying::Subject;
use serde_json::json;
use store::pending_links::{self, PendingLink};
use store::sealed::{CITIZEN_SUBJECT, PENDING_SUBJECT};
use store::{Command, Connection, citizen_links, citizen_sessions, citizens, upstreams};
use vault::{Place, Sealed, Vault};

use super::citizen::{Deed, actor, keep_real_name, note};
use super::linking::{self, CHANGED};
use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// What is said where nothing waits any more.
pub const OVER: &str = "本次关联已超时或已办理，请重新从认证服务登录";

/// A citizen who comes in through a service.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who.
    pub citizen: CitizenId,
    /// The service.
    pub upstream: Upstream,
    link: LinkId,
    level: RealName,
}

/// A link with all that is kept of it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The service, by name.
    pub upstream: String,
    /// What it calls them by.
    pub subject: String,
    /// How well it says that it is known who they are.
    pub level: RealName,
    /// The link.
    pub link: UpstreamLink<CitizenId>,
}

/// What waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its number: only what was shown is confirmed.
    pub id: i64,
    /// The service, by name.
    pub upstream: String,
}

/// Who it is that the service that was asked means, if they are linked.
pub fn find(engine: &Engine, asked: &Upstream, meant: &Subject) -> Result<Option<Entry>> {
    engine.store.read(|connection| {
        let Some(upstream) = linking::current::<CitizenId>(connection, asked)? else { return refused(CHANGED) };
        let Some(link) = linking::find::<CitizenId>(connection, &engine.vault, &upstream, &meant.name)? else { return Ok(None) };
        let level = said(&upstream, meant);
        Ok(Some(Entry { citizen: link.whose, upstream, link: link.id, level }))
    })
}

/// Somebody has come in: what the service says of them counts from now on.
pub(super) fn used(engine: &Engine, command: &mut Command<'_>, deed: &Deed, entry: &Entry) -> Result<()> {
    let is_theirs = citizen_links::list(command, deed.citizen)?.iter().any(|link| link.id == entry.link);
    if !is_theirs || linking::current::<CitizenId>(command, &entry.upstream)?.is_none() {
        return refused(CHANGED);
    }
    citizen_links::note_use(command, entry.link, engine.clock.now())?;
    citizen_links::set_level(command, entry.link, entry.level)?;
    keep_real_name(engine, command, &actor(deed), deed.citizen, &entry.upstream.content.name)
}

/// Has whom the service means wait for the browser that holds the token.
pub fn keep(engine: &Engine, asked: &Upstream, meant: &Subject, token_hash: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let Some(upstream) = linking::current::<CitizenId>(command, asked)? else { return refused(CHANGED) };
        let sealed = |id| engine.vault.seal(Place::new(PENDING_SUBJECT.name, id), meant.name.as_bytes()).to_string();
        let times = (now, now - citizen_policy().links.pending());
        Ok(pending_links::insert(command, token_hash, upstream.id, said(&upstream, meant), times, sealed)?)
    })
}

/// What waits for the browser that holds the token, as long as nobody is signed in there.
pub fn find_pending(engine: &Engine, token_hash: &str) -> Result<Option<Pending>> {
    engine.store.read(|connection| {
        let waiting = waiting(engine, connection, token_hash)?;
        Ok(waiting.filter(|(pending, _)| pending.citizen.is_none()).map(shown))
    })
}

/// The same for a citizen who is signed in there: from then on it is theirs, and nobody else's.
pub fn show_pending(engine: &Engine, token_hash: &str, citizen: CitizenId) -> Result<Option<Pending>> {
    engine.store.command(|command| {
        let Some((pending, upstream)) = waiting(engine, command, token_hash)? else { return Ok(None) };
        if pending.citizen.is_some_and(|other| other != citizen) {
            return Ok(None);
        }
        pending_links::show_to(command, pending.id, citizen)?;
        Ok(Some(shown((pending, upstream))))
    })
}

/// Links what was shown to somebody as number `seen`, in the browser that holds the token; it is used up.
pub fn confirm(engine: &Engine, deed: &Deed, token_hash: &str, seen: i64) -> Result<()> {
    engine.store.command(|command| {
        let theirs = |one: &PendingLink| one.id == seen && one.citizen == Some(deed.citizen);
        let found = waiting(engine, command, token_hash)?.filter(|(pending, _)| theirs(pending));
        let Some((pending, upstream)) = found else { return refused(OVER) };
        let subject = opened(&engine.vault, PENDING_SUBJECT.name, pending.id, &pending.subject)?;
        pending_links::delete(command, token_hash)?;
        insert(engine, command, deed, &upstream, &subject, pending.level)
    })
}

/// Ends what waits for the browser that holds the token.
pub fn decline(engine: &Engine, token_hash: &str) -> Result<()> {
    Ok(engine.store.write(|connection| pending_links::delete(connection, token_hash))?)
}

/// Links whom the service that was asked means with the citizen who was sent there.
pub fn link(engine: &Engine, deed: &Deed, asked: &Upstream, meant: &Subject) -> Result<()> {
    engine.store.command(|command| {
        let Some(upstream) = linking::current::<CitizenId>(command, asked)? else { return refused(CHANGED) };
        insert(engine, command, deed, &upstream, &meant.name, said(&upstream, meant))
    })
}

/// Removes a link of one's own and ends one's other sessions: whoever came in by it is in no more. What another service says stays true.
pub fn unlink(engine: &Engine, deed: &Deed, id: LinkId, kept: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        let links = citizen_links::list(command, deed.citizen)?;
        let link = links.iter().find(|link| link.id == id).ok_or(CommandError::NotFound)?;
        let known = upstreams::list(command)?.into_iter().find(|known| known.id == link.upstream_id);
        let name = known.ok_or(CommandError::NotFound)?.content.name;
        citizen_links::delete(command, deed.citizen, id)?;
        citizen_sessions::delete_of(command, deed.citizen, Some(kept))?;
        note(engine, command, deed, "citizen.unlink", json!({ "upstream": name }), json!({ "upstream": name }))?;
        keep_real_name(engine, command, &actor(deed), deed.citizen, &name)
    })
}

/// All that is kept of somebody's links, whole.
pub fn list_whole(vault: &Vault, connection: &mut Connection, citizen: CitizenId) -> Result<Vec<Whole>> {
    let (known, links) = (upstreams::list(connection)?, citizen_links::list(connection, citizen)?);
    let said = citizen_links::list_said(connection, citizen)?;
    let whole = |(link, (sealed, level)): (UpstreamLink<CitizenId>, (String, RealName))| {
        let subject = opened(vault, CITIZEN_SUBJECT.name, link.id.0, &sealed)?;
        let named = known.iter().find(|one| one.id == link.upstream_id);
        Ok(Whole { upstream: named.map(|one| one.content.name.clone()).unwrap_or_default(), subject, level, link })
    };
    links.into_iter().zip(said).map(whole).collect()
}

/// Removes all that is kept of somebody's links.
pub(super) fn forget(command: &mut Command<'_>, citizen: CitizenId) -> Result<()> {
    pending_links::delete_of(command, citizen)?;
    citizen_links::delete_of(command, citizen)?;
    Ok(())
}

/// Takes back from everybody the levels that a service does not give any more; none is given anything by it.
pub(super) fn narrow(command: &mut Command<'_>, engine: &Engine, upstream: &Upstream, given: &[RealName]) -> Result<()> {
    for link in citizen_links::list_beyond(command, upstream.id, given)? {
        citizen_links::set_level(command, link.id, RealName::None)?;
        keep_real_name(engine, command, &Actor::platform(), link.whose, &upstream.content.name)?;
    }
    Ok(())
}

fn insert(
    engine: &Engine,
    command: &mut Command<'_>,
    deed: &Deed,
    upstream: &Upstream,
    subject: &str,
    level: RealName,
) -> Result<()> {
    citizens::find(command, deed.citizen)?.ok_or(CommandError::NotFound)?;
    let id = linking::insert(command, engine, upstream, deed.citizen, subject)?;
    citizen_links::set_level(command, id, level)?;
    note(engine, command, deed, "citizen.link", json!(null), json!({ "upstream": upstream.content.name }))?;
    keep_real_name(engine, command, &actor(deed), deed.citizen, &upstream.content.name)
}

/// What waits for a browser, if it is not too late, with its service, if that is open still.
fn waiting(engine: &Engine, connection: &mut Connection, token_hash: &str) -> Result<Option<(PendingLink, Upstream)>> {
    let oldest = engine.clock.now() - citizen_policy().links.pending();
    let found = pending_links::find(connection, token_hash)?.filter(|pending| pending.begun_at >= oldest);
    let Some(pending) = found else { return Ok(None) };
    let known = upstreams::list_for(connection, model::Clientele::Citizens)?;
    let upstream = known.into_iter().find(|known| known.id == pending.upstream && known.content.is_open);
    Ok(upstream.map(|upstream| (pending, upstream)))
}

fn shown((pending, upstream): (PendingLink, Upstream)) -> Pending {
    Pending { id: pending.id, upstream: upstream.content.name }
}

fn opened(vault: &Vault, column: &'static str, row: i64, sealed: &str) -> Result<String> {
    let place = Place::new(column, row);
    let sealed: Sealed = sealed.parse().map_err(|_| vault::Error::Broken(place.to_string()))?;
    Ok(vault.open_text(place, &sealed)?)
}

/// How well a service says that it is known who somebody is; no word that is known says nothing.
fn said(upstream: &Upstream, meant: &Subject) -> RealName {
    if upstream.content.claim.is_empty() {
        return RealName::None;
    }
    upstream.content.level(&meant.words(&upstream.content.claim))
}
