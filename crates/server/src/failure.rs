//! How the program tells a person at a terminal what went wrong: one sentence, what and how to mend, and an exit code that is not 0.

use std::error::Error;

/// A command that could not do its work.
#[derive(Debug)]
pub struct Failure {
    sentence: String,
    /// 1, unless the command promises another.
    pub exit_code: u8,
}

impl Failure {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit_code: 1 }
    }

    pub fn with_exit_code(self, exit_code: u8) -> Self {
        Self { exit_code, ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// An operator reads the causes, too: they stand behind the sentence, each once.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !sentence.contains(&text) {
                sentence = format!("{sentence}: {text}");
            }
            cause = error.source();
        }
        Self::new(sentence)
    }
}
