//! Links into the library: what a text may link to, and where such a link leads from within the console.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use model::{Permission, ResourceId, SiteId};
use serde::{Deserialize, Serialize};
use store::{placements, resources, sites};
use web::{App, Error, Scope, SignedIn};

use crate::media::numbers;
use crate::{library, screens};

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
/// What a site shows is public; what waits there for a topic is known to its own people alone.
pub(crate) async fn offer(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(sought): Query<Sought>,
) -> Result<Html<String>, Error> {
    let reach = library::reach(&app, &scope.signed_in);
    let items = app
        .read(move |connection| {
            let names: HashMap<SiteId, String> =
                sites::list_names(connection)?.into_iter().map(|site| (site.id, site.name)).collect();
            let found = resources::search_live(connection, &reach, sought.sought.trim(), OFFERED)?;
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

/// Which field of the form, and what stands in it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    field: String,
    explains: String,
    superseded_by: String,
}

/// GET /console/{site}/resources/chosen
///
/// The titles behind the numbers of a field, for whoever has chosen them.
pub(crate) async fn chosen(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(asked): Query<Chosen>,
) -> Result<Html<String>, Error> {
    let typed = if asked.field == "explains" { &asked.explains } else { &asked.superseded_by };
    let ids: BTreeSet<ResourceId> = numbers(typed).unwrap_or_default().into_iter().take(20).collect();
    let items = app
        .read(move |connection| {
            let names: HashMap<SiteId, String> =
                sites::list_names(connection)?.into_iter().map(|site| (site.id, site.name)).collect();
            let mut live = resources::list_live(connection, &ids)?;
            let own = placements::list_own(connection, &ids)?;
            live.retain(|id, (resource, _)| {
                own.get(id).is_some_and(|own| own.live)
                    || scope.signed_in.person.may_in(Permission::Read, resource.site_id, resource.channel_id)
            });
            let item = |id: ResourceId| {
                let (title, site) = live.get(&id).map_or_else(
                    || (format!("稿件{id}目前没有公开内容"), String::new()),
                    |(resource, revision)| {
                        (revision.content.title.clone(), names.get(&resource.site_id).cloned().unwrap_or_default())
                    },
                );
                Item { id, title, site }
            };
            Ok::<_, store::Error>(ids.iter().copied().map(item).collect())
        })
        .await?;
    screens::part("chosen_resources.html", &Part { items })
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
    if signed_in.person.may_in(Permission::Read, site.id, resource.channel_id) {
        return Ok(Redirect::to(&format!("/console/{}/resources/{id}", site.key)));
    }
    let own = own.filter(|own| own.live).ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("{}{}", app.engine.settings.public_url(&site.key, &site.domain), own.path)))
}
