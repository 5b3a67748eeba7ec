//! What has gone by about users, within bounds.

use super::types::{
    Avatar, Completeness, QuitState, UserInfo, UserPresence, UserQuit, UserStats, UserStatus, UserUpdate,
};
use std::collections::{BTreeMap, HashMap};

/// How much a [`Bridge`](super::Bridge) remembers.
///
/// A user takes some 350 bytes and the texts, so what is kept is bounded by
/// [`most_bytes`](Self::most_bytes), whatever the peers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryLimits {
    /// How many users are remembered. For one more, the one is forgotten of whom nothing was said for
    /// longest.
    pub users: usize,
    /// How many bytes all texts of a user (name, city, avatar, status and checksum) may have together. A
    /// user with more is not remembered.
    pub texts: usize,
}

impl Default for MemoryLimits {
    /// 4,096 users with texts of 512 bytes, which is at most 5.6 MB.
    fn default() -> Self {
        Self { users: 4096, texts: 512 }
    }
}

impl MemoryLimits {
    /// The most bytes that are remembered, without what the maps over them take.
    pub const fn most_bytes(&self) -> usize {
        // The name is in the map by names too.
        self.users.saturating_mul(USER.saturating_add(self.texts.saturating_mul(2)))
    }
}

/// What a user takes without the texts.
const USER: usize = size_of::<User>() + 2 * size_of::<i32>() + 2 * size_of::<u64>() + size_of::<Box<str>>();

/// A user, as far as is known.
#[derive(Debug, Default)]
pub(crate) struct User {
    /// All but the texts, which are empty here.
    rest: UserInfo<'static>,
    name: Box<str>,
    city: Box<str>,
    /// The name of the avatar's file, where it is an unusual one.
    avatar: Option<Box<str>>,
    status_text: Box<str>,
    beatmap_checksum: Box<str>,
    /// When something was said of the user last, on a clock of its own.
    age: u64,
    /// Whether name and place are known.
    pub(crate) knows_presence: bool,
    /// Whether the status is known, with its details.
    pub(crate) knows_status: bool,
    /// Whether the standing is known.
    pub(crate) knows_stats: bool,
    /// The standing that the client was told last; `None` while it has not been told of the user.
    pub(crate) told: Option<UserStats>,
    /// Whether the server was asked for what is missing.
    pub(crate) is_asked: bool,
}

impl User {
    fn new(id: i32, age: u64) -> Self {
        Self { rest: UserInfo { id, ..UserInfo::default() }, age, ..Self::default() }
    }

    /// The user, with defaults for what is not known.
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

    /// Whether the user is here through IRC.
    pub(crate) fn is_irc(&self) -> bool {
        self.rest.presence.is_irc
    }

    /// Whether the client knows the user as a name on IRC.
    pub(crate) fn is_told_irc(&self) -> bool {
        self.is_irc() && self.told.is_some()
    }

    /// The standing.
    pub(crate) fn stats(&self) -> UserStats {
        self.rest.stats
    }

    /// Remembers a status, if its texts are no longer than that together.
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
        // Otherwise the details are those of before.
        if status.beatmap_update {
            self.rest.status = UserStatus { action, mods, mode, beatmap_id, ..UserStatus::default() };
            replace(&mut self.status_text, text);
            replace(&mut self.beatmap_checksum, beatmap_checksum);
            self.knows_status = true;
        }
    }

    /// How many bytes the texts have.
    fn texts(&self) -> usize {
        let texts = [&self.name, &self.city, &self.status_text, &self.beatmap_checksum];
        texts.into_iter().chain(&self.avatar).map(|text| text.len()).sum()
    }
}

/// Most of what is said was said before.
fn replace(text: &mut Box<str>, by: &str) {
    if **text != *by {
        *text = by.into();
    }
}

/// The users of whom something is known.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub(crate) limits: MemoryLimits,
    by_id: BTreeMap<i32, User>,
    by_age: BTreeMap<u64, i32>,
    by_name: HashMap<Box<str>, i32>,
    clock: u64,
}

impl Users {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// How many bytes they take, without what the maps take.
    pub(crate) fn bytes(&self) -> usize {
        let names: usize = self.by_name.keys().map(|name| name.len()).sum();
        let texts: usize = self.by_id.values().map(User::texts).sum();
        names + texts + self.len() * USER
    }

    /// All of them, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_id.values()
    }

    /// The user with this id.
    pub(crate) fn get(&self, id: i32) -> Option<&User> {
        self.by_id.get(&id)
    }

    /// The same, to note what was told and asked.
    pub(crate) fn get_mut(&mut self, id: i32) -> Option<&mut User> {
        self.by_id.get_mut(&id)
    }

    /// The user whom a server means by an id. Some name an IRC user by a negative id in a presence and by
    /// a positive one elsewhere (chio).
    pub(crate) fn find(&self, id: i32) -> Option<&User> {
        self.get(id).or_else(|| self.get(id.checked_neg()?).filter(|user| user.is_irc()))
    }

    /// The id that goes with a name.
    pub(crate) fn id_of(&self, name: &str) -> Option<i32> {
        self.by_name.get(name).copied()
    }

    /// The id of an IRC user of whom only the name is known: negative, far from those that servers
    /// give, and always the same for the same name.
    pub(crate) fn irc_id(&self, name: &str) -> i32 {
        if let Some(id) = self.id_of(name).filter(|id| *id < 0) {
            return id;
        }
        // FNV-1a, which will be the same tomorrow.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let mut id = LAST_MADE_UP_ID - i32::try_from(hash & 0x3fff_ffff).unwrap_or(0);
        while self.get(id).is_some_and(|user| user.name() != name) {
            id = if id == -i32::MAX { LAST_MADE_UP_ID } else { id - 1 };
        }
        id
    }

    /// Remembers the presence of a user, and the place in the ranking and the mode that come with it.
    pub(crate) fn learn_presence(&mut self, info: &UserInfo<'_>) {
        self.change(info.id, |user| {
            user.set_presence(info);
            // Not every version says them here, and stats say them better.
            if !user.knows_stats {
                user.rest.stats.rank = info.stats.rank;
            }
            if !user.knows_status {
                user.rest.status.mode = info.status.mode;
            }
        });
    }

    /// Remembers as much of a user as a stats packet says.
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

    /// Remembers the new name of an IRC user.
    pub(crate) fn rename_irc(&mut self, old: &str, new: &str) {
        let Some(id) = self.id_of(old).filter(|id| *id < 0) else { return };
        self.change(id, |user| replace(&mut user.name, new));
    }

    /// Forgets whoever has left for good. Who stays on IRC is an IRC user from then on.
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

    /// Forgets a user.
    pub(crate) fn forget(&mut self, id: i32) {
        let Some(user) = self.by_id.remove(&id) else { return };
        self.by_age.remove(&user.age);
        if self.id_of(&user.name) == Some(id) {
            self.by_name.remove(&user.name);
        }
    }

    /// Changes what is known of a user, who is the youngest then, and keeps to the limits.
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
            // A user of the game goes before one of IRC, who may have the same name.
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

/// Ids at and below this one are made up.
const LAST_MADE_UP_ID: i32 = -0x4000_0000;

/// Whether an id is one that [`Users::irc_id`] made up.
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
    fn the_one_is_forgotten_of_whom_nothing_was_said_for_longest() {
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
    fn who_has_too_much_text_is_not_remembered_at_all() {
        let mut users = within(10, 5);
        users.learn_presence(&named(1, "12345"));
        users.learn_presence(&named(2, "123456"));
        assert_eq!((users.len(), users.id_of("12345"), users.id_of("123456")), (1, Some(1), None));
        users.learn_presence(&named(1, "1234567"));
        assert_eq!((users.len(), users.by_age.len(), users.by_name.len()), (0, 0, 0));
        assert!(within(0, 5).bytes() == 0);
        let mut nobody = within(0, 5);
        nobody.learn_presence(&named(1, "a"));
        assert_eq!((nobody.len(), nobody.bytes()), (0, 0));
    }

    #[test]
    fn what_is_remembered_keeps_to_what_the_limits_say() {
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
    fn irc_ids_are_made_up_of_the_name_and_stay() {
        let mut users = within(10, 100);
        let id = users.irc_id("nick");
        assert_eq!(id, within(10, 100).irc_id("nick"));
        assert!(is_made_up(id) && id > i32::MIN && id != users.irc_id("other"));
        let presence = UserPresence { is_irc: true, ..UserPresence::default() };
        users.learn_presence(&UserInfo { presence, ..named(id, "nick") });
        // A user of the game of the same name takes the name, but not the id.
        users.learn_presence(&named(7, "nick"));
        assert_eq!((users.id_of("nick"), users.irc_id("nick")), (Some(7), id));
        users.forget(id);
        users.learn_presence(&UserInfo { presence, ..named(id, "nick") });
        assert_eq!(users.id_of("nick"), Some(7));
        // Another name that comes to the same id gets the next.
        users.learn_presence(&UserInfo { presence, ..named(id, "imposter") });
        assert_eq!(users.irc_id("nick"), id - 1);
        users.rename_irc("imposter", "new");
        assert_eq!((users.irc_id("new"), users.id_of("imposter")), (id, None));
        assert_eq!(users.find(-id).map(User::name), Some("new"));
    }

    #[test]
    fn details_that_a_status_leaves_out_are_those_of_before() {
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
