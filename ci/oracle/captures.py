"""Sample traffic: the same session in one version of each era, in both directions.

chio writes the server's side, including its faults, because servers that use chio send them. The tool writes the
client's side, and chio reads it back.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
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
    282: "the first version: all payloads compressed, one chat channel",
    394: "a compression flag; lobby, channels, several forms of statistics",
    504: "protocol versions; beatmap ids in the status",
    1700: "the last shifted packet ids; passwords, positions, away messages",
    20120812: "presence separate from statistics, no compression, channel topics",
    20140127: "the first HTTP clients: presence bundles, free mods",
    20160404: "16 slots, ScoreV2, numbered replay frames",
    20250306: "the current version",
}

_README = """# Captures

The same session in one client version of each era: a login, some chat, spectating, and a match from creation to end.
Packets that a version lacks are omitted, so the files also show when each feature appeared.

| File | Build | Frames | Bytes | Era |
|---|---|---|---|---|
{rows}

Each file contains consecutive frames: everything one side sends after the three lines of login text. All users and
messages are fictitious.

## Reading them

```sh
lobbywire bancho decode --build 394 --side server examples/captures/b388-server.bin
lobbywire bancho decode --build 394 --side client examples/captures/b388-client.bin --format json
lobbywire bancho decode --build 394 --side server examples/captures/b388-server.bin --format bytes
```

## How they were made

`ci/oracle.sh captures` reproduces this directory byte for byte. `ci/oracle/session.py` defines the packets and their
values. chio {chio} writes the server's files (only the time stamps in its gzip headers are set to 0). They include its
differences from lobbywire: a quit has statistics after the id, and a presence has an extra byte. This tool writes the
client's files, and chio reads them back to the same values.
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
    """Writes the files and their README."""
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
    (folder / "README.md").write_text(_README.format(rows="\n".join(rows), chio=version("chio")), encoding="utf-8")
    print(f"{folder}: {len(rows)} files")
