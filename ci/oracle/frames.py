"""Frames: splits streams, inflates payloads, and makes frames with reproducible bytes."""

import gzip
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

FLAG_SINCE = 334
"""The first build whose header has a compression flag; before it every payload is compressed."""

PLAIN_SINCE = 1800
"""The first build for which writers never compress."""

COMPRESS_ABOVE = 150
"""Between these builds, writers compress payloads longer than this many bytes."""


class BadFrames(Exception):
    """Bytes that are not a sequence of whole frames; `frames` has those before the error."""

    def __init__(self, message: str, offset: int, frames: list["Frame"]) -> None:
        super().__init__(f"{message} at byte {offset}")
        self.frames = frames


@dataclass(frozen=True)
class Frame:
    """One frame. Comparison ignores `raw`, since compressed bytes depend on the compressor."""

    id: int
    compressed: bool | None
    payload: bytes
    raw: bytes = field(compare=False, repr=False)

    def __str__(self) -> str:
        flag = {None: "always gzip", True: "gzip", False: "plain"}[self.compressed]
        return f"id {self.id}, {flag}, {len(self.payload)} bytes {self.payload.hex()}"


def header_size(version: int) -> int:
    """The length of a header in bytes."""
    return 6 if version < FLAG_SINCE else 7


def compresses(version: int, payload: bytes) -> bool | None:
    """Whether a writer of this version compresses a payload; None where the header has no flag and it always does."""
    if version < FLAG_SINCE:
        return None
    return version < PLAIN_SINCE and len(payload) > COMPRESS_ABOVE


def make(version: int, packet_id: int, payload: bytes) -> Frame:
    """A frame as a writer of this version makes it, with a gzip time stamp of 0 to be reproducible."""
    compressed = compresses(version, payload)
    body = payload if compressed is False else gzip.compress(payload, mtime=0)
    if compressed is None:
        header = struct.pack("<HI", packet_id, len(body))
    else:
        header = struct.pack("<HBI", packet_id, compressed, len(body))
    return Frame(packet_id, compressed, payload, header + body)


def wire(frames: Iterable[Frame]) -> bytes:
    """The bytes of consecutive frames."""
    return b"".join(frame.raw for frame in frames)


def _inflate(body: bytes) -> bytes:
    """Inflates exactly one gzip member. Clients ignore anything after it, so that is an error."""
    inflater = zlib.decompressobj(wbits=31)
    payload = inflater.decompress(body)
    if not inflater.eof:
        raise zlib.error("the gzip member is truncated")
    if inflater.unused_data:
        raise zlib.error(f"{len(inflater.unused_data)} bytes after the gzip member")
    return payload


def split(version: int, data: bytes) -> list[Frame]:
    """All frames of a stream. Raises BadFrames, with the frames so far, on a truncated or malformed one."""
    frames: list[Frame] = []
    size = header_size(version)
    at = 0
    while at < len(data):
        if len(data) - at < size:
            raise BadFrames("a truncated header", at, frames)
        if size == 6:
            packet_id, length = struct.unpack_from("<HI", data, at)
            compressed = None
        else:
            packet_id, flag, length = struct.unpack_from("<HBI", data, at)
            if flag > 1:
                raise BadFrames(f"compression flag {flag}", at, frames)
            compressed = bool(flag)
        end = at + size + length
        if end > len(data):
            raise BadFrames(f"a truncated frame with id {packet_id} and {length} bytes", at, frames)
        body = data[at + size : end]
        try:
            payload = body if compressed is False else _inflate(body)
        except zlib.error as error:
            raise BadFrames(f"gzip of id {packet_id}: {error}", at, frames) from error
        frames.append(Frame(packet_id, compressed, payload, data[at:end]))
        at = end
    return frames
