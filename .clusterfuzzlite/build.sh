#!/bin/bash
# Builds the fuzz targets, with their seed corpora and dictionaries, into $OUT. ClusterFuzzLite sets SRC and OUT.
set -euo pipefail
cd "$SRC/lobbywire"

# rust-toolchain.toml selects stable; sanitizers need the image's nightly.
RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$(rustup default | cut -d' ' -f1)}
export RUSTUP_TOOLCHAIN

cargo fuzz build -O --debug-assertions
corpora=(cargo run --quiet -p lobbywire-fuzz-harness --example corpora)
# The image sets flags for instrumented programs, which procedural macros cannot be built with.
RUSTFLAGS='' "${corpora[@]}" unpack fuzz/corpus

programs=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release
RUSTFLAGS='' "${corpora[@]}" targets | while read -r target family; do
  cp "$programs/$target" "$OUT/"
  zip --quiet --recurse-paths --junk-paths "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"
  if [ -e "fuzz/dictionaries/$family.dict" ]; then
    cp "fuzz/dictionaries/$family.dict" "$OUT/$target.dict"
  fi
done
