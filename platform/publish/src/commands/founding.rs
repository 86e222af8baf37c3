//! 建站: a new site from a template, with the people who will work on it, all at once or not at all.

pub use config::SiteTemplate;
use config::{SiteManifest, is_free_key};
use std::collections::BTreeSet;

use model::number::is_agency_code;
use model::person::parts;
use model::{Actor, Agency, AgencyId, Grant, Ground, Problem, Role, SiteId, User};
use serde_json::json;
use store::{Command, audit, groups, people, roles, sites};

use super::agency::Contacts;
use super::site::{declare, read_files, tell};
use super::site_record::Record;
use super::{CommandError, Result, site_state};
use crate::engine::Engine;

/// What is known of a site that is to be (regulations.md §1.1–1.4).
#[derive(Clone, Debug, Default)]
pub struct NewSite {
    /// Short name in addresses.
    pub key: String,
    /// What is recorded of it.
    pub record: Record,
    /// 主办单位: organisation code, full name, telephone, address, postcode, mail address.
    pub agency: [String; 6],
    /// Name of the template.
    pub template: String,
    /// Usernames, by what they become.
    pub administrators: Vec<String>,
    /// See above.
    pub editors: Vec<String>,
    /// See above.
    pub reviewers: Vec<String>,
}

/// Everything that is wrong with it, each at its field.
pub fn problems(engine: &Engine, new: &NewSite) -> Result<Vec<Problem>> {
    let mut problems = of_values(new);
    let reviewers = engine.store.read(|connection| distinct(connection, &new.reviewers))?;
    match template(engine, &new.template)? {
        None => problems.push(Problem::at("template", "请选择站点模板")),
        Some(template) if reviewers.len() < template.workflow.steps.len() => {
            let steps = template.workflow.steps.len();
            problems.push(Problem::at("reviewers", format!("每篇稿件须经{steps}人先后审核，请至少填写{steps}名审核员")));
        }
        Some(template) => {
            let groups = engine.store.read(|connection| groups::list(connection, None))?;
            let is_missing = |name: &&String| !groups.iter().any(|group| group.content.name == **name);
            if let Some(name) = template.groups().find(is_missing) {
                let told = format!("该模板的审核环节须由全平台的工作组“{name}”审核，请先新建该工作组");
                problems.push(Problem::at("template", told));
            }
        }
    }
    problems.extend(engine.store.read(|connection| taken(connection, new))?);
    let known = engine.store.read(roles::all)?;
    for (field, names) in [("administrators", &new.administrators), ("editors", &new.editors), ("reviewers", &new.reviewers)] {
        for name in names {
            let found = engine.store.read(|connection| accounts(connection, name))?;
            match found.as_slice() {
                [] => {
                    let told = format!("没有用户名或姓名为“{name}”的账号；还没有账号的，由安全管理员新建，建站后也可添加");
                    problems.push(Problem::at(field, told));
                }
                [(_, grants)] if known.conflict(grants.iter().map(|grant| grant.role).chain([Role::EDITOR])).is_some() => {
                    problems.push(Problem::at(field, format!("“{name}”是安全管理员或审计管理员，不能兼任其他角色")));
                }
                [_] => {}
                several => {
                    let names: Vec<&str> = several.iter().map(|(user, _)| user.username.as_str()).collect();
                    let told = format!("有 {} 位“{name}”，请填写其中一位的用户名：{}", several.len(), names.join("、"));
                    problems.push(Problem::at(field, told));
                }
            }
        }
    }
    Ok(problems)
}

/// Makes the site, which the public does not see until it is opened. Its pages are rendered by the workers.
pub fn found(engine: &Engine, actor: &Actor, new: &NewSite) -> Result<SiteId> {
    let problems = problems(engine, new)?;
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let template = template(engine, &new.template)?.ok_or(CommandError::NotFound)?;
    let manifest = manifest(new, template);
    manifest.check(None).map_err(CommandError::Refused)?;
    let files = read_files(engine, &manifest)?;
    let now = engine.clock.now();
    let site = engine.store.command(|command| {
        // Somebody else may have been quicker.
        let taken = taken(command, new)?;
        if !taken.is_empty() {
            return Err(CommandError::Invalid(taken));
        }
        let (site, _) = declare(command, actor, &manifest, &files, now)?;
        site_state::begin(command, actor, site, now)?;
        let named = appoint(command, new, site)?;
        let record = audit::Record {
            action: "site.found",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(null),
            after: json!({ "key": new.key, "name": new.record.name, "template": new.template, "people": named }),
        };
        audit::append(command, actor, record, now)?;
        Ok(site)
    })?;
    tell(engine);
    Ok(site)
}

fn template(engine: &Engine, key: &str) -> Result<Option<SiteTemplate>> {
    let templates = templates(engine)?;
    Ok(templates.into_iter().find(|template| template.key == key))
}

/// What a site can be made from.
pub fn templates(engine: &Engine) -> Result<Vec<SiteTemplate>> {
    SiteTemplate::list(&engine.settings.sites).map_err(|error| CommandError::Refused(error.to_string()))
}

fn of_values(new: &NewSite) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut must = |field, name: &str, value: &str, most: usize| {
        let count = value.chars().count();
        if count == 0 {
            problems.push(Problem::at(field, format!("请填写{name}")));
        } else if count > most {
            problems.push(Problem::at(field, format!("{name}不超过{most}字")));
        }
    };
    must("agency_name", "单位名称", &new.agency[1], 60);
    must("agency_code", "机构代码", &new.agency[0], 30);
    must("key", "站点标识", &new.key, 30);
    let [code, _, phone, address, postcode, email] = new.agency.clone();
    if !code.is_empty() && !is_agency_code(&code) {
        let told = "机构代码为7至18位数字或大写字母，例如：99010200X；它是索引号的第一部分，生成索引号后不能修改";
        problems.push(Problem::at("agency_code", told));
    }
    let contacts = Contacts { phone, address, postcode, email }.problems();
    problems.extend(contacts.into_iter().map(|problem| Problem { field: of_agency(problem.field), ..problem }));
    if !new.key.is_empty() && !is_free_key(&new.key) {
        problems.push(Problem::at("key", "站点标识只能用小写字母、数字和连字符，不超过30个字符，且不是系统保留的名称"));
    }
    problems.extend(new.record.problems());
    problems
}

/// The field of the wizard that is about this of the agency.
fn of_agency(field: &str) -> &'static str {
    match field {
        "phone" => "agency_phone",
        "address" => "agency_address",
        "postcode" => "agency_postcode",
        _ => "agency_email",
    }
}

/// What another site already holds.
fn taken(connection: &mut store::Connection, new: &NewSite) -> store::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for site in sites::list(connection)? {
        let mut is_taken = |field, is_same: bool, what: &str| {
            if is_same {
                problems.push(Problem::at(field, format!("{what}已被“{}”使用", site.name)));
            }
        };
        is_taken("key", site.key == new.key, "该站点标识");
        if site.agency.code == new.agency[0] {
            let told = format!("该单位已主办“{}”，一个单位原则上最多开设一个网站", site.name);
            problems.push(Problem::at("agency_code", told));
        }
    }
    problems.extend(new.record.taken(connection, None)?);
    Ok(problems)
}

fn manifest(new: &NewSite, template: SiteTemplate) -> SiteManifest {
    let [code, name, phone, address, postcode, email] = new.agency.clone();
    let Record { name: full, short_name, domain, hosts: _, site_code, icp_number, police_number, conac_url } = new.record.clone();
    let channels = template.channels_of(&full, &short_name);
    SiteManifest {
        key: new.key.clone(),
        name: full,
        short_name,
        domain,
        hosts: new.record.answers_to(),
        site_code,
        icp_number,
        police_number,
        conac_url,
        theme: template.theme,
        agency: Agency { id: AgencyId(0), code, name, phone, address, postcode, email },
        settings: template.settings,
        media: config::SiteMedia::default(),
        workflow: template.workflow,
        channels,
        subscriptions: Vec::new(),
        home: None,
    }
}

/// The account that is told by its name and username, or with this username, or else all whose person is called so; each with what it
/// holds.
fn accounts(connection: &mut store::Connection, text: &str) -> store::Result<Vec<(User, Vec<Grant>)>> {
    let (name, username) = parts(text).unwrap_or((text, text));
    let found = match people::find_by_username(connection, username)? {
        Some(account) => Vec::from_iter((name == username || account.display_name == name).then_some(account)),
        None => people::list_called(connection, text)?,
    };
    // Whoever may not sign in reviews nothing.
    let found = found.into_iter().filter(User::is_active);
    let with_grants = |user: User| {
        let grants = people::list_grants(connection, user.id)?;
        Ok((user, grants))
    };
    found.map(with_grants).collect()
}

/// The people whom these names mean, each once; a name that means nobody yet counts as one of its own.
fn distinct(connection: &mut store::Connection, names: &[String]) -> store::Result<BTreeSet<String>> {
    names.iter().map(|name| Ok(account(connection, name)?.map_or_else(|| name.clone(), |user| user.username))).collect()
}

/// The people whom these names mean, each with the username that makes them certain.
pub fn told(connection: &mut store::Connection, names: &[String]) -> store::Result<Vec<String>> {
    let one = |name: &String| {
        let user = account(connection, name)?;
        Ok(user.map_or_else(|| name.clone(), |user| model::person::told(&user.display_name, &user.username)))
    };
    names.iter().map(one).collect()
}

/// The one account that a name means.
fn account(connection: &mut store::Connection, name: &str) -> store::Result<Option<User>> {
    let found = accounts(connection, name)?;
    Ok(if let [(user, _)] = found.as_slice() { Some(user.clone()) } else { None })
}

/// Gives the people named what they are to be on the site.
fn appoint(command: &mut Command<'_>, new: &NewSite, site: SiteId) -> Result<Vec<String>> {
    let (mut named, known) = (Vec::new(), roles::all(command)?);
    for (role, names) in
        [(Role::ADMINISTRATOR, &new.administrators), (Role::EDITOR, &new.editors), (Role::REVIEWER, &new.reviewers)]
    {
        let name_of = known.find(role).map(|role| role.name.clone()).unwrap_or_default();
        for name in names {
            let user = account(command, name)?.ok_or(CommandError::NotFound)?;
            let told = format!("{}：{}", user.username, name_of);
            // Somebody may have been named twice, by their name and by their username.
            if !named.contains(&told) {
                people::grant(command, user.id, Grant::lasting(role, Ground::Site(site)))?;
                named.push(told);
            }
        }
    }
    Ok(named)
}
