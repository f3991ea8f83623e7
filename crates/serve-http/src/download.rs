//! Files for a browser to save, never to show.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

/// A file as an attachment. Its name may be in any script (RFC 6266 §4.1, RFC 8187).
pub fn attachment(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The value of `Content-Disposition`.
pub fn disposition(name: &str) -> String {
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain(name), encoded(name))
}

/// What old programs are shown.
fn plain(name: &str) -> String {
    name.chars().map(|character| if character.is_ascii_alphanumeric() || "._-".contains(character) { character } else { '_' }).collect()
}

fn encoded(name: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    name.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes_and_keeps_its_script() {
        let response = attachment("成员\"; x=\r\n.csv", "text/csv", Vec::new());
        let disposition = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(disposition.starts_with("attachment; filename=\"_____x___.csv\""), "{disposition}");
        assert!(disposition.ends_with("filename*=UTF-8''%E6%88%90%E5%91%98%22%3B%20x%3D%0D%0A.csv"), "{disposition}");
    }
}
