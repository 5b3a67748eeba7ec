//! Overriding the layout of a packet in one version: chio's example of a patch, in which the performance points of
//! b20120723 are unsigned.
//!
//! `cargo run -p lobbywire --example patched_stats`

use lobbywire::bancho::forms::{F32, S32, U16, U32, U64, UserStatusLayout};
use lobbywire::bancho::types::{Status, UserInfo, UserStats, UserStatus};
use lobbywire::bancho::{Mode, Mods, Outbox, Overrides, Version, WriteError, server};

/// Create them once, and use them for every connection.
pub(crate) fn overrides() -> Overrides {
    Overrides::new().write::<server::UserStats>(20120723, |user, out| {
        out.write(S32, &user.id)?;
        out.write(UserStatusLayout, &user.status)?;
        out.write(U64, &user.stats.rscore)?;
        out.write(F32, &user.stats.accuracy)?;
        out.write(U32, &user.stats.playcount)?;
        out.write(U64, &user.stats.tscore)?;
        out.write(U32, &user.stats.rank)?;
        out.write(U16, &user.stats.pp)
    })
}

/// A user with more points than the original layout of b20120723 can represent.
pub(crate) fn user() -> UserInfo<'static> {
    let status = UserStatus {
        action: Status::PLAYING,
        text: "a song",
        beatmap_checksum: "0123456789abcdef0123456789abcdef",
        mods: Mods::HIDDEN | Mods::DOUBLE_TIME,
        mode: Mode::TAIKO,
        beatmap_id: 75,
        ..UserStatus::default()
    };
    let stats = UserStats {
        rank: 1,
        rscore: 1_000_000,
        tscore: 2_000_000,
        accuracy: 0.5,
        playcount: 77,
        pp: 40_000,
        ..Default::default()
    };
    UserInfo { id: 2, name: "peppy", status, stats, ..UserInfo::default() }
}

fn main() -> Result<(), WriteError> {
    for build in [20120703, 20120723, 20120725] {
        let mut out = Outbox::new(Version::from_build(build)).with_overrides(&overrides());
        out.write(&server::UserStats::from(user()))?;
        let end: Vec<u8> = out.take().split_off(72).to_vec();
        println!("b{build}: … {end:02x?}");
    }
    Ok(())
}
