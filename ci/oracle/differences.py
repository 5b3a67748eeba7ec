"""The intentional differences from chio: one row per difference, with the expected result.

Nothing else may differ. A row defines exactly what is expected instead of chio's result:

* a `Correction` calls chio again with other arguments, and expects that result;
* a `Rewrite` changes the frames that chio wrote;
* a `Reread` changes the values that chio read from a client's frame;
* an `Unknown` is a packet for which chio's class has a handler although the version has no such packet;
* an `Addition` is a packet that chio lacks. It is not compared, only counted.

`where` is the section of the project's wire notes that documents the fact; "5.n" is row n of the notes' table of chio's
questionable behaviour.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from . import frames
from .frames import Frame
from .packets import KIND
from .reference import Codec, Refused, completed, score

Json = dict[str, Any]

USERS = ("BanchoUserStats", "BanchoUserPresence", "BanchoUserPresenceSingle", "BanchoUserPresenceBundle", "BanchoUserQuit")
PRESENCES = ("BanchoUserPresence", "BanchoUserPresenceSingle", "BanchoUserPresenceBundle")
MATCHES = ("BanchoMatchNew", "BanchoMatchUpdate", "BanchoMatchJoinSuccess", "BanchoMatchStart")
SPECTATORS = ("BanchoSpectatorJoined", "BanchoSpectatorLeft", "BanchoSpectatorCantSpectate")
SCORES = ("BanchoMatchScoreUpdate", "BanchoSpectateFrames")

NEWEST = 99_999_999


@dataclass(frozen=True)
class Ask:
    """A packet to write."""

    packet: str
    value: Any


Rewriting = Callable[[list[Frame], Ask, Codec], list[Frame]]


@dataclass(frozen=True)
class Sent:
    """A client's packet: the fields that are on the wire, and the payload that encodes them."""

    codec: Codec
    packet: str
    value: Any
    payload: bytes


@dataclass(frozen=True)
class Row:
    """What every difference has: a name, its source, and the packets and builds that it applies to."""

    name: str
    where: str
    packets: tuple[str, ...]
    first: int
    last: int
    reason: str

    def covers(self, packet: str, version: int) -> bool:
        """Whether this row applies to a packet in a version."""
        return packet in self.packets and self.first <= version <= self.last


@dataclass(frozen=True)
class Correction(Row):
    """Expects what chio writes for these packets instead."""

    correct: Callable[[Ask, Codec], list[Ask]]


@dataclass(frozen=True)
class Rewrite(Row):
    """Expects chio's frames after this change.

    `reads` defines what the tool must produce when it decodes and re-encodes chio's own frames: "ours" (the frames that
    the tool writes), "itself" (the same frames: valid, but the tool does not write them here), or "unread" (chio's frame
    is inconsistent, so the tool's own frame is decoded instead).
    """

    rewrite: Rewriting
    reads: Literal["ours", "itself", "unread"]


@dataclass(frozen=True)
class Reread(Row):
    """Expects what chio read after this change; with `refused`, applies where chio raised an error."""

    reread: Callable[[Any, "Sent"], Any]
    refused: bool = False


@dataclass(frozen=True)
class Unknown(Row):
    """Expects that the tool does not know the packet in these versions. chio's handler writes nothing or is unreachable."""


@dataclass(frozen=True)
class Addition:
    """A packet that chio lacks, with its id on the wire, which chio does not know either."""

    packet: str
    side: Literal["server", "client"]
    id: int
    first: int
    reason: str


# Not a matter of packets, so not compared: the texts of mods. chio's `short` writes DTNC and SDPF, and `from_string` reads
# NC as 512 and PF as 16384; clients set 576 and 16416 and show NC and PF. `from_string` ignores pairs of letters that it
# does not know, and splits a text with separators or with lazer's key mods (4K) in the wrong places; here the separators and
# the acronyms of lazer are read, and others are errors.
ADDITIONS: tuple[Addition, ...] = ()
"""Add a row here for each packet that lobbywire has and chio does not, and test such packets in the library itself."""


# What the rows do.


def _each_user(change: Callable[[Json], Json]) -> Callable[[Ask, Codec], list[Ask]]:
    """Changes the user, or every user, in a packet."""

    def correct(ask: Ask, _codec: Codec) -> list[Ask]:
        if ask.packet == "BanchoUserPresenceBundle":
            return [Ask(ask.packet, [change(user) for user in ask.value])]
        if ask.packet == "BanchoUserQuit":
            return [Ask(ask.packet, {**ask.value, "info": change(ask.value["info"])})]
        return [Ask(ask.packet, change(ask.value))]

    return correct


def _with(user: Json, part: str, **fields: Any) -> Json:
    return {**user, part: {**user[part], **fields}}


def _mask_permissions(mask: int) -> Callable[[Json], Json]:
    return lambda user: _with(user, "presence", permissions=user["presence"]["permissions"] & mask)


def _known_action(user: Json) -> Json:
    action = user["status"]["action"]
    return _with(user, "status", action={10: 2, 11: 5, 12: 5, 13: 0}.get(action, action))


def _low_status_mods(user: Json) -> Json:
    return _with(user, "status", mods=user["status"]["mods"] & 0xFFFF)


def _known_mode(user: Json) -> Json:
    return _with(user, "status", mode=0) if user["status"]["mode"] == 3 else user


def _known_match_values(field: str, unknown: int) -> Callable[[Ask, Codec], list[Ask]]:
    def correct(ask: Ask, _codec: Codec) -> list[Ask]:
        return [Ask(ask.packet, {**ask.value, field: 0})] if ask.value[field] == unknown else [ask]

    return correct


def _low_match_mods(ask: Ask, _codec: Codec) -> list[Ask]:
    return [Ask(ask.packet, {**ask.value, "mods": ask.value["mods"] & 0xFFFF})]


def _negative_irc_id(user: Json) -> Json:
    return {**user, "id": -abs(user["id"])} if user["presence"]["is_irc"] else user


def _sign_of_presence_id(user: Json) -> Json:
    """chio negates the ids of IRC users only, and a presence has no other trace of that flag."""
    return _with(user, "presence", is_irc=True) if user["id"] < 0 else user


def _irc_quit(ask: Ask, _codec: Codec) -> list[Ask]:
    info = ask.value["info"]
    if not info["presence"]["is_irc"]:
        return [ask]
    if ask.value["state"] != 2:
        return [Ask("BanchoIrcQuit", info["name"])]
    return [Ask(ask.packet, {**ask.value, "info": _with(info, "presence", is_irc=False)})]


def _irc_quit_by_id(ask: Ask, _codec: Codec) -> list[Ask]:
    info = ask.value["info"]
    if not info["presence"]["is_irc"]:
        return [ask]
    gone = _with({**info, "id": -abs(info["id"])}, "presence", is_irc=False)
    return [Ask(ask.packet, {"info": gone, "state": 0})]


def _known_login_code(lowest: int) -> Callable[[Ask, Codec], list[Ask]]:
    def correct(ask: Ask, _codec: Codec) -> list[Ask]:
        code = -4 if ask.value == "UserInactive" else ask.value
        return [Ask(ask.packet, -1)] if code < lowest else [ask]

    return correct


def _no_large_match(ask: Ask, _codec: Codec) -> list[Ask]:
    return [] if ask.value["id"] > 0xFF else [ask]


def _each_ranked_status(statuses: dict[int, int]) -> Callable[[Ask, Codec], list[Ask]]:
    def status(info: Json) -> int:
        return statuses.get(info["ranked_status"], int(info["ranked_status"]))

    def correct(ask: Ask, _codec: Codec) -> list[Ask]:
        return [Ask(ask.packet, {"beatmaps": [{**info, "ranked_status": status(info)} for info in ask.value["beatmaps"]]})]

    return correct


def _payloads(change: Callable[[bytes, Ask, Codec], bytes], packet: str | None = None) -> Rewriting:
    """Changes the payload of every frame, or of the frames of one packet only. A changed payload gets a new frame, since
    its length decides whether it is compressed."""

    def rewrite(written: list[Frame], ask: Ask, codec: Codec) -> list[Frame]:
        result = []
        for frame in written:
            if packet is None or frame.id == codec.raw_id(packet):
                payload = change(frame.payload, ask, codec)
                result.append(frame if payload == frame.payload else frames.make(codec.version, frame.id, payload))
            else:
                result.append(frame)
        return result

    return rewrite


def _id_of_user(payload: bytes, ask: Ask, _codec: Codec) -> bytes:
    user = ask.value["info"] if ask.packet == "BanchoUserQuit" else ask.value
    return struct.pack("<i", user["id"]) + payload[4:]


def _ids_of_bundle(written: list[Frame], ask: Ask, codec: Codec) -> list[Frame]:
    """Before bundles there is a packet for each user (two in b323), and one with only the name for an IRC user."""
    stats = codec.raw_id("BanchoUserStats")
    users = [user for user in ask.value if not user["presence"]["is_irc"]]
    of_users = [at for at, frame in enumerate(written) if frame.id == stats]
    each = len(of_users) // len(users) if users else 0
    result = list(written)
    for position, at in enumerate(of_users):
        payload = struct.pack("<i", users[position // each]["id"]) + written[at].payload[4:]
        result[at] = frames.make(codec.version, stats, payload)
    return result


def _string_end(payload: bytes, at: int) -> int:
    """The offset after the string that starts at `at`."""
    if payload[at] == 0:
        return at + 1
    at += 1
    length = shift = 0
    while True:
        byte = payload[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return at + length


def _hide_password(payload: bytes, ask: Ask, codec: Codec) -> bytes:
    if not ask.value.get("password_hidden"):
        return payload
    fixed = (2 if codec.version >= 1796 else 1) + 1 + 1 + (4 if codec.version >= 20120818 else 2)
    password = _string_end(payload, fixed)
    return payload[:password] + b"\x0b\x00" + payload[password + 1 :]


def _given_checksum(payload: bytes, ask: Ask, _codec: Codec) -> bytes:
    frame = ask.value["frame"] if ask.packet == "BanchoSpectateFrames" else ask.value
    if frame is None or "checksum" not in frame:
        return payload
    computed = b"\x0b\x20" + score(frame).checksum.encode()
    given = frame["checksum"].encode()
    # The score frame is the last part of a bundle, and the checksum the first part of a score frame.
    at = payload.rindex(computed)
    return payload[:at] + (bytes((0x0B, len(given))) + given if given else b"\x00") + payload[at + len(computed) :]


def _legacy_bytes(payload: bytes, ask: Ask, codec: Codec) -> bytes:
    first = 6 if codec.version >= 20130418 else 2
    changed = bytearray(payload)
    for position, frame in enumerate(ask.value["frames"]):
        changed[first + position * 14 + 1] = frame["legacy_byte"]
    return bytes(changed)


def _zero_sender(payload: bytes, ask: Ask, _codec: Codec) -> bytes:
    return payload[:-4] + struct.pack("<i", ask.value["sender_id"])


def _requested_protocol(payload: bytes, ask: Ask, _codec: Codec) -> bytes:
    return payload if ask.value is None else struct.pack("<i", ask.value)


def _signed_number(_payload: bytes, ask: Ask, _codec: Codec) -> bytes:
    return struct.pack("<i", ask.value)


def _completed_unknown(read: Refused, sent: Sent) -> Any:
    return completed(sent.packet, sent.value) if "is not a valid" in read.why else read


def _update_as_idle(read: Json, sent: Sent) -> Any:
    """Has chio read the same status again, as one of an idle user."""
    if sent.payload[0] != 10:
        return read
    again = sent.codec.read(frames.make(sent.codec.version, sent.codec.raw_id(sent.packet), b"\0" + sent.payload[1:]).raw)
    return again if isinstance(again, Refused) else {**again[0][1], "update_stats": True}


def _unguessed_action(read: Json, sent: Sent) -> Json:
    """chio guesses Playing only for a status that was sent as Idle."""
    return {**read, "action": 0} if (read["action"], sent.value["action"]) == (2, 0) else read


def _signed_extra(read: Json, _sent: Sent) -> Json:
    return {**read, "extra": read["extra"] - 2**32 if read["extra"] >= 2**31 else read["extra"]}


def _separate_legacy_byte(read: Json, sent: Sent) -> Json:
    separate = []
    for frame, own in zip(read["frames"], sent.value["frames"], strict=True):
        together = own["button_state"] | (2 if own["legacy_byte"] else 0)
        if frame["button_state"] == together:
            frame = {**frame, "button_state": own["button_state"], "legacy_byte": own["legacy_byte"]}
        separate.append(frame)
    return {**read, "frames": separate}


def _unsigned_mods(_read: int, sent: Sent) -> int:
    return int.from_bytes(sent.payload, "little")


def _optional_number(_read: None, sent: Sent) -> int | None:
    return int.from_bytes(sent.payload, "little", signed=True) if sent.payload else None


def _client(*kinds: str) -> tuple[str, ...]:
    return tuple(name for name, kind in KIND["client"].items() if kind in kinds)


ROWS: tuple[Row, ...] = (
    # Other arguments.
    Correction(
        "large-match-id", "5.8", ("BanchoMatchJoinSuccess",), 298, 1795,
        "A truncated match id is the id of another match, so such a match has no frame, as in chio's other two packets.",
        _no_large_match,
    ),
    Correction(
        "large-started-match-id", "5.8", ("BanchoMatchStart",), 334, 1795,
        "As above; before 334 a start has no match id, so it always has a frame.",
        _no_large_match,
    ),
    Correction(
        "match-mods-low-bits", "4.12", MATCHES, 334, 20120817,
        "Mods are bits: those that do not fit the narrow field are dropped. chio saturates, which sets all bits.",
        _low_match_mods,
    ),
    Correction(
        "status-mods-low-bits", "2.7", USERS, 282, 20120817,
        "Mods are bits: those that do not fit the narrow field are dropped. chio saturates, which sets all bits.",
        _each_user(_low_status_mods),
    ),
    Correction(
        "login-codes-to-2", "1.6", ("BanchoLoginReply",), 282, 590,
        "Clients treat a code that they do not know as a success, so they receive -1 instead.",
        _known_login_code(-2),
    ),
    Correction(
        "login-codes-to-3", "1.6", ("BanchoLoginReply",), 591, 1182,
        "As above.",
        _known_login_code(-3),
    ),
    Correction(
        "login-codes-to-4", "1.6", ("BanchoLoginReply",), 1183, 1787,
        "As above.",
        _known_login_code(-4),
    ),
    Correction(
        "old-actions", "5.29", USERS, 282, 503,
        "The actions after Submitting have other numbers in old clients, which receive the nearest common action.",
        _each_user(_known_action),
    ),
    Correction(
        "no-mania", "2.7", USERS, 489, 20121027,
        "Clients before 20121028 have no mania and receive the mode of osu!.",
        _each_user(_known_mode),
    ),
    Correction(
        "no-mania-match", "2.7", MATCHES, 470, 20121027,
        "As above.",
        _known_match_values("mode", 3),
    ),
    Correction(
        "no-score-v2", "2.7", MATCHES, 535, 20151105,
        "Clients before 20151106 do not rank players by ScoreV2, but by name, and receive the scoring type Score.",
        _known_match_values("scoring_type", 3),
    ),
    Correction(
        "permissions-byte", "4.14", PRESENCES, 452, 20121202,
        "Permissions are bits: those above the byte are dropped. chio saturates, which sets all bits.",
        _each_user(_mask_permissions(0xFF)),
    ),
    Correction(
        "permissions-beside-mode", "5.28", PRESENCES, 20121203, NEWEST,
        "The mode is in the upper three bits of the byte; permissions there would change it.",
        _each_user(_mask_permissions(0x1F)),
    ),
    Correction(
        "irc-ids", "5.35", USERS, 1788, NEWEST,
        "An IRC user has a negative id in every packet; otherwise a quit does not match the presence.",
        _each_user(_negative_irc_id),
    ),
    Correction(
        "presence-id-sign", "5.8", PRESENCES, 1788, NEWEST,
        "Ids keep their sign; chio drops that of users who are not on IRC.",
        _each_user(_sign_of_presence_id),
    ),
    Correction(
        "irc-quit", "5.14", ("BanchoUserQuit",), 282, 1787,
        "IRC users leave by name, except in the state where the game has left and IRC remains.",
        _irc_quit,
    ),
    Correction(
        "irc-quit-by-id", "5.14", ("BanchoUserQuit",), 1788, 20121223,
        "IRC users have an id from 1788 on, and every quit carries it.",
        _irc_quit_by_id,
    ),
    Correction(
        "no-qualified-no-loved", "5.37", ("BanchoBeatmapInfoReply",), 20121028, 20150825,
        "Clients know qualified from 20150826 on and loved from 20161101 on; chio never applies its own table.",
        _each_ranked_status({3: 2, 4: 2}),
    ),
    Correction(
        "no-loved", "5.37", ("BanchoBeatmapInfoReply",), 20150826, 20161100,
        "Clients know loved from 20161101 on; chio never applies its own table.",
        _each_ranked_status({4: 2}),
    ),
    # Other frames.
    Rewrite(
        "user-id-bits", "5.8", ("BanchoUserStats", "BanchoUserPresence", "BanchoUserPresenceSingle"), 282, 1787,
        "Ids never saturate: a negative id is written with its bits.",
        _payloads(_id_of_user, "BanchoUserStats"), "unread",
    ),
    Rewrite(
        "bundled-user-id-bits", "5.8", ("BanchoUserPresenceBundle",), 282, 1787,
        "Ids never saturate: a negative id is written with its bits.",
        _ids_of_bundle, "unread",
    ),
    Rewrite(
        "quit-id-bits", "5.8", ("BanchoUserQuit",), 282, 1787,
        "Ids never saturate: a negative id is written with its bits.",
        _payloads(_id_of_user, "BanchoUserQuit"), "itself",
    ),
    Rewrite(
        "quit-id-only", "5.36", ("BanchoUserQuit",), 282, 20121223,
        "Clients read only the id, and only chio sends the statistics after it.",
        _payloads(lambda payload, _ask, _codec: payload[:4], "BanchoUserQuit"), "ours",
    ),
    Rewrite(
        "spectator-id-bits", "5.8", SPECTATORS, 282, NEWEST,
        "Ids never saturate: a negative id is written with its bits.",
        _payloads(_signed_number), "itself",
    ),
    Rewrite(
        "presence-mode-byte", "5.27", PRESENCES, 20121203, NEWEST,
        "The mode shares a byte with the permissions; only chio repeats it at the end.",
        _payloads(lambda payload, _ask, _codec: payload[:-1], "BanchoUserPresence"), "ours",
    ),
    Rewrite(
        "blocked-sender", "5.38", ("BanchoUserDmsBlocked", "BanchoTargetIsSilenced"), 20130131, NEWEST,
        "A message that only has a target has sender 0; chio has no parameter for it.",
        _payloads(_zero_sender), "itself",
    ),
    Rewrite(
        "protocol-as-requested", "5.34", ("BanchoProtocolNegotiation",), 487, NEWEST,
        "An explicit protocol 0 is written as 0; only null means the version's own.",
        _payloads(_requested_protocol), "itself",
    ),
    Rewrite(
        "hidden-password", "5.39", MATCHES, 591, NEWEST,
        "An empty string in the long form marks a hidden password; chio cannot write it.",
        _payloads(_hide_password), "itself",
    ),
    Rewrite(
        "checksum-as-given", "4.10", SCORES, 294, 333,
        "A client's checksum is kept; chio always computes its own.",
        _payloads(_given_checksum), "itself",
    ),
    Rewrite(
        "legacy-byte", "2.6.6", ("BanchoSpectateFrames",), 374, NEWEST,
        "The second byte of a replay frame is kept; chio always writes 0.",
        _payloads(_legacy_bytes), "itself",
    ),
    # Other values.
    Reread(
        "unknown-numbers", "5.18", _client("status", "bundle", "match", "filter"), 282, NEWEST,
        "Unknown enumeration values are kept; chio rejects the packet.",
        _completed_unknown, refused=True,
    ),
    Reread(
        "old-update", "2.6.13", ("OsuUserStatus",), 282, 337,
        "Action 10 of old clients is an update of their statistics with the usual fields; chio reads Unknown and no fields.",
        _update_as_idle,
    ),
    Reread(
        "no-guess", "5.30", ("OsuUserStatus",), 282, 488,
        "A status is reported as sent; chio guesses that an idle client with a beatmap is playing.",
        _unguessed_action,
    ),
    Reread(
        "signed-extra", "5.17", ("OsuSpectateFrames",), 20130418, NEWEST,
        "The number before the replay frames is signed; chio writes it as signed and reads it as unsigned.",
        _signed_extra,
    ),
    Reread(
        "separate-legacy-byte", "2.6.6", ("OsuSpectateFrames",), 374, NEWEST,
        "The second byte of a replay frame is kept apart from the buttons; chio turns it into a button.",
        _separate_legacy_byte,
    ),
    Reread(
        "unsigned-mods", "3.1", ("OsuMatchChangeMods",), 334, NEWEST,
        "Mods are 32 bits everywhere; here chio reads a signed number.",
        _unsigned_mods,
    ),
    Reread(
        "request-all-time", "5.31", ("OsuPresenceRequestAll",), 20121224, NEWEST,
        "The packet may carry a number, which chio ignores.",
        _optional_number,
    ),
    # Handlers for packets that the version lacks.
    Unknown(
        "irc-by-name", "4.1", ("BanchoIrcJoin", "BanchoIrcQuit"), 1788, NEWEST,
        "From 1788 on IRC users have ids, and the packets with names do not exist; chio's handlers write nothing.",
    ),
    Unknown(
        "lobby-users", "4.12", ("BanchoLobbyJoin", "BanchoLobbyPart"), 20121211, NEWEST,
        "The lobby has no user list any more; chio's handlers write nothing.",
    ),
    Unknown(
        "change-beatmap", "5.33", ("OsuMatchChangeBeatmap",), 340, NEWEST,
        "The packet has no id any more; chio kept its handler.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What the tool must write for a server's packet, and must make of chio's frames."""

    chio: list[Frame]
    """chio's unchanged frames."""
    ours: list[Frame]
    """What the tool must write."""
    readable: list[Frame]
    """chio's frames for the corrected arguments, which the tool must decode."""
    reread: list[Frame]
    """What the tool must write after decoding `readable`."""
    rows: list[str]
    """The names of the rows that applied."""


def _rows(kind: type[Row], packet: str, version: int) -> list[Any]:
    return [row for row in ROWS if isinstance(row, kind) and row.covers(packet, version)]


def expected(codec: Codec, packet: str, value: Any) -> Expected:
    """chio's frames for a server's packet, after all rows."""
    chio = codec.write(packet, value)
    answers = [(Ask(packet, value), chio)]
    used: list[str] = []
    for row in _rows(Correction, packet, codec.version):
        before = [frame for _, written in answers for frame in written]
        corrected = [ask for old, _ in answers for ask in row.correct(old, codec)]
        if corrected != [ask for ask, _ in answers]:
            answers = [(ask, codec.write(ask.packet, ask.value)) for ask in corrected]
        if [frame for _, written in answers for frame in written] != before:
            used.append(row.name)
    ours: list[Frame] = []
    readable: list[Frame] = []
    reread: list[Frame] = []
    for ask, written in answers:
        mine, read, unread = written, written, False
        for rewrite in _rows(Rewrite, ask.packet, codec.version):
            rewritten = rewrite.rewrite(mine, ask, codec)
            if rewritten != mine:
                used.append(rewrite.name)
                unread |= rewrite.reads == "unread"
            mine = rewritten
            if rewrite.reads == "ours":
                read = rewrite.rewrite(read, ask, codec)
        ours += mine
        readable += mine if unread else written
        reread += mine if unread else read
    return Expected(chio, ours, readable, reread, used)


def expected_reading(read: Any, sent: Sent) -> tuple[Any, list[str]]:
    """What the tool must read where chio read `read`, and the names of the rows that applied."""
    used = []
    for row in _rows(Reread, sent.packet, sent.codec.version):
        if isinstance(read, Refused) == row.refused:
            reread = row.reread(read, sent)
            if reread != read:
                used.append(row.name)
            read = reread
    return read, used


def knows(codec: Codec, packet: str) -> tuple[bool, list[str]]:
    """Whether the tool must know this packet in this version, and the names of the rows that applied."""
    implements = codec.implements(packet)
    rows = [row.name for row in _rows(Unknown, packet, codec.version)] if implements else []
    return implements and not rows, rows


def added_ids(codec: Codec, side: str) -> set[int]:
    """The ids on the wire of the packets that chio lacks in this version."""
    return {addition.id for addition in ADDITIONS if addition.side == side and addition.first <= codec.version}
