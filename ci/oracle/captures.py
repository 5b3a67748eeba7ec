"""Sample traffic for people to look at: one session in the version of each era, both directions.

The server's side is chio's own work, faults included, since that is what is on the wire of servers that use it. The
client's side is our tool's, read back with chio.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from . import frames, session
from .compare import read_back
from .differences import knows
from .frames import Frame
from .reference import Codec, codec_of
from .session import Packet
from .tool import Failed, Tool

FOLDER = Path("examples/captures")

BUILDS = {
    282: "the first version: everything is compressed, one chat channel",
    394: "a byte says what is compressed; lobby, channels, several forms of statistics",
    504: "protocol numbers; ids of beatmaps in the status",
    1700: "the last of the shifted packet ids; passwords, positions, away messages",
    20120812: "presence apart from statistics, nothing compressed, channel topics",
    20140127: "the first of the HTTP clients' eras: bundles, free mods",
    20160404: "16 slots, ScoreV2, numbered replay frames",
    20250306: "today",
}

_README = """# Captures

The same session in the client version of each era: a login, some chat, watching somebody play, and a match from its
making to its end. Packets that a version does not have are left out, so the files also show what came when.

| File | Build | Frames | Bytes | Era |
|---|---|---|---|---|
{rows}

They hold what passes the connection after the three lines of login text, and nothing else: frames, one after the other.
The users and what they say are made up.

## Looking at them

```sh
lobbywire bancho decode --version 394 --from server examples/captures/b388-server.bin
lobbywire bancho decode --version 394 --from client examples/captures/b388-client.bin --json
lobbywire bancho decode --version 394 --from server examples/captures/b388-server.bin --bytes
```

## How they were made

`ci/oracle.sh captures` writes this folder again, byte for byte. The packets and their values stand in
`ci/oracle/session.py`. The server's files are the work of chio 1.1.20 (but for the time stamps in its gzip headers), with
all that it does differently from us on purpose or by accident: a quit with statistics behind the id, presences with a byte
too many. The client's files are the work of this tool, and chio reads in them what was sent.
"""


def _server(codec: Codec, packets: Iterable[Packet]) -> list[Frame]:
    written = [frame for packet, value in packets for frame in codec.write(packet, value)]
    return [frames.make(codec.version, frame.id, frame.payload) for frame in written]


def _client(program: Path, codec: Codec, build: int, packets: list[Packet]) -> list[Frame]:
    sent = [(packet, value) for packet, value in packets if knows(codec, packet)[0]]
    written, _ = Tool(program, codec, "client", str(build)).encode(
        [[{"packet": packet, "data": value}] for packet, value in sent]
    )
    result = []
    for (packet, value), mine in zip(sent, written, strict=True):
        if isinstance(mine, Failed) or len(mine) != 1:
            raise SystemExit(f"{codec.name} {packet} {json.dumps(value)}: {mine}")
        reading = read_back(codec, packet, value, mine[0])
        if reading.problem:
            raise SystemExit(f"{codec.name} {packet} {json.dumps(value)}: {reading.problem}")
        result.append(frames.make(codec.version, mine[0].id, mine[0].payload))
    return result


def write(program: Path, root: Path) -> None:
    """Writes the files and the page that says what they are."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for build, era in BUILDS.items():
        codec = codec_of(build)
        slots = 16 if codec.version >= 20150915 else 8
        for side, written in (
            ("server", _server(codec, session.server(slots))),
            ("client", _client(program, codec, build, session.client(slots))),
        ):
            name = f"{codec.name}-{side}.bin"
            data = frames.wire(written)
            (folder / name).write_bytes(data)
            rows.append(f"| `{name}` | {build} | {len(written)} | {len(data)} | {era} |")
    (folder / "README.md").write_text(_README.format(rows="\n".join(rows)), encoding="utf-8")
    print(f"{folder}: {len(rows)} files")
