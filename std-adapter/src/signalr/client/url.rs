//! Addresses of hubs, and their redirects.

use super::error::ConnectError;
use http::Uri;
use http::uri::{Authority, PathAndQuery};

/// Parses an address. It must be absolute.
pub(super) fn parse(address: &str) -> Result<Uri, ConnectError> {
    // A server may redirect to an address of any length.
    let shown = || address.chars().take(200).collect::<String>();
    let invalid = |why: &str| ConnectError::Address(format!("{}: {why}", shown()).into());
    let uri: Uri = address.parse().map_err(|error: http::uri::InvalidUri| invalid(&error.to_string()))?;
    match uri.scheme_str() {
        Some("http" | "https" | "ws" | "wss") => {}
        _ => return Err(invalid("it must start with http, https, ws or wss")),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(invalid("it has no host"));
    }
    Ok(uri)
}

/// Whether an address uses TLS.
pub(super) fn is_secure(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("https" | "wss"))
}

/// The host without the brackets of an IPv6 address, and the port.
pub(super) fn host_and_port(uri: &Uri) -> (&str, u16) {
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (host, uri.port_u16().unwrap_or(if is_secure(uri) { 443 } else { 80 }))
}

/// The host with its port, if the address has one, and without user information.
pub(super) fn authority(uri: &Uri) -> &str {
    uri.authority().map_or("", Authority::as_str).rsplit('@').next().unwrap_or_default()
}

/// Whether two addresses have the same host and port, so that one may receive the secrets for the other.
pub(super) fn is_same_host(one: &Uri, other: &Uri) -> bool {
    authority(one).eq_ignore_ascii_case(authority(other))
}

/// Checks a redirect, and returns its address. `location` may be relative to `from`.
pub(super) fn redirected(from: &Uri, location: &str) -> Result<Uri, ConnectError> {
    let to = parse(&resolved(from, location))?;
    if is_secure(from) && !is_secure(&to) {
        return Err(ConnectError::Address(format!("{to}: a redirect must not downgrade TLS").into()));
    }
    Ok(to)
}

/// Resolves a reference, without its fragment.
fn resolved(base: &Uri, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let has_scheme = reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
    });
    if has_scheme {
        return reference.into();
    }
    let scheme = base.scheme_str().unwrap_or_default();
    if reference.starts_with("//") {
        return format!("{scheme}:{reference}");
    }
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (reference, None),
    };
    let (path, query) = match path {
        "" => (base.path().to_owned(), query.or(base.query())),
        _ if path.starts_with('/') => (without_dots(path), query),
        _ => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            (without_dots(&format!("{folder}/{path}")), query)
        }
    };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{scheme}://{}{path}{query}", authority(base))
}

/// Removes the segments `.` and `..` of an absolute path.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments = path.split('/').skip(1);
    let last = path.rsplit('/').next();
    for segment in segments {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let end = if matches!(last, Some("." | "..")) && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// Appends to the path and to the query of an address.
pub(super) fn extended(uri: &Uri, path: &str, query: &[(&str, &str)]) -> Result<Uri, ConnectError> {
    let mut text = String::from(uri.path().trim_end_matches('/'));
    text.push_str(path);
    if text.is_empty() {
        text.push('/');
    }
    let mut separator = '?';
    if let Some(query) = uri.query().filter(|query| !query.is_empty()) {
        text.push(separator);
        text.push_str(query);
        separator = '&';
    }
    for (name, value) in query {
        text.push(separator);
        separator = '&';
        text.push_str(name);
        text.push('=');
        percent_encode(value, &mut text);
    }
    let mut parts = uri.clone().into_parts();
    let invalid = |error: &dyn std::fmt::Display| ConnectError::Address(error.to_string().into());
    parts.path_and_query = Some(PathAndQuery::try_from(text).map_err(|error| invalid(&error))?);
    Uri::from_parts(parts).map_err(|error| invalid(&error))
}

/// Percent-encodes a value for a query.
fn percent_encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_extended() {
        let extend =
            |address, path, query: &[_]| extended(&parse(address).unwrap(), path, query).unwrap().to_string();
        let query = [("negotiateVersion", "1")];
        assert_eq!(extend("http://a/hub", "/negotiate", &query), "http://a/hub/negotiate?negotiateVersion=1");
        assert_eq!(
            extend("https://a:1/h/?x=y", "/negotiate", &query),
            "https://a:1/h/negotiate?x=y&negotiateVersion=1"
        );
        assert_eq!(extend("ws://a", "", &[("id", "a/+ =")]), "ws://a/?id=a%2F%2B%20%3D");
        for address in ["", "hub", "/hub", "ftp://a/", "http:///hub", "http://"] {
            assert!(matches!(parse(address), Err(ConnectError::Address(_))), "{address}");
        }
    }

    // The examples of RFC 3986, section 5.4, with the base http://a/b/c/d;p?q.
    #[test]
    fn redirects_are_resolved() {
        let base = parse("http://a/b/c/d;p?q").unwrap();
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g?y#s", "http://a/b/c/g?y"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g/../h", "http://a/b/c/h"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("https://b:1/x?y", "https://b:1/x?y"),
        ] {
            assert_eq!(redirected(&base, reference).unwrap().to_string(), expected, "{reference}");
        }
        assert!(redirected(&base, "mailto:x").is_err());
        let secure = parse("https://a/b").unwrap();
        for reference in ["http://a/", "ws://a/b"] {
            assert!(matches!(redirected(&secure, reference), Err(ConnectError::Address(_))), "{reference}");
        }
        assert!(redirected(&secure, "wss://a/").is_ok() && redirected(&secure, "/x").is_ok());
    }
}
