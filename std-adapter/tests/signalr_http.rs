//! The SignalR client on the Web: cookies, redirects, proxies, TLS and servers that do not answer.
#![cfg(all(feature = "signalr-client", feature = "signalr-server"))]

mod signalr;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{HOST, LOCATION, SET_COOKIE};
use lobbywire::signalr::{Client, ClientOptions, ConnectError, Encoding, Proxy, Server, ServerOptions};
use signalr::{Lobby, lobby};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

fn options() -> ClientOptions {
    ClientOptions::new(Encoding::MessagePack)
}

async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What the hub received in this header of the upgrade.
async fn header(client: &Client, name: &str) -> Option<String> {
    client.invoke::<Option<String>>("Header", (name,)).await.unwrap()
}

/// Serves the hub at /hub. Each response to a negotiation sets these cookies.
async fn with_cookies(server: &Server<Lobby>, cookies: &'static [&'static str]) -> SocketAddr {
    let set = move |mut response: Response| async move {
        if response.status() == StatusCode::OK {
            for cookie in cookies {
                response.headers_mut().append(SET_COOKIE, cookie.parse().unwrap());
            }
        }
        response
    };
    let routes = lobbywire::signalr::axum::routes(server).layer(axum::middleware::map_response(set));
    listen(Router::new().nest("/hub", routes)).await
}

#[tokio::test]
async fn cookies_of_the_negotiation_are_sent_with_the_upgrade() {
    let case = include_str!("cases/negotiate-affinity-cookie.txt");
    let line = |start: &str| case.lines().find_map(|line| line.split_once(start)).unwrap().1;
    let (set, expected) = (line("Set-Cookie: "), line("expected: Cookie: "));
    let server = lobby(ServerOptions::new());
    let cookies = Box::leak(Box::new([set]));
    let address = with_cookies(&server, cookies).await;
    let (client, _events) = Client::connect(&format!("http://{address}/hub"), options()).await.unwrap();
    assert_eq!(header(&client, "cookie").await.as_deref(), Some(expected));

    // Several cookies, of which one is replaced, one is removed, and one needs TLS. The caller's own stay.
    let cookies =
        &["a=1", "b=2; Path=/", "a=3; HttpOnly", "b=; Path=/", "c=4; Max-Age=0", "d=5; Secure", "e=6"];
    let address = with_cookies(&server, cookies).await;
    let own = options().header("Cookie", "own=0");
    let (client, _events) = Client::connect(&format!("http://{address}/hub"), own).await.unwrap();
    assert_eq!(header(&client, "cookie").await.as_deref(), Some("own=0; a=3; e=6"));
}

/// Redirects all requests with this status to a host, with the same path and query.
async fn redirecting(status: u16, to: String) -> SocketAddr {
    let router = Router::new().fallback(move |uri: http::Uri| async move {
        let location = format!("{to}{}", uri.path_and_query().unwrap());
        (StatusCode::from_u16(status).unwrap(), [(LOCATION, location), (SET_COOKIE, "hop=1; Path=/".into())])
    });
    listen(router).await
}

#[tokio::test]
async fn redirects_of_http_are_followed_and_other_hosts_receive_no_secrets() {
    let server = lobby(ServerOptions::new());
    let target = signalr::listen(&server).await;
    for status in [307, 308] {
        let second = redirecting(status, format!("http://{target}")).await;
        let first = redirecting(status, format!("http://{second}")).await;
        let secrets = options().access_token("peppy").header("Cookie", "secret=1").header("X-Public", "yes");
        let (client, _events) =
            Client::connect(&format!("http://{first}/hub"), secrets.clone()).await.unwrap();
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
        assert_eq!(header(&client, "authorization").await, None);
        assert_eq!(header(&client, "x-public").await.as_deref(), Some("yes"));
        // Cookies do not distinguish ports.
        assert_eq!(header(&client, "cookie").await.as_deref(), Some("hop=1"));
        // Without a token that host refuses.
        let refused = Client::connect(&format!("http://{first}/private"), secrets).await;
        assert!(matches!(refused, Err(ConnectError::Status(401))), "{refused:?}");
    }
    // Without negotiation, the upgrade is redirected.
    let first = redirecting(302, format!("http://{target}")).await;
    let direct = options().skip_negotiation(true);
    let (client, _events) = Client::connect(&format!("ws://{first}/hub"), direct).await.unwrap();
    assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
}

#[tokio::test]
async fn redirects_to_the_same_host_keep_the_token() {
    let server = lobby(ServerOptions::new());
    let private = lobbywire::signalr::axum::routes_with(&server, |request| {
        let known = request.headers.get("authorization").is_some_and(|header| header == "Bearer peppy");
        std::future::ready(if known { Ok(Some("peppy".into())) } else { Err(StatusCode::UNAUTHORIZED) })
    });
    let moved = async |uri: http::Uri| {
        let location = format!("../..{}", uri.path_and_query().unwrap().as_str().replace("/old", "/new"));
        (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)])
    };
    let router = Router::new().nest("/new/hub", private).fallback(moved);
    let address = listen(router).await;
    let url = format!("http://{address}/old/hub");
    let (client, _events) = Client::connect(&url, options().access_token("peppy")).await.unwrap();
    assert_eq!(client.invoke::<String>("WhoAmI", ()).await.as_deref(), Ok("peppy -"));
}

#[tokio::test]
async fn redirects_with_other_statuses_change_the_method_to_get() {
    let server = lobby(ServerOptions::new());
    let target = signalr::listen(&server).await;
    for status in [301, 302, 303] {
        let answer = format!(r#"{{"negotiateVersion":0,"connectionId":"x","url":"http://{target}/hub"}}"#);
        let to = (StatusCode::from_u16(status).unwrap(), [(LOCATION, "/elsewhere")]);
        let router = Router::new()
            .route("/hub/negotiate", axum::routing::post(move || async move { to.into_response() }))
            .route("/elsewhere", get(move || async move { answer }));
        let address = listen(router).await;
        let (client, _events) = Client::connect(&format!("http://{address}/hub"), options()).await.unwrap();
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
    }
}

#[tokio::test]
async fn endless_and_invalid_redirects_are_errors() {
    let looping =
        listen(Router::new().fallback(|| async { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "?")]) }));
    let looping = looping.await;
    for options in [options(), options().skip_negotiation(true)] {
        let error = Client::connect(&format!("http://{looping}/hub"), options).await.unwrap_err();
        assert!(error.to_string().contains("redirects more than 100 times"), "{error}");
    }
    let nowhere = listen(Router::new().fallback(|| async { StatusCode::TEMPORARY_REDIRECT })).await;
    let error = Client::connect(&format!("http://{nowhere}/hub"), options()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Status(307)), "{error}");
    let strange =
        listen(Router::new().fallback(|| async { (StatusCode::FOUND, [(LOCATION, "mailto:a@b")]) })).await;
    let error = Client::connect(&format!("http://{strange}/hub"), options()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Address(_)), "{error}");
}

/// An HTTP proxy for one server, whatever the name of the host. Collects the heads of requests.
async fn proxy(to: SocketAddr, authorization: Option<&'static str>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(vec![]));
    let collected = heads.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let heads = heads.clone();
            tokio::spawn(async move {
                let mut head = vec![];
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap().to_lowercase();
                let is_known = authorization.is_none_or(|known| {
                    head.contains(&format!("proxy-authorization: {}\r\n", known.to_lowercase()))
                });
                heads.lock().unwrap().push(head);
                if !is_known {
                    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
                    client.write_all(refusal).await.unwrap();
                    return;
                }
                let mut server = TcpStream::connect(to).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, collected)
}

#[tokio::test]
async fn negotiation_and_upgrade_pass_through_the_proxy() {
    let server = lobby(ServerOptions::new());
    let target = signalr::listen(&server).await;
    let (address, heads) = proxy(target, None).await;
    let through = options().proxy(Proxy::new(&format!("http://{address}")).unwrap());
    // Only the proxy knows this host.
    let (client, _events) = Client::connect("http://hub.invalid/hub", through.clone()).await.unwrap();
    assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
    assert_eq!(header(&client, HOST.as_str()).await.as_deref(), Some("hub.invalid"));
    let (client, _events) = Client::connect("http://[::1]:99/hub", through).await.unwrap();
    assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
    let heads = std::mem::take(&mut *heads.lock().unwrap());
    let lines: Vec<_> = heads.iter().map(|head| head.lines().next().unwrap()).collect();
    let expected = ["connect hub.invalid:80 http/1.1", "connect [::1]:99 http/1.1"];
    assert_eq!(lines, [expected[0], expected[0], expected[1], expected[1]]);
    assert!(heads.iter().all(|head| !head.contains("authorization")));

    // "me:p@ss", which is base64 of the specification of Basic.
    let (address, _) = proxy(target, Some("Basic bWU6cEBzcw==")).await;
    for known in [
        Proxy::new(&format!("http://me:p%40ss@{address}")).unwrap(),
        Proxy::new(&format!("http://{address}")).unwrap().basic_auth("me", "p@ss"),
    ] {
        let (client, _events) =
            Client::connect("http://hub.invalid/hub", options().proxy(known)).await.unwrap();
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
        // The hub does not receive the password.
        assert_eq!(header(&client, "proxy-authorization").await, None);
    }
    let unknown = options().proxy(Proxy::new(&format!("http://{address}")).unwrap());
    let error = Client::connect("http://hub.invalid/hub", unknown).await.unwrap_err();
    assert!(matches!(error, ConnectError::Proxy(407)), "{error}");
}

#[tokio::test]
async fn options_print_no_secrets() {
    let options = options()
        .access_token("secret1")
        .header("X-Key", "secret2")
        .proxy(Proxy::new("http://user:secret3@proxy:3128").unwrap());
    let shown = format!("{options:?}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("X-Key") && shown.contains("3128") && shown.contains("15s"), "{shown}");
}

#[tokio::test]
async fn connecting_can_be_dropped_and_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let proxy = Proxy::new(&format!("http://{address}")).unwrap();
    let short = Duration::from_millis(50);
    for options in [options(), options().skip_negotiation(true), options().proxy(proxy)] {
        let url = format!("http://{address}/hub");
        let limited = Client::connect(&url, options.clone().handshake_timeout(short)).await;
        assert!(matches!(limited, Err(ConnectError::TimedOut)), "{limited:?}");
        // Both times the socket is closed.
        assert!(timeout(short, Client::connect(&url, options)).await.is_err());
        for _ in 0..2 {
            let (mut socket, _) = silent.accept().await.unwrap();
            let mut sent = vec![];
            timeout(Duration::from_secs(10), socket.read_to_end(&mut sent)).await.unwrap().unwrap();
            assert!(sent.starts_with(b"POST") || sent.starts_with(b"GET") || sent.starts_with(b"CONNECT"));
        }
    }
}

#[tokio::test]
async fn truncated_responses_are_errors() {
    let body = r#"{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[]}"#;
    let answer =
        format!("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ends = (0..=answer.len()).step_by(3);
    let serving = tokio::spawn({
        let (answer, ends) = (answer.clone(), ends.clone());
        async move {
            for end in ends {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut head = vec![];
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(socket.read_u8().await.unwrap());
                }
                socket.write_all(&answer.as_bytes()[..end]).await.unwrap();
            }
        }
    });
    for end in ends {
        let error = Client::connect(&format!("http://{address}/hub"), options()).await.unwrap_err();
        assert!(matches!(error, ConnectError::Other(_) | ConnectError::Negotiation(_)), "{end}: {error}");
    }
    serving.await.unwrap();
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use lobbywire::signalr::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use lobbywire::signalr::rustls::{self, ClientConfig, RootCertStore, ServerConfig, crypto::ring};
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use tokio_rustls::TlsAcceptor;

    /// A CA, and TLS for `localhost` before another server. Returns the CA's certificate.
    async fn secure(to: SocketAddr, name: &str) -> (SocketAddr, CertificateDer<'static>) {
        let (ca_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut ca = CertificateParams::new(vec![]).unwrap();
        // Roots are found by their name.
        ca.distinguished_name.push(DnType::CommonName, name);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_certificate = ca.self_signed(&ca_key).unwrap();
        let issuer = Issuer::new(ca, ca_key);
        let certificate =
            CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let mut server = TcpStream::connect(to).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        (address, ca_certificate.der().clone())
    }

    #[tokio::test]
    async fn servers_of_a_trusted_ca_are_accepted_under_their_name_only() {
        let server = lobby(ServerOptions::new());
        let target = signalr::listen(&server).await;
        let (address, ca) = secure(target, "one").await;
        let (_, other_ca) = secure(target, "other").await;
        let url = format!("https://localhost:{}/hub", address.port());

        let mut roots = RootCertStore::empty();
        roots.add(ca.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (hop, _) = proxy(address, None).await;
        let hop = Proxy::new(&format!("http://{hop}")).unwrap();
        for trusting in [
            options().root_certificate(ca.clone()),
            options().root_certificate(other_ca.clone()).root_certificate(ca.clone()),
            options().tls_config(config),
            options().root_certificate(ca.clone()).proxy(hop),
        ] {
            let (client, _events) = Client::connect(&url, trusting).await.unwrap();
            assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
        }
        for (url, options, expected) in [
            (url.clone(), options(), "UnknownIssuer"),
            (url, options().root_certificate(other_ca), "UnknownIssuer"),
            (format!("https://{address}/hub"), options().root_certificate(ca.clone()), "NotValidForName"),
        ] {
            for options in [options.clone(), options.skip_negotiation(true)] {
                let error = Client::connect(&url, options).await.unwrap_err();
                assert!(matches!(error, ConnectError::Tls(_)), "{error}");
                let shown = error.to_string();
                let is_expected = shown.contains(expected)
                    || expected == "NotValidForName" && shown.contains("not valid for name");
                assert!(is_expected && shown.contains("root_certificate"), "{shown}");
            }
        }
    }
}
