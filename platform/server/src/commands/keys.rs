//! `tongyuan keys`: the keys that personal data is sealed with: made, added to, what older ones sealed sealed anew, and older ones forgotten.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::publish::{Engine, rotation};
use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, Subcommand};
use model::Actor;
use serde_json::json;
use vault::{Cipher, Keys};

use super::Context;
use super::progress::Progress;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Make a file with one new key. It is never written over what is there. Keep a copy where the backups of the database are not.
    New {
        /// The file, to be named as `keys` under `[secrets]` in the settings.
        file: PathBuf,
        #[command(flatten)]
        sealing: Sealing,
    },
    /// Add a key that seals from now on; those before it stay for what they sealed.
    Add {
        #[command(flatten)]
        sealing: Sealing,
    },
    /// Seal anew what was not sealed with the current key. It may be interrupted, and goes on when it is run again.
    Rotate,
    /// Take older keys out of the file with which nothing is sealed any more. What stands in older backups opens with them alone.
    Forget,
}

/// How to seal.
#[derive(Clone, Copy, Debug, Args)]
pub struct Sealing {
    /// aes-256-gcm, or sm4-gcm where policy asks for 国密; without it, as the key before does, or aes-256-gcm.
    #[arg(long)]
    cipher: Option<Cipher>,
}

pub(super) async fn run(context: &Context, action: Action) -> Result<()> {
    match action {
        Action::New { file, sealing } => make(context, &file, sealing.cipher.unwrap_or(Cipher::Aes256Gcm)),
        Action::Add { sealing } => add(context, sealing.cipher).await,
        Action::Rotate => rotate(context).await,
        Action::Forget => forget(context).await,
    }
}

fn make(context: &Context, file: &Path, cipher: Cipher) -> Result<()> {
    Keys::generate(cipher).write_new(file)?;
    let shown = file.display();
    context.print(&json!({ "file": file, "key": 1, "cipher": cipher }), || {
        format!("{shown}: key 1, {cipher}\nname it as `keys` under [secrets] in the settings, and keep a copy: what is sealed opens with it alone")
    })
}

async fn add(context: &Context, cipher: Option<Cipher>) -> Result<()> {
    let file = file_of(context)?;
    let engine = context.engine().await?;
    let keys = Keys::change(file, |keys| keys.add(cipher.unwrap_or(keys.cipher())))?;
    let (version, cipher) = (keys.version(), keys.cipher());
    rotation::note(&engine, &Actor::operator("keys add"), "keys.add", json!({ "key": version, "cipher": cipher }))?;
    context.print(&json!({ "file": file, "key": version, "cipher": cipher }), || {
        format!(
            "{}: key {version} seals from now on, {cipher}\nbring the file to every machine that has a copy, then run `tongyuan keys rotate`",
            file.display()
        )
    })
}

async fn rotate(context: &Context) -> Result<()> {
    let engine = context.engine().await?;
    let (quiet, at_work) = (context.json, Arc::clone(&engine));
    let rotation = tokio::task::spawn_blocking(move || {
        let progress = Progress::new(quiet);
        let done =
            rotation::rotate(&at_work, &Actor::operator("keys rotate"), &mut |done, total| progress.show("轮换", done, total));
        progress.end();
        done
    })
    .await??;
    let idle = idle(&engine)?;
    let current = engine.vault.current().0;
    let summary = json!({ "renewed": rotation.renewed, "key": current, "idle": idle, "broken": rotation.broken });
    context.print(&summary, || {
        let rest = if idle.is_empty() {
            String::new()
        } else {
            format!("\nnothing is sealed any more with {}: `tongyuan keys forget` takes it out of the file", listed(&idle))
        };
        format!("{} values sealed anew with key {current}{rest}", rotation.renewed)
    })?;
    match rotation.broken.as_slice() {
        [] => Ok(()),
        [first] => bail!("{first}"),
        [first, others @ ..] => bail!("{first}, and {} more", others.len()),
    }
}

async fn forget(context: &Context) -> Result<()> {
    let file = file_of(context)?;
    let engine = context.engine().await?;
    let idle = idle(&engine)?;
    if !idle.is_empty() {
        Keys::change(file, |keys| idle.iter().for_each(|version| keys.forget(*version)))?;
        rotation::note(&engine, &Actor::operator("keys forget"), "keys.forget", json!({ "keys": idle }))?;
    }
    let current = Keys::read(file)?.version();
    let held: Vec<_> = rotation::usage(&engine)?.into_iter().filter(|(version, _)| *version != current).collect();
    context.print(&json!({ "forgotten": idle, "held": held }), || {
        let told = if idle.is_empty() { "no key was forgotten".to_owned() } else { format!("forgotten: {}", listed(&idle)) };
        let kept = held.iter().map(|(version, number)| format!("\nkey {version} stays: it holds {number} values"));
        told + &kept.collect::<String>()
    })
}

/// Older keys with which nothing is sealed any more.
fn idle(engine: &Engine) -> Result<Vec<u32>> {
    let current = engine.vault.current().0;
    let usage = rotation::usage(engine)?;
    Ok(usage.into_iter().filter(|(version, number)| *version != current && *number == 0).map(|(version, _)| version).collect())
}

/// The file of the settings, where they name one.
fn file_of(context: &Context) -> Result<&Path> {
    let secrets = &context.settings.secrets;
    ensure!(
        secrets.keys_text.is_empty(),
        "the keys come from TONGYUAN_KEYS: keep them in a file, change them there, and set the variable anew"
    );
    secrets.keys.as_deref().context("the settings name no file of keys: `tongyuan keys new FILE` makes one")
}

fn listed(versions: &[u32]) -> String {
    versions.iter().map(|version| format!("key {version}")).collect::<Vec<_>>().join(", ")
}
