//! 密钥轮换: what older keys sealed is sealed anew with the current one, batch by batch. Whatever kills it, what is done is done, and
//! running it again goes on with the rest.

use model::Actor;
use serde_json::json;
use store::sealed::{self, COLUMNS, Column};
use store::{Connection, audit};
use vault::{Error, Place, Sealed, Vault};

use crate::Engine;

/// Values sealed anew in one transaction.
const BATCH: i64 = 200;

/// What a rotation did.
#[derive(Debug, Default)]
pub struct Rotation {
    /// How many values were sealed anew.
    pub renewed: usize,
    /// Those that could not be opened, in a sentence each.
    pub broken: Vec<String>,
}

/// Something sealed in a row of a column.
struct Value {
    row: i64,
    text: String,
}

/// Seals everything anew that was not sealed with the current key; `tell` hears how many of how many are done.
pub fn rotate(engine: &Engine, actor: &Actor, tell: &mut dyn FnMut(usize, usize)) -> store::Result<Rotation> {
    let (version, current) = engine.vault.current();
    let total = engine.store.read(|connection| {
        let others = |column: &Column| -> store::Result<i64> {
            Ok(sealed::count_all(connection, column)? - sealed::count(connection, column, &current)?)
        };
        COLUMNS.iter().map(others).sum::<store::Result<i64>>()
    })?;
    let total = usize::try_from(total).unwrap_or_default();
    let mut rotation = Rotation::default();
    for column in COLUMNS {
        let mut after = i64::MIN;
        loop {
            let batch = engine.store.read(|connection| sealed::list_others(connection, column, &current, after, BATCH))?;
            let Some((last, _)) = batch.last() else { break };
            after = *last;
            let batch = batch.into_iter().map(|(row, text)| Value { row, text }).collect();
            renew(engine, column, batch, &mut rotation)?;
            tell(rotation.renewed + rotation.broken.len(), total);
        }
    }
    if rotation.renewed > 0 {
        let after = json!({ "count": rotation.renewed, "key": version });
        note(engine, actor, "keys.rotate", after)?;
    }
    Ok(rotation)
}

/// Notes what was done with the keys.
pub fn note(engine: &Engine, actor: &Actor, action: &str, after: serde_json::Value) -> store::Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let record = audit::Record { action, subject: "keys".into(), site: None, before: json!(null), after };
        audit::append(command, actor, record, now)
    })
}

/// How many values are sealed with each of the keys, the oldest key first.
pub fn usage(engine: &Engine) -> store::Result<Vec<(u32, i64)>> {
    let versions = engine.vault.versions();
    engine.store.read(|connection| {
        let used = |version: u32| Ok((version, count(connection, &format!("{version}."))?));
        versions.into_iter().map(used).collect()
    })
}

/// What is wrong with the keys: values that none of them, or another key of the same number, has sealed. One of each kind is opened.
pub fn faults(engine: &Engine) -> store::Result<Vec<String>> {
    let usage = usage(engine)?;
    let (all, known) = (engine.store.read(|connection| count(connection, ""))?, usage.iter().map(|(_, number)| number).sum());
    let mut faults = Vec::new();
    if all > known {
        let lost = all - known;
        faults
            .push(format!("{lost} values are sealed with keys that are not among the keys: bring back the file that holds them"));
    }
    for column in COLUMNS {
        for (version, _) in &usage {
            let beginning = format!("{version}.");
            let found = engine.store.read(|connection| sealed::find_one(connection, column, &beginning))?;
            if let Some(Err(error)) = found.map(|(row, text)| open(&engine.vault, column, &Value { row, text })) {
                faults.push(format!("{error}; if nothing else opens either, these are the keys of another platform"));
            }
        }
    }
    Ok(faults)
}

fn count(connection: &mut Connection, beginning: &str) -> store::Result<i64> {
    COLUMNS.iter().map(|column| sealed::count(connection, column, beginning)).sum()
}

/// One batch in one transaction. What somebody changed since it was read is sealed with the current key already.
fn renew(engine: &Engine, column: &Column, batch: Vec<Value>, rotation: &mut Rotation) -> store::Result<()> {
    let mut renewed = Vec::new();
    for value in batch {
        match renewed_one(&engine.vault, column, &value) {
            Ok((sealed, mark)) => renewed.push((value, sealed, mark)),
            Err(error) => rotation.broken.push(error.to_string()),
        }
    }
    engine.store.write(|connection| {
        for (value, sealed, mark) in &renewed {
            sealed::replace(connection, column, value.row, (&value.text, &sealed.to_string()), mark.as_deref())?;
        }
        Ok::<_, store::Error>(())
    })?;
    rotation.renewed += renewed.len();
    Ok(())
}

fn renewed_one(vault: &Vault, column: &Column, value: &Value) -> Result<(Sealed, Option<String>), Error> {
    let plain = open(vault, column, value)?;
    let place = Place::new(column.name, value.row);
    // Should a key be added in between, the mark has the newer one, and the next rotation looks at the value.
    let sealed = vault.seal(place, &plain);
    let mark = match column.mark {
        Some(_) => {
            let text = std::str::from_utf8(&plain).map_err(|_| Error::Broken(place.to_string()))?;
            Some(vault.mark(column.name, text))
        }
        None => None,
    };
    Ok((sealed, mark))
}

fn open(vault: &Vault, column: &Column, value: &Value) -> Result<Vec<u8>, Error> {
    let place = Place::new(column.name, value.row);
    let sealed: Sealed = value.text.parse().map_err(|_| Error::Broken(place.to_string()))?;
    vault.open(place, &sealed)
}
