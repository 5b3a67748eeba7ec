//! The timers of a connection.

use std::time::Duration;

/// The interval between acknowledgements, with stateful reconnect.
pub(super) const ACK_INTERVAL: Duration = Duration::from_secs(1);

/// How long a stateful connection is kept without a socket.
pub(crate) const RESUME_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait for the peer to read the last message, or to answer the close of a WebSocket.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The keep-alive timers of one end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timers {
    /// Sends a Ping after this long without sending anything.
    pub(crate) keep_alive: Duration,
    /// Ends the connection after this long without receiving anything.
    pub(crate) timeout: Duration,
    /// Starts `timeout` only when the first Ping is received.
    pub(crate) waits_for_ping: bool,
    /// Sends a Ping immediately.
    pub(crate) begins_with_ping: bool,
}
