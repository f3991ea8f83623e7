//! An organisation to test in.

use directory::access::Denied;
use directory::administrators::{self, Role};
use directory::departments::{self, NewDepartment};
use directory::domains;
use directory::members::{self, NewMember, Placement};
use directory::organisations::{self, DEFAULT_TIME_ZONE, Language, NewOrganisation};
use kernel::{Actor, Ctx, DepartmentId, IdentityId, MemberId, OrgId, Realm, SessionId};
use store::{Store, StoreError, Tx};

/// An organisation with the domain example.test, acted on by the operator.
#[derive(Clone)]
pub struct World {
    pub store: Store,
    pub ctx: Ctx,
    pub root: DepartmentId,
}

/// Any error of an operation, for closures that call several: what it was, and its code.
#[derive(Debug)]
pub struct Failed(#[allow(dead_code, reason = "shown when a test fails")] pub String, pub &'static str);

impl<E: kernel::Fault> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(format!("{error:?}"), error.code())
    }
}

impl World {
    pub fn new(store: Store) -> Self {
        Self::named(store, "hospital", "example.test")
    }

    pub fn named(store: Store, code: &'static str, domain: &'static str) -> Self {
        let operator = testkit::ctx(testkit::TEST_ORG);
        let (org, root) = store
            .write_blocking(move |tx| {
                let new = NewOrganisation {
                    code: code.to_owned(),
                    name: "市医院集团".to_owned(),
                    time_zone: DEFAULT_TIME_ZONE.to_owned(),
                    language: Language::ZhCn,
                };
                let org = organisations::add(&operator, tx, &new)?;
                domains::add_assumed(&operator.in_org(org), tx, &domain.parse().unwrap())?;
                Ok::<_, Failed>((org, departments::root(tx, org)?.id))
            })
            .unwrap();
        Self { store, ctx: testkit::ctx(org), root }
    }

    pub fn org(&self) -> OrgId {
        self.ctx.org
    }

    pub fn write<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        mut f: impl FnMut(&Ctx, &mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let ctx = self.ctx.clone();
        self.store.write_blocking(move |tx| f(&ctx, tx))
    }

    pub fn read<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        mut f: impl FnMut(&Ctx, &mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let ctx = self.ctx.clone();
        self.store.read_blocking(move |tx| f(&ctx, tx))
    }

    pub fn department(&self, parent: DepartmentId, name: &str, limit: Option<i64>) -> DepartmentId {
        let new = NewDepartment { parent_id: parent, name: name.to_owned(), identifier: None, member_limit: limit };
        self.write(move |ctx, tx| departments::add(ctx, tx, &new)).unwrap()
    }

    pub fn add(&self, new: NewMember) -> Result<MemberId, members::InsertError> {
        self.write(move |ctx, tx| members::insert(ctx, tx, &new))
    }

    /// A member who has activated, in these departments, the first being the main one.
    pub fn member(&self, name: &str, departments: &[DepartmentId]) -> MemberId {
        let departments = departments.iter().map(|id| Placement { is_main: false, ..Placement::main(*id) }).collect();
        self.add(NewMember { name: name.to_owned(), departments, activated: true, ..NewMember::default() }).unwrap()
    }

    pub fn administrator(&self, name: &str, role: Role) -> MemberId {
        let id = self.member(name, &[]);
        self.write(move |ctx, tx| administrators::grant(ctx, tx, id, role)).unwrap();
        id
    }

    /// The same world, acted on by a member through the console or its own pages.
    pub fn as_member(&self, member_id: MemberId, realm: Realm) -> Self {
        let actor = Actor::Member { member_id, identity_id: IdentityId::from_raw(1), session_id: SessionId::from_raw(1), realm };
        Self { ctx: self.ctx.acted_by(actor), ..self.clone() }
    }

    pub fn get(&self, id: MemberId) -> members::Member {
        self.read::<_, Denied>(move |ctx, tx| members::get(ctx, tx, id)).unwrap()
    }
}
