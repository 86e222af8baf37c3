//! What is said of an agency (机构): how it can be reached, which its sites' pages show, and its code, as long as no index number begins with it.

use chrono::NaiveDateTime;
use config::SiteManifest;
use model::number::is_agency_code;
use model::text::is_plain_line;
use model::{Actor, Agency, AgencyId, EventKind, Key, Keys, Problem, Site};
use serde::Serialize;
use serde_json::json;
use store::{Command, agencies, audit, sites};

use super::site::{is_declared, tell};
use super::{CommandError, Result, publication, refused, seal};
use crate::engine::Engine;

/// What a code is.
const CODE: &str = "机构代码为7至18位数字或大写字母，例如：99010200X";

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
        } else if !is_phone(&self.phone) {
            problems.push(Problem::at("phone", "联系电话只含数字、空格、括号和 + - 转 、，至少5位数字，例如：0990-5559090"));
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

/// Whether this can be dialled: one number or several, with what stands between digits when they are written down.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 5 && text.chars().all(|letter| letter.is_ascii_digit() || " +-（）()、转".contains(letter))
}

/// Corrects the code of an agency that was typed wrong. `seen` is what was before whoever corrects it. An index number (索引号) is for ever,
/// and begins with the code: once one was issued, the code stays. What a folder says of it is corrected there.
pub fn correct_code(engine: &Engine, actor: &Actor, id: AgencyId, seen: &str, code: &str) -> Result<()> {
    if !is_agency_code(code) {
        return Err(CommandError::Invalid(vec![Problem::at("code", CODE)]));
    }
    let now = engine.clock.now();
    engine.store.command(|command| {
        let agency = agencies::find(command, id)?.ok_or(CommandError::NotFound)?;
        if agency.code != seen {
            return Err(CommandError::Stale);
        }
        if agency.code == code {
            return Ok(());
        }
        if let Some(other) = sites::find_agency(command, code)? {
            let name = agencies::find(command, other)?.map(|other| other.name).unwrap_or_default();
            return Err(CommandError::Invalid(vec![Problem::at("code", format!("该机构代码已被“{name}”使用"))]));
        }
        let theirs: Vec<Site> = sites::list(command)?.into_iter().filter(|site| site.agency.id == id).collect();
        if !agencies::correct_code(command, id, code)? {
            return refused("已按该机构代码生成索引号，代码不能再修改");
        }
        // Applied again, the folder would have its code again.
        if let Some(site) = theirs.iter().find(|site| is_declared(engine, &site.key)) {
            return refused(&format!("机构代码写在部署文件 sites/{}/site.toml 中，请由运维人员在该文件中修改", site.key));
        }
        let keys: Keys = theirs.iter().map(|site| Key::site(site.id)).collect();
        note_code(command, actor, &agency, code, now)?;
        publication::renew(command, actor, EventKind::SiteApplied, None, &keys, now)
    })?;
    tell(engine);
    Ok(())
}

/// What a folder says anew of an agency's code, before the folder is applied. The agency is known by its name, so that another code
/// makes no second one of it: the code is corrected under the rule of [`correct_code`]. Another name is another agency. Says what was
/// done, for the operator.
pub(super) fn follow_code(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    manifest: &SiteManifest,
    now: NaiveDateTime,
) -> Result<Option<String>> {
    let Some(known) = sites::find_by_key(command, &manifest.key)? else { return Ok(None) };
    let (agency, code) = (&known.agency, &manifest.agency.code);
    if agency.code == *code || agency.name != manifest.agency.name || sites::find_agency(command, code)?.is_some() {
        return Ok(None);
    }
    let (site, name, before) = (&manifest.key, &agency.name, &agency.code);
    for other in sites::list(command)?.into_iter().filter(|other| other.agency.id == agency.id && other.key != *site) {
        // Each would undo what the other says, at every start.
        if is_declared(engine, &other.key) && code_in_folder(engine, &other.key)? != *code {
            let other = &other.key;
            return Err(CommandError::Refused(format!(
                "site `{site}`: agency `{name}` has code {code} here and {before} in the folder of `{other}`: give both the same code"
            )));
        }
    }
    if !agencies::correct_code(command, agency.id, code)? {
        return Err(CommandError::Refused(format!(
            "site `{site}`: agency `{name}` keeps its code {before}, because index numbers (索引号) were issued with it: put {before} \
             back into site.toml"
        )));
    }
    note_code(command, actor, agency, code, now)?;
    Ok(Some(format!("agency `{name}`: code {before} corrected to {code}")))
}

fn code_in_folder(engine: &Engine, key: &str) -> Result<String> {
    let manifest =
        SiteManifest::load(&engine.settings.sites.join(key)).map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(manifest.agency.code)
}

fn note_code(command: &mut Command<'_>, actor: &Actor, agency: &Agency, code: &str, now: NaiveDateTime) -> Result<()> {
    let record = audit::Record {
        action: "agency.code",
        subject: format!("agency:{}", agency.id),
        site: None,
        before: json!({ "code": agency.code }),
        after: json!({ "name": agency.name, "code": code }),
    };
    Ok(audit::append(command, actor, record, now)?)
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
