//! Jobs: claimed once, tried again after growing waits, set aside in the end, taken over from the dead.

use chrono::TimeDelta;
use model::{Clock, JobState, Lane, SystemClock};
use server::Role;
use store::jobs;
use testkit::{Backend, House, HouseOptions};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_claimed_once_urgent_before_bulk_and_taken_over_when_its_worker_is_gone() {
    for backend in Backend::BOTH {
        let Some(house) = idle_house(backend).await else { continue };
        let store = &house.engine().store;
        let now = SystemClock.now();
        let [bulk, urgent] = store
            .write(|c| {
                Ok::<_, store::Error>([
                    jobs::enqueue(c, Lane::Bulk, "x", "{}", now)?,
                    jobs::enqueue(c, Lane::Urgent, "x", "{}", now)?,
                ])
            })
            .unwrap();
        let claim = |worker: &'static str, at| store.write(move |c| jobs::claim(c, worker, "", at)).unwrap();
        assert_eq!(claim("one", now).unwrap().id, urgent, "{backend:?}");
        assert_eq!(claim("two", now).unwrap().id, bulk);
        assert_eq!(claim("three", now), None, "both are taken");
        let later = now + jobs::LEASE + TimeDelta::seconds(1);
        let taken_over = claim("three", later).unwrap();
        assert_eq!((taken_over.id, taken_over.attempts), (urgent, 2), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_waits_longer_each_time_is_set_aside_and_can_be_tried_anew() {
    for backend in Backend::BOTH {
        let Some(house) = idle_house(backend).await else { continue };
        let store = &house.engine().store;
        let mut now = SystemClock.now();
        let id = store.write(|c| jobs::enqueue(c, Lane::Bulk, "x", "{}", now)).unwrap();
        let mut waits = Vec::new();
        loop {
            let job = store.write(|c| jobs::claim(c, "worker", "", now)).unwrap().expect("it is due");
            if store.write(|c| jobs::fail(c, &job, "because", now)).unwrap() == JobState::Dead {
                break;
            }
            let listed = store.read(|c| jobs::list(c, 1)).unwrap().remove(0);
            waits.push(listed.run_at - now);
            assert!(store.write(|c| jobs::claim(c, "worker", "", now)).unwrap().is_none(), "not before its time");
            now = listed.run_at;
        }
        assert_eq!(waits.len(), usize::try_from(jobs::ATTEMPTS - 1).unwrap());
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
        let dead = store.read(|c| jobs::list(c, 1)).unwrap().remove(0);
        assert_eq!((dead.state, dead.error.as_deref()), (JobState::Dead, Some("because")));
        assert!(house.engine().is_idle().unwrap());

        assert!(store.write(|c| jobs::retry(c, id, now)).unwrap());
        assert_eq!(store.write(|c| jobs::claim(c, "worker", "", now)).unwrap().unwrap().attempts, 1);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_claiming_at_once_never_share_a_job() {
    for backend in Backend::BOTH {
        let Some(house) = idle_house(backend).await else { continue };
        let store = house.engine().store.clone();
        let now = SystemClock.now();
        for _ in 0..100 {
            store.write(|c| jobs::enqueue(c, Lane::Bulk, "x", "{}", now)).unwrap();
        }
        let claimants: Vec<_> = (0..4)
            .map(|number| {
                let store = store.clone();
                tokio::task::spawn_blocking(move || {
                    let name = format!("worker-{number}");
                    let mut mine = Vec::new();
                    while let Some(job) = store.write(|c| jobs::claim(c, &name, "", now)).unwrap() {
                        mine.push(job.id);
                    }
                    mine
                })
            })
            .collect();
        let mut all = Vec::new();
        for claimant in claimants {
            all.extend(claimant.await.unwrap());
        }
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (100, 100), "{backend:?}");
        house.close().await;
    }
}

/// A house whose own workers have finished: only web, so that nobody else takes the test's jobs.
async fn idle_house(backend: Backend) -> Option<House> {
    let house = House::open_with(HouseOptions { backend, redis: false, sites: None, duty: Role::All }).await?;
    Some(house.without_workers().await)
}
