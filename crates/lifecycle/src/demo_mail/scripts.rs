//! What is written in `texts/`: who says what to whom, with places for names and numbers.
//!
//! `# ` begins a script and says for whom it is and how it is sent, `= ` is its subject, `@甲` begins a turn of its first speaker.

/// The speakers of a script, in the order of their first appearance.
pub(super) const SPEAKERS: [&str; 4] = ["甲", "乙", "丙", "丁"];

/// One conversation, or one mail.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// For whom: 临床, 行政, 全部 and so on.
    pub(super) scope: &'static str,
    /// Such as 附件 with its value; the value is empty for a mark alone.
    marks: Vec<(&'static str, &'static str)>,
    pub(super) subject: &'static str,
    pub(super) turns: Vec<Turn>,
}

#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// Into [`SPEAKERS`].
    pub(super) speaker: usize,
    pub(super) text: String,
}

impl Script {
    pub(super) fn mark(&self, name: &str) -> Option<&'static str> {
        self.marks.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    pub(super) fn speaker_count(&self) -> usize {
        self.turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or_default()
    }

    fn begun(heading: &'static str) -> Self {
        let mut marks = heading.split(" | ").map(|mark| mark.split_once(' ').unwrap_or((mark, "")));
        let scope = marks.next().map_or("", |(scope, _)| scope);
        Self { scope, marks: marks.collect(), ..Self::default() }
    }

    fn line(&mut self, line: &str) {
        if let Some(speaker) = line.strip_prefix('@').and_then(|name| SPEAKERS.iter().position(|speaker| *speaker == name)) {
            self.turns.push(Turn { speaker, text: String::new() });
            return;
        }
        if self.turns.is_empty() {
            self.turns.push(Turn { speaker: 0, text: String::new() });
        }
        if let Some(turn) = self.turns.last_mut() {
            turn.text.push_str(line);
            turn.text.push('\n');
        }
    }
}

pub(super) fn read(texts: &'static str) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    for line in texts.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            scripts.push(Script::begun(heading));
        } else if let Some(script) = scripts.last_mut() {
            match line.strip_prefix('=') {
                Some(subject) if script.turns.is_empty() && script.subject.is_empty() => script.subject = subject.trim(),
                _ => script.line(line),
            }
        }
    }
    scripts
}

/// Everything that is written in `texts/`.
pub(super) struct Library {
    pub(super) threads: Vec<Script>,
    pub(super) notices: Vec<Script>,
    pub(super) campus: Vec<Script>,
    pub(super) outside: Vec<Script>,
    pub(super) junk: Vec<Script>,
    pub(super) drafts: Vec<Script>,
    pub(super) monitoring: Vec<Script>,
    pub(super) tickets: Vec<Script>,
}

impl Library {
    pub(super) fn read() -> Self {
        Self {
            threads: read(include_str!("texts/threads.txt")),
            notices: read(include_str!("texts/notices.txt")),
            campus: read(include_str!("texts/campus.txt")),
            outside: read(include_str!("texts/outside.txt")),
            junk: read(include_str!("texts/junk.txt")),
            drafts: read(include_str!("texts/drafts.txt")),
            monitoring: read(include_str!("texts/monitoring.txt")),
            tickets: read(include_str!("texts/tickets.txt")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: [&str; 11] = ["归档", "甲", "乙", "附件", "全员", "自", "字", "次", "公文", "图", "诈骗"];

    #[test]
    fn every_text_is_read_to_its_end() {
        let library = Library::read();
        let all = [
            &library.threads,
            &library.notices,
            &library.campus,
            &library.outside,
            &library.junk,
            &library.drafts,
            &library.monitoring,
            &library.tickets,
        ];
        for script in all.into_iter().flatten() {
            assert!(!script.scope.is_empty() && !script.turns.is_empty(), "{script:?}");
            for (mark, _) in &script.marks {
                assert!(MARKS.contains(mark), "{mark} of {}", script.subject);
            }
            for turn in &script.turns {
                assert!(!turn.text.trim().is_empty() && !turn.text.starts_with('@'), "{script:?}");
            }
            // The first speaks first, and nobody is left out.
            assert_eq!(script.turns[0].speaker, 0, "{}", script.subject);
            for (speaker, name) in SPEAKERS.iter().enumerate().take(script.speaker_count()) {
                let is_there = |turn: &Turn| turn.speaker == speaker || turn.text.contains(name);
                assert!(script.turns.iter().any(is_there), "{}", script.subject);
            }
        }
        assert!(library.outside.iter().all(|script| script.mark("自").is_some_and(|from| from.contains('@') && from.ends_with('>'))));
    }
}
