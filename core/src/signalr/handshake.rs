//! The handshake before the first message, always in JSON.

use super::RECORD_END;
use crate::wire::{Error, ErrorKind, Full, Json, JsonKind, JsonSyntax, JsonText, ObjectWriter, Sink};

/// The handshake of a client.
///
/// ```
/// use lobbywire_core::signalr::{Encoding, HandshakeRequest};
/// use lobbywire_core::wire::SliceSink;
///
/// let record = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e";
/// let request = HandshakeRequest::read(record)?;
/// assert_eq!((request.encoding(), request.version), (Some(Encoding::MessagePack), 1));
/// let mut written = [0; 39];
/// request.write(&mut SliceSink::new(&mut written)).unwrap();
/// assert_eq!(&written, record);
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeRequest<'a> {
    /// The name of the encoding: `messagepack` or `json`.
    pub protocol: JsonText<'a>,
    /// The version of the hub protocol: 2 with stateful reconnect, 1 otherwise.
    pub version: i64,
}

/// The object of a record. The `1e` at its end is optional.
fn object(record: &[u8]) -> Result<Json<'_>, Error> {
    let text = record.strip_suffix(&[RECORD_END]).unwrap_or(record);
    let json = Json::from_utf8(text, JsonSyntax::LENIENT)?;
    if json.kind() == JsonKind::Object { Ok(json) } else { Err(Error::new(ErrorKind::NotAnObject, 0)) }
}

/// A string without lone surrogates.
fn text(json: Json<'_>) -> Result<JsonText<'_>, Error> {
    let text = json.as_text().filter(|text| !text.has_lone_surrogates());
    text.ok_or(Error::new(ErrorKind::UnexpectedType, 0))
}

impl HandshakeRequest<'static> {
    /// A request for an encoding, without stateful reconnect.
    pub const fn new(encoding: super::Encoding) -> Self {
        Self { protocol: JsonText::assume(encoding.name()), version: 1 }
    }
}

impl<'a> HandshakeRequest<'a> {
    /// Reads a record. The `1e` at its end is optional. Unknown properties are ignored.
    ///
    /// # Errors
    /// Those of [`Json::from_utf8`], [`ErrorKind::NotAnObject`], [`ErrorKind::MissingField`],
    /// [`ErrorKind::UnexpectedType`].
    pub fn read(record: &'a [u8]) -> Result<Self, Error> {
        let json = object(record)?;
        let field = |name| json.get(name).ok_or(Error::new(ErrorKind::MissingField, 0));
        let wrong = Error::new(ErrorKind::UnexpectedType, 0);
        let protocol = text(field("protocol")?)?;
        Ok(Self { protocol, version: field("version")?.as_i64().ok_or(wrong)? })
    }

    /// The requested encoding. `None` if it is unknown. The case of its name is ignored, as in .NET.
    pub fn encoding(&self) -> Option<super::Encoding> {
        [super::Encoding::MessagePack, super::Encoding::Json]
            .into_iter()
            .find(|encoding| self.protocol.eq_ignore_ascii_case(encoding.name()))
    }

    /// Writes the record, including the `1e` at its end.
    ///
    /// # Errors
    /// [`Full`]
    pub fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
        let mut object = ObjectWriter::new(out)?;
        object.escaped("protocol", self.protocol)?;
        object.int("version", self.version)?;
        object.finish()?;
        out.put_array([RECORD_END])
    }
}

/// The handshake of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandshakeResponse<'a> {
    /// Why the server refuses the connection. `None` if it accepts.
    pub error: Option<JsonText<'a>>,
}

impl<'a> HandshakeResponse<'a> {
    /// Reads a record. The `1e` at its end is optional. Unknown properties are ignored.
    ///
    /// # Errors
    /// Those of [`HandshakeRequest::read`]; [`ErrorKind::UnexpectedType`] for a message, which has a `type`.
    pub fn read(record: &'a [u8]) -> Result<Self, Error> {
        let json = object(record)?;
        if json.get("type").is_some() {
            return Err(Error::new(ErrorKind::UnexpectedType, 0));
        }
        let error = json.get("error").filter(|error| !error.is_null());
        Ok(Self { error: error.map(text).transpose()? })
    }

    /// Writes the record, including the `1e` at its end.
    ///
    /// # Errors
    /// [`Full`]
    pub fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
        let mut object = ObjectWriter::new(out)?;
        if let Some(error) = self.error {
            object.escaped("error", error)?;
        }
        object.finish()?;
        out.put_array([RECORD_END])
    }
}
