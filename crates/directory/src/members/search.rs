//! What the quick search looks through, one row a member.

use kernel::{EmailAddress, MemberId, OrgId};
use store::{Params, StoreError, Tx};

use super::{Profile, repo};
use crate::{addresses, names};

/// How much of a search is looked at; more words than these narrow nothing further down for a person.
const MAX_WORDS: usize = 8;
const MAX_SEARCH_CHARS: usize = 200;

/// One part a line, so that no word matches across two parts.
pub(super) fn text<'a>(profile: &Profile, addresses: impl Iterator<Item = &'a EmailAddress>) -> String {
    let mut text = names::search_text(&profile.name);
    text.push('\n');
    text.push_str(&profile.account_name);
    for address in addresses {
        text.push('\n');
        text.push_str(address.local_part.as_str());
        text.push('@');
        text.push_str(address.domain.as_str());
    }
    if let Some(mobile) = &profile.mobile {
        text.push('\n');
        text.push_str(mobile.as_str());
    }
    if let Some(number) = &profile.employee_number {
        text.push('\n');
        text.push_str(&kernel::fold(number));
    }
    text
}

/// Writes the row again after a name or address has changed.
pub fn refresh_search(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    let Some(profile) = repo::profile(tx, org, member)? else { return Ok(()) };
    let addresses = addresses::list_of_member(tx, org, member)?;
    repo::set_search(tx, org, member, &text(&profile, addresses.iter().map(|own| &own.address)))
}

/// A condition on `m` that every word of the search matches; empty when there is none.
pub(super) fn condition(search: &str, params: &mut Params) -> String {
    let patterns = patterns(search);
    if patterns.is_empty() {
        return String::new();
    }
    let mut sql = " AND m.id IN (SELECT s.member_id FROM member_search s WHERE s.org_id = $1".to_owned();
    for pattern in patterns {
        sql.push_str(&format!(" AND s.text LIKE ${} ESCAPE '!'", params.push(format!("%{pattern}%"))));
    }
    sql.push(')');
    sql
}

/// The words of a search as they stand in a `LIKE` with `ESCAPE '!'`, between the signs for anything.
pub(crate) fn patterns(search: &str) -> Vec<String> {
    // Control characters stand in nothing that is searched, and a NUL cannot even be asked for.
    let blank = |character: char| if character.is_control() { ' ' } else { character };
    let search: String = search.chars().take(MAX_SEARCH_CHARS).map(blank).collect();
    kernel::fold(&search).split_whitespace().take(MAX_WORDS).map(like_pattern).collect()
}

fn like_pattern(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len());
    for character in word.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern
}
