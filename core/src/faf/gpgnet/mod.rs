//! GPGNet: what the game hears from its adapter, and says to it.
//!
//! | bytes | what |
//! |---|---|
//! | 4, and so many | the command's name |
//! | 4 | how many arguments follow |
//! | 1 | an argument's type: 0 number, 1 text, 2 data |
//! | 4 | the number, `i32`; or 4, and so many bytes |
//!
//! All in little-endian. The same commands go between client and server as lobby messages, with `args` and the
//! target `game`: [`OverJson`].
//!
//! [`game`], [`adapter`] and [`server`] are the commands that each of them sends, with names for their arguments.

mod arg;
mod binary;
mod commands;
mod over_json;

pub use arg::{Arg, Args, Command, IntoArg, Number};
pub use binary::{Limits, Message, Messages, write};
pub use commands::{BadArgs, FromArgs, adapter, game, server};
pub use over_json::{OverJson, args_of};

/// Text of the game in which `/t` stands for a tab and `/n` for a line end, as some adapters replace them in
/// all that they read.
///
/// That can't be undone and spoils paths: `/maps/theta` is none any more. It is for those who have to do as
/// they do.
///
/// ```
/// let text = lobbywire_core::faf::gpgnet::without_escapes("a/tb/nc/d");
/// assert!(text.eq("a\tb\nc/d".chars()));
/// ```
pub fn without_escapes(text: &str) -> impl Iterator<Item = char> + Clone + '_ {
    let mut chars = text.chars().peekable();
    core::iter::from_fn(move || {
        let char = chars.next()?;
        let escaped = match (char, chars.peek()) {
            ('/', Some('t')) => '\t',
            ('/', Some('n')) => '\n',
            _ => return Some(char),
        };
        chars.next();
        Some(escaped)
    })
}
