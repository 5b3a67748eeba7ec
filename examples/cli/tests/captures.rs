//! The sample traffic, shown in every way, cut anywhere, and made again.

mod tool;

use tool::{captures, decode, encode, frames};

/// The ways of showing packets.
const STYLES: [&str; 3] = ["", "--json", "--bytes"];

#[test]
fn every_capture_decodes_in_every_style_without_a_complaint() {
    for capture in captures() {
        for style in STYLES {
            let arguments = format!("{style} {}", capture.path.display());
            let shown = decode(&capture.version(), &capture.side, &arguments, b"").expect_success();
            assert!(!shown.stdout.is_empty(), "{} {style}", capture.path.display());
        }
    }
}

#[test]
fn a_file_and_standard_input_are_shown_alike() {
    for capture in captures() {
        let file = capture.path.display().to_string();
        let from_file = decode(&capture.version(), &capture.side, &file, b"").expect_success();
        let from_stdin = decode(&capture.version(), &capture.side, "", &capture.bytes).expect_success();
        assert!(from_file.stdout == from_stdin.stdout, "{file}");
    }
}

#[test]
fn a_capture_has_a_line_of_json_for_every_frame_and_no_packet_without_a_name() {
    for capture in captures() {
        let shown = decode(&capture.version(), &capture.side, "--json", &capture.bytes).expect_success();
        let lines = shown.lines();
        assert_eq!(lines.len(), frames(capture.build, &capture.bytes).len(), "{}", capture.path.display());
        for line in lines {
            assert_ne!(line["packet"], "Unknown", "{}: {line}", capture.path.display());
        }
    }
}

#[test]
fn text_names_every_packet_that_json_names() {
    for capture in captures() {
        let version = capture.version();
        let json = decode(&version, &capture.side, "--json", &capture.bytes).expect_success().lines();
        let text = decode(&version, &capture.side, "", &capture.bytes).expect_success();
        let text = String::from_utf8(text.stdout).unwrap();
        // A packet's fields are indented.
        let titles = text.lines().filter(|line| !line.starts_with(' '));
        let titles: Vec<_> = titles.map(|line| line.split(' ').next().unwrap()).collect();
        let names: Vec<_> = json.iter().map(|line| line["packet"].as_str().unwrap()).collect();
        assert_eq!(titles, names, "{}", capture.path.display());
    }
}

#[test]
fn what_clients_have_sent_decodes_and_encodes_to_the_same_frames() {
    for capture in captures().into_iter().filter(|capture| capture.side == "client") {
        let shown = decode(&capture.version(), "client", "--json", &capture.bytes).expect_success();
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
fn a_capture_that_is_cut_shows_what_is_whole_and_says_where_the_rest_begins() {
    // Both headers, with and without compression; as much as covers several frames.
    const MOST: usize = 300;
    for capture in captures().iter().filter(|capture| [282, 388, 20250306].contains(&capture.build)) {
        let frames = frames(capture.build, &capture.bytes);
        for cut in 0..capture.bytes.len().min(MOST) {
            let shown = decode(&capture.version(), &capture.side, "--json", &capture.bytes[..cut]);
            // The frame that the cut is in, or that starts there.
            let last = frames.iter().rposition(|frame| frame.at <= cut).unwrap();
            let place = format!("{} cut at {cut}", capture.path.display());
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
