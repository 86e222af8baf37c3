//! `tongyuan site`: declares sites from their folders, writes them out again, and lists them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::publish::{Engine, commands::site::apply};
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use config::SiteManifest;
use model::Actor;
use serde_json::json;

use super::Context;

/// What to do with sites.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Make the database agree with the folders; may be repeated, never deletes content.
    Apply {
        /// Folders with a site.toml, inside the sites folder of the settings.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
    /// Write a site as it stands into a folder, as its site.toml: what was founded, arranged and set in the console included. Applying
    /// that changes nothing; templates and assets of the site's own are files already.
    Export {
        /// The site's short name.
        site: String,
        /// The folder (default: the site's below the sites folder of the settings).
        #[arg(long)]
        to: Option<PathBuf>,
        /// Write over a site.toml that is there.
        #[arg(long)]
        force: bool,
    },
    /// List the sites.
    List {
        /// Print which folder of the page directory belongs to which host, as nginx reads it.
        #[arg(long)]
        nginx: bool,
    },
}

pub(super) async fn run(context: &Context, action: Action) -> Result<()> {
    let engine = context.engine().await?;
    match action {
        Action::Apply { folders } => {
            let changes = apply_all(&engine, &folders)?;
            context.print(&changes, || {
                let line = |(key, changes): &(String, Vec<String>)| {
                    if changes.is_empty() {
                        format!("{key}: nothing to change")
                    } else {
                        format!("{key}:\n  {}", changes.join("\n  "))
                    }
                };
                changes.iter().map(line).collect::<Vec<_>>().join("\n")
            })
        }
        Action::Export { site, to, force } => {
            let folder = to.unwrap_or_else(|| engine.settings.sites.join(&site));
            let file = export(&engine, &site, &folder, force)?;
            context.print(&json!({ "file": file }), || format!("written to {}", file.display()))
        }
        Action::List { nginx: true } => {
            let hosts = hosts(&engine)?;
            context.print(&hosts, || hosts.iter().map(|(host, key)| format!("{host} {key};")).collect::<Vec<_>>().join("\n"))
        }
        Action::List { nginx: false } => {
            let sites = engine.store.read(store::sites::list)?;
            let rows: Vec<_> = sites
                .iter()
                .map(|site| json!({ "key": site.key, "name": site.name, "url": engine.settings.public_url(&site.key, &site.domain) }))
                .collect();
            context.print(&rows, || {
                let line = |site: &model::Site| {
                    format!("{:<12} {}  {}", site.key, site.name, engine.settings.public_url(&site.key, &site.domain))
                };
                sites.iter().map(line).collect::<Vec<_>>().join("\n")
            })
        }
    }
}

/// Writes the manifest of a site; answers the file.
#[expect(clippy::disallowed_methods, reason = "a declaration of the operator is no public page")]
pub fn export(engine: &Engine, key: &str, folder: &Path, force: bool) -> Result<PathBuf> {
    let manifest = engine.store.read(|connection| {
        let site =
            store::sites::find_by_key(connection, key)?.with_context(|| format!("there is no site `{key}`: see site list"))?;
        Ok::<_, anyhow::Error>(::publish::manifest::of_site(connection, &site)?)
    })?;
    let file = folder.join("site.toml");
    if file.exists() && !force {
        bail!("{} is there already: name another folder with --to, or write over it with --force", file.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let text = manifest.to_toml().with_context(|| format!("cannot write `{key}` as site.toml"))?;
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Every host, sorted, with the short name of the site that answers to it.
fn hosts(engine: &Engine) -> Result<BTreeMap<String, String>> {
    let (sites, declared) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((store::sites::list(connection)?, store::sites::hosts(connection)?)))?;
    let mut hosts = BTreeMap::new();
    for site in sites {
        let public = engine.settings.public_url(&site.key, &site.domain);
        let host = public.split("://").nth(1).unwrap_or_default().split([':', '/']).next().unwrap_or_default();
        hosts.insert(host.to_lowercase(), site.key.clone());
        hosts.extend(declared.iter().filter(|(_, id)| *id == site.id).map(|(host, _)| (host.clone(), site.key.clone())));
    }
    Ok(hosts)
}

/// Applies every folder; those whose subscriptions waited for a later one are applied again at the end.
pub fn apply_all(engine: &Engine, folders: &[PathBuf]) -> Result<Vec<(String, Vec<String>)>> {
    let manifests = folders.iter().map(|folder| SiteManifest::load(folder)).collect::<Result<Vec<_>, _>>()?;
    let actor = Actor::operator("site apply");
    let mut applied = Vec::new();
    for manifest in &manifests {
        let first = apply(engine, &actor, manifest).with_context(|| format!("cannot apply {}", manifest.key))?;
        applied.push((manifest, first));
    }
    let mut changes = Vec::new();
    for (manifest, mut done) in applied {
        if !done.waiting.is_empty() {
            let again = apply(engine, &actor, manifest)?;
            done.changes.extend(again.changes);
            let missing = |what: &String| format!("a subscription to {what} waits: apply again when that exists");
            done.changes.extend(again.waiting.iter().map(missing));
        }
        changes.push((manifest.key.clone(), done.changes));
    }
    Ok(changes)
}

/// Every folder below `sites` that declares a site, sorted.
pub fn folders(sites: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(sites)? {
        let path = entry?.path();
        if path.join("site.toml").is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
