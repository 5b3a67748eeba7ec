//! Which field of what was read when something was wrong.

use super::Error;
use core::fmt;

/// Is told what is about to be read.
pub trait Trace {
    /// Next comes this field of this type; an empty name is the type as a whole.
    fn at(&mut self, record: &'static str, field: &'static str);
}

/// Tells nobody, at no cost.
impl Trace for () {
    #[inline(always)]
    fn at(&mut self, _: &'static str, _: &'static str) {}
}

/// A field of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Location {
    /// The type, or the method; empty where none was begun.
    pub record: &'static str,
    /// The field; empty for the start of the type.
    pub field: &'static str,
}

impl Trace for Location {
    fn at(&mut self, record: &'static str, field: &'static str) {
        *self = Self { record, field };
    }
}

/// What is wrong, where, and in which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Explained {
    /// What is wrong, and where.
    pub error: Error,
    /// The field.
    pub location: Location,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { record, field } = self.location;
        match (record, field) {
            ("", _) => self.error.fmt(f),
            (record, "") => write!(f, "{record}: {}", self.error),
            _ => write!(f, "`{field}` of {record}: {}", self.error),
        }
    }
}

impl core::error::Error for Explained {}
