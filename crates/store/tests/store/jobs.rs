use std::sync::{Arc, Mutex};

use kernel::{JobId, OrgId, PageRequest, Params, Timestamp};
use serde_json::json;
use store::jobs::{self, Job, JobError, JobState, NewJob};
use store::{Notice, Store, StoreError};
use testkit::{TEST_NOW, TEST_ORG, ids, in_parallel, test_each_engine};

const OTHER_ORG: OrgId = OrgId::from_raw(9);

fn new_job(org: OrgId, kind: &'static str, listed: bool) -> NewJob {
    NewJob { org, id: ids().next(TEST_NOW), kind, payload: json!({"n": 1}), listed, run_after: TEST_NOW, created_by: None, now: TEST_NOW }
}

fn push(store: &Store, job: NewJob) -> JobId {
    store.write_blocking(move |tx| jobs::push(tx, job.clone())).unwrap()
}

fn claim(store: &Store, owner: &'static str, now: Timestamp) -> Option<Job> {
    store.write_blocking(move |tx| jobs::claim(tx, owner, now, 60, &["import.plan", "mail.send"])).unwrap()
}

fn find(store: &Store, id: JobId) -> Option<Job> {
    store.read_blocking(move |tx| jobs::find(tx, TEST_ORG, id)).unwrap()
}

#[test_each_engine]
fn a_job_is_claimed_done_and_kept_when_it_is_listed(store: Store) {
    let mut news = store.bus().subscribe();
    let id = push(&store, new_job(TEST_ORG, "import.plan", true));
    assert_eq!(news.try_recv().unwrap(), Notice::Job { org: TEST_ORG, id });
    let job = claim(&store, "one", TEST_NOW).unwrap();
    assert_eq!((job.id, job.state, job.attempts, job.lease_owner.as_deref()), (id, JobState::Running, 1, Some("one")));
    assert_eq!(job.payload, json!({"n": 1}));
    let lease = job.lease();
    store
        .write_blocking(move |tx| {
            jobs::set_progress(tx, &lease, 10, Some(20))?;
            jobs::finish(tx, &lease, TEST_NOW.plus_secs(5), &json!({"created": 3}))
        })
        .unwrap();
    let done = find(&store, id).unwrap();
    assert_eq!((done.state, done.progress_done, done.progress_total), (JobState::Done, 10, Some(20)));
    assert_eq!((done.result, done.finished_at, done.lease_owner), (Some(json!({"created": 3})), Some(TEST_NOW.plus_secs(5)), None));
    assert!(claim(&store, "two", TEST_NOW.plus_secs(1000)).is_none());
}

#[test_each_engine]
fn an_unlisted_job_goes_when_it_is_done(store: Store) {
    let id = push(&store, new_job(TEST_ORG, "mail.send", false));
    let lease = claim(&store, "one", TEST_NOW).unwrap().lease();
    store.write_blocking(move |tx| jobs::finish(tx, &lease, TEST_NOW, &json!(null))).unwrap();
    assert_eq!(find(&store, id), None);
    assert_eq!(store.read_blocking(jobs::count_open).unwrap(), 0);
}

#[test_each_engine]
fn a_job_of_another_kind_or_a_later_time_is_left(store: Store) {
    push(&store, new_job(TEST_ORG, "export.members", true));
    push(&store, NewJob { run_after: TEST_NOW.plus_secs(10), ..new_job(TEST_ORG, "mail.send", true) });
    assert_eq!(claim(&store, "one", TEST_NOW), None);
    assert!(claim(&store, "one", TEST_NOW.plus_secs(10)).is_some());
    assert_eq!(store.write_blocking(|tx| jobs::claim(tx, "one", TEST_NOW.plus_secs(99), 60, &[])).unwrap(), None);
}

#[test_each_engine]
fn a_lease_that_ran_out_is_anothers_to_take(store: Store) {
    push(&store, new_job(TEST_ORG, "mail.send", true));
    let first = claim(&store, "one", TEST_NOW).unwrap();
    assert_eq!(claim(&store, "two", TEST_NOW.plus_secs(59)), None);
    let second = claim(&store, "two", TEST_NOW.plus_secs(60)).unwrap();
    assert_eq!((second.id, second.attempts), (first.id, 2));
    // The first worker was only slow, and finds out.
    let late = first.lease();
    let lost = store.write_blocking(move |tx| jobs::extend_lease(tx, &late, TEST_NOW.plus_secs(61), 60));
    assert!(matches!(lost, Err(JobError::LeaseLost(_))));
    let late = first.lease();
    assert!(store.write_blocking(move |tx| jobs::finish(tx, &late, TEST_NOW.plus_secs(61), &json!(null))).is_err());
    let holder = second.lease();
    store.write_blocking(move |tx| jobs::extend_lease(tx, &holder, TEST_NOW.plus_secs(61), 60)).unwrap();
    assert_eq!(claim(&store, "three", TEST_NOW.plus_secs(120)), None);
}

#[test_each_engine]
fn a_failed_job_waits_for_its_next_try_until_it_is_given_up(store: Store) {
    let id = push(&store, new_job(TEST_ORG, "mail.send", false));
    let lease = claim(&store, "one", TEST_NOW).unwrap().lease();
    let told = Params::from([("host", "mx.example.test".to_owned())]);
    let retry_at = jobs::backoff(TEST_NOW, 1);
    assert_eq!(retry_at, TEST_NOW.plus_secs(10));
    let params = told.clone();
    store.write_blocking(move |tx| jobs::fail(tx, &lease, TEST_NOW, "unreachable", &params, Some(retry_at))).unwrap();
    let waiting = find(&store, id).unwrap();
    assert_eq!((waiting.state, waiting.error_code.as_deref()), (JobState::Queued, Some("unreachable")));
    assert_eq!(waiting.error_params, Some(json!({"host": "mx.example.test"})));
    assert_eq!(claim(&store, "one", TEST_NOW.plus_secs(9)), None);
    let lease = claim(&store, "one", TEST_NOW.plus_secs(10)).unwrap().lease();
    store.write_blocking(move |tx| jobs::fail(tx, &lease, TEST_NOW, "unreachable", &told, None)).unwrap();
    assert_eq!(find(&store, id).unwrap().state, JobState::Failed);
    assert_eq!(jobs::backoff(TEST_NOW, 1000), TEST_NOW.plus_secs(3600));
}

#[test_each_engine]
fn a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked(store: Store) {
    let waiting = push(&store, new_job(TEST_ORG, "mail.send", true));
    assert!(store.write_blocking(move |tx| jobs::request_cancel(tx, TEST_ORG, waiting, TEST_NOW)).unwrap());
    assert_eq!(find(&store, waiting).unwrap().state, JobState::Cancelled);
    assert!(!store.write_blocking(move |tx| jobs::request_cancel(tx, TEST_ORG, waiting, TEST_NOW)).unwrap());

    let running = push(&store, new_job(TEST_ORG, "mail.send", true));
    let lease = claim(&store, "one", TEST_NOW).unwrap().lease();
    assert!(!store.read_blocking(move |tx| jobs::is_cancel_requested(tx, TEST_ORG, running)).unwrap());
    // Another organisation cannot.
    assert!(!store.write_blocking(move |tx| jobs::request_cancel(tx, OTHER_ORG, running, TEST_NOW)).unwrap());
    assert!(store.write_blocking(move |tx| jobs::request_cancel(tx, TEST_ORG, running, TEST_NOW)).unwrap());
    assert!(store.read_blocking(move |tx| jobs::is_cancel_requested(tx, TEST_ORG, running)).unwrap());
    store.write_blocking(move |tx| jobs::cancel(tx, &lease, TEST_NOW, Some(&json!({"applied": 4})))).unwrap();
    let cancelled = find(&store, running).unwrap();
    assert_eq!((cancelled.state, cancelled.result), (JobState::Cancelled, Some(json!({"applied": 4}))));
}

#[test_each_engine]
fn an_organisation_with_many_jobs_does_not_hold_up_another(store: Store) {
    store.write_blocking(|tx| (0..50).try_for_each(|_| jobs::push(tx, new_job(TEST_ORG, "mail.send", false)).map(|_| ()))).unwrap();
    push(&store, NewJob { run_after: TEST_NOW.plus_secs(1), ..new_job(OTHER_ORG, "mail.send", false) });
    let now = TEST_NOW.plus_secs(2);
    assert_eq!(claim(&store, "one", now).unwrap().org, TEST_ORG);
    assert_eq!(claim(&store, "one", now).unwrap().org, OTHER_ORG);
    assert_eq!(claim(&store, "one", now).unwrap().org, TEST_ORG);
}

#[test_each_engine]
fn sixteen_workers_do_every_job_once(store: Store) {
    store.write_blocking(|tx| (0..40).try_for_each(|_| jobs::push(tx, new_job(TEST_ORG, "mail.send", false)).map(|_| ()))).unwrap();
    let claimed = Arc::new(Mutex::new(Vec::new()));
    let (workers, seen) = (store.clone(), Arc::clone(&claimed));
    in_parallel(16, move |worker| {
        let owner = format!("worker {worker}");
        loop {
            let owner = owner.clone();
            let job = workers.write_blocking(move |tx| jobs::claim(tx, &owner, TEST_NOW, 60, &["mail.send"])).unwrap();
            let Some(job) = job else { break };
            seen.lock().unwrap().push(job.id);
            let lease = job.lease();
            workers.write_blocking(move |tx| jobs::finish(tx, &lease, TEST_NOW, &json!(null))).unwrap();
        }
    });
    let mut claimed = claimed.lock().unwrap().clone();
    assert_eq!(claimed.len(), 40);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 40);
    assert_eq!(store.read_blocking(jobs::count_open).unwrap(), 0);
}

#[test_each_engine]
fn listed_jobs_are_read_newest_first_a_page_at_a_time(store: Store) {
    let ids: Vec<JobId> = (0..5).map(|_| push(&store, new_job(TEST_ORG, "import.plan", true))).collect();
    push(&store, new_job(TEST_ORG, "mail.send", false));
    push(&store, new_job(OTHER_ORG, "import.plan", true));
    let first = store.read_blocking(|tx| jobs::list(tx, TEST_ORG, &PageRequest::first(3))).unwrap();
    assert_eq!(first.items.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[4], ids[3], ids[2]]);
    let after = kernel::Cursor::decode(&first.next.unwrap());
    let second = store.read_blocking(move |tx| jobs::list(tx, TEST_ORG, &PageRequest::new(after.clone(), 3))).unwrap();
    assert_eq!(second.items.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert_eq!(second.next, None);
}

#[test_each_engine]
fn a_job_of_a_transaction_that_failed_was_never_there(store: Store) {
    let failed = store.write_blocking(|tx| {
        jobs::push(tx, new_job(TEST_ORG, "mail.send", false))?;
        Err::<(), _>(StoreError::aborted())
    });
    assert!(failed.is_err());
    assert_eq!(store.read_blocking(jobs::count_open).unwrap(), 0);
}
