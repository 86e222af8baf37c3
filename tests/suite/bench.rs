//! What the benches measure with: the same number is the same item, every time and on both sides.

use ::bench::items::Text;
use ::bench::{hugo, load, sites};
use testkit::{Backend, House, project_root};

#[test]
fn the_same_number_always_gives_the_same_item() {
    let (one, two) = (Text::made(2_026), Text::made(2_026));
    for number in [0, 1, 77, 99_999] {
        let item = one.item(number);
        assert_eq!(item, two.item(number));
        assert_eq!(item.body.matches("<p>").count(), 12);
        assert!((1..=40).contains(&item.title.chars().count()), "{}", item.title);
    }
    assert_ne!(one.item(1).body, one.item(2).body);
    assert_ne!(Text::made(7).item(1), one.item(1));
    assert_eq!(one.item(0).title, "关于“第47条有关单位应当及时公开登记事项，行”的通知（第1号）", "not even by another release");
}

#[tokio::test]
async fn both_sides_get_the_same_items() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let text = Text::made(2_026);
    load::load(house.engine(), &text, 7).unwrap();
    house.quiet().await;
    let project = house.folder().join("hugo");
    hugo::write(&project_root(), &project, &text, 7).unwrap();
    let pages = crate::journey::pages_of(&house, &[sites::SITE]);
    for number in 0..7 {
        let title = text.item(number).title;
        let heading = format!("<h1>{title}</h1>");
        let here = pages.iter().filter(|(path, bytes)| is_article(path) && shows(bytes, &heading)).count();
        let file = project.join(format!("content{}t{}.html", folder_of(number), number + 1));
        let there = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(here == 1 && shows(&there, &title), "item {number} is an article on both sides");
    }
    house.close().await;
}

#[test]
fn subscribing_sites_can_be_declared() {
    let folder = tempfile::tempdir().unwrap();
    sites::write(&project_root().join("sites"), folder.path(), 3).unwrap();
    for site in sites::folders(folder.path(), 3) {
        config::SiteManifest::load(&site).unwrap();
    }
}

fn folder_of(number: usize) -> &'static str {
    ["/tzgg/", "/zwgk/jgzn/", "/zwgk/nianbao/", "/zt/", "/gaikuang/"][number % 5]
}

fn is_article(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('t') && name.ends_with(".html"))
}

fn shows(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}
