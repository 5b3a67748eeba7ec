//! Input that is not what the command expects: other formats, the other side, frames above the limit.

mod tool;

use serde_json::json;
use tool::{decode, frame, gzip, run};

const COMMANDS: [&str; 8] = [
    "bancho decode --build 20250306 --side client",
    "bancho decode --build 282 --side server",
    "bancho transcode --side client --from 20250306 --to 282",
    "signalr decode --encoding messagepack",
    "signalr decode --encoding json",
    "faf decode --framing qdatastream",
    "faf decode --framing json",
    "faf decode --framing gpgnet",
];

#[test]
fn other_formats_are_recognized() {
    let rows: [(&[u8], &str); 9] = [
        (&gzip(b"anything"), "gzip -dc"),
        (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "Follow TCP Stream"),
        (b"\xa1\xb2\xc3\xd4\0\x02\0\x04", "Follow TCP Stream"),
        (b"\x4d\x3c\xb2\xa1\x02\0\x04\0", "Follow TCP Stream"),
        (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "Follow TCP Stream"),
        (b"POST / HTTP/1.1\r\nosu-token: a\r\n\r\n\x04\0\0\0\0\0\0", "only its body"),
        (b"GET /spectator HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "WebSocket"),
        (b"HTTP/1.1 200 OK\r\ncho-token: a\r\n\r\n", "only its body"),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", "SSLKEYLOGFILE"),
    ];
    for (input, advice) in rows {
        for command in COMMANDS {
            for flags in ["", "--keep-going"] {
                let outcome = run(&format!("{command} {flags}"), input);
                assert_eq!((outcome.code, outcome.stdout.len()), (Some(1), 0), "{command}: {advice}");
                let [report] = &outcome.reports()[..] else { panic!("{command}: {}", outcome.stderr) };
                assert_eq!((&report["error"], &report["offset"]), (&json!("other_format"), &json!(0)));
                assert!(report["message"].as_str().unwrap().contains(advice), "{report}");
            }
        }
    }
}

#[test]
fn packets_of_the_other_side_have_a_hint() {
    // A login reply and a protocol negotiation.
    let server = [frame(20250306, 5, &[1, 0, 0, 0]), frame(20250306, 75, &[19, 0, 0, 0])].concat();
    for format in ["text", "json", "bytes"] {
        let shown = decode("20250306", "client", &format!("--format {format}"), &server);
        assert_eq!(shown.code, Some(0));
        let [hint] = &shown.reports()[..] else { panic!("{}", shown.stderr) };
        assert!(hint["hint"].as_str().unwrap().contains("--side server"), "{hint}");
    }
    // A packet of the right side, or ids that no side has.
    let pong = frame(20250306, 4, b"");
    decode("20250306", "client", "", &[server, pong].concat()).expect_success();
    decode("20250306", "client", "", &frame(20250306, 9999, b"")).expect_success();
}

#[test]
fn payloads_above_the_limit_are_reported_with_their_length_and_the_limit() {
    let start = b"\x04\0\0\0\0\0\0";
    // OsuMessage with 70,000 bytes, 100 of which follow.
    let long = [&b"\x01\0\0\x70\x11\x01\0"[..], &[0; 100]].concat();
    let input = [&start[..], &long].concat();
    let path = std::env::temp_dir().join(format!("lobbywire-too-large-{}", std::process::id()));
    std::fs::write(&path, &input).unwrap();
    for (flags, input, expected) in [
        ("", &input[..], "--keep-going skips 70007 bytes"),
        ("--keep-going", &input, "skipped 70007 bytes"),
        // The length of a file is known.
        (&*format!("--keep-going {}", path.display()), b"", "skipped 107 bytes"),
    ] {
        let outcome = decode("20250306", "client", flags, input);
        let [report] = &outcome.reports()[..] else { panic!("{}", outcome.stderr) };
        assert_eq!((&report["error"], &report["offset"]), (&json!("frame_too_large"), &json!(7)));
        let message = report["message"].as_str().unwrap();
        let start = "the payload of 70000 bytes is above the limit of 65536; ";
        assert!(message.starts_with(&format!("{start}{expected}; ")), "{message}");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn payloads_above_the_limit_name_what_the_input_may_be() {
    let login = b"peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n";
    // Frames with 6-byte headers, and with 7-byte headers.
    let (old, new) = (frame(282, 8, b""), frame(20250306, 24, &[0; 5000]));
    for (build, side, input, guess) in [
        ("20250306", "server", &login[..], "--side client"),
        ("20250306", "server", &old, "headers of 6 bytes"),
        ("282", "server", &new, "headers of 7 bytes"),
        ("20250306", "server", b"\xff\xff\0\xff\xff\xff\xff", "id 65535 is no packet of this build"),
    ] {
        let outcome = decode(build, side, "", input);
        let message = outcome.reports()[0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(guess), "{build} {side}: {message}");
    }
    for (arguments, input, expected) in [
        (
            "faf decode --framing qdatastream",
            &b"\x7f\0\0\0"[..],
            "the frame of 2130706432 bytes is above the limit of ",
        ),
        (
            "signalr decode --encoding messagepack",
            b"\xff\xff\xff\xff\x07",
            "the frame of 2147483647 bytes is above",
        ),
    ] {
        let outcome = run(arguments, input);
        let message = outcome.reports()[0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(expected), "{arguments}: {message}");
    }
}
