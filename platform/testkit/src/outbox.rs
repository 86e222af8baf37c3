//! What a house sent to phones and mailboxes, kept for its test to read.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use model::{Recipient, RecipientKind};
use sender::{Message, SendError, Sender};

/// Keeps every message.
#[derive(Default)]
pub struct Outbox(Mutex<Vec<(Recipient, Message)>>);

impl Outbox {
    /// All that was sent, the oldest first.
    pub fn all(&self) -> Vec<(Recipient, Message)> {
        self.kept().clone()
    }

    /// What was sent last to this phone number or mail address.
    pub fn last_to(&self, address: &str) -> Option<Message> {
        self.kept().iter().rev().find(|(to, _)| to.text() == address).map(|(_, message)| message.clone())
    }

    /// How much was sent to it.
    pub fn count_to(&self, address: &str) -> usize {
        self.kept().iter().filter(|(to, _)| to.text() == address).count()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(Recipient, Message)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sender for Outbox {
    fn send<'a>(&'a self, to: &'a Recipient, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.kept().push((to.clone(), message.clone()));
        ready(Ok(())).boxed()
    }

    fn reaches(&self, _: RecipientKind) -> bool {
        true
    }

    fn shown(&self) -> String {
        "kept for the test".into()
    }
}
