//! The store with its keys, opened on a data directory: what every command and the server work with.

use std::sync::Arc;

use directory::organisations;
use identity::passwords::{Cost, Hasher};
use kernel::{Actor, Clock, Ctx, IdGen, OrgId, Rng, Source};
use lifecycle::jobs::JobApp;
use store::{KeyRing, SqlLocation, Store, StoreError, StoreOptions, installation};

use crate::ambient::{SystemClock, SystemRng};
use crate::config::Config;
use crate::data::Layout;
use crate::failure::Failure;

/// Fact of the installation that tells whether the key file is the one the data was written with.
const KEY_FACT: &str = "key_fingerprint";

/// Everything that is open. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub source: Source,
    /// The public name of this server, for the DNS records it asks for.
    pub mail_host: String,
}

impl App {
    /// Opens the data, or makes it where there is none. The caller holds the data directory. Blocks the calling thread.
    pub fn open(config: &Config, layout: &Layout) -> Result<Self, Failure> {
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let key_existed = layout.key_file.exists();
        if let (false, SqlLocation::Sqlite(database)) = (key_existed, &layout.sql)
            && database.exists()
        {
            return Err(Failure::new(format!(
                "the data in {} was written with a key file that is not there; put it back as {}",
                database.display(),
                layout.key_file.display()
            )));
        }
        let keys = Arc::new(KeyRing::open_or_create(&layout.key_file, &*rng)?);
        let store = Store::open(StoreOptions {
            sql: layout.sql.clone(),
            readers: config.storage.readers,
            clock: Arc::clone(&clock),
            packs: layout.packs.clone(),
            index: layout.index.clone(),
            keys: Arc::clone(&keys),
        })?;
        let ours = keys.fingerprint();
        let expected = ours.clone();
        let written_with = store.write_blocking::<String, StoreError, _>(move |tx| installation::get_or_set(tx, KEY_FACT, &expected))?;
        if written_with != ours {
            if !key_existed {
                // Made a moment ago, and of no use to anybody.
                std::fs::remove_file(&layout.key_file)?;
            }
            return Err(Failure::new(format!(
                "the key file {} is not the one the data was written with; put the right one back",
                layout.key_file.display()
            )));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hasher = Hasher::new(Cost::STANDARD, cores, Arc::clone(&rng));
        let source = Source { clock, rng, ids: Arc::new(IdGen::new(config.node.number)) };
        Ok(Self { store, hasher, source, mail_host: config.mail_host() })
    }

    pub fn jobs(&self) -> JobApp {
        JobApp { store: self.store.clone(), source: self.source.clone() }
    }

    /// The context of a command an operator gave.
    pub fn ctx(&self, operator: &str, org: OrgId) -> Ctx {
        let request = self.source.ids.next::<kernel::JobKind>(self.source.now());
        self.jobs().ctx(org, Actor::Operator { name: operator.to_owned() }, &request.to_string().replacen("job_", "cmd_", 1))
    }

    /// The organisation with this code.
    pub async fn org(&self, code: &str) -> Result<OrgId, Failure> {
        let wanted = code.to_owned();
        let found = self.store.read::<_, StoreError, _>(move |tx| organisations::find_by_code(tx, &wanted)).await?;
        found.map(|organisation| organisation.id).ok_or_else(|| Failure::new(format!("there is no organisation with the code {code}")))
    }
}
