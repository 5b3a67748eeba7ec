//! A server that greets a client, on blocking streams: chio's example, with both ends in one
//! process.
//!
//! `cargo run -p lobbywire --example server_blocking`

use lobbywire::bancho::blocking::Connection;
use lobbywire::bancho::types::{UserInfo, UserPresence, UserStats};
use lobbywire::bancho::{Version, client, server};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

/// Greets a client and returns its answer.
fn welcome(stream: impl Read + Write, version: Version) -> Result<String, Box<dyn Error + Send + Sync>> {
    let presence = UserPresence { country_index: 2, ..UserPresence::default() };
    let stats = UserStats { rank: 1, rscore: 1_000_000, ..UserStats::default() };
    let user = UserInfo { id: 2, name: "peppy", presence, stats, ..UserInfo::default() };

    let mut client = Connection::server(stream, version);
    client.write(&server::LoginReply::user(user.id))?;
    client.write(&server::UserPresence(user))?;
    client.write(&server::UserStats::from(user))?;
    client.write(&server::ChannelJoinSuccess("#osu"))?;
    client.send(&server::Message::new("BanchoBot", "Hello, World!", "#osu"))?;

    let received = client.read()?.ok_or("the client has disconnected")?;
    Ok(match received.client()? {
        client::Packet::Message(line) => format!("{}: {}", line.target, line.content),
        other => other.name().to_owned(),
    })
}

/// The client: answers the greeting.
fn answer(stream: impl Read + Write, version: Version) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut server = Connection::client(stream, version);
    while let Some(received) = server.read()? {
        if let Some(line) = received.get::<server::Message<'_>>() {
            let answer = format!("hello, {}", line?.sender);
            server.send(&client::Message::to("#osu", &answer))?;
            break;
        }
    }
    Ok(())
}

/// Runs both ends. A real server gets the version from the login.
pub(crate) fn run(version: Version) -> Result<String, Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let far = TcpStream::connect(listener.local_addr()?)?;
    let (near, _) = listener.accept()?;
    thread::scope(|threads| {
        let client = threads.spawn(move || answer(far, version));
        let said = welcome(near, version);
        client.join().map_err(|_| "the client has panicked")??;
        said
    })
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("{}", run(Version::from_build(20140127))?);
    Ok(())
}
