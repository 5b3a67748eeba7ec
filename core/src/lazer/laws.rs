//! Properties of the calls of the spectator hub.
//!
//! ```
//! use lobbywire_core::lazer::{Side, laws};
//!
//! let (mut first, mut second) = ([0; 1024], [0; 1024]);
//! laws::call(Side::Client, b"\x1a\x96\x01\x80\xa1\x31\xb1StartWatchingUser\x91\x02\x90", &mut first, &mut second)?;
//! # Ok::<(), laws::Broken>(())
//! ```

use super::spectator::{client, server};
use super::{
    APIMod, DateTimeOffset, FrameDataBundle, FrameHeader, HitResult, Hub, LegacyReplayFrame, List, Payload,
    Setting, Settings, Side, SpectatorState, SpectatorUser, Statistics,
};
use crate::signalr::{Arguments, Encoding, Invocation, Message, WriteInvocation};
use crate::wire::laws::{holds, is_inside, truncated_lens, write_counted};
use crate::wire::{Counter, MsgPackReader, MsgPackWriter, SliceSink};
use core::fmt::{Debug, Write};

pub use crate::wire::laws::{Broken, Outcome};

/// Reads the input as a call that this side sends. A call writes and reads unchanged, in exactly its encoded length, also
/// if it is rebuilt from its fields; truncated, it is an error. `explain` returns the error that `of` returns.
///
/// `first` and `second` receive encoded calls. If they are too small, the property is [`Outcome::Skipped`].
///
/// # Errors
/// The property that the input violates.
pub fn call(side: Side, frame: &[u8], first: &mut [u8], second: &mut [u8]) -> Result<Outcome, Broken> {
    let bundle = MsgPackReader::new(frame);
    let is_read = FrameDataBundle::read(&mut bundle.clone()).is_ok();
    holds(
        FrameDataBundle::explain(bundle).is_none() == is_read,
        "explain returns an error exactly if read does",
        0,
    )?;
    let Ok(Message::Invocation(invocation)) = Message::read(frame, Encoding::MessagePack) else {
        return Ok(Outcome::Skipped);
    };
    match side {
        Side::Client => of_client(&invocation, first, second),
        Side::Server => of_server(&invocation, first, second),
    }
}

macro_rules! property {
    ($name:ident $side:ident $Side:path) => {
        fn $name(
            invocation: &Invocation<'_>,
            first: &mut [u8],
            second: &mut [u8],
        ) -> Result<Outcome, Broken> {
            let call = match $side::Call::of(invocation) {
                Err(error) => {
                    let explained = $side::Call::explain(invocation);
                    let is_same = explained.is_some_and(|explained| explained.error == error);
                    holds(is_same, "explain returns the error of of", 0)?;
                    let given = invocation.arguments.messagepack().map_or(0, |reader| reader.rest().len());
                    return is_inside(error, given).map(|()| Outcome::Skipped);
                }
                Ok(call) => call,
            };
            holds(
                $side::Call::explain(invocation).is_none(),
                "explain returns nothing for a call that can be read",
                0,
            )?;
            // The end of the arguments of an unknown method is not always known.
            let method = invocation.target.as_plain().and_then(|target| Hub::Spectator.method($Side, target));
            if matches!(call, $side::Call::Unknown(_)) {
                holds(
                    call.len() == invocation.arguments.len(),
                    "an unknown call keeps the number of its arguments",
                    call.len(),
                )?;
                let mut counter = Counter::default();
                let written = call.write_arguments(&mut MsgPackWriter::new(&mut counter));
                let is_kept = written.is_ok() && counter.0 == invocation.arguments.bytes().len();
                let target = WriteInvocation::target(&call);
                let is_called_so = invocation.target.as_plain() == Some(target);
                holds(
                    is_kept && is_called_so,
                    "an unknown call is written with its target and its arguments",
                    counter.0,
                )?;
                holds(method.is_none(), "a method of the table is not unknown", 0)?;
                return Ok(Outcome::Held);
            }
            let len = method.map(|method| method.arguments.len());
            holds(len == Some(call.len()), "a call has as many arguments as its method", call.len())?;
            holds(
                call.is_empty() == (call.len() == 0),
                "is_empty agrees with the number of arguments",
                call.len(),
            )?;
            let Some(written) = write(&call, first)? else { return Ok(Outcome::Skipped) };
            let Ok(Message::Invocation(again)) = Message::read(written, Encoding::MessagePack) else {
                return Err(Broken { law: "a call that was written is an invocation", at: written.len() });
            };
            let Ok(read) = $side::Call::of(&again) else {
                return Err(Broken { law: "a call that was written can be read", at: written.len() });
            };
            let Some(again_written) = write(&read, second)? else { return Ok(Outcome::Skipped) };
            holds(
                again_written == written,
                "a call that was written and read is written unchanged",
                again_written.len(),
            )?;
            rebuilt::$side(&call, written, second)?;
            let bytes = arguments(&read, second)?;
            for end in truncated_lens(bytes.len()) {
                let short = Arguments::of_messagepack(read.len(), bytes.get(..end).unwrap_or_default());
                let short = $side::Call::of(&Invocation { arguments: short, ..again });
                holds(short.is_err(), "a truncated call is an error", end)?;
            }
            Ok(Outcome::Held)
        }
    };
}

property!(of_client client Side::Client);
property!(of_server server Side::Server);

/// Rebuilds calls from slices, unless their lists are too long for the arrays used here.
mod rebuilt {
    use super::*;

    pub(super) fn client(call: &client::Call<'_>, written: &[u8], buffer: &mut [u8]) -> Result<(), Broken> {
        use client::*;

        match *call {
            Call::BeginPlaySessionV2(call) => {
                state(&call.state, |state| same(BeginPlaySessionV2 { state, ..call }, written, buffer))
            }
            Call::BeginPlaySession(call) => {
                state(&call.state, |state| same(BeginPlaySession { state, ..call }, written, buffer))
            }
            Call::EndPlaySession(call) => {
                state(&call.state, |state| same(EndPlaySession { state }, written, buffer))
            }
            Call::SendFrameDataV2(call) => {
                bundle(&call.bundle, |bundle| same(SendFrameDataV2 { bundle, ..call }, written, buffer))
            }
            Call::SendFrameData(call) => {
                bundle(&call.bundle, |bundle| same(SendFrameData { bundle }, written, buffer))
            }
            Call::StartWatchingUser(call) => same(Call::from(call), written, buffer),
            _ => Ok(()),
        }
    }

    pub(super) fn server(call: &server::Call<'_>, written: &[u8], buffer: &mut [u8]) -> Result<(), Broken> {
        use server::*;

        match *call {
            Call::UserBeganPlaying(call) => {
                state(&call.state, |state| same(UserBeganPlaying { state, ..call }, written, buffer))
            }
            Call::UserFinishedPlaying(call) => {
                state(&call.state, |state| same(UserFinishedPlaying { state, ..call }, written, buffer))
            }
            Call::UserSentFrames(call) => {
                bundle(&call.bundle, |bundle| same(UserSentFrames { bundle, ..call }, written, buffer))
            }
            Call::UserStartedWatching(call) => {
                let Some((users, len)) = collect::<SpectatorUser<'_>, 8>(call.users.into_iter()) else {
                    return Ok(());
                };
                let users = users.get(..len).unwrap_or_default();
                same(UserStartedWatching { users: users.into() }, written, buffer)
            }
            _ => Ok(()),
        }
    }

    fn same(call: impl WriteInvocation, written: &[u8], buffer: &mut [u8]) -> Result<(), Broken> {
        let law = "a rebuilt call is written as the original";
        match write(&call, buffer)? {
            Some(again) => holds(again == written, law, again.len()),
            None => Ok(()),
        }
    }

    /// Collects the items, at most `N`, and returns their number; `None` if there are more.
    fn collect<T: Copy + Default, const N: usize>(items: impl Iterator<Item = T>) -> Option<([T; N], usize)> {
        let (mut array, mut len) = ([T::default(); N], 0usize);
        for item in items {
            *array.get_mut(len)? = item;
            len = len.saturating_add(1);
        }
        Some((array, len))
    }

    fn same_debug(one: &impl Debug, other: &impl Debug) -> Result<(), Broken> {
        let (one, other) = (text(format_args!("{one:?}")), text(format_args!("{other:?}")));
        holds(one == other, "a rebuilt value has the same debug output", one.len)
    }

    fn statistics<'a>(
        read: Statistics<'a>,
        check: impl FnOnce(Statistics<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let is_found = read.iter().all(|(result, _)| read.get(result).is_some());
        holds(is_found, "get finds every entry of a map", read.len())?;
        let Some((pairs, len)) = collect::<(HitResult, i32), 8>(read.iter()) else { return Ok(()) };
        let pairs = pairs.get(..len).unwrap_or_default();
        let rebuilt = Statistics::from(pairs);
        same_debug(&read, &rebuilt)?;
        holds(rebuilt == read && rebuilt.len() == read.len(), "a rebuilt map equals the original", len)?;
        holds(
            read.is_empty() == (read == Statistics::from(&[])),
            "only the map without entries is empty",
            len,
        )?;
        check(rebuilt)
    }

    fn mods<'a>(
        read: List<'a, APIMod<'a>>,
        check: impl FnOnce(List<'_, APIMod<'_>>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let mut settings = [[("", Setting::Null); 4]; 4];
        for (one, settings) in read.iter().zip(&mut settings) {
            let is_found = one.settings.iter().all(|(name, _)| one.settings.get(name).is_some());
            holds(is_found, "get finds every setting", one.settings.len())?;
            let Some((collected, _)) = collect::<Set<'a>, 4>(one.settings.iter().map(Set)) else {
                return Ok(());
            };
            *settings = collected.map(|Set(set)| set);
        }
        let Some((mut mods, len)) = collect::<APIMod<'_>, 4>(read.iter()) else { return Ok(()) };
        for (one, settings) in mods.iter_mut().zip(&settings) {
            let rebuilt = settings.get(..one.settings.len()).unwrap_or_default().into();
            same_debug(&one.settings, &rebuilt)?;
            one.settings = rebuilt;
        }
        let mods = List::from(mods.get(..len).unwrap_or_default());
        same_debug(&read, &mods)?;
        let (no_mods, no_settings) = (List::<APIMod<'_>>::from(&[]), Settings::from(&[]));
        let is_plain = read.into_iter().all(|one| one.settings == no_settings);
        holds(!is_plain || read == mods, "a rebuilt list equals the original", len)?;
        holds(read.is_empty() == (read == no_mods), "only the list without items is empty", len)?;
        holds(read.is_empty() == (len == 0), "is_empty agrees with the number of items", len)?;
        check(mods)
    }

    /// A setting with its name, which has a default.
    #[derive(Clone, Copy)]
    struct Set<'a>((&'a str, Setting<'a>));

    impl Default for Set<'_> {
        fn default() -> Self {
            Self(("", Setting::Null))
        }
    }

    fn state(
        read: &SpectatorState<'_>,
        check: impl FnOnce(SpectatorState<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        mods(read.mods, |mods| {
            statistics(read.maximum_statistics, |maximum_statistics| {
                let rebuilt = SpectatorState { mods, maximum_statistics, ..*read };
                same_debug(read, &rebuilt)?;
                holds(
                    read.extra.is_empty() == read.extra.bytes().is_empty(),
                    "extra fields are empty exactly if they have no bytes",
                    0,
                )?;
                check(rebuilt)
            })
        })
    }

    fn bundle(
        read: &FrameDataBundle<'_>,
        check: impl FnOnce(FrameDataBundle<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let Some((frames, len)) = collect::<LegacyReplayFrame<'_>, 8>(read.frames.iter()) else {
            return Ok(());
        };
        let frames = frames.get(..len).unwrap_or_default();
        holds(read.frames.iter().len() == len, "len is the number of frames", len)?;
        let time = read.header.received_time;
        let again = DateTimeOffset::from_unix(time.unix_seconds(), time.nanoseconds, time.offset_minutes);
        holds(again == time, "a time is rebuilt from its parts", 0)?;
        mods(read.header.mods, |mods| {
            statistics(read.header.statistics, |statistics| {
                let header = FrameHeader { mods, statistics, ..read.header };
                let rebuilt = FrameDataBundle { header, frames: frames.into(), ..*read };
                same_debug(read, &rebuilt)?;
                check(rebuilt)
            })
        })
    }
}

/// The length and a checksum of formatted text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    len: usize,
    sum: u64,
}

impl Write for Sum {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.len = self.len.saturating_add(text.len());
        for byte in text.bytes() {
            self.sum = self.sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
        }
        Ok(())
    }
}

fn text(shown: core::fmt::Arguments<'_>) -> Sum {
    let mut sum = Sum::default();
    let _ = sum.write_fmt(shown);
    sum
}

/// Writes a call as a frame.
fn write<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    holds(
        call.write_frame(Some("7"), &mut counter).is_ok(),
        "a call that was read can be written",
        counter.0,
    )?;
    write_counted(buffer, counter.0, |out| call.write_frame(Some("7"), out))
}

/// Writes only the arguments, into a buffer that has held the whole frame.
fn arguments<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<&'b [u8], Broken> {
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    let written = call.write_arguments(&mut MsgPackWriter::new(&mut out));
    holds(written.is_ok(), "arguments fit where their frame fits", room)?;
    let len = room.saturating_sub(out.room());
    Ok(buffer.get(..len).unwrap_or_default())
}
