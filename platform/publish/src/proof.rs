//! Proof (检查): everything found in a text before it is handed in, with what only the database knows about it.

use chrono::NaiveDate;
use model::proof::{self, Link, Place, Remark, RemarkKind, Weight};
use model::{Content, PageState, ResourceKind, ResourceState, SiteId, problem, prose};
use store::{Connection, pages, placements, redirects, resources, sites};

use crate::commands::media;

/// Remarks on a content whose body is cleaned, the weightiest first.
pub fn remarks(
    connection: &mut Connection,
    site: SiteId,
    kind: ResourceKind,
    content: &Content,
    today: NaiveDate,
) -> store::Result<Vec<Remark>> {
    let used = media::used(connection, site, content)?;
    let mut problems = problem::before_review(kind, content, today);
    problems.extend(problem::without_alt(content, &used));
    problems.extend(media::misused(content, &used));
    let mut remarks: Vec<Remark> = problems.into_iter().map(Remark::from).collect();
    for (field, text) in texts(content) {
        remarks.extend(proof::wording(field, &text));
        remarks.extend(proof::personal(field, &text));
    }
    remarks.extend(proof::doubts(content));
    remarks.extend(dead_links(connection, site, &content.body)?);
    remarks.sort_by_key(|remark| (remark.weight(), remark.kind));
    Ok(remarks)
}

/// What the writer must say that they looked at, and what they say it with: other findings want another word.
pub fn to_confirm(remarks: &[Remark]) -> Option<Confirmation> {
    let remarks: Vec<&Remark> = remarks.iter().filter(|remark| remark.weight() == Weight::Confirm).collect();
    if remarks.is_empty() {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    for remark in &remarks {
        let place = remark.place.as_ref().map_or("", |place| place.text.as_str());
        for part in [remark.field, &remark.message, place] {
            hasher.update(part.as_bytes()).update(&[0]);
        }
    }
    let messages = remarks.into_iter().map(|remark| remark.message.clone()).collect();
    Some(Confirmation { seal: hasher.finalize().to_hex()[..16].to_owned(), messages })
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Stands for just these findings.
    pub seal: String,
    /// What they are.
    pub messages: Vec<String>,
}

/// The words of each field as people read them.
fn texts(content: &Content) -> Vec<(&'static str, String)> {
    vec![
        ("title", content.title.clone()),
        ("subtitle", content.subtitle.clone()),
        ("body", render::html::lines(&content.body).join("\n")),
        ("summary", content.summary.clone()),
        ("source", content.source.clone()),
        ("author", content.author.clone()),
        ("editor", content.editor.clone()),
        ("keywords", content.keywords.join("，")),
        ("issuing_bodies", content.issuing_bodies.join("，")),
    ]
}

/// Links that lead nowhere: within the site as it is published now; elsewhere by their form alone.
fn dead_links(connection: &mut Connection, site: SiteId, body: &str) -> store::Result<Vec<Remark>> {
    let links = proof::links(body);
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let hosts: Vec<String> =
        sites::hosts(connection)?.into_iter().filter(|(_, owner)| *owner == site).map(|(host, _)| host).collect();
    let mut remarks = Vec::new();
    for link in links {
        let fault = match link.fault() {
            Some(fault) => Some(fault),
            None if !is_live(connection, site, &link.address)? => Some("所指的稿件目前没有公开内容"),
            None => match link.internal(&hosts) {
                Some(path) if !leads_somewhere(connection, site, path)? => Some("本站没有这个地址"),
                _ => None,
            },
        };
        remarks.extend(fault.map(|fault| dead(link, fault)));
    }
    Ok(remarks)
}

/// False where an address names a resource that the public cannot see: neither on this site nor on the one that wrote it.
fn is_live(connection: &mut Connection, site: SiteId, address: &str) -> store::Result<bool> {
    let Some(id) = prose::parse_address(address) else { return Ok(true) };
    let live = resources::find_anywhere(connection, id)?.filter(|resource| resource.state == ResourceState::Live);
    let Some(resource) = live else { return Ok(false) };
    let placed = placements::list_by_resource(connection, id)?;
    Ok(placed.iter().any(|placement| placement.live && [site, resource.site_id].contains(&placement.site_id)))
}

fn dead(link: Link, fault: &str) -> Remark {
    let words = link.place.as_ref().map_or("图片", |Place { text, .. }| text.as_str());
    let message = format!("链接“{words}”（{}）{fault}", link.address);
    Remark { kind: RemarkKind::Link, field: "body", message, place: link.place }
}

/// Whether a page or a redirect is at an address; what the platform itself answers is taken on trust.
fn leads_somewhere(connection: &mut Connection, site: SiteId, path: &str) -> store::Result<bool> {
    if path.starts_with("/_") {
        return Ok(true);
    }
    let folder = format!("{path}/");
    let mut asked = vec![path];
    if !path.ends_with('/') {
        asked.push(&folder);
    }
    for path in asked {
        let page = pages::find(connection, site, path)?;
        if page.is_some_and(|page| page.state != PageState::Gone) || !redirects::list_by_path(connection, site, path)?.is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
