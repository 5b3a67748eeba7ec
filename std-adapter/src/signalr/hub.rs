//! What a server's hub does.

use super::clients::HubClient;
use super::connection::{self, CallError, Link, ReceivedCall, lock};
use super::stream::Items;
use super::{DecodeError, EncodeError, FromCall, FromValue, Method, OwnedValue, ToValue};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// A hub: methods that clients call. Its functions may be written as `async fn`.
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
///                 caller.clients().all().send("RollCompleted", (room, max.unwrap_or(100), 57))?;
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
    /// A method is called. Who has no answer, since none is wanted, is not told of the result.
    ///
    /// # Errors
    /// Any [`HubError`]: the caller is told of it, and the connection stays.
    fn invoke(
        &self,
        caller: &HubClient,
        call: &HubCall,
    ) -> impl Future<Output = Result<Reply, HubError>> + Send;

    /// A method is called that answers with a stream. It ends when this returns; where the caller does not want it
    /// any longer, or is gone, the future is dropped.
    ///
    /// # Errors
    /// Any [`HubError`]: the stream ends with it.
    fn stream(
        &self,
        caller: &HubClient,
        call: &HubCall,
        items: &mut ItemSender,
    ) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = (caller, call, items);
        std::future::ready(Err(HubError::unknown_method()))
    }

    /// A client is there. None of its calls is made before this returns.
    ///
    /// # Errors
    /// Any [`HubError`]: the client is told of it, and the connection is closed.
    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = client;
        std::future::ready(Ok(()))
    }

    /// A client that was there has gone, and none of its calls is being made any more. Where something went wrong
    /// it says what.
    fn on_disconnected(&self, client: &HubClient, error: Option<&str>) -> impl Future<Output = ()> + Send {
        let _ = (client, error);
        std::future::ready(())
    }
}

/// A hub whose methods are an enum; [`Typed`] makes a [`Hub`] of it.
pub trait TypedHub: Send + Sync + 'static {
    /// The methods.
    type Call: FromCall + Send;

    /// As [`Hub::invoke`]; `received` is what `call` was read from.
    ///
    /// # Errors
    /// Any [`HubError`].
    fn invoke(
        &self,
        caller: &HubClient,
        call: Self::Call,
        received: &HubCall,
    ) -> impl Future<Output = Result<Reply, HubError>> + Send;

    /// As [`Hub::stream`].
    ///
    /// # Errors
    /// Any [`HubError`].
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

    /// As [`Hub::on_connected`].
    ///
    /// # Errors
    /// Any [`HubError`].
    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        let _ = client;
        std::future::ready(Ok(()))
    }

    /// As [`Hub::on_disconnected`].
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

    fn on_connected(&self, client: &HubClient) -> impl Future<Output = Result<(), HubError>> + Send {
        self.0.on_connected(client)
    }

    fn on_disconnected(&self, client: &HubClient, error: Option<&str>) -> impl Future<Output = ()> + Send {
        self.0.on_disconnected(client, error)
    }
}

/// A call to a hub: what has come, and the streams that belong to it.
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
    /// `None` where its streams are too many, or of ids that others have.
    pub(super) fn new(call: ReceivedCall, link: &Arc<Link>, most: usize) -> Option<Self> {
        let uploads =
            call.stream_ids().map(|id| link.expect_upload(id, most).map(Some)).collect::<Option<_>>()?;
        Some(Self { call, uploads: Mutex::new(uploads) })
    }

    /// One of the streams that the caller sends, counted from 0; each can be had once.
    pub fn upload<T: FromValue>(&self, index: usize) -> Option<Items<T>> {
        lock(&self.uploads).get_mut(index)?.take().map(Items::read_as)
    }

    /// The result.
    ///
    /// # Errors
    /// [`HubError::Internal`] where it can't be written.
    pub fn reply(&self, result: &(impl ToValue + ?Sized)) -> Result<Reply, HubError> {
        Ok(Reply(OwnedValue::of(result, self.call.encoding())?))
    }

    /// The result of this method, of the type that it has.
    ///
    /// # Errors
    /// [`HubError::Internal`] where it can't be written.
    pub fn reply_to<M: Method<Result: ToValue>>(&self, _: &M, result: &M::Result) -> Result<Reply, HubError> {
        self.reply(result)
    }

    /// No result, which is null, as .NET has it.
    ///
    /// # Errors
    /// None.
    pub fn done(&self) -> Result<Reply, HubError> {
        self.reply(&())
    }
}

/// What a method gives: [`HubCall::reply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(pub(super) OwnedValue);

/// Sends the items of a stream to who called for it.
#[derive(Debug)]
pub struct ItemSender {
    link: Arc<Link>,
    id: Box<str>,
}

impl ItemSender {
    pub(super) fn new(link: Arc<Link>, id: &str) -> Self {
        Self { link, id: id.into() }
    }

    /// Sends one more item, once there is room for it.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send(&mut self, item: &(impl ToValue + ?Sized)) -> Result<(), CallError> {
        let frame = connection::item(&self.link, &self.id, item);
        self.link.send(frame).await
    }
}

/// Why a method failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum HubError {
    /// What the caller is told.
    Exception {
        /// The class of the exception in .NET, by which clients know it.
        class: Cow<'static, str>,
        /// The text.
        message: Cow<'static, str>,
    },
    /// What the caller is not told, unless the options say so.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// The call is none of the hub's: there is no such method, or it takes other arguments.
    Binding(DecodeError),
}

impl HubError {
    /// A text for the caller.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of_class("HubException", message)
    }

    /// A text for the caller, with the class of an exception.
    pub fn of_class(class: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Exception { class: class.into(), message: message.into() }
    }

    /// Something that is not the caller's business.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// There is no such method.
    pub const fn unknown_method() -> Self {
        Self::Binding(DecodeError::UnknownTarget)
    }

    /// The text of the completion: the method in single quotes, and behind the first colon what the caller is to
    /// know.
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
            Self::Binding(_) => format!("The arguments are not those that '{target}' takes."),
        };
        match self {
            Self::Internal(error) if is_detailed => format!("{text} Error: {error}"),
            Self::Binding(error) if is_detailed => format!("{text} Error: {error}"),
            _ => text,
        }
    }

    /// The text of the last message to a client that was not let in.
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

impl From<EncodeError> for HubError {
    fn from(error: EncodeError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<CallError> for HubError {
    fn from(error: CallError) -> Self {
        Self::Internal(Box::new(error))
    }
}
