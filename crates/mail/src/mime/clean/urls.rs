//! Where links and pictures may lead.

use ammonia::Url;

use super::{CleanOptions, RemotePictures};

/// Longer ones are nobody's.
const MAX_URL: usize = 4_096;
/// Pictures that stand in the mail itself.
const MAX_DATA_URL: usize = 1024 * 1024;
/// Pictures that are told apart.
const MAX_CIDS: usize = 1_000;

/// Marks the address of a picture that is held back until the attribute can be renamed. No address may begin with it.
pub(super) const HELD: &str = "held-back:";

pub(super) struct Rewriter<'a> {
    options: &'a CleanOptions<'a>,
    pub held_back: usize,
    pub cids: Vec<String>,
}

impl<'a> Rewriter<'a> {
    pub fn new(options: &'a CleanOptions<'a>) -> Self {
        Self { options, held_back: 0, cids: Vec::new() }
    }

    /// Where `<a href>` may lead.
    pub fn link(&mut self, url: &str) -> Option<String> {
        let url = tidy(url, MAX_URL)?;
        let (scheme, rest) = scheme(&url)?;
        match scheme.as_str() {
            "http" | "https" => web(&url),
            "mailto" | "tel" => Some(format!("{scheme}:{rest}")),
            "cid" => self.part(rest),
            _ => None,
        }
    }

    /// Where `<img src>` may be taken from.
    pub fn picture(&mut self, url: &str) -> Option<String> {
        let url = tidy(url, MAX_DATA_URL)?;
        if let Some((scheme, rest)) = scheme(&url) {
            match scheme.as_str() {
                "cid" => return self.part(rest),
                "data" => return data(rest),
                "http" | "https" => {}
                _ => return None,
            }
        }
        let url = remote(&url)?;
        if self.options.remote_pictures == RemotePictures::Allow {
            return Some(url);
        }
        self.held_back += 1;
        Some(format!("{HELD}{url}"))
    }

    /// A picture behind a text; nothing is left of one that is held back.
    pub fn background(&mut self, url: &str) -> Option<String> {
        let picture = self.picture(url)?;
        // A picture within a style would make it long; nobody writes such.
        (!picture.starts_with(HELD) && !picture.starts_with("data:")).then_some(picture)
    }

    fn part(&mut self, cid: &str) -> Option<String> {
        let cid = percent_decoded(cid.trim().trim_start_matches('<').trim_end_matches('>'));
        let url = (self.options.cid)(&cid)?;
        if !self.cids.contains(&cid) && self.cids.len() < MAX_CIDS {
            self.cids.push(cid);
        }
        Some(url)
    }
}

/// Without what browsers pass over: control characters anywhere, white space at the ends.
fn tidy(url: &str, max: usize) -> Option<String> {
    if url.len() > max {
        return None;
    }
    let url: String = url.chars().filter(|character| !character.is_control()).collect();
    let url = url.trim();
    (!url.is_empty()).then(|| url.to_owned())
}

/// The scheme in lower case, and what follows its colon.
fn scheme(url: &str) -> Option<(String, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.'));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// An address of the web as the standard writes it, so that it means the same to everybody.
fn web(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    // A backslash would be an escape within a style.
    is_web.then(|| url.as_str().replace('\\', "%5C").replace('\'', "%27"))
}

fn remote(url: &str) -> Option<String> {
    match url.strip_prefix("//") {
        Some(_) => web(&format!("https:{url}")),
        None => web(url),
    }
}

/// Pictures only, and none that is a document of its own.
fn data(rest: &str) -> Option<String> {
    let (kind, content) = rest.split_once(',')?;
    let kind = kind.to_ascii_lowercase();
    let is_picture =
        matches!(kind.as_str(), "image/png;base64" | "image/gif;base64" | "image/jpeg;base64" | "image/jpg;base64" | "image/webp;base64");
    let is_base64 = content.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b' '));
    (is_picture && is_base64).then(|| format!("data:{kind},{}", content.replace(' ', "")))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, crate::mime::transfer::hex(after)) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
