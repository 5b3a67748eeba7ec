//! Properties of SignalR messages and handshakes; [`stream`] checks the framings.
//!
//! ```
//! use lobbywire_core::signalr::{Encoding, Records, laws};
//!
//! let (mut first, mut second) = ([0; 1024], [0; 1024]);
//! let outcome = laws::message(b"\x02\x91\x06", Encoding::MessagePack, &mut first, &mut second)?;
//! assert_eq!(outcome, laws::Outcome::Held);
//! laws::stream(&Records::new(), b"{}\x1e{\"type\":6}\x1e", || 1, &mut first)?;
//! # Ok::<(), laws::Broken>(())
//! ```

use super::{Encoding, HandshakeRequest, HandshakeResponse, Headers, Message, StreamIds};
use crate::wire::laws::{holds, is_inside, write_counted};
use crate::wire::{AnySink, Counter, Full};

pub use crate::wire::laws::{Broken, Outcome, stream};

/// Reads the input as a frame. A message writes and reads unchanged, in exactly its encoded length; truncated, it is an
/// error. `explain` returns the error that `read` returns.
///
/// `first` and `second` receive encoded messages. If they are too small, the property is [`Outcome::Skipped`].
///
/// # Errors
/// The property that the input violates.
pub fn message(
    frame: &[u8],
    encoding: Encoding,
    first: &mut [u8],
    second: &mut [u8],
) -> Result<Outcome, Broken> {
    let message = match Message::read(frame, encoding) {
        Ok(message) => message,
        Err(error) => {
            let explained = Message::explain(frame, encoding).map(|explained| explained.error);
            holds(explained == Some(error), "explain returns the error of read", 0)?;
            return is_inside(error, frame.len()).map(|()| Outcome::Skipped);
        }
    };
    holds(
        Message::explain(frame, encoding).is_none(),
        "explain returns nothing for a message that can be read",
        0,
    )?;
    accessors(&message)?;
    let Some(written) = write(&message, encoding, first)? else { return Ok(Outcome::Skipped) };
    let Ok(again) = Message::read(written, encoding) else {
        return Err(Broken { law: "a message that was written can be read", at: written.len() });
    };
    let law = "a message is read back with its type";
    holds((again.name(), again.kind()) == (message.name(), message.kind()), law, 0)?;
    let (len, kind) = (written.len(), again.kind());
    // A record without its end mark is still a whole message.
    let ends = len.saturating_sub(usize::from(encoding == Encoding::Json));
    for end in 0..ends {
        let short = written.get(..end).unwrap_or_default();
        holds(Message::read(short, encoding).is_err(), "a truncated message is an error", end)?;
    }
    let Some(written_again) = write(&again, encoding, second)? else { return Ok(Outcome::Skipped) };
    let law = "a message that was written and read is written unchanged";
    holds(written_again == written, law, usize::try_from(kind).unwrap_or(0))?;
    Ok(Outcome::Held)
}

fn write<'b>(
    message: &Message<'_>,
    encoding: Encoding,
    buffer: &'b mut [u8],
) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    let counted = message.write(&mut counter, encoding);
    holds(counted.is_ok(), "a message that was read can be written", counter.0)?;
    // Through `&mut SliceSink`, which forwards every method of `Sink`.
    write_counted(buffer, counter.0, |mut out| message.write(&mut out, encoding))
}

/// The accessors of a message agree with each other.
fn accessors(message: &Message<'_>) -> Result<(), Broken> {
    let (headers, arguments, stream_ids) = match message {
        Message::Invocation(call) => (call.headers, Some(call.arguments), call.stream_ids),
        Message::StreamInvocation(call) => (call.headers, Some(call.arguments), call.stream_ids),
        Message::StreamItem(item) => (item.headers, None, StreamIds::Omitted),
        Message::Completion(completion) => (completion.headers, None, StreamIds::Omitted),
        Message::CancelInvocation(cancel) => (cancel.headers, None, StreamIds::Omitted),
        _ => (Headers::None, None, StreamIds::Omitted),
    };
    holds(
        headers.is_empty() == (headers.iter().count() == 0),
        "is_empty agrees with the number of headers",
        0,
    )?;
    holds(
        stream_ids.is_empty() == (stream_ids.iter().count() == 0),
        "is_empty agrees with the number of stream ids",
        0,
    )?;
    if let Some(arguments) = arguments {
        let len = arguments.len();
        holds(arguments.is_empty() == (len == 0), "is_empty agrees with the number of arguments", len)?;
        let read = arguments.values().take_while(Result::is_ok).count();
        holds(!arguments.is_readable() || read == len, "len is the number of values", read)?;
        let bytes = arguments.bytes().len();
        let of_values = arguments.values().flatten().filter_map(|value| value.messagepack());
        let read = of_values.fold(0usize, |len, value| len.saturating_add(value.rest().len()));
        let is_same = !arguments.is_readable() || arguments.json().is_some() || read == bytes;
        holds(is_same, "arguments consist of their values", bytes)?;
    }
    Ok(())
}

/// Reads the input as a handshake request and as a response. Both are read back as they were written. Held if one of
/// them was read.
///
/// # Errors
/// The property that the input violates.
pub fn handshake(record: &[u8], buffer: &mut [u8]) -> Result<Outcome, Broken> {
    let mut outcome = Outcome::Skipped;
    match HandshakeRequest::read(record) {
        Err(error) => is_inside(error, record.len())?,
        Ok(request) => {
            let is_known = request.encoding().is_some_and(|encoding| request.protocol == encoding.name());
            holds(is_known || request.encoding().is_none(), "the protocol is the name of its encoding", 0)?;
            if let Some(written) = counted(buffer, |out| request.write(out))? {
                let again = HandshakeRequest::read(written);
                holds(again == Ok(request), "a request is read back as it was written", written.len())?;
                outcome = Outcome::Held;
            }
        }
    }
    match HandshakeResponse::read(record) {
        Err(error) => is_inside(error, record.len())?,
        Ok(response) => {
            if let Some(written) = counted(buffer, |out| response.write(out))? {
                let again = HandshakeResponse::read(written);
                holds(again == Ok(response), "a response is read back as it was written", written.len())?;
                outcome = Outcome::Held;
            }
        }
    }
    Ok(outcome)
}

fn counted(
    buffer: &mut [u8],
    write: impl Fn(&mut AnySink<'_>) -> Result<(), Full>,
) -> Result<Option<&[u8]>, Broken> {
    let mut counter = Counter::default();
    holds(write(&mut AnySink::new(&mut counter)).is_ok(), "a message that was read can be written", 0)?;
    write_counted(buffer, counter.0, |out| write(&mut AnySink::new(out)))
}
