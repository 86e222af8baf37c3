//! The same items as content of a Hugo site, with the same channels, facts and assets as the site they are loaded into.

use std::path::Path;

use anyhow::Result;
use config::{ChannelManifest, SiteManifest};
use serde_json::{Value, json};

use crate::items::{Item, Text};
use crate::sites::{FILLED, SITE, copy, put};

/// Addresses of the pages for errors, as the platform has them.
const ERRORS: [(u16, &str); 5] =
    [(403, "没有访问权限"), (410, "内容已撤下"), (429, "访问过于频繁"), (500, "系统繁忙"), (503, "服务暂停")];

/// Writes a Hugo project; the layouts are those of `tests/bench/hugo`.
pub fn write(project: &Path, out: &Path, text: &Text, items: usize) -> Result<()> {
    let sites = project.join("sites");
    let manifest = SiteManifest::load(&sites.join(SITE))?;
    copy(&project.join("tests/bench/hugo/layouts"), &out.join("layouts"))?;
    for owner in ["_themes/_base", &format!("_themes/{}", manifest.theme), SITE] {
        copy(&sites.join(owner).join("assets"), &out.join("static/assets"))?;
    }
    put(&out.join("hugo.json"), &serde_json::to_string_pretty(&settings(&manifest))?)?;
    put(&out.join("content/_index.html"), &page(&json!({ "title": manifest.name }), ""))?;
    for channel in &manifest.channels {
        put(&out.join(format!("content{}_index.html", manifest.path_of(channel))), &page(&section(&manifest, channel), ""))?;
    }
    for (status, title) in ERRORS {
        put(&out.join(format!("content/_error/{status}.html")), &page(&json!({ "title": title, "layout": "error" }), ""))?;
    }
    put(&out.join("content/sitemap.html"), &page(&json!({ "title": "站点地图", "layout": "map" }), ""))?;
    for number in 0..items {
        article(&manifest, out, text.item(number))?;
    }
    Ok(())
}

fn settings(manifest: &SiteManifest) -> Value {
    let channel = |channel: &ChannelManifest| {
        json!({
            "key": channel.key, "name": channel.name, "description": channel.description, "url": manifest.path_of(channel),
            "parent": channel.parent.clone().unwrap_or_default(), "navigation": channel.navigation,
        })
    };
    json!({
        "baseURL": format!("https://{}/", manifest.domain),
        "locale": "zh-CN",
        "title": manifest.name,
        // Files lie as the platform's do, and nothing is made that it does not make.
        "uglyURLs": true,
        "disableKinds": ["taxonomy", "term"],
        "disableAliases": true,
        "pagination": { "pagerSize": 20, "disableAliases": true },
        "outputs": { "home": ["html", "rss"], "section": ["html"], "page": ["html"] },
        "rss": { "feedPath": "feed" },
        "services": { "rss": { "limit": 20 } },
        "enableRobotsTXT": true,
        "security": { "allowContent": [".*"] },
        "timeout": "10m",
        "params": {
            "domain": manifest.domain, "short_name": manifest.short_name, "site_code": manifest.site_code,
            "icp_number": manifest.icp_number, "police_number": manifest.police_number, "conac_url": manifest.conac_url,
            "agency": manifest.agency, "settings": manifest.settings,
            "channels": manifest.channels.iter().map(channel).collect::<Vec<_>>(),
            "shown": FILLED,
        },
    })
}

fn section(manifest: &SiteManifest, channel: &ChannelManifest) -> Value {
    json!({
        "title": channel.name, "description": channel.description,
        "params": { "key": channel.key, "keywords": channel.keywords, "kind": channel.kind, "path": manifest.path_of(channel) },
    })
}

fn article(manifest: &SiteManifest, out: &Path, item: Item) -> Result<()> {
    let key = FILLED[item.number % FILLED.len()];
    let Some(channel) = manifest.channels.iter().find(|channel| channel.key == key) else { return Ok(()) };
    let matter = json!({
        "title": item.title, "date": item.published.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "summary": item.summary,
        "params": { "source": item.source, "index_number": format!("{}-{}-{:05}", manifest.agency.code, 2026, item.number + 1) },
    });
    let file = format!("content{}t{}.html", manifest.path_of(channel), item.number + 1);
    put(&out.join(file.trim_start_matches('/')), &page(&matter, &item.body))
}

/// HTML with its front matter before it: the cheapest form there is for Hugo.
fn page(matter: &Value, body: &str) -> String {
    format!("{matter:#}\n\n{body}\n")
}
