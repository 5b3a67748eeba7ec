//! Where in a packet a value stands.

use std::fmt;

/// One step of the way from a packet to a value.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// A field; dots in the name separate the names of nested structures.
    Field(&'static str),
    /// An element of a list; a list's elements come in order.
    Element(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Element(index) => index.fmt(f),
        }
    }
}
