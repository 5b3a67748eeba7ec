//! Cookies that a server sets during the negotiation, such as the affinity cookies of load balancers.

use super::url::is_secure;
use http::header::SET_COOKIE;
use http::{HeaderMap, Uri};

/// The most cookies that are kept.
const CAPACITY: usize = 50;

/// The cookies of one connection. They are not stored beyond it: `Expires` and a positive `Max-Age` are ignored.
#[derive(Clone, Default)]
pub(super) struct CookieJar(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    /// The host, or the domain whose hosts receive the cookie too.
    domain: String,
    is_for_subdomains: bool,
    path: String,
    is_secure: bool,
}

impl std::fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets.
        f.debug_set().entries(self.0.iter().map(|cookie| &cookie.name)).finish()
    }
}

impl CookieJar {
    /// Keeps the cookies of a response to a request to this address.
    pub(super) fn store(&mut self, uri: &Uri, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            if let Some(cookie) = header.to_str().ok().and_then(|header| Cookie::parse(uri, header)) {
                self.put(cookie);
            }
        }
    }

    /// Replaces the cookie of the same name, host and path. An empty cookie only removes it.
    fn put(&mut self, cookie: Cookie) {
        self.0.retain(|old| {
            (&old.name, &old.domain, &old.path) != (&cookie.name, &cookie.domain, &cookie.path)
        });
        if !cookie.value.is_empty() && self.0.len() < CAPACITY {
            self.0.push(cookie);
        }
    }

    /// The value of the header `Cookie` in a request to this address, if there are cookies for it.
    pub(super) fn header(&self, uri: &Uri) -> Option<String> {
        let cookies = self.0.iter().filter(|cookie| cookie.is_for(uri));
        let pairs: Vec<_> = cookies.map(|Cookie { name, value, .. }| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    /// Parses `name=value; attribute; …`. `None` for a cookie that this address must not set.
    fn parse(uri: &Uri, header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let host = uri.host()?.to_ascii_lowercase();
        // Without a path the cookie is for the folder of the request.
        let folder = uri.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut cookie = Self {
            name: name.trim().into(),
            value: value.trim().into(),
            domain: host.clone(),
            is_for_subdomains: false,
            path: if folder.is_empty() { "/".into() } else { folder.into() },
            is_secure: false,
        };
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "domain" => {
                    let domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                    if !is_within(&host, &domain) {
                        return None;
                    }
                    // A top-level domain must not receive cookies.
                    cookie.is_for_subdomains =
                        domain.contains('.') && host.parse::<std::net::IpAddr>().is_err();
                    if cookie.is_for_subdomains {
                        cookie.domain = domain;
                    }
                }
                "path" if value.trim().starts_with('/') => cookie.path = value.trim().into(),
                "max-age" if value.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0) => {
                    cookie.value.clear();
                }
                "secure" => cookie.is_secure = true,
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some(cookie)
    }

    fn is_for(&self, uri: &Uri) -> bool {
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let is_host = host == self.domain || self.is_for_subdomains && is_within(&host, &self.domain);
        let path = uri.path().strip_prefix(self.path.as_str());
        let is_path =
            path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        is_host && is_path && (is_secure(uri) || !self.is_secure)
    }
}

/// Whether a host is this domain, or inside it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !domain.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::url::parse;
    use super::*;

    /// The cookies for `to` after responses of `from` with these headers.
    fn cookies(from: &str, headers: &[&str], to: &str) -> Option<String> {
        let mut jar = CookieJar::default();
        for header in headers {
            let headers = HeaderMap::from_iter([(SET_COOKIE, header.parse().unwrap())]);
            jar.store(&parse(from).unwrap(), &headers);
        }
        jar.header(&parse(to).unwrap())
    }

    #[test]
    fn cookies_are_sent_to_the_host_that_set_them() {
        let negotiation = "https://a.example.org/hub/negotiate?negotiateVersion=1";
        let sent = |headers: &[&str], to: &str| cookies(negotiation, headers, to);
        let affinity = "ARRAffinity=abc123; Path=/; HttpOnly";
        assert_eq!(sent(&[affinity], "wss://a.example.org/hub?id=b").as_deref(), Some("ARRAffinity=abc123"));
        assert_eq!(sent(&[affinity], "wss://b.example.org/hub"), None);
        assert_eq!(sent(&[affinity], "wss://example.org/hub"), None);
        for (header, to, is_sent) in [
            // A domain, its prefix, another domain, and a top-level domain.
            ("a=b; Domain=example.org; Path=/", "wss://b.example.org/", true),
            ("a=b; Domain=.A.example.org; Path=/", "wss://a.example.org/", true),
            ("a=b; Domain=example.org; Path=/", "wss://badexample.org/", false),
            ("a=b; Domain=b.example.org", "wss://b.example.org/", false),
            ("a=b; Domain=org; Path=/", "wss://b.org/", false),
            // Paths.
            ("a=b", "wss://a.example.org/hub?id=1", true),
            ("a=b", "wss://a.example.org/hub/x", true),
            ("a=b", "wss://a.example.org/hubs", false),
            ("a=b; path=/hub/", "wss://a.example.org/hub/x", true),
            ("a=b; path=/x", "wss://a.example.org/hub", false),
            // TLS.
            ("a=b; Path=/; Secure", "wss://a.example.org/", true),
            ("a=b; Path=/; Secure", "ws://a.example.org/", false),
            // Not cookies.
            ("a", "wss://a.example.org/hub", false),
            ("=b", "wss://a.example.org/hub", false),
        ] {
            assert_eq!(sent(&[header], to).is_some(), is_sent, "{header} {to}");
        }
    }

    #[test]
    fn later_cookies_replace_earlier_ones_and_empty_ones_remove_them() {
        let sent = |headers: &[&str]| cookies("http://a/hub/negotiate", headers, "http://a/hub");
        assert_eq!(sent(&["a=1", "b=2", "a=3"]).as_deref(), Some("b=2; a=3"));
        assert_eq!(sent(&["a=1", "b=2", "a="]).as_deref(), Some("b=2"));
        assert_eq!(sent(&["a=1", "a=2; Max-Age=0"]), None);
        assert_eq!(sent(&["a=1", "a=2; max-age=10"]).as_deref(), Some("a=2"));
        let many: Vec<_> = (0..1000).map(|number| format!("a{number}=1")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(sent(&many).unwrap().split("; ").count(), CAPACITY);
    }
}
