"""Counts instructions with callgrind, compares them with the stored ones, and fails if a count grew by more than 1 %.

instructions.py [--store]
"""

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
STORED = HERE / "instructions.json"
MOST = 1.01
# Benchmarks that process 1,000 packets; the others process one.
THOUSAND = ("walk", "decode", "decode_typed", "decode_old", "encode", "encode_old", "transcode")
# Counts only what runs in the functions `measured` of benches/instructions.rs.
CALLGRIND = (
    shutil.which("valgrind") or "valgrind",
    "--tool=callgrind",
    "--collect-atstart=no",
    "--toggle-collect=*instructions::measured*",
    "--callgrind-out-file=/dev/null",
)


def output(*command: str) -> str:
    return subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True).stdout


def build() -> str:
    """Compiles benches/instructions.rs and returns the path of the program."""
    messages = output(
        *("cargo", "bench", "--quiet", "--no-run", "--bench", "instructions"),
        "--message-format=json-render-diagnostics",
    )
    for message in map(json.loads, messages.splitlines()):
        if message["reason"] == "compiler-artifact" and message["target"]["name"] == "instructions":
            return message["executable"]
    raise SystemExit("instructions: cargo built no program")


def count(program: str, name: str) -> float:
    """Instructions per packet."""
    # Without an environment, whose length changes the alignment of the stack and thus the counts.
    run = subprocess.run([*CALLGRIND, program, *name.split()], env={}, capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not collected or collected[1] == "0":
        raise SystemExit(f"instructions: no count of {name}\n{run.stderr}")
    return round(int(collected[1]) / (1000 if name.split()[0] in THOUSAND else 1), 1)


def main() -> int:
    program = build()
    names = output(program, "--list").splitlines()
    with ThreadPoolExecutor(max_workers=2) as threads:
        counted = dict(zip(names, threads.map(lambda name: count(program, name), names)))
    rustc = output("rustc", "--version").split()[1]
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
