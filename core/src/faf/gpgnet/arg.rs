//! Arguments of commands.

use super::binary::BinaryArgs;
use crate::wire::Json;

/// An argument of a command.
///
/// The binary form supports [`Int`](Self::Int), [`Text`](Self::Text), [`Data`](Self::Data) and
/// [`Bool`](Self::Bool). The other variants occur only in JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// An integer; an `i32` in the binary form.
    Int(i64),
    /// A string.
    Text(&'a str),
    /// A string that is not valid UTF-8: the game does not check what players type. Only the lenient mode accepts it.
    /// [`chars`](Self::chars) decodes it.
    RawText(&'a [u8]),
    /// Raw bytes. The game accepts them, but no adapter sends them.
    Data(&'a [u8]),
    /// A boolean; 1 or 0 in the binary form, as the game itself writes it.
    Bool(bool),
    /// A floating-point number.
    Float(f64),
    /// Any other JSON value: `null`, an array, an object, an integer beyond 64 bits.
    Json(Json<'a>),
}

impl<'a> Arg<'a> {
    /// The characters of a string; `None` for other arguments. Each invalid sequence becomes U+FFFD.
    ///
    /// ```
    /// use lobbywire_core::faf::gpgnet::Arg;
    ///
    /// assert!(Arg::RawText(b"caf\xe9").chars().unwrap().eq("caf\u{fffd}".chars()));
    /// ```
    pub fn chars(&self) -> Option<impl Iterator<Item = char> + Clone + use<'a>> {
        match self {
            Self::Text(text) => Some(chars_lossy(text.as_bytes())),
            Self::RawText(text) => Some(chars_lossy(text)),
            _ => None,
        }
    }

    /// The variant's description, for error messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Int(_) => "an integer",
            Self::Text(_) => "a string",
            Self::RawText(_) => "a string that is not UTF-8",
            Self::Data(_) => "data",
            Self::Bool(_) => "a boolean",
            Self::Float(_) => "a float",
            Self::Json(_) => "JSON",
        }
    }
}

/// Decodes UTF-8. Each invalid sequence becomes U+FFFD.
pub(super) fn chars_lossy(text: &[u8]) -> impl Iterator<Item = char> + Clone + use<'_> {
    bstr::ByteSlice::chars(text)
}

/// A type that arguments can be converted from and to.
pub trait IntoArg<'a>: Sized {
    /// The expected type, for error messages and documentation.
    const EXPECTED: &'static str;

    /// Converts an argument; `None` if it has another type.
    fn from_arg(arg: Arg<'a>) -> Option<Self>;

    /// Converts the value to an argument.
    fn into_arg(self) -> Arg<'a>;
}

impl<'a> IntoArg<'a> for Arg<'a> {
    const EXPECTED: &'static str = "any value";

    fn from_arg(arg: Self) -> Option<Self> {
        Some(arg)
    }

    fn into_arg(self) -> Self {
        self
    }
}

impl<'a> IntoArg<'a> for &'a str {
    const EXPECTED: &'static str = "a string";

    fn from_arg(arg: Arg<'a>) -> Option<Self> {
        match arg {
            Arg::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_arg(self) -> Arg<'a> {
        Arg::Text(self)
    }
}

impl<'a> IntoArg<'a> for &'a [u8] {
    const EXPECTED: &'static str = "data";

    fn from_arg(arg: Arg<'a>) -> Option<Self> {
        match arg {
            Arg::Data(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn into_arg(self) -> Arg<'a> {
        Arg::Data(self)
    }
}

impl<'a> IntoArg<'a> for i64 {
    const EXPECTED: &'static str = "an integer";

    fn from_arg(arg: Arg<'a>) -> Option<Self> {
        match arg {
            Arg::Int(number) => Some(number),
            _ => None,
        }
    }

    fn into_arg(self) -> Arg<'a> {
        Arg::Int(self)
    }
}

impl<'a> IntoArg<'a> for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_arg(arg: Arg<'a>) -> Option<Self> {
        match arg {
            Arg::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn into_arg(self) -> Arg<'a> {
        Arg::Bool(self)
    }
}

/// An integer, or a string of its digits. The server accepts either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number<'a> {
    /// An integer.
    Int(i64),
    /// A string, which should contain an integer.
    Text(&'a str),
}

impl Number<'_> {
    /// The integer; `None` if the string does not contain one.
    pub fn get(self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(number),
            Self::Text(text) => text.trim_ascii().parse().ok(),
        }
    }
}

impl From<i64> for Number<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'a> IntoArg<'a> for Number<'a> {
    const EXPECTED: &'static str = "an integer";

    fn from_arg(arg: Arg<'a>) -> Option<Self> {
        match arg {
            Arg::Int(number) => Some(Self::Int(number)),
            Arg::Text(text) => Some(Self::Text(text)),
            _ => None,
        }
    }

    fn into_arg(self) -> Arg<'a> {
        match self {
            Self::Int(number) => Arg::Int(number),
            Self::Text(text) => Arg::Text(text),
        }
    }
}

/// An iterator over the arguments of a command: those of a [`Message`](super::Message), or a slice.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a>(Source<'a>);

#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Binary(BinaryArgs<'a>),
    Slice(&'a [Arg<'a>]),
}

impl<'a> Args<'a> {
    /// No arguments.
    pub const NONE: Self = Self(Source::Slice(&[]));

    pub(super) const fn binary(args: BinaryArgs<'a>) -> Self {
        Self(Source::Binary(args))
    }
}

impl<'a> From<&'a [Arg<'a>]> for Args<'a> {
    fn from(args: &'a [Arg<'a>]) -> Self {
        Self(Source::Slice(args))
    }
}

impl<'a> Iterator for Args<'a> {
    type Item = Arg<'a>;

    fn next(&mut self) -> Option<Arg<'a>> {
        match &mut self.0 {
            Source::Binary(args) => args.next(),
            Source::Slice(args) => {
                let (first, rest) = args.split_first()?;
                *args = rest;
                Some(*first)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.0 {
            Source::Binary(args) => args.len(),
            Source::Slice(args) => args.len(),
        };
        (len, Some(len))
    }
}

impl ExactSizeIterator for Args<'_> {}

/// Compares the arguments, whatever their source.
impl PartialEq for Args<'_> {
    fn eq(&self, other: &Self) -> bool {
        (*self).eq(*other)
    }
}

/// A command that can be encoded.
pub trait Command {
    /// The command's name.
    fn command(&self) -> &str;

    /// Calls `take` with each argument, in order.
    ///
    /// # Errors
    /// The error of `take`.
    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E>;
}

impl<C: Command> Command for &C {
    fn command(&self) -> &str {
        (**self).command()
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        (**self).each_arg(take)
    }
}

/// A command's name and arguments.
impl Command for (&str, &[Arg<'_>]) {
    fn command(&self) -> &str {
        self.0
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        self.1.iter().try_for_each(|arg| take(*arg))
    }
}
