//! `site.toml`: the declaration of one site. Its shape is described in `sites/README.md`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use model::{Acceptance, Agency, Block, ResourceKind, Step, ThemeClass, site::is_site_code};
use serde::{Deserialize, Serialize};

/// One site as declared.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteManifest {
    /// Short name; equals the folder's.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Name among its siblings.
    pub short_name: String,
    /// Primary domain.
    pub domain: String,
    /// Every host it answers to.
    pub hosts: Vec<String>,
    /// 政府网站标识码
    pub site_code: String,
    /// ICP备案编号
    pub icp_number: String,
    /// 公安机关备案号
    pub police_number: String,
    /// 党政机关网站标识
    pub conac_url: String,
    /// Its theme.
    pub theme: String,
    /// 主办单位
    pub agency: Agency,
    /// Free settings for the theme.
    #[serde(default)]
    pub settings: toml::Table,
    /// Its pictures.
    #[serde(default)]
    pub media: SiteMedia,
    /// Review steps for channels that say none.
    #[serde(default)]
    pub workflow: Workflow,
    /// The channel tree, in navigation order.
    pub channels: Vec<ChannelManifest>,
    /// Standing queries.
    #[serde(default)]
    pub subscriptions: Vec<SubscriptionManifest>,
    /// The blocks of the home page; left out: as it was arranged in the console, or as the theme begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Vec<Block>>,
}

/// `[media]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteMedia {
    /// The asset, a PNG, that is laid over its pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<String>,
}

/// `[workflow]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// The review steps, in order: a name, or a name and the name of the group (工作组) that reviews, of the site or of the platform.
    pub steps: Vec<Step<String>>,
}

impl Default for Workflow {
    fn default() -> Self {
        Self { steps: ["一审", "二审", "三审"].map(Step::from).to_vec() }
    }
}

/// `[[channels]]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelManifest {
    /// Short name, unique in the site; the last part of its address.
    pub key: String,
    /// `ColumnName`
    pub name: String,
    /// `ColumnDescription`
    pub description: String,
    /// `ColumnKeywords`
    #[serde(default)]
    pub keywords: Vec<String>,
    /// `ColumnType`
    pub kind: String,
    /// Days; 0: no duty.
    #[serde(default)]
    pub update_cycle_days: i32,
    /// Key of the channel above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Kind of resource written here.
    #[serde(default = "article")]
    pub resources: ResourceKind,
    /// Whether it stands in the main navigation.
    #[serde(default = "yes")]
    pub navigation: bool,
    /// Items in one chunk of its list.
    #[serde(default = "twenty")]
    pub page_size: i32,
    /// Review steps of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step<String>>>,
    /// Whether editors of other sites may push resources here.
    #[serde(default)]
    pub open_to_offers: bool,
    /// 专题: a template of the theme that its front page is arranged from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// 筹备中: a topic not shown to the public until it goes live in the console, with all below it, be that declared so or not. What the
    /// platform knows already stays as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preparing: bool,
    /// The blocks of its front page, where it is a topic; left out: as arranged in the console, or as the template begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<Block>>,
}

/// `[[subscriptions]]`: every criterion that is set must match, and at least one is.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, Hash)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionManifest {
    /// The channel of this site that is filled.
    pub channel: String,
    /// The site that wrote it, or, with `from_channel`, the site of that channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_site: Option<String>,
    /// A channel of `from_site` it is live in, whoever wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_channel: Option<String>,
    /// Organisation code of the agency that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_agency: Option<String>,
    /// Its theme class, or a first level with all below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme_class: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResourceKind>,
    /// Any of these keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What happens to what it finds.
    #[serde(default = "automatic")]
    pub acceptance: Acceptance,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and what.
        reason: Box<toml::de::Error>,
    },
    /// A value makes no sense.
    #[error("{path}: {reason}")]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// What to change.
        reason: String,
    },
}

impl SiteManifest {
    /// Reads and checks `folder/site.toml`.
    pub fn load(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("site.toml");
        let text = std::fs::read_to_string(&path).map_err(|reason| ManifestError::Unreadable { path: path.clone(), reason })?;
        let manifest: Self =
            toml::from_str(&text).map_err(|reason| ManifestError::Invalid { path: path.clone(), reason: Box::new(reason) })?;
        let folder_name =
            folder.canonicalize().ok().and_then(|real| real.file_name().map(|name| name.to_string_lossy().into_owned()));
        manifest.check(folder_name.as_deref()).map_err(|reason| ManifestError::Nonsense { path, reason })?;
        Ok(manifest)
    }

    /// As `site.toml` holds it.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// The address of a channel within the site, from its ancestors' keys.
    pub fn path_of(&self, channel: &ChannelManifest) -> String {
        let parent = channel.parent.as_ref().and_then(|key| self.channels.iter().find(|other| other.key == *key));
        let above = parent.map_or_else(|| "/".to_owned(), |parent| self.path_of(parent));
        format!("{above}{}/", channel.key)
    }

    /// What makes no sense, in a sentence for the operator. A site made in the console has no folder yet.
    pub fn check(&self, folder_name: Option<&str>) -> Result<(), String> {
        if !is_key(&self.key) {
            return Err(format!("key `{}` may hold only small letters, digits and hyphens", self.key));
        }
        if folder_name.is_some_and(|name| name != self.key) {
            return Err(format!("key `{}` must equal the folder's name", self.key));
        }
        if RESERVED.contains(&self.key.as_str()) {
            return Err(format!("key `{}` is the name of a screen of the console", self.key));
        }
        if !is_site_code(&self.site_code) {
            return Err(format!("site_code `{}` must be ten digits, or bm and eight digits", self.site_code));
        }
        if !is_key(&self.theme) {
            return Err(format!("theme `{}` is not the name of a theme", self.theme));
        }
        for host in &self.hosts {
            if host.is_empty() || host.contains(['/', ':', ' ']) || *host != host.to_lowercase() {
                return Err(format!("host `{host}` must be a bare host name in small letters"));
            }
        }
        if let Some(name) = &self.media.watermark
            && !name.ends_with(".png")
        {
            return Err(format!("media.watermark `{name}` must name a PNG below the site's or theme's assets"));
        }
        check_steps(&self.workflow.steps)?;
        self.check_channels()?;
        self.check_subscriptions()
    }

    fn check_channels(&self) -> Result<(), String> {
        let mut seen = HashSet::new();
        let mut preparing = HashSet::new();
        for channel in &self.channels {
            if !is_channel_key(&channel.key) {
                return Err(format!(
                    "channel key `{}` may hold only small letters, digits and hyphens, and not be `assets` or `media`",
                    channel.key
                ));
            }
            // A parent must stand above its children, so no circle can be declared.
            if let Some(parent) = &channel.parent
                && !seen.contains(parent.as_str())
            {
                return Err(format!("channel `{}` names a parent `{parent}` that is not declared above it", channel.key));
            }
            if !seen.insert(channel.key.as_str()) {
                return Err(format!("channel `{}` is declared twice", channel.key));
            }
            // Nothing else goes live, nor what stands below nothing that does.
            if channel.preparing {
                let is_below = channel.parent.as_ref().is_some_and(|parent| preparing.contains(parent.as_str()));
                if channel.topic.is_empty() && !is_below {
                    return Err(format!("channel `{}` is `preparing`, but neither a topic nor below one that is", channel.key));
                }
                preparing.insert(channel.key.as_str());
            }
            if !(1..=200).contains(&channel.page_size) {
                return Err(format!("page_size of channel `{}` must be between 1 and 200", channel.key));
            }
            if let Some(steps) = &channel.steps {
                check_steps(steps)?;
            }
        }
        Ok(())
    }

    fn check_subscriptions(&self) -> Result<(), String> {
        let mut seen = HashSet::new();
        for subscription in &self.subscriptions {
            if !self.channels.iter().any(|channel| channel.key == subscription.channel) {
                return Err(format!("a subscription fills `{}`, which is not a channel of this site", subscription.channel));
            }
            self.check_criteria(subscription)?;
            if !seen.insert(subscription) {
                return Err(format!("channel `{}` declares the same subscription twice", subscription.channel));
            }
        }
        Ok(())
    }
}

impl SiteManifest {
    fn check_criteria(&self, subscription: &SubscriptionManifest) -> Result<(), String> {
        let channel = &subscription.channel;
        let asks = subscription.from_site.is_some()
            || subscription.from_agency.is_some()
            || subscription.theme_class.is_some()
            || subscription.kind.is_some()
            || !subscription.tags.is_empty();
        if subscription.from_channel.is_some() && subscription.from_site.is_none() {
            return Err(format!("a subscription of channel `{channel}` names a from_channel: say its from_site, too"));
        }
        if !asks {
            return Err(format!(
                "a subscription of channel `{channel}` asks for nothing: set from_site, from_channel, from_agency, theme_class, kind or tags"
            ));
        }
        if subscription.from_site.as_ref() == Some(&self.key) {
            return Err(format!("channel `{channel}` subscribes to its own site"));
        }
        if let Some(class) = &subscription.theme_class
            && !ThemeClass::all().iter().any(|known| known.as_str() == class || known.first_level() == class)
        {
            return Err(format!("theme_class `{class}` is not in the official table"));
        }
        if subscription.tags.iter().any(|tag| tag.trim().is_empty() || tag.trim() != tag) {
            return Err(format!("a subscription of channel `{channel}` has an empty tag, or one with spaces around it"));
        }
        Ok(())
    }
}

/// Whether a site may have this short name.
pub fn is_free_key(text: &str) -> bool {
    is_key(text) && !RESERVED.contains(&text)
}

/// Whether a channel may have this short name: it becomes a part of addresses, and must not be the platform's own.
pub fn is_channel_key(text: &str) -> bool {
    is_key(text) && !["assets", "media"].contains(&text)
}

/// Second parts of addresses of the console that are not sites.
const RESERVED: &[&str] = &[
    "agencies",
    "applications",
    "audit",
    "authorize",
    "library",
    "me",
    "notices",
    "operations",
    "people",
    "resources",
    "sites",
    "sign-in",
    "sign-out",
    "static",
    "takedown",
];

fn check_steps(steps: &[Step<String>]) -> Result<(), String> {
    let distinct: HashSet<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    if steps.is_empty() || distinct.len() != steps.len() || distinct.iter().any(|name| name.trim().is_empty()) {
        return Err("review steps must be at least one, each with a name of its own".to_owned());
    }
    Ok(())
}

/// Whether a name may stand in addresses.
pub fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn article() -> ResourceKind {
    ResourceKind::Article
}

fn automatic() -> Acceptance {
    Acceptance::Automatic
}

fn yes() -> bool {
    true
}

fn twenty() -> i32 {
    20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_channel_takes_an_address_of_the_platforms_own() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites/wangxi/site.toml");
        let text = std::fs::read_to_string(own).unwrap();
        let keyed = |key: &str| {
            let text = text.replacen("key = \"yaowen\"", &format!("key = \"{key}\""), 1);
            let manifest: SiteManifest = toml::from_str(&text).unwrap();
            manifest.check_channels()
        };
        assert_eq!(keyed("xinwen"), Ok(()));
        for taken in ["assets", "media", "Media"] {
            assert!(keyed(taken).unwrap_err().contains(taken), "{taken}");
        }
    }
}
