//! The options of a server.

use crate::signalr::setters::setters;
use crate::signalr::{Encoding, LARGEST_FRAME};
use std::time::Duration;

/// The options of a [`Server`](super::Server).
///
/// Names and defaults are those of Microsoft's server where it has the option. The memory of a connection is
/// bounded: one message of [`maximum_receive_message_size`](Self::maximum_receive_message_size), a queue of
/// [`invocation_queue_capacity`](Self::invocation_queue_capacity) calls,
/// [`maximum_streams_per_client`](Self::maximum_streams_per_client) streams of
/// [`stream_buffer_capacity`](Self::stream_buffer_capacity) items each, and
/// [`broadcast_limit`](Self::broadcast_limit) queued bytes.
///
/// ```
/// use lobbywire::signalr::{Encoding, ServerOptions};
/// use std::time::Duration;
///
/// let options = ServerOptions::new()
///     .encodings([Encoding::MessagePack])
///     .allow_stateful_reconnects(true)
///     .client_timeout_interval(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct ServerOptions {
    pub(super) encodings: Vec<Encoding>,
    pub(super) allow_stateful_reconnects: bool,
    pub(super) keep_alive_interval: Duration,
    pub(super) client_timeout_interval: Duration,
    pub(super) handshake_timeout: Duration,
    pub(super) disconnect_timeout: Duration,
    pub(super) maximum_receive_message_size: usize,
    pub(super) maximum_parallel_invocations_per_client: usize,
    pub(super) invocation_queue_capacity: usize,
    pub(super) maximum_streams_per_client: usize,
    pub(super) stream_buffer_capacity: usize,
    pub(super) send_buffer_size: usize,
    pub(super) broadcast_limit: usize,
    pub(super) maximum_connections: usize,
    pub(super) enable_detailed_errors: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerOptions {
    /// The default options.
    pub fn new() -> Self {
        Self {
            encodings: vec![Encoding::MessagePack, Encoding::Json],
            allow_stateful_reconnects: false,
            keep_alive_interval: Duration::from_secs(15),
            client_timeout_interval: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            disconnect_timeout: Duration::from_secs(15),
            maximum_receive_message_size: LARGEST_FRAME,
            maximum_parallel_invocations_per_client: 1,
            invocation_queue_capacity: 16,
            maximum_streams_per_client: 64,
            stream_buffer_capacity: 10,
            send_buffer_size: 64 << 10,
            broadcast_limit: 1 << 20,
            maximum_connections: 1 << 16,
            enable_detailed_errors: false,
        }
    }

    /// The encodings that clients may use. Default: both.
    #[must_use]
    pub fn encodings(mut self, encodings: impl Into<Vec<Encoding>>) -> Self {
        self.encodings = encodings.into();
        self
    }

    setters! {
        /// Lets clients continue a connection on another socket, without losing messages, if they request it.
        /// Default: `false`.
        allow_stateful_reconnects: bool;
        /// A Ping is sent after this long without sending a message. Default: 15 seconds.
        keep_alive_interval: Duration;
        /// A client that has sent a Ping is disconnected after this long without a message. Default: 30
        /// seconds.
        client_timeout_interval: Duration;
        /// The limit of the handshake. Default: 15 seconds.
        handshake_timeout: Duration;
        /// How long a connection is kept without a socket: after its negotiation, or for a stateful
        /// reconnect. Default: 15 seconds.
        disconnect_timeout: Duration;
        /// The size limit of received messages, in bytes, including their length prefix or record separator.
        /// Default: 32,768.
        maximum_receive_message_size: usize;
        /// How many calls of one client run at the same time. With 1 they run in order. Default: 1.
        maximum_parallel_invocations_per_client: usize;
        /// How many further calls of one client are queued before its connection is no longer read. Default:
        /// 16.
        invocation_queue_capacity: usize;
        /// How many streams one client may have open in each direction. Default: 64.
        maximum_streams_per_client: usize;
        /// How many unread items of each uploaded stream are buffered before the connection is no longer
        /// read. Default: 10.
        stream_buffer_capacity: usize;
        /// Sends to one client wait while more than this many bytes are queued for it. Default: 64 KiB.
        send_buffer_size: usize;
        /// A client with more than this many queued bytes is disconnected by the next
        /// [`broadcast`](super::Recipients::broadcast). At least
        /// [`send_buffer_size`](Self::send_buffer_size). Default: 1 MiB.
        broadcast_limit: usize;
        /// How many connections may be open, including negotiated ones without a socket. Default: 65,536.
        maximum_connections: usize;
        /// Sends the text of internal errors and of argument errors to callers. It may contain secrets.
        /// Default: `false`.
        enable_detailed_errors: bool;
    }
}
