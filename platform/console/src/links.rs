//! 上级账号: with whom of an upper-level service one's own account is linked. Made and removed by oneself; whoever manages all people may remove
//! them too.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use identity::Onward;
use model::{Clientele, LinkId, UserId};
use publish::CommandError;
use publish::commands::upstream_link;
use serde::{Deserialize, Serialize};
use store::{Connection, upstream_links, upstreams};
use web::{App, ClientAddress, Error, Origin, SignedIn};

use crate::moment::Moment;
use crate::office::Office;
use crate::screens::{self, Frame};
use crate::via::{self, Errand};
use crate::{me, person};

/// The service that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    upstream: String,
}

/// The link that an address names.
#[derive(Deserialize)]
pub(crate) struct Own {
    link: LinkId,
}

/// A person's link that an address names.
#[derive(Deserialize)]
pub(crate) struct Theirs {
    user: UserId,
    link: LinkId,
}

/// A service, and how somebody is linked with it.
#[derive(Serialize)]
pub(crate) struct Row {
    key: String,
    name: String,
    is_open: bool,
    link: Option<Linked>,
}

#[derive(Serialize)]
struct Linked {
    id: LinkId,
    since: Moment,
    used: Option<Moment>,
}

/// Every service that somebody is linked with, and with `open` those that they could be linked with.
pub(crate) fn rows(connection: &mut Connection, user: UserId, open: bool) -> store::Result<Vec<Row>> {
    let mut links = upstream_links::list(connection, user)?;
    let row = |known: model::Upstream| {
        let at = links.iter().position(|link| link.upstream_id == known.id);
        let link = at.map(|at| links.swap_remove(at)).map(|link| Linked {
            id: link.id,
            since: link.linked_at.into(),
            used: link.used_at.map(Into::into),
        });
        Row { key: known.key, name: known.content.name, is_open: known.content.is_open, link }
    };
    let rows = upstreams::list_for(connection, Clientele::Staff)?.into_iter().map(row);
    Ok(rows.filter(|row| row.link.is_some() || (open && row.is_open)).collect())
}

/// POST /console/me/links/begin/{upstream}. A form may lead nowhere but to ourselves, so a page leads on.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Origin(origin): Origin,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    address: ClientAddress,
) -> Result<Response, Error> {
    let key = named.upstream.clone();
    let known = app.read(move |connection| upstreams::find_by_key(connection, &key)).await?.ok_or(Error::NotFound)?;
    match via::send(&app, &origin, named.upstream, &Errand::Link(signed_in.person.id), &address.0).await? {
        Ok((cookie, there)) => {
            let onward = Onward { name: known.content.name, address: there, leaves: true };
            let page = screens::draw("onward.html", Frame::outside("正在前往"), onward)?;
            Ok((CookieJar::new().add(cookie), page).into_response())
        }
        Err(failure) => via::failed(failure, true),
    }
}

/// POST /console/me/links/{link}/remove
pub(crate) async fn remove(State(app): State<Arc<App>>, signed_in: SignedIn, Path(named): Path<Own>) -> Result<Response, Error> {
    let actor = signed_in.actor();
    match app.command(move |engine| upstream_link::unlink(engine, &actor, named.link)).await {
        Ok(()) => Ok(Redirect::to("/console/me?done=unlinked").into_response()),
        Err(CommandError::Refused(sentence)) => me::refuse(&app, &signed_in, &sentence).await,
        Err(CommandError::NotFound) => me::refuse(&app, &signed_in, "该关联已经解除，无需再次操作").await,
        Err(other) => Err(other.into()),
    }
}

/// POST /console/people/{user}/links/{link}/remove
pub(crate) async fn remove_theirs(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Theirs>,
) -> Result<Response, Error> {
    let (actor, user, link) = (office.actor(), named.user, named.link);
    match app.command(move |engine| upstream_link::unlink_theirs(engine, &actor, user, link)).await {
        Ok(()) => Ok(office.back(&format!("/{user}"), "unlinked")),
        Err(error) => person::again(&app, &office, user, error, None).await,
    }
}
