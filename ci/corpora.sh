#!/usr/bin/env bash
# Stores what fuzzing has found out: of the inputs in a folder (target/fuzz-corpus, where ci/fuzz.sh leaves them), the
# fewest and smallest that reach code which golden vectors, captures and regressions do not, in fuzz/corpora.
set -euo pipefail
cd "$(dirname "$0")/.."

grown=${1:-target/fuzz-corpus}
kept=target/fuzz-kept
export RUSTC_BOOTSTRAP=1
cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet
cargo fuzz build --release --sanitizer none --features targets --fuzz-dir fuzz --target-dir target/fuzz
programs=target/fuzz/$(rustc -vV | sed -n 's/^host: //p')/release
corpora=(cargo run --quiet --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --example corpora)

rm -rf "$kept"
"${corpora[@]}" seeds "$kept"
# What is stored counts as grown.
"${corpora[@]}" unpack "$kept.before"
"${corpora[@]}" targets | while read -r target _; do
  mkdir -p "$grown/$target"
  # How often an edge is taken is no reason to keep an input. What breaks a law is passed over, and left among the
  # findings.
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
find target/fuzz-findings -type f -newer "$kept" -printf 'corpora: a law is broken by %p\n'
wc -c fuzz/corpora/*.hex
