//! Deserialization of packets from the JSON of the command-line tool.
//!
//! Values are deserialized in place, so that missing fields keep the default of their packet. serde's derived
//! implementations cannot do this, so the macros of the types generate it.

use super::owned_macro::single_values;
use super::{Avatar, Unknown, UserInfo, UserUpdate, Users};
use crate::bancho::types::{
    AvatarExtension, ButtonState, Completeness, MatchSlot, MatchType, Permissions, PresenceFilter, QuitState,
    Rank, RankedStatus, ReplayAction, ReplayFrame, ScoringType, SlotStatus, SlotTeam, Slots, Status,
    TeamType, UserStats,
};
use crate::bancho::{Mode, Mods};
use lobbywire_core::bancho::json::Name;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::fmt;
use std::marker::PhantomData;

/// A value that can be deserialized in place.
pub(crate) trait DeserializeInPlace {
    /// Deserializes the fields that are present, and leaves the others unchanged.
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error>;
}

/// A struct whose fields can be deserialized in place.
pub(crate) trait DeserializeFieldsInPlace {
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// The field with this name, if there is one.
    fn known(name: &str) -> Option<&'static str> {
        Self::NAMES.iter().copied().find(|known| *known == name)
    }

    /// Deserializes the next value into one of the [known](Self::known) fields.
    fn fill_field<'de, A: MapAccess<'de>>(&mut self, name: &'static str, map: &mut A)
    -> Result<(), A::Error>;
}

/// Deserializes a struct in place from a map of its fields. The deserializer receives their names.
pub(crate) fn deserialize_map_in_place<'de, T: DeserializeFieldsInPlace, D: Deserializer<'de>>(
    value: &mut T,
    deserializer: D,
) -> Result<(), D::Error> {
    deserializer.deserialize_struct("object", T::NAMES, Fields(value))
}

/// Deserializes a value over its default.
pub(crate) fn deserialize_default_in_place<'de, T: DeserializeInPlace + Default, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut value = T::default();
    value.deserialize_in_place(deserializer)?;
    Ok(value)
}

/// The names of a struct's fields, with those of chio's struct that no version sends. They are read and dropped.
macro_rules! accepted_names {
    (Channel $($name:expr),*) => { &[$($name,)* "owner"] };
    ($Struct:ident $($name:expr),*) => { &[$($name),*] };
}

/// Implements deserialization in place from a map of the fields.
macro_rules! in_place_fields {
    ($Struct:ident $($field:ident)*) => {
        impl $crate::bancho::owned::in_place::DeserializeFieldsInPlace for $Struct {
            const NAMES: &'static [&'static str] = $crate::bancho::owned::in_place::accepted_names!(
                $Struct $(lobbywire_core::declarations::field_name!($field)),*
            );

            fn fill_field<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                name: &'static str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                $(
                    if name == lobbywire_core::declarations::field_name!($field) {
                        return map.next_value_seed($crate::bancho::owned::in_place::InPlace(&mut self.$field));
                    }
                )*
                // A field that no version sends.
                map.next_value::<serde::de::IgnoredAny>().map(|_| ())
            }
        }

        impl $crate::bancho::owned::in_place::DeserializeInPlace for $Struct {
            fn deserialize_in_place<'de, D: serde::Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                $crate::bancho::owned::in_place::deserialize_map_in_place(self, deserializer)
            }
        }
    };
}

/// Implements deserialization of the packets of a side by their names.
macro_rules! named_packets {
    ($module:ident) => {
        impl Packet {
            /// Deserializes the data of the packet with this name; `None` if there is no such packet. `null` is the
            /// default packet.
            ///
            /// # Errors
            /// The inner result has the errors of the deserializer, and of values with another type than the packet's.
            pub fn deserialize_data<'de, D: serde::Deserializer<'de>>(
                name: &str,
                data: D,
            ) -> Option<Result<Self, D::Error>> {
                let mut packet = Self::default_by_name(name)?;
                Some(packet.deserialize_in_place(data).map(|()| packet))
            }
        }

        impl $crate::bancho::owned::in_place::ByName for Packet {
            const SIDE: &'static str = stringify!($module);

            fn by_name(name: &str) -> Option<Self> {
                Self::default_by_name(name)
            }
        }

        impl<'de> serde::Deserialize<'de> for Packet {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::bancho::owned::in_place::named(deserializer)
            }
        }
    };
}

/// Implements deserialization in place for single values.
macro_rules! in_place_values {
    ($($Type:ty),+ $(,)?) => {$(
        impl $crate::bancho::owned::in_place::DeserializeInPlace for $Type {
            fn deserialize_in_place<'de, D: serde::Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                *self = lobbywire_core::bancho::json::DeserializeJson::deserialize_json(deserializer)?;
                Ok(())
            }
        }
    )+};
}

pub(super) use {accepted_names, in_place_fields, in_place_values, named_packets};

/// The packets of a side.
pub(crate) trait ByName: DeserializeInPlace + Sized {
    /// Who sends them.
    const SIDE: &'static str;

    /// The default packet with this name.
    fn by_name(name: &str) -> Option<Self>;
}

/// Deserializes `{"packet": NAME, "data": VALUE}`.
pub(crate) fn named<'de, P: ByName, D: Deserializer<'de>>(deserializer: D) -> Result<P, D::Error> {
    deserializer.deserialize_map(Named(PhantomData))
}

struct Named<P>(PhantomData<P>);

impl<'de, P: ByName> Visitor<'de> for Named<P> {
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{\"packet\": NAME, \"data\": VALUE}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<P, A::Error> {
        const KEYS: [&str; 2] = ["packet", "data"];
        let (mut packet, mut data, mut is_filled) = (None::<P>, serde_json::Value::Null, false);
        let key = |name: &str| KEYS.into_iter().find(|key| *key == name);
        while let Some(key) = map.next_key_seed(Name(key))? {
            match (key, &mut packet) {
                (Some("packet"), _) => {
                    let name: String = map.next_value()?;
                    let unknown = || Error::custom(format_args!("unknown {} packet {name:?}", P::SIDE));
                    packet = Some(P::by_name(&name).ok_or_else(unknown)?);
                }
                (Some(_), Some(packet)) => {
                    map.next_value_seed(Data(packet))?;
                    is_filled = true;
                }
                // The name, which decides the type, follows later.
                (Some(_), None) => data = map.next_value()?,
                (None, _) => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        let mut packet = packet.ok_or_else(|| Error::missing_field("packet"))?;
        if !is_filled {
            packet.deserialize_in_place(data).map_err(Error::custom)?;
        }
        Ok(packet)
    }
}

/// Deserializes the data of a packet in place.
struct Data<'v, P>(&'v mut P);

impl<'de, P: ByName> DeserializeSeed<'de> for Data<'_, P> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.deserialize_in_place(deserializer)
    }
}

/// Deserializes a field in place; `null` leaves it unchanged.
pub(crate) struct InPlace<'v, T>(pub(crate) &'v mut T);

impl<'de, T: DeserializeInPlace> DeserializeSeed<'de> for InPlace<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(Optional(self.0)).map(|_| ())
    }
}

/// Deserializes a value in place, if there is one. Returns whether there was.
struct Optional<'v, T>(&'v mut T);

impl<'de, T: DeserializeInPlace> Visitor<'de> for Optional<'_, T> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.0.deserialize_in_place(deserializer).map(|()| true)
    }
}

struct Fields<'v, T>(&'v mut T);

impl<'de, T: DeserializeFieldsInPlace> Visitor<'de> for Fields<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name(T::known))? {
            match name {
                Some(name) => self.0.fill_field(name, &mut map)?,
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

/// Implements deserialization in place for a struct of the core that borrows nothing.
macro_rules! in_place_struct {
    ($(#[$meta:meta])* struct $Struct:ident {
        $($(#[$field_meta:meta])* $field:ident: $Field:ty = $default:expr $(=> $optional:ident)?,)*
    }) => {
        in_place_fields!($Struct $($field)*);
    };
}

lobbywire_core::declarations::MatchSlot! { in_place_struct }
lobbywire_core::declarations::ReplayFrame! { in_place_struct }
lobbywire_core::declarations::UserStats! { in_place_struct }

single_values!(in_place_values);

impl DeserializeInPlace for String {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = Self::deserialize(deserializer)?;
        Ok(())
    }
}

impl<T: DeserializeInPlace + Default> DeserializeInPlace for Option<T> {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let mut value = T::default();
        let is_there = deserializer.deserialize_option(Optional(&mut value))?;
        *self = is_there.then_some(value);
        Ok(())
    }
}

impl<T: DeserializeInPlace + Default> DeserializeInPlace for Vec<T> {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = deserializer.deserialize_seq(Elements(PhantomData))?;
        Ok(())
    }
}

/// A list whose elements are deserialized over their defaults.
struct Elements<T>(PhantomData<T>);

impl<'de, T: DeserializeInPlace + Default> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Element(PhantomData))? {
            elements.push(element);
        }
        Ok(elements)
    }
}

struct Element<T>(PhantomData<T>);

impl<'de, T: DeserializeInPlace + Default> DeserializeSeed<'de> for Element<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserialize_default_in_place(deserializer)
    }
}

impl DeserializeInPlace for Slots {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let slots: Vec<MatchSlot> = deserializer.deserialize_seq(Elements(PhantomData))?;
        *self = slots.as_slice().into();
        Ok(())
    }
}

impl DeserializeInPlace for Avatar {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = deserializer.deserialize_any(NumberOrName)?;
        Ok(())
    }
}

struct NumberOrName;

impl Visitor<'_> for NumberOrName {
    type Value = Avatar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of an extension, or a file's name")
    }

    fn visit_u64<E>(self, value: u64) -> Result<Avatar, E> {
        Ok(Avatar::Extension(AvatarExtension(value.try_into().unwrap_or(u8::MAX))))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Avatar, E> {
        self.visit_u64(value.max(0).unsigned_abs())
    }

    fn visit_str<E>(self, name: &str) -> Result<Avatar, E> {
        Ok(Avatar::File(name.to_owned()))
    }
}

const COMPLETENESS: &str = "completeness";

impl DeserializeFieldsInPlace for UserUpdate {
    const NAMES: &'static [&'static str] = &{
        let mut names = [COMPLETENESS; UserInfo::NAMES.len() + 1];
        let mut at = 0;
        while at < UserInfo::NAMES.len() {
            names[at] = UserInfo::NAMES[at];
            at += 1;
        }
        names
    };

    fn fill_field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if name == COMPLETENESS {
            map.next_value_seed(InPlace(&mut self.completeness))
        } else {
            self.info.fill_field(name, map)
        }
    }
}

impl DeserializeInPlace for UserUpdate {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        deserialize_map_in_place(self, deserializer)
    }
}

/// A user in a list of users.
#[derive(Default)]
struct UserInList {
    info: UserInfo,
    /// Whether there are other fields than the id.
    has_details: bool,
}

impl DeserializeFieldsInPlace for UserInList {
    const NAMES: &'static [&'static str] = UserInfo::NAMES;

    fn fill_field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        self.has_details |= name != "id";
        self.info.fill_field(name, map)
    }
}

impl DeserializeInPlace for UserInList {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        deserialize_map_in_place(self, deserializer)
    }
}

impl DeserializeInPlace for Users {
    /// Users with only an id are ids.
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let users: Vec<UserInList> = deserializer.deserialize_seq(Elements(PhantomData))?;
        *self = if users.iter().any(|user| user.has_details) {
            Self::Infos(users.into_iter().map(|user| user.info).collect())
        } else {
            Self::Ids(users.into_iter().map(|user| user.info.id).collect())
        };
        Ok(())
    }
}

/// The fields of an [`Unknown`].
#[derive(Default)]
struct UnknownFields {
    id: Option<u16>,
    payload: Option<Vec<u8>>,
}

impl DeserializeFieldsInPlace for UnknownFields {
    const NAMES: &'static [&'static str] = &["id", "payload"];

    fn fill_field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            "id" => self.id = Some(map.next_value_seed(WireId)?),
            _ => self.payload = Some(map.next_value_seed(HexDigits)?),
        }
        Ok(())
    }
}

impl DeserializeInPlace for UnknownFields {
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        deserialize_map_in_place(self, deserializer)
    }
}

impl DeserializeInPlace for Unknown {
    /// Both fields are required.
    fn deserialize_in_place<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let mut fields = UnknownFields::default();
        InPlace(&mut fields).deserialize(deserializer)?;
        self.wire_id = fields.id.ok_or_else(|| D::Error::missing_field("id"))?;
        self.payload = fields.payload.ok_or_else(|| D::Error::missing_field("payload"))?.into();
        Ok(())
    }
}

/// A wire id, which does not saturate.
struct WireId;

impl<'de> DeserializeSeed<'de> for WireId {
    type Value = u16;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u16, D::Error> {
        deserializer.deserialize_u16(self)
    }
}

impl Visitor<'_> for WireId {
    type Value = u16;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 65535")
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<u16, E> {
        id.try_into().map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(id), &self))
    }
}

/// Bytes as hexadecimal digits.
struct HexDigits;

impl<'de> DeserializeSeed<'de> for HexDigits {
    type Value = Vec<u8>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for HexDigits {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hexadecimal digits, two a byte")
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<Vec<u8>, E> {
        let wrong = || E::invalid_value(serde::de::Unexpected::Str(digits), &self);
        let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return Err(wrong()) };
        let byte = |pair: &[u8; 2]| {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            u8::try_from(high? << 4 | low?).ok()
        };
        pairs.iter().map(byte).collect::<Option<_>>().ok_or_else(wrong)
    }
}
