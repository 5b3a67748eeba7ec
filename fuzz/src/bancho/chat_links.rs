//! Links in chat, which changed their form.

use lobbywire::bancho::compat::{ConvertedLinks, chat_link, links_to_legacy, links_to_modern};
use lobbywire::bancho::{Codec, Dialect, Version, server};

/// Text from anywhere, with its links in the other form: what is shown is what the pieces are, it is no
/// longer than the links in it explain, and it comes to an end.
pub fn chat_links(input: &[u8]) {
    let text = &*String::from_utf8_lossy(input);
    // A link has eleven bytes at least, of which the old form makes one more.
    let legacy = converted(text, links_to_legacy(text));
    assert!(legacy.len() <= text.len() + text.len() / 11);
    let modern = converted(text, links_to_modern(text));
    assert!(modern.len() <= text.len());

    // A link in the text of a link is the next one's affair; there are no more of them than brackets.
    let mut left = legacy;
    for _ in 0..text.len() {
        if links_to_legacy(&left).is_unchanged() {
            break;
        }
        left = converted(&left, links_to_legacy(&left));
    }
    assert!(links_to_legacy(&left).is_unchanged(), "{text}");

    link(text);
}

fn converted(text: &str, links: ConvertedLinks<'_>) -> String {
    let joined: String = links.pieces().collect();
    assert_eq!(links.to_string(), joined);
    assert!(links.pieces().all(|piece| !piece.is_empty()));
    assert_eq!(links.is_unchanged(), joined == text);
    joined
}

/// A link that a server makes for each era reads as it was made there.
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
        let received = Codec::client(version).next_packet(&mut bytes).expect("a frame").expect("undamaged");
        let message: server::Message<'_> = received.get().expect("a message").expect("that can be read");
        assert_eq!(message.content, link, "{}", version.since(20121225));
    }
}
