//! Names of the people a screen mentions, found at once.

use std::collections::HashMap;

use model::UserId;
use store::{Connection, people};

/// Names by account.
pub(crate) struct Names(HashMap<UserId, String>);

impl Names {
    pub(crate) fn find(connection: &mut Connection, ids: impl IntoIterator<Item = UserId>) -> store::Result<Self> {
        let ids: Vec<UserId> = ids.into_iter().filter(|id| id.0 != 0).collect();
        Ok(Self(people::names(connection, &ids)?))
    }

    /// The name of an account; what no account did, the platform did.
    pub(crate) fn of(&self, id: UserId) -> String {
        match self.0.get(&id) {
            Some(name) => name.clone(),
            None if id.0 == 0 => "平台".to_owned(),
            None => format!("账号{id}"),
        }
    }
}
