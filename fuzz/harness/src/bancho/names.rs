//! Names and numbers of versions, mods, modes, countries and packets.

use crate::Outcome;
use lobbywire::bancho::login::VersionString;
use lobbywire::bancho::{
    Compression, MAX_SLOTS, Mode, Mods, PacketId, PacketInfo, Side, Version, all_packets, country,
    country_by_name, country_index, packet_by_name,
};

/// The input as a name of everything that has names, and its first bytes as numbers: everything with a name is found by
/// it. Held if the input is the name of something.
pub fn names(input: &[u8]) -> Outcome {
    let text = &*String::from_utf8_lossy(input);
    let mut is_name = version(text) | version_string(text) | mods(text) | mode(text) | places(text);
    if let Some(info) = packet_by_name(text) {
        assert!(all_packets().filter(|packet| packet.name == text).eq([info]), "names are unique");
        is_name = true;
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
    } else {
        assert_eq!(Mode(first).formatted(), None);
    }
    if let Some(country) = country(first) {
        assert_eq!(country_index(country.code), Some(first));
    }
    if is_name { Outcome::Held } else { Outcome::Skipped }
}

fn version(text: &str) -> bool {
    let Ok(version) = text.parse::<Version>() else { return false };
    assert_eq!(version.to_string().parse(), Ok(version));
    assert!(Version::all().any(|known| known == version));
    true
}

fn version_string(text: &str) -> bool {
    match VersionString::try_from(text) {
        Ok(version) => {
            assert_eq!((version.as_str(), &*version.to_string()), (text, text));
            assert_eq!(text.parse(), Ok(version.version()));
            assert!(version.number() < 100_000_000);
            assert!(text.contains(version.name()) && text.ends_with(version.stream()));
            let revision = version.revision().map_or(0, u32::from);
            assert!(revision <= 9999 && text.contains(version.revision().map_or("", |_| ".")));
            true
        }
        Err(error) => {
            assert!(error.offset as usize <= text.len());
            false
        }
    }
}

fn mods(text: &str) -> bool {
    match text.parse::<Mods>() {
        Ok(mods) => {
            some_mods(mods);
            true
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.offset) && error.offset < text.len());
            false
        }
    }
}

fn some_mods(mods: Mods) {
    let named = Mods::from_bits_retain(mods.bits() & 0x7fff_ffff);
    assert_eq!(mods.to_string().parse(), Ok(named.with_implied()), "{mods:?}");
    let implied = [(Mods::NIGHTCORE, Mods::DOUBLE_TIME), (Mods::PERFECT, Mods::SUDDEN_DEATH)];
    let hidden = implied.iter().filter(|(one, other)| mods.contains(one.union(*other))).count();
    assert_eq!(mods.acronyms().count() + hidden, named.bits().count_ones() as usize);
    assert!(mods.key_count().is_none_or(|keys| (1..=9).contains(&keys) && mods.intersects(Mods::KEY_MODS)));
    assert_eq!(mods.speed() != 1.0, mods.intersects(Mods::SPEED_MODS));
}

fn mode(text: &str) -> bool {
    let Some(mode) = Mode::from_alias(text) else { return false };
    assert_eq!(mode.alias().and_then(Mode::from_alias), Some(mode));
    true
}

fn places(text: &str) -> bool {
    let by_code = country_index(text).and_then(country);
    assert!(by_code.is_none_or(|place| place.code.eq_ignore_ascii_case(text)));
    let by_name = country_by_name(text).and_then(country);
    assert!(by_name.is_none_or(|place| place.name == text));
    by_code.is_some() || by_name.is_some()
}

fn build(number: u32, slots: u8, protocol: u8) {
    let version = Version::from_build(number);
    let is_within = number >= version.first_build() && version.last_build().is_none_or(|last| number <= last);
    assert!(is_within || number < 282, "{number} is not a build of {version}");
    let changed = version.with_slots(slots).with_protocol(protocol);
    assert_eq!((changed.build(), changed.protocol()), (version.build(), protocol));
    assert!(
        (1..=MAX_SLOTS).contains(&changed.slots()) && (changed.header_len() == 7 || changed.slots() <= 8)
    );
    let name = version.compression().name();
    assert_eq!(name == "never", version.compression() == Compression::Never);
    assert_eq!(version.requires_status_updates(), name != "never");

    let id = PacketId(u16::from_le_bytes([slots, protocol]));
    if let Some(wire) = id.on_wire(version) {
        assert!(wire.abs_diff(id.0) <= 2 || id >= PacketId::MATCH_CHANGE_BEATMAP);
    }
    for side in [Side::Client, Side::Server] {
        let own = PacketInfo::new("Own", side, id).since(number).until(number.saturating_add(3));
        assert!(own.is_known_by(version) || own.first == own.gone);
        assert_eq!(own.is_sent_to(version), own.is_known_by(version));
    }
}
