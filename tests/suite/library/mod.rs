//! The library: what is found in it, what is done with many resources at once, and what is thrown away.

pub mod batches;
mod bin;
mod chosen;
mod searching;

use model::{ChannelId, Content, ResourceId, ResourceKind, SiteId};
use publish::commands::draft::{self, NewDraft};
use publish::commands::intake::{self, Intake};
use testkit::House;

fn take(house: &House, site: SiteId, channel: ChannelId, actor: &model::Actor, count: usize) -> Vec<ResourceId> {
    let one = |number: usize| Intake {
        source: format!("batch:{number}"),
        hash: String::new(),
        draft: NewDraft {
            channel,
            kind: ResourceKind::Article,
            content: Content {
                title: format!("批量稿件{number}"),
                body: "<p>正文</p>".into(),
                source: "测试".into(),
                ..Content::default()
            },
        },
    };
    let taken = intake::take(house.engine(), actor, site, (0..count).map(one).collect()).unwrap();
    taken.iter().map(|one| one.resource()).collect()
}

/// A policy file in the first channel that takes one.
fn policy(house: &House) -> i64 {
    let site = house.site("wangxi").id;
    let tree = house.engine().store.read(|c| store::channels::tree(c, site)).unwrap();
    let channel =
        tree.all().iter().find(|channel| channel.resource_kind == ResourceKind::Policy).expect("policies have a channel");
    let content = Content {
        title: "望溪区住房租赁补贴办法".into(),
        body: "<p>正文</p>".into(),
        keywords: vec!["住房租赁".into(), "住房".into()],
        document_number: Some("望政发〔2026〕5号".into()),
        ..Content::default()
    };
    let new = NewDraft { channel: channel.id, kind: ResourceKind::Policy, content };
    draft::create(house.engine(), &house.actor("wangxi-editor"), site, new).unwrap().0
}

fn find(house: &House, site: &str, id: i64) -> model::Resource {
    let site = house.site(site).id;
    house.engine().store.read(|c| store::resources::find(c, site, ResourceId(id))).unwrap().unwrap()
}
