//! Where templates and assets are looked up: the site's folder, then its theme's, then the base that every theme builds on.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The files one site is rendered with.
#[derive(Clone, Debug)]
pub struct ThemeFiles {
    /// What the theme is called in addresses.
    name: String,
    site: PathBuf,
    theme: PathBuf,
    base: PathBuf,
}

impl ThemeFiles {
    /// The files of site `key` wearing `theme`, under the sites folder.
    pub fn new(sites: &Path, key: &str, theme: &str) -> Self {
        let themes = sites.join("_themes");
        Self { name: theme.to_owned(), site: sites.join(key), theme: themes.join(theme), base: themes.join("_base") }
    }

    /// Whether the theme has a folder at all.
    pub fn theme_exists(&self) -> bool {
        self.theme.join("templates").is_dir()
    }

    /// The theme's folder.
    pub fn theme(&self) -> &Path {
        &self.theme
    }

    /// The source of a template.
    pub fn template(&self, name: &str) -> std::io::Result<Option<String>> {
        let bytes = self.find("templates", name)?;
        let not_text = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        bytes.map(|bytes| String::from_utf8(bytes).map_err(not_text)).transpose()
    }

    /// The bytes of an asset, by its path below `assets`.
    pub fn asset(&self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        self.find("assets", name)
    }

    /// Where an asset is found below `/assets/`; none when there is no such file. Those of a theme are at addresses of that theme, so that
    /// a page made in one theme never finds the style sheet of another.
    pub fn place(&self, name: &str) -> std::io::Result<Option<String>> {
        let is_in = |root: &Path| is_below(name) && root.join("assets").join(name).is_file();
        Ok(if is_in(&self.site) {
            Some(name.to_owned())
        } else if is_in(&self.theme) {
            Some(format!("_{}/{name}", self.name))
        } else {
            is_in(&self.base).then(|| name.to_owned())
        })
    }

    /// The bytes at a place below `/assets/`; none for those of a theme that the site does not wear.
    pub fn asset_at(&self, place: &str) -> std::io::Result<Option<Vec<u8>>> {
        let Some((theme, name)) = theme_of(place) else { return self.asset(place) };
        if theme != self.name || !is_below(name) {
            return Ok(None);
        }
        read(&self.theme.join("assets").join(name))
    }

    /// The places below `/assets/` of every asset the site has, its own, its theme's and the base's.
    pub fn assets(&self) -> std::io::Result<Vec<String>> {
        let mut names = BTreeMap::new();
        for root in [&self.base, &self.site] {
            collect(&root.join("assets"), "", &mut names)?;
        }
        collect(&self.theme.join("assets"), &format!("_{}", self.name), &mut names)?;
        Ok(names.into_keys().collect())
    }

    /// The site's own files.
    pub fn of_site(&self) -> std::io::Result<FileHashes> {
        FileHashes::below(&self.site)
    }

    /// The theme's files.
    pub fn of_theme(&self) -> std::io::Result<FileHashes> {
        FileHashes::below(&self.theme)
    }

    /// The files that every theme builds on.
    pub fn of_base(&self) -> std::io::Result<FileHashes> {
        FileHashes::below(&self.base)
    }

    /// Whether the theme brings any.
    pub fn theme_has_assets(&self) -> bool {
        std::fs::read_dir(self.theme.join("assets")).is_ok_and(|mut entries| entries.next().is_some())
    }

    fn find(&self, folder: &str, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        if !is_below(name) {
            return Ok(None);
        }
        for root in [&self.site, &self.theme, &self.base] {
            if let Some(bytes) = read(&root.join(folder).join(name))? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

/// The theme that a place below `/assets/` belongs to, and the asset's name; none for those of the site and the base.
pub fn theme_of(place: &str) -> Option<(&str, &str)> {
    place.strip_prefix('_')?.split_once('/')
}

/// The themes that are installed under the sites folder, by name.
pub fn themes(sites: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(sites.join("_themes"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // What begins with an underscore is for themes to build on.
        if !name.starts_with(['_', '.']) && ThemeFiles::new(sites, "", &name).theme_exists() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a name leads nowhere but down.
fn is_below(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The hash that goes into an asset's address, sixteen hex digits.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}

/// What of a theme may be arranged.
pub const MANIFEST: &str = "theme.toml";

/// The templates and assets of a theme or site, and a theme's own description: each by its name, such as `templates/home.html`, with the hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHashes(pub BTreeMap<String, String>);

impl FileHashes {
    fn below(root: &Path) -> std::io::Result<Self> {
        let mut files = BTreeMap::new();
        for folder in ["templates", "assets"] {
            collect(&root.join(folder), folder, &mut files)?;
        }
        let manifest = root.join(MANIFEST);
        if manifest.is_file() {
            files.insert(MANIFEST.to_owned(), manifest);
        }
        let hashed = files.into_iter().map(|(name, path)| Ok((name, digest(&[&std::fs::read(path)?]))));
        Ok(Self(hashed.collect::<std::io::Result<_>>()?))
    }

    /// One hash over all of them.
    pub fn together(&self) -> String {
        let parts: Vec<&[u8]> = self.0.iter().flat_map(|(name, hash)| [name.as_bytes(), hash.as_bytes()]).collect();
        digest(&parts)
    }
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, PathBuf>) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let full = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &full, into)?;
        } else {
            into.insert(full, entry.path());
        }
    }
    Ok(())
}
