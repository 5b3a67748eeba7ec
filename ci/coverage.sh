#!/usr/bin/env bash
# Prints how many lines of each module of the core the stored fuzz inputs cover, and writes the lines that they do not to
# target/coverage/left.txt. A report: no percentage makes it fail.
#
# Measures the replay of the stored inputs, as in `ci/fuzz.sh replay`. Code of other tests is not linked.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
llvm=$(rustc --print sysroot)/lib/rustlib/$host/bin
[ -x "$llvm/llvm-cov" ] || rustup component add llvm-tools
out=target/coverage
mkdir -p "$out"
rm -f "$out"/*.profraw

# --target excludes build scripts from the measurement. With a single object file per crate, functions that are never
# called are linked too, and count.
export CARGO_PROFILE_DEV_CODEGEN_UNITS=1 CARGO_PROFILE_TEST_CODEGEN_UNITS=1 CARGO_INCREMENTAL=0
export CARGO_PROFILE_TEST_OPT_LEVEL=0 # optimizing merges lines
program=$(RUSTFLAGS="-C instrument-coverage" cargo test -p lobbywire-fuzz-harness --target-dir "$out" \
  --target "$host" --test replay --no-run --message-format=json 2>"$out/build.log" |
  sed -n 's/.*"executable":"\([^"]*replay-[^"]*\)".*/\1/p') || {
  tail -40 "$out/build.log"
  exit 1
}
LLVM_PROFILE_FILE=$out/%p.profraw "$program" --quiet >"$out/replay.log" 2>&1 || {
  tail -40 "$out/replay.log"
  exit 1
}
"$llvm/llvm-profdata" merge -sparse "$out"/*.profraw -o "$out/replay.profdata"
"$llvm/llvm-cov" export --format=lcov --instr-profile="$out/replay.profdata" "$program" core/src >"$out/replay.lcov"

python3 - "$out/replay.lcov" "$out/left.txt" <<'TABLE'
import os, sys

report, left = sys.argv[1:]
lines = {}
for entry in open(report):
    kind, _, value = entry.strip().partition(":")
    if kind == "SF":
        module = lines.setdefault(os.path.relpath(value, "core/src"), {})
    elif kind == "DA":
        line, count = value.split(",")[:2]
        module[int(line)] = max(int(count), module.get(int(line), 0))

covered_in_all, all_lines = 0, 0
with open(left, "w") as out:
    for name, counts in sorted(lines.items()):
        if not counts:
            continue
        missed = sorted(line for line, count in counts.items() if count == 0)
        covered = len(counts) - len(missed)
        print(f"coverage: {name:28} {covered:5} of {len(counts):5} lines  {100 * covered / len(counts):5.1f} %")
        source = open(os.path.join("core/src", name)).read().splitlines()
        out.writelines(f"core/src/{name}:{line}: {source[line - 1].strip()}\n" for line in missed)
        covered_in_all, all_lines = covered_in_all + covered, all_lines + len(counts)

if all_lines == 0:
    sys.exit("coverage: nothing was measured")
total = f"coverage: {'total':28} {covered_in_all:5} of {all_lines:5} lines  {100 * covered_in_all / all_lines:5.1f} %"
print(f"{total}\ncoverage: the other lines are in {left}")
TABLE
