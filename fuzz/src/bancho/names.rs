//! What people and programs name: versions, mods, modes, countries, packets.

use lobbywire::bancho::login::VersionString;
use lobbywire::bancho::{
    Compression, MAX_SLOTS, Mode, Mods, PacketId, PacketInfo, Side, Version, all_packets, country,
    country_by_name, country_index, packet_by_name,
};

/// Text from anywhere as a name of everything that has one, and its first bytes as numbers: what has a
/// name is found by it.
pub fn names(input: &[u8]) {
    let text = &*String::from_utf8_lossy(input);
    version(text);
    version_string(text);
    mods(text);
    mode(text);
    places(text);
    if let Some(info) = packet_by_name(text) {
        assert!(all_packets().filter(|packet| packet.name == text).eq([info]), "the only one of its name");
    }

    let mut numbers = [0; 4];
    numbers.iter_mut().zip(input).for_each(|(number, byte)| *number = *byte);
    let [first, second, ..] = numbers;
    let number = u32::from_le_bytes(numbers);
    build(number % 30_000_000, first, second);
    some_mods(Mods::from_bits_retain(number));
    if let Some(alias) = Mode(first).alias() {
        assert_eq!(Mode::from_alias(alias), Some(Mode(first)));
        assert!(Mode(first).formatted().is_some() && Mode(first).name().is_some());
        assert_ne!(format!("{:?}", Mode(first)), format!("Mode({first})"));
    } else {
        assert_eq!((Mode(first).formatted(), format!("{:?}", Mode(first))), (None, format!("Mode({first})")));
    }
    if let Some(country) = country(first) {
        assert_eq!(country_index(country.code), Some(first));
    }
}

fn version(text: &str) {
    match text.parse::<Version>() {
        Ok(version) => {
            assert_eq!(version.to_string().parse(), Ok(version));
            assert!(Version::all().any(|known| known == version));
        }
        Err(error) => assert!(error.to_string().contains("version")),
    }
}

fn version_string(text: &str) {
    match VersionString::try_from(text) {
        Ok(version) => {
            assert_eq!((version.as_str(), &*version.to_string()), (text, text));
            assert_eq!(text.parse(), Ok(version.version()), "both go by the number");
            assert!(version.number() < 100_000_000);
            assert!(text.contains(version.name()) && text.ends_with(version.stream()));
            let revision = version.revision().map_or(0, u32::from);
            assert!(revision <= 9999 && text.contains(version.revision().map_or("", |_| ".")));
        }
        Err(error) => {
            assert!(error.offset as usize <= text.len());
            let place = format!("({}, byte {})", error.field.name(), error.offset);
            assert!(error.to_string().ends_with(&place) && !error.kind.name().is_empty());
        }
    }
}

fn mods(text: &str) {
    let known = Mods::from_acronyms(text);
    match text.parse::<Mods>() {
        Ok(mods) => assert_eq!(mods, known),
        Err(error) => {
            assert!(text.is_char_boundary(error.offset) && error.offset < text.len());
            assert!(error.to_string().contains(&error.offset.to_string()));
        }
    }
    some_mods(known);
}

fn some_mods(mods: Mods) {
    let named = Mods::from_bits_retain(mods.bits() & 0x7fff_ffff);
    assert_eq!(mods.to_string().parse(), Ok(named), "{mods:?}");
    assert_eq!(mods.acronyms().count(), named.bits().count_ones() as usize);
    assert!(mods.key_count().is_none_or(|keys| (1..=9).contains(&keys) && mods.intersects(Mods::KEY_MODS)));
    assert_eq!(mods.speed() != 1.0, mods.intersects(Mods::SPEED_MODS));
}

fn mode(text: &str) {
    if let Some(mode) = Mode::from_alias(text) {
        assert_eq!(mode.alias().and_then(Mode::from_alias), Some(mode));
    }
}

fn places(text: &str) {
    if let Some(place) = country_index(text).and_then(country) {
        assert!(place.code.eq_ignore_ascii_case(text));
    }
    if let Some(place) = country_by_name(text).and_then(country) {
        assert_eq!(place.name, text);
    }
}

fn build(number: u32, slots: u8, protocol: u8) {
    let version = Version::from_build(number);
    let is_within = number >= version.first_build() && version.last_build().is_none_or(|last| number <= last);
    assert!(is_within || number < 282, "{number} is of {version}");
    let changed = version.with_slots(slots).with_protocol(protocol);
    assert_eq!((changed.build(), changed.protocol()), (version.build(), protocol));
    assert!(
        (1..=MAX_SLOTS).contains(&changed.slots()) && (changed.header_len() == 7 || changed.slots() <= 8)
    );
    assert!(format!("{changed:?}").contains(&format!("{} slots", changed.slots())));
    let name = version.compression().name();
    assert_eq!(name == "never", version.compression() == Compression::Never);
    assert_eq!(version.requires_status_updates(), name != "never");
    assert_eq!(Version::default(), Version::LATEST);

    let id = PacketId(u16::from_le_bytes([slots, protocol]));
    if let Some(wire) = id.on_wire(version) {
        assert!(wire.abs_diff(id.0) <= 2 || id >= PacketId::MATCH_CHANGE_BEATMAP);
    }
    for side in [Side::Client, Side::Server] {
        let own = PacketInfo::new("Own", side, id).since(number).until(number.saturating_add(3));
        assert!(own.is_known_by(version) || own.first == own.gone);
        assert_eq!(own.is_sent_to(version), own.is_known_by(version));
        assert_eq!(own.side.to_string(), side.name());
    }
}
