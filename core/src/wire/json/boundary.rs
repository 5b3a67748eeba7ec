//! Where an object ends, in pieces.

/// Finds the end of JSON objects in a stream that has nothing else to tell them apart, byte by byte.
///
/// It only counts braces outside of strings; whether what is between them is JSON is seen when it is read.
///
/// ```
/// use lobbywire_core::wire::JsonBoundary;
///
/// let mut boundary = JsonBoundary::default();
/// assert_eq!(boundary.find(br#" {"a": "}", "b"#), None);
/// assert_eq!(boundary.find(br#"": {}} {"#), Some(6), "the object ends behind six more bytes");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonBoundary {
    depth: u32,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Outside of strings.
    #[default]
    Outside,
    String,
    /// Behind a backslash.
    Escape,
}

impl JsonBoundary {
    /// Nothing has come.
    pub const NEW: Self = Self { depth: 0, place: Place::Outside };

    /// Whether nothing is open: an object ended, or none has begun.
    pub fn is_between(&self) -> bool {
        self.depth == 0 && self.place == Place::Outside
    }

    /// Goes on with these bytes up to the end of an object: how many of them that takes; `None` where it
    /// does not end in them.
    ///
    /// A bracket that closes nothing ends there too, so that what can't be JSON is not waited for.
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
    fn objects_end_at_the_same_place_however_they_are_cut() {
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
