//! The platform's settings: a TOML file, with secrets and addresses also taken from the environment.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Network;

/// Everything an operator can set. Each field says its default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`; also `TONGYUAN_DATABASE`. Default: `sqlite:var/tongyuan.db`.
    pub database: String,
    /// `memory:` or `redis://…`; also `TONGYUAN_CACHE`. Default: `memory:`.
    pub cache: String,
    /// Where public pages are written: a folder, or `s3://bucket/prefix`. Default: `var/pages`.
    pub pages: PathBuf,
    /// Where the bytes of uploads are kept: a folder, or `s3://bucket/prefix`. Default: `var/blobs`.
    pub blobs: PathBuf,
    /// Where sites and themes are declared. Default: `sites`.
    pub sites: PathBuf,
    /// The web server.
    pub web: Web,
    /// Citizens.
    pub citizens: Citizens,
    /// The publishing engine.
    pub publish: Publish,
    /// The S3-compatible store, where something is kept in one.
    pub s3: S3,
    /// Uploads.
    pub media: Media,
    /// What people write in the console.
    pub writing: Writing,
    /// The library.
    pub library: Library,
    /// How long reviews may take.
    pub review: Review,
    /// The audit log.
    pub audit: Audit,
    /// What personal data and secrets are sealed with.
    pub secrets: Secrets,
    /// How messages reach phones and mailboxes.
    pub sender: Sender,
    /// The identity services above us.
    pub upstream: Upstream,
}

/// `[sender]`. Default: nobody can be reached.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sender {
    /// Takes messages by POST of JSON and sends them on: those to phones, and those to mailboxes where no `mail_server` is named.
    pub gateway: Option<String>,
    /// A file with what is sent to it as bearer token; also `TONGYUAN_SENDER_TOKEN`, which comes first.
    pub token_file: Option<PathBuf>,
    /// The token itself; only from there.
    #[serde(skip)]
    pub token: Secret,
    /// Takes mails: `smtps://HOST`, or `smtp://HOST` with STARTTLS.
    pub mail_server: Option<String>,
    /// Whom mails are from, such as `锦川市政府网站 <noreply@jinchuan.gov.cn>`.
    pub mail_from: String,
    /// Who signs in to the mail server; nobody where it is empty.
    pub mail_user: String,
    /// A file with their password; also `TONGYUAN_MAIL_PASSWORD`, which comes first.
    pub mail_password_file: Option<PathBuf>,
    /// The password itself; only from there.
    #[serde(skip)]
    pub mail_password: Secret,
    /// Whether messages are written to the log instead, codes and all: for development alone. Default: false.
    pub log: bool,
}

/// `[upstream]`: how services of the province and the city are asked through which people sign in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// Networks that are not public and that may be asked all the same, e.g. `10.20.0.0/16`: whoever registers a service on a screen
    /// has this machine ask its address, and what else it reaches there is for the operator to say. Default: none.
    pub private_networks: Vec<Network>,
}

/// `[secrets]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// The file of keys, made by `tongyuan keys new`. No default: whoever runs a platform makes keys of their own.
    pub keys: Option<PathBuf>,
    /// What stands in such a file, instead of one; only from `TONGYUAN_KEYS`.
    #[serde(skip)]
    pub keys_text: Secret,
}

/// `[review]`: how long each step may take, by the clock on the wall.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Review {
    /// Hours until a step is due. Default: 24.
    pub hours: u16,
    /// The same for what is handed in as urgent (加急). Default: 4.
    pub urgent_hours: u16,
}

impl Review {
    /// Hours that each step of a text may take.
    pub fn hours(&self, urgent: bool) -> u16 {
        if urgent { self.urgent_hours } else { self.hours }
    }
}

impl Default for Review {
    fn default() -> Self {
        Self { hours: 24, urgent_hours: 4 }
    }
}

/// `[library]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Library {
    /// Days a draft stays in the bin before it is gone for good. Default: 30.
    pub bin_days: u32,
}

impl Default for Library {
    fn default() -> Self {
        Self { bin_days: 30 }
    }
}

/// `[audit]`. How long entries are kept is no setting but law: `model::retention`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// The hour of the day, in Beijing, from which the whole log is walked over once. Default: 2.
    pub verify_hour: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self { verify_hour: 2 }
    }
}

/// `[web]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Address and port to listen on. Default: `127.0.0.1:8080`.
    pub listen: String,
    /// The public address of a site; `{domain}` and `{site}` stand for its own. Default: `https://{domain}`.
    pub public_url: String,
    /// Hosts the console answers to, without ports. Default: `localhost`.
    pub console_hosts: Vec<String>,
    /// Whether the console is reached over HTTPS, so that its cookie may be `Secure`. Default: true.
    pub secure: bool,
    /// Seconds for which browsers are told to come over HTTPS alone, where `secure` says they do; 0: never. Default: a year.
    pub hsts_seconds: u64,
    /// Failed sign-ins from one address after which it must wait as an account must; a whole office may share one, so it is for who
    /// knows the network to say. All else about signing in is the rules' (`model::sign_in`). Default: 50.
    pub sign_in_failures_per_address: u32,
    /// Whether those whom the rules name (`model::sign_in`) must have a second factor: `required`, or `offered` to everybody alike.
    /// Default: `required`.
    pub second_factor: SecondFactor,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses. Default: none.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Hosts outside the platform to which redirects may lead over HTTPS; one that begins with a dot stands for all below it.
    /// Default: `.gov.cn`.
    pub redirect_hosts: Vec<String>,
    /// Bytes of published pages kept in memory. Default: 128 MiB.
    pub memory_bytes: u64,
}

/// Of whom a second factor is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    /// Whom the rules name sets one up before anything else.
    #[default]
    Required,
    /// Everybody on the staff does, whatever the rules say.
    Everybody,
    /// Whoever wants one has one.
    Offered,
}

impl SecondFactor {
    /// Whether somebody must have one of whom the rules say whether they must.
    pub fn binds(self, is_named: bool) -> bool {
        match self {
            Self::Required => is_named,
            Self::Everybody => true,
            Self::Offered => false,
        }
    }
}

/// `[citizens]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Citizens {
    /// `https://…` where citizens sign in, for all sites, and have their 用户中心: a host of its own. Default: none, and nobody signs in.
    pub address: Option<String>,
    /// Whom to turn to with questions about an account, as pages say it. Default: the hotline that every city has.
    pub contact: String,
}

impl Default for Citizens {
    fn default() -> Self {
        Self { address: None, contact: "12345政务服务便民热线".to_owned() }
    }
}

impl Citizens {
    /// Its host, without port.
    pub fn host(&self) -> Option<&str> {
        self.address.as_deref()?.split("://").nth(1)?.split([':', '/']).next()
    }
}

/// `[publish]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// Threads that render in this process. Default: as many as the machine has cores.
    pub workers: Option<usize>,
    /// Where published pages are read back from after a publication. Default: this process's own web server.
    pub door: Option<String>,
    /// Whether pages are synced to the disk before they are renamed into place. Default: true.
    pub sync: bool,
    /// Pages whose stored bytes are compared with their records each second, again and again; 0: never. Default: 50.
    pub sweep_pages_per_second: u32,
    /// Told by POST of JSON which addresses have changed, so that a CDN forgets them. Default: nobody is told.
    pub purge_url: Option<String>,
    /// Sent to it as bearer token; only from `TONGYUAN_PURGE_TOKEN`.
    #[serde(skip)]
    pub purge_token: Secret,
}

impl Publish {
    /// How many threads render in this process.
    pub fn worker_count(&self) -> usize {
        self.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
    }
}

/// `[s3]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// `https://…` of the store. Default: Amazon's own.
    pub endpoint: Option<String>,
    /// Region. Default: `us-east-1`.
    pub region: String,
    /// Access key; also `TONGYUAN_S3_ACCESS_KEY`.
    pub access_key: String,
    /// Secret key; also `TONGYUAN_S3_SECRET_KEY`.
    pub secret_key: Secret,
}

/// Text that no log may show.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whom it is meant.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}

/// `[media]`: how large uploads may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Bytes of a picture. Default: 20 MiB.
    pub image_bytes: u64,
    /// Bytes of any other file. Default: 50 MiB.
    pub attachment_bytes: u64,
    /// Millions of pixels of a picture; each takes up to 12 MB of memory while it is worked on. Default: 40.
    pub megapixels: u32,
    /// Pixels along either side of a picture. Default: 12000.
    pub longest_side: u32,
    /// Files within an archive. Default: 5000.
    pub archive_entries: usize,
    /// Bytes of all files of an archive once unpacked. Default: 1 GiB.
    pub unpacked_bytes: u64,
    /// Files of one upload. Default: 20.
    pub files_at_once: usize,
}

/// `[writing]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Writing {
    /// Days after which a working copy that nobody went on with is thrown away. Default: 30.
    pub keep_days: u32,
}

/// Why the settings cannot be used: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read the settings at {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("settings at {path}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and what.
        reason: Box<toml::de::Error>,
    },
    /// A value makes no sense.
    #[error("settings: {0}")]
    Nonsense(String),
}

impl Settings {
    /// Reads `path`, then lets the environment speak.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|reason| SettingsError::Unreadable { path: path.into(), reason })?;
        let settings: Self =
            toml::from_str(&text).map_err(|reason| SettingsError::Invalid { path: path.into(), reason: Box::new(reason) })?;
        settings.overlaid().checked()
    }

    /// The defaults with the environment laid over them: for a machine without a settings file.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::default().overlaid().checked()
    }

    /// The public address of a site, without a slash at the end.
    pub fn public_url(&self, site_key: &str, domain: &str) -> String {
        self.web.public_url.replace("{domain}", domain).replace("{site}", site_key)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one door to the environment")]
    fn overlaid(mut self) -> Self {
        if let Ok(database) = std::env::var("TONGYUAN_DATABASE") {
            self.database = database;
        }
        if let Ok(cache) = std::env::var("TONGYUAN_CACHE") {
            self.cache = cache;
        }
        if let Ok(key) = std::env::var("TONGYUAN_S3_ACCESS_KEY") {
            self.s3.access_key = key;
        }
        if let Ok(key) = std::env::var("TONGYUAN_S3_SECRET_KEY") {
            self.s3.secret_key = Secret(key);
        }
        if let Ok(token) = std::env::var("TONGYUAN_PURGE_TOKEN") {
            self.publish.purge_token = Secret(token);
        }
        if let Ok(token) = std::env::var("TONGYUAN_SENDER_TOKEN") {
            self.sender.token = Secret(token);
        }
        if let Ok(password) = std::env::var("TONGYUAN_MAIL_PASSWORD") {
            self.sender.mail_password = Secret(password);
        }
        if let Ok(keys) = std::env::var("TONGYUAN_KEYS") {
            self.secrets.keys_text = Secret(keys);
        }
        self
    }

    fn checked(self) -> Result<Self, SettingsError> {
        if !self.web.public_url.starts_with("http://") && !self.web.public_url.starts_with("https://") {
            return Err(SettingsError::Nonsense(format!(
                "web.public_url `{}` must start with http:// or https://",
                self.web.public_url
            )));
        }
        if !self.web.public_url.contains("{domain}") && !self.web.public_url.contains("{site}") {
            return Err(SettingsError::Nonsense(
                "web.public_url must contain {domain} or {site}, or all sites would share one address".into(),
            ));
        }
        if let Some(address) = &self.citizens.address {
            let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
            let is_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']));
            if !is_host || rest.is_some_and(|rest| *rest != rest.to_lowercase()) {
                return Err(SettingsError::Nonsense(format!(
                    "citizens.address `{address}` must be http:// or https:// and a host in small letters, with nothing after it"
                )));
            }
            if self.citizens.host().is_some_and(|host| self.web.console_hosts.iter().any(|console| console == host)) {
                return Err(SettingsError::Nonsense(format!(
                    "citizens.address `{address}` is a host of the console: citizens need one of their own"
                )));
            }
        }
        let least = [
            ("image_bytes", self.media.image_bytes),
            ("attachment_bytes", self.media.attachment_bytes),
            ("megapixels", self.media.megapixels.into()),
            ("files_at_once", self.media.files_at_once as u64),
        ];
        if let Some((name, _)) = least.iter().find(|(_, value)| *value == 0) {
            return Err(SettingsError::Nonsense(format!("media.{name} must be at least 1")));
        }
        if self.writing.keep_days == 0 {
            return Err(SettingsError::Nonsense("writing.keep_days must be at least 1".into()));
        }
        if self.review.urgent_hours == 0 || self.review.urgent_hours > self.review.hours {
            return Err(SettingsError::Nonsense("review.urgent_hours must be at least 1 and at most review.hours".into()));
        }
        if self.audit.verify_hour > 23 {
            return Err(SettingsError::Nonsense("audit.verify_hour must be an hour of the day, 0 to 23".into()));
        }
        if self.publish.workers == Some(0) {
            return Err(SettingsError::Nonsense("publish.workers must be at least 1".into()));
        }
        let is_web = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        if let Some(url) = self.publish.purge_url.as_ref().filter(|url| !is_web(url)) {
            return Err(SettingsError::Nonsense(format!("publish.purge_url `{url}` must start with http:// or https://")));
        }
        if let Some(url) = self.s3.endpoint.as_ref().filter(|url| !is_web(url)) {
            return Err(SettingsError::Nonsense(format!("s3.endpoint `{url}` must start with http:// or https://")));
        }
        Ok(self)
    }
}

/// The address a process reads its own pages back from, given where it listens.
pub fn generated_door(listening: std::net::SocketAddr) -> String {
    let port = listening.port();
    if listening.is_ipv6() { format!("http://[::1]:{port}") } else { format!("http://127.0.0.1:{port}") }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: "sqlite:var/tongyuan.db".into(),
            cache: "memory:".into(),
            pages: "var/pages".into(),
            blobs: "var/blobs".into(),
            sites: "sites".into(),
            web: Web::default(),
            citizens: Citizens::default(),
            publish: Publish::default(),
            s3: S3::default(),
            media: Media::default(),
            writing: Writing::default(),
            library: Library::default(),
            review: Review::default(),
            audit: Audit::default(),
            secrets: Secrets::default(),
            sender: Sender::default(),
            upstream: Upstream::default(),
        }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: "https://{domain}".into(),
            console_hosts: vec!["localhost".into()],
            secure: true,
            hsts_seconds: 31_536_000,
            sign_in_failures_per_address: 50,
            second_factor: SecondFactor::Required,
            trusted_proxies: Vec::new(),
            redirect_hosts: vec![".gov.cn".into()],
            memory_bytes: 128 << 20,
        }
    }
}

impl Default for Writing {
    fn default() -> Self {
        Self { keep_days: 30 }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            image_bytes: 20 << 20,
            attachment_bytes: 50 << 20,
            megapixels: 40,
            longest_side: 12_000,
            archive_entries: 5_000,
            unpacked_bytes: 1 << 30,
            files_at_once: 20,
        }
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            workers: None,
            door: None,
            sync: true,
            sweep_pages_per_second: 50,
            purge_url: None,
            purge_token: Secret::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        let settings: Settings = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.checked().map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        assert!(parse("[web]\nlissten = \"x\"").unwrap_err().contains("lissten"));
    }

    #[test]
    fn secrets_are_read_and_never_shown() {
        let settings = parse("[s3]\nsecret_key = \"very-secret\"").unwrap();
        assert_eq!(settings.s3.secret_key.reveal(), "very-secret");
        assert!(!format!("{settings:?}").contains("very-secret"));
        assert!(parse("[publish]\npurge_url = \"ftp://cdn\"").unwrap_err().contains("purge_url"));
    }

    #[test]
    fn what_is_urgent_is_due_no_later_than_the_rest() {
        assert_eq!(parse("[review]\nhours = 48").map(|settings| settings.review.hours(true)), Ok(4));
        assert!(parse("[review]\nhours = 2").unwrap_err().contains("urgent_hours"));
        assert!(parse("[review]\nurgent_hours = 0").unwrap_err().contains("urgent_hours"));
    }

    #[test]
    fn citizens_have_a_host_of_their_own() {
        assert_eq!(
            parse("[citizens]\naddress = \"https://user.example.gov.cn:8443\"").unwrap().citizens.host(),
            Some("user.example.gov.cn")
        );
        for wrong in ["user.example.gov.cn", "https://user.example.gov.cn/", "https://", "https://User.example.gov.cn"] {
            assert!(parse(&format!("[citizens]\naddress = \"{wrong}\"")).unwrap_err().contains("citizens.address"), "{wrong}");
        }
        assert!(parse("[citizens]\naddress = \"http://localhost\"").unwrap_err().contains("of their own"));
    }

    #[test]
    fn one_address_for_all_sites_is_refused() {
        assert!(parse("[web]\npublic_url = \"https://example.gov.cn\"").unwrap_err().contains("{domain}"));
    }
}
