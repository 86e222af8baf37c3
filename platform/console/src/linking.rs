//! Links into the library: what a text may link to, and where such a link leads from within the console.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use model::{Permission, ResourceId, SiteId};
use serde::{Deserialize, Serialize};
use store::{placements, resources, sites};
use web::{App, Error, Scope, SignedIn};

use crate::screens;

/// How many are offered.
const OFFERED: i64 = 8;

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    sought: String,
}

#[derive(Serialize)]
struct Part {
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    id: ResourceId,
    title: String,
    site: String,
}

/// GET /console/{site}/resources/linkable
///
/// What is live is public, on whatever site.
pub(crate) async fn offer(State(app): State<Arc<App>>, _: Scope, Query(sought): Query<Sought>) -> Result<Html<String>, Error> {
    let items = app
        .read(move |connection| {
            let names: HashMap<SiteId, String> =
                sites::list_names(connection)?.into_iter().map(|site| (site.id, site.name)).collect();
            let found = resources::search_live_anywhere(connection, sought.sought.trim(), OFFERED)?;
            let item = |(resource, title): (model::Resource, String)| Item {
                id: resource.id,
                title,
                site: names.get(&resource.site_id).cloned().unwrap_or_default(),
            };
            Ok::<_, store::Error>(found.into_iter().map(item).collect())
        })
        .await?;
    screens::part("linkable.html", &Part { items })
}

/// GET /console/resources/{id}
///
/// To its screen for whoever may see that, else to its public page.
pub(crate) async fn lead(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<ResourceId>,
) -> Result<Redirect, Error> {
    let (resource, own) = app
        .read(move |connection| {
            let resource = resources::find_anywhere(connection, id)?.ok_or(Error::NotFound)?;
            let own = placements::list_own(connection, &[id].into())?.remove(&id);
            Ok::<_, Error>((resource, own))
        })
        .await?;
    let site = app.tenants.list().into_iter().find(|site| site.id == resource.site_id).ok_or(Error::NotFound)?;
    if signed_in.person.may(Permission::Read, site.id) {
        return Ok(Redirect::to(&format!("/console/{}/resources/{id}", site.key)));
    }
    let own = own.filter(|own| own.live).ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("{}{}", app.engine.settings.public_url(&site.key, &site.domain), own.path)))
}
