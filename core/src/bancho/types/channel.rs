//! Channels.

use crate::bancho::forms::{S16, Str};
use crate::bancho::layout::{fields, layout};

fields! {
    /// A chat channel in the list of channels.
    struct Channel<'a> {
        /// The name, with its `#`.
        name: &'a str = "",
        /// What it is about.
        topic: &'a str = "",
        /// How many users are in it, up to 32,767.
        user_count: i32 = 0,
    }
}

layout! {
    /// A [`Channel`] on the wire.
    ChannelLayout for Channel<'a> {
        name => Str since 349;
        topic => Str since 20120725 protocol 9;
        user_count => S16 since 20120725 protocol 9;
    }
}
