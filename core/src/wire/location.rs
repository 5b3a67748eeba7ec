//! The field at which decoding failed.

use super::Error;
use core::fmt;

/// Receives the fields as they are decoded.
pub trait Trace {
    /// The field that is decoded next, and its type. An empty name is the type as a whole.
    fn at(&mut self, record: &'static str, field: &'static str);
}

/// Ignores the fields, at no cost.
impl Trace for () {
    #[inline(always)]
    fn at(&mut self, _: &'static str, _: &'static str) {}
}

/// A field of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Location {
    /// The type or method; empty before the first one.
    pub record: &'static str,
    /// The field; empty at the start of the type.
    pub field: &'static str,
}

impl Trace for Location {
    fn at(&mut self, record: &'static str, field: &'static str) {
        *self = Self { record, field };
    }
}

/// An error and the field at which it occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Explained {
    /// The error and its offset.
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
