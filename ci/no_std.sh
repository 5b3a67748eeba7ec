#!/usr/bin/env bash
# Builds the core for a machine without an operating system, and looks for an allocator in what came out.
set -euo pipefail
cd "$(dirname "$0")/.."

target=thumbv7em-none-eabihf
rustup target add "$target"

for features in "" "--no-default-features" "--no-default-features --features bancho" "--all-features"; do
  # shellcheck disable=SC2086 # several words on purpose
  cargo build --release --quiet -p lobbywire-core --target "$target" $features
  built=target/$target/release/liblobbywire_core.rlib
  if grep -qa '__rust_alloc\|__rust_dealloc' "$built"; then
    echo "no_std: the core calls an allocator ($features)" >&2
    exit 1
  fi
  echo "no_std: built for $target ${features:-(default features)}, no allocator"
done
