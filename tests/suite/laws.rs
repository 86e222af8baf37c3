//! Real input: all law texts of the shared collection, taken in, published, and taken in again. Skipped loudly without them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use import::{LawImport, run_laws};
use model::Actor;
use testkit::{Backend, House, project_root};

#[tokio::test(flavor = "multi_thread")]
async fn every_law_text_is_taken_in_published_and_unchanged_by_a_second_run() {
    let Some(folder) = collection() else { return };
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (site, channel) = (house.site("jinchuan"), house.channel("jinchuan", "fgk"));
    let import = LawImport { folder: &folder, site: &site, channel: &channel, publish: true, progress: &|_, _, _| {} };
    let actor = Actor::operator("import laws");

    let begun = Instant::now();
    let report = run_laws(house.engine(), &actor, &import).unwrap();
    let taken = begun.elapsed();
    house.quiet().await;
    let (rendered, written) = house.engine().tally();
    println!(
        "{} texts taken in and committed in {taken:.1?}; with {rendered} pages rendered, {written} written: {:.1?}",
        report.read,
        begun.elapsed()
    );
    assert!(report.is_complete() && report.read >= 1_600, "{report:?}");
    assert_eq!((report.added, report.published), (report.read - report.refused.len(), report.read - report.refused.len()));
    assert!(report.superseded > 20, "older versions are marked");

    // Every title is on exactly one page of the list, and every article answers.
    let visitor = house.browser();
    let articles: Vec<_> = crate::journey::pages_of(&house, &["jinchuan"])
        .into_keys()
        .filter(|path| path.contains("/fgk/") && path.ends_with(".html"))
        .collect();
    let shown = articles.iter().filter(|path| path.contains("/t20")).count();
    assert_eq!(shown, report.added, "a page for every text");
    let mut linked = BTreeSet::new();
    for list in articles.iter().filter(|path| !path.contains("/t20")) {
        let text = std::fs::read_to_string(list).unwrap();
        linked.extend(
            text.split("href=\"/zwgk/fgk/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next().map(str::to_owned))
                .filter(|path| path.contains("/t20")),
        );
    }
    assert_eq!(linked.len(), report.added, "every text is in the list");

    let superseded = house
        .engine()
        .store
        .read(|connection| {
            store::placements::list_cards(
                connection,
                site.id,
                &store::placements::CardQuery { channels: vec![channel.id], limit: 5_000, ..Default::default() },
            )
        })
        .unwrap();
    let amended: Vec<_> = superseded.iter().filter(|card| card.content.validity == Some(model::Validity::Amended)).collect();
    assert_eq!(amended.len(), report.superseded);
    let page = visitor.get("jinchuan", &amended[0].placement.path).await.text();
    assert!(page.contains("已修改"), "a superseded text says so");

    let before = crate::journey::pages_of(&house, &["jinchuan"]);
    let again = run_laws(house.engine(), &actor, &import).unwrap();
    house.quiet().await;
    assert_eq!((again.unchanged, again.added, again.revised, again.published), (report.added, 0, 0, 0));
    assert_eq!(crate::journey::pages_of(&house, &["jinchuan"]), before, "not a byte");
    house.close().await;
}

fn collection() -> Option<PathBuf> {
    let folder = project_root().join("../shared/data/laws");
    if !folder.is_dir() {
        eprintln!("SKIPPED: the collection of law texts is not at {}", folder.display());
        return None;
    }
    Some(folder)
}
