//! The hubs and their methods.

/// A hub of osu!lazer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Hub {
    /// Spectating. MessagePack.
    Spectator,
    /// Multiplayer rooms, quick play and ranked play. MessagePack.
    Multiplayer,
    /// Online users, their activities, and beatmap updates. MessagePack.
    Metadata,
    /// Refereeing of multiplayer rooms by programs. JSON.
    Referee,
}

/// The side that calls a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// The client, which calls methods of the hub.
    Client,
    /// The server, which calls methods of clients. It never requests a completion.
    Server,
}

/// A method of a hub, or of the hub's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Method {
    /// The hub.
    pub hub: Hub,
    /// The side that calls the method.
    pub caller: Side,
    /// The method's name, as clients and servers write it. They ignore its case.
    pub target: &'static str,
    /// The names of the arguments, in order. Their number is fixed.
    pub arguments: &'static [&'static str],
    /// Whether the method returns a value. Other methods complete with nil.
    pub has_result: bool,
}

impl Hub {
    /// All hubs.
    pub const ALL: &'static [Self] = &[Self::Spectator, Self::Multiplayer, Self::Metadata, Self::Referee];

    /// The hub's name, as used in its path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spectator => "spectator",
            Self::Multiplayer => "multiplayer",
            Self::Metadata => "metadata",
            Self::Referee => "referee",
        }
    }

    /// The hub's path on the server, such as `/spectator`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Spectator => "/spectator",
            Self::Multiplayer => "/multiplayer",
            Self::Metadata => "/metadata",
            Self::Referee => "/referee",
        }
    }

    /// All methods that this side calls.
    pub const fn methods(self, caller: Side) -> &'static [Method] {
        match (self, caller) {
            (Self::Spectator, Side::Client) => spectator::CLIENT,
            (Self::Spectator, Side::Server) => spectator::SERVER,
            (Self::Multiplayer, Side::Client) => multiplayer::CLIENT,
            (Self::Multiplayer, Side::Server) => multiplayer::SERVER,
            (Self::Metadata, Side::Client) => metadata::CLIENT,
            (Self::Metadata, Side::Server) => metadata::SERVER,
            (Self::Referee, Side::Client) => referee::CLIENT,
            (Self::Referee, Side::Server) => referee::SERVER,
        }
    }

    /// Returns the method with this name. Case is ignored, as in .NET.
    ///
    /// ```
    /// use lobbywire_core::lazer::{Hub, Side};
    ///
    /// let method = Hub::Multiplayer.method(Side::Client, "ChangeUserStyle").unwrap();
    /// assert_eq!(method.arguments, ["beatmap_id", "ruleset_id"]);
    /// assert!(!method.has_result);
    /// ```
    pub fn method(self, caller: Side, target: &str) -> Option<&'static Method> {
        self.methods(caller).iter().find(|method| method.target.eq_ignore_ascii_case(target))
    }
}

impl core::str::FromStr for Hub {
    type Err = UnknownHub;

    fn from_str(name: &str) -> Result<Self, UnknownHub> {
        Self::ALL.iter().copied().find(|hub| hub.name() == name).ok_or(UnknownHub)
    }
}

/// The error for an unknown hub name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnknownHub;

impl core::fmt::Display for UnknownHub {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("unknown hub: use spectator, multiplayer, metadata or referee")
    }
}

impl core::error::Error for UnknownHub {}

macro_rules! names {
    ($module:ident $Hub:ident $($side:ident {
        $(
            $(#[$docs:meta])*
            $Target:ident $(<$a:lifetime>)? ($($argument:ident: $Type:ident $(<$Of:ident>)?),*) $(-> $Result:ty)?;
        )*
    })*) => {
        mod $module {
            use super::{Hub, Method, Side};

            $(names!(@side $Hub $side $($Target ($($argument)*) [$($Result)?])*);)*
        }
    };
    (@side $Hub:ident client $($rows:tt)*) => { names!(@list $Hub CLIENT Client $($rows)*); };
    (@side $Hub:ident server $($rows:tt)*) => { names!(@list $Hub SERVER Server $($rows)*); };
    (@list $Hub:ident $LIST:ident $Side:ident $($Target:ident ($($argument:ident)*) [$($Result:ty)?])*) => {
        pub(super) const $LIST: &[Method] = &[$(Method {
            hub: Hub::$Hub,
            caller: Side::$Side,
            target: stringify!($Target),
            arguments: &[$(stringify!($argument)),*],
            has_result: names!(@has_result $($Result)?),
        },)*];
    };
    (@has_result) => { false };
    (@has_result $Result:ty) => { true };
}

__lazer_spectator_methods!(names);
__lazer_multiplayer_methods!(names);
__lazer_metadata_methods!(names);
__lazer_referee_methods!(names);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hub_has_all_methods_of_the_source() {
        let count = |hub: Hub| (hub.methods(Side::Client).len(), hub.methods(Side::Server).len());
        assert!(Hub::ALL.iter().copied().map(count).eq([(8, 8), (35, 39), (8, 7), (21, 23)]));
    }

    #[test]
    fn methods_are_found_by_name_in_any_case() {
        for &hub in Hub::ALL {
            assert_eq!(hub.name().parse(), Ok(hub));
            assert_eq!(hub.path().strip_prefix('/'), Some(hub.name()));
            for side in [Side::Client, Side::Server] {
                for method in hub.methods(side) {
                    for target in
                        [method.target.into(), method.target.to_lowercase(), method.target.to_uppercase()]
                    {
                        assert_eq!(hub.method(side, &target), Some(method));
                    }
                    assert_eq!((method.hub, method.caller), (hub, side));
                    assert!(side == Side::Client || !method.has_result);
                }
                assert_eq!(hub.method(side, "StartWatching"), None);
            }
        }
        assert_eq!("chat".parse::<Hub>(), Err(UnknownHub));
        // No name is used by both sides, so a name identifies the caller.
        for &hub in Hub::ALL {
            for method in hub.methods(Side::Client) {
                assert_eq!(hub.method(Side::Server, method.target), None);
            }
        }
    }
}
