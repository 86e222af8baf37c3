//! 审计日志核验: the chain of the audit log is walked over every night and on demand, and compared with every head that was met before.
//! What was found is noted, told in the log of the process, and an alarm where it is not as it should be.
//!
//! What this can catch: an entry that was changed, taken out or put in; a tail that was cut off or a chain that was sealed anew, as far
//! back as a head was noted. What it cannot: what is done to entries since the last head was noted; and whoever rewrites the notes along
//! with the chain, unless a head is compared that was kept elsewhere (`tongyuan audit verify --head`).

use chrono::{Days, NaiveDateTime, NaiveTime};
use model::{FaultKind, from_local, local};
use store::audit::{self, Chain, Head};
use store::audit_verifications::{self, Verification};
use store::{Connection, alarms};

use crate::Engine;

/// What an alarm about the log names.
const NAME: &str = "audit_entries";

/// Alarms looked through for those about the log.
const ALARMS: i64 = 1_000;

/// Walks over the log and notes what was found; `known` are heads that were kept elsewhere.
pub fn verify(engine: &Engine, known: &[Head]) -> store::Result<Verification> {
    let (chain, head) = {
        let mut snapshot = engine.store.snapshot()?;
        let connection = snapshot.connection();
        let mut noted = audit_verifications::heads(connection)?;
        noted.extend_from_slice(known);
        audit::verify_against(connection, &noted)?
    };
    let found = Verification { at: engine.clock.now(), head, chain };
    let is_new = engine.store.write(|connection| {
        audit_verifications::insert(connection, &found)?;
        tell(connection, &found)
    })?;
    // The head is told here because whoever can write to the database cannot write to the log of the process.
    let (number, hash) = (found.head.number, &found.head.hash);
    match found.chain {
        Chain::Intact(_) => tracing::info!(number, hash, "the audit log is whole up to this entry"),
        Chain::Broken(at) => {
            tracing::error!(number, hash, at, is_new, "the audit log was tampered with: see 网页防篡改 in the console");
        }
    }
    Ok(found)
}

/// Whether the walk of the last night is still to be made: `hour` is on the wall in Beijing. Before there was anything to walk over at
/// that hour, none is.
pub(crate) fn is_due(connection: &mut Connection, hour: u32, now: NaiveDateTime) -> store::Result<bool> {
    let night = last_night(hour, now);
    if let Some(last) = audit_verifications::find_last(connection)? {
        return Ok(last.at < night);
    }
    let older = audit::Filter { until: Some(night), ..audit::Filter::default() };
    Ok(!audit::find_matching(connection, None, &older, None, 1)?.is_empty())
}

/// The hour of the night that was the last to pass.
pub(crate) fn last_night(hour: u32, now: NaiveDateTime) -> NaiveDateTime {
    let today = local(now).date_naive();
    let at = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let night = from_local(today.and_time(at));
    if night <= now { night } else { night.checked_sub_days(Days::new(1)).unwrap_or(night) }
}

/// Raises an alarm, or notes that what one was about is right again; says whether an alarm is new.
fn tell(connection: &mut Connection, found: &Verification) -> store::Result<bool> {
    if let Chain::Broken(_) = found.chain {
        let alarm = alarms::NewAlarm { site: None, name: NAME, kind: FaultKind::Log, expected: None, found: None, kept: None };
        return alarms::raise(connection, &alarm, found.at);
    }
    let open = alarms::list_all_unrestored(connection, ALARMS)?;
    for alarm in open.iter().filter(|alarm| alarm.kind == FaultKind::Log) {
        alarms::note_restored(connection, alarm.id, found.at)?;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_over_when_its_hour_has_struck_in_beijing() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(last_night(2, at("2026-03-05T17:59:59")), at("2026-03-04T18:00:00"));
        assert_eq!(last_night(2, at("2026-03-05T18:00:00")), at("2026-03-05T18:00:00"));
        assert_eq!(last_night(2, at("2026-03-06T01:00:00")), at("2026-03-05T18:00:00"));
    }
}
