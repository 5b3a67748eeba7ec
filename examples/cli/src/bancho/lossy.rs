//! Text that is not UTF-8 in hexdumps.

use lobbywire::wire::{Observer, Value, read_uleb128};

/// Passes the fields of a payload on, with the invalid parts of their text as U+FFFD. Offsets stay those of the payload.
pub(super) struct Lossy<'p, O> {
    payload: &'p [u8],
    observer: O,
    /// Whether text was replaced.
    pub(super) is_replaced: bool,
}

impl<'p, O> Lossy<'p, O> {
    pub(super) fn new(payload: &'p [u8], observer: O) -> Self {
        Self { payload, observer, is_replaced: false }
    }

    /// The text of the string that is encoded from `start` to `end`.
    fn text_in(&self, start: usize, end: usize) -> Option<&'p [u8]> {
        let encoded = self.payload.get(start..end)?;
        let (len, prefix) = read_uleb128(encoded.get(1..)?).ok()?;
        encoded.get(1 + prefix..).filter(|text| text.len() == len as usize)
    }
}

impl<O: Observer> Observer for Lossy<'_, O> {
    const ACCEPTS_ANY_TEXT: bool = true;

    fn text(&mut self, start: usize, end: usize) {
        self.is_replaced |= self.text_in(start, end).is_some_and(|text| std::str::from_utf8(text).is_err());
    }

    fn value(&mut self, start: usize, end: usize, value: Value<'_>) {
        match (value, self.text_in(start, end)) {
            // Two fields may share a string; then the value is a part of it.
            (Value::Text(valid), Some(text))
                if text.utf8_chunks().next().is_some_and(|chunk| chunk.valid() == valid) =>
            {
                self.observer.value(start, end, Value::Text(&String::from_utf8_lossy(text)));
            }
            _ => self.observer.value(start, end, value),
        }
    }

    fn begin(&mut self, name: &'static str, at: usize) {
        self.observer.begin(name, at);
    }

    fn begin_element(&mut self, index: usize, at: usize) {
        self.observer.begin_element(index, at);
    }

    fn detail(&mut self, name: &'static str, start: usize, end: usize, value: Value<'_>) {
        self.observer.detail(name, start, end, value);
    }

    fn end(&mut self) {
        self.observer.end();
    }
}
