//! Chaining setters for options.

/// Defines a setter for each field: `options.field(value)` sets it and returns the options.
macro_rules! setters {
    ($($(#[$meta:meta])* $field:ident: $Type:ty;)*) => {$(
        $(#[$meta])*
        #[must_use]
        pub fn $field(mut self, $field: $Type) -> Self {
            self.$field = $field;
            self
        }
    )*};
}

pub(super) use setters;
