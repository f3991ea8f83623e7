//! The organisation's mail domains and the DNS records they want.

use std::pin::Pin;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::access::{Permission, Target, authorize};
use directory::domains;
use http::StatusCode;
use kernel::{DomainId, DomainName, OrgId, Timestamp};
use mail::dkim::{self, PublicKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path};
use crate::list::List;

kernel::codes! { Invalid "domain_invalid" }

/// Asks DNS; the server brings the resolver.
pub trait LookUpTxt: Send + Sync + 'static {
    /// The values of the TXT records of a name; none when the name or the records do not exist.
    fn look_up_txt(&self, name: String) -> Pin<Box<dyn Future<Output = Result<Vec<String>, DnsUnavailable>> + Send>>;
}

/// DNS did not answer.
#[derive(Debug, thiserror::Error)]
#[error("DNS did not answer: {0}")]
pub struct DnsUnavailable(pub String);
kernel::faults! { DnsUnavailable: DnsUnavailable(_) => Unavailable "dns_unavailable" }

/// A mail domain the organisation owns or has been granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Domain {
    #[schema(value_type = String)]
    pub id: DomainId,
    /// In its ASCII form.
    #[schema(example = "example.test")]
    pub name: String,
    /// In the form people read.
    pub display_name: String,
    /// Whether new addresses are made in it when nothing else is said.
    pub is_default: bool,
    /// Whether the organisation owns it; if not, another one grants its use.
    pub owned: bool,
    pub state: DomainState,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub verified_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub last_checked_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The records to enter at the registrar; empty for a granted domain.
    pub dns_records: Vec<DnsRecord>,
}

/// How sure it is that the domain belongs to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainState {
    /// Its DNS carries the organisation's token.
    Verified,
    /// Usable without DNS, for tests and closed networks.
    Assumed,
    /// Waiting for its DNS record; no addresses can be made in it.
    Waiting,
}

/// A record to enter at the registrar.
#[derive(Debug, Serialize, ToSchema)]
pub struct DnsRecord {
    /// `TXT`, `MX`, …
    pub kind: String,
    pub name: String,
    pub value: String,
    #[schema(required)]
    pub priority: Option<u16>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddDomain {
    #[schema(max_length = 253, example = "example.test")]
    pub name: String,
}

/// Lists the domains the organisation may use
#[utoipa::path(get, path = "/api/v1/admin/domains", operation_id = "listDomains", tag = "domains", responses((status = 200, body = List<Domain>)))]
pub async fn list_domains(State(app): State<AppState>, Console(caller): Console) -> Result<Json<List<Domain>>, ApiError> {
    let (ctx, org) = (caller.ctx, caller.session.org_id);
    let found = app.store.read(move |tx| {
        let mut found = Vec::new();
        for domain in domains::list(&ctx, tx)? {
            // Those that there are: a list makes none.
            let keys = dkim::keys_of(tx, domain.owner, domain.id)?;
            found.push((domain, keys));
        }
        Ok::<_, ApiError>(found)
    });
    Ok(Json(List::whole(found.await?.into_iter().map(|(domain, keys)| wire(&app, org, domain, &keys)).collect())))
}

/// Adds a domain, which then waits for its DNS record
#[utoipa::path(post, path = "/api/v1/admin/domains", operation_id = "addDomain", tag = "domains", request_body = AddDomain, responses((status = 201, body = Domain)))]
pub async fn add_domain(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<AddDomain>,
) -> Result<(StatusCode, Json<Domain>), ApiError> {
    let (ctx, org) = (caller.ctx, caller.session.org_id);
    let name: DomainName = kernel::normalise(&body.name).parse().map_err(|_| ApiError::field("name", "domain_invalid"))?;
    let added = app.store.write(move |tx| {
        let id = domains::add(&ctx, tx, &name)?;
        Ok::<_, ApiError>(domains::get(&ctx, tx, id)?)
    });
    Ok((StatusCode::CREATED, Json(whole(&app, org, added.await?).await?)))
}

/// Shows a domain and the DNS records it wants
#[utoipa::path(get, path = "/api/v1/admin/domains/{id}", operation_id = "getDomain", tag = "domains", params(("id" = String, Path)), responses((status = 200, body = Domain)))]
pub async fn get_domain(State(app): State<AppState>, Console(caller): Console, Path(id): Path<DomainId>) -> Result<Json<Domain>, ApiError> {
    let (ctx, org) = (caller.ctx, caller.session.org_id);
    let domain = app.store.read(move |tx| Ok::<_, ApiError>(domains::get(&ctx, tx, id)?)).await?;
    Ok(Json(whole(&app, org, domain).await?))
}

/// Removes a domain in which no address is left
#[utoipa::path(delete, path = "/api/v1/admin/domains/{id}", operation_id = "removeDomain", tag = "domains", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove_domain(State(app): State<AppState>, Console(caller): Console, Path(id): Path<DomainId>) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(domains::remove(&ctx, tx, id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Looks in DNS whether the domain carries the organisation's token
#[utoipa::path(post, path = "/api/v1/admin/domains/{id}/check", operation_id = "checkDomain", tag = "domains", params(("id" = String, Path)), responses((status = 200, body = Domain)))]
pub async fn check_domain(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DomainId>,
) -> Result<Json<Domain>, ApiError> {
    let (ctx, org) = (caller.ctx, caller.session.org_id);
    let asking = ctx.clone();
    let domain = app.store.read(move |tx| {
        authorize(&asking, tx, Permission::ManageDomains, Target::Organisation)?;
        Ok::<_, ApiError>(domains::get(&asking, tx, id)?)
    });
    let domain = domain.await?;
    let mut values = look_up(&app, domains::verification_record_name(&domain)).await?;
    values.extend(look_up(&app, domain.name.to_string()).await?);
    let checked = app.store.write(move |tx| Ok::<_, ApiError>(domains::check_result(&ctx, tx, id, &values)?)).await?;
    Ok(Json(whole(&app, org, checked).await?))
}

/// Makes new addresses in this domain unless another is named
#[utoipa::path(post, path = "/api/v1/admin/domains/{id}/make-default", operation_id = "makeDomainDefault", tag = "domains", params(("id" = String, Path)), responses((status = 200, body = Domain)))]
pub async fn make_domain_default(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DomainId>,
) -> Result<Json<Domain>, ApiError> {
    let (ctx, org) = (caller.ctx, caller.session.org_id);
    let domain = app.store.write(move |tx| {
        domains::set_default(&ctx, tx, id)?;
        Ok::<_, ApiError>(domains::get(&ctx, tx, id)?)
    });
    Ok(Json(whole(&app, org, domain.await?).await?))
}

/// A zone's owner decides what its TXT records hold, so they are bounded.
const MAX_TXT_VALUES: usize = 100;
const DNS_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

async fn look_up(app: &AppState, name: String) -> Result<Vec<String>, ApiError> {
    let asked = tokio::time::timeout(DNS_ANSWERS_WITHIN, app.dns.look_up_txt(name)).await;
    let mut values = asked.unwrap_or_else(|_| Err(DnsUnavailable("no answer in time".to_owned())))?;
    values.truncate(MAX_TXT_VALUES);
    Ok(values)
}

/// With the records of its signing keys, which are made now if it has none yet.
async fn whole(app: &AppState, org: OrgId, domain: domains::Domain) -> Result<Domain, ApiError> {
    let keys = if domain.owner == org { dkim::ensure(&app.store, &app.source.rng, &domain, app.source.now()).await? } else { Vec::new() };
    Ok(wire(app, org, domain, &keys))
}

fn wire(app: &AppState, org: OrgId, domain: domains::Domain, keys: &[PublicKey]) -> Domain {
    let owned = domain.owner == org;
    let mut records = if owned { domains::dns_records(&domain, &app.options.mail_host) } else { Vec::new() };
    if owned {
        records.extend(dkim::dns_records(&domain, keys));
    }
    let state = match (domain.verified_at, domain.assumed) {
        (Some(_), _) => DomainState::Verified,
        (None, true) => DomainState::Assumed,
        (None, false) => DomainState::Waiting,
    };
    Domain {
        id: domain.id,
        name: domain.name.to_string(),
        display_name: domain.name.to_unicode(),
        is_default: domain.is_default,
        owned,
        state,
        verified_at: domain.verified_at,
        last_checked_at: domain.last_checked_at,
        created_at: domain.created_at,
        dns_records: records
            .into_iter()
            .map(|record| DnsRecord { kind: record.kind, name: record.name, value: record.value, priority: record.priority })
            .collect(),
    }
}
