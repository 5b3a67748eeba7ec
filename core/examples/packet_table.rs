//! Prints the versions and the packets as CSV: one line per version with its header and compression, then one line per
//! packet with its id in each range of versions. `ci/reference.sh` makes `docs/reference` of it.
//!
//! ```sh
//! cargo run -p lobbywire-core --example packet_table
//! ```

use lobbywire_core::bancho::{CLASSES, PacketId, Side, Version, client, server};

fn main() {
    println!("version,first build,protocol,slots,header,compression");
    for class in CLASSES {
        let version = Version::from_build(class.first);
        println!(
            "{version},{},{},{},{},{}",
            class.first,
            version.protocol(),
            version.slots(),
            version.header_len(),
            version.compression().name()
        );
    }

    println!("\nside,name,id,first,gone,ids on the wire");
    for info in client::PACKETS.iter().chain(server::PACKETS) {
        let versions = Version::all().filter(|version| info.is_known_by(*version));
        // An id is printed with the first version that uses it.
        let mut ids: Vec<(Option<u16>, Version)> =
            versions.map(|version| (info.id.on_wire(version), version)).collect();
        ids.dedup_by_key(|(id, _)| *id);
        let ids: Vec<String> =
            ids.iter().filter_map(|(id, version)| id.map(|id| format!("{id} from {version}"))).collect();
        let side = match info.side {
            Side::Client => "client",
            Side::Server => "server",
        };
        let PacketId(id) = info.id;
        println!("{side},{},{id},{},{},{}", info.name, info.first, info.gone, ids.join("; "));
    }
}
