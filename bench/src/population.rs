//! An organisation with many members, made through the operations of the directory.

use std::sync::Arc;

use directory::members::{Batch, Gender, NewMember, Placement};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{departments, domains};
use kernel::{Actor, Ctx, DepartmentId, OrgId, Rng};
use lifecycle::jobs::JobApp;
use store::StoreError;
use testkit::SeededRng;
use testkit::stores::TestStore;

const MEMBERS_PER_TRANSACTION: u32 = 200;
const DEPARTMENTS_PER_TRANSACTION: u32 = 100;
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红建国";

/// What the jobs of a store need, with chance that repeats itself.
pub fn app(test_store: &TestStore) -> JobApp {
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
    JobApp { store: test_store.store().clone(), source: testkit::source(&test_store.clock, rng) }
}

/// Somebody who may do everything in the organisation.
pub fn operator(app: &JobApp, org: OrgId) -> Ctx {
    app.ctx(org, Actor::Operator { name: "bench".to_owned() }, "bench")
}

/// An organisation with one domain and nobody in it.
pub async fn organisation(app: &JobApp) -> Result<OrgId, StoreError> {
    let ctx = operator(app, OrgId::from_raw(0));
    app.store
        .write(move |tx| {
            let new = NewOrganisation {
                code: "bench".to_owned(),
                name: "康宁集团".to_owned(),
                time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
                language: Language::ZhCn,
            };
            let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
            domains::add_assumed(&ctx, tx, &"example.test".parse().expect("a domain")).expect("a new domain");
            Ok(ctx.org)
        })
        .await
}

/// An organisation with members spread over hospitals, their departments and groups; one member in ten is in two.
pub async fn populated(app: &JobApp, members: u32, departments: u32) -> Result<OrgId, StoreError> {
    let org = organisation(app).await?;
    let mut places = Vec::new();
    for first in (0..departments).step_by(DEPARTMENTS_PER_TRANSACTION as usize) {
        let ctx = operator(app, org);
        let last = departments.min(first + DEPARTMENTS_PER_TRANSACTION);
        let made = app.store.write_bulk(move |tx| {
            let made = (first..last).map(|number| departments::ensure_path(&ctx, tx, &path(number)).expect("a department"));
            Ok::<_, StoreError>(made.collect::<Vec<_>>())
        });
        places.append(&mut made.await?);
    }
    let places: Arc<[DepartmentId]> = places.into();
    for first in (1..=members).step_by(MEMBERS_PER_TRANSACTION as usize) {
        let (ctx, places) = (operator(app, org), Arc::clone(&places));
        let last = members.min(first + MEMBERS_PER_TRANSACTION - 1);
        let insert = move |tx: &mut store::Tx| {
            let mut batch = Batch::begin(&ctx, tx).expect("an operator may add members");
            for number in first..=last {
                batch.insert(&ctx, tx, &member(number, &places)).expect("a member unlike the others");
            }
            batch.finish(&ctx, tx)
        };
        app.store.write_bulk(insert).await?;
    }
    // As an import does.
    let store = app.store.clone();
    tokio::task::spawn_blocking(move || store.refresh_statistics()).await.expect("it does not panic");
    Ok(org)
}

/// Twenty hospitals with departments of twenty groups each.
fn path(number: u32) -> Vec<String> {
    let hospital = format!("第{}医院", number % 20 + 1);
    let Some(within) = (number / 20).checked_sub(1) else { return vec![hospital] };
    let department = format!("{}科", within / 21 + 1);
    match within % 21 {
        0 => vec![hospital, department],
        group => vec![hospital, department, format!("{group}组")],
    }
}

/// A name that some others have too, as people do.
pub fn name(number: u32) -> String {
    let at = number as usize;
    let pick = |from: &str, at: usize| from.chars().nth(at % from.chars().count()).expect("within its length");
    [pick(SURNAMES, at), pick(GIVEN, at / 7), pick(GIVEN, at / 191)].iter().collect()
}

fn member(number: u32, places: &[DepartmentId]) -> NewMember {
    let place = |at: u32| Placement {
        department_id: places[(at as usize) % places.len()],
        is_main: at == number,
        position: Some("主任医师".to_owned()),
        rank: None,
    };
    let mut departments = vec![place(number)];
    departments.extend(number.is_multiple_of(10).then(|| place(number + 1)));
    NewMember {
        name: name(number),
        gender: Some(if number.is_multiple_of(2) { Gender::Male } else { Gender::Female }),
        mobile: format!("+86{}", 13_900_000_000_u64 + u64::from(number)).parse().ok(),
        employee_number: Some(format!("H{number:06}")),
        join_date: "2020-03-02".parse().ok(),
        office_phone: Some(format!("010-{:08}", 55_500_000 + number)),
        address: format!("member{number}@example.test").parse().ok(),
        departments,
        ..NewMember::default()
    }
}
