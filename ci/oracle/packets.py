"""The kind of value that each packet carries; random values, samples and the reference use this list."""

from chio.constants import PacketType

_SERVER = {
    "login": "LoginReply",
    "message": "Message Invite",
    "blocked": "UserDmsBlocked TargetIsSilenced",
    "rename": "IrcChangeUsername",
    "text": ("IrcQuit IrcJoin Announce ChannelJoinSuccess ChannelRevoked MatchChangePassword RTX SwitchTournamentServer"),
    "user": "UserStats UserPresence UserPresenceSingle",
    "users": "UserPresenceBundle",
    "quit": "UserQuit",
    "user_id": (
        "SpectatorJoined SpectatorLeft SpectatorCantSpectate FellowSpectatorJoined FellowSpectatorLeft "
        "LobbyJoin LobbyPart UserSilenced"
    ),
    "number": "MatchDisband MatchPlayerFailed SilenceInfo SwitchServer",
    "slot": "MatchPlayerSkipped",
    "milliseconds": "Restart",
    "permissions": "LoginPermissions",
    "protocol": "ProtocolNegotiation",
    "bundle": "SpectateFrames",
    "score": "MatchScoreUpdate",
    "match": "MatchNew MatchUpdate MatchJoinSuccess MatchStart",
    "channel": "ChannelAvailable ChannelAvailableAutojoin",
    "beatmaps": "BeatmapInfoReply",
    "ids": "FriendsList",
    "title": "TitleUpdate",
    "empty": (
        "CommandError Ping VersionUpdate GetAttention MatchJoinFail MatchTransferHost MatchAllPlayersLoaded "
        "MatchComplete MatchSkip Unauthorized Monitor ChannelInfoComplete VersionUpdateForced AccountRestricted "
        "MatchAbort"
    ),
}

_CLIENT = {
    "status": "UserStatus",
    "message": "Message SetIrcAwayMessage",
    "private": "PrivateMessage",
    "boolean": "Exit ChangeFriendOnlyDms",
    "text": "ErrorReport ChannelJoin ChannelLeave",
    "number": (
        "StartSpectating MatchChangeSlot MatchLock MatchTransferHost FriendsAdd FriendsRemove Invite "
        "TournamentMatchInfo TournamentJoinMatchChannel TournamentLeaveMatchChannel"
    ),
    "mods": "MatchChangeMods",
    "filter": "ReceiveUpdates",
    "maybe": "PresenceRequestAll",
    "bundle": "SpectateFrames",
    "score": "MatchScoreUpdate",
    "match": "MatchCreate MatchChangeSettings MatchChangePassword MatchChangeBeatmap",
    "join": "MatchJoin",
    "request": "BeatmapInfoRequest",
    "ids": "UserStatsRequest PresenceRequest",
    "empty": (
        "StatusUpdateRequest Pong StopSpectating CantSpectate LobbyPart LobbyJoin MatchPart MatchReady MatchStart "
        "MatchComplete MatchLoadComplete MatchNoBeatmap MatchNotReady MatchFailed MatchHasBeatmap MatchSkipRequest "
        "MatchChangeTeam"
    ),
}


def _by_name(prefix: str, table: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}{name}": kind for kind, names in table.items() for name in names.split()}


KIND = {"server": _by_name("Bancho", _SERVER), "client": _by_name("Osu", _CLIENT)}
"""The kind of each packet, by side and packet name."""

SIDES = tuple(KIND)

_listed = KIND["server"].keys() | KIND["client"].keys()
if _listed != PacketType.__members__.keys():
    raise SystemExit(
        "packets.py must list chio's packets, and differences.ADDITIONS those that chio lacks; "
        f"fix {', '.join(sorted(_listed ^ PacketType.__members__.keys()))}"
    )
