//! The image in the main menu, and renamed IRC users: two strings that are encoded as one.

use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{Omitted, Str};
use crate::bancho::layout::{Context, PairForm, fields, layout};
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, split_once, write_text_parts};

fields! { __TitleUpdate =>
    /// The image in the main menu.
    struct TitleUpdate<'a> {
        /// The URL of the image. Clients before b1820 only learn that it has changed.
        image_url: &'a str = "",
        /// The URL that a click opens.
        redirect_url: &'a str = "",
    }
}

layout! {
    /// A [`TitleUpdate`] on the wire.
    TitleUpdateLayout for TitleUpdate<'a> {
        (image_url, redirect_url) => ImageAndLink since 20121221;
        image_url => Omitted since 20121221, Str since 1820;
        redirect_url => Omitted since 20121221;
    }
}

fields! { __UsernameChange =>
    /// The new name of an IRC user.
    struct UsernameChange<'a> {
        /// The old name.
        old_name: &'a str = "",
        /// The new name.
        new_name: &'a str = "",
    }
}

layout! {
    /// A [`UsernameChange`] on the wire.
    UsernameChangeLayout for UsernameChange<'a> {
        (old_name, new_name) => OldAndNewName since 282;
    }
}

/// Two strings in one, separated by `|`.
#[derive(Clone, Copy, Debug)]
pub struct ImageAndLink;

/// Two strings in one, separated by `>>>>`.
#[derive(Clone, Copy, Debug)]
pub struct OldAndNewName;

macro_rules! joined_forms {
    ($($Form:ident: $separator:literal;)+) => {$(
        impl<'a> PairForm<'a, &'a str, &'a str> for $Form {
            fn read<V: Dialect, O: Observer>(
                r: &mut Reader<'a, O>,
                _: Context<V>,
                names: [&'static str; 2],
                _: (&'a str, &'a str),
            ) -> Result<(&'a str, &'a str), Fault> {
                let [first_name, second_name] = names;
                let start = r.position();
                r.begin(first_name);
                let joined = r.text()?;
                // Without a separator, the first string is everything.
                let (first, second) = split_once(joined, $separator).unwrap_or((joined, ""));
                r.value(start, || Value::Text(first));
                r.end();
                r.begin(second_name);
                let end = r.position();
                r.value(end, || Value::Text(second));
                r.end();
                Ok((first, second))
            }

            fn write<V: Dialect, S: Sink>(
                out: &mut S,
                _: Context<V>,
                (first, second): (&&'a str, &&'a str),
            ) -> Result<(), Full> {
                write_text_parts(out, [*first, $separator, *second].into_iter())
            }

            fn first_unrepresentable<V: Dialect>(_: Context<V>, (first, _): (&&'a str, &&'a str)) -> Option<usize> {
                // A first string that ends with the start of the separator would be split too early.
                let runs_on = first.as_bytes().last() == $separator.as_bytes().first();
                if runs_on || split_once(first, $separator).is_some() { Some(0) } else { None }
            }
        }
    )+};
}

joined_forms! {
    ImageAndLink: "|";
    OldAndNewName: ">>>>";
}
