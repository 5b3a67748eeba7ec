"""Random values of each kind of packet: mostly realistic ones, sometimes ones that do not fit the wire.

The name of a case seeds its value, so a single case can be reproduced.
"""

import struct
from collections.abc import Callable
from random import Random
from typing import Any

Value = Any
Json = dict[str, Any]

_WORDS = ("peppy", "BanchoBot", "map", "Cookiezi", "a b", "[x]", "nul\u0000l", 'quo"te\\', "tab\tnew\n", "é", "日本語", "🎵")
_LINK_PARTS = (
    "[", "]", "(", ")", " ", "  ", "\t", "\u3000", "http://", "https://", "osu://", "https://osu.example/b/75", "x", "y",
    "[https://x y]", "[http://x [y] z]", "[https://x  [[y]] z]", "[osump://1/pw join]", "(y)[https://x]", "\x01ACTION is",
)  # fmt: skip

FAR = 0.06
"""How often a number exceeds the range of its field."""


def _text(rng: Random) -> str:
    """Strings whose lengths are near the points where the encoding changes: empty, one and two length bytes."""
    pick = rng.random()
    if pick < 0.15:
        return ""
    if pick < 0.75:
        return "".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 3)))
    if pick < 0.97:
        start = rng.choice(("", "ö", "漢", "😀"))
        length = rng.choice((127, 128, 129, 300))
        return start + "x" * (length - len(start.encode()))
    return "".join(chr(rng.choice((rng.randint(1, 0x7F), rng.randint(0xA0, 0xD7FF)))) for _ in range(rng.randint(1, 900)))


def _name(rng: Random) -> str:
    return rng.choice(("peppy", "BanchoBot", "cookie zi", "名前", "_-[x]-_", "a" * 15, _text(rng)))


def _md5(rng: Random) -> str:
    return rng.choice(("", f"{rng.getrandbits(128):032x}"))


def _number(rng: Random, low: int, high: int, *odd: int) -> int:
    """Small, at a border, or anywhere between the borders; rarely one of the odd ones that do not fit."""
    if odd and rng.random() < FAR:
        return rng.choice(odd)
    pick = rng.random()
    if pick < 0.5:
        return rng.randint(max(low, -3), min(high, 300))
    if pick < 0.65:
        return rng.choice((low, high))
    return rng.randint(low, high)


def _u8(rng: Random) -> int:
    return _number(rng, 0, 0xFF, -1, 256, 1000)


def _u16(rng: Random) -> int:
    return _number(rng, 0, 0xFFFF, -1, 65536, 100_000)


def _s16(rng: Random) -> int:
    return _number(rng, -0x8000, 0x7FFF, -40_000, 40_000)


def _u32(rng: Random) -> int:
    return _number(rng, 0, 0xFFFF_FFFF, -1)


def _s32(rng: Random) -> int:
    return _number(rng, -0x8000_0000, 0x7FFF_FFFF)


def _id(rng: Random) -> int:
    """A user id, without the lowest one, which cannot be negated for an IRC user."""
    return rng.choice((2, 3, 1000, rng.randint(1, 40_000_000), 0x7FFF_FFFF, rng.randint(-5, 0), -0x7FFF_FFFF))


def _mods(rng: Random) -> int:
    pick = rng.random()
    if pick < 0.3:
        return 0
    if pick < 0.6:
        return 1 << rng.randint(0, 31)
    return rng.getrandbits(rng.choice((16, 31, 32)))


def _single(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _real(rng: Random, low: float, high: float) -> float:
    """Mostly a number that a 32-bit float represents exactly, sometimes one that is rounded."""
    value = rng.uniform(low, high)
    pick = rng.random()
    if pick < 0.2:
        return float(rng.choice((0, int(low), int(high), 1)))
    return _single(value) if pick < 0.85 else value


def _mode(rng: Random) -> int:
    return rng.randint(0, 3)


def _open(rng: Random, known: int) -> int:
    """A value of an enumeration, rarely an unknown one."""
    return rng.randint(known + 1, 255) if rng.random() < FAR else rng.randint(0, known)


def server_status(rng: Random, version: int) -> Json:
    """A status with unknown actions from 504 on; older versions have no numbers for them."""
    return {
        "action": _open(rng, 13) if version >= 504 else rng.randint(0, 13),
        "text": _text(rng),
        "mods": _mods(rng),
        "mode": _mode(rng),
        "beatmap_checksum": _md5(rng),
        "beatmap_id": _s32(rng),
        "update_stats": rng.random() < 0.3,
    }


def client_status(rng: Random, version: int) -> Json:
    """A client's status. Before 338 an update of the statistics is an action; later a status may omit the beatmap."""
    status = server_status(rng, version)
    status["mode"] = _open(rng, 3)
    status["update_stats"] = False
    if version >= 338:
        status["action"] = _open(rng, 13)
    elif rng.random() < 0.15:
        status["action"] = 0
        status["update_stats"] = True
    if 338 <= version < 1788 and rng.random() < 0.2:
        status["beatmap_update"] = False
    return status


def _user(rng: Random, version: int) -> Json:
    """A user on a server. Before 1796 countries are sent by name, so only known numbers are used."""
    return {
        "id": _id(rng),
        "name": _name(rng),
        "presence": {
            "is_irc": rng.random() < 0.2,
            "timezone": _number(rng, -12, 14, -24, -25, -200, 231, 300),
            "country_index": rng.randint(0, 252) if version < 1796 else _number(rng, 0, 252, 255, 300, -1),
            "permissions": rng.choice((0, 1, 4, 5, 16, 31, 32, 37, rng.getrandbits(6), rng.getrandbits(8), 0x105)),
            "longitude": _real(rng, -180, 180),
            "latitude": _real(rng, -90, 90),
            "city": rng.choice(("", "Perth", _text(rng))),
        },
        "status": server_status(rng, version),
        "stats": {
            "rank": rng.choice(
                (0, 1, 65_535, 65_536, 70_000, rng.randint(1, 3_000_000), _number(rng, 0, 2**31, 2**32 - 1, -1))
            ),
            "rscore": _number(rng, 0, 2**63, 2**64 - 1, -1),
            "tscore": rng.choice(
                (0, 17_705_429_348, 17_705_429_349, 26_931_190_827, 26_931_190_828, 18_000_000_000, 10**12, rng.getrandbits(63))
            ),
            "accuracy": _real(rng, 0, 1),
            "playcount": _number(rng, 0, 0xFFFF_FFFF, -1),
            "pp": _number(rng, 0, 30_000, 32_767, 32_768, 40_000, 65_535, 70_000, -5, -40_000),
        },
    }


def _users(rng: Random, version: int) -> list[Json]:
    return [_user(rng, version) for _ in range(rng.choice((0, 1, 2, 3, 7)))]


def _quit(rng: Random, version: int) -> Json:
    return {"info": _user(rng, version), "state": rng.randint(0, 2)}


def _content(rng: Random) -> str:
    if rng.random() < 0.4:
        return _text(rng)
    return "".join(rng.choice(_LINK_PARTS) for _ in range(rng.randint(1, 8)))


def _message(rng: Random, _version: int) -> Json:
    return {
        "sender": _name(rng),
        "content": _content(rng),
        "target": rng.choice(("#osu", "#osu", "#announce", "#lobby", _name(rng))),
        "sender_id": _id(rng),
    }


def _private(rng: Random, version: int) -> Json:
    return {**_message(rng, version), "target": rng.choice(("bob", _name(rng)))}


def _blocked(rng: Random, _version: int) -> Json:
    return {"sender": "", "content": "", "target": _name(rng), "sender_id": 0}


def _rename(rng: Random, _version: int) -> Json:
    return {"old_name": _name(rng), "new_name": _name(rng)}


def _channel(rng: Random, _version: int) -> Json:
    return {
        "name": rng.choice(("#osu", _text(rng))),
        "topic": _text(rng),
        "owner": _name(rng),
        "user_count": _s16(rng),
    }


def _score(rng: Random, version: int) -> Json:
    """A score. Before 334 all numbers fit their fields, since chio computes the checksum before it narrows them."""
    small = _u16 if version >= 334 else lambda rng: _number(rng, 0, 0xFFFF)
    frame: Json = {
        "time": _s32(rng),
        "id": _u8(rng),
        "total_300": small(rng),
        "total_100": small(rng),
        "total_50": small(rng),
        "total_geki": small(rng),
        "total_katu": small(rng),
        "total_miss": small(rng),
        "total_score": _u32(rng),
        "max_combo": small(rng),
        "current_combo": small(rng),
        "perfect": rng.random() < 0.5,
        "hp": rng.choice((0, 200, 253, 254, 255)) if version < 334 else rng.choice((254, _u8(rng))),
        "tag_byte": _u8(rng),
        "using_scorev2": rng.random() < 0.5,
        "combo_portion": rng.choice((0.0, 0.5, rng.uniform(0, 1_000_000))),
        "bonus_portion": rng.choice((0.0, 0.25, rng.uniform(0, 1_000_000))),
    }
    if rng.random() < 0.2:
        frame["checksum"] = _md5(rng)
    return frame


def _replay_frame(rng: Random) -> Json:
    return {
        "button_state": rng.choice((0, rng.randint(0, 31), rng.randint(0, 255))),
        "legacy_byte": int(rng.random() < 0.05),
        "mouse_x": _real(rng, -100, 612),
        "mouse_y": _real(rng, -100, 484),
        "time": _s32(rng),
    }


def _bundle(rng: Random, version: int, action: Callable[[Random], int]) -> Json:
    return {
        "action": action(rng),
        "frames": [_replay_frame(rng) for _ in range(rng.choice((0, 1, 2, rng.randint(0, 40))))],
        "frame": _score(rng, version) if rng.random() < 0.6 else None,
        "extra": rng.choice((-1, _id(rng), _s32(rng))),
        "sequence": None if rng.random() < 0.2 else _u16(rng),
    }


def _server_bundle(rng: Random, version: int) -> Json:
    return _bundle(rng, version, lambda rng: rng.randint(0, 8))


def _client_bundle(rng: Random, version: int) -> Json:
    return _bundle(rng, version, lambda rng: _open(rng, 8))


def _slot(rng: Random, enumeration: Callable[[Random, int], int]) -> Json:
    status = rng.choice((1, 2, 4, 8, 16, 32, 64, 128, 1 << rng.randint(0, 7), rng.randint(0, 255)))
    return {
        "user_id": _id(rng) if status & 0x7C or rng.random() < 0.1 else -1,
        "status": status,
        "team": enumeration(rng, 2),
        "mods": _mods(rng),
    }


def _match(rng: Random, ids: tuple[int, ...], enumeration: Callable[[Random, int], int]) -> Json:
    hidden = rng.random() < 0.1
    match = {
        "id": rng.choice(ids),
        "in_progress": rng.random() < 0.5,
        "type": enumeration(rng, 1),
        "mods": _mods(rng),
        "name": _text(rng),
        "password": "" if hidden else _text(rng),
        "beatmap_text": _text(rng),
        "beatmap_id": _s32(rng),
        "beatmap_checksum": _md5(rng),
        "slots": [_slot(rng, enumeration) for _ in range(rng.choice((8, 8, 8, 16, 16, 16, 0, 3, 20)))],
        "host_id": _id(rng),
        "mode": enumeration(rng, 3),
        "scoring_type": enumeration(rng, 3),
        "team_type": enumeration(rng, 3),
        "freemod": rng.random() < 0.5,
        "seed": _u32(rng),
    }
    if hidden:
        match["password_hidden"] = True
    return match


def _server_match(rng: Random, _version: int) -> Json:
    return _match(rng, (0, 1, 5, 255, 256, 300, rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 65_535)), _named)


def _client_match(rng: Random, version: int) -> Json:
    """A client uses ids from the server, so they always fit the field."""
    return _match(rng, (0, 1, rng.randint(0, 255 if version < 1796 else 65_535)), _open)


def _named(rng: Random, known: int) -> int:
    return rng.randint(0, known)


def _beatmap(rng: Random) -> Json:
    return {
        "index": rng.choice((-1, _s16(rng))),
        "beatmap_id": _s32(rng),
        "beatmapset_id": _s32(rng),
        "thread_id": _s32(rng),
        "ranked_status": rng.randint(-1, 4),
        "checksum": _md5(rng),
        **{f"{mode}_rank": rng.randint(0, 9) for mode in ("osu", "taiko", "fruits", "mania")},
    }


def _beatmaps(rng: Random, _version: int) -> Json:
    return {"beatmaps": [_beatmap(rng) for _ in range(rng.choice((0, 1, 2, rng.randint(0, 20))))]}


def _ids(rng: Random, _version: int) -> list[int]:
    return [_s32(rng) for _ in range(rng.choice((0, 1, 2, 10, 127, 128, 300)))]


def _title(rng: Random, _version: int) -> Json:
    return {"image_url": _text(rng), "redirect_url": rng.choice(("", "https://osu.example/news", "l"))}


def _join(rng: Random, _version: int) -> Json:
    return {"match_id": _number(rng, 0, 65_535, -1), "password": _text(rng)}


def _request(rng: Random, _version: int) -> Json:
    return {
        "filenames": [_text(rng) for _ in range(rng.choice((0, 1, 2, 20)))],
        "ids": [_s32(rng) for _ in range(rng.choice((0, 1, 2, 100)))],
    }


def _login(rng: Random, _version: int) -> int | str:
    """An error, including the one that chio knows by name, or a user id (never that of a delimiter)."""
    return rng.choice(("UserInactive", rng.randint(-8, -1), rng.randint(1, 40_000_000), 0x7FFF_FFFF))


_SERVER: dict[str, Callable[[Random, int], Value]] = {
    "login": _login,
    "message": _message,
    "blocked": _blocked,
    "rename": _rename,
    "text": lambda rng, _: _text(rng),
    "user": _user,
    "users": _users,
    "quit": _quit,
    "user_id": lambda rng, _: _id(rng),
    "number": lambda rng, _: _number(rng, -(2**31), 2**31 - 1, -(2**31) - 1, 2**31),
    "slot": lambda rng, _: _number(rng, 0, 15, 255, -1),
    "milliseconds": lambda rng, _: _number(rng, 0, 2**31 - 1),
    "permissions": lambda rng, _: rng.choice((0, 1, 5, 31, 32, 63, rng.getrandbits(8), rng.getrandbits(31))),
    "protocol": lambda rng, _: rng.choice((None, None, 0, 19, 128, rng.randint(0, 1000))),
    "bundle": _server_bundle,
    "score": _score,
    "match": _server_match,
    "channel": _channel,
    "beatmaps": _beatmaps,
    "ids": _ids,
    "title": _title,
    "empty": lambda _rng, _: None,
}

_CLIENT: dict[str, Callable[[Random, int], Value]] = {
    "status": client_status,
    "message": _message,
    "private": _private,
    "boolean": lambda rng, _: rng.random() < 0.5,
    "text": lambda rng, _: _text(rng),
    "number": lambda rng, _: rng.choice((-1, 0, 1, 7, 15, rng.randint(1, 40_000_000), 0x7FFF_FFFF, -0x8000_0000)),
    "mods": lambda rng, _: _mods(rng),
    "filter": lambda rng, _: rng.choice((0, 1, 2, 0, 1, 2, 3, -1)),
    "maybe": lambda rng, _: rng.choice((None, _s32(rng))),
    "bundle": _client_bundle,
    "score": _score,
    "match": _client_match,
    "join": _join,
    "request": _request,
    "ids": _ids,
    "empty": lambda _rng, _: None,
}

_MAKERS = {"server": _SERVER, "client": _CLIENT}


def value(side: str, kind: str, version: int, rng: Random) -> Value:
    """A random value of this kind of packet, as the tool's JSON has it."""
    return _MAKERS[side][kind](rng, version)
