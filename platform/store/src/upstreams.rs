//! Upper-level identity services (上级认证) as they are registered, and what their groups hold here,
//! or how well it is known who a citizen is of whom they say something.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Clientele, Ground, RoleId, SiteId, Upstream, UpstreamContent, UpstreamId, UpstreamLevel, UpstreamRule};

use crate::schema::{upstream_levels as levels, upstream_rules as rules, upstreams as table};
use crate::{Command, Connection, Result};

type Row = (i64, String, String, String, String, String, Option<String>, String, String, bool);

const COLUMNS: (
    table::id,
    table::key,
    table::clientele,
    table::name,
    table::issuer,
    table::client,
    table::secret_sealed,
    table::scopes,
    table::claim,
    table::is_open,
) = (
    table::id,
    table::key,
    table::clientele,
    table::name,
    table::issuer,
    table::client,
    table::secret_sealed,
    table::scopes,
    table::claim,
    table::is_open,
);

/// All of them, in the order they were registered.
pub fn list(connection: &mut Connection) -> Result<Vec<Upstream>> {
    let rows = table::table.order(table::id).select(COLUMNS).load::<Row>(connection)?;
    with_rules(connection, rows)
}

/// Those for such people, in the order they were registered.
pub fn list_for(connection: &mut Connection, clientele: Clientele) -> Result<Vec<Upstream>> {
    Ok(list(connection)?.into_iter().filter(|one| one.clientele == clientele).collect())
}

/// One by its short name.
pub fn find_by_key(connection: &mut Connection, key: &str) -> Result<Option<Upstream>> {
    // What can be no short name is none; one of the databases refuses to be asked for it.
    if !model::is_upstream_key(key) {
        return Ok(None);
    }
    let rows = table::table.filter(table::key.eq(key)).select(COLUMNS).load::<Row>(connection)?;
    Ok(with_rules(connection, rows)?.pop())
}

/// Its secret, sealed.
pub fn find_secret(connection: &mut Connection, id: UpstreamId) -> Result<Option<String>> {
    let row = table::table.find(id.0).select(table::secret_sealed).first::<Option<String>>(connection);
    Ok(row.optional()?.flatten())
}

/// Adds one.
pub fn insert(
    command: &mut Command<'_>,
    (key, clientele): (&str, Clientele),
    content: &UpstreamContent,
    now: NaiveDateTime,
) -> Result<UpstreamId> {
    let known = (table::key.eq(key), table::clientele.eq(clientele.as_str()), table::created_at.eq(now));
    let id = diesel::insert_into(table::table).values((known, values(content))).returning(table::id);
    let id = UpstreamId(id.get_result::<i64>(&mut **command)?);
    insert_rules(command, id, content)?;
    Ok(id)
}

/// Makes one what is said here.
pub fn update(command: &mut Command<'_>, id: UpstreamId, content: &UpstreamContent) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(values(content)).execute(&mut **command)?;
    diesel::delete(rules::table.filter(rules::upstream_id.eq(id.0))).execute(&mut **command)?;
    diesel::delete(levels::table.filter(levels::upstream_id.eq(id.0))).execute(&mut **command)?;
    insert_rules(command, id, content)
}

/// Keeps the sealed secret that it gave us.
pub fn set_secret(command: &mut Command<'_>, id: UpstreamId, sealed: &str) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(table::secret_sealed.eq(sealed)).execute(&mut **command)?;
    Ok(())
}

type Values<'a> = (
    diesel::dsl::Eq<table::name, &'a str>,
    diesel::dsl::Eq<table::issuer, &'a str>,
    diesel::dsl::Eq<table::client, &'a str>,
    diesel::dsl::Eq<table::scopes, &'a str>,
    diesel::dsl::Eq<table::claim, &'a str>,
    diesel::dsl::Eq<table::is_open, bool>,
);

fn values(content: &UpstreamContent) -> Values<'_> {
    (
        table::name.eq(content.name.as_str()),
        table::issuer.eq(content.issuer.as_str()),
        table::client.eq(content.client.as_str()),
        table::scopes.eq(content.scopes.as_str()),
        table::claim.eq(content.claim.as_str()),
        table::is_open.eq(content.is_open),
    )
}

fn insert_rules(command: &mut Command<'_>, id: UpstreamId, content: &UpstreamContent) -> Result<()> {
    for rule in &content.rules {
        let site = rule.ground.site().map(|site| site.0);
        let what = (rules::value.eq(&rule.value), rules::role_id.eq(rule.role.0), rules::site_id.eq(site));
        diesel::insert_into(rules::table).values((rules::upstream_id.eq(id.0), what)).execute(&mut **command)?;
    }
    for said in &content.levels {
        let what = (levels::value.eq(&said.value), levels::level.eq(said.level.as_str()));
        diesel::insert_into(levels::table).values((levels::upstream_id.eq(id.0), what)).execute(&mut **command)?;
    }
    Ok(())
}

fn with_rules(connection: &mut Connection, rows: Vec<Row>) -> Result<Vec<Upstream>> {
    let said = rules::table.order((rules::value, rules::id));
    let said = said.select((rules::upstream_id, rules::value, rules::role_id, rules::site_id));
    let mut by_upstream: HashMap<i64, Vec<UpstreamRule>> = HashMap::new();
    for (id, value, role, site) in said.load::<(i64, String, i64, Option<i64>)>(connection)? {
        let rule = UpstreamRule { value, role: RoleId(role), ground: Ground::whole(site.map(SiteId)) };
        by_upstream.entry(id).or_default().push(rule);
    }
    let mut known = levels_by_upstream(connection)?;
    let upstream = |(id, key, clientele, name, issuer, client, secret, scopes, claim, is_open): Row| {
        let content = UpstreamContent {
            name,
            issuer,
            client,
            scopes,
            claim,
            rules: by_upstream.remove(&id).unwrap_or_default(),
            levels: known.remove(&id).unwrap_or_default(),
            is_open,
        };
        Ok(Upstream { id: UpstreamId(id), key, clientele: clientele.parse()?, has_secret: secret.is_some(), content })
    };
    rows.into_iter().map(upstream).collect()
}

fn levels_by_upstream(connection: &mut Connection) -> Result<HashMap<i64, Vec<UpstreamLevel>>> {
    let said = levels::table.order((levels::value, levels::id)).select((levels::upstream_id, levels::value, levels::level));
    let mut found: HashMap<i64, Vec<UpstreamLevel>> = HashMap::new();
    for (id, value, level) in said.load::<(i64, String, String)>(connection)? {
        found.entry(id).or_default().push(UpstreamLevel { value, level: level.parse()? });
    }
    Ok(found)
}
