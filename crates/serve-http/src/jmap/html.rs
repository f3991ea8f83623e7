//! The cleaned HTML of a message: ours, beside RFC 8621, which leaves the cleaning to clients. `docs/designs/jmap.md` tells how it is used.
//!
//! Three walls stand between a stranger's HTML and the page that shows it, each enough by itself: what is served was cleaned, its policy lets nothing
//! run or be asked for, and it says itself that it belongs in a sandbox.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use kernel::MailAccountId;
use mail::mime::{self, CleanOptions, Parsed, RemotePictures};
use mail::{MessageId, messages};
use serde::Deserialize;
use serde_json::{Value, json};

use super::blob_ids::BlobName;
use super::blobs::on_a_thread;
use super::caller::JmapCaller;
use super::downloads::failure;
use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::{Path, Query};

#[derive(Deserialize)]
pub struct HtmlQuery {
    /// `1` lets pictures be taken from other servers, which tells them that the mail is read.
    #[serde(default)]
    remote: Option<String>,
    /// `json` answers the cleaned HTML as a value, for quoting it in an answer.
    #[serde(rename = "as", default)]
    form: Option<String>,
}

/// What is shown of a message.
struct Shown {
    html: String,
    held_back: usize,
    cids: Vec<String>,
}

/// `GET /jmap/html/{accountId}/{emailId}?remote=&as=`
pub async fn show_html(
    State(app): State<AppState>,
    caller: JmapCaller,
    Path((account_id, email_id)): Path<(String, String)>,
    Query(query): Query<HtmlQuery>,
) -> Result<Response, ApiError> {
    let account = caller.account(&account_id).map_err(|_| ApiError::not_found())?;
    let message: MessageId = email_id.parse().map_err(|_| ApiError::not_found())?;
    let remote = if query.remote.as_deref() == Some("1") { RemotePictures::Allow } else { RemotePictures::Hold };
    let ctx = caller.ctx.clone();
    let found = app.store.read(move |tx| Ok::<_, ApiError>(messages::find_messages(&ctx, tx, account, &[message])?)).await?;
    let stored = found.into_iter().next().ok_or_else(ApiError::not_found)?;
    let bytes = messages::read(&app.store, caller.ctx.org, &stored.blob_id, &stored.prefix).await?;
    let shown = on_a_thread(move || show(&mime::parse(&bytes), account, message, remote)).await.map_err(failure)?;
    let mut response = if query.form.as_deref() == Some("json") {
        let value: Value = json!({ "html": shown.html, "heldBackPictures": shown.held_back, "cids": shown.cids });
        axum::Json(value).into_response()
    } else {
        as_document(&shown, remote)
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn as_document(shown: &Shown, remote: RemotePictures) -> Response {
    // The page that frames this measures it, which is why it stays of our origin: nothing in it runs.
    let pictures = if remote == RemotePictures::Allow { "'self' data: https:" } else { "'self' data:" };
    let policy = format!(
        "default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
         sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    );
    let document = format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><style>{STYLE}</style></head>\
         <body data-held-back-pictures=\"{}\">{}</body></html>",
        shown.held_back, shown.html
    );
    let mut response = Html(document).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(HeaderName::from_static("x-held-back-pictures"), HeaderValue::from(shown.held_back));
    response
}

const STYLE: &str = "body{margin:0;padding:0;font:14px/1.6 system-ui,sans-serif;color:#1f1f1f;background:#fff;overflow-wrap:anywhere}\
img{max-width:100%;height:auto}table{max-width:100%}pre,.text{white-space:pre-wrap;font:inherit;margin:0}\
blockquote{margin:0 0 0 8px;padding-left:8px;border-left:2px solid #d9d9d9}";

/// The parts that RFC 8621 calls the HTML body, one after the other.
fn show(parsed: &Parsed<'_>, account: MailAccountId, message: MessageId, remote: RemotePictures) -> Shown {
    let blob = BlobName::message(message);
    let url_of = |index: usize| {
        let part = &parsed.parts[index];
        let id = blob.part(&part.path)?;
        Some(format!("/jmap/download/{account}/{id}/{}", encoded(part.name.as_deref().unwrap_or("picture"))))
    };
    let is_picture =
        |index: usize| parsed.parts[index].media_type.starts_with("image/") && parsed.parts[index].media_type != "image/svg+xml";
    let by_cid = |cid: &str| {
        let index = parsed.parts.iter().position(|part| part.cid.as_deref() == Some(cid))?;
        if is_picture(index) { url_of(index) } else { None }
    };
    let options = CleanOptions { remote_pictures: remote, cid: &by_cid };
    let mut shown = Shown { html: String::new(), held_back: 0, cids: Vec::new() };
    for index in &parsed.html_body {
        match parsed.parts[*index].media_type.as_str() {
            "text/html" => {
                let clean = mime::clean_html(&parsed.body_value(*index, None).value, &options);
                shown.html.push_str(&format!("<div>{}</div>", clean.html));
                shown.held_back += clean.held_back;
                shown.cids.extend(clean.cids.into_iter().filter(|cid| parsed.parts.iter().any(|part| part.cid.as_ref() == Some(cid))));
            }
            kind if kind.starts_with("text/") => {
                let text = parsed.body_value(*index, Some(MAX_TEXT)).value;
                shown.html.push_str(&format!("<div class=\"text\">{}</div>", with_links(&text)));
            }
            _ if is_picture(*index) => {
                if let Some(url) = url_of(*index) {
                    shown.html.push_str(&format!("<div><img src=\"{}\" alt=\"\"></div>", escaped(&url)));
                }
            }
            _ => {}
        }
    }
    shown
}

const MAX_TEXT: usize = 2 * 1024 * 1024;

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    written
}

/// Plain text with its web addresses as links.
fn with_links(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(start) = next_link(rest) {
        written.push_str(&escaped(&rest[..start]));
        let link = &rest[start..];
        let end =
            link.find(|character: char| character.is_whitespace() || character.is_control() || "<>\"'，。；、）】》”’".contains(character));
        let link = &link[..end.unwrap_or(link.len())];
        // What ends a sentence is seldom meant to be of the address.
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        let shown = escaped(link);
        written.push_str(&format!("<a href=\"{shown}\" target=\"_blank\" rel=\"noopener noreferrer\">{shown}</a>"));
        rest = &rest[start + link.len()..];
    }
    written.push_str(&escaped(rest));
    written
}

fn next_link(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find("http") {
        let start = at + found;
        let host = text[start..].strip_prefix("https://").or_else(|| text[start..].strip_prefix("http://"));
        if host.is_some_and(|host| host.starts_with(|first: char| first.is_alphanumeric() || first == '[')) {
            return Some(start);
        }
        at = start + "http".len();
    }
    None
}

fn encoded(name: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let name: String = name.chars().take(100).collect();
    name.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str, remote: RemotePictures) -> Shown {
        show(&mime::parse(message.as_bytes()), MailAccountId::from_raw(1), MessageId::from_raw(7), remote)
    }

    #[test]
    fn plain_text_is_shown_as_it_is_with_its_links() {
        let message = "Content-Type: text/plain; charset=utf-8\r\n\r\n<script>alert(1)</script>\r\n见 https://first.test/a?b=1&c=2。 (http://x.test). httpx://no";
        let html = shown(message, RemotePictures::Hold).html;
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert!(html.contains("<a href=\"https://first.test/a?b=1&amp;c=2\" target=\"_blank\" rel=\"noopener noreferrer\">"), "{html}");
        assert!(html.contains("(<a href=\"http://x.test\"") && html.contains("</a>). httpx://no"), "{html}");
    }

    #[test]
    fn pictures_of_the_mail_are_shown_and_others_wait_until_they_are_asked_for() {
        let message = "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
            <p onclick=x>Hello<img src=\"cid:a@b\"><img src=\"https://track.test/p.png\"><script>alert(1)</script>\r\n--b\r\n\
            Content-Type: image/png; name=\"图.png\"\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
        let held = shown(message, RemotePictures::Hold);
        assert_eq!((held.held_back, held.cids.as_slice()), (1, &["a@b".to_owned()][..]));
        assert!(held.html.contains("/jmap/download/acc_0000000000001/P7-2/"), "{}", held.html);
        assert!(!held.html.contains(" src=\"https:") && !held.html.contains("script") && !held.html.contains("onclick"), "{}", held.html);
        let open = shown(message, RemotePictures::Allow);
        assert!(open.held_back == 0 && open.html.contains(" src=\"https://track.test/p.png\""), "{}", open.html);
    }
}
