//! The properties of calls on the spectator hub, for arbitrary bytes.
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
    ReplayButtonState, Setting, Settings, Side, SpectatorState, SpectatorUser, Statistics,
};
use crate::signalr::{Arguments, Encoding, Invocation, Message, WriteInvocation};
use crate::wire::laws::{cuts, holds, is_inside, write_counted};
use crate::wire::{Counter, MsgPackReader, MsgPackWriter, SliceSink};
use core::fmt::{Debug, Write};

pub use crate::wire::laws::Broken;

/// Checks any frame that this side sends. Decoding returns a call, or an error in its arguments that `explain` finds.
/// A decoded call is encoded with the computed length and touches nothing after it, round-trips, and is equal to a
/// call built from its values. Every truncation is rejected.
///
/// `first` and `second` are output buffers. If they are too small, the check is skipped.
///
/// # Errors
/// The property that does not hold.
pub fn call(side: Side, frame: &[u8], first: &mut [u8], second: &mut [u8]) -> Result<(), Broken> {
    let bundle = MsgPackReader::new(frame);
    let is_read = FrameDataBundle::read(&mut bundle.clone()).is_ok();
    holds(FrameDataBundle::explain(bundle).is_none() == is_read, "what can't be read is explained", 0)?;
    let Ok(Message::Invocation(invocation)) = Message::read(frame, Encoding::MessagePack) else {
        return Ok(());
    };
    match side {
        Side::Client => of_client(&invocation, first, second),
        Side::Server => of_server(&invocation, first, second),
    }
}

macro_rules! law {
    ($name:ident $side:ident $Side:path) => {
        fn $name(invocation: &Invocation<'_>, first: &mut [u8], second: &mut [u8]) -> Result<(), Broken> {
            let call = match $side::Call::of(invocation) {
                Err(error) => {
                    let explained = $side::Call::explain(invocation);
                    let is_same = explained.is_some_and(|explained| {
                        explained.error == error && text(format_args!("{explained}")).len > 0
                    });
                    holds(is_same, "an error is explained", 0)?;
                    let given = invocation.arguments.messagepack().map_or(0, |reader| reader.rest().len());
                    return is_inside(error, given);
                }
                Ok(call) => call,
            };
            holds($side::Call::explain(invocation).is_none(), "what is right is not explained", 0)?;
            // Who does not know a method can't always tell where its arguments end.
            let method = invocation.target.as_plain().and_then(|target| Hub::Spectator.method($Side, target));
            if matches!(call, $side::Call::Unknown(_)) {
                holds(call.len() == invocation.arguments.len(), "what is not known is kept", call.len())?;
                let mut counter = Counter::default();
                let written = call.write_arguments(&mut MsgPackWriter::new(&mut counter));
                let is_kept = written.is_ok() && counter.0 == invocation.arguments.bytes().len();
                let target = WriteInvocation::target(&call);
                let is_called_so = invocation.target.as_plain() == Some(target);
                holds(is_kept && is_called_so, "what is not known is written", counter.0)?;
                return holds(method.is_none(), "a method that has a name is known", 0);
            }
            let len = method.map(|method| method.arguments.len());
            holds(len == Some(call.len()), "a method takes as much as it says", call.len())?;
            holds(call.is_empty() == (call.len() == 0), "arguments are counted", call.len())?;
            let Some(written) = write(&call, first)? else { return Ok(()) };
            let Ok(Message::Invocation(again)) = Message::read(written, Encoding::MessagePack) else {
                return Err(Broken { law: "a call that was written is an invocation", at: written.len() });
            };
            let Ok(read) = $side::Call::of(&again) else {
                return Err(Broken { law: "a call that was written can be read", at: written.len() });
            };
            let Some(again_written) = write(&read, second)? else { return Ok(()) };
            holds(again_written == written, "what is read again is written the same", again_written.len())?;
            made_anew::$side(&call, written, second)?;
            let bytes = arguments(&read, second)?;
            for end in cuts(bytes.len()) {
                let cut = Arguments::of_messagepack(read.len(), bytes.get(..end).unwrap_or_default());
                let cut = $side::Call::of(&Invocation { arguments: cut, ..again });
                holds(cut.is_err(), "a call that is cut is none", end)?;
            }
            Ok(())
        }
    };
}

law!(of_client client Side::Client);
law!(of_server server Side::Server);

/// Rebuilds calls from slices, if the decoded lists are short enough.
mod made_anew {
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
                let Some((users, len)) = taken::<SpectatorUser<'_>, 8>(call.users.into_iter()) else {
                    return Ok(());
                };
                let users = users.get(..len).unwrap_or_default();
                same(UserStartedWatching { users: users.into() }, written, buffer)
            }
            _ => Ok(()),
        }
    }

    fn same(call: impl WriteInvocation, written: &[u8], buffer: &mut [u8]) -> Result<(), Broken> {
        let law = "a call that is made anew is written as the one that was read";
        match write(&call, buffer)? {
            Some(again) => holds(again == written, law, again.len()),
            None => Ok(()),
        }
    }

    /// An array and the number of its used elements; `None` if there are too many.
    fn taken<T: Copy + Default, const N: usize>(items: impl Iterator<Item = T>) -> Option<([T; N], usize)> {
        let (mut array, mut len) = ([T::default(); N], 0usize);
        for item in items {
            *array.get_mut(len)? = item;
            len = len.saturating_add(1);
        }
        Some((array, len))
    }

    fn shown_alike(one: &impl Debug, other: &impl Debug) -> Result<(), Broken> {
        let (one, other) = (text(format_args!("{one:?}")), text(format_args!("{other:?}")));
        holds(one == other, "what is made anew is shown as what was read", one.len)
    }

    fn statistics<'a>(
        read: Statistics<'a>,
        go_on: impl FnOnce(Statistics<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let is_found = read.iter().all(|(result, _)| read.get(result).is_some());
        holds(is_found, "what is in a map is found", read.len())?;
        let Some((pairs, len)) = taken::<(HitResult, i32), 8>(read.iter()) else { return Ok(()) };
        let pairs = pairs.get(..len).unwrap_or_default();
        let anew = Statistics::from(pairs);
        shown_alike(&read, &anew)?;
        holds(anew == read && anew.len() == read.len(), "a map is what is in it", len)?;
        holds(read.is_empty() == (read == Statistics::from(&[])), "a map without anything is empty", len)?;
        go_on(anew)
    }

    fn mods<'a>(
        read: List<'a, APIMod<'a>>,
        go_on: impl FnOnce(List<'_, APIMod<'_>>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let mut settings = [[("", Setting::Null); 4]; 4];
        for (one, settings) in read.iter().zip(&mut settings) {
            let is_found = one.settings.iter().all(|(name, _)| one.settings.get(name).is_some());
            holds(is_found, "what is set is found", one.settings.len())?;
            let Some((taken, _)) = taken::<Set<'a>, 4>(one.settings.iter().map(Set)) else { return Ok(()) };
            *settings = taken.map(|Set(set)| set);
        }
        let Some((mut mods, len)) = taken::<APIMod<'_>, 4>(read.iter()) else { return Ok(()) };
        for (one, settings) in mods.iter_mut().zip(&settings) {
            let anew = settings.get(..one.settings.len()).unwrap_or_default().into();
            shown_alike(&one.settings, &anew)?;
            one.settings = anew;
        }
        let mods = List::from(mods.get(..len).unwrap_or_default());
        shown_alike(&read, &mods)?;
        let (nobody, nothing) = (List::<APIMod<'_>>::from(&[]), Settings::from(&[]));
        let is_plain = read.into_iter().all(|one| one.settings == nothing);
        holds(!is_plain || read == mods, "a list is what is in it", len)?;
        holds(read.is_empty() == (read == nobody), "a list without anything is empty", len)?;
        holds(read.is_empty() == (len == 0), "a list is as long as what is in it", len)?;
        go_on(mods)
    }

    /// Settings with names, for arrays.
    #[derive(Clone, Copy)]
    struct Set<'a>((&'a str, Setting<'a>));

    impl Default for Set<'_> {
        fn default() -> Self {
            Self(("", Setting::Null))
        }
    }

    fn state(
        read: &SpectatorState<'_>,
        go_on: impl FnOnce(SpectatorState<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        mods(read.mods, |mods| {
            statistics(read.maximum_statistics, |maximum_statistics| {
                let anew = SpectatorState { mods, maximum_statistics, ..*read };
                shown_alike(read, &anew)?;
                holds(read.extra.is_empty() == read.extra.bytes().is_empty(), "what is new is kept", 0)?;
                go_on(anew)
            })
        })
    }

    fn bundle(
        read: &FrameDataBundle<'_>,
        go_on: impl FnOnce(FrameDataBundle<'_>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let Some((frames, len)) = taken::<LegacyReplayFrame<'_>, 8>(read.frames.iter()) else {
            return Ok(());
        };
        for frame in &frames {
            let buttons = frame.button_state;
            holds(
                (buttons | ReplayButtonState::SMOKE).contains(buttons),
                "a button that is held is held",
                0,
            )?;
        }
        let frames = frames.get(..len).unwrap_or_default();
        holds(read.frames.iter().len() == len, "a list knows how long it is", len)?;
        let time = read.header.received_time;
        let again = DateTimeOffset::from_unix(time.unix_seconds(), time.nanoseconds, time.offset_minutes);
        holds(again == time, "a time stays what it is", 0)?;
        mods(read.header.mods, |mods| {
            statistics(read.header.statistics, |statistics| {
                let header = FrameHeader { mods, statistics, ..read.header };
                let anew = FrameDataBundle { header, frames: frames.into(), ..*read };
                shown_alike(read, &anew)?;
                go_on(anew)
            })
        })
    }
}

/// The length of a text, and a checksum.
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

/// Encodes the frame.
fn write<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    holds(call.write_frame(Some("7"), &mut counter).is_ok(), "what was read can be written", counter.0)?;
    write_counted(buffer, counter.0, |out| call.write_frame(Some("7"), out))
}

/// Encodes the arguments into the buffer that held their frame.
fn arguments<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<&'b [u8], Broken> {
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    let written = call.write_arguments(&mut MsgPackWriter::new(&mut out));
    holds(written.is_ok(), "arguments fit where their frame does", room)?;
    let len = room.saturating_sub(out.room());
    Ok(buffer.get(..len).unwrap_or_default())
}
