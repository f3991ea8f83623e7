//! What the content streams of a page show (ISO 32000-1 §9.4).

use std::collections::HashMap;
use std::rc::Rc;

use super::super::MAX_TEXT;
use super::fonts::Font;
use super::objects::{Dictionary, File, Lexer, Value};

/// Streams of one page, and forms within forms.
const MAX_STREAMS: usize = 100;
const MAX_FORMS: usize = 4;
/// Values before an operator.
const MAX_OPERANDS: usize = 1_000;
/// In thousandths of the type size: a step back in a shown text that is wider than this is a space.
const SPACE: f64 = -180.0;

pub(super) fn add_text(file: &File<'_>, page: &Dictionary, all: &mut String) {
    let mut content = Vec::new();
    let streams = match page.get(&b"Contents"[..]) {
        Some(Value::List(streams)) => streams.clone(),
        Some(one) => match file.resolve(one) {
            Value::List(streams) => streams,
            _ => vec![one.clone()],
        },
        None => return,
    };
    for stream in streams.iter().take(MAX_STREAMS) {
        if let Some((_, data)) = file.stream(stream) {
            content.extend_from_slice(&data);
            content.push(b'\n');
        }
    }
    let resources = file.dictionary(page, b"Resources").unwrap_or_default();
    show(file, &resources, &content, 0, all);
    end_line(all);
}

fn end_line(all: &mut String) {
    if !all.is_empty() && !all.ends_with('\n') {
        all.push('\n');
    }
}

fn show(file: &File<'_>, resources: &Dictionary, content: &[u8], depth: usize, all: &mut String) {
    let named = file.dictionary(resources, b"Font").unwrap_or_default();
    let mut fonts: HashMap<Vec<u8>, Option<Rc<Font>>> = HashMap::new();
    let mut font: Option<Rc<Font>> = None;
    let mut lexer = Lexer::new(content);
    let mut operands: Vec<Value> = Vec::new();
    while let Some(value) = lexer.value() {
        if all.len() >= MAX_TEXT {
            return;
        }
        let Value::Word(operator) = value else {
            if operands.len() < MAX_OPERANDS {
                operands.push(value);
            }
            continue;
        };
        match (operator.as_slice(), operands.as_slice()) {
            (b"Tf", [Value::Name(name), ..]) => {
                let read =
                    fonts.entry(name.clone()).or_insert_with(|| file.dictionary(&named, name).map(|font| Rc::new(Font::read(file, &font))));
                font = read.clone();
            }
            (b"Tj", [.., Value::Text(codes)]) => add(font.as_deref(), codes, all),
            (b"'" | b"\"", [.., Value::Text(codes)]) => {
                end_line(all);
                add(font.as_deref(), codes, all);
            }
            (b"TJ", [.., Value::List(parts)]) => {
                for part in parts {
                    match part {
                        Value::Text(codes) => add(font.as_deref(), codes, all),
                        Value::Number(step) if *step < SPACE && !all.ends_with(char::is_whitespace) => all.push(' '),
                        _ => {}
                    }
                }
            }
            (b"Td" | b"TD", [.., Value::Number(across), Value::Number(down)]) => {
                if *down != 0.0 {
                    end_line(all);
                } else if *across > 0.0 && !all.ends_with(char::is_whitespace) {
                    all.push(' ');
                }
            }
            (b"T*" | b"Tm" | b"ET", _) => end_line(all),
            (b"Do", [Value::Name(name)]) if depth < MAX_FORMS => {
                let forms = file.dictionary(resources, b"XObject").unwrap_or_default();
                if let Some(reference) = forms.get(name)
                    && let Value::Dictionary(form) = file.resolve(reference)
                    && file.get(&form, b"Subtype") == Value::Name(b"Form".to_vec())
                    && let Some((form, data)) = file.stream(reference)
                {
                    let own = file.dictionary(&form, b"Resources");
                    show(file, own.as_ref().unwrap_or(resources), &data, depth + 1, all);
                }
            }
            // A picture within the stream: its bytes are no values.
            (b"ID", _) => {
                let rest = content.get(lexer.at..).unwrap_or_default();
                lexer.at += memchr::memmem::find(rest, b"EI").map_or(rest.len(), |end| end + 2);
            }
            _ => {}
        }
        operands.clear();
    }
}

fn add(font: Option<&Font>, codes: &[u8], all: &mut String) {
    if let Some(font) = font {
        font.add_text(codes, all);
    }
}
