#!/usr/bin/env bash
# Builds the core for a machine without an operating system, and links a program of it that has no allocator.
set -euo pipefail
cd "$(dirname "$0")/.."

target=thumbv7em-none-eabihf
rustup target add "$target"

# All but `arbitrary`, which is for fuzzing and needs std.
all=serde,defmt,laws,heapless-v0.9,embedded-io-v0.7,embedded-io-async-v0.7
for features in "" "--no-default-features" "--no-default-features --features bancho" \
  "--no-default-features --features faf" "--no-default-features --features lazer" \
  "--no-default-features --features signalr" "--features $all"; do
  # shellcheck disable=SC2086 # several words on purpose
  cargo build --release --quiet -p lobbywire-core --target "$target" $features
done

cd ci/no_std
for features in "" bancho faf lazer signalr default-features all-features; do
  cargo build --release --quiet --target "$target" --features "$features"
  echo "no_std: linked for $target without an allocator (${features:-no features})"
done
