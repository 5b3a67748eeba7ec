//! Chat links, which have an old and a new form.

use crate::Outcome;
use lobbywire::bancho::compat::{ConvertedLinks, chat_link, links_to_legacy, links_to_modern};
use lobbywire::bancho::{Codec, Dialect, Version, server};

/// A text, whose links are converted to both forms: the pieces of a converted text make it up, it is no longer than its
/// links allow, and repeated conversion ends. Held if the text has a link.
pub fn chat_links(input: &[u8]) -> Outcome {
    let text = &*String::from_utf8_lossy(input);
    // A link has at least eleven bytes. The old form is one byte longer.
    let legacy = converted(text, links_to_legacy(text));
    assert!(legacy.len() <= text.len() + text.len() / 11);
    let modern = converted(text, links_to_modern(text));
    assert!(modern.len() <= text.len());

    // Converting a link can expose another one in its text, at most once per bracket.
    let is_changed = legacy != text || modern != text;
    let mut left = legacy;
    for _ in 0..text.len() {
        if links_to_legacy(&left).is_unchanged() {
            break;
        }
        left = converted(&left, links_to_legacy(&left));
    }
    assert!(links_to_legacy(&left).is_unchanged(), "{text}");

    link(text);
    if is_changed { Outcome::Held } else { Outcome::Skipped }
}

fn converted(text: &str, links: ConvertedLinks<'_>) -> String {
    let joined: String = links.pieces().collect();
    assert_eq!(links.to_string(), joined);
    assert!(links.pieces().all(|piece| !piece.is_empty()));
    assert_eq!(links.is_unchanged(), joined == text);
    joined
}

/// A link made by `chat_link` is read back unchanged by clients of either form.
fn link(text: &str) {
    let name: String = text.chars().filter(|c| !"[]()".contains(*c) && !c.is_whitespace()).take(20).collect();
    if name.is_empty() || name.chars().any(|c| ('\u{1c}'..='\u{1f}').contains(&c)) {
        return;
    }
    for version in [Version::from_build(20121224), Version::from_build(20121225)] {
        let link = chat_link(version, &name, "http://osu.ppy.sh").to_string();
        let mut bytes = Default::default();
        let written =
            Codec::server(version).write(&server::Message::new("BanchoBot", &link, "#osu"), &mut bytes);
        assert_eq!(written, Ok(1));
        let received = Codec::client(version).next_packet(&mut bytes).expect("a frame").expect("well-formed");
        let message: server::Message<'_> = received.get().expect("a message").expect("decodes");
        assert_eq!(message.content, link, "{}", version.since(20121225));
    }
}
