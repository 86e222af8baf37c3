//! Where templates and assets are looked up: the site's folder, then its theme's, then the base that every theme builds on.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The files one site is rendered with.
#[derive(Clone, Debug)]
pub struct ThemeFiles {
    site: PathBuf,
    theme: PathBuf,
    base: PathBuf,
}

impl ThemeFiles {
    /// The files of site `key` wearing `theme`, under the sites folder.
    pub fn new(sites: &Path, key: &str, theme: &str) -> Self {
        let themes = sites.join("_themes");
        Self { site: sites.join(key), theme: themes.join(theme), base: themes.join("_base") }
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

    /// The paths below `assets` of every asset the site has, its own, its theme's and the base's.
    pub fn assets(&self) -> std::io::Result<Vec<String>> {
        let mut names = BTreeMap::new();
        for root in [&self.base, &self.theme, &self.site] {
            collect(&root.join("assets"), "", &mut names)?;
        }
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

    fn find(&self, folder: &str, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        let relative = Path::new(name);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(None);
        }
        for root in [&self.site, &self.theme, &self.base] {
            match std::fs::read(root.join(folder).join(relative)) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
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
