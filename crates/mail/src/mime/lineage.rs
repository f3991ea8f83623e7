//! What a message is called and what it answers: what IMAP's threads are made of. RFC 5256 §3, REFERENCES, step 1

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::scan::Structure;
use super::{MAX_REFERENCES, ids};

/// Message ids as numbers, which are equal only for equal ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Lineage {
    /// Of Message-ID.
    pub own: Option<u64>,
    /// Of References or, where that names none, the first of In-Reply-To: from the oldest ancestor to the nearest. The nearest
    /// [`MAX_REFERENCES`] are kept.
    pub ancestors: Vec<u64>,
}

/// Stands for a missing own id.
const NONE: u64 = 0;

impl Lineage {
    pub fn is_empty(&self) -> bool {
        self.own.is_none() && self.ancestors.is_empty()
    }
}

impl From<Lineage> for String {
    fn from(lineage: Lineage) -> Self {
        let numbers = std::iter::once(lineage.own.unwrap_or(NONE)).chain(lineage.ancestors);
        let bytes: Vec<u8> = numbers.flat_map(u64::to_be_bytes).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl From<String> for Lineage {
    /// What is no lineage is an empty one.
    fn from(text: String) -> Self {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let mut numbers = bytes.as_chunks::<8>().0.iter().copied().map(u64::from_be_bytes);
        let own = numbers.next().filter(|own| *own != NONE);
        Self { own, ancestors: numbers.collect() }
    }
}

pub(super) fn of(structure: &Structure<'_>) -> Lineage {
    let ids_of = |name: &str| structure.field(0, name).map(ids::parse).unwrap_or_default();
    let mut ancestors = ids_of("references");
    if ancestors.is_empty() {
        ancestors = ids_of("in-reply-to");
        ancestors.truncate(1);
    }
    let surplus = ancestors.len().saturating_sub(MAX_REFERENCES);
    Lineage {
        own: ids_of("message-id").first().map(|id| number(id)),
        ancestors: ancestors[surplus..].iter().map(|id| number(id)).collect(),
    }
}

fn number(id: &str) -> u64 {
    // RFC 5256 §3: quotes that an id could do without do not make it another.
    let bare = match id.strip_prefix('"').and_then(|rest| rest.split_once("\"@")) {
        Some((local, domain)) => format!("{local}@{domain}"),
        None => id.to_owned(),
    };
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(bare.as_bytes()).as_bytes()[..8]);
    u64::from_be_bytes(bytes).max(NONE + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::scan;

    fn lineage(header: &str) -> Lineage {
        of(&scan::scan(format!("{header}\r\n\r\n").as_bytes()))
    }

    #[test]
    fn references_count_before_in_reply_to_and_of_that_only_the_first() {
        let whole = lineage("Message-ID: <c@x>\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <z@x>");
        assert_eq!((whole.own, whole.ancestors.as_slice()), (Some(number("c@x")), &[number("a@x"), number("b@x")][..]));
        assert_eq!(lineage("In-Reply-To: <b@x> <a@x>\r\nReferences: none").ancestors, [number("b@x")]);
        assert_eq!(lineage("Message-ID: <\"01KF8JCEOCBS0045PS\"@xxx.yyy>").own, lineage("Message-ID: <01KF8JCEOCBS0045PS@xxx.yyy>").own);
        assert!(lineage("Subject: alone").is_empty());
        let many: String = (0..80).map(|number| format!(" <{number}@x>")).collect();
        let nearest = lineage(&format!("References:{many}")).ancestors;
        assert_eq!((nearest.len(), nearest.last()), (MAX_REFERENCES, Some(&number("79@x"))));
    }

    #[test]
    fn a_lineage_is_kept_as_a_short_text() {
        for lineage in [lineage("Message-ID: <c@x>\r\nReferences: <a@x> <b@x>"), lineage("References: <a@x>"), Lineage::default()] {
            assert_eq!(Lineage::from(String::from(lineage.clone())), lineage);
        }
        assert!(Lineage::from("no lineage!".to_owned()).is_empty());
    }
}
