//! 长期未使用的账号: one that nobody has used for as long as the rules say is locked by the platform itself, until security lets its person
//! in again (GB/T 22239-2019 8.1.4.2 c: what is needed no more is taken away or stopped in time).

use model::{AccountState, Actor, sign_in_policy};
use serde_json::json;
use store::{audit, begun_sign_ins, people, roles};

use super::Result;
use super::account::{orphaned_without, subject};
use crate::engine::Engine;

/// What security does for somebody to come in again: from then on their days are counted anew.
const LET_IN: [&str; 2] = ["user.unlock", "user.activate"];

/// Locks every account that has been unused for too long; says how many. Whoever alone runs the platform, manages
/// its people or administers a site is left: there might be nobody to let them in.
pub fn lock_unused(engine: &Engine) -> Result<usize> {
    let now = engine.clock.now();
    let since = sign_in_policy().disuse.since(now);
    engine.store.command(|command| {
        let (roles, mut locked) = (roles::all(command)?, 0);
        for account in people::list_unused_since(command, since)? {
            let was_let_in = audit::happened(command, &LET_IN, &subject(account.id), since)?;
            if was_let_in || !orphaned_without(command, &account, &roles)?.is_empty() {
                continue;
            }
            people::set_state(command, account.id, AccountState::Locked)?;
            begun_sign_ins::delete_of(command, account.id)?;
            let record = audit::Record {
                action: "user.disuse",
                subject: subject(account.id),
                site: None,
                before: json!({ "state": account.decided }),
                after: json!({ "state": AccountState::Locked, "username": account.username, "days": sign_in_policy().disuse.days }),
            };
            audit::append(command, &Actor::platform(), record, now)?;
            locked += 1;
        }
        Ok(locked)
    })
}
