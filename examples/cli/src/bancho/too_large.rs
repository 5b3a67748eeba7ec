//! Frames above the limit: how long they claim to be, and what the input may be instead.

use super::packets::known_name;
use lobbywire::bancho::{BanchoFraming, PacketId, Side, Version};

/// The first bytes of a frame: a header, and some more to recognize text.
pub(super) struct Start {
    bytes: [u8; 16],
    len: usize,
}

impl Start {
    pub(super) fn of(frame: &[u8]) -> Self {
        let (mut bytes, len) = ([0; 16], frame.len().min(16));
        bytes[..len].copy_from_slice(&frame[..len]);
        Self { bytes, len }
    }

    /// The message for a frame whose length is above the limit. `left` is how many bytes of the input follow the start of
    /// the frame, if that is known.
    pub(super) fn message(
        &self,
        framing: &BanchoFraming,
        side: Side,
        is_first: bool,
        left: Option<u64>,
        keep_going: bool,
    ) -> String {
        let version = framing.version;
        let (id, len) = header(version, &self.bytes);
        let limit = framing.limits.payload_of(PacketId::from_wire(version, id));
        let frame = u64::from(len) + version.header_len() as u64;
        let skipped = left.map_or(frame, |left| left.min(frame));
        let skips = if keep_going { "skipped" } else { "--keep-going skips" };
        let guess = self.guess(framing, side, is_first);
        format!("the payload of {len} bytes is above the limit of {limit}; {skips} {skipped} bytes; {guess}")
    }

    /// What the input may be.
    fn guess(&self, framing: &BanchoFraming, side: Side, is_first: bool) -> String {
        let BanchoFraming { version, limits } = framing;
        let known = |version: Version, side| {
            let (id, len) = header(version, &self.bytes);
            let limit = limits.payload_of(PacketId::from_wire(version, id));
            len as usize <= limit && known_name(version, side, id).is_some()
        };
        let bytes = &self.bytes[..self.len];
        if bytes.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~')) {
            return match (is_first, side) {
                (true, Side::Server) => "the input is text, perhaps a login: try --side client".to_owned(),
                _ => "the input is text here, not a frame".to_owned(),
            };
        }
        let first = Version::all().find(|other| other.header_len() != version.header_len());
        let last = Version::all().rfind(|other| other.header_len() != version.header_len());
        for other_version in [first, last].into_iter().flatten() {
            if known(other_version, side) || known(other_version, side.other()) {
                let len = other_version.header_len();
                return format!("the input may be of a build with headers of {len} bytes, see --build");
            }
        }
        let (id, _) = header(*version, &self.bytes);
        match known_name(*version, side, id) {
            Some(name) => format!("if this is not a long {name}, bytes before it are missing"),
            None => format!("id {id} is no packet of this build, so the input may not be a Bancho stream"),
        }
    }
}

/// The wire id and the length in a header.
fn header(version: Version, bytes: &[u8; 16]) -> (u16, u32) {
    let [a, b, c, d, e, f, g, ..] = *bytes;
    let len = if version.header_len() == 6 { [c, d, e, f] } else { [d, e, f, g] };
    (u16::from_le_bytes([a, b]), u32::from_le_bytes(len))
}
