//! What this server offers, by the names that requests use.

pub const CORE: &str = "urn:ietf:params:jmap:core";
pub const MAIL: &str = "urn:ietf:params:jmap:mail";
pub const SUBMISSION: &str = "urn:ietf:params:jmap:submission";
pub const BLOB: &str = "urn:ietf:params:jmap:blob";
pub const QUOTA: &str = "urn:ietf:params:jmap:quota";
pub const WEB_SOCKET: &str = "urn:ietf:params:jmap:websocket";
/// RFC 9749: by which key push services know this server.
pub const WEB_PUSH: &str = "urn:ietf:params:jmap:webpush-vapid";
/// Ours: `htmlUrl`, where the cleaned HTML of a message is served; `docs/designs/jmap.md` tells how.
pub const HTML: &str = "urn:yanshu:params:jmap:html";

pub const ALL: &[&str] = &[CORE, MAIL, SUBMISSION, BLOB, QUOTA, WEB_SOCKET, WEB_PUSH, HTML];
