//! Traffic for the tests: the golden vectors and captures of the repository, and streams that read and write in
//! pieces.

#![allow(dead_code)] // no test uses all of it

#[path = "../../../core/tests/hex/mod.rs"]
mod hex;

pub(crate) use hex::unhex;
use lobbywire::bancho::{Frames, Received, Side, Version};
use lobbywire::wire::Inflater;
use std::io;

/// All bytes that one side has sent in one version.
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) side: Side,
    pub(crate) bytes: Vec<u8>,
}

/// A frame as read by the core.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) id: u16,
    pub(crate) payload: Vec<u8>,
    pub(crate) frame: Vec<u8>,
}

impl Session {
    /// The frames in it, as read by the core.
    pub(crate) fn frames(&self) -> Vec<Expected> {
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; 1 << 16]);
        Frames::new(self.version, self.side, &self.bytes)
            .map(|frame| {
                let frame = frame.unwrap();
                let payload = frame.payload(&mut inflater, &mut scratch).unwrap().to_vec();
                Expected { id: frame.wire_id, payload, frame: frame.bytes.to_vec() }
            })
            .collect()
    }
}

impl From<Received> for Expected {
    fn from(received: Received) -> Self {
        Self {
            id: received.wire_id(),
            payload: received.payload().to_vec(),
            frame: received.frame().to_vec(),
        }
    }
}

/// Every capture, and all golden vectors of each version and side, concatenated.
pub(crate) fn sessions() -> Vec<Session> {
    let mut sessions = captures();
    for version in Version::all() {
        for side in [Side::Client, Side::Server] {
            let name = format!("the vectors of {side} in {version}");
            sessions.push(Session { name, version, side, bytes: Vec::new() });
        }
    }
    let files = [
        include_str!("../../../core/tests/golden/client.jsonl"),
        include_str!("../../../core/tests/golden/server.jsonl"),
    ];
    for line in files.iter().flat_map(|file| file.lines()) {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let version: Version = vector["version"].as_str().unwrap().parse().unwrap();
        let side = if vector["from"] == "client" { Side::Client } else { Side::Server };
        let name = format!("the vectors of {side} in {version}");
        let session = sessions.iter_mut().find(|session| session.name == name).unwrap();
        session.bytes.extend(unhex(vector["hex"].as_str().unwrap()));
    }
    sessions.retain(|session| !session.bytes.is_empty());
    sessions
}

/// The captures in `examples/captures`.
pub(crate) fn captures() -> Vec<Session> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut captures = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some((build, side)) = name.strip_suffix(".bin").and_then(|name| name.split_once('-')) else {
            continue;
        };
        let side = if side == "client" { Side::Client } else { Side::Server };
        let version = build.parse().unwrap();
        captures.push(Session { version, side, bytes: std::fs::read(&path).unwrap(), name });
    }
    assert!(captures.len() >= 16);
    captures
}

/// Reproducible pseudo-random numbers.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// How a stream is split into pieces.
#[derive(Clone, Debug)]
pub(crate) enum Pieces {
    Of(usize),
    /// Of a random length up to this.
    UpTo(usize),
}

impl Pieces {
    pub(crate) const ALL: [Self; 8] = [
        Self::Of(1),
        Self::Of(2),
        Self::Of(3),
        Self::Of(7),
        Self::Of(61),
        Self::Of(usize::MAX),
        Self::UpTo(20),
        Self::UpTo(3000),
    ];
}

/// A stream that reads and writes in pieces.
pub(crate) struct Drip {
    rest: std::collections::VecDeque<u8>,
    pub(crate) taken: Vec<u8>,
    pieces: Pieces,
    numbers: Numbers,
    /// Whether each piece is preceded by `Pending`, or by an error if blocking.
    waits: bool,
    has_waited: bool,
    pub(crate) waited: usize,
    pub(crate) writes: usize,
}

impl Drip {
    pub(crate) fn new(bytes: &[u8], pieces: Pieces) -> Self {
        Self {
            rest: bytes.iter().copied().collect(),
            taken: Vec::new(),
            pieces,
            numbers: Numbers(7),
            waits: false,
            has_waited: false,
            waited: 0,
            writes: 0,
        }
    }

    /// Makes each piece wait once.
    pub(crate) fn waiting(self) -> Self {
        Self { waits: true, ..self }
    }

    fn waits_now(&mut self) -> bool {
        self.has_waited = self.waits && !self.has_waited;
        self.waited += usize::from(self.has_waited);
        self.has_waited
    }

    fn piece(&mut self) -> usize {
        match self.pieces {
            Pieces::Of(len) => len,
            Pieces::UpTo(len) => 1 + self.numbers.below(len),
        }
    }

    fn give(&mut self, room: usize) -> Vec<u8> {
        let count = self.piece().min(room).min(self.rest.len());
        self.rest.drain(..count).collect()
    }

    fn take(&mut self, bytes: &[u8]) -> usize {
        let count = self.piece().min(bytes.len());
        self.taken.extend(&bytes[..count]);
        self.writes += 1;
        count
    }
}

impl io::Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waits_now() {
            let kind = if self.waited.is_multiple_of(2) {
                io::ErrorKind::WouldBlock
            } else {
                io::ErrorKind::Interrupted
            };
            return Err(kind.into());
        }
        let piece = self.give(buffer.len());
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl io::Write for Drip {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waits_now() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(self.take(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "tokio")]
mod asynchronous {
    use super::Drip;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    impl AsyncRead for Drip {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.waits_now() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let piece = self.give(buffer.remaining());
            buffer.put_slice(&piece);
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Drip {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            if self.waits_now() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(Ok(self.take(bytes)))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            if self.waits_now() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
}
