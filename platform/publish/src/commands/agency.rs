//! How an agency (机构) can be reached is said anew: the pages of its sites that show it are renewed.

use model::text::is_plain_line;
use model::{Actor, Agency, AgencyId, EventKind, Key, Keys, Problem};
use serde::Serialize;
use serde_json::json;
use store::{agencies, audit, sites};

use super::site::tell;
use super::{CommandError, Result, publication, seal};
use crate::engine::Engine;

/// How an agency can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contacts {
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Mail address.
    pub email: String,
}

impl Contacts {
    /// Those of an agency.
    pub fn of(agency: &Agency) -> Self {
        let Agency { phone, address, postcode, email, .. } = agency.clone();
        Self { phone, address, postcode, email }
    }

    /// What is wrong with them, each at its field.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.phone.is_empty() {
            problems.push(Problem::at("phone", "请填写联系电话"));
        }
        for (field, what, text, most) in [
            ("phone", "联系电话", &self.phone, 40),
            ("address", "办公地址", &self.address, 100),
            ("email", "电子邮箱", &self.email, 60),
        ] {
            if text.chars().count() > most || !is_plain_line(text) {
                problems.push(Problem::at(field, format!("{what}不超过{most}字，不含特殊字符")));
            }
        }
        let is_postcode = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !self.postcode.is_empty() && !is_postcode(&self.postcode) {
            problems.push(Problem::at("postcode", "邮政编码为6位数字"));
        }
        let is_mail = |text: &str| text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !self.email.is_empty() && !is_mail(&self.email) {
            problems.push(Problem::at("email", "请填写完整的电子邮箱，例如：bgs@example.gov.cn"));
        }
        problems
    }
}

/// Puts `contacts` in the place of those whose seal is `seen`.
pub fn save(engine: &Engine, actor: &Actor, id: AgencyId, seen: &str, contacts: &Contacts) -> Result<()> {
    let problems = contacts.problems();
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let now = engine.clock.now();
    engine.store.command(|command| {
        let agency = agencies::find(command, id)?.ok_or(CommandError::NotFound)?;
        let before = Contacts::of(&agency);
        if seal(&before) != seen {
            return Err(CommandError::Stale);
        }
        if before == *contacts {
            return Ok(());
        }
        let Contacts { phone, address, postcode, email } = contacts.clone();
        agencies::save_contacts(command, &Agency { phone, address, postcode, email, ..agency.clone() })?;
        let theirs = sites::list(command)?.into_iter().filter(|site| site.agency.id == id);
        let keys: Keys = theirs.map(|site| Key::site(site.id)).collect();
        let record = audit::Record {
            action: "agency.save",
            subject: format!("agency:{id}"),
            site: None,
            before: json!(before),
            after: json!({ "name": agency.name, "contacts": contacts }),
        };
        audit::append(command, actor, record, now)?;
        publication::renew(command, actor, EventKind::SiteApplied, None, &keys, now)
    })?;
    tell(engine);
    Ok(())
}
