//! Finds the ends of JSON objects in a stream.

/// Finds the ends of JSON objects in a stream without delimiters, in chunks of any size.
///
/// It only counts braces outside strings. Parsing the object checks whether it is valid JSON.
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
    place: Place,
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

impl JsonBoundary {
    /// The state before any input.
    pub const NEW: Self = Self { depth: 0, place: Place::Outside };

    /// Whether the scanner is outside any object.
    pub fn is_between(&self) -> bool {
        self.depth == 0 && self.place == Place::Outside
    }

    /// Scans more bytes. Returns how many of them belong to the current object if it ends in them.
    ///
    /// An unmatched closing bracket also ends the object, so that invalid JSON is not waited for.
    pub fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match (self.place, byte) {
                (Place::Escape, _) => self.place = Place::String,
                (Place::String, b'\\') => self.place = Place::Escape,
                (Place::String, b'"') => self.place = Place::Outside,
                (Place::String, _) => {}
                (Place::Outside, b'"') => self.place = Place::String,
                (Place::Outside, b'{' | b'[') => self.depth = self.depth.saturating_add(1),
                (Place::Outside, b'}' | b']') => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at.saturating_add(1));
                    }
                }
                (Place::Outside, _) => {}
            }
        }
        None
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
}
