//! SignalR: all of [`lobbywire_core::signalr`], and what needs a heap or an operating system.

#[cfg(feature = "signalr")]
mod call;
#[cfg(feature = "signalr")]
mod error;
#[cfg(feature = "signalr")]
mod value;

pub use lobbywire_core::signalr::*;

#[cfg(feature = "signalr")]
pub use call::{Call, FromArguments, FromCall, Method, OwnedArguments, ToArguments};
#[cfg(feature = "signalr")]
pub use error::{DecodeError, EncodeError};
#[cfg(feature = "signalr")]
pub use value::{Buffer, FromValue, OwnedValue, Serde, ToValue};
