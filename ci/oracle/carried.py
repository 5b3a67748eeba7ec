"""The part of a client's value that a version's layout carries, with values narrowed to the fields' sizes.

Only clients' packets need this: chio can read them but not write them.
"""

import struct
from typing import Any

Json = dict[str, Any]

NOTHING = object()
"""The packet has no payload in this version."""

OWN_KEYS = ("beatmap_update", "checksum", "password_hidden")
"""Fields of the tool's JSON that chio's objects lack."""


def _clamp(low: int, high: int, value: int) -> int:
    return max(low, min(high, value))


def _u8(value: int) -> int:
    return _clamp(0, 0xFF, value)


def _u16(value: int) -> int:
    return _clamp(0, 0xFFFF, value)


def _u32(value: int) -> int:
    return _clamp(0, 0xFFFF_FFFF, value)


def _single(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _mods(value: int, version: int) -> int:
    return value & (0xFFFF_FFFF if version >= 20120818 else 0xFFFF)


def _status(value: Json, version: int) -> Json:
    action = value["action"]
    if version < 338 and action == 7:
        return {"action": 7}
    if value.get("beatmap_update") is False:
        return {"action": action, "beatmap_update": False}
    status = {
        "action": action,
        "text": value["text"],
        "beatmap_checksum": value["beatmap_checksum"],
        "mods": _mods(value["mods"], version),
    }
    if value["update_stats"]:
        status["update_stats"] = True
    if version >= 489:
        status["mode"] = value["mode"]
    if version >= 490:
        status["beatmap_id"] = value["beatmap_id"]
    return status


def _message(value: Json, version: int) -> Json:
    fields = ["content"]
    if version >= 320:
        fields += ["sender", "target"]
    if version >= 20121225:
        fields.append("sender_id")
    return {name: value[name] for name in fields}


def _private(value: Json, version: int) -> Json:
    return {**_message(value, version), "target": value["target"]}


def _score(value: Json, version: int, checksum: str) -> Json:
    """`checksum` is chio's, for a value that has none."""
    frame = {
        name: _u16(value[name]) for name in ("total_300", "total_100", "total_50", "total_geki", "total_katu", "total_miss")
    }
    frame |= {name: _u16(value[name]) for name in ("max_combo", "current_combo")}
    frame |= {"id": _u8(value["id"]), "total_score": _u32(value["total_score"]), "hp": _u8(value["hp"])}
    frame["perfect"] = value["perfect"]
    if version < 334:
        frame["checksum"] = value.get("checksum", checksum)
    if version >= 296:
        frame["time"] = value["time"]
    if version >= 535:
        frame["tag_byte"] = _u8(value["tag_byte"])
    if version >= 20151106:
        frame["using_scorev2"] = value["using_scorev2"]
        if value["using_scorev2"]:
            frame |= {"combo_portion": value["combo_portion"], "bonus_portion": value["bonus_portion"]}
    return frame


def _replay_frame(value: Json, version: int) -> Json:
    buttons = value["button_state"]
    frame = {
        "button_state": buttons if version >= 374 else bool(buttons & 0b0101) | bool(buttons & 0b1010) << 1,
        "mouse_x": _single(value["mouse_x"]),
        "mouse_y": _single(value["mouse_y"]),
        "time": value["time"],
    }
    if version >= 374:
        frame["legacy_byte"] = value["legacy_byte"]
    return frame


def _bundle(value: Json, version: int, checksum: str) -> Json:
    bundle: Json = {
        "action": value["action"],
        "frames": [_replay_frame(frame, version) for frame in value["frames"]],
    }
    if version >= 294:
        bundle["frame"] = None if value["frame"] is None else _score(value["frame"], version, checksum)
    if version >= 20130418:
        bundle["extra"] = value["extra"]
    if version >= 20160404:
        bundle["sequence"] = _u16(value["sequence"] or 0)
    return bundle


def _has_player(status: int) -> bool:
    return bool(status & 0b0111_1100)


def _slot(value: Json, version: int, freemod: bool) -> Json:
    status = value["status"]
    if version < 334:
        # Three bit sets: ready, occupied and open slots.
        status = 8 if status == 8 else 4 if _has_player(status) else 1 if status == 1 else 2
    slot: Json = {"status": status}
    if _has_player(status):
        slot["user_id"] = value["user_id"]
    if version >= 558:
        slot["team"] = value["team"]
    if version >= 20130303 and freemod:
        slot["mods"] = value["mods"]
    return slot


def _match(value: Json, version: int) -> Json:
    count = 16 if version >= 20150915 else 8
    locked = {"user_id": -1, "status": 2, "team": 0, "mods": 0}
    match = {name: value[name] for name in ("id", "type", "name", "beatmap_text", "beatmap_id", "beatmap_checksum")}
    match["slots"] = [_slot(slot, version, value["freemod"]) for slot in (value["slots"] + [locked] * count)[:count]]
    since = {
        "in_progress": 312,
        "password": 591,
        "host_id": 402,
        "mode": 470,
        "scoring_type": 535,
        "team_type": 535,
        "freemod": 20130118,
    }
    match |= {name: value[name] for name, first in since.items() if version >= first}
    if version >= 334:
        match["mods"] = _mods(value["mods"], version)
    if version >= 591 and "password_hidden" in value:
        match["password_hidden"] = True
    if version >= 20130418:
        match["seed"] = _u32(value["seed"])
    return match


def carried(packet: str, kind: str, value: Any, version: int, checksum: str = "") -> Any:
    """The fields of a client's packet that are on the wire, with the values that a decoder reads. `checksum` is that of the
    value's score frame, if any."""
    match kind:
        case "status":
            return _status(value, version)
        case "message":
            return _message(value, version)
        case "private":
            return _private(value, version)
        case "score":
            return _score(value, version, checksum)
        case "bundle":
            return _bundle(value, version, checksum)
        case "match":
            return _match(value, version)
        case "join":
            return value if version >= 591 else {"match_id": value["match_id"]}
        case "request":
            return value if version >= 490 else {"filenames": value["filenames"]}
        case "boolean" if packet == "OsuExit" and version < 1788:
            return NOTHING
        case _:
            return value
