//! Lists for a terminal: columns as wide as their widest cell, where a Chinese character takes the room of two.

/// The rows below their headings.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|text| width(text)).collect();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(cell));
        }
    }
    let headings: Vec<String> = headings.iter().map(|text| (*text).to_owned()).collect();
    let lines = std::iter::once(&headings).chain(rows).map(|row| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell)))).collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn width(text: &str) -> usize {
    // East Asian wide characters, as far as names use them: CJK, kana, Hangul, full-width forms.
    let wide = |character: &char| matches!(*character as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd);
    text.chars().count() + text.chars().filter(wide).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_for_chinese_and_latin() {
        let shown = table(&["NAME", "CODE"], &[vec!["康宁集团".into(), "kn".into()], vec!["A".into(), "b".into()]]);
        assert_eq!(shown, "NAME      CODE\n康宁集团  kn\nA         b");
    }
}
