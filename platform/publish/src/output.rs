//! The only writer of public pages. Bytes are staged and synced first, then moved into place one page at a time, so a reader
//! finds the old page or the new one and never half of either.
//!
//! In a folder the moving is a rename; in a bucket staged bytes wait in memory and are put, each object whole.

mod form;
mod staging;
mod stored;

use std::io;
use std::path::{Component, Path};

use bytes::Bytes;
use objects::{Listed, Objects, Opened};

use staging::StagedFile;

pub(crate) use form::Form;
pub use stored::{Stored, content_type};

/// Where what does not belong is kept as evidence, beside the sites.
pub(crate) const QUARANTINE: &str = ".quarantine";

/// Larger than any page, in bytes.
const LARGEST: u64 = 64 << 20;

/// What is read at once to be hashed, in bytes.
const PIECE: u64 = 512 << 10;

/// The store of published pages: `<root>/<site key>/<path>`, each with its compressed forms beside it.
#[derive(Clone, Debug)]
pub struct PageStore {
    objects: Objects,
    sync: bool,
}

/// Bytes that are not yet in their place, and gone when they are dropped.
pub(crate) enum Staged {
    /// On the disk.
    File(StagedFile),
    /// In memory, for a bucket.
    Bytes(Bytes),
}

impl Staged {
    /// How many bytes of memory wait here.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::File(_) => 0,
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// What a stored name is: a page, or one of its compressed forms, or none of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPage {
    /// Short name of the site, or what stands in its place.
    pub site_key: String,
    /// Address within the site.
    pub path: String,
}

impl PageStore {
    /// The store in `objects`; `sync` says whether staged bytes must be on the disk before they are renamed.
    pub fn new(objects: Objects, sync: bool) -> Self {
        Self { objects, sync }
    }

    /// The name under which a page is stored; none when the path could lead elsewhere or names a file beside a page instead of
    /// a page.
    pub fn name(&self, site_key: &str, path: &str) -> Option<String> {
        let relative = path.strip_prefix('/')?;
        let name =
            if relative.is_empty() || relative.ends_with('/') { format!("{relative}index.html") } else { relative.to_owned() };
        let plain = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
        let clean = !name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
        let beside = path.ends_with(".gz") || path.ends_with(".br") || path.ends_with("/index.html");
        (plain && clean && !beside && !path.contains(['\\', '\0'])).then(|| format!("{site_key}/{name}"))
    }

    /// Which page a stored name belongs to: the other way round than [`PageStore::name`], compressed forms included.
    pub fn named(name: &str) -> NamedPage {
        let (site_key, rest) = name.split_once('/').unwrap_or((name, ""));
        let page = rest.strip_suffix(".gz").or_else(|| rest.strip_suffix(".br")).unwrap_or(rest);
        let path = match page.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => page,
        };
        NamedPage { site_key: site_key.to_owned(), path: format!("/{path}") }
    }

    /// The folder, where the store is one.
    pub fn folder(&self) -> Option<&Path> {
        self.objects.folder()
    }

    /// Where it is, for operators.
    pub fn shown(&self) -> String {
        self.objects.shown()
    }

    /// Whether pages could be written now.
    pub fn check(&self) -> io::Result<()> {
        self.objects.check()
    }

    /// A page with the forms beside it, as they are stored; none when there is no page.
    pub fn read(&self, site_key: &str, path: &str) -> io::Result<Option<Stored>> {
        let Some(name) = self.name(site_key, path) else { return Ok(None) };
        let Some(plain) = self.objects.get(&name)? else { return Ok(None) };
        let gzip = self.objects.get(&beside(&name, Form::Gzip))?;
        let brotli = self.objects.get(&beside(&name, Form::Brotli))?;
        Ok(Some(Stored { plain, gzip, brotli }))
    }

    /// Opens a page without its forms, to be read piece by piece; none when there is no page.
    pub fn open(&self, site_key: &str, path: &str) -> io::Result<Option<Opened>> {
        self.name(site_key, path).map_or(Ok(None), |name| self.objects.open_piecewise(&name))
    }

    /// Whether anything is under a stored name, readable or not.
    pub(crate) fn holds(&self, name: &str) -> io::Result<bool> {
        Ok(self.objects.size(name)?.is_some())
    }

    /// Hash of what is under a stored name, where it is no larger than any page: anybody may have put it there.
    pub(crate) fn hash_of(&self, name: &str) -> io::Result<Option<String>> {
        let opened = self.objects.open_piecewise(name)?.filter(|opened| opened.size() <= LARGEST);
        opened.map(|opened| hash_opened(&opened)).transpose()
    }

    /// Shows every stored name of a site, or of the whole store, to `each`, which may stop it by an error.
    pub fn walk(&self, site_key: Option<&str>, each: &mut dyn FnMut(Listed) -> io::Result<()>) -> io::Result<()> {
        self.objects.list(site_key.unwrap_or_default(), each)
    }

    /// Takes away whatever is stored of a site.
    pub(crate) fn clear(&self, site_key: &str) -> io::Result<()> {
        let mut names = Vec::new();
        self.walk(Some(site_key), &mut |listed| {
            names.push(listed.name);
            Ok(())
        })?;
        names.iter().try_for_each(|name| self.objects.delete(name))
    }

    /// Puts bytes where nobody asks for them.
    pub(crate) fn stage(&self, bytes: Vec<u8>) -> io::Result<Staged> {
        Ok(match self.folder() {
            Some(root) => Staged::File(staging::stage(root, &bytes)?),
            None => Staged::Bytes(bytes.into()),
        })
    }

    /// Waits until everything staged is on the disk: one sync for a whole batch.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match self.folder() {
            Some(root) if self.sync => staging::sync(root),
            _ => Ok(()),
        }
    }

    /// Moves staged bytes into the page's place. Compressed forms of what was there before go first.
    pub(crate) fn place(&self, site_key: &str, path: &str, staged: Staged) -> io::Result<()> {
        let name = self.name(site_key, path).ok_or_else(|| refused(path))?;
        for form in Form::ALL {
            self.objects.delete(&beside(&name, form))?;
        }
        self.put(&name, &name, staged)
    }

    /// Moves a compressed form beside its page.
    pub(crate) fn place_form(&self, site_key: &str, path: &str, form: Form, staged: Staged) -> io::Result<()> {
        let name = self.name(site_key, path).ok_or_else(|| refused(path))?;
        self.put(&beside(&name, form), &name, staged)
    }

    /// Takes a page away.
    pub(crate) fn remove(&self, site_key: &str, path: &str) -> io::Result<()> {
        let name = self.name(site_key, path).ok_or_else(|| refused(path))?;
        self.objects.delete(&name)?;
        Form::ALL.into_iter().try_for_each(|form| self.objects.delete(&beside(&name, form)))
    }

    /// Whether a visitor finds just these bytes now. A crash between rename and record leaves bytes the record knows nothing of.
    pub(crate) fn shows(&self, site_key: &str, path: &str, bytes: &[u8]) -> bool {
        let shown = self.name(site_key, path).and_then(|name| self.objects.get(&name).ok()).flatten();
        shown.is_some_and(|shown| shown == bytes)
    }

    /// Hash of the bytes a visitor finds; none where there is no page.
    pub(crate) fn hash_at(&self, site_key: &str, path: &str) -> io::Result<Option<String>> {
        self.open(site_key, path)?.map(|opened| hash_opened(&opened)).transpose()
    }

    /// Whether nothing is stored for a page, neither itself nor any compressed form.
    pub(crate) fn is_bare(&self, site_key: &str, path: &str) -> io::Result<bool> {
        let Some(name) = self.name(site_key, path) else { return Ok(true) };
        for name in [name.clone(), beside(&name, Form::Gzip), beside(&name, Form::Brotli)] {
            if self.holds(&name)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes a stored name out of the public's reach without losing it; says where it is now. `mark` sets it apart from others.
    pub(crate) fn set_apart(&self, name: &str, mark: &str) -> io::Result<String> {
        let kept = format!("{QUARANTINE}/{mark}/{name}");
        self.objects.rename(name, &kept)?;
        Ok(kept)
    }

    /// Makes the directories and sweeps out what a crash left staged. Files of other processes younger than an hour stay.
    pub fn prepare(&self) -> io::Result<()> {
        self.folder().map_or(Ok(()), staging::prepare)
    }

    fn put(&self, name: &str, page: &str, staged: Staged) -> io::Result<()> {
        match (staged, self.folder()) {
            (Staged::File(file), Some(root)) => file.place(&root.join(name)),
            (Staged::Bytes(bytes), _) => self.objects.put(name, bytes, content_type(page)),
            (Staged::File(_), None) => Err(refused(name)),
        }
    }
}

/// Hash of an opened object, hex, reading it piece by piece.
pub fn hash_opened(opened: &Opened) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut from = 0;
    while from < opened.size() {
        let length = PIECE.min(opened.size() - from);
        hasher.update(&opened.read(from, usize::try_from(length).map_err(io::Error::other)?)?);
        from += length;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn beside(name: &str, form: Form) -> String {
    format!("{name}.{}", form.extension())
}

fn refused(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{path}` is not an address of a page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_its_site() {
        let store = PageStore::new(Objects::open("/pages", &objects::Access::default()).unwrap(), false);
        assert_eq!(store.name("a", "/x/").as_deref(), Some("a/x/index.html"));
        assert_eq!(store.name("a", "/x/y.html").as_deref(), Some("a/x/y.html"));
        for bad in [
            "x",
            "/index.html",
            "/x/index.html",
            "/x.html.gz",
            "/../b/index.html",
            "/x/../../b/",
            "//etc/passwd",
            "/x\\y",
            "/./x",
        ] {
            assert_eq!(store.name("a", bad), None, "{bad}");
        }
    }

    #[test]
    fn a_stored_name_says_which_page_it_is() {
        let named = |name: &str| {
            let page = PageStore::named(name);
            (page.site_key, page.path)
        };
        for (name, path) in [
            ("a/index.html", "/"),
            ("a/index.html.br", "/"),
            ("a/x/index.html.gz", "/x/"),
            ("a/x/y.html", "/x/y.html"),
            ("a/x/myindex.html", "/x/myindex.html"),
        ] {
            assert_eq!(named(name), ("a".to_owned(), path.to_owned()), "{name}");
        }
        assert_eq!(named("loose.html"), ("loose.html".to_owned(), "/".to_owned()));
    }
}
