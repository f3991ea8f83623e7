//! An organisation with its administrator, and a worker that does what is queued.

use std::collections::BTreeMap;
use std::sync::Arc;

use directory::administrators::{self, Role};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{domains, members};
use kernel::{Actor, Clock, Ctx, ImportId, MemberId, OrgId, PageRequest, Realm, Rng};
use lifecycle::imports::{self, Import, ImportRow, NewImport, Options, RowFilter};
use lifecycle::jobs::{JobApp, JobError};
use serde_json::Value;
use store::jobs::{self, Job};
use store::{Store, StoreError};
use testkit::{SeededRng, TEST_NOW, TestClock};

pub const KINDS: &[&str] = &[imports::PLAN_JOB, imports::APPLY_JOB, imports::UNDO_JOB];

/// One organisation that owns `example.test`.
pub struct House {
    pub app: JobApp,
    pub clock: Arc<TestClock>,
    pub org: OrgId,
}

impl House {
    pub fn new(store: Store) -> Self {
        let clock = Arc::new(TestClock::new(TEST_NOW));
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(9));
        let app = JobApp { store, source: testkit::source(&clock, rng) };
        let org = Self::add_organisation(&app, "kangning", "example.test");
        Self { app, clock, org }
    }

    pub fn add_organisation(app: &JobApp, code: &str, domain: &str) -> OrgId {
        let ctx = app.ctx(OrgId::from_raw(0), operator(), "test");
        let (code, domain) = (code.to_owned(), domain.parse().unwrap());
        app.store
            .write_blocking(move |tx| {
                let new = NewOrganisation {
                    code: code.clone(),
                    name: "康宁集团".to_owned(),
                    time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
                    language: Language::ZhCn,
                };
                let org = organisations::add(&ctx, tx, &new).unwrap();
                domains::add_assumed(&ctx.in_org(org), tx, &domain).unwrap();
                Ok::<_, StoreError>(org)
            })
            .unwrap()
    }

    pub fn ctx(&self) -> Ctx {
        self.app.ctx(self.org, operator(), "test")
    }

    pub fn store(&self) -> &Store {
        &self.app.store
    }

    /// A member that is an administrator, and the context of its session.
    pub fn administrator(&self, account_name: &str, role: Role) -> (MemberId, Ctx) {
        let (ctx, name) = (self.ctx(), account_name.to_owned());
        let member = self
            .store()
            .write_blocking(move |tx| {
                let new = members::NewMember { name: name.clone(), account_name: Some(name.clone()), ..Default::default() };
                let id = members::insert(&ctx, tx, &new).unwrap();
                members::activate(&ctx, tx, id)?;
                administrators::grant(&ctx, tx, id, role).unwrap();
                Ok::<_, StoreError>(id)
            })
            .unwrap();
        let actor = Actor::Member {
            member_id: member,
            identity_id: kernel::IdentityId::from_raw(1),
            session_id: kernel::SessionId::from_raw(1),
            realm: Realm::Console,
        };
        (member, self.app.ctx(self.org, actor, "test"))
    }

    pub async fn upload(&self, file_name: &str, bytes: &[u8], options: Options) -> ImportId {
        self.upload_as(&self.ctx(), file_name, bytes, options).await
    }

    pub async fn upload_as(&self, ctx: &Ctx, file_name: &str, bytes: &[u8], options: Options) -> ImportId {
        let new = NewImport { file_name: file_name.to_owned(), bytes: bytes.into(), options };
        imports::upload(self.store(), ctx, new).await.unwrap().id
    }

    /// Uploads and plans.
    pub async fn plan(&self, file_name: &str, bytes: &[u8], options: Options) -> ImportId {
        let id = self.upload(file_name, bytes, options).await;
        self.work().await;
        id
    }

    /// A plan of lines of a CSV file.
    pub async fn plan_csv(&self, lines: &[&str]) -> ImportId {
        self.plan("members.csv", lines.join("\n").as_bytes(), Options::default()).await
    }

    pub async fn start_apply(&self, id: ImportId) {
        let ctx = self.ctx();
        self.store().write(move |tx| imports::apply_import(&ctx, tx, id)).await.unwrap();
    }

    pub async fn apply(&self, id: ImportId) -> Import {
        self.start_apply(id).await;
        self.work().await;
        self.import(id).await
    }

    pub async fn undo(&self, id: ImportId) -> Import {
        let ctx = self.ctx();
        self.store().write(move |tx| imports::undo_import(&ctx, tx, id)).await.unwrap();
        self.work().await;
        self.import(id).await
    }

    pub async fn import(&self, id: ImportId) -> Import {
        let ctx = self.ctx();
        self.store().read(move |tx| imports::get_import(&ctx, tx, id)).await.unwrap()
    }

    pub async fn rows(&self, id: ImportId) -> BTreeMap<u32, ImportRow> {
        let mut rows = BTreeMap::new();
        let mut page = PageRequest::first(200);
        loop {
            let (ctx, asked) = (self.ctx(), page.clone());
            let found = self.store().read(move |tx| imports::list_rows(&ctx, tx, id, RowFilter::default(), &asked)).await.unwrap();
            rows.extend(found.items.into_iter().map(|row| (row.row_number, row)));
            match found.next {
                Some(next) => page = PageRequest::new(kernel::Cursor::decode(&next), 200),
                None => return rows,
            }
        }
    }

    /// The errors of a row as `column code`.
    pub async fn errors(&self, id: ImportId, row: u32) -> Vec<String> {
        let rows = self.rows(id).await;
        rows[&row].errors.iter().map(|error| format!("{} {}", error.column, error.code)).collect()
    }

    pub async fn claim(&self) -> Option<Job> {
        let now = self.clock.now();
        self.store().write(move |tx| jobs::claim(tx, "test", now, 60, KINDS)).await.unwrap()
    }

    pub async fn run(&self, job: &Job) -> Result<Value, JobError> {
        match job.kind.as_str() {
            imports::PLAN_JOB => imports::run_plan(&self.app, job).await,
            imports::APPLY_JOB => imports::run_apply(&self.app, job).await,
            _ => imports::run_undo(&self.app, job).await,
        }
    }

    /// Does what is queued, as a worker would.
    pub async fn work(&self) {
        while let Some(job) = self.claim().await {
            let ended = self.run(&job).await;
            self.end(&job, ended).await;
        }
    }

    pub async fn end(&self, job: &Job, ended: Result<Value, JobError>) {
        let (lease, now) = (job.lease(), self.clock.now());
        let ended = Arc::new(ended);
        self.store()
            .write(move |tx| match &*ended {
                Ok(result) => jobs::finish(tx, &lease, now, result),
                Err(JobError::Cancelled) => jobs::cancel(tx, &lease, now, None),
                Err(error) => jobs::fail(tx, &lease, now, kernel::Fault::code(error), &kernel::Fault::params(error), None),
            })
            .await
            .unwrap();
    }

    pub async fn member_count(&self) -> i64 {
        let org = self.org;
        self.store().read(move |tx| directory::departments::members_in_organisation(tx, org)).await.unwrap()
    }

    pub async fn member_by_number(&self, employee_number: &str) -> Option<members::Member> {
        let (org, now) = (self.org, self.clock.now());
        let number = employee_number.to_owned();
        self.store()
            .read(move |tx| {
                let found = members::find_many_by_employee_number(tx, org, &[number.as_str()])?;
                match found.first() {
                    Some((_, id)) => members::find(tx, org, *id, now),
                    None => Ok(None),
                }
            })
            .await
            .unwrap()
    }
}

pub fn operator() -> Actor {
    Actor::Operator { name: "tester".to_owned() }
}
