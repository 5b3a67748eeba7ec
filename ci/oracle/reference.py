"""Adapts chio to the tool's JSON: converts JSON values to chio's objects and back."""

import dataclasses
import enum
import logging
from dataclasses import dataclass
from typing import Any

from chio import select_client
from chio.chio import BanchoIO
from chio.clients import ClientDict
from chio.constants import (
    ButtonState,
    LoginError,
    Mode,
    Mods,
    PacketType,
    Permissions,
    QuitState,
    RankedStatus,
    SlotStatus,
    Status,
)
from chio.types import (
    BeatmapInfo,
    BeatmapInfoReply,
    Channel,
    Match,
    MatchSlot,
    Message,
    ReplayFrame,
    ReplayFrameBundle,
    ScoreFrame,
    TitleUpdate,
    UserInfo,
    UserPresence,
    UserQuit,
    UserStats,
    UserStatus,
)

from . import frames
from .carried import carried
from .frames import Frame
from .packets import KIND

# chio logs a warning for each number that saturates, which the random values do on purpose.
logging.getLogger("chio.py").setLevel(logging.CRITICAL)


def _status(value: dict[str, Any]) -> UserStatus:
    fields = {**value, "mods": Mods(value["mods"])}
    # chio's writers for old versions require the enum; the others accept any number.
    if fields["action"] in Status._value2member_map_:
        fields["action"] = Status(fields["action"])
    if fields["mode"] in Mode._value2member_map_:
        fields["mode"] = Mode(fields["mode"])
    return UserStatus(**fields)


def _presence(value: dict[str, Any]) -> UserPresence:
    return UserPresence(**{**value, "permissions": Permissions(value["permissions"])})


def _user(value: dict[str, Any]) -> UserInfo:
    return UserInfo(
        value["id"],
        value["name"],
        _presence(value["presence"]),
        _status(value["status"]),
        UserStats(**value["stats"]),
    )


def score(value: dict[str, Any]) -> ScoreFrame:
    """chio's object, which has no field for a given checksum: chio computes it."""
    return ScoreFrame(**{name: part for name, part in value.items() if name != "checksum"})


def _bundle(value: dict[str, Any]) -> ReplayFrameBundle:
    replay = [ReplayFrame(**{**frame, "button_state": ButtonState(frame["button_state"])}) for frame in value["frames"]]
    frame = None if value["frame"] is None else score(value["frame"])
    return ReplayFrameBundle(value["action"], replay, frame, value["extra"], value["sequence"])


def _match(value: dict[str, Any]) -> Match:
    slots = [
        MatchSlot(slot["user_id"], SlotStatus(slot["status"]), slot["team"], Mods(slot["mods"])) for slot in value["slots"]
    ]
    fields = {name: part for name, part in value.items() if name != "password_hidden"}
    return Match(**{**fields, "slots": slots, "mods": Mods(value["mods"])})


def _beatmap(value: dict[str, Any]) -> BeatmapInfo:
    return BeatmapInfo(**{**value, "ranked_status": RankedStatus(value["ranked_status"])})


def arguments_of(kind: str, value: Any) -> tuple[Any, ...]:
    """The arguments of chio's writer for this kind of packet."""
    match kind:
        case "empty":
            return ()
        case "login":
            return (LoginError[value] if isinstance(value, str) else value,)
        case "message":
            return (Message(**value),)
        case "blocked":
            return (value["target"],)
        case "rename":
            return (value["old_name"], value["new_name"])
        case "user":
            return (_user(value),)
        case "users":
            return ([_user(info) for info in value],)
        case "quit":
            return (UserQuit(_user(value["info"]), QuitState(value["state"])),)
        case "permissions":
            return (Permissions(value),)
        case "bundle":
            return (_bundle(value),)
        case "score":
            return (score(value),)
        case "match":
            return (_match(value),)
        case "channel":
            return (Channel(**value),)
        case "beatmaps":
            return (BeatmapInfoReply([_beatmap(info) for info in value["beatmaps"]]),)
        case "title":
            return (TitleUpdate(**value),)
        case _:
            return (value,)


def plain(value: Any) -> Any:
    """chio's object as the contract's JSON: enums and flags are numbers, structures are objects."""
    if isinstance(value, enum.IntEnum | enum.IntFlag):
        return int(value)
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


@dataclass(frozen=True)
class Refused:
    """chio could not read it."""

    why: str


@dataclass(frozen=True)
class Codec:
    """One client class of chio, with the range of builds that it handles."""

    client: type[BanchoIO]
    first: int
    last: int

    @property
    def version(self) -> int:
        """The number of the class, which identifies the version."""
        return int(self.client.version)

    @property
    def name(self) -> str:
        """The name of the class, which the tool accepts as a version."""
        return f"b{self.version}"

    def implements(self, packet: str) -> bool:
        """Whether chio implements a packet."""
        return bool(self.client.implements_packet(PacketType[packet]))

    def raw_id(self, packet: str) -> int:
        """The id on the wire. chio's mapping for output is valid for the client's packets too."""
        return int(self.client.convert_output_packet(PacketType[packet]))

    def names(self, side: str) -> dict[int, str]:
        """The packets of this side that chio implements, by id on the wire."""
        return {self.raw_id(name): name for name in KIND[side] if self.implements(name)}

    def write(self, packet: str, value: Any) -> list[Frame]:
        """The frames that chio writes. Its writers modify their arguments, so each call makes new ones."""
        arguments = arguments_of(KIND["server"][packet], value)
        data = self.client.write_packet_to_bytes(PacketType[packet], *arguments)
        return frames.split(self.version, data)

    def read(self, data: bytes) -> list[tuple[str, Any]] | Refused:
        """The packets that chio reads in a client's bytes, with its defaults for fields that were not sent."""
        try:
            return [(packet.name, plain(value)) for packet, value in self.client.read_many_packets_from_bytes(data)]
        except Exception as error:  # chio passes on any exception
            return Refused(f"{type(error).__name__}: {error}")


def sent(codec: Codec, packet: str, value: Any) -> Any:
    """The part of a client's value that is on the wire. A score without a checksum gets chio's."""
    kind = KIND["client"][packet]
    frame = value if kind == "score" else value["frame"] if kind == "bundle" else None
    return carried(packet, kind, value, codec.version, score(frame).checksum if frame else "")


def completed(packet: str, value: Any) -> Any:
    """A value with chio's defaults for missing fields: what chio would return if it could read the packet."""
    match KIND["client"][packet]:
        case "status":
            return {**plain(UserStatus()), **value}
        case "bundle":
            replay = [{**plain(ReplayFrame()), **frame} for frame in value["frames"]]
            running = {**plain(ScoreFrame(*[0] * 14)), **value["frame"]} if value.get("frame") else None
            return {**plain(ReplayFrameBundle()), **value, "frames": replay, "frame": running}
        case "match":
            slots = [{**plain(MatchSlot()), **slot} for slot in value["slots"]]
            return {**plain(Match()), **value, "slots": slots}
        case _:
            return value


def _codecs() -> list[Codec]:
    """The classes in order. A class starts after the last build of the previous one. Thus 1797 and 20130121 are the
    starts of the two classes that chio registers only under a later build."""
    classes: list[tuple[type[BanchoIO], int]] = []
    for last, client in sorted(ClientDict.items()):
        if classes and classes[-1][0] is type(client):
            classes.pop()
        classes.append((type(client), last))
    for client, _ in classes:
        if 20140528 <= client.version < 20150915:
            # chio sets this only when it reads or writes a match, but checks it in other packets too.
            client.slot_size = 16 if client.protocol_version >= 19 else 8
    starts = [classes[0][0].version] + [last + 1 for _, last in classes[:-1]]
    return [Codec(client, first, last) for (client, last), first in zip(classes, starts, strict=True)]


CODECS = _codecs()
"""All 75 classes, oldest first."""


def codec_of(build: int) -> Codec:
    """The class that chio itself selects for a build."""
    version = select_client(build).version
    return next(codec for codec in CODECS if codec.version == version)
