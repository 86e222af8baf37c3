//! What people do to the library, one file a deed. Each is one transaction: change, event, audit entry and job together.

pub mod account;
pub mod agency;
pub mod annotation;
pub mod api_token;
pub mod application;
pub mod arrangement;
pub mod batch;
pub mod bin;
pub mod channel;
pub mod citizen;
pub mod citizen_code;
pub mod citizen_link;
pub mod citizen_oversight;
pub mod contact;
pub mod copying;
pub mod dictionary;
pub mod disuse;
pub mod draft;
pub mod expiry;
pub mod founding;
pub mod granting;
pub mod group;
pub mod hand_over;
pub mod intake;
pub mod keywords;
mod linking;
pub mod look;
pub mod media;
pub mod membership;
pub mod notice;
pub mod offer;
pub mod offer_review;
pub mod own_account;
pub mod pictures;
pub mod pin;
pub mod placement;
pub mod placing;
pub mod publication;
pub mod redirect;
pub mod refresh;
pub mod relocation;
pub mod review;
pub mod saved_view;
pub mod schedule;
pub mod second_factor;
pub mod sign_in;
pub mod signing;
pub mod site;
pub mod site_record;
pub mod site_removal;
pub mod site_state;
pub mod submission;
pub mod subscription;
pub mod takedown;
pub mod takeover;
pub mod theme;
pub mod times;
pub mod topic;
pub mod upstream;
pub mod upstream_link;
pub mod withdrawal;

pub(crate) mod keeping;
mod rights;
pub mod role;

use model::{Problem, Resource, ResourceId, Revision, RevisionId, SiteId};
use store::{Command, resources};

/// Why a command was refused.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such thing on this site.
    #[error("所请求的内容不存在")]
    NotFound,
    /// They may not do this to what it has become.
    #[error("没有此项操作权限")]
    Forbidden,
    /// A rule says no; the sentence is for the person.
    #[error("{0}")]
    Refused(String),
    /// What was written has problems, each at its field.
    #[error("填写内容有误")]
    Invalid(Vec<Problem>),
    /// Somebody else changed it in between.
    #[error("该内容刚刚被他人修改，请刷新后再操作")]
    Stale,
    /// The store of uploads could not do it.
    #[error("cannot keep or read an upload: {0}")]
    Blob(#[from] std::io::Error),
    /// What is sealed does not open.
    #[error(transparent)]
    Sealed(#[from] vault::Error),
    /// A key that signs cannot be made or read.
    #[error(transparent)]
    Signing(#[from] oidc::SigningError),
    /// The database could not do it.
    #[error(transparent)]
    Store(store::Error),
}

pub use model::Problem as FieldError;

impl From<store::Error> for CommandError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Stale => Self::Stale,
            other => Self::Store(other),
        }
    }
}

impl From<model::review::ReviewError> for CommandError {
    fn from(error: model::review::ReviewError) -> Self {
        if error == model::review::ReviewError::ReasonMissing {
            return Self::Invalid(vec![Problem::at("reason", error.to_string())]);
        }
        Self::Refused(error.to_string())
    }
}

impl CommandError {
    /// Why it could not be done, for whoever asked for it; an error of the platform itself stays one.
    pub(crate) fn sentence(self) -> Result<String> {
        match self {
            Self::Refused(sentence) => Ok(sentence),
            Self::Invalid(problems) => Ok(problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("；")),
            Self::NotFound => Ok("内容或栏目已不存在".to_owned()),
            Self::Forbidden => Ok(Self::Forbidden.to_string()),
            Self::Stale | Self::Blob(_) | Self::Sealed(_) | Self::Signing(_) | Self::Store(_) => Err(self),
        }
    }
}

/// What a command answers.
pub type Result<T> = std::result::Result<T, CommandError>;

fn refused<T>(sentence: &str) -> Result<T> {
    Err(CommandError::Refused(sentence.to_owned()))
}

fn found(command: &mut Command<'_>, site: SiteId, id: ResourceId) -> Result<Resource> {
    resources::find(command, site, id)?.ok_or(CommandError::NotFound)
}

fn revision_of(command: &mut Command<'_>, resource: &Resource, id: Option<RevisionId>) -> Result<Revision> {
    let id = id.ok_or(CommandError::NotFound)?;
    resources::find_revision(command, resource.id, id)?.ok_or(CommandError::NotFound)
}

/// Stands for what was before a person's eyes: whoever saves says which it was, and what changed in between is not written over.
pub fn seal(seen: &impl serde::Serialize) -> String {
    blake3::hash(serde_json::json!(seen).to_string().as_bytes()).to_hex().as_str()[..16].to_owned()
}

/// `resource:42`, as the audit log names it.
fn subject(id: ResourceId) -> String {
    format!("resource:{id}")
}
