//! Taking in what was public elsewhere: repeatable, and never over what people have done since.

use model::{ResourceId, ResourceKind};
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake, Taken};
use testkit::{Article, Backend, House};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_neither_publishes_drafts_nor_brings_back_what_was_withdrawn() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (site, operator) = (house.site("jinchuan").id, model::Actor::operator("test"));
    let batch = |hash: &str| vec![intake(&house, "甲", hash), intake(&house, "乙", hash)];
    let ids = taken(&intake::take(house.engine(), &operator, site, batch("1")).unwrap());
    assert_eq!(intake::publish(house.engine(), &operator, site, &ids).unwrap(), 2);
    house.quiet().await;

    let editor = house.desk("jinchuan", "editor").await;
    let corrected = Article { channel: "tzgg".into(), ..Article::news("甲（编辑改过，尚未送审）") };
    assert_eq!(editor.rewrite(&house, ids[0].0, &corrected).await.status, 303);
    let administrator = house.desk("platform", "admin").await;
    assert_eq!(administrator.withdraw("jinchuan", ids[1].0, "停止公开").await.status, 303);
    house.quiet().await;

    for hash in ["1", "2"] {
        let again = intake::take(house.engine(), &operator, site, batch(hash)).unwrap();
        let expected = if hash == "1" { [Taken::Unchanged(ids[0]), Taken::Unchanged(ids[1])] } else { ids_kept(&ids) };
        assert_eq!(again, expected);
        assert_eq!(intake::publish(house.engine(), &operator, site, &ids).unwrap(), 0);
    }
    house.quiet().await;
    let list = house.browser().get("jinchuan", "/tzgg/").await.text();
    assert!(list.contains("甲") && !list.contains("尚未送审") && !list.contains("乙"), "{list}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_in_pasted_text_does_not_reach_the_feed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let pasted = Article { body: "<p>正文\u{0}\u{8}结束</p>".into(), ..Article::news("带\u{8}控制\u{0}字符") };
        house.desk("wangxi", "editor").await.publish(&house, &pasted).await;
        let feed = house.browser().get("wangxi", "/feed.xml").await.text();
        assert!(feed.contains("带控制字符"), "{feed}");
        assert!(!feed.chars().any(|letter| letter.is_control() && letter != '\n'), "{backend:?}");
        house.close().await;
    }
}

fn intake(house: &House, title: &str, hash: &str) -> Intake {
    Intake {
        source: format!("test:{title}"),
        hash: hash.to_owned(),
        draft: NewDraft {
            channel: house.channel("jinchuan", "tzgg").id,
            kind: ResourceKind::Article,
            content: model::Content {
                title: title.to_owned(),
                body: "<p>正文</p>".into(),
                source: "测试".into(),
                ..model::Content::default()
            },
        },
    }
}

fn taken(all: &[Taken]) -> Vec<ResourceId> {
    all.iter().map(|one| one.resource()).collect()
}

fn ids_kept(ids: &[ResourceId]) -> [Taken; 2] {
    [Taken::Kept(ids[0]), Taken::Kept(ids[1])]
}
