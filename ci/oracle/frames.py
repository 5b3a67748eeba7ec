"""Packet frames on the wire: splitting a stream, inflating payloads, making frames with reproducible bytes."""

import gzip
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

FLAG_SINCE = 334
"""From this build on a header byte says whether the payload is compressed; before, it always is."""

PLAIN_SINCE = 1800
"""From this build on writers never compress."""

COMPRESS_ABOVE = 150
"""Between the two, writers compress payloads of more bytes than this."""


class BadFrames(Exception):
    """Bytes that are no sequence of whole frames; `frames` has those before the damage."""

    def __init__(self, message: str, offset: int, frames: list["Frame"]) -> None:
        super().__init__(f"{message} at byte {offset}")
        self.frames = frames


@dataclass(frozen=True)
class Frame:
    """One frame. Compared without `raw`: compressed bytes depend on the compressor, what they hold does not."""

    id: int
    compressed: bool | None
    payload: bytes
    raw: bytes = field(compare=False, repr=False)

    def __str__(self) -> str:
        flag = {None: "always gzip", True: "gzip", False: "plain"}[self.compressed]
        return f"id {self.id}, {flag}, {len(self.payload)} bytes {self.payload.hex()}"


def header_size(version: int) -> int:
    """Bytes before the payload."""
    return 6 if version < FLAG_SINCE else 7


def compresses(version: int, payload: bytes) -> bool | None:
    """What a writer of this version does with a payload; None where there is no choice to be written down."""
    if version < FLAG_SINCE:
        return None
    return version < PLAIN_SINCE and len(payload) > COMPRESS_ABOVE


def make(version: int, packet_id: int, payload: bytes) -> Frame:
    """A frame as a writer of this version makes it; gzip without a time stamp, so that the bytes are reproducible."""
    compressed = compresses(version, payload)
    body = payload if compressed is False else gzip.compress(payload, mtime=0)
    if compressed is None:
        header = struct.pack("<HI", packet_id, len(body))
    else:
        header = struct.pack("<HBI", packet_id, compressed, len(body))
    return Frame(packet_id, compressed, payload, header + body)


def wire(frames: Iterable[Frame]) -> bytes:
    """The frames' bytes, one after the other."""
    return b"".join(frame.raw for frame in frames)


def _inflate(body: bytes) -> bytes:
    """Exactly one gzip member: a client stops reading there, so anything after it would be lost."""
    inflater = zlib.decompressobj(wbits=31)
    payload = inflater.decompress(body)
    if not inflater.eof:
        raise zlib.error("the gzip member has no end")
    if inflater.unused_data:
        raise zlib.error(f"{len(inflater.unused_data)} bytes after the gzip member")
    return payload


def split(version: int, data: bytes) -> list[Frame]:
    """All frames of a stream. Raises BadFrames, with the good frames so far, on a cut or damaged one."""
    frames: list[Frame] = []
    size = header_size(version)
    at = 0
    while at < len(data):
        if len(data) - at < size:
            raise BadFrames("a cut header", at, frames)
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
            raise BadFrames(f"a frame of id {packet_id} with {length} bytes is cut", at, frames)
        body = data[at + size : end]
        try:
            payload = body if compressed is False else _inflate(body)
        except zlib.error as error:
            raise BadFrames(f"gzip of id {packet_id}: {error}", at, frames) from error
        frames.append(Frame(packet_id, compressed, payload, data[at:end]))
        at = end
    return frames
