"""Runs the tool, one process per step and version, and matches its output to the input.

A packet can result in any number of frames, so a delimiter packet with a unique number follows each one. If the tool
fails on a packet, only that packet is lost: a new process continues after it.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import frames
from .frames import BadFrames, Frame
from .reference import Codec

DELIMITER = {"server": "BanchoLoginReply", "client": "OsuStartSpectating"}
"""Packets that are one frame with one number in every version."""

FIRST_NUMBER = 0x4000_0000
"""The number of the first delimiter; `values` makes no such user ids."""

PATIENCE = 20
"""The number of failing packets after which a step ends."""

_SECONDS = 120


@dataclass(frozen=True)
class Failed:
    """The tool has no result for a packet."""

    why: str


@dataclass(frozen=True)
class Run:
    """The result of one process."""

    code: int
    out: bytes
    err: str

    def notes(self, key: str) -> list[dict[str, Any]]:
        """The JSON objects on standard error that have this key."""
        found = []
        for line in self.err.split("\n"):
            try:
                note = json.loads(line)
            except ValueError:
                continue
            if isinstance(note, dict) and key in note:
                found.append(note)
        return found

    @property
    def trouble(self) -> str:
        """The exit code and the last line on standard error that does not report a skipped packet."""
        lines = [line for line in self.err.split("\n") if line and '"skipped"' not in line]
        return f"exit {self.code}: {lines[-1] if lines else 'no message'}"


@dataclass(frozen=True)
class Tool:
    """The tool for one version and side. `build` is its version argument."""

    program: Path
    codec: Codec
    side: str
    build: str

    def run(self, verb: str, data: bytes, *flags: str) -> Run:
        """Runs one process."""
        command = [str(self.program), "bancho", verb, "--build", self.build, "--side", self.side, *flags]
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
        return Run(done.returncode, done.stdout, done.stderr.decode(errors="replace"))

    def _delimiter(self, number: int) -> dict[str, Any]:
        return {"packet": DELIMITER[self.side], "data": FIRST_NUMBER + number}

    def _delimiter_frame(self, number: int) -> Frame:
        payload = (FIRST_NUMBER + number).to_bytes(4, "little")
        return frames.make(self.codec.version, self.codec.raw_id(DELIMITER[self.side]), payload)

    def encode(self, packets: list[list[dict[str, Any]]]) -> tuple[list[list[Frame] | Failed], list[str]]:
        """The frames of each group of packets, and the names of the packets that the tool reports as skipped."""
        results: list[list[Frame] | Failed] = []
        skipped: list[str] = []
        for _ in range(PATIENCE):
            start = len(results)
            lines = []
            for number, group_in in enumerate(packets[start:], start):
                lines += [json.dumps(line) for line in [*group_in, self._delimiter(number)]]
            run = self.run("encode", "\n".join(lines).encode() + b"\n")
            skipped += [note["skipped"] for note in run.notes("skipped")]
            problem = ""
            try:
                written = frames.split(self.codec.version, run.out)
            except BadFrames as error:
                written, problem = error.frames, f" ({error})"
            group: list[Frame] = []
            for frame in written:
                if frame == self._delimiter_frame(len(results)):
                    results.append(group)
                    group = []
                else:
                    group.append(frame)
            if len(results) == len(packets):
                return results, skipped
            results.append(Failed(f"encode: {run.trouble}{problem}"))
            if len(results) == len(packets):
                return results, skipped
        results += [Failed("encode: not reached, too many packets failed")] * (len(packets) - len(results))
        return results, skipped

    def decode(self, groups: list[list[Frame]]) -> list[list[dict[str, Any]] | Failed]:
        """The packets in each group of frames. The tool continues after a malformed frame and reports its offset."""
        data = bytearray()
        ends = []
        for number, group in enumerate(groups):
            data += frames.wire([*group, self._delimiter_frame(number)])
            ends.append(len(data))
        run = self.run("decode", bytes(data), "--format", "json", "--keep-going")
        broken: dict[int, str] = {}
        for note in run.notes("error"):
            at = next((number for number, end in enumerate(ends) if note.get("offset", 0) < end), len(ends))
            broken.setdefault(at, f"decode: {json.dumps(note)}")
        results: list[list[dict[str, Any]] | Failed] = []
        packets: list[dict[str, Any]] = []
        for line in run.out.splitlines():
            try:
                packet = json.loads(line)
            except ValueError:
                packet = {"packet": "no JSON", "data": line.decode(errors="replace")}
            if packet == self._delimiter(len(results)):
                why = broken.get(len(results))
                results.append(Failed(why) if why else packets)
                packets = []
            else:
                packets.append(packet)
        results += [Failed(f"decode: stopped before this: {run.trouble}")] * (len(groups) - len(results))
        return results
