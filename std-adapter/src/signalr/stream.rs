//! Streams of values, to either side.

use super::connection::{self, CallError, Cancel, Link, StreamEvent};
use super::{FromValue, ToValue};
use futures_util::Stream;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The items of a stream that the other side sends; an error is the last one.
///
/// As many wait to be read as the options say; then the other side waits, and with it all else that it says. Dropped,
/// a stream that was asked for is cancelled, and what is left of one that was announced is passed over.
#[derive(Debug)]
pub struct Items<T> {
    items: mpsc::Receiver<StreamEvent>,
    _cancel: Cancel,
    is_over: bool,
    item: PhantomData<fn() -> T>,
}

impl<T: FromValue> Items<T> {
    pub(super) fn new(items: mpsc::Receiver<StreamEvent>, cancel: Cancel) -> Self {
        Self { items, _cancel: cancel, is_over: false, item: PhantomData }
    }

    /// The same items, read as another type.
    #[cfg(feature = "signalr-server")]
    pub(super) fn read_as<U: FromValue>(self) -> Items<U> {
        Items { items: self.items, _cancel: self._cancel, is_over: self.is_over, item: PhantomData }
    }

    /// The next item; `None` at the end. An item that can't be read does not end the stream.
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
                // The connection ended before.
                None => Some(Err(CallError::Disconnected)),
            };
            self.is_over = true;
            end
        })
    }
}

/// A stream that we send to a call of ours. Dropped before [`finish`](Self::finish), it ends with an error.
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

    /// Sends one more item.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send(&mut self, item: &(impl ToValue + ?Sized)) -> Result<(), CallError> {
        let frame = connection::item(&self.link, &self.id, item);
        self.link.send(frame).await
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// [`CallError::Disconnected`].
    pub async fn finish(mut self) -> Result<(), CallError> {
        self.is_over = true;
        let frame = connection::completion(&self.link, &self.id, Ok(None));
        self.link.send(frame).await
    }

    /// Ends the stream with an error.
    ///
    /// # Errors
    /// [`CallError::Disconnected`].
    pub async fn fail(mut self, error: &str) -> Result<(), CallError> {
        self.is_over = true;
        let frame = connection::completion(&self.link, &self.id, Err(error));
        self.link.send(frame).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_over
            && let Ok(frame) = connection::completion(&self.link, &self.id, Err("the stream was given up"))
        {
            // A connection that is over has nothing to be ended.
            let _ = self.link.outbox.try_push(&frame);
        }
    }
}
