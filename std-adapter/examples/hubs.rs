//! Two hubs of osu!lazer on axum, with clients in the same program: the spectator hub in MessagePack, and the
//! referee hub in JSON.
//!
//! ```sh
//! cargo run -p lobbywire --example hubs --features signalr-client,signalr-server
//! ```

use lobbywire::lazer::referee::{self, RollCompletedEvent};
use lobbywire::lazer::{APIMod, FrameDataBundle, LegacyReplayFrame, SpectatorState, spectator};
use lobbywire::signalr::{
    self, Client, ClientOptions, Encoding, HubCall, HubClient, HubError, Reply, Server, ServerOptions, Typed,
    TypedHub,
};
use tokio::net::TcpListener;

/// Forwards plays to their spectators.
struct Spectator;

/// The user id, which is the access token in this example.
fn user_of(client: &HubClient) -> Result<i32, HubError> {
    client
        .user()
        .and_then(|user| user.parse().ok())
        .ok_or_else(|| HubError::new("the access token must be a user id"))
}

impl TypedHub for Spectator {
    type Call = spectator::client::Call;

    async fn invoke(
        &self,
        caller: &HubClient,
        call: spectator::client::Call,
        received: &HubCall,
    ) -> Result<Reply, HubError> {
        use spectator::client::Call;

        let user_id = user_of(caller)?;
        let group = format!("watchers of {user_id}");
        let watchers = caller.clients().group(&group);
        match call {
            Call::StartWatchingUser(watch) => caller.join(&format!("watchers of {}", watch.user_id)),
            Call::EndWatchingUser(watch) => caller.leave(&format!("watchers of {}", watch.user_id)),
            Call::BeginPlaySessionV2(begin) => {
                watchers
                    .broadcast_call(&spectator::server::UserBeganPlaying { user_id, state: begin.state })?;
            }
            Call::SendFrameDataV2(sent) => {
                watchers
                    .broadcast_call(&spectator::server::UserSentFrames { user_id, bundle: sent.bundle })?;
            }
            _ => return Err(HubError::unknown_method()),
        }
        received.done()
    }
}

/// Rolls half of the maximum.
struct Referee;

impl TypedHub for Referee {
    type Call = referee::client::Call;

    async fn invoke(
        &self,
        caller: &HubClient,
        call: referee::client::Call,
        received: &HubCall,
    ) -> Result<Reply, HubError> {
        use referee::client::Call;

        match call {
            Call::Roll(roll) => {
                let max = roll.request.and_then(|request| request.max).unwrap_or(100);
                let event = RollCompletedEvent {
                    room_id: roll.room_id,
                    user_id: 2,
                    max,
                    result: max / 2,
                    ..Default::default()
                };
                caller.send_call(&referee::server::RollCompleted { event }).await?;
                received.done()
            }
            // `reply_to` accepts only the result type of this method.
            Call::ListRooms(list) => {
                let rooms = referee::ListRoomsResponse { room_ids: vec![123, 456], ..Default::default() };
                received.reply_to(&*list, &rooms)
            }
            _ => Err(HubError::unknown_method()),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in run().await? {
        println!("{line}");
    }
    Ok(())
}

/// Runs the servers and clients, and returns what they report.
pub(crate) async fn run() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut lines = vec![];
    let options = ServerOptions::new().encodings([Encoding::MessagePack]).allow_stateful_reconnects(true);
    let spectator = Server::new(Typed(Spectator), options);
    let referee = Server::new(Typed(Referee), ServerOptions::new().encodings([Encoding::Json]));

    // The access token is the user.
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

    // A spectator, whose connection continues on another socket if one breaks.
    let options = ClientOptions::new(Encoding::MessagePack)
        .access_token("3")
        .header("X-Osu-Version-Hash", "d41d8cd9")
        .stateful_reconnect(true);
    let (watcher, mut events) = Client::connect(&format!("{base}/spectator"), options).await?;
    watcher.call(&spectator::client::StartWatchingUser { user_id: 2 }).await?;

    // A player.
    let options = ClientOptions::new(Encoding::MessagePack).access_token("2");
    let (player, _) = Client::connect(&format!("{base}/spectator"), options).await?;
    let mut double_time = APIMod::new("DT");
    double_time.settings.insert("speed_change", 1.25);
    let state = SpectatorState { beatmap_id: Some(75), mods: vec![double_time], ..Default::default() };
    player.call(&spectator::client::BeginPlaySessionV2 { score_token: Some(1), state }).await?;
    let frame = LegacyReplayFrame { time: 1000.0, mouse_x: Some(256.0), ..Default::default() };
    let bundle = FrameDataBundle { frames: vec![frame], ..Default::default() };
    // Sent without waiting for its completion.
    player.send_call(&spectator::client::SendFrameDataV2 { score_token: Some(1), bundle }).await?;

    for _ in 0..2 {
        let call = events.next_call().await.ok_or("the connection has ended")?;
        match call.read_call()? {
            spectator::server::Call::UserBeganPlaying(begun) => {
                let [played] = &begun.state.mods[..] else { return Err("expected one mod".into()) };
                let speed = played.settings.get("speed_change");
                lines.push(format!("{} plays with {} {speed:?}", begun.user_id, played.acronym));
            }
            spectator::server::Call::UserSentFrames(sent) => {
                lines.push(format!("{} is at {} ms", sent.user_id, sent.bundle.frames[0].time));
            }
            other => lines.push(format!("{other:?}")),
        }
    }
    if let Err(error) = player.invoke::<()>("EndPlaySessionV2", (1, 3)).await {
        lines.push(error.to_string());
    }
    player.close().await;
    watcher.close().await;

    // A referee, in JSON.
    let (client, mut events) =
        Client::connect(&format!("{base}/referee"), ClientOptions::new(Encoding::Json)).await?;
    let rooms = client.call(&referee::client::ListRooms {}).await?;
    lines.push(format!("rooms {:?}", rooms.room_ids));
    client.call(&referee::client::Roll { room_id: rooms.room_ids[0], request: None }).await?;
    let rolled = events.next_call().await.ok_or("the connection has ended")?;
    if let referee::server::Call::RollCompleted(rolled) = rolled.read_call()? {
        lines.push(format!("{} of {}", rolled.event.result, rolled.event.max));
    }
    client.close().await;
    Ok(lines)
}
