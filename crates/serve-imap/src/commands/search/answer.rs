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
}

/// RFC 5182 §2.1: a search that fails leaves nothing saved.
pub(in crate::commands) fn keep(session: &mut Session, returns: Option<ReturnOptions>, found: Option<&Found>) -> Result<(), Failed> {
    let Some(returns) = returns.filter(|returns| returns.save) else { return Ok(()) };
    let kept = found.map(|found| saved(found, returns)).unwrap_or_default();
    session.view_mut()?.save(kept);
    Ok(())
}

/// RFC 5182 §2.4: MIN and MAX alone keep what they tell; everything else keeps all of it.
fn saved(found: &Found, returns: ReturnOptions) -> NumberSet {
    let ends_alone = (returns.min || returns.max) && !returns.all && !returns.count;
    if !ends_alone {
        return found.uids.iter().copied().collect();
    }
    let first = found.uids.first().filter(|_| returns.min);
    let last = found.uids.last().filter(|_| returns.max);
    first.into_iter().chain(last).copied().collect()
}

/// ESEARCH (RFC 4731) or, where no RETURN was said, what `plain` writes: numbers, and the highest MODSEQ of them where that is told (RFC 7162 §3.1.5).
pub(in crate::commands) fn tell(
    session: &mut Session,
    asked: Asked,
    found: &Found,
    plain: impl FnOnce(&mut proto_imap::ResponseWriter<'_>, &[u32], Option<u64>),
) {
    let Asked { tag, uid, returns, with_mod_seq } = asked;
    let Some(returns) = returns else {
        let highest = found.change_numbers.iter().max().filter(|_| with_mod_seq).map(|highest| mod_seq(*highest));
        plain(&mut session.say(), &found.numbers, highest);
        return;
    };
    // RFC 5182 §2.2: who only saves wants to hear nothing.
    if returns.save && !returns.min && !returns.max && !returns.all && !returns.count {
        return;
    }
    let answer = ESearch {
        tag: Some(tag),
        uid,
        min: found.numbers.first().copied().filter(|_| returns.min),
        max: found.numbers.last().copied().filter(|_| returns.max),
        all: if returns.all { found.numbers.iter().copied().collect() } else { NumberList::new() },
        count: returns.count.then(|| u32::try_from(found.numbers.len()).unwrap_or(u32::MAX)),
        mod_seq: told_mod_seq(found, returns).filter(|_| with_mod_seq),
    };
    session.say().esearch(&answer);
}

/// RFC 7162 §3.1.10: of the messages that are told; with ALL or COUNT of all of them.
fn told_mod_seq(found: &Found, returns: ReturnOptions) -> Option<u64> {
    let numbers = &found.change_numbers;
    let highest = if returns.all || returns.count {
        numbers.iter().max()
    } else {
        let first = numbers.first().filter(|_| returns.min);
        let last = numbers.last().filter(|_| returns.max);
        first.into_iter().chain(last).max()
    };
    highest.map(|highest| mod_seq(*highest))
}
