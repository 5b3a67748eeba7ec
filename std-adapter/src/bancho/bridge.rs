//! Both directions of one connection, between a client and a server that speak different versions.

use super::outbox::append;
use super::types::{
    Completeness, Message, QuitState, UserInfo, UserPresence, UserQuit, UserUpdate, Users as Listed,
};
use super::users::{MemoryLimits, User, Users, is_made_up};
use super::{
    Dialect, Encode, FrameWriter, List, Loss, Outbox, Received, Side, TranscodeError, Transcoder, Version,
    WriteError, client, compat, server,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How many presences a request asks for: as many as clients ask for at once.
const ASKED_AT_ONCE: usize = 256;

/// How many stats a request asks for: as many as servers answer at once (anchor).
const STATS_ASKED_AT_ONCE: usize = 32;

/// Turns the packets of a client of one version and a server of another into each other's, with a memory
/// of the users that have gone by.
///
/// It does what the [`Transcoder`] does for each packet, and makes up from memory for what one version
/// needs and the packet in the other does not say:
///
/// | what comes | what the other side is told |
/// |---|---|
/// | stats without a name, for a client before b1788 | with the name and place of the presence: in full where the client has not been told of the user, the status alone where only that has changed |
/// | the status alone, from a server before b1788 | with the stats that were said before |
/// | a status without its details, as before b1788 | with the details of before |
/// | ids of users, for a client before b20121224 | their presences; the server is asked for those that are not known |
/// | a client's request for presence or stats, to a server that does not know it | nothing; the client is answered from memory |
/// | a message without the sender's id, for a client that wants one | with the id that goes with the name |
/// | IRC users by name, for a client from b1788 on | presences with negative ids, always the same for a name, and quits by these |
/// | quits of IRC users by id, for a client before b1788 | the name |
/// | a user who leaves the game and stays on IRC, for a client before b20121224 | a quit, and an IRC user |
/// | the server's protocol version | the one that the client is spoken to in |
///
/// What can't be made up for is lost, and reported as the [`Transcoder`] reports it.
/// [`Overrides`](super::Overrides) are not asked: what they change, a bridge does not understand. With the
/// same version on both sides frames pass as they are, compressed or not. The memory keeps to
/// [`MemoryLimits`].
///
/// ```
/// use lobbywire::bancho::{Bridge, Codec, Outbox, Version, server, types::UserInfo};
///
/// // A server of today, which says stats without a name, and a client of 2008, which wants one.
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
///     bridge.pass(&packet?, &mut to_client, Some(&mut to_server), &mut |loss| println!("lost: {loss}"))?;
/// }
/// let (mut codec, mut received) = (Codec::client(old), to_client.take().into());
/// while let Some(packet) = codec.next_packet(&mut received) {
///     let packet = packet?;
///     let server::Packet::UserStats(stats) = packet.server()? else { panic!("{}", packet.name()) };
///     assert_eq!((stats.id, stats.name), (2, "peppy"));
/// }
/// // When the presence came, the server was asked for the stats.
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
    /// The client's own status, which some builds tell in parts.
    own: User,
}

impl Bridge {
    /// Between a client and a server that speak these versions.
    pub fn new(client: Version, server: Version) -> Self {
        Self {
            client,
            server,
            of_client: Transcoder::new(Side::Client, client, server),
            of_server: Transcoder::new(Side::Server, server, client),
            is_strict: false,
            users: Users::default(),
            own: User::default(),
        }
    }

    /// The same with other bounds on the memory.
    #[must_use]
    pub fn with_memory(mut self, limits: MemoryLimits) -> Self {
        self.users.limits = limits;
        self
    }

    /// The same, but packets are refused of which anything would be lost.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }

    /// The version that the client speaks.
    pub fn client(&self) -> Version {
        self.client
    }

    /// The version that the server speaks.
    pub fn server(&self) -> Version {
        self.server
    }

    /// How many users are remembered.
    pub fn users_remembered(&self) -> usize {
        self.users.len()
    }

    /// How many bytes they take; at most [`MemoryLimits::most_bytes`]. This counts all of them.
    pub fn bytes_remembered(&self) -> usize {
        self.users.bytes()
    }

    /// Writes what stands for a frame to `onward`, which goes to the other side, and what the bridge has
    /// to say or ask itself to `back`, which goes to the side that the frame is from. Each is written in
    /// the version that its side speaks, whatever the outbox says. Reports what is lost, and says how
    /// many frames went onward.
    ///
    /// Without `back`, as for a capture, nothing is answered or asked: it is lost.
    ///
    /// # Errors
    /// Any [`TranscodeError`], [`Lost`](TranscodeError::Lost) only where the bridge is
    /// [strict](Self::strict); the outboxes are then as they were. What a refused packet says of users is
    /// remembered all the same.
    pub fn pass(
        &mut self,
        received: &Received,
        onward: &mut Outbox,
        back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, TranscodeError> {
        if self.client == self.server {
            onward.write_frames(&received.to_frames())?;
            return Ok(1);
        }
        self.pass_payload(received.side(), received.wire_id(), received.payload(), onward, back, report)
    }

    /// As [`pass`](Self::pass), of a frame that was read in another way: who has sent it, its id on the
    /// wire and its payload, inflated.
    ///
    /// # Errors
    /// As [`pass`](Self::pass).
    pub fn pass_payload(
        &mut self,
        side: Side,
        id: u16,
        payload: &[u8],
        onward: &mut Outbox,
        back: Option<&mut Outbox>,
        report: &mut dyn FnMut(Loss),
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
            losses: Vec::new(),
            told: Vec::new(),
            asked: None,
        };
        let done = match side {
            Side::Client => client::Packet::decode(from, id, payload)
                .map_err(TranscodeError::Malformed)
                .and_then(|packet| Ok(self.client_packet(&packet, &mut way)?)),
            Side::Server => server::Packet::decode(from, id, payload)
                .map_err(TranscodeError::Malformed)
                .and_then(|packet| Ok(self.server_packet(&packet, &mut way)?)),
        };
        let done = match way.losses.first() {
            Some(loss) if self.is_strict => done.and(Err(TranscodeError::Lost(*loss))),
            _ => done,
        };
        if let Err(error) = done {
            way.onward.buffer.truncate(starts.0);
            if let Some(back) = way.back {
                back.buffer.truncate(starts.1);
            }
            return Err(error);
        }
        for id in way.told {
            if let Some(user) = self.users.get_mut(id) {
                user.told = Some(user.stats());
            }
        }
        if let Some(user) = way.asked.and_then(|id| self.users.get_mut(id)) {
            user.is_asked = true;
        }
        way.losses.into_iter().for_each(report);
        Ok(way.frames)
    }

    /// Asks the server for the stats of all users of whom a client before b1788 has been told, and says of
    /// how many.
    ///
    /// These clients can't ask, and wait for the server to say what has changed; servers that speak to
    /// clients from b1800 on may wait for these to ask
    /// ([`requires_status_updates`](Version::requires_status_updates)). To be called every now and then; in
    /// other versions it asks nothing.
    ///
    /// # Errors
    /// [`WriteError::Full`]; nothing is written.
    pub fn ask_for_stats(&self, to_server: &mut Outbox) -> Result<usize, WriteError> {
        if self.client.since(1788) || self.server.requires_status_updates() {
            return Ok(0);
        }
        let told = self.users.iter().filter(|user| user.told.is_some() && !user.is_irc());
        let ids: Vec<_> = told.map(|user| user.info().id).collect();
        let start = to_server.buffer.len();
        for ids in ids.chunks(STATS_ASKED_AT_ONCE) {
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
                let is_cut = !status.beatmap_update && !may_cut_status(self.server);
                self.own.learn_status(status, self.users.limits.texts);
                if is_cut && self.own.knows_status {
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
            // The server has never heard of the ids that were made up for IRC users.
            client::Packet::StartSpectating(client::StartSpectating(id))
            | client::Packet::FriendsAdd(client::FriendsAdd(id))
            | client::Packet::FriendsRemove(client::FriendsRemove(id))
                if is_made_up(*id) && !self.server.since(1788) =>
            {
                way.lose(packet, Some(""));
                Ok(())
            }
            _ => way.transcode_client(packet),
        }
    }

    /// Answers a request about users from memory.
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
                        // Of IRC users there is no more to be known.
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
                way.lose(request, Some(""));
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
            // Client and server agree each on what they speak with us.
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
        let is_told_by_name =
            self.users.get(info.id).is_some_and(|user| user.is_told_irc() && user.name() == info.name);
        self.users.learn_presence(&info);
        if self.client.since(1788) {
            return way.transcode_server(packet);
        }
        if is_told_by_name {
            // The client has the name already, and knows nothing else of such a user.
            return Ok(());
        }
        way.told.push(info.id);
        match self.users.get(info.id) {
            Some(user) if user.knows_stats && !user.is_irc() => {
                let told = user.info();
                way.onward(&server::UserPresence(told))?;
                let is_said = |field: &str| is_of_presence(field) || field == "stats.rank";
                way.lose_of_user("BanchoUserPresence", told, is_said);
                // The rest was lost, and reported, when it came; unless it waited for this.
                if user.told.is_none() && way.back.is_some() && self.server.since(20121224) {
                    way.lose_of_stats(&told);
                }
                Ok(())
            }
            user => {
                way.transcode_server(packet)?;
                // A server that knows the request waits for it, and this client does not know it.
                if way.back.is_some() && user.is_some_and(|user| !user.is_irc() && !user.is_asked) {
                    way.back(&client::UserStatsRequest((&[info.id][..]).into()))?;
                    way.asked = Some(info.id);
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
        // From here on it may be of what is remembered too.
        let mut update: UserUpdate<'_> = update;
        let is_cut = !update.status.beatmap_update && !may_cut_status(self.client);
        if is_cut && user.knows_status {
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
            // A name, of which nothing more can be told.
            way.lose(&server::UserStats(update), None);
            return Ok(());
        }
        let form = if user.knows_presence && user.knows_stats {
            self.form_for(user, update.completeness)
        } else {
            update.completeness
        };
        if user.knows_presence {
            way.told.push(id);
        } else if way.back.is_some() && self.server.since(20121224) {
            // A client may stumble over stats of a user whom it has not been told of. They wait for the
            // presence.
            if !user.is_asked {
                way.back(&client::PresenceRequest((&[id][..]).into()))?;
                way.asked = Some(id);
            }
            return Ok(());
        }
        if form == update.completeness {
            return way.transcode_server(&server::UserStats(update).into());
        }
        let told = user.info();
        if form == Completeness::FULL {
            way.onward(&server::UserPresence(told))?;
        } else {
            way.onward(&server::UserStats(UserUpdate { completeness: form, ..told.into() }))?;
        }
        way.lose_of_stats(&told);
        Ok(())
    }

    /// How much of a user, all of whom is known, a client before b1788 is told, when this much has come.
    fn form_for(&self, user: &User, come: Completeness) -> Completeness {
        let is_told = user.told == Some(user.stats());
        match user.told {
            _ if come == Completeness::FULL => come,
            None => Completeness::FULL,
            Some(_) if !self.client.since(323) => Completeness::FULL,
            // There is no form with the stats and without the name.
            Some(_) if !self.client.since(338) && !is_told => Completeness::FULL,
            // Later servers send the stats with every status.
            Some(_) if !self.client.since(338) || (self.server.since(1788) && is_told) => {
                Completeness::STATUS_ONLY
            }
            Some(_) => come,
        }
    }

    /// Users of whom there are only ids, for a client that wants the presences.
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
                    // A name must not come twice.
                    if self.client.since(1788) || !user.is_told_irc() {
                        way.onward(&server::UserPresence(user.info()))?;
                        way.told.push(user.info().id);
                    }
                }
                None => unknown.push(id),
            }
        }
        if way.back.is_some() && !unknown.is_empty() {
            for ids in unknown.chunks(ASKED_AT_ONCE) {
                way.back(&client::PresenceRequest(List::from(ids)))?;
            }
        } else if !is_known {
            way.transcode_server(packet)?;
        } else if !unknown.is_empty() {
            way.lose(packet, Some(""));
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
            // Who was told as two, as below, leaves as the second.
            Some(user) if user.is_irc() && quit.info.id > 0 && !self.client.since(20121224) => {
                way.onward(&server::UserQuit(UserQuit { info: user.info(), ..*quit }))?;
            }
            // Who stays on IRC is another user for clients that can't be told so.
            Some(user)
                if quit.state == QuitState::IRC_REMAINING
                    && user.knows_presence
                    && !self.client.since(20121224) =>
            {
                let info = user.info();
                way.onward(&server::UserQuit(UserQuit { info, ..Default::default() }))?;
                let presence = UserPresence { is_irc: true, ..info.presence };
                way.onward(&server::UserPresence(UserInfo { presence, ..info }))?;
                way.told.push(info.id);
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

    /// The message with the sender's id, where the server does not say it.
    fn with_sender_id<'a>(&self, message: Message<'a>) -> Message<'a> {
        if says_sender_ids(self.server) || !says_sender_ids(self.client) {
            return message;
        }
        let sender_id = self.users.id_of(message.sender).unwrap_or(message.sender_id);
        Message { sender_id, ..message }
    }

    /// A sender's id is not lost to those who may know it by the name.
    fn forgive_sender_id(&self, message: &Message<'_>, way: &mut Way<'_>) {
        if self.users.find(message.sender_id).is_some_and(|user| user.name() == message.sender) {
            way.losses.retain(|loss| loss.field != Some("sender_id"));
        }
    }
}

/// An IRC user, of whom an old server says nothing but the name.
fn irc_user(id: i32, name: &str) -> UserInfo<'_> {
    let presence = UserPresence { is_irc: true, ..UserPresence::default() };
    UserInfo { id, name, presence, ..UserInfo::default() }
}

/// Whether servers say the sender's id with a message in this version.
fn says_sender_ids(version: Version) -> bool {
    version.since_protocol(20121225, 15)
}

/// Whether the details of a status may be left out in this version, which means that they stay.
fn may_cut_status(version: Version) -> bool {
    version.since(338) && !version.since(1788)
}

/// Whether a field of a user belongs to the presence, as losses name it.
fn is_of_presence(field: &str) -> bool {
    field == "id" || field == "name" || field.starts_with("presence.")
}

/// One packet on its way, and what comes of it.
struct Way<'o> {
    from: Version,
    to: Version,
    transcoder: Transcoder<Version, Version>,
    onward: &'o mut Outbox,
    back: Option<&'o mut Outbox>,
    /// How many frames went onward.
    frames: usize,
    losses: Vec<Loss>,
    /// The users of whom the client is told all that is known.
    told: Vec<i32>,
    /// The user whose missing part the server is asked for.
    asked: Option<i32>,
}

impl Way<'_> {
    /// Writes a packet to the other side.
    fn onward(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        let outbox = &mut *self.onward;
        self.frames += append(self.to, &outbox.options, &mut outbox.buffer, |writer| writer.write(packet))?;
        Ok(())
    }

    /// Writes a packet to the side that the packet is from, if there is a way.
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

    /// Writes what a transcoder makes of a packet, and notes what is lost.
    fn transcode(
        &mut self,
        write: impl Fn(&mut FrameWriter<'_>, &mut dyn FnMut(Loss)) -> Result<usize, WriteError>,
    ) -> Result<(), WriteError> {
        let losses = RefCell::new(Vec::new());
        let outbox = &mut *self.onward;
        self.frames += append(self.to, &outbox.options, &mut outbox.buffer, |writer| {
            // It is written again where the room was not enough.
            let mut losses = losses.borrow_mut();
            losses.clear();
            write(writer, &mut |loss| losses.push(loss))
        })?;
        self.losses.append(&mut losses.into_inner());
        Ok(())
    }

    /// Notes a loss.
    fn lose(&mut self, packet: &impl Encode, field: Option<&'static str>) {
        self.losses.push(Loss { packet: packet.packet_info().name, field });
    }

    /// Notes which of some fields of a user a client before b1788 can't be told.
    fn lose_of_user(&mut self, packet: &'static str, info: UserInfo<'_>, is_meant: impl Fn(&str) -> bool) {
        let all = server::UserStats(UserUpdate { completeness: Completeness::FULL, ..info.into() });
        all.visit_unrepresentable(self.to, &mut |field| {
            if is_meant(field) {
                self.losses.push(Loss { packet, field: Some(field) });
            }
        });
    }

    /// Notes what such a client can't be told of a user's stats and status, or is told otherwise, so that
    /// it fits it.
    fn lose_of_stats(&mut self, info: &UserInfo<'_>) {
        let packet = "BanchoUserStats";
        self.lose_of_user(packet, *info, |field| !is_of_presence(field));
        if compat::status(self.to, info.status.action) != info.status.action {
            self.losses.push(Loss { packet, field: Some("status.action") });
        }
        if compat::total_score(self.to, info.stats.tscore) != info.stats.tscore {
            self.losses.push(Loss { packet, field: Some("stats.tscore") });
        }
    }
}
