//! Small files to attach: documents, workbooks, PDFs and pictures that programs open.

use std::io::Write;

use flate2::Crc;
use flate2::write::ZlibEncoder;
use kernel::Timestamp;

use super::dice::Dice;
use crate::sheets::{Format, Table};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Docx,
    Xlsx,
    Pdf,
    Png,
}

/// A file that is made when its mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) kind: Kind,
    /// Without what its kind adds.
    pub(super) title: String,
    pub(super) seed: u64,
    /// Names for rosters.
    pub(super) names: Vec<String>,
}

impl Attachment {
    /// `xlsx {title}`, as texts name it.
    pub(super) fn parse(text: &str, seed: u64) -> Option<Self> {
        let (kind, title) = text.split_once(' ')?;
        let kind = match kind {
            "docx" => Kind::Docx,
            "xlsx" => Kind::Xlsx,
            "pdf" => Kind::Pdf,
            "png" => Kind::Png,
            _ => return None,
        };
        Some(Self { kind, title: title.to_owned(), seed, names: Vec::new() })
    }

    pub(super) fn file_name(&self) -> String {
        let extension = match self.kind {
            Kind::Docx => "docx",
            Kind::Xlsx => "xlsx",
            Kind::Pdf => "pdf",
            Kind::Png => "png",
        };
        format!("{}.{extension}", self.title)
    }

    pub(super) fn media_type(&self) -> &'static str {
        match self.kind {
            Kind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Pdf => "application/pdf",
            Kind::Png => "image/png",
        }
    }

    /// The file; `text` is that of the mail it goes with.
    pub(super) fn bytes(&self, text: &str, now: Timestamp) -> Vec<u8> {
        let mut dice = Dice::new(self.seed);
        match self.kind {
            Kind::Docx => docx(&self.title, text),
            Kind::Xlsx => self.xlsx(&mut dice, now),
            Kind::Pdf => pdf(&self.title, text),
            Kind::Png => view(&mut dice),
        }
    }

    fn xlsx(&self, dice: &mut Dice, now: Timestamp) -> Vec<u8> {
        let is_roster = ["排班", "值班", "名单"].iter().any(|word| self.title.contains(word)) && !self.names.is_empty();
        let written = if is_roster { roster(&self.names, dice, now) } else { figures(&self.title, dice, now) };
        // A mail can do without; it never happens on a machine with room for its own temporary files.
        written.unwrap_or_default()
    }
}

fn roster(names: &[String], dice: &mut Dice, now: Timestamp) -> Result<Vec<u8>, crate::sheets::WriteError> {
    let headings: Vec<String> = std::iter::once("姓名".to_owned()).chain((1..=31).map(|day| format!("{day}日"))).collect();
    let mut table = Table::new(Format::Xlsx, "排班", &headings, now)?;
    for name in names {
        let mut row = vec![name.as_str()];
        row.extend((1..=31).map(|_| dice.pick(&["白", "白", "白", "夜", "休", "下夜"]).unwrap_or_default()));
        table.row(&row)?;
    }
    table.finish()
}

fn figures(title: &str, dice: &mut Dice, now: Timestamp) -> Result<Vec<u8>, crate::sheets::WriteError> {
    let mut table = Table::new(Format::Xlsx, "明细", &["序号", "项目", "数量", "单位", "金额（元）", "备注"], now)?;
    for number in 1..=dice.between(12, 40) {
        let item = dice.pick(&["试剂", "敷贴", "留置针", "病历夹", "打印纸", "消毒液", "手套", "监护电极", "差旅", "培训"]);
        let unit = dice.pick(&["盒", "箱", "件", "人次"]).unwrap_or_default();
        let (count, amount) = (dice.between(1, 200).to_string(), format!("{}.{:02}", dice.between(80, 90_000), dice.below(100)));
        table.row(&[&number.to_string(), item.unwrap_or(title), &count, unit, &amount, ""])?;
    }
    table.finish()
}

/// An archive whose files are stored as they are.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut crc = Crc::new();
        crc.update(bytes);
        let offset = out.len() as u32;
        let mut common = Vec::with_capacity(26);
        // Version 2.0, no flags, stored, the first day a DOS date can tell.
        for value in [20_u16, 0, 0, 0, 0x21] {
            common.extend_from_slice(&value.to_le_bytes());
        }
        for value in [crc.sum(), bytes.len() as u32, bytes.len() as u32] {
            common.extend_from_slice(&value.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&0_u16.to_le_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, count) = (out.len() as u32, files.len() as u16);
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    for value in [count, count] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    for value in [directory.len() as u32, start] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&[0; 2]);
    out
}

fn docx(title: &str, text: &str) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraph = |line: &str, style: &str| format!("<w:p>{style}<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escape(line));
    let mut body = paragraph(title, "<w:pPr><w:jc w:val=\"center\"/></w:pPr>");
    body.extend(text.lines().map(|line| paragraph(line, "")));
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
         <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    );
    archive(&[
        (
            "[Content_Types].xml",
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
              <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
              <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>",
        ),
        (
            "_rels/.rels",
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
              <Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>",
        ),
        ("word/document.xml", document.as_bytes()),
    ])
}

/// One page, in a font that readers bring along for Chinese.
fn pdf(title: &str, text: &str) -> Vec<u8> {
    let hex = |line: &str| line.encode_utf16().map(|unit| format!("{unit:04X}")).collect::<String>();
    let mut page = format!("BT /F1 18 Tf 72 770 Td <{}> Tj /F1 11 Tf 0 -14 Td", hex(title));
    for line in text.lines().flat_map(|line| chunks(line, 40)).take(38) {
        page.push_str(&format!(" 0 -18 Td <{}> Tj", hex(&line)));
    }
    page.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R /Resources << /Font << /F1 4 0 R >> >> >>".to_owned(),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>".to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> \
         /FontDescriptor 6 0 R >>"
            .to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 \
         /CapHeight 880 /StemV 93 >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
    ];
    let mut out = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let table = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    out.extend(places.iter().flat_map(|place| format!("{place:010} 00000 n \n").into_bytes()));
    out.extend_from_slice(format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).as_bytes());
    out
}

fn chunks(line: &str, length: usize) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    characters.chunks(length).map(|chunk| chunk.iter().collect()).collect()
}

const WIDTH: usize = 480;
const HEIGHT: usize = 200;

/// A picture of [`WIDTH`] × [`HEIGHT`]; `colour` gives each point red, green and blue.
fn png(colour: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(HEIGHT * (WIDTH * 3 + 1));
    for y in 0..HEIGHT {
        rows.push(0);
        for x in 0..WIDTH {
            rows.extend_from_slice(&colour(x, y));
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let data = packed.write_all(&rows).and_then(|()| packed.finish()).unwrap_or_default();
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&(WIDTH as u32).to_be_bytes());
    header.extend_from_slice(&(HEIGHT as u32).to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", header.as_slice()), (b"IDAT", &data), (b"IEND", &[])] {
        out.extend_from_slice(&(data.len() as u32).to_be_bytes());
        let mut crc = Crc::new();
        for part in [name.as_slice(), data] {
            crc.update(part);
            out.extend_from_slice(part);
        }
        out.extend_from_slice(&crc.sum().to_be_bytes());
    }
    out
}

/// Columns over a grid.
pub(super) fn diagram(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let heights: Vec<usize> = (0..8).map(|_| dice.between(40, 170) as usize).collect();
    let column = WIDTH / heights.len();
    png(|x, y| {
        let is_inside = (column / 5..column * 4 / 5).contains(&(x % column));
        match heights.get(x / column) {
            Some(height) if is_inside && y >= HEIGHT - height => [0, 121, 107],
            _ if y % 40 == 0 => [224, 224, 224],
            _ => [255, 255, 255],
        }
    })
}

/// An evening sky over roofs.
fn view(dice: &mut Dice) -> Vec<u8> {
    let roofs: Vec<usize> = (0..WIDTH / 30).map(|_| dice.between(20, 70) as usize).collect();
    let sun = dice.between(120, 360) as usize;
    png(|x, y| {
        let roof = roofs.get(x / 30).copied().unwrap_or(30);
        let from_sun = x.abs_diff(sun).pow(2) + y.abs_diff(120).pow(2);
        if y + roof >= HEIGHT {
            [38, 50, 56]
        } else if from_sun < 24 * 24 {
            [255, 236, 179]
        } else {
            [(120 + y * 2 / 3).min(255) as u8, (60 + y / 2) as u8, (140 - y / 2) as u8]
        }
    })
}

/// As [`diagram`], of the evening.
pub(super) fn evening(seed: u64) -> Vec<u8> {
    view(&mut Dice::new(seed))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_772_413_200_000_000);

    fn file(kind: &str) -> Vec<u8> {
        let attachment =
            Attachment { names: vec!["张伟".to_owned()], ..Attachment::parse(&format!("{kind} 三月排班表"), 1).unwrap() };
        assert_eq!(attachment.file_name(), format!("三月排班表.{kind}"));
        attachment.bytes("各位：\n请看 <附件> & 回复", NOW)
    }

    #[test]
    fn documents_and_workbooks_open() {
        let mut archive = zip::ZipArchive::new(Cursor::new(file("docx"))).unwrap();
        let mut document = String::new();
        archive.by_name("word/document.xml").unwrap().read_to_string(&mut document).unwrap();
        assert!(document.contains("三月排班表") && document.contains("请看 &lt;附件&gt; &amp; 回复"));

        use calamine::Reader;
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file("xlsx"))).unwrap();
        let sheet = workbook.worksheet_range("排班").unwrap();
        assert_eq!(sheet.get_value((1, 0)).unwrap().to_string(), "张伟");
    }

    #[test]
    fn the_same_seed_makes_the_same_file() {
        for kind in ["docx", "pdf", "png"] {
            assert_eq!(file(kind), file(kind), "{kind}");
        }
        let pdf = file("pdf");
        let text = String::from_utf8_lossy(&pdf);
        let table: usize = text.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!(pdf[table..].starts_with(b"xref"));
        assert!(diagram(1).starts_with(b"\x89PNG") && diagram(1) != diagram(2) && evening(1) == evening(1));
    }
}
