//! `lobbywire bancho versions`

use super::TableFormat;
use crate::output::Output;
use crate::text::Palette;
use lobbywire::bancho::Version;
use serde_json::json;
use std::io::Write;

pub(super) fn run(format: TableFormat, out: &mut Output) -> std::io::Result<()> {
    let as_json = format == TableFormat::Json;
    let palette = Palette::for_stdout();
    if !as_json {
        writeln!(
            out,
            "{}{:<12} {:>9} {:>9} {:>8} {:>5} {:>6}  compression{}",
            palette.heading, "version", "first", "last", "protocol", "slots", "header", palette.reset
        )?;
    }
    for version in Version::all() {
        let compression = version.compression().name();
        let slots = if has_matches(version) { version.slots() } else { 0 };
        if as_json {
            let row = json!({
                "name": version.to_string(),
                "first": version.first_build(),
                "last": version.last_build(),
                "protocol": version.protocol(),
                "slots": slots,
                "header": version.header_len(),
                "compression": compression,
            });
            writeln!(out, "{row}")?;
        } else {
            let last = version.last_build().map_or_else(|| "…".to_owned(), |last| last.to_string());
            writeln!(
                out,
                "{:<12} {:>9} {last:>9} {:>8} {slots:>5} {:>6}  {compression}",
                version.to_string(),
                version.first_build(),
                version.protocol(),
                version.header_len(),
            )?;
        }
    }
    Ok(())
}

/// Whether the version has multiplayer. Earlier versions have no match slots.
fn has_matches(version: Version) -> bool {
    lobbywire::bancho::packet_by_name("BanchoMatchNew").is_some_and(|info| info.is_known_by(version))
}
