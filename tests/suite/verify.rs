//! 网页防篡改: what was tampered with is found, told, restored, and never confused with a page that is just being replaced.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{Clock, FaultKind, SystemClock};
use publish::commands::refresh::refresh;
use publish::verify::{Deed, Fault, verify};
use store::sweeps;
use testkit::{Article, Backend, House};

use crate::files;
use crate::journey::pages_of;

const SITES: [&str; 4] = ["jinchuan", "wangxi", "qingyu", "donglan"];

#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_what_was_tampered_with_and_repairs_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let published = pages_of(&house, &SITES);
        let config = write_config(&house);
        let run = |arguments: &[&str]| run(&config, arguments);

        let sound = run(&["verify"]);
        assert!(sound.status.success(), "{}", String::from_utf8_lossy(&sound.stderr));
        tamper(&house);
        let told = run(&["verify", "--json"]);
        assert!(!told.status.success(), "tampering is a failure");
        let report: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        let listed: Vec<(String, String)> = report["listed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (fault["kind"].as_str().unwrap().to_owned(), fault["name"].as_str().unwrap().to_owned()))
            .collect();
        for (kind, name) in WRONG {
            assert!(listed.contains(&(kind.to_string(), (*name).to_owned())), "{name} in {listed:?} on {backend:?}");
        }
        assert_eq!(listed.len(), WRONG.len(), "{listed:?}");
        let of_one = run(&["verify", "--site", "donglan"]);
        assert!(of_one.status.success(), "a site nobody touched: {}", String::from_utf8_lossy(&of_one.stderr));

        let repaired = run(&["verify", "--repair"]);
        assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&repaired.stderr));
        assert_eq!(pages_of(&house, &SITES), published, "byte for byte on {backend:?}");
        assert!(run(&["verify"]).status.success());
        let kept = std::fs::read_dir(house.settings.pages.join(".quarantine")).unwrap().count();
        assert!(kept > 0, "evidence is never deleted");
        let chain = house.engine().store.read(store::audit::verify).unwrap();
        assert!(matches!(chain, store::audit::Chain::Intact(_)));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a test does what an intruder would")]
async fn an_upload_that_was_changed_or_lost_is_named_and_its_sizes_are_made_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let photo = crate::media::photo();
        let image = editor.bring(&house, "公园.jpg", &photo).await;
        let file = editor.bring(&house, "通知.pdf", b"%PDF-1.4\n%%EOF\n").await;
        let config = write_config(&house);
        let run = |arguments: &[&str]| run(&config, arguments);
        let sound = run(&["verify", "--json"]);
        assert!(sound.status.success(), "{}", String::from_utf8_lossy(&sound.stderr));
        let report: serde_json::Value = serde_json::from_slice(&sound.stdout).unwrap();
        assert_eq!(report["uploads"], 2, "{report}");

        let sizes = house.engine().store.read(|connection| store::media::list_renditions(connection, model::MediaId(image)));
        let sizes: Vec<String> = sizes.unwrap().into_iter().map(|size| size.hash).collect();
        let pdf = house.engine().store.read(|connection| store::media::find_anywhere(connection, model::MediaId(file)));
        let pdf = pdf.unwrap().unwrap().hash;
        let blob = |hash: &str| house.settings.blobs.join(&hash[..2]).join(hash);
        let before: Vec<Vec<u8>> = sizes.iter().map(|hash| std::fs::read(blob(hash)).unwrap()).collect();
        assert!(before.len() >= 2);
        std::fs::write(blob(&sizes[0]), vec![0; before[0].len()]).unwrap();
        std::fs::remove_file(blob(&sizes[1])).unwrap();
        std::fs::write(blob(&pdf), b"%PDF-1.4\n%%EOX\n").unwrap();
        let told = run(&["verify"]);
        assert!(!told.status.success());
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        for (kind, hash, of) in
            [("differs", &sizes[0], "公园.jpg"), ("missing", &sizes[1], "公园.jpg"), ("differs", &pdf, "通知.pdf")]
        {
            let is_told = |line: &str| line.starts_with(kind) && line.contains(hash.as_str()) && line.contains(of);
            assert!(text.lines().any(is_told), "{kind} {hash} in {text} on {backend:?}");
        }
        assert!(text.contains("uploads 2  wrong 3"), "{text}");
        assert!(run(&["verify", "--site", "qingyu"]).status.success());

        // Sizes come back from the picture; the file itself must be brought again, and what was there is kept apart.
        let repaired = run(&["verify", "--repair"]);
        let (text, advice) = (String::from_utf8_lossy(&repaired.stdout), String::from_utf8_lossy(&repaired.stderr));
        assert!(!repaired.status.success() && advice.contains("bring the same file again"), "{advice}");
        assert!(text.contains("wrong 1  repaired 2") && text.contains("(kept as .quarantine/"), "{text}");
        let now = house.engine().store.read(|connection| store::media::list_renditions(connection, model::MediaId(image)));
        for size in now.unwrap() {
            assert_eq!(blake3::hash(&std::fs::read(blob(&size.hash)).unwrap()).to_hex().as_str(), size.hash);
        }
        let again = editor.upload(&[("通知.pdf", b"%PDF-1.4\n%%EOF\n")]).await;
        assert!(again.status == 200 && again.text().contains("本站已有相同文件"), "{}", again.text());
        assert!(run(&["verify"]).status.success());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_being_replaced_is_never_taken_for_one_that_was_tampered_with() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (engine, stop) = (Arc::clone(house.engine()), Arc::new(AtomicBool::new(false)));
        let told_to_stop = Arc::clone(&stop);
        let watching = tokio::task::spawn_blocking(move || {
            let (mut faults, mut rounds) = (Vec::new(), 0);
            while !told_to_stop.load(Ordering::SeqCst) {
                verify(&engine, None, Deed::Tell, &mut |_| {}, &mut |fault| faults.push(fault)).unwrap();
                rounds += 1;
            }
            (faults, rounds)
        });
        let (id, _) = editor.publish(&house, &Article::news("巡检期间发布的稿件")).await;
        let administrator = house.desk("platform", "admin").await;
        assert_eq!(administrator.withdraw("wangxi", id, "巡检期间撤回").await.status, 303);
        for number in 0..3 {
            editor.publish(&house, &Article::news(&format!("巡检期间发布的第{number}篇"))).await;
        }
        refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
        house.quiet().await;
        stop.store(true, Ordering::SeqCst);
        let (faults, rounds) = watching.await.unwrap();
        assert_eq!(faults, Vec::<Fault>::new(), "{backend:?}");
        assert!(rounds > 3, "{rounds}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_raises_an_alarm_restores_the_page_and_a_person_takes_note() {
    for backend in Backend::BOTH {
        let Some(house) = House::open_set(backend, |settings| settings.publish.sweep_pages_per_second = 10_000).await else {
            continue;
        };
        let published = pages_of(&house, &SITES);
        let operator = house.desk("platform", "admin").await;
        let screen = operator.browser.screen("/console/operations/alarms").await.text();
        assert!(screen.contains("没有告警"), "{screen}");

        tamper(&house);
        let open = || house.engine().store.read(store::alarms::count_all_open).unwrap();
        until(|| open().0 == i64::try_from(WRONG.len()).unwrap() && open().1 == 0).await;
        assert_eq!(pages_of(&house, &SITES), published, "byte for byte on {backend:?}");
        let answer = house.browser().get("wangxi", "/").await;
        assert!(!answer.text().contains("tampered") && answer.status == 200);

        let count = operator.browser.screen("/console/operations/alarms/count").await.text();
        assert!(count.contains(&format!(">{}<", WRONG.len())), "{count}");
        let screen = operator.browser.screen("/console/operations/alarms").await.text();
        assert!(screen.contains("hx-get=\"/console/operations/alarms/count\""), "beside its entry in the menu: {screen}");
        for told in
            ["内容被改动", "页面缺失", "压缩副本被改动", "来历不明的文件", "/yaowen/", "wangxi/.shell.php", "已恢复", "待确认"]
        {
            assert!(screen.contains(told), "{told} in {screen}");
        }
        assert!(operator.browser.screen("/console/operations").await.text().contains("网页防篡改"));
        let newest = house.engine().store.read(|connection| store::alarms::list_all_sites(connection, None, 1)).unwrap()[0].id;
        let seen = operator.browser.submit("/console/operations/alarms/seen", &[("up_to", &newest.to_string())]).await;
        assert_eq!(seen.status, 303, "{}", seen.text());
        assert_eq!(open(), (0, 0));
        assert_eq!(operator.browser.screen("/console/operations/alarms/count").await.text().trim(), "");
        let log = operator.browser.screen(&seen.location()).await.text();
        assert!(log.contains("已确认全部告警"), "{log}");
        let auditor = house.desk("platform", "auditor").await;
        assert!(auditor.browser.screen("/console/audit").await.text().contains("确认告警"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_page_that_was_served_is_served_no_more_once_it_is_taken_away() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    files::write(&house.settings.pages.join("qingyu/forged.html"), "<p>forged</p>");
    let visitor = house.browser();
    assert_eq!(visitor.get("qingyu", "/forged.html").await.status, 200, "it is in memory now");
    assert_eq!(look(&house, true).await.len(), 1);
    // The bus is heard a moment later.
    for _ in 0..100 {
        if visitor.get("qingyu", "/forged.html").await.status == 404 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(visitor.get("qingyu", "/forged.html").await.status, 404);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_processes_one_sweeps_until_its_lease_ends() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let store = &house.engine().store;
        let now = SystemClock.now();
        let take = |who: &str, now| store.write(|connection| sweeps::take(connection, "test", who, now)).unwrap();
        let mut sweep = take("one", now).expect("the first takes it");
        assert_eq!(take("two", now), None, "{backend:?}");
        sweep.position = 7;
        store.write(|connection| sweeps::note(connection, "test", "one", &sweep)).unwrap();
        store
            .write(|connection| sweeps::note(connection, "test", "two", &sweeps::Sweep { position: 1, ..sweep.clone() }))
            .unwrap();
        let later = now + sweeps::LEASE;
        assert_eq!(take("two", later).expect("the lease has ended").position, 7, "it goes on where the other was");
        assert_eq!(take("one", later), None);
        store.write(|connection| sweeps::release(connection, "test", "two", later)).unwrap();
        assert!(take("one", later).is_some());
        house.close().await;
    }
}

/// What [`tamper`] does, as it is told.
const WRONG: &[(FaultKind, &str)] = &[
    (FaultKind::Differs, "wangxi/index.html"),
    (FaultKind::Missing, "wangxi/yaowen/index.html"),
    (FaultKind::FormDiffers, "qingyu/index.html.gz"),
    (FaultKind::Stranger, "wangxi/.shell.php"),
    (FaultKind::Stranger, "qingyu/deep/in/here.html"),
    (FaultKind::Stranger, "loose.html"),
];

fn tamper(house: &House) {
    let pages = &house.settings.pages;
    let write = |name: &str, text: &str| files::write(&pages.join(name), text);
    write("wangxi/index.html", "<p>tampered</p>");
    std::fs::remove_file(pages.join("wangxi/yaowen/index.html")).unwrap();
    write("qingyu/index.html.gz", "nonsense");
    write("wangxi/.shell.php", "<?php");
    write("qingyu/deep/in/here.html", "tampered");
    write("loose.html", "tampered");
}

/// Looks once over everything of a house.
pub async fn look(house: &House, restore: bool) -> Vec<Fault> {
    let engine = Arc::clone(house.engine());
    tokio::task::spawn_blocking(move || {
        let mut faults = Vec::new();
        let deed = if restore { Deed::Restore } else { Deed::Tell };
        verify(&engine, None, deed, &mut |_| {}, &mut |fault| faults.push(fault)).unwrap();
        faults
    })
    .await
    .unwrap()
}

/// Waits for something the platform does by itself.
pub async fn until(condition: impl Fn() -> bool) {
    for _ in 0..600 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come true within half a minute");
}

fn run(config: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongyuan"));
    command.args(arguments).arg("--config").arg(config).env_remove("TONGYUAN_DATABASE").output().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
fn write_config(house: &House) -> PathBuf {
    let settings = &house.settings;
    let text = format!(
        "database = {:?}\npages = \"{}\"\nblobs = \"{}\"\nsites = \"{}\"\n[web]\npublic_url = {:?}\n[publish]\nworkers = 2\nsync = false\n[secrets]\nkeys = \"{}\"\n[citizens]\naddress = {:?}\n",
        settings.database,
        settings.pages.display(),
        settings.blobs.display(),
        settings.sites.display(),
        settings.web.public_url,
        settings.secrets.keys.as_ref().unwrap().display(),
        settings.citizens.address.as_ref().unwrap(),
    );
    let file = house.folder().join("verify.toml");
    std::fs::write(&file, text).unwrap();
    file
}
