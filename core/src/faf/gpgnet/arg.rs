//! What commands take.

use super::binary::BinaryArgs;
use crate::wire::Json;

/// An argument of a command.
///
/// The binary wire has [`Int`](Self::Int), [`Text`](Self::Text) and [`Data`](Self::Data); the other kinds
/// come from JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// A whole number; on the binary wire an `i32`.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Text that is not UTF-8, which only the lenient mode reads.
    RawText(&'a [u8]),
    /// Bytes, which no adapter sends but that the game knows.
    Data(&'a [u8]),
    /// A yes or no; on the binary wire the number 1 or 0, as the game itself writes it.
    Bool(bool),
    /// A number with a fraction.
    Float(f64),
    /// Anything else that JSON has: `null`, an array, an object, a whole number beyond 64 bits.
    Json(Json<'a>),
}

impl Arg<'_> {
    /// The kind of it, for error messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Int(_) => "a number",
            Self::Text(_) => "text",
            Self::RawText(_) => "text that is not UTF-8",
            Self::Data(_) => "data",
            Self::Bool(_) => "yes or no",
            Self::Float(_) => "a number with a fraction",
            Self::Json(_) => "JSON",
        }
    }
}

/// A type that arguments are read as and made of.
pub trait IntoArg<'a>: Sized {
    /// What is expected, for error messages and documentation.
    const EXPECTED: &'static str;

    /// The argument as this type, if it is of it.
    fn from_arg(arg: Arg<'a>) -> Option<Self>;

    /// It as an argument.
    fn into_arg(self) -> Arg<'a>;
}

impl<'a> IntoArg<'a> for Arg<'a> {
    const EXPECTED: &'static str = "anything";

    fn from_arg(arg: Self) -> Option<Self> {
        Some(arg)
    }

    fn into_arg(self) -> Self {
        self
    }
}

impl<'a> IntoArg<'a> for &'a str {
    const EXPECTED: &'static str = "text";

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
    const EXPECTED: &'static str = "a number";

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
    const EXPECTED: &'static str = "yes or no";

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

/// A number that some say in digits: the server takes either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number<'a> {
    /// A number.
    Int(i64),
    /// Text that is to be a number.
    Text(&'a str),
}

impl Number<'_> {
    /// The number, where the text is one.
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
    const EXPECTED: &'static str = "a number";

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

/// The arguments of a command, in order: those of a [`Message`](super::Message), or a slice of them.
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

/// The same arguments, wherever they are.
impl PartialEq for Args<'_> {
    fn eq(&self, other: &Self) -> bool {
        (*self).eq(*other)
    }
}

/// A command with its arguments, to be written.
pub trait Command {
    /// The command's name.
    fn command(&self) -> &str;

    /// Gives the arguments, in order.
    ///
    /// # Errors
    /// Those of `take`.
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

/// A command by its name, whatever it takes.
impl Command for (&str, &[Arg<'_>]) {
    fn command(&self) -> &str {
        self.0
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        self.1.iter().try_for_each(|arg| take(*arg))
    }
}
