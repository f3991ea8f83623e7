//! Makes workbooks out of their XML, and reads files into what a test compares.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use kernel::CountryCode;
use lifecycle::sheets::{CellRules, Layout, Row, Sheet, SheetError, Totals};
use zip::write::SimpleFileOptions;

/// A zip file with these parts.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook of several sheets, for what the usual writers of workbooks would never write.
#[derive(Default)]
pub struct Book {
    sheets: Vec<(String, String, String)>,
    strings: Option<String>,
    styles: Option<String>,
    workbook_properties: String,
}

impl Book {
    /// A workbook with one visible sheet of these rows.
    pub fn of(rows: &str) -> Self {
        Self::default().sheet("Sheet1", rows)
    }

    pub fn sheet(self, name: &str, rows: &str) -> Self {
        self.raw_sheet(name, "visible", &worksheet("", rows, ""))
    }

    pub fn raw_sheet(mut self, name: &str, state: &str, xml: &str) -> Self {
        self.sheets.push((name.to_owned(), state.to_owned(), xml.to_owned()));
        self
    }

    /// The items of the table of shared strings.
    pub fn strings(mut self, items: &str) -> Self {
        self.strings = Some(format!("<sst>{items}</sst>"));
        self
    }

    /// One cell style for each format code, from 0.
    pub fn formats(mut self, codes: &[&str]) -> Self {
        let number = |(index, code): (usize, &&str)| format!(r#"<numFmt numFmtId="{}" formatCode="{}"/>"#, 164 + index, escape(code));
        let formats: String = codes.iter().enumerate().map(number).collect();
        let styles: String = (0..codes.len()).map(|index| format!(r#"<xf numFmtId="{}"/>"#, 164 + index)).collect();
        self.styles = Some(format!("<styleSheet><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>"));
        self
    }

    pub fn properties(mut self, attributes: &str) -> Self {
        self.workbook_properties = attributes.to_owned();
        self
    }

    pub fn parts(&self) -> Vec<(String, String)> {
        let relation = |id: &str, kind: &str, target: &str| {
            format!(
                r#"<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
            )
        };
        let mut relations = relation("st", "styles", "styles.xml") + &relation("ss", "sharedStrings", "sharedStrings.xml");
        let mut sheets = String::new();
        let mut parts = vec![
            ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
            ("_rels/.rels".to_owned(), format!("<Relationships>{}</Relationships>", relation("r", "officeDocument", "xl/workbook.xml"))),
        ];
        for (index, (name, state, xml)) in self.sheets.iter().enumerate() {
            relations += &relation(&format!("r{index}"), "worksheet", &format!("worksheets/sheet{index}.xml"));
            sheets += &format!(r#"<sheet name="{}" sheetId="{}" state="{state}" r:id="r{index}"/>"#, escape(name), index + 1);
            parts.push((format!("xl/worksheets/sheet{index}.xml"), xml.clone()));
        }
        parts.push(("xl/_rels/workbook.xml.rels".to_owned(), format!("<Relationships>{relations}</Relationships>")));
        let properties = &self.workbook_properties;
        parts.push((
            "xl/workbook.xml".to_owned(),
            format!(r#"<workbook xmlns:r="r"><workbookPr {properties}/><sheets>{sheets}</sheets></workbook>"#),
        ));
        parts.extend(self.strings.clone().map(|strings| ("xl/sharedStrings.xml".to_owned(), strings)));
        parts.extend(self.styles.clone().map(|styles| ("xl/styles.xml".to_owned(), styles)));
        parts
    }

    pub fn build(&self) -> Vec<u8> {
        let parts = self.parts();
        zip(&parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect::<Vec<_>>())
    }
}

pub fn worksheet(before: &str, rows: &str, after: &str) -> String {
    format!("<worksheet>{before}<sheetData>{rows}</sheetData>{after}</worksheet>")
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A row of inline strings; `None` for cells that are not stored.
pub fn row(number: u32, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
        .map(|(index, text)| {
            let column = lifecycle::sheets::column_letters(index);
            format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{}</t></is></c>"#, escape(text))
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}

/// Everything there is to know about a file.
#[derive(Debug)]
pub struct Reading {
    pub layout: Layout,
    pub rows: Vec<Row>,
    pub totals: Totals,
}

impl Reading {
    /// Row numbers and texts.
    pub fn texts(&self) -> Vec<(u32, Vec<&str>)> {
        self.rows.iter().map(|row| (row.number, row.cells.iter().map(|cell| cell.text.as_str()).collect())).collect()
    }
}

pub fn read(bytes: &[u8]) -> Result<Reading, SheetError> {
    let sheet = Sheet::open(bytes)?;
    let mut rows = Vec::new();
    let totals = sheet.for_each_row(|row| {
        rows.push(row);
        Ok::<_, SheetError>(ControlFlow::Continue(()))
    })?;
    Ok(Reading { layout: sheet.layout().clone(), rows, totals })
}

pub fn rules() -> CellRules {
    CellRules {
        default_country: CountryCode::CHINA,
        domains: vec!["example.test".parse().unwrap()],
        today: "2026-01-15".parse().unwrap(),
        name_required: true,
        mobile_required: true,
        department_required: true,
    }
}
