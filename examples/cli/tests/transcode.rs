//! `bancho transcode`: frames of one version as frames of another.

mod tool;

use tool::{Outcome, captures, decode, run};

fn transcode(side: &str, from: &str, to: &str, input: &[u8]) -> Outcome {
    run(&format!("bancho transcode --from {side} --version {from} --to {to}"), input)
}

#[test]
fn every_capture_becomes_frames_that_every_era_reads() {
    for capture in captures() {
        for to in ["282", "394", "1700", "20130801", "20250306"] {
            let moved = transcode(&capture.side, &capture.version(), to, &capture.bytes);
            assert_eq!(moved.code, Some(0), "{}", capture.path.display());
            for loss in moved.reports() {
                assert!(loss["lost"].is_string() && loss["version"].is_string(), "{loss}");
            }
            decode(to, &capture.side, "--json", &moved.stdout).expect_success();
        }
    }
}

#[test]
fn the_same_version_changes_nothing() {
    for capture in captures().into_iter().filter(|capture| capture.build >= 1800) {
        let version = capture.version();
        let moved = transcode(&capture.side, &version, &version, &capture.bytes).expect_success();
        assert_eq!(moved.stdout, capture.bytes, "{}", capture.path.display());
    }
}

#[test]
fn strict_refuses_what_would_be_lost_and_names_it() {
    // A channel with a topic, and a ping.
    let frames = b"\x41\0\0\x0c\0\0\0\x0b\x04#osu\x0b\x02hi\x03\0\x08\0\0\0\0\0\0";
    let strict = "bancho transcode --from server --version 20250306 --to 394 --strict";
    let refused = run(strict, frames);
    assert_eq!((refused.code, refused.stdout.as_slice()), (Some(1), &b""[..]));
    let [error] = &refused.reports()[..] else { panic!("{}", refused.stderr) };
    assert_eq!((&error["error"], &error["packet"]), (&"lost".into(), &"BanchoChannelAvailable".into()));
    assert_eq!((&error["field"], &error["offset"]), (&"topic".into(), &0.into()));

    let went_on = run(&format!("{strict} --keep-going"), frames);
    assert_eq!((went_on.code, went_on.stdout.as_slice()), (Some(1), &b"\x08\0\0\0\0\0\0"[..]));
}

#[test]
fn losses_are_reported_and_the_rest_goes_on() {
    let frames = b"\x41\0\0\x0c\0\0\0\x0b\x04#osu\x0b\x02hi\x03\0";
    let moved = transcode("server", "20250306", "394", frames);
    assert_eq!((moved.code, moved.stdout.as_slice()), (Some(0), &b"\x42\0\0\x06\0\0\0\x0b\x04#osu"[..]));
    let fields: Vec<_> = moved.reports().iter().map(|loss| loss["field"].clone()).collect();
    assert_eq!(fields, ["topic", "user_count"]);
}
