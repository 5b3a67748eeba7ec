//! Reading frames from streams of embedded-io and embedded-io-async.
//!
//! All received bytes are kept in the decoder. For other streams, call
//! [`room`](FrameDecoder::room) and [`filled`](FrameDecoder::filled) directly.

use super::{FrameDecoder, Framing};
use embedded_io::ReadExactError;

/// `None` at the end of the stream; an inner error is one rejected frame.
type ReadFrame<'d, F, E> = Result<Option<Result<&'d [u8], <F as Framing>::Error>>, ReadExactError<E>>;

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// The last frame, if the stream may end here. What is buffered stays if it may not.
    fn end_of_stream<E>(&mut self) -> ReadFrame<'_, F, E> {
        let bytes = self.window.bytes();
        let may_end = match bytes {
            [] => self.deframer.is_between_frames(bytes),
            bytes => self.deframer.framing().end(bytes).is_ok(),
        };
        if may_end { Ok(self.finish()) } else { Err(ReadExactError::UnexpectedEof) }
    }
}

#[cfg(feature = "embedded-io-v0.7")]
impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// Reads from `stream` until there is a complete frame; `None` at the end of the stream.
    ///
    /// The inner error is a rejected frame, as from [`next_frame`](Self::next_frame): the next call continues
    /// after it. (Feature `embedded-io-v0.7`.)
    ///
    /// ```
    /// use lobbywire_core::bancho::{BanchoFraming, Side, Version};
    /// use lobbywire_core::wire::FrameDecoder;
    ///
    /// let mut stream = &[4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0][..];
    /// let framing = BanchoFraming::new(Version::LATEST, Side::Client);
    /// let mut decoder = FrameDecoder::new(framing, [0; 512]);
    /// let mut count = 0;
    /// while let Some(frame) = decoder.read_frame(&mut stream).unwrap() {
    ///     assert_eq!(frame.unwrap().len(), 7);
    ///     count += 1;
    /// }
    /// assert_eq!(count, 2);
    /// ```
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] if it ends inside a frame. Received bytes stay
    /// in the decoder, so the call can be repeated after a timeout.
    pub fn read_frame<R>(&mut self, stream: &mut R) -> ReadFrame<'_, F, R::Error>
    where
        R: embedded_io::Read + ?Sized,
    {
        let next = loop {
            if let Some(next) = self.next_len() {
                break next;
            }
            match stream.read(self.room())? {
                0 => return self.end_of_stream(),
                count => self.filled(count),
            }
        };
        Ok(Some(next.map(|len| self.window.take(len))))
    }
}

#[cfg(feature = "embedded-io-async-v0.7")]
impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// Reads from `stream` until there is a complete frame; `None` at the end of the stream.
    ///
    /// The inner error is a rejected frame, as from [`next_frame`](Self::next_frame): the next call continues
    /// after it. The future is cancel-safe if the stream's `read` is: received bytes stay in the decoder.
    /// (Feature `embedded-io-async-v0.7`.)
    ///
    /// # Errors
    /// The stream's own, and [`ReadExactError::UnexpectedEof`] if it ends inside a frame.
    pub async fn read_frame_async<R>(&mut self, stream: &mut R) -> ReadFrame<'_, F, R::Error>
    where
        R: embedded_io_async::Read + ?Sized,
    {
        let next = loop {
            if let Some(next) = self.next_len() {
                break next;
            }
            match stream.read(self.room()).await? {
                0 => return self.end_of_stream(),
                count => self.filled(count),
            }
        };
        Ok(Some(next.map(|len| self.window.take(len))))
    }
}

#[cfg(all(test, feature = "embedded-io-v0.7", feature = "embedded-io-async-v0.7"))]
pub(crate) mod tests {
    use super::*;
    use core::convert::Infallible;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use std::vec;
    use std::vec::Vec;

    /// A stream that returns a few bytes per read. An asynchronous read is pending once before each.
    pub(crate) struct Drip<'a> {
        pub(crate) rest: &'a [u8],
        pub(crate) piece: usize,
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
            let mut was_pending = false;
            core::future::poll_fn(|_| {
                if core::mem::replace(&mut was_pending, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            embedded_io::Read::read(self, buffer)
        }
    }

    /// The frames and positions of a whole slice; `None` is a rejected frame.
    fn from_slice<F: Framing>(framing: F, bytes: &[u8]) -> Vec<(Option<Vec<u8>>, u64)> {
        let (mut decoder, mut rest, mut found) = (FrameDecoder::new(framing, [0; 64]), bytes, vec![]);
        while !rest.is_empty() {
            rest = &rest[decoder.push(rest)..];
            while let Some(frame) = decoder.next_frame() {
                let frame = frame.ok().map(<[u8]>::to_vec);
                found.push((frame, decoder.frame_position()));
            }
        }
        if let Some(frame) = decoder.finish() {
            let frame = frame.ok().map(<[u8]>::to_vec);
            found.push((frame, decoder.frame_position()));
        }
        found
    }

    /// Reads with pieces of any size, blocking and asynchronously with cancelled reads, and compares with the
    /// frames of the whole slice.
    fn reads_are_equal_to_the_slice<F: Framing + Clone>(framing: &F, bytes: &[u8], frames: usize) {
        let expected = from_slice(framing.clone(), bytes);
        assert_eq!(expected.len(), frames);
        for piece in (1..=bytes.len()).step_by(if cfg!(miri) { 9 } else { 1 }) {
            let mut decoder = FrameDecoder::new(framing.clone(), [0; 64]);
            let (mut drip, mut found) = (Drip { rest: bytes, piece }, vec![]);
            while let Some(frame) = decoder.read_frame(&mut drip).unwrap() {
                let frame = frame.ok().map(<[u8]>::to_vec);
                found.push((frame, decoder.frame_position()));
            }
            assert_eq!(found, expected, "pieces of {piece}");

            let mut decoder = FrameDecoder::new(framing.clone(), [0; 64]);
            let (mut drip, mut found, mut polls) = (Drip { rest: bytes, piece }, vec![], 0);
            loop {
                polls += 1;
                // Every other pending future is dropped and created again.
                let read = {
                    let mut read = pin!(decoder.read_frame_async(&mut drip));
                    let mut cx = Context::from_waker(Waker::noop());
                    let first = read.as_mut().poll(&mut cx);
                    let read = if polls % 2 == 0 && first.is_pending() { read.poll(&mut cx) } else { first };
                    read.map(|read| read.unwrap().map(|frame| frame.ok().map(<[u8]>::to_vec)))
                };
                match read {
                    Poll::Pending => {}
                    Poll::Ready(None) => break,
                    Poll::Ready(Some(frame)) => found.push((frame, decoder.frame_position())),
                }
            }
            assert_eq!(found, expected, "pieces of {piece}, with cancelled reads");
        }
    }

    #[test]
    #[cfg(feature = "bancho")]
    fn bancho_frames_are_read_from_streams() {
        use crate::bancho::{BanchoFraming, FrameWriter, Side, Version, client};
        let mut buffer = [0; 256];
        let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
        out.write(&client::Pong).unwrap();
        // Larger than the decoder's buffer.
        out.write_payload(1, &[0; 100]).unwrap();
        out.write(&client::Message::to("#osu", "hi")).unwrap();
        let framing = BanchoFraming::new(Version::LATEST, Side::Client);
        reads_are_equal_to_the_slice(&framing, out.written(), 3);

        let cut = out.written().len() - 1;
        let mut drip = Drip { rest: &out.written()[..cut], piece: 9 };
        let mut decoder = FrameDecoder::new(framing, [0; 64]);
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_ok());
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_err());
        assert!(matches!(decoder.read_frame(&mut drip), Err(ReadExactError::UnexpectedEof)));
        assert!(!decoder.buffered().is_empty(), "received bytes stay");
    }

    #[test]
    #[cfg(feature = "signalr")]
    fn signalr_frames_are_read_from_streams() {
        use crate::signalr::{Frames, Records};
        let long = [b"\x02\x91\x06\x60".as_slice(), &[0; 96], b"\x02\x91\x06"].concat();
        reads_are_equal_to_the_slice(&Frames::new(), &long, 3);
        reads_are_equal_to_the_slice(&Records::new(), b"{}\x1e{\"type\":6}\x1e", 2);
    }

    #[test]
    #[cfg(feature = "faf")]
    fn faf_frames_are_read_from_streams() {
        use crate::faf::{Mode, qdatastream::Blocks, simple_json::Lines};
        // The lenient mode accepts a last line without a line feed.
        let lines = b"{\"command\":\"ping\"}\n{\"command\":\"pong\"}";
        reads_are_equal_to_the_slice(&Lines::new(Mode::Lenient), lines, 2);
        let blocks = b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G\0\0\0\x04\xff\xff\xff\xff";
        reads_are_equal_to_the_slice(&Blocks::new(Mode::Strict), blocks, 2);
        let mut decoder = FrameDecoder::new(Lines::new(Mode::Strict), [0; 64]);
        let mut drip = Drip { rest: lines, piece: 5 };
        assert!(decoder.read_frame(&mut drip).unwrap().unwrap().is_ok());
        assert!(matches!(decoder.read_frame(&mut drip), Err(ReadExactError::UnexpectedEof)));
    }
}
