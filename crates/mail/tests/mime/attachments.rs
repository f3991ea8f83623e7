//! What attached documents say.

use std::io::{Cursor, Write};

use mail::mime::{any_text, text_of_file};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("[Content_Types].xml", &b"<Types/>"[..])].iter().chain(files) {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<< {dictionary} /Length {} >>\nstream\n", data.len()).into_bytes();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream");
    out
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Objects numbered from 1; no table of them, which readers have to do without.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.5\n".to_vec();
    for (number, object) in objects.iter().enumerate() {
        file.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    file.extend_from_slice(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    file
}

fn pdf_with(fonts: &str, content: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << {fonts} >> >> >>").into_bytes(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
        stream("/Filter /FlateDecode", &packed(content)),
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

fn text(file: &[u8]) -> String {
    text_of_file(file).unwrap()
}

#[test]
fn office_files_say_what_their_paragraphs_cells_and_slides_say() {
    let body = "<w:document><w:body><w:p><w:r><w:t>年度</w:t></w:r><w:r><w:t>总结 &amp; plans</w:t></w:r></w:p><w:p><w:r><w:t>second</w:t></w:r></w:p></w:body></w:document>";
    let docx = archive(&[
        ("word/document.xml", body.as_bytes()),
        ("word/styles.xml", b"<w:t>style</w:t>"),
        ("word/footnotes.xml", b"<w:p><w:t>a note</w:t></w:p>"),
    ]);
    assert_eq!(text(&docx), "年度总结 & plans\nsecond\na note\n");
    let xlsx = archive(&[
        ("xl/sharedStrings.xml", "<sst><si><t>姓名</t></si><si><r><t>Li</t></r><r><t> Na</t></r></si></sst>".as_bytes()),
        ("xl/worksheets/sheet1.xml", b"<worksheet><c t=\"inlineStr\"><is><t>inline</t></is></c></worksheet>"),
    ]);
    assert_eq!(text(&xlsx), "姓名\nLi Na\ninline\n");
    let slide = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>").into_bytes();
    let pptx = archive(&[("ppt/slides/slide10.xml", &slide("ten")), ("ppt/slides/slide2.xml", &slide("two"))]);
    assert_eq!(text(&pptx), "two\nten\n");
    assert_eq!(text_of_file(&archive(&[("readme.txt", b"x")])[..20]), None);
}

#[test]
fn pdf_files_say_what_their_pages_show() {
    let plain = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec();
    let content = b"BT /F1 12 Tf 72 700 Td (Annual \\(final\\) rep) Tj (ort) Tj 0 -14 Td [(bud) 20 (get) -400 (2026)] TJ ET";
    assert_eq!(text(&pdf_with("/F1 5 0 R", content, &[plain])), "Annual (final) report\nbudget 2026\n");

    let cmap = b"1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <5e74> endbfchar 1 beginbfrange <0002> <0003> [<5ea6> <603b>] endbfrange 1 beginbfrange <0010> <0012> <0041> endbfrange";
    let composite = b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>".to_vec();
    let chinese = pdf_with(
        "/F1 5 0 R",
        b"BT /F1 9 Tf <0001000200030010001100120099> Tj ET",
        &[composite, stream("/Filter /FlateDecode", &packed(cmap))],
    );
    assert_eq!(text(&chinese), "年度总ABC\n");

    let predefined = b"<< /Type /Font /Subtype /Type0 /Encoding /UniGB-UCS2-H >>".to_vec();
    assert_eq!(text(&pdf_with("/F1 5 0 R", b"BT /F1 9 Tf <4f1a8bae> Tj ET", &[predefined])), "会议\n");

    // Page and font in a stream of objects, as most programs write them.
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>";
    let head = format!("3 0 5 {} ", page.len());
    let inner = format!("{head}{page}<< /Type /Font /Subtype /Type1 >>");
    let objects = [b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), b"<< /Type /Pages /Resources << /Font << /F1 5 0 R >> >> >>".to_vec()];
    let mut file = pdf(&objects);
    file.extend_from_slice(b"4 0 obj\n");
    file.extend_from_slice(&stream("", b"BT /F1 9 Tf (hidden away) Tj ET"));
    file.extend_from_slice(b"\nendobj\n9 0 obj\n");
    file.extend_from_slice(&stream(&format!("/Type /ObjStm /N 2 /First {} /Filter /FlateDecode", head.len()), &packed(inner.as_bytes())));
    file.extend_from_slice(b"\nendobj\n");
    assert_eq!(text(&file), "hidden away\n");
}

#[test]
fn a_message_says_what_its_attachments_say() {
    let docx = archive(&[("word/document.xml", "<w:p><w:t>合同编号</w:t></w:p>".as_bytes())]);
    let encoded: String = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &docx)
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\r\n", String::from_utf8_lossy(line)))
        .collect();
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/octet-stream; name=a.docx\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{encoded}--b--\r\n"
    );
    assert!(any_text(message.as_bytes(), false, &mut |text| text.contains("合同编号")));
    assert!(any_text(message.as_bytes(), false, &mut |text| text == "a.docx"));
}

#[test]
fn hostile_files_end_soon_and_small() {
    let zeros = vec![b' '; 200 << 20];
    let bomb = archive(&[("word/document.xml", &zeros), ("word/header1.xml", b"<w:t>after</w:t>")]);
    assert_eq!(text(&bomb), "");
    let mut long = b"<w:t>".to_vec();
    long.resize(5 << 20, b'a');
    assert!(text(&archive(&[("word/document.xml", &long)])).len() <= 1 << 20);
    let deep = "<w:p>".repeat(1_000_000) + "<w:t>deep</w:t>";
    assert_eq!(text(&archive(&[("word/document.xml", deep.as_bytes())])), "deep");
    let laughs = "<!DOCTYPE x [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;\">]><w:t>x&b;y</w:t>";
    assert_eq!(text(&archive(&[("word/document.xml", laughs.as_bytes())])), "xy");

    let font = || b"<< /Type /Font /Subtype /Type1 >>".to_vec();
    // A stream of spaces two hundred times its size, a thousand times over.
    let pages: Vec<Vec<u8>> = [stream("/Filter /FlateDecode", &packed(&zeros[..8 << 20]))]
        .into_iter()
        .chain((0..1000).map(|_| b"<< /Type /Page /Contents [1 0 R 1 0 R 1 0 R] >>".to_vec()))
        .collect();
    assert_eq!(text(&pdf(&pages)), "");
    // A form that shows itself, ten times.
    let form = stream("/Subtype /Form /Resources << /XObject << /X 5 0 R >> >>", "/X Do ".repeat(50).as_bytes());
    assert_eq!(text(&pdf_with("", b"/X Do", &[form])), "");
    let nested = format!("BT {} ET", "[".repeat(100_000));
    assert_eq!(text(&pdf_with("/F1 5 0 R", nested.as_bytes(), &[font()])), "");
    let dictionaries = "<< /A ".repeat(100_000).into_bytes();
    assert_eq!(text(&pdf(&[dictionaries])), "");
    // References in a circle, and a page that is its own parent.
    let circle = [b"2 0 R".to_vec(), b"1 0 R".to_vec(), b"<< /Type /Page /Parent 3 0 R /Contents 1 0 R >>".to_vec()];
    assert_eq!(text(&pdf(&circle)), "");
    let range = b"1 beginbfrange <00000000> <ffffffff> <0041> endbfrange";
    let wide = b"<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>".to_vec();
    assert_eq!(text(&pdf_with("/F1 5 0 R", b"/F1 9 Tf <0000> Tj", &[wide, stream("", range)])).len(), 2);
    assert_eq!(text_of_file(b"%PDF-1.4 1 0 obj << /Encrypt 2 0 R >> endobj"), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        kind in 0..3usize,
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0usize..2000,
        at in 0usize..2000,
    ) {
        let mut file = match kind {
            0 => archive(&[("word/document.xml", b"<w:p><w:t>text</w:t></w:p>")]),
            1 => pdf_with("/F1 5 0 R", b"BT /F1 12 Tf [(a) -300 (b)] TJ ET", &[b"<< /Type /Font /Subtype /Type1 >>".to_vec()]),
            _ => b"%PDF-1.4\n".to_vec(),
        };
        let at = at % (file.len() + 1);
        let end = (at + cut % 20).min(file.len());
        file.splice(at..end, bytes);
        let _ = text_of_file(&file);
    }
}
