"""Compares what gungraun has counted with what is written down, and fails on more than 3 % more.

instructions.py COUNTED RUSTC [--store]
"""

import json
import sys
from pathlib import Path

STORED = Path(__file__).with_name("instructions.json")
MOST = 1.03
# How many packets a benchmark handles; those of other names handle one.
THOUSAND = ("walk", "decode", "decode_typed", "decode_old", "encode", "encode_old", "transcode")


def counts(path: str) -> dict[str, float]:
    """Instructions a packet, by function and input."""
    found = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if not line.startswith("{"):
            continue
        run = json.loads(line)
        function, of = run["function_name"], run["id"]
        total = run["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"]
        found[f"{function} {of}"] = round(total / (1000 if function in THOUSAND else 1), 1)
    return found


def main() -> int:
    counted, rustc = counts(sys.argv[1]), sys.argv[2]
    if "--store" in sys.argv:
        STORED.write_text(json.dumps({"rustc": rustc, "instructions": counted}, indent=2) + "\n", encoding="utf-8")
        return 0
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    known = stored["instructions"]
    failed = False
    print(f"{'instructions a packet':<32} {'now':>8} {'stored':>8}")
    for name in {**known, **counted}:
        now, before = counted.get(name), known.get(name)
        is_good = now is not None and before is not None and now <= before * MOST
        failed |= not is_good
        print(f"{name:<32} {now or '-':>8} {before or '-':>8}{'' if is_good else '  more than 3 % more, or not in both'}")
    if failed and rustc != stored["rustc"]:
        print(f"instructions: rustc is {rustc} here, and was {stored['rustc']}: its code may be another, nothing fails")
        return 0
    if failed:
        print("instructions: where that has a reason, ci/bench.sh instructions --store, and the reason in the commit")
    return int(failed)


sys.exit(main())
