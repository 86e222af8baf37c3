//! The keys of the settings: a file, or what stands in one.

use std::path::Path;

use anyhow::{Context, Result};
use config::Secrets;
use vault::{Cipher, Keys, Vault};

/// Opens the keys that the settings name.
pub fn open(secrets: &Secrets) -> Result<Vault> {
    if !secrets.keys_text.is_empty() {
        return Ok(Vault::of_keys(secrets.keys_text.reveal().parse().context("TONGYUAN_KEYS")?));
    }
    let file = secrets.keys.clone().context(
        "there are no keys to seal personal data with: make some with `tongyuan keys new FILE` and name the file in the settings, \
         as `keys` under `[secrets]`",
    )?;
    Ok(Vault::of_file(file)?)
}

/// Makes a file of keys where there is none: for the demo and for tests, whose keys nobody else keeps.
pub fn make_where_missing(file: &Path) -> Result<()> {
    if !file.exists() {
        Keys::generate(Cipher::Aes256Gcm).write_new(file)?;
    }
    Ok(())
}
