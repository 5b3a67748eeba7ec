//! Packets of a client, compressed streams, and streams over a socket.

use crate::clock::Clock;
use crate::inputs::Stream;
use crate::{inputs, ours};
use bytes::BytesMut;
use futures_util::StreamExt;
use lobbywire::bancho::{Codec, Options, Outbox};
use lobbywire_core::bancho::{Side, Version};
use lobbywire_core::wire::Inflater;
use std::hint::black_box;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_util::codec::{BytesCodec, Decoder, FramedRead, LengthDelimitedCodec};

pub(crate) fn run() {
    client();
    compressed();
    over_a_socket();
}

fn client() {
    let stream = inputs::client_stream();
    let frames = stream.packets.len() as f64;
    let mut out = vec![0u8; stream.bytes.len() * 2];
    let mut clock = Clock::default();
    clock.measure("decode", frames, || ours::decode_client(black_box(&stream.bytes)));
    clock.measure("encode", frames, || ours::encode(black_box(&stream.packets), &mut out));
    clock.run();
    println!("\n{frames} client packets with {} bytes\n", stream.bytes.len());
    clock.table();
}

/// Packets to clients of b1700, for which servers compress larger packets.
fn compressed() {
    let version = Version::from_build(1700);
    let Stream { packets, .. } = inputs::stream_in(version);
    let mut outbox = Outbox::new(version);
    let mut bytes = BytesMut::new();
    for packet in &packets {
        outbox.write(packet).expect("the outbox is empty");
        bytes.extend_from_slice(&outbox.take());
    }
    let (mut inflater, mut other) = (Inflater::new(), Inflater::new());
    let (mut scratch, mut other_scratch) = (vec![0u8; 1 << 16], vec![0u8; 1 << 16]);
    let mut clock = Clock::default();
    clock.measure("inflate", packets.len() as f64, || {
        ours::inflate(version, black_box(&bytes), &mut inflater, &mut scratch)
    });
    clock.measure("decode", packets.len() as f64, || {
        ours::decode_compressed(version, black_box(&bytes), &mut other, &mut other_scratch)
    });
    clock.run();
    println!("{version}, {} packets with {} bytes, gzip", packets.len(), bytes.len());
    clock.print_multiple("inflate, decode", "inflate", &["decode"]);
}

fn over_a_socket() {
    let stream = inputs::mixed_stream();
    let frames = stream.packets.len() as f64;
    let runtime = Builder::new_current_thread().enable_io().build().expect("a runtime");
    let mut copied = Ends::new(&runtime, BytesCodec::new());
    let by_length = LengthDelimitedCodec::builder()
        .little_endian()
        .length_field_offset(3)
        .length_adjustment(7)
        .num_skip(0)
        .new_codec();
    let mut split = Ends::new(&runtime, by_length);
    let codec = || Codec::reading(Side::Server, Version::LATEST).with_options(Options::client());
    let (mut routed, mut read) = (Ends::new(&runtime, codec()), Ends::new(&runtime, codec()));
    let [mut batches, mut read_batches] = [(), ()].map(|()| Ends::new(&runtime, codec().in_batches()));
    let mut kept = Vec::with_capacity(stream.bytes.len());
    let mut clock = Clock::default();
    clock.measure("bytes", frames, || {
        copied.pass(&runtime, &stream.bytes, |bytes| {
            kept.clear();
            kept.extend_from_slice(&bytes);
            bytes.len()
        })
    });
    clock.measure("frames", frames, || split.pass(&runtime, &stream.bytes, |frame| black_box(frame).len()));
    clock.measure("routed", frames, || {
        routed.pass(&runtime, &stream.bytes, |packet| {
            packet.map_or(usize::MAX, |packet| {
                black_box(packet.wire_id());
                packet.frame().len()
            })
        })
    });
    clock.measure("decoded", frames, || {
        read.pass(&runtime, &stream.bytes, |packet| {
            packet.map_or(usize::MAX, |packet| {
                black_box(packet.server().map_or(0, |packet| ours::visit(&packet)));
                packet.frame().len()
            })
        })
    });
    clock.measure("routed in batches", frames, || {
        batches.pass(&runtime, &stream.bytes, |batch| {
            batch.map_or(usize::MAX, |batch| {
                for frame in batch.frames() {
                    black_box(frame.wire_id);
                }
                batch.bytes().len()
            })
        })
    });
    clock.measure("decoded in batches", frames, || {
        read_batches.pass(&runtime, &stream.bytes, |batch| {
            batch.map_or(usize::MAX, |batch| {
                black_box(ours::decode_in(batch.version(), batch.bytes()));
                batch.bytes().len()
            })
        })
    });
    clock.run();
    println!("\ntokio codec over loopback, times as fast as codecs that");
    println!("{:<20} {:>12} {:>12}", "", "copy bytes", "split frames");
    for name in ["routed", "routed in batches", "decoded", "decoded in batches"] {
        let of = |peer| clock.factor(name, peer);
        println!("{name:<20} {:>12.2} {:>12.2}", of("bytes"), of("frames"));
    }
}

/// Both ends of a connection.
struct Ends<C> {
    near: FramedRead<TcpStream, C>,
    far: TcpStream,
}

impl<C: Decoder<Error: std::fmt::Debug>> Ends<C> {
    fn new(runtime: &Runtime, codec: C) -> Self {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let (far, near) = tokio::join!(TcpStream::connect(address), listener.accept());
            let near = near.expect("a connection").0;
            Self { near: FramedRead::with_capacity(near, codec, 1 << 16), far: far.expect("a connection") }
        })
    }

    /// Sends and receives the bytes. `len` returns the number of bytes in an item.
    fn pass(&mut self, runtime: &Runtime, bytes: &[u8], mut len: impl FnMut(C::Item) -> usize) -> u64 {
        runtime.block_on(async {
            let receive = async {
                let mut rest = bytes.len();
                while rest > 0 {
                    let item = self.near.next().await.expect("more bytes").expect("whole frames");
                    rest -= len(item);
                }
            };
            let (sent, ()) = tokio::join!(self.far.write_all(bytes), receive);
            sent.expect("an open connection");
            bytes.len() as u64
        })
    }
}
