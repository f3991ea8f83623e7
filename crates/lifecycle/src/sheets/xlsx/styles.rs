//! Number formats: which numbers are days, and which have zeros or letters in front when shown.

use std::collections::HashMap;

use super::archive::{Archive, Budget};
use super::xml::{Token, Xml};
use crate::sheets::SheetError;

const MAX_PART_BYTES: u64 = 64 << 20;
/// Programs write at most 64,000.
const MAX_STYLES: usize = 65_536;

/// How a number is shown, as far as it matters to what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NumberFormat {
    #[default]
    General,
    Date,
    DateTime,
    Time,
    Percent {
        decimals: usize,
    },
    /// `"H"00000`: at least so many digits, with text before and behind.
    Digits {
        before: String,
        digits: usize,
        behind: String,
    },
}

#[derive(Default)]
pub struct Styles {
    formats: Vec<NumberFormat>,
    styles: Vec<u32>,
}

impl Styles {
    pub fn read(archive: &Archive<'_>, part: Option<&str>, budget: &Budget) -> Result<Self, SheetError> {
        let mut codes: HashMap<u32, String> = HashMap::new();
        let mut ids: Vec<u32> = Vec::new();
        let Some(part) = part else { return Ok(Self::default()) };
        let Some(unpacked) = archive.part(part, MAX_PART_BYTES, budget)? else { return Ok(Self::default()) };
        let mut xml = Xml::new(part, unpacked);
        let mut in_cell_styles = false;
        loop {
            match xml.next()? {
                Token::End => break,
                Token::Open(element) => match element.name() {
                    b"cellXfs" => in_cell_styles = true,
                    b"numFmt" if codes.len() < MAX_STYLES => {
                        let id = element.attribute(b"numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, element.attribute(b"formatCode")) {
                            codes.insert(id, code.chars().take(255).collect());
                        }
                    }
                    b"xf" if in_cell_styles && ids.len() < MAX_STYLES => {
                        ids.push(element.attribute(b"numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0));
                    }
                    _ => {}
                },
                Token::Close(closed) if closed.name() == b"cellXfs" => in_cell_styles = false,
                _ => {}
            }
        }
        Ok(Self::of(&codes, &ids))
    }

    fn of(codes: &HashMap<u32, String>, ids: &[u32]) -> Self {
        let mut known: HashMap<u32, u32> = HashMap::new();
        let mut styles = Self::default();
        for &id in ids {
            let place = *known.entry(id).or_insert_with(|| {
                styles.formats.push(codes.get(&id).map_or_else(|| built_in(id), |code| of_code(code)));
                (styles.formats.len() - 1) as u32
            });
            styles.styles.push(place);
        }
        styles
    }

    /// The format of the cell style at `index`.
    pub fn format(&self, index: usize) -> &NumberFormat {
        const GENERAL: &NumberFormat = &NumberFormat::General;
        self.styles.get(index).and_then(|&place| self.formats.get(place as usize)).unwrap_or(GENERAL)
    }
}

/// ISO 29500-1 §18.8.30, with the formats that Chinese editions add.
fn built_in(id: u32) -> NumberFormat {
    match id {
        9 => NumberFormat::Percent { decimals: 0 },
        10 => NumberFormat::Percent { decimals: 2 },
        14..=17 | 27..=31 | 36 | 50..=54 | 57..=58 => NumberFormat::Date,
        18..=21 | 32..=35 | 45..=47 | 55..=56 => NumberFormat::Time,
        22 => NumberFormat::DateTime,
        _ => NumberFormat::General,
    }
}

/// One symbol of a format code.
enum Symbol {
    Literal(char),
    Code(char),
}

/// The first section of a format code, its letters told apart from the text it shows.
fn symbols(code: &str) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            ';' => break,
            '"' => symbols.extend(characters.by_ref().take_while(|&c| c != '"').map(Symbol::Literal)),
            '\\' => symbols.extend(characters.next().map(Symbol::Literal)),
            // A space as wide as the next character, or that character repeated.
            '_' | '*' => {
                characters.next();
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|&c| c != ']').collect();
                // [h] counts hours beyond a day; colours, conditions and languages say nothing here.
                if !inside.is_empty() && inside.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    symbols.push(Symbol::Code('h'));
                }
            }
            _ if character.is_ascii() => symbols.push(Symbol::Code(character.to_ascii_lowercase())),
            _ => symbols.push(Symbol::Literal(character)),
        }
    }
    symbols
}

fn of_code(code: &str) -> NumberFormat {
    let symbols = symbols(code);
    let letters: String = symbols
        .iter()
        .filter_map(|symbol| match symbol {
            Symbol::Code(letter) => Some(*letter),
            Symbol::Literal(_) => None,
        })
        .collect();
    if letters.contains("general") || letters.contains('@') {
        return NumberFormat::General;
    }
    let letters = letters.replace("am/pm", "h").replace("a/p", "h");
    if letters.contains('%') {
        let decimals = letters.split_once('.').map_or(0, |(_, behind)| behind.chars().take_while(|c| matches!(c, '0' | '#')).count());
        return NumberFormat::Percent { decimals };
    }
    // E is the year of an era, unless it is the exponent of 0.00E+00.
    let year = letters.contains('y') || (letters.contains('e') && !letters.contains("e+") && !letters.contains("e-"));
    let clock = letters.contains('h') || letters.contains('s');
    let day = letters.contains('d');
    let month = letters.contains('m') && !clock;
    match (year || day || month, clock) {
        (true, true) => return NumberFormat::DateTime,
        (true, false) => return NumberFormat::Date,
        (false, true) => return NumberFormat::Time,
        (false, false) => {}
    }
    padded(&symbols).unwrap_or_default()
}

/// Formats such as `00000` and `"H"00000`, and nothing more elaborate.
fn padded(symbols: &[Symbol]) -> Option<NumberFormat> {
    let (mut before, mut digits, mut behind) = (String::new(), 0, String::new());
    for symbol in symbols {
        match symbol {
            Symbol::Code('0') if behind.is_empty() => digits += 1,
            Symbol::Literal(literal) if digits == 0 => before.push(*literal),
            Symbol::Literal(literal) => behind.push(*literal),
            Symbol::Code(_) => return None,
        }
    }
    (digits > 0).then_some(NumberFormat::Digits { before, digits, behind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_codes_tell_days_from_numbers() {
        for code in [
            "yyyy-mm-dd",
            "yyyy/m/d;@",
            "[$-804]yyyy\"年\"m\"月\"d\"日\";@",
            "yyyy年m月d日",
            "d-mmm-yy",
            "m/d",
            "[$-F800]dddd, mmmm dd, yyyy",
            "[DBNum1]e\"年\"m\"月\"",
        ] {
            assert_eq!(of_code(code), NumberFormat::Date, "{code}");
        }
        assert_eq!(of_code("yyyy-mm-dd hh:mm:ss"), NumberFormat::DateTime);
        for code in ["h:mm AM/PM", "[h]:mm:ss", "上午/下午h\"时\"mm\"分\"", "mm:ss.0"] {
            assert_eq!(of_code(code), NumberFormat::Time, "{code}");
        }
        for code in ["General", "G/通用格式", "@", "#,##0.00", "0.00E+00", "[Red]#,##0", "000-0000-0000", "0.0"] {
            assert_eq!(of_code(code), NumberFormat::General, "{code}");
        }
        assert_eq!(of_code("0.00%"), NumberFormat::Percent { decimals: 2 });
        assert_eq!(of_code("\"H\"00000"), NumberFormat::Digits { before: "H".to_owned(), digits: 5, behind: String::new() });
    }
}
