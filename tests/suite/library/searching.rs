//! Searching: everything a person may see is found by what it is, and nothing else; views are kept, and what is found becomes a
//! table.

use std::time::Instant;

use model::{ChannelId, Content, ResourceKind, ResourceState, SiteId};
use testkit::{Article, Backend, Desk, House};

use super::{find, policy, take};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_what_is_on_the_sites_they_may_read_and_nothing_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        house.desk("wangxi", "editor").await.write(&house, &Article::news("望溪的一条消息")).await;
        house.desk("qingyu", "editor").await.write(&house, &Article::news("清屿的一条消息")).await;

        let editor = house.desk("wangxi", "editor").await;
        for path in ["/console/library", "/console/wangxi/library"] {
            let found = editor.browser.screen(path).await;
            assert_eq!(found.status, 200, "{backend:?}: {}", found.text());
            assert!(found.text().contains("望溪的一条消息") && !found.text().contains("清屿的一条消息"), "{}", found.text());
        }
        // Another site is not there for them, by whatever way it is asked for.
        assert_eq!(editor.browser.screen("/console/qingyu/library").await.status, 404);
        assert_eq!(editor.browser.screen("/console/library?site=qingyu").await.status, 404);
        let qingyu = house.channel("qingyu", "yaowen").id;
        let foreign = editor.browser.screen(&format!("/console/wangxi/library?channel={qingyu}")).await;
        assert!(foreign.status == 422 && !foreign.text().contains("清屿的一条消息"), "{}", foreign.text());

        let city = house.desk("platform", "admin").await;
        let all = city.browser.screen("/console/library").await.text();
        assert!(all.contains("望溪的一条消息") && all.contains("清屿的一条消息"), "{all}");
        let chosen = city.browser.screen("/console/library?site=qingyu&q=%E6%B6%88%E6%81%AF").await;
        assert_eq!(chosen.location(), "/console/qingyu/library?q=%E6%B6%88%E6%81%AF");
        let auditor = house.desk("platform", "auditor").await.browser.screen("/console/library").await;
        assert!(auditor.status == 200 && !auditor.text().contains("的一条消息"), "{}", auditor.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_is_found_by_each_of_its_marks() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let policy = policy(&house);
        let (news, _) = editor.publish(&house, &Article::news("图书馆100%_开放")).await;
        let number = find(&house, "wangxi", news).index_number.unwrap();
        let channel = house.channel("wangxi", "yaowen").id;
        let today = model::local(house.engine().clock.now()).date_naive();
        let of = |query: String| {
            let editor = editor.clone();
            async move {
                let page = editor.browser.screen(&format!("/console/wangxi/library?{query}")).await;
                assert_eq!(page.status, 200, "{query}: {}", page.text());
                let text = page.text();
                let has = |id: i64| text.contains(&format!("href=\"/console/wangxi/resources/{id}\""));
                (has(policy), has(news))
            }
        };
        for (query, wanted) in [
            (String::new(), (true, true)),
            ("q=%E7%A7%9F%E8%B5%81+%E8%A1%A5%E8%B4%B4".into(), (true, false)), // 租赁 补贴
            ("q=%E7%A7%9F%E8%B5%81+%E5%BC%80%E6%94%BE".into(), (false, false)), // 租赁 开放: both must be there
            ("q=100%25_".into(), (false, true)),
            ("q=1%25%25".into(), (false, false)),
            ("q=%E6%9C%9B%E6%94%BF%E5%8F%91".into(), (true, false)), // 望政发
            (format!("q={}", number.replace('/', "%2F")), (false, true)),
            ("kind=policy".into(), (true, false)),
            ("state=live".into(), (false, true)),
            ("work=draft".into(), (true, false)),
            ("keyword=%E4%BD%8F%E6%88%BF".into(), (true, false)), // 住房
            ("keyword=%E4%BD%8F".into(), (false, false)),         // 住 alone is no keyword
            ("author=wangxi-editor".into(), (true, true)),
            ("author=wangxi-admin".into(), (false, false)),
            (format!("channel={channel}"), (false, true)),
            (format!("from={today}&to={today}"), (true, true)),
            ("to=2001-01-01".into(), (false, false)),
            ("by=published".into(), (false, true)),
            ("order=oldest&col=index_number&col=places".into(), (true, true)),
        ] {
            assert_eq!(of(query.clone()).await, wanted, "{query} on {backend:?}");
        }
        let odd = editor.browser.screen("/console/wangxi/library?kind=x&from=tomorrow&q=%E5%9B%BE").await;
        assert_eq!(odd.status, 422);
        assert!(
            odd.text().contains("日期应为") && odd.text().contains("value=\"tomorrow\"") && odd.text().contains("value=\"图\"")
        );
        let shown = editor.browser.screen("/console/wangxi/library?col=index_number&col=places").await.text();
        assert!(shown.contains(&number) && shown.contains("/places\">") && !shown.contains("data-label=\"撰稿人\""), "{shown}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition_forwards_and_backwards() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        // Many are of the very same moment.
        drafts(&house, 130);
        let editor = house.desk("wangxi", "editor").await;
        // Where few are found, and where they are searched by a word: two ways to the same pages.
        for order in ["", "order=oldest&", "q=%E6%89%B9%E9%87%8F&", "q=%E6%89%B9%E9%87%8F&order=oldest&"] {
            let (mut forwards, mut page) = (Vec::new(), format!("/console/wangxi/library?{order}"));
            let mut last = page.clone();
            for _ in 0..3 {
                let text = editor.browser.screen(&page).await.text();
                assert!(text.contains("共 130 篇"), "{text}");
                forwards.push(numbers(&text));
                last.clone_from(&page);
                page = link(&text, "next").unwrap_or_default();
            }
            assert!(page.is_empty(), "three pages hold all");
            let all: Vec<i64> = forwards.concat();
            let distinct: std::collections::BTreeSet<i64> = all.iter().copied().collect();
            assert_eq!((all.len(), distinct.len()), (130, 130), "{backend:?}");
            let back = editor.browser.screen(&last).await.text();
            let back = editor.browser.screen(&link(&back, "prev").unwrap()).await.text();
            assert_eq!(numbers(&back), forwards[1], "{backend:?}");
            let end = editor.browser.screen(&format!("/console/wangxi/library?{order}end=1")).await.text();
            assert_eq!(numbers(&end), all[80..], "the last page is a whole one");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_kept_for_its_person_replaced_by_its_name_and_forgotten() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let keep = |name: &'static str, query: &'static str| {
            let editor = editor.clone();
            async move { editor.browser.submit("/console/wangxi/library/views", &[("name", name), ("query", query)]).await }
        };
        let kept = keep("退回的稿件", "work=returned&col=author&nonsense=1").await;
        assert_eq!(kept.location(), "/console/wangxi/library?work=returned&col=author&done=view-saved", "{backend:?}");
        keep("退回的稿件", "work=returned").await;
        let screen = editor.browser.screen("/console/wangxi/library?work=returned").await.text();
        assert!(screen.contains("href=\"/console/wangxi/library?work=returned\" aria-current"), "{screen}");
        assert_eq!(screen.matches("视图“退回的稿件”").count(), 1, "the second replaced the first");
        let refused = keep("", "kind=policy").await;
        assert!(refused.status == 422 && refused.text().contains("请填写视图名称") && refused.text().contains("kind=policy"));

        let colleague = house.desk("wangxi", "review1").await;
        assert!(!colleague.browser.screen("/console/wangxi/library").await.text().contains("退回的稿件"));
        let forget = between(&screen, "action=\"/console/wangxi/library/views/", "\"");
        let forget = format!("/console/wangxi/library/views/{forget}");
        assert_eq!(colleague.browser.submit(&forget, &[]).await.status, 404);
        assert_eq!(editor.browser.submit(&forget, &[]).await.status, 303);
        assert!(!editor.browser.screen("/console/wangxi/library").await.text().contains("退回的稿件"));
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("保存常用视图") && log.contains("删除常用视图"), "{log}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_becomes_a_table_for_excel_in_which_nothing_is_a_formula() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        drafts(&house, 620);
        let editor = house.desk("wangxi", "editor").await;
        editor.write(&house, &Article::news("=HYPERLINK(1)<&")).await;
        house.desk("qingyu", "editor").await.write(&house, &Article::news("清屿的一条消息")).await;
        let answer = editor.browser.screen("/console/library/export").await;
        assert_eq!(answer.status, 200, "{backend:?}");
        assert!(
            answer.header("content-type").contains("spreadsheetml") && answer.header("content-disposition").contains(".xlsx")
        );
        let (sheet, strings) = table(&answer.bytes);
        assert_eq!(sheet.matches("<row ").count(), 622, "heads and all lines on {backend:?}");
        let text = format!("{sheet}{strings}");
        assert!(text.contains("=HYPERLINK(1)&lt;&amp;") && !sheet.contains("<f>"), "what was typed stays text");
        assert!(text.contains("批量稿件619") && !text.contains("清屿的一条消息"));

        let narrow = editor.browser.screen("/console/wangxi/library/export?q=HYPERLINK").await;
        assert_eq!(table(&narrow.bytes).0.matches("<row ").count(), 2);
        assert_eq!(editor.browser.screen("/console/wangxi/library/export?kind=x").await.status, 409);
        assert_eq!(editor.browser.screen("/console/qingyu/library/export").await.status, 404);
        house.close().await;
    }
}

/// Prints how long lists take with 100,000 resources: `cargo test -p server --test suite -- --ignored --nocapture measure_lists`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of some minutes"]
async fn measure_lists_of_a_hundred_thousand_resources() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        let begun = Instant::now();
        fill(&house, 100_000);
        invite(&house, 100_000);
        println!("\n{backend:?}: filled in {:.0?}", begun.elapsed());
        let (city, editor) = (house.desk("platform", "admin").await, house.desk("wangxi", "editor").await);
        let security = house.desk("platform", "security").await;
        let many = granted(&house, 200).await;
        let channel = house.channel("wangxi", "yaowen").id;
        let deep = deep(&city, 20).await;
        for (name, desk, path) in [
            ("all sites, newest first", &city, "/console/library".to_owned()),
            ("all sites, a page in the middle", &city, deep),
            ("all sites, the last page", &city, "/console/library?end=1".into()),
            ("all sites, oldest first", &city, "/console/library?order=oldest".into()),
            ("all sites, by publication", &city, "/console/library?by=published".into()),
            ("one site", &editor, "/console/wangxi/library".into()),
            ("with 200 grants, newest first", &many, "/console/library".to_owned()),
            ("with 200 grants, a word that many have", &many, "/console/library?q=%E9%80%9A%E7%9F%A5".into()),
            ("with 200 grants, one site", &many, "/console/wangxi/library".into()),
            ("with 200 grants, the desk", &many, "/console/wangxi".into()),
            ("a channel with its subtree", &editor, format!("/console/wangxi/library?channel={channel}")),
            ("a kind that half are of", &city, "/console/library?kind=policy".into()),
            ("a kind that none is of", &city, "/console/library?kind=guide".into()),
            ("withdrawn, which few are", &city, "/console/library?state=withdrawn".into()),
            ("a word that many have", &city, "/console/library?q=%E9%80%9A%E7%9F%A5".into()), // 通知
            ("a word that one has", &city, "/console/library?q=%E7%AC%AC77777%E5%8F%B7".into()), // 第77777号
            ("a word that none has", &city, "/console/library?q=%E4%B8%8D%E5%AD%98%E5%9C%A8".into()), // 不存在
            ("word, kind, state, author, days", &city, "/console/library?q=%E7%AC%AC7&kind=policy&state=live&author=editor&from=2024-01-01".into()),
            ("a keyword that few have", &city, "/console/library?keyword=%E7%BD%95%E8%A7%81".into()), // 罕见
            ("by publication, few", &city, "/console/library?by=published&keyword=%E7%BD%95%E8%A7%81".into()),
            ("a month of publication", &city, "/console/library?by=published&from=2025-03-01&to=2025-03-31".into()),
            ("people, a first page", &security, "/console/people".into()),
            ("people, a page in the middle", &security, "/console/people?page=1000".into()),
            ("people by last sign-in", &security, "/console/people?by=signed_in&order=falling".into()),
            ("people, a word that one has", &security, "/console/people?q=person-77777".into()),
            ("people of a site", &security, "/console/people?site=wangxi".into()),
            ("all details", &city, "/console/library?col=site&col=channel&col=kind&col=state&col=index_number&col=document_number&col=keywords&col=author&col=places&col=published&col=updated".into()),
        ] {
            let mut times = Vec::new();
            for _ in 0..40 {
                let begun = Instant::now();
                let answer = desk.browser.screen(&path).await;
                times.push(begun.elapsed());
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
            times.sort();
            println!("{name:40} p50 {:>8.1?}  p95 {:>8.1?}", times[20], times[37]);
        }
        let (before, begun) = (peak(), Instant::now());
        let answer = city.browser.screen("/console/library/export").await;
        println!(
            "all 100,000 as a table: {:.1?}, {} bytes, peak memory of this process {before} before and {} after",
            begun.elapsed(),
            answer.bytes.len(),
            peak()
        );
        house.close().await;
    }
}

/// Somebody who holds so many grants, each in a channel.
async fn granted(house: &House, count: usize) -> Desk {
    let sites = ["wangxi", "qingyu", "donglan", "jinchuan"].map(|site| house.site(site).id);
    let grounds: Vec<model::Ground> = sites
        .iter()
        .flat_map(|site| {
            let tree = house.engine().store.read(|connection| store::channels::tree(connection, *site)).unwrap();
            tree.all().iter().map(|channel| model::Ground::Channel(*site, channel.id)).collect::<Vec<_>>()
        })
        .collect();
    let role = |number: usize| {
        let permissions = [model::Permission::Read, model::Permission::Write].into_iter().collect();
        let name = format!("岗位{number}");
        let content = model::RoleContent { name, note: String::new(), duty: model::Duty::Business, permissions };
        publish::commands::role::add(house.engine(), &model::Actor::operator("test"), &content).unwrap()
    };
    let roles: Vec<model::RoleId> = (0..=count / grounds.len()).map(role).collect();
    let all = roles.iter().flat_map(|role| grounds.iter().map(|ground| model::Grant::lasting(*role, *ground)));
    let all: Vec<model::Grant> = all.take(count).collect();
    house.hire("many", all[0].role, all[0].ground);
    let id = house.actor("many").user_id.unwrap();
    let granted = house
        .engine()
        .store
        .command(|command| all.into_iter().skip(1).try_for_each(|grant| store::people::grant(command, id, grant)));
    granted.unwrap();
    house.desk("platform", "many").await
}

/// Adds accounts that hold nothing.
fn invite(house: &House, count: usize) {
    let now = house.engine().clock.now();
    let nobodys = model::Password { hash: "-".into(), origin: model::PasswordOrigin::Own, since: now };
    let added = house.engine().store.command(|command| {
        for number in 0..count {
            store::people::insert(command, &format!("person-{number:05}"), &format!("人员{number:05}"), &nobodys, &[], now)?;
        }
        Ok::<_, store::Error>(())
    });
    added.unwrap();
}

/// The most memory this process has held, as the kernel counts it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim().to_owned()
}

/// The address of a page this many pages into the middle of the list.
async fn deep(desk: &Desk, pages: usize) -> String {
    let mut page = "/console/library?to=2025-06-30".to_owned();
    for _ in 0..pages {
        let text = desk.browser.screen(&page).await.text();
        page = link(&text, "next").unwrap_or(page);
    }
    page
}

/// Resources on two sites, half of them policy files, over two years, most of them published.
fn fill(house: &House, count: usize) {
    let places: Vec<(SiteId, ChannelId, model::AgencyId, model::UserId)> = ["wangxi", "qingyu"]
        .into_iter()
        .map(|key| {
            let site = house.site(key);
            let by = house.actor(&format!("{key}-editor")).author();
            (site.id, house.channel(key, "yaowen").id, site.agency.id, by)
        })
        .collect();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let body = format!("<p>{}</p>", "正文一段。".repeat(120));
    for from in (0..count).step_by(500) {
        house
            .engine()
            .store
            .command(|command| {
                for number in from..count.min(from + 500) {
                    let (site, channel, agency, by) = places[usize::from(number % 10 == 0)];
                    let now = first + chrono::TimeDelta::minutes(10 * i64::try_from(number).unwrap());
                    let new = store::resources::NewResource {
                        public_id: &format!("made-{number}"),
                        site,
                        channel,
                        agency,
                        kind: if number % 2 == 0 { ResourceKind::Policy } else { ResourceKind::Article },
                        created_by: by,
                    };
                    let id = store::resources::insert(command, &new, now)?;
                    let rare = if number % 5_000 == 0 { "罕见" } else { "常见" };
                    let content = Content {
                        title: format!("关于做好今冬明春安全生产和防火防汛工作的通知（第{number}号）"),
                        body: body.clone(),
                        keywords: vec!["安全生产".into(), rare.into()],
                        document_number: (number % 2 == 0).then(|| format!("望政发〔2025〕{number}号")),
                        ..Content::default()
                    };
                    let revision = store::resources::insert_revision(command, id, &content, by, now)?;
                    let mut resource = store::resources::find_anywhere(command, id)?.unwrap();
                    resource.latest_revision_id = Some(revision.id);
                    if number % 50 != 0 {
                        resource.state = if number % 1_000 == 1 { ResourceState::Withdrawn } else { ResourceState::Live };
                        resource.live_revision_id = Some(revision.id);
                        resource.index_number = Some(format!("99010200X/2025-{number:06}"));
                        resource.published_at = Some(now);
                        resource.work = model::WorkState::Idle;
                    }
                    store::resources::update(command, &resource, now)?;
                }
                Ok::<_, store::Error>(())
            })
            .unwrap();
    }
    // What PostgreSQL would do by itself within a minute.
    if house.settings.database.starts_with("postgres") {
        house.engine().store.administer("VACUUM ANALYZE").unwrap();
    }
}

fn drafts(house: &House, count: usize) {
    let (site, channel, actor) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor"));
    take(house, site, channel, &actor, count);
}

/// The sheet of a workbook, and the texts that are kept beside it.
fn table(bytes: &[u8]) -> (String, String) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook is an archive");
    let mut read = |name: &str| {
        let mut text = String::new();
        if let Ok(mut file) = archive.by_name(name) {
            std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        }
        text
    };
    (read("xl/worksheets/sheet1.xml"), read("xl/sharedStrings.xml"))
}

/// Numbers of the resources a list shows, in its order.
fn numbers(text: &str) -> Vec<i64> {
    let links = text.split("class=\"lines-title\"><a href=\"/console/wangxi/resources/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Where a link of the pager leads.
fn link(text: &str, rel: &str) -> Option<String> {
    let rest = text.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?;
    Some(rest.split('"').next()?.replace("&amp;", "&").split('#').next()?.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_default()
}
