//! A folder of sites to measure with: the project's own themes, one of its districts, and any number of sites that subscribe to it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use config::{SiteManifest, SubscriptionManifest};

/// The site that items are loaded into; a copy of the project's own.
pub const SITE: &str = "wangxi";

/// Where approvals are made: nothing is loaded here, so that subscribers begin with nothing of it.
pub const SUBSCRIBED: &str = "yaowen";

/// Channels that items are spread over.
pub const FILLED: [&str; 5] = ["tzgg", "jgzn", "nianbao", "zt", "gaikuang"];

/// Copies themes and site from the project's `sites` and adds subscribers up to this number. May be repeated with more.
pub fn write(project: &Path, out: &Path, subscribers: usize) -> Result<()> {
    copy(&project.join("_themes"), &out.join("_themes"))?;
    copy(&project.join(SITE), &out.join(SITE))?;
    let mut own = SiteManifest::load(&project.join(SITE))?;
    // Its own subscriptions lead to sites that are not here.
    own.subscriptions.clear();
    save(&out.join(SITE), &own)?;
    for number in 1..=subscribers {
        let folder = out.join(name(number));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        save(&folder, &subscriber(&own, number))?;
    }
    Ok(())
}

/// The folder of every site, the district first.
pub fn folders(out: &Path, subscribers: usize) -> Vec<PathBuf> {
    std::iter::once(SITE.to_owned()).chain((1..=subscribers).map(name)).map(|key| out.join(key)).collect()
}

fn name(number: usize) -> String {
    format!("s{number:03}")
}

fn subscriber(own: &SiteManifest, number: usize) -> SiteManifest {
    let mut manifest = own.clone();
    manifest.key = name(number);
    manifest.name = format!("第{number}镇人民政府");
    manifest.short_name = format!("第{number}镇");
    manifest.domain = format!("www.{}-demo.gov.cn", manifest.key);
    manifest.hosts = vec![manifest.domain.clone()];
    manifest.site_code = format!("9902{number:06}");
    manifest.agency.code = format!("9902{number:04}X");
    manifest.agency.name = format!("第{number}镇人民政府办公室");
    manifest.subscriptions = vec![SubscriptionManifest {
        channel: SUBSCRIBED.into(),
        from_site: Some(SITE.into()),
        from_agency: None,
        from_channel: Some(SUBSCRIBED.into()),
        theme_class: None,
        kind: None,
        tags: Vec::new(),
        acceptance: model::Acceptance::Automatic,
    }];
    manifest
}

fn save(folder: &Path, manifest: &SiteManifest) -> Result<()> {
    put(&folder.join("site.toml"), &toml::to_string(manifest)?)
}

/// Copies a folder with all that is below it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}

/// Writes a file of the bench's own, making the folders above it.
#[expect(clippy::disallowed_methods, reason = "what the bench writes is no public page")]
pub(crate) fn put(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
