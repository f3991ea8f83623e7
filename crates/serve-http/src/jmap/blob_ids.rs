//! The names of blobs: whole messages `B12`, uploads `Uupl_…`, and parts of either: `P12-1_2`, `Uupl_…-1_2`; parts of a message that is itself a part
//! come after one more `-`. They name nothing outside of their account.

use std::fmt;
use std::str::FromStr;

use kernel::UploadId;
use mail::MessageId;

/// What a blob id names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobName {
    pub root: Root,
    /// A part by its numbers in the message, then a part of the message that this part is, and so on.
    pub parts: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    Message(MessageId),
    Upload(UploadId),
}

/// Messages within messages that can be named.
const MAX_PARTS: usize = 8;
const MAX_DEPTH: usize = mail::mime::MAX_DEPTH;
/// RFC 8620 §1.2
const MAX_BYTES: usize = 255;

impl BlobName {
    pub fn message(id: MessageId) -> Self {
        Self { root: Root::Message(id), parts: Vec::new() }
    }

    pub fn upload(id: UploadId) -> Self {
        Self { root: Root::Upload(id), parts: Vec::new() }
    }

    /// A part of what this names; `None` for one so deep that it has no name.
    pub fn part(&self, path: &[u32]) -> Option<Self> {
        let parts = self.parts.iter().cloned().chain([path.to_vec()]).collect();
        let name = Self { root: self.root, parts };
        (name.parts.len() <= MAX_PARTS && !path.is_empty() && path.len() <= MAX_DEPTH && name.to_string().len() <= MAX_BYTES)
            .then_some(name)
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.root {
            Root::Message(id) => write!(f, "{}{}", if self.parts.is_empty() { 'B' } else { 'P' }, id.raw())?,
            Root::Upload(id) => write!(f, "U{id}")?,
        }
        for path in &self.parts {
            for (index, number) in path.iter().enumerate() {
                write!(f, "{}{number}", if index == 0 { '-' } else { '_' })?;
            }
        }
        Ok(())
    }
}

/// The text names no blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoBlob;

impl FromStr for BlobName {
    type Err = NoBlob;

    fn from_str(text: &str) -> Result<Self, NoBlob> {
        if !text.is_ascii() || text.len() > MAX_BYTES {
            return Err(NoBlob);
        }
        let mut pieces = text.split('-');
        let root = pieces.next().unwrap_or_default();
        let parts = pieces.map(|piece| piece.split('_').map(number).collect()).collect::<Result<Vec<Vec<u32>>, NoBlob>>()?;
        if parts.len() > MAX_PARTS || parts.iter().any(|path| path.len() > MAX_DEPTH) {
            return Err(NoBlob);
        }
        let root = match (root.get(..1), root.get(1..), parts.is_empty()) {
            (Some("B"), Some(id), true) | (Some("P"), Some(id), false) => Root::Message(MessageId::from_raw(number(id)?)),
            (Some("U"), Some(id), _) => Root::Upload(id.parse().map_err(|_| NoBlob)?),
            _ => return Err(NoBlob),
        };
        Ok(Self { root, parts })
    }
}

/// One way to write each number: no sign, no leading zero.
fn number<N: FromStr>(text: &str) -> Result<N, NoBlob> {
    let plain = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or(NoBlob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["B12", "P12-1", "P7-1_2_3", "P7-2-1_1", "Uupl_01hq3v0k8c1z4", "Uupl_01hq3v0k8c1z4-1_2"] {
            assert_eq!(text.parse::<BlobName>().map(|name| name.to_string()).as_deref(), Ok(text));
        }
        for wrong in [
            "",
            "B",
            "B0",
            "B-1",
            "B1-1",
            "B+1",
            "B01",
            "P12",
            "P12-",
            "P12-0",
            "P12-1_",
            "X12",
            "U",
            "Uupl_x",
            "雁12",
            "B99999999999999999999",
        ] {
            assert_eq!(wrong.parse::<BlobName>(), Err(NoBlob), "{wrong}");
        }
        assert_eq!(format!("P1-{}", ["1"; 101].join("_")).parse::<BlobName>(), Err(NoBlob));
        assert_eq!(format!("P1{}", "-1".repeat(9)).parse::<BlobName>(), Err(NoBlob));
    }

    #[test]
    fn a_part_of_a_part_has_a_name_unless_it_lies_too_deep() {
        let message = BlobName::message(MessageId::from_raw(5));
        let part = message.part(&[1, 2]).unwrap();
        assert_eq!(part.part(&[3]).unwrap().to_string(), "P5-1_2-3");
        assert_eq!(message.part(&[]), None);
        let deepest = (0..MAX_PARTS).fold(message, |name, _| name.part(&[1]).unwrap());
        assert_eq!(deepest.part(&[1]), None);
    }
}
