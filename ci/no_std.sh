#!/usr/bin/env bash
# Builds the core for a target without an operating system, and links it into a program without an allocator.
set -euo pipefail
cd "$(dirname "$0")/.."

target=thumbv7em-none-eabihf
rustup target add "$target"

# All features but `arbitrary`, which needs std.
all=alloc,bytes-v1,serde,defmt,laws,heapless-v0.9,embedded-io-v0.7,embedded-io-async-v0.7
for features in --no-default-features "--no-default-features --features "{bancho,faf,lazer,signalr} "--features $all"; do
  # shellcheck disable=SC2086 # several words
  cargo check --quiet --target-dir target/no_std -p lobbywire-core --target "$target" $features
done

cd ci/no_std
for features in default-features all-features; do
  cargo build --release --quiet --target "$target" --features "$features"
  echo "no_std: linked for $target without an allocator ($features)"
done
