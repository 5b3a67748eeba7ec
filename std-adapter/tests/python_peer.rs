//! Interoperability with Python's struct, json and codecs over a socket, as client and as server: messages
//! from Python are read and sent back, and must have the form that the lobby server would write.
//!
//! Requires `python3` and its standard library. Run by `ci/python.sh`.
#![cfg(all(feature = "faf", feature = "tokio"))]

use lobbywire::faf::{Connection, Framing, Mode, Options};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use tokio::net::{TcpListener, TcpStream};

const MESSAGES: &str = "2000";

fn peer(role: &str, port: u16, framing: Framing, mode: Mode) -> Child {
    let framing = if framing == Framing::QDataStream { "qdatastream" } else { "json" };
    let mode = if mode.is_lenient() { "lenient" } else { "strict" };
    let seed = format!("{role} {framing} {mode}");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/peer.py");
    Command::new("python3")
        .args([script, role, &port.to_string(), framing, mode, &seed, MESSAGES])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3")
}

/// Sends back every received message.
async fn echo(stream: TcpStream, framing: Framing, mode: Mode) {
    stream.set_nodelay(true).unwrap();
    let mut options = Options::default();
    options.mode = mode;
    let mut connection = Connection::with_options(stream, framing, options);
    while let Some(received) = connection.read().await.unwrap() {
        connection.send(&received).await.unwrap();
    }
    connection.close().await;
}

fn expect_success(mut peer: Child) {
    let mut stderr_text = String::new();
    let _ = peer.stderr.take().map(|mut stderr| stderr.read_to_string(&mut stderr_text));
    assert!(peer.wait().unwrap().success(), "{stderr_text}");
}

#[tokio::test]
#[ignore = "needs python3"]
async fn messages_from_python_are_returned_in_the_servers_form() {
    for framing in [Framing::QDataStream, Framing::SimpleJson] {
        for mode in [Mode::Strict, Mode::Lenient] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = peer("client", listener.local_addr().unwrap().port(), framing, mode);
            echo(listener.accept().await.unwrap().0, framing, mode).await;
            expect_success(client);

            let mut server = peer("server", 0, framing, mode);
            let mut port = String::new();
            BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
            let stream = TcpStream::connect(("127.0.0.1", port.trim().parse().unwrap())).await.unwrap();
            echo(stream, framing, mode).await;
            expect_success(server);
        }
    }
}
