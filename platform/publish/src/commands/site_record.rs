//! 站点资料: what a site is called, where it answers, and the numbers it was given (regulations.md §1.2 to §1.4), changed in the console.

use model::site::is_site_code;
use model::text::is_plain_line;
use model::{Actor, EventKind, Key, Keys, Problem, Site, SiteId};
use serde::Serialize;
use serde_json::json;
use store::{Connection, audit, sites};

use super::site::tell;
use super::{CommandError, Result, publication, seal};
use crate::engine::Engine;

/// What is recorded of a site. Its key, theme and agency are given once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Record {
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
}

/// What is recorded of a site now.
pub fn find(connection: &mut Connection, site: SiteId) -> Result<Record> {
    let site = sites::find(connection, site)?.ok_or(CommandError::NotFound)?;
    let hosts = sites::hosts(connection)?.into_iter().filter(|(host, of)| *of == site.id && *host != site.domain);
    let mut hosts: Vec<String> = hosts.map(|(host, _)| host).collect();
    hosts.sort();
    Ok(Record {
        name: site.name,
        short_name: site.short_name,
        domain: site.domain,
        hosts,
        site_code: site.site_code,
        icp_number: site.icp_number,
        police_number: site.police_number,
        conac_url: site.conac_url,
    })
}

/// Puts `record` in the place of the one whose seal is `seen`. Every page of the site says some of it, so all are made anew.
pub fn save(engine: &Engine, actor: &Actor, site: SiteId, seen: &str, record: &Record) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = find(command, site)?;
        if seal(&before) != seen {
            return Err(CommandError::Stale);
        }
        let mut problems = record.problems();
        problems.extend(record.taken(command, Some(site))?);
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        if before == *record {
            return Ok(());
        }
        let known = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
        sites::save(command, &record.written_to(known), now)?;
        sites::save_hosts(command, site, &record.answers_to())?;
        let entry = audit::Record {
            action: "site.record",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(before),
            after: json!(record),
        };
        audit::append(command, actor, entry, now)?;
        let keys = Keys::from([Key::site(site), Key::sites()]);
        publication::renew(command, actor, EventKind::SiteApplied, Some(site), &keys, now)
    })?;
    tell(engine);
    Ok(())
}

impl Record {
    /// Every host the site answers to, the primary one first.
    pub fn answers_to(&self) -> Vec<String> {
        let mut hosts = vec![self.domain.clone()];
        hosts.extend(self.hosts.iter().filter(|host| **host != self.domain).cloned());
        hosts
    }

    fn written_to(&self, site: Site) -> Site {
        let Self { name, short_name, domain, hosts: _, site_code, icp_number, police_number, conac_url } = self.clone();
        Site { name, short_name, domain, site_code, icp_number, police_number, conac_url, ..site }
    }

    /// What is wrong with it, each at its field. The numbers of ICP and police may come later: opening asks for them.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut line = |field, what: &str, value: &str, most: usize, is_must: bool| {
            if value.is_empty() && is_must {
                problems.push(Problem::at(field, format!("请填写{what}")));
            } else if value.chars().count() > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            } else if !is_plain_line(value) {
                problems.push(Problem::at(field, format!("{what}含有不能显示的字符，请重新输入")));
            }
        };
        line("name", "网站全称", &self.name, 60, true);
        line("short_name", "网站简称", &self.short_name, 20, true);
        line("icp_number", "ICP备案编号", &self.icp_number, 60, false);
        line("police_number", "公安机关备案号", &self.police_number, 60, false);
        line("conac_url", "党政机关网站标识地址", &self.conac_url, 300, false);
        if !is_site_code(&self.site_code) {
            problems.push(Problem::at("site_code", "政府网站标识码应为10位数字，或 bm 加8位数字"));
        }
        if !is_government_domain(&self.domain) {
            problems.push(Problem::at("domain", "域名应以 .gov.cn 或 .政务 结尾，不含 http:// 和路径"));
        }
        for host in self.hosts.iter().filter(|host| !is_host(host)) {
            problems.push(Problem::at("hosts", format!("“{host}”不是域名，请去掉 http:// 和路径，使用小写字母")));
        }
        if !self.conac_url.is_empty() && !self.conac_url.starts_with("https://") {
            problems.push(Problem::at("conac_url", "党政机关网站标识地址应以 https:// 开头"));
        }
        problems
    }

    /// What another site already holds. `own`: the site that may hold it; none for one that is to be.
    pub(super) fn taken(&self, connection: &mut Connection, own: Option<SiteId>) -> store::Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for site in sites::list(connection)?.into_iter().filter(|site| Some(site.id) != own) {
            let mut is_taken = |field, is_same: bool, what: &str| {
                if is_same {
                    problems.push(Problem::at(field, format!("{what}已被“{}”使用", site.name)));
                }
            };
            is_taken("site_code", site.site_code == self.site_code, "该标识码");
            is_taken("name", site.name == self.name, "该名称");
        }
        for (host, _) in sites::hosts(connection)?.into_iter().filter(|(_, of)| Some(*of) != own) {
            if host == self.domain {
                problems.push(Problem::at("domain", format!("域名“{host}”已被其他站点使用")));
            } else if self.hosts.contains(&host) {
                problems.push(Problem::at("hosts", format!("域名“{host}”已被其他站点使用")));
            }
        }
        Ok(problems)
    }
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
