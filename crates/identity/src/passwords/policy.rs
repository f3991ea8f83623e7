//! Which passwords an organisation accepts, told rule by rule.

use directory::organisations::PasswordPolicy;
use kernel::{Fault, FaultKind, FieldFault, Params, ParamsBuilder};
use serde::Serialize;

use super::{Password, common};

/// One thing a password must be or must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordRule {
    MinLength,
    Upper,
    Lower,
    Digit,
    /// Something that is neither a digit nor a letter of an alphabet with capitals: a sign, a space, a Chinese character.
    Special,
    /// None of those that everybody tries first.
    Common,
    /// Does not contain the member's name, account name, address or organisation code.
    Personal,
    /// None of the member's last ones, and not the one an administrator handed out.
    History,
}

impl PasswordRule {
    /// The code of a password field that breaks this rule.
    pub fn code(self) -> &'static str {
        match self {
            Self::MinLength => "password_too_short",
            Self::Upper => "password_needs_upper",
            Self::Lower => "password_needs_lower",
            Self::Digit => "password_needs_digit",
            Self::Special => "password_needs_special",
            Self::Common => "password_too_common",
            Self::Personal => "password_contains_personal",
            Self::History => "password_used_before",
        }
    }
}

kernel::codes! {
    Invalid "password_too_short",
    Invalid "password_needs_upper",
    Invalid "password_needs_lower",
    Invalid "password_needs_digit",
    Invalid "password_needs_special",
    Invalid "password_too_common",
    Invalid "password_contains_personal",
    Invalid "password_used_before",
    Invalid "password_refused",
}

/// A rule, and whether the password keeps it; shown as a list that ticks off while somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PasswordRuleResult {
    pub rule: PasswordRule,
    pub met: bool,
    pub params: Params,
}

impl PasswordRuleResult {
    pub(crate) fn new(rule: PasswordRule, met: bool) -> Self {
        Self { rule, met, params: Params::new() }
    }
}

/// What a guesser who knows the member would try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personal {
    words: Vec<String>,
}

impl Personal {
    /// `words` are names, account names, codes and addresses; of an address the part before the `@` counts.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let folded = words.into_iter().map(|word| kernel::fold(word.split('@').next().unwrap_or(word)));
        // Two letters stand in many good passwords by chance; two Chinese characters are a whole name.
        let telling = |word: &String| word.chars().count() >= if word.is_ascii() { 3 } else { 2 };
        Self { words: folded.filter(telling).collect() }
    }

    fn in_password(&self, password: &str) -> bool {
        let folded = kernel::fold(password);
        self.words.iter().any(|word| folded.contains(word.as_str()))
    }
}

/// Every rule of the policy but the history, which needs the stored hashes, in the order people are told them.
pub fn check_policy(policy: &PasswordPolicy, personal: &Personal, password: &Password) -> Vec<PasswordRuleResult> {
    let text = password.as_str();
    let min_length = policy.min_length as usize;
    let has = |kind: Kind| text.chars().any(kind);
    let mut results = vec![PasswordRuleResult {
        rule: PasswordRule::MinLength,
        met: text.chars().count() >= min_length,
        params: ParamsBuilder::default().with("min_length", min_length).build(),
    }];
    let kinds: [(bool, PasswordRule, Kind); 4] = [
        (policy.require_upper, PasswordRule::Upper, char::is_uppercase),
        (policy.require_lower, PasswordRule::Lower, char::is_lowercase),
        (policy.require_digit, PasswordRule::Digit, char::is_numeric),
        (policy.require_special, PasswordRule::Special, is_special),
    ];
    results.extend(kinds.into_iter().filter(|(required, ..)| *required).map(|(_, rule, kind)| PasswordRuleResult::new(rule, has(kind))));
    results.push(PasswordRuleResult::new(PasswordRule::Common, !common::is_common(text)));
    results.push(PasswordRuleResult::new(PasswordRule::Personal, !personal.in_password(text)));
    results
}

type Kind = fn(char) -> bool;

fn is_special(character: char) -> bool {
    !character.is_numeric() && !character.is_uppercase() && !character.is_lowercase() && !character.is_control()
}

/// The password breaks at least one rule; each broken one is told on the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password does not keep to the password policy")]
pub struct PolicyUnmet {
    field: &'static str,
    rules: Vec<PasswordRuleResult>,
}

impl PolicyUnmet {
    pub fn rules(&self) -> &[PasswordRuleResult] {
        &self.rules
    }
}

impl Fault for PolicyUnmet {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        "password_refused"
    }

    fn fields(&self) -> Vec<FieldFault> {
        let unmet = self.rules.iter().filter(|result| !result.met);
        unmet.map(|result| FieldFault { field: self.field.to_owned(), code: result.rule.code(), params: result.params.clone() }).collect()
    }
}

/// Fails with all `rules` when one of them is not met; `field` is where the password was typed.
pub fn require_policy(field: &'static str, rules: Vec<PasswordRuleResult>) -> Result<(), PolicyUnmet> {
    if rules.iter().all(|result| result.met) { Ok(()) } else { Err(PolicyUnmet { field, rules }) }
}
