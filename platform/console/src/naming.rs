//! People offered where usernames are written: found by a piece of their name or username.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use model::{User, person};
use serde::{Deserialize, Serialize};
use store::people;
use web::{App, Error};

use crate::founding::words;
use crate::paging::cut;
use crate::screens;

/// People offered at once.
const MOST: i64 = 8;

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    sought: String,
}

#[derive(Serialize)]
struct Screen {
    people: Vec<Offered>,
    has_more: bool,
}

#[derive(Serialize)]
struct Offered {
    name: String,
    username: String,
    /// What is put into the field: their name with their username, or that alone where the name would be taken apart.
    told: String,
}

/// GET /console/sites/new/people and /console/people/named
pub(crate) async fn offer(State(app): State<Arc<App>>, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let found = app.read(move |connection| people::list_named(connection, wish.sought.trim(), false, MOST + 1)).await?;
    let (found, has_more) = cut(found, MOST);
    let people = found.into_iter().map(offered).collect();
    screens::part("offered_people.html", &Screen { people, has_more })
}

fn offered(user: User) -> Offered {
    let told = person::told(&user.display_name, &user.username);
    let is_one = words(&told) == [told.as_str()];
    Offered { told: if is_one { told } else { user.username.clone() }, name: user.display_name, username: user.username }
}
