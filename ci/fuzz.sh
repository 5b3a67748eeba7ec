#!/usr/bin/env bash
# Replays what is stored for every fuzz target, then runs each for its share of the seconds given (300), two at a
# time; a finding fails. Prints executions a second and edges covered. `ci/fuzz.sh SECONDS TARGET…` runs some.
#
# The library forbids unsafe code, so that the sanitizers, which would make everything three times slower, have
# nothing to find: what is looked for are panics, endless loops, too much memory, and laws that are broken.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-300}
shift $(($# > 0 ? 1 : 0))

# A stable compiler will do: libFuzzer's instrumentation is in every one.
export RUSTC_BOOTSTRAP=1
cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet

mkdir -p target
cargo test --quiet --manifest-path fuzz/Cargo.toml --target-dir target/fuzz >target/fuzz-replay.log 2>&1 || {
  tail -40 target/fuzz-replay.log
  exit 1
}
corpora=(cargo run --quiet --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --example corpora)
rm -rf target/fuzz-corpus target/fuzz-findings
"${corpora[@]}" unpack target/fuzz-corpus
mapfile -t targets < <("${corpora[@]}" targets)
if [ $# -gt 0 ]; then
  mapfile -t targets < <(printf '%s\n' "${targets[@]}" | grep -E "^($(IFS='|' && echo "$*")) ")
  [ ${#targets[@]} -eq $# ] || {
    echo "fuzz: there are not all of $*; corpora targets lists them" >&2
    exit 2
  }
fi
echo "fuzz: the stored inputs of ${#targets[@]} targets hold"

build=(--release --sanitizer none --features targets --fuzz-dir fuzz --target-dir target/fuzz)
cargo fuzz build "${build[@]}" >target/fuzz-build.log 2>&1 || {
  tail -40 target/fuzz-build.log
  exit 1
}
programs=target/fuzz/x86_64-unknown-linux-gnu/release

# Two at a time, each with its share of the whole.
share=$((2 * seconds / ${#targets[@]}))
fuzz() {
  local target=$1 log=target/fuzz-$1.log dictionary=()
  mkdir -p "target/fuzz-findings/$target"
  [ ! -e "fuzz/dictionaries/$2.dict" ] || dictionary=("-dict=fuzz/dictionaries/$2.dict")
  if ! "$programs/$target" "target/fuzz-corpus/$target" -max_total_time="$share" -max_len=4096 -timeout=10 \
    -rss_limit_mb=1024 "${dictionary[@]}" -artifact_prefix="target/fuzz-findings/$target/" \
    -print_final_stats=1 >"$log" 2>&1; then
    echo "fuzz: $target has found something; to be kept in fuzz/regressions/$target:"
    ls "target/fuzz-findings/$target"
    grep -B2 -A12 "panicked\|ERROR: libFuzzer" "$log" | head -40
    return 1
  fi
  local runs rate edges
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2)
  printf 'fuzz: %-16s %9d runs in %d s, %7d a second, %6d edges\n' "$target" "$runs" "$share" "$rate" "$edges"
}
export -f fuzz
export share programs
printf '%s\n' "${targets[@]}" | xargs -P 2 -L 1 bash -c 'fuzz "$@"' fuzz
