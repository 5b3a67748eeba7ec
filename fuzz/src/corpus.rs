//! Inputs for the targets: the stored ones, and those that the golden vectors and the captures make.

use crate::TARGETS;
use crate::bancho::number_of;
use lobbywire::bancho::{Codec, Side, Version};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folder of this crate.
pub fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where the small corpus of a target is stored, an input a line, as hexadecimal digits.
pub fn stored_in(target: &str) -> PathBuf {
    home().join("corpora").join(format!("{target}.hex"))
}

/// The small corpus of a target.
///
/// # Errors
/// Those of reading it; there may be none yet.
pub fn stored(target: &str) -> io::Result<Vec<Vec<u8>>> {
    match fs::read_to_string(stored_in(target)) {
        Ok(lines) => Ok(lines.lines().map(unhex).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The files in a folder; none where there is no such folder.
///
/// # Errors
/// Those of reading them.
pub fn files(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.into_iter().map(|path| fs::read(&path).map(|bytes| (path, bytes))).collect()
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().as_chunks::<2>().0;
    let nibble = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8;
    pairs.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)).collect()
}

/// A stream that somebody else's program has written or accepted.
struct Sent {
    version: Version,
    side: Side,
    bytes: Vec<u8>,
    /// Its line of JSON, where it is a golden vector.
    json: Option<serde_json::Value>,
}

fn sent() -> Vec<Sent> {
    let repository = home().join("..");
    let mut all = Vec::new();
    for side in ["client", "server"] {
        let path = repository.join(format!("core/tests/golden/{side}.jsonl"));
        for line in fs::read_to_string(path).expect("the golden vectors").lines() {
            let json: serde_json::Value = serde_json::from_str(line).expect("a vector");
            let version =
                json["version"].as_str().and_then(|version| version.parse().ok()).expect("a version");
            let bytes = unhex(json["hex"].as_str().expect("bytes"));
            let side = if side == "client" { Side::Client } else { Side::Server };
            all.push(Sent { version, side, bytes, json: Some(json) });
        }
    }
    for (path, bytes) in files(&repository.join("examples/captures")).expect("the captures") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some((version, side)) = name.strip_suffix(".bin").and_then(|name| name.split_once('-')) {
            let side = if side == "client" { Side::Client } else { Side::Server };
            let version = version.parse().expect("a version");
            all.push(Sent { version, side, bytes: bytes[..bytes.len().min(1500)].to_vec(), json: None });
        }
    }
    all
}

/// What the golden vectors and the captures give a target to start from.
pub fn derived(target: &str) -> BTreeSet<Vec<u8>> {
    let mut inputs = BTreeSet::new();
    let numbers = |version: Version, more: &[u8]| [&[number_of(version)], more].concat();
    if target == "login" {
        inputs.insert(b"peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n\x04\0\0\0\0\0\0".to_vec());
        inputs.insert(
            b"peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20130815.3cuttingedge|-5|1|a:1.2.:b:c:d:|0\n"
                .to_vec(),
        );
    }
    if target.ends_with("_packet") {
        // Packets of all kinds, of bytes that are as good as any.
        for (version, kind) in
            Version::all().flat_map(|version| (0..=255u8).step_by(7).map(move |kind| (version, kind)))
        {
            inputs.insert(numbers(version, &[&[kind; 4][..], &[1, 2, 4, 0x0b, 1, b'a'].repeat(20)].concat()));
        }
    }
    for (index, Sent { version, side, bytes, json }) in sent().into_iter().enumerate() {
        let on_side = target.starts_with(if side == Side::Client { "client" } else { "server" });
        let number = u8::try_from(index % 251).unwrap_or(0);
        let other = Version::all().nth(index % 75).unwrap_or(Version::LATEST);
        if target.ends_with("_stream") && on_side {
            inputs.insert(numbers(version, &[&[number][..], &bytes].concat()));
        }
        if target == "bridge" {
            let len = if side == Side::Client { bytes.len().min(usize::from(u16::MAX)) } else { 0 };
            let len = u16::try_from(len).unwrap_or(0).to_le_bytes();
            let (client, server) = if side == Side::Client { (version, other) } else { (other, version) };
            inputs.insert([&[number_of(client), number_of(server), number][..], &len, &bytes].concat());
        }
        let (mut codec, mut stream) = (Codec::reading(side, version), bytes[..].into());
        while let Some(Ok(received)) = codec.next_packet(&mut stream) {
            let side = u8::from(side == Side::Server);
            let packet = [&received.id().to_le_bytes()[..], received.payload()].concat();
            match target {
                "client_payload" | "server_payload" if on_side => {
                    inputs.insert(numbers(version, &packet));
                }
                "transcoding" => {
                    inputs.insert(numbers(version, &[&[number_of(other), side][..], &packet].concat()));
                }
                "json" => {
                    inputs.insert(numbers(version, &[&[side][..], &packet].concat()));
                    if let Some(json) = &json {
                        let line = serde_json::json!({ "packet": json["packet"], "data": json["data"] });
                        inputs.insert(numbers(version, line.to_string().as_bytes()));
                    }
                }
                "inflate" if received.is_compressed() => {
                    let member = &received.frame()[version.header_len()..];
                    inputs.insert([&[255][..], member].concat());
                }
                "bancho_packets" if version == Version::LATEST => {
                    let kind = match received.name() {
                        "BanchoMessage" => 0,
                        "BanchoMatchScoreUpdate" => 1,
                        "BanchoFriendsList" => 2,
                        _ => continue,
                    };
                    inputs.insert([&[kind][..], received.payload()].concat());
                }
                _ => {}
            }
        }
    }
    inputs
}

/// Everything that is replayed for a target: the stored corpus, what is derived, and the regressions, each
/// with a name.
///
/// # Errors
/// Those of reading them.
pub fn all(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut inputs: Vec<_> = files(&home().join("regressions").join(target))?
        .into_iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    inputs.extend(stored(target)?.into_iter().map(|input| (format!("stored {}", hex(&input)), input)));
    inputs.extend(derived(target).into_iter().map(|input| (format!("derived {}", hex(&input)), input)));
    Ok(inputs)
}

/// Lays out what libFuzzer starts from, a folder a target.
///
/// # Errors
/// Those of writing it.
pub fn unpack(into: &Path) -> io::Result<()> {
    for (target, _) in TARGETS {
        let folder = into.join(target);
        fs::create_dir_all(&folder)?;
        for (index, (_, input)) in all(target)?.into_iter().enumerate() {
            fs::write(folder.join(format!("{index:05}")), input)?;
        }
    }
    Ok(())
}

/// Stores the inputs in these folders, which libFuzzer has made few and small.
///
/// # Errors
/// Those of reading and writing them.
pub fn pack(from: &Path) -> io::Result<()> {
    for (target, _) in TARGETS {
        let mut lines: Vec<_> =
            files(&from.join(target))?.into_iter().map(|(_, input)| hex(&input) + "\n").collect();
        lines.sort_by_key(|line| (line.len(), line.clone()));
        fs::create_dir_all(home().join("corpora"))?;
        fs::write(stored_in(target), lines.concat())?;
    }
    Ok(())
}
