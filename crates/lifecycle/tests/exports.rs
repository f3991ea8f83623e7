//! Members leave as a file, on both engines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;
use std::sync::Arc;

use directory::administrators::{self, Role};
use directory::members::{self, Gender, NewMember, Placement};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{departments, domains};
use kernel::{Actor, Clock, CountryCode, Ctx, Fault, IdentityId, JobId, MemberId, OrgId, Realm, Rng, SessionId};
use lifecycle::exports::{self, EXPORT_JOB, NewExport};
use lifecycle::imports::{self, NewImport, Options, RowFilter};
use lifecycle::jobs::{JobApp, JobError};
use lifecycle::sheets::{CellRules, ColumnKey, File, Format, Row, Sheet, SheetError, Values, read_row};
use serde_json::Value;
use store::jobs::{self, Job};
use store::{Store, StoreError, Tx};
use testkit::{SeededRng, TEST_NOW, TestClock, test_each_engine};

testkit::mail_is_sound_after_each_test!();

struct House {
    app: JobApp,
    clock: Arc<TestClock>,
    org: OrgId,
}

impl House {
    fn new(store: Store) -> Self {
        let clock = Arc::new(TestClock::new(TEST_NOW));
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(9));
        let app = JobApp { store, source: testkit::source(&clock, rng) };
        let ctx = app.ctx(OrgId::from_raw(0), operator(), "test");
        let org = app.store.write_blocking(move |tx| {
            let new = NewOrganisation {
                code: "kangning".to_owned(),
                name: "康宁集团".to_owned(),
                time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
                language: Language::ZhCn,
            };
            let org = organisations::add(&ctx, tx, &new).unwrap();
            domains::add_assumed(&ctx.in_org(org), tx, &"example.test".parse().unwrap()).unwrap();
            domains::add_assumed(&ctx.in_org(org), tx, &"second.test".parse().unwrap()).unwrap();
            Ok::<_, StoreError>(org)
        });
        Self { app, clock, org: org.unwrap() }
    }

    fn ctx(&self) -> Ctx {
        self.app.ctx(self.org, operator(), "test")
    }

    fn write<T: Send + 'static>(&self, mut change: impl FnMut(&Ctx, &mut Tx) -> T + Send + 'static) -> T {
        let ctx = self.ctx();
        self.app.store.write_blocking(move |tx| Ok::<_, StoreError>(change(&ctx, tx))).unwrap()
    }

    fn member(&self, name: &str, address: &str, paths: &[&str], more: impl Fn(&mut NewMember) + Send + 'static) -> MemberId {
        let (name, address) = (name.to_owned(), address.to_owned());
        let paths: Vec<Vec<String>> = paths.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect();
        self.write(move |ctx, tx| {
            let mut new = NewMember { name: name.clone(), address: address.parse().ok(), ..NewMember::default() };
            for (index, path) in paths.iter().enumerate() {
                let department_id = departments::ensure_path(ctx, tx, path).unwrap();
                let position = (index == 0).then(|| "医师".to_owned());
                new.departments.push(Placement { department_id, is_main: index == 0, position, rank: None });
            }
            more(&mut new);
            members::insert(ctx, tx, &new).unwrap()
        })
    }

    fn administrator(&self, name: &str, role: Role) -> Ctx {
        let member = self.member(name, "", &[], |_| {});
        self.write(move |ctx, tx| {
            members::activate(ctx, tx, member).unwrap();
            administrators::grant(ctx, tx, member, role).unwrap();
        });
        self.as_member(member)
    }

    fn as_member(&self, member_id: MemberId) -> Ctx {
        let (identity_id, session_id) = (IdentityId::from_raw(1), SessionId::from_raw(1));
        self.app.ctx(self.org, Actor::Member { member_id, identity_id, session_id, realm: Realm::Console }, "test")
    }

    fn start(&self, ctx: &Ctx, new: NewExport) -> Result<JobId, exports::StartError> {
        let ctx = ctx.clone();
        self.app.store.write_blocking(move |tx| exports::start(&ctx, tx, &new))
    }

    async fn work(&self) -> Result<Value, JobError> {
        let now = self.clock.now();
        let claim = move |tx: &mut Tx| jobs::claim(tx, "test", now, 60, &[EXPORT_JOB]);
        let job: Job = self.app.store.write(claim).await.unwrap().expect("a job waits");
        let ended = exports::run_export(&self.app, &job).await;
        if let Ok(result) = &ended {
            let (lease, result) = (job.lease(), result.clone());
            self.app.store.write(move |tx| jobs::finish(tx, &lease, now, &result)).await.unwrap();
        }
        ended
    }

    async fn export(&self, new: NewExport) -> File {
        let job = self.start(&self.ctx(), new).unwrap();
        self.work().await.unwrap();
        exports::open_file(&self.app.store, &self.ctx(), job).await.unwrap()
    }
}

fn operator() -> Actor {
    Actor::Operator { name: "tester".to_owned() }
}

fn export_of(format: Format, fields: &[&str]) -> NewExport {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    NewExport { fields, department_ids: Vec::new(), format, language: None }
}

fn rows(file: &File) -> (Vec<String>, Vec<Row>) {
    let sheet = Sheet::open(&file.bytes).unwrap();
    let mut rows = Vec::new();
    let collect = |row| {
        rows.push(row);
        Ok::<_, SheetError>(ControlFlow::Continue(()))
    };
    sheet.for_each_row(collect).unwrap();
    (sheet.layout().columns.iter().map(|column| column.heading.clone()).collect(), rows)
}

fn texts(file: &File) -> Vec<Vec<String>> {
    rows(file).1.into_iter().map(|row| row.cells.into_iter().map(|cell| cell.text).collect()).collect()
}

fn values(file: &File) -> Vec<Values> {
    let sheet = Sheet::open(&file.bytes).unwrap();
    let rules = CellRules {
        default_country: CountryCode::CHINA,
        domains: vec!["example.test".parse().unwrap(), "second.test".parse().unwrap()],
        today: "2026-03-02".parse().unwrap(),
        name_required: true,
        mobile_required: false,
        department_required: true,
    };
    let read = |row: Row| {
        let read = read_row(&sheet.layout().columns, &row.cells, &rules);
        assert_eq!(read.errors, []);
        read.values
    };
    rows(file).1.into_iter().map(read).collect()
}

#[test_each_engine]
async fn a_file_has_exactly_the_chosen_columns_in_their_order(store: Store) {
    let house = House::new(store);
    house.member("王丽", "wangli@example.test", &["总院/内科"], |new| {
        new.gender = Some(Gender::Female);
        new.mobile = "+8613907034118".parse().ok();
    });
    let fields = ["name", "gender", "mobile", "office_phone", "position", "address", "department", "state"];
    for format in [Format::Xlsx, Format::Csv] {
        let file = house.export(export_of(format, &fields)).await;
        let (headings, _) = rows(&file);
        assert_eq!(headings, ["姓名", "性别", "手机号码", "公司电话", "职位", "邮件地址", "部门", "状态"]);
        assert_eq!(texts(&file), [["王丽", "女", "+8613907034118", "", "医师", "wangli@example.test", "总院/内科", "未激活"]]);
        assert_eq!(file.name, format!("成员-2026-03-02.{}", format.extension()));
    }
    let english = NewExport { language: Some("en".to_owned()), ..export_of(Format::Csv, &fields) };
    let file = house.export(english).await;
    assert_eq!(rows(&file).0[..2], ["Name", "Gender"]);
    assert_eq!(texts(&file)[0][1], "Female");
}

#[test_each_engine]
async fn every_value_comes_back_as_it_was(store: Store) {
    let house = House::new(store);
    let boss = house.member("欧阳主任", "boss@example.test", &["总院"], |_| {});
    let full = house.member("=1+1", "full@second.test", &["R;D/a\\b", "总院/外科"], move |new| {
        new.nickname = Some("'@nick".to_owned());
        new.gender = Some(Gender::Male);
        new.birthday = "1990-01-02".parse().ok();
        new.alternate_address = Some("Full.Name@Mail.Example".to_owned());
        new.mobile = "+85251234567".parse().ok();
        new.home_phone = Some("-1".to_owned());
        new.office_phone = Some("010-55550100 转 8".to_owned());
        new.employee_number = Some("00776".to_owned());
        new.join_date = "2020-03-02".parse().ok();
        new.supervisor_id = Some(boss);
        new.office_location = Some("3 楼, \"东\"".to_owned());
        new.remarks = Some("一\n二".to_owned());
        new.visible_in_directory = false;
        new.expires_on = "2027-12-31".parse().ok();
    });
    for format in [Format::Xlsx, Format::Csv] {
        let file = house.export(export_of(format, &[])).await;
        let read = values(&file);
        let value = read.iter().find(|value| value.member_id == Some(full)).unwrap();
        let texts = value.texts();
        let is = |key: ColumnKey, expected: &str| assert_eq!(texts.get(&key).map(String::as_str), Some(expected), "{key}");
        is(ColumnKey::Name, "=1+1");
        is(ColumnKey::MailPrefix, "full@second.test");
        is(ColumnKey::Nickname, "'@nick");
        is(ColumnKey::Birthday, "1990-01-02");
        is(ColumnKey::AlternateAddress, "Full.Name@Mail.Example");
        is(ColumnKey::Mobile, "+85251234567");
        is(ColumnKey::HomePhone, "-1");
        is(ColumnKey::OfficePhone, "010-55550100 转 8");
        is(ColumnKey::EmployeeNumber, "00776");
        is(ColumnKey::JoinDate, "2020-03-02");
        is(ColumnKey::Supervisor, "boss");
        is(ColumnKey::OfficeLocation, "3 楼, \"东\"");
        is(ColumnKey::Remarks, "一\n二");
        is(ColumnKey::VisibleInDirectory, "false");
        is(ColumnKey::ExpiresOn, "2027-12-31");
        is(ColumnKey::Position, "医师");
        assert_eq!(value.departments, Some(vec![vec!["R;D".to_owned(), "a\\b".to_owned()], vec!["总院".to_owned(), "外科".to_owned()]]));
        let boss = read.iter().find(|value| value.member_id == Some(boss)).unwrap();
        assert_eq!(boss.mail.as_ref().unwrap().local_part.as_str(), "boss");
    }
}

#[test_each_engine]
async fn importing_an_export_leaves_every_member_unchanged(store: Store) {
    let house = House::new(store);
    let boss = house.member("欧阳主任", "boss@example.test", &["总院"], |new| new.mobile = "+8613907034118".parse().ok());
    house.member("=1+1", "full@second.test", &["R;D/a\\b", "总院/外科"], move |new| {
        new.gender = Some(Gender::Male);
        new.birthday = "1990-01-02".parse().ok();
        new.alternate_address = Some("Full.Name@Mail.Example".to_owned());
        new.mobile = "+85251234567".parse().ok();
        new.home_phone = Some("-1".to_owned());
        new.employee_number = Some("00776".to_owned());
        new.supervisor_id = Some(boss);
        new.remarks = Some("＝夜班，周三（下午）到：\r\n二".to_owned());
        new.visible_in_directory = false;
        new.expires_on = "2027-12-31".parse().ok();
    });
    house.member("没有邮箱", "", &[], |_| {});
    for format in [Format::Xlsx, Format::Csv] {
        for language in ["zh-CN", "en"] {
            let file = house.export(NewExport { language: Some(language.to_owned()), ..export_of(format, &[]) }).await;
            let ctx = house.ctx();
            let new = NewImport { file_name: file.name, bytes: file.bytes.into(), options: Options::default() };
            let id = imports::upload(&house.app.store, &ctx, new).await.unwrap().id;
            let now = house.clock.now();
            let claim = move |tx: &mut Tx| jobs::claim(tx, "test", now, 60, &[imports::PLAN_JOB]);
            let job = house.app.store.write(claim).await.unwrap().expect("a job waits");
            imports::run_plan(&house.app, &job).await.unwrap();
            let page = kernel::PageRequest::first(100);
            let rows = house.app.store.read(move |tx| imports::list_rows(&ctx, tx, id, RowFilter::default(), &page)).await.unwrap();
            assert_eq!(rows.items.len(), 3);
            for row in rows.items {
                assert_eq!(row.outcome.as_str(), "unchanged", "{:?} {:?} {:?}", row.cells, row.errors, row.changes);
            }
        }
    }
}

#[test_each_engine]
async fn chosen_departments_bring_all_below_them_and_nobody_twice(store: Store) {
    let house = House::new(store);
    house.member("甲", "", &["总院"], |_| {});
    house.member("乙", "", &["总院/内科", "东院"], |_| {});
    house.member("丙", "", &["东院"], |_| {});
    house.member("丁", "", &["西院"], |_| {});
    let gone = house.member("戊", "", &["总院"], |_| {});
    let ids = house.write(move |ctx, tx| {
        members::recycle(ctx, tx, gone).unwrap();
        ["总院", "总院/内科", "东院"].map(|path| {
            let path: Vec<&str> = path.split('/').collect();
            departments::find_path(tx, ctx.org, &path).unwrap().unwrap()
        })
    });
    let some = NewExport { department_ids: ids.to_vec(), ..export_of(Format::Csv, &["number", "name", "department"]) };
    let file = house.export(some).await;
    assert_eq!(texts(&file), [["1", "甲", "总院"], ["2", "乙", "总院/内科; 东院"], ["3", "丙", "东院"]]);
}

#[test_each_engine]
async fn members_of_the_root_come_back_into_the_root(store: Store) {
    let house = House::new(store);
    house.member("甲", "", &[], |_| {});
    let file = house.export(export_of(Format::Csv, &["name", "member_id", "department"])).await;
    assert_eq!(values(&file)[0].departments, Some(vec![Vec::new()]));
}

#[test_each_engine]
async fn an_export_without_members_is_a_file_with_headings(store: Store) {
    let house = House::new(store);
    let file = house.export(export_of(Format::Xlsx, &[])).await;
    assert_eq!(rows(&file).1.len(), 0);
}

#[test_each_engine]
async fn only_the_maker_and_the_owners_get_the_file_and_only_for_a_day(store: Store) {
    let house = House::new(store);
    let owner = house.administrator("所有者", Role::Owner);
    let maker = house.administrator("管理员甲", Role::OrgAdmin);
    let other = house.administrator("管理员乙", Role::OrgAdmin);
    let member = house.as_member(house.member("成员", "", &[], |_| {}));
    let job = house.start(&maker, export_of(Format::Csv, &[])).unwrap();
    let code = async |ctx: &Ctx| exports::open_file(&house.app.store, ctx, job).await.map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(&maker).await, Err("export_not_ready"));
    assert_eq!(code(&other).await, Err("export_not_found"));
    house.work().await.unwrap();
    assert_eq!(code(&maker).await, Ok(()));
    assert_eq!(code(&owner).await, Ok(()));
    assert_eq!(code(&other).await, Err("export_not_found"));
    assert!(code(&member).await.is_err());
    assert_eq!(code(&maker.acted_by(Actor::Nobody)).await, Err("not_signed_in"));

    house.clock.advance_secs(exports::KEEP_SECS);
    let later = house.as_member(maker.actor.member_id().unwrap());
    assert_eq!(code(&later).await, Err("export_not_found"));
    assert_eq!(exports::sweep(&house.app.store, later.now).await.unwrap(), 1);
    let parts = |tx: &mut Tx| tx.query_one("SELECT COUNT(*) FROM export_part", store::params![], |row| row.get::<i64>(0));
    assert_eq!(house.app.store.read(parts).await.unwrap(), 0);
}

#[test_each_engine]
async fn what_cannot_be_exported_is_refused_at_once(store: Store) {
    let house = House::new(store);
    let code = |ctx: &Ctx, new: NewExport| house.start(ctx, new).unwrap_err().code();
    assert_eq!(code(&house.ctx(), export_of(Format::Csv, &["name", "shoe_size"])), "export_field_unknown");
    assert_eq!(code(&house.ctx(), export_of(Format::Csv, &["initial_password"])), "export_field_unknown");
    assert_eq!(code(&house.ctx(), export_of(Format::Csv, &["name", "name"])), "export_field_twice");
    let nowhere = NewExport { department_ids: vec![kernel::DepartmentId::from_raw(7)], ..export_of(Format::Csv, &[]) };
    assert_eq!(code(&house.ctx(), nowhere), "department_not_found");
    assert_eq!(code(&house.ctx().acted_by(Actor::Nobody), export_of(Format::Csv, &[])), "not_signed_in");
}

#[test_each_engine]
async fn an_administrator_who_lost_the_right_meanwhile_gets_no_file(store: Store) {
    let house = House::new(store);
    house.administrator("所有者", Role::Owner);
    let maker = house.administrator("管理员", Role::OrgAdmin);
    house.start(&maker, export_of(Format::Csv, &[])).unwrap();
    let member = maker.actor.member_id().unwrap();
    house.write(move |ctx, tx| administrators::revoke(ctx, tx, member).unwrap());
    assert!(matches!(house.work().await, Err(JobError::Failed { .. })));
}

#[test_each_engine]
async fn asking_and_fetching_are_audited_with_columns_and_departments(store: Store) {
    let house = House::new(store);
    house.export(export_of(Format::Csv, &["name", "mobile"])).await;
    let org = house.org;
    let events = move |tx: &mut Tx| {
        tx.query_all(
            "SELECT action, after_values FROM audit_event WHERE org_id = $1 AND action LIKE 'export.%' ORDER BY id",
            store::params![org],
            |row| Ok((row.get::<String>(0)?, row.json::<Value>(1)?)),
        )
    };
    let events = house.app.store.read(events).await.unwrap();
    assert_eq!(events.iter().map(|event| event.0.as_str()).collect::<Vec<_>>(), ["export.started", "export.downloaded"]);
    assert_eq!(events[0].1["fields"], serde_json::json!(["name", "mobile"]));
}
