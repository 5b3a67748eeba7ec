//! A hub for tests, and a proxy that breaks its connections.
#![allow(dead_code, reason = "each test uses a part of this module")]

use lobbywire::signalr::{
    DecodeError, Hub, HubCall, HubClient, HubError, ItemSender, Items, Reply, Server, ServerOptions,
};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

#[derive(Default)]
pub(crate) struct Lobby {
    is_closed: AtomicBool,
    connected: AtomicUsize,
    disconnected: AtomicUsize,
    calls: AtomicUsize,
    streams: AtomicUsize,
    sleeping: AtomicUsize,
    wake: Notify,
    malformed: Mutex<Vec<String>>,
}

pub(crate) fn lobby(options: ServerOptions) -> Server<Lobby> {
    Server::new(Lobby::default(), options)
}

/// Increments a counter until it is dropped.
struct Counting<'a>(&'a AtomicUsize);

impl<'a> Counting<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Lobby {
    pub(crate) fn refuse(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn connected(&self) -> usize {
        self.connected.load(Ordering::SeqCst)
    }

    pub(crate) fn disconnected(&self) -> usize {
        self.disconnected.load(Ordering::SeqCst)
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn streams(&self) -> usize {
        self.streams.load(Ordering::SeqCst)
    }

    pub(crate) fn sleeping(&self) -> usize {
        self.sleeping.load(Ordering::SeqCst)
    }

    /// Takes the reported calls: their targets and errors.
    pub(crate) fn malformed(&self) -> Vec<String> {
        std::mem::take(&mut self.malformed.lock().unwrap())
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_waiters();
    }
}

impl Hub for Lobby {
    async fn on_connected(&self, _: &HubClient) -> Result<(), HubError> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(HubError::new("full"));
        }
        self.connected.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn on_disconnected(&self, _: &HubClient, _: Option<&str>) {
        self.disconnected.fetch_add(1, Ordering::SeqCst);
    }

    async fn on_malformed(&self, _: &HubClient, target: &str, error: &DecodeError) {
        self.malformed.lock().unwrap().push(format!("{target}: {error}"));
    }

    async fn invoke(&self, caller: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match call.target() {
            "Add" => {
                let (a, b): (i64, i64) = call.read()?;
                call.reply(&(a + b))
            }
            "Echo" => {
                let (text,): (String,) = call.read()?;
                call.reply(&text)
            }
            "Half" => {
                let (number,): (f64,) = call.read()?;
                call.reply(&(number / 2.0))
            }
            // The lengths of uploaded texts.
            "Lengths" => {
                let mut texts: Items<String> = call.upload(0).ok_or(HubError::new("no stream"))?;
                let mut lengths = vec![];
                while let Some(text) = texts.next().await {
                    lengths.push(text.map_or_else(|_| String::from("?"), |text| text.len().to_string()));
                }
                call.reply(&lengths.join(" "))
            }
            "EchoValue" => {
                let (value,): (lobbywire::signalr::OwnedValue,) = call.read()?;
                call.reply(&value)
            }
            "Length" => {
                let (text,): (String,) = call.read()?;
                call.reply(&(text.len() as u64))
            }
            "Nothing" => call.done(),
            "Say" => {
                let (text,): (String,) = call.read()?;
                let user = caller.user().unwrap_or("anonymous");
                caller.clients().all().broadcast("Said", (user, text))?;
                call.done()
            }
            "Join" => {
                caller.join(&call.read::<(String,)>()?.0);
                call.done()
            }
            "Leave" => {
                caller.leave(&call.read::<(String,)>()?.0);
                call.done()
            }
            "SayTo" => {
                let (group, text): (String, String) = call.read()?;
                caller
                    .clients()
                    .group(&group)
                    .except(caller.id())
                    .broadcast("Said", (group.as_str(), text))?;
                call.done()
            }
            "Tick" => {
                let (number,): (u32,) = call.read()?;
                caller.send("Ticked", (number,)).await?;
                call.reply(&number)
            }
            "WhoAmI" => {
                let user = caller.user().unwrap_or("anonymous");
                call.reply(&format!("{user} {}", caller.header("x-osu-version-hash").unwrap_or("-")))
            }
            "Header" => {
                let (name,): (String,) = call.read()?;
                call.reply(&caller.header(&name).map(str::to_owned))
            }
            "Fail" => Err(HubError::of_class("NotHostException", "not yours: no")),
            "Secret" => Err(HubError::internal("the password is swordfish")),
            "Panic" => panic!("on purpose"),
            "Close" => {
                caller.close(Some(&call.read::<(String,)>()?.0), false);
                call.done()
            }
            "Sleep" => {
                let _sleeping = Counting::new(&self.sleeping);
                let woken = self.wake.notified();
                let _ = tokio::time::timeout(Duration::from_secs(2), woken).await;
                call.done()
            }
            "Sum" => {
                let (mut sum,): (i64,) = call.read()?;
                let mut numbers: Items<i64> = call.upload(0).ok_or(HubError::new("no stream"))?;
                while let Some(number) = numbers.next().await {
                    sum += number?;
                }
                call.reply(&sum)
            }
            // Calls the caller back from a task: it waits for the result of this call first.
            "AskMe" => {
                let caller = caller.clone();
                tokio::spawn(async move {
                    let answer = caller.invoke::<i64>("Ask", (20,)).await;
                    let text = answer.map_or_else(|error| error.to_string(), |answer| answer.to_string());
                    let _ = caller.send("Answered", (text,)).await;
                });
                call.done()
            }
            _ => Err(HubError::unknown_method()),
        }
    }

    async fn stream(&self, _: &HubClient, call: &HubCall, items: &mut ItemSender) -> Result<(), HubError> {
        let _stream = Counting::new(&self.streams);
        match call.target() {
            "Count" | "CountAndFail" => {
                let (count,): (u32,) = call.read()?;
                for number in 0..count {
                    items.send(&number).await?;
                }
                if call.target() == "Count" { Ok(()) } else { Err(HubError::new("enough")) }
            }
            "Endless" => {
                for number in 0u32.. {
                    items.send(&number).await?;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(())
            }
            "Double" => {
                let mut numbers: Items<i64> = call.upload(0).ok_or(HubError::new("no stream"))?;
                while let Some(number) = numbers.next().await {
                    items.send(&(number? * 2)).await?;
                }
                Ok(())
            }
            _ => Err(HubError::unknown_method()),
        }
    }
}

/// Waits until a condition holds, for at most 10 seconds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..2000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the condition did not hold within 10 seconds");
}

/// An in-memory WebSocket: the server's end, then the client's.
pub(crate) async fn sockets(
    capacity: usize,
) -> (WebSocketStream<DuplexStream>, WebSocketStream<DuplexStream>) {
    let (near, far) = duplex(capacity);
    (
        WebSocketStream::from_raw_socket(near, Role::Server, None).await,
        WebSocketStream::from_raw_socket(far, Role::Client, None).await,
    )
}

/// Serves the hub at /hub without authentication, and at /private with a token, which is the name of the user.
pub(crate) async fn listen(server: &Server<Lobby>) -> SocketAddr {
    let private = lobbywire::signalr::axum::routes_with(server, |request| {
        let header = request.headers.get("authorization").and_then(|header| header.to_str().ok());
        let of_header = header.and_then(|header| header.strip_prefix("Bearer ")).map(str::to_owned);
        let of_query = request.uri.query().and_then(|query| query.split_once("access_token="));
        let token = of_header.or(of_query.map(|(_, token)| token.to_owned()));
        std::future::ready(token.map(Some).ok_or(http::StatusCode::UNAUTHORIZED))
    });
    let router =
        axum::Router::new().nest("/hub", lobbywire::signalr::axum::routes(server)).nest("/private", private);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// An HTTP server that only answers negotiations.
pub(crate) async fn negotiations(
    answer: impl Fn(&str) -> String + Clone + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(move |uri: http::Uri| async move {
        let path = uri.path().strip_suffix("/negotiate").unwrap_or_default();
        answer(path).replace("HOST", &address.to_string())
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sends a request. Returns the status and the connection.
pub(crate) async fn open(address: SocketAddr, line: &str, headers: &str) -> (u16, TcpStream) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    (String::from_utf8_lossy(&status[9..]).parse().unwrap(), stream)
}

/// Sends a request. Returns the status and the body.
pub(crate) async fn raw(address: SocketAddr, line: &str, headers: &str) -> (u16, String) {
    // Requests with other headers are upgrades, which set their own `Connection`.
    let headers = if headers.is_empty() { "Connection: close\r\n" } else { headers };
    let (status, mut stream) = open(address, line, headers).await;
    let mut rest = vec![];
    let _ = tokio::time::timeout(Duration::from_millis(300), stream.read_to_end(&mut rest)).await;
    let rest = String::from_utf8_lossy(&rest).into_owned();
    (status, rest.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// Which end notices that the connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    Both,
    Client,
    Server,
}

/// Forwards connections to a server until they are broken.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    breaks: watch::Sender<Option<(u64, Break)>>,
}

impl Proxy {
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, breaks) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut breaks = breaks.clone();
                breaks.mark_unchanged();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(target).await.unwrap();
                    for stream in [&client, &server] {
                        stream.set_nodelay(true).unwrap();
                    }
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
                        changed = breaks.changed() => if changed.is_err() { return },
                    }
                    let broken = breaks.borrow().map(|(_, end)| end);
                    // The socket of the other end stays open, but silent.
                    match broken {
                        Some(Break::Client) => drop(client),
                        Some(Break::Server) => drop(server),
                        _ => return,
                    }
                    tokio::time::sleep(Duration::from_millis(500)).await;
                });
            }
        });
        Self { address, breaks: sender }
    }

    /// Breaks all open connections.
    pub(crate) fn break_all(&self, end: Break) {
        self.breaks.send_modify(|last| *last = Some((last.map_or(0, |(count, _)| count + 1), end)));
    }
}
