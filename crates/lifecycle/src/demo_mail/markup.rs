//! The few forms that texts have, as plain text and as HTML: paragraphs, `- ` lists, `| … |` tables, `> ` quotations, `![…]` pictures, and a signature
//! behind `-- `.

/// One piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Block<'a> {
    Lines(Vec<&'a str>),
    Items(Vec<&'a str>),
    Rows(Vec<Vec<&'a str>>),
    Quote(Vec<&'a str>),
    Signature(Vec<&'a str>),
    Picture { source: &'a str, caption: &'a str },
}

/// Pictures that come with the mail: a diagram, and a view from the window.
pub(super) const DIAGRAM: &str = "图";
pub(super) const VIEW: &str = "景";

/// How the HTML form looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    /// The head of a public notice over it.
    Notice,
    /// A sheet with a coloured head, as advertisers and registries send it.
    Sheet,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut lines = text.trim_end().lines();
    while let Some(line) = lines.next() {
        if line.trim_end() == "--" {
            blocks.push(Block::Signature(lines.by_ref().collect()));
        } else if let Some((source, caption)) = line.strip_prefix("![").and_then(|rest| rest.split_once(']')) {
            blocks.push(Block::Picture { source, caption: caption.trim() });
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::Items(items)) => items.push(item),
                _ => blocks.push(Block::Items(vec![item])),
            }
        } else if let Some(quoted) = line.strip_prefix('>') {
            match blocks.last_mut() {
                Some(Block::Quote(quote)) => quote.push(quoted.trim_start()),
                _ => blocks.push(Block::Quote(vec![quoted.trim_start()])),
            }
        } else if let Some(row) = line.strip_prefix('|').and_then(|row| row.trim_end().strip_suffix('|')) {
            let cells = row.split('|').map(str::trim).collect();
            match blocks.last_mut() {
                Some(Block::Rows(rows)) => rows.push(cells),
                _ => blocks.push(Block::Rows(vec![cells])),
            }
        } else {
            match blocks.last_mut() {
                Some(Block::Lines(block)) => block.push(line),
                _ => blocks.push(Block::Lines(vec![line])),
            }
        }
    }
    blocks
}

/// The sources of its pictures, each once.
pub(super) fn pictures(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for block in blocks(text) {
        if let Block::Picture { source, .. } = block
            && !found.contains(&source)
        {
            found.push(source);
        }
    }
    found
}

pub(super) fn to_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for block in blocks(text) {
        match block {
            Block::Lines(lines) => lines.iter().for_each(|line| push_line(&mut out, "", line)),
            Block::Items(items) => items.iter().for_each(|item| push_line(&mut out, "  · ", item)),
            Block::Rows(rows) => rows.iter().for_each(|row| push_line(&mut out, "  ", &row.join("    "))),
            Block::Quote(lines) => lines.iter().for_each(|line| push_line(&mut out, "> ", line)),
            Block::Signature(lines) => {
                push_line(&mut out, "", "");
                // RFC 3676 §4.3: two hyphens and a space.
                push_line(&mut out, "-- ", "");
                lines.iter().for_each(|line| push_line(&mut out, "", line));
            }
            Block::Picture { caption, .. } => push_line(&mut out, "", &format!("［图片：{caption}］")),
        }
    }
    out
}

fn push_line(out: &mut String, mark: &str, line: &str) {
    out.push_str(mark);
    out.push_str(line);
    out.push('\n');
}

/// `source_of` gives what an `<img>` shows for a picture's source.
pub(super) fn to_html(text: &str, look: Look, head: &str, source_of: impl Fn(&str) -> String) -> String {
    let mut body = String::with_capacity(text.len() * 2);
    for block in blocks(text) {
        block_html(&mut body, &block, &source_of);
    }
    let head = escaped(head);
    match look {
        Look::Plain => format!(
            "<html><body><div style=\"font-family:'Microsoft YaHei',sans-serif;font-size:14px;line-height:1.7\">{body}</div></body></html>"
        ),
        Look::Notice => format!(
            "<html><body><div style=\"max-width:720px;margin:auto;font-size:15px;line-height:1.8\">\
             <h2 style=\"color:#b71c1c;text-align:center;border-bottom:2px solid #b71c1c;padding-bottom:8px;letter-spacing:4px\">{head}</h2>{body}\
             </div></body></html>"
        ),
        Look::Sheet => format!(
            "<html><head><style>a{{color:#00695c}}td,th{{padding:6px 12px}}</style></head><body bgcolor=\"#f2f4f5\">\
             <table width=\"100%\" cellpadding=\"0\"><tr><td align=\"center\">\
             <table width=\"600\" bgcolor=\"#ffffff\" style=\"border-collapse:collapse\">\
             <tr><td bgcolor=\"#00695c\" style=\"color:#ffffff;font-size:20px;padding:18px 24px\">{head}</td></tr>\
             <tr><td style=\"padding:18px 24px;font-size:14px;line-height:1.7\">{body}</td></tr></table></td></tr></table></body></html>"
        ),
    }
}

fn block_html(out: &mut String, block: &Block<'_>, source_of: &impl Fn(&str) -> String) {
    let joined = |lines: &[&str]| lines.iter().map(|line| linked(line)).collect::<Vec<_>>().join("<br>");
    match block {
        Block::Lines(lines) => out.extend(lines.iter().map(|line| format!("<p style=\"margin:0 0 8px\">{}</p>", linked(line)))),
        Block::Items(items) => {
            out.push_str("<ul>");
            out.extend(items.iter().map(|item| format!("<li>{}</li>", linked(item))));
            out.push_str("</ul>");
        }
        Block::Rows(rows) => {
            out.push_str("<table border=\"1\" cellspacing=\"0\" cellpadding=\"6\" style=\"border-collapse:collapse;margin:8px 0\">");
            for (index, row) in rows.iter().enumerate() {
                let tag = if index == 0 { "th" } else { "td" };
                let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", linked(cell))).collect();
                out.push_str(&format!("<tr>{cells}</tr>"));
            }
            out.push_str("</table>");
        }
        Block::Quote(lines) => out.push_str(&format!(
            "<blockquote style=\"margin:8px 0 0 4px;padding-left:10px;border-left:2px solid #c0c0c0;color:#666\">{}</blockquote>",
            joined(lines)
        )),
        Block::Signature(lines) => {
            out.push_str(&format!("<div style=\"margin-top:16px;color:#888;font-size:12px\">{}</div>", joined(lines)));
        }
        Block::Picture { source, caption } => out.push_str(&format!(
            "<p><img src=\"{}\" alt=\"{}\" style=\"max-width:100%\"><br><small>{}</small></p>",
            escaped(&source_of(source)),
            escaped(caption),
            escaped(caption)
        )),
    }
}

/// Escaped, with addresses of pages made into links.
fn linked(line: &str) -> String {
    let Some(begin) = line.find("http://").or_else(|| line.find("https://")) else { return escaped(line) };
    let (before, rest) = line.split_at(begin);
    let end = rest.find(|character: char| !character.is_ascii_graphic()).unwrap_or(rest.len());
    let (page, after) = rest.split_at(end);
    format!("{}<a href=\"{page}\">{page}</a>{}", escaped(before), escaped(after), page = escaped(page))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "各位好 <all>：\n- 一\n- 二\n| 项目 | 数 |\n| 甲 | 1 |\n![图] 趋势\n![https://pictures.example.test/a.png] 远\n见 https://example.test/x 。\n> 原文\n--\n张伟\n";

    #[test]
    fn a_text_is_told_in_plain_text() {
        let told = to_text(TEXT);
        assert_eq!(
            told,
            "各位好 <all>：\n  · 一\n  · 二\n  项目    数\n  甲    1\n［图片：趋势］\n［图片：远］\n见 https://example.test/x 。\n> 原文\n\n-- \n张伟\n"
        );
        assert_eq!(pictures(TEXT), ["图", "https://pictures.example.test/a.png"]);
    }

    #[test]
    fn a_text_is_told_in_html() {
        let html = to_html(TEXT, Look::Sheet, "A & B", |source| if source == DIAGRAM { "cid:p".to_owned() } else { source.to_owned() });
        for part in [
            "A &amp; B",
            "各位好 &lt;all&gt;：",
            "<ul><li>一</li><li>二</li></ul>",
            "<th>项目</th>",
            "<td>1</td>",
            "<img src=\"cid:p\" alt=\"趋势\"",
            "<img src=\"https://pictures.example.test/a.png\"",
            "<a href=\"https://example.test/x\">https://example.test/x</a> 。",
            "<blockquote",
            "张伟</div>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
