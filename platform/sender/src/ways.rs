//! Which way a message goes: mail by the mail server where there is one, everything else by the gateway.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::gateway::Gateway;
use crate::mail::MailServer;
use crate::{Message, SendError, Sender};
use model::{Recipient, RecipientKind};

/// What the settings name; by default nothing, and nobody is reached.
#[derive(Default)]
pub struct Ways {
    pub(crate) gateway: Option<Gateway>,
    pub(crate) mail: Option<MailServer>,
}

impl Ways {
    async fn send(&self, to: &Recipient, message: &Message) -> Result<(), SendError> {
        let sent = match (to, &self.mail, &self.gateway) {
            (Recipient::Mail(address), Some(server), _) => server.send(address, message).await,
            (_, _, Some(gateway)) => gateway.send(to, message).await,
            (_, _, None) => return Err(SendError::Unset(to.kind())),
        };
        sent.map_err(|reason| SendError::Failed(to.kind(), reason))
    }
}

impl Sender for Ways {
    fn send<'a>(&'a self, to: &'a Recipient, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.send(to, message).boxed()
    }

    fn reaches(&self, kind: RecipientKind) -> bool {
        self.gateway.is_some() || (kind == RecipientKind::Mail && self.mail.is_some())
    }

    fn shown(&self) -> String {
        let gateway = self.gateway.as_ref().map(|gateway| format!("the gateway at {}", gateway.host()));
        let mail = self.mail.as_ref().map(|server| format!("mail by {}", server.host()));
        match (gateway, mail) {
            (None, None) => "nobody can be reached, so nobody can register or sign in by a code: set `gateway` or `mail_server` under `[sender]`".into(),
            (Some(gateway), None) => gateway,
            (None, Some(mail)) => format!("{mail}; no phone can be reached"),
            (Some(gateway), Some(mail)) => format!("{gateway}, {mail}"),
        }
    }
}
