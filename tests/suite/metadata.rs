//! Metadata of the library: policy files and their interpretations name each other, and what is not to be disclosed is not published.

use model::{Content, Openness, ResourceId, ResourceKind, ResourceState, Validity, WorkState};
use publish::CommandError;
use publish::commands::{draft, intake, submission};
use testkit::{Backend, House};

use crate::journey::link_to;

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_and_what_explains_it_lead_to_each_other_as_long_as_both_are_there() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = house.browser();
        let policy = write(&house, "zcwj", ResourceKind::Policy, policy("被解读的办法")).unwrap();
        let explaining = Content { explains: vec![policy], ..plain("办法的解读") };
        let interpretation = write(&house, "zcjd", ResourceKind::Interpretation, explaining.clone()).unwrap();
        publish(&house, &[policy, interpretation]).await;
        let path = async |front: &str, title: &str| link_to(&visitor.get("wangxi", front).await.text(), title).unwrap();
        let (of_policy, of_interpretation) = (path("/zwgk/zcwj/", "被解读的办法").await, path("/zwgk/zcjd/", "办法的解读").await);
        let page = async |path: &str| visitor.get("wangxi", path).await.text();
        assert!(page(&of_policy).await.contains(&format!("<a href=\"{of_interpretation}\">办法的解读</a>")), "{backend:?}");
        assert!(page(&of_interpretation).await.contains(&format!("<a href=\"{of_policy}\">被解读的办法</a>")), "{backend:?}");

        // A new revision that explains it no longer, and one that does again, and a withdrawal: each renews the policy's page.
        for (explains, is_named) in [(vec![], false), (vec![policy], true)] {
            save(&house, interpretation, Content { explains, ..explaining.clone() }).unwrap();
            publish(&house, &[interpretation]).await;
            assert_eq!(page(&of_policy).await.contains("办法的解读"), is_named, "{backend:?}");
        }
        let administrator = house.desk("platform", "admin").await;
        assert_eq!(administrator.withdraw("wangxi", interpretation.0, "内容有误").await.status, 303);
        house.quiet().await;
        assert!(!page(&of_policy).await.contains("办法的解读"), "{backend:?}");

        // Repealed, it leads to what has replaced it.
        let newer = write(&house, "zcwj", ResourceKind::Policy, self::policy("取代它的新办法")).unwrap();
        publish(&house, &[newer]).await;
        let repealed =
            Content { validity: Some(Validity::Repealed), superseded_by: Some(newer), ..self::policy("被解读的办法") };
        save(&house, policy, repealed).unwrap();
        publish(&house, &[policy]).await;
        let shown = page(&of_policy).await;
        assert!(shown.contains("废止") && shown.contains("取代它的新办法"), "{backend:?}: {shown}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_must_be_a_policy_file_of_the_library_and_be_told_at_its_field() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let news = write(&house, "yaowen", ResourceKind::Article, plain("不是政策的要闻")).unwrap();
    for wrong in [news, ResourceId(987_654)] {
        let content = Content { explains: vec![wrong], ..plain("解读错了") };
        let Err(CommandError::Invalid(problems)) = write(&house, "zcjd", ResourceKind::Interpretation, content) else {
            panic!("{wrong} is taken for a policy file");
        };
        assert_eq!(problems[0].field, "explains");
    }
    let own = write(&house, "zcwj", ResourceKind::Policy, policy("自己取代自己")).unwrap();
    let circular = Content { superseded_by: Some(own), ..policy("自己取代自己") };
    assert!(matches!(save(&house, own, circular), Err(CommandError::Invalid(_))));

    let editor = house.desk("wangxi", "editor").await;
    let channel = house.channel("wangxi", "zcjd").id.to_string();
    let form = [
        ("channel", channel.as_str()),
        ("title", "表单里的解读"),
        ("explains", "第七号"),
        ("openness", "秘密"),
        ("body", "正文"),
    ];
    let answer = editor.browser.submit("/console/wangxi/resources", &form).await;
    let text = answer.text();
    assert_eq!(answer.status, 422);
    assert!(
        text.contains("“第七号”不是稿件编号") && text.contains("请从列表中选择公开属性") && text.contains("表单里的解读"),
        "{text}"
    );
    let screen = editor.browser.screen(&format!("/console/wangxi/resources/chosen?field=explains&explains={own}")).await.text();
    assert!(screen.contains("目前没有公开内容"), "a draft of a policy tells nobody its title: {screen}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_actively_disclosed_stays_in_the_library() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let content = Content { openness: Openness::Request, ..plain("依申请公开的纪要") };
    let Err(CommandError::Invalid(problems)) = write(&house, "yaowen", ResourceKind::Article, content.clone()) else {
        panic!("it is kept without a reason");
    };
    assert_eq!(problems[0].field, "openness_reason");
    let content = Content { openness_reason: "内部事务信息".into(), ..content };
    let id = write(&house, "yaowen", ResourceKind::Article, content).unwrap();
    let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
    let Err(CommandError::Invalid(problems)) = submission::submit(house.engine(), &actor, site, id, 1) else {
        panic!("it is handed in");
    };
    assert!(problems[0].field == "openness" && problems[0].message.contains("依申请公开的信息不得在网站发布"), "{problems:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_with_what_can_wait_and_goes_no_further_before_it_is_settled() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let many = (1..=25).map(|one| format!("词{one}")).collect::<Vec<_>>().join("，");
        let mut form = vec![
            ("channel", channel.as_str()),
            ("title", "先存下来的稿件"),
            ("body", "正文"),
            ("source", "办公室"),
            ("keywords", many.as_str()),
            ("secrecy_reviewed_on", "2026-03-05"),
            ("intent", "save"),
        ];
        let kept = editor.browser.submit("/console/wangxi/resources", &form).await;
        assert!(kept.status == 303 && kept.location().ends_with("done=saved"), "{backend:?}: {}", kept.text());
        let id = ResourceId(kept.location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap());

        // The panel tells it while it is written, and handing in is refused at the fields, whichever way it is tried.
        let panel = editor.browser.submit("/console/wangxi/proof", &form).await.text();
        assert!(panel.contains("关键词不超过20个，现有25个") && panel.contains("请填写保密审查人"), "{backend:?}: {panel}");
        let refused = editor.hand_in(&house, id.0).await;
        assert_eq!(refused.status, 422, "{backend:?}");
        for told in ["草稿已保存，补充以下内容后方可送审", "id=\"keywords-problem\"", "id=\"secrecy_reviewer-problem\"", "词25"]
        {
            assert!(refused.text().contains(told), "{backend:?}: {told} is missing");
        }
        let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
        let by_batch =
            publish::commands::batch::begin(house.engine(), &actor, site, &model::BatchDeed::Submit { urgent: false }, &[id]);
        by_batch.unwrap();
        house.quiet().await;
        assert_eq!(intake::publish(house.engine(), &actor, site, &[id]).unwrap(), 0, "{backend:?}: an import publishes it");
        let found = house.engine().store.read(|connection| store::resources::find(connection, site, id)).unwrap().unwrap();
        assert_eq!((found.work, found.state), (WorkState::Draft, ResourceState::Unpublished), "{backend:?}");
        let taken = intake::Intake {
            source: "旧站/1".into(),
            hash: "1".into(),
            draft: draft::NewDraft {
                channel: house.channel("wangxi", "yaowen").id,
                kind: ResourceKind::Article,
                content: Content { secrecy_reviewed_on: chrono::NaiveDate::from_ymd_opt(2026, 3, 5), ..plain("旧站稿件") },
            },
        };
        assert!(matches!(intake::take(house.engine(), &actor, site, vec![taken]), Err(CommandError::Invalid(_))), "{backend:?}");

        // Settled, it goes on.
        let version = found.version.to_string();
        form.retain(|(name, _)| !["keywords", "intent"].contains(name));
        form.extend([("keywords", "词1"), ("secrecy_reviewer", "陈立"), ("version", &version), ("intent", "submit")]);
        let handed_in = editor.browser.submit(&format!("/console/wangxi/resources/{id}/edit"), &form).await;
        assert!(handed_in.location().ends_with("done=submitted"), "{backend:?}: {}", handed_in.text());
        house.close().await;
    }
}

fn plain(title: &str) -> Content {
    Content { title: title.into(), body: format!("<p>{title}</p>"), source: "办公室".into(), ..Content::default() }
}

fn policy(title: &str) -> Content {
    Content {
        issuing_bodies: vec!["望溪区人民政府".into()],
        written_on: chrono::NaiveDate::from_ymd_opt(2026, 3, 5),
        validity: Some(Validity::Valid),
        ..plain(title)
    }
}

fn write(house: &House, channel: &str, kind: ResourceKind, content: Content) -> publish::commands::Result<ResourceId> {
    let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
    draft::create(house.engine(), &actor, site, draft::NewDraft { channel: house.channel("wangxi", channel).id, kind, content })
}

fn save(house: &House, id: ResourceId, content: Content) -> publish::commands::Result<()> {
    let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
    let resource = house.engine().store.read(|connection| store::resources::find(connection, site, id))?.unwrap();
    draft::save(house.engine(), &actor, site, id, resource.version, content).map(|_| ())
}

async fn publish(house: &House, ids: &[ResourceId]) {
    let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
    for id in ids {
        intake::publish(house.engine(), &actor, site, &[*id]).unwrap();
    }
    house.quiet().await;
}
