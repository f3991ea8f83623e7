//! Which characters a font's codes are.

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_16BE, WINDOWS_1252};

use super::objects::{Dictionary, File, Lexer, Value};

pub(super) struct Font {
    /// Bytes of a code, by `ToUnicode`.
    code_len: usize,
    characters: HashMap<u32, String>,
    /// Where there is no such table.
    encoding: Option<&'static Encoding>,
    differences: HashMap<u8, char>,
}

/// Codes that one font names.
const MAX_CODES: usize = 70_000;

impl Font {
    pub fn read(file: &File<'_>, font: &Dictionary) -> Self {
        let is_composite = file.get(font, b"Subtype") == Value::Name(b"Type0".to_vec());
        let mut read = Self {
            code_len: if is_composite { 2 } else { 1 },
            characters: HashMap::new(),
            encoding: (!is_composite).then_some(WINDOWS_1252),
            differences: HashMap::new(),
        };
        match file.get(font, b"Encoding") {
            Value::Name(name) if is_composite => read.encoding = of_cmap(&name),
            Value::Dictionary(encoding) => read.take_differences(&file.get(&encoding, b"Differences")),
            _ => {}
        }
        if let Some((_, cmap)) = font.get(&b"ToUnicode"[..]).and_then(|cmap| file.stream(cmap)) {
            read.take_cmap(&cmap);
        }
        read
    }

    /// ISO 32000-1 §9.6.6: a number, and names of the characters from it on.
    fn take_differences(&mut self, differences: &Value) {
        let Value::List(differences) = differences else { return };
        let mut code = 0u32;
        for value in differences {
            match value {
                Value::Number(number) => code = *number as u32,
                Value::Name(name) => {
                    if let (Ok(code), Some(character)) = (u8::try_from(code), character_of(name)) {
                        self.differences.insert(code, character);
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// ISO 32000-1 §9.10.3.
    fn take_cmap(&mut self, cmap: &[u8]) {
        let mut lexer = Lexer::new(cmap);
        let mut values: Vec<Value> = Vec::new();
        while let Some(value) = lexer.value() {
            let Value::Word(word) = &value else {
                if values.len() < MAX_CODES {
                    values.push(value);
                }
                continue;
            };
            match word.as_slice() {
                b"endcodespacerange" => {
                    if let Some(Value::Text(code)) = values.first()
                        && (1..=4).contains(&code.len())
                    {
                        self.code_len = code.len();
                    }
                }
                b"endbfchar" => {
                    for pair in values.chunks_exact(2) {
                        if let [Value::Text(code), Value::Text(text)] = pair {
                            self.add(number(code), utf_16(text));
                        }
                    }
                }
                b"endbfrange" => values.chunks_exact(3).for_each(|range| self.add_range(range)),
                _ => {}
            }
            values.clear();
        }
    }

    fn add_range(&mut self, range: &[Value]) {
        let [Value::Text(first), Value::Text(last), to] = range else { return };
        let (first, last) = (number(first), number(last));
        match to {
            Value::Text(text) => {
                let text = utf_16(text);
                let mut head: Vec<char> = text.chars().collect();
                let Some(tail) = head.pop() else { return };
                for code in first..=last.min(first.saturating_add(0xffff)) {
                    let Some(character) = char::from_u32(u32::from(tail).saturating_add(code - first)) else { break };
                    self.add(code, head.iter().copied().chain(std::iter::once(character)).collect());
                }
            }
            Value::List(texts) => {
                for (code, text) in (first..=last).zip(texts) {
                    if let Value::Text(text) = text {
                        self.add(code, utf_16(text));
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, code: u32, text: String) {
        if self.characters.len() < MAX_CODES {
            self.characters.insert(code, text);
        }
    }

    pub fn add_text(&self, codes: &[u8], all: &mut String) {
        if !self.characters.is_empty() {
            for code in codes.chunks(self.code_len) {
                if let Some(text) = self.characters.get(&number(code)) {
                    all.push_str(text);
                }
            }
        } else if !self.differences.is_empty() {
            for code in codes {
                match self.differences.get(code) {
                    Some(character) => all.push(*character),
                    None => all.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*code]).0),
                }
            }
        } else if let Some(encoding) = self.encoding {
            all.push_str(&encoding.decode_without_bom_handling(codes).0);
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn utf_16(bytes: &[u8]) -> String {
    UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()
}

/// The predefined tables of Chinese, Japanese and Korean (ISO 32000-1 §9.7.5.2), by the character set they begin from.
fn of_cmap(name: &[u8]) -> Option<&'static Encoding> {
    let name = std::str::from_utf8(name).ok()?;
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if name.contains("-UCS2-") || name.contains("-UTF16-") {
        Some(UTF_16BE)
    } else if begins(&["GB", "GBK", "GBpc"]) {
        Some(GB18030)
    } else if begins(&["B5pc", "ETen", "HKscs"]) {
        Some(BIG5)
    } else if name.contains("RKSJ") {
        Some(SHIFT_JIS)
    } else if begins(&["KSC"]) {
        Some(EUC_KR)
    } else {
        None
    }
}

/// The character that a glyph's name tells of itself.
fn character_of(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    if let Some(hex) = name.strip_prefix("uni").or_else(|| name.strip_prefix('u'))
        && (4..=6).contains(&hex.len())
        && let Some(character) = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
    {
        return Some(character);
    }
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(character);
    }
    Some(match name {
        "space" | "nbspace" => ' ',
        "zero" => '0',
        "one" => '1',
        "two" => '2',
        "three" => '3',
        "four" => '4',
        "five" => '5',
        "six" => '6',
        "seven" => '7',
        "eight" => '8',
        "nine" => '9',
        "period" => '.',
        "comma" => ',',
        "hyphen" => '-',
        "fi" => 'ﬁ',
        "fl" => 'ﬂ',
        _ => return None,
    })
}
