//! What a broken connection to PostgreSQL costs.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use store::{SqlLocation, Store, StoreError, installation, params};
use testkit::stores::{TestStore, options};
use testkit::{TestClock, test_each_engine};

#[test_each_engine]
fn connections_that_were_cut_while_idle_cost_nobody_an_error(test_store: &TestStore) {
    let SqlLocation::Postgres(_) = test_store.location() else { return };
    let store = test_store.store();
    for round in 0..3 {
        // One after the other, so that every thread has had its connection.
        for number in 0..20 {
            store.write_blocking(move |tx| installation::set(tx, &format!("{round} {number}"), "")).unwrap();
            store.read_blocking(|tx| installation::get(tx, "x")).unwrap();
        }
        let cut =
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        store.write_blocking(move |tx| tx.query_one(cut, params![], |row| row.get::<i64>(0))).unwrap();
    }
}

#[test_each_engine]
fn a_connection_that_is_cut_before_the_commit_costs_another_run(test_store: &TestStore) {
    let SqlLocation::Postgres(_) = test_store.location() else { return };
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    test_store
        .store()
        .write_blocking(move |tx| {
            installation::set(tx, "colour", "blue")?;
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                let _ = tx.execute("SELECT pg_terminate_backend(pg_backend_pid())", params![]);
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(test_store.store().read_blocking(|tx| installation::get(tx, "colour")).unwrap().as_deref(), Some("blue"));
}

#[test_each_engine]
fn a_table_that_another_server_changed_is_read_again(test_store: &TestStore) {
    let SqlLocation::Postgres(_) = test_store.location() else { return };
    let store = test_store.store().clone();
    store.write_blocking(|tx| tx.execute("CREATE TABLE sample (one BIGINT)", params![])).unwrap().any();
    let read = move || {
        let looked = testkit::in_parallel(8, {
            let store = store.clone();
            move |_| store.read_blocking(|tx| tx.query_all("SELECT * FROM sample", params![], |_| Ok(()))).map(|_| ())
        });
        looked.into_iter().for_each(Result::unwrap);
        store.clone()
    };
    // Prepared on several connections, each of which then holds a plan with too few columns.
    let store = read();
    store.write_blocking(|tx| tx.execute("ALTER TABLE sample ADD COLUMN two TEXT", params![])).unwrap().any();
    read();
}

/// Passes bytes on between the store and the server, until it is told to cut every connection that sends a COMMIT.
struct Proxy {
    port: u16,
    cuts_commits: Arc<AtomicBool>,
}

impl Proxy {
    fn before(server: String, lets_it_through_first: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cuts_commits = Arc::new(AtomicBool::new(false));
        let cuts = Arc::clone(&cuts_commits);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let cut_now = Arc::new(AtomicBool::new(false));
                let (cuts, cut_seen) = (Arc::clone(&cuts), Arc::clone(&cut_now));
                std::thread::spawn(move || pass_requests(client, server, &cuts, &cut_now, lets_it_through_first));
                std::thread::spawn(move || {
                    let mut buffer = [0; 65536];
                    while let Ok(length @ 1..) = from_server.read(&mut buffer) {
                        // The answer to the commit is what gets lost.
                        if cut_seen.load(Ordering::SeqCst) {
                            break;
                        }
                        if to_client.write_all(&buffer[..length]).is_err() {
                            break;
                        }
                    }
                    let _ = to_client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, cuts_commits }
    }
}

fn pass_requests(mut client: TcpStream, mut server: TcpStream, cuts: &AtomicBool, cut_now: &AtomicBool, lets_it_through_first: bool) {
    let mut buffer = [0; 65536];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let request = &buffer[..length];
        if cuts.load(Ordering::SeqCst) && request.windows(7).any(|bytes| bytes == b"COMMIT\0") {
            cut_now.store(true, Ordering::SeqCst);
            if lets_it_through_first {
                let _ = server.write_all(request);
                return;
            }
            break;
        }
        if server.write_all(request).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn commit_whose_answer_is_lost(test_store: &TestStore, reaches_the_server: bool) {
    let SqlLocation::Postgres(address) = test_store.location() else { return };
    let server = address.rsplit('@').next().unwrap().split('/').next().unwrap().to_owned();
    let proxy = Proxy::before(server.clone(), reaches_the_server);
    let through_proxy = address.replace(&server, &format!("127.0.0.1:{}", proxy.port));
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(SqlLocation::Postgres(through_proxy), folder.path(), Arc::new(TestClock::default()))).unwrap();

    proxy.cuts_commits.store(true, Ordering::SeqCst);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let answer = store.write_blocking(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        installation::set(tx, "colour", "blue")
    });
    assert!(matches!(answer, Err(StoreError::OutcomeUnknown(_))), "{answer:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 1, "what may have been committed is not run again");

    proxy.cuts_commits.store(false, Ordering::SeqCst);
    store.write_blocking(|tx| installation::set(tx, "shape", "round")).unwrap();
    if reaches_the_server {
        let colour = test_store.store().read_blocking(|tx| installation::get(tx, "colour")).unwrap();
        assert_eq!(colour.as_deref(), Some("blue"));
    }
}

#[test_each_engine]
fn a_commit_that_was_done_but_not_answered_is_told_as_unknown(test_store: &TestStore) {
    commit_whose_answer_is_lost(test_store, true);
}

#[test_each_engine]
fn a_commit_that_never_arrived_is_told_as_unknown(test_store: &TestStore) {
    commit_whose_answer_is_lost(test_store, false);
}

#[test_each_engine]
fn what_a_failed_statement_says_holds_no_values(store: Store) {
    let insert = "INSERT INTO installation (name, value) VALUES ($1, $2)";
    store.write_blocking(move |tx| tx.execute(insert, params!["wangli@example.test", ""])).unwrap().any();
    let failed = store.write_blocking(move |tx| tx.execute(insert, params!["wangli@example.test", ""])).unwrap_err();
    let mut told = failed.to_string();
    let mut cause = std::error::Error::source(&failed);
    while let Some(error) = cause {
        told.push_str(&error.to_string());
        cause = error.source();
    }
    assert!(told.contains("installation") && !told.contains("wangli"), "{told}");
}
