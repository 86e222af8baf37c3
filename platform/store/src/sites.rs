//! Sites, the agencies that run them, the hosts they answer to, and the themes they wear.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::site::is_of_city;
use model::{Agency, AgencyId, Site, SiteId};

use crate::schema::{agencies, site_hosts, sites, theme_files, themes};
use crate::{BINDS, Command, Connection, Result};

/// Every site, those of the city itself before those of its districts, and each of these as they were made.
pub fn list(connection: &mut Connection) -> Result<Vec<Site>> {
    let mut rows = sites::table.inner_join(agencies::table).order(sites::id).load::<(SiteRow, AgencyRow)>(connection)?;
    rows.sort_by_key(|(site, _)| !is_of_city(&site.site_code));
    rows.into_iter().map(site).collect()
}

/// What every page may say of any site.
pub struct SiteName {
    /// Its number.
    pub id: SiteId,
    /// Short name in addresses of the console and folders.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Name among its siblings.
    pub short_name: String,
    /// Its main host.
    pub domain: String,
}

/// The names of every site, in the order of [`list`]: read for each batch of pages, so no more than these.
pub fn list_names(connection: &mut Connection) -> Result<Vec<SiteName>> {
    let names = (sites::id, sites::key, sites::name, sites::short_name, sites::domain, sites::site_code);
    let names = sites::table.order(sites::id).select(names);
    let mut rows = names.load::<(i64, String, String, String, String, String)>(connection)?;
    rows.sort_by_key(|(.., code)| !is_of_city(code));
    let name = |(id, key, name, short_name, domain, _)| SiteName { id: SiteId(id), key, name, short_name, domain };
    Ok(rows.into_iter().map(name).collect())
}

/// The short names of all sites.
pub fn keys(connection: &mut Connection) -> Result<HashMap<SiteId, String>> {
    let rows = sites::table.select((sites::id, sites::key)).load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(id, key)| (SiteId(id), key)).collect())
}

/// The site with this number.
pub fn find(connection: &mut Connection, id: SiteId) -> Result<Option<Site>> {
    let row = sites::table.inner_join(agencies::table).filter(sites::id.eq(id.0)).first(connection).optional()?;
    row.map(site).transpose()
}

/// The site with this short name.
pub fn find_by_key(connection: &mut Connection, key: &str) -> Result<Option<Site>> {
    let row = sites::table.inner_join(agencies::table).filter(sites::key.eq(key)).first(connection).optional()?;
    row.map(site).transpose()
}

/// Every host with the site that answers to it.
pub fn hosts(connection: &mut Connection) -> Result<Vec<(String, SiteId)>> {
    let rows = site_hosts::table.select((site_hosts::host, site_hosts::site_id)).load::<(String, i64)>(connection)?;
    Ok(rows.into_iter().map(|(host, id)| (host, SiteId(id))).collect())
}

/// Makes the stored site agree with the declared one; its ids are ignored.
pub fn save(command: &mut Command<'_>, declared: &Site, now: NaiveDateTime) -> Result<SiteId> {
    let agency_id = save_agency(command, &declared.agency)?;
    let values = (
        sites::agency_id.eq(agency_id.0),
        sites::name.eq(&declared.name),
        sites::short_name.eq(&declared.short_name),
        sites::domain.eq(&declared.domain),
        sites::site_code.eq(&declared.site_code),
        sites::icp_number.eq(&declared.icp_number),
        sites::police_number.eq(&declared.police_number),
        sites::conac_url.eq(&declared.conac_url),
        sites::theme.eq(&declared.theme),
        sites::settings.eq(declared.settings.to_string()),
        sites::watermark.eq(&declared.watermark),
        sites::updated_at.eq(now),
    );
    let target = sites::table.filter(sites::key.eq(&declared.key));
    let updated = diesel::update(target).set(values.clone()).returning(sites::id).get_result::<i64>(&mut **command).optional()?;
    let id = match updated {
        Some(id) => id,
        None => diesel::insert_into(sites::table)
            .values((
                sites::key.eq(&declared.key),
                sites::files_hash.eq(""),
                sites::last_sequence.eq(0),
                sites::created_at.eq(now),
                values,
            ))
            .returning(sites::id)
            .get_result(&mut **command)?,
    };
    Ok(SiteId(id))
}

/// Makes the stored hosts of a site agree with the declared ones.
pub fn save_hosts(command: &mut Command<'_>, site: SiteId, hosts: &[String]) -> Result<()> {
    diesel::delete(site_hosts::table.filter(site_hosts::site_id.eq(site.0))).execute(&mut **command)?;
    for host in hosts {
        diesel::insert_into(site_hosts::table)
            .values((site_hosts::host.eq(host), site_hosts::site_id.eq(site.0)))
            .execute(&mut **command)?;
    }
    Ok(())
}

/// One word for the present state of a site's files and its theme's: it changes when either does.
pub fn files_version(connection: &mut Connection, site: SiteId) -> Result<String> {
    let own = sites::table.find(site.0).select((sites::files_hash, sites::theme)).first::<(String, String)>(connection)?;
    let shared = themes::table
        .filter(themes::name.eq_any([own.1.as_str(), "_base"]))
        .order(themes::name)
        .select(themes::files_hash)
        .load::<String>(connection)?;
    Ok(format!("{}-{}", own.0, shared.join("-")))
}

/// The agency with this organisation code.
pub fn find_agency(connection: &mut Connection, code: &str) -> Result<Option<AgencyId>> {
    let id = agencies::table.filter(agencies::code.eq(code)).select(agencies::id).first::<i64>(connection).optional()?;
    Ok(id.map(AgencyId))
}

/// Takes the next `count` places in the order in which things were first shown on each of these sites: what their maps for
/// crawlers are cut by. Says the last of them.
pub fn next_sequences(command: &mut Command<'_>, ids: &[SiteId], count: i64) -> Result<HashMap<SiteId, i64>> {
    let mut next = HashMap::with_capacity(ids.len());
    for some in ids.chunks(BINDS) {
        let wanted: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = diesel::update(sites::table.filter(sites::id.eq_any(wanted)))
            .set(sites::last_sequence.eq(sites::last_sequence + count))
            .returning((sites::id, sites::last_sequence))
            .get_results::<(i64, i64)>(&mut **command)?;
        next.extend(rows.into_iter().map(|(id, last)| (SiteId(id), last)));
    }
    Ok(next)
}

/// The place of the newest thing a site ever showed.
pub fn last_sequence(connection: &mut Connection, site: SiteId) -> Result<i64> {
    Ok(sites::table.find(site.0).select(sites::last_sequence).first(connection)?)
}

/// Notes the hash of a site's own files; says whether it differs from the last.
pub fn note_files(command: &mut Command<'_>, site: SiteId, hash: &str) -> Result<bool> {
    let target = sites::table.filter(sites::id.eq(site.0)).filter(sites::files_hash.ne(hash));
    Ok(diesel::update(target).set(sites::files_hash.eq(hash)).execute(&mut **command)? > 0)
}

/// Notes the hash of a theme's files; says whether it differs from the last.
pub fn note_theme(command: &mut Command<'_>, name: &str, hash: &str) -> Result<bool> {
    let known = themes::table.find(name).select(themes::files_hash).first::<String>(&mut **command).optional()?;
    match known {
        Some(known) if known == hash => return Ok(false),
        Some(_) => diesel::update(themes::table.find(name)).set(themes::files_hash.eq(hash)).execute(&mut **command)?,
        None => diesel::insert_into(themes::table)
            .values((themes::name.eq(name), themes::files_hash.eq(hash)))
            .execute(&mut **command)?,
    };
    Ok(true)
}

/// Notes the hashes of the files of a theme or site, by name; says which are new, gone or not what they were.
pub fn note_each_file(command: &mut Command<'_>, owner: &str, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let known: BTreeMap<String, String> = theme_files::table
        .filter(theme_files::owner.eq(owner))
        .select((theme_files::name, theme_files::hash))
        .load::<(String, String)>(&mut **command)?
        .into_iter()
        .collect();
    let changed: Vec<String> = files
        .keys()
        .chain(known.keys().filter(|name| !files.contains_key(*name)))
        .filter(|name| files.get(*name) != known.get(*name))
        .cloned()
        .collect();
    for name in &changed {
        diesel::delete(theme_files::table.find((owner, name))).execute(&mut **command)?;
        if let Some(hash) = files.get(name) {
            diesel::insert_into(theme_files::table)
                .values((theme_files::owner.eq(owner), theme_files::name.eq(name), theme_files::hash.eq(hash)))
                .execute(&mut **command)?;
        }
    }
    Ok(changed)
}

fn save_agency(command: &mut Command<'_>, declared: &Agency) -> Result<AgencyId> {
    let values = (
        agencies::name.eq(&declared.name),
        agencies::phone.eq(&declared.phone),
        agencies::address.eq(&declared.address),
        agencies::postcode.eq(&declared.postcode),
        agencies::email.eq(&declared.email),
    );
    let target = agencies::table.filter(agencies::code.eq(&declared.code));
    let updated = diesel::update(target).set(values).returning(agencies::id).get_result::<i64>(&mut **command).optional()?;
    let id = match updated {
        Some(id) => id,
        None => diesel::insert_into(agencies::table)
            .values((agencies::code.eq(&declared.code), values))
            .returning(agencies::id)
            .get_result(&mut **command)?,
    };
    Ok(AgencyId(id))
}

#[derive(Queryable)]
struct SiteRow {
    id: i64,
    key: String,
    _agency_id: i64,
    name: String,
    short_name: String,
    domain: String,
    site_code: String,
    icp_number: String,
    police_number: String,
    conac_url: String,
    theme: String,
    settings: String,
    _files_hash: String,
    _last_sequence: i64,
    _created_at: NaiveDateTime,
    _updated_at: NaiveDateTime,
    watermark: String,
}

#[derive(Queryable)]
pub(crate) struct AgencyRow {
    id: i64,
    code: String,
    name: String,
    phone: String,
    address: String,
    postcode: String,
    email: String,
}

pub(crate) fn agency(row: AgencyRow) -> Agency {
    Agency {
        id: AgencyId(row.id),
        code: row.code,
        name: row.name,
        phone: row.phone,
        address: row.address,
        postcode: row.postcode,
        email: row.email,
    }
}

fn site((row, agency): (SiteRow, AgencyRow)) -> Result<Site> {
    Ok(Site {
        id: SiteId(row.id),
        key: row.key,
        agency: self::agency(agency),
        name: row.name,
        short_name: row.short_name,
        domain: row.domain,
        site_code: row.site_code,
        icp_number: row.icp_number,
        police_number: row.police_number,
        conac_url: row.conac_url,
        theme: row.theme,
        settings: serde_json::from_str(&row.settings)?,
        watermark: row.watermark,
    })
}
