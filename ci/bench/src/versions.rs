//! The cost of versions that are known only at run time, and of transcoding between versions.

use crate::clock::Clock;
use crate::{inputs, ours};
use lobbywire_core::bancho::{Dialect, Fixed, Version};
use std::hint::black_box;

pub(crate) fn run() {
    println!("\na version at run time, as a multiple of the time of a fixed one");
    println!("{:<12} {:>8} {:>8}", "version", "decode", "encode");
    at_run_time::<20250306>();
    at_run_time::<1700>();
    lobby();
    transcoded();
}

fn at_run_time<const BUILD: u32>() {
    let (fixed, version) = (Fixed::<BUILD>, Version::from_build(BUILD));
    let stream = inputs::stream_in(version);
    let frames = stream.packets.len() as f64;
    let (mut one, mut other) = (vec![0u8; stream.bytes.len() * 2], vec![0u8; stream.bytes.len() * 2]);
    let mut clock = Clock::default();
    clock.measure("decode", frames, || ours::decode_in(black_box(version), black_box(&stream.bytes)));
    clock.measure("decode, fixed", frames, || ours::decode_in(fixed, black_box(&stream.bytes)));
    clock.measure("encode", frames, || {
        ours::encode_in(black_box(version), black_box(&stream.packets), &mut one)
    });
    clock.measure("encode, fixed", frames, || ours::encode_in(fixed, black_box(&stream.packets), &mut other));
    clock.run();
    println!(
        "{:<12} {:>8.2} {:>8.2}",
        fixed.version().to_string(),
        clock.of("decode") / clock.of("decode, fixed"),
        clock.of("encode") / clock.of("encode, fixed"),
    );
}

/// A server with clients of eight versions that send packets in turn.
fn lobby() {
    // Versions from the first with a compression flag on, so that all frames are uncompressed.
    let versions = [388, 504, 591, 1700, 1800, 20121224, 20130801, 20250306].map(Version::from_build);
    let streams = versions.map(|version| inputs::stream_in(version).bytes);
    let mut each =
        versions.iter().zip(&streams).map(|(version, bytes)| (*version, inputs::frames(*version, bytes)));
    let mut lists: Vec<_> = each.by_ref().map(|(version, frames)| (version, frames.into_iter())).collect();
    let mut turns = Vec::new();
    while let Some(frames) =
        lists.iter_mut().map(|(version, frames)| Some((*version, frames.next()?))).collect::<Option<Vec<_>>>()
    {
        turns.extend(frames);
    }
    let mut sorted = turns.clone();
    sorted.sort_by_key(|(version, _)| version.build());
    let mut clock = Clock::default();
    clock.measure("turns", turns.len() as f64, || ours::decode_each(black_box(&turns)));
    clock.measure("sorted", turns.len() as f64, || ours::decode_each(black_box(&sorted)));
    clock.run();
    println!("\na server with eight versions, {} packets in turn", turns.len());
    clock.print_multiple("decode, one version at a time", "turns", &["sorted"]);
}

fn transcoded() {
    println!("\ntranscoding");
    let (old, new) = (Version::from_build(20160404), Version::from_build(20161101));
    let stream = inputs::stream_in(old);
    let frames = stream.packets.len() as f64;
    let (mut copy, mut out) = (stream.bytes.clone(), vec![0u8; stream.bytes.len() * 2]);
    let mut transcoding = black_box(ours::Transcoding::new(old, new));
    let mut clock = Clock::default();
    clock.measure("memcpy", frames, || copy.copy_from_slice(black_box(&stream.bytes)));
    clock.measure("walk", frames, || ours::walk_in(black_box(old), black_box(&stream.bytes)));
    clock.measure("transcode", frames, || transcoding.transcode(black_box(&stream.bytes), &mut out));
    clock.run();
    clock.print_multiple("same layouts, memcpy + walk", "transcode", &["memcpy", "walk"]);

    let old = Version::from_build(20130801);
    let stream = inputs::stream_in(old);
    let (mut out, mut encoded) = (vec![0u8; stream.bytes.len() * 2], vec![0u8; stream.bytes.len() * 2]);
    let mut transcoding = black_box(ours::Transcoding::new(old, Version::LATEST));
    let mut clock = Clock::default();
    clock.measure("decode", frames, || ours::decode_in(black_box(old), black_box(&stream.bytes)));
    clock.measure("encode", frames, || {
        ours::encode_in(black_box(Version::LATEST), black_box(&stream.packets), &mut encoded)
    });
    clock.measure("transcode", frames, || transcoding.transcode(black_box(&stream.bytes), &mut out));
    clock.run();
    clock.print_multiple("other layouts, decode + encode", "transcode", &["decode", "encode"]);
}
