#!/usr/bin/env bash
# Tests the core's arithmetic on every input: all 32-bit numbers, all floats, all sets of slots.
#
# A plain `cargo test` ignores these tests, which take one to two minutes in a release build.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test --release --quiet -p lobbywire-core --lib -- --ignored
