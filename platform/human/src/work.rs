//! Work for a script: ALTCHA's proof of work (version 2) with SHA-256. The number that is looked for lies between two, so nobody is unlucky
//! for long; there are no means in it that a page without HTTPS would lack.

use std::collections::BTreeMap;

use altcha::{Challenge, CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime};
use rand::RngExt;

use crate::Used;

/// Letters of the longest answer.
const LONGEST: usize = 4_000;

/// The crate's own expiry asks the machine for the time: ours is among the data, which is signed as well.
pub(crate) fn challenge(secret: &str, purpose: &str, until: NaiveDateTime) -> Challenge {
    let rule = model::human_check().work;
    let data = [("purpose", purpose.into()), ("until", until.and_utc().timestamp().into())];
    create_challenge(CreateChallengeOptions {
        algorithm: "SHA-256".into(),
        cost: rule.rounds,
        counter: Some(rand::rng().random_range(rule.least..=rule.most)),
        data: Some(BTreeMap::from(data.map(|(name, value)| (name.to_owned(), value)))),
        hmac_signature_secret: Some(secret.to_owned()),
        ..CreateChallengeOptions::default()
    })
    .expect("the parameters are valid, a test makes some")
}

/// What was answered, what for, and whether rightly; none where it is no answer to anything of ours.
pub(crate) fn judge(secret: &str, work: &str) -> Option<(Used, String, bool)> {
    let json = STANDARD.decode(Some(work).filter(|work| work.len() <= LONGEST)?).ok()?;
    let Payload { challenge, solution } = serde_json::from_slice(&json).ok()?;
    let result = verify_solution(VerifySolutionOptions::new(&challenge, &solution, secret)).ok()?;
    if result.invalid_signature != Some(false) {
        return None;
    }
    let data = challenge.parameters.data.unwrap_or_default();
    let until = DateTime::from_timestamp(data.get("until")?.as_i64()?, 0)?.naive_utc();
    Some((Used { id: challenge.parameters.nonce, until }, data.get("purpose")?.as_str()?.to_owned(), result.verified))
}
