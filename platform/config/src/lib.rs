//! What operators and site owners declare: the platform's settings and the manifests of sites. Every unknown key is refused.

mod settings;
mod site;
mod template;
mod theme;

pub use settings::{Media, S3, Secret, Settings, SettingsError, generated_door};
pub use site::{
    ChannelManifest, ManifestError, SiteManifest, SiteMedia, SubscriptionManifest, Workflow, is_channel_key, is_free_key,
};
pub use template::SiteTemplate;
pub use theme::{BlockKind, Choice, FieldKind, PageOf, Slot, TOPIC, ThemeField, ThemeManifest, TopicKind, links};
