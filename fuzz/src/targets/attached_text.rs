//! Any octets as an attached file, as they are and behind the beginnings of the kinds that are read: no panic, a bounded text, and the same one each time.

use mail::mime::text_of_file;

use crate::Target;

const MAX_TEXT_BYTES: usize = 1 << 20;

pub const TARGET: Target = Target {
    name: "attached_text",
    corpus,
    words: &[
        "PK\u{3}\u{4}",
        "PK\u{1}\u{2}",
        "PK\u{5}\u{6}",
        "[Content_Types].xml",
        "word/document.xml",
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet1.xml",
        "ppt/slides/slide1.xml",
        "<w:t>",
        "</w:t>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&b;",
        "%PDF-1.7\n",
        "1 0 obj\n",
        "<< /Type /Pages /Kids [1 0 R] /Count 1 >>",
        "/Filter /FlateDecode",
        "/Filter [/ASCII85Decode /LZWDecode]",
        "/Length 4294967295",
        "/Length 1 0 R",
        "stream\n",
        "endstream\n",
        "endobj\n",
        "/ObjStm",
        "/ToUnicode 1 0 R",
        "beginbfrange\n<00> <ff> <4e00>\nendbfrange\n",
        "beginbfchar\n",
        "BT /F1 12 Tf (text) Tj ET\n",
        "[(te) -200 (xt)] TJ\n",
        "<FEFF4E2D>",
        "(",
        ")",
        "<<",
        ">>",
        "[",
        "]",
        " R",
    ],
    begin: || Box::new(run),
};

/// A workbook, and a small document of one page.
fn corpus() -> Vec<Vec<u8>> {
    let mut files = super::files(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples"));
    files.retain(|file| file.starts_with(b"PK") && file.len() <= 64 * 1024);
    let pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
               3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n\
               4 0 obj\n<< /Length 44 >>\nstream\nBT /F1 12 Tf 72 720 Td (Budget 2026) Tj ET\nendstream\nendobj\n\
               5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
    files.push(pdf.as_bytes().to_vec());
    files
}

fn run(input: &[u8]) {
    for beginning in [&b""[..], b"PK\x03\x04", b"%PDF-1.7\n1 0 obj\n"] {
        let file = [beginning, input].concat();
        let text = text_of_file(&file);
        assert!(text.as_ref().is_none_or(|text| text.len() <= MAX_TEXT_BYTES));
        assert_eq!(text_of_file(&file), text);
    }
}
