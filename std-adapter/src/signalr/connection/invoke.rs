//! Calls to the peer.

use super::encode::OutgoingCall;
use super::invocations::Outcome;
use super::link::Link;
use super::stream::{CancelGuard, Items, Upload};
use crate::signalr::{CallError, FromValue, SendError, ToArguments};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Sends a call that expects no completion.
pub(crate) async fn send(link: &Link, target: &str, arguments: &impl ToArguments) -> Result<(), SendError> {
    let call = OutgoingCall { target, ..OutgoingCall::default() };
    link.send(call.frame(link.encoding, arguments)).await
}

/// Sends a call with `streams` uploaded streams. The returned future waits for its completion.
pub(crate) async fn start<T: FromValue>(
    link: &Arc<Link>,
    target: &str,
    arguments: &impl ToArguments,
    streams: usize,
) -> Result<(Pending<T>, Vec<Upload>), SendError> {
    let stream_ids = stream_ids(link, streams);
    let id = link.invocations.next_id();
    let call = OutgoingCall { target, invocation_id: Some(&id), stream_ids: &stream_ids, is_stream: false };
    let frame = call.frame(link.encoding, arguments).map_err(SendError::Write)?;
    // Registered first: the completion may arrive before `send` returns.
    let outcome = link.invocations.expect_result(&id);
    let cancel_guard = CancelGuard::for_call(link.clone(), id);
    link.send(Ok(frame)).await?;
    let pending = Pending { outcome, _cancel_guard: cancel_guard, result: PhantomData };
    Ok((pending, uploads(link, stream_ids)))
}

/// Sends a call that is answered with a stream, with `streams` uploaded streams.
pub(crate) async fn start_stream<T: FromValue>(
    link: &Arc<Link>,
    target: &str,
    arguments: &impl ToArguments,
    streams: usize,
) -> Result<(Items<T>, Vec<Upload>), SendError> {
    let stream_ids = stream_ids(link, streams);
    let id = link.invocations.next_id();
    let call = OutgoingCall { target, invocation_id: Some(&id), stream_ids: &stream_ids, is_stream: true };
    let frame = call.frame(link.encoding, arguments).map_err(SendError::Write)?;
    let (sender, items) = link.stream_channel();
    link.invocations.expect_stream(&id, sender);
    let items = Items::new(items, CancelGuard::for_call(link.clone(), id));
    link.send(Ok(frame)).await?;
    Ok((items, uploads(link, stream_ids)))
}

fn stream_ids(link: &Link, streams: usize) -> Vec<Box<str>> {
    (0..streams).map(|_| link.invocations.next_id()).collect()
}

fn uploads(link: &Arc<Link>, ids: Vec<Box<str>>) -> Vec<Upload> {
    ids.into_iter().map(|id| Upload::new(link.clone(), id)).collect()
}

/// A sent call: a future of its result.
///
/// If it is dropped, the result is ignored; the peer still runs the call.
#[derive(Debug)]
#[must_use = "await the result, or use `send` for a call without one"]
pub struct Pending<T> {
    outcome: oneshot::Receiver<Outcome>,
    _cancel_guard: CancelGuard,
    result: PhantomData<fn() -> T>,
}

impl<T: FromValue> Future for Pending<T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.outcome)
            .poll(cx)
            .map(|outcome| outcome.map_err(|_| CallError::Disconnected)?.read())
    }
}
