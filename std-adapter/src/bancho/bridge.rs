//! Conversion of both directions of a connection between a client and a server with different versions.

use super::gzip::inflate;
use super::outbox::append;
use super::types::{
    Completeness, Message, QuitState, UserInfo, UserPresence, UserQuit, UserUpdate, Users as Listed,
};
use super::users::{MemoryLimits, User, Users, is_made_up};
use super::{
    Change, Dialect, Encode, FrameWriter, Frames, Limits, List, Outbox, Received, Side, TranscodeError,
    Transcoder, Version, WriteError, client, compat, map_text, server,
};
use crate::wire::{AnySink, ErrorKind, Inflater, TextMap};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The number of presences per request, the same as in requests of clients.
const REQUESTED_AT_ONCE: usize = 256;

/// The number of stats per request, the maximum that servers accept (anchor).
const STATS_REQUESTED_AT_ONCE: usize = 32;

/// Converts the packets between a client of one version and a server of another, and stores data of users.
///
/// It uses a [`Transcoder`] for each packet, and adds information that the target version needs but the packet
/// does not contain:
///
/// | received | forwarded |
/// |---|---|
/// | stats without a name, for a client before b1788 | stats with the name and location of the presence: in full if the client has not received the user, or only the status if nothing else changed |
/// | a status without stats, from a server before b1788 | the status with the last stats |
/// | a status without details, as before b1788 | the status with the last details |
/// | ids of users, for a client before b20121224 | their presences; unknown ones are requested from the server |
/// | a client's request for presences or stats, to a server without this request | nothing; the bridge replies with stored data |
/// | a message without the sender's id, for a client that needs it | the message with the id of the user with this name |
/// | IRC users by name, for a client from b1788 on | presences with negative ids that depend on the name only, and quits with these ids |
/// | quits of IRC users by id, for a client before b1788 | quits by name |
/// | a user who leaves the game and stays on IRC, for a client before b20121224 | a quit, and the presence of an IRC user |
/// | the server's protocol version | the protocol version of the client's version |
///
/// Other information is dropped and reported as by the [`Transcoder`]. [`Overrides`](super::Overrides) are not
/// supported. If both sides have the same version, frames are forwarded unchanged, also compressed ones. The
/// memory is limited by [`MemoryLimits`].
///
/// ```
/// use lobbywire::bancho::{Bridge, Codec, Outbox, Version, server, types::UserInfo};
///
/// // A current server, whose stats contain no name, and a client of 2008, which needs one.
/// let (new, old) = (Version::LATEST, Version::from_build(300));
/// let mut bridge = Bridge::new(old, new);
///
/// let mut sent = Outbox::new(new);
/// let user = UserInfo { id: 2, name: "peppy", ..UserInfo::default() };
/// sent.write(&server::UserPresence(user))?;
/// sent.write(&server::UserStats::from(user))?;
///
/// let (mut to_client, mut to_server) = (Outbox::new(old), Outbox::new(new));
/// let (mut codec, mut received) = (Codec::client(new), sent.take().into());
/// while let Some(packet) = codec.next_packet(&mut received) {
///     bridge.pass(&packet?, &mut to_client, Some(&mut to_server), &mut |change| println!("{}: {change}", change.kind.name()))?;
/// }
/// let (mut codec, mut received) = (Codec::client(old), to_client.take().into());
/// while let Some(packet) = codec.next_packet(&mut received) {
///     let packet = packet?;
///     let server::Packet::UserStats(stats) = packet.server()? else { panic!("{}", packet.name()) };
///     assert_eq!((stats.id, stats.name), (2, "peppy"));
/// }
/// // The bridge requested the stats from the server after the presence.
/// assert_eq!(to_server.waiting()[..2], [85, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Bridge {
    client: Version,
    server: Version,
    of_client: Transcoder<Version, Version>,
    of_server: Transcoder<Version, Version>,
    is_strict: bool,
    users: Users,
    /// The client's own status, which some builds send in parts.
    own: User,
    /// Whether a packet contained text that is not UTF-8. From then on, the invalid bytes of all packets are escaped, also
    /// those of stored names, and restored in what is written.
    escapes_text: bool,
}

impl Bridge {
    /// Creates a bridge between a client and a server with these versions.
    pub fn new(client: Version, server: Version) -> Self {
        Self {
            client,
            server,
            of_client: Transcoder::new(Side::Client, client, server),
            of_server: Transcoder::new(Side::Server, server, client),
            is_strict: false,
            users: Users::default(),
            own: User::default(),
            escapes_text: false,
        }
    }

    /// Sets the limits of the memory.
    #[must_use]
    pub fn with_memory(mut self, limits: MemoryLimits) -> Self {
        self.users.limits = limits;
        self
    }

    /// Returns an error for packets that would change, instead of converting them.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }

    /// Returns the version of the client.
    pub fn client(&self) -> Version {
        self.client
    }

    /// Returns the version of the server.
    pub fn server(&self) -> Version {
        self.server
    }

    /// Returns the number of stored users.
    pub fn users_remembered(&self) -> usize {
        self.users.len()
    }

    /// Returns the memory of the stored users in bytes, at most [`MemoryLimits::most_bytes`]. The run time is
    /// linear in the number of users.
    pub fn bytes_remembered(&self) -> usize {
        self.users.bytes()
    }

    /// Writes the converted frame to `onward`, the outbox to the other side, and replies and requests of the bridge
    /// to `back`, the outbox to the sender. Frames have the version of the receiving side, independent of the
    /// version of the outbox. Reports changes and returns the number of frames written to `onward`.
    ///
    /// Without `back`, for example for a capture, the bridge sends no replies and requests.
    ///
    /// Text that is not valid UTF-8 keeps its bytes.
    ///
    /// # Errors
    /// Any [`TranscodeError`]; [`Changed`](TranscodeError::Changed) only if the bridge is [strict](Self::strict).
    /// The outboxes are unchanged. Data of users in the packet is stored nevertheless.
    pub fn pass(
        &mut self,
        received: &Received,
        onward: &mut Outbox,
        back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        if self.client == self.server {
            onward.write_frames(&received.to_frames())?;
            return Ok(1);
        }
        self.pass_payload(received.side(), received.wire_id(), received.payload(), onward, back, report)
    }

    /// As [`pass`](Self::pass), for the wire id and the uncompressed payload of a frame that `side` sent.
    ///
    /// # Errors
    /// As [`pass`](Self::pass).
    pub fn pass_payload(
        &mut self,
        side: Side,
        id: u16,
        payload: &[u8],
        onward: &mut Outbox,
        mut back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        if !self.escapes_text {
            match self.convert(side, id, payload, onward, back.as_deref_mut(), report) {
                Err(TranscodeError::Malformed(error)) if error.kind == ErrorKind::Utf8 => {}
                done => return done,
            }
        }
        self.pass_escaped(side, id, payload, onward, back, report)
    }

    /// As [`pass_payload`](Self::pass_payload), if the text of this or an earlier packet is not UTF-8.
    #[cold]
    fn pass_escaped(
        &mut self,
        side: Side,
        id: u16,
        payload: &[u8],
        onward: &mut Outbox,
        mut back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        let (from, to) = match side {
            Side::Client => (self.client, self.server),
            Side::Server => (self.server, self.client),
        };
        let (mut escaped, mut changes) = (Vec::with_capacity(payload.len()), Vec::new());
        map_text(from, side, id, payload, TextMap::Escape, &mut AnySink::new(&mut escaped))?;
        self.escapes_text = true;
        let starts = (onward.buffer.len(), back.as_ref().map_or(0, |back| back.buffer.len()));
        let frames = self.convert(side, id, &escaped, onward, back.as_deref_mut(), &mut |change| {
            changes.push(change);
        })?;
        let mut restored = restore_text(to, side, onward, starts.0);
        if let Some(back) = back.as_deref_mut() {
            restored = restored.and_then(|()| restore_text(from, side.other(), back, starts.1));
        }
        if let Err(error) = restored {
            onward.buffer.truncate(starts.0);
            if let Some(back) = back {
                back.buffer.truncate(starts.1);
            }
            return Err(error.into());
        }
        changes.into_iter().for_each(report);
        Ok(frames)
    }

    fn convert(
        &mut self,
        side: Side,
        id: u16,
        payload: &[u8],
        onward: &mut Outbox,
        back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        let (from, to, transcoder) = match side {
            Side::Client => (self.client, self.server, self.of_client),
            Side::Server => (self.server, self.client, self.of_server),
        };
        if from == to {
            append(to, &onward.options, &mut onward.buffer, |writer| writer.write_payload(id, payload))?;
            return Ok(1);
        }
        let starts = (onward.buffer.len(), back.as_ref().map_or(0, |back| back.buffer.len()));
        let mut way = Way {
            from,
            to,
            transcoder,
            onward,
            back,
            frames: 0,
            changes: Vec::new(),
            sent: Vec::new(),
            requested: None,
        };
        let done = match side {
            Side::Client => client::Packet::decode(from, id, payload)
                .map_err(TranscodeError::Malformed)
                .and_then(|packet| Ok(self.client_packet(&packet, &mut way)?)),
            Side::Server => server::Packet::decode(from, id, payload)
                .map_err(TranscodeError::Malformed)
                .and_then(|packet| Ok(self.server_packet(&packet, &mut way)?)),
        };
        let done = match way.changes.first() {
            Some(change) if self.is_strict => done.and(Err(TranscodeError::Changed(*change))),
            _ => done,
        };
        if let Err(error) = done {
            way.onward.buffer.truncate(starts.0);
            if let Some(back) = way.back {
                back.buffer.truncate(starts.1);
            }
            return Err(error);
        }
        for id in way.sent {
            if let Some(user) = self.users.get_mut(id) {
                user.sent = Some(user.stats());
            }
        }
        if let Some(user) = way.requested.and_then(|id| self.users.get_mut(id)) {
            user.is_requested = true;
        }
        way.changes.into_iter().for_each(report);
        Ok(way.frames)
    }

    /// Requests the stats of all users that a client before b1788 has received. Returns their number.
    ///
    /// These clients cannot request stats and expect the server to send changes, while servers for clients from
    /// b1800 on may wait for requests ([`requires_status_updates`](Version::requires_status_updates)). Call it
    /// periodically. For other versions, it does nothing.
    ///
    /// # Errors
    /// [`WriteError::Full`]; nothing is written.
    pub fn ask_for_stats(&self, to_server: &mut Outbox) -> Result<usize, WriteError> {
        if self.client.since(1788) || self.server.requires_status_updates() {
            return Ok(0);
        }
        let sent = self.users.iter().filter(|user| user.sent.is_some() && !user.is_irc());
        let ids: Vec<_> = sent.map(|user| user.info().id).collect();
        let start = to_server.buffer.len();
        for ids in ids.chunks(STATS_REQUESTED_AT_ONCE) {
            let request = client::UserStatsRequest(List::from(ids));
            let written = append(self.server, &to_server.options, &mut to_server.buffer, |writer| {
                writer.write(&request)
            });
            if let Err(error) = written {
                to_server.buffer.truncate(start);
                return Err(error);
            }
        }
        Ok(ids.len())
    }

    fn client_packet(&mut self, packet: &client::Packet<'_>, way: &mut Way<'_>) -> Result<(), WriteError> {
        let is_known = packet.packet_info().is_known_by(self.server);
        match packet {
            client::Packet::UserStatus(status) => {
                let lacks_details = !status.beatmap_update && !may_omit_details(self.server);
                self.own.learn_status(status, self.users.limits.texts);
                if lacks_details && self.own.knows_status {
                    return way.transcode_client(&client::UserStatus(self.own.info().status).into());
                }
                way.transcode_client(packet)
            }
            client::Packet::PresenceRequest(ids) if !is_known => {
                let ids: BTreeSet<_> = ids.iter().collect();
                self.answer(packet, ids.into_iter(), way, |user| {
                    user.knows_presence.then(|| server::UserPresence(user.info()).into())
                })
            }
            client::Packet::PresenceRequestAll(_) if !is_known => {
                let ids = self.users.iter().filter(|user| user.knows_presence).map(|user| user.info().id);
                self.answer(packet, ids, way, |user| Some(server::UserPresence(user.info()).into()))
            }
            client::Packet::UserStatsRequest(ids) if !is_known => {
                let ids: BTreeSet<_> = ids.iter().collect();
                self.answer(packet, ids.into_iter(), way, |user| {
                    user.knows_stats.then(|| server::UserStats::from(user.info()).into())
                })
            }
            // The server does not know the ids that the bridge assigned to IRC users.
            client::Packet::StartSpectating(client::StartSpectating(id))
            | client::Packet::FriendsAdd(client::FriendsAdd(id))
            | client::Packet::FriendsRemove(client::FriendsRemove(id))
                if is_made_up(*id) && !self.server.since(1788) =>
            {
                way.changes.push(Change::dropped(packet.name(), Some("")));
                Ok(())
            }
            _ => way.transcode_client(packet),
        }
    }

    /// Replies to a request for users with stored data.
    fn answer(
        &self,
        request: &client::Packet<'_>,
        ids: impl Iterator<Item = i32>,
        way: &mut Way<'_>,
        packet: impl for<'u> Fn(&'u User) -> Option<server::Packet<'u>>,
    ) -> Result<(), WriteError> {
        let (mut answered, mut is_missing) = (0, false);
        if way.back.is_some() {
            for id in ids {
                match self.users.get(id) {
                    Some(user) => match packet(user) {
                        Some(packet) => {
                            way.back(&packet)?;
                            answered += 1;
                        }
                        // IRC users have no stats.
                        None if user.is_irc() => answered += 1,
                        None => is_missing = true,
                    },
                    None => is_missing = true,
                }
            }
        }
        match answered {
            0 => way.transcode_client(request),
            _ if is_missing => {
                way.changes.push(Change::narrowed(request.name(), ""));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn server_packet(&mut self, packet: &server::Packet<'_>, way: &mut Way<'_>) -> Result<(), WriteError> {
        let is_known = packet.packet_info().is_known_by(self.client);
        match *packet {
            server::Packet::UserPresence(server::UserPresence(info)) => self.presence(packet, info, way),
            server::Packet::UserStats(server::UserStats(update)) => self.stats(update, way),
            server::Packet::UserPresenceSingle(user) if !is_known => {
                self.listed(packet, Listed::Ids((&[user.id][..]).into()), way)
            }
            server::Packet::UserPresenceBundle(users) if !is_known => self.listed(packet, users.0, way),
            server::Packet::UserQuit(quit) => self.quit(packet, &quit, way),
            server::Packet::IrcJoin(server::IrcJoin(name)) => self.irc_join(packet, name, way),
            server::Packet::IrcQuit(server::IrcQuit(name)) => self.irc_quit(packet, name, way),
            server::Packet::IrcChangeUsername(change) => {
                self.users.rename_irc(change.old_name, change.new_name);
                way.transcode_server(packet)
            }
            server::Packet::Message(server::Message(message)) => {
                let message = self.with_sender_id(message);
                way.transcode_server(&server::Message(message).into())?;
                self.forgive_sender_id(&message, way);
                Ok(())
            }
            server::Packet::Invite(server::Invite(message)) => {
                let message = self.with_sender_id(message);
                way.transcode_server(&server::Invite(message).into())?;
                self.forgive_sender_id(&message, way);
                Ok(())
            }
            // Client and server each negotiate with the bridge.
            server::Packet::ProtocolNegotiation(_) if is_known => {
                way.onward(&server::ProtocolNegotiation(self.client.protocol().into()))
            }
            _ => way.transcode_server(packet),
        }
    }

    fn presence(
        &mut self,
        packet: &server::Packet<'_>,
        info: UserInfo<'_>,
        way: &mut Way<'_>,
    ) -> Result<(), WriteError> {
        let has_name =
            self.users.get(info.id).is_some_and(|user| user.is_sent_irc() && user.name() == info.name);
        self.users.learn_presence(&info);
        if self.client.since(1788) {
            return way.transcode_server(packet);
        }
        if has_name {
            // The client already has the name, which is all that it stores of an IRC user.
            return Ok(());
        }
        way.sent.push(info.id);
        match self.users.get(info.id) {
            Some(user) if user.knows_stats && !user.is_irc() => {
                let known = user.info();
                way.onward(&server::UserPresence(known))?;
                let is_sent = |field: &str| is_of_presence(field) || field == "stats.rank";
                way.report_user("BanchoUserPresence", known, is_sent);
                // Changes of the stats were reported on receipt, unless the stats waited for the presence.
                if user.sent.is_none() && way.back.is_some() && self.server.since(20121224) {
                    way.report_stats(&known);
                }
                Ok(())
            }
            user => {
                way.transcode_server(packet)?;
                // The server expects a request for stats, which this client does not send.
                if way.back.is_some() && user.is_some_and(|user| !user.is_irc() && !user.is_requested) {
                    way.back(&client::UserStatsRequest((&[info.id][..]).into()))?;
                    way.requested = Some(info.id);
                }
                Ok(())
            }
        }
    }

    fn stats(&mut self, mut update: UserUpdate<'_>, way: &mut Way<'_>) -> Result<(), WriteError> {
        if !self.server.since(323) {
            update.completeness = Completeness::FULL;
        } else if self.server.since(1788) {
            update.completeness = Completeness::STATISTICS;
        }
        self.users.learn_update(&update);
        let id = update.info.id;
        let Some(user) = self.users.get(id) else {
            return way.transcode_server(&server::UserStats(update).into());
        };
        // A shorter lifetime, because stored data may be added.
        let mut update: UserUpdate<'_> = update;
        let lacks_details = !update.status.beatmap_update && !may_omit_details(self.client);
        if lacks_details && user.knows_status {
            update.info.status = user.info().status;
        }
        if self.client.since(1788) {
            if update.completeness < Completeness::STATISTICS && user.knows_stats {
                update.info.stats = user.stats();
                update.completeness = Completeness::STATISTICS;
            }
            return way.transcode_server(&server::UserStats(update).into());
        }
        if user.is_irc() {
            // The client stores only the name of IRC users.
            way.changes.push(Change::dropped("BanchoUserStats", None));
            return Ok(());
        }
        let form = if user.knows_presence && user.knows_stats {
            self.form_for(user, update.completeness)
        } else {
            update.completeness
        };
        if user.knows_presence {
            way.sent.push(id);
        } else if way.back.is_some() && self.server.since(20121224) {
            // Clients may not expect stats before the presence of a user. Delay them.
            if !user.is_requested {
                way.back(&client::PresenceRequest((&[id][..]).into()))?;
                way.requested = Some(id);
            }
            return Ok(());
        }
        if form == update.completeness {
            return way.transcode_server(&server::UserStats(update).into());
        }
        let known = user.info();
        if form == Completeness::FULL {
            way.onward(&server::UserPresence(known))?;
        } else {
            way.onward(&server::UserStats(UserUpdate { completeness: form, ..known.into() }))?;
        }
        way.report_stats(&known);
        Ok(())
    }

    /// Returns how much of a completely known user to send to a client before b1788, after an update with
    /// `received`.
    fn form_for(&self, user: &User, received: Completeness) -> Completeness {
        let is_unchanged = user.sent == Some(user.stats());
        match user.sent {
            _ if received == Completeness::FULL => received,
            None => Completeness::FULL,
            Some(_) if !self.client.since(323) => Completeness::FULL,
            // No form contains the stats without the name.
            Some(_) if !self.client.since(338) && !is_unchanged => Completeness::FULL,
            // Later servers send the stats with every status.
            Some(_) if !self.client.since(338) || (self.server.since(1788) && is_unchanged) => {
                Completeness::STATUS_ONLY
            }
            Some(_) => received,
        }
    }

    /// Converts ids of users for a client that needs the presences.
    fn listed(
        &mut self,
        packet: &server::Packet<'_>,
        users: Listed<'_>,
        way: &mut Way<'_>,
    ) -> Result<(), WriteError> {
        let (mut seen, mut unknown, mut is_known) = (BTreeSet::new(), Vec::new(), false);
        for id in users.ids().filter(|id| seen.insert(*id)) {
            match self.users.find(id).filter(|user| user.knows_presence) {
                Some(user) => {
                    is_known = true;
                    // Names must not be sent twice.
                    if self.client.since(1788) || !user.is_sent_irc() {
                        way.onward(&server::UserPresence(user.info()))?;
                        way.sent.push(user.info().id);
                    }
                }
                None => unknown.push(id),
            }
        }
        if way.back.is_some() && !unknown.is_empty() {
            for ids in unknown.chunks(REQUESTED_AT_ONCE) {
                way.back(&client::PresenceRequest(List::from(ids)))?;
            }
        } else if !is_known {
            way.transcode_server(packet)?;
        } else if !unknown.is_empty() {
            way.changes.push(Change::narrowed(packet.name(), ""));
        }
        Ok(())
    }

    fn quit(
        &mut self,
        packet: &server::Packet<'_>,
        quit: &UserQuit<'_>,
        way: &mut Way<'_>,
    ) -> Result<(), WriteError> {
        match self.users.find(quit.info.id) {
            Some(user) if user.is_irc() && !self.client.since(1788) => {
                way.onward(&server::IrcQuit(user.name()))?;
            }
            // The IRC user that replaced a user below.
            Some(user) if user.is_irc() && quit.info.id > 0 && !self.client.since(20121224) => {
                way.onward(&server::UserQuit(UserQuit { info: user.info(), ..*quit }))?;
            }
            // Clients without this state receive a separate IRC user.
            Some(user)
                if quit.state == QuitState::IRC_REMAINING
                    && user.knows_presence
                    && !self.client.since(20121224) =>
            {
                let info = user.info();
                way.onward(&server::UserQuit(UserQuit { info, ..Default::default() }))?;
                let presence = UserPresence { is_irc: true, ..info.presence };
                way.onward(&server::UserPresence(UserInfo { presence, ..info }))?;
                way.sent.push(info.id);
            }
            _ => way.transcode_server(packet)?,
        }
        self.users.learn_quit(quit);
        Ok(())
    }

    fn irc_join(
        &mut self,
        packet: &server::Packet<'_>,
        name: &str,
        way: &mut Way<'_>,
    ) -> Result<(), WriteError> {
        let info = irc_user(self.users.irc_id(name), name);
        self.users.learn_presence(&info);
        if self.client.since(1788) {
            way.onward(&server::UserPresence(info))
        } else {
            way.transcode_server(packet)
        }
    }

    fn irc_quit(
        &mut self,
        packet: &server::Packet<'_>,
        name: &str,
        way: &mut Way<'_>,
    ) -> Result<(), WriteError> {
        let id = self.users.irc_id(name);
        if self.client.since(1788) {
            let quit = UserQuit { info: irc_user(id, name), ..UserQuit::default() };
            way.onward(&server::UserQuit(quit))?;
        } else {
            way.transcode_server(packet)?;
        }
        self.users.forget(id);
        Ok(())
    }

    /// Adds the sender's id to a message if the server does not send it.
    fn with_sender_id<'a>(&self, message: Message<'a>) -> Message<'a> {
        if says_sender_ids(self.server) || !says_sender_ids(self.client) {
            return message;
        }
        let sender_id = self.users.id_of(message.sender).unwrap_or(message.sender_id);
        Message { sender_id, ..message }
    }

    /// Removes the report of a dropped sender's id if the client can look it up by the name.
    fn forgive_sender_id(&self, message: &Message<'_>, way: &mut Way<'_>) {
        if self.users.find(message.sender_id).is_some_and(|user| user.name() == message.sender) {
            way.changes.retain(|change| change.field != Some("sender_id"));
        }
    }
}

/// Restores the escaped text of the frames from `start` on, which `side` sends.
fn restore_text(version: Version, side: Side, outbox: &mut Outbox, start: usize) -> Result<(), WriteError> {
    let written = outbox.buffer.split_off(start);
    let mut inflater = Inflater::new();
    for frame in Frames::new(version, side, &written).with_limits(Limits::NONE).flatten() {
        let inflated = frame.is_compressed.then(|| inflate(&frame, &mut inflater, usize::MAX));
        let inflated = inflated.and_then(Result::ok);
        let payload = inflated.as_deref().unwrap_or(frame.body);
        let mut restored = Vec::with_capacity(payload.len());
        let mut sink = AnySink::new(&mut restored);
        let is_restored =
            map_text(version, side, frame.wire_id, payload, TextMap::Restore, &mut sink).is_ok();
        if is_restored && restored != payload {
            append(version, &outbox.options, &mut outbox.buffer, |writer| {
                writer.write_payload(frame.wire_id, &restored)
            })?;
        } else {
            outbox.buffer.extend_from_slice(frame.bytes);
        }
    }
    Ok(())
}

/// Creates an IRC user with this name and no other data.
fn irc_user(id: i32, name: &str) -> UserInfo<'_> {
    let presence = UserPresence { is_irc: true, ..UserPresence::default() };
    UserInfo { id, name, presence, ..UserInfo::default() }
}

/// Returns whether messages contain the sender's id in this version.
fn says_sender_ids(version: Version) -> bool {
    version.since_protocol(20121225, 15)
}

/// Returns whether a status in this version may omit its details, which are then unchanged.
fn may_omit_details(version: Version) -> bool {
    version.since(338) && !version.since(1788)
}

/// Returns whether a field of a user belongs to the presence.
fn is_of_presence(field: &str) -> bool {
    field == "id" || field == "name" || field.starts_with("presence.")
}

/// The conversion of one packet.
struct Way<'o> {
    from: Version,
    to: Version,
    transcoder: Transcoder<Version, Version>,
    onward: &'o mut Outbox,
    back: Option<&'o mut Outbox>,
    /// The number of frames written to `onward`.
    frames: usize,
    changes: Vec<Change>,
    /// The users whose known data was sent to the client.
    sent: Vec<i32>,
    /// The user whose missing data was requested from the server.
    requested: Option<i32>,
}

impl Way<'_> {
    /// Writes a packet to the other side.
    fn onward(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        let outbox = &mut *self.onward;
        self.frames += append(self.to, &outbox.options, &mut outbox.buffer, |writer| writer.write(packet))?;
        Ok(())
    }

    /// Writes a packet to the sender, if it has an outbox.
    fn back(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        if let Some(outbox) = self.back.as_deref_mut() {
            append(self.from, &outbox.options, &mut outbox.buffer, |writer| writer.write(packet))?;
        }
        Ok(())
    }

    fn transcode_client(&mut self, packet: &client::Packet<'_>) -> Result<(), WriteError> {
        let transcoder = self.transcoder;
        self.transcode(|writer, report| transcoder.client(packet, writer, report))
    }

    fn transcode_server(&mut self, packet: &server::Packet<'_>) -> Result<(), WriteError> {
        let transcoder = self.transcoder;
        self.transcode(|writer, report| transcoder.server(packet, writer, report))
    }

    /// Writes a transcoded packet and collects its changes.
    fn transcode(
        &mut self,
        write: impl Fn(&mut FrameWriter<'_>, &mut dyn FnMut(Change)) -> Result<usize, WriteError>,
    ) -> Result<(), WriteError> {
        let changes = RefCell::new(Vec::new());
        let outbox = &mut *self.onward;
        self.frames += append(self.to, &outbox.options, &mut outbox.buffer, |writer| {
            // Called again with a larger buffer if the packet does not fit.
            let mut changes = changes.borrow_mut();
            changes.clear();
            write(writer, &mut |change| changes.push(change))
        })?;
        self.changes.append(&mut changes.into_inner());
        Ok(())
    }

    /// Reports which of some fields of a user a client before b1788 cannot represent.
    fn report_user(&mut self, packet: &'static str, info: UserInfo<'_>, is_included: impl Fn(&str) -> bool) {
        let all = server::UserStats(UserUpdate { completeness: Completeness::FULL, ..info.into() });
        all.visit_unrepresentable(self.to, &mut |field, kind| {
            if is_included(field) {
                self.changes.push(Change::new(kind, packet, Some(field)));
            }
        });
    }

    /// Reports the fields of stats and status that such a client cannot represent or that are downgraded for it.
    fn report_stats(&mut self, info: &UserInfo<'_>) {
        let packet = "BanchoUserStats";
        self.report_user(packet, *info, |field| !is_of_presence(field));
        if compat::status(self.to, info.status.action) != info.status.action {
            self.changes.push(Change::replaced(packet, Some("status.action")));
        }
        if compat::total_score(self.to, info.stats.tscore) != info.stats.tscore {
            self.changes.push(Change::narrowed(packet, "stats.tscore"));
        }
    }
}
