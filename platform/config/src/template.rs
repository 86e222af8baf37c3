//! `sites/_templates/*.toml`: what a new site is made from. Its channels, review steps and settings; names of its own are put in for
//! `{name}` and `{short_name}`.

use std::path::Path;

use serde::Deserialize;

use crate::site::{ChannelManifest, ManifestError, Workflow};

/// One template.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTemplate {
    /// Name of the file, without its ending.
    #[serde(skip)]
    pub key: String,
    /// What it is called, in Chinese.
    pub title: String,
    /// For which sites it is.
    pub description: String,
    /// The theme it suggests.
    pub theme: String,
    /// Settings of the theme.
    #[serde(default)]
    pub settings: toml::Table,
    /// Review steps.
    #[serde(default)]
    pub workflow: Workflow,
    /// The channel tree.
    pub channels: Vec<ChannelManifest>,
}

impl SiteTemplate {
    /// Every template below the sites folder, by name.
    pub fn list(sites: &Path) -> Result<Vec<Self>, ManifestError> {
        let folder = sites.join("_templates");
        let unreadable = |reason| ManifestError::Unreadable { path: folder.clone(), reason };
        let mut found = Vec::new();
        if !folder.is_dir() {
            return Ok(found);
        }
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(key) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| path.extension() == Some("toml".as_ref()))
            else {
                continue;
            };
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            let template: Self = toml::from_str(&text)
                .map_err(|reason| ManifestError::Invalid { path: path.clone(), reason: Box::new(reason) })?;
            found.push(Self { key: key.to_owned(), ..template });
        }
        found.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(found)
    }

    /// The groups that review steps are for: those of the platform, since the site is yet to be.
    pub fn groups(&self) -> impl Iterator<Item = &String> {
        let own = self.channels.iter().flat_map(|channel| &channel.steps).flatten();
        self.workflow.steps.iter().chain(own).filter_map(|step| step.group.as_ref())
    }

    /// Its channels with the names of a site put in.
    pub fn channels_of(&self, name: &str, short_name: &str) -> Vec<ChannelManifest> {
        let named = |text: &str| text.replace("{name}", name).replace("{short_name}", short_name);
        let mut channels = self.channels.clone();
        for channel in &mut channels {
            channel.name = named(&channel.name);
            channel.description = named(&channel.description);
            for keyword in &mut channel.keywords {
                *keyword = named(keyword);
            }
        }
        channels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_that_comes_with_the_platform_can_be_read_and_names_its_site() {
        let templates = SiteTemplate::list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites")).unwrap();
        assert_eq!(templates.iter().map(|template| template.key.as_str()).collect::<Vec<_>>(), ["department", "portal"]);
        for template in templates {
            let channels = template.channels_of("锦川市河东区人民政府", "河东区");
            assert!(channels.iter().any(|channel| channel.description.contains("河东区")), "{}", template.key);
            assert!(!format!("{channels:?}").contains('{') || !format!("{channels:?}").contains("short_name}"));
        }
    }
}
