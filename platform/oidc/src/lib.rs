//! OpenID Connect: the rules of the protocol by which people sign in to other systems through us, and to us through services above
//! (`relying`). No I/O: what is registered and what was given out comes from elsewhere.
//!
//! Code flow with PKCE alone (RFC 7636, S256): nothing else is answered, so nothing weaker can be asked for.

mod asking;
mod proving;
pub mod relying;
mod signing;
mod telling;

pub use crate::asking::{Asked, Asking, Prompt, Refusal, Scope, Told};
pub use crate::proving::{Credentials, Redeeming, TokenRefusal};
pub use crate::signing::{SigningError, SigningKey};
pub use crate::telling::{Endpoints, Identity, Sitting, audience_of, discovery, id_token, key_set, subject_of, user_info};
