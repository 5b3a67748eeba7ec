//! GPGNet: commands between the game, its adapter and the lobby server.
//!
//! | bytes | content |
//! |---|---|
//! | 4 + n | the command's name: length and bytes |
//! | 4 | number of arguments |
//! | 1 | type of an argument: 0 integer, 1 string, 2 data |
//! | 4, or 4 + n | the integer, `i32`; or length and bytes |
//!
//! All numbers are little-endian. Clients and the server exchange the same commands as lobby messages, with
//! `args` and the target `game`: [`OverJson`].
//!
//! [`game`], [`adapter`] and [`server`] contain a type for each command that these send.

mod arg;
mod binary;
mod commands;
mod over_json;

pub use arg::{Arg, Args, Command, IntoArg, Number};
pub use binary::{Limits, Message, Messages, write};
pub use commands::{DecodeError, FromArgs, adapter, game, server};
pub use over_json::{OverJson, args_of};

/// Replaces `/t` by a tab and `/n` by a line feed, as some adapters do in all text from the game.
///
/// The replacement is irreversible and breaks paths: `/maps/theta` contains `/t`. Use it only to match those
/// adapters.
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
