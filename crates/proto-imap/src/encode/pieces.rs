//! A command while it is put together, and the words and strings it consists of.

use super::commands::ClientOptions;
use super::tokens;

/// A command under way.
pub(super) struct Pieces {
    done: Vec<Vec<u8>>,
    pub octets: Vec<u8>,
    pub options: ClientOptions,
}

impl Pieces {
    pub fn new(options: ClientOptions) -> Self {
        Self { done: Vec::new(), octets: Vec::new(), options }
    }

    /// All of it, cut where the client waits for `+`.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        self.done.push(self.octets);
        self.done
    }

    pub fn text(&mut self, text: &str) {
        self.octets.extend_from_slice(text.as_bytes());
    }

    pub fn number(&mut self, number: u64) {
        tokens::number(&mut self.octets, number);
    }

    pub fn string(&mut self, octets: &[u8]) {
        if tokens::fits_quotes(octets, self.options.utf8) { tokens::quoted(&mut self.octets, octets) } else { self.literal(octets) }
    }

    pub fn astring(&mut self, octets: &[u8]) {
        if tokens::is_astring_atom(octets) { self.octets.extend_from_slice(octets) } else { self.string(octets) }
    }

    pub fn mailbox(&mut self, name: &str) {
        let encoded = self.name(name);
        self.astring(&encoded);
    }

    /// A name or pattern in the session's encoding.
    pub fn name(&self, name: &str) -> Vec<u8> {
        if self.options.utf8 {
            return name.as_bytes().to_vec();
        }
        let mut encoded = Vec::new();
        crate::utf7::encode(name, &mut encoded);
        encoded
    }

    pub fn literal(&mut self, octets: &[u8]) {
        self.octets.push(b'{');
        self.number(octets.len() as u64);
        self.text(if self.options.literal_plus { "+}\r\n" } else { "}\r\n" });
        if !self.options.literal_plus {
            self.done.push(std::mem::take(&mut self.octets));
        }
        self.octets.extend_from_slice(octets);
    }

    pub fn spaced<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Self, T)) {
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                self.octets.push(b' ');
            }
            item(self, value);
        }
    }

    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, item: impl FnMut(&mut Self, T)) {
        self.octets.push(b'(');
        self.spaced(items, item);
        self.octets.push(b')');
    }
}

/// The words whose condition holds.
pub(super) fn chosen<const N: usize>(words: [(bool, &'static str); N]) -> impl Iterator<Item = &'static str> {
    words.into_iter().filter(|(chosen, _)| *chosen).map(|(_, word)| word)
}
