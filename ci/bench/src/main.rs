//! `lobbywire-bench` prints all tables, and `faf` and `lazer` one of them. `--optimized PROGRAM --figures FILE` also
//! compares with a program that is built with LTO, which it runs with `times`, and writes the figures for the README.

use lobbywire_bench::Figures;
use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            lobbywire_bench::run(None);
        }
        ["faf"] => lobbywire_bench::faf::run(&mut Figures::default()),
        ["lazer"] => lobbywire_bench::lazer::run(&mut Figures::default()),
        ["times"] => {
            let [decode, encode] = lobbywire_bench::times();
            println!("{decode} {encode}");
        }
        ["--optimized", optimized, "--figures", figures] => {
            if let Err(error) = lobbywire_bench::run(Some(optimized)).write(Path::new(figures)) {
                eprintln!("{figures}: {error}");
                std::process::exit(3);
            }
        }
        _ => {
            eprintln!("usage: lobbywire-bench [faf | lazer | times | --optimized PROGRAM --figures FILE]");
            std::process::exit(2);
        }
    }
}
