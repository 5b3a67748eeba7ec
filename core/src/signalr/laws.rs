//! The laws that every message keeps, whatever bytes it is given; [`stream`] holds those of the framings.
//!
//! ```
//! use lobbywire_core::signalr::{Encoding, Records, laws};
//!
//! let (mut first, mut second) = ([0; 1024], [0; 1024]);
//! laws::message(b"\x02\x91\x06", Encoding::MessagePack, &mut first, &mut second)?;
//! laws::stream(&Records::new(), b"{}\x1e{\"type\":6}\x1e", || 1, &mut first)?;
//! # Ok::<(), laws::Broken>(())
//! ```

use super::{Encoding, HandshakeRequest, HandshakeResponse, Headers, Message, StreamIds};
use crate::wire::laws::{holds, is_inside, write_counted};
use crate::wire::{AnySink, Counter, Full};

pub use crate::wire::laws::{Broken, stream};

/// Any frame: reading it gives a message or an error inside of it. What was read can be written, in as many bytes as
/// counted and none behind them, and then reads and writes the same again; all that is asked of it is answered.
///
/// `first` and `second` are memory for what is written. Where it is too little, the law ends without a word.
///
/// # Errors
/// The law that is broken.
pub fn message(frame: &[u8], encoding: Encoding, first: &mut [u8], second: &mut [u8]) -> Result<(), Broken> {
    let message = match Message::read(frame, encoding) {
        Ok(message) => message,
        Err(error) => {
            let explained = Message::explain(frame, encoding).map(|explained| explained.error);
            holds(explained == Some(error), "an error is explained", 0)?;
            return is_inside(error, frame.len());
        }
    };
    holds(Message::explain(frame, encoding).is_none(), "what is right is not explained", 0)?;
    look(&message)?;
    let Some(written) = write(&message, encoding, first)? else { return Ok(()) };
    let Ok(again) = Message::read(written, encoding) else {
        return Err(Broken { law: "what was written can be read", at: written.len() });
    };
    let law = "a message stays of its type";
    holds((again.name(), again.kind()) == (message.name(), message.kind()), law, 0)?;
    let (len, kind) = (written.len(), again.kind());
    // Whoever writes it again writes the same; and cut anywhere it is none, but for the end of a record.
    let ends = len.saturating_sub(usize::from(encoding == Encoding::Json));
    for end in 0..ends {
        let cut = written.get(..end).unwrap_or_default();
        holds(Message::read(cut, encoding).is_err(), "a message that is cut is none", end)?;
    }
    let Some(written_again) = write(&again, encoding, second)? else { return Ok(()) };
    holds(
        written_again == written,
        "what is read again is written the same",
        usize::try_from(kind).unwrap_or(0),
    )
}

fn write<'b>(
    message: &Message<'_>,
    encoding: Encoding,
    buffer: &'b mut [u8],
) -> Result<Option<&'b [u8]>, Broken> {
    let mut counter = Counter::default();
    let counted = message.write(&mut counter, encoding);
    holds(counted.is_ok(), "what was read can be written", counter.0)?;
    // Into a sink that is lent, which has to pass on all that a sink can do.
    write_counted(buffer, counter.0, |mut out| message.write(&mut out, encoding))
}

/// Asks a message all that there is to ask.
fn look(message: &Message<'_>) -> Result<(), Broken> {
    let (headers, arguments, stream_ids) = match message {
        Message::Invocation(call) => (call.headers, Some(call.arguments), call.stream_ids),
        Message::StreamInvocation(call) => (call.headers, Some(call.arguments), call.stream_ids),
        Message::StreamItem(item) => (item.headers, None, StreamIds::ImplicitFalse),
        Message::Completion(completion) => (completion.headers, None, StreamIds::ImplicitFalse),
        Message::CancelInvocation(cancel) => (cancel.headers, None, StreamIds::ImplicitFalse),
        _ => (Headers::None, None, StreamIds::ImplicitFalse),
    };
    holds(headers.is_empty() == (headers.iter().count() == 0), "headers are counted", 0)?;
    holds(stream_ids.is_empty() == (stream_ids.iter().count() == 0), "streams are counted", 0)?;
    if let Some(arguments) = arguments {
        let len = arguments.len();
        holds(arguments.is_empty() == (len == 0), "arguments are counted", len)?;
        let read = arguments.values().take_while(Result::is_ok).count();
        holds(!arguments.is_readable() || read == len, "arguments are as many as they say", read)?;
        let bytes = arguments.bytes().len();
        let of_values = arguments.values().flatten().filter_map(|value| value.messagepack());
        let read = of_values.fold(0usize, |len, value| len.saturating_add(value.rest().len()));
        let is_same = !arguments.is_readable() || arguments.json().is_some() || read == bytes;
        holds(is_same, "arguments are their values", bytes)?;
    }
    Ok(())
}

/// Any record: reading it as a handshake gives one or an error inside of it, and what was read is written and reads
/// the same.
///
/// # Errors
/// The law that is broken.
pub fn handshake(record: &[u8], buffer: &mut [u8]) -> Result<(), Broken> {
    match HandshakeRequest::read(record) {
        Err(error) => is_inside(error, record.len())?,
        Ok(request) => {
            let is_known = request.encoding().is_some_and(|encoding| request.protocol == encoding.name());
            holds(is_known || request.encoding().is_none(), "an encoding has its name", 0)?;
            if let Some(written) = counted(buffer, |out| request.write(out))? {
                holds(
                    HandshakeRequest::read(written) == Ok(request),
                    "a request reads again",
                    written.len(),
                )?;
            }
        }
    }
    match HandshakeResponse::read(record) {
        Err(error) => is_inside(error, record.len()),
        Ok(response) => match counted(buffer, |out| response.write(out))? {
            Some(written) => holds(
                HandshakeResponse::read(written) == Ok(response),
                "an answer reads again",
                written.len(),
            ),
            None => Ok(()),
        },
    }
}

fn counted(
    buffer: &mut [u8],
    write: impl Fn(&mut AnySink<'_>) -> Result<(), Full>,
) -> Result<Option<&[u8]>, Broken> {
    let mut counter = Counter::default();
    holds(write(&mut AnySink::new(&mut counter)).is_ok(), "what was read can be written", 0)?;
    write_counted(buffer, counter.0, |out| write(&mut AnySink::new(out)))
}
