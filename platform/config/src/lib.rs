//! What operators and site owners declare: the platform's settings and the manifests of sites. Every unknown key is refused.

mod network;
mod settings;
mod site;
mod template;
mod theme;
mod theme_field;

pub use network::{Network, NetworkError};
pub use settings::{
    Citizens, Media, S3, SecondFactor, Secret, Secrets, Sender, Settings, SettingsError, Upstream, Web, generated_door,
};
pub use site::{
    ChannelManifest, ManifestError, SiteManifest, SiteMedia, SubscriptionManifest, Workflow, is_channel_key, is_free_key,
};
pub use template::SiteTemplate;
pub use theme::{BlockKind, PageOf, Slot, TOPIC, ThemeManifest, TopicKind, WIDTH};
pub use theme_field::{Choice, FieldKind, ThemeField, links};
