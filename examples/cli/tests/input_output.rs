//! Files, standard streams and exit codes.
#![cfg(unix)]

mod tool;

use std::io::{Read, Write};
use std::process::Command;
use tool::{TOOL, frame, run, start};

const COMMANDS: [&str; 10] = [
    "bancho decode --build 282 --side client",
    "bancho decode --side client",
    "bancho encode --build 282 --side client",
    "bancho transcode --side client --from 394 --to 282",
    "signalr decode --encoding json",
    "signalr encode --encoding json",
    "faf decode --framing json",
    "faf decode --framing gpgnet",
    "faf encode --framing json",
    "faf transcode --framing json --to qdatastream",
];

#[test]
fn unreadable_files_exit_with_3_and_are_named() {
    for command in COMMANDS {
        for file in ["no/such/file", "."] {
            let outcome = run(&format!("{command} {file}"), b"");
            assert_eq!((outcome.code, outcome.stdout.len()), (Some(3), 0), "{command} {file}");
            assert!(outcome.stderr.starts_with(&format!("lobbywire: {file}: ")), "{}", outcome.stderr);
        }
    }
}

#[test]
fn a_dash_is_standard_input() {
    let pong = frame(394, 4, b"");
    let shown = run("bancho decode --build 394 --side client --format json -", &pong).expect_success();
    assert_eq!(shown.stdout, b"{\"packet\":\"OsuPong\",\"data\":null}\n");
    let made = run("bancho encode --build 394 --side client -", &shown.stdout).expect_success();
    assert_eq!(made.stdout, pong);
    run("faf decode --framing json -", b"{\"command\":\"a\"}\n").expect_success();
    run("signalr decode --encoding json -", b"{\"type\":6}\x1e").expect_success();
}

/// Runs the tool on endless input, reads a little of one of its outputs and closes it. Returns the exit code.
fn close(arguments: &str, input: &[u8], close_stderr: bool) -> Option<i32> {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.repeat(1000);
    // Endless: the thread ends when the tool closes its input.
    let writer = std::thread::spawn(move || while stdin.write_all(&input).is_ok() {});
    let mut start = [0; 16];
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    if close_stderr {
        stderr.read_exact(&mut start).unwrap();
        drop(stderr);
        std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    } else {
        stdout.read_exact(&mut start).unwrap();
        drop(stdout);
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        assert!(!text.contains("lobbywire:") && !text.contains("panicked"), "{text}");
    }
    let status = child.wait().unwrap();
    writer.join().unwrap();
    status.code()
}

#[test]
fn closing_an_output_ends_the_program() {
    let (good, bad) = (frame(394, 4, b""), frame(394, 1, b"\x0c"));
    let decode = "bancho decode --build 394 --side client --format json --keep-going";
    assert_eq!(close(decode, &good, false), Some(0));
    assert_eq!(close(decode, &bad, true), Some(1));
    assert_eq!(close(decode, &[good, bad].concat(), true), Some(1));
    // Reports that are no errors.
    let encode = "bancho encode --build 282 --side server --keep-going";
    assert_eq!(close(encode, b"{\"packet\":\"BanchoRTX\",\"data\":\"\"}\n", true), Some(0));
    assert_eq!(close(encode, b"x\n", true), Some(1));
    for (command, input) in [
        ("faf decode --framing json --keep-going", &b"x\n"[..]),
        ("signalr decode --encoding json --keep-going", b"x\x1e"),
        ("faf transcode --framing json --to gpgnet", b"{\"command\":\"a\"}\n"),
    ] {
        let expected = i32::from(!command.contains("transcode"));
        assert_eq!(close(command, input, true), Some(expected), "{command}");
    }
    for command in ["bancho versions", "man", "completions bash", "--help"] {
        let mut child = start(command);
        drop(child.stdout.take());
        let outcome = child.wait_with_output().unwrap();
        assert_eq!((outcome.status.code(), outcome.stderr.len()), (Some(0), 0), "{command}");
    }
}

#[test]
fn reports_are_in_order_in_a_shared_file() {
    let input = [frame(394, 4, b""), frame(394, 1, b"\x0c")].concat().repeat(20);
    let script = "exec \"$0\" bancho decode --build 394 --side client --format json --keep-going 2>&1";
    let both = tool::feed(Command::new("sh").args(["-c", script, TOOL]), &input);
    let text = String::from_utf8(both.stdout).unwrap();
    for (index, line) in text.lines().enumerate() {
        assert_eq!(line.starts_with("{\"error\""), index % 2 == 1, "line {index}: {line}");
    }
    assert_eq!(text.lines().count(), 40);
}
