//! `tongyuan demo`: a city and three districts with sample content, ready to use. The only place where accounts are made unasked.

mod accounts;
mod content;
mod seeding;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use config::{Network, SecondFactor, Secrets, Settings};
use model::{Actor, Clock as _, SystemClock};

use super::{Context, calendar, serve, site};
use crate::keys;
use crate::platform::{Platform, Role, open_engine};
use accounts::Account;

/// Where the demo's own content is.
const CONTENT: &str = "deploy/demo/content";

/// How to run the demo.
#[derive(Debug, Args)]
pub struct Options {
    /// The port on this machine.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where its data is kept.
    #[arg(long, default_value = "var/demo")]
    data: PathBuf,
    /// Throw away what an earlier run left.
    #[arg(long)]
    fresh: bool,
}

pub(super) async fn run(context: Context, options: Options) -> Result<()> {
    let settings = settings(context.settings, &options);
    // Another demo may be running on this data: find out before anything is touched.
    drop(crate::platform::listen(&settings.web.listen).await?);
    ensure!(
        settings.sites.is_dir() && Path::new(CONTENT).is_dir(),
        "the demo needs the folders `sites` and `{CONTENT}` of the project: run it from the project's root"
    );
    claim(&options.data, options.fresh)?;
    let accounts = prepare(&settings, &options.data).await?;
    let platform = Platform::start(settings, Arc::new(SystemClock), Role::All).await?;
    greet(&platform, &accounts, options.port)?;
    serve::told_to_stop().await?;
    println!("正在停止……");
    platform.stop().await
}

fn settings(given: Settings, options: &Options) -> Settings {
    let mut settings = given;
    settings.database = format!("sqlite:{}", options.data.join("tongyuan.db").display());
    settings.pages = options.data.join("pages");
    settings.blobs = options.data.join("blobs");
    settings.web.listen = format!("127.0.0.1:{}", options.port);
    settings.web.public_url = format!("http://{{site}}.localhost:{}", options.port);
    settings.web.secure = false;
    settings.web.second_factor = SecondFactor::Offered;
    settings.web.console_hosts = vec!["localhost".into()];
    settings.citizens.address = Some(format!("http://user.localhost:{}", options.port));
    settings.cache = "memory:".into();
    settings.secrets = Secrets { keys: Some(options.data.join("keys.toml")), ..Secrets::default() };
    settings.publish.door = None;
    settings.sender = config::Sender { log: true, ..config::Sender::default() };
    // An identity service to try signing in with is on this machine as well.
    settings.upstream.private_networks.extend("127.0.0.0/8".parse::<Network>());
    settings
}

/// Database, sites, accounts and content; what an earlier run has done is not done again.
async fn prepare(settings: &Settings, data: &Path) -> Result<Vec<Account>> {
    keys::make_where_missing(&data.join("keys.toml"))?;
    let clock = Arc::new(seeding::ShiftedClock::default());
    let engine = open_engine(Arc::new(settings.clone()), clock.clone(), None).await?;
    engine.store.migrate()?;
    calendar::seed(&engine)?;
    let (items, today) = (content::load(Path::new(CONTENT))?, clock.now());
    // The house is older than what it holds; its passwords are of today, or they would have grown too old.
    let beginning = items.first().map_or(today, |first| first.published - chrono::TimeDelta::days(1));
    clock.begin_at(beginning);
    site::apply_all(&engine, &site::folders(&settings.sites)?)?;
    clock.begin_at(today);
    let accounts = accounts::prepare(&engine, &Actor::operator("demo"), data)?;
    clock.begin_at(beginning);
    seeding::seed(&engine, &clock, &items).await?;
    Ok(accounts)
}

fn greet(platform: &Platform, accounts: &[Account], port: u16) -> Result<()> {
    println!("\n同源 Tongyuan 演示环境已就绪\n\n网站");
    for site in platform.engine.store.read(store::sites::list)? {
        println!("  {:<46} {}", platform.engine.settings.public_url(&site.key, &site.domain), site.name);
    }
    println!("\n管理后台\n  http://localhost:{port}/console\n\n账号（口令为本机生成，保存在数据目录的 accounts.json）");
    for account in accounts {
        println!("  {:<18} {:<18} {}", account.username, account.password, account.duty);
    }
    if let Some(address) = &platform.engine.settings.citizens.address {
        println!("\n公众用户中心（验证码不发送，显示在本窗口的日志里）\n  {address}");
    }
    println!("\n按 Ctrl-C 停止。");
    Ok(())
}

/// Makes the folder the demo's own, or finds that it is; somebody else's data is neither used nor deleted.
fn claim(data: &Path, fresh: bool) -> Result<()> {
    let mark = data.join("demo.marker");
    let is_empty = !data.exists() || data.read_dir()?.next().is_none();
    ensure!(
        is_empty || mark.exists(),
        "{} holds something that is not a demo's: choose another folder with --data",
        data.display()
    );
    if fresh && !is_empty {
        std::fs::remove_dir_all(data).with_context(|| format!("cannot delete {}", data.display()))?;
    }
    std::fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&mark)
        .with_context(|| format!("cannot write {}", mark.display()))?;
    Ok(())
}
