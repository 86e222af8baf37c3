//! What people prove with who they are: how passwords, codes of an app, passkeys and recovery codes are made and judged. No I/O: what was
//! used up before, and whose is what, is for the database to say.

mod app;
mod passkey;
mod password;
mod recovery;

pub use app::{AppSecret, step_at, typed_code};
pub use passkey::{Asked, Owner, PasskeyError, Passkeys};
pub use password::{generate_password, hash_password, judge_password, password_weakness};
pub use recovery::{generate_codes, hash_code};
