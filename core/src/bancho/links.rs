//! Links in chat, which changed their form with b20121225.
//!
//! Clients before b20121225 understand `(text)[url]`, later ones `[url text]`. A gateway between
//! both converts what is said: [`to_legacy`] for the old ones, [`to_modern`] for the new ones.

use core::fmt;
use core::iter::FusedIterator;

/// `text` with each link `[url text]` written as `(text)[url]`, for clients before b20121225.
///
/// A link is what chio's `ChatLinkModern` matches: a url that starts with `http://` or `https://`
/// and goes on to the first whitespace, then whitespace, then a text, which may have pairs of
/// brackets in it but none within these. The first whitespace is not part of the text. Whitespace is
/// what Python takes for it: Unicode's, and U+001C to U+001F. Everything else, `osump://` links and
/// bare urls too, stays as it is. The time is linear in the length of the text, whatever it says.
///
/// ```
/// use lobbywire_core::bancho::compat::links_to_legacy;
///
/// let said = "is listening to [http://osu.ppy.sh/b/75 Kenji Ninuma - DISCO PRINCE [Normal]]";
/// let shown = "is listening to (Kenji Ninuma - DISCO PRINCE [Normal])[http://osu.ppy.sh/b/75]";
/// assert_eq!(links_to_legacy(said).to_string(), shown);
/// ```
pub fn to_legacy(text: &str) -> ConvertedLinks<'_> {
    ConvertedLinks { text, form: LinkForm::Legacy }
}

/// `text` with each link `(text)[url]` written as `[url text]`, for clients from b20121225 on.
///
/// The url starts with `http://` or `https://` and has no whitespace and no `]`; the link's text may
/// have pairs of parentheses and of brackets in it, each also within the other but not within its
/// like. Everything else stays as it is. chio has no such conversion. It takes back what
/// [`to_legacy`] does to links with such texts and exactly one blank before them. The time is linear
/// in the length of the text.
///
/// ```
/// use lobbywire_core::bancho::compat::links_to_modern;
///
/// let said = "see (here (new))[http://osu.ppy.sh]";
/// assert_eq!(links_to_modern(said).to_string(), "see [http://osu.ppy.sh here (new)]");
/// ```
pub fn to_modern(text: &str) -> ConvertedLinks<'_> {
    ConvertedLinks { text, form: LinkForm::Modern }
}

/// The form that links are brought into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkForm {
    /// `(text)[url]`.
    Legacy,
    /// `[url text]`.
    Modern,
}

/// A text whose links have another form; what [`to_legacy`] and [`to_modern`] give.
///
/// Nothing is stored: the links are looked for whenever the text is displayed or its
/// [`pieces`](Self::pieces) are walked.
#[derive(Clone, Copy, Debug)]
pub struct ConvertedLinks<'a> {
    text: &'a str,
    form: LinkForm,
}

impl<'a> ConvertedLinks<'a> {
    /// The pieces, none of them empty, that joined are the converted text.
    pub fn pieces(self) -> Pieces<'a> {
        Pieces { waiting: [""; 6], rest: self.text, form: self.form }
    }

    /// Whether there is no link to convert, so that the text stays as it is.
    pub fn is_unchanged(self) -> bool {
        self.form.next_link(self.text).is_none()
    }
}

impl fmt::Display for ConvertedLinks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().try_for_each(|piece| f.write_str(piece))
    }
}

/// The pieces of a text whose links have another form; see [`ConvertedLinks::pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    /// What the last link that was found has yet to give; empty places are done.
    waiting: [&'a str; 6],
    /// The text behind that link.
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

/// A link, and what stands around it.
#[derive(Clone, Copy, Debug)]
struct Link<'a> {
    before: &'a str,
    url: &'a str,
    text: &'a str,
    after: &'a str,
}

impl LinkForm {
    /// The first link of `text` that is not in this form yet.
    fn next_link(self, text: &str) -> Option<Link<'_>> {
        match self {
            Self::Legacy => next_modern_link(text),
            Self::Modern => next_legacy_link(text),
        }
    }
}

/// The first `[url text]`.
fn next_modern_link(whole: &str) -> Option<Link<'_>> {
    let mut rest = whole;
    loop {
        let start = from_char(rest, '[')?;
        let Some(address) = after_url_start(start) else {
            rest = start.strip_prefix('[')?;
            continue;
        };
        // Every start of a link from here to where the url ends has its url end there too, and what
        // follows is what decides: where this one fails, they all do, and are skipped. Without that,
        // `[http://[http://[http://…` would take quadratic time. Where the text of a link fails
        // instead, it does so by a bracket in a bracket or at the end, and no more than the two last
        // brackets are looked at again as starts that reach as far.
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

/// The text up to the `]` that ends a link, and what is behind it; `None` where no bracket ends it,
/// or where brackets nest deeper than one level.
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

/// The first `(text)[url]`.
fn next_legacy_link(whole: &str) -> Option<Link<'_>> {
    let mut rest = whole;
    // The last url that was seen to end without a `]`, from end to start, by how much of the text is
    // left there. One that starts in it ends where it does; remembering that keeps
    // `(a)[http://(a)[http://…` linear.
    let mut barren = 0..=0;
    loop {
        let start = from_char(rest, '(')?;
        rest = start.strip_prefix('(')?;
        let Some((text, behind)) = parenthesised_label(rest) else {
            continue;
        };
        let Some(address) = after_url_start(behind) else {
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

/// The text up to the `)` that ends a legacy link's text, and what is behind it; `None` where it
/// doesn't end, where parentheses and brackets don't pair, or where one stands within its like.
fn parenthesised_label(label: &str) -> Option<(&str, &str)> {
    // What is to close the pair that is open, and the one within it.
    let (mut outer, mut inner) = (None, None);
    let mut rest = label;
    loop {
        let delimiter = from_first(rest, |c| is_bracket(c) || c == '(' || c == ')')?;
        let mut behind = delimiter.chars();
        let found = behind.next()?;
        rest = behind.as_str();
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

/// What is behind the `[` of `[http://…` or `[https://…`.
fn after_url_start(text: &str) -> Option<&str> {
    let address = text.strip_prefix('[')?;
    (scheme_len(address) > 0).then_some(address)
}

/// How long the `http://` or `https://` at the start of `url` is; 0 without.
fn scheme_len(url: &str) -> usize {
    const SCHEMES: [&str; 2] = ["http://", "https://"];
    SCHEMES.iter().find(|scheme| url.starts_with(**scheme)).map_or(0, |scheme| scheme.len())
}

/// The part of `text` that starts with the first character that `is_it`.
fn from_first(text: &str, is_it: impl Fn(char) -> bool) -> Option<&str> {
    text.get(text.find(is_it)?..)
}

/// The same for one character, which most texts don't have: searched for faster.
fn from_char(text: &str, character: char) -> Option<&str> {
    if cfg!(feature = "small") {
        // The faster search could panic as far as the compiler can see.
        return from_first(text, |c| c == character);
    }
    text.get(text.find(character)?..)
}

/// The part of `text` in front of `rest`, which is its end.
fn up_to<'a>(text: &'a str, rest: &str) -> Option<&'a str> {
    text.get(..text.len().checked_sub(rest.len())?)
}

fn is_bracket(c: char) -> bool {
    c == '[' || c == ']'
}

/// Whether Python's `\s` matches the character: Unicode's whitespace and the four separators of
/// ASCII.
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
    fn modern_links_become_legacy_as_pythons_re_has_it() {
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
    fn what_is_no_modern_link_stays() {
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
    fn legacy_links_become_modern() {
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
    fn what_is_no_legacy_link_stays() {
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
    fn there_and_back() {
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

    /// Each of these takes many minutes where what one start has found out is looked for again from
    /// every later one.
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
        // Many links that are converted, after a start that leads nowhere.
        let text = format!("[http://a {}", "[http://b c]".repeat(TIMES));
        assert_eq!(to_legacy(&text).pieces().count(), TIMES * 5 + 1);
        let text = format!("({}", "(c)[http://b]".repeat(TIMES));
        assert_eq!(to_modern(&text).pieces().count(), TIMES * 5 + 1);
    }
}
