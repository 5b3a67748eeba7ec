//! Two hubs of SignalR on axum, one in MessagePack and one in JSON, and a client of each in the same program.
//!
//! ```sh
//! cargo run -p lobbywire --example hubs --features signalr-client,signalr-server
//! ```

use lobbywire::signalr::{
    self, Arguments, Client, ClientOptions, DecodeError, Encoding, FromArguments, FromCall, Hub, HubCall,
    HubClient, HubError, ItemSender, Reply, Serde, Server, ServerOptions, Typed, TypedHub,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What clients say to the spectators' hub.
enum SpectatorCall {
    StartWatching(i32),
    SendFrame(i64),
}

impl FromCall for SpectatorCall {
    fn from_call(target: &str, arguments: Arguments<'_>) -> Result<Self, DecodeError> {
        match target {
            "StartWatchingUser" => {
                FromArguments::from_arguments(arguments).map(|(user,)| Self::StartWatching(user))
            }
            "SendFrame" => FromArguments::from_arguments(arguments).map(|(time,)| Self::SendFrame(time)),
            _ => Err(DecodeError::UnknownTarget),
        }
    }
}

/// Passes frames on to those who watch.
struct Spectator;

impl TypedHub for Spectator {
    type Call = SpectatorCall;

    async fn on_connected(&self, client: &HubClient) -> Result<(), HubError> {
        let version = client.header("x-osu-version-hash").unwrap_or("unknown");
        client.send("Welcome", (client.user(), version)).await?;
        Ok(())
    }

    async fn invoke(
        &self,
        caller: &HubClient,
        call: SpectatorCall,
        received: &HubCall,
    ) -> Result<Reply, HubError> {
        match call {
            SpectatorCall::StartWatching(2) => caller.join("watchers of 2"),
            SpectatorCall::StartWatching(user) => {
                return Err(HubError::new(format!("{user} is not playing")));
            }
            SpectatorCall::SendFrame(time) => {
                // Written once, however many watch.
                caller.clients().group("watchers of 2").send("UserSentFrame", (2, time))?;
            }
        }
        received.done()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Roll {
    user_id: i32,
    result: u32,
}

/// Rolls dice.
struct Referee;

impl Hub for Referee {
    async fn invoke(&self, _: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
        match call.target() {
            "Roll" => {
                let (user_id, max): (i32, Option<u32>) = call.read()?;
                call.reply(&Serde(Roll { user_id, result: max.unwrap_or(100) / 2 }))
            }
            _ => Err(HubError::unknown_method()),
        }
    }

    async fn stream(&self, _: &HubClient, call: &HubCall, items: &mut ItemSender) -> Result<(), HubError> {
        let (from,): (u32,) = call.read()?;
        for number in (0..from).rev() {
            items.send(&number).await?;
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in run().await? {
        println!("{line}");
    }
    Ok(())
}

/// What comes of it.
pub(crate) async fn run() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut lines = vec![];
    let mut in_messagepack = ServerOptions::default();
    in_messagepack.encodings = vec![Encoding::MessagePack];
    in_messagepack.stateful_reconnect = true;
    let spectator = Server::new(Typed(Spectator), in_messagepack);
    let mut in_json = ServerOptions::default();
    in_json.encodings = vec![Encoding::Json];
    let referee = Server::new(Referee, in_json);

    // Whoever has a token is somebody.
    let routes = signalr::axum::routes_with(&spectator, |request| {
        let token = request.headers.get("authorization").and_then(|token| token.to_str().ok());
        let user = token.and_then(|token| token.strip_prefix("Bearer ")).map(String::from);
        std::future::ready(user.map(Some).ok_or(http::StatusCode::UNAUTHORIZED))
    });
    let router =
        axum::Router::new().nest("/spectator", routes).nest("/referee", signalr::axum::routes(&referee));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });

    // A client in MessagePack, which goes on with another socket where one breaks.
    let options = ClientOptions::new(Encoding::MessagePack)
        .access_token("peppy")
        .header("X-Osu-Version-Hash", "d41d8cd9")
        .stateful_reconnect();
    let (client, mut events) = Client::connect(&format!("{base}/spectator"), options).await?;
    let welcome = events.next_call().await.ok_or("the connection is over")?;
    lines.push(format!("{}: {:?}", welcome.target(), welcome.read::<(String, String)>()?));

    client.invoke::<()>("StartWatchingUser", (2,)).await?;
    client.send("SendFrame", (1234,)).await?;
    let call = events.next_call().await.ok_or("the connection is over")?;
    lines.push(format!("{}: {:?}", call.target(), call.read::<(i32, i64)>()?));
    if let Err(error) = client.invoke::<()>("StartWatchingUser", (3,)).await {
        lines.push(error.to_string());
    }
    client.close().await;

    // And one in JSON.
    let (client, _) = Client::connect(&format!("{base}/referee"), ClientOptions::new(Encoding::Json)).await?;
    lines.push(format!("{:?}", client.invoke::<Serde<Roll>>("Roll", (2, 6)).await?.0));
    let mut numbers = client.stream::<u32>("CountDown", (3,)).await?;
    while let Some(number) = numbers.next().await {
        lines.push(number?.to_string());
    }
    client.close().await;
    Ok(lines)
}
