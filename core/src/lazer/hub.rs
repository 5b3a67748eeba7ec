//! The hubs, and the names of what can be called there.

/// A hub of osu!lazer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Hub {
    /// Watching others play; MessagePack.
    Spectator,
    /// Rooms, quick play, ranked play; MessagePack.
    Multiplayer,
    /// Who is there and does what, and which beatmaps change; MessagePack.
    Metadata,
    /// Rooms, for programs that referee them; JSON.
    Referee,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// A client, which calls the hub.
    Client,
    /// The server, which calls clients, and never waits for a completion.
    Server,
}

/// A method of a hub, or of its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Method {
    /// The hub.
    pub hub: Hub,
    /// Who calls.
    pub caller: Side,
    /// The method's exact name, by which it is called.
    pub target: &'static str,
    /// The names of what it takes, in order. There is never one more or less.
    pub arguments: &'static [&'static str],
    /// Whether it gives something. What gives nothing is completed with a null.
    pub has_result: bool,
}

impl Hub {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spectator, Self::Multiplayer, Self::Metadata, Self::Referee];

    /// The hub's name, as in its path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spectator => "spectator",
            Self::Multiplayer => "multiplayer",
            Self::Metadata => "metadata",
            Self::Referee => "referee",
        }
    }

    /// The hub's path on its server, as in `/spectator`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Spectator => "/spectator",
            Self::Multiplayer => "/multiplayer",
            Self::Metadata => "/metadata",
            Self::Referee => "/referee",
        }
    }

    /// What one side calls: all methods.
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

    /// The method of this exact name; .NET's server would take it in other letters too.
    ///
    /// ```
    /// use lobbywire_core::lazer::{Hub, Side};
    ///
    /// let method = Hub::Multiplayer.method(Side::Client, "ChangeUserStyle").unwrap();
    /// assert_eq!(method.arguments, ["beatmap_id", "ruleset_id"]);
    /// assert!(!method.has_result);
    /// ```
    pub fn method(self, caller: Side, target: &str) -> Option<&'static Method> {
        self.methods(caller).iter().find(|method| method.target == target)
    }
}

impl core::str::FromStr for Hub {
    type Err = UnknownHub;

    fn from_str(name: &str) -> Result<Self, UnknownHub> {
        Self::ALL.into_iter().find(|hub| hub.name() == name).ok_or(UnknownHub)
    }
}

/// There is no hub of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnknownHub;

impl core::fmt::Display for UnknownHub {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a hub is one of spectator, multiplayer, metadata and referee")
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

lazer_spectator_methods!(names);
lazer_multiplayer_methods!(names);
lazer_metadata_methods!(names);
lazer_referee_methods!(names);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_methods_as_were_counted_at_the_source() {
        let count = |hub: Hub| (hub.methods(Side::Client).len(), hub.methods(Side::Server).len());
        assert_eq!(Hub::ALL.map(count), [(8, 8), (35, 39), (8, 7), (21, 23)]);
    }

    #[test]
    fn each_is_found_under_its_name_only() {
        for hub in Hub::ALL {
            assert_eq!(hub.name().parse(), Ok(hub));
            for side in [Side::Client, Side::Server] {
                for method in hub.methods(side) {
                    assert_eq!(hub.method(side, method.target), Some(method));
                    assert_eq!((method.hub, method.caller), (hub, side));
                    assert!(side == Side::Client || !method.has_result);
                }
                assert_eq!(hub.method(side, "startWatchingUser"), None);
            }
        }
        assert_eq!("chat".parse::<Hub>(), Err(UnknownHub));
        // So a method tells who calls it.
        for hub in Hub::ALL {
            for method in hub.methods(Side::Client) {
                assert_eq!(hub.method(Side::Server, method.target), None);
            }
        }
    }
}
