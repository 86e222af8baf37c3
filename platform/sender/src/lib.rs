//! 短信与邮件: how a message reaches somebody's phone or mailbox. Who it is for and how often is for the caller to judge; every message
//! costs money or patience.
//!
//! [`open`] makes of the settings what sends: a gateway of the operator's, a mail server, or the log, in development. Where none is set,
//! nobody can be reached, and says so.

mod gateway;
mod log;
mod mail;
mod message;
mod secret;
mod ways;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use log::Log;
pub use message::Message;
pub use ways::Ways;

use model::{Recipient, RecipientKind};

use gateway::Gateway;
use mail::MailServer;

/// Whatever sends messages. Nothing is tried twice: whoever waits for a message asks again.
pub trait Sender: Send + Sync {
    /// Sends one message and resolves when somebody has taken it on.
    fn send<'a>(&'a self, to: &'a Recipient, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>>;

    /// Whether anybody can be reached by these means, so that what cannot work need not be offered.
    fn reaches(&self, kind: RecipientKind) -> bool;

    /// By what, for the operator: one line without secrets.
    fn shown(&self) -> String;
}

/// Why a message was not sent: a sentence for the operator, which names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The settings name nothing that could.
    #[error("no message can be sent by {0}: set {need} under `[sender]`", need = need(*.0))]
    Unset(RecipientKind),
    /// Whoever was to take it did not.
    #[error("a message by {0} was not sent: {1}")]
    Failed(RecipientKind, String),
}

fn need(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Phone => "`gateway`",
        RecipientKind::Mail => "`mail_server` or `gateway`",
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A value makes no sense.
    #[error("settings: {0}")]
    Nonsense(String),
    /// A secret cannot be read.
    #[error("cannot read the secret at {0}: {1}")]
    Unreadable(std::path::PathBuf, std::io::Error),
    /// Anybody on the machine may read it.
    #[error("everybody on this machine may read the secret at {0}: `chmod 600` it")]
    Open(std::path::PathBuf),
}

/// Makes what sends of the settings.
pub fn open(settings: &config::Sender) -> Result<Arc<dyn Sender>, SetupError> {
    if settings.log {
        return Ok(Arc::new(Log));
    }
    let token = || secret::read(&settings.token, settings.token_file.as_deref());
    let password = || secret::read(&settings.mail_password, settings.mail_password_file.as_deref());
    let gateway = settings.gateway.as_deref().map(|address| Gateway::new(address, token()?)).transpose()?;
    let server = settings.mail_server.as_deref();
    let mail =
        server.map(|address| MailServer::new(address, &settings.mail_from, &settings.mail_user, password()?)).transpose()?;
    Ok(Arc::new(Ways { gateway, mail }))
}
