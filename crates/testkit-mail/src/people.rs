//! Organisations and their members, as a protocol's server meets them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use directory::domains;
use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use identity::identities::{self, Credential};
use identity::passwords::{Cost, Hasher, Password};
use kernel::{Ctx, IdentityId, MailAccountId, MemberId, OrgId, Rng};
use mail::mail_accounts;
use store::{Store, StoreError, Tx};
use testkit::SeededRng;

/// Everybody's.
pub const PASSWORD: &str = "Wild-Goose-Carries-7";

#[derive(Debug, Clone)]
pub struct Colleague {
    pub login: String,
    pub member: MemberId,
    pub identity: IdentityId,
    pub account: MailAccountId,
}

/// The organisation `example` with the domain `example.test`, and newcomers in it.
pub struct People {
    pub store: Store,
    pub org: OrgId,
    pub hasher: Arc<Hasher>,
    pub rng: Arc<dyn Rng>,
    newcomers: AtomicU32,
}

/// As cheap as it may be.
pub fn hasher(rng: &Arc<dyn Rng>) -> Arc<Hasher> {
    Hasher::new(Cost::LEAST, 4, Arc::clone(rng))
}

/// A new organisation, by its code, with a domain that it need not prove; answers the operator in it.
pub fn add_organisation(ctx: &Ctx, tx: &mut Tx, code: &str, domain: &str) -> Ctx {
    let new = NewOrganisation {
        code: code.into(),
        name: code.into(),
        time_zone: organisations::DEFAULT_TIME_ZONE.into(),
        language: Language::En,
    };
    let ctx = ctx.in_org(organisations::add(ctx, tx, &new).expect("a new organisation"));
    domains::add_assumed(&ctx, tx, &domain.parse().expect("a domain")).expect("a new domain");
    ctx
}

/// A new member with a mail account.
pub fn add_member(ctx: &Ctx, tx: &mut Tx, name: &str, login: &str, credential: &Credential) -> Result<Colleague, StoreError> {
    let identity = identities::add_enterprise(ctx, tx, credential)?;
    let address = Some(login.parse().expect("an address"));
    let new = NewMember { name: name.into(), identity_id: Some(identity), activated: true, address, ..NewMember::default() };
    let member = members::insert(ctx, tx, &new).expect("a new member");
    let account = mail_accounts::open(ctx, tx, member)?;
    members::set_mail_account(tx, ctx.org, member, Some(account))?;
    Ok(Colleague { login: login.to_owned(), member, identity, account })
}

impl People {
    pub async fn settle(store: Store) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(11));
        let ctx = Ctx { rng: Arc::clone(&rng), ..testkit::ctx(OrgId::from_raw(0)) };
        let org = store.write(move |tx| Ok::<_, StoreError>(add_organisation(&ctx, tx, "example", "example.test").org));
        let org = org.await.expect("written");
        Self { store, org, hasher: hasher(&rng), rng, newcomers: AtomicU32::new(0) }
    }

    /// The operator in the organisation.
    pub fn ctx(&self) -> Ctx {
        Ctx { rng: Arc::clone(&self.rng), ..testkit::ctx(self.org) }
    }

    /// A member with a mail account and [`PASSWORD`].
    pub async fn newcomer(&self) -> Colleague {
        let number = self.newcomers.fetch_add(1, Ordering::Relaxed) + 1;
        let (ctx, credential) = (self.ctx(), self.credential());
        let login = format!("li.na{number}@example.test");
        let added = self.store.write(move |tx| add_member(&ctx, tx, &format!("Li Na {number}"), &login, &credential));
        added.await.expect("written")
    }

    fn credential(&self) -> Credential {
        Credential::Chosen(self.hasher.hash_blocking(&Password::new(PASSWORD).expect("a password")))
    }
}
