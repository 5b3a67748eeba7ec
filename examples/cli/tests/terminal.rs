//! The tool in pipes and terminals.
#![cfg(unix)]

mod tool;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use tool::{TOOL, captures, decode, feed, frame, run, start};

const ESCAPE: char = '\x1b';

#[test]
fn piped_output_has_no_colours() {
    for capture in captures() {
        for style in ["", "--format json", "--format bytes"] {
            let shown = decode(&capture.version(), &capture.side, style, &capture.bytes).expect_success();
            assert!(!String::from_utf8(shown.stdout).unwrap().contains(ESCAPE), "{}", capture.path.display());
        }
    }
    let versions = run("bancho versions", b"").expect_success();
    assert!(!String::from_utf8(versions.stdout).unwrap().contains(ESCAPE));
    let usage = run("bancho decode", b"");
    assert!(!usage.stderr.contains(ESCAPE), "{}", usage.stderr);
}

#[test]
fn control_characters_of_received_text_are_escaped() {
    // A name that would clear the screen, and one that would add a line.
    let message = b"\x0b\x04\x1b[2J\x0b\x03a\nb\0\0\0\0\0";
    let input = frame(20250306, 1, message);
    for style in ["", "--format json", "--format bytes"] {
        let shown = decode("20250306", "client", style, &input).expect_success();
        let text = String::from_utf8(shown.stdout).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{style}: {text:?}");
        assert!(!text.contains("\nb"), "{style}: {text:?}");
    }
}

/// The output on a terminal, or `None` if `script` is not installed.
fn on_a_terminal(environment: &[(&str, &str)], arguments: &str) -> Option<String> {
    let mut command = Command::new("script");
    let inner = format!("{TOOL} {arguments}");
    command.args(["-qec", &inner, "/dev/null"]).env_remove("NO_COLOR").env("TERM", "xterm");
    command.envs(environment.iter().copied());
    let is_there =
        Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no util-linux `script` here");
        return None;
    }
    let outcome = feed(&mut command, b"");
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    Some(String::from_utf8(outcome.stdout).unwrap())
}

#[test]
fn terminals_get_colours_unless_no_color_is_set() {
    let captures = captures();
    let capture = captures.iter().find(|capture| capture.build == 388).unwrap();
    let file = capture.path.display();
    for style in ["", "--format bytes"] {
        let arguments = format!("bancho decode --build 388 --side {} {style} {file}", capture.side);
        let Some(coloured) = on_a_terminal(&[], &arguments) else { return };
        assert!(coloured.contains(ESCAPE), "{style}");
        let plain = on_a_terminal(&[("NO_COLOR", "1")], &arguments).unwrap();
        assert!(!plain.contains(ESCAPE), "{style}");
        // Apart from colours, the output is that of a pipe.
        let piped = decode("388", &capture.side, style, &capture.bytes).expect_success();
        let piped = String::from_utf8(piped.stdout).unwrap();
        assert_eq!(without_colours(&coloured), piped, "{style}");
        assert_eq!(without_colours(&plain), piped, "{style}");
    }
    let arguments = format!("bancho decode --build 388 --side {} --format json {file}", capture.side);
    assert!(!on_a_terminal(&[], &arguments).unwrap().contains(ESCAPE), "JSON is for programs");
}

/// Removes `ESC [ … m`, and the carriage returns that a terminal adds.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split(ESCAPE);
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.map(|piece| piece.split_once('m').unwrap().1);
    std::iter::once(first).chain(rest).collect::<String>().replace('\r', "")
}

/// Runs the tool on `input`, reads one line and closes the pipe.
fn read_one_line(arguments: &str, input: Vec<u8>) -> (String, Option<i32>, String) {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        // The tool stops reading when its output is closed.
        let _ = stdin.write_all(&input);
    });
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let outcome = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (line, outcome.status.code(), String::from_utf8(outcome.stderr).unwrap())
}

#[test]
fn closed_pipes_are_not_errors() {
    // More than the capacity of a pipe.
    let pings = frame(20250306, 8, b"").repeat(100_000);
    for (style, first) in
        [("--format json", "{\"packet\":\"BanchoPing\",\"data\":null}\n"), ("--format bytes", "BanchoPing\n")]
    {
        let arguments = format!("bancho decode --build 20250306 --side server {style}");
        let (line, code, stderr) = read_one_line(&arguments, pings.clone());
        assert_eq!((&line[..], code, &stderr[..]), (first, Some(0), ""), "{style}");
    }
    let lines = "{\"packet\":\"BanchoAnnounce\",\"data\":\"\\n\"}\n".repeat(100_000);
    let arguments = "bancho encode --build 20250306 --side server";
    let (_, code, stderr) = read_one_line(arguments, lines.into_bytes());
    assert_eq!((code, &stderr[..]), (Some(0), ""));
}

#[test]
fn packets_are_printed_before_the_input_ends() {
    let message = "{\"packet\":\"OsuPong\",\"data\":null}\n";
    let pong = frame(20250306, 4, b"");
    for (command, input, output) in
        [("decode --format json", &pong[..], message.as_bytes()), ("encode", message.as_bytes(), &pong[..])]
    {
        let arguments = format!("bancho {command} --build 20250306 --side client");
        let mut child = start(&arguments);
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (mut shown, (sender, receiver)) = (vec![0; output.len()], std::sync::mpsc::channel());
        let reader = std::thread::spawn(move || sender.send(stdout.read_exact(&mut shown).map(|()| shown)));
        stdin.write_all(input).unwrap();
        // The input stays open: a tool that waits for its end would never print.
        let shown = receiver.recv_timeout(std::time::Duration::from_secs(60));
        drop(stdin);
        assert_eq!(
            shown.expect("the output must appear while the input is open").unwrap(),
            output,
            "{command}"
        );
        assert!(child.wait().unwrap().success(), "{command}");
        reader.join().unwrap().unwrap();
    }
}

#[test]
fn full_disks_are_reported() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full here");
        return;
    };
    let mut command = Command::new(TOOL);
    command.args(["bancho", "versions"]).stdout(full).stderr(Stdio::piped());
    let outcome = command.spawn().unwrap().wait_with_output().unwrap();
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(3), "{stderr}");
    assert!(stderr.starts_with("lobbywire: standard output: "), "{stderr}");
}
