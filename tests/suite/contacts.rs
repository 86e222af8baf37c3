//! How people are reached: typed, sealed, shown masked, and looked at on record.

use model::UserId;
use store::{audit, contacts};
use testkit::{Answer, Backend, Desk, House};

const OWN: &str = "/console/me/contact";

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

/// What stands for what the form at that address shows.
async fn seal(desk: &Desk, path: &str) -> String {
    let page = desk.browser.screen(path).await.text();
    page.split("name=\"seen\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap().to_owned()
}

/// Fills in the form at that address.
pub async fn say(desk: &Desk, path: &str, phone: &str, email: &str) -> Answer {
    let seen = seal(desk, path).await;
    desk.browser.submit(path, &[("seen", &seen), ("phone", phone), ("email", email)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_is_kept_sealed_and_shown_whole_where_it_is_edited_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, id) = (house.desk("wangxi", "editor").await, id_of(&house, "wangxi-editor"));
        assert_eq!(say(&editor, OWN, "138 1234 5678", "Lin@Example.gov.cn").await.status, 303, "{backend:?}");
        let page = editor.browser.screen("/console/me").await.text();
        assert!(page.contains("138****5678") && page.contains("l***@example.gov.cn"), "{backend:?}: {page}");
        assert!(!page.contains("13812345678") && !page.contains("lin@"), "{backend:?}");
        let form = editor.browser.screen(OWN).await.text();
        assert!(form.contains("value=\"13812345678\"") && form.contains("value=\"lin@example.gov.cn\""), "{backend:?}: {form}");

        let kept = house.engine().store.read(|connection| contacts::find(connection, id)).unwrap();
        let (sealed, mark) = kept.phone.clone().unwrap();
        assert!(sealed.starts_with("1.a.") && !sealed.contains("1234"), "{backend:?}");
        assert!(
            house.engine().vault.marks("contacts.phone_sealed", "13812345678").contains(&mark),
            "it can be found, {backend:?}"
        );
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 20)).unwrap();
        let entry = entries.iter().find(|entry| entry.action == "contact.change").unwrap();
        assert!(entry.after.as_deref().unwrap().contains("138****5678"), "{backend:?}");
        assert!(!format!("{entries:?}").contains("13812345678"), "the log keeps no number, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_one_is_told_at_its_field_and_nothing_typed_is_lost() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let answer = say(&editor, OWN, "1381234567", "lin@").await;
    let text = answer.text();
    assert_eq!(answer.status, 422);
    for wanted in ["id=\"phone-problem\"", "id=\"email-problem\"", "value=\"1381234567\"", "value=\"lin@\""] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let seen = seal(&editor, OWN).await;
    assert_eq!(say(&editor, OWN, "13812345678", "").await.status, 303);
    let late = editor.browser.submit(OWN, &[("seen", &seen), ("phone", ""), ("email", "")]).await;
    assert!(late.status == 409 && late.text().contains("value=\"13812345678\""), "{}", late.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_looked_at_by_whoever_could_have_appointed_them_and_that_is_on_record() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (id, chief) = (id_of(&house, "wangxi-editor"), house.desk("wangxi", "admin").await);
        assert_eq!(say(&house.desk("wangxi", "editor").await, OWN, "13812345678", "").await.status, 303, "{backend:?}");
        let page = chief.browser.screen(&format!("/console/wangxi/people/{id}")).await.text();
        assert!(page.contains("138****5678") && !page.contains("13812345678"), "{backend:?}: {page}");
        let form = format!("/console/wangxi/people/{id}/contact");
        assert!(page.contains(&form), "{backend:?}");
        for _ in 0..2 {
            assert!(chief.browser.screen(&form).await.text().contains("13812345678"), "{backend:?}");
        }
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 20)).unwrap();
        assert_eq!(entries.iter().filter(|entry| entry.action == "contact.read").count(), 1, "once a day, {backend:?}");
        assert_eq!(say(&chief, &form, "13900000000", "").await.status, 303, "{backend:?}");

        let stranger = house.desk("qingyu", "admin").await;
        assert_eq!(stranger.browser.screen(&form).await.status, 404, "{backend:?}");
        let borrowed = format!("/console/qingyu/people/{id}/contact");
        assert_eq!(stranger.browser.screen(&borrowed).await.status, 404, "{backend:?}");
        let answer = stranger.browser.submit(&borrowed, &[("seen", "x"), ("phone", ""), ("email", "")]).await;
        assert_eq!(answer.status, 404, "{backend:?}");
        // Whoever holds more than a site's administrator could give is not theirs to look at.
        house.hire("liang-di", model::Role::EDITOR, model::Ground::Site(house.site("wangxi").id));
        let both = id_of(&house, "liang-di");
        let grant = model::Grant::lasting(model::Role::EDITOR, model::Ground::Site(house.site("qingyu").id));
        house.engine().store.command(|command| store::people::grant(command, both, grant)).unwrap();
        let form = format!("/console/wangxi/people/{both}/contact");
        assert_eq!(chief.browser.screen(&form).await.status, 403, "{backend:?}");
        assert_eq!(
            house.desk("platform", "security").await.browser.screen(&format!("/console/people/{both}/contact")).await.status,
            200
        );
        house.close().await;
    }
}
