//! Conversion of links in chat messages.
//!
//! Clients before b20121225 display links as `(text)[url]`, later ones as `[url text]`. A gateway converts
//! messages with [`to_legacy`] or [`to_modern`].

use core::fmt;
use core::iter::FusedIterator;

/// Converts each link `[url text]` in `text` to `(text)[url]`, for clients before b20121225.
///
/// A link is a match of chio's `ChatLinkModern`: a URL that starts with `http://` or `https://` and extends to
/// the first whitespace, then whitespace, then a text that may contain pairs of brackets, but no nested ones. The
/// first whitespace is not part of the text. As in Python, whitespace is that of Unicode and U+001C to U+001F.
/// Everything else is unchanged, including `osump://` links and plain URLs. The run time is linear in the length
/// of the text.
///
/// ```
/// use lobbywire_core::bancho::compat::links_to_legacy;
///
/// let message = "is listening to [http://osu.ppy.sh/b/75 Kenji Ninuma - DISCO PRINCE [Normal]]";
/// let shown = "is listening to (Kenji Ninuma - DISCO PRINCE [Normal])[http://osu.ppy.sh/b/75]";
/// assert_eq!(links_to_legacy(message).to_string(), shown);
/// ```
pub fn to_legacy(text: &str) -> ConvertedLinks<'_> {
    ConvertedLinks { text, form: LinkForm::Legacy }
}

/// Converts each link `(text)[url]` in `text` to `[url text]`, for clients from b20121225 on.
///
/// The URL starts with `http://` or `https://` and contains neither whitespace nor `]`. The text may contain pairs
/// of parentheses and of brackets; either may be nested in the other, but not in its own kind. Everything else is
/// unchanged. chio has no such conversion. It reverses [`to_legacy`] for links with such texts and exactly one
/// space before them. The run time is linear in the length of the text.
///
/// ```
/// use lobbywire_core::bancho::compat::links_to_modern;
///
/// let message = "see (here (new))[http://osu.ppy.sh]";
/// assert_eq!(links_to_modern(message).to_string(), "see [http://osu.ppy.sh here (new)]");
/// ```
pub fn to_modern(text: &str) -> ConvertedLinks<'_> {
    ConvertedLinks { text, form: LinkForm::Modern }
}

/// The target format of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkForm {
    /// `(text)[url]`.
    Legacy,
    /// `[url text]`.
    Modern,
}

/// A text with converted links, returned by [`to_legacy`] and [`to_modern`].
///
/// It is lazy: links are searched each time the text is displayed or its [`pieces`](Self::pieces) are iterated.
#[derive(Clone, Copy, Debug)]
pub struct ConvertedLinks<'a> {
    text: &'a str,
    form: LinkForm,
}

impl<'a> ConvertedLinks<'a> {
    /// Returns an iterator over the non-empty pieces of the converted text.
    pub fn pieces(self) -> Pieces<'a> {
        Pieces { waiting: [""; 6], rest: self.text, form: self.form }
    }

    /// Returns whether the text contains no link to convert.
    pub fn is_unchanged(self) -> bool {
        self.form.next_link(self.text).is_none()
    }
}

impl fmt::Display for ConvertedLinks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().try_for_each(|piece| f.write_str(piece))
    }
}

/// An iterator over the pieces of a converted text; see [`ConvertedLinks::pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    /// The remaining pieces of the current link; empty ones have been returned.
    waiting: [&'a str; 6],
    /// The text after the current link.
    rest: &'a str,
    form: LinkForm,
}

impl<'a> Pieces<'a> {
    fn take_waiting(&mut self) -> Option<&'a str> {
        let piece = self.waiting.iter_mut().find(|piece| !piece.is_empty())?;
        Some(core::mem::take(piece))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if let Some(piece) = self.take_waiting() {
            return Some(piece);
        }
        match self.form.next_link(self.rest) {
            None => {
                let rest = core::mem::take(&mut self.rest);
                (!rest.is_empty()).then_some(rest)
            }
            Some(Link { before, url, text, after }) => {
                self.rest = after;
                self.waiting = match self.form {
                    LinkForm::Legacy => [before, "(", text, ")[", url, "]"],
                    LinkForm::Modern => [before, "[", url, " ", text, "]"],
                };
                self.take_waiting()
            }
        }
    }
}

impl FusedIterator for Pieces<'_> {}

/// A link and the text around it.
#[derive(Clone, Copy, Debug)]
struct Link<'a> {
    before: &'a str,
    url: &'a str,
    text: &'a str,
    after: &'a str,
}

impl LinkForm {
    /// Returns the first link of `text` in the other format.
    fn next_link(self, text: &str) -> Option<Link<'_>> {
        match self {
            Self::Legacy => next_modern_link(text),
            Self::Modern => next_legacy_link(text),
        }
    }
}

/// Returns the first `[url text]`.
fn next_modern_link(whole: &str) -> Option<Link<'_>> {
    let mut rest = whole;
    loop {
        let start = from_ascii(rest, b'[')?;
        let Some(address) = after_url_start(start) else {
            rest = start.strip_prefix('[')?;
            continue;
        };
        // All link starts from here to the end of the URL have the same end. If this one is not followed by a
        // text, none is, and all are skipped. Otherwise `[http://[http://[http://…` would take quadratic time.
        // An invalid text ends at a nested bracket or at the end of the input; then at most the last two
        // brackets are scanned again as link starts.
        let end = from_first(address, |c| c == ']' || is_space(c))?;
        let url = up_to(address, end)?;
        rest = end;
        if url.len() == scheme_len(url) {
            continue;
        }
        let label = end.trim_start_matches(is_space);
        if label.len() == end.len() {
            continue;
        }
        if let Some((text, after)) = bracketed_label(label) {
            return Some(Link { before: up_to(whole, start)?, url, text, after });
        }
    }
}

/// Splits at the `]` that ends a link: its text and the rest. Returns `None` if there is none, or if brackets are
/// nested by more than one level.
fn bracketed_label(label: &str) -> Option<(&str, &str)> {
    let mut rest = label;
    loop {
        let bracket = from_first(rest, is_bracket)?;
        if let Some(after) = bracket.strip_prefix(']') {
            return Some((up_to(label, bracket)?, after));
        }
        rest = from_first(bracket.strip_prefix('[')?, is_bracket)?.strip_prefix(']')?;
    }
}

/// Returns the first `(text)[url]`.
fn next_legacy_link(whole: &str) -> Option<Link<'_>> {
    let mut rest = whole;
    // The last URL that does not end with `]`, as the range of the remaining lengths from its end to its start.
    // A URL that starts inside has the same end. Skipping these keeps `(a)[http://(a)[http://…` linear.
    let mut barren = 0..=0;
    loop {
        let start = from_ascii(rest, b'(')?;
        rest = start.strip_prefix('(')?;
        let Some((text, after)) = parenthesised_label(rest) else {
            continue;
        };
        let Some(address) = after_url_start(after) else {
            continue;
        };
        if barren.contains(&address.len()) {
            continue;
        }
        let end = from_first(address, |c| c == ']' || is_space(c)).unwrap_or("");
        let Some(after) = end.strip_prefix(']') else {
            barren = end.len()..=address.len();
            continue;
        };
        let url = up_to(address, end)?;
        if url.len() > scheme_len(url) {
            return Some(Link { before: up_to(whole, start)?, url, text, after });
        }
    }
}

/// Splits at the `)` that ends the text of a legacy link: the text and the rest. Returns `None` if there is none,
/// if parentheses and brackets do not match, or if one is nested in its own kind.
fn parenthesised_label(label: &str) -> Option<(&str, &str)> {
    // The closing delimiters of the open pair and of the pair nested in it.
    let (mut outer, mut inner) = (None, None);
    let mut rest = label;
    loop {
        let delimiter = from_first(rest, |c| is_bracket(c) || c == '(' || c == ')')?;
        let mut chars = delimiter.chars();
        let found = chars.next()?;
        rest = chars.as_str();
        let close = match found {
            '(' => ')',
            '[' => ']',
            _ => match inner.take().or_else(|| outer.take()) {
                Some(expected) if expected == found => continue,
                None if found == ')' => return Some((up_to(label, delimiter)?, rest)),
                _ => return None,
            },
        };
        match (outer, inner) {
            (None, _) => outer = Some(close),
            (Some(outer), None) if outer != close => inner = Some(close),
            _ => return None,
        }
    }
}

/// Returns the text after the `[` of `[http://…` or `[https://…`.
fn after_url_start(text: &str) -> Option<&str> {
    let address = text.strip_prefix('[')?;
    (scheme_len(address) > 0).then_some(address)
}

/// Returns the length of `http://` or `https://` at the start of `url`, or 0.
fn scheme_len(url: &str) -> usize {
    const SCHEMES: [&str; 2] = ["http://", "https://"];
    SCHEMES.iter().find(|scheme| url.starts_with(**scheme)).map_or(0, |scheme| scheme.len())
}

/// Returns the part of `text` from the first character that matches.
fn from_first(text: &str, is_it: impl Fn(char) -> bool) -> Option<&str> {
    text.get(text.find(is_it)?..)
}

/// As [`from_first`], but faster, for an ASCII character that most texts do not contain.
fn from_ascii(text: &str, character: u8) -> Option<&str> {
    if cfg!(feature = "small") {
        return from_first(text, |c| c == char::from(character));
    }
    text.get(bstr::ByteSlice::find_byte(text.as_bytes(), character)?..)
}

/// Returns the part of `text` before `rest`, a suffix of it.
fn up_to<'a>(text: &'a str, rest: &str) -> Option<&'a str> {
    text.get(..text.len().checked_sub(rest.len())?)
}

fn is_bracket(c: char) -> bool {
    c == '[' || c == ']'
}

/// Returns whether Python's `\s` matches the character: Unicode whitespace and the four ASCII separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::{String, ToString};

    fn check(converted: ConvertedLinks<'_>, expected: &str) {
        let text = converted.text;
        assert_eq!(converted.to_string(), expected, "{text}");
        assert_eq!(converted.pieces().collect::<String>(), expected, "{text}");
        assert!(converted.pieces().all(|piece| !piece.is_empty()), "{text}");
        assert_eq!(converted.is_unchanged(), expected == text, "{text}");
    }

    #[test]
    fn modern_links_are_converted_as_by_python() {
        for (text, expected) in [
            ("", ""),
            ("[http://x y]", "(y)[http://x]"),
            ("a [https://x y z] b", "a (y z)[https://x] b"),
            ("[http://x y][http://z w]", "(y)[http://x](w)[http://z]"),
            ("[http://x \u{1c}\u{a0}\u{85} y ]", "(y )[http://x]"),
            ("[http://x ]", "()[http://x]"),
            ("[http://x y [z] w]", "(y [z] w)[http://x]"),
            ("[http://x[1 y]", "(y)[http://x[1]"),
            ("[http://x:) :)]", "(:))[http://x:)]"),
            ("[http://x a[http://y b]", "[http://x a(b)[http://y]"),
            ("[http://x [http://y b]]", "([http://y b])[http://x]"),
            ("[http://x [a [http://y b] c]", "[http://x [a (b)[http://y] c]"),
            ("[http://[http://y b]", "(b)[http://[http://y]"),
            ("[[http://x y]]", "[(y)[http://x]]"),
            ("[http://[https:// y]", "(y)[http://[https://]"),
            ("[http://x\u{3000}\u{df}\u{1F600}]", "(\u{df}\u{1F600})[http://x]"),
        ] {
            check(to_legacy(text), expected);
        }
    }

    #[test]
    fn other_text_than_modern_links_is_unchanged() {
        for text in [
            "[http://x]",
            "[http:// y]",
            "[https://]",
            "[http://x y",
            "[http://x y [z [w]]]",
            "[HTTP://x y]",
            "[httpss://x y]",
            "[osump://1/pw game]",
            "[ http://x y]",
            "(y)[http://x]",
            "http://x y]",
            "[http://x\u{200b}y]",
            "[http://x y [z]",
        ] {
            check(to_legacy(text), text);
        }
    }

    #[test]
    fn legacy_links_are_converted() {
        for (text, expected) in [
            ("", ""),
            ("(y)[http://x]", "[http://x y]"),
            ("a (y z)[https://x] b", "a [https://x y z] b"),
            ("()[http://x]", "[http://x ]"),
            ("(y (z) [w])[http://x]", "[http://x y (z) [w]]"),
            ("(y [z (w)] (a [b]))[http://x]", "[http://x y [z (w)] (a [b])]"),
            ("(a) (y)[http://x]", "(a) [http://x y]"),
            ("(a (y)[http://x]", "(a [http://x y]"),
            ("((y)[http://x])", "([http://x y])"),
            ("((y)[http://x])[http://z]", "[http://z (y)[http://x]]"),
            ("([)(y)[http://x]", "([)[http://x y]"),
            ("(a)[http://b(c d)[http://x]", "(a)[http://b[http://x c d]"),
            ("(a)[http://(y)[http://x]", "[http://(y)[http://x a]"),
            ("((a)[http://x])[http://y(", "([http://x a])[http://y("),
            ("(b)[http:// (a)[http://x]", "(b)[http:// [http://x a]"),
            ("(y)[http://x](z)[http://w]", "[http://x y][http://w z]"),
            ("(y)[http://x[1]]", "[http://x[1 y]]"),
        ] {
            check(to_modern(text), expected);
        }
    }

    #[test]
    fn other_text_than_legacy_links_is_unchanged() {
        for text in [
            "(y)",
            "(y) [http://x]",
            "(y)[http://]",
            "(y)[http://x z]",
            "(y)[http://x",
            "(y)[osump://1]",
            "(a (b (c)))[http://x]",
            "([a (b [c])])[http://x]",
            "([a [b]])[http://x]",
            "(a])[http://x]",
            "([a)])[http://x]",
            "([a)[http://x]",
            "[http://x y]",
        ] {
            check(to_modern(text), text);
        }
    }

    #[test]
    fn conversion_to_legacy_is_reversible() {
        for text in [
            "[http://x y]",
            "say [https://x/?a=(b) a [b (d)] (c)] twice: [http://y z]",
            "none",
            "[http://x ]",
        ] {
            let legacy = to_legacy(text).to_string();
            check(to_modern(&legacy), text);
        }
    }

    /// Each of these would take minutes if the text were scanned again from each link start.
    #[test]
    fn hostile_texts_take_linear_time() {
        const TIMES: usize = 100_000;
        for (head, unit, tail) in [
            ("", "[http://", ""),
            ("", "[http://", "]"),
            ("", "[http://", " "),
            ("", "[http://", " [a[b]]"),
            ("", "[http://a ", ""),
            ("", "[http://a [b] ", ""),
            ("", "[http://a [b][", ""),
            ("[http://a ", "[b]", "[["),
            ("[http://a ", "[http://b]", ""),
            ("[http://a ", "b ", ""),
            ("", "[http:// ", ""),
            ("", "[http://a b[c ", ""),
        ] {
            let text = format!("{head}{}{tail}", unit.repeat(TIMES));
            assert!(to_legacy(&text).is_unchanged(), "{head}{unit}{tail}");
        }
        for (head, unit, tail) in [
            ("", "(", ")"),
            ("", "([", "])"),
            ("", "(a)[http://", ""),
            ("", "(a)[http://", " "),
            ("", "(a)[http://b (c)", ""),
            ("", "((a)", ""),
            ("(", "[http://a]", ")["),
            ("((a)[http://x ", "(a)[http://x", " ]"),
            ("(", "(a)[b]", ")"),
            ("((", "[b]", ""),
            ("([", "(a)", ""),
            ("", "([a](", ""),
        ] {
            let text = format!("{head}{}{tail}", unit.repeat(TIMES));
            assert!(to_modern(&text).is_unchanged(), "{head}{unit}{tail}");
        }
        // Many links after an invalid link start.
        let text = format!("[http://a {}", "[http://b c]".repeat(TIMES));
        assert_eq!(to_legacy(&text).pieces().count(), TIMES * 5 + 1);
        let text = format!("({}", "(c)[http://b]".repeat(TIMES));
        assert_eq!(to_modern(&text).pieces().count(), TIMES * 5 + 1);
    }
}
