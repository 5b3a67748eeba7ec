//! Chat.

use crate::bancho::change::ChangeKind;
use crate::bancho::dialect::{Dialect, Predicate};
use crate::bancho::forms::{Omitted, S32, Str};
use crate::bancho::layout::{Context, Form, Origin, fields, layout};
use crate::bancho::links;
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, parse, write_text, write_text_parts};

/// The main channel, and the only one before b320.
const OSU: &str = "#osu";

fields! { __Message =>
    /// A chat message.
    struct Message<'a> {
        /// The name of the sender. Clients leave it empty.
        sender: &'a str = "",
        /// The text. An action (`/me`) is `\x01ACTION …\x01` in every version.
        content: &'a str = "",
        /// A channel, whose name starts with `#`, or the name of a user.
        target: &'a str = OSU,
        /// The user id of the sender, from b20121225 on; −1 if unknown. Earlier builds only have the name.
        sender_id: i32 = -1,
    }
}

impl Message<'_> {
    /// Whether the target is a user instead of a channel.
    pub fn is_direct_message(&self) -> bool {
        !self.target.starts_with('#')
    }

    /// Clients do not send their own name before b320.
    #[inline(always)]
    fn names_sender<V: Dialect>(&self, cx: Context<V>) -> bool {
        cx.is_from_server() || cx.since(320)
    }

    /// A client's private message starts with its target before b320.
    #[inline(always)]
    fn is_private<V: Dialect>(&self, cx: Context<V>) -> bool {
        matches!(cx.origin, Origin::ClientPrivate)
    }
}

layout! {
    /// A [`Message`] on the wire.
    MessageLayout for Message<'a> {
        target => Omitted since 320, Str since 294 part is_private;
        sender => Str since 282 when names_sender;
        content => ChatText since 282;
        target => Str since 320, DirectMessageFlag since 294, ImplicitTarget since 282;
        sender_id => S32 since 20121225 protocol 15, NoSenderId since 282;
    }
}

/// A string; servers write links as `(text)[url]` where the version
/// [wants that](crate::bancho::Version::formats_chat_links).
#[derive(Clone, Copy, Debug)]
pub struct ChatText;

impl<'a> Form<'a, &'a str> for ChatText {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut &'a str,
    ) -> Result<(), Fault> {
        Str::read(r, cx, into)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &&'a str) -> Result<(), Full> {
        if cx.is_from_server() && cx.version.formats_chat_links() {
            return write_text_parts(out, links::to_legacy(value).pieces());
        }
        write_text(out, value)
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &&'a str) -> Option<&'static str> {
        let is_changed =
            cx.is_from_server() && cx.version.formats_chat_links() && !links::to_legacy(value).is_unchanged();
        if is_changed { Some("") } else { None }
    }

    fn visit_unrepresentable<V: Dialect>(
        cx: Context<V>,
        value: &&'a str,
        report: &mut dyn FnMut(&'static str, ChangeKind),
    ) {
        if let Some(field) = Self::first_unrepresentable(cx, value) {
            report(field, ChangeKind::Replaced);
        }
    }

    fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
        if origin.is_server() {
            visit(Predicate::FormatsChatLinks);
        }
    }
}

/// One byte instead of a target: whether the message is private. A client's public message omits it.
#[derive(Clone, Copy, Debug)]
pub struct DirectMessageFlag;

impl<'a> Form<'a, &'a str> for DirectMessageFlag {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut &'a str,
    ) -> Result<(), Fault> {
        let start = r.position();
        if !matches!(cx.origin, Origin::Client) {
            let is_direct = r.parse(parse::le_u8)? != 0;
            r.detail("is_direct_message", start, || Value::Bool(is_direct));
            if cx.is_from_server() {
                *into = if is_direct { "" } else { OSU };
            }
        }
        ImplicitTarget::read(r, cx, into)
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &&'a str) -> Result<(), Full> {
        match cx.origin {
            Origin::Client => Ok(()),
            _ => out.put_array([u8::from(!value.starts_with('#'))]),
        }
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &&'a str) -> Option<&'static str> {
        match cx.origin {
            Origin::Client => ImplicitTarget::first_unrepresentable(cx, value),
            _ if cx.is_from_server() && !value.is_empty() && *value != OSU => Some(""),
            _ => None,
        }
    }
}

/// No bytes: the message is for `#osu`.
#[derive(Clone, Copy, Debug)]
pub struct ImplicitTarget;

impl<'a> Form<'a, &'a str> for ImplicitTarget {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut &'a str,
    ) -> Result<(), Fault> {
        <Str as Form<&str>>::report_absent(r, cx, into);
        Ok(())
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &&'a str) -> Option<&'static str> {
        if *value == OSU { None } else { Some("") }
    }
}

/// No bytes: these versions identify the sender by name.
#[derive(Clone, Copy, Debug)]
pub struct NoSenderId;

impl<'a> Form<'a, i32> for NoSenderId {
    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &i32) -> Option<&'static str> {
        // Both mean that there is no user.
        if matches!(value, -1 | 0) { None } else { Some("") }
    }
}
