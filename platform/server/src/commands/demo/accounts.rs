//! The demo's accounts: generated once, kept beside its data so that a second run can show them again.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ::publish::Engine;
use anyhow::{Context as _, Result};
use model::{Actor, PasswordOrigin};
use serde::{Deserialize, Serialize};
use store::people;

use crate::commands::user;

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) password: String,
    pub(super) duty: String,
}

/// The people of one site: who writes, and three who review.
const STAFF: [(&str, &str, &str); 4] = [
    ("editor", "editor", "编辑"),
    ("review1", "reviewer", "一审"),
    ("review2", "reviewer", "二审"),
    ("review3", "reviewer", "三审"),
];

/// Who runs the platform, who manages its people and who audits them: three different people.
const PLATFORM: [(&str, &str, &str, &str); 3] = [
    ("admin", "系统管理员", "system", "系统管理员：全市站点和平台"),
    ("security", "安全管理员", "security", "安全管理员：账号和授权"),
    ("auditor", "审计管理员", "auditor", "审计管理员：审计日志"),
];

/// Names of the people, four to a site, in the order of sites.
const NAMES: [&str; 16] = [
    "岑晓禾",
    "陆知远",
    "姚若兰",
    "贺文昭",
    "柳闻溪",
    "江怀谷",
    "宋明徽",
    "陶景行",
    "乔望舒",
    "沈渔歌",
    "孟海澜",
    "邵立言",
    "蓝采薇",
    "何岚生",
    "程茗远",
    "顾东篱",
];

/// Makes the accounts, or reads those of an earlier run.
pub(super) fn prepare(engine: &Engine, actor: &Actor, data: &Path) -> Result<Vec<Account>> {
    let file = data.join("accounts.json");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} is damaged: run with --fresh", file.display()));
    }
    let mut accounts = Vec::new();
    let mut names = NAMES.iter();
    for site in engine.store.read(store::sites::list)? {
        for (suffix, role, duty) in STAFF {
            let username = format!("{}-{suffix}", site.key);
            let name = names.next().copied().unwrap_or("工作人员");
            let password = invite(engine, actor, &username, name, role, Some(&site.key))?;
            accounts.push(Account { username, password, duty: format!("{}{duty} {name}", site.short_name) });
        }
    }
    for (username, name, role, duty) in PLATFORM {
        let password = invite(engine, actor, username, name, role, None)?;
        accounts.push(Account { username: username.into(), password, duty: duty.into() });
    }
    keep(&file, &accounts)?;
    Ok(accounts)
}

/// Adds an account; one that a run cut short left behind gets a new password. They are generated here for whoever runs the demo and kept on
/// this machine alone: their own, so nobody is sent to change them first.
fn invite(engine: &Engine, actor: &Actor, username: &str, name: &str, role: &str, site: Option<&str>) -> Result<String> {
    match engine.store.read(|connection| people::find_by_username(connection, username))? {
        Some(_) => user::reset(engine, username, PasswordOrigin::Own),
        None => user::add(engine, actor, username, name, (role, site), PasswordOrigin::Own),
    }
}

/// Only the owner may read the file.
fn keep(file: &Path, accounts: &[Account]) -> Result<()> {
    let mut open = std::fs::OpenOptions::new();
    open.write(true).create_new(true).mode(0o600);
    let mut file = open.open(file).with_context(|| format!("cannot write {}", file.display()))?;
    file.write_all(&serde_json::to_vec_pretty(accounts)?)?;
    Ok(())
}
