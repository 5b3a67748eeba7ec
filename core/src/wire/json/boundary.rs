//! Finds the ends of JSON objects in a stream.

/// Finds the ends of JSON objects in a stream without delimiters, in chunks of any size.
///
/// It only counts brackets outside strings. Parsing the object checks whether it is valid JSON. Malformed objects
/// end early, so that the objects after them are found: at a bracket that does not match, at a line feed inside a
/// string, and before an opening bracket that cannot belong to the object.
///
/// ```
/// use lobbywire_core::wire::JsonBoundary;
///
/// let mut boundary = JsonBoundary::default();
/// assert_eq!(boundary.find(br#" {"a": "}", "b"#), None);
/// assert_eq!(boundary.find(br#"": {}} {"#), Some(6), "the object ends after six more bytes");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonBoundary {
    depth: u32,
    /// The open brackets, innermost last: one bit each, set for an object. Deeper ones are forgotten.
    are_objects: u64,
    place: Place,
    before: Before,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Outside a string.
    #[default]
    Outside,
    String,
    /// After a backslash.
    Escape,
}

/// What precedes, apart from white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Before {
    /// Nothing, or something after which an array or object may start.
    #[default]
    MayOpen,
    /// Anything else.
    Other,
}

impl JsonBoundary {
    /// The state before any input.
    pub const NEW: Self = Self { depth: 0, are_objects: 0, place: Place::Outside, before: Before::MayOpen };

    /// Whether the scanner is outside any object.
    pub fn is_between(&self) -> bool {
        self.depth == 0 && self.place == Place::Outside
    }

    /// Scans more bytes. Returns how many of them belong to the current object if it ends in them or before them.
    pub fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = bytes.iter().enumerate().find_map(|(at, byte)| {
            let next = at.saturating_add(1);
            match (self.place, byte) {
                (Place::Escape | Place::String, b'\n') => return Some(next),
                (Place::Escape, _) => self.place = Place::String,
                (Place::String, b'\\') => self.place = Place::Escape,
                (Place::String, b'"') => self.place = Place::Outside,
                (Place::String, _) | (Place::Outside, b' ' | b'\t' | b'\n' | b'\r') => {}
                (Place::Outside, b'{' | b'[') if self.before == Before::Other => return Some(at),
                (Place::Outside, b'{' | b'[') => {
                    self.depth = self.depth.saturating_add(1);
                    self.are_objects = self.are_objects << 1 | u64::from(*byte == b'{');
                    self.before = if *byte == b'{' { Before::Other } else { Before::MayOpen };
                }
                (Place::Outside, b'}' | b']') => {
                    let is_match = self.depth > 64 || self.is_in_object() == (*byte == b'}');
                    self.depth = self.depth.saturating_sub(1);
                    self.are_objects >>= 1;
                    self.before = Before::Other;
                    if self.depth == 0 || !is_match {
                        return Some(next);
                    }
                }
                (Place::Outside, b':') => self.before = Before::MayOpen,
                (Place::Outside, b',') if !self.is_in_object() => self.before = Before::MayOpen,
                (Place::Outside, _) => {
                    self.before = Before::Other;
                    if *byte == b'"' {
                        self.place = Place::String;
                    }
                }
            }
            None
        });
        if end.is_some() {
            *self = Self::NEW;
        }
        end
    }

    fn is_in_object(&self) -> bool {
        self.are_objects & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_objects_do_not_depend_on_how_the_stream_is_split() {
        let text = br#"{"a":"\"}","b":[{},{"c":"\\"}]}"#;
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let mut boundary = JsonBoundary::default();
            assert_eq!(boundary.find(first), None);
            assert_eq!(boundary.find(second), Some(second.len()), "cut at {cut}");
            assert!(boundary.is_between());
        }
        assert_eq!(JsonBoundary::default().find(b"  }"), Some(3));
    }

    #[test]
    fn malformed_objects_do_not_hide_the_next_one() {
        let next = br#"{"jsonrpc":"2.0","params":[{"a":[1,{}]},["]"]]}"#;
        for (malformed, end) in [
            // Truncated anywhere; a text before the object.
            (&b"{"[..], 1),
            (b"{\n", 2),
            (b"{\"a\n", 4),
            (b"{\"a\\\n", 5),
            (b"{\"a\"\n", 5),
            (b"{\"a\":1,\n", 8),
            (b"{\"a\":[1\n", 8),
            (b"{\"a\":{}\n", 8),
            (b"garbage \"{\" ", 12),
            // Brackets that do not match.
            (b"{\"a\":[}", 7),
            (b"{\"a\":[{]", 8),
            (b"]", 1),
        ] {
            let stream = [malformed, next].concat();
            for cut in 0..stream.len() {
                let (first, second) = stream.split_at(cut);
                let mut boundary = JsonBoundary::default();
                let found = boundary.find(first).or_else(|| Some(boundary.find(second)? + cut));
                assert_eq!(found, Some(end), "{}, cut at {cut}", malformed.escape_ascii());
            }
            assert_eq!(JsonBoundary::default().find(&stream[end..]), Some(stream.len() - end));
        }
        // One that is truncated after a colon takes only the next object with it.
        let stream = [b"{\"a\":\n", &next[..], b"\n", next].concat();
        let mut boundary = JsonBoundary::default();
        let end = boundary.find(&stream).unwrap();
        assert_eq!(boundary.find(&stream[end..]), Some(next.len()));
    }
}
