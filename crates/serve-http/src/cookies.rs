//! The two session cookies and the cookie of known devices.

use http::{HeaderMap, HeaderValue, header};
use kernel::Realm;

use crate::connection::Origin;

/// Proof that somebody signed in on this device before; opens nothing.
pub const DEVICE: &str = "yanshu_device";

fn name_and_path(realm: Realm) -> (&'static str, &'static str) {
    match realm {
        Realm::Account => ("yanshu_session", "/"),
        // Not even sent to other pages than the console's API.
        Realm::Console => ("yanshu_admin", "/api/v1/admin"),
    }
}

/// The token of the realm's session cookie.
pub fn session_token(headers: &HeaderMap, realm: Realm) -> Option<&str> {
    find(headers, name_and_path(realm).0)
}

pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Sets a session cookie; without `max_age_secs` it goes when the browser closes.
pub fn set_session(headers: &mut HeaderMap, realm: Realm, token: &str, max_age_secs: Option<i64>, origin: &Origin) {
    let (name, path) = name_and_path(realm);
    set(headers, name, token, path, max_age_secs, origin);
}

pub fn clear_session(headers: &mut HeaderMap, realm: Realm, origin: &Origin) {
    let (name, path) = name_and_path(realm);
    set(headers, name, "", path, Some(0), origin);
}

/// Sets the cookie of known devices; it is read only where somebody signs in.
pub fn set_device(headers: &mut HeaderMap, proof: &str, max_age_secs: i64, origin: &Origin) {
    set(headers, DEVICE, proof, "/api/v1", Some(max_age_secs), origin);
}

fn set(headers: &mut HeaderMap, name: &str, value: &str, path: &str, max_age_secs: Option<i64>, origin: &Origin) {
    let age = max_age_secs.map(|secs| format!("; Max-Age={secs}")).unwrap_or_default();
    let secure = if origin.tls { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict{secure}{age}");
    // Tokens are base64url; anything else is not set rather than set wrongly.
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; xyanshu_session=no; yanshu_session=abc"));
        headers.append(header::COOKIE, HeaderValue::from_static("yanshu_admin=def"));
        assert_eq!(session_token(&headers, Realm::Account), Some("abc"));
        assert_eq!(session_token(&headers, Realm::Console), Some("def"));
        assert_eq!(find(&headers, "session"), None);
    }

    #[test]
    fn session_cookies_are_strict_and_secure_where_the_way_is() {
        let mut headers = HeaderMap::new();
        let origin = Origin { ip: None, tls: true, allowed: true, local: false };
        set_session(&mut headers, Realm::Console, "tok", None, &origin);
        assert_eq!(headers[header::SET_COOKIE], "yanshu_admin=tok; Path=/api/v1/admin; HttpOnly; SameSite=Strict; Secure");
    }
}
