//! The laws that every call on the spectator's hub keeps, whatever bytes it is given.
//!
//! ```
//! use lobbywire_core::lazer::{Side, laws};
//!
//! let (mut first, mut second) = ([0; 1024], [0; 1024]);
//! laws::call(Side::Client, b"\x1a\x96\x01\x80\xa1\x31\xb1StartWatchingUser\x91\x02\x90", &mut first, &mut second)?;
//! # Ok::<(), laws::Broken>(())
//! ```

use super::Side;
use super::spectator::{client, server};
use crate::signalr::{Arguments, Encoding, Invocation, Message, WriteInvocation};
use crate::wire::laws::{cuts, holds, is_inside, write_counted};
use crate::wire::{Counter, MsgPackWriter, SliceSink};

pub use crate::wire::laws::Broken;

/// Any frame that this side sends: reading it gives a call or an error inside of its arguments, which is explained.
/// What was read can be written, in as many bytes as counted and none behind them, and then reads and writes the same
/// again; cut anywhere it can't be read.
///
/// `first` and `second` are memory for what is written. Where it is too little, the law ends without a word.
///
/// # Errors
/// The law that is broken.
pub fn call(side: Side, frame: &[u8], first: &mut [u8], second: &mut [u8]) -> Result<(), Broken> {
    let Ok(Message::Invocation(invocation)) = Message::read(frame, Encoding::MessagePack) else {
        return Ok(());
    };
    match side {
        Side::Client => of_client(&invocation, first, second),
        Side::Server => of_server(&invocation, first, second),
    }
}

macro_rules! law {
    ($name:ident $side:ident) => {
        fn $name(invocation: &Invocation<'_>, first: &mut [u8], second: &mut [u8]) -> Result<(), Broken> {
            let call = match $side::Call::of(invocation) {
                Err(error) => {
                    let explained = $side::Call::explain(invocation);
                    let is_same = explained.is_some_and(|explained| explained.error == error);
                    holds(is_same, "an error is explained", 0)?;
                    let given = invocation.arguments.messagepack().map_or(0, |reader| reader.rest().len());
                    return is_inside(error, given);
                }
                Ok(call) => call,
            };
            holds($side::Call::explain(invocation).is_none(), "what is right is not explained", 0)?;
            // Who does not know a method can't always tell where its arguments end.
            if matches!(call, $side::Call::Unknown(_)) {
                return Ok(());
            }
            let Some(written) = write(&call, first)? else { return Ok(()) };
            let Ok(Message::Invocation(again)) = Message::read(written, Encoding::MessagePack) else {
                return Err(Broken { law: "a call that was written is an invocation", at: written.len() });
            };
            let Ok(read) = $side::Call::of(&again) else {
                return Err(Broken { law: "a call that was written can be read", at: written.len() });
            };
            let Some(again_written) = write(&read, second)? else { return Ok(()) };
            holds(again_written == written, "what is read again is written the same", again_written.len())?;
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

law!(of_client client);
law!(of_server server);

/// Writes the frame.
fn write<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    holds(call.write_frame(None, &mut counter).is_ok(), "what was read can be written", counter.0)?;
    write_counted(buffer, counter.0, |out| call.write_frame(None, out))
}

/// Writes the arguments alone, where their frame has been.
fn arguments<'b>(call: &impl WriteInvocation, buffer: &'b mut [u8]) -> Result<&'b [u8], Broken> {
    let room = buffer.len();
    let mut out = SliceSink::new(buffer);
    let written = call.write_arguments(&mut MsgPackWriter::new(&mut out));
    holds(written.is_ok(), "arguments fit where their frame does", room)?;
    let len = room.saturating_sub(out.room());
    Ok(buffer.get(..len).unwrap_or_default())
}
