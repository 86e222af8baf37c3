//! The promise of the engine, tried with chance: whatever people and operators do, in whatever order, on whatever sites and
//! themes, the pages afterwards are byte for byte those of a render from nothing.
//!
//! A new deed of the platform belongs here: a variant of [`Deed`], a line in one of its strategies and one in `World`.

mod ask;
mod deed;
mod office;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, TimeDelta};
use model::FixedClock;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use server::Role;
use testkit::{Backend, Dice, House, HouseOptions};

use self::deed::{Deed, Plan, deeds, plan};
use self::world::World;
use crate::rebuild::{difference, files_of, rebuilt};

const CASES: u32 = 16;

/// Deeds of one case, at most.
const DEEDS: usize = 12;

/// How long a deed may take to be on every page.
const PATIENCE: Duration = Duration::from_mins(1);

const SITES: [&str; 3] = ["one", "two", "three"];
const THEMES: [&str; 2] = ["plain", "other"];
const CHANNELS: [&str; 4] = ["news", "notes", "rules", "cases"];

/// The channel of policy files, of which others may say that they explain them.
const POLICIES: &str = "rules";
const ASSETS: [&str; 3] = ["a.css", "b.js", "c.svg"];

#[test]
fn whatever_happens_the_pages_are_those_of_a_render_from_nothing() {
    let mut dice = Dice::thrown("incremental");
    let seed: Vec<u8> = (0..32).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
    let config = Config { cases: CASES, max_shrink_iters: 80, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result =
        runner.run(&(plan(), deeds(DEEDS)), |(plan, deeds)| runtime.block_on(play(&plan, &deeds)).map_err(TestCaseError::fail));
    if let Err(TestError::Fail(reason, (plan, deeds))) = result {
        let lines = |deeds: &[Deed]| deeds.iter().map(|deed| format!("  {deed:?}")).collect::<Vec<_>>().join("\n");
        panic!("{reason}\n\nThe shortest way there that was found, from {plan:?}:\n{}", lines(&deeds));
    }
    result.unwrap();
}

/// Plays one case; says what is wrong, if anything.
async fn play(plan: &Plan, deeds: &[Deed]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let morning = NaiveDate::from_ymd_opt(2026, 11, 25).and_then(|day| day.and_hms_opt(1, 0, 0)).ok_or("no such time")?;
    let clock = Arc::new(FixedClock::at(morning));
    let mut world = World::of(plan, folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::Worker };
    let house = House::open_with_at(options, Arc::clone(&clock) as _).await.ok_or("no database")?;
    quiet(&house).await?;
    check(&house, 0).await.map_err(|wrong| format!("in the beginning: {wrong}"))?;
    for (number, deed) in (1..).zip(deeds) {
        clock.advance(TimeDelta::seconds(deed.takes()));
        world.act(&house, deed);
        house.engine().wake();
        quiet(&house).await.map_err(|wrong| format!("after deed {number}, {deed:?}: {wrong}"))?;
        check(&house, number).await.map_err(|wrong| format!("after deed {number}, {deed:?}: {wrong}"))?;
    }
    house.close().await;
    Ok(())
}

/// Waits until nothing waits; a page that fails is waited for by nobody.
async fn quiet(house: &House) -> Result<(), String> {
    let begun = Instant::now();
    while !house.engine().is_idle().unwrap() {
        let failed = house.engine().store.read(|connection| store::pages::list_failed(connection, 1)).unwrap();
        if let Some(page) = failed.first() {
            return Err(format!("{} failed: {:?}", page.path, page.failure));
        }
        if begun.elapsed() > PATIENCE {
            return Err("the queue does not empty".into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// The pages as they are against those of a render from nothing, from a copy of the database.
async fn check(house: &House, number: usize) -> Result<(), String> {
    let (waiting, failed) = house.engine().store.read(store::pages::count_waiting).unwrap();
    if (waiting, failed) != (0, 0) {
        return Err(format!("{waiting} pages wait, {failed} failed"));
    }
    let (copy, fresh) = (house.folder().join(format!("{number}.db")), house.folder().join(format!("fresh{number}")));
    house.engine().store.administer(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
    let wanted = rebuilt(house, &format!("sqlite:{}", copy.display()), &fresh).await;
    let wrong = difference(&files_of(&house.settings.pages), &wanted);
    std::fs::remove_dir_all(fresh).unwrap();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
}
