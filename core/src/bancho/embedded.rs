//! Bancho frames and packets over streams of embedded-io and embedded-io-async.
//!
//! The reading methods wrap those of [`wire::FrameDecoder`](crate::wire::FrameDecoder).

use super::decoder::read_packet;
use super::dialect::Dialect;
use super::frame::Frame;
use super::overrides::PayloadOverrides;
use super::packet_iter::AnyPacket;
use super::{FrameDecoder, FrameWriter};
use crate::wire::{Error, Inflater};
use embedded_io::ReadExactError;

/// `None` at the end of the stream; an inner error is one rejected frame or malformed packet.
type Read<T, E> = Result<Option<Result<T, Error>>, ReadExactError<E>>;

#[cfg(feature = "embedded-io-v0.7")]
impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// Reads from `stream` until there is a complete frame; `None` at the end of the stream.
    ///
    /// The inner error is a rejected frame, as from [`next_frame`](Self::next_frame): the next call continues
    /// after it. (Feature `embedded-io-v0.7`.)
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] if it ends inside a frame. Received bytes stay
    /// in the decoder, so the call can be repeated after a timeout.
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameDecoder, Side, Version};
    ///
    /// let mut stream = &[16, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0][..];
    /// let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 512]);
    /// let mut ids = Vec::new();
    /// while let Some(frame) = decoder.read_frame(&mut stream).unwrap() {
    ///     ids.push(frame.unwrap().wire_id);
    /// }
    /// assert_eq!(ids, [16, 17]);
    /// ```
    pub fn read_frame<R>(&mut self, stream: &mut R) -> Read<Frame<'_>, R::Error>
    where
        R: embedded_io::Read + ?Sized,
    {
        let framing = *self.frames.framing();
        let frame = self.frames.read_frame(stream)?;
        Ok(frame.and_then(|frame| frame.map(|bytes| framing.frame(bytes)).transpose()))
    }

    /// Reads from `stream` until there is a complete packet, inflated into `scratch` if it is compressed;
    /// `None` at the end of the stream.
    ///
    /// The inner error is one rejected or malformed packet, as from [`next_packet`](Self::next_packet): the
    /// next call continues after it. (Feature `embedded-io-v0.7`.)
    ///
    /// # Errors
    /// Those of [`read_frame`](Self::read_frame).
    pub fn read_packet<'p, P, R>(
        &'p mut self,
        stream: &mut R,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Read<P, R::Error>
    where
        P: AnyPacket<'p>,
        R: embedded_io::Read + ?Sized,
    {
        let framing = *self.frames.framing();
        let frame = self.read_frame(stream)?;
        Ok(frame.map(|frame| frame.and_then(|frame| read_packet(&framing, frame, inflater, scratch))))
    }
}

#[cfg(feature = "embedded-io-async-v0.7")]
impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// Reads from `stream` until there is a complete frame; `None` at the end of the stream.
    ///
    /// The inner error is a rejected frame, as from [`next_frame`](Self::next_frame): the next call continues
    /// after it. The future is cancel-safe if the stream's `read` is: received bytes stay in the decoder.
    /// (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] if it ends inside a frame.
    pub async fn read_frame_async<R>(&mut self, stream: &mut R) -> Read<Frame<'_>, R::Error>
    where
        R: embedded_io_async::Read + ?Sized,
    {
        let framing = *self.frames.framing();
        let frame = self.frames.read_frame_async(stream).await?;
        Ok(frame.and_then(|frame| frame.map(|bytes| framing.frame(bytes)).transpose()))
    }

    /// Reads from `stream` until there is a complete packet, inflated into `scratch` if it is compressed;
    /// `None` at the end of the stream.
    ///
    /// The inner error is one rejected or malformed packet, as from [`next_packet`](Self::next_packet): the
    /// next call continues after it. (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// Those of [`read_frame_async`](Self::read_frame_async).
    pub async fn read_packet_async<'p, P, R>(
        &'p mut self,
        stream: &mut R,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Read<P, R::Error>
    where
        P: AnyPacket<'p>,
        R: embedded_io_async::Read + ?Sized,
    {
        let framing = *self.frames.framing();
        let frame = self.read_frame_async(stream).await?;
        Ok(frame.map(|frame| frame.and_then(|frame| read_packet(&framing, frame, inflater, scratch))))
    }
}

#[cfg(feature = "embedded-io-v0.7")]
impl<V: Dialect, O: PayloadOverrides> FrameWriter<'_, V, O> {
    /// Sends the written frames and clears the writer. (Feature `embedded-io-v0.7`.)
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameWriter, Version, client};
    ///
    /// let (mut buffer, mut sent) = ([0; 64], [0; 64]);
    /// let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
    /// out.write(&client::Pong).unwrap();
    /// out.send_to(&mut &mut sent[..]).unwrap();
    /// assert_eq!((sent[0], out.written().len()), (4, 0));
    /// ```
    ///
    /// # Errors
    /// The stream's own. The frames stay in the writer; an unknown part of them has been sent.
    pub fn send_to<W: embedded_io::Write + ?Sized>(&mut self, stream: &mut W) -> Result<(), W::Error> {
        stream.write_all(self.written())?;
        stream.flush()?;
        self.clear();
        Ok(())
    }
}

#[cfg(feature = "embedded-io-async-v0.7")]
impl<V: Dialect, O: PayloadOverrides> FrameWriter<'_, V, O> {
    /// Sends the written frames and clears the writer. (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// The stream's own. After an error, or if the future is dropped, the frames stay in the writer; an unknown
    /// part of them has been sent.
    pub async fn send_to_async<W>(&mut self, stream: &mut W) -> Result<(), W::Error>
    where
        W: embedded_io_async::Write + ?Sized,
    {
        stream.write_all(self.written()).await?;
        stream.flush().await?;
        self.clear();
        Ok(())
    }
}

#[cfg(all(test, feature = "embedded-io-v0.7", feature = "embedded-io-async-v0.7"))]
mod tests {
    use super::*;
    use crate::bancho::{Side, Version, client};
    use crate::wire::ErrorKind;
    use crate::wire::embedded::tests::Drip;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    /// A pong, a frame that exceeds the decoder's buffer, and a chat message.
    fn write_stream(buffer: &mut [u8]) -> &[u8] {
        let mut out = FrameWriter::new(Version::LATEST, &mut *buffer);
        out.write(&client::Pong).unwrap();
        out.write_payload(1, &[0; 100]).unwrap();
        out.write(&client::Message::to("#osu", "hi")).unwrap();
        let len = out.written().len();
        &buffer[..len]
    }

    /// Polls a future until it is ready.
    fn block_on<F: Future>(future: F) -> F::Output {
        let (mut future, mut cx) = (pin!(future), Context::from_waker(Waker::noop()));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
        }
    }

    #[test]
    fn frames_and_packets_are_read_from_streams() {
        let mut buffer = [0; 256];
        let bytes = write_stream(&mut buffer);
        let (mut inflater, mut scratch) = (Inflater::new(), [0; 64]);
        let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
        let mut drip = Drip { rest: bytes, piece: 9 };
        let pong = decoder.read_packet(&mut drip, &mut inflater, &mut scratch);
        assert_eq!(pong.unwrap(), Some(Ok(client::Packet::Pong(client::Pong))));
        let rejected = decoder.read_frame(&mut drip).unwrap().unwrap();
        assert_eq!(rejected.unwrap_err().kind, ErrorKind::FrameTooLarge);
        assert_eq!(decoder.read_frame(&mut drip).unwrap().unwrap().unwrap().wire_id, 1);
        assert_eq!(decoder.read_frame(&mut drip).unwrap(), None);
    }

    #[test]
    fn frames_and_packets_are_read_from_asynchronous_streams() {
        let mut buffer = [0; 256];
        let bytes = write_stream(&mut buffer);
        let (mut inflater, mut scratch) = (Inflater::new(), [0; 64]);
        let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
        let mut drip = Drip { rest: bytes, piece: 9 };
        let pong = block_on(decoder.read_packet_async(&mut drip, &mut inflater, &mut scratch));
        assert_eq!(pong.unwrap(), Some(Ok(client::Packet::Pong(client::Pong))));
        let rejected = block_on(decoder.read_frame_async(&mut drip)).unwrap().unwrap();
        assert_eq!(rejected.unwrap_err().kind, ErrorKind::FrameTooLarge);
        assert_eq!(block_on(decoder.read_frame_async(&mut drip)).unwrap().unwrap().unwrap().wire_id, 1);
        assert_eq!(block_on(decoder.read_frame_async(&mut drip)).unwrap(), None);
    }

    #[test]
    fn the_end_of_a_stream_inside_a_frame_is_an_error() {
        let mut buffer = [0; 256];
        let bytes = write_stream(&mut buffer);
        let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
        let mut drip = Drip { rest: &bytes[..bytes.len() - 1], piece: 9 };
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_ok());
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_err());
        assert!(matches!(decoder.read_frame(&mut drip), Err(ReadExactError::UnexpectedEof)));
    }
}
