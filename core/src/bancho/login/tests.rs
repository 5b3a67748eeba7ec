use super::*;
use crate::bancho::version::Version;
use crate::wire::{Counter, SliceSink};
use std::string::{String, ToString};
use std::{format, vec};

const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const TCP_2008: &str = "peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n";
const HTTP_2025: &str = "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20250306.2|8|1|d41d8cd98f00b204e9800998ecf8427e:\
    runningunderwine:b4ec3c4334a0249dae95c284ec5983df:ad921d60486366258809553a3db49a4a:\
    ad921d60486366258809553a3db49a4a:|0\n";

fn written(login: &LoginRequest<'_>, end: &str) -> String {
    let mut counter = Counter::default();
    let mut buffer = vec![0xee; 6000];
    let mut out = SliceSink::new(&mut buffer);
    if end == "\n" {
        login.write_http(&mut counter).unwrap();
        login.write_http(&mut out).unwrap();
    } else {
        login.write_tcp(&mut counter).unwrap();
        login.write_tcp(&mut out).unwrap();
    }
    let len = 6000 - out.room();
    assert_eq!(counter.0, len);
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

fn line_3(line: &str) -> LoginRequest<'_> {
    // Leaked, since the request borrows from the text.
    let text = format!("u\n{MD5}\n{line}\n").leak();
    LoginRequest::parse_http(text.as_bytes()).unwrap().0
}

#[test]
fn error_names_are_stable() {
    for (kind, name) in [
        (LoginLineErrorKind::Utf8, "utf8"),
        (LoginLineErrorKind::NotAnMd5, "not_an_md5"),
        (LoginLineErrorKind::NoToken, "no_token"),
        (LoginLineErrorKind::Version, "version"),
        (LoginLineErrorKind::VersionTooLong, "version_too_long"),
        (LoginLineErrorKind::TooLong, "too_long"),
        (LoginLineErrorKind::MissingLine, "missing_line"),
    ] {
        assert_eq!((kind.name(), kind.to_string()), (name, kind.message().to_string()));
    }
}

#[test]
fn the_oldest_login() {
    let (login, consumed) = LoginRequest::parse_tcp(TCP_2008.as_bytes()).unwrap().unwrap();
    let version = VersionString::parse("b394a").unwrap();
    assert_eq!(login, LoginRequest { utc_offset: 8, ..LoginRequest::new("peppy", MD5, version) });
    assert_eq!(consumed, TCP_2008.len());
    assert_eq!(written(&login, "\r\n"), TCP_2008);
}

#[test]
fn the_newest_login() {
    let (login, consumed) = LoginRequest::parse_http(HTTP_2025.as_bytes()).unwrap();
    assert_eq!(consumed, HTTP_2025.len());
    assert_eq!(login.version.version(), Version::LATEST);
    assert_eq!((login.display_city, login.block_non_friend_dms), (Some(true), Some(false)));
    assert_eq!((login.utc_offset, login.extra), (8, ""));
    let hash = login.client_hash.unwrap();
    assert!(hash.is_list() && hash.is_wine());
    assert_eq!(hash.executable_md5(), ClientHash::EMPTY_MD5);
    assert_eq!(hash.adapter_addresses().count(), 0);
    assert_eq!(hash.adapters_md5(), Some("b4ec3c4334a0249dae95c284ec5983df"));
    assert_eq!(hash.uninstall_md5(), Some(ClientHash::UNKNOWN_MD5));
    assert_eq!(hash.disk_md5(), Some(ClientHash::UNKNOWN_MD5));
    assert_eq!(written(&login, "\n"), HTTP_2025);
}

#[test]
fn both_parsers_take_both_ends_of_lines() {
    for text in [TCP_2008, HTTP_2025] {
        let other = if text.contains('\r') { text.replace('\r', "") } else { text.replace('\n', "\r\n") };
        let (login, _) = LoginRequest::parse_http(text.as_bytes()).unwrap();
        assert_eq!(LoginRequest::parse_tcp(text.as_bytes()), Ok(Some((login, text.len()))));
        assert_eq!(LoginRequest::parse_http(other.as_bytes()), Ok((login, other.len())));
        assert_eq!(LoginRequest::parse_tcp(other.as_bytes()), Ok(Some((login, other.len()))));
    }
}

#[test]
fn data_after_line_3_is_not_read() {
    let mut bytes = TCP_2008.as_bytes().to_vec();
    bytes.extend([0xff, b'\n', 0xfe]);
    let (_, consumed) = LoginRequest::parse_tcp(&bytes).unwrap().unwrap();
    assert_eq!(consumed, TCP_2008.len());
    assert_eq!(LoginRequest::parse_http(&bytes).unwrap().1, TCP_2008.len());
    bytes.resize(100_000, 0xff);
    assert_eq!(LoginRequest::parse_tcp(&bytes).unwrap().unwrap().1, TCP_2008.len());
}

#[test]
fn every_beginning_is_incomplete_over_tcp_and_an_error_over_http() {
    for len in 0..TCP_2008.len() {
        let bytes = &TCP_2008.as_bytes()[..len];
        assert_eq!(LoginRequest::parse_tcp(bytes), Ok(None), "{len}");
        let whole = LoginRequest::parse_http(bytes);
        let line_3 = TCP_2008.find("b394a").unwrap();
        if len > line_3 + 1 {
            assert_eq!(whole.unwrap().1, len);
            continue;
        }
        let (kind, field, offset) = match len {
            0..7 => (LoginLineErrorKind::MissingLine, LoginField::Username, len),
            _ if len < line_3 => (LoginLineErrorKind::MissingLine, LoginField::Credential, len),
            _ if len == line_3 => (LoginLineErrorKind::MissingLine, LoginField::Version, len),
            _ => (LoginLineErrorKind::Version, LoginField::Version, len),
        };
        assert_eq!(whole, Err(LoginLineError::new(kind, field, offset)), "{len}");
    }
}

#[test]
fn fields_may_be_missing_too_many_or_nonsense() {
    assert_eq!(line_3("b282").utc_offset, 0);
    assert_eq!(line_3("b282|").utc_offset, 0);
    assert_eq!(line_3("b282|-12").utc_offset, -12);
    assert_eq!(line_3("b282| 3 ").utc_offset, 3);
    assert_eq!(line_3("b282|500").utc_offset, 0);
    assert_eq!(line_3("b282|2.5|x").utc_offset, 0);
    assert_eq!(line_3("b282|2|x").display_city, None);
    assert_eq!(line_3("b282|2|0|").client_hash, None);
    assert_eq!(line_3("b282|2||abc").client_hash, Some(ClientHash("abc")));
    assert_eq!(line_3("b282|2|1|abc|1|").block_non_friend_dms, Some(true));
    assert_eq!(line_3("b282|2|1|abc|1|").extra, "");
    assert_eq!(line_3("b282|2|1|abc|1|394|x|").extra, "394|x|");
    assert_eq!(LoginRequest::parse_http(format!("\n{MD5}\nb1\n").as_bytes()).unwrap().0.username, "");
}

#[test]
fn canonical_lines_are_written_as_they_were_read() {
    for line in [
        "b282|0",
        "b394a|2|1",
        "b20120812|2|0|d41d8cd98f00b204e9800998ecf8427e",
        "b20250306.2|-5|0|a:b.:c:d:e:|1",
        "b20250306.2|127|1|a:|0|394",
        "b20250306.2|-128||a|",
        "b20250306.02test|3||||0|0",
    ] {
        let canonical = line.strip_suffix('|').unwrap_or(line);
        assert_eq!(written(&line_3(line), "\n"), format!("u\n{MD5}\n{canonical}\n"));
    }
    let login = LoginRequest { client_hash: Some(ClientHash("h")), ..line_3("b20120812|2") };
    assert_eq!(written(&login, "\r\n"), format!("u\r\n{MD5}\r\nb20120812|2||h\r\n"));
}

#[test]
fn errors_have_a_kind_and_an_offset() {
    use LoginField as F;
    use LoginLineErrorKind as K;
    let md5_31 = &MD5[1..];
    for (text, kind, field, offset) in [
        (format!("u\n{MD5}\n"), K::MissingLine, F::Version, 35),
        (format!("u\n{md5_31}\nb282|0\n"), K::NotAnMd5, F::Credential, 2),
        (format!("u\n{md5_31}g\nb282|0\n"), K::NotAnMd5, F::Credential, 2),
        (format!("u\n{MD5}0\nb282|0\n"), K::NotAnMd5, F::Credential, 2),
        (format!("u\r\n{MD5}\r\n20250306|0\n"), K::Version, F::Version, 37),
        (format!("u\n{MD5}\n\n"), K::Version, F::Version, 35),
        (format!("u\n{MD5}\nb20250306.2$|0\n"), K::Version, F::Version, 46),
        (format!("u\n{MD5}\nb20250306.2abcdefghijklmno|0\n"), K::VersionTooLong, F::Version, 60),
        (String::from("GET / HTTP/1.1\r\nHost: x\r\n"), K::NotAnMd5, F::Credential, 16),
    ] {
        let error = LoginLineError::new(kind, field, offset);
        assert_eq!(LoginRequest::parse_http(text.as_bytes()), Err(error), "{text}");
        let streamed = if kind == K::MissingLine { Ok(None) } else { Err(error) };
        assert_eq!(LoginRequest::parse_tcp(text.as_bytes()), streamed, "{text}");
    }
    let (kind, field) = (K::Version, F::ClientHash);
    let error = LoginLineError::new(kind, field, 7).to_string();
    assert!(
        error.contains(kind.message()) && error.contains("client_hash") && error.contains('7'),
        "{error}"
    );
}

#[test]
fn broken_utf8_names_its_field_and_byte() {
    for (head, field) in [
        (String::from("u\u{df}"), LoginField::Username),
        (String::from("u\n0"), LoginField::Credential),
        (format!("u\n{MD5}\nb"), LoginField::Version),
        (format!("u\n{MD5}\nb1|"), LoginField::UtcOffset),
        (format!("u\n{MD5}\nb1|1|"), LoginField::DisplayCity),
        (format!("u\n{MD5}\nb1|1||a"), LoginField::ClientHash),
        (format!("u\n{MD5}\nb1|1|||"), LoginField::BlockNonFriendDms),
        (format!("u\n{MD5}\nb1|1||||\u{df}||"), LoginField::Extra),
    ] {
        let mut bytes = head.clone().into_bytes();
        bytes.extend(b"\xff|x\n");
        let error = LoginLineError::new(LoginLineErrorKind::Utf8, field, head.len());
        assert_eq!(LoginRequest::parse_tcp(&bytes), Err(error), "{head}");
    }
}

#[test]
fn the_limit_holds_for_the_whole_text() {
    let text = TCP_2008.as_bytes();
    let len = text.len();
    assert!(LoginRequest::parse_tcp_within(text, len).unwrap().is_some());
    let too_long = |field, limit| LoginLineError::new(LoginLineErrorKind::TooLong, field, limit);
    assert_eq!(LoginRequest::parse_tcp_within(text, len - 1), Err(too_long(LoginField::Version, len - 1)));
    assert_eq!(LoginRequest::parse_tcp_within(&text[..len - 1], len), Ok(None));
    assert_eq!(
        LoginRequest::parse_tcp_within(&text[..len - 1], len - 1),
        Err(too_long(LoginField::Version, len - 1))
    );
    assert_eq!(LoginRequest::parse_tcp_within(&text[..5], 5), Err(too_long(LoginField::Username, 5)));
    assert_eq!(LoginRequest::parse_tcp(&[b'a'; MAX_LOGIN_LEN - 1]), Ok(None));
    assert_eq!(
        LoginRequest::parse_tcp(&[b'a'; MAX_LOGIN_LEN]),
        Err(too_long(LoginField::Username, MAX_LOGIN_LEN))
    );
    assert_eq!(LoginRequest::parse_http(&[b'a'; 6000]), Err(too_long(LoginField::Username, MAX_LOGIN_LEN)));
    // Without a line ending, the text of the third line may extend to the limit.
    let body = format!("u\n{MD5}\nb1|0|||{}", "x".repeat(MAX_LOGIN_LEN - 42));
    assert_eq!(LoginRequest::parse_http(body.as_bytes()).unwrap().1, MAX_LOGIN_LEN);
    let body = body + "x";
    assert_eq!(LoginRequest::parse_http(body.as_bytes()), Err(too_long(LoginField::Version, MAX_LOGIN_LEN)));
}

#[test]
fn fields_that_would_be_read_differently_are_rejected() {
    let login = line_3("b1");
    let cases = [
        (LoginRequest { username: "a\nb", ..login }, LoginField::Username),
        (LoginRequest { username: "a\r", ..login }, LoginField::Username),
        (LoginRequest { credential: Credential::PasswordMd5("password"), ..login }, LoginField::Credential),
        (LoginRequest { client_hash: Some(ClientHash("a|b")), ..login }, LoginField::ClientHash),
        (LoginRequest { client_hash: Some(ClientHash("a\n")), ..login }, LoginField::ClientHash),
        (LoginRequest { extra: "1\n", ..login }, LoginField::Extra),
        (LoginRequest { username: "a ", ..login }, LoginField::Username),
        (LoginRequest { client_hash: Some(ClientHash(" a")), ..login }, LoginField::ClientHash),
        (LoginRequest { client_hash: Some(ClientHash("a\t")), ..login }, LoginField::ClientHash),
        (LoginRequest { extra: "1 ", ..login }, LoginField::Extra),
        // The user name selects the kind of credential.
        (LoginRequest { username: OAUTH_USERNAME, ..login }, LoginField::Username),
        (LoginRequest { credential: Credential::OAuthToken("t"), ..login }, LoginField::Username),
        (LoginRequest::with_oauth_token("", login.version), LoginField::Credential),
        (LoginRequest::with_oauth_token("a\nb", login.version), LoginField::Credential),
        (LoginRequest::with_oauth_token("a ", login.version), LoginField::Credential),
    ];
    for (login, field) in cases {
        let mut out = Counter::default();
        assert_eq!(login.write_tcp(&mut out), Err(LoginWriteError::Unwritable(field)));
        assert_eq!(login.write_http(&mut out), Err(LoginWriteError::Unwritable(field)));
        assert_eq!(out, Counter(0));
    }
}

#[test]
fn a_full_output_is_an_error() {
    let (login, _) = LoginRequest::parse_http(HTTP_2025.as_bytes()).unwrap();
    for len in 0..HTTP_2025.len() {
        let mut buffer = vec![0; len];
        assert_eq!(login.write_http(&mut SliceSink::new(&mut buffer)), Err(LoginWriteError::Full));
    }
}

#[test]
fn version_strings_of_every_era() {
    for (text, number, name, revision, stream) in [
        ("b282", 282, "", None, ""),
        ("b1817", 1817, "", None, ""),
        ("b394a", 394, "a", None, ""),
        ("b1077a", 1077, "a", None, ""),
        ("b20121003shine.test", 20121003, "shine", None, "test"),
        ("b20130815", 20130815, "", None, ""),
        ("b20130815.3cuttingedge", 20130815, "", Some(3), "cuttingedge"),
        ("b20140909.11cuttingedge", 20140909, "", Some(11), "cuttingedge"),
        ("b20160403.6", 20160403, "", Some(6), ""),
        ("b20230326.1tourney", 20230326, "", Some(1), "tourney"),
        ("b20250306.02", 20250306, "", Some(2), ""),
        ("b20250306.123", 20250306, "", Some(123), ""),
        ("b20250306.2abcdefghijklmn", 20250306, "", Some(2), "abcdefghijklmn"),
    ] {
        let version = VersionString::parse(text).unwrap();
        assert_eq!(version.number(), number, "{text}");
        assert_eq!(
            (version.name(), version.revision(), version.stream()),
            (name, revision, stream),
            "{text}"
        );
        assert_eq!(version.version(), Version::from_build(number));
        assert_eq!((version.to_string(), version.as_str()), (String::from(text), text));
        assert_eq!(text.try_into(), Ok(version));
    }
}

#[test]
fn invalid_versions_are_rejected_with_an_offset() {
    use LoginLineErrorKind::{Version as Malformed, VersionTooLong};
    for (text, kind, offset) in [
        ("", Malformed, 0),
        ("b", Malformed, 1),
        ("B282", Malformed, 0),
        ("20130815", Malformed, 0),
        ("beta", Malformed, 1),
        ("b123456789", Malformed, 1),
        ("b282 ", Malformed, 4),
        ("b282a.", Malformed, 5),
        ("b282.1.2", Malformed, 6),
        ("b282.12345", Malformed, 5),
        ("b282.1\u{fc}", Malformed, 6),
        ("b20250306.2abcdefghijklmno", VersionTooLong, 25),
    ] {
        let error = LoginLineError::new(kind, LoginField::Version, offset);
        assert_eq!(VersionString::parse(text), Err(error), "{text}");
    }
}

#[test]
fn client_hashes_of_every_form() {
    let adapters = ClientHash("a:0011.22.:c:d:e:");
    assert!(adapters.adapter_addresses().eq(["0011", "22"]));
    assert_eq!((adapters.adapters(), adapters.disk_md5()), (Some("0011.22."), Some("e")));
    assert!(!adapters.is_wine());
    assert_eq!(ClientHash("a:b:c:d:e").disk_md5(), Some("e"));
    let short = ClientHash("a::c:");
    assert_eq!((short.adapters(), short.adapters_md5(), short.uninstall_md5()), (Some(""), Some("c"), None));
    let bare = ClientHash(MD5);
    assert!(!bare.is_list());
    assert_eq!((bare.executable_md5(), bare.adapters()), (MD5, None));
    assert!(ClientHash("a:runningunderwine.:").is_wine());
}

#[test]
fn an_error_is_small() {
    assert_eq!(size_of::<LoginLineError>(), 8);
}

#[test]
fn blanks_at_line_ends_and_around_fields_are_ignored() {
    let hash = "d41d8cd98f00b204e9800998ecf8427e:.:a:b:c:";
    let plain = format!("a b\n{MD5}\nb20250306.2|-8|1|{hash}|0|394|x\n");
    let (expected, _) = LoginRequest::parse_http(plain.as_bytes()).unwrap();
    let blank = format!("a b \t\n{MD5} \r\n b20250306.2\t| -8 |1 | {hash} |\t0|394|x \r\n");
    assert_eq!(LoginRequest::parse_http(blank.as_bytes()), Ok((expected, blank.len())));
    assert_eq!(LoginRequest::parse_tcp(blank.as_bytes()), Ok(Some((expected, blank.len()))));
    assert_eq!(written(&expected, "\n"), plain);
    // Blanks within a version are an error at their offset.
    let text = format!("u\n{MD5}\n  b2 5|0\n");
    let error = LoginLineError::new(LoginLineErrorKind::Version, LoginField::Version, 39);
    assert_eq!(LoginRequest::parse_http(text.as_bytes()), Err(error));
    // Blanks alone are no token and no password.
    for (name, kind) in [("$oauth", LoginLineErrorKind::NoToken), ("u", LoginLineErrorKind::NotAnMd5)] {
        let text = format!("{name}\n \nb1\n");
        let error = LoginLineError::new(kind, LoginField::Credential, name.len() + 1);
        assert_eq!(LoginRequest::parse_http(text.as_bytes()), Err(error));
    }
}

#[test]
fn tokens_are_read_and_written() {
    // A token may look like an MD5.
    for token in ["Zm9vYmFyLXRva2VuLW9mLW5vLXVzZXI", MD5, "a b|c"] {
        let text = format!("$oauth\n{token}\nb20250815|2|0\n");
        let (login, _) = LoginRequest::parse_http(text.as_bytes()).unwrap();
        assert_eq!(login.credential, Credential::OAuthToken(token));
        assert_eq!((login.credential.as_str(), login.credential.password_md5()), (token, None));
        let version = VersionString::parse("b20250815").unwrap();
        let made = LoginRequest {
            utc_offset: 2,
            display_city: Some(false),
            ..LoginRequest::with_oauth_token(token, version)
        };
        assert_eq!(login, made);
        assert_eq!(written(&login, "\n"), text);
    }
}

#[test]
fn debug_output_contains_no_credentials() {
    let (login, _) = LoginRequest::parse_http(HTTP_2025.as_bytes()).unwrap();
    assert_eq!(login.credential.password_md5(), Some(MD5));
    let text = format!("{login:?}");
    assert!(text.contains("credential: PasswordMd5(_)") && !text.contains(MD5), "{text}");
    let token = LoginRequest::with_oauth_token("t0ken", login.version);
    let text = format!("{token:?}");
    assert!(text.contains("credential: OAuthToken(_)") && !text.contains("t0ken"), "{text}");
}

#[test]
fn a_hundred_network_adapters_fit_into_the_default_limit() {
    let adapters: String = (0..100).map(|index| format!("{index:012x}.")).collect();
    let text = format!("{}\n{MD5}\nb20250306.2|8|1|{MD5}:{adapters}:{MD5}:{MD5}:{MD5}:|0\n", "n".repeat(32));
    let (login, consumed) = LoginRequest::parse_http(text.as_bytes()).unwrap();
    assert_eq!((login.client_hash.unwrap().adapter_addresses().count(), consumed), (100, text.len()));
    assert_eq!(LoginRequest::parse_tcp(text.as_bytes()), Ok(Some((login, consumed))));
    // The caller selects the limit, for both transports.
    let error = LoginLineError::new(LoginLineErrorKind::TooLong, LoginField::Version, 1024);
    assert_eq!(LoginRequest::parse_http_within(text.as_bytes(), 1024), Err(error));
    assert_eq!(LoginRequest::parse_tcp_within(text.as_bytes(), 1024), Err(error));
    assert_eq!(LoginRequest::parse_http_within(text.as_bytes(), text.len()), Ok((login, consumed)));
}
