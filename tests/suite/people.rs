//! Who works where: people are taken in, given and refused roles, removed and switched off; groups, workload and agencies.

use model::{Actor, Grant, Ground, PasswordOrigin, Permission, Role, RoleId, UserId};
use publish::CommandError;
use publish::commands::account::{self, NewAccount};
use publish::commands::membership;
use store::audit;
use testkit::{Answer, Article, Backend, Desk, House};

use crate::founding::GOOD;
use crate::journey::link_to;
use crate::sharing::assert_rebuild_changes_nothing;
use crate::states::fill;

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

/// The roles somebody holds on a site.
fn held(house: &House, username: &str, site: &str) -> Vec<RoleId> {
    let (id, site) = (id_of(house, username), house.site(site).id);
    let grants = house.engine().store.read(|connection| store::people::list_grants(connection, id)).unwrap();
    grants.into_iter().filter(|grant| grant.ground == Ground::Site(site)).map(|grant| grant.role).collect()
}

/// The value of a hidden field of a form that is sent to an address ending so.
fn seen(page: &str, action: &str) -> String {
    let form =
        page.split("<form").find(|form| form.contains(&format!("{action}\""))).unwrap_or_else(|| panic!("no {action} in {page}"));
    form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Gives somebody these roles, as the form on their page does.
async fn set_roles(desk: &Desk, base: &str, id: UserId, roles: &[&str]) -> Answer {
    let page = desk.browser.screen(&format!("{base}/{id}")).await.text();
    let seen = seen(&page, "/roles");
    let fields: Vec<_> = [("seen", seen.as_str())].into_iter().chain(roles.iter().map(|role| ("roles", *role))).collect();
    desk.browser.submit(&format!("{base}/{id}/roles"), &fields).await
}

async fn press(desk: &Desk, base: &str, id: UserId, deed: &str) -> Answer {
    let page = desk.browser.screen(&format!("{base}/{id}")).await.text();
    desk.browser.submit(&format!("{base}/{id}/{deed}"), &[("seen", &seen(&page, deed))]).await
}

/// The numbers of somebody in the table of the workload.
fn numbers(page: &str, name: &str) -> Vec<i64> {
    let row = page.split("<tr role=\"row\">").find(|row| row.contains(&format!(">{name}<"))).unwrap_or_else(|| panic!("{page}"));
    row.split("data-label")
        .skip(1)
        .map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap().parse().unwrap())
        .collect()
}

/// The password that a page shows once.
fn shown_password(page: &str) -> String {
    let password = page.split("data-copied=\"密码\">").nth(1).unwrap_or_else(|| panic!("{page}")).split('<').next().unwrap();
    password.replace("&#x3d;", "=").replace("&#x2b;", "+")
}

const SITE: &str = "/console/wangxi/people";
const CITY: &str = "/console/people";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_is_shown_their_password_once_works_at_once_and_is_refused_when_removed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (admin, city) = (house.desk("wangxi", "admin").await, house.desk("platform", "security").await);
        let form = [("display_name", "林小满"), ("username", "linxiaoman")];
        let made = city.browser.submit(&format!("{CITY}/new"), &form).await;
        let text = made.text();
        assert_eq!(made.status, 200, "{backend:?}: {text}");
        let password = shown_password(&text);
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 5)).unwrap();
        assert_eq!(entries[0].action, "user.add");
        assert!(!format!("{entries:?}").contains(&password), "it is not in the log");

        let person = house.browser();
        let entered = person.submit("/console/sign-in", &[("username", "linxiaoman"), ("password", &password)]).await;
        assert_eq!(entered.status, 303, "{backend:?}: {}", entered.text());
        let own = [("current", password.as_str()), ("password", "Lin-Xiao-Man-26"), ("again", "Lin-Xiao-Man-26")];
        assert_eq!(person.submit("/console/me/password", &own).await.status, 303, "first another password, {backend:?}");
        assert_eq!(person.screen("/console/wangxi").await.status, 404, "nothing is held yet, {backend:?}");
        let known = [("username", "linxiaoman"), ("roles", "editor")];
        let id = id_of(&house, "linxiaoman");
        let joined = admin.browser.submit(&format!("{SITE}/known"), &known).await;
        assert_eq!(joined.location(), format!("{SITE}/{id}?done=person-joined"), "{backend:?}: {}", joined.text());
        assert_eq!(person.screen("/console/wangxi").await.status, 200, "{backend:?}");
        assert_eq!(person.screen("/console/wangxi/people").await.status, 403, "{backend:?}");
        let list = admin.browser.screen(SITE).await.text();
        assert!(list.contains("林小满") && !list.contains(&password), "{backend:?}");

        assert_eq!(set_roles(&admin, SITE, id, &["reviewer", "editor"]).await.status, 303, "{backend:?}");
        assert_eq!(held(&house, "linxiaoman", "wangxi"), [Role::EDITOR, Role::REVIEWER], "{backend:?}");
        let page = admin.browser.screen(&format!("{SITE}/{id}")).await.text();
        assert!(!page.contains("<dt>登录</dt>"), "what is not of the site is not told: {page}");
        assert_eq!(press(&admin, SITE, id, "remove").await.location(), format!("{SITE}?done=person-removed"), "{backend:?}");
        assert_eq!(person.screen("/console/wangxi").await.status, 404, "refused on the next request, {backend:?}");
        assert_eq!(admin.browser.screen(&format!("{SITE}/{id}")).await.status, 404, "{backend:?}");
        let entry = &house.engine().store.read(|connection| audit::list(connection, None, None, 1)).unwrap()[0];
        assert_eq!((entry.action.as_str(), entry.site_id), ("user.grant", Some(house.site("wangxi").id)));
        assert_eq!(entry.before.as_deref(), Some("{\"roles\":[\"编辑\",\"审核员\"]}"));

        let again = city.browser.submit(&format!("{CITY}/new"), &form).await;
        assert!(again.status == 422 && again.text().contains("该用户名已被使用"), "{backend:?}: {}", again.text());
        let page = format!("href=\"{CITY}/{id}\"");
        assert!(again.text().contains(&page), "the form sent twice leads to who was made, {backend:?}: {}", again.text());
        let other = [("display_name", "林大满"), ("username", "linxiaoman")];
        let other = city.browser.submit(&format!("{CITY}/new"), &other).await;
        assert!(other.status == 422 && !other.text().contains(&page), "somebody else, {backend:?}: {}", other.text());
        let known = admin.browser.submit(&format!("{SITE}/known"), &[("username", "linxiaoman"), ("roles", "reviewer")]).await;
        assert_eq!(known.location(), format!("{SITE}/{id}?done=person-joined"), "{backend:?}: {}", known.text());
        assert_eq!(person.screen("/console/wangxi").await.status, 200, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_password_is_replaced_once_by_whoever_could_have_made_the_person_and_every_session_ends() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        let id = id_of(&house, "wangxi-editor");
        let page = city.browser.screen(&format!("{CITY}/{id}")).await.text();
        let fields = [("seen", seen(&page, "/password"))];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let address = format!("{CITY}/{id}/password");
        let done = city.browser.submit(&address, &fields).await;
        assert_eq!(done.status, 200, "{backend:?}: {}", done.text());
        let password = shown_password(&done.text());
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 303, "they are signed out, {backend:?}");
        let entry = &house.engine().store.read(|connection| audit::list(connection, None, None, 1)).unwrap()[0];
        assert_eq!((entry.action.as_str(), entry.subject.as_str()), ("user.reset", format!("user:{id}").as_str()));
        assert!(!format!("{entry:?}").contains(&password), "it is not in the log, {backend:?}");

        // Sent again, it does not take the place of what was told to them.
        let again = city.browser.submit(&address, &fields).await;
        assert!(again.status == 409 && again.text().contains("此前显示的密码仍然有效"), "{backend:?}: {}", again.text());
        let entering = [("username", "wangxi-editor"), ("password", password.as_str())];
        assert_eq!(house.browser().submit("/console/sign-in", &entering).await.status, 303, "{backend:?}");

        // Not of whom they could not have appointed, not their own, and not by who runs a site.
        let admin = house.desk("wangxi", "admin").await;
        assert_eq!(admin.browser.submit(&address, &fields).await.status, 403, "{backend:?}");
        assert!(!admin.browser.screen(&format!("{CITY}/{id}")).await.text().contains("/password"), "{backend:?}");
        for (username, told) in [("auditor", "您无权重置其密码"), ("security", "不能重置本人的密码")] {
            let id = id_of(&house, username);
            assert!(!city.browser.screen(&format!("{CITY}/{id}")).await.text().contains("/password"), "{backend:?}");
            let account = house.engine().store.read(|connection| store::people::find(connection, id)).unwrap().unwrap();
            let seal = account::password_seal(&account);
            let refused = city.browser.submit(&format!("{CITY}/{id}/password"), &[("seen", &seal)]).await;
            assert!(refused.status == 409 && refused.text().contains(told), "{backend:?}: {}", refused.text());
        }
        assert_eq!(city.browser.submit(&format!("{CITY}/999999/password"), &fields).await.status, 404, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_made_for_a_site_holds_there_what_was_ticked_and_nothing_anywhere_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "security").await;
        let form = |site| [("display_name", "周望"), ("username", "zhouwang"), ("site", site), ("roles", "editor")];
        assert_eq!(city.browser.submit(&format!("{CITY}/new"), &form("nowhere")).await.status, 404, "{backend:?}");
        let made = city.browser.submit(&format!("{CITY}/new"), &form("wangxi")).await;
        assert_eq!(made.status, 200, "{backend:?}: {}", made.text());
        let id = id_of(&house, "zhouwang");
        assert!(made.text().contains(&format!("{SITE}/{id}")), "{backend:?}: {}", made.text());
        let grants = house.engine().store.read(|connection| store::people::list_grants(connection, id)).unwrap();
        assert_eq!(grants, [Grant::lasting(Role::EDITOR, Ground::Site(house.site("wangxi").id))], "{backend:?}");
        let auditor = [("display_name", "某人"), ("username", "somebody"), ("site", "wangxi"), ("roles", "auditor")];
        let refused = city.browser.submit(&format!("{CITY}/new"), &auditor).await;
        assert!(
            refused.status == 422 && refused.text().contains("您不能授予或取消“审计管理员”角色"),
            "{backend:?}: {}",
            refused.text()
        );
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_all_people_finds_them_by_name_and_who_runs_a_site_does_not() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (admin, city) = (house.desk("wangxi", "admin").await, house.desk("platform", "security").await);
        let sought = "/console/people/named?sought=qingyu-edi";
        assert_eq!(admin.browser.screen(sought).await.status, 403, "{backend:?}");
        assert!(!admin.browser.screen(&format!("{SITE}/new")).await.text().contains("data-usernames"), "{backend:?}");
        assert!(city.browser.screen(&format!("{SITE}/new")).await.text().contains("data-usernames"), "{backend:?}");
        let offered = city.browser.screen(sought).await.text();
        let told = offered.split("data-told=\"").nth(1).unwrap_or_else(|| panic!("{offered}")).split('"').next().unwrap();
        assert!(told.ends_with("（qingyu-editor）"), "{backend:?}: {offered}");
        let id = id_of(&house, "qingyu-editor");
        let joined = city.browser.submit(&format!("{SITE}/known"), &[("username", told), ("roles", "editor")]).await;
        assert_eq!(joined.location(), format!("{SITE}/{id}?done=person-joined"), "{backend:?}: {}", joined.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_stand_in_the_order_of_pinyin_also_those_who_were_here_before_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "security").await;
        for (name, username) in
            [("周文", "zhouwen"), ("单雄", "shanxiong"), ("陈立", "chenli"), ("西安", "xian"), ("先明", "xianming")]
        {
            let made = city.browser.submit(&format!("{CITY}/new"), &[("display_name", name), ("username", username)]).await;
            assert_eq!(made.status, 200, "{}", made.text());
        }
        let wanted = ["陈立", "单雄", "西安", "先明", "周文"];
        let order = async || {
            let page = city.browser.screen(CITY).await.text();
            wanted.map(|name| page.find(&format!(">{name}<")).unwrap_or_else(|| panic!("{name}, {backend:?}: {page}")))
        };
        assert!(order().await.is_sorted(), "{backend:?}");
        house.engine().store.administer("UPDATE users SET sort_key = ''").unwrap();
        assert!(!order().await.is_sorted(), "{backend:?}");
        house.engine().store.migrate().unwrap();
        assert!(order().await.is_sorted(), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_a_site_makes_no_accounts_there() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let page = admin.browser.screen(&format!("{SITE}/new")).await.text();
        assert!(page.contains("新账号由安全管理员建立") && !page.contains("display_name"), "{backend:?}: {page}");
        let form = [("display_name", "某人"), ("username", "somebody"), ("roles", "reviewer")];
        assert_eq!(admin.browser.submit(&format!("{SITE}/new"), &form).await.status, 405, "{backend:?}");
        assert_eq!(admin.browser.submit(&format!("{CITY}/new"), &form).await.status, 403, "{backend:?}");
        let grants = vec![Grant::lasting(Role::REVIEWER, Ground::Site(house.site("wangxi").id))];
        let new = NewAccount {
            username: "somebody".into(),
            display_name: "某人".into(),
            password_hash: "-".into(),
            origin: PasswordOrigin::Own,
            grants,
        };
        let refused = account::add(house.engine(), &house.actor("wangxi-admin"), &new);
        assert!(matches!(refused, Err(CommandError::Forbidden)), "{backend:?}: {refused:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_is_nothing_else_wherever_it_be() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (engine, operator) = (house.engine(), Actor::operator("test"));
        let told = |result: Result<UserId, CommandError>| match result {
            Err(CommandError::Invalid(problems)) => problems.into_iter().map(|problem| problem.message).collect::<String>(),
            other => panic!("{backend:?}: {other:?}"),
        };
        let (wangxi, qingyu) = (Some(house.site("wangxi").id), Some(house.site("qingyu").id));
        for site in [None, qingyu] {
            let refused = membership::join(engine, &operator, site, "wangxi-editor", &[Role::AUDITOR].into());
            assert!(told(refused).contains("审计管理员不能与业务角色由同一人担任"), "{backend:?}");
        }
        let mixed = [Role::AUDITOR, Role::EDITOR].map(|role| Grant::lasting(role, Ground::whole(wangxi))).to_vec();
        let new = NewAccount {
            username: "both".into(),
            display_name: "两者".into(),
            password_hash: "-".into(),
            origin: PasswordOrigin::Own,
            grants: mixed,
        };
        assert!(told(account::add(engine, &operator, &new)).contains("审计管理员不能与业务角色由同一人担任"), "{backend:?}");

        let admin = house.desk("wangxi", "admin").await;
        let form = [("username", "auditor"), ("roles", "reviewer")];
        let refused = admin.browser.submit(&format!("{SITE}/known"), &form).await;
        assert!(refused.status == 422 && refused.text().contains("审计管理员不能与业务角色由同一人担任"), "{}", refused.text());
        let second = membership::join(engine, &operator, wangxi, "auditor", &[Role::AUDITOR].into());
        assert!(second.is_ok(), "more to audit is no other role, {backend:?}: {second:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_no_text_can_hold_find_nothing_and_break_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let all = "site=%00&role=%00&group=%00&state=%00&by=%00&order=%00&page=%00";
        for address in [format!("{SITE}?q=%00"), format!("{SITE}?q=%01%00+wangxi%00&{all}"), format!("{CITY}?q=%00&{all}")] {
            assert_eq!(admin.browser.screen(&address).await.status, 200, "{address}, {backend:?}");
        }
        let library = "/console/wangxi/library?q=%00&author=%00&keyword=%00";
        assert_eq!(admin.browser.screen(library).await.status, 200, "{backend:?}");
        let entering = [("username", "wangxi\0"), ("password", "wangxi\0")];
        let refused = house.browser().submit("/console/sign-in", &entering).await;
        assert!(refused.status < 500, "{backend:?}: {}", refused.text());
        for username in ["\0", "wangxi-editor\0", "qingyu\u{202e}editor"] {
            let answer = admin.browser.submit(&format!("{SITE}/known"), &[("username", username), ("roles", "editor")]).await;
            assert!(answer.status == 422 && answer.text().contains("没有账号"), "{username:?}, {backend:?}: {}", answer.text());
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_people_are_nobody_and_are_known_by_the_whole_of_their_username_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let stranger = id_of(&house, "qingyu-editor");
        for base in [SITE, "/console/people"] {
            assert_eq!(admin.browser.screen(&format!("{base}/{stranger}")).await.status, 404, "{base}, {backend:?}");
            for query in ["", "?q=qingyu", "?site=qingyu", "?role=editor", "?by=signed_in&order=falling"] {
                let list = admin.browser.screen(&format!("{base}{query}")).await;
                assert_eq!(list.status, 200);
                assert!(!list.text().contains("qingyu-editor"), "{base}{query}, {backend:?}");
            }
        }
        assert_eq!(admin.browser.screen(&format!("/console/qingyu/people/{stranger}")).await.status, 404);
        for part in ["qingyu-edito", "qingyu", "%", ""] {
            let answer = admin.browser.submit(&format!("{SITE}/known"), &[("username", part), ("roles", "editor")]).await;
            assert_eq!(answer.status, 422, "{part}, {backend:?}");
        }
        // Nor by their number.
        let empty = membership::roles_seal(&std::collections::BTreeSet::new());
        let answer = admin.browser.submit(&format!("{SITE}/{stranger}/roles"), &[("seen", &empty), ("roles", "editor")]).await;
        assert_eq!(answer.status, 404, "{backend:?}");
        // The platform's own people are not of the site.
        assert!(!admin.browser.screen(SITE).await.text().contains(">auditor<"), "{backend:?}");
        assert_eq!(house.desk("wangxi", "editor").await.browser.screen("/console/people").await.status, 404);
        let city = house.desk("platform", "security").await;
        let list = city.browser.screen("/console/people?site=qingyu&role=editor").await.text();
        assert!(list.contains("qingyu-editor") && list.contains("共 1 人"), "{backend:?}: {list}");
        assert!(city.browser.screen("/console/people?site=-").await.text().contains(">auditor<"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_hold_or_leaves_a_place_without_an_administrator() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let (me, editor) = (id_of(&house, "wangxi-admin"), id_of(&house, "wangxi-editor"));
        for roles in [&["auditor", "editor"][..], &["auditor"]] {
            let refused = set_roles(&admin, SITE, editor, roles).await;
            assert!(refused.status == 422 && refused.text().contains("您不能授予或取消“审计管理员”角色"), "{}", refused.text());
        }
        let refused = set_roles(&admin, SITE, me, &["editor"]).await;
        assert!(refused.status == 422 && refused.text().contains("不能取消本人的“站点管理员”角色"), "{}", refused.text());
        // Nobody promotes themselves: neither here nor on the platform.
        let plain = house.desk("wangxi", "editor").await;
        let seal = membership::roles_seal(&[Role::EDITOR].into());
        let fields = [("seen", seal.as_str()), ("roles", "administrator")];
        assert_eq!(plain.browser.submit(&format!("{SITE}/{editor}/roles"), &fields).await.status, 403);
        assert_eq!(admin.browser.submit(&format!("/console/people/{me}/roles"), &fields).await.status, 403);
        assert_eq!(admin.browser.submit(&format!("/console/people/{editor}/deactivate"), &fields).await.status, 403);

        let city = house.desk("platform", "security").await;
        let form = [("display_name", "某人"), ("username", "somebody"), ("roles", "auditor")];
        let refused = city.browser.submit(&format!("{CITY}/new"), &form).await;
        assert!(refused.status == 422 && refused.text().contains("您不能授予或取消“审计管理员”角色"), "{backend:?}");
        let last = set_roles(&city, SITE, me, &["editor"]).await;
        assert!(last.status == 422 && last.text().contains("本站至少保留一名站点管理员"), "{backend:?}: {}", last.text());
        let last = press(&city, "/console/people", me, "deactivate").await;
        assert!(last.status == 409 && last.text().contains("唯一的站点管理员"), "{backend:?}: {}", last.text());
        assert_eq!(set_roles(&city, SITE, editor, &["editor", "administrator"]).await.status, 303);
        assert_eq!(set_roles(&admin, SITE, editor, &["editor"]).await.status, 303, "the other may take it again");
        assert_eq!(set_roles(&city, SITE, editor, &["administrator"]).await.status, 303);
        assert_eq!(set_roles(&city, SITE, me, &["editor"]).await.status, 303, "now there is another, {backend:?}");
        assert_eq!(admin.browser.screen(SITE).await.status, 403, "at once, {backend:?}");

        let platform = id_of(&house, "admin");
        let last = set_roles(&city, "/console/people", platform, &["editor"]).await;
        assert!(last.status == 422 && last.text().contains("平台至少保留一名系统管理员"), "{}", last.text());
        let own = set_roles(&city, "/console/people", id_of(&house, "security"), &["system"]).await;
        assert!(own.status == 422 && own.text().contains("您不能授予或取消“安全管理员”角色"), "{}", own.text());
        let auditor = id_of(&house, "auditor");
        let refused = press(&city, "/console/people", auditor, "deactivate").await;
        assert!(refused.status == 409 && refused.text().contains("该账号是审计管理员"), "{backend:?}: {}", refused.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_switched_off_is_signed_out_and_who_saves_second_is_told() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        let id = id_of(&house, "wangxi-editor");
        let page = city.browser.screen(&format!("/console/people/{id}")).await.text();
        let (roles, state) = (seen(&page, "/roles"), seen(&page, "/deactivate"));
        assert_eq!(press(&city, "/console/people", id, "deactivate").await.status, 303, "{backend:?}");
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 303, "signed out, {backend:?}");
        let again = city.browser.submit(&format!("/console/people/{id}/deactivate"), &[("seen", &state)]).await;
        assert!(again.status == 409 && again.text().contains("他人刚刚作了调整"), "{backend:?}: {}", again.text());
        assert!(city.browser.screen("/console/people?state=inactive").await.text().contains("wangxi-editor"), "{backend:?}");
        assert_eq!(press(&city, "/console/people", id, "activate").await.status, 303, "{backend:?}");
        house.desk("wangxi", "editor").await;

        let fields = |role| [("seen", roles.clone()), ("roles", String::from(role))];
        for (role, status) in [("reviewer", 303), ("auditor", 409)] {
            let fields = fields(role);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = city.browser.submit(&format!("/console/people/{id}/roles"), &fields).await;
            assert_eq!(answer.status, status, "{role}, {backend:?}: {}", answer.text());
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_people_are_shown_a_page_at_a_time_each_once_and_in_order() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let site = house.site("wangxi").id;
        let before = house.engine().store.read(store::people::list).unwrap().len();
        let now = house.engine().clock.now();
        let nobodys = model::Password { hash: "-".into(), origin: PasswordOrigin::Own, since: now };
        let filled = house.engine().store.command(|command| {
            for number in 0..3_000 {
                let grants = if number % 10 == 0 { vec![Grant::lasting(Role::EDITOR, Ground::Site(site))] } else { Vec::new() };
                let name = format!("人员{:04}", (number * 7) % 3_000);
                store::people::insert(command, &format!("person-{number:04}"), &name, &nobodys, &grants, now)?;
            }
            Ok::<_, store::Error>(())
        });
        filled.unwrap();
        let city = house.desk("platform", "security").await;
        let all = before + 3_000;
        let mut names = Vec::new();
        for page in 1..=all.div_ceil(50) {
            let text = city.browser.screen(&format!("/console/people?page={page}")).await.text();
            assert!(text.contains(&format!("共 {all} 人")), "{backend:?}");
            names.extend(
                text.split("class=\"lines-name\"><a href=\"")
                    .skip(1)
                    .map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()),
            );
        }
        assert_eq!(names.len(), all, "{backend:?}");
        let ours: Vec<_> = names.iter().filter(|name| name.starts_with("人员")).cloned().collect();
        assert_eq!(ours, (0..3_000).map(|number| format!("人员{number:04}")).collect::<Vec<_>>(), "{backend:?}");
        let beyond = city.browser.screen("/console/people?page=99999").await.text();
        assert!(beyond.contains(&format!("第 {0} / {0} 页", all.div_ceil(50))), "the last page, {backend:?}");
        let found = city.browser.screen("/console/people?q=person-2999").await.text();
        assert!(found.contains("共 1 人") && found.contains("尚无角色"), "{backend:?}");
        let admin = house.desk("wangxi", "admin").await;
        let here = admin.browser.screen(&format!("{SITE}?by=username&order=falling")).await.text();
        assert!(here.contains("共 305 人") && here.contains("wangxi-review3"), "{backend:?}: {here}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_offered_where_a_review_is_handed_over_and_left_with_the_site() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let (second, stranger) = (id_of(&house, "wangxi-review2"), id_of(&house, "qingyu-review2"));
        let (second, stranger) = (second.to_string(), stranger.to_string());
        let form = [("name", "新闻审核组"), ("duty", "审核要闻动态"), ("members", second.as_str())];
        let foreign = [("name", "外站组"), ("members", stranger.as_str())];
        assert_eq!(admin.browser.submit(&format!("{SITE}/groups"), &foreign).await.status, 422, "{backend:?}");
        let made = admin.browser.submit(&format!("{SITE}/groups"), &form).await;
        assert_eq!(made.location(), format!("{SITE}/groups?done=group-added"), "{backend:?}: {}", made.text());
        let again = admin.browser.submit(&format!("{SITE}/groups"), &form).await;
        assert!(again.status == 422 && again.text().contains("已有名为“新闻审核组”的工作组"), "{backend:?}");

        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("转办的稿件")).await;
        editor.hand_in(&house, id).await;
        let reviewer = house.desk("wangxi", "review1").await;
        let page = reviewer.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        let group = page.split("<optgroup label=\"新闻审核组\">").nth(1).unwrap().split("</optgroup>").next().unwrap();
        assert!(group.contains("wangxi-review2") && !group.contains("wangxi-review3"), "{backend:?}: {group}");
        assert!(page.contains("<optgroup label=\"未编入工作组\">"), "{backend:?}");

        let list = admin.browser.screen(&format!("{SITE}/groups")).await.text();
        let number = list.split("/people/groups/").skip(1).find_map(|rest| rest.split('"').next()?.parse::<i64>().ok()).unwrap();
        let address = format!("{SITE}/groups/{number}");
        let elsewhere = house.desk("qingyu", "admin").await;
        assert_eq!(elsewhere.browser.screen(&format!("/console/qingyu/people/groups/{number}")).await.status, 404);
        // Whoever is switched off stays in it, and comes into no other.
        let city = house.desk("platform", "security").await;
        press(&city, CITY, id_of(&house, "wangxi-review2"), "deactivate").await;
        let page = admin.browser.screen(&address).await.text();
        let member = page.split(&format!("value=\"{second}\"")).nth(1).unwrap().split("</label>").next().unwrap();
        assert!(member.contains(" checked") && member.contains("已停用"), "{backend:?}: {member}");
        let before = seen(&page, &format!("/groups/{number}"));
        let renamed = [("name", "新闻组"), ("members", second.as_str()), ("seen", &before)];
        assert_eq!(admin.browser.submit(&address, &renamed).await.status, 303, "{backend:?}");
        let fresh = admin.browser.screen(&format!("{SITE}/groups/new")).await.text();
        assert!(!fresh.contains("已停用"), "{backend:?}: {fresh}");
        let other = [("name", "另一组"), ("members", second.as_str())];
        assert_eq!(admin.browser.submit(&format!("{SITE}/groups"), &other).await.status, 422, "{backend:?}");

        let before = seen(&admin.browser.screen(&address).await.text(), &format!("/groups/{number}"));
        let found = admin.browser.screen(&format!("{SITE}?group={number}")).await.text();
        assert!(found.contains("共 1 人") && found.contains("wangxi-review2"), "{backend:?}: {found}");
        press(&admin, SITE, UserId(second.parse().unwrap()), "remove").await;
        let stale = admin.browser.submit(&address, &[("name", "改名"), ("seen", &before)]).await;
        assert!(stale.status == 409 && stale.text().contains("他人刚刚修改了该工作组"), "{backend:?}: {}", stale.text());
        let now = seen(&stale.text(), &format!("/groups/{number}"));
        assert_eq!(admin.browser.submit(&format!("{address}/delete"), &[("seen", &now)]).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workload_tells_what_everybody_did_and_what_waits_for_them() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news("已发布的稿件")).await;
        let id = editor.write(&house, &Article::news("待审的稿件")).await;
        editor.hand_in(&house, id).await;
        editor.write(&house, &Article::news("起草中的稿件")).await;
        let admin = house.desk("wangxi", "admin").await;
        let page = admin.browser.screen(&format!("{SITE}/workload?period=week&by=written")).await.text();
        // Written, published, reviewed, sent back, waiting, late, in hand.
        assert_eq!(numbers(&page, "wangxi-editor"), [3, 1, 0, 0, 0, 0, 2], "{backend:?}");
        assert_eq!(numbers(&page, "wangxi-review1"), [0, 0, 1, 0, 1, 0, 0], "{backend:?}");
        let table = admin.browser.screen(&format!("{SITE}/workload/export?period=month")).await;
        assert!(table.status == 200 && table.bytes.starts_with(b"PK"), "{backend:?}");

        let person = admin.browser.screen(&format!("{SITE}/{}", id_of(&house, "wangxi-editor"))).await.text();
        for told in ["撰写 3 篇稿件", "新建稿件", "起草中的稿件", "每日操作"] {
            assert!(person.contains(told), "{told}, {backend:?}: {person}");
        }
        assert_eq!(house.desk("qingyu", "admin").await.browser.screen(&format!("{SITE}/workload")).await.status, 404);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_of_what_was_offered_waits_for_reviewers_of_the_site_that_receives_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("推送的稿件")).await;
        let channel = house.channel("donglan", "zt").id.to_string();
        let pushed = editor.browser.submit(&format!("/console/wangxi/resources/{id}/push"), &[("channel", &channel)]).await;
        assert_eq!(pushed.status, 303, "{backend:?}: {}", pushed.text());
        let receiver = house.desk("donglan", "editor").await;
        let inbox = receiver.browser.screen("/console/donglan/offers").await.text();
        let offer = link_to(&inbox, "推送的稿件").unwrap();
        assert_eq!(receiver.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303, "{backend:?}");

        let here = house.desk("donglan", "admin").await.browser.screen("/console/donglan/people/workload").await.text();
        let there = house.desk("wangxi", "admin").await.browser.screen(&format!("{SITE}/workload")).await.text();
        let waiting = |page: &str, name: &str| numbers(page, name)[4];
        assert_eq!((waiting(&here, "donglan-review1"), waiting(&here, "donglan-editor")), (1, 0), "{backend:?}");
        assert_eq!(waiting(&there, "wangxi-review1"), 0, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_of_an_agency_said_anew_renew_the_feet_of_its_sites() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "admin").await;
        let agency = house.site("wangxi").agency;
        let address = format!("/console/agencies/{}", agency.id);
        let before = seen(&city.browser.screen(&address).await.text(), &format!("/agencies/{}", agency.id));
        let form = |phone: &'static str, postcode: &'static str| {
            vec![
                ("phone", phone),
                ("address", "锦川市望溪区政务路9号"),
                ("postcode", postcode),
                ("email", ""),
                ("seen", before.as_str()),
            ]
        };
        let wrong = city.browser.submit(&address, &form("", "12345")).await.text();
        for told in ["请填写联系电话", "邮政编码为6位数字"] {
            assert!(wrong.contains(told), "{told}, {backend:?}");
        }
        for phone in ["abc", "12-34", "0990-5559090x"] {
            let wrong = city.browser.submit(&address, &form(phone, "990001")).await.text();
            assert!(wrong.contains("id=\"phone-problem\"") && wrong.contains("至少5位数字"), "{phone}, {backend:?}");
        }
        let saved = city.browser.submit(&address, &form("0900-7654321", "990001")).await;
        assert_eq!(saved.location(), "/console/agencies?done=agency-saved", "{backend:?}: {}", saved.text());
        house.quiet().await;
        let home = house.browser().get("wangxi", "/").await.text();
        assert!(home.contains("0900-7654321"), "{backend:?}: {home}");
        assert_rebuild_changes_nothing(&house, backend).await;
        let stale = city.browser.submit(&address, &form("0900-1111111", "990001")).await;
        assert!(stale.status == 409 && stale.text().contains("现为：0900-7654321"), "{backend:?}: {}", stale.text());
        assert!(city.browser.screen("/console/agencies").await.text().contains("0900-7654321"), "{backend:?}");
        assert_eq!(house.desk("wangxi", "admin").await.browser.screen("/console/agencies").await.status, 403);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_an_agency_is_corrected_until_an_index_number_begins_with_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "admin").await;
        // What a folder says is corrected there: applied again, it would have its code again.
        let declared = house.site("qingyu").agency;
        let address = format!("/console/agencies/{}", declared.id);
        let form = [("code", "99999999X"), ("seen", declared.code.as_str())];
        let refused = city.browser.submit(&format!("{address}/code"), &form).await;
        assert!(
            refused.status == 409 && refused.text().contains("请由运维人员在该文件中修改"),
            "{backend:?}: {}",
            refused.text()
        );
        assert!(!city.browser.screen(&address).await.text().contains("修改代码"), "{backend:?}");
        assert_eq!(house.site("qingyu").agency.code, declared.code, "{backend:?}");

        let form: Vec<_> = GOOD.iter().copied().chain([("step", "3")]).collect();
        assert_eq!(city.browser.submit("/console/sites/new/found", &form).await.status, 303, "{backend:?}");
        let agency = house.site("hedong").agency;
        let address = format!("/console/agencies/{}", agency.id);
        let correct = async |code: &str, seen: &str| {
            city.browser.submit(&format!("{address}/code"), &[("code", code), ("seen", seen)]).await
        };
        let code = || house.site("hedong").agency.code;
        let bad = correct("错的", &agency.code).await;
        assert!(bad.status == 422 && bad.text().contains("机构代码为7至18位") && bad.text().contains("错的"), "{backend:?}");
        let taken = correct(&house.site("wangxi").agency.code, &agency.code).await;
        assert!(taken.status == 422 && taken.text().contains("已被"), "{backend:?}: {}", taken.text());
        let stale = correct("99999999X", "88888888X").await;
        assert!(stale.status == 409 && stale.text().contains("他人刚刚修改"), "{backend:?}");
        assert_eq!(house.desk("qingyu", "admin").await.browser.submit(&format!("{address}/code"), &[]).await.status, 403);
        assert_eq!(code(), agency.code, "{backend:?}");
        let done = correct("99999999X", &agency.code).await;
        assert_eq!(done.location(), "/console/agencies?done=agency-code", "{backend:?}: {}", done.text());
        assert_eq!(code(), "99999999X", "{backend:?}");

        // The first number is for ever, and with it the code.
        fill(&house, "hedong", &["zhinan"]);
        let late = correct(&agency.code, "99999999X").await;
        assert!(late.status == 409 && late.text().contains("已按该机构代码生成索引号"), "{backend:?}: {}", late.text());
        assert!(city.browser.screen(&address).await.text().contains("不能再修改"), "{backend:?}");
        assert_eq!(code(), "99999999X", "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_managed_by_administrators_of_sites_and_by_security_and_the_platform_is_run_by_its_own() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        for role in house.engine().store.read(store::roles::all).unwrap().0 {
            let has = |permission| role.permissions.contains(&permission);
            let manages = [Role::ADMINISTRATOR, Role::SECURITY].contains(&role.id);
            assert_eq!(has(Permission::Staff), manages, "{}, {backend:?}", role.word);
            let runs = role.id == Role::SYSTEM;
            assert_eq!((has(Permission::Takedown), has(Permission::Found)), (runs, runs), "{}, {backend:?}", role.word);
            assert_eq!(has(Permission::Audit), role.id == Role::AUDITOR, "{}, {backend:?}", role.word);
        }
        house.close().await;
    }
}
