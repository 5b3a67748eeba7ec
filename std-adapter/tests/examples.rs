//! Runs the examples with every version.

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

const REPLY: &str = "#osu: hello, BanchoBot";

#[cfg(feature = "tokio")]
#[tokio::test]
async fn the_tokio_server_works_with_every_version() {
    for version in Version::all() {
        assert_eq!(server_tokio::run(version).await.unwrap(), REPLY, "{version}");
    }
}

#[test]
fn the_blocking_server_works_with_every_version() {
    for version in Version::all() {
        assert_eq!(server_blocking::run(version).unwrap(), REPLY, "{version}");
    }
}

#[cfg(all(feature = "lazer", feature = "signalr-client", feature = "signalr-server"))]
#[tokio::test]
async fn the_hubs_report_the_expected_lines() {
    let expected = [
        "2 plays with DT Some(Double(1.25))",
        "2 is at 1000 ms",
        "The arguments are invalid for 'EndPlaySessionV2'.",
        "rooms [123, 456]",
        "50 of 100",
    ];
    assert_eq!(hubs::run().await.unwrap(), expected);
}
