"""Compares gungraun's instruction counts with the stored ones, and fails if a count grew by more than 1 %.

instructions.py COUNTED RUSTC [--store]
"""

import json
import sys
from pathlib import Path

STORED = Path(__file__).with_name("instructions.json")
MOST = 1.01
# Benchmarks that process 1,000 packets; the others process one.
THOUSAND = ("walk", "decode", "decode_typed", "decode_old", "encode", "encode_old", "transcode")


def counts(path: str) -> dict[str, float]:
    """Instructions per packet, by benchmark and input."""
    found = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if not line.startswith("{"):
            continue
        run = json.loads(line)
        function, name = run["function_name"], run["id"]
        total = run["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"]
        found[f"{function} {name}"] = round(total / (1000 if function in THOUSAND else 1), 1)
    return found


def main() -> int:
    counted, rustc = counts(sys.argv[1]), sys.argv[2]
    if "--store" in sys.argv:
        STORED.write_text(json.dumps({"rustc": rustc, "instructions": counted}, indent=2) + "\n", encoding="utf-8")
        return 0
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    known = stored["instructions"]
    failed = False
    print(f"{'instructions per packet':<32} {'now':>8} {'stored':>8}")
    for name in {**known, **counted}:
        now, before = counted.get(name), known.get(name)
        is_good = now is not None and before is not None and now <= before * MOST
        failed |= not is_good
        print(f"{name:<32} {now or '-':>8} {before or '-':>8}{'' if is_good else '  grew by more than 1 %, or is in one list only'}")
    if failed and rustc != stored["rustc"]:
        print(f"instructions: not compared, since the stored counts are from rustc {stored['rustc']} and this is {rustc}")
        return 0
    if failed:
        print("instructions: if the growth is justified, run `ci/bench.sh instructions --store` and give the reason in the commit")
    return int(failed)


sys.exit(main())
