//! The captures: decoded to every format, truncated at every byte, and encoded again.

mod tool;

use tool::{captures, decode, encode, frames};

/// The flags of the output formats.
const STYLES: [&str; 3] = ["", "--format json", "--format bytes"];

#[test]
fn captures_decode_in_every_format_without_errors() {
    for capture in captures() {
        for style in STYLES {
            let arguments = format!("{style} {}", capture.path.display());
            let shown = decode(&capture.version(), &capture.side, &arguments, b"").expect_success();
            assert!(!shown.stdout.is_empty(), "{} {style}", capture.path.display());
        }
    }
}

#[test]
fn files_and_standard_input_give_the_same_output() {
    for capture in captures() {
        let file = capture.path.display().to_string();
        let from_file = decode(&capture.version(), &capture.side, &file, b"").expect_success();
        let from_stdin = decode(&capture.version(), &capture.side, "", &capture.bytes).expect_success();
        assert!(from_file.stdout == from_stdin.stdout, "{file}");
    }
}

#[test]
fn json_has_one_named_packet_per_frame() {
    for capture in captures() {
        let shown =
            decode(&capture.version(), &capture.side, "--format json", &capture.bytes).expect_success();
        let lines = shown.lines();
        assert_eq!(lines.len(), frames(capture.build, &capture.bytes).len(), "{}", capture.path.display());
        for line in lines {
            assert_ne!(line["packet"], "Unknown", "{}: {line}", capture.path.display());
        }
    }
}

#[test]
fn text_and_json_list_the_same_packets() {
    for capture in captures() {
        let version = capture.version();
        let json = decode(&version, &capture.side, "--format json", &capture.bytes).expect_success().lines();
        let text = decode(&version, &capture.side, "", &capture.bytes).expect_success();
        let text = String::from_utf8(text.stdout).unwrap();
        // Fields are indented, titles are not.
        let titles = text.lines().filter(|line| !line.starts_with(' '));
        let titles: Vec<_> = titles.map(|line| line.split(' ').next().unwrap()).collect();
        let names: Vec<_> = json.iter().map(|line| line["packet"].as_str().unwrap()).collect();
        assert_eq!(titles, names, "{}", capture.path.display());
    }
}

#[test]
fn client_captures_round_trip_through_json() {
    for capture in captures().into_iter().filter(|capture| capture.side == "client") {
        let shown = decode(&capture.version(), "client", "--format json", &capture.bytes).expect_success();
        let lines = String::from_utf8(shown.stdout).unwrap();
        let again = encode(&capture.version(), "client", &lines).expect_success();
        let (before, after) = (frames(capture.build, &capture.bytes), frames(capture.build, &again.stdout));
        assert_eq!(before.len(), after.len(), "{}", capture.path.display());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.meaning(), after.meaning(), "{}", capture.path.display());
        }
    }
}

#[test]
fn truncated_captures_decode_up_to_the_incomplete_frame() {
    // Both header sizes, with and without compression. Covers several frames.
    const MOST: usize = 300;
    for capture in captures().iter().filter(|capture| [282, 388, 20250306].contains(&capture.build)) {
        let frames = frames(capture.build, &capture.bytes);
        for cut in 0..capture.bytes.len().min(MOST) {
            let shown = decode(&capture.version(), &capture.side, "--format json", &capture.bytes[..cut]);
            // The frame that is truncated, or that would start at the end.
            let last = frames.iter().rposition(|frame| frame.at <= cut).unwrap();
            let place = format!("{} truncated at {cut}", capture.path.display());
            assert_eq!(shown.lines().len(), last, "{place}");
            if frames[last].at == cut {
                shown.expect_success();
                continue;
            }
            assert_eq!(shown.code, Some(1), "{place}");
            let [report] = &shown.reports()[..] else { panic!("{place}: {}", shown.stderr) };
            assert_eq!(report["error"], "incomplete", "{place}");
            assert_eq!(report["offset"], frames[last].at, "{place}");
            let has_header = cut - frames[last].at >= frames[last].header.len();
            assert_eq!(report["packet"].is_string(), has_header, "{place}: {report}");
        }
    }
}
