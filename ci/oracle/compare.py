"""The comparison: encodes and decodes random packets with the tool and with chio, and reports unexplained differences."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from . import frames, values, versions
from .carried import NOTHING, OWN_KEYS
from .differences import ROWS, Sent, added_ids, expected, expected_reading, knows
from .frames import Frame
from .packets import KIND, SIDES
from .reference import CODECS, Codec, Refused, sent
from .tool import Failed, Tool

DEFAULT_PACKETS = 60_000
DEFAULT_SEED = "lobbywire"

_WEIGHT = {
    "match": 6, "user": 5, "bundle": 4, "status": 4, "quit": 4, "message": 3, "score": 3, "beatmaps": 3, "users": 3,
    "request": 2, "private": 2, "empty": 0,
}  # fmt: skip
"""How many packets of a kind there are for each packet of a simple kind. Larger layouts have larger weights."""

_SHOWN_EACH = 2
_SHOWN = 40
_WIDTH = 1500

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One packet with its value. The name is the seed of the value."""

    name: str
    packet: str
    value: Any

    @property
    def line(self) -> Json:
        """The tool's JSON line."""
        return {"packet": self.packet, "data": self.value}


@dataclass(frozen=True)
class Difference:
    """A difference that no row explains."""

    check: str
    build: str
    case: Case
    reference: str
    ours: str

    def __str__(self) -> str:
        parts = {
            "check": self.check,
            "version": self.build,
            "packet": self.case.packet,
            "case": self.case.name,
            "json": json.dumps(self.case.value, ensure_ascii=False),
            "chio": self.reference,
            "ours": self.ours,
        }
        return "\n".join(f"  {name:8} {text if len(text) <= _WIDTH else text[:_WIDTH] + ' …'}" for name, text in parts.items())


@dataclass
class Tally:
    """The results of all checks."""

    passed: int = 0
    packets: int = 0
    added: int = 0
    differences: list[Difference] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    def check(self, fine: bool, what: str, build: str, case: Case, reference: Any, ours: Any) -> bool:
        """Counts a check, and records it if it failed."""
        if fine:
            self.passed += 1
        else:
            self.differences.append(Difference(what, build, case, show(reference), show(ours)))
        return fine


def show(what: Any) -> str:
    """Frames, values and errors as text."""
    if isinstance(what, list) and all(isinstance(part, Frame) for part in what):
        return " | ".join(map(str, what)) or "nothing"
    if isinstance(what, Failed | Refused):
        return what.why
    return what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, default=str)


def plan(codec: Codec, side: str, extra: int) -> dict[str, int]:
    """How many of each packet: one of each, known to the version or not, and `extra` more by weight."""
    counts = dict.fromkeys(KIND[side], 1)
    weights = {name: _WEIGHT.get(kind, 1) for name, kind in KIND[side].items() if codec.implements(name)}
    total = sum(weights.values())
    for name, weight in weights.items():
        counts[name] += ceil(extra * weight / total)
    return counts


def make_cases(codec: Codec, side: str, extra: int, seed: str) -> list[Case]:
    """The random packets of one version and side."""
    cases = []
    for packet, count in plan(codec, side, extra).items():
        for number in range(count):
            name = f"{seed}/{codec.name}/{packet}/{number}"
            cases.append(Case(name, packet, values.value(side, KIND[side][packet], codec.version, Random(name))))
    return cases


def any_build(codec: Codec, rng: Random) -> str:
    """A random build of the class, in one of the formats that clients use."""
    last = codec.last if codec is not CODECS[-1] else 20_261_231
    build = rng.choice((codec.first, last, rng.randint(codec.first, last)))
    return rng.choice(("{}", "b{}", "b{}a", "b{}.3cuttingedge", "b{}.2")).format(build)


def mismatch(ours: Any, full: Any, certain: Any) -> str | None:
    """How the tool's value differs from `full`. It may omit fields that are not in `certain`, which are chio's defaults for
    fields that were not sent. It may not add any."""
    if isinstance(full, dict) and isinstance(ours, dict):
        for key, value in ours.items():
            if key not in full:
                return f"{key} is unexpected"
            inner = certain.get(key, NOTHING) if isinstance(certain, dict) else NOTHING
            if problem := mismatch(value, full[key], inner):
                return f"{key}: {problem}"
        missing = [key for key in certain if key not in ours] if isinstance(certain, dict) else []
        return f"{missing[0]} is missing" if missing else None
    if isinstance(full, list) and isinstance(ours, list):
        if len(ours) != len(full):
            return f"{len(ours)} elements instead of {len(full)}"
        inner_of = certain if isinstance(certain, list) else [NOTHING] * len(full)
        for at, (one, other, inner) in enumerate(zip(ours, full, inner_of, strict=True)):
            if problem := mismatch(one, other, inner):
                return f"[{at}] {problem}"
        return None
    same = ours == full and isinstance(ours, bool) == isinstance(full, bool)
    return None if same else f"{ours!r} instead of {full!r}"


def completed_with_own(full: Any, certain: Any) -> Any:
    """chio's value with the fields that only the tool's JSON has, copied from what was sent."""
    if isinstance(full, dict) and isinstance(certain, dict):
        own = {key: certain[key] for key in OWN_KEYS if key in certain}
        return {**{key: completed_with_own(value, certain.get(key)) for key, value in full.items()}, **own}
    if isinstance(full, list) and isinstance(certain, list) and len(full) == len(certain):
        return [completed_with_own(value, inner) for value, inner in zip(full, certain, strict=True)]
    return full


@dataclass(frozen=True)
class Reading:
    """chio's reading of a client's frame: the full value, the part that was sent, the rows that applied, and any problem."""

    full: Any
    certain: Any
    rows: list[str]
    problem: str | None


def read_back(codec: Codec, packet: str, value: Any, frame: Frame) -> Reading:
    """Has chio read the frame that the tool wrote for this value."""
    certain = sent(codec, packet, value)
    read = codec.read(frame.raw)
    if not isinstance(read, Refused):
        [(name, read)] = read
        if name != packet:
            return Reading(read, certain, [], f"chio reads a {name}")
    full, rows = expected_reading(read, Sent(codec, packet, certain, frame.payload))
    if isinstance(full, Refused):
        return Reading(full, certain, rows, f"chio fails: {full.why}")
    full = completed_with_own(full, certain)
    problem = None if certain is NOTHING else mismatch(certain, full, certain)
    return Reading(full, certain, rows, problem)


class Comparison:
    """All checks of one version and side."""

    def __init__(self, tally: Tally, program: Path, codec: Codec, side: str, extra: int, seed: str) -> None:
        self.tally = tally
        self.codec = codec
        self.side = side
        self.build = any_build(codec, Random(f"{seed}/{codec.name}/{side}/build"))
        self.tool = Tool(program, codec, side, self.build)
        self.cases = make_cases(codec, side, extra, seed)
        self.names = {raw: name for raw, name in codec.names(side).items() if knows(codec, name)[0]}

    def check(self, fine: bool, what: str, case: Case, reference: Any, ours: Any) -> bool:
        """One check of this version."""
        return self.tally.check(fine, f"{self.side}: {what}", self.build, case, reference, ours)

    def run(self) -> None:
        """Runs the checks of this side."""
        written, skipped = self.tool.encode([[case.line] for case in self.cases])
        silent = self._server(written) if self.side == "server" else self._client(written)
        self._skipped(silent, Counter(skipped))
        self._unknown_ids()
        self.tally.packets += len(self.cases)

    def _skipped(self, silent: list[bool], skipped: Counter[str]) -> None:
        """The tool reports each packet for which it writes no frame as skipped, and no other."""
        right = Counter(case.packet for case, nothing in zip(self.cases, silent, strict=True) if nothing)
        for case in {case.packet: case for case in self.cases}.values():
            self.tally.used.update(knows(self.codec, case.packet)[1])
            times = right[case.packet], skipped[case.packet]
            self.check(times[0] == times[1], "skipped", case, f"{times[0]} times", f"{times[1]} times")

    def _again(self, what: str, given: list[list[Frame]], right: list[list[Frame]]) -> list[list[Json] | Failed]:
        """Decodes frames and encodes the result again. Returns the decoded packets."""
        decoded = self.tool.decode(given)
        again, _ = self.tool.encode([[] if isinstance(group, Failed) else group for group in decoded])
        for case, group, mine, theirs, start in zip(self.cases, decoded, again, right, given, strict=True):
            names = [self.names.get(frame.id, "Unknown") for frame in start]
            if isinstance(group, Failed):
                self.check(False, f"{what}: decode", case, start, group)
            elif self.check([line["packet"] for line in group] == names, f"{what}: names", case, names, group):
                result = f"{show(mine)}\n  decoded  {show(group)}"
                self.check(mine == theirs, f"{what}: encode again", case, theirs, result)
        return decoded

    def _server(self, written: list[list[Frame] | Failed]) -> list[bool]:
        """Compares with chio's frames. Returns for each case whether no frame is expected."""
        rights = []
        ours: list[list[Frame]] = []
        for case, mine in zip(self.cases, written, strict=True):
            right = expected(self.codec, case.packet, case.value)
            self.tally.used.update(right.rows)
            before = f"{show(right.chio)}\n  with     {', '.join(right.rows)}: " if right.rows else ""
            self.check(mine == right.ours, "encode", case, before + show(right.ours), mine)
            rights.append(right)
            ours.append([] if isinstance(mine, Failed) else mine)
        self._again("our frames", ours, ours)
        self._again("chio's frames", [right.readable for right in rights], [right.reread for right in rights])
        return [not right.ours for right in rights]

    def _client(self, written: list[list[Frame] | Failed]) -> list[bool]:
        """Compares with what chio reads. Returns for each case whether no frame is expected."""
        ours = [[] if isinstance(mine, Failed) else mine for mine in written]
        for case, mine, decoded in zip(self.cases, written, self._again("our frames", ours, ours), strict=True):
            if not knows(self.codec, case.packet)[0]:
                self.check(mine == [], "encode", case, "no frame", mine)
                continue
            if isinstance(mine, Failed) or len(mine) != 1:
                self.check(False, "encode", case, "one frame", mine)
                continue
            frame = mine[0]
            header = (self.codec.raw_id(case.packet), frames.compresses(self.codec.version, frame.payload))
            if self.check((frame.id, frame.compressed) == header, "header", case, f"id and flag {header}", mine):
                self._reading(case, frame, decoded)
        return [not knows(self.codec, case.packet)[0] for case in self.cases]

    def _reading(self, case: Case, frame: Frame, decoded: list[Json] | Failed) -> None:
        """Compares what chio reads in the tool's frame with what was sent, and with what the tool reads in it."""
        reading = read_back(self.codec, case.packet, case.value, frame)
        self.tally.used.update(reading.rows)
        what = f"{reading.problem}, in {show(reading.full)}"
        fine = self.check(reading.problem is None, "chio reads our frame", case, what, [frame])
        if fine and not isinstance(decoded, Failed) and len(decoded) == 1:
            problem = mismatch(decoded[0]["data"], reading.full, reading.certain)
            what = f"{problem}, in {show(reading.full)}"
            self.check(problem is None, "our reading of our frame", case, what, decoded)

    def _unknown_ids(self) -> None:
        """A packet with an id that chio does not know is `Unknown` and passes unchanged, unless it is an `Addition`."""
        added = added_ids(self.codec, self.side)
        self.tally.added += len(added)
        ids = [raw for raw in [*range(140), 0x7FFF, 0xFFFF] if raw not in self.names and raw not in added]
        groups = [[frames.make(self.codec.version, raw, bytes(raw % 5))] for raw in ids]
        decoded = self.tool.decode(groups)
        again, _ = self.tool.encode([[] if isinstance(group, Failed) else group for group in decoded])
        for raw, group, lines, mine in zip(ids, groups, decoded, again, strict=True):
            right = [{"packet": "Unknown", "data": {"id": raw, "payload": group[0].payload.hex()}}]
            case = Case(f"id {raw}", "Unknown", right[0]["data"])
            if self.check(lines == right, "unknown ids: decode", case, right, lines):
                self.check(mine == group, "unknown ids: encode", case, group, mine)


def _report(differences: list[Difference]) -> Iterator[str]:
    """A few differences of each kind in full, then the number of each kind; rare kinds first."""
    kinds: dict[tuple[str, str], list[Difference]] = {}
    for difference in differences:
        kinds.setdefault((difference.check, difference.case.packet), []).append(difference)
    rarest_first = sorted(kinds.values(), key=len)
    for difference in [one for kind in rarest_first for one in kind[:_SHOWN_EACH]][:_SHOWN]:
        yield f"{difference}\n"
    for kind in rarest_first:
        yield f"  {len(kind):6} {kind[0].check}, {kind[0].case.packet}"


def run(program: Path, packets: int, seed: str, codecs: list[Codec]) -> int:
    """Compares and prints. Returns the number of unexplained differences and stale rows."""
    tally = Tally()
    least = sum(len(KIND[side]) for side in SIDES)
    extra = max(0, ceil((packets / len(CODECS) - least) / len(SIDES)))
    for codec in codecs:
        for side in SIDES:
            Comparison(tally, program, codec, side, extra, seed).run()
    failed = 0
    for problem in versions.checks(program, seed):
        tally.passed += problem is None
        if problem:
            failed += 1
            print(f"  versions: {problem}")
    for text in _report(tally.differences):
        print(text)
    failed += len(tally.differences)
    # A shorter run may miss a rare row without the row being stale.
    if codecs == CODECS and packets >= DEFAULT_PACKETS:
        for row in ROWS:
            tally.passed += row.name in tally.used
            if row.name not in tally.used:
                failed += 1
                print(f"  stale: no packet shows the difference {row.name} ({row.where}); remove it from differences.py")
    explained = f"{tally.used.total()} intentional differences in {len(tally.used)} rows"
    print(f"{tally.packets} packets in {len(codecs)} versions, seed {seed!r}; {explained}")
    if tally.added:
        print(f"{tally.added} packets that chio lacks were not compared")
    print(f"{tally.passed} passed, {failed} failed")
    return failed
