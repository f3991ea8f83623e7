//! How jobs are taken, kept, tried again and given up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use directory::audit::{self, AuditEvent, AuditTarget};
use directory::organisations;
use kernel::{Clock, FaultKind, JobId, OrgId, Params};
use lifecycle::jobs::{JobApp, JobError};
use mail::delivery::FAN_OUT_JOB;
use serde_json::{Value, json};
use store::Store;
use store::jobs::{self, Job, JobState, NewJob};
use testkit::{SeededRng, TEST_ORG, TestClock, test_each_engine};
use tokio::sync::watch;
use worker::{Handlers, Idle, Worker, WorkerOptions};

testkit::mail_is_sound_after_each_test!();

struct Scene {
    app: JobApp,
    clock: Arc<TestClock>,
}

impl Scene {
    fn new(store: Store) -> Self {
        let clock = Arc::new(TestClock::default());
        let app = JobApp { store, source: testkit::source(&clock, Arc::new(SeededRng::default())) };
        Self { app, clock }
    }

    fn worker(&self, owner: &str, handlers: Handlers) -> Worker {
        Worker::with_handlers(self.app.clone(), WorkerOptions::new(owner, 1), handlers)
    }

    async fn push_for(&self, org: OrgId, kind: &'static str) -> JobId {
        let now = self.clock.now();
        let job = NewJob {
            org,
            id: self.app.source.ids.next(now),
            kind,
            payload: json!({}),
            listed: true,
            run_after: now,
            created_by: None,
            now,
        };
        self.app.store.write(move |tx| jobs::push(tx, job.clone())).await.unwrap()
    }

    async fn push(&self, kind: &'static str) -> JobId {
        self.push_for(TEST_ORG, kind).await
    }

    async fn job(&self, id: JobId) -> Job {
        self.app.store.read(move |tx| jobs::find(tx, TEST_ORG, id)).await.unwrap().unwrap()
    }
}

fn new_organisation() -> organisations::NewOrganisation {
    organisations::NewOrganisation {
        code: "kangning".to_owned(),
        name: "康宁集团".to_owned(),
        time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
        language: organisations::Language::ZhCn,
    }
}

fn failing(kind: FaultKind) -> Handlers {
    Handlers::none().with("test", move |_, _| async move { Err(JobError::Failed { code: "broken", kind, params: Params::new() }) })
}

#[test_each_engine]
async fn a_job_is_done_once_and_its_result_kept(store: Store) {
    let scene = Scene::new(store);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let handlers = Handlers::none().with("test", move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(json!({ "rows": 3 })) }
    });
    let id = scene.push("test").await;
    assert_eq!(scene.worker("one", handlers).run_until_idle().await.unwrap(), Idle { runs: 1, left: 0 });
    let job = scene.job(id).await;
    assert_eq!((job.state, job.result, runs.load(Ordering::SeqCst)), (JobState::Done, Some(json!({ "rows": 3 })), 1));
}

#[test_each_engine]
async fn a_failure_that_may_pass_is_tried_again_later_and_later_until_it_is_given_up(store: Store) {
    let scene = Scene::new(store);
    let worker = scene.worker("one", failing(FaultKind::Unavailable));
    let id = scene.push("test").await;
    let mut waits = Vec::new();
    loop {
        assert_eq!(worker.run_until_idle().await.unwrap().runs, 1);
        let job = scene.job(id).await;
        if job.state != JobState::Queued {
            break;
        }
        waits.push(job.run_after.secs_since(scene.clock.now()));
        assert!(!worker.run_once().await.unwrap(), "nothing is due before its time");
        scene.clock.set(job.run_after);
    }
    assert_eq!(waits.len(), 9);
    assert!(waits[0] >= 10 && waits[0] <= 15 && waits[8] >= 2560, "{waits:?}");
    let job = scene.job(id).await;
    assert_eq!((job.state, job.error_code.as_deref()), (JobState::Failed, Some("broken")));
}

#[test_each_engine]
async fn a_job_outlasts_a_store_that_cannot_for_hours_and_goes_on_within_minutes(store: Store) {
    let scene = Scene::new(store);
    for kind in ["test", FAN_OUT_JOB] {
        let busy = Handlers::none().with(kind, |_, _| async { Err(JobError::Store(store::StoreError::Busy)) });
        let id = scene.push(kind).await;
        for _ in 0..100 {
            assert!(scene.worker("one", busy.clone()).run_once().await.unwrap());
            let job = scene.job(id).await;
            assert_eq!(job.state, JobState::Queued);
            assert!(job.run_after.secs_since(scene.clock.now()) <= 90, "{kind}");
            scene.clock.set(job.run_after);
        }
        scene.worker("one", Handlers::none().with(kind, |_, _| async { Ok(Value::Null) })).run_once().await.unwrap();
        assert_eq!(scene.job(id).await.state, JobState::Done);
    }
}

#[test_each_engine]
async fn mail_that_was_accepted_is_never_given_up_and_never_waits_long(store: Store) {
    let scene = Scene::new(store.clone());
    for kind in [FaultKind::Unavailable, FaultKind::Internal] {
        let failing = move |_, _| async move { Err(JobError::Failed { code: "broken", kind, params: Params::new() }) };
        let worker = scene.worker("one", Handlers::none().with(FAN_OUT_JOB, failing));
        let id = scene.push(FAN_OUT_JOB).await;
        for _ in 0..30 {
            assert!(worker.run_once().await.unwrap());
            let job = scene.job(id).await;
            assert_eq!(job.state, JobState::Queued);
            assert!(job.run_after.secs_since(scene.clock.now()) <= 450);
            scene.clock.set(job.run_after);
        }
        let delivers = scene.worker("one", Handlers::none().with(FAN_OUT_JOB, |_, _| async { Ok(Value::Null) }));
        assert!(delivers.run_once().await.unwrap());
        assert_eq!(scene.job(id).await.state, JobState::Done);
    }
    // Nor when its workers die on it without a word.
    let id = scene.push(FAN_OUT_JOB).await;
    for _ in 0..20 {
        let now = scene.clock.now();
        assert!(store.write(move |tx| jobs::claim(tx, "dies", now, 60, &[FAN_OUT_JOB])).await.unwrap().is_some());
        scene.clock.advance_secs(61);
    }
    scene.worker("one", Handlers::none().with(FAN_OUT_JOB, |_, _| async { Ok(Value::Null) })).run_once().await.unwrap();
    assert_eq!(scene.job(id).await.state, JobState::Done);
}

#[test_each_engine]
async fn a_failure_that_would_come_again_is_given_up_at_once(store: Store) {
    let scene = Scene::new(store);
    let id = scene.push("test").await;
    let idle = scene.worker("one", failing(FaultKind::Invalid)).run_until_idle().await.unwrap();
    assert_eq!((idle, scene.job(id).await.state), (Idle { runs: 1, left: 0 }, JobState::Failed));
}

#[test_each_engine]
async fn a_panic_ends_the_job_and_not_the_worker(store: Store) {
    let scene = Scene::new(store);
    let handlers = Handlers::none().with("panics", |_, _| async { panic!("on purpose") }).with("test", |_, _| async { Ok(Value::Null) });
    let (bad, good) = (scene.push("panics").await, scene.push("test").await);
    scene.worker("one", handlers).run_until_idle().await.unwrap();
    let bad = scene.job(bad).await;
    assert_eq!((bad.state, bad.error_code.as_deref()), (JobState::Failed, Some("job_handler_panicked")));
    assert_eq!(scene.job(good).await.state, JobState::Done);
}

#[test_each_engine]
async fn a_job_that_has_to_wait_comes_back_when_it_said(store: Store) {
    let scene = Scene::new(store);
    let handlers = Handlers::none().with("test", |_, _| async { Err(JobError::Waiting { code: "import_running", retry_after_secs: 5 }) });
    let id = scene.push("test").await;
    let worker = scene.worker("one", handlers);
    for _ in 0..20 {
        assert_eq!(worker.run_until_idle().await.unwrap(), Idle { runs: 1, left: 1 });
        scene.clock.advance_secs(5);
    }
    assert_eq!(scene.job(id).await.state, JobState::Queued);
}

#[test_each_engine]
async fn a_job_whose_worker_died_goes_on_when_its_lease_has_run_out(store: Store) {
    let scene = Scene::new(store.clone());
    let id = scene.push("test").await;
    let now = scene.clock.now();
    let dead = store.write(move |tx| jobs::claim(tx, "dead", now, 60, &["test"])).await.unwrap();
    assert_eq!(dead.map(|job| job.id), Some(id));
    let worker = scene.worker("one", Handlers::none().with("test", |_, _| async { Ok(Value::Null) }));
    assert!(!worker.run_once().await.unwrap(), "the lease still holds");
    scene.clock.advance_secs(61);
    assert!(worker.run_once().await.unwrap());
    assert_eq!(scene.job(id).await.state, JobState::Done);
}

#[test_each_engine]
async fn a_job_that_kills_every_worker_is_given_up(store: Store) {
    let scene = Scene::new(store.clone());
    let id = scene.push("test").await;
    for _ in 0..10 {
        let now = scene.clock.now();
        assert!(store.write(move |tx| jobs::claim(tx, "dies", now, 60, &["test"])).await.unwrap().is_some());
        scene.clock.advance_secs(61);
    }
    scene.worker("one", Handlers::none().with("test", |_, _| async { Ok(Value::Null) })).run_until_idle().await.unwrap();
    assert_eq!(scene.job(id).await.error_code.as_deref(), Some("job_interrupted_too_often"));
}

#[test_each_engine]
async fn a_job_of_an_unknown_kind_stays_visible_in_the_queue(store: Store) {
    let scene = Scene::new(store);
    scene.push("of.tomorrow").await;
    let idle = scene.worker("one", Handlers::none().with("test", |_, _| async { Ok(Value::Null) })).run_until_idle().await.unwrap();
    assert_eq!(idle, Idle { runs: 0, left: 1 });
}

#[test_each_engine]
async fn a_running_worker_wakes_for_new_jobs_and_puts_unfinished_ones_back_when_it_stops(store: Store) {
    let scene = Scene::new(store);
    let (began, mut beginnings) = tokio::sync::mpsc::unbounded_channel();
    let handlers = Handlers::none().with("quick", |_, _| async { Ok(Value::Null) }).with("endless", move |_, _| {
        let began = began.clone();
        async move {
            began.send(()).unwrap();
            std::future::pending().await
        }
    });
    // Only notices can wake it within the test's life.
    let options = WorkerOptions { look_every: Duration::from_secs(3600), ..WorkerOptions::new("one", 1) };
    let worker = Worker::with_handlers(scene.app.clone(), options, handlers);
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn({
        let worker = worker.clone();
        async move { worker.run(stopping).await }
    });
    let mut notices = scene.app.store.bus().subscribe();
    let endless = scene.push("endless").await;
    beginnings.recv().await.unwrap();
    assert!(worker.is_alive());
    let quick = scene.push("quick").await;
    while scene.job(quick).await.state != JobState::Done {
        notices.recv().await.unwrap();
    }
    stop.send(true).unwrap();
    running.await.unwrap();
    let job = scene.job(endless).await;
    assert_eq!((job.state, job.lease_owner), (JobState::Queued, None));
}

#[test_each_engine]
async fn an_organisation_with_many_jobs_does_not_hold_up_another(store: Store) {
    let scene = Scene::new(store);
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    let handlers = Handlers::none().with("test", move |_, job| {
        seen.lock().unwrap().push(job.org);
        async { Ok(Value::Null) }
    });
    let other = OrgId::from_raw(2);
    for _ in 0..5 {
        scene.push_for(TEST_ORG, "test").await;
    }
    scene.clock.advance_secs(1);
    scene.push_for(other, "test").await;
    // One of the first organisation's is under way already.
    let now = scene.clock.now();
    let taken = scene.app.store.write(move |tx| jobs::claim(tx, "elsewhere", now, 60, &["test"])).await;
    assert!(taken.is_ok_and(|job: Option<Job>| job.is_some_and(|job| job.org == TEST_ORG)));
    scene.worker("one", handlers).run_until_idle().await.unwrap();
    assert_eq!(order.lock().unwrap()[0], other);
}

#[test_each_engine]
async fn what_is_recorded_is_sealed_by_one_of_several_nodes(store: Store) {
    let scene = Scene::new(store.clone());
    let (ctx, new) = (testkit::ctx(TEST_ORG), new_organisation());
    let org = store.write(move |tx| organisations::add(&ctx, tx, &new)).await.unwrap();
    let ctx = testkit::ctx(org);
    let recorded =
        store.write(move |tx| audit::record(&ctx, tx, AuditEvent::new("member.suspended", AuditTarget::new("member", None, "任熙"))));
    recorded.await.unwrap();
    let waiting = store.read(move |tx| audit::unsealed_count(tx, org)).await.unwrap();
    let (one, two) = tokio::join!(worker::periodic::seal_audit(&scene.app, "one"), worker::periodic::seal_audit(&scene.app, "two"));
    assert_eq!((one.unwrap() + two.unwrap()) as u64, waiting);
    assert_eq!(store.read(move |tx| audit::unsealed_count(tx, org)).await.unwrap(), 0);
}

#[test_each_engine]
async fn cleaning_is_one_nodes_turn(store: Store) {
    let scene = Scene::new(store);
    assert!(worker::periodic::clean(&scene.app, "one").await.unwrap());
    assert!(!worker::periodic::clean(&scene.app, "two").await.unwrap());
    scene.clock.advance_secs(301);
    assert!(worker::periodic::clean(&scene.app, "two").await.unwrap());
}

#[test_each_engine]
async fn a_job_that_kills_its_workers_is_given_up_even_if_it_was_once_put_back_in_order(store: Store) {
    let scene = Scene::new(store);
    let id = scene.push("test").await;
    let now = scene.clock.now();
    let claim = |now| scene.app.store.write(move |tx| jobs::claim(tx, "one/1", now, 60, &["test"]));
    let first = claim(now).await.unwrap().unwrap().lease();
    let put_back = move |tx: &mut store::Tx| jobs::fail(tx, &first, now, "job_interrupted", &Params::new(), Some(now));
    scene.app.store.write(put_back).await.unwrap();
    for _ in 0..10 {
        assert!(claim(scene.clock.now()).await.unwrap().is_some());
        scene.clock.advance_secs(61);
    }
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let handlers = Handlers::none().with("test", move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(Value::Null) }
    });
    scene.worker("two", handlers).run_until_idle().await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    assert_eq!(scene.job(id).await.error_code.as_deref(), Some("job_interrupted_too_often"));
}
