//! Converts the inputs of the fuzz targets between files, as libFuzzer reads them, and the stored corpora.

use harness::{corpus, targets};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: corpora COMMAND
  unpack FOLDER  write all inputs to FOLDER/TARGET/
  seeds FOLDER   write all inputs but the stored corpora to FOLDER/TARGET/
  pack FOLDER    store the inputs that libFuzzer has added to FOLDER/TARGET/ in fuzz/corpora
  targets        list the targets, each with the name of its dictionary";

fn main() -> std::io::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["targets"] => targets().for_each(|(family, (name, _))| println!("{name} {}", family.name)),
        ["unpack", folder] => corpus::unpack(Path::new(folder), true)?,
        ["seeds", folder] => corpus::unpack(Path::new(folder), false)?,
        ["pack", folder] => corpus::pack(Path::new(folder))?,
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
