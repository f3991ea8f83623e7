//! What a search or a sort tells of what it found, and what of it is kept as `$`.

use proto_imap::{ESearch, NumberList, NumberSet, ReturnOptions, Tag};

use super::Found;
use crate::commands::status::mod_seq;
use crate::errors::Failed;
use crate::session::Session;

/// How it was asked for.
pub(in crate::commands) struct Asked {
    pub(in crate::commands) tag: Tag,
    pub(in crate::commands) uid: bool,
    /// None asks for the plain answer of RFC 3501 or RFC 5256.
    pub(in crate::commands) returns: Option<ReturnOptions>,
    pub(in crate::commands) with_mod_seq: bool,
    /// In which mailbox, and its UIDVALIDITY, when that is not the selected one as a matter of course.
    pub(in crate::commands) mailbox: Option<(String, u32)>,
}

/// RFC 5182 §2.1: a search that fails leaves nothing saved.
pub(in crate::commands) fn keep(session: &mut Session, returns: Option<ReturnOptions>, found: Option<&Found>) -> Result<(), Failed> {
    let Some(returns) = returns.filter(|returns| returns.save) else { return Ok(()) };
    let kept = found.map(|found| saved(found, returns)).unwrap_or_default();
    session.view_mut()?.save(kept);
    Ok(())
}

/// RFC 5182 §2.4, RFC 9394 §3.2: MIN, MAX and PARTIAL alone keep what they tell; everything else keeps all of it.
fn saved(found: &Found, returns: ReturnOptions) -> NumberSet {
    if !returns.min && !returns.max && returns.partial.is_none() {
        return found.uids.iter().copied().collect();
    }
    told(&found.uids, returns).copied().collect()
}

/// Those that are told by their number: with ALL or COUNT they stand for all that was found.
fn told<T>(found: &[T], returns: ReturnOptions) -> impl Iterator<Item = &T> {
    let all = if returns.all || returns.count { found } else { &[] };
    let part = returns.partial.map_or(&[][..], |partial| &found[partial.of(found.len())]);
    let ends = found.first().filter(|_| returns.min).into_iter().chain(found.last().filter(|_| returns.max));
    all.iter().chain(part).chain(ends)
}

/// ESEARCH (RFC 4731) or, where no RETURN was said, what `plain` writes: numbers, and the highest MODSEQ of them where that is told (RFC 7162 §3.1.5).
pub(in crate::commands) fn tell(
    session: &mut Session,
    asked: Asked,
    found: &Found,
    plain: impl FnOnce(&mut proto_imap::ResponseWriter<'_>, &[u32], Option<u64>),
) {
    let Asked { tag, uid, returns, with_mod_seq, mailbox } = asked;
    let Some(returns) = returns else {
        let highest = found.change_numbers.iter().max().filter(|_| with_mod_seq).map(|highest| mod_seq(*highest));
        plain(&mut session.say(), &found.numbers, highest);
        return;
    };
    // RFC 5182 §2.2: who only saves wants to hear nothing.
    let only_saves = ReturnOptions { save: true, ..ReturnOptions::default() };
    if returns == only_saves {
        return;
    }
    let answer = ESearch {
        mailbox,
        tag: Some(tag),
        uid,
        min: found.numbers.first().copied().filter(|_| returns.min),
        max: found.numbers.last().copied().filter(|_| returns.max),
        all: if returns.all { found.numbers.iter().copied().collect() } else { NumberList::new() },
        count: returns.count.then(|| u32::try_from(found.numbers.len()).unwrap_or(u32::MAX)),
        // RFC 7162 §3.1.10: of the messages that are told; with ALL or COUNT of all of them.
        mod_seq: told(&found.change_numbers, returns).max().map(|highest| mod_seq(*highest)).filter(|_| with_mod_seq),
        partial: returns.partial.map(|partial| (partial, found.numbers[partial.of(found.numbers.len())].iter().copied().collect())),
    };
    session.say().esearch(&answer);
}
