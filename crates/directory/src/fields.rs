//! The bounds of what people type into forms, told field by field.

use kernel::{Fault, FaultKind, FieldFault, Params, ParamsBuilder};

kernel::codes! {
    Invalid "fields_invalid",
    Invalid "value_missing",
    Invalid "value_too_long",
    Invalid "value_invalid",
    Invalid "value_out_of_range",
}

/// One or more fields cannot be accepted as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} fields are not acceptable", .0.len())]
pub struct InvalidFields(pub Vec<FieldFault>);

impl Fault for InvalidFields {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        "fields_invalid"
    }

    fn fields(&self) -> Vec<FieldFault> {
        self.0.clone()
    }
}

/// Collects what is wrong with a form, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct FieldCheck(Vec<FieldFault>);

impl FieldCheck {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn wrong(&mut self, field: &str, code: &'static str) {
        self.0.push(FieldFault { field: field.to_owned(), code, params: Params::new() });
    }

    /// One line of text that must be there; answers it normalised.
    pub fn required(&mut self, field: &str, text: &str, max_chars: usize) -> String {
        let line = self.line(field, text, max_chars);
        if line.is_empty() {
            self.wrong(field, "value_missing");
        }
        line
    }

    /// One line of text that may be missing; blank is missing.
    pub fn optional(&mut self, field: &str, text: Option<&str>, max_chars: usize) -> Option<String> {
        text.map(|text| self.line(field, text, max_chars)).filter(|line| !line.is_empty())
    }

    /// Several lines of text, each ending in a line feed, kept as typed but for the ends; blank is missing.
    pub fn paragraphs(&mut self, field: &str, text: Option<&str>, max_chars: usize) -> Option<String> {
        let text = text?.trim();
        self.bounded(field, text, max_chars);
        if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
            self.wrong(field, "value_invalid");
        }
        (!text.is_empty()).then(|| text.replace("\r\n", "\n").replace('\r', "\n"))
    }

    /// A number within bounds, both included.
    pub fn within(&mut self, field: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            let params = ParamsBuilder::default().with("min", least).with("max", most).build();
            self.0.push(FieldFault { field: field.to_owned(), code: "value_out_of_range", params });
        }
    }

    pub fn finish(self) -> Result<(), InvalidFields> {
        if self.0.is_empty() { Ok(()) } else { Err(InvalidFields(self.0)) }
    }

    fn line(&mut self, field: &str, text: &str, max_chars: usize) -> String {
        if !self.bounded(field, text, max_chars.saturating_mul(4)) {
            return String::new();
        }
        let line = kernel::normalise(text);
        self.bounded(field, &line, max_chars);
        if line.chars().any(char::is_control) {
            self.wrong(field, "value_invalid");
        }
        line
    }

    fn bounded(&mut self, field: &str, text: &str, max_chars: usize) -> bool {
        let fits = text.len() <= max_chars || text.chars().count() <= max_chars;
        if !fits {
            let params = ParamsBuilder::default().with("max", max_chars).build();
            self.0.push(FieldFault { field: field.to_owned(), code: "value_too_long", params });
        }
        fits
    }
}
