//! A broadcast is what everybody would have been sent alone.

mod traffic;

use lobbywire::bancho::{Broadcast, Encode, Frames, Options, Outbox, Side, Version, WriteError, server};
use lobbywire::wire::Inflater;
use std::cell::Cell;
use traffic::captures;

#[test]
fn every_version_is_sent_the_same_bytes_as_by_itself() {
    let mut packets = 0;
    for capture in captures().into_iter().filter(|capture| capture.side == Side::Server) {
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; 1 << 16]);
        for frame in Frames::new(capture.version, Side::Server, &capture.bytes) {
            let frame = frame.unwrap();
            let payload = frame.payload(&mut inflater, &mut scratch).unwrap();
            let packet = server::Packet::decode(capture.version, frame.id, payload).unwrap();
            let mut broadcast = Broadcast::new(packet);
            for version in Version::all() {
                let mut alone = Outbox::new(version);
                let count = alone.write(&packet).unwrap();
                let frames = broadcast.frames(version).unwrap();
                assert_eq!((frames.count(), frames.version()), (count, version));
                assert_eq!(frames.bytes(), alone.waiting(), "{} to {version}", packet.name());
                // Again, from what there is.
                let again = broadcast.frames(version).unwrap();
                assert_eq!(again.bytes().as_ptr(), frames.bytes().as_ptr());
            }
            packets += 1;
        }
    }
    assert!(packets > 400);
}

/// A packet that counts how often it is written.
struct Counted<'a>(server::Announce<'a>, &'a Cell<usize>);

impl Encode for Counted<'_> {
    fn packet_info(&self) -> &'static lobbywire::bancho::PacketInfo {
        self.0.packet_info()
    }

    fn encode<V, S>(&self, version: V, out: &mut S) -> Result<(), lobbywire::wire::Full>
    where
        V: lobbywire::bancho::Dialect,
        S: lobbywire::wire::Sink,
    {
        self.1.set(self.1.get() + 1);
        self.0.encode(version, out)
    }

    fn lost<V: lobbywire::bancho::Dialect>(&self, version: V) -> Option<&'static str> {
        self.0.lost(version)
    }
}

#[test]
fn a_packet_is_written_once_a_version_and_equal_bytes_are_kept_once() {
    let times = Cell::new(0);
    let mut broadcast = Broadcast::new(Counted(server::Announce("hi"), &times));
    let mut places = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        for version in Version::all().rev().take(3) {
            places.insert(broadcast.frames(version).unwrap().bytes().as_ptr());
        }
    }
    assert_eq!((times.get(), places.len()), (3, 1));
    assert_eq!(broadcast.frames(Version::OLDEST).unwrap().count(), 0);
}

#[test]
fn options_hold_for_broadcasts_too() {
    let text = "x".repeat(1000);
    let version = Version::from_build(400);
    let mut options = Options::server();
    let compressed = Broadcast::new(server::Announce(&text)).frames(version).unwrap();
    options.compresses = false;
    let plain = Broadcast::new(server::Announce(&text)).with_options(options).frames(version).unwrap();
    assert!(compressed.bytes().len() < 100 && plain.bytes().len() > 1000);
    options.write_buffer = 500;
    let refused = Broadcast::new(server::Announce(&text)).with_options(options).frames(version);
    assert_eq!(refused, Err(WriteError::Full));
    // An outbox without the room refuses what was written elsewhere.
    let mut outbox = Outbox::new(version).with_options(options);
    assert_eq!(outbox.write_frames(&plain), Err(WriteError::Full));
    assert_eq!(outbox.write_frames(&compressed), Ok(()));
}
