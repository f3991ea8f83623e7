//! What mail programs ask for before anybody has signed in: servers, ports and encryption for an address (Mozilla's autoconfiguration, which Thunderbird
//! and others use). Nothing in it is secret or about a person, so plain HTTP is answered, too: `autoconfig.<domain>` rarely has a certificate.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kernel::{DomainName, EmailAddress};
use quick_xml::escape::escape;
use serde::Deserialize;
use store::StoreError;

use crate::app::AppState;
use crate::client_passwords::ClientServer;
use crate::error::ApiError;
use crate::extract::Query;

/// At `autoconfig.<domain>` and at the domain itself.
pub const PATHS: [&str; 2] = ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    emailaddress: Option<String>,
}

/// Answers for a domain of this installation, and that there is nothing for any other.
pub async fn get_autoconfig(State(app): State<AppState>, headers: HeaderMap, Query(asked): Query<Asked>) -> Result<Response, ApiError> {
    let nothing = || (StatusCode::NOT_FOUND, "no such domain").into_response();
    let Some(domain) = domain_of(&asked, &headers) else { return Ok(nothing()) };
    let name = domain.clone();
    if app.store.read::<_, StoreError, _>(move |tx| directory::domains::find_by_name(tx, &name)).await?.is_none() {
        return Ok(nothing());
    }
    let mut response = document(domain.as_str(), &app.options.client_servers).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    Ok(response)
}

/// That of the address in the query, or else of the host that was asked.
fn domain_of(asked: &Asked, headers: &HeaderMap) -> Option<DomainName> {
    if let Some(address) = &asked.emailaddress {
        return address.parse::<EmailAddress>().ok().map(|address| address.domain);
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let host = host.split(':').next()?;
    host.strip_prefix("autoconfig.").unwrap_or(host).parse().ok()
}

fn document(domain: &str, servers: &[ClientServer]) -> String {
    let domain = escape(domain);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n  <emailProvider id=\"{domain}\">\n    <domain>{domain}</domain>\n    \
         <displayName>{domain}</displayName>\n    <displayShortName>{domain}</displayShortName>\n"
    );
    for server in servers {
        let element = if server.protocol == "smtp" { "outgoingServer" } else { "incomingServer" };
        let socket = if server.security == "tls" { "SSL" } else { "STARTTLS" };
        xml.push_str(&format!(
            "    <{element} type=\"{}\">\n      <hostname>{}</hostname>\n      <port>{}</port>\n      <socketType>{socket}</socketType>\n      \
             <username>%EMAILADDRESS%</username>\n      <authentication>password-cleartext</authentication>\n    </{element}>\n",
            server.protocol,
            escape(&server.host),
            server.port
        ));
    }
    xml.push_str("  </emailProvider>\n</clientConfig>\n");
    xml
}
