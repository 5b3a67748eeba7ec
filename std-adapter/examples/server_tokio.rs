//! A server that greets a client, on tokio: chio's example, with both ends in one process.
//!
//! `cargo run -p lobbywire --example server_tokio`

use lobbywire::bancho::types::{UserInfo, UserPresence, UserStats};
use lobbywire::bancho::{Connection, Version, client, server};
use std::error::Error;
use tokio::io::{AsyncRead, AsyncWrite, duplex};

/// Greets a client and returns its answer.
async fn welcome<S>(stream: S, version: Version) -> Result<String, Box<dyn Error>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let presence = UserPresence { country_index: 2, ..UserPresence::default() };
    let stats = UserStats { rank: 1, rscore: 1_000_000, ..UserStats::default() };
    let user = UserInfo { id: 2, name: "peppy", presence, stats, ..UserInfo::default() };

    let mut client = Connection::server(stream, version);
    client.write(&server::LoginReply::user(user.id))?;
    client.write(&server::UserPresence(user))?;
    client.write(&server::UserStats::from(user))?;
    client.write(&server::ChannelJoinSuccess("#osu"))?;
    client.send(&server::Message::new("BanchoBot", "Hello, World!", "#osu")).await?;

    let received = client.read().await?.ok_or("the client has disconnected")?;
    Ok(match received.client()? {
        client::Packet::Message(line) => format!("{}: {}", line.target, line.content),
        other => other.name().to_owned(),
    })
}

/// The client: answers the greeting.
async fn answer<S>(stream: S, version: Version) -> Result<(), Box<dyn Error>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut server = Connection::client(stream, version);
    while let Some(received) = server.read().await? {
        if let Some(line) = received.get::<server::Message<'_>>() {
            let answer = format!("hello, {}", line?.sender);
            server.send(&client::Message::to("#osu", &answer)).await?;
            break;
        }
    }
    Ok(())
}

/// Runs both ends. A real server gets the version from the login.
pub(crate) async fn run(version: Version) -> Result<String, Box<dyn Error>> {
    let (near, far) = duplex(1 << 10);
    let (said, ()) = tokio::try_join!(welcome(near, version), answer(far, version))?;
    Ok(said)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run(Version::from_build(20140127)).await?);
    Ok(())
}
