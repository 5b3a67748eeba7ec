"""The session of the captures, as packets with values: a login, some chat, a spectated play, and a match.

Every version uses all of it; packets that a version lacks are not written.
"""

from typing import Any

Packet = tuple[str, Any]
Json = dict[str, Any]

ME, HOST, THIRD, IRC = 1_204, 2_871, 90_310, 415

_MAPS = {
    75: ("Kenji Ninuma - DISCO PRINCE [Normal]", "a5b99395a42bd55bc5eb1d2411cbdf8b"),
    129_891: ("xi - FREEDOM DiVE [FOUR DIMENSIONS]", "da8aae79c8f3306b5d65ec951874a7fb"),
}


def _status(action: int, beatmap: int = 0, mods: int = 0) -> Json:
    text, checksum = _MAPS.get(beatmap, ("", ""))
    return {
        "action": action,
        "text": text,
        "mods": mods,
        "mode": 0,
        "beatmap_checksum": checksum,
        "beatmap_id": beatmap,
        "update_stats": False,
    }


def _user(user_id: int, name: str, country: int, timezone: int, city: str, rank: int, status: Json) -> Json:
    return {
        "id": user_id,
        "name": name,
        "presence": {
            "is_irc": user_id == IRC,
            "timezone": timezone,
            "country_index": country,
            "permissions": 5 if user_id == ME else 1,
            "longitude": 13.375 if country == 56 else 115.875,
            "latitude": 52.5 if country == 56 else -31.9375,
            "city": city,
        },
        "status": status,
        "stats": {
            "rank": rank,
            "rscore": 412_003_118 // rank,
            "tscore": 1_911_820_744 // rank,
            "accuracy": 0.96875,
            "playcount": 5_120 // rank,
            "pp": 4_210 // rank,
        },
    }


_ME = _user(ME, "tofu_", 56, 1, "Berlin", 40, _status(0))
_HOST = _user(HOST, "Ardent Sky", 16, 8, "Perth", 7, _status(2, 75))
_THIRD = _user(THIRD, "kumi", 111, 9, "", 31, _status(3, 129_891))
_NICK = _user(IRC, "nightlamp", 16, 8, "", 1, _status(0))


def _message(sender: str, sender_id: int, target: str, content: str) -> Json:
    return {"sender": sender, "content": content, "target": target, "sender_id": sender_id}


def _frames(start: int, count: int) -> list[Json]:
    """A cursor that moves around the centre of the field and clicks every eighth frame. All numbers fit 32-bit floats."""
    return [
        {
            "button_state": 5 if step % 8 < 2 else 0,
            "legacy_byte": 0,
            "mouse_x": 256.0 + (step % 32 - 16) * 7.5,
            "mouse_y": 192.0 + ((step * 3) % 32 - 16) * 4.25,
            "time": step * 16,
        }
        for step in range(start, start + count)
    ]


def _score(slot: int, time: int, hits: int, score_v2: bool = False) -> Json:
    return {
        "time": time,
        "id": slot,
        "total_300": hits,
        "total_100": hits // 12,
        "total_50": hits // 60,
        "total_geki": hits // 6,
        "total_katu": hits // 20,
        "total_miss": hits // 90,
        "total_score": hits * hits * 29,
        "max_combo": hits + hits // 12,
        "current_combo": hits % 90,
        "perfect": hits < 90,
        "hp": 200 - hits % 40,
        "tag_byte": 0,
        "using_scorev2": score_v2,
        "combo_portion": hits * 1_820.5 if score_v2 else 0.0,
        "bonus_portion": hits * 4.25 if score_v2 else 0.0,
    }


def _bundle(action: int, start: int, count: int, sequence: int, score: Json | None = None) -> Json:
    return {
        "action": action,
        "frames": _frames(start, count),
        "frame": score,
        "extra": -1,
        "sequence": sequence,
    }


_WATCHED = [
    _bundle(1, 0, 0, 0),
    _bundle(0, 0, 24, 1, _score(0, 384, 3)),
    _bundle(0, 24, 30, 2, _score(0, 864, 9)),
    _bundle(5, 54, 2, 3),
    _bundle(6, 56, 2, 4),
    _bundle(0, 58, 30, 5, _score(0, 1_408, 17)),
    _bundle(3, 88, 1, 6, _score(0, 1_424, 18)),
]


def _match(slots: int, players: list[tuple[int, int]], in_progress: bool, freemod: bool, host: int = ME) -> Json:
    seats = [
        {"user_id": user, "status": status, "team": 1 + at % 2, "mods": 8 if freemod and at else 0}
        for at, (user, status) in enumerate(players)
    ]
    empty = {"user_id": -1, "status": 1, "team": 0, "mods": 0}
    locked = {**empty, "status": 2}
    text, checksum = _MAPS[75]
    return {
        "id": 12,
        "in_progress": in_progress,
        "type": 0,
        "mods": 64,
        "name": "tofu_'s game",
        "password": "",
        "beatmap_text": text,
        "beatmap_id": 75,
        "beatmap_checksum": checksum,
        "slots": (seats + [empty] * (6 - len(seats)) + [locked] * slots)[:slots],
        "host_id": host,
        "mode": 0,
        "scoring_type": 0,
        "team_type": 2,
        "freemod": freemod,
        "seed": 0,
    }


def server(slots: int) -> list[Packet]:
    """What the server sends, in the order that servers send it after a login."""
    ready = [(ME, 8), (HOST, 8)]
    playing = [(ME, 32), (HOST, 32)]
    playing_me = {**_ME, "status": _status(5, 75, 64)}
    return [
        ("BanchoProtocolNegotiation", None),
        ("BanchoLoginReply", ME),
        ("BanchoLoginPermissions", 5),
        ("BanchoFriendsList", [HOST, THIRD]),
        ("BanchoTitleUpdate", {"image_url": "https://osu.example/title.png", "redirect_url": "https://osu.example/news"}),
        ("BanchoUserPresence", _ME),
        ("BanchoUserStats", _ME),
        ("BanchoUserPresenceBundle", [_HOST, _NICK]),
        (
            "BanchoChannelAvailableAutojoin",
            {"name": "#osu", "topic": "General discussion.", "owner": "BanchoBot", "user_count": 214},
        ),
        ("BanchoChannelJoinSuccess", "#osu"),
        ("BanchoChannelAvailable", {"name": "#announce", "topic": "Scores and news.", "owner": "BanchoBot", "user_count": 214}),
        ("BanchoChannelAvailable", {"name": "#lobby", "topic": "Looking for a game?", "owner": "BanchoBot", "user_count": 9}),
        ("BanchoChannelInfoComplete", None),
        ("BanchoSilenceInfo", 0),
        ("BanchoUserPresence", _HOST),
        ("BanchoUserStats", _HOST),
        ("BanchoUserPresence", _NICK),
        ("BanchoUserPresenceSingle", _THIRD),
        ("BanchoPing", None),
        ("BanchoAnnounce", "Welcome back! The server restarts tonight at 23:00."),
        ("BanchoMessage", _message("Ardent Sky", HOST, "#osu", "is playing [https://osu.example/b/75 DISCO PRINCE [Normal]]")),
        ("BanchoMessage", _message("nightlamp", IRC, "#osu", "こんばんは")),
        ("BanchoMessage", _message("Ardent Sky", HOST, "tofu_", "want to watch?")),
        ("BanchoFellowSpectatorJoined", THIRD),
        *(("BanchoSpectateFrames", bundle) for bundle in _WATCHED),
        ("BanchoFellowSpectatorLeft", THIRD),
        ("BanchoSpectatorJoined", HOST),
        ("BanchoSpectatorCantSpectate", HOST),
        ("BanchoSpectatorLeft", HOST),
        ("BanchoLobbyJoin", THIRD),
        ("BanchoMatchNew", {**_match(slots, [(THIRD, 4)], False, False, THIRD), "id": 11, "name": "anything goes"}),
        ("BanchoMatchJoinSuccess", _match(slots, [(ME, 4)], False, False)),
        ("BanchoChannelJoinSuccess", "#multiplayer"),
        ("BanchoMatchUpdate", _match(slots, [(ME, 4), (HOST, 16)], False, False)),
        ("BanchoMatchUpdate", _match(slots, ready, False, True)),
        ("BanchoMatchStart", _match(slots, playing, True, True)),
        ("BanchoUserStats", playing_me),
        ("BanchoMatchAllPlayersLoaded", None),
        ("BanchoMatchPlayerSkipped", 1),
        ("BanchoMatchSkip", None),
        *(
            ("BanchoMatchScoreUpdate", _score(slot, time, hits, score_v2=slot == 1))
            for time, hits in ((2_016, 14), (30_240, 151), (61_776, 288))
            for slot in (0, 1)
        ),
        ("BanchoMatchPlayerFailed", 1),
        ("BanchoMatchComplete", None),
        ("BanchoMatchTransferHost", None),
        ("BanchoMatchUpdate", _match(slots, [(ME, 4), (HOST, 4)], False, False)),
        ("BanchoMatchDisband", 11),
        ("BanchoChannelRevoked", "#multiplayer"),
        ("BanchoGetAttention", None),
        ("BanchoInvite", _message("kumi", THIRD, "tofu_", "come: [osump://13/ anything goes]")),
        ("BanchoUserQuit", {"info": _HOST, "state": 0}),
        ("BanchoRestart", 15_000),
    ]


def client(slots: int) -> list[Packet]:
    """What the client of the same evening sends after its login text."""
    created = _match(slots, [(ME, 4)], False, False)
    return [
        ("OsuUserStatus", _status(0)),
        ("OsuReceiveUpdates", 1),
        ("OsuChannelJoin", "#osu"),
        ("OsuStatusUpdateRequest", None),
        ("OsuUserStatsRequest", [ME, HOST]),
        ("OsuPresenceRequest", [THIRD]),
        ("OsuPong", None),
        ("OsuMessage", _message("", 0, "#osu", "hello from berlin")),
        ("OsuPrivateMessage", _message("", 0, "Ardent Sky", "sure")),
        ("OsuBeatmapInfoRequest", {"filenames": ["Kenji Ninuma - DISCO PRINCE (peppy) [Normal].osu"], "ids": [129_891]}),
        ("OsuUserStatus", _status(6, 75)),
        ("OsuStartSpectating", HOST),
        ("OsuStopSpectating", None),
        ("OsuUserStatus", _status(2, 75)),
        *(("OsuSpectateFrames", bundle) for bundle in _WATCHED),
        ("OsuUserStatus", _status(0)),
        ("OsuLobbyJoin", None),
        ("OsuMatchCreate", created),
        ("OsuLobbyPart", None),
        ("OsuMatchChangeSlot", 2),
        ("OsuMatchChangeSlot", 0),
        ("OsuMatchLock", 5),
        ("OsuMatchChangeSettings", {**created, "freemod": True}),
        ("OsuMatchChangeMods", 64),
        ("OsuMatchReady", None),
        ("OsuMatchStart", None),
        ("OsuUserStatus", _status(5, 75, 64)),
        ("OsuMatchLoadComplete", None),
        ("OsuMatchSkipRequest", None),
        *(("OsuMatchScoreUpdate", _score(0, time, hits)) for time, hits in ((2_016, 14), (30_240, 151), (61_776, 288))),
        ("OsuMatchComplete", None),
        ("OsuMatchTransferHost", 1),
        ("OsuMatchPart", None),
        ("OsuFriendsAdd", THIRD),
        ("OsuSetIrcAwayMessage", _message("", 0, "", "back in a minute")),
        ("OsuChannelLeave", "#osu"),
        ("OsuPong", None),
        ("OsuExit", False),
    ]
