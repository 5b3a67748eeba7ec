"""Fixed values for the golden vectors: few, but each with every field filled, and one for each branch of a layout."""

from typing import Any

from .packets import KIND

Json = dict[str, Any]

_MAP: Json = {
    "text": "Kenji Ninuma - DISCO PRINCE [Normal]",
    "beatmap_checksum": "a5b99395a42bd55bc5eb1d2411cbdf8b",
    "beatmap_id": 75,
}

_USER: Json = {
    "id": 2,
    "name": "peppy",
    "presence": {
        "is_irc": False,
        "timezone": 8,
        "country_index": 16,
        "permissions": 37,
        "longitude": 115.5,
        "latitude": -31.75,
        "city": "Perth",
    },
    "status": {"action": 2, **_MAP, "mods": 0x4000_0048, "mode": 1, "update_stats": False},
    "stats": {
        "rank": 70_000,
        "rscore": 1_000_000_007,
        "tscore": 30_000_000_000,
        "accuracy": 0.984375,
        "playcount": 1234,
        "pp": 40_000,
    },
}

_IDLE: Json = {
    "id": 1_000_003,
    "name": "Ardent Sky",
    "presence": {**_USER["presence"], "timezone": -5, "city": "", "permissions": 1},
    "status": {
        "action": 11,
        "text": "",
        "beatmap_checksum": "",
        "beatmap_id": 0,
        "mods": 0,
        "mode": 3,
        "update_stats": True,
    },
    "stats": {"rank": 12, "rscore": 5, "tscore": 18_000_000_000, "accuracy": 0.25, "playcount": 7, "pp": 300},
}

_UNKNOWN: Json = {**_USER, "id": 9, "name": "", "status": {**_USER["status"], "action": 7}}

_IRC: Json = {**_USER, "id": 44, "name": "nick", "presence": {**_USER["presence"], "is_irc": True}}

_SCORE: Json = {
    "time": 61_250,
    "id": 3,
    "total_300": 301,
    "total_100": 22,
    "total_50": 5,
    "total_geki": 40,
    "total_katu": 11,
    "total_miss": 2,
    "total_score": 4_123_456,
    "max_combo": 415,
    "current_combo": 98,
    "perfect": False,
    "hp": 187,
    "tag_byte": 1,
    "using_scorev2": False,
    "combo_portion": 0.0,
    "bonus_portion": 0.0,
}

_SCORE_V2: Json = {
    **_SCORE,
    "perfect": True,
    "hp": 254,
    "using_scorev2": True,
    "combo_portion": 700_000.5,
    "bonus_portion": 0.1,
}

_FRAMES = [
    {"button_state": 5, "legacy_byte": 0, "mouse_x": 256.0, "mouse_y": 192.5, "time": -40},
    {"button_state": 2, "legacy_byte": 0, "mouse_x": 0.125, "mouse_y": -12.25, "time": 16},
    {"button_state": 16, "legacy_byte": 0, "mouse_x": 511.75, "mouse_y": 384.0, "time": 100_000},
]

_MATCH: Json = {
    "id": 5,
    "in_progress": True,
    "type": 0,
    "mods": 0x40,
    "name": "a room",
    "password": "secret",
    "beatmap_text": _MAP["text"],
    "beatmap_id": _MAP["beatmap_id"],
    "beatmap_checksum": _MAP["beatmap_checksum"],
    "slots": [
        {"user_id": 2, "status": 4, "team": 1, "mods": 0x8},
        {"user_id": 3, "status": 8, "team": 2, "mods": 0},
        {"user_id": 1_000_003, "status": 16, "team": 1, "mods": 0x10},
        {"user_id": 5, "status": 32, "team": 2, "mods": 0x18},
        {"user_id": 6, "status": 64, "team": 0, "mods": 0},
        {"user_id": -1, "status": 128, "team": 0, "mods": 0},
        {"user_id": -1, "status": 1, "team": 0, "mods": 0},
        {"user_id": -1, "status": 2, "team": 0, "mods": 0},
    ],
    "host_id": 2,
    "mode": 3,
    "scoring_type": 3,
    "team_type": 2,
    "freemod": False,
    "seed": 7,
}

_OPEN: Json = {"user_id": -1, "status": 1, "team": 0, "mods": 0}

_FREEMOD: Json = {
    **_MATCH,
    "id": 255,
    "in_progress": False,
    "mods": 0x4000_0440,
    "password": "",
    "slots": _MATCH["slots"] + [{"user_id": 11, "status": 8, "team": 2, "mods": 0x8000_0000}] + [_OPEN] * 7,
    "freemod": True,
    "seed": 0xFFFF_FFFF,
}

_BEATMAPS: Json = {
    "beatmaps": [
        {
            "index": at if at >= 0 else -1,
            "beatmap_id": 75 + at,
            "beatmapset_id": 1,
            "thread_id": 20_000 + at,
            "ranked_status": at,
            "checksum": _MAP["beatmap_checksum"] if at else "",
            "osu_rank": 3,
            "taiko_rank": 4,
            "fruits_rank": 5,
            "mania_rank": 9,
        }
        for at in range(-1, 5)
    ]
}

_MESSAGE: Json = {
    "sender": "peppy",
    "content": "look: [https://osu.example/b/75 a [new] map]!",
    "target": "#osu",
    "sender_id": 2,
}

_DIRECT: Json = {"sender": "peppy", "content": "hi 日本", "target": "Ardent Sky", "sender_id": 2}

_SERVER: dict[str, list[Any]] = {
    "login": [2, -1, "UserInactive"],
    "message": [_MESSAGE, _DIRECT, {**_MESSAGE, "target": "#lobby"}],
    "blocked": [{"sender": "", "content": "", "target": "peppy", "sender_id": 0}],
    "rename": [{"old_name": "nick", "new_name": "nick_"}],
    "text": ["#osu", "", "x" * 148],
    "user": [_USER, _IDLE, _UNKNOWN, _IRC],
    "users": [[_USER, _IRC, _IDLE], []],
    "quit": [
        {"info": _USER, "state": 0},
        {"info": _USER, "state": 1},
        {"info": _USER, "state": 2},
        {"info": _IRC, "state": 0},
        {"info": _IRC, "state": 2},
    ],
    "user_id": [2],
    "number": [-3],
    "slot": [5],
    "milliseconds": [5000],
    "permissions": [37],
    "protocol": [None, 0, 128],
    "bundle": [
        {"action": 1, "frames": _FRAMES, "frame": None, "extra": -1, "sequence": None},
        {"action": 0, "frames": _FRAMES[:1], "frame": _SCORE, "extra": 2, "sequence": 7},
        {"action": 3, "frames": [], "frame": _SCORE_V2, "extra": -1, "sequence": 65_535},
    ],
    "score": [_SCORE, _SCORE_V2, {**_SCORE, "checksum": _MAP["beatmap_checksum"]}],
    "match": [_MATCH, _FREEMOD, {**_MATCH, "id": 300, "password": "", "password_hidden": True}],
    "channel": [{"name": "#osu", "topic": "what this is about", "owner": "BanchoBot", "user_count": 40_000}],
    "beatmaps": [_BEATMAPS],
    "ids": [[2, 1_000_003, -44], []],
    "title": [
        {"image_url": "https://osu.example/title.png", "redirect_url": "https://osu.example/news"},
        {"image_url": "", "redirect_url": ""},
    ],
    "empty": [None],
}

_CLIENT: dict[str, list[Any]] = {
    "status": [
        _USER["status"],
        {**_IDLE["status"], "update_stats": False},
        {**_USER["status"], "action": 7},
        {**_USER["status"], "action": 0},
    ],
    "message": [_MESSAGE, {**_MESSAGE, "sender": "", "content": "", "sender_id": 0}],
    "private": [_DIRECT],
    "boolean": [True, False],
    "text": ["#osu", "", "x" * 148],
    "number": [3, -1],
    "mods": [0x4000_0048],
    "filter": [2],
    "maybe": [61_250, None],
    "bundle": _SERVER["bundle"],
    "score": _SERVER["score"],
    "match": [_MATCH, _FREEMOD, {**_MATCH, "password": "", "password_hidden": True}],
    "join": [{"match_id": 5, "password": "secret"}, {"match_id": 5, "password": ""}],
    "request": [{"filenames": ["a.osu", "日本.osu"], "ids": [75, 76]}, {"filenames": [], "ids": []}],
    "ids": _SERVER["ids"],
    "empty": [None],
}

_SAMPLES = {"server": _SERVER, "client": _CLIENT}


def samples(side: str, packet: str, version: int) -> list[Any]:
    """The sample values of a packet. Only old clients send a status as an update, and only some omit the beatmap."""
    kind = KIND[side][packet]
    extra: list[Any] = []
    if side == "client" and kind == "status":
        if version < 338:
            extra = [{**_USER["status"], "action": 0, "update_stats": True}]
        elif version < 1788:
            extra = [{**_USER["status"], "beatmap_update": False}]
    return _SAMPLES[side][kind] + extra
