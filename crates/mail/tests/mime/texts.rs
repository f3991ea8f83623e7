//! What people read: subjects, names, previews, file names in the character sets of the world.

use mail::mime;

use super::{lines, sample};

#[test]
fn mails_in_every_character_set_are_read() {
    for (name, from, subject, preview) in [
        ("plain-gbk.eml", "张伟", "关于召开年度工作会议的通知", "各位同事： 年度工作会议定于下周一上午九点"),
        ("plain-gb18030.eml", "李㐂", "生僻字：㐂𠮷", "𠮷野家与㐂字"),
        ("hz.eml", "王芳", "你好，世界", "你好 ~ 世界"),
        ("big5.eml", "陳小明", "開會通知", "各位好：會議改在三樓"),
        ("iso-2022-jp.eml", "山田太郎", "会議のお知らせ", "お世話になっております。"),
        ("raw-gbk-header.eml", "赵六", "没有编码的主题", "正文也是 GBK"),
        ("raw-utf8-header.eml", "钱七", "没有编码的主题", "正文也是 UTF-8"),
        ("utf-16.eml", "Ann", "UTF-16 正文", "你好，UTF-16"),
        ("split-words.eml", "欧阳娜娜", "一个字被拆到两个编码字里也要读得出来", "x"),
    ] {
        let rendered = mime::render(&sample(name));
        assert_eq!(rendered.summary.from[0].name.as_deref(), Some(from), "{name}");
        assert_eq!(rendered.summary.subject, subject, "{name}");
        assert!(rendered.summary.preview.starts_with(preview), "{name}: {}", rendered.summary.preview);
    }
}

#[test]
fn a_preview_is_one_line_of_the_text() {
    let preview = |message: &str| mime::render(&lines(message)).summary.preview;
    assert_eq!(preview("\n\n  a \n\n\tb\u{a0}c\n"), "a b c");
    assert_eq!(preview("Content-Type: text/html\n\n<head><style>p{}</style></head><p>你好&nbsp;</p><div>\u{200c}\u{ad}x"), "你好 x");
    assert_eq!(preview("Content-Type: image/png\n\nx"), "");
    let long = preview(&format!("\n{}", "字".repeat(1000)));
    assert_eq!(long.chars().count(), mime::MAX_PREVIEW_CHARS);
    // An empty text beside the HTML.
    assert_eq!(
        preview("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<b>html</b>\n--b--\n"),
        "html"
    );
}

#[test]
fn threads_are_found_by_ids_and_the_base_subject() {
    let message = lines(
        "Message-ID: <c@x>\nIn-Reply-To: <b@x>\nReferences: <a@x>\n <b@x>\nSubject: Re: =?gbk?B?xOO6ww==?=\nDate: Thu, 13 Feb 2025 23:32:54 +0800\n\n",
    );
    let rendered = mime::render(&message);
    assert_eq!(rendered.message_id.as_deref(), Some("c@x"));
    assert_eq!(rendered.references, ["a@x", "b@x"]);
    assert_eq!(rendered.base_subject, "你好");
    assert_eq!(rendered.sent_at.unwrap().to_string(), "2025-02-13T15:32:54Z");
    // The nearest of too many are kept.
    let many: String = (0..100).map(|number| format!(" <{number}@x>")).collect();
    let rendered = mime::render(&lines(&format!("References:{many}\nIn-Reply-To: <99@x>\n\n")));
    assert_eq!(rendered.references.len(), mime::MAX_REFERENCES);
    assert_eq!(rendered.references.last().unwrap(), "99@x");
    assert_eq!(rendered.references[0], "50@x");
}

#[test]
fn a_paper_clip_is_shown_for_files_and_not_for_pictures_in_the_text() {
    assert!(!mime::render(&sample("alternative-with-pictures.eml")).has_attachment);
    assert!(mime::render(&sample("chinese-attachments.eml")).has_attachment);
    assert!(!mime::render(&sample("plain-gbk.eml")).has_attachment);
    assert!(mime::render(&sample("forwarded-message.eml")).has_attachment);
    assert!(!mime::render(&sample("signed.eml")).has_attachment);
}

#[test]
fn a_summary_is_kept_short_and_says_so() {
    let many: String = (0..600).map(|number| format!("a{number}@b, ")).collect();
    let summary = mime::render(&lines(&format!("To: {many}\n\n"))).summary;
    assert!(summary.is_cut);
    assert_eq!(summary.to.len(), mime::MAX_SUMMARY_ADDRESSES);
    let json = serde_json::to_string(&mime::render(&lines("From: A <a@b>\nSubject: s\n\nt")).summary).unwrap();
    assert_eq!(json, r#"{"f":[{"n":"A","e":"a@b"}],"u":"s","p":"t"}"#);
}
