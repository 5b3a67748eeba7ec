//! What ice adapters send to each other beside the lobby: datagrams with a tag.

/// A datagram from one adapter to another.
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
    /// What the game has sent, tagged `d`.
    Game(&'a [u8]),
    /// A question whether the other one is there, tagged `e`, once a second from the side that offered; it is
    /// sent back as it is. Whoever hears nothing for ten seconds takes the connection for lost.
    Echo {
        /// When it was sent, in milliseconds since 1970.
        millis: i64,
    },
    /// `ICEADAPTERPING` of the adapter in C++, every half second once nothing came for five.
    Ping,
    /// `ICEADAPTERPONG`, its answer.
    Pong,
    /// Nobody knows what; adapters pass over it.
    Unknown(&'a [u8]),
}

const PING: &[u8] = b"ICEADAPTERPING\0";
const PONG: &[u8] = b"ICEADAPTERPONG\0";

impl<'a> Datagram<'a> {
    /// What these bytes are. There is nothing that they can't be.
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

    /// Writes the datagram.
    ///
    /// # Errors
    /// [`Full`](crate::wire::Full) where the sink has no room.
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
