//! The examples do what they are there to show, in every version.

#[allow(dead_code)]
#[cfg(all(feature = "lazer", feature = "signalr-client", feature = "signalr-server"))]
#[path = "../examples/hubs.rs"]
mod hubs;
#[allow(dead_code)]
#[path = "../examples/server_blocking.rs"]
mod server_blocking;
#[allow(dead_code)]
#[cfg(feature = "tokio")]
#[path = "../examples/server_tokio.rs"]
mod server_tokio;

use lobbywire::bancho::Version;

const SAID: &str = "#osu: hello, BanchoBot";

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_client_of_any_version_answers_the_server_on_tokio() {
    for version in Version::all() {
        assert_eq!(server_tokio::run(version).await.unwrap(), SAID, "{version}");
    }
}

#[test]
fn a_client_of_any_version_answers_the_blocking_server() {
    for version in Version::all() {
        assert_eq!(server_blocking::run(version).unwrap(), SAID, "{version}");
    }
}

#[cfg(all(feature = "lazer", feature = "signalr-client", feature = "signalr-server"))]
#[tokio::test]
async fn hubs_and_their_clients_say_what_they_should() {
    let expected = [
        "2 plays with DT Some(Double(1.25))",
        "2 is at 1000 ms",
        "The arguments are invalid for 'EndPlaySessionV2'.",
        "rooms [123, 456]",
        "50 of 100",
    ];
    assert_eq!(hubs::run().await.unwrap(), expected);
}
