//! The inputs of the targets: stored corpora, regressions, and seeds.

use crate::targets;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folder `fuzz` of the repository.
pub fn fuzz_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The file that stores the corpus of a target, one input per line, in hexadecimal.
pub fn stored_in(target: &str) -> PathBuf {
    fuzz_dir().join("corpora").join(format!("{target}.hex"))
}

/// The stored corpus of a target; empty if there is no file.
///
/// # Errors
/// The file cannot be read, or is not hexadecimal.
pub fn stored(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let decode = |line| hex::decode(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
    match fs::read_to_string(stored_in(target)) {
        Ok(lines) => lines.lines().map(decode).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The files in a folder with their contents, sorted by path; empty if there is no such folder.
///
/// # Errors
/// The folder or a file cannot be read.
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

/// The regressions and seeds of a target, each with a name.
fn without_stored(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut inputs: Vec<_> = files(&fuzz_dir().join("regressions").join(target))?
        .into_iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    let seeds = targets().filter(|(_, (name, _))| *name == target).map(|(family, _)| (family.seeds)(target));
    inputs.extend(seeds.flatten().map(|input| (format!("seed {}", hex::encode(&input)), input)));
    Ok(inputs)
}

/// All inputs that are replayed for a target, each with a name.
///
/// # Errors
/// A file cannot be read.
pub fn all(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let stored = stored(target)?.into_iter().map(|input| (format!("stored {}", hex::encode(&input)), input));
    Ok(without_stored(target)?.into_iter().chain(stored).collect())
}

/// Writes the inputs of all targets to files, in one folder per target, as libFuzzer reads them.
///
/// # Errors
/// A file cannot be read or written.
pub fn unpack(into: &Path, with_stored: bool) -> io::Result<()> {
    for (_, (target, _)) in targets() {
        let folder = into.join(target);
        fs::create_dir_all(&folder)?;
        let inputs = if with_stored { all(target)? } else { without_stored(target)? };
        for (index, (_, input)) in inputs.into_iter().enumerate() {
            fs::write(folder.join(format!("{index:05}")), input)?;
        }
    }
    Ok(())
}

/// The maximum size of a stored corpus, in bytes of its file. The longest inputs are left out.
const MAX_STORED: usize = 190_000;

/// Stores the inputs that libFuzzer has added to these folders: the files that it names by their SHA-1.
///
/// # Errors
/// A file cannot be read or written.
pub fn pack(from: &Path) -> io::Result<()> {
    for (_, (target, _)) in targets() {
        let is_new = |path: &Path| path.file_name().is_some_and(|name| name.len() == 40);
        let inputs = files(&from.join(target))?.into_iter().filter(|(path, _)| is_new(path));
        let mut lines: Vec<_> = inputs.map(|(_, input)| hex::encode(&input) + "\n").collect();
        lines.sort_by_key(|line| (line.len(), line.clone()));
        let mut len = 0;
        lines.retain(|line| {
            len += line.len();
            len <= MAX_STORED
        });
        fs::create_dir_all(fuzz_dir().join("corpora"))?;
        fs::write(stored_in(target), lines.concat())?;
    }
    Ok(())
}
