//! Headers that every answer has.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::connection::Origin;

const ALWAYS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"),
];

/// What is no page may load nothing, be framed by nobody, and run nowhere.
const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The policy of a page whose inline styles carry `nonce`.
///
/// Scripts come from this origin only. The components set style attributes, which cannot carry a nonce, so those alone are open.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Adds what the handler did not set itself.
pub fn complete(headers: &mut HeaderMap, is_api: bool, origin: &Origin) {
    for (name, value) in ALWAYS {
        set_missing(headers, HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    set_missing(headers, header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BARE_POLICY));
    if origin.tls {
        let a_year = HeaderValue::from_static("max-age=31536000");
        set_missing(headers, header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn set_missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}
