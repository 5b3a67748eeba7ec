//! Runs the calls of one client.

use super::clients::HubClient;
use super::dispatch::{Job, Streams};
use super::hub::{Hub, HubCall, HubError, ItemSender, Reply};
use super::options::ServerOptions;
use crate::signalr::connection::encode;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Runs the calls of one client.
pub(super) struct Worker<H> {
    pub(super) hub: Arc<H>,
    pub(super) options: Arc<ServerOptions>,
    pub(super) client: HubClient,
    pub(super) streams: Arc<Streams>,
}

impl<H> Clone for Worker<H> {
    fn clone(&self) -> Self {
        let Self { hub, options, client, streams } = self;
        Self { hub: hub.clone(), options: options.clone(), client: client.clone(), streams: streams.clone() }
    }
}

fn panicked() -> HubError {
    HubError::internal("the hub panicked")
}

impl<H: Hub> Worker<H> {
    /// Runs all jobs. Returns whether the hub accepted the client.
    pub(super) async fn run(self, mut jobs: mpsc::Receiver<Job>) -> bool {
        let connected = AssertUnwindSafe(self.hub.on_connected(&self.client)).catch_unwind().await;
        if let Err(error) = connected.unwrap_or_else(|_| Err(panicked())) {
            self.client.close(Some(&error.close_text(self.options.enable_detailed_errors)), false);
            return false;
        }
        let limit = self.options.maximum_parallel_invocations_per_client.max(1);
        let mut running = FuturesUnordered::new();
        loop {
            tokio::select! {
                job = jobs.recv(), if running.len() < limit => match job {
                    None => break,
                    // The end of the connection has failed the remaining calls.
                    Some(_) if !self.client.is_connected() => {}
                    Some(Job::Cancel(id)) => drop(self.streams.cancel(&id)),
                    Some(Job::Call(call, permit)) => {
                        drop(permit);
                        if call.is_stream() {
                            self.start_stream(call).await;
                        } else {
                            running.push(self.invoke(call));
                        }
                    }
                },
                Some(()) = running.next(), if !running.is_empty() => {}
            }
        }
        while running.next().await.is_some() {}
        true
    }

    fn error_text(&self, call: &HubCall, error: &HubError) -> String {
        error.text(call, self.options.enable_detailed_errors)
    }

    /// Reports a call that was not bound to a method.
    async fn report<T>(&self, call: &HubCall, result: &Result<T, HubError>) {
        if let Err(HubError::Binding(error)) = result {
            let reported = self.hub.on_malformed(&self.client, call.target(), error);
            // The panic hook has reported a panic already.
            let _ = AssertUnwindSafe(reported).catch_unwind().await;
        }
    }

    async fn invoke(&self, call: HubCall) {
        let result = AssertUnwindSafe(self.hub.invoke(&self.client, &call)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(panicked()));
        self.report(&call, &result).await;
        let Some(id) = call.invocation_id() else { return };
        let link = &self.client.peer.link;
        let failed = |error| encode::completion(link.encoding, id, Err(&self.error_text(&call, &error)));
        let frame = match result {
            // Fails if the hub returned a value that was made for another encoding.
            Ok(Reply(value)) => encode::completion(link.encoding, id, Ok(Some(&value)))
                .or_else(|error| failed(HubError::from(error))),
            Err(error) => failed(error),
        };
        // A closed connection has failed the call already.
        let _ = link.send(frame).await;
    }

    async fn start_stream(&self, call: HubCall) {
        let Some(id) = call.invocation_id().map(Box::<str>::from) else { return };
        let worker = self.clone();
        let is_started = self.streams.start(&id, self.options.maximum_streams_per_client, || {
            tokio::spawn(worker.stream(call, id.clone())).abort_handle()
        });
        if !is_started {
            let link = &self.client.peer.link;
            let text = "Too many streams are open, or the id is in use. Cancel a stream first.";
            let _ = link.send(encode::completion(link.encoding, &id, Err(text))).await;
        }
    }

    async fn stream(self, call: HubCall, id: Box<str>) {
        let link = &self.client.peer.link;
        let mut items = ItemSender::new(link.clone(), &id);
        let result = AssertUnwindSafe(self.hub.stream(&self.client, &call, &mut items)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(panicked()));
        self.report(&call, &result).await;
        let frame = match result {
            Ok(()) => encode::completion(link.encoding, &id, Ok(None)),
            Err(error) => encode::completion(link.encoding, &id, Err(&self.error_text(&call, &error))),
        };
        let _ = link.send(frame).await;
        self.streams.remove(&id);
    }
}
