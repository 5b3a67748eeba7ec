//! `lobbywire-bench [--optimized PROGRAM [--figures FILE]]` prints all tables, `faf` and `lazer` one of them; `times` is for the
//! comparison of profiles.

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => lobbywire_bench::run(None, None),
        ["--optimized", program] => lobbywire_bench::run(Some(program), None),
        ["--optimized", program, "--figures", path] => lobbywire_bench::run(Some(program), Some(path)),
        ["faf"] => lobbywire_bench::faf::run(),
        ["lazer"] => lobbywire_bench::lazer::run(),
        ["times"] => {
            let [decode, encode] = lobbywire_bench::times();
            println!("{decode} {encode}");
        }
        _ => {
            eprintln!("lobbywire-bench [faf | lazer | times | --optimized PROGRAM [--figures FILE]]");
            std::process::exit(2);
        }
    }
}
