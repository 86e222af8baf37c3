//! 建站: a new site from a template, with the people who will work on it, all at once or not at all.

pub use config::SiteTemplate;
use config::{SiteManifest, is_free_key};
use model::site::is_site_code;
use model::{Actor, Agency, AgencyId, Grant, Problem, Role, SiteId, UserId};
use serde_json::json;
use store::{Command, audit, people, sites};

use super::site::{declare, read_files, tell};
use super::{CommandError, Result, site_state};
use crate::engine::Engine;

/// What is known of a site that is to be (regulations.md §1.1–1.4).
#[derive(Clone, Debug, Default)]
pub struct NewSite {
    /// Short name in addresses.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Name among its siblings.
    pub short_name: String,
    /// Primary domain.
    pub domain: String,
    /// Further hosts.
    pub hosts: Vec<String>,
    /// 政府网站标识码
    pub site_code: String,
    /// ICP备案编号
    pub icp_number: String,
    /// 公安机关备案号
    pub police_number: String,
    /// 党政机关网站标识
    pub conac_url: String,
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
    match template(engine, &new.template)? {
        None => problems.push(Problem::at("template", "请选择站点模板")),
        Some(template) if new.reviewers.len() < template.workflow.steps.len() => {
            let steps = template.workflow.steps.len();
            problems.push(Problem::at("reviewers", format!("每篇稿件须经{steps}人先后审核，请至少填写{steps}名审核员")));
        }
        Some(_) => {}
    }
    problems.extend(engine.store.read(|connection| taken(connection, new))?);
    for (field, names) in [("administrators", &new.administrators), ("editors", &new.editors), ("reviewers", &new.reviewers)] {
        for name in names {
            match engine.store.read(|connection| find_account(connection, name))? {
                None => problems.push(Problem::at(field, format!("没有账号“{name}”"))),
                Some(grants) if grants.iter().any(|grant| grant.role == Role::Auditor) => {
                    problems.push(Problem::at(field, format!("“{name}”是审计员，不能兼任其他角色")));
                }
                Some(_) => {}
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
            after: json!({ "key": new.key, "name": new.name, "template": new.template, "people": named }),
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
    must("name", "网站全称", &new.name, 60);
    must("short_name", "网站简称", &new.short_name, 20);
    must("agency_name", "主办单位", &new.agency[1], 60);
    must("agency_code", "机构代码", &new.agency[0], 30);
    must("agency_phone", "联系电话", &new.agency[2], 40);
    must("icp_number", "ICP备案编号", &new.icp_number, 60);
    must("police_number", "公安机关备案号", &new.police_number, 60);
    if !is_free_key(&new.key) || new.key.len() > 30 {
        problems.push(Problem::at("key", "站点标识只能用小写字母、数字和连字符，不超过30个字符，且不是系统保留的名称"));
    }
    if !is_site_code(&new.site_code) {
        problems.push(Problem::at("site_code", "政府网站标识码应为10位数字，或bm加8位数字"));
    }
    if !is_government_domain(&new.domain) {
        problems.push(Problem::at("domain", "域名应以 .gov.cn 或 .政务 结尾，不含 http:// 和路径"));
    }
    for host in new.hosts.iter().filter(|host| !is_host(host)) {
        problems.push(Problem::at("hosts", format!("“{host}”不是域名，请去掉 http:// 和路径，使用小写字母")));
    }
    if !new.conac_url.is_empty() && !new.conac_url.starts_with("https://") {
        problems.push(Problem::at("conac_url", "党政机关网站标识地址应以 https:// 开头"));
    }
    problems
}

/// regulations.md §1.2: `.gov.cn`, or `.政务` in Chinese.
fn is_government_domain(domain: &str) -> bool {
    is_host(domain) && [".gov.cn", ".政务"].iter().any(|ending| domain.len() > ending.len() && domain.ends_with(ending))
}

fn is_host(host: &str) -> bool {
    let plain = |label: &str| {
        !label.is_empty() && label.chars().all(|letter| letter == '-' || (letter.is_alphanumeric() && !letter.is_uppercase()))
    };
    host.contains('.') && host.len() <= 253 && host.split('.').all(plain)
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
        is_taken("site_code", site.site_code == new.site_code, "该标识码");
        is_taken("name", site.name == new.name, "该名称");
        if site.agency.code == new.agency[0] {
            let told = format!("该单位已主办“{}”，一个单位原则上最多开设一个网站", site.name);
            problems.push(Problem::at("agency_code", told));
        }
    }
    let names: Vec<(String, SiteId)> = sites::hosts(connection)?;
    for (host, _) in names {
        if host == new.domain {
            problems.push(Problem::at("domain", format!("域名“{host}”已被其他站点使用")));
        } else if new.hosts.contains(&host) {
            problems.push(Problem::at("hosts", format!("域名“{host}”已被其他站点使用")));
        }
    }
    Ok(problems)
}

fn manifest(new: &NewSite, template: SiteTemplate) -> SiteManifest {
    let [code, name, phone, address, postcode, email] = new.agency.clone();
    let mut hosts = vec![new.domain.clone()];
    hosts.extend(new.hosts.iter().filter(|host| **host != new.domain).cloned());
    let channels = template.channels_of(&new.name, &new.short_name);
    SiteManifest {
        key: new.key.clone(),
        name: new.name.clone(),
        short_name: new.short_name.clone(),
        domain: new.domain.clone(),
        hosts,
        site_code: new.site_code.clone(),
        icp_number: new.icp_number.clone(),
        police_number: new.police_number.clone(),
        conac_url: new.conac_url.clone(),
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

/// What the account with this name holds.
fn find_account(connection: &mut store::Connection, name: &str) -> store::Result<Option<Vec<Grant>>> {
    people::find_by_username(connection, name)?.map(|account| people::list_grants(connection, account.id)).transpose()
}

/// Gives the people named what they are to be on the site.
fn appoint(command: &mut Command<'_>, new: &NewSite, site: SiteId) -> Result<Vec<String>> {
    let mut named = Vec::new();
    for (role, names) in
        [(Role::Administrator, &new.administrators), (Role::Editor, &new.editors), (Role::Reviewer, &new.reviewers)]
    {
        for name in names {
            let user: UserId = people::find_by_username(command, name)?.ok_or(CommandError::NotFound)?.id;
            people::grant(command, user, Grant { role, site_id: Some(site) })?;
            named.push(format!("{name}：{}", role.chinese()));
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_government_site_has_a_government_domain() {
        for good in ["www.hedong.gov.cn", "slj.bd.gov.cn", "河东区.政务"] {
            assert!(is_government_domain(good), "{good}");
        }
        for bad in
            ["www.hedong.com", ".gov.cn", "http://www.hedong.gov.cn", "www.hedong.gov.cn/x", "WWW.hedong.gov.cn", "gov.cn", ""]
        {
            assert!(!is_government_domain(bad), "{bad}");
        }
    }
}
