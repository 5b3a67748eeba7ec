//! Filling packets by the names of their fields, from JSON or anything else that has names.

/// Somewhere values come from: the value at one place of a document.
///
/// Everything is asked for by the type that is wanted. A source that keeps lists in memory of its
/// own (an arena, a static table) hands out borrowed slices, so that filling allocates nothing here.
pub trait Source<'a>: Sized {
    /// What a source says when a value is not of the type that is wanted.
    type Error;

    /// A whole number; `min` and `max` are what the field can hold, and a source brings numbers
    /// beyond them to the nearest.
    fn number(&mut self, min: i128, max: i128) -> Result<i128, Self::Error>;

    /// A number with a fraction.
    fn float(&mut self) -> Result<f64, Self::Error>;

    /// A yes or no.
    fn boolean(&mut self) -> Result<bool, Self::Error>;

    /// Text.
    fn text(&mut self) -> Result<&'a str, Self::Error>;

    /// Bytes without a known meaning.
    fn bytes(&mut self) -> Result<&'a [u8], Self::Error>;

    /// Whether there is nothing here.
    fn is_null(&mut self) -> bool;

    /// Fills `into` from the field of this name, or leaves it as it is where there is none.
    fn field<T: Fill<'a>>(&mut self, name: &'static str, into: &mut T) -> Result<(), Self::Error>;

    /// A list, each element filled over its default.
    fn list<T: Fill<'a> + Copy + Default>(&mut self) -> Result<&'a [T], Self::Error>;
}

/// A value that a [`Source`] can fill.
pub trait Fill<'a> {
    /// Takes from `source` what it has, and leaves the rest as it is.
    ///
    /// # Errors
    /// What the source says where a value is not of this type.
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error>;
}

impl<'a> Fill<'a> for bool {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = source.boolean()?;
        Ok(())
    }
}

impl<'a> Fill<'a> for &'a str {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = source.text()?;
        Ok(())
    }
}

impl<'a> Fill<'a> for &'a [u8] {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = source.bytes()?;
        Ok(())
    }
}

impl<'a> Fill<'a> for () {
    fn fill<S: Source<'a>>(&mut self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<'a> Fill<'a> for f64 {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = source.float()?;
        Ok(())
    }
}

impl<'a> Fill<'a> for f32 {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = crate::wire::narrow_float(source.float()?);
        Ok(())
    }
}

impl<'a, T: Fill<'a> + Default> Fill<'a> for Option<T> {
    fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = None;
        if !source.is_null() {
            self.insert(T::default()).fill(source)?;
        }
        Ok(())
    }
}

macro_rules! fill_numbers {
    ($($Number:ty),+) => {$(
        impl<'a> Fill<'a> for $Number {
            fn fill<S: Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
                let number = source.number(i128::from(<$Number>::MIN), i128::from(<$Number>::MAX))?;
                if let Ok(number) = <$Number>::try_from(number) {
                    *self = number;
                }
                Ok(())
            }
        }
    )+};
}

fill_numbers!(u8, i8, u16, i16, u32, i32, u64, i64);
