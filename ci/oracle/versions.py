"""Compares the tool's table of versions, and the builds it assigns to each, with chio's classes."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from .frames import header_size
from .reference import CODECS, Codec, codec_of


def listed(program: Path) -> list[dict[str, Any]]:
    """The rows of `lobbywire bancho versions`."""
    done = subprocess.run([program, "bancho", "versions", "--format", "json"], capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def builds(rng: Random) -> list[int]:
    """Builds around, between, below and above all boundaries."""
    chosen = {0, 1, 70, 281, 1797, 1798, *range(20130118, 20130132), 20_300_101, 99_999_999}
    for codec in CODECS:
        chosen |= {codec.first - 1, codec.first, codec.first + 1, codec.last - 1, codec.last, codec.last + 1}
        chosen |= {rng.randint(codec.first, codec.last) for _ in range(10)}
    chosen |= {rng.randint(0, 2999) for _ in range(1000)} | {rng.randint(2012_01_01, 2026_12_31) for _ in range(2000)}
    return sorted(chosen)


def _slots(codec: Codec) -> tuple[Any, ...]:
    """The allowed numbers of slots; before multiplayer there are none, and any notation is accepted."""
    if codec.version < 298:
        return (0, 8, None)
    return (16,) if codec.version >= 20150915 else (8,)


def _compression(codec: Codec) -> str:
    if codec.version < 334:
        return "always"
    return "flag" if codec.version < 1800 else "never"


def checks(program: Path, seed: str) -> Iterator[str | None]:
    """One result per check: a description of the difference, or None."""
    rows = listed(program)
    if [row["name"] for row in rows] != [codec.name for codec in CODECS]:
        yield f"the versions are {[row['name'] for row in rows]}, chio's {[codec.name for codec in CODECS]}"
        return
    for row, codec in zip(rows, CODECS, strict=True):
        last = None if codec is CODECS[-1] else codec.last
        for key, right in {
            "first": (codec.first,),
            "last": (last,),
            "protocol": (codec.client.protocol_version,),
            "slots": _slots(codec),
            "header": (header_size(codec.version),),
            "compression": (_compression(codec),),
        }.items():
            wrong = f"{codec.name}: {key} is {row[key]!r} instead of {' or '.join(map(repr, right))}"
            yield None if row[key] in right else wrong
    for build in builds(Random(f"{seed}/builds")):
        chio = codec_of(build).name
        starts = [row for row in rows if row["first"] <= build]
        ours = (starts[-1] if starts else rows[0])["name"]
        yield None if ours == chio else f"build {build} is {ours} in the tool and {chio} in chio"
