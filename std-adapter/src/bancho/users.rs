//! A bounded store of users.

use super::types::{
    Avatar, Completeness, QuitState, UserInfo, UserPresence, UserQuit, UserStats, UserStatus, UserUpdate,
};
use std::collections::{BTreeMap, HashMap};

/// The limits of a [`Bridge`](super::Bridge)'s memory.
///
/// A user occupies about 350 bytes plus its texts. The total is limited to [`most_bytes`](Self::most_bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryLimits {
    /// The maximum number of users. Above it, the least recently updated user is evicted.
    pub users: usize,
    /// The maximum total length of a user's texts (name, city, avatar, status and checksum) in bytes. Users with
    /// longer texts are not stored.
    pub texts: usize,
}

impl Default for MemoryLimits {
    /// 4,096 users with 512 bytes of texts each, at most 5.6 MB.
    fn default() -> Self {
        Self { users: 4096, texts: 512 }
    }
}

impl MemoryLimits {
    /// Returns the maximum memory in bytes, without the overhead of the maps.
    pub const fn most_bytes(&self) -> usize {
        // The map by name contains the name, too.
        self.users.saturating_mul(USER.saturating_add(self.texts.saturating_mul(2)))
    }
}

/// The memory of a user without its texts.
const USER: usize = size_of::<User>() + 2 * size_of::<i32>() + 2 * size_of::<u64>() + size_of::<Box<str>>();

/// The known data of a user.
#[derive(Debug, Default)]
pub(crate) struct User {
    /// All fields except texts, which are empty here.
    rest: UserInfo<'static>,
    name: Box<str>,
    city: Box<str>,
    /// The avatar's file name, if it is not the usual one.
    avatar: Option<Box<str>>,
    status_text: Box<str>,
    beatmap_checksum: Box<str>,
    /// The logical time of the last update.
    age: u64,
    /// Whether the name and location are known.
    pub(crate) knows_presence: bool,
    /// Whether the status and its details are known.
    pub(crate) knows_status: bool,
    /// Whether the stats are known.
    pub(crate) knows_stats: bool,
    /// The stats last sent to the client; `None` if it has not received the user.
    pub(crate) sent: Option<UserStats>,
    /// Whether the missing data was requested from the server.
    pub(crate) is_requested: bool,
}

impl User {
    fn new(id: i32, age: u64) -> Self {
        Self { rest: UserInfo { id, ..UserInfo::default() }, age, ..Self::default() }
    }

    /// Returns the user, with defaults for unknown fields.
    pub(crate) fn info(&self) -> UserInfo<'_> {
        let UserInfo { presence, status, .. } = self.rest;
        let avatar = self.avatar.as_deref().map_or(presence.avatar, Avatar::File);
        let (city, text, beatmap_checksum) = (&*self.city, &*self.status_text, &*self.beatmap_checksum);
        UserInfo {
            name: &self.name,
            presence: UserPresence { city, avatar, ..presence },
            status: UserStatus { text, beatmap_checksum, ..status },
            ..self.rest
        }
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the user is connected via IRC.
    pub(crate) fn is_irc(&self) -> bool {
        self.rest.presence.is_irc
    }

    /// Returns whether the client has received the name of this IRC user.
    pub(crate) fn is_sent_irc(&self) -> bool {
        self.is_irc() && self.sent.is_some()
    }

    /// Returns the stats.
    pub(crate) fn stats(&self) -> UserStats {
        self.rest.stats
    }

    /// Stores a status if the total length of its texts is at most `texts` bytes.
    pub(crate) fn learn_status(&mut self, status: &UserStatus<'_>, texts: usize) {
        if status.text.len().saturating_add(status.beatmap_checksum.len()) <= texts {
            self.set_status(status);
        } else {
            *self = Self::default();
        }
    }

    fn set_presence(&mut self, info: &UserInfo<'_>) {
        let UserPresence {
            is_irc,
            timezone,
            country_index,
            permissions,
            longitude,
            latitude,
            city,
            avatar,
            ..
        } = info.presence;
        let extension = match avatar {
            Avatar::Extension(extension) => extension,
            _ => Default::default(),
        };
        self.rest.presence = UserPresence {
            is_irc,
            timezone,
            country_index,
            permissions,
            longitude,
            latitude,
            city: "",
            avatar: Avatar::Extension(extension),
            ..Default::default()
        };
        replace(&mut self.name, info.name);
        replace(&mut self.city, city);
        self.avatar = match avatar {
            Avatar::File(file) => Some(file.into()),
            _ => None,
        };
        self.knows_presence = true;
    }

    fn set_status(&mut self, status: &UserStatus<'_>) {
        let UserStatus { action, text, mods, mode, beatmap_checksum, beatmap_id, .. } = *status;
        self.rest.status.action = action;
        // Otherwise the details are unchanged.
        if status.beatmap_update {
            self.rest.status = UserStatus { action, mods, mode, beatmap_id, ..UserStatus::default() };
            replace(&mut self.status_text, text);
            replace(&mut self.beatmap_checksum, beatmap_checksum);
            self.knows_status = true;
        }
    }

    /// Returns the total length of the texts in bytes.
    fn texts(&self) -> usize {
        let texts = [&self.name, &self.city, &self.status_text, &self.beatmap_checksum];
        texts.into_iter().chain(&self.avatar).map(|text| text.len()).sum()
    }
}

/// Replaces a text if it changed, which is rare.
fn replace(text: &mut Box<str>, by: &str) {
    if **text != *by {
        *text = by.into();
    }
}

/// The store of users.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub(crate) limits: MemoryLimits,
    by_id: BTreeMap<i32, User>,
    by_age: BTreeMap<u64, i32>,
    by_name: HashMap<Box<str>, i32>,
    clock: u64,
}

impl Users {
    /// Returns the number of users.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns the memory of the users in bytes, without the overhead of the maps.
    pub(crate) fn bytes(&self) -> usize {
        let names: usize = self.by_name.keys().map(|name| name.len()).sum();
        let texts: usize = self.by_id.values().map(User::texts).sum();
        names + texts + self.len() * USER
    }

    /// Returns all users in order of ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_id.values()
    }

    /// Returns the user with this id.
    pub(crate) fn get(&self, id: i32) -> Option<&User> {
        self.by_id.get(&id)
    }

    /// As [`get`](Self::get), to record what was sent and requested.
    pub(crate) fn get_mut(&mut self, id: i32) -> Option<&mut User> {
        self.by_id.get_mut(&id)
    }

    /// Returns the user to whom an id of the server refers. Some servers (chio) use a negative id in the presence
    /// of an IRC user and a positive one elsewhere.
    pub(crate) fn find(&self, id: i32) -> Option<&User> {
        self.get(id).or_else(|| self.get(id.checked_neg()?).filter(|user| user.is_irc()))
    }

    /// Returns the id of the user with this name.
    pub(crate) fn id_of(&self, name: &str) -> Option<i32> {
        self.by_name.get(name).copied()
    }

    /// Returns the id of an IRC user whose other data is unknown. It is negative, outside the range of ids that
    /// servers assign, and the same each time for a name.
    pub(crate) fn irc_id(&self, name: &str) -> i32 {
        if let Some(id) = self.id_of(name).filter(|id| *id < 0) {
            return id;
        }
        // FNV-1a, which is stable across versions of the standard library.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let mut id = LAST_MADE_UP_ID - i32::try_from(hash & 0x3fff_ffff).unwrap_or(0);
        while self.get(id).is_some_and(|user| user.name() != name) {
            id = if id == -i32::MAX { LAST_MADE_UP_ID } else { id - 1 };
        }
        id
    }

    /// Stores the presence of a user, and the rank and mode in it.
    pub(crate) fn learn_presence(&mut self, info: &UserInfo<'_>) {
        self.change(info.id, |user| {
            user.set_presence(info);
            // Not all versions contain them here, and those of stats are more recent.
            if !user.knows_stats {
                user.rest.stats.rank = info.stats.rank;
            }
            if !user.knows_status {
                user.rest.status.mode = info.status.mode;
            }
        });
    }

    /// Stores the fields of a stats packet.
    pub(crate) fn learn_update(&mut self, update: &UserUpdate<'_>) {
        self.change(update.info.id, |user| {
            user.set_status(&update.info.status);
            if update.completeness >= Completeness::STATISTICS {
                user.rest.stats = update.info.stats;
                user.knows_stats = true;
            }
            if update.completeness >= Completeness::FULL {
                user.set_presence(&update.info);
            }
        });
    }

    /// Stores the new name of an IRC user.
    pub(crate) fn rename_irc(&mut self, old: &str, new: &str) {
        let Some(id) = self.id_of(old).filter(|id| *id < 0) else { return };
        self.change(id, |user| replace(&mut user.name, new));
    }

    /// Removes a user who left. A user who stays on IRC becomes an IRC user.
    pub(crate) fn learn_quit(&mut self, quit: &UserQuit<'_>) {
        let Some(user) = self.find(quit.info.id) else { return };
        let id = user.rest.id;
        match quit.state {
            QuitState::IRC_REMAINING if user.knows_presence && !user.is_irc() => {
                self.change(id, |user| {
                    user.rest.presence.is_irc = true;
                    (user.knows_status, user.knows_stats) = (false, false);
                });
            }
            QuitState::OSU_REMAINING if !user.is_irc() => {}
            _ => self.forget(id),
        }
    }

    /// Removes a user.
    pub(crate) fn forget(&mut self, id: i32) {
        let Some(user) = self.by_id.remove(&id) else { return };
        self.by_age.remove(&user.age);
        if self.id_of(&user.name) == Some(id) {
            self.by_name.remove(&user.name);
        }
    }

    /// Updates a user, marks it as the most recently updated, and enforces the limits.
    fn change(&mut self, id: i32, change: impl FnOnce(&mut User)) {
        self.clock += 1;
        let user = self.by_id.entry(id).or_insert_with(|| User::new(id, 0));
        self.by_age.remove(&user.age);
        self.by_age.insert(self.clock, id);
        user.age = self.clock;
        let before = user.name.clone();
        change(user);
        let name = (user.name != before).then(|| user.name.clone());
        if user.texts() > self.limits.texts {
            user.name = before;
            self.forget(id);
            return;
        }
        if let Some(name) = name {
            if self.id_of(&before) == Some(id) {
                self.by_name.remove(&before);
            }
            // A user of the game has priority over an IRC user with the same name.
            let is_free = self.id_of(&name).is_none_or(|other| id >= 0 || other < 0);
            if is_free && !name.is_empty() {
                self.by_name.insert(name, id);
            }
        }
        while self.len() > self.limits.users {
            let Some((_, oldest)) = self.by_age.first_key_value() else { break };
            self.forget(*oldest);
        }
    }
}

/// The largest id that [`Users::irc_id`] assigns.
const LAST_MADE_UP_ID: i32 = -0x4000_0000;

/// Returns whether an id was assigned by [`Users::irc_id`].
pub(crate) fn is_made_up(id: i32) -> bool {
    id <= LAST_MADE_UP_ID
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: i32, name: &str) -> UserInfo<'_> {
        UserInfo { id, name, ..UserInfo::default() }
    }

    fn within(users: usize, texts: usize) -> Users {
        Users { limits: MemoryLimits { users, texts }, ..Users::default() }
    }

    #[test]
    fn the_least_recently_updated_user_is_evicted() {
        let mut users = within(2, 100);
        users.learn_presence(&named(1, "a"));
        users.learn_presence(&named(2, "b"));
        users.learn_update(&UserUpdate::from(named(1, "")));
        users.learn_presence(&named(3, "c"));
        assert_eq!(users.iter().map(|user| user.info().id).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(["a", "b", "c"].map(|name| users.id_of(name)), [Some(1), None, Some(3)]);
        assert!(users.get(1).is_some_and(|user| user.knows_presence && user.knows_stats));
        assert_eq!((users.by_age.len(), users.by_name.len()), (2, 2));
    }

    #[test]
    fn users_with_too_long_texts_are_not_stored() {
        let mut users = within(10, 5);
        users.learn_presence(&named(1, "12345"));
        users.learn_presence(&named(2, "123456"));
        assert_eq!((users.len(), users.id_of("12345"), users.id_of("123456")), (1, Some(1), None));
        users.learn_presence(&named(1, "1234567"));
        assert_eq!((users.len(), users.by_age.len(), users.by_name.len()), (0, 0, 0));
        assert!(within(0, 5).bytes() == 0);
        let mut empty = within(0, 5);
        empty.learn_presence(&named(1, "a"));
        assert_eq!((empty.len(), empty.bytes()), (0, 0));
    }

    #[test]
    fn memory_stays_within_the_limits() {
        let mut users = within(8, 64);
        for id in 0..100 {
            let text = "x".repeat(id as usize % 80);
            let status = UserStatus { text: &text, ..UserStatus::default() };
            users.learn_presence(&named(id % 23, &"n".repeat(id as usize % 9)));
            users.learn_update(&UserUpdate::from(UserInfo { id: id % 17, status, ..UserInfo::default() }));
            assert!(users.bytes() <= users.limits.most_bytes());
            assert!(users.by_age.len() == users.len() && users.by_name.len() <= users.len());
        }
    }

    #[test]
    fn irc_ids_depend_on_the_name_only() {
        let mut users = within(10, 100);
        let id = users.irc_id("nick");
        assert_eq!(id, within(10, 100).irc_id("nick"));
        assert!(is_made_up(id) && id > i32::MIN && id != users.irc_id("other"));
        let presence = UserPresence { is_irc: true, ..UserPresence::default() };
        users.learn_presence(&UserInfo { presence, ..named(id, "nick") });
        // A user of the game with the same name replaces the IRC user in the map by name, but not its id.
        users.learn_presence(&named(7, "nick"));
        assert_eq!((users.id_of("nick"), users.irc_id("nick")), (Some(7), id));
        users.forget(id);
        users.learn_presence(&UserInfo { presence, ..named(id, "nick") });
        assert_eq!(users.id_of("nick"), Some(7));
        // Another name with the same hash receives the next lower id.
        users.learn_presence(&UserInfo { presence, ..named(id, "imposter") });
        assert_eq!(users.irc_id("nick"), id - 1);
        users.rename_irc("imposter", "new");
        assert_eq!((users.irc_id("new"), users.id_of("imposter")), (id, None));
        assert_eq!(users.find(-id).map(User::name), Some("new"));
    }

    #[test]
    fn details_that_a_status_omits_are_kept() {
        let mut users = within(10, 100);
        let status = UserStatus { text: "a map", beatmap_id: 5, ..UserStatus::default() };
        users.learn_update(&UserUpdate::from(UserInfo { id: 1, status, ..UserInfo::default() }));
        let status = UserStatus {
            action: super::super::types::Status::AFK,
            beatmap_update: false,
            ..UserStatus::default()
        };
        users.learn_update(&UserUpdate::from(UserInfo { id: 1, status, ..UserInfo::default() }));
        let known = users.get(1).unwrap().info().status;
        assert_eq!(
            (known.action.0, known.text, known.beatmap_id, known.beatmap_update),
            (1, "a map", 5, true)
        );
    }
}
