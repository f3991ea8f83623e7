//! Objects of a PDF file, and where they are.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::super::MAX_UNPACKED;

pub(super) type Dictionary = HashMap<Vec<u8>, Value>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Value>),
    Dictionary(Dictionary),
    Reference(u32),
    /// What a content stream does; and `true` and `false`.
    Word(Vec<u8>),
}

/// Objects of one file, and arrays within arrays.
const MAX_OBJECTS: usize = 200_000;
const MAX_DEPTH: usize = 20;
/// Bytes that are looked at for one file, all repetitions counted.
const MAX_EFFORT: usize = 256 << 20;
/// References that lead to references.
const MAX_STEPS: usize = 8;
/// Ancestors of a page.
const MAX_ANCESTORS: usize = 16;

enum Place {
    /// Behind `obj`.
    At(usize),
    /// In the unpacked stream of this number.
    In(usize, usize),
}

pub(super) struct File<'a> {
    bytes: &'a [u8],
    places: HashMap<u32, Place>,
    unpacked: Vec<Vec<u8>>,
    /// Bytes that may still be unpacked.
    left: Cell<usize>,
    /// Bytes that may still be looked at: an object that is used a thousand times is read as often.
    effort: Cell<usize>,
}

impl<'a> File<'a> {
    /// `None` for encrypted files.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        if memchr::memmem::find(bytes, b"/Encrypt").is_some() {
            return None;
        }
        let mut file =
            Self { bytes, places: HashMap::new(), unpacked: Vec::new(), left: Cell::new(MAX_UNPACKED), effort: Cell::new(MAX_EFFORT) };
        for at in memchr::memmem::find_iter(bytes, b" obj").take(MAX_OBJECTS) {
            if let Some(number) = number_before(bytes, at) {
                // Of several the last holds: files are changed by writing more at their end.
                file.places.insert(number, Place::At(at + 4));
            }
        }
        file.open_streams();
        Some(file)
    }

    pub fn is_spent(&self) -> bool {
        self.left.get() == 0 || self.effort.get() == 0
    }

    /// Streams that hold further objects (ISO 32000-1 §7.5.7).
    fn open_streams(&mut self) {
        let mut numbers: Vec<u32> = self.places.keys().copied().collect();
        numbers.sort_unstable();
        for number in numbers {
            let Some(Place::At(at)) = self.places.get(&number) else { continue };
            // Cheaper than to read all objects.
            let head = &self.bytes[*at..self.bytes.len().min(at + 400)];
            if memchr::memmem::find(head, b"/ObjStm").is_none() {
                continue;
            }
            let Some((dictionary, data)) = self.stream_of(number) else { continue };
            let (Some(count), Some(first)) =
                (dictionary.get(&b"N"[..]).and_then(Value::index), dictionary.get(&b"First"[..]).and_then(Value::index))
            else {
                continue;
            };
            let mut lexer = Lexer::new(&data);
            let mut found = Vec::new();
            for _ in 0..count.min(MAX_OBJECTS.saturating_sub(self.places.len())) {
                let (Some(Value::Number(number)), Some(Value::Number(offset))) = (lexer.value(), lexer.value()) else { break };
                found.push((number as u32, first.saturating_add(offset as usize)));
            }
            let stream = self.unpacked.len();
            for (number, offset) in found {
                self.places.entry(number).or_insert(Place::In(stream, offset));
            }
            self.unpacked.push(data);
        }
    }

    fn read(&self, number: u32) -> Option<(Value, Option<usize>)> {
        let (bytes, at) = match self.places.get(&number)? {
            Place::At(at) => (self.bytes.get(*at..)?, Some(*at)),
            Place::In(stream, offset) => (self.unpacked.get(*stream)?.get(*offset..)?, None),
        };
        let mut lexer = Lexer::new(&bytes[..bytes.len().min(self.effort.get())]);
        let value = lexer.value();
        self.spend(lexer.at + 50);
        Some((value?, at.map(|at| at + lexer.at)))
    }

    fn spend(&self, bytes: usize) {
        self.effort.set(self.effort.get().saturating_sub(bytes));
    }

    /// The value itself, or what it refers to.
    pub fn resolve(&self, value: &Value) -> Value {
        let mut value = value.clone();
        for _ in 0..MAX_STEPS {
            let Value::Reference(number) = value else { return value };
            value = self.read(number).map_or(Value::Null, |(value, _)| value);
        }
        Value::Null
    }

    pub fn get(&self, dictionary: &Dictionary, name: &[u8]) -> Value {
        dictionary.get(name).map_or(Value::Null, |value| self.resolve(value))
    }

    pub fn dictionary(&self, dictionary: &Dictionary, name: &[u8]) -> Option<Dictionary> {
        match self.get(dictionary, name) {
            Value::Dictionary(found) => Some(found),
            _ => None,
        }
    }

    /// The dictionary and the unpacked bytes of a stream.
    pub fn stream(&self, value: &Value) -> Option<(Dictionary, Vec<u8>)> {
        let Value::Reference(number) = value else { return None };
        self.stream_of(*number)
    }

    fn stream_of(&self, number: u32) -> Option<(Dictionary, Vec<u8>)> {
        let (Value::Dictionary(dictionary), Some(end)) = self.read(number)? else { return None };
        let rest = self.bytes.get(end..)?;
        let after = rest.trim_ascii_start().strip_prefix(b"stream")?;
        let body = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
        let said = dictionary.get(&b"Length"[..]).map(|length| self.resolve(length)).and_then(|length| length.index());
        let length = said.filter(|length| body.get(*length..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"endstream")));
        let body = &body[..body.len().min(self.effort.get())];
        let length = length.filter(|length| *length <= body.len()).or_else(|| {
            let end = memchr::memmem::find(body, b"endstream");
            self.spend(end.unwrap_or(body.len()));
            end
        })?;
        self.spend(length);
        let data = self.unpack(&dictionary, &body[..length]);
        Some((dictionary, data))
    }

    fn unpack(&self, dictionary: &Dictionary, data: &[u8]) -> Vec<u8> {
        let filters = match self.get(dictionary, b"Filter") {
            Value::List(filters) => filters,
            Value::Null => Vec::new(),
            filter => vec![filter],
        };
        let mut data = data.to_vec();
        for filter in filters.iter().take(4) {
            data = match self.resolve(filter) {
                Value::Name(name) if name == b"FlateDecode" || name == b"Fl" => {
                    let mut unpacked = Vec::new();
                    // What came before a defect is kept.
                    let _ = ZlibDecoder::new(&data[..]).take(self.left.get() as u64).read_to_end(&mut unpacked);
                    unpacked
                }
                Value::Name(name) if name == b"ASCIIHexDecode" || name == b"AHx" => hex(&data),
                // Pictures, mostly.
                _ => Vec::new(),
            };
        }
        data.truncate(self.left.get());
        self.left.set(self.left.get() - data.len());
        data
    }

    /// Pages with what they inherit, in the order of their objects' numbers, which is nearly always that of the pages.
    pub fn pages(&self) -> Vec<Value> {
        let mut numbers: Vec<u32> = self.places.keys().copied().collect();
        numbers.sort_unstable();
        let mut pages = Vec::new();
        for number in numbers {
            let Some((Value::Dictionary(mut page), _)) = self.read(number) else { continue };
            if self.get(&page, b"Type") != Value::Name(b"Page".to_vec()) {
                continue;
            }
            let mut parent = self.dictionary(&page, b"Parent");
            for _ in 0..MAX_ANCESTORS {
                if page.contains_key(&b"Resources"[..]) {
                    break;
                }
                let Some(of) = parent else { break };
                if let Some(resources) = of.get(&b"Resources"[..]) {
                    page.insert(b"Resources".to_vec(), resources.clone());
                }
                parent = self.dictionary(&of, b"Parent");
            }
            pages.push(Value::Dictionary(page));
        }
        pages
    }
}

impl Value {
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::Number(number) if *number >= 0.0 && *number < 1e9 => Some(*number as usize),
            _ => None,
        }
    }
}

/// The number of the object whose `obj` stands behind the space at `at`, before which a generation stands.
fn number_before(bytes: &[u8], at: usize) -> Option<u32> {
    let from = at.saturating_sub(20);
    let text = std::str::from_utf8(bytes.get(from..at)?).ok()?;
    let mut words = text.rsplit(|character: char| character.is_ascii_whitespace()).filter(|word| !word.is_empty());
    words.next()?.parse::<u32>().ok()?;
    let word = words.next()?;
    let digits = word.trim_start_matches(|character: char| !character.is_ascii_digit());
    digits.parse().ok()
}

pub(super) fn hex(digits: &[u8]) -> Vec<u8> {
    let mut nibbles: Vec<u8> = digits
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    if nibbles.len() % 2 == 1 {
        nibbles.push(0);
    }
    nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Cuts bytes into values.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// `None` at the end, and where nothing can be made of the rest.
    pub fn value(&mut self) -> Option<Value> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        let rest = self.bytes.get(self.at..)?;
        match *rest.first()? {
            b'/' => Some(self.name()),
            b'(' => Some(self.text()),
            b'<' if rest.get(1) == Some(&b'<') => {
                self.at += 2;
                self.dictionary(depth)
            }
            b'<' => {
                let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                self.at += (end + 1).min(rest.len());
                Some(Value::Text(hex(&rest[1..end.max(1)])))
            }
            b'[' if depth < MAX_DEPTH => {
                self.at += 1;
                let mut list = Vec::new();
                while let Some(value) = self.nested(depth + 1) {
                    match value {
                        Value::Word(word) if word == b"]" => return Some(Value::List(list)),
                        value => self.push(&mut list, value),
                    }
                }
                Some(Value::List(list))
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => Some(self.number()),
            b'[' | b']' | b'{' | b'}' | b')' => {
                self.at += 1;
                Some(Value::Word(rest[..1].to_vec()))
            }
            b'>' => {
                let length = if rest.get(1) == Some(&b'>') { 2 } else { 1 };
                self.at += length;
                Some(Value::Word(rest[..length].to_vec()))
            }
            _ => {
                let end = rest.iter().position(|byte| is_delimiter(*byte)).unwrap_or(rest.len()).max(1);
                self.at += end;
                Some(Value::Word(rest[..end].to_vec()))
            }
        }
    }

    /// `12 0 R` is one value.
    fn push(&self, list: &mut Vec<Value>, value: Value) {
        if value == Value::Word(b"R".to_vec())
            && let [.., Value::Number(number), Value::Number(_)] = list[..]
        {
            list.truncate(list.len() - 2);
            list.push(Value::Reference(number as u32));
        } else {
            list.push(value);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let mut values = Vec::new();
        while let Some(value) = self.nested(depth + 1) {
            if value == Value::Word(b">>".to_vec()) {
                break;
            }
            self.push(&mut values, value);
        }
        let mut dictionary = Dictionary::new();
        let mut values = values.into_iter().peekable();
        while let Some(value) = values.next() {
            if let Value::Name(name) = value
                && let Some(value) = values.next()
            {
                dictionary.insert(name, value);
            }
        }
        Some(Value::Dictionary(dictionary))
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'%' => self.at += memchr::memchr2(b'\n', b'\r', &self.bytes[self.at..]).unwrap_or(self.bytes.len() - self.at),
                b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b'\0' => self.at += 1,
                _ => return,
            }
        }
    }

    fn name(&mut self) -> Value {
        let rest = &self.bytes[self.at + 1..];
        let end = rest.iter().position(|byte| is_delimiter(*byte)).unwrap_or(rest.len());
        self.at += 1 + end;
        Value::Name(rest[..end].to_vec())
    }

    fn number(&mut self) -> Value {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.')).unwrap_or(rest.len()).max(1);
        self.at += end;
        let text = std::str::from_utf8(&rest[..end]).unwrap_or_default();
        Value::Number(text.parse().unwrap_or(0.0))
    }

    fn text(&mut self) -> Value {
        let mut text = Vec::new();
        let mut open = 1;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => break,
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        Value::Text(text)
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(&byte) = self.bytes.get(self.at) else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' | b'f' => {}
            b'\r' if self.bytes.get(self.at) == Some(&b'\n') => self.at += 1,
            b'\r' | b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.bytes.get(self.at) {
                        Some(digit @ b'0'..=b'7') => code = code * 8 + u32::from(digit - b'0'),
                        _ => break,
                    }
                    self.at += 1;
                }
                text.push(code as u8);
            }
            byte => text.push(byte),
        }
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b'\0' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
