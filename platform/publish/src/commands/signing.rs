//! 签名密钥轮换: the keys that tokens are signed with. Whoever asks for them finds them in order: the first is made at once, the next is shown
//! before it signs, and one that nobody needs any more is gone.

use chrono::NaiveDateTime;
use model::{Actor, single_sign_on};
use oidc::SigningKey;
use serde_json::json;
use store::sealed::SIGNING_KEY;
use store::signing_keys::{self, KeptKey};
use store::{Command, audit};
use vault::{Place, Sealed};

use super::Result;
use crate::engine::Engine;

/// The keys that are shown, the one that signs first.
pub fn keys(engine: &Engine) -> Result<Vec<SigningKey>> {
    let now = engine.clock.now();
    let mut kept = engine.store.read(signing_keys::list)?;
    if is_due(&kept, now) {
        // It takes a while, and nothing waits for it.
        let new = SigningKey::generate(String::new())?.to_der()?;
        kept = engine.store.command(|command| turn(engine, command, &new, now))?;
    }
    // Newest first: the first that signs by now.
    let at = kept.iter().position(|key| key.signs_from <= now).unwrap_or_default();
    kept[..=at].rotate_right(1);
    kept.iter().map(|key| opened(engine, key)).collect()
}

fn is_due(kept: &[KeptKey], now: NaiveDateTime) -> bool {
    single_sign_on().next_key(kept.first().map(|key| key.signs_from), now).is_some() || over(kept, now).next().is_some()
}

/// Keys that nothing needs any more: the next one signed long ago.
fn over(kept: &[KeptKey], now: NaiveDateTime) -> impl Iterator<Item = i64> + '_ {
    kept.windows(2).filter(move |pair| single_sign_on().is_over(pair[0].signs_from, now)).map(|pair| pair[1].id)
}

/// Takes in the next key and forgets old ones, unless somebody else has by now.
fn turn(engine: &Engine, command: &mut Command<'_>, new: &[u8], now: NaiveDateTime) -> Result<Vec<KeptKey>> {
    let kept = signing_keys::list(command)?;
    for id in over(&kept, now).collect::<Vec<_>>() {
        signing_keys::delete(command, id)?;
    }
    if let Some(from) = single_sign_on().next_key(kept.first().map(|key| key.signs_from), now) {
        signing_keys::insert(command, from, now, |id| engine.vault.seal(place(id), new).to_string())?;
        let record = audit::Record {
            action: "signing.turn",
            subject: "signing".into(),
            site: None,
            before: json!(null),
            after: json!({ "from": from }),
        };
        audit::append(command, &Actor::platform(), record, now)?;
    }
    Ok(signing_keys::list(command)?)
}

fn opened(engine: &Engine, key: &KeptKey) -> Result<SigningKey> {
    let place = place(key.id);
    let sealed: Sealed = key.sealed.parse().map_err(|_| vault::Error::Broken(place.to_string()))?;
    let der = engine.vault.open(place, &sealed)?;
    Ok(SigningKey::of_der(key.id.to_string(), &der)?)
}

fn place(id: i64) -> Place {
    Place::new(SIGNING_KEY.name, id)
}
