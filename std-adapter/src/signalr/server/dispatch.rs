//! Queues the calls of one client for its worker.

use super::hub::HubCall;
use crate::signalr::FrameError;
use crate::signalr::connection::invocations::WindowPermit;
use crate::signalr::connection::link::Link;
use crate::signalr::connection::received_call::ReceivedCall;
use crate::signalr::connection::{Handler, encode, lock};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// What a client requested, in the order in which it was received.
pub(super) enum Job {
    Call(HubCall, WindowPermit),
    /// Cancels a stream that had not started when this was received.
    Cancel(Box<str>),
}

/// Queues what a client requests.
pub(super) struct Dispatcher {
    pub(super) link: Arc<Link>,
    pub(super) jobs: mpsc::Sender<Job>,
    pub(super) streams: Arc<Streams>,
    pub(super) stream_limit: usize,
}

impl Handler for Dispatcher {
    async fn call(&mut self, call: ReceivedCall, permit: WindowPermit) {
        let (id, target) = (call.invocation_id().map(Box::<str>::from), Box::<str>::from(call.target()));
        let Some(call) = HubCall::new(call, &self.link, self.stream_limit) else {
            if let Some(id) = id {
                let text =
                    format!("'{target}' was called with too many streams, or with an id that is in use.");
                let _ = self.link.send(encode::completion(self.link.encoding, &id, Err(&text))).await;
            }
            return;
        };
        // If the worker has refused the connection, its end answers the call.
        let _ = self.jobs.send(Job::Call(call, permit)).await;
    }

    async fn cancel(&mut self, id: &str) {
        if !self.streams.cancel(id) {
            let _ = self.jobs.send(Job::Cancel(id.into())).await;
        }
    }

    async fn unexpected(&mut self, _: &'static str, _: &str) {}

    async fn malformed(&mut self, _: FrameError) -> bool {
        false
    }
}

/// The running streams of one client, by their invocation ids.
#[derive(Default)]
pub(super) struct Streams(Mutex<HashMap<Box<str>, AbortHandle>>);

impl Streams {
    /// Starts a stream. Returns `false` if its id is in use, or `limit` streams are running.
    pub(super) fn start(&self, id: &str, limit: usize, start: impl FnOnce() -> AbortHandle) -> bool {
        // A stream removes itself when it ends, which waits for this lock.
        let mut running = lock(&self.0);
        let is_free = running.len() < limit && !running.contains_key(id);
        if is_free {
            running.insert(id.into(), start());
        }
        is_free
    }

    pub(super) fn remove(&self, id: &str) {
        lock(&self.0).remove(id);
    }

    /// Aborts a stream. Returns `false` if it is not running.
    pub(super) fn cancel(&self, id: &str) -> bool {
        let stream = lock(&self.0).remove(id);
        stream.inspect(AbortHandle::abort).is_some()
    }

    pub(super) fn abort_all(&self) {
        for (_, stream) in lock(&self.0).drain() {
            stream.abort();
        }
    }
}
