//! Inputs for the targets: the stored ones, the regressions, and those that a family makes of what it has.

use crate::targets;
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

/// What hexadecimal digits say.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().as_chunks::<2>().0;
    let nibble = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8;
    pairs.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)).collect()
}

/// What there is for a target besides the stored corpus: the regressions, and what its family makes, each
/// with a name.
fn given(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut inputs: Vec<_> = files(&home().join("regressions").join(target))?
        .into_iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    let seeds = targets().filter(|(_, (name, _))| *name == target).map(|(family, _)| (family.seeds)(target));
    inputs.extend(seeds.flatten().map(|input| (format!("seed {}", hex(&input)), input)));
    Ok(inputs)
}

/// Everything that is replayed for a target: the stored corpus, the regressions, and what its family makes,
/// each with a name.
///
/// # Errors
/// Those of reading them.
pub fn all(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let stored = stored(target)?.into_iter().map(|input| (format!("stored {}", hex(&input)), input));
    Ok(given(target)?.into_iter().chain(stored).collect())
}

/// Lays out what libFuzzer starts from, a folder a target, with the stored corpus or without.
///
/// # Errors
/// Those of writing it.
pub fn unpack(into: &Path, with_stored: bool) -> io::Result<()> {
    for (_, (target, _)) in targets() {
        let folder = into.join(target);
        fs::create_dir_all(&folder)?;
        let inputs = if with_stored { all(target)? } else { given(target)? };
        for (index, (_, input)) in inputs.into_iter().enumerate() {
            fs::write(folder.join(format!("{index:05}")), input)?;
        }
    }
    Ok(())
}

/// How long the stored corpus of a target may be. What is left out are the longest inputs.
const MOST_STORED: usize = 150_000;

/// Stores the inputs in these folders, which libFuzzer has made few and small; files that it has not named
/// are those that it was given.
///
/// # Errors
/// Those of reading and writing them.
pub fn pack(from: &Path) -> io::Result<()> {
    for (_, (target, _)) in targets() {
        let is_new = |path: &Path| path.file_name().is_some_and(|name| name.len() == 40);
        let inputs = files(&from.join(target))?.into_iter().filter(|(path, _)| is_new(path));
        let mut lines: Vec<_> = inputs.map(|(_, input)| hex(&input) + "\n").collect();
        lines.sort_by_key(|line| (line.len(), line.clone()));
        let mut len = 0;
        lines.retain(|line| {
            len += line.len();
            len <= MOST_STORED
        });
        fs::create_dir_all(home().join("corpora"))?;
        fs::write(stored_in(target), lines.concat())?;
    }
    Ok(())
}
