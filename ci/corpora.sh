#!/usr/bin/env bash
# Minimizes a corpus and stores it in fuzz/corpora.
#
#   ci/corpora.sh [FOLDER]    FOLDER has a subfolder for each target; default: target/fuzz-corpus, which ci/fuzz.sh fills
#
# Keeps the fewest and smallest inputs that cover code which seeds (golden vectors, captures) and regressions do not.
set -euo pipefail
cd "$(dirname "$0")/.."

grown=${1:-target/fuzz-corpus}
kept=target/fuzz-kept
export PATH="$PWD/target/tools/bin:$PATH"
ci/install-tool.sh cargo-fuzz
RUSTC_BOOTSTRAP=1 cargo fuzz build --release --sanitizer none --target-dir target/fuzz
programs=target/fuzz/$(rustc -vV | sed -n 's/^host: //p')/release
corpora=(cargo run --quiet -p lobbywire-fuzz-harness --example corpora)

rm -rf "$kept"
"${corpora[@]}" seeds "$kept"
# The stored corpus is minimized together with the new inputs.
"${corpora[@]}" unpack "$kept.before"
"${corpora[@]}" targets | while read -r target _; do
  mkdir -p "$grown/$target"
  # -use_counters=0: how often an input takes an edge is no reason to keep it. Inputs that fail are skipped, and copied
  # to the findings.
  mkdir -p "target/fuzz-findings/$target"
  "$programs/$target" -merge=1 -use_counters=0 -max_len=1024 -rss_limit_mb=1024 \
    -artifact_prefix="target/fuzz-findings/$target/" \
    "$kept/$target" "$kept.before/$target" "$grown/$target" >"target/fuzz-merge-$target.log" 2>&1 || {
    tail -20 "target/fuzz-merge-$target.log"
    exit 1
  }
done
"${corpora[@]}" pack "$kept"
rm -rf "$kept.before"
find target/fuzz-findings -type f -newer "$kept" -printf 'corpora: %p fails\n'
wc -c fuzz/corpora/*.hex
