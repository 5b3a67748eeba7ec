//! Fuzz targets for the osu!lazer hubs.

use crate::{Family, Outcome, Target, hold};
use arbitrary::{Arbitrary, Unstructured};
use lobbywire::lazer::{self, Hub, Side, borrowed, laws, spectator, with_calls};
use lobbywire::signalr::{Call, Encoding, FromCall, FromValue, Message, OwnedValue, ToValue};
use std::collections::BTreeSet;
use std::fmt::Debug;

const TARGETS: &[Target] =
    &[("lazer_spectator", lazer_spectator), ("lazer_arguments", lazer_arguments), ("lazer_call", lazer_call)];

pub(crate) const FAMILY: Family = Family { name: "lazer", targets: TARGETS, seeds };

/// Frames of both sides of the spectator hub, as .NET writes them.
const FRAMES: [(u8, &[u8]); 4] = [
    (0, b"\x1a\x96\x01\x80\xa11\xb1StartWatchingUser\x91\x02\x90"),
    (
        1,
        b"\x29\x96\x01\x80\xc0\xb0UserBeganPlaying\x92\x02\x95\x4b\x00\x91\x92\xa2HD\x90\x01\x82\x05\xcd\x01\x2c\x10\x50\x90",
    ),
    (
        0,
        b"\xae\x01\x96\x01\x80\xc0\xafSendFrameDataV2\x92\xcf\0\0\0\x02\x18\x71\x1a\0\x92\x9a\xce\0\x01\xe2\x40\xcb\x3f\xe0\0\0\0\0\0\0\x07\x2a\x82\x05\x28\x01\x02\x95\xcb\x40\x72\xc0\0\0\0\0\0\xcb\x40\x82\xc0\0\0\0\0\0\x02\xcb\x3f\xd0\0\0\0\0\0\0\xcb\0\0\0\0\0\0\0\0\x92\xc7\x0c\xff\0\0\0\0\xff\xff\xff\xf1\x88\x6e\x09\0\0\x91\x92\xa2DT\x91\xacspeed_change\xcb\x3f\xf4\0\0\0\0\0\0\xc0\xc0\x92\x94\xcb\x40\x8f\x40\0\0\0\0\0\xca\x43\x80\0\0\xca\x43\x40\x80\0\x01\x94\xcb\x40\x8f\xc0\0\0\0\0\0\xc0\xc0\0\x90",
    ),
    (1, b"\x1a\x96\x01\x80\xc0\xb3DisconnectRequested\x90\x90"),
];

/// The hub and the caller that a byte selects.
fn hub_and_side(byte: u8) -> (Hub, Side) {
    (
        Hub::ALL[usize::from(byte / 2) % Hub::ALL.len()],
        if byte & 1 == 0 { Side::Client } else { Side::Server },
    )
}

/// Pseudorandom bytes.
fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(len)
    .collect()
}

fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    let mut inputs = BTreeSet::new();
    match target {
        "lazer_spectator" => {
            for (side, frame) in FRAMES {
                inputs.insert([&[side][..], frame].concat());
                // Another byte at each position after the length.
                for at in 2..frame.len() {
                    for other in [0xc0, 0x90, 0xff] {
                        let mut frame = frame.to_vec();
                        frame[at] = other;
                        inputs.insert([&[side][..], &frame].concat());
                    }
                }
            }
            // A user id that does not fit into 32 bits.
            inputs
                .insert(b"\0\x1e\x96\x01\x80\xa11\xb1StartWatchingUser\x91\xce\xff\xff\xff\xff\x90".to_vec());
            // Frames of a play in the usual layout, and in another one.
            for button in [0x05, 0x90] {
                let frame =
                    [&b"\x94\xcb\x40\x8f\x40\0\0\0\0\0\xca\x43\x80\0\0\xca\x43\x40\x80\0"[..], &[button]]
                        .concat();
                let header =
                    b"\x9a\0\xcb\0\0\0\0\0\0\0\0\0\0\x80\x90\x92\xd6\xff\0\0\0\0\0\x90\xc0\x92\x01\x02";
                let arguments = [&b"\x92"[..], header, b"\x92", &frame, &frame].concat();
                inputs.insert([&[0][..], &frame_of(&("SendFrameData".into(), 1, arguments))].concat());
            }
            // Timestamps in each form, and invalid ones.
            let default = b"\x92\xc7\x0c\xff\0\0\0\0\xff\xff\xff\xf1\x88\x6e\x09\0\0";
            let frame = FRAMES[2].1;
            let at = frame.windows(default.len()).position(|bytes| bytes == default);
            if let Some((begin, end)) = at.map(|at| (&frame[..at], &frame[at + default.len()..])) {
                for time in [
                    &b"\x92\xd6\xff\x6a\x88\xca\xc9\xcd\x02\x1c"[..],
                    b"\x92\xd7\xff\x77\x35\x94\0\x6a\x88\xca\xc9\0",
                    b"\x92\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff\0",
                    b"\x92\xd6\x01\0\0\0\0\0",
                    b"\x93\xd6\xff\0\0\0\0\0\0",
                    b"\x92\xd4\xff\0\0",
                ] {
                    let len = begin.len() - 2 + time.len() + end.len();
                    let prefix = [0x80 | (len & 0x7f) as u8, (len >> 7) as u8];
                    inputs.insert([&[0][..], &prefix, &begin[2..], time, end].concat());
                }
            }
            for seed in 0..200 {
                for side in 0..2 {
                    if let Some(arguments) = any_call(side, &noise(seed, 500), Encoding::MessagePack) {
                        inputs.insert([&[side][..], &frame_of(&arguments)].concat());
                    }
                }
            }
        }
        "lazer_arguments" => {
            // Calls of most methods.
            for hub in 0..8 {
                for seed in 0..400 {
                    for encoding in [Encoding::MessagePack, Encoding::Json] {
                        let Some((target, _, bytes)) = any_call(hub, &noise(seed, 300), encoding) else {
                            continue;
                        };
                        let (at, side) = hub_and_side(hub);
                        let methods = at.methods(side);
                        let index = methods.iter().position(|method| method.target == target).unwrap_or(0);
                        inputs.insert([&[hub, index as u8, encoding as u8][..], &bytes].concat());
                    }
                }
            }
        }
        "lazer_call" => {
            for hub in (0..8).chain(0xf0..0xf3) {
                for seed in 0..100 {
                    inputs.insert([&[hub][..], &noise(seed, 30 * seed as usize)].concat());
                }
            }
        }
        _ => {}
    }
    inputs
}

/// The method of a call, the number of its arguments, and their bytes.
type Written = (String, usize, Vec<u8>);

fn any_call(hub: u8, bytes: &[u8], encoding: Encoding) -> Option<Written> {
    fn written<C: for<'a> Arbitrary<'a> + Call>(bytes: &[u8], encoding: Encoding) -> Option<Written> {
        let call = C::arbitrary(&mut Unstructured::new(bytes)).ok()?;
        let arguments = call.to_arguments(encoding).ok()?;
        Some((call.target().to_owned(), arguments.len(), arguments.bytes().to_vec()))
    }

    let (hub, side) = hub_and_side(hub);
    with_calls!(hub, side, Calls => written::<Calls>(bytes, encoding), else panic!("{hub:?} has no target"))
}

fn frame_of((target, count, bytes): &Written) -> Vec<u8> {
    use lobbywire::signalr::{Arguments, Headers, Invocation, StreamIds};
    use lobbywire::wire::{Counter, SliceSink};

    let message = Message::Invocation(Invocation {
        headers: Headers::None,
        invocation_id: None,
        target: target.as_str().into(),
        arguments: Arguments::of_messagepack(*count, bytes),
        stream_ids: StreamIds::Listed(&[]),
    });
    let mut counter = Counter::default();
    message.write(&mut counter, Encoding::MessagePack).expect("a counter is never full");
    let mut frame = vec![0; counter.0];
    message
        .write(&mut SliceSink::new(&mut frame), Encoding::MessagePack)
        .expect("the buffer has the encoded length");
    frame
}

/// The side (even for a client), and a frame: the core's [`laws::call`](borrowed::laws::call).
pub fn lazer_spectator(input: &[u8]) -> Outcome {
    let Some((side, frame)) = input.split_first() else { return Outcome::Skipped };
    let side = if side % 2 == 0 { Side::Client } else { Side::Server };
    let room = 4 * frame.len() + 64;
    let outcome = hold(borrowed::laws::call(side, frame, &mut vec![0; room], &mut vec![0; room]));
    same_call(side, frame);
    outcome
}

/// The borrowed types of the core and the owned types of the adapter read and write the same call.
fn same_call(side: Side, frame: &[u8]) {
    fn same<C: FromCall + Call + Debug>(
        target: &str,
        arguments: lobbywire::signalr::Arguments<'_>,
        read: bool,
        written: Vec<u8>,
    ) {
        match C::from_call(target, arguments) {
            Err(error) => assert!(!read, "{error}"),
            Ok(call) => {
                assert!(read, "{call:?}");
                let arguments =
                    call.to_arguments(Encoding::MessagePack).expect("a call that was read can be written");
                assert_eq!(arguments.bytes(), &written, "{call:?}");
            }
        }
    }

    fn written(call: &impl lobbywire::signalr::WriteInvocation) -> Vec<u8> {
        use lobbywire::wire::{Counter, MsgPackWriter, SliceSink};

        let mut counter = Counter::default();
        call.write_arguments(&mut MsgPackWriter::new(&mut counter)).expect("a counter is never full");
        let mut bytes = vec![0; counter.0];
        let mut out = SliceSink::new(&mut bytes);
        call.write_arguments(&mut MsgPackWriter::new(&mut out)).expect("the buffer has the encoded length");
        bytes
    }

    let Ok(Message::Invocation(invocation)) = Message::read(frame, Encoding::MessagePack) else { return };
    let Some(target) = invocation.target.as_plain() else { return };
    let arguments = invocation.arguments;
    match side {
        Side::Client => {
            let read = borrowed::spectator::client::Call::of(&invocation);
            if let Ok(borrowed::spectator::client::Call::Unknown(_)) = read {
                return;
            }
            let bytes = read.as_ref().map(written).unwrap_or_default();
            same::<spectator::client::Call>(target, arguments, read.is_ok(), bytes);
        }
        Side::Server => {
            let read = borrowed::spectator::server::Call::of(&invocation);
            if let Ok(borrowed::spectator::server::Call::Unknown(_)) = read {
                return;
            }
            let bytes = read.as_ref().map(written).unwrap_or_default();
            same::<spectator::server::Call>(target, arguments, read.is_ok(), bytes);
        }
    }
}

/// Hub and side, the method, the encoding, and the bytes of the arguments: [`laws::arguments`].
pub fn lazer_arguments(input: &[u8]) -> Outcome {
    let [hub, method, encoding, bytes @ ..] = input else { return Outcome::Skipped };
    let (hub, side) = hub_and_side(*hub);
    let methods = hub.methods(side);
    // The index after the last one is an unknown method.
    let (target, count) = methods
        .get(usize::from(*method) % (methods.len() + 1))
        .map_or(("UnknownMethod", 1), |method| (method.target, method.arguments.len()));
    let encoding = if encoding % 2 == 0 { Encoding::MessagePack } else { Encoding::Json };
    hold(laws::arguments(hub, side, target, count, bytes, encoding))
}

/// Hub and side, and a call generated by `arbitrary`: [`laws::call`], in both encodings.
pub fn lazer_call(input: &[u8]) -> Outcome {
    fn check<C: for<'a> Arbitrary<'a> + FromCall + Call + Debug>(bytes: &[u8]) -> Outcome {
        let Ok(call) = C::arbitrary(&mut Unstructured::new(bytes)) else { return Outcome::Skipped };
        let [messagepack, json] = [Encoding::MessagePack, Encoding::Json].map(|encoding| {
            laws::call(&call, encoding).unwrap_or_else(|broken| panic!("{broken}\n{call:?}"))
        });
        if messagepack == Outcome::Held { json } else { messagepack }
    }

    /// A result is read back as it was written.
    fn check_result<T>(bytes: &[u8])
    where
        T: for<'a> Arbitrary<'a> + ToValue + FromValue + Debug,
    {
        let Ok(result) = T::arbitrary(&mut Unstructured::new(bytes)) else { return };
        let written =
            |result: &T, encoding| OwnedValue::of(result, encoding).expect("any result can be encoded");
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            let first = written(&result, encoding);
            let read = first.read::<T>().unwrap_or_else(|error| panic!("{error}: {result:?}"));
            assert_eq!(written(&read, encoding), first, "{result:?}");
        }
    }

    let Some((hub, bytes)) = input.split_first() else { return Outcome::Skipped };
    match hub {
        0xf0 => check_result::<Vec<lazer::MultiplayerPlaylistItemStats>>(bytes),
        0xf1 => check_result::<Vec<lazer::MatchmakingPool>>(bytes),
        0xf2 => check_result::<lazer::MultiplayerRoom>(bytes),
        _ => {}
    }
    let (hub, side) = hub_and_side(*hub);
    with_calls!(hub, side, Calls => check::<Calls>(bytes), else panic!("{hub:?} has no target"))
}
