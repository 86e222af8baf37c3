//! 关联: whom an upper-level service means is one of our people, or a citizen. A subject is one of ours and one of ours is one subject of a
//! service; nobody is found because a name or an address is the same. What becomes of a link is for whoever it is of to say.

use chrono::NaiveDateTime;
use model::{CitizenId, Clientele, LinkId, Upstream, UpstreamId, UpstreamLink, UserId};
use store::sealed::{CITIZEN_SUBJECT, Column, SUBJECT};
use store::{Command, Connection, citizen_links, upstream_links, upstreams};
use vault::{Place, Vault};

use super::{Result, refused};
use crate::engine::Engine;

/// What is said where a service is not who was asked any more.
pub(super) const CHANGED: &str = "该认证服务刚刚被修改或停用，请重新开始";

const ANOTHER: &str = "您已关联该认证服务的另一个账号，请先解除关联";

/// Who can be linked. The links of each kind lie in a table of their own.
pub(super) trait Linked: Copy + PartialEq {
    /// Services for whom they are asked.
    const CLIENTELE: Clientele;
    /// Where what a service calls them by is sealed.
    const SUBJECT: Column;
    /// What they are told who are linked with it already.
    const OWN: &'static str;
    /// What they are told where somebody else is.
    const TAKEN: &'static str;

    fn find(connection: &mut Connection, upstream: UpstreamId, marks: &[String]) -> store::Result<Option<UpstreamLink<Self>>>;
    fn list(self, connection: &mut Connection) -> store::Result<Vec<UpstreamLink<Self>>>;
    fn insert(
        self,
        command: &mut Command<'_>,
        upstream: UpstreamId,
        mark: &str,
        now: NaiveDateTime,
        seal: impl FnOnce(i64) -> String,
    ) -> store::Result<LinkId>;
}

/// A service as it is now, if it is open and still who was asked, for the same people: it may have been changed while it was.
pub(super) fn current<W: Linked>(connection: &mut Connection, asked: &Upstream) -> Result<Option<Upstream>> {
    let who = |one: &Upstream| (one.id, one.content.issuer.clone(), one.content.client.clone());
    let found = upstreams::find_by_key(connection, &asked.key)?;
    Ok(found.filter(|now| now.content.is_open && now.clientele == W::CLIENTELE && who(now) == who(asked)))
}

/// The link of whom a service calls `subject`.
pub(super) fn find<W: Linked>(
    connection: &mut Connection,
    vault: &Vault,
    upstream: &Upstream,
    subject: &str,
) -> Result<Option<UpstreamLink<W>>> {
    Ok(W::find(connection, upstream.id, &vault.marks(W::SUBJECT.name, subject))?)
}

/// Links somebody with whom a service calls `subject`, where neither is linked.
pub(super) fn insert<W: Linked>(
    command: &mut Command<'_>,
    engine: &Engine,
    upstream: &Upstream,
    whose: W,
    subject: &str,
) -> Result<LinkId> {
    let (vault, now) = (&engine.vault, engine.clock.now());
    if let Some(other) = find::<W>(command, vault, upstream, subject)? {
        return refused(if other.whose == whose { W::OWN } else { W::TAKEN });
    }
    if whose.list(command)?.iter().any(|known| known.upstream_id == upstream.id) {
        return refused(ANOTHER);
    }
    let sealed = |id| vault.seal(Place::new(W::SUBJECT.name, id), subject.as_bytes()).to_string();
    Ok(whose.insert(command, upstream.id, &vault.mark(W::SUBJECT.name, subject), now, sealed)?)
}

/// Whether anybody is linked with it.
pub(super) fn is_linked(connection: &mut Connection, upstream: &Upstream) -> Result<bool> {
    let counted = match upstream.clientele {
        Clientele::Staff => upstream_links::count(connection)?,
        Clientele::Citizens => citizen_links::count(connection)?,
    };
    Ok(counted.iter().any(|(id, _)| *id == upstream.id))
}

/// Has the links of a kind asked in their table.
macro_rules! linked {
    ($Whose:ident, $links:ident, $clientele:ident, $subject:ident, $own:literal, $taken:literal) => {
        impl Linked for $Whose {
            const CLIENTELE: Clientele = Clientele::$clientele;
            const SUBJECT: Column = $subject;
            const OWN: &'static str = $own;
            const TAKEN: &'static str = $taken;

            fn find(
                connection: &mut Connection,
                upstream: UpstreamId,
                marks: &[String],
            ) -> store::Result<Option<UpstreamLink<Self>>> {
                $links::find_by_marks(connection, upstream, marks)
            }

            fn list(self, connection: &mut Connection) -> store::Result<Vec<UpstreamLink<Self>>> {
                $links::list(connection, self)
            }

            fn insert(
                self,
                command: &mut Command<'_>,
                upstream: UpstreamId,
                mark: &str,
                now: NaiveDateTime,
                seal: impl FnOnce(i64) -> String,
            ) -> store::Result<LinkId> {
                $links::insert(command, upstream, self, mark, now, seal)
            }
        }
    };
}

linked!(
    UserId,
    upstream_links,
    Staff,
    SUBJECT,
    "该上级账号此前已经关联到您的账号，无需再次关联",
    "该上级账号已关联到其他人员的账号。一个上级账号只能关联一个账号，请联系安全管理员核实"
);
linked!(
    CitizenId,
    citizen_links,
    Citizens,
    CITIZEN_SUBJECT,
    "您在该认证服务的账号此前已经关联，无需再次关联",
    "您在该认证服务的账号已关联到本平台的另一个账号。如果那也是您的账号，请先登录该账号并解除关联"
);
