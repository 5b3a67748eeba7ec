//! Runs a connection over one socket.

use super::encode;
use super::link::Link;
use super::read_buffer::ReadBuffer;
use super::read_loop::{End, Handler, read};
use super::timers::{CLOSE_TIMEOUT, Timers};
use super::transport::{Received, Transport};
use super::write_loop::{Written, write};
use futures_util::{SinkExt, StreamExt};
use std::io;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The error of a Close message after a timeout.
pub(crate) const TIMEOUT_TEXT: &str = "no message was received before the timeout";

/// Runs a link over a socket until the socket ends. `resumes` is set if the link was on another socket before.
///
/// Messages that were counted as received are handled even if the socket ends.
pub(crate) async fn run(
    link: &Link,
    transport: &mut Transport,
    read_buffer: &mut ReadBuffer,
    timers: Timers,
    handler: &mut impl Handler,
    resumes: bool,
    interrupt: impl Future<Output = ()> + Send,
) -> End {
    let Transport { incoming, outlet } = transport;
    let first = resumes.then(|| {
        read_buffer.resume(link.encoding);
        link.received().resume();
        link.outbox.rewind()
    });
    // Has no permits, and is closed by the half that ends first.
    let stop = Semaphore::new(0);
    let reads = async {
        let end = read(link, incoming, read_buffer, timers, handler, &stop, interrupt).await;
        let close = |text: &str| link.outbox.end(encode::close(link.encoding, Some(text), false));
        match &end {
            End::Malformed(malformed) => close(&malformed.to_string()),
            // A violation of the WebSocket protocol, or a message above its limit. Another socket would not
            // help.
            End::Lost(error) if error.kind() == io::ErrorKind::InvalidData => close(&error.to_string()),
            End::TimedOut if !link.is_stateful => close(TIMEOUT_TEXT),
            _ => {}
        }
        if link.outbox.is_ended() && !link.outbox.is_closed() {
            // Queued messages are still written if the peer reads them in time.
            let _ = timeout(CLOSE_TIMEOUT, stop.acquire()).await;
        }
        stop.close();
        end
    };
    let writes = async {
        let end = write(link, outlet, timers, first, &stop).await;
        stop.close();
        end
    };
    let (read, written) = tokio::join!(reads, writes);
    match (read, written) {
        (End::Ended, Written::Failed(error)) => End::Lost(error),
        (End::TimedOut, Written::Ended) => End::TimedOut,
        (end, Written::Ended) => {
            // Dropping a socket with unread bytes may discard the last message, so read until the peer closes
            // it.
            let rest = async { while let Some(Received::Bytes(_)) = incoming.next().await {} };
            let _ = timeout(CLOSE_TIMEOUT, rest).await;
            end
        }
        (end, _) => {
            if !matches!(end, End::Lost(_) | End::Interrupted) && !link.outbox.is_closed() {
                let _ = timeout(CLOSE_TIMEOUT, outlet.close()).await;
            }
            end
        }
    }
}
