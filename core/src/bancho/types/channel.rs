//! Channels.

use crate::bancho::forms::{S16, Str};
use crate::bancho::layout::{fields, layout};

fields! { __Channel =>
    /// A chat channel in the list of channels.
    struct Channel<'a> {
        /// The name, with its `#`.
        name: &'a str = "",
        /// The topic.
        topic: &'a str = "",
        /// The number of users in it, at most 32,767.
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
