"""Golden vectors for the library's tests: the bytes of fixed values in each version where they change.

chio writes the server's vectors. The tool writes the client's vectors, and chio reads them back.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import frames
from .compare import read_back
from .differences import expected, knows
from .frames import Frame
from .packets import KIND
from .reference import CODECS, Codec
from .samples import samples
from .tool import Failed, Tool

FOLDER = Path("core/tests/golden")


def _vector(codec: Codec, side: str, packet: str, value: Any, written: list[Frame], rows: list[str]) -> dict[str, Any]:
    vector = {
        "version": codec.name,
        "from": side,
        "packet": packet,
        "data": value,
        "hex": frames.wire(written).hex(),
        "frames": [{"id": frame.id, "payload": frame.payload.hex()} for frame in written],
    }
    return {**vector, "differs": ", ".join(rows)} if rows else vector


def _reproducible(codec: Codec, written: list[Frame]) -> list[Frame]:
    return [frames.make(codec.version, frame.id, frame.payload) for frame in written]


def _changes(side: str, vectors: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """One vector per value for each version in which its bytes change, including the version that drops the packet.
    Versions before its first are omitted."""
    before: dict[tuple[str, str], str] = {}
    kept = []
    for vector in vectors:
        key = (vector["packet"], json.dumps(vector["data"]))
        if before.get(key) != vector["hex"]:
            kept.append(vector)
        before[key] = vector["hex"]
    order = list(KIND[side])
    return sorted(kept, key=lambda vector: order.index(vector["packet"]))


def _first_known(side: str) -> dict[str, int]:
    return {packet: next((codec.version for codec in CODECS if knows(codec, packet)[0]), 0) for packet in KIND[side]}


def _packets(side: str, codec: Codec, first: dict[str, int]) -> Iterator[tuple[str, Any]]:
    for packet in KIND[side]:
        if 0 < first[packet] <= codec.version:
            for value in samples(side, packet, codec.version):
                yield packet, value


def _server() -> Iterator[dict[str, Any]]:
    first = _first_known("server")
    for codec in CODECS:
        for packet, value in _packets("server", codec, first):
            right = expected(codec, packet, value)
            yield _vector(codec, "server", packet, value, _reproducible(codec, right.ours), right.rows)


def _client(program: Path) -> Iterator[dict[str, Any]]:
    first = _first_known("client")
    for codec in CODECS:
        packets = list(_packets("client", codec, first))
        tool = Tool(program, codec, "client", codec.name)
        written, _ = tool.encode([[{"packet": packet, "data": value}] for packet, value in packets])
        for (packet, value), mine in zip(packets, written, strict=True):
            if isinstance(mine, Failed):
                raise SystemExit(f"{codec.name} {packet} {json.dumps(value)}: {mine.why}")
            rows: list[str] = []
            for frame in mine:
                reading = read_back(codec, packet, value, frame)
                if reading.problem:
                    raise SystemExit(f"{codec.name} {packet} {json.dumps(value)}: {reading.problem}")
                rows += reading.rows
            yield _vector(codec, "client", packet, value, _reproducible(codec, mine), rows)


def write(program: Path, root: Path) -> None:
    """Writes both files."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for side, vectors in (("server", _server()), ("client", _client(program))):
        kept = _changes(side, vectors)
        path = folder / f"{side}.jsonl"
        path.write_text("".join(json.dumps(vector, ensure_ascii=False) + "\n" for vector in kept), encoding="utf-8")
        print(f"{path}: {len(kept)} vectors")
