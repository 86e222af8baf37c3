//! nginx in front: the configuration in `deploy/nginx` answers as the portal does, for pages, forms, gone, moved and missing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testkit::{Answer, Article, Backend, Browser, House, project_root};

use crate::journey::link_to;

const PERSON: (&str, &str) = ("user-agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36");
const TITLE: &str = "由前端服务器直接提供的稿件";

#[tokio::test(flavor = "multi_thread")]
async fn nginx_answers_from_the_page_directory_as_the_portal_does() {
    let Some(program) = program() else { return };
    let Some(house) = House::open_set(Backend::Sqlite, |settings| {
        settings.web.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await
    else {
        return;
    };
    let (editor, administrator) = (house.desk("wangxi", "editor").await, house.desk("platform", "admin").await);
    let (portal, article) = (house.browser(), Article::news(TITLE));
    editor.publish(&house, &article).await;
    let path = link_to(&portal.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let (withdrawn, _) = editor.publish(&house, &Article::news("要撤回的稿件")).await;
    let gone = link_to(&portal.get("wangxi", "/yaowen/").await.text(), "要撤回的稿件").unwrap();
    assert_eq!(administrator.withdraw("wangxi", withdrawn, "测试撤回").await.status, 303);
    let (relocated, _) = editor.publish(&house, &Article::news("要移动的稿件")).await;
    let moved = link_to(&portal.get("wangxi", "/yaowen/").await.text(), "要移动的稿件").unwrap();
    let target = house.channel("wangxi", "tzgg").id.to_string();
    let answer =
        administrator.browser.submit(&format!("/console/wangxi/resources/{relocated}/move"), &[("channel", &target)]).await;
    assert_eq!(answer.status, 303);
    let wish = [("old", "/old.asp?id=1"), ("new", "/yaowen/")];
    assert_eq!(editor.browser.submit("/console/wangxi/redirects", &wish).await.status, 303);
    house.quiet().await;

    let running = Nginx::start(&program, &house).await;
    let nginx = Browser::at(running.address);
    let style = portal.get("wangxi", "/").await.text();
    let style = style
        .split("href=\"")
        .find(|part| part.starts_with("/assets/_standard/theme.css?v="))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    for (path, status, from_disk) in [
        ("/", 200, true),
        ("/yaowen/", 200, true),
        (path.as_str(), 200, true),
        (&format!("{path}?from=list"), 200, true),
        ("/feed.xml", 200, true),
        ("/_site/state.css", 200, false),
        ("/sitemap.xml", 200, true),
        ("/robots.txt", 200, true),
        (&style, 200, true),
        ("/assets/_standard/theme.css", 200, true),
        ("/yaowen", 301, false),
        (&gone, 410, false),
        (&moved, 301, false),
        ("/old.asp?id=1", 301, false),
        ("/no/such/page.html", 404, false),
        ("/index.html", 404, false),
        ("/yaowen/index.html", 404, false),
        ("/index.html.gz", 404, false),
        ("//yaowen/", 404, false),
        ("/_error/404.html", 404, false),
        ("/.staging/", 404, false),
        ("/console", 404, false),
    ] {
        for coding in ["", "gzip"] {
            let headers = if coding.is_empty() { vec![] } else { vec![("accept-encoding", coding)] };
            let wanted = portal.get_with("wangxi.test", path, &headers).await;
            let got = nginx.get_with("wangxi.test", path, &headers).await;
            assert_eq!((got.status, wanted.status), (status, status), "{path}");
            // nginx tells of its own 404 for the address of its inside in its own words; all else is the same to the byte.
            if path != "/_error/404.html" {
                same(path, &got, &wanted);
            }
            if from_disk {
                assert_ne!(got.header("etag"), wanted.header("etag"), "{path} comes from the directory itself");
            }
        }
    }
    let unknown = nginx.get_with("evil.example", "/", &[]).await;
    assert!(unknown.status == 404 && unknown.bytes.len() < 64, "{}", unknown.text());
    assert_eq!(nginx.get_with("localhost", "/console/sign-in", &[]).await.status, 200, "the console is behind it too");

    // Readings are told to the platform, by nginx alone.
    nginx.get_with("wangxi.test", &path, &[PERSON]).await;
    nginx.get_with("wangxi.test", "/_count", &[PERSON, ("x-original-uri", &path)]).await;
    let site = house.site("wangxi").id;
    let views = || {
        house.engine().views.flush(&house.engine().store).unwrap();
        let since = "2020-01-01".parse().unwrap();
        let read = house.engine().store.read(|connection| store::views::list_most_read(connection, site, since, 10)).unwrap();
        read.iter().map(|one| one.views).sum::<i64>()
    };
    crate::verify::until(|| views() > 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(views(), 1);

    // The platform is gone; its pages are not, and what it alone could answer says so in the site's own words.
    let down = house.platform.stop();
    down.await.unwrap();
    assert_eq!(nginx.get("wangxi", "/yaowen/").await.status, 200);
    let closed = nginx.get("wangxi", "/no/such/page.html").await;
    assert!(closed.status == 503 && closed.text().contains("服务暂停"), "{}", closed.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_nginx_only_uploads_are_large_articles_with_a_name_are_counted_and_progress_is_told_at_once() {
    let Some(program) = program() else { return };
    let trusting = |settings: &mut config::Settings| settings.web.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let Some(house) = House::open_set(Backend::Sqlite, trusting).await else { return };
    let (editor, administrator) = (house.desk("wangxi", "editor").await, house.desk("platform", "admin").await);
    let (id, _) = editor.publish(&house, &Article::news(TITLE)).await;
    let site = house.site("wangxi").id;
    let placed = house.engine().store.read(|c| store::placements::list_by_resource(c, model::ResourceId(id))).unwrap();
    let own = placed.into_iter().find(|placement| placement.site_id == site).unwrap();
    let named = administrator.browser.submit(&format!("/console/wangxi/placements/{}", own.id), &[("slug", "qianduan")]).await;
    assert_eq!(named.status, 303, "{}", named.text());
    house.quiet().await;

    let house = house.without_workers().await;
    let running = Nginx::start(&program, &house).await;
    let nginx = Browser::at(running.address);
    for path in ["/yaowen/qianduan.html", "/yaowen/"] {
        assert_eq!(nginx.get_with("wangxi.test", path, &[PERSON]).await.status, 200, "{path}");
    }
    let views = || {
        house.engine().views.flush(&house.engine().store).unwrap();
        let since = "2020-01-01".parse().unwrap();
        house.engine().store.read(|c| store::views::list_most_read(c, site, since, 10)).unwrap()
    };
    crate::verify::until(|| !views().is_empty()).await;
    assert_eq!(views().iter().map(|one| (one.path.as_str(), one.views)).collect::<Vec<_>>(), [("/yaowen/qianduan.html", 1)]);

    let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "")];
    assert_eq!(nginx.submit("/console/sign-in", &fields).await.status, 303);
    let large = crate::media::large_pdf(9 << 20);
    let uploaded = nginx.upload("/console/wangxi/media", &[("大文件.pdf", &large)]).await;
    assert_eq!(uploaded.status, 303, "{}", uploaded.text());
    let elsewhere = nginx.upload("/console/wangxi/resources", &[("大文件.pdf", &large)]).await;
    assert!(elsewhere.status == 413 && elsewhere.text().contains("nginx"), "{} {}", elsewhere.status, elsewhere.text());

    // Nobody works, so the line stays open; what is known is told all the same.
    let publication = crate::operations::publish(&house);
    let told = nginx.follow(&format!("/console/wangxi/receipts/{publication}/progress"), "正在查找受影响的页面").await;
    assert!(told.starts_with("event: progress"), "{told}");
    drop(running);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_nginx_a_site_that_is_not_open_shows_its_notice_at_every_address_also_without_the_platform() {
    let Some(program) = program() else { return };
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, administrator) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
    editor.publish(&house, &Article::news(TITLE)).await;
    let portal = house.browser();
    let article = link_to(&portal.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let running = Nginx::start(&program, &house).await;
    let nginx = Browser::at(running.address);
    assert_eq!(nginx.get("wangxi", &article).await.status, 200);

    let until = model::schedule::field_time(house.engine().clock.now() + chrono::TimeDelta::days(3));
    let fields =
        [("title", "临时下线公告"), ("text", "暂停访问。"), ("basis", "测试"), ("until", until.as_str()), ("moved_to", "")];
    assert_eq!(administrator.browser.submit("/console/wangxi/state/offline", &fields).await.status, 303);
    house.quiet().await;
    for path in
        ["/", "/yaowen/", &article, "/feed.xml", "/robots.txt", "/no/such/page.html", "/_site/shutter.html", "/index.html"]
    {
        let (got, wanted) = (nginx.get("wangxi", path).await, portal.get("wangxi", path).await);
        assert!(got.status == 503 && got.text().contains("临时下线公告"), "{path}: {} {}", got.status, got.text());
        assert!(!got.header("retry-after").is_empty(), "{path}");
        same(path, &got, &wanted);
    }
    for path in ["/assets/shutter.css", "/_site/state.css"] {
        assert_eq!(nginx.get("wangxi", path).await.status, 200, "{path}");
    }
    assert_eq!(nginx.get("qingyu", "/").await.status, 200, "no other site is concerned");
    assert_eq!(administrator.browser.submit("/console/wangxi/state/resume", &[]).await.status, 303);
    assert_eq!(nginx.get("wangxi", &article).await.status, 200, "at once, whether or not the notice is taken away already");
    house.quiet().await;
    assert_eq!(nginx.get("wangxi", "/").await.status, 200);

    let city = house.desk("platform", "admin").await;
    let fields = fields.map(|(name, value)| if name == "title" { (name, "又一次下线") } else { (name, value) });
    assert_eq!(city.browser.submit("/console/qingyu/state/offline", &fields).await.status, 303);
    house.quiet().await;
    house.platform.stop().await.unwrap();
    for path in ["/", "/yaowen/", "/no/such/page.html"] {
        let alone = nginx.get("qingyu", path).await;
        assert!(alone.status == 503 && alone.text().contains("又一次下线"), "{path}: {} {}", alone.status, alone.text());
    }
}

/// Body and whatever browsers act on.
fn same(path: &str, got: &Answer, wanted: &Answer) {
    let told = [
        "content-type",
        "content-encoding",
        "cache-control",
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "strict-transport-security",
        "location",
    ];
    for name in told {
        assert_eq!(got.header(name), wanted.header(name), "{name} of {path}");
    }
    // Where a page has but one form, nginx says nothing of others.
    let (said, one_form) = (got.header("vary").to_lowercase(), wanted.bytes.len() < 256);
    assert!(said == wanted.header("vary") || (said.is_empty() && one_form), "vary of {path} is `{said}`");
    assert!(got.bytes == wanted.bytes, "the body of {path}");
}

/// nginx, ended when dropped.
struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    async fn start(program: &Path, house: &House) -> Self {
        let folder = house.folder().join("nginx");
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = write_config(house, &folder, address);
        let mut command = Command::new(program);
        command.args(["-p"]).arg(&folder).arg("-c").arg(&config).stdin(Stdio::null());
        let mut process = command.spawn().unwrap();
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Self { process, address };
            }
            assert!(process.try_wait().unwrap().is_none(), "nginx refuses its configuration");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nginx does not answer");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The configuration of `deploy`, with this test's addresses and folders in place of an operator's.
#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
fn write_config(house: &House, folder: &Path, address: SocketAddr) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let deploy = project_root().join("deploy/nginx");
    let map = Command::new(env!("CARGO_BIN_EXE_tongyuan"))
        .args(["site", "list", "--nginx"])
        .env("TONGYUAN_DATABASE", &house.settings.database)
        .env("TONGYUAN_KEYS", std::fs::read_to_string(house.settings.secrets.keys.as_ref().unwrap()).unwrap())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(map.status.success(), "{}", String::from_utf8_lossy(&map.stderr));
    let mut hosts = String::from_utf8(map.stdout).unwrap();
    assert!(hosts.contains(" wangxi;"), "{hosts}");
    // The command was told nothing of this test's public addresses.
    for site in ["jinchuan", "wangxi", "qingyu", "donglan"] {
        hosts.extend([site, ".test ", site, ";\n"]);
    }
    std::fs::write(folder.join("sites.map"), hosts).unwrap();
    let mut server = std::fs::read_to_string(deploy.join("tongyuan.conf")).unwrap();
    for (from, to) in [
        ("listen 80;", format!("listen {address};")),
        ("server 127.0.0.1:8080;", format!("server {};", house.platform.address.unwrap())),
        ("/var/lib/tongyuan/pages", house.settings.pages.display().to_string()),
        ("/etc/nginx/tongyuan-sites.map", folder.join("sites.map").display().to_string()),
        ("/etc/nginx/tongyuan-headers.conf", deploy.join("tongyuan-headers.conf").display().to_string()),
    ] {
        assert!(server.contains(from), "{from}");
        server = server.replace(from, &to);
    }
    let temporary: Vec<String> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {};\n", folder.join(name).display()))
        .collect();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log warn;\nevents {{}}\nhttp {{\naccess_log off;\n{1}{server}}}\n",
        folder.display(),
        temporary.concat()
    );
    let config = folder.join("nginx.conf");
    std::fs::write(&config, text).unwrap();
    config
}

fn program() -> Option<PathBuf> {
    let found =
        ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].into_iter().map(PathBuf::from).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("SKIPPED with nginx: it is not installed; tests/run installs it");
    }
    found
}
