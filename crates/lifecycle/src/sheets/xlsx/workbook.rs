//! The workbook part: which sheets there are, in which order, and which are hidden; and where their parts lie.

use std::collections::HashMap;

use super::archive::{Archive, Budget};
use super::xml::{Token, Xml, is_true};
use crate::sheets::SheetError;

const MAX_PART_BYTES: u64 = 16 << 20;
const MAX_SHEETS: usize = 1000;

pub struct SheetEntry {
    pub name: String,
    pub hidden: bool,
    pub part: String,
}

pub struct Workbook {
    pub sheets: Vec<SheetEntry>,
    /// Days are counted from 1904, as Excel for Macintosh once did.
    pub date1904: bool,
    pub strings: Option<String>,
    pub styles: Option<String>,
}

/// A relation of a part to another: OPC, ISO 29500-2 §6.5.
struct Relation {
    kind: String,
    target: String,
}

impl Workbook {
    pub fn read(archive: &Archive<'_>, budget: &Budget) -> Result<Self, SheetError> {
        let main = relations(archive, "", budget)?
            .into_values()
            .find(|relation| relation.kind.ends_with("/officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
        let relations = relations(archive, &main, budget)?;
        let of_kind =
            |kind: &str| relations.values().find(|relation| relation.kind.ends_with(kind)).map(|relation| relation.target.clone());
        let damaged = || SheetError::Damaged { part: main.clone() };
        let unpacked = archive.part(&main, MAX_PART_BYTES, budget)?.ok_or_else(damaged)?;
        let mut xml = Xml::new(&main, unpacked);
        let mut workbook = Self { sheets: Vec::new(), date1904: false, strings: of_kind("/sharedStrings"), styles: of_kind("/styles") };
        loop {
            match xml.next()? {
                Token::End => return Ok(workbook),
                Token::Open(element) if element.name() == b"workbookPr" => {
                    element.attributes(|name, value| {
                        if name == b"date1904" {
                            workbook.date1904 = is_true(value);
                        }
                    });
                }
                Token::Open(element) if element.name() == b"sheet" && workbook.sheets.len() < MAX_SHEETS => {
                    let relation = element.attribute(b"id").and_then(|id| relations.get(&id));
                    // Charts and macros are sheets too, of other kinds.
                    let Some(relation) = relation.filter(|relation| relation.kind.ends_with("/worksheet")) else { continue };
                    workbook.sheets.push(SheetEntry {
                        name: element.attribute(b"name").unwrap_or_default(),
                        hidden: element.attribute(b"state").is_some_and(|state| state != "visible"),
                        part: relation.target.clone(),
                    });
                }
                _ => {}
            }
        }
    }
}

/// The relations of a part by their ids; those of the package when `part` is empty.
fn relations(archive: &Archive<'_>, part: &str, budget: &Budget) -> Result<HashMap<String, Relation>, SheetError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
    let mut relations = HashMap::new();
    let Some(unpacked) = archive.part(&name, MAX_PART_BYTES, budget)? else { return Ok(relations) };
    let mut xml = Xml::new(&name, unpacked);
    loop {
        match xml.next()? {
            Token::End => return Ok(relations),
            Token::Open(element) if element.name() == b"Relationship" => {
                let external = element.attribute(b"TargetMode").is_some_and(|mode| mode == "External");
                let parts = (element.attribute(b"Id"), element.attribute(b"Type"), element.attribute(b"Target"));
                if let (Some(id), Some(kind), Some(target)) = parts
                    && !external
                    && relations.len() < 10 * MAX_SHEETS
                {
                    relations.insert(id, Relation { kind, target: resolve(folder, &target) });
                }
            }
            _ => {}
        }
    }
}

/// A target that begins with a slash is counted from the package, any other from the folder of the part.
fn resolve(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = Vec::new();
    let start = if target.starts_with('/') { "" } else { folder };
    for segment in start.split('/').chain(target.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            _ => path.push(segment),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    #[test]
    fn targets_are_resolved_against_the_folder_of_their_part() {
        assert_eq!(super::resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(super::resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(super::resolve("xl/a", "../../../x.xml"), "x.xml");
    }
}
