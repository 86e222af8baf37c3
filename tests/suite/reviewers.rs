//! Who may review: a step of a channel can be for a group, and one rule says on every screen whose turn it is.

use std::collections::BTreeSet;

use config::SiteManifest;
use model::{Actor, GroupContent, GroupId, ReviewError, SiteId, Step, Submission, UserId};
use publish::commands::{group, seal, site::apply};
use store::catalogue::Reach;
use testkit::{Article, Backend, Desk, House};

use crate::review::picks;
use crate::sharing::declare;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_wrote_an_earlier_draft_of_it_does_not_review_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (admin, editor) = (house.desk("wangxi", "admin").await, house.desk("wangxi", "editor").await);
        let id = admin.write(&house, &Article::news("两人先后撰写")).await;
        editor.rewrite(&house, id, &Article::news("两人先后撰写，后者送审")).await;
        editor.hand_in(&house, id).await;
        assert_eq!(on_desk(&house, id).await, ["review1", "review2", "review3"], "{backend:?}");
        assert_same_everywhere(&house, id);
        let refused = admin.approve(id, 0).await;
        assert!(refused.status == 409 && refused.text().contains("不能审核本人撰写、修改或送审的稿件"), "{}", refused.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_step_for_a_group_is_reviewed_by_its_members_alone_and_every_screen_says_so() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let news = add_group(&house, Some("wangxi"), "新闻审核组", &["wangxi-review2", "wangxi-editor"]);
        let admin = house.desk("wangxi", "admin").await;
        set_steps(&house, &admin, &[("一审", None), ("二审", Some(news))]).await;

        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("须由专人二审")).await;
        let page = follow(&editor, &editor.hand_in(&house, id).await.location()).await;
        assert!(page.contains("已送审，等待一审。") && page.contains("可审核："), "{backend:?}: {page}");
        assert_eq!(on_desk(&house, id).await, ["review1", "review2", "review3", "admin"], "{backend:?}");
        assert_same_everywhere(&house, id);

        let first = house.desk("wangxi", "review1").await;
        let page = follow(&first, &first.approve(id, 0).await.location()).await;
        assert!(page.contains("已审核通过，等待新闻审核组二审。"), "{backend:?}: {page}");
        assert!(
            page.contains("<strong>等待新闻审核组二审</strong>") && page.contains("可审核：wangxi-review2"),
            "{backend:?}: {page}"
        );

        // Whoever is not in it finds it nowhere, and is told why where they look for it.
        assert_eq!(on_desk(&house, id).await, ["review2"], "{backend:?}");
        assert_same_everywhere(&house, id);
        let outside = house.desk("wangxi", "review3").await;
        let page = outside.browser.screen(&address(id)).await.text();
        assert!(
            page.contains("本环节由指定的工作组审核，您不在该工作组") && !page.contains("请审核</h2>"),
            "{backend:?}: {page}"
        );
        for refused in [outside.approve(id, 1).await, outside.send_back(id, 1, "不合适").await, admin.approve(id, 1).await] {
            assert!(refused.status == 409 && refused.text().contains("您不在该工作组"), "{backend:?}: {}", refused.text());
        }
        let waiting = waiting(&house, id);
        let pick = format!("{id}-{}-1", waiting.id);
        let batch = outside.browser.submit("/console/wangxi/reviews", &[("pick", &pick), ("verdict", "approve")]).await;
        let told = crate::library::batches::finished(&outside, &batch.location()).await;
        assert!(told.contains("1 篇未完成") && told.contains("您不在该工作组"), "{backend:?}: {told}");

        let second = house.desk("wangxi", "review2").await;
        assert_eq!(second.approve(id, 1).await.status, 303, "{backend:?}");
        house.quiet().await;
        assert!(house.browser().get("wangxi", "/yaowen/").await.text().contains("须由专人二审"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_review_is_handed_over_within_the_group_of_its_step() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let group = add_group(&house, Some("wangxi"), "要闻组", &["wangxi-review1", "wangxi-review2"]);
        let admin = house.desk("wangxi", "admin").await;
        set_steps(&house, &admin, &[("审核", Some(group)), ("签发", None)]).await;
        let id = handed_in(&house, "在组内转办").await;
        let first = house.desk("wangxi", "review1").await;
        let page = first.browser.screen(&address(id)).await.text();
        let [inside, outside] = ["wangxi-review2", "wangxi-review3"].map(|name| person(&house, name).to_string());
        assert!(page.contains(&format!("<option value=\"{inside}\"")), "{backend:?}: {page}");
        assert!(!page.contains(&format!("<option value=\"{outside}\"")), "{backend:?}: {page}");

        let submission = waiting(&house, id).id.to_string();
        let hand_over = async |desk: &Desk, to: &str| {
            let fields = [("submission", submission.as_str()), ("step", "0"), ("to", to)];
            desk.browser.submit(&format!("{}/hand-over", address(id)), &fields).await
        };
        let refused = hand_over(&first, &outside).await;
        assert!(
            refused.status == 422 && refused.text().contains("请选择可以审核本环节的人员"),
            "{backend:?}: {}",
            refused.text()
        );
        let stranger = hand_over(&house.desk("wangxi", "review3").await, &inside).await;
        assert!(stranger.status == 409 && stranger.text().contains("您不在该工作组"), "{backend:?}: {}", stranger.text());
        assert_eq!(hand_over(&first, &inside).await.status, 303, "{backend:?}");
        let desk = house.desk("wangxi", "review2").await.browser.screen("/console/wangxi").await.text();
        assert!(desk.contains("转给我"), "{backend:?}: {desk}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_step_that_nobody_of_its_group_may_review_is_open_to_every_reviewer() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let members = ["wangxi-review1", "wangxi-editor"];
        let group = add_group(&house, Some("wangxi"), "唯一一人组", &members);
        let admin = house.desk("wangxi", "admin").await;
        set_steps(&house, &admin, &[("一审", Some(group)), ("二审", Some(group))]).await;
        let [id, other] = [handed_in(&house, "组里只有一人").await, handed_in(&house, "组没有了").await];
        assert_eq!(on_desk(&house, id).await, ["review1"], "{backend:?}");

        // Its one reviewer gave the first step, so that the second would wait for ever.
        let first = house.desk("wangxi", "review1").await;
        let page = follow(&first, &first.approve(id, 0).await.location()).await;
        assert!(
            page.contains("已审核通过，等待二审。") && page.contains("“唯一一人组”没有可以审核本稿的人员"),
            "{backend:?}: {page}"
        );
        assert_eq!(on_desk(&house, id).await, ["review2", "review3", "admin"], "{backend:?}");
        assert_same_everywhere(&house, id);
        assert!(first.approve(id, 1).await.text().contains("各审次须由不同人员审核"), "{backend:?}");
        assert_eq!(house.desk("wangxi", "review2").await.approve(id, 1).await.status, 303, "{backend:?}");

        // Nor when nobody in it may review any more, and the channel's screen says so.
        change_members(&house, group, &["wangxi-editor"]);
        assert_eq!(on_desk(&house, other).await, ["review1", "review2", "review3", "admin"], "{backend:?}");
        let channel = house.channel("wangxi", "yaowen").id;
        let form = admin.browser.screen(&format!("/console/wangxi/channels/{channel}")).await.text();
        assert!(form.contains("“唯一一人组”中没有可在本站审核的人员") && form.contains("无人可审核"), "{backend:?}: {form}");

        // It is taken away only when no channel has a step for it; a text under review is every reviewer's from then on.
        let refused = delete_group(&admin, group).await;
        assert!(refused.contains("“要闻动态”一审、二审") && refused.contains("再删除该组"), "{backend:?}: {refused}");
        set_steps(&house, &admin, &[("一审", None), ("二审", None)]).await;
        assert_eq!(delete_group(&admin, group).await, "", "{backend:?}");
        assert_eq!(waiting(&house, other).group(), Some(group), "as it was when it was handed in");
        assert_eq!(on_desk(&house, other).await, ["review1", "review2", "review3", "admin"], "{backend:?}");
        let page = first.browser.screen(&address(other)).await.text();
        assert!(page.contains("原定的工作组已删除"), "{backend:?}: {page}");
        assert_eq!(first.approve(other, 0).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_takes_groups_of_its_site_and_of_the_platform_and_keeps_what_was_chosen() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let own = add_group(&house, Some("wangxi"), "本区审核组", &["wangxi-review1"]);
        let foreign = add_group(&house, Some("qingyu"), "外区审核组", &["qingyu-review1"]);
        let city = add_group(&house, None, "市级把关组", &["admin"]);
        let admin = house.desk("wangxi", "admin").await;
        let channel = house.channel("wangxi", "yaowen").id;
        let form = admin.browser.screen(&format!("/console/wangxi/channels/{channel}")).await.text();
        assert!(form.contains("本区审核组（1人可审核）") && form.contains("市级把关组（1人可审核）"), "{backend:?}: {form}");
        assert!(!form.contains("外区审核组"), "{backend:?}: {form}");

        let refused = save_steps(&house, &admin, &[("一审", Some(own)), ("二审", Some(foreign)), ("", Some(city))]).await;
        let text = refused.text();
        assert!(refused.status == 422 && text.contains("选了工作组的审核环节须填写名称"), "{backend:?}: {text}");
        assert!(text.contains(&format!("<option value=\"{own}\" selected>")), "what was chosen is kept: {text}");
        let refused = save_steps(&house, &admin, &[("一审", Some(own)), ("二审", Some(foreign))]).await;
        assert!(refused.status == 422 && refused.text().contains("所选的工作组已被删除"), "{backend:?}: {}", refused.text());

        set_steps(&house, &admin, &[("一审", Some(own)), ("二审", Some(city))]).await;
        let steps = house.channel("wangxi", "yaowen").steps;
        assert_eq!(steps.iter().map(|step| step.group).collect::<Vec<_>>(), [Some(own), Some(city)], "{backend:?}");

        // What uses it is told to who would take it away, whichever sites that is on.
        let security = house.desk("platform", "security").await;
        let page = security.browser.screen(&format!("/console/people/groups/{city}")).await.text();
        assert!(page.contains("用于审核环节：望溪区“要闻动态”二审"), "{backend:?}: {page}");

        // A channel that was retired takes none with it that is gone when it is taken up again.
        assert_eq!(admin.browser.submit(&format!("/console/wangxi/channels/{channel}/retire"), &[]).await.status, 303);
        assert_eq!(delete_group(&admin, own).await, "", "{backend:?}");
        assert_eq!(admin.browser.submit(&format!("/console/wangxi/channels/{channel}/restore"), &[]).await.status, 303);
        let steps = house.channel("wangxi", "yaowen").steps;
        assert_eq!(steps.iter().map(|step| step.group).collect::<Vec<_>>(), [None, Some(city)], "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_is_reviewed_by_the_groups_of_the_site_that_receives_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let group = add_group(&house, Some("donglan"), "专题审核组", &["donglan-review2"]);
        let channel = house.channel("donglan", "zt");
        declare(&house, "donglan", |manifest| {
            let topic = manifest.channels.iter_mut().find(|channel| channel.key == "zt").unwrap();
            topic.steps = Some(vec![Step { name: "审核".into(), group: Some("专题审核组".into()) }]);
        });
        assert_eq!(house.channel("donglan", "zt").steps[0].group, Some(group), "{backend:?}");
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("推给外区的稿件")).await;
        let push = format!("/console/wangxi/resources/{id}/push");
        assert_eq!(editor.browser.submit(&push, &[("channel", &channel.id.to_string())]).await.status, 303, "{backend:?}");
        let receiver = house.desk("donglan", "editor").await;
        let inbox = receiver.browser.screen("/console/donglan/offers").await.text();
        let offer = crate::journey::link_to(&inbox, "推给外区的稿件").unwrap();
        assert_eq!(receiver.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303, "{backend:?}");

        let word = [("step", "0"), ("verdict", "approve")];
        let outside = house.desk("donglan", "review1").await;
        let page = outside.browser.screen(&offer).await.text();
        assert!(page.contains("等待专题审核组审核") && page.contains("您不在该工作组"), "{backend:?}: {page}");
        assert_eq!(outside.browser.submit(&format!("{offer}/review"), &word).await.status, 409, "{backend:?}");
        let (inside, outside) = (person(&house, "donglan-review2"), person(&house, "donglan-review1"));
        assert_eq!(to_review(&house, "donglan", &[inside, outside]), [1, 0], "{backend:?}");
        let member = house.desk("donglan", "review2").await;
        assert_eq!(member.browser.submit(&format!("{offer}/review"), &word).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_names_the_groups_of_steps_and_is_written_out_as_it_was_read() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let plain = house.settings.sites.join("wangxi");
    let mut manifest = SiteManifest::load(&plain).unwrap();
    manifest.workflow.steps[1].group = Some("市级把关组".into());
    let topic = manifest.channels.iter_mut().find(|channel| channel.key == "zt").unwrap();
    topic.steps = Some(vec![Step { name: "审核".into(), group: Some("专题组".into()) }]);
    let (engine, operator) = (house.engine(), Actor::operator("test"));

    let refused = apply(engine, &operator, &manifest).unwrap_err().to_string();
    assert!(refused.contains("`市级把关组`") && refused.contains("`二审`"), "{refused}");
    let city = add_group(&house, None, "市级把关组", &["admin"]);
    let own = add_group(&house, Some("wangxi"), "专题组", &["wangxi-review1"]);
    assert!(!apply(engine, &operator, &manifest).unwrap().changes.is_empty());
    assert_eq!(house.channel("wangxi", "yaowen").steps[1].group, Some(city));
    assert_eq!(house.channel("wangxi", "zt").steps[0].group, Some(own));

    let folder = house.folder().join("written/wangxi");
    let file = server::commands::export_site(engine, "wangxi", &folder, false).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("市级把关组"), "{text}");
    let written = SiteManifest::load(&folder).unwrap();
    assert_eq!(written.workflow.steps, manifest.workflow.steps, "{text}");
    assert_eq!(apply(engine, &operator, &written).unwrap().changes, Vec::<String>::new());

    // A name that would be read back as another group is not written.
    add_group(&house, Some("wangxi"), "市级把关组", &[]);
    let refused = server::commands::export_site(engine, "wangxi", &folder, true).unwrap_err();
    assert!(format!("{refused:#}").contains("rename one"), "{refused:#}");
    house.close().await;
}

/// Makes a group of a site, or of the platform, as its administrator.
fn add_group(house: &House, site: Option<&str>, name: &str, members: &[&str]) -> GroupId {
    let actor = house.actor(&site.map_or("admin".to_owned(), |site| format!("{site}-admin")));
    let members = members.iter().map(|name| person(house, name)).collect::<BTreeSet<_>>().into_iter().collect();
    let content = GroupContent { name: name.into(), duty: String::new(), members };
    group::add(house.engine(), &actor, site.map(|key| house.site(key).id), &content).unwrap()
}

fn change_members(house: &House, id: GroupId, members: &[&str]) {
    let site = Some(house.site("wangxi").id);
    let kept = house.engine().store.read(|connection| store::groups::find(connection, site, id)).unwrap().unwrap().content;
    let members = members.iter().map(|name| person(house, name)).collect();
    let content = GroupContent { members, ..kept.clone() };
    group::save(house.engine(), &house.actor("wangxi-admin"), site, id, &seal(&kept), &content).unwrap();
}

/// Takes a group away by its screen; gives what stands in the way.
async fn delete_group(admin: &Desk, id: GroupId) -> String {
    let address = format!("/console/wangxi/people/groups/{id}");
    let page = admin.browser.screen(&address).await.text();
    let answer = admin.browser.submit(&format!("{address}/delete"), &[("seen", &seen(&page))]).await;
    if answer.status == 303 { String::new() } else { answer.text() }
}

fn seen(page: &str) -> String {
    page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Saves the steps of 要闻动态 by the form of the channel.
async fn save_steps(house: &House, admin: &Desk, steps: &[(&str, Option<GroupId>)]) -> testkit::Answer {
    let channel = house.channel("wangxi", "yaowen");
    let address = format!("/console/wangxi/channels/{}", channel.id);
    let seen = seen(&admin.browser.screen(&address).await.text());
    let keywords = channel.keywords.join("，");
    let mut fields = vec![
        ("seen", seen),
        ("name", channel.name),
        ("description", channel.description),
        ("keywords", keywords),
        ("kind", channel.kind),
        ("navigation", "yes".to_owned()),
    ];
    for (name, group) in steps {
        fields.push(("step", (*name).to_owned()));
        fields.push(("group", group.map(|id| id.to_string()).unwrap_or_default()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    admin.browser.submit(&address, &fields).await
}

async fn set_steps(house: &House, admin: &Desk, steps: &[(&str, Option<GroupId>)]) {
    let answer = save_steps(house, admin, steps).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn handed_in(house: &House, title: &str) -> i64 {
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(house, &Article::news(title)).await;
    assert_eq!(editor.hand_in(house, id).await.status, 303);
    id
}

/// On whose desks a text waits for review, of those who hold the right at all.
async fn on_desk(house: &House, id: i64) -> Vec<&'static str> {
    let mut found = Vec::new();
    for name in ["review1", "review2", "review3", "admin"] {
        let desk = house.desk("wangxi", name).await;
        if picks(&desk).await.iter().any(|pick| pick.starts_with(&format!("{id}-"))) {
            found.push(name);
        }
    }
    found
}

/// Lists, counts, the workload and the rule for one text agree about everybody.
fn assert_same_everywhere(house: &House, id: i64) {
    let (submission, site) = (waiting(house, id), house.site("wangxi").id);
    let everybody = house.engine().store.read(store::people::list).unwrap();
    for user in everybody {
        let (may, listed, counted, named) = house
            .engine()
            .store
            .read(|connection| {
                Ok::<_, store::Error>((
                    store::reviewers::may(connection, submission.id, user.id)?,
                    store::reviewers::list_waiting(connection, site, user.id, 50)?.contains(&submission.id),
                    store::reviewers::count_waiting(connection, site, user.id)?,
                    store::reviewers::list(connection, submission.id)?.iter().any(|(person, _)| *person == user.id),
                ))
            })
            .unwrap();
        assert_eq!((listed, named), (may, may), "{}", user.username);
        assert_eq!(to_review(house, "wangxi", &[user.id]), [counted], "{}", user.username);
        if !may {
            let error = submission.why_not(user.id, person(house, "wangxi-editor"));
            assert!(matches!(error, ReviewError::OwnWork | ReviewError::SamePerson | ReviewError::OutsideGroup));
        }
    }
}

fn to_review(house: &House, site: &str, people: &[UserId]) -> Vec<i64> {
    let reach: SiteId = house.site(site).id;
    let now = house.engine().clock.now();
    let loads = house
        .engine()
        .store
        .read(|connection| store::workload::loads(connection, &Reach::Sites(vec![reach]), people, now))
        .unwrap();
    people.iter().map(|id| loads.get(id).map_or(0, |load| load.to_review)).collect()
}

fn person(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

fn waiting(house: &House, id: i64) -> Submission {
    house.engine().store.read(|c| store::submissions::find_open(c, id.into())).unwrap().expect("it is in review")
}

async fn follow(desk: &Desk, address: &str) -> String {
    desk.browser.screen(address).await.text()
}

fn address(id: i64) -> String {
    format!("/console/wangxi/resources/{id}")
}
