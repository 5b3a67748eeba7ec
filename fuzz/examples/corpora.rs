//! `corpora unpack FOLDER` lays out what libFuzzer starts from, `corpora pack FOLDER` stores what it has
//! made of it, `corpora targets` lists the targets, each with its family.

use lobbywire_fuzz::{corpus, targets};
use std::path::Path;
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["targets"] => targets().for_each(|(family, (name, _))| println!("{name} {}", family.name)),
        ["unpack", folder] => corpus::unpack(Path::new(folder))?,
        ["pack", folder] => corpus::pack(Path::new(folder))?,
        _ => {
            eprintln!("usage: corpora targets | unpack FOLDER | pack FOLDER");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
