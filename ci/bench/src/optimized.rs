//! Cargo's default release profile compared with link-time optimization of all crates.

use std::process::Command;

/// Runs both programs in turns. The best time of each counts.
pub(crate) fn run(program: &str) {
    let mut best = [[f64::INFINITY; 2]; 2];
    let own = std::env::current_exe().expect("a path");
    for _ in 0..5 {
        for (program, best) in [own.as_os_str(), program.as_ref()].into_iter().zip(&mut best) {
            let output = Command::new(program).arg("times").output().expect("the program runs");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            for (best, time) in best.iter_mut().zip(text.split_whitespace()) {
                *best = best.min(time.parse().expect("a number"));
            }
        }
    }
    let [[decode, encode], [optimized_decode, optimized_encode]] = best;
    println!("\ndefault profile, as a multiple of the time with fat LTO");
    println!("{:<34} {:>6.2}", "decode", decode / optimized_decode);
    println!("{:<34} {:>6.2}", "encode", encode / optimized_encode);
}
