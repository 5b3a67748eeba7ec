//! Exhaustive tests of the arithmetic of forms, ids and versions.
//!
//! `ci/exhaustive.sh` runs the tests that take more than a second.

use super::forms::{
    ActionBefore338, Bool, BoolS32, F32, HoursPlus24, LeftAndRight, OptionalBoolS32, PermissionsAndMode,
    RankedByte, RankedFlag, S8, S16, S32, SignedId, SlotSets, SlotStatuses, U8, U16, U32,
};
use super::layout::{Context, Form, Origin, PairForm};
use super::number::Number;
use super::types::{ButtonState, MatchSlot, Permissions, RankedStatus, SlotStatus, Slots, Status};
use super::{CLASSES, Mode, Mods, PacketId, Side, Version, compat};
use crate::wire::{Fault, Reader, SliceSink};

fn context(version: Version) -> Context<Version> {
    Context { version, origin: Origin::of(Side::Server) }
}

const NEWEST: Context<Version> = Context { version: Version::LATEST, origin: Origin::Server };

/// Reads a value from the start of `bytes`. Returns it and the number of bytes read.
fn read<'a, F: Form<'a, T>, T: Default>(_: F, cx: Context<Version>, bytes: &'a [u8]) -> (T, usize) {
    let (mut reader, mut value) = (Reader::new(bytes), T::default());
    F::read(&mut reader, cx, &mut value).unwrap();
    (value, reader.position())
}

/// Writes a value into an array of its length.
fn write<'a, const LEN: usize, F: Form<'a, T>, T>(_: F, cx: Context<Version>, value: &T) -> [u8; LEN] {
    written(|sink| F::write(sink, cx, value).unwrap())
}

fn written<const LEN: usize>(write: impl FnOnce(&mut SliceSink<'_>)) -> [u8; LEN] {
    let mut bytes = [0xee; LEN];
    let mut sink = SliceSink::new(&mut bytes);
    write(&mut sink);
    assert_eq!(sink.room(), 0, "a form of {LEN} bytes");
    bytes
}

fn is_unrepresentable<'a, F: Form<'a, T>, T>(_: F, cx: Context<Version>, value: &T) -> bool {
    F::first_unrepresentable(cx, value).is_some()
}

fn read_pair<'a, F: PairForm<'a, A, B>, A: Default, B: Default>(_: F, bytes: &'a [u8]) -> (A, B) {
    let mut reader = Reader::new(bytes);
    let pair: Result<_, Fault> = F::read(&mut reader, NEWEST, ["", ""], Default::default());
    assert_eq!(reader.rest().len(), 0);
    pair.unwrap()
}

fn write_pair<'a, const LEN: usize, F: PairForm<'a, A, B>, A, B>(_: F, a: &A, b: &B) -> [u8; LEN] {
    written(|sink| F::write(sink, NEWEST, (a, b)).unwrap())
}

/// Checks that an integer form writes the nearest representable number, and reports exactly those that differ.
macro_rules! nearest {
    ($Form:ident: $Wire:ty, $value:expr) => {{
        let value = $value;
        let nearest = i64::from(value).clamp(<$Wire>::MIN.into(), <$Wire>::MAX.into());
        let bytes: [u8; size_of::<$Wire>()] = write($Form, NEWEST, &value);
        let wire = <$Wire>::from_le_bytes(bytes);
        assert_eq!(i64::from(wire), nearest, "{value}");
        assert_eq!(is_unrepresentable($Form, NEWEST, &value), i64::from(wire) != i64::from(value), "{value}");
    }};
}

#[test]
#[ignore = "every number of 32 bits takes seconds: ci/exhaustive.sh"]
fn signed_numbers_are_written_as_the_nearest() {
    for value in i32::MIN..=i32::MAX {
        nearest!(U8: u8, value);
        nearest!(S8: i8, value);
        nearest!(U16: u16, value);
        nearest!(S16: i16, value);
        nearest!(U32: u32, value);
        nearest!(S32: i32, value);
    }
}

#[test]
#[ignore = "every number of 32 bits takes seconds: ci/exhaustive.sh"]
fn unsigned_numbers_are_written_as_the_nearest() {
    for value in 0..=u32::MAX {
        nearest!(U8: u8, value);
        nearest!(S8: i8, value);
        nearest!(U16: u16, value);
        nearest!(S16: i16, value);
        nearest!(U32: u32, value);
        nearest!(S32: i32, value);
    }
}

#[test]
fn two_byte_numbers_are_written_as_the_nearest_and_read_back() {
    for value in 0..=u16::MAX {
        nearest!(U8: u8, value);
        nearest!(S8: i8, value);
        nearest!(S16: i16, value);
        nearest!(U32: u32, value);
        assert_eq!(read(U16, NEWEST, &value.to_le_bytes()), (value, 2));
        let signed = value.cast_signed();
        nearest!(U8: u8, signed);
        nearest!(S8: i8, signed);
        nearest!(U16: u16, signed);
        nearest!(U32: u32, signed);
        assert_eq!(read(S16, NEWEST, &signed.to_le_bytes()), (signed, 2));
        // Into a smaller type than on the wire.
        assert_eq!(read(U16, NEWEST, &value.to_le_bytes()), (u8::try_from(value).unwrap_or(u8::MAX), 2));
        let nearest = i64::from(signed).clamp(i8::MIN.into(), i8::MAX.into());
        assert_eq!(read::<_, i8>(S16, NEWEST, &signed.to_le_bytes()), (nearest as i8, 2));
    }
}

#[test]
#[ignore = "every set of 32 flags takes seconds: ci/exhaustive.sh"]
fn flags_are_masked() {
    for bits in 0..=u32::MAX {
        let mods = Mods::from_bits_retain(bits);
        let [a, b, c, d] = bits.to_le_bytes();
        assert_eq!(write(U32, NEWEST, &mods), [a, b, c, d]);
        assert_eq!(write(U16, NEWEST, &mods), [a, b]);
        assert_eq!(write(U8, NEWEST, &mods), [a]);
        assert!(!is_unrepresentable(U32, NEWEST, &mods), "{bits:x}");
        assert_eq!(is_unrepresentable(U16, NEWEST, &mods), [c, d] != [0, 0], "{bits:x}");
        assert_eq!(is_unrepresentable(U8, NEWEST, &mods), [b, c, d] != [0, 0, 0], "{bits:x}");
        assert_eq!(Mods::from_wire(mods.to_wire()), mods);
        assert_eq!(read(U32, NEWEST, &[a, b, c, d]), (mods, 4));
        assert_eq!(read(U16, NEWEST, &[a, b]), (Mods::from_bits_retain(bits & 0xffff), 2));
    }
}

#[test]
fn bytes_are_booleans() {
    for byte in 0..=u8::MAX {
        assert_eq!(read(Bool, NEWEST, &[byte]), (byte != 0, 1));
    }
    assert_eq!([false, true].map(|value| write(Bool, NEWEST, &value)), [[0], [1]]);
}

#[test]
#[ignore = "every four bytes take seconds: ci/exhaustive.sh"]
fn four_bytes_are_booleans() {
    for number in 0..=u32::MAX {
        let bytes = number.to_le_bytes();
        assert_eq!(read(BoolS32, NEWEST, &bytes), (number == 1, 4));
        assert_eq!(read(OptionalBoolS32, NEWEST, &bytes), (number == 1, 4));
    }
    assert_eq!(read(OptionalBoolS32, NEWEST, &[]), (false, 0));
    let both = [false, true].map(|value| write(BoolS32, NEWEST, &value));
    assert_eq!(both, [[0, 0, 0, 0], [1, 0, 0, 0]]);
}

#[test]
fn button_pairs_are_read_and_states_keep_their_sides() {
    for [left, right] in (0..=u16::MAX).map(u16::to_le_bytes) {
        let (state, len) = read(LeftAndRight, NEWEST, &[left, right]);
        let sides = [ButtonState::LEFT1, ButtonState::RIGHT1].map(|side| state.contains(side));
        assert_eq!((sides, len), ([left != 0, right != 0], 2));
        assert!(!is_unrepresentable(LeftAndRight, NEWEST, &state));
        assert_eq!(write(LeftAndRight, NEWEST, &state), sides.map(u8::from));
    }
    for bits in 0..=u8::MAX {
        let state = ButtonState::from_bits_retain(bits);
        assert_eq!(
            write(LeftAndRight, NEWEST, &state),
            [bits & 0b101 != 0, bits & 0b1010 != 0].map(u8::from)
        );
        assert_eq!(is_unrepresentable(LeftAndRight, NEWEST, &state), bits & !0b11 != 0);
    }
}

/// Returns the contexts of matches with slots as bit sets, for 1 to 8 slots.
fn slot_counts() -> impl Iterator<Item = (u8, Context<Version>)> {
    (1..=8).map(|count| (count, context(Version::from_build(298).with_slots(count))))
}

#[test]
#[ignore = "every three bytes for every number of slots take seconds: ci/exhaustive.sh"]
fn slot_sets_are_read_per_slot_and_written_back_if_consistent() {
    for (count, cx) in slot_counts() {
        let within = u8::MAX >> (8 - count);
        for number in 0..1u32 << 24 {
            let [open, used, ready, _] = number.to_le_bytes();
            let (slots, len) = read::<_, Slots>(SlotSets, cx, &[open, used, ready]);
            assert_eq!(len, 3);
            for (index, slot) in slots.iter().enumerate() {
                let has = |set: u8| index < usize::from(count) && set >> index & 1 == 1;
                let expected = match (has(open), has(used), has(ready)) {
                    (_, _, true) => SlotStatus::READY,
                    (_, true, _) => SlotStatus::NOT_READY,
                    (true, ..) => SlotStatus::OPEN,
                    _ => SlotStatus::LOCKED,
                };
                assert_eq!(slot, MatchSlot { status: expected, ..MatchSlot::LOCKED });
            }
            assert!(!is_unrepresentable(SlotSets, cx, &slots));
            // Ready slots are used, and used slots are not open.
            let [open, used, ready] = [open, used, ready].map(|set| set & within);
            let used = used | ready;
            assert_eq!(write(SlotSets, cx, &slots), [open & !used, used, ready]);
        }
    }
}

#[test]
fn slot_statuses_are_written_to_their_sets() {
    for (count, cx) in slot_counts() {
        for (index, bits) in (0..16usize).flat_map(|index| (0..=u8::MAX).map(move |bits| (index, bits))) {
            let status = SlotStatus::from_bits_retain(bits);
            let mut slots = Slots::LOCKED;
            slots.set(index, MatchSlot { status, ..MatchSlot::LOCKED });
            let is_on_wire = index < usize::from(count);
            let sets = [bits == 1, bits & 0b0111_1100 != 0, bits == 8];
            let expected = sets.map(|is_in| u8::from(is_in && is_on_wire) << (index % 8));
            assert_eq!(write(SlotSets, cx, &slots), expected, "{bits:08b} in slot {index} of {count}");
            let is_known = matches!(bits, 1 | 2 | 4 | 8);
            assert_eq!(
                is_unrepresentable(SlotSets, cx, &slots),
                if is_on_wire { !is_known } else { bits != 2 }
            );
        }
    }
}

#[test]
fn slot_statuses_are_written_as_separate_bytes() {
    for count in 1..=16u8 {
        let cx = context(Version::LATEST.with_slots(count));
        for (index, bits) in (0..16usize).flat_map(|index| (0..=u8::MAX).map(move |bits| (index, bits))) {
            let status = SlotStatus::from_bits_retain(bits);
            let mut slots = Slots::LOCKED;
            slots.set(index, MatchSlot { status, ..MatchSlot::LOCKED });
            let (mut bytes, len) = ([0xee; 16], usize::from(count));
            let mut sink = SliceSink::new(&mut bytes);
            <SlotStatuses as Form<'_, Slots>>::write(&mut sink, cx, &slots).unwrap();
            assert_eq!(sink.room(), 16 - len);
            let expected = |at| if at == index { bits } else { SlotStatus::LOCKED.bits() };
            assert!(bytes[..len].iter().copied().eq((0..len).map(expected)));
            let is_cut = index >= len && status != SlotStatus::LOCKED;
            assert_eq!(is_unrepresentable(SlotStatuses, cx, &slots), is_cut);
            if !is_cut {
                assert_eq!(read(SlotStatuses, cx, &bytes[..len]), (slots, len));
            }
        }
    }
}

#[test]
fn actions_before_b338_keep_their_numbers() {
    for byte in 0..=u8::MAX {
        let (action, has_new_stats): (Status, bool) = read_pair(ActionBefore338, &[byte]);
        let expected = match byte {
            10 => 0,
            0..10 => byte,
            _ => byte - 1,
        };
        assert_eq!((action, has_new_stats), (Status(expected), byte == 10));
        assert_eq!(write_pair(ActionBefore338, &action, &has_new_stats), [byte]);
        assert_eq!(ActionBefore338::first_unrepresentable(NEWEST, (&action, &has_new_stats)), None);
    }
    for (action, has_new_stats) in (0..=u8::MAX).flat_map(|action| [(action, false), (action, true)]) {
        let pair = (&Status(action), &has_new_stats);
        let [byte] = write_pair(ActionBefore338, pair.0, pair.1);
        let is_kept = read_pair(ActionBefore338, &[byte]) == (*pair.0, *pair.1);
        assert_eq!(ActionBefore338::first_unrepresentable(NEWEST, pair).is_none(), is_kept, "{pair:?}");
    }
}

#[test]
fn permissions_and_modes_share_a_byte() {
    for byte in 0..=u8::MAX {
        let (permissions, mode): (Permissions, Mode) = read_pair(PermissionsAndMode, &[byte]);
        assert_eq!((permissions.bits(), mode.0), (u32::from(byte % 32), byte / 32));
        assert_eq!(write_pair(PermissionsAndMode, &permissions, &mode), [byte]);
    }
    for (bits, mode) in (0..1024).flat_map(|bits| (0..=u8::MAX).map(move |mode| (bits, Mode(mode)))) {
        let permissions = Permissions::from_bits_retain(bits);
        let [byte] = write_pair(PermissionsAndMode, &permissions, &mode);
        let is_kept = read_pair(PermissionsAndMode, &[byte]) == (permissions, mode);
        assert_eq!(
            PermissionsAndMode::first_unrepresentable(NEWEST, (&permissions, &mode)).is_none(),
            is_kept
        );
    }
}

#[test]
fn hours_are_kept_or_reported() {
    for byte in 0..=u8::MAX {
        let (hours, len): (i16, _) = read(HoursPlus24, NEWEST, &[byte]);
        assert_eq!((hours, len), (i16::from(byte) - 24, 1));
        assert_eq!(write(HoursPlus24, NEWEST, &hours), [byte]);
    }
    for hours in i16::MIN..=i16::MAX {
        let [byte] = write(HoursPlus24, NEWEST, &hours);
        assert_eq!(i32::from(byte), (i32::from(hours) + 24).clamp(0, 255));
        assert_eq!(is_unrepresentable(HoursPlus24, NEWEST, &hours), i32::from(byte) != i32::from(hours) + 24);
    }
}

#[test]
fn ranked_statuses_are_replaced_for_the_version() {
    for version in Version::all() {
        let cx = context(version);
        for byte in 0..=u8::MAX {
            let status = RankedStatus(byte.cast_signed());
            assert_eq!(read(RankedByte, cx, &[byte]), (status, 1));
            let told = compat::ranked_status(version, status);
            assert_eq!(write(RankedByte, cx, &status), [told.0.cast_unsigned()]);
            assert_eq!(is_unrepresentable(RankedByte, cx, &status), told != status);
            // Replacing a status is idempotent.
            assert_eq!(compat::ranked_status(version, told), told);
            let (read_status, _): (RankedStatus, _) = read(RankedFlag, cx, &[byte]);
            assert_eq!(read_status.is_ranked(), byte != 0);
            let [flag] = write(RankedFlag, cx, &status);
            assert_eq!(flag == 1, status.0 >= 1);
            let is_kept = read(RankedFlag, cx, &[flag]) == (status, 1);
            assert_eq!(is_unrepresentable(RankedFlag, cx, &status), !is_kept);
        }
    }
}

#[test]
#[ignore = "every number of 32 bits takes seconds: ci/exhaustive.sh"]
fn signed_ids_mark_irc_users_and_f32_values_are_widened() {
    for bits in 0..=u32::MAX {
        let bytes = bits.to_le_bytes();
        let (id, is_irc): (i32, bool) = read_pair(SignedId, &bytes);
        assert_eq!((id.cast_unsigned(), is_irc), (bits, bits >> 31 == 1));
        assert_eq!(write_pair(SignedId, &id, &is_irc), bytes);
        assert_eq!(SignedId::first_unrepresentable(NEWEST, (&id, &is_irc)), None);
        assert_eq!(SignedId::first_unrepresentable(NEWEST, (&id, &!is_irc)), Some(1));
        let (wide, _): (f64, _) = read(F32, NEWEST, &bytes);
        assert_eq!(write(F32, NEWEST, &wide), bytes);
        assert!(!is_unrepresentable(F32, NEWEST, &wide), "{bits:08x}");
    }
}

#[test]
fn ids_and_wire_ids_map_to_each_other() {
    const IRC_JOIN: u16 = PacketId::IRC_JOIN.0;
    const BEATMAP: u16 = PacketId::MATCH_CHANGE_BEATMAP.0;
    for version in Version::all() {
        // The two packets that only old versions have: their numbers, the ids that have no number or share one
        // with another packet, and the numbers that no packet has.
        let (irc_join, beatmap, ids, numbers): (_, _, &[u16], &[u16]) = match version.build() {
            ..323 => (Some(11), None, &[45, BEATMAP], &[51, 0xffff]),
            323..334 => (Some(11), Some(50), &[45, 50], &[0xfffe, 0xffff]),
            334..340 => (Some(11), Some(51), &[], &[]),
            340..1788 => (Some(11), None, &[BEATMAP], &[0xffff]),
            _ => (None, None, &[BEATMAP, IRC_JOIN], &[0xfffe, 0xffff]),
        };
        assert_eq!(PacketId::IRC_JOIN.on_wire(version), irc_join, "{version}");
        assert_eq!(PacketId::MATCH_CHANGE_BEATMAP.on_wire(version), beatmap, "{version}");

        let is_astray = |id: &u16| {
            let wire = PacketId(*id).on_wire(version);
            wire.and_then(|wire| PacketId::from_wire(version, wire)) != Some(PacketId(*id))
        };
        assert!((0..=u16::MAX).filter(is_astray).eq(ids.iter().copied()), "{version}");
        let is_unwritten = |wire: &u16| {
            let id = PacketId::from_wire(version, *wire);
            id.and_then(|id| id.on_wire(version)) != Some(*wire)
        };
        assert!((0..=u16::MAX).filter(is_unwritten).eq(numbers.iter().copied()), "{version}");

        // The order of packets is preserved.
        let numbers = (0..BEATMAP).filter_map(|id| PacketId(id).on_wire(version));
        assert!(numbers.is_sorted(), "{version}");
    }
}

#[test]
fn builds_belong_to_the_newest_class_that_is_not_newer() {
    let newest = CLASSES.last().unwrap().first;
    let mut classes = CLASSES.iter().peekable();
    let mut class = classes.next().unwrap();
    for build in 0..=newest + 100_000 {
        if let Some(next) = classes.next_if(|next| next.first == build) {
            class = next;
        }
        let version = Version::from_build(build);
        assert_eq!((version.build(), version.protocol()), (class.build, class.protocol), "{build}");
    }
    // Other builds are only compared with these.
    assert_eq!(Version::from_build(u32::MAX), Version::LATEST);
}
