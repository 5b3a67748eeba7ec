//! What both ends of a SignalR connection share.
//!
//! Modules, from the bottom up:
//!
//! - `transport`: a WebSocket or byte stream, as chunks in and messages out;
//! - `read_buffer`: splits received bytes into messages;
//! - `outbox` and `sequence`: the send queue, and message numbers for stateful reconnect;
//! - `invocations`: the calls and streams that wait for messages of the peer;
//! - `link`: the state of one connection, whatever socket carries it;
//! - `encode`, `received_call`, `stream` and `invoke`: messages to and from the API;
//! - `read_loop` and `write_loop`, driven by `session`, which runs a link over one socket.

pub(crate) mod encode;
pub(crate) mod invocations;
pub(crate) mod invoke;
pub(crate) mod link;
mod mutex;
pub(crate) mod outbox;
pub(crate) mod read_buffer;
mod read_loop;
pub(crate) mod received_call;
mod sequence;
pub(crate) mod session;
pub(crate) mod stream;
pub(crate) mod timers;
pub(crate) mod transport;
mod write_loop;

pub(crate) use mutex::lock;
pub(crate) use read_loop::{End, Handler};
