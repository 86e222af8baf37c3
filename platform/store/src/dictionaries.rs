//! The dictionary (来源与作者) of each site.

use diesel::prelude::*;
use model::{Dictionary, SiteId};

use crate::schema::site_words;
use crate::{Command, Connection, Result, on};

const SOURCE: &str = "source";
const AUTHOR: &str = "author";

/// What a site's people choose from.
pub fn find(connection: &mut Connection, site: SiteId) -> Result<Dictionary> {
    let rows = site_words::table
        .filter(site_words::site_id.eq(site.0))
        .order((site_words::field, site_words::position))
        .select((site_words::field, site_words::word))
        .load::<(String, String)>(connection)?;
    let (sources, authors): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(field, _)| field == SOURCE);
    let words = |rows: Vec<(String, String)>| rows.into_iter().map(|(_, word)| word).collect();
    Ok(Dictionary { sources: words(sources), authors: words(authors) })
}

/// Puts another in its place.
pub fn replace(command: &mut Command<'_>, site: SiteId, dictionary: &Dictionary) -> Result<()> {
    diesel::delete(site_words::table.filter(site_words::site_id.eq(site.0))).execute(&mut **command)?;
    for (field, words) in [(SOURCE, &dictionary.sources), (AUTHOR, &dictionary.authors)] {
        let row = |(position, word): (i32, &String)| {
            (
                site_words::site_id.eq(site.0),
                site_words::field.eq(field),
                site_words::position.eq(position),
                site_words::word.eq(word.clone()),
            )
        };
        let rows: Vec<_> = (1..).zip(words).map(row).collect();
        if !rows.is_empty() {
            on!(&mut **command, c => diesel::insert_into(site_words::table).values(&rows).execute(c))?;
        }
    }
    Ok(())
}
