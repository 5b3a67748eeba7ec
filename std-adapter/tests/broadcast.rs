//! A broadcast contains the frames that each receiver's own outbox would contain.

mod traffic;

use lobbywire::bancho::{
    Broadcast, Dialect, Encode, FrameWriter, Options, Outbox, PacketInfo, PayloadOverrides, Side, Version,
    WriteError, server,
};
use lobbywire::wire::{Full, Sink};
use std::cell::Cell;
use std::collections::BTreeSet;
use traffic::{Numbers, sessions};

/// All versions, and some with another protocol version or number of slots.
fn versions() -> Vec<Version> {
    let mut versions: Vec<_> = Version::all().collect();
    for (index, version) in Version::all().enumerate() {
        match index % 3 {
            0 => versions.push(version.with_protocol(19)),
            1 => versions.push(version.with_slots(5)),
            _ => versions.extend([version.with_protocol(10), version.with_slots(16).with_protocol(19)]),
        }
    }
    versions
}

/// Calls `check` with every server packet of the vectors and captures.
fn each_packet(mut check: impl FnMut(server::Packet<'_>)) {
    for session in sessions().into_iter().filter(|session| session.side == Side::Server) {
        for frame in session.frames() {
            check(server::Packet::decode(session.version, frame.id, &frame.payload).unwrap());
        }
    }
}

#[test]
fn broadcasts_equal_packets_written_for_one_version() {
    let (mut packets, mut numbers) = (0, Numbers(7));
    each_packet(|packet| {
        let mut order = versions();
        match packets % 3 {
            0 => {}
            1 => order.reverse(),
            _ => (1..order.len()).rev().for_each(|last| order.swap(last, numbers.below(last + 1))),
        }
        let mut options = Options::server();
        options.compresses = packets % 4 != 3;
        let mut broadcast = Broadcast::new(packet).with_options(options);
        for version in order {
            let mut alone = Outbox::new(version).with_options(options);
            let count = alone.write(&packet).unwrap();
            let frames = broadcast.frames(version).unwrap();
            assert_eq!((frames.count(), frames.version()), (count, version));
            assert_eq!(frames.bytes(), alone.waiting(), "{} to {version:?}", packet.name());
            // The second call returns the stored frames.
            let again = broadcast.frames(version).unwrap();
            assert_eq!(again.bytes().as_ptr(), frames.bytes().as_ptr());
        }
        packets += 1;
    });
    assert!(packets > 1000);
}

/// A packet that counts how often it is encoded.
struct Counted<'a, P>(P, &'a Cell<usize>);

impl<P: Encode> Encode for Counted<'_, P> {
    fn packet_info(&self) -> &'static PacketInfo {
        self.0.packet_info()
    }

    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
        self.0.encode(version, out)
    }

    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
        self.0.first_unrepresentable(version)
    }

    fn send<V: Dialect, O: PayloadOverrides>(&self, out: &mut FrameWriter<'_, V, O>) -> Result<usize, Full> {
        self.1.set(self.1.get() + 1);
        self.0.send(out)
    }
}

/// Encodes a packet for all versions. Returns how often it was encoded, and the number of different results.
fn written_for_all(packet: impl Encode) -> (usize, usize) {
    let times = Cell::new(0);
    let mut broadcast = Broadcast::new(Counted(packet, &times));
    let mut different = BTreeSet::new();
    for _ in 0..3 {
        for version in Version::all() {
            let frames = broadcast.frames(version).unwrap();
            different.insert((frames.count(), frames.bytes().clone()));
        }
    }
    (times.get(), different.len())
}

#[test]
fn a_packet_is_written_once_a_layout() {
    // Before b294, b320, b334 (always compressed) and b20121225 (sender ids and links), and since then.
    assert_eq!(written_for_all(server::Message::new("peppy", "hi", "#osu")), (5, 5));
    // Versions before b320 have no `#lobby`. Those from b334 on without sender ids share a layout.
    assert_eq!(written_for_all(server::Message::new("peppy", "hi", "#lobby")), (4, 4));
    assert_eq!(written_for_all(server::Ping), (2, 2));
    assert_eq!(written_for_all(server::Announce("hi")), (4, 4));
    // Long enough to be compressed from b334 to b1799.
    let long = "x".repeat(200);
    assert_eq!(written_for_all(server::Message::new("peppy", &long, "#osu")), (6, 6));
    let (times, different) = written_for_all(server::UserPresence::default());
    assert!(times <= 16, "{times} for {different}");
}

#[test]
fn no_packet_is_written_much_more_often_than_its_frames_differ() {
    let (mut times, mut different, mut packets) = (0, 0, 0);
    each_packet(|packet| {
        let (times_now, different_now) = written_for_all(packet);
        assert!(
            times_now >= different_now && times_now <= 4 * different_now + 8,
            "{}: {times_now}",
            packet.name()
        );
        times += times_now;
        different += different_now;
        packets += 1;
    });
    println!("{packets} packets: written {times} times for {different} different frames");
    assert!(times < 2 * different, "{times} for {different}");
}

/// A packet that queries the entire version. Its payload is the build, or empty.
struct Build {
    is_written: bool,
}

impl Encode for Build {
    fn packet_info(&self) -> &'static PacketInfo {
        server::Announce("").packet_info()
    }

    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
        let build = version.version().build().to_le_bytes();
        if self.is_written { out.put(&build) } else { Ok(()) }
    }

    fn first_unrepresentable<V: Dialect>(&self, _: V) -> Option<&'static str> {
        None
    }
}

#[test]
fn packets_that_query_the_whole_version_are_encoded_for_each() {
    // Builds before b291 do not have the packet.
    let known = Version::all().filter(|version| version.build() >= 291).count();
    assert_eq!(written_for_all(Build { is_written: true }), (known + 1, known + 1));
    assert_eq!(written_for_all(Build { is_written: false }), (known + 1, 4));
}

#[test]
fn equal_bytes_are_kept_once() {
    let mut broadcast = Broadcast::new(Build { is_written: false });
    let places: BTreeSet<_> = Version::all()
        .filter(|version| version.build() >= 1788)
        .map(|version| broadcast.frames(version).unwrap().bytes().as_ptr())
        .collect();
    assert_eq!(places.len(), 1);
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
    // An outbox rejects encoded frames that exceed its buffer.
    let mut outbox = Outbox::new(version).with_options(options);
    assert_eq!(outbox.write_frames(&plain), Err(WriteError::Full));
    assert_eq!(outbox.write_frames(&compressed), Ok(()));
}
