//! The sending half of a socket.

use super::encode;
use super::link::Link;
use super::outbox::Next;
use super::timers::{ACK_INTERVAL, CLOSE_TIMEOUT, Timers};
use super::transport::{Outgoing, Outlet};
use crate::signalr::Message;
use futures_util::SinkExt;
use std::io;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout};

/// How many messages are written before the timers are checked again.
const BATCH: usize = 32;

/// How writing ended.
pub(super) enum Written {
    /// Everything was written, including the last message.
    Ended,
    /// The reading half ended, or the connection was aborted.
    Stopped,
    Failed(io::Error),
}

/// Writes messages until the connection ends, or until `stop` is closed. `first` is the first number that is
/// written again after a reconnect.
pub(super) async fn write(
    link: &Link,
    outlet: &mut Outlet,
    timers: Timers,
    first: Option<i64>,
    stop: &Semaphore,
) -> Written {
    let work = async {
        let first = match first {
            Some(sequence_id) => Some(Message::Sequence { sequence_id }),
            None => timers.begins_with_ping.then_some(Message::Ping),
        };
        if let Some(Ok(frame)) = first.map(|first| encode::frame(&first, link.encoding)) {
            outlet.send(Outgoing::new(frame, link.encoding)).await?;
        }
        write_all(link, outlet, timers).await
    };
    let written = tokio::select! {
        biased;
        written = work => written,
        _ = stop.acquire() => return Written::Stopped,
    };
    match written {
        Err(error) => Written::Failed(error),
        Ok(false) => Written::Stopped,
        Ok(true) => match timeout(CLOSE_TIMEOUT, outlet.close()).await {
            Ok(Err(error)) => Written::Failed(error),
            _ => Written::Ended,
        },
    }
}

/// Writes queued messages, acknowledgements and Pings. Returns `false` if the connection was aborted.
async fn write_all(link: &Link, outlet: &mut Outlet, timers: Timers) -> io::Result<bool> {
    let ping = encode::frame(&Message::Ping, link.encoding).unwrap_or_default();
    let mut next_ping = Instant::now() + timers.keep_alive;
    let mut next_ack = Instant::now() + ACK_INTERVAL;
    loop {
        let ack_is_due = async {
            tokio::select! {
                () = sleep_until(next_ack) => {}
                () = link.ack_requested.notified() => {}
            }
        };
        let frame = tokio::select! {
            biased;
            () = ack_is_due, if link.is_stateful => {
                next_ack = Instant::now() + ACK_INTERVAL;
                if link.delays_acks() {
                    continue;
                }
                let sequence_id = link.received().take_ack();
                let ack = sequence_id.map(|sequence_id| Message::Ack { sequence_id });
                match ack.map(|ack| encode::frame(&ack, link.encoding)) {
                    Some(Ok(frame)) => frame,
                    _ => continue,
                }
            }
            next = link.outbox.next() => match next {
                Next::Frame(frame) => frame,
                Next::End(close) => {
                    if let Some(close) = close {
                        outlet.send(Outgoing::new(close, link.encoding)).await?;
                    }
                    return Ok(true);
                }
                Next::Closed => return Ok(false),
            },
            () = sleep_until(next_ping) => ping.clone(),
        };
        // A peer that does not read blocks this until the connection ends.
        outlet.feed(Outgoing::new(frame, link.encoding)).await?;
        for _ in 1..BATCH {
            let Some(frame) = link.outbox.try_next_frame() else { break };
            outlet.feed(Outgoing::new(frame, link.encoding)).await?;
        }
        outlet.flush().await?;
        next_ping = Instant::now() + timers.keep_alive;
    }
}
