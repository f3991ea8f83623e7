//! How SQLite's writer shares commits, through what callers can see of it.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use store::{Engine, Store, StoreError, Tx, installation, params};
use testkit::stores::TestStore;
use testkit::{store, test_each_engine};

/// Holds the writer until told, so that what is handed in meanwhile shares the next commit.
fn hold_writer(store: &Store) -> (Sender<()>, std::thread::JoinHandle<()>) {
    let (release, released) = channel::<()>();
    let (tell, started) = channel();
    let store = store.clone();
    let thread = std::thread::spawn(move || {
        let gate = Mutex::new(Some((tell, released)));
        store
            .write_blocking(move |_| {
                // It may be run again with the batch it is in, and then has nothing to wait for.
                if let Some((tell, released)) = gate.lock().unwrap().take() {
                    tell.send(()).unwrap();
                    released.recv().unwrap();
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
    started.recv().unwrap();
    (release, thread)
}

/// Looks once whether a future is done; the first look hands its closure in.
fn is_ready<F: Future + Unpin>(future: &mut F) -> bool {
    matches!(std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_))
}

fn gate() -> (Sender<()>, Arc<Mutex<Receiver<()>>>) {
    let (sender, receiver) = channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_answered_before_the_commit_that_is_shared() {
    let store = store();
    let (release, holder) = hold_writer(&store);
    let mut first = pin!(store.write(|tx| installation::set(tx, "first", "1")));
    assert!(!is_ready(&mut first));

    let (started_sender, started) = channel();
    let (go, wait) = gate();
    let mut second = pin!(store.write(move |tx| {
        installation::set(tx, "second", "2")?;
        started_sender.send(()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        Ok::<_, StoreError>(())
    }));
    assert!(!is_ready(&mut second));

    release.send(()).unwrap();
    started.recv().unwrap();
    // The first has run, in the batch that is still open: it has no answer, and nobody sees its row.
    assert!(!is_ready(&mut first));
    assert_eq!(store.read(|tx| installation::get(tx, "first")).await.unwrap(), None);
    go.send(()).unwrap();
    first.await.unwrap();
    assert_eq!(store.read(|tx| installation::get(tx, "second")).await.unwrap().as_deref(), Some("2"));
    second.await.unwrap();
    holder.join().unwrap();
}

/// Hands so many closures in, which are run in one batch; the answers to them.
fn answers_of_one_batch<F>(store: &Store, closures: impl Iterator<Item = F>) -> Vec<Result<(), StoreError>>
where
    F: FnMut(&mut Tx) -> Result<(), StoreError> + Send + 'static,
{
    let (release, holder) = hold_writer(store);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answers = runtime.block_on(async {
        let mut writes = Vec::new();
        for closure in closures {
            let mut write = Box::pin(store.write(closure));
            assert!(!is_ready(&mut write));
            writes.push(write);
        }
        release.send(()).unwrap();
        let mut answers = Vec::new();
        for write in writes {
            answers.push(write.await);
        }
        answers
    });
    holder.join().unwrap();
    answers
}

fn rows(store: &Store) -> i64 {
    store.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM installation", params![], |row| row.get(0))).unwrap()
}

#[test]
fn closures_that_fail_leave_their_neighbours_in_the_batch_alone() {
    let store = store();
    let closures = (0..30).map(|number| {
        move |tx: &mut Tx| {
            installation::set(tx, &format!("row {number}"), "")?;
            match number % 3 {
                0 => Ok(()),
                1 => Err(StoreError::aborted()),
                _ => tx.execute("INSERT INTO installation (name) VALUES ($1)", params!["half a row"]).map(|_| ()),
            }
        }
    });
    for (number, answer) in answers_of_one_batch(&store, closures).iter().enumerate() {
        assert_eq!(answer.is_ok(), number % 3 == 0);
    }
    assert_eq!(rows(&store), 10);
}

#[test]
fn who_fails_before_writing_costs_the_batch_no_second_run() {
    let store = store();
    let runs = Arc::new(AtomicUsize::new(0));
    let closures = (0..10).map(|number| {
        let runs = Arc::clone(&runs);
        move |tx: &mut Tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            if number % 2 == 0 { Err(StoreError::aborted()) } else { installation::set(tx, &format!("row {number}"), "") }
        }
    });
    for (number, answer) in answers_of_one_batch(&store, closures).iter().enumerate() {
        assert_eq!(answer.is_ok(), number % 2 == 1);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 10);
}

#[test]
fn a_batch_that_the_engine_rolled_back_is_run_again_one_by_one() {
    let store = store();
    let runs = Arc::new(AtomicUsize::new(0));
    let closures = (0..10).map(|number| {
        let runs = Arc::clone(&runs);
        move |tx: &mut Tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            installation::set(tx, &format!("row {number}"), "")?;
            if number == 6 {
                // As a full disk may: everything since BEGIN is gone.
                tx.execute("ROLLBACK", params![])?.any();
            }
            Ok(())
        }
    });
    for (number, answer) in answers_of_one_batch(&store, closures).iter().enumerate() {
        assert_eq!(answer.is_ok(), number != 6, "{number}: {answer:?}");
    }
    // Those before the one that lost the batch ran twice, those after it once.
    assert!(runs.load(Ordering::SeqCst) > 10);
    assert_eq!(rows(&store), 9);
}

#[test]
fn a_full_database_refuses_what_does_not_fit_and_takes_what_does() {
    let store = store();
    store
        .write_blocking(|tx| {
            let pages: i64 = tx.query_one("PRAGMA page_count", params![], |row| row.get(0))?;
            tx.query_one(&format!("PRAGMA max_page_count = {}", pages + 20), params![], |row| row.get::<i64>(0))
        })
        .unwrap();
    let closures = (0..12).map(|number| {
        let value = if number % 4 == 3 { "x".repeat(4096 * 40) } else { "x".repeat(100) };
        move |tx: &mut Tx| installation::set(tx, &format!("row {number}"), &value)
    });
    for (number, answer) in answers_of_one_batch(&store, closures).into_iter().enumerate() {
        match answer {
            Ok(()) => assert_ne!(number % 4, 3),
            Err(StoreError::Full(_)) => assert_eq!(number % 4, 3),
            Err(other) => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(rows(&store), 9);
    // Room that comes back is used.
    store.write_blocking(|tx| tx.query_one("PRAGMA max_page_count = 1000000", params![], |row| row.get::<i64>(0))).unwrap();
    store.write_blocking(|tx| installation::set(tx, "row 3", &"x".repeat(4096 * 40))).unwrap();
    assert_eq!(store.check_database().unwrap(), Vec::<String>::new());
}

type Write<'a> = std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

/// Hands in `bulk` and `delivery` closures while the writer is held, in this order, and gives the order they ran in.
fn order_of_runs(store: &Store, bulk: usize, delivery: usize) -> Vec<&'static str> {
    let order = Arc::new(Mutex::new(Vec::new()));
    let (release, holder) = hold_writer(store);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut writes: Vec<Write<'_>> = Vec::new();
        for _ in 0..bulk {
            let order = Arc::clone(&order);
            writes.push(Box::pin(store.write_bulk(move |_| {
                order.lock().unwrap().push("bulk");
                Ok(())
            })));
        }
        for _ in 0..delivery {
            let order = Arc::clone(&order);
            writes.push(Box::pin(store.write(move |_| {
                order.lock().unwrap().push("delivery");
                Ok(())
            })));
        }
        for write in &mut writes {
            assert!(!is_ready(write));
        }
        release.send(()).unwrap();
        for write in writes {
            write.await.unwrap();
        }
    });
    holder.join().unwrap();
    Arc::try_unwrap(order).unwrap().into_inner().unwrap()
}

#[test]
fn deliveries_go_before_bulk_work_that_waited_longer() {
    let order = order_of_runs(&store(), 20, 100);
    assert_eq!(order.len(), 120);
    assert!(order[..100].iter().all(|lane| *lane == "delivery"), "{order:?}");
}

#[test]
fn bulk_work_gets_its_turn_among_many_deliveries() {
    let order = order_of_runs(&store(), 1, 4000);
    let turn = order.iter().position(|lane| *lane == "bulk").unwrap();
    assert!(turn < 3500, "bulk ran as number {turn}");
}

#[test_each_engine]
fn more_closures_than_the_queue_holds_wait_for_room(store: Store) {
    let added = testkit::in_parallel(16, move |thread| {
        (0..40)
            .filter(|&number: &i32| store.write_bulk_blocking(move |tx| installation::set(tx, &format!("{thread} {number}"), "")).is_ok())
            .count()
    });
    assert_eq!(added.iter().sum::<usize>(), 640);
}

#[test]
fn a_store_that_is_closed_first_does_what_it_was_given() {
    let mut test_store = TestStore::on_sqlite();
    let store = test_store.store().clone();
    let (release, holder) = hold_writer(&store);
    let mut write = Box::pin(store.write(|tx| installation::set(tx, "late", "but in time")));
    assert!(!is_ready(&mut write));
    // The caller goes away; what it handed in does not.
    drop(write);
    release.send(()).unwrap();
    holder.join().unwrap();
    drop(store);
    let store = test_store.reopen();
    assert_eq!(store.read_blocking(|tx| installation::get(tx, "late")).unwrap().as_deref(), Some("but in time"));
}

#[test_each_engine]
fn bulk_work_never_takes_every_connection(test_store: &TestStore) {
    if test_store.store().engine() == Engine::Sqlite {
        return;
    }
    let store = test_store.store().clone();
    let (started_sender, started) = channel();
    let (go, wait) = gate();
    let held: Vec<_> = (0..20)
        .map(|_| {
            let (store, started, wait) = (store.clone(), Mutex::new(started_sender.clone()), Arc::clone(&wait));
            std::thread::spawn(move || {
                store.write_bulk_blocking(move |_| {
                    started.lock().unwrap().send(()).unwrap();
                    wait.lock().unwrap().recv().unwrap();
                    Ok::<_, StoreError>(())
                })
            })
        })
        .collect();
    started.recv().unwrap();
    // However many chunks wait, a delivery goes through.
    for number in 0..20 {
        store.write_blocking(move |tx| installation::set(tx, &format!("row {number}"), "")).unwrap();
    }
    held.iter().for_each(|_| go.send(()).unwrap());
    held.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
}
