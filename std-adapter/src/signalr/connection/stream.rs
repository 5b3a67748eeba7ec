//! Streams of items in either direction.

use super::encode;
use super::invocations::StreamEvent;
use super::link::Link;
use crate::signalr::{CallError, FromValue, SendError, ToValue};
use futures_util::Stream;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Whose call an id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Local,
    Peer,
}

/// Forgets a call or stream when dropped. A stream of a call of ours is cancelled.
#[derive(Debug)]
pub(crate) struct CancelGuard {
    link: Arc<Link>,
    id: Box<str>,
    caller: Caller,
}

impl CancelGuard {
    pub(super) fn for_call(link: Arc<Link>, id: Box<str>) -> Self {
        Self { link, id, caller: Caller::Local }
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        let Self { link, id, caller } = self;
        if *caller == Caller::Peer {
            link.invocations.forget_upload(id);
        } else if link.invocations.forget_call(id)
            && let Ok(frame) = encode::cancel_invocation(link.encoding, id)
        {
            // A closed connection has nothing to cancel.
            let _ = link.outbox.try_push(&frame);
        }
    }
}

/// The items of a stream that the peer sends. After an [`Err`] of [`CallError::Remote`] or
/// [`CallError::Disconnected`] the stream ends.
///
/// Only as many items as the options allow are buffered. Then the connection is not read until one is taken,
/// so keep reading. If this is dropped, a stream of a call is cancelled, and the rest of an uploaded stream
/// is ignored.
#[derive(Debug)]
pub struct Items<T> {
    items: mpsc::Receiver<StreamEvent>,
    cancel_guard: CancelGuard,
    is_over: bool,
    item: PhantomData<fn() -> T>,
}

impl<T: FromValue> Items<T> {
    pub(super) fn new(items: mpsc::Receiver<StreamEvent>, cancel_guard: CancelGuard) -> Self {
        Self { items, cancel_guard, is_over: false, item: PhantomData }
    }

    /// A stream that the peer uploads. `None` if the id is in use, or `limit` streams are open.
    pub(crate) fn of_upload(link: &Arc<Link>, id: &str, limit: usize) -> Option<Self> {
        let (sender, items) = link.stream_channel();
        let is_free = link.invocations.expect_upload(id, limit, sender);
        is_free.then(|| {
            let cancel_guard = CancelGuard { link: link.clone(), id: id.into(), caller: Caller::Peer };
            Self::new(items, cancel_guard)
        })
    }

    /// The same items, decoded as another type.
    pub(crate) fn read_as<U: FromValue>(self) -> Items<U> {
        let Self { items, cancel_guard, is_over, .. } = self;
        Items { items, cancel_guard, is_over, item: PhantomData }
    }

    /// The next item; `None` at the end. An item that does not fit `T` is [`CallError::Decode`], and does not
    /// end the stream. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<T, CallError>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T: FromValue> Stream for Items<T> {
    type Item = Result<T, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.items.poll_recv(cx).map(|event| {
            let end = match event {
                Some(Ok(Some((item, _)))) => return Some(item.read().map_err(CallError::from)),
                Some(Ok(None)) => None,
                Some(Err(error)) => Some(Err(error)),
                None => Some(Err(CallError::Disconnected)),
            };
            self.is_over = true;
            end
        })
    }
}

/// A stream that is sent to the peer with a call. If it is dropped before [`finish`](Self::finish), it ends
/// with an error.
#[derive(Debug)]
pub struct Upload {
    link: Arc<Link>,
    id: Box<str>,
    is_over: bool,
}

impl Upload {
    pub(super) fn new(link: Arc<Link>, id: Box<str>) -> Self {
        Self { link, id, is_over: false }
    }

    /// Sends an item. Waits while the send buffer is full.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send(&mut self, item: &(impl ToValue + ?Sized)) -> Result<(), SendError> {
        let frame = encode::stream_item(self.link.encoding, &self.id, item);
        self.link.send(frame).await
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// [`SendError::Disconnected`](crate::SendError::Disconnected)
    pub async fn finish(mut self) -> Result<(), SendError> {
        self.is_over = true;
        let frame = encode::completion(self.link.encoding, &self.id, Ok(None));
        self.link.send(frame).await
    }

    /// Ends the stream with an error.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn fail(mut self, error: &str) -> Result<(), SendError> {
        self.is_over = true;
        let frame = encode::completion(self.link.encoding, &self.id, Err(error));
        self.link.send(frame).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_over
            && let Ok(frame) =
                encode::completion(self.link.encoding, &self.id, Err("the sender dropped the stream"))
        {
            // On a closed connection the stream has ended already.
            let _ = self.link.outbox.try_push(&frame);
        }
    }
}
