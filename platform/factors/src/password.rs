//! Passwords: how they are generated, judged and hashed (Argon2id). What makes one good is the rules' to say.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use model::sign_in::PasswordRule;
use rand::seq::IndexedRandom;
use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// Longer input is not hashed at all.
const MOST: usize = 256;

/// Passwords judged at once: each takes a core and 19 MiB, so more would only take longer together and starve everybody else.
static SEATS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, std::num::NonZero::get)));

/// What speaks against a password somebody wants to use, by the rules and by what is hashed at all. The sentence is for them.
pub fn password_weakness(password: &str, rule: PasswordRule) -> Option<String> {
    let too_long = (password.chars().count() > MOST).then(|| format!("密码不超过{MOST}个字符"));
    too_long.or_else(|| rule.weakness(password))
}

/// A password for somebody else: sixteen characters that are not mistaken for each other, from every class.
pub fn generate_password() -> String {
    const CLASSES: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"-+=@"];
    let mut random = rand::rng();
    let classes = (0..16).map(|place| CLASSES[if place < 12 { place % 3 } else { place % 4 }]);
    classes.filter_map(|class| class.choose(&mut random)).map(|byte| char::from(*byte)).collect()
}

/// The Argon2id hash of a password as a PHC string. Slow on purpose: never on a thread that answers requests.
pub fn hash_password(password: &str) -> Result<String, String> {
    let hash = hasher()?.hash_password(password.as_bytes()).map_err(|error| format!("the password cannot be hashed: {error}"))?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`, found out when it is its turn, away from the threads that answer requests.
pub async fn judge_password(password: String, hash: Option<String>) -> Result<bool, JoinError> {
    // None only when it is closed, which nobody does. The seat is held until the work is done, even if nobody waits any more.
    let seat = SEATS.acquire().await.ok();
    tokio::task::spawn_blocking(move || {
        let _seat = seat;
        verify(&password, hash.as_deref())
    })
    .await
}

/// Whether `password` is the one behind `hash`. Without an account the same work is done and the answer is no, so that the
/// time taken does not tell whether there is one.
fn verify(password: &str, hash: Option<&str>) -> bool {
    if password.len() > MOST * 4 {
        return false;
    }
    if let (Some(Ok(hash)), Ok(hasher)) = (hash.map(PasswordHash::new), hasher()) {
        return hasher.verify_password(password.as_bytes(), &hash).is_ok();
    }
    let _ = hash_password(password);
    false
}

/// 19 MiB, two passes, one lane: what OWASP's password storage cheat sheet asks for.
fn hasher() -> Result<Argon2<'static>, String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_hashed_is_not_taken() {
        assert!(
            password_weakness(&"Aa1#".repeat(100), model::sign_in_policy().everybody.password())
                .unwrap()
                .contains("不超过256个字符")
        );
    }

    #[test]
    fn a_generated_password_keeps_the_rules_and_is_another_each_time() {
        let password = generate_password();
        assert_eq!(password_weakness(&password, model::sign_in_policy().officers.password()), None, "{password}");
        assert_ne!(password, generate_password());
    }

    #[test]
    fn a_hash_is_argon2id_and_salted_and_only_its_password_passes() {
        let hash = hash_password("Correct-Horse-1").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hash_password("Correct-Horse-1").unwrap());
        assert!(verify("Correct-Horse-1", Some(&hash)));
        assert!(!verify("correct-horse-1", Some(&hash)));
        assert!(!verify("Correct-Horse-1", None));
        assert!(!verify("Correct-Horse-1", Some("not a hash")));
    }

    #[tokio::test]
    async fn passwords_wait_for_their_turn() {
        let all = u32::try_from(SEATS.available_permits()).unwrap();
        let taken = SEATS.acquire_many(all).await.unwrap();
        let mut judged = tokio::spawn(judge_password("Correct-Horse-1".into(), None));
        let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut judged).await;
        assert!(early.is_err(), "every seat is taken");
        drop(taken);
        assert!(!judged.await.unwrap().unwrap());
    }
}
