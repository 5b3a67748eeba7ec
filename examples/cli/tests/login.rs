//! `bancho decode --side client` of a stream that starts with a login.

mod tool;

use serde_json::{Value, json};
use tool::{frame, run};

const LOGIN: &[u8] =
    b"peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb20120812|-8|1|d41d8cd98f00b204e9800998ecf8427e|\r\n";

fn session() -> Vec<u8> {
    [LOGIN, &frame(20120812, 4, b"")].concat()
}

#[test]
fn logins_are_shown_and_their_build_is_used() {
    let shown = run("bancho decode --side client --format json", &session()).expect_success();
    let [login, pong] = &shown.lines()[..] else { panic!("{:?}", shown.lines()) };
    assert_eq!(login["packet"], "Login");
    let data = &login["data"];
    assert_eq!((&data["username"], &data["version"]), (&json!("peppy"), &json!("b20120812")));
    assert_eq!((&data["utc_offset"], &data["display_city"]), (&json!(-8), &json!(true)));
    assert_eq!(data["client_hash"], "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!((&data["block_non_friend_dms"], &data["extra"]), (&Value::Null, &json!("")));
    assert_eq!(pong["packet"], "OsuPong");

    let text = run("bancho decode --side client", &session()).expect_success();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("Login 91 bytes\n  username: \"peppy\"\n"), "{text}");
    assert!(text.contains("\n  display_city: yes\n") && text.contains("\nOsuPong "), "{text}");
}

#[test]
fn hexdumps_contain_every_byte_of_a_login_at_its_offset() {
    let shown = run("bancho decode --side client --format bytes", &session()).expect_success();
    let text = String::from_utf8(shown.stdout).unwrap();
    let mut bytes = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("  ")) {
        assert_eq!(usize::from_str_radix(&line[2..10], 16).unwrap(), bytes.len(), "{line}");
        let columns: String = line.chars().skip(12).take(24).filter(|column| *column != ' ').collect();
        bytes.extend(tool::unhex(&columns));
    }
    assert_eq!(bytes, session());
    assert!(text.contains("utc_offset = -8\n") && text.contains("version = \"b20120812\"\n"), "{text}");
}

#[test]
fn given_builds_take_precedence() {
    let input = [&LOGIN.replace(b"b20120812", b"b282")[..], &frame(20120812, 4, b"")].concat();
    run("bancho decode --side client --build 20120812", &input).expect_success();
    assert_eq!(run("bancho decode --side client", &input).code, Some(1), "no gzip member follows");
}

trait Replace {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Replace for [u8] {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).position(|part| part == from).unwrap();
        [&self[..at], to, &self[at + from.len()..]].concat()
    }
}

#[test]
fn http_logins_may_lack_the_last_line_end() {
    let body = b"peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20140127|0|1|a:b:c:d:e:|0";
    for body in [&body[..], &[&body[..], b"\n"].concat()] {
        let shown = run("bancho decode --side client --format json", body).expect_success();
        assert_eq!(shown.lines()[0]["data"]["block_non_friend_dms"], false);
    }
}

#[test]
fn malformed_logins_name_the_field_and_its_offset() {
    let input = [&LOGIN.replace(b"b20120812", b"20120812")[..], &frame(20120812, 4, b"")].concat();
    let outcome = run("bancho decode --side client --build 20120812", &input);
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(1), 0));
    let report = &outcome.reports()[0];
    assert_eq!((&report["packet"], &report["field"]), (&json!("Login"), &json!("version")), "{report}");
    assert_eq!(report["offset"], 41, "{report}");
    // Only the login is lost.
    let outcome = run("bancho decode --side client --build 20120812 --keep-going", &input);
    assert_eq!((outcome.code, outcome.reports().len()), (Some(1), 1));
    assert!(outcome.stdout.starts_with(b"OsuPong"), "{:?}", outcome.stdout);
}

#[test]
fn truncated_logins_do_not_panic() {
    for end in 0..LOGIN.len() {
        let outcome = run("bancho decode --side client --build 394", &LOGIN[..end]);
        assert!(matches!(outcome.code, Some(0 | 1)), "{end}: {}", outcome.stderr);
    }
}

#[test]
fn input_without_a_login_needs_a_build() {
    let outcome = run("bancho decode --side client", &frame(20120812, 4, b""));
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(2), 0));
    assert!(outcome.stderr.contains("--build is required"), "{}", outcome.stderr);
    assert_eq!(run("bancho decode --side server", LOGIN).code, Some(2));
}

#[test]
fn logins_are_not_transcoded() {
    let command = "bancho transcode --side client --from 20120812 --to 394";
    let outcome = run(command, &session());
    assert_eq!((outcome.code, &outcome.reports()[0]["error"]), (Some(1), &json!("login")));
    let outcome = run(&format!("{command} --keep-going"), &session());
    assert_eq!(outcome.stdout, frame(394, 4, b""));
}
