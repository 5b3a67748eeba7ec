//! The tagged datagrams that ice adapters exchange directly.

/// A datagram between two adapters.
///
/// ```
/// use lobbywire_core::faf::ice::Datagram;
///
/// assert_eq!(Datagram::read(b"d\x01\x02"), Datagram::Game(&[1, 2]));
/// assert_eq!(Datagram::read(b"e\0\0\x01\x8b\xcf\xe5\x68\x7b"), Datagram::Echo { millis: 1_700_000_000_123 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Datagram<'a> {
    /// Data from the game. Tag `d`.
    Game(&'a [u8]),
    /// A keepalive request. Tag `e`. The side that sent the offer sends one a second; the other side returns it
    /// unchanged. The connection counts as lost after ten seconds without one.
    Echo {
        /// When it was sent, in milliseconds since 1970.
        millis: i64,
    },
    /// `ICEADAPTERPING`: the keepalive request of the C++ adapter, sent every half second after five seconds without
    /// data.
    Ping,
    /// `ICEADAPTERPONG`: the reply to [`Ping`](Self::Ping).
    Pong,
    /// Any other datagram. Adapters ignore it.
    Unknown(&'a [u8]),
}

const PING: &[u8] = b"ICEADAPTERPING\0";
const PONG: &[u8] = b"ICEADAPTERPONG\0";

impl<'a> Datagram<'a> {
    /// Decodes a datagram. Never fails.
    pub fn read(bytes: &'a [u8]) -> Self {
        match bytes {
            [b'd', content @ ..] => Self::Game(content),
            [b'e', millis @ ..] => match <[u8; 8]>::try_from(millis) {
                Ok(millis) => Self::Echo { millis: i64::from_be_bytes(millis) },
                Err(_) => Self::Unknown(bytes),
            },
            _ if bytes == PING => Self::Ping,
            _ if bytes == PONG => Self::Pong,
            _ => Self::Unknown(bytes),
        }
    }

    /// Encodes the datagram.
    ///
    /// # Errors
    /// [`Full`](crate::wire::Full) if the sink is full.
    pub fn write(&self, out: &mut impl crate::wire::Sink) -> Result<(), crate::wire::Full> {
        match *self {
            Self::Game(content) => {
                out.put(b"d")?;
                out.put(content)
            }
            Self::Echo { millis } => {
                out.put(b"e")?;
                out.put_array(millis.to_be_bytes())
            }
            Self::Ping => out.put(PING),
            Self::Pong => out.put(PONG),
            Self::Unknown(bytes) => out.put(bytes),
        }
    }
}
