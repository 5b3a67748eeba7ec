//! `corpora unpack FOLDER` lays out what libFuzzer starts from, `corpora seeds FOLDER` the same without what is
//! stored, `corpora pack FOLDER` stores what it has made of that, and `corpora targets` lists the targets,
//! each with its family.

use lobbywire_fuzz::{corpus, targets};
use std::path::Path;
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["targets"] => targets().for_each(|(family, (name, _))| println!("{name} {}", family.name)),
        ["unpack", folder] => corpus::unpack(Path::new(folder), true)?,
        ["seeds", folder] => corpus::unpack(Path::new(folder), false)?,
        ["pack", folder] => corpus::pack(Path::new(folder))?,
        _ => {
            eprintln!("usage: corpora targets | unpack FOLDER | seeds FOLDER | pack FOLDER");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
