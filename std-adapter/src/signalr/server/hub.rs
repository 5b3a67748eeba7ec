//! Hubs: the methods that clients call.

use super::clients::HubClient;
use crate::signalr::connection::link::Link;
use crate::signalr::connection::received_call::ReceivedCall;
use crate::signalr::connection::stream::Items;
use crate::signalr::connection::{encode, lock};
use crate::signalr::{
    CallError, DecodeError, FromCall, FromValue, Method, OwnedValue, SendError, ToValue, WriteError,
};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// A hub: methods that clients call. Implement its functions as `async fn`.
///
/// ```
/// use lobbywire::signalr::{Hub, HubCall, HubClient, HubError, ItemSender, Reply};
///
/// struct Dice;
///
/// impl Hub for Dice {
///     async fn invoke(&self, caller: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
///         match call.target() {
///             "Roll" => {
///                 let (room, max): (i64, Option<u32>) = call.read()?;
///                 caller.clients().all().broadcast("RollCompleted", (room, max.unwrap_or(100), 57))?;
///                 call.done()
///             }
///             "Sides" => call.reply(&6),
///             _ => Err(HubError::unknown_method()),
///         }
///     }
///
///     async fn stream(&self, _: &HubClient, call: &HubCall, items: &mut ItemSender) -> Result<(), HubError> {
///         let (count,): (u32,) = call.read()?;
///         for number in 0..count {
///             items.send(&number).await?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Hub: Send + Sync + 'static {
    /// Runs a method. The result is sent if the caller expects one.
    ///
    /// # Errors
    /// [`HubError`], which is sent to the caller. The connection stays open.
    fn invoke(
        &self,
        caller: &HubClient,
        call: &HubCall,
    ) -> impl Future<Output = Result<Reply, HubError>> + Send;

    /// Runs a method that returns a stream, which ends when this returns. If the caller cancels the stream or
    /// disconnects, the future is dropped.
    ///
    /// # Errors
    /// [`HubError`], which ends the stream.
    fn stream(
        &self,
        caller: &HubClient,
        call: &HubCall,
        items: &mut ItemSender,
    ) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = (caller, call, items);
        std::future::ready(Err(HubError::unknown_method()))
    }

    /// A call was not bound to a method: the method is unknown, or an argument is malformed, of another type, or missing.
    /// Runs for each call for which [`invoke`](Self::invoke) or [`stream`](Self::stream) returns
    /// [`HubError::Binding`], before the error is sent. A client that used `send` receives no error, so this is the only
    /// report of its call. Only this call is lost.
    ///
    /// A malformed item of an uploaded stream is an error of [`Items`], and does not end the stream.
    ///
    /// ```
    /// use lobbywire::signalr::{DecodeError, Hub, HubCall, HubClient, HubError, Reply};
    ///
    /// struct Dice;
    ///
    /// impl Hub for Dice {
    ///     async fn invoke(&self, _: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
    ///         let (_sides,): (u32,) = call.read()?;
    ///         call.done()
    ///     }
    ///
    ///     async fn on_malformed(&self, caller: &HubClient, target: &str, error: &DecodeError) {
    ///         eprintln!("{}: {target}: {error}", caller.id());
    ///     }
    /// }
    /// ```
    fn on_malformed(
        &self,
        caller: &HubClient,
        target: &str,
        error: &DecodeError,
    ) -> impl Future<Output = ()> + Send {
        let _ = (caller, target, error);
        std::future::ready(())
    }

    /// A client has connected. None of its calls runs before this returns.
    ///
    /// # Errors
    /// [`HubError`], which is sent to the client in a Close message.
    /// [`on_disconnected`](Self::on_disconnected) is then not called.
    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = client;
        std::future::ready(Ok(()))
    }

    /// A client has disconnected, and all its calls have ended. `error` is the reason if it did not close the
    /// connection itself.
    fn on_disconnected(&self, client: &HubClient, error: Option<&str>) -> impl Future<Output = ()> + Send {
        let _ = (client, error);
        std::future::ready(())
    }
}

/// A hub whose methods are the variants of an enum. [`Typed`] turns it into a [`Hub`].
pub trait TypedHub: Send + Sync + 'static {
    /// The methods with their arguments.
    type Call: FromCall + Send;

    /// Runs a method, as [`Hub::invoke`]. `call` was decoded from `received`.
    ///
    /// # Errors
    /// [`HubError`]
    fn invoke(
        &self,
        caller: &HubClient,
        call: Self::Call,
        received: &HubCall,
    ) -> impl Future<Output = Result<Reply, HubError>> + Send;

    /// Runs a method that returns a stream, as [`Hub::stream`].
    ///
    /// # Errors
    /// [`HubError`]
    fn stream(
        &self,
        caller: &HubClient,
        call: Self::Call,
        received: &HubCall,
        items: &mut ItemSender,
    ) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = (caller, call, received, items);
        std::future::ready(Err(HubError::unknown_method()))
    }

    /// A call was not bound to a method, as [`Hub::on_malformed`].
    fn on_malformed(
        &self,
        caller: &HubClient,
        target: &str,
        error: &DecodeError,
    ) -> impl Future<Output = ()> + Send {
        let _ = (caller, target, error);
        std::future::ready(())
    }

    /// A client has connected, as [`Hub::on_connected`].
    ///
    /// # Errors
    /// [`HubError`]
    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = client;
        std::future::ready(Ok(()))
    }

    /// A client has disconnected, as [`Hub::on_disconnected`].
    fn on_disconnected(&self, client: &HubClient, error: Option<&str>) -> impl Future<Output = ()> + Send {
        let _ = (client, error);
        std::future::ready(())
    }
}

/// A [`TypedHub`] as a [`Hub`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<H>(pub H);

impl<H: TypedHub> Hub for Typed<H> {
    async fn invoke(&self, caller: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
        self.0.invoke(caller, call.read_call()?, call).await
    }

    async fn stream(
        &self,
        caller: &HubClient,
        call: &HubCall,
        items: &mut ItemSender,
    ) -> Result<(), HubError> {
        self.0.stream(caller, call.read_call()?, call, items).await
    }

    fn on_malformed(
        &self,
        caller: &HubClient,
        target: &str,
        error: &DecodeError,
    ) -> impl Future<Output = ()> + Send {
        self.0.on_malformed(caller, target, error)
    }

    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        self.0.on_connected(client)
    }

    fn on_disconnected(&self, client: &HubClient, error: Option<&str>) -> impl Future<Output = ()> + Send {
        self.0.on_disconnected(client, error)
    }
}

/// A received call of a client, and the streams that it uploads.
#[derive(Debug)]
pub struct HubCall {
    call: ReceivedCall,
    uploads: Mutex<Vec<Option<Items<OwnedValue>>>>,
}

impl Deref for HubCall {
    type Target = ReceivedCall;

    fn deref(&self) -> &ReceivedCall {
        &self.call
    }
}

impl HubCall {
    /// `None` if it uploads more than `limit` streams, or one whose id is in use.
    pub(super) fn new(call: ReceivedCall, link: &Arc<Link>, limit: usize) -> Option<Self> {
        let uploads =
            call.stream_ids().map(|id| Items::of_upload(link, id, limit).map(Some)).collect::<Option<_>>()?;
        Some(Self { call, uploads: Mutex::new(uploads) })
    }

    /// Takes the uploaded stream with this index, from 0. `None` if there is none, or if it was taken before.
    pub fn upload<T: FromValue>(&self, index: usize) -> Option<Items<T>> {
        lock(&self.uploads).get_mut(index)?.take().map(Items::read_as)
    }

    /// A result.
    ///
    /// # Errors
    /// [`HubError::Internal`] if it cannot be encoded.
    pub fn reply(&self, result: &(impl ToValue + ?Sized)) -> Result<Reply, HubError> {
        Ok(Reply(OwnedValue::of(result, self.call.encoding())?))
    }

    /// The result of a typed method.
    ///
    /// # Errors
    /// [`HubError::Internal`] if it cannot be encoded.
    pub fn reply_to<M: Method<Result: ToValue>>(&self, _: &M, result: &M::Result) -> Result<Reply, HubError> {
        self.reply(result)
    }

    /// The result of a method without one: null, as .NET sends it.
    ///
    /// # Errors
    /// Never fails.
    pub fn done(&self) -> Result<Reply, HubError> {
        self.reply(&())
    }
}

/// The encoded result of a method, made by [`HubCall::reply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(pub(super) OwnedValue);

/// Sends the items of a stream to its caller.
#[derive(Debug)]
pub struct ItemSender {
    link: Arc<Link>,
    id: Box<str>,
}

impl ItemSender {
    pub(super) fn new(link: Arc<Link>, id: &str) -> Self {
        Self { link, id: id.into() }
    }

    /// Sends an item. Waits while the send buffer is full.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send(&mut self, item: &(impl ToValue + ?Sized)) -> Result<(), SendError> {
        let frame = encode::stream_item(self.link.encoding, &self.id, item);
        self.link.send(frame).await
    }
}

/// Why a method failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum HubError {
    /// An error for the caller.
    Exception {
        /// The class name of the .NET exception, which clients compare.
        class: Cow<'static, str>,
        /// The text.
        message: Cow<'static, str>,
    },
    /// An error whose text is only sent to the caller with
    /// [`enable_detailed_errors`](super::ServerOptions::enable_detailed_errors).
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// The method is unknown, or its arguments are malformed or of other types. Also passed to
    /// [`Hub::on_malformed`].
    Binding(DecodeError),
}

impl HubError {
    /// An error for the caller, of the class `HubException`.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of_class("HubException", message)
    }

    /// An error for the caller, of this .NET exception class.
    pub fn of_class(class: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Exception { class: class.into(), message: message.into() }
    }

    /// An error that is not sent to the caller.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The method is unknown.
    pub const fn unknown_method() -> Self {
        Self::Binding(DecodeError::UnknownTarget)
    }

    /// The text of the completion. Clients take the method from the single quotes, and the message from the
    /// first colon on.
    pub(super) fn text(&self, call: &ReceivedCall, is_detailed: bool) -> String {
        let target = call.target();
        let text = match self {
            Self::Exception { class, message } => {
                return format!("The hub failed to run '{target}'. {class}: {message}");
            }
            Self::Internal(_) => format!("The hub failed to run '{target}'."),
            Self::Binding(DecodeError::UnknownTarget) if call.arguments().is_empty() => {
                format!("The hub has no method '{target}'.")
            }
            Self::Binding(_) => format!("The arguments are invalid for '{target}'."),
        };
        match self {
            Self::Internal(error) if is_detailed => format!("{text} Error: {error}"),
            Self::Binding(error) if is_detailed => format!("{text} Error: {error}"),
            _ => text,
        }
    }

    /// The text of the Close message to a refused client.
    pub(super) fn close_text(&self, is_detailed: bool) -> String {
        match self {
            Self::Exception { class, message } => {
                format!("The hub refused the connection. {class}: {message}")
            }
            Self::Internal(error) if is_detailed => format!("The hub refused the connection. Error: {error}"),
            _ => String::from("The hub refused the connection."),
        }
    }
}

impl fmt::Display for HubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception { class, message } => write!(f, "{class}: {message}"),
            Self::Internal(error) => error.fmt(f),
            Self::Binding(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HubError {}

impl From<DecodeError> for HubError {
    fn from(error: DecodeError) -> Self {
        Self::Binding(error)
    }
}

impl From<WriteError> for HubError {
    fn from(error: WriteError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<SendError> for HubError {
    fn from(error: SendError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<CallError> for HubError {
    fn from(error: CallError) -> Self {
        Self::Internal(Box::new(error))
    }
}
