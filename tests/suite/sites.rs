//! Declaring sites: repeatable, refusing what makes no sense, never deleting content.

use config::SiteManifest;
use model::Actor;
use publish::CommandError;
use publish::commands::site::apply;
use server::Role;
use testkit::{Article, Backend, House, HouseOptions, project_root};

use crate::files::{copy, write};

#[tokio::test(flavor = "multi_thread")]
async fn applying_a_site_again_changes_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        for key in ["jinchuan", "wangxi", "qingyu", "donglan"] {
            let manifest = SiteManifest::load(&house.settings.sites.join(key)).unwrap();
            let applied = apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
            assert!(applied.changes.is_empty(), "{key} on {backend:?}: {:?}", applied.changes);
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_no_longer_declared_retires_and_its_content_stays() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let article = Article { channel: "zt".into(), ..Article::news("专题里的文章") };
    let (id, _) = editor.publish(&house, &article).await;
    let visitor = house.browser();
    let list = visitor.get("wangxi", "/zt/").await;
    let path = crate::journey::link_to(&list.text(), "专题里的文章").unwrap();

    let mut manifest = SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    manifest.channels.retain(|channel| channel.key != "zt");
    apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
    house.quiet().await;
    assert_eq!(visitor.get("wangxi", "/zt/").await.status, 410);
    assert!(!visitor.get("wangxi", "/sitemap.html").await.text().contains("href=\"/zt/\""));
    assert_eq!(visitor.get("wangxi", &path).await.status, 200, "the article keeps its address");
    assert_eq!(editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.status, 200);

    let back = SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    apply(house.engine(), &Actor::operator("test"), &back).unwrap();
    house.quiet().await;
    assert!(visitor.get("wangxi", "/zt/").await.text().contains("专题里的文章"), "declared again, it is there again");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_may_have_review_steps_of_its_own_and_a_text_under_way_keeps_those_it_began_with() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let mut manifest = SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    let topic = manifest.channels.iter_mut().find(|channel| channel.key == "zt").unwrap();
    topic.steps = Some(vec!["审核".into(), "签发".into()]);
    apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();

    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article { channel: "zt".into(), ..Article::news("两级审核的专题") }).await;
    assert_eq!(editor.hand_in(&house, id).await.status, 303);
    let back = SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    apply(house.engine(), &Actor::operator("test"), &back).unwrap();

    for (step, person) in [(0, "review1"), (1, "review2")] {
        assert!(!house.browser().get("wangxi", "/zt/").await.text().contains("两级审核的专题"));
        assert_eq!(house.desk("wangxi", person).await.approve(id, step).await.status, 303);
        house.quiet().await;
    }
    assert!(house.browser().get("wangxi", "/zt/").await.text().contains("两级审核的专题"), "two steps were enough");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_name_renews_every_page_that_shows_it() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let mut manifest = SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    manifest.agency.phone = "0990-5559999".into();
    apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
    house.quiet().await;
    for path in ["/", "/yaowen/", "/sitemap.html"] {
        assert!(house.browser().get("wangxi", path).await.text().contains("0990-5559999"), "{path}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_under_a_name_that_cannot_be_published_is_refused_before_anything_changes() {
    let folder = tempfile::TempDir::new().unwrap();
    copy(&project_root().join("sites"), folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::All };
    let Some(house) = House::open_with(options).await else { return };
    let manifest = SiteManifest::load(&folder.path().join("wangxi")).unwrap();
    for name in ["site.css.gz", "封面.png", "a b.js", "index.html"] {
        let file = folder.path().join("wangxi/assets").join(name);
        write(&file, "x");
        let refused = apply(house.engine(), &Actor::operator("test"), &manifest).unwrap_err().to_string();
        assert!(refused.contains(name) && refused.contains("rename it"), "{refused}");
        std::fs::remove_file(file).unwrap();
    }
    assert!(apply(house.engine(), &Actor::operator("test"), &manifest).unwrap().changes.is_empty());
    house.close().await;
}

#[test]
fn a_manifest_with_a_mistake_is_refused_with_a_sentence_that_names_it() {
    let good = std::fs::read_to_string(project_root().join("sites/wangxi/site.toml")).unwrap();
    for (wrong, with, named) in [
        ("site_code = \"9901020001\"", "site_code = \"310000000044\"", "310000000044"),
        ("theme = \"standard\"", "theme = \"standard\"\ncolour = \"red\"", "colour"),
        ("key = \"yaowen\"", "key = \"要闻\"", "要闻"),
        ("key = \"tzgg\"", "key = \"yaowen\"", "twice"),
        ("steps = [\"一审\", \"二审\", \"三审\"]", "steps = []", "steps"),
        ("channel = \"shizc\"", "channel = \"nowhere\"", "nowhere"),
        ("key = \"zt\"", "key = \"zt\"\npreparing = true", "neither a topic nor below one"),
    ] {
        assert!(good.contains(wrong), "{wrong} is in the manifest");
        let folder = tempfile::TempDir::new().unwrap();
        let site = folder.path().join("wangxi");
        std::fs::create_dir(&site).unwrap();
        write(&site.join("site.toml"), good.replacen(wrong, with, 1));
        let error = SiteManifest::load(&site).unwrap_err().to_string();
        assert!(error.contains(named), "{with}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_written_out_as_it_stands_and_applying_that_changes_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        // Arranged in the console: a channel of its own, another colour, a home page without its first block.
        let added = administrator.browser.submit("/console/wangxi/channels", crate::channels::NEW).await;
        assert_eq!(added.status, 303, "{backend:?}");
        let seen = crate::channels::seal(&administrator.browser.screen("/console/wangxi/look").await.text());
        let look = [("seen", seen.as_str()), ("primary", "#005a4c"), ("slogan", "碧水\"望溪\""), ("hotline", "")];
        assert_eq!(administrator.browser.submit("/console/wangxi/look", &look).await.status, 303, "{backend:?}");
        let parent = house.channel("wangxi", "zt").id.to_string();
        let topic = [
            ("template", "campaign"),
            ("parent", parent.as_str()),
            ("key", "yshj"),
            ("name", "优化营商环境"),
            ("description", "政策和进展"),
            ("keywords", "营商环境"),
        ];
        assert_eq!(administrator.browser.submit("/console/wangxi/topics", &topic).await.status, 303, "{backend:?}");
        for deed in ["steps", "live"] {
            let address = "/console/wangxi/home-page";
            let seen = crate::channels::seal(&administrator.browser.screen(address).await.text());
            let form = [("seen", seen.as_str()), ("step", "remove:0")];
            assert_eq!(administrator.browser.submit(&format!("{address}/{deed}"), &form).await.status, 303, "{backend:?}");
        }
        house.quiet().await;
        let home = house.browser().get("wangxi", "/").await.text();

        for key in ["jinchuan", "wangxi", "qingyu", "donglan"] {
            let folder = house.folder().join("written").join(key);
            let file = server::commands::export_site(house.engine(), key, &folder, false).unwrap();
            let again = server::commands::export_site(house.engine(), key, &folder, false).unwrap_err().to_string();
            assert!(again.contains("--force"), "{backend:?}: {again}");
            let written = SiteManifest::load(file.parent().unwrap()).unwrap();
            let applied = apply(house.engine(), &Actor::operator("site apply"), &written).unwrap();
            assert_eq!((applied.changes, applied.waiting), (Vec::new(), Vec::new()), "{backend:?}: {key}");
        }
        // And over a site that has gone back to what its folder once declared, it brings all of it again.
        house.declare_sites();
        house.quiet().await;
        assert_ne!(house.browser().get("wangxi", "/").await.text(), home, "{backend:?}");
        let written = SiteManifest::load(&house.folder().join("written/wangxi")).unwrap();
        apply(house.engine(), &Actor::operator("site apply"), &written).unwrap();
        house.quiet().await;
        assert_eq!(house.browser().get("wangxi", "/").await.text(), home, "{backend:?}");
        crate::sharing::assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_corrects_the_code_of_its_agency_until_an_index_number_begins_with_it_and_makes_no_second_one() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let declared = |site: &str, code: &str, name: Option<&str>| {
            let mut manifest = SiteManifest::load(&house.engine().settings.sites.join(site)).unwrap();
            manifest.agency.code = code.into();
            manifest.agency.name = name.map_or(manifest.agency.name, str::to_owned);
            apply(house.engine(), &Actor::operator("test"), &manifest)
        };
        let agencies = || house.engine().store.read(store::agencies::list).unwrap();
        let (before, count) = (house.site("qingyu").agency, agencies().len());

        // The same agency with another code, told to whoever applied it, and once.
        let applied = declared("qingyu", "99999999X", None).unwrap();
        assert!(applied.changes[0].contains("corrected to 99999999X"), "{backend:?}: {applied:?}");
        assert!(declared("qingyu", "99999999X", None).unwrap().changes.is_empty(), "{backend:?}");
        let after = house.site("qingyu").agency;
        assert_eq!((after.id, after.code.as_str(), agencies().len()), (before.id, "99999999X", count), "{backend:?}");

        // Once a number was issued, the code stays and the operator is told why; nothing else of the folder is applied either.
        let author = house.desk("qingyu", "editor").await;
        author.publish(&house, &Article::news("有索引号的稿件")).await;
        let Err(CommandError::Refused(told)) = declared("qingyu", "88888888X", None) else { panic!("{backend:?}") };
        assert!(told.contains("keeps its code 99999999X") && told.contains("索引号"), "{backend:?}: {told}");
        assert_eq!((house.site("qingyu").agency.code.as_str(), agencies().len()), ("99999999X", count), "{backend:?}");

        // Another name is another agency; the old one keeps its numbers.
        declared("qingyu", "88888888X", Some("锦川市青屿区数据局")).unwrap();
        let now = house.site("qingyu").agency;
        assert_eq!((now.code.as_str(), agencies().len()), ("88888888X", count + 1), "{backend:?}");
        assert!(now.id != before.id && agencies().iter().any(|agency| agency.code == "99999999X"), "{backend:?}");

        // Folders that share an agency say the same.
        let shared = house.site("wangxi").agency;
        declared("donglan", &shared.code, Some(&shared.name)).unwrap();
        let Err(CommandError::Refused(told)) = declared("wangxi", "77777777X", None) else { panic!("{backend:?}") };
        assert!(told.contains("in the folder of `donglan`: give both the same code"), "{backend:?}: {told}");
        house.close().await;
    }
}
