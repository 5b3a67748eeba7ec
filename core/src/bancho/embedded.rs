//! Frames and packets over the streams of embedded-io, on the caller's buffers.
//!
//! Nothing is kept but in the decoder and the writer, so a program may as well call
//! [`room`](FrameDecoder::room) and [`filled`](FrameDecoder::filled) itself, for other streams.

use super::frame::Frame;
use super::packet_iter::AnyPacket;
use super::version::Dialect;
use super::{FrameDecoder, FrameWriter};
use crate::wire::{Error, Inflater};
use embedded_io::ReadExactError;

/// What a stream gives: `None` at its end, an error where one frame is lost and the next follows.
type Given<T, E> = Result<Option<Result<T, Error>>, ReadExactError<E>>;

/// What a decoder that needs more makes of the count that a read has given.
fn took<B, V, E>(decoder: &mut FrameDecoder<B, V>, count: usize) -> Result<bool, ReadExactError<E>>
where
    B: AsRef<[u8]> + AsMut<[u8]>,
    V: Dialect,
{
    decoder.filled(count);
    match count {
        0 if decoder.is_between_frames() => Ok(false),
        0 => Err(ReadExactError::UnexpectedEof),
        _ => Ok(true),
    }
}

#[cfg(feature = "embedded-io-v0.7")]
impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// The next frame, for which `stream` is read as far as needed; `None` at the stream's end.
    ///
    /// A frame that is refused is an error inside, as from [`next_frame`](Self::next_frame): the
    /// next call goes on behind it. (Feature `embedded-io-v0.7`.)
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] where it ends inside a frame. What was
    /// read stays: after a timeout, call again.
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameDecoder, Side, Version};
    ///
    /// let mut stream = &[16, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0][..];
    /// let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 512]);
    /// let mut ids = Vec::new();
    /// while let Some(frame) = decoder.read_frame(&mut stream).unwrap() {
    ///     ids.push(frame.unwrap().id);
    /// }
    /// assert_eq!(ids, [16, 17]);
    /// ```
    pub fn read_frame<R>(&mut self, stream: &mut R) -> Given<Frame<'_>, R::Error>
    where
        R: embedded_io::Read + ?Sized,
    {
        Ok(if self.fill(stream)? { self.next_frame() } else { None })
    }

    /// The next packet, for which `stream` is read as far as needed, inflated into `scratch` where it
    /// is compressed; `None` at the stream's end.
    ///
    /// A damaged packet is an error inside, as from [`next_packet`](Self::next_packet): the next call
    /// goes on behind it. (Feature `embedded-io-v0.7`.)
    ///
    /// # Errors
    /// As [`read_frame`](Self::read_frame).
    pub fn read_packet<'p, P, R>(
        &'p mut self,
        stream: &mut R,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Given<P, R::Error>
    where
        P: AnyPacket<'p>,
        R: embedded_io::Read + ?Sized,
    {
        Ok(if self.fill(stream)? { self.next_packet(inflater, scratch) } else { None })
    }

    /// Reads until there is a frame, or the stream ends: then it is false.
    fn fill<R>(&mut self, stream: &mut R) -> Result<bool, ReadExactError<R::Error>>
    where
        R: embedded_io::Read + ?Sized,
    {
        while self.missing() > 0 {
            let count = stream.read(self.room())?;
            if !took(self, count)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(feature = "embedded-io-async-v0.7")]
impl<B: AsRef<[u8]> + AsMut<[u8]>, V: Dialect> FrameDecoder<B, V> {
    /// The next frame, for which `stream` is read as far as needed; `None` at the stream's end.
    ///
    /// A frame that is refused is an error inside, as from [`next_frame`](Self::next_frame): the
    /// next call goes on behind it. Where a `read` of the stream may be dropped without losing bytes,
    /// this may too: what was read is in the decoder. (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] where it ends inside a frame.
    pub async fn read_frame_async<R>(&mut self, stream: &mut R) -> Given<Frame<'_>, R::Error>
    where
        R: embedded_io_async::Read + ?Sized,
    {
        Ok(if self.fill_async(stream).await? { self.next_frame() } else { None })
    }

    /// The next packet, for which `stream` is read as far as needed, inflated into `scratch` where it
    /// is compressed; `None` at the stream's end.
    ///
    /// A damaged packet is an error inside, as from [`next_packet`](Self::next_packet): the next call
    /// goes on behind it. (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// As [`read_frame_async`](Self::read_frame_async).
    pub async fn read_packet_async<'p, P, R>(
        &'p mut self,
        stream: &mut R,
        inflater: &mut Inflater,
        scratch: &'p mut [u8],
    ) -> Given<P, R::Error>
    where
        P: AnyPacket<'p>,
        R: embedded_io_async::Read + ?Sized,
    {
        Ok(if self.fill_async(stream).await? { self.next_packet(inflater, scratch) } else { None })
    }

    async fn fill_async<R>(&mut self, stream: &mut R) -> Result<bool, ReadExactError<R::Error>>
    where
        R: embedded_io_async::Read + ?Sized,
    {
        while self.missing() > 0 {
            let count = stream.read(self.room()).await?;
            if !took(self, count)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(feature = "embedded-io-v0.7")]
impl<V: Dialect> FrameWriter<'_, V> {
    /// Sends what was written and starts anew. (Feature `embedded-io-v0.7`.)
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
    /// The stream's own; what was written then stays, and nobody knows how much of it was sent.
    pub fn send_to<W: embedded_io::Write + ?Sized>(&mut self, stream: &mut W) -> Result<(), W::Error> {
        stream.write_all(self.written())?;
        stream.flush()?;
        self.clear();
        Ok(())
    }
}

#[cfg(feature = "embedded-io-async-v0.7")]
impl<V: Dialect> FrameWriter<'_, V> {
    /// Sends what was written and starts anew. (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// The stream's own. Then, and where the future is dropped, what was written stays, and nobody
    /// knows how much of it was sent.
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
    use core::convert::Infallible;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use std::vec;
    use std::vec::Vec;

    /// A stream that gives a few bytes a read, and lets an asynchronous reader wait before each.
    struct Drip<'a> {
        rest: &'a [u8],
        piece: usize,
    }

    impl embedded_io::ErrorType for Drip<'_> {
        type Error = Infallible;
    }

    impl embedded_io::Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
            let count = self.piece.min(buffer.len()).min(self.rest.len());
            let (head, rest) = self.rest.split_at(count);
            buffer[..count].copy_from_slice(head);
            self.rest = rest;
            Ok(count)
        }
    }

    impl embedded_io_async::Read for Drip<'_> {
        async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
            let mut has_waited = false;
            core::future::poll_fn(|_| {
                if core::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            embedded_io::Read::read(self, buffer)
        }
    }

    /// A ping's answer, a frame above any limit, one that does not fit the buffer, a line of chat.
    fn stream() -> Vec<u8> {
        let mut buffer = [0; 256];
        let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
        out.write(&client::Pong).unwrap();
        out.write_payload(1, &[0; 100]).unwrap();
        out.write(&client::Message::to("#osu", "hi")).unwrap();
        out.written().to_vec()
    }

    const GIVEN: [Result<u16, ErrorKind>; 3] = [Ok(4), Err(ErrorKind::FrameTooLarge), Ok(1)];

    #[test]
    fn pieces_of_any_size_give_the_same_frames_blocking_or_not() {
        let bytes = stream();
        for piece in (1..=bytes.len()).step_by(if cfg!(miri) { 9 } else { 1 }) {
            let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
            let (mut drip, mut given) = (Drip { rest: &bytes, piece }, vec![]);
            while let Some(frame) = decoder.read_frame(&mut drip).unwrap() {
                given.push(frame.map(|frame| frame.id).map_err(|error| error.kind));
            }
            assert_eq!(given, GIVEN, "in pieces of {piece}");

            let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
            let (mut drip, mut given, mut polls) = (Drip { rest: &bytes, piece }, vec![], 0);
            loop {
                polls += 1;
                // Every other time, what has begun to wait is dropped and begun again.
                let mut read = pin!(decoder.read_frame_async(&mut drip));
                let mut cx = Context::from_waker(Waker::noop());
                let first = read.as_mut().poll(&mut cx);
                let read = if polls % 2 == 0 && first.is_pending() { read.poll(&mut cx) } else { first };
                match read {
                    Poll::Pending => {}
                    Poll::Ready(Ok(None)) => break,
                    Poll::Ready(Ok(Some(frame))) => {
                        given.push(frame.map(|frame| frame.id).map_err(|error| error.kind));
                    }
                    Poll::Ready(Err(error)) => panic!("{error:?}"),
                }
            }
            assert_eq!(given, GIVEN, "in pieces of {piece}, cancelled");
        }
    }

    #[test]
    fn a_stream_that_ends_inside_a_frame_is_an_error_and_packets_come_whole() {
        let bytes = stream();
        let (mut inflater, mut scratch) = (Inflater::new(), [0; 64]);
        let mut decoder = FrameDecoder::new(Version::LATEST, Side::Client, [0; 64]);
        let mut drip = Drip { rest: &bytes[..bytes.len() - 1], piece: 9 };
        let first = decoder.read_packet(&mut drip, &mut inflater, &mut scratch);
        assert_eq!(first.unwrap(), Some(Ok(client::Packet::Pong(client::Pong))));
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_err());
        let last = decoder.read_frame(&mut drip);
        assert!(matches!(last, Err(ReadExactError::UnexpectedEof)));
    }
}
