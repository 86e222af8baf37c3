//! How the home page of each site, and the front of each of its topics, is arranged (版面): as it is live, as somebody is arranging
//! it, and as it was live before. A page is named by the key of its channel; the home page by nothing.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Arrangement, SiteId};

use crate::schema::{arrangement_media, arrangements};
use crate::{Command, Connection, Result, on};

/// What is kept of an arrangement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// As the public sees it; none: as the theme begins.
    pub live: Option<Arrangement>,
    /// As it is being arranged; none: as it is live.
    pub draft: Option<Arrangement>,
    /// As the public saw it before; none: it never saw another.
    pub previous: Option<Previous>,
}

/// What was live before (上一版).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// As it was arranged.
    pub arrangement: Arrangement,
    /// When another took its place.
    pub until: NaiveDateTime,
}

/// What is kept of a page's.
pub fn find(connection: &mut Connection, site: SiteId, page: &str) -> Result<Kept> {
    type Row = (Option<String>, Option<String>, Option<String>, Option<NaiveDateTime>);
    let columns = (arrangements::live, arrangements::draft, arrangements::previous, arrangements::previous_until);
    let row = arrangements::table.find((site.0, page)).select(columns).first::<Row>(connection).optional()?;
    let (live, draft, previous, until) = row.unwrap_or_default();
    let read = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
    let previous = read(previous)?.zip(until).map(|(arrangement, until)| Previous { arrangement, until });
    Ok(Kept { live: read(live)?, draft: read(draft)?, previous })
}

/// The live one alone.
pub fn find_live(connection: &mut Connection, site: SiteId, page: &str) -> Result<Option<Arrangement>> {
    let row =
        arrangements::table.find((site.0, page)).select(arrangements::live).first::<Option<String>>(connection).optional()?;
    Ok(row.flatten().map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Keeps them, and notes the media of what is live and of the draft. What was live before holds no media: nobody sees it, and a block whose
/// picture has gone since says so when it is brought back.
pub fn save(command: &mut Command<'_>, site: SiteId, page: &str, kept: &Kept) -> Result<()> {
    let written = |arrangement: Option<&Arrangement>| arrangement.map(serde_json::to_string).transpose();
    let values = (
        arrangements::live.eq(written(kept.live.as_ref())?),
        arrangements::draft.eq(written(kept.draft.as_ref())?),
        arrangements::previous.eq(written(kept.previous.as_ref().map(|previous| &previous.arrangement))?),
        arrangements::previous_until.eq(kept.previous.as_ref().map(|previous| previous.until)),
    );
    let updated = diesel::update(arrangements::table.find((site.0, page))).set(values.clone()).execute(&mut **command)?;
    if updated == 0 {
        diesel::insert_into(arrangements::table)
            .values((arrangements::site_id.eq(site.0), arrangements::page.eq(page), values))
            .execute(&mut **command)?;
    }
    note_media(command, site, page, kept)
}

fn note_media(command: &mut Command<'_>, site: SiteId, page: &str, kept: &Kept) -> Result<()> {
    let of_page = arrangement_media::site_id.eq(site.0).and(arrangement_media::page.eq(page));
    diesel::delete(arrangement_media::table.filter(of_page)).execute(&mut **command)?;
    for (arrangement, live) in [(&kept.live, true), (&kept.draft, false)] {
        let shown = arrangement.iter().flat_map(Arrangement::media);
        let row = |id: model::MediaId| {
            (
                arrangement_media::site_id.eq(site.0),
                arrangement_media::page.eq(page),
                arrangement_media::media_id.eq(id.0),
                arrangement_media::live.eq(live),
            )
        };
        let rows: Vec<_> = shown.map(row).collect();
        for some in rows.chunks(100) {
            let some = some.to_vec();
            on!(&mut **command, c => diesel::insert_into(arrangement_media::table).values(&some).execute(c))?;
        }
    }
    Ok(())
}
