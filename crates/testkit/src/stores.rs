//! A store for each test, which goes with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::Rng;
pub use store::Engine;
use store::{KeyRing, SqlLocation, Store, StoreError, StoreOptions, Tx};
use tempfile::TempDir;

use crate::{SeededRng, TestClock};

/// The variable that names a PostgreSQL server: the URL of a database of a role that may create databases.
pub const POSTGRES_VARIABLE: &str = "YANSHU_TEST_POSTGRES";

/// A store of a test's own. Its files and its database go when this is dropped.
pub struct TestStore {
    // Closed before its place is removed.
    store: Option<Store>,
    pub clock: Arc<TestClock>,
    place: Place,
    folder: TempDir,
}

/// What must hold of a store after every test; see [`mail_is_sound_after_each_test`](crate::mail_is_sound_after_each_test).
pub struct EndCheck {
    pub of_what: &'static str,
    pub find_problems: fn(&mut Tx) -> Result<Vec<String>, StoreError>,
}
inventory::collect!(EndCheck);

enum Place {
    Sqlite(PathBuf),
    Postgres(Database),
}

impl TestStore {
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place::Sqlite(folder.path().join("yanshu.db"));
        Self::open_at(place, folder)
    }

    /// `None` when no server was named.
    pub fn on_postgres() -> Option<Self> {
        let database = Database::create()?;
        Some(Self::open_at(Place::Postgres(database), tempfile::tempdir().expect("a temporary folder")))
    }

    fn open_at(place: Place, folder: TempDir) -> Self {
        let clock = Arc::new(TestClock::default());
        let mut test_store = Self { store: None, clock, place, folder };
        test_store.store = Some(Store::open(test_store.options()).expect("a new store opens"));
        test_store
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("open until it is dropped")
    }

    /// Closes the store, as far as no test holds a clone of it, and opens it again on the same data.
    pub fn reopen(&mut self) -> &Store {
        self.store = None;
        self.store = Some(Store::open(self.options()).expect("a store that was closed opens again"));
        self.store()
    }

    /// What the store is opened with, for a test that opens it itself.
    pub fn options(&self) -> StoreOptions {
        options(self.location(), self.folder.path(), Arc::clone(&self.clock))
    }

    pub fn location(&self) -> SqlLocation {
        match &self.place {
            Place::Sqlite(path) => SqlLocation::Sqlite(path.clone()),
            Place::Postgres(database) => SqlLocation::Postgres(database.url.clone()),
        }
    }

    /// A folder that goes with the test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks every [`EndCheck`] that is linked in; a store that the test has closed is left alone.
    fn check_at_the_end(&self) {
        let Some(store) = &self.store else { return };
        for check in inventory::iter::<EndCheck> {
            let problems = store.read_blocking(check.find_problems).expect("a store that can be read");
            assert!(problems.is_empty(), "after the test {} is not sound: {problems:#?}", check.of_what);
        }
    }

    /// Closes the store but keeps its place, for tests of what happens to closed data.
    pub fn close(&mut self) {
        self.store = None;
    }
}

/// Options with a clock, chance and keys for tests; packs and key file are kept in `folder`.
pub fn options(sql: SqlLocation, folder: &Path, clock: Arc<TestClock>) -> StoreOptions {
    let rng: &dyn Rng = &SeededRng::default();
    let keys = KeyRing::open_or_create(&folder.join("master.key"), rng).expect("a key file in a temporary folder");
    let readers = match sql {
        SqlLocation::Sqlite(_) => 2,
        SqlLocation::Postgres(_) => 8,
    };
    StoreOptions { sql, readers, clock, packs: folder.join("packs"), index: folder.join("index"), keys: Arc::new(keys) }
}

/// A store on SQLite for tests that do not depend on the engine; its files go when the thread of the test ends.
pub fn store() -> Store {
    thread_local! {
        static FOLDERS: std::cell::RefCell<Vec<TempDir>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = options(SqlLocation::Sqlite(folder.path().join("yanshu.db")), folder.path(), Arc::new(TestClock::default()));
    let store = Store::open(options).expect("a new store opens");
    FOLDERS.with_borrow_mut(|folders| folders.push(folder));
    store
}

/// Runs one twin of a test; [`test_each_engine`](crate::test_each_engine) calls it.
#[doc(hidden)]
pub fn run(engine: Engine, name: &str, test: impl FnOnce(&TestStore)) {
    let test_store = match engine {
        Engine::Sqlite => Some(TestStore::on_sqlite()),
        Engine::Postgres => TestStore::on_postgres(),
    };
    match test_store {
        Some(test_store) => {
            test(&test_store);
            test_store.check_at_the_end();
        }
        None => println!("skipped on PostgreSQL, because {POSTGRES_VARIABLE} is not set: {name}"),
    }
}

/// [`run`] for tests with `await`.
#[doc(hidden)]
pub fn run_async<F: Future<Output = ()>>(engine: Engine, name: &str, test: impl FnOnce(Store) -> F) {
    run(engine, name, |test_store| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(test(test_store.store().clone()));
    });
}

/// A database of a test's own on the named server, with this release's schema and no rows; it goes when this is dropped.
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// `None` when no server was named. A copy of a database that has this build's schema already, which is a third of the work of making one.
    pub fn create() -> Option<Self> {
        let server = std::env::var(POSTGRES_VARIABLE).ok().filter(|url| !url.is_empty())?;
        let template = format!("yanshu_template_{}", store::schema_fingerprint());
        let copy = Self::named(&server);
        if on_server(&server, &format!("CREATE DATABASE {} TEMPLATE {template}", copy.name)).is_err() {
            Self::make_template(&server, &template);
            on_server(&server, &format!("CREATE DATABASE {} TEMPLATE {template}", copy.name)).expect("the template was made a moment ago");
        }
        Some(copy)
    }

    /// A database without a single table, for what makes or loads them itself; `None` when no server was named.
    pub fn create_bare() -> Option<Self> {
        let server = std::env::var(POSTGRES_VARIABLE).ok().filter(|url| !url.is_empty())?;
        let bare = Self::named(&server);
        on_server(&server, &format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", bare.name))
            .expect("its role may create databases");
        Some(bare)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    fn named(server: &str) -> Self {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("yanshu_test_{}_{}", std::process::id(), CREATED.fetch_add(1, Ordering::Relaxed));
        on_server(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).expect("its role may drop databases");
        Self { server: server.to_owned(), url: with_database(server, &name), name }
    }

    /// Makes a database and gives it the template's name when it is done; of several processes that do, one succeeds, which is enough.
    fn make_template(server: &str, template: &str) {
        let draft = Self::named(server);
        // The order of a natural language, so that tests show that ours does not depend on it.
        let create = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'", draft.name);
        on_server(server, &create).expect("its role may create databases");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = SqlLocation::Postgres(draft.url.clone());
        drop(Store::open(options(location, folder.path(), Arc::new(TestClock::default()))).expect("a new store opens"));
        let _ = on_server(server, &format!("ALTER DATABASE {} RENAME TO {template}", draft.name));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A drop waits for a checkpoint, which a server that goes anyway can do without.
        if std::env::var_os("YANSHU_TEST_POSTGRES_THROWAWAY").is_none() {
            let _ = on_server(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

/// The client must not be used on a thread that drives a runtime, which a test's thread may.
fn on_server(url: &str, statement: &str) -> Result<(), postgres::Error> {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let mut client = postgres::Client::connect(url, postgres::NoTls).expect("the server that the variable names");
            client.batch_execute(statement)
        });
        run.join().expect("the server can be reached")
    })
}

/// `postgres://role@host:port/old?more` with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, more) = url.split_once('?').map_or((url, None), |(address, more)| (address, Some(more)));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let server = address[authority..].find('/').map_or(address, |at| &address[..authority + at]);
    match more {
        Some(more) => format!("{server}/{name}?{more}"),
        None => format!("{server}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_exchanged() {
        for (url, expected) in [
            ("postgres://u@localhost:1/postgres", "postgres://u@localhost:1/t"),
            ("postgres://u:p@localhost", "postgres://u:p@localhost/t"),
            ("postgres://u@localhost/a?connect_timeout=3", "postgres://u@localhost/t?connect_timeout=3"),
        ] {
            assert_eq!(with_database(url, "t"), expected);
        }
    }
}
