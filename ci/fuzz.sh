#!/usr/bin/env bash
# Replays and fuzzes all targets of fuzz/.
#
#   ci/fuzz.sh replay               replay every stored input, as `cargo test --workspace` does
#   ci/fuzz.sh SECONDS [TARGET…]    replay, then fuzz these targets (all if none is named); together they take
#                                   SECONDS on two cores. Default: 300
#
# Prints executions per second and covered edges for each target. Exits with 1 if an input fails.
#
# The library forbids unsafe code, so this script builds without sanitizers, which would run at a third of the speed:
# it looks for panics, endless loops, excessive memory and violated properties.
set -euo pipefail
cd "$(dirname "$0")/.."

command=${1:-300}
shift $(($# > 0 ? 1 : 0))

mkdir -p target
cargo test --quiet -p lobbywire-fuzz-harness >target/fuzz-replay.log 2>&1 || {
  tail -40 target/fuzz-replay.log
  exit 1
}
echo "fuzz: all stored inputs pass"
[ "$command" != replay ] || exit 0

seconds=$command
export PATH="$PWD/target/tools/bin:$PATH"
ci/install-tool.sh cargo-fuzz

corpora=(cargo run --quiet -p lobbywire-fuzz-harness --example corpora)
rm -rf target/fuzz-corpus target/fuzz-findings
"${corpora[@]}" unpack target/fuzz-corpus
mapfile -t targets < <("${corpora[@]}" targets)
if [ $# -gt 0 ]; then
  mapfile -t targets < <(printf '%s\n' "${targets[@]}" | grep -E "^($(IFS='|' && echo "$*")) ")
  [ ${#targets[@]} -eq $# ] || {
    echo "fuzz: unknown target in: $*. 'cargo fuzz list' prints all targets" >&2
    exit 2
  }
fi

# Stable compilers contain libFuzzer's instrumentation too, as an unstable option.
RUSTC_BOOTSTRAP=1 cargo fuzz build --release --sanitizer none --target-dir target/fuzz >target/fuzz-build.log 2>&1 || {
  tail -40 target/fuzz-build.log
  exit 1
}
programs=target/fuzz/$(rustc -vV | sed -n 's/^host: //p')/release

# Two at a time, each for an equal share of the time.
share=$((2 * seconds / ${#targets[@]}))
share=$((share > 0 ? share : 1))
fuzz() {
  local target=$1 log=target/fuzz-$1.log dictionary=()
  mkdir -p "target/fuzz-findings/$target"
  [ ! -e "fuzz/dictionaries/$2.dict" ] || dictionary=("-dict=fuzz/dictionaries/$2.dict")
  if ! "$programs/$target" "target/fuzz-corpus/$target" -max_total_time="$share" -max_len=4096 -timeout=10 \
    -rss_limit_mb=1024 "${dictionary[@]}" -artifact_prefix="target/fuzz-findings/$target/" \
    -print_final_stats=1 >"$log" 2>&1; then
    echo "fuzz: $target failed. Copy the input to fuzz/regressions/$target, see fuzz/README.md:"
    ls "target/fuzz-findings/$target"
    grep -B2 -A12 "panicked\|ERROR: libFuzzer" "$log" | head -40
    return 1
  fi
  local runs rate edges
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2)
  printf 'fuzz: %-18s %9d runs in %d s, %7d per second, %6d edges\n' "$target" "$runs" "$share" "$rate" "$edges"
}
export -f fuzz
export share programs
printf '%s\n' "${targets[@]}" | xargs -P 2 -L 1 bash -c 'fuzz "$@"' fuzz
