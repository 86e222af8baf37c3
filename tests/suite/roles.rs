//! Roles of the city's own, acts across sites as permissions of their own, and who may do what and why.

use model::{Actor, Duty, Ground, Permission, Right, RoleContent, RoleId, UserId, entitlements};
use publish::CommandError;
use publish::commands::{offer, role, takedown};
use store::{audit, people, roles};
use testkit::{Answer, Article, Backend, Desk, House};

const ROLES: &str = "/console/people/roles";

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

/// A role of one's own, made as the command line would.
fn make(house: &House, name: &str, duty: Duty, permissions: &[Permission]) -> RoleId {
    let permissions = permissions.iter().copied().collect();
    let content = RoleContent { name: name.into(), note: String::new(), duty, permissions };
    role::add(house.engine(), &Actor::operator("test"), &content).unwrap()
}

fn known(house: &House, name: &str) -> model::Role {
    house.engine().store.read(roles::all).unwrap().by_name(name).unwrap_or_else(|| panic!("no role {name}")).clone()
}

/// The value of the seal in the form of a role.
async fn seen(desk: &Desk, page: &str) -> String {
    let text = desk.browser.screen(page).await.text();
    text.split("name=\"seen\" value=\"").nth(1).unwrap_or_else(|| panic!("{text}")).split('"').next().unwrap().to_owned()
}

async fn send(desk: &Desk, page: &str, seen: &str, name: &str, permissions: &[&str]) -> Answer {
    let typed = [("seen", seen), ("name", name), ("note", ""), ("duty", "business")];
    let fields: Vec<_> = typed.into_iter().chain(permissions.iter().map(|word| ("permissions", *word))).collect();
    desk.browser.submit(page, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_given_changed_for_everybody_at_once_and_taken_away_when_nobody_holds_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let security = house.desk("platform", "security").await;
        let made = send(&security, ROLES, "", "撰稿员", &["read", "write"]).await;
        assert_eq!(made.location(), format!("{ROLES}?done=role-added"), "{backend:?}: {}", made.text());
        let role = known(&house, "撰稿员");
        assert_eq!(role.word, format!("role-{}", role.id), "{backend:?}");
        assert!(role.id.0 > 100 && role.permissions == [Permission::Read, Permission::Write].into(), "{backend:?}");
        let list = security.browser.screen(ROLES).await.text();
        assert!(list.contains("撰稿员") && list.contains("站点管理员") && list.contains("0 人担任"), "{backend:?}: {list}");

        // It is chosen like any other, by whoever holds what it permits.
        house.hire("writer", model::Role::REVIEWER, Ground::Site(house.site("wangxi").id));
        let admin = house.desk("wangxi", "admin").await;
        let person = format!("/console/wangxi/people/{}", id_of(&house, "writer"));
        let page = admin.browser.screen(&person).await.text();
        assert!(page.contains(&format!("value=\"{}\"", role.word)), "{backend:?}: {page}");
        let yaowen = house.channel("wangxi", "yaowen").id.to_string();
        let fields = [("limited", role.word.as_str()), ("ground", &yaowen), ("until", "")];
        assert_eq!(admin.browser.submit(&format!("{person}/grants"), &fields).await.status, 303, "{backend:?}");
        let writer = house.desk("platform", "writer").await;
        assert_eq!(writer.browser.screen("/console/wangxi/resources/new").await.status, 200, "{backend:?}");

        // Held in a channel it is about texts alone; what it permits less holds at once.
        let page = format!("{ROLES}/{}", role.id);
        let seal = seen(&security, &page).await;
        let wider = send(&security, &page, &seal, "撰稿员", &["read", "write", "arrange"]).await;
        assert!(wider.status == 422 && wider.text().contains("writer"), "{backend:?}: {}", wider.text());
        let less = send(&security, &page, &seal, "通讯员", &["read"]).await;
        assert_eq!(less.location(), format!("{ROLES}?done=role-saved"), "{backend:?}: {}", less.text());
        assert_eq!(writer.browser.screen("/console/wangxi/resources/new").await.status, 403, "{backend:?}");
        let stale = send(&security, &page, &seal, "旧的", &["read", "write"]).await;
        assert!(stale.status == 409 && stale.text().contains("他人刚刚修改了该角色"), "{backend:?}");
        let log = house.engine().store.read(|connection| audit::list(connection, None, None, 10)).unwrap();
        let saved = log.iter().find(|entry| entry.action == "role.save").unwrap();
        let (before, after) = (saved.before.clone().unwrap(), saved.after.clone().unwrap());
        assert!(before.contains("撰写") && !after.contains("撰写") && after.contains("通讯员"), "{backend:?}: {saved:?}");

        // While somebody holds it, it stays, and who does is told.
        let seal = seen(&security, &page).await;
        let held = security.browser.submit(&format!("{page}/delete"), &[("seen", &seal)]).await;
        assert!(held.status == 409 && held.text().contains("仍有人担任“通讯员”：writer"), "{backend:?}: {}", held.text());
        let fields = [("role", role.word.as_str()), ("ground", &yaowen)];
        assert_eq!(admin.browser.submit(&format!("{person}/grants/take"), &fields).await.status, 303, "{backend:?}");
        let gone = security.browser.submit(&format!("{page}/delete"), &[("seen", &seal)]).await;
        assert_eq!(gone.location(), format!("{ROLES}?done=role-deleted"), "{backend:?}: {}", gone.text());
        assert_eq!(security.browser.screen(&page).await.status, 404, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_role_mixes_duties_is_made_by_others_or_takes_the_place_of_one_of_the_platforms() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let security = house.desk("platform", "security").await;
        for (permissions, told) in [
            (&["read", "takedown"][..], "不属于业务角色的权限"),
            (&["audit"], "不属于业务角色的权限"),
            (&["read", "roles"], "不属于业务角色的权限"),
            (&["write"], "须与“查看”一并勾选"),
            (&[], "请至少勾选一项权限"),
        ] {
            let refused = send(&security, ROLES, "", "混合角色", permissions).await;
            assert!(refused.status == 422 && refused.text().contains(told), "{permissions:?}, {backend:?}: {}", refused.text());
            assert!(refused.text().contains("value=\"混合角色\""), "what was typed stays, {backend:?}");
        }
        let twice = send(&security, ROLES, "", "编辑", &["read"]).await;
        assert!(twice.status == 422 && twice.text().contains("已有名为“编辑”的角色"), "{backend:?}");
        let fields = [("name", "第二安全员"), ("duty", "security"), ("permissions", "staff")];
        let officer = security.browser.submit(ROLES, &fields).await;
        assert!(officer.status == 422 && officer.text().contains("只能是业务或系统管理角色"), "{backend:?}: {}", officer.text());

        // Nobody else, on whatever way.
        for (site, who) in [("platform", "admin"), ("platform", "auditor"), ("wangxi", "admin")] {
            let desk = house.desk(site, who).await;
            assert_eq!(send(&desk, ROLES, "", "越权", &["read"]).await.status, 403, "{who} of {site}, {backend:?}");
            let content = RoleContent {
                name: "越权".into(),
                note: String::new(),
                duty: Duty::Business,
                permissions: [Permission::Read].into(),
            };
            let actor = house.actor(&if site == "platform" { who.to_owned() } else { format!("{site}-{who}") });
            let refused = role::add(house.engine(), &actor, &content);
            assert!(matches!(refused, Err(CommandError::Forbidden)), "{who} of {site}, {backend:?}: {refused:?}");
        }
        // Those that come with the platform are looked at and left alone.
        assert_eq!(security.browser.screen(&format!("{ROLES}/1")).await.status, 404, "{backend:?}");
        let editor = known(&house, "编辑");
        let refused = role::delete(house.engine(), &house.actor("security"), editor.id, &role::role_seal(&editor));
        assert!(matches!(refused, Err(CommandError::Refused(_))), "{backend:?}: {refused:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_across_sites_take_permissions_of_their_own() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let site = house.site("wangxi").id;
        let writes = make(&house, "只撰写", Duty::Business, &[Permission::Read, Permission::Write, Permission::Review]);
        let pushes = make(&house, "只推送", Duty::Business, &[Permission::Read, Permission::Push]);
        house.hire("writes", writes, Ground::Site(site));
        house.hire("pushes", pushes, Ground::Site(site));
        let (id, _) = house.desk("wangxi", "editor").await.publish(&house, &Article::news("可推送的稿件")).await;
        let page = format!("/console/wangxi/resources/{id}");
        let (author, sharer) = (house.desk("platform", "writes").await, house.desk("platform", "pushes").await);
        assert_eq!(author.browser.screen(&format!("{page}/push")).await.status, 403, "{backend:?}");
        assert_eq!(sharer.browser.screen(&format!("{page}/push")).await.status, 200, "{backend:?}");
        assert!(!author.browser.screen(&page).await.text().contains("/push\""), "no button leads there, {backend:?}");
        assert_eq!(sharer.browser.screen(&format!("{page}/edit")).await.status, 403, "{backend:?}");

        let engine = house.engine();
        let refused = offer::push(engine, &house.actor("writes"), site, model::ResourceId(id), &[model::ChannelId(1)], "");
        assert!(matches!(refused, Err(CommandError::Forbidden)), "{backend:?}: {refused:?}");
        let refused = takedown::order(engine, &house.actor("wangxi-admin"), model::ResourceId(id), "越权");
        assert!(matches!(refused, Err(CommandError::Forbidden)), "{backend:?}: {refused:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_permissions_is_what_requests_are_judged_by() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (site, other) = (house.site("wangxi").id, house.site("qingyu").id);
        let (yaowen, tzgg) = (house.channel("wangxi", "yaowen").id, house.channel("wangxi", "tzgg").id);
        house.hire("of-channel", model::Role::REVIEWER, Ground::Channel(site, yaowen));
        let (store, now) = (&house.engine().store, house.engine().clock.now());
        let (all, known) =
            store.read(|connection| Ok::<_, store::Error>((people::list(connection)?, roles::all(connection)?))).unwrap();
        let places = [
            Ground::Platform,
            Ground::Site(site),
            Ground::Site(other),
            Ground::Channel(site, yaowen),
            Ground::Channel(site, tzgg),
        ];
        for user in all {
            let person = store.read(|connection| people::find_person(connection, user.id, now)).unwrap().unwrap();
            let grants = store.read(|connection| people::list_grants(connection, user.id)).unwrap();
            for place in places {
                let tree = place.site().map(|site| store.read(|connection| store::channels::tree(connection, site)).unwrap());
                for told in entitlements(&known, &grants, place, &tree.unwrap_or_default(), now) {
                    let may = match place {
                        Ground::Platform => person.may_everywhere(told.permission),
                        Ground::Site(site) => person.may(told.permission, site),
                        Ground::Channel(site, channel) => person.may_in(told.permission, site, channel),
                    };
                    let whole = Right { permission: told.permission, ground: place };
                    assert_eq!(told.is_held(), may, "{} at {whole:?}, {backend:?}", user.username);
                }
            }
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_do_what_is_told_both_ways_and_on_a_site_of_its_own_people_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (admin, security) = (house.desk("wangxi", "admin").await, house.desk("platform", "security").await);
        let editor = id_of(&house, "wangxi-editor");
        let of = |base: &str, id: UserId| format!("{base}/{id}/rights");

        let page = admin.browser.screen(&of("/console/wangxi/people", editor)).await.text();
        assert!(
            page.contains("编辑（望溪区，长期）") && page.contains("可通过以下角色授予：审核员、站点管理员"),
            "{backend:?}: {page}"
        );
        let who = admin.browser.screen("/console/wangxi/people/rights?act=review").await.text();
        assert!(who.contains("wangxi-review1") && who.contains("wangxi-admin"), "{backend:?}: {who}");
        assert!(!who.contains("wangxi-editor") && !who.contains("qingyu-") && !who.contains(">admin<"), "{backend:?}: {who}");
        // Another site's people, channels and the site itself are not there.
        let stranger = id_of(&house, "qingyu-editor");
        assert_eq!(admin.browser.screen(&of("/console/wangxi/people", stranger)).await.status, 404, "{backend:?}");
        assert_eq!(admin.browser.screen(&of("/console/people", stranger)).await.status, 404, "{backend:?}");
        let foreign = house.channel("qingyu", "yaowen").id;
        for path in [
            format!("/console/wangxi/people/rights?act=review&channel={foreign}"),
            format!("{}?site=qingyu", of("/console/people", editor)),
        ] {
            assert_eq!(admin.browser.screen(&path).await.status, 404, "{path}, {backend:?}");
        }
        assert_eq!(admin.browser.screen("/console/people/rights?act=review").await.status, 403, "{backend:?}");
        let unknown = admin.browser.screen("/console/wangxi/people/rights?username=qingyu-editor").await;
        assert!(unknown.status == 200 && unknown.text().contains("没有这个人员"), "{backend:?}");

        // Over the platform everything, and what two duties keep apart.
        let page = security.browser.screen(&format!("{}?site=wangxi", of("/console/people", editor))).await.text();
        assert!(page.contains("须在全平台范围授予：系统管理员"), "{backend:?}: {page}");
        assert!(page.contains("按三员分立，不能与其现任角色兼任"), "who edits does not audit, {backend:?}: {page}");
        let who = security.browser.screen("/console/people/rights?act=takedown").await.text();
        assert!(who.contains("系统管理员（全平台，长期）") && !who.contains("wangxi-admin"), "{backend:?}: {who}");
        let found = security.browser.screen("/console/people/rights?username=wangxi-editor").await;
        assert_eq!(found.location(), of("/console/people", editor), "{backend:?}");

        // Whoever is refused is led to what they may do.
        let writer = house.desk("wangxi", "editor").await;
        let refused = writer.browser.screen("/console/wangxi/people").await;
        assert!(refused.status == 403 && refused.text().contains("/console/me/rights"), "{backend:?}");
        let own = writer.browser.screen("/console/me/rights").await.text();
        assert!(own.contains("编辑（望溪区，长期）") && own.contains("须在全平台范围授予"), "{backend:?}: {own}");
        assert_eq!(writer.browser.screen("/console/me/rights?site=qingyu").await.status, 404, "{backend:?}");
        house.close().await;
    }
}
