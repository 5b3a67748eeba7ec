#!/usr/bin/env bash
# Shows which lines of the core the stored fuzz inputs reach: a table by module, and every line that is left, in
# target/coverage/left.txt. Fails where a module of `wire` or of a protocol is under 95 %.
#
# The inputs are those that a plain test of fuzz/ replays; code of tests is not in what it links.
set -euo pipefail
cd "$(dirname "$0")/.."

# Modules that are not held to that, each with how many lines may be left and the reason.
exempt=(
  '*/laws/*=100=what is left says that a law is broken'
  '*/laws.rs=20=what is left says that a law is broken'
  '*/wire/copy.rs=11=half of it is for the feature small'
  '*/wire/error.rs=6=what is left nom wants of an error, and no parser of ours calls'
  '*/wire/gzip.rs=6=the checksum for the feature small'
  '*/wire/text.rs=7=the search for the feature small'
  '*/wire/observer.rs=5=what is left is told to nobody'
  '*/bancho/country.rs=3=a row of its table is made when compiling'
  '*/bancho/list.rs=14=what is left lends what a list of another type lends'
  '*/faf/message.rs=3=the two words are made when compiling'
)

host=$(rustc -vV | sed -n 's/^host: //p')
llvm=$(rustc --print sysroot)/lib/rustlib/$host/bin
[ -x "$llvm/llvm-cov" ] || rustup component add llvm-tools
out=target/coverage
mkdir -p "$out"
rm -f "$out"/*.profraw

# With a target, what runs while building is not measured. With one object file a crate, what nobody calls is linked
# too, and counts.
export CARGO_PROFILE_DEV_CODEGEN_UNITS=1 CARGO_PROFILE_TEST_CODEGEN_UNITS=1 CARGO_INCREMENTAL=0
program=$(RUSTFLAGS="-C instrument-coverage" cargo test --manifest-path fuzz/Cargo.toml --target-dir "$out" \
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

python3 - "$out/replay.lcov" "$out/left.txt" "${exempt[@]}" <<'TABLE'
import fnmatch, os, sys

LEAST = 95.0
report, left, *exempt = sys.argv[1:]
exempt = {pattern: (int(most), why) for pattern, most, why in (rule.split("=", 2) for rule in exempt)}

lines = {}
for entry in open(report):
    kind, _, value = entry.strip().partition(":")
    if kind == "SF":
        module = lines.setdefault(os.path.relpath(value, "core/src"), {})
    elif kind == "DA":
        line, count = value.split(",")[:2]
        module[int(line)] = max(int(count), module.get(int(line), 0))

short, used, reached_in_all, all_lines = [], set(), 0, 0
with open(left, "w") as out:
    for name, counts in sorted(lines.items()):
        if not counts:
            continue
        missed = sorted(line for line, count in counts.items() if count == 0)
        reached = len(counts) - len(missed)
        share = 100 * reached / len(counts)
        pattern = next((pattern for pattern in exempt if fnmatch.fnmatch("/" + name, pattern)), None)
        used.add(pattern)
        mark = ""
        if share < LEAST:
            is_exempt = pattern is not None and len(missed) <= exempt[pattern][0]
            mark = f"  {exempt[pattern][1]}" if is_exempt else "  <- too few"
            short += [] if is_exempt else [name]
        print(f"coverage: {name:28} {reached:5} of {len(counts):5} lines  {share:5.1f} %{mark}")
        source = open(os.path.join("core/src", name)).read().splitlines()
        out.writelines(f"core/src/{name}:{line}: {source[line - 1].strip()}\n" for line in missed)
        if not pattern:
            reached_in_all, all_lines = reached_in_all + reached, all_lines + len(counts)

if all_lines == 0:
    sys.exit("coverage: nothing was measured")
print(f"coverage: {'all that counts':28} {reached_in_all:5} of {all_lines:5} lines  {100 * reached_in_all / all_lines:5.1f} %")
print(f"coverage: lines that are not reached are in {left}")
unused = set(exempt) - used
if unused:
    sys.exit(f"coverage: no module is exempt as {', '.join(sorted(unused))}")
if short:
    sys.exit(f"coverage: under {LEAST:.0f} % in {', '.join(short)}")
TABLE
