//! The subject that a mail, its answers and its forwards have in common: RFC 5256 §2.1, and what Chinese programs put in front.

use unicode_normalization::UnicodeNormalization;

/// Longer subjects are compared by their beginning.
const MAX_CHARS: usize = 500;

/// What stands before a colon when somebody answered or forwarded.
const LEADERS: &[&str] = &[
    "re",
    "fw",
    "fwd",
    "回复",
    "回覆",
    "答复",
    "答覆",
    "转发",
    "轉發",
    "转寄",
    "轉寄",
    "转",
    "回",
    "自动回复",
    "自動回覆",
    "aw",
    "wg",
    "sv",
    "vs",
    "antw",
    "rv",
    "tr",
    "ref",
];
/// What gateways put in 【】 in front of mail from outside.
const MARKS: &[&str] = &["外部", "外域", "站外", "external", "caution"];

/// Folded, without the marks of answers, forwards, lists and gateways: equal for the mails of one thread.
pub fn base_subject(subject: &str) -> String {
    stripped(subject).0
}

/// Whether the subject says that the mail answers or forwards another (RFC 5256 §2.1).
pub fn is_reply_subject(subject: &str) -> bool {
    stripped(subject).1
}

fn stripped(subject: &str) -> (String, bool) {
    let folded: String = subject.chars().take(MAX_CHARS * 2).nfkc().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    let joined = words.join(" ");
    let mut rest = joined.as_str();
    let mut is_reply = false;
    loop {
        let before = rest.len();
        while let Some(shorter) = rest.strip_suffix("(fwd)") {
            rest = shorter.trim_end();
            is_reply = true;
        }
        rest = rest.trim_start();
        let shorter = without_leader(rest);
        is_reply |= shorter.len() < rest.len();
        rest = shorter;
        if let Some(shorter) = without_blob(rest).map(str::trim_start).filter(|shorter| !shorter.is_empty()) {
            rest = shorter;
        }
        if let Some(inside) = rest.strip_prefix("[fwd:").and_then(|rest| rest.strip_suffix(']')) {
            rest = inside;
            is_reply = true;
        }
        rest = rest.trim();
        if rest.len() == before {
            return (rest.chars().take(MAX_CHARS).collect(), is_reply);
        }
    }
}

/// `re: `, `re[2]: `, `fw [list]: `, and blobs before them.
fn without_leader(text: &str) -> &str {
    let mut rest = text;
    while let Some(shorter) = without_blob(rest) {
        rest = shorter.trim_start();
    }
    let Some(colon) = rest.char_indices().take(40).find(|(_, character)| *character == ':').map(|(at, _)| at) else { return text };
    let mut leader = rest[..colon].trim_end();
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(shorter) = leader.strip_suffix(close).and_then(|inside| inside.rfind(open).map(|at| &inside[..at])) {
            leader = shorter.trim_end();
        }
    }
    let leader = leader.trim_end_matches(|character: char| character.is_ascii_digit() || character == '^' || character == '*');
    if LEADERS.contains(&leader) { rest[colon + 1..].trim_start() } else { text }
}

/// `[list] `, or the mark of a gateway.
fn without_blob(text: &str) -> Option<&str> {
    if let Some(inside) = text.strip_prefix('[') {
        let end = inside.find(['[', ']'])?;
        // What was forwarded whole is no mark.
        return inside[end..].strip_prefix(']').filter(|_| !inside.starts_with("fwd:"));
    }
    let inside = text.strip_prefix('【')?;
    let (mark, rest) = inside.split_once('】')?;
    MARKS.iter().any(|known| mark.contains(known)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{base_subject, is_reply_subject};

    #[test]
    fn answers_and_forwards_have_the_subject_of_what_they_answer() {
        for subject in [
            "年度 总结",
            "Re: 年度 总结",
            "RE: Re: 年度  总结",
            "回复：年度 总结",
            "答复: 回复: 转发：年度 总结",
            "转: 年度 总结",
            "Fwd: 年度 总结 (fwd)",
            "Re[2]: 年度 总结",
            "Re(3): 年度 总结",
            "[list] Re: [list] 年度 总结",
            "[Fwd: 年度 总结]",
            "【External】年度 总结",
            "回复：【外部邮件】年度 总结",
            "Re : 年度 总结",
            "FW: 年度\t总结",
        ] {
            assert_eq!(base_subject(subject), "年度 总结", "{subject}");
            assert_eq!(is_reply_subject(subject), !["年度 总结", "【External】年度 总结"].contains(&subject), "{subject}");
        }
    }

    #[test]
    fn what_belongs_to_the_subject_stays() {
        assert_eq!(base_subject("【通知】放假"), "【通知】放假");
        assert_eq!(base_subject("[list]"), "[list]");
        assert_eq!(base_subject("Report: done"), "report: done");
        assert_eq!(base_subject("Re:"), "");
        assert_eq!(base_subject(""), "");
        assert_eq!(base_subject("ＡＢＣ"), "abc");
        assert_eq!(base_subject("[a"), "[a");
    }
}
