//! 已关联的认证服务: with whom of an upper-level service one's own account is linked. Made and removed by oneself.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::NaiveDateTime;
use model::{CitizenId, Clientele, LinkId, Upstream};
use publish::CommandError;
use publish::commands::citizen_link;
use serde::{Deserialize, Serialize};
use store::{Connection, citizen_links, upstreams};
use web::{App, Error, SignedInCitizen};

use crate::center::own;
use crate::coming::Onward;
use crate::screens::{self, Frame};
use crate::telling::tell;
use crate::via::{self, Errand, Named};

/// The link that an address names.
#[derive(Deserialize)]
pub(crate) struct Own {
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
    since: String,
    used: Option<String>,
}

/// Every service that somebody is linked with or could be.
pub(crate) fn rows(connection: &mut Connection, citizen: CitizenId) -> store::Result<Vec<Row>> {
    let links = citizen_links::list(connection, citizen)?;
    let time = |at: NaiveDateTime| model::local(at).format("%Y-%m-%d %H:%M").to_string();
    let row = |known: Upstream| {
        let link = links.iter().find(|link| link.upstream_id == known.id);
        let link = link.map(|link| Linked { id: link.id, since: time(link.linked_at), used: link.used_at.map(time) });
        Row { key: known.key, name: known.content.name, is_open: known.content.is_open, link }
    };
    let rows = upstreams::list_for(connection, Clientele::Citizens)?.into_iter().map(row);
    Ok(rows.filter(|row| row.link.is_some() || row.is_open).collect())
}

/// POST /security/links/begin/{upstream}. A form may lead nowhere but to ourselves, so a page leads on.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let key = named.upstream.clone();
    let known = app.read(move |connection| upstreams::find_by_key(connection, &key)).await?.ok_or(Error::NotFound)?;
    match via::send(&app, named.upstream, &Errand::Link(signed_in.id), &signed_in.address).await? {
        Ok((cookie, there)) => {
            let onward = Onward { address: &there, name: &known.content.name, leaves: true };
            let page = screens::draw("onward.html", Frame::outside(&app, "正在前往"), onward)?;
            Ok((CookieJar::new().add(cookie), page).into_response())
        }
        Err(failure) => via::failed(&app, &failure),
    }
}

/// POST /security/links/{link}/remove
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Path(named): Path<Own>,
) -> Result<Response, Error> {
    let (deed, session, recipients) = (signed_in.deed(), signed_in.session, own(&app, &signed_in).await?.recipients());
    match app.command(move |engine| citizen_link::unlink(engine, &deed, named.link, session)).await {
        Ok(()) => {
            tell(&app, &recipients, "已解除与认证服务的关联").await;
            Ok(Redirect::to("/security?done=unlinked").into_response())
        }
        // Pressed twice, it is removed all the same; somebody else's is not there.
        Err(CommandError::NotFound) => Ok(Redirect::to("/security?done=unlinked").into_response()),
        Err(error) => Err(error.into()),
    }
}
