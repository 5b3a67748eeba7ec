//! Reports of what a version cannot represent.

use core::fmt;

/// How the content of a packet changes because a version cannot represent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ChangeKind {
    /// The version has no such packet or field.
    Dropped,
    /// Another packet or value is sent instead.
    Replaced,
    /// The value is changed to one that the version can represent: numbers saturate, flags are masked, and
    /// lists are truncated.
    Narrowed,
}

impl ChangeKind {
    /// Returns `dropped`, `replaced` or `narrowed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Replaced => "replaced",
            Self::Narrowed => "narrowed",
        }
    }
}

/// A packet or field that a version cannot represent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Change {
    /// How the packet or field changes.
    pub kind: ChangeKind,
    /// The packet's name in chio.
    pub packet: &'static str,
    /// The field; `""` if the packet is a single value, and `None` if the packet as a whole changes.
    pub field: Option<&'static str>,
}

impl Change {
    /// Creates a report.
    pub const fn new(kind: ChangeKind, packet: &'static str, field: Option<&'static str>) -> Self {
        Self { kind, packet, field }
    }

    /// Creates the report of a dropped packet or field.
    pub const fn dropped(packet: &'static str, field: Option<&'static str>) -> Self {
        Self::new(ChangeKind::Dropped, packet, field)
    }

    /// Creates the report of a packet or value that is replaced by another.
    pub const fn replaced(packet: &'static str, field: Option<&'static str>) -> Self {
        Self::new(ChangeKind::Replaced, packet, field)
    }

    /// Creates the report of a narrowed value.
    pub const fn narrowed(packet: &'static str, field: &'static str) -> Self {
        Self::new(ChangeKind::Narrowed, packet, Some(field))
    }
}

impl fmt::Display for Change {
    /// Writes the location of the change, such as `topic of BanchoChannelAvailable`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            None => f.write_str(self.packet),
            Some("") => write!(f, "the value of {}", self.packet),
            Some(field) => write!(f, "{field} of {}", self.packet),
        }
    }
}
